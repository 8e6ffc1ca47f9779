"""The documentation of the commands that act and that keep the store: whole, and of nothing that there is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec import Struct
from msgspec.structs import fields

from collector.cli.audit.verify_command import VerifiedView
from collector.cli.store import store_commands

FOLDER = Path(__file__).parents[3] / "docs"
DOCUMENT = (FOLDER / "commands.md").read_text()
SHAPES = [struct for struct in vars(store_commands).values() if isinstance(struct, type) and issubclass(struct, Struct)]


@pytest.mark.parametrize(
    "shape", [struct for struct in SHAPES if struct is not Struct], ids=lambda struct: struct.__name__
)
def test_every_key_and_schema_is_documented(shape: type[Struct]) -> None:
    """A machine's words are a promise; one that is not written down is broken unnoticed."""
    words = set(re.findall(r"`([\w./]+)`", DOCUMENT))

    assert {field.encode_name for field in fields(shape)} - words == set()
    assert str(shape.__struct_config__.tag) in words


def test_every_key_of_a_proof_is_documented() -> None:
    """The same for verify, which has a page of its own."""
    words = set(re.findall(r"`(\w+)`", (FOLDER / "integrity.md").read_text()))

    assert {field.encode_name for field in fields(VerifiedView)} - words == set()
