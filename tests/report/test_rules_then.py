"""Rules of an earlier moment: read back exactly, or refused with the reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec import Struct

from collector.core.checks import Check, Verdict, check, passed
from collector.core.facts import CheckCounts
from collector.core.resources import resource
from collector.engine.rule import Rule
from collector.report.periods.rules_then import rule_then
from collector.setup.loading import check_code
from tests.golden import compare


@resource("then.thing", key="name")
class Thing(Struct, frozen=True, kw_only=True):
    """Something to judge."""

    name: str


@check("then_thing_fine", title="It is fine", severity="low", fix="Mend it")
def fine(
    thing: Thing,  # noqa: ARG001  only its limits matter
    *,
    age: timedelta = timedelta(days=90),  # noqa: ARG001  the same
    most: int = 3,  # noqa: ARG001  the same
    share: float = 0.5,  # noqa: ARG001  the same
    strict: bool = True,  # noqa: ARG001  the same
    word: str = "a",  # noqa: ARG001  the same
    names: tuple[str, ...] = ("x", "y"),  # noqa: ARG001  the same
    ports: tuple[int, ...] = (22,),  # noqa: ARG001  the same
) -> Verdict:
    """Judge nothing."""
    return passed()


def then(of: Check[...], **settings: Any) -> CheckCounts:
    """What a run wrote down of a check with these limits."""
    shown = Rule(of, of.limit_values(settings), operator_notes={"reason": "because"}).shown_limits
    return CheckCounts(of.id, "s", check_code(of), shown, {})


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"age": "36h"},
        {"most": 0},
        {"share": 1.25},
        {"strict": False},
        {"word": "true"},
        {"word": "12"},
        {"names": ["one"]},
        {"names": []},
        {"ports": [443, 8443]},
    ],
    ids=str,
)
def test_limits_are_read_back_as_they_were(settings: dict[str, Any]) -> None:
    """A limit that is nearly that of then gives verdicts that nobody gave."""
    counts = then(fine, **settings)
    found = rule_then(fine, counts)

    assert isinstance(found, Rule)
    assert found.limits == fine.limit_values(settings)
    assert found.shown_limits == counts.limits


def test_other_code_is_not_the_code_of_then() -> None:
    """Only its digest was kept."""
    counts = then(fine)

    refused = rule_then(fine, CheckCounts(counts.check, "s", "sha256:other", counts.limits, {}))
    assert isinstance(refused, str)
    compare("report/rule-of-other-code", refused)


@pytest.mark.parametrize(
    ("limits", "why"), [({}, "was not recorded"), ({"age": "soon"}, "cannot be read back")], ids=["missing", "odd"]
)
def test_a_limit_that_cannot_be_read_back_is_refused(limits: dict[str, str], why: str) -> None:
    """Falling back to today's limit would be judging by it."""
    counts = then(fine)

    assert why in str(rule_then(fine, CheckCounts(counts.check, "s", counts.code, limits, {})))
