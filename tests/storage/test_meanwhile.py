"""Somebody with the database changes it while annexd looks into it, and puts back what was there before."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from collector.core.errors import StoreError, VerificationError
from storage import open_store
from storage.database.blobs import compress
from storage.verification import VerificationReport, VerificationRequest, verify
from tests.storage.evidence import BUCKETS, TickingClock, bodies, ended, item, scan
from tests.storage.intruder import intruder

_BODIES = "SELECT v.blob, b.lookup, b.digest FROM version v JOIN blob b ON b.id = v.blob ORDER BY v.id"
_LOOKUP = "UPDATE blob SET lookup = ? WHERE id = ?"


@pytest.fixture
def opened_and_closed(url: str, clock: TickingClock) -> str:
    """The address of a store of a bucket that was private, public, and private again."""
    with open_store(url, writer=True, clock=clock) as store:
        for run, is_public in enumerate((False, True, False)):
            scan(store, item("logs", public=is_public), run=f"run-{run}")
        store.checkpoints.checkpoint()
    return url


def _prove(url: str, clock: TickingClock) -> VerificationReport:
    with open_store(url, writer=False, clock=clock) as store:
        return verify(store, VerificationRequest(rebuild=True))


def _look_up(connection: Connection, *lookups: bytes) -> None:
    """Let the first two bodies be looked up by these values."""
    (private, _, _), (public, _, _), _ = connection.exec_driver_sql(_BODIES).fetchall()
    connection.exec_driver_sql(_LOOKUP, (b"\x00", private))  # each value belongs to one body at most
    for value, blob in zip(reversed(lookups), (public, private), strict=True):
        connection.exec_driver_sql(_LOOKUP, (value, blob))


def test_a_body_is_not_recorded_as_another_one(opened_and_closed: str, clock: TickingClock) -> None:
    """Otherwise the log would say, signed, that the public bucket is private, and nothing could show it later."""
    with intruder(opened_and_closed) as inside:
        (_, private, _), (_, public, _), _ = inside.connection.exec_driver_sql(_BODIES).fetchall()
        _look_up(inside.connection, public, private)

    other_one = pytest.raises(StoreError, match="is looked up by the value of another one")
    with open_store(opened_and_closed, writer=True, clock=clock) as store, other_one:
        scan(store, item("logs", public=True), run="run-3")

    with intruder(opened_and_closed) as inside:
        _look_up(inside.connection, private, public)
    with open_store(opened_and_closed, writer=True, clock=clock) as store:
        assert scan(store, item("logs", public=True), run="run-4").changed == 1
        assert bodies(store) == {"logs": {"public": True}}
    _prove(opened_and_closed, clock)


def test_a_change_that_a_scan_was_kept_from_seeing_is_named(opened_and_closed: str, clock: TickingClock) -> None:
    """The list that was signed then is not the one that the log adds up to, however many are signed after it."""
    with intruder(opened_and_closed) as inside:
        _, (public,), (private,) = inside.connection.exec_driver_sql("SELECT id FROM version ORDER BY id").fetchall()
        inside.connection.exec_driver_sql("UPDATE resource_now SET version = ?", (public,))
    with open_store(opened_and_closed, writer=True, clock=clock) as store:
        hidden = scan(store, item("logs", public=True), run="run-3")
        assert hidden.unchanged == 1
    with intruder(opened_and_closed) as inside:
        inside.connection.exec_driver_sql("UPDATE resource_now SET version = ?", (private,))
    with open_store(opened_and_closed, writer=True, clock=clock) as store:
        scan(store, item("logs", public=False), run="run-4")
        store.checkpoints.checkpoint()

    assert hidden.leaf is not None
    with pytest.raises(VerificationError, match=f"up to leaf {hidden.leaf.index} has the inventory root"):
        _prove(opened_and_closed, clock)


def test_what_was_never_there_is_not_recorded_as_gone(opened_and_closed: str, clock: TickingClock) -> None:
    """A made-up name among the resources would be in the log as one that went away."""
    with intruder(opened_and_closed) as inside:
        inside.connection.exec_driver_sql("UPDATE resource_now SET key = ?", (b"made up",))

    never = pytest.raises(StoreError, match="states that 'made up' is gone, and it was never there")
    with open_store(opened_and_closed, writer=True, clock=clock) as store, never:
        scan(store, item("logs", public=False), run="run-3")


def test_a_changed_body_is_not_judged(opened_and_closed: str, clock: TickingClock) -> None:
    """What a check reads is what the digest names that its verdict states."""
    with intruder(opened_and_closed) as inside:
        ((blob, _, digest), *_) = inside.connection.exec_driver_sql(_BODIES).fetchall()
        other = compress(b'{"body":{"public":true},"key":"logs","kind":"aws.s3.bucket","salt":"00"}')
        inside.connection.exec_driver_sql("UPDATE blob SET body = ? WHERE id = ?", (other, blob))

    changed = pytest.raises(StoreError, match=f"the body sha256:{digest.hex()} was changed")
    with open_store(opened_and_closed, writer=False, clock=clock) as store, changed:
        list(store.resources(BUCKETS.collection, source=BUCKETS.source))


def test_what_was_cut_off_while_the_process_lives_is_not_signed_without(url: str, clock: TickingClock) -> None:
    """The last entry of a run is as much recorded as those before it, which the next entry would have missed."""
    with open_store(url, writer=True, clock=clock) as store:
        scan(store, item("logs"))
        store.write([ended()])
        with intruder(url) as inside:
            inside.do("DELETE FROM log_leaf WHERE kind = 'run_ended'", "DELETE FROM run_event")
        with pytest.raises(StoreError, match="which this process recorded or checked, is gone or another one"):
            store.checkpoints.checkpoint()


def test_a_writer_says_that_its_lease_is_gone(url: str, clock: TickingClock) -> None:
    """Nothing is recorded then."""
    with open_store(url, writer=True, clock=clock) as store:
        with intruder(url) as inside:
            inside.do("DELETE FROM lease")
        with pytest.raises(StoreError, match="the row that says who writes the store is gone"):
            scan(store, item("logs"))
