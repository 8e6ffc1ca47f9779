"""Copies of a store: of one moment, whole or not there, and honest about what they are."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from collector.core.errors import StoreError
from storage import SqlStore, backup, open_store
from storage.backup import back_up
from tests.storage.evidence import BUCKETS, TickingClock, bodies, item, keys, scan


def test_a_copy_is_a_store_like_the_first(store: SqlStore, path: Path, url: str, clock: TickingClock) -> None:
    """A backup that nobody can open is none."""
    scan(store, item("logs", public=False))
    copy = path.with_name("copy.db")

    size = back_up(url, copy)

    assert size == copy.stat().st_size
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert sorted(path.parent.glob("copy.db*")) == [copy]
    with open_store(f"sqlite:///{copy}", writer=False, clock=clock) as opened:
        assert opened.name == store.name
        assert bodies(opened) == {"logs": {"public": False}}


def test_a_copy_shows_one_moment_while_a_scan_writes(
    store: SqlStore, path: Path, url: str, clock: TickingClock
) -> None:
    """Nobody stops the daemon for a backup, and half a task is no evidence."""
    scan(store, *(item(f"{number:04}", turn=0) for number in range(500)))
    stop = threading.Event()

    def write() -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            scan(store, *(item(f"{number:04}", turn=turn) for number in range(500)))

    writing = threading.Thread(target=write)
    writing.start()
    try:
        copies = [path.with_name(f"copy{number}.db") for number in range(5)]
        for copy in copies:
            back_up(url, copy)
    finally:
        stop.set()
        writing.join()

    for copy in copies:
        with open_store(f"sqlite:///{copy}", writer=False, clock=clock) as opened:
            assert len(keys(opened)) == 500
            assert len({body["turn"] for body in bodies(opened).values()}) == 1


def test_a_file_that_is_there_is_not_replaced(store: SqlStore, path: Path, url: str) -> None:
    """Yesterday's backup may be the only good one."""
    scan(store, item("logs"))
    there = path.with_name("copy.db")
    there.write_bytes(b"yesterday")

    with pytest.raises(StoreError, match="is there already"):
        back_up(url, there)

    assert there.read_bytes() == b"yesterday"


def test_a_copy_that_fails_leaves_nothing(
    store: SqlStore, path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a file under the right name is worse than none."""
    scan(store, item("logs"))
    before = sorted(path.parent.iterdir())

    def fail(_: Path) -> None:
        raise sqlite3.DatabaseError("row 7 missing from index")

    monkeypatch.setattr(backup, "_check", fail)
    with pytest.raises(StoreError, match="row 7 missing"):
        back_up(url, path.with_name("copy.db"))

    assert sorted(path.parent.iterdir()) == before


def test_a_server_is_left_to_its_own_tool(store: SqlStore, database: str, url: str, tmp_path: Path) -> None:
    """What pg_dump does well is not done again."""
    if database == "sqlite":
        back_up(url, tmp_path / "copy.db")
        return

    with pytest.raises(StoreError, match="is a server") as raised:
        back_up(url, tmp_path / "copy.db")

    assert store.name
    assert "pg_dump" in raised.value.mend


def test_an_older_copy_is_noticed_and_goes_on_only_when_the_loss_is_recorded(
    url: str, path: Path, clock: TickingClock
) -> None:
    """Whoever puts last week back must say so, or last week's truth would become today's."""
    with open_store(url, writer=True, clock=clock) as store:
        scan(store, item("logs"))
        store.checkpoints.checkpoint()
        back_up(url, path.with_name("copy.db"))
        scan(store, item("web"))
        store.checkpoints.checkpoint()
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    shutil.copyfile(path.with_name("copy.db"), path)

    with pytest.raises(StoreError, match="rolled back"):
        open_store(url, writer=True, clock=clock)
    with open_store(url, writer=True, clock=clock, restoring=True) as store:
        head = store.checkpoints.acknowledge(reason="the disk died", by="an operator")
    with open_store(url, writer=True, clock=clock) as store:
        scan(store, item("next"), task=BUCKETS)

    assert head.origin.endswith("~2")


def test_compacting_gives_back_what_was_erased(store: SqlStore, url: str, clock: TickingClock) -> None:
    """What is gone should not be paid for."""
    scan(store, *(item(f"{number:04}", padding=f"{number}" * 200) for number in range(500)))
    assert store._writer is not None
    with store._writer.transaction() as connection:
        connection.exec_driver_sql("UPDATE blob SET body = NULL, lookup = NULL")

    store.compact()

    scan(store, item("logs"))
    with open_store(url, writer=False, clock=clock) as reader:
        assert keys(reader) == ["logs"]


def test_compacting_makes_the_file_smaller(store: SqlStore, path: Path) -> None:
    """And it is the file that counts, not what is said of it."""
    scan(store, *(item(f"{number:04}", padding=f"{number}" * 400) for number in range(2_000)))
    assert store._writer is not None
    with store._writer.transaction() as connection:
        connection.exec_driver_sql("UPDATE blob SET body = NULL, lookup = NULL")
    log = path.with_name(path.name + "-wal")
    before = path.stat().st_size + log.stat().st_size

    store.compact()

    assert path.stat().st_size < before / 2
    assert log.stat().st_size == 0
