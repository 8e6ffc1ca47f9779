"""The documentation of these commands: whole, and of nothing that there is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec import Struct
from msgspec.structs import fields
from typer.main import get_command

from collector.cli import main
from collector.cli.read.commands import COMMANDS
from collector.report.controls import control_views, mapping_gap_views, status_view
from collector.report.findings import changes_since, check_views, evidence_views, finding_views
from collector.report.state import collection_failures, connector_views, permission_views

DOCUMENT = (Path(__file__).parents[2] / "docs" / "reading.md").read_text()
MODULES = (
    changes_since,
    check_views,
    collection_failures,
    connector_views,
    control_views,
    evidence_views,
    finding_views,
    mapping_gap_views,
    permission_views,
    status_view,
)
SHAPES = sorted(
    {one for module in MODULES for one in vars(module).values() if isinstance(one, type) and issubclass(one, Struct)},
    key=lambda one: one.__name__,
)
DOCUMENTED = [
    one for one in SHAPES if one.__module__.startswith("collector.report.") and one.__name__.endswith("Shape")
]


@pytest.mark.parametrize("shape", DOCUMENTED, ids=lambda shape: shape.__name__)
def test_every_key_of_every_shape_is_documented(shape: type[Struct]) -> None:
    """A machine's words are a promise; one that is not written down is broken unnoticed."""
    words = set(re.findall(r"`(\w+)`", DOCUMENT))

    assert {field.encode_name for field in fields(shape)} - words - _INNER == set()


_INNER = {"control", "strength", "because", "default", "in_force", "name"}
"""Keys of the links and limits inside a check, which the words around them explain."""


def test_every_schema_is_documented() -> None:
    """By its name and version, and none that there is not."""
    tags = {str(shape.__struct_config__.tag) for shape in DOCUMENTED if shape.__struct_config__.tag is not None}

    assert set(re.findall(r"`(annexd\.\w+/\d)`", DOCUMENT)) == tags


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_documented(command: str) -> None:
    """What is not in the document is found by nobody."""
    group = get_command(main.app)
    found = group.get_command(None, command)  # type: ignore[attr-defined]  # the group is of our own making
    common = {"--config", "--json", "--no-color", "--log-level", "--help", "--as-of"}
    options = {name for one in found.params for name in one.opts if name.startswith("--")}

    assert f"`annexd {command}" in DOCUMENT
    assert {name for name in options - common if f"`{name}" not in DOCUMENT} == set()
