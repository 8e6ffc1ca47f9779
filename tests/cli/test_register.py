"""`annexd register` and `annexd review`: what people keep about the management system; nothing on file is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import mappings
from collector.core.isms.register import CLAUSES, REQUIRED
from tests.cli.company_builders import table, use
from tests.cli.register_builders import DOCUMENT, write, write_actions, write_risks
from tests.cli.texts import compare

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Desk

HELD = """\
[[review]]
id = "MR-1"
planned_for = 2026-02-01
held_on = 2026-02-02
participants = ["Eve"]
minutes = "minutes"
[[review.decisions]]
text = "a_new *lock*"
owner = "Ann"
due = 2026-02-20
[[audit]]
id = "A-1"
covers = "clauses 4 to 7"
planned_for = 2026-02-20
auditor = "Frida"
impartial = "works for nobody here"
[[party]]
name = "Customers"
needs = "the shop is there"
changed_on = 2026-01-05
"""


def required(desk: Desk, record: str = "5.2-clause-a") -> Any:
    """One required document."""
    return next(row for row in desk.json("register")["required"] if row["record"] == record)


def test_every_required_document_is_a_record_that_annexd_asks_for() -> None:
    """Else nobody could file what the register misses."""
    asks = {ask.id for control in mappings.load(CLAUSES).controls for ask in control.asks}

    assert set(REQUIRED) <= asks


def test_without_a_register_all_is_missing(scanned: Desk) -> None:
    """Each clause with its own line, and none left out."""
    counts = scanned.json("register")["counts"]

    assert counts == {"missing": len(REQUIRED), "not approved": 0, "review overdue": 0, "in force": 0}


@pytest.mark.parametrize(
    ("but", "state"),
    [
        ({}, "in force"),
        ({"next_review": "2026-03-01"}, "in force"),
        ({"next_review": "2026-02-28"}, "review overdue"),
        ({"approved_by": None, "approved_on": None}, "not approved"),
        ({"approved_on": "2026-03-02"}, "not approved"),
    ],
)
def test_where_a_document_stands(scanned: Desk, but: dict[str, Any], state: str) -> None:
    """Both sides of each day."""
    write(scanned, "register.toml", table("document", DOCUMENT, **but))

    assert required(scanned)["state"] == state


def test_a_line_of_the_register_is_a_statement_and_no_record(scanned: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody says that there is a document; nobody has filed it."""
    (clause,) = [control for control in mappings.load(CLAUSES).controls if control.id == "5.2"]
    use(scanned, monkeypatch, controls=(clause,))
    before = scanned.json("controls", "show", "5.2")["frameworks"][0]["controls"][0]
    write(scanned, "register.toml", table("document", DOCUMENT))
    after = scanned.json("controls", "show", "5.2")["frameworks"][0]["controls"][0]

    assert [ask["state"] for ask in before["asks"]] == ["missing", "missing"]
    assert [ask["state"] for ask in after["asks"]] == ["statement-only", "missing"]
    assert (after["status"], after["counts"]["records_missing"]) == ("incomplete", before["counts"]["records_missing"])


def test_an_audit_whose_day_has_passed_is_overdue(scanned: Desk) -> None:
    """A programme that nobody follows is no programme."""
    write(scanned, "register.toml", HELD)
    shape = scanned.json("register")

    assert [(audit["id"], audit["state"]) for audit in shape["audits"]] == [("A-1", "overdue")]
    assert [(review["id"], review["state"], review["open_decisions"]) for review in shape["reviews"]] == [
        ("MR-1", "held", 1)
    ]


def test_the_pack_says_not_stated_where_nothing_is_on_file(scanned: Desk) -> None:
    """An input that is left out would look like one without news."""
    text = scanned.says("review", "--from", "2026-02-01", "--to", "2026-03-01")

    for letter in ("a", "b", "c", "d 1", "d 3", "d 4", "e", "f", "g"):
        part = text.split(f"## {letter}) ")[1].split("## ")[0]
        assert part.strip().endswith("Not stated.")
    assert "complian" not in text.casefold()


def test_the_pack_has_every_input(scanned: Desk) -> None:
    """Decisions, actions, audits and risks of the period, each as it stands; text of people is only text."""
    write(scanned, "register.toml", HELD)
    write_actions(scanned, {})
    write_risks(scanned, {})
    text = scanned.says("review", "--from", "2026-02-01", "--to", "2026-03-01")

    compare("cli/register/the-pack-has-every-input", text)
    assert "CA-1: **open**" in text
    assert "A-1: **overdue**" in text


def test_a_pack_overwrites_nothing(scanned: Desk, tmp_path: Path) -> None:
    """The last one may have gone to the participants."""
    words = ("review", "--from", "2026-02-01", "--to", "2026-03-01", "--out", str(tmp_path / "pack.md"))
    scanned.says(*words)

    assert (tmp_path / "pack.md").read_text().startswith("# Inputs of the management review, 2026-02-01 to 2026-03-01")
    compare("cli/register/a-pack-overwrites-nothing", scanned.says(*words, code=3))


@pytest.mark.parametrize(
    ("but", "says"),
    [
        ({"answers": ["5.2-clause-x"]}, "the nearest is 5.2-clause-"),
        ({"approved_by": None}, "approved_by"),
        ({"next_review": "2026-01-10"}, "not after its approval"),
        ({"wher": "x"}, "the nearest is where"),
    ],
)
def test_a_document_that_cannot_be_is_refused(scanned: Desk, but: dict[str, Any], says: str) -> None:
    """With file, line and key, and the nearest word that would do."""
    write(scanned, "register.toml", table("document", DOCUMENT, **{"id": "D-0", **but}))
    error = scanned.says("register", code=3)

    assert says in error
    assert "register.toml:" in error
