"""`annexd gaps --from --to`: what a company that moves to a later edition takes along."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mappings
from collector.report.controls.transition_views import Ties
from tests.cli.company_builders import use
from tests.cli.texts import compare

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.cli.conftest import Desk

OLD, NEW = "iso27001:2013", "iso27001:2022"


def moved(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk that uses the later edition."""
    later = mappings.load(NEW)
    use(desk, monkeypatch, id=NEW, controls=later.controls, soa=True)
    return desk


def test_eleven_controls_of_2022_are_new(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """As every account of the edition has it; each other one has its predecessors."""
    shape = moved(desk, monkeypatch).json("gaps", "--from", OLD, "--to", NEW)

    assert [control["id"] for control in shape["controls"] if control["how"] == "new"] == [
        *("5.7", "5.23", "5.30", "7.4", "8.9", "8.10", "8.11", "8.12", "8.16", "8.23", "8.28"),
    ]
    assert sum(shape["counts"].values()) == 93
    assert all(control["predecessors"] for control in shape["controls"] if control["how"] != "new")


def test_how_two_editions_belong_together_is_counted_from_both_sides() -> None:
    """One to one, merged, and sharing a predecessor with others."""
    ties = Ties(mappings.load(OLD), mappings.load(NEW))

    assert (ties.how("5.2"), ties.how("5.1"), ties.how("8.8")) == ("same", "merged", "split")
    assert {control.id for control in ties.back["5.1"]} == {"A.5.1.1", "A.5.1.2"}


def test_a_record_that_was_filed_before_carries_over(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whole where the control is the same, in part where it is one of several."""
    later, earlier = mappings.load(NEW), mappings.load(OLD)
    use(desk, monkeypatch, id=OLD, controls=earlier.controls, soa=True)
    (tmp_path / "paper.pdf").write_bytes(b"paper")
    asks = [ask.id for control in earlier.controls if control.id in {"A.5.1.1", "A.6.1.1"} for ask in control.asks[:1]]
    for ask in asks:
        desk.says(
            *("attest", ask, "--file", str(tmp_path / "paper.pdf"), "--by", "Ann, head", "--reviewed-by", "Bob"),
            *("--approved-on", "2026-02-01", "--valid-until", "2026-12-31", "--document-version", "1"),
            *("--obtained-from", "register"),
        )
    use(desk, monkeypatch, id=NEW, controls=later.controls, soa=True)
    shape = {control["id"]: control["carried"] for control in desk.json("gaps", "--from", OLD)["controls"]}

    assert [(carried["filed_as"], carried["whole"]) for carried in shape["5.1"]] == [(asks[0], False)]
    assert [(carried["filed_as"], carried["whole"]) for carried in shape["5.2"]] == [(asks[1], True)]
    assert shape["5.3"] == []


def test_an_edition_that_is_not_in_use_is_refused(desk: Desk) -> None:
    """What is open cannot be said of it."""
    compare(
        "cli/transition/an-edition-that-is-not-in-use-is-refused", desk.says("gaps", "--from", OLD, "--to", NEW, code=2)
    )


def test_two_editions_that_have_nothing_in_common_are_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty page would say that everything is new."""
    compare(
        "cli/transition/two-editions-that-have-nothing-in-common-are-refused",
        moved(desk, monkeypatch).says("gaps", "--from", "iso27018:2019", code=2),
    )
