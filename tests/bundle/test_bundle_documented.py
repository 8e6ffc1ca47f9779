"""The documentation of the bundle: whole, and of nothing that there is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec import Struct
from msgspec.structs import fields
from typer.main import get_command

from collector.bundle.readme import shipped
from collector.bundle.verifying.members import opened
from collector.cli import program
from collector.cli.audit.export_command import ExportView
from collector.cli.audit.verification_shape import BundleView
from tests.bundle.conftest import Office

DOCUMENT = (Path(__file__).parents[2] / "docs" / "bundle.md").read_text()


@pytest.mark.parametrize("shape", [ExportView, BundleView])
def test_every_key_is_documented(shape: type[Struct]) -> None:
    """A machine's words are a promise; one that is not written down is broken unnoticed."""
    words = set(re.findall(r"`([\w./-]+)`", DOCUMENT))

    assert {field.encode_name for field in fields(shape)} - words == set()
    assert str(shape.__struct_config__.tag) in words


def test_every_option_is_documented() -> None:
    """What is not in the document is found by nobody."""
    found = get_command(program.app).get_command(None, "export")  # type: ignore[attr-defined]  # the group is our own
    common = {"--config", "--json", "--no-color", "--log-level", "--quiet", "--verbose", "--help"}
    options = {name for param in found.params for name in param.opts if name.startswith("--")} - common

    assert {name for name in options if name not in DOCUMENT} == set()


def test_every_file_of_the_proof_is_explained(office: Office) -> None:
    """Who verifies by hand must not have to guess what a file is."""
    office.export()
    manual = shipped("VERIFY.md").decode()

    with opened(office.folder / "out.zip") as members:
        tops = {"/".join(path.split("/")[:2]) for path in members.paths() if path.startswith(("proof/", "data/"))}

    assert {top for top in tops - {"proof/keys.txt", "proof/policy.txt"} if top not in manual} == set()
