"""One daemon a store, on both databases: it is known which, and its place is free when it ends."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from collector.core.errors import StoreError
from collector.core.facts import Anchored
from storage import open_store
from storage.serving import ServedByAnother, Serving, leaves_waiting
from tests.storage.evidence import MONDAY, TickingClock, item, scan

if TYPE_CHECKING:
    from pathlib import Path


def test_a_second_one_learns_who_serves_and_commands_write_on(url: str, clock: TickingClock) -> None:
    """The right to serve is not the right to write."""
    with Serving(url, MONDAY), open_store(url, writer=True, clock=clock) as store:
        scan(store, item("logs"))
        with pytest.raises(ServedByAnother) as raised:
            Serving(url, MONDAY)

    assert f"is served by process {os.getpid()} on {os.uname().nodename} since 20" in raised.value.what


def test_the_place_is_free_when_the_first_one_ends(url: str) -> None:
    """However it ends: nothing to remove, nothing to wait out."""
    Serving(url, MONDAY).__exit__()

    with Serving(url, MONDAY, timedelta(seconds=20)) as second:
        second.hold(MONDAY)


def test_a_session_that_was_cut_is_taken_again_if_nobody_came_in(database: str, url: str) -> None:
    """A server that was restarted at night is no reason for the daemon to end."""
    if database == "sqlite":
        return  # a lock on a file goes with the process alone
    with Serving(url, MONDAY) as first:
        _cut(first)
        first.hold(MONDAY)
        with pytest.raises(ServedByAnother):
            Serving(url, MONDAY)


def test_a_session_that_was_cut_yields_to_who_came_in(database: str, url: str) -> None:
    """Two daemons, each of which thinks it is the one, must end as one."""
    if database == "sqlite":
        return
    with Serving(url, MONDAY) as first:
        _cut(first)
        with Serving(url, MONDAY, timedelta(seconds=20)), pytest.raises(ServedByAnother):
            first.hold(MONDAY)


def test_a_store_that_cannot_be_reached_is_said(tmp_path: Path) -> None:
    """Before the first run, not in the middle of the night."""
    with pytest.raises(StoreError, match="cannot be used as a store"):
        Serving("postgresql+psycopg://annexd@127.0.0.1:1/annexd", MONDAY)
    with pytest.raises(StoreError, match="cannot be used as a store"):
        Serving(f"sqlite:///{tmp_path}/no/such/folder/annexd.db", MONDAY)


def test_an_anchor_alone_waits_for_no_checkpoint(url: str, clock: TickingClock) -> None:
    """Otherwise each hour would make an anchor, and each anchor an hour."""
    with open_store(url, writer=True, clock=clock) as store:
        scan(store, item("logs"))
        with store.reading() as connection:
            assert leaves_waiting(connection) == 2
        head = store.checkpoints.checkpoint()
        assert head is not None
        store.write([_pending(head.size, head.root)])
        with store.reading() as connection:
            assert leaves_waiting(connection) == 0


def _pending(size: int, root: str) -> Anchored:
    return Anchored(at=MONDAY, size=size, root=root, kind="rfc3161", where="a", why="it is down")


def _cut(serving: Serving) -> None:
    assert serving._session is not None
    (pid,) = serving._session.exec_driver_sql("SELECT pg_backend_pid()").one()
    engine = serving._session.engine
    with engine.connect() as other:
        other.exec_driver_sql("SELECT pg_terminate_backend(?, 5000)", (pid,))
