"""The documentation: every command, option, schema and key of what commands print, and of nothing that there is not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import fields
from typer.main import get_command

from collector.cli import program
from collector.cli.command_groups import COMMANDS, OLDER, SAYS
from collector.report.controls import control_views, mapping_gap_views, status_view
from collector.report.findings import changes_since, check_views, evidence_views, finding_views
from collector.report.state import check_coverage_views, collection_failures, connector_views, permission_views

ROOT = Path(__file__).parents[2]
READING = (ROOT / "docs" / "reading.md").read_text()
PAGES = {path.stem: path.read_text() for path in (ROOT / "docs").glob("*.md")}
MODULES = (
    changes_since,
    check_coverage_views,
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
    {
        shape
        for module in MODULES
        for shape in vars(module).values()
        if isinstance(shape, type) and issubclass(shape, Struct) and shape.__module__ == module.__name__
    },
    key=lambda shape: shape.__name__,
)
COMMON = {"--config", "--json", "--quiet", "--verbose", "--log-level", "--no-color", "--help"}
WORDS_OF_AN_INNER_TABLE = {"control", "strength", "because", "default", "in_force", "name"}
"""Keys of the links and limits inside a check, which the words around them explain."""


def every_command() -> dict[str, Any]:
    """Every command and subcommand that help shows, by what is typed after `annexd`."""
    group = get_command(program.app)
    found: dict[str, Any] = {}
    for name in COMMANDS:
        command = group.get_command(None, name)  # type: ignore[attr-defined]  # the group is of our own making
        found[name] = command
        found |= {f"{name} {sub}": below for sub, below in getattr(command, "commands", {}).items()}
    return found


ALL = every_command()


@pytest.mark.parametrize("command", ALL)
def test_every_command_and_every_option_is_documented(command: str) -> None:
    """What is in no document is found by nobody."""
    pages = [text for text in PAGES.values() if re.search(rf"annexd {command}\b", text)]
    shown = [param for param in ALL[command].params if not getattr(param, "hidden", False)]
    options = {name for param in shown for name in param.opts if name.startswith("--")}

    assert pages
    assert {name for name in options - COMMON if not any(name in text for text in pages)} == set()


def test_the_common_options_are_documented() -> None:
    """Once, for all commands."""
    assert [name for name in COMMON - {"--help"} if f"`{name}" not in PAGES["commands"]] == []


def test_the_readme_has_every_command() -> None:
    """Whoever reads only that page sees what there is."""
    table = (ROOT / "README.md").read_text().partition("## Commands")[2].partition("\n## ")[0]

    assert [name for name in SAYS if f"`{name}" not in table] == []


def test_every_older_name_is_documented() -> None:
    """A script that still uses one is told what to write instead."""
    assert [name for name in OLDER if f"`{name}`" not in PAGES["commands"]] == []


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_every_key_of_every_shape_is_documented(shape: type[Struct]) -> None:
    """A machine's words are a promise; one that is not written down is broken unnoticed."""
    words = set(re.findall(r"`(\w+)`", READING))

    assert {field.encode_name for field in fields(shape)} - words - WORDS_OF_AN_INNER_TABLE == set()


def test_every_schema_is_documented() -> None:
    """By its name and version, and none that there is not."""
    tags = {str(shape.__struct_config__.tag) for shape in SHAPES if shape.__struct_config__.tag is not None}

    assert set(re.findall(r"`(annexd\.\w+/\d)`", READING)) >= tags
