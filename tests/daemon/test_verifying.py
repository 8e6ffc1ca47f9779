"""The daemon verifies the store at its interval: what it finds is logged, recorded, signed and shown."""

from __future__ import annotations

import logging
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from queue import Empty, SimpleQueue

import pytest

from collector.core.facts import Verified as VerifiedFact
from collector.daemon.events import Event, Run, Verified, Verify
from collector.daemon.verifier import Verifier, verified
from collector.setup.app import open_app
from collector.setup.config import StoreConfig
from storage.serving import leaves_waiting
from tests.daemon.test_daemon import Served, clock, served
from tests.played.company import Company
from tests.storage.tampered import edit

__all__ = ["clock", "served"]

PATIENCE = 60.0


def found_by_a_process(config: StoreConfig) -> Verified:
    """What the process of the daemon puts among the events."""
    events: SimpleQueue[Event] = SimpleQueue()
    verifier = Verifier(events.put)
    assert verifier.begin(config)
    event = events.get(timeout=PATIENCE)
    assert isinstance(event, Verified)
    return event


def test_what_holds_is_recorded_signed_and_shown(
    company: Company, served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever looks at the status sees when all of it was verified last, and what that means."""
    served(Run("acme"))
    config = open_app(company.config).config.store
    event = found_by_a_process(config)
    schedule = served(event)
    again = served()
    status = company.run("status", "--json").json["verification"]

    assert event.found is not None
    assert event.found.wrong is None
    assert status["leaves"] == event.found.leaves
    assert status["rows"] == event.found.rows
    assert status["wrong"] is None
    assert company.run("verify", "--json").json["unsigned"] == 0
    assert again.verifications[0][0] > schedule.verifications[0][0]
    assert str(event.found.leaves) in caplog.text


def test_what_does_not_hold_is_loud_and_stays_in_the_log(
    company: Company, served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    """A verification that failed at night must not be found by chance, and nothing is thrown away for it."""
    served(Run("acme"))
    edit(company.folder / "evidence.db", "UPDATE finding_event SET status = 'pass'")
    event = found_by_a_process(open_app(company.config).config.store)
    caplog.clear()
    served(event)
    said, status = company.run("status"), company.run("status", "--json")

    assert event.found is not None
    assert event.found.wrong is not None
    assert "table finding_event: status is 'pass'" in event.found.wrong
    assert (said.code, status.code) == (6, 6)
    assert event.found.wrong in said.out
    assert status.json["verification"]["wrong"] == event.found.wrong
    assert [record.levelno for record in caplog.records if event.found.wrong in record.getMessage()] == [logging.ERROR]
    with open_app(company.config).open_store(writer=False) as store, store.reading() as connection:
        assert leaves_waiting(connection) == 0


def test_a_verification_that_could_not_be_done_is_no_result(
    company: Company, served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that does not answer is neither a proof nor a forgery."""
    served(Run("acme"))
    event = verified(StoreConfig(url=f"sqlite:///{company.folder / 'elsewhere.db'}"))
    caplog.clear()
    served(event)

    assert event.found is None
    assert company.run("status", "--json").json["verification"]["at"] is None
    assert [record.levelno for record in caplog.records if str(event.undone) in record.getMessage()] == [logging.ERROR]


def test_a_file_that_the_database_cannot_read_does_not_hold(company: Company, served: Served) -> None:
    """Damage is what a verification is there to find."""
    served(Run("acme"))
    path = company.folder / "evidence.db"
    path.write_bytes(b"no database at all" * 1000)

    event = verified(open_app(company.config).config.store)

    assert event.found is not None
    assert event.found.wrong is not None


def test_it_can_be_ended_at_any_moment(company: Company, served: Served) -> None:
    """A daemon that is told to end does not wait for a proof."""
    served(Run("acme"))
    events: SimpleQueue[Event] = SimpleQueue()
    verifier = Verifier(events.put)
    config = open_app(company.config).config.store
    begun = time.monotonic()
    assert [verifier.begin(config), verifier.begin(config)] == [True, False]
    verifier.end()

    assert time.monotonic() - begun < PATIENCE / 4
    event = events.get(timeout=PATIENCE)
    assert isinstance(event, Verified)
    assert event.found is None
    with pytest.raises(Empty):
        events.get_nowait()


def test_it_is_due_so_long_after_the_last_one_or_never(company: Company, served: Served) -> None:
    """A restart neither repeats it nor puts it off."""
    served(Run("acme"))
    with open_app(company.config).open_store(writer=False) as store:
        (genesis,) = store.log(kinds=("genesis",))
    default = served().verifications
    company.write(company.config.read_text().replace("[store]", '[store]\nverify_every = "off"'))
    off = served(Verify()).verifications

    assert default == [(genesis.logged_at + timedelta(days=7), timedelta(days=7))]
    assert off == []


def test_a_result_that_was_removed_is_missed(company: Company, served: Served) -> None:
    """It is a log entry like any other, under the signature of its checkpoint."""
    served(Run("acme"))
    wrong = VerifiedFact(
        at=open_app(company.config).clock.now(), trigger="serve", version="1", took=1.0, wrong="leaf 7 is missing"
    )
    served(Verified(wrong))
    path = company.folder / "evidence.db"
    with closing(sqlite3.connect(path)) as database:
        ((index,),) = database.execute("SELECT idx FROM log_leaf WHERE kind = 'verified'").fetchall()
    edit(path, "PRAGMA foreign_keys = OFF", f"DELETE FROM log_leaf WHERE idx = {index}")  # noqa: S608  our own number

    assert company.run("verify").code == 6
