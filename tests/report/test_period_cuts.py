"""A period is cut where the company's files, the mapping or the rules became others, and nowhere else."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from collector.core.facts import EditionInForce
from collector.setup.rules_in_force import in_force
from tests.cli.company_builders import a_system, log_files, use, write_exceptions, write_scope, write_soa

if TYPE_CHECKING:
    import pytest

    from tests.cli.conftest import Desk

DAY = timedelta(days=1)
WEEK = ("--from", "2026-03-01", "--to", "2026-03-07")
ROW = "played:1/1.2"


def days(desk: Desk, count: int) -> None:
    """Scan once a day, and leave the clock a day after the last scan."""
    for _ in range(count):
        desk.world.run()
        desk.clock.move(DAY)


def cuts(found: Any) -> list[tuple[str, str]]:
    """The day of each cut, with what became another one."""
    return [
        (segment["start"][:10], change.partition(" became ")[0])
        for segment in found["segments"]
        for change in segment["changes"]
    ]


def test_a_changed_scope_cuts_the_period(desk: Desk) -> None:
    """Numbers of two scopes are not added up unnoticed."""
    write_scope(desk)
    log_files(desk)
    days(desk, 3)
    write_scope(desk, a_system(), a_system(name="Another"))
    log_files(desk)
    days(desk, 5)
    found = desk.json("period", "--from", "2026-03-02", "--to", "2026-03-07")

    assert [day for day, _ in cuts(found)] == ["2026-03-04"]
    assert cuts(found)[0][1].startswith("scope.toml (added: Another): sha256:")
    assert "from 2026-03-04T06:00:00Z: scope.toml (added: Another)" in desk.says("period", *WEEK)


def test_another_comment_cuts_nothing(desk: Desk) -> None:
    """The company says what it said."""
    write_scope(desk)
    log_files(desk)
    days(desk, 3)
    path = desk.app.config.folder / "scope.toml"
    path.write_text(path.read_text() + "# reviewed\n")
    log_files(desk)
    days(desk, 5)

    assert cuts(desk.json("period", "--from", "2026-03-02", "--to", "2026-03-07")) == []


def test_a_decision_cuts_its_own_control(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was decided of one control says nothing of another."""
    use(desk, monkeypatch, soa=True)
    rows: dict[str, dict[str, Any]] = {ROW: {}, "played:1/2.1": {}}
    days(desk, 2)
    write_soa(desk, rows)
    log_files(desk)
    days(desk, 2)
    write_soa(desk, rows | {ROW: {"implemented": "partly"}})
    log_files(desk)
    days(desk, 3)
    found = {control["id"]: cuts(control) for control in desk.json("period", *WEEK)["controls"]}

    assert found["1.2"] == [
        ("2026-03-03", "soa.toml: decision: no row"),
        ("2026-03-05", "soa.toml: decision (implemented): applicable, implemented yes"),
    ]
    assert [day for day, _ in found["2.1"]] == ["2026-03-03"]
    assert found["1.1"] == []


def test_a_statement_that_takes_effect_later_cuts_then(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was in the log before it was in force."""
    use(desk, monkeypatch, soa=True)
    write_soa(desk, {ROW: {}}, effective_from="2026-03-05")
    log_files(desk)
    days(desk, 7)

    assert cuts(desk.json("period", *WEEK))[-1] == ("2026-03-05", "soa.toml: not in force yet")


def test_an_exception_cuts_the_controls_of_its_check(desk: Desk) -> None:
    """From then on a deviation counts as accepted, and the page says from when on."""
    days(desk, 3)
    write_exceptions(desk, {})
    days(desk, 4)
    found = desk.json("period", *WEEK)
    controls = {control["id"]: cuts(control) for control in found["controls"]}

    assert cuts(found)[-1][1].startswith("exceptions.toml (added: EX-1)")
    assert controls["1.2"] == [("2026-03-04", "exceptions.toml: EX-1: no exception")]
    assert controls["1.1"] == []


def rules(desk: Desk, run: str, **but: Any) -> None:
    """Write down what is in force, as a scan does, with something changed."""
    last = desk.app.stores[0].in_force()  # type: ignore[attr-defined]  # a real store is behind it
    made = in_force(desk.app, None, run=run, at=desk.clock.now())
    assert made is not None
    desk.world.store.write([replace(made, was_config=None if last is None else last.config, **but)])


def test_a_changed_mapping_cuts_the_control_that_it_maps_otherwise(desk: Desk) -> None:
    """Another check or another ask is another question."""
    was = EditionInForce("played:1", "sha256:0", {"1.1": "sha256:1", "1.2": "sha256:2"})
    now = EditionInForce("played:1", "sha256:3", {"1.1": "sha256:1", "1.2": "sha256:4"})
    rules(desk, "run-a", editions=(was,))
    days(desk, 3)
    rules(desk, "run-b", editions=(now,))
    days(desk, 4)
    found = desk.json("period", *WEEK)
    controls = {control["id"]: cuts(control) for control in found["controls"]}

    assert cuts(found) == [("2026-03-04", "mapping played:1 (1.2): sha256:0")]
    assert controls["1.2"] == [("2026-03-04", "mapping of this control: sha256:2")]
    assert controls["1.1"] == []


def test_a_disabled_check_and_a_loosened_limit_cut_with_their_reason(desk: Desk) -> None:
    """Both are what an auditor asks about first."""
    rules(desk, "run-a")
    first = desk.app.stores[0].in_force()  # type: ignore[attr-defined]
    off, loosened, *others = first.rules
    days(desk, 3)
    changed = (
        replace(off, enabled=False, reason="it is noisy"),
        replace(loosened, limits={"max_age": "400d"}, reason="agreed"),
        *others,
    )
    rules(desk, "run-b", rules=changed, config="sha256:other")
    days(desk, 4)
    found = desk.json("period", *WEEK)
    changes = [change for segment in found["segments"] for change in segment["changes"]]

    assert any(change.startswith("configuration: ") for change in changes)
    assert f"check {off.check}: enabled became disabled (it is noisy)" in changes
    assert any(change.startswith(f"limits of {loosened.check}: ") and change.endswith("(agreed)") for change in changes)


def test_what_was_in_force_first_is_no_change(desk: Desk) -> None:
    """Before the first run there was nothing that could have become another."""
    rules(desk, "run-a")
    days(desk, 7)

    assert cuts(desk.json("period", *WEEK)) == []


def test_two_moments_differ_in_the_files_too(desk: Desk) -> None:
    """Which file, which entries, who and when."""
    write_exceptions(desk, {})
    days(desk, 2)
    write_exceptions(desk, {}, {"id": "EX-2", "subject": "core"})
    days(desk, 2)
    shape = desk.json("diff", "2026-03-02", "2026-03-04")
    (file,) = shape["company"]
    text = desk.says("diff", "2026-03-02", "2026-03-04")

    assert (file["file_name"], file["added"], file["removed"], file["changed"]) == ("exceptions.toml", ["EX-2"], [], [])
    assert file["was"] != file["now"]
    assert "exceptions.toml as recorded 2026-03-01" in shape["company_files_then"]
    assert all(note in text for note in shape["company_files_then"])
