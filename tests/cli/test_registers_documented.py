"""The documentation of the registers: every key of a file and of a shape, and every option."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec import Struct
from msgspec.structs import fields

from collector.core.isms import actions, measures, register, risks
from collector.report.company import action_views, follow_up, register_views, risk_views
from collector.report.controls import transition_views
from collector.report.periods import review_views

DOCUMENT = (Path(__file__).parents[2] / "docs" / "company-files.md").read_text()
SHAPES = sorted(
    {
        struct
        for module in (action_views, register_views, follow_up, review_views, risk_views, transition_views)
        for struct in vars(module).values()
        if isinstance(struct, type) and issubclass(struct, Struct) and struct.__module__ == module.__name__
    },
    key=lambda struct: struct.__name__,
)
FILES = (
    *(actions.Action, measures.MeasureTarget, risks.Matrix, risks.Risk, risks.Estimate),
    *(register.Document, register.Audit, register.Review, register.Decision, register.Issue, register.Party),
    *(register.Objective, register.Opportunity),
)


def words() -> set[str]:
    """Every word that stands for itself, and every key of an example."""
    examples = re.findall(r"(?:^|[{,]) *(?:# )?(\w+) *=", DOCUMENT, re.MULTILINE)
    return {*re.findall(r"`(\w+)`", DOCUMENT), *examples}


@pytest.mark.parametrize("struct", [*SHAPES, *FILES], ids=lambda struct: struct.__name__)
def test_every_key_is_documented(struct: type[Struct]) -> None:
    """What is not written down is found by nobody, and broken unnoticed."""
    assert {field.encode_name for field in fields(struct)} - words() == set()
