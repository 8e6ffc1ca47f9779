"""The documentation of looking back: whole, and of nothing that there is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec import Struct
from msgspec.structs import fields
from typer.main import get_command

from collector.actions import erasing, retention
from collector.cli import main
from collector.cli.times_commands import COMMANDS
from collector.core.periods import ObservationCounts, Segment, Stretch
from collector.report.periods import diff_views, log_views, metrics_views, period_cuts, period_views, replay_views

DOCUMENT = (Path(__file__).parents[2] / "docs" / "time.md").read_text()
SHAPES = sorted(
    {
        one
        for module in (
            diff_views,
            erasing,
            log_views,
            metrics_views,
            period_cuts,
            period_views,
            replay_views,
            retention,
        )
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, Struct) and one.__module__ == module.__name__
    }
    | {ObservationCounts, Segment, Stretch},
    key=lambda one: one.__name__,
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


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_documented(command: str) -> None:
    """What is not in the document is found by nobody."""
    group = get_command(main.app)
    found = group.get_command(None, command)  # type: ignore[attr-defined]  # the group is of our own making
    common = {"--config", "--json", "--no-color", "--log-level", "--help"}
    options = {name for one in found.params for name in one.opts if name.startswith("--")}

    assert f"`annexd {command}" in DOCUMENT
    assert {name for name in options - common if name not in DOCUMENT} == set()
