"""The documentation of looking back: whole, and of nothing that there is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec import Struct
from msgspec.structs import fields

from collector.actions import erasing, retention
from collector.core.periods import ObservationCounts, Segment, Stretch
from collector.report.periods import (
    diff_views,
    log_views,
    metrics_views,
    period_cuts,
    period_views,
    replay_rules,
    replay_views,
    rule_changes_views,
)

DOCUMENT = (Path(__file__).parents[2] / "docs" / "time.md").read_text()
SHAPES = sorted(
    {
        struct
        for module in (
            diff_views,
            erasing,
            log_views,
            metrics_views,
            period_cuts,
            period_views,
            replay_rules,
            replay_views,
            rule_changes_views,
            retention,
        )
        for struct in vars(module).values()
        if isinstance(struct, type) and issubclass(struct, Struct) and struct.__module__ == module.__name__
    }
    | {ObservationCounts, Segment, Stretch},
    key=lambda struct: struct.__name__,
)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_every_key_of_every_shape_is_documented(shape: type[Struct]) -> None:
    """A machine's words are a promise; one that is not written down is broken unnoticed."""
    words = set(re.findall(r"`(\w+)`", DOCUMENT))

    assert {field.encode_name for field in fields(shape)} - words == set()


def test_every_schema_is_documented() -> None:
    """By its name and version, and none that there is not."""
    tags = {str(shape.__struct_config__.tag) for shape in SHAPES if shape.__struct_config__.tag is not None}

    assert set(re.findall(r"`(annexd\.\w+/\d)`", DOCUMENT)) == tags
