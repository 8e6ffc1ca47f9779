"""The documentation of the commands that act and that keep the store: whole, and of nothing that there is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec import Struct
from msgspec.structs import fields
from typer.main import get_command

from collector.cli import main
from collector.cli.audit.verify_command import VerifiedView
from collector.cli.scan import commands as acting
from collector.cli.store import commands as keeping
from collector.cli.store import store_commands

FOLDER = Path(__file__).parents[3] / "docs"
DOCUMENT = (FOLDER / "commands.md").read_text()
OF_A_BUNDLE = {"--previous", "--tsa-ca", "--replay"}
"""Options of `annexd verify BUNDLE`, which has a page of its own."""

COMMANDS = [*acting.COMMANDS, *keeping.COMMANDS]
SHAPES = [one for one in vars(store_commands).values() if isinstance(one, type) and issubclass(one, Struct)]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_every_option_is_documented(command: str) -> None:
    """What is not in the document is found by nobody."""
    group = get_command(main.app)
    found = group.get_command(None, command)  # type: ignore[attr-defined]  # the group is of our own making
    common = {"--config", "--json", "--no-color", "--log-level", "--help", "--install-completion", "--show-completion"}
    options = {name for one in found.params for name in one.opts if name.startswith("--")}

    assert re.search(rf"^## .*annexd {command}\b", DOCUMENT, re.MULTILINE)
    assert {
        name for name in options - common - OF_A_BUNDLE if f"`{name}" not in DOCUMENT and f"{name}`" not in DOCUMENT
    } == set()


@pytest.mark.parametrize("shape", [one for one in SHAPES if one is not Struct], ids=lambda one: one.__name__)
def test_every_key_and_schema_is_documented(shape: type[Struct]) -> None:
    """A machine's words are a promise; one that is not written down is broken unnoticed."""
    words = set(re.findall(r"`([\w./]+)`", DOCUMENT))

    assert {field.encode_name for field in fields(shape)} - words == set()
    assert str(shape.__struct_config__.tag) in words


def test_every_key_of_a_proof_is_documented() -> None:
    """The same for verify, which has a page of its own."""
    words = set(re.findall(r"`(\w+)`", (FOLDER / "integrity.md").read_text()))

    assert {field.encode_name for field in fields(VerifiedView)} - words == set()
