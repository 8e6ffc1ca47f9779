"""Erasing by command: what goes, what stays, and who said so."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.cli.main import main
from storage.log.leaves import read
from tests.cli.texts import compare
from tests.played.platform import a_member

if TYPE_CHECKING:
    from tests.cli.conftest import Desk

DAY = timedelta(days=1)
ANN = ("erase", "code", "played.member", "ann", "--basis", "GDPR article 17", "--approved-by", "Dana Officer")


def last_leaf(desk: Desk) -> Any:
    """What the newest leaf states."""
    from storage.log.dictionary import LeafDecompressor

    store = desk.app.stores[0]
    with store._reading(None) as (connection, _):  # type: ignore[attr-defined]  # the store behind the port
        row = connection.exec_driver_sql(
            "SELECT idx, dictionary, body, hash, kind FROM log_leaf ORDER BY idx DESC LIMIT 1"
        ).one()
        record = read(connection, LeafDecompressor(), row[:4])
        return row[4], record.fact(dict), [digest for digests in record.rows(str) for digest in digests]


def test_a_person_is_forgotten_and_the_record_says_why_and_by_whom(scanned: Desk) -> None:
    """An erasure without its basis looks like a cover-up."""
    found = scanned.json(*ANN)
    kind, fact, digests = last_leaf(scanned)
    evidence = scanned.json("evidence", "code", "played.member", "ann")

    assert kind == "erasure"
    assert (fact["basis"], fact["approved_by"], fact["key"]) == ("GDPR article 17", "Dana Officer", "ann")
    assert digests == [*found["bodies"], *found["facts"]]
    assert evidence["body"] is None
    assert evidence["digest"] in found["bodies"]
    assert "played_member_mfa" in {finding["check"] for finding in evidence["findings"]}


def test_judged_again_it_is_unknown_because_it_was_erased(scanned: Desk) -> None:
    """Not knowing any more is a result too."""
    scanned.says(*ANN)
    scanned.clock.move(DAY)
    found = scanned.json("replay", "--as-of", "2026-03-01", "--check", "played_member_mfa")
    (ann,) = found["differences"]

    assert (ann["subject"], ann["recorded"], ann["judged"]) == ("ann", "pass", "unknown")
    assert ann["judged_reason"] == "the evidence on ann was erased"


def test_a_dry_run_says_what_would_go_and_drops_nothing(scanned: Desk) -> None:
    """Nobody can take this back."""
    found = scanned.json(*ANN, "--dry-run")

    assert (len(found["bodies"]), found["dry_run"]) == (1, True)
    assert scanned.json("evidence", "code", "played.member", "ann")["body"] is not None
    compare("cli/erase/a-dry-run-says-what-would-go-and-drops", scanned.says(*ANN, "--dry-run"))


def test_the_next_scan_reads_what_the_platform_still_has(scanned: Desk) -> None:
    """Forgetting here is not forgetting there."""
    scanned.says(*ANN)
    scanned.clock.move(DAY)
    scanned.world.run()

    assert scanned.json("evidence", "code", "played.member", "ann")["body"]["login"] == "ann"
    steps = [step["change"] for step in scanned.json("evidence", "code", "played.member", "ann")["history"]]
    assert steps == ["changed", "appeared"]


def test_a_comparison_says_that_a_body_was_erased(scanned: Desk) -> None:
    """Fields that cannot be compared must not look the same."""
    scanned.platform.orgs["acme"]["members"] = [a_member("ann", mfa=False)]
    scanned.clock.move(DAY)
    scanned.world.run()
    scanned.says(*ANN)
    (ann,) = [
        resource
        for resource in scanned.json("diff", "2026-03-01", "2026-03-02")["resources"]
        if resource["key"] == "ann"
    ]

    assert (ann["how"], ann["fields"], ann["erased"]) == ("changed", [], True)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--basis", " ", "--approved-by", "x"), 2, "write a few words"),
        (("--approved-by", "x"), 2, "Missing option"),
        (("--basis", "x", "--approved-by", "y", "--scope", "other"), 3, "nothing is stored"),
    ],
)
def test_an_erasure_has_a_basis_an_approver_and_something_to_erase(
    scanned: Desk, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, message: str
) -> None:
    """What goes into the record for ever is asked for first."""
    assert main(["erase", "code", "played.member", "ann", *words]) == code
    assert message in capsys.readouterr().err
    assert scanned.json("evidence", "code", "played.member", "ann")["body"] is not None


def test_a_locked_time_is_not_touched_by_mistake(scanned: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """Evidence of a year under audit goes only where somebody says so, and the record repeats it."""
    scanned.set("[retention]\nlocked = [{ from = 2026-01-01, to = 2026-12-31 }]\n")
    refused = main(list(ANN))
    words = capsys.readouterr().err
    scanned.says(*ANN, "--despite-lock")

    assert (refused, "is locked by [retention]" in words) == (3, True)
    assert last_leaf(scanned)[1]["basis"] == "GDPR article 17 (despite a lock of [retention])"


def test_a_lock_on_another_time_does_not_stand_in_the_way(scanned: Desk) -> None:
    """What was not there then cannot be missing then."""
    scanned.set("[retention]\nlocked = [{ from = 2025-01-01, to = 2026-02-28 }]\n")

    assert len(scanned.json(*ANN)["bodies"]) == 1
