"""Crashes, full disks and hostile names: what was acknowledged stays, and nothing else is claimed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from collector.core.canonical import NotCanonicalError
from collector.core.errors import StoreError
from collector.core.tasks import Task
from storage import SqlStore, open_store
from storage.tables import staging
from tests.storage.evidence import (
    BUCKETS,
    TickingClock,
    bodies,
    changed,
    item,
    judged,
    keys,
    observed,
    planned,
    scan,
    verdict,
)

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}

WORKER = """
import os, signal, sys
from storage import open_store
from storage.tables import staging
from tests.storage.evidence import BUCKETS, TickingClock, item, observed, scan

staging._MOST_OF_ONE = 10_000  # most items are put away before the end
store = open_store(sys.argv[1], writer=True, clock=TickingClock())
scan(store, item("acknowledged"))
attempt = store.attempt(BUCKETS, "run-1")
store.stage(attempt, [item(f"{number:04}") for number in range(500)])
if sys.argv[2] == "in finish":
    store._append = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[2] != "before finish":
    store.finish(attempt, observed())
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(("moment", "left"), [("before finish", 1), ("in finish", 1), ("after finish", 500)], ids=str)
def test_a_killed_process_loses_only_what_was_not_acknowledged(
    url: str, clock: TickingClock, moment: str, left: int
) -> None:
    """Machines are switched off in the middle of scans."""
    killed = subprocess.run([sys.executable, "-c", WORKER, url, moment], env=ENVIRONMENT, check=False)

    assert killed.returncode == -signal.SIGKILL
    with open_store(url, writer=True, clock=clock) as store:
        assert len(keys(store)) == left
        with store._reader.connect() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM pending").scalar_one() == 0
            unused = "SELECT count(*) FROM blob WHERE id NOT IN (SELECT blob FROM version WHERE blob IS NOT NULL)"
            assert connection.exec_driver_sql(unused).scalar_one() == 0
        scan(store, item("next"))
        assert keys(store) == ["next"]


def test_a_blob_that_one_attempt_left_and_another_found_stays(
    store: SqlStore, url: str, clock: TickingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sweeping must not take what a leaf speaks of."""
    monkeypatch.setattr(staging, "_MOST_OF_ONE", 0)
    dropped = store.attempt(BUCKETS, "run-1")
    store.stage(dropped, [item("logs")])
    other = store.attempt(BUCKETS, "run-1")
    store.stage(other, [item("logs")])
    store.drop(dropped)
    store.finish(other, observed())
    store.close()

    with open_store(url, writer=True, clock=clock) as again:
        assert bodies(again) == {"logs": {}}


@pytest.mark.usefixtures("path")
def test_a_full_disk_stops_the_store_and_leaves_what_was_there(store: SqlStore, url: str, clock: TickingClock) -> None:
    """Evidence that cannot be kept was not collected."""
    scan(store, item("logs"))
    assert store._writer is not None
    used = store._writer._connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    store._writer._connection.exec_driver_sql(f"PRAGMA max_page_count = {used + 10}")
    store._writer._connection.rollback()

    with pytest.raises(StoreError, match="full") as raised:
        scan(store, *(item(f"{number:04}", padding=sha256(b"%d" % number).hexdigest()) for number in range(2_000)))
    with pytest.raises(StoreError, match="takes no more writes"):
        scan(store, item("web"))

    assert "free space" in raised.value.mend
    assert keys(store) == ["logs"]
    store.close()
    with open_store(url, writer=True, clock=clock) as again:
        assert keys(again) == ["logs"]
        scan(again, item("web"))
        assert _integrity(again) == "ok"


@pytest.mark.parametrize("name", ["SQLITE_IOERR_FSYNC", "SQLITE_IOERR_WRITE", "SQLITE_CORRUPT", "SQLITE_READONLY"])
@pytest.mark.usefixtures("path")
def test_a_disk_that_fails_stops_the_store(store: SqlStore, name: str) -> None:
    """SQLite commits happily after a failed fsync, and what it then says cannot be trusted."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = getattr(sqlite3, name)
    assert store._writer is not None

    with pytest.raises(StoreError, match="disk I/O error"), store._writer.transaction():
        raise OperationalError("COMMIT", None, error)

    with pytest.raises(StoreError, match="takes no more writes after: the store could not be written: disk I/O error"):
        store.write([judged(changed(verdict()))])


def test_somebody_elses_lock_is_said_and_is_not_the_end(store: SqlStore, path: Path) -> None:
    """A shell left open in a transaction must not end in silence, nor in a store that gives up."""
    assert store._writer is not None
    store._writer._connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    store._writer._connection.rollback()
    with sqlite3.connect(path) as shell:
        shell.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="database is locked"):
            scan(store, item("logs"))
        shell.rollback()
    shell.close()

    scan(store, item("logs"))

    assert keys(store) == ["logs"]


def test_a_failed_finish_can_be_tried_again(store: SqlStore, path: Path) -> None:
    """What was staged is still there."""
    assert store._writer is not None
    store._writer._connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    store._writer._connection.rollback()
    attempt = store.attempt(BUCKETS, "run-1")
    store.stage(attempt, [item("logs")])
    with sqlite3.connect(path) as shell:
        shell.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError):
            store.finish(attempt, observed())
        shell.rollback()
    shell.close()

    store.finish(attempt, observed())

    assert keys(store) == ["logs"]


HOSTILE = [
    "",
    "a\x00b",
    "a",
    "a\x00",
    "\x1b[2J",
    "\u202etxt",
    "x" * 10_240,
    "'; DROP TABLE blob; --",
    "../../etc",
    "\uffff",
    "\U0001f600",
    "=cmd()",
]


def test_hostile_names_are_kept_as_they_are(store: SqlStore, clock: TickingClock) -> None:
    """Whoever names a bucket is not to be trusted, and is not to be misquoted either."""
    scan(store, *(item(key, facts={"n": number}) for number, key in enumerate(HOSTILE)))
    before = clock.now
    scan(store, *(item(key, changed=True) for key in HOSTILE[3:]))

    assert keys(store) == sorted(HOSTILE[3:])
    assert keys(store, as_of=before) == sorted(HOSTILE)


@pytest.mark.parametrize("size", [1, 3_000])
def test_a_name_that_is_no_text_is_refused_before_anything_is_kept(store: SqlStore, size: int) -> None:
    """A lone surrogate has no bytes; it is the caller's to report, and the store goes on."""
    attempt = store.attempt(BUCKETS, "run-1")

    with pytest.raises(NotCanonicalError):
        store.stage(attempt, [*(item(f"{number}") for number in range(size)), item("\ud800")])

    store.finish(attempt, observed())
    assert keys(store) == []


@pytest.mark.parametrize("damage", ["x'00'", "zeroblob(300)", "x'28b52ffd60ffffffffffffff7f'"])
def test_damage_is_said_and_never_a_crash(url: str, path: Path, clock: TickingClock, damage: str) -> None:
    """Somebody will read this on a bad day."""
    with open_store(url, writer=True, clock=clock) as store:
        scan(store, item("logs"))
    with sqlite3.connect(path) as shell:
        for trigger in ("log_leaf_refuses_update", "blob_refuses_update"):
            shell.execute(f"DROP TRIGGER {trigger}")
        shell.execute(f"UPDATE log_leaf SET body = {damage}")  # noqa: S608  our own words
        shell.execute(f"UPDATE blob SET body = {damage}")  # noqa: S608  the same
    shell.close()

    with open_store(url, writer=False, clock=clock) as store:
        with pytest.raises(StoreError, match="damaged"):
            list(store.observations())
        with pytest.raises(StoreError, match="damaged"):
            keys(store)


def _integrity(store: SqlStore) -> str:
    with store._reader.connect() as connection:
        found: str = connection.exec_driver_sql("PRAGMA integrity_check").scalar_one()
        return found


def test_tasks_may_end_on_many_threads_at_once(store: SqlStore) -> None:
    """That is how a scan works."""
    tasks = [Task("production", f"aws.kind.{number}", ("111122223333",)) for number in range(24)]

    def work(task: Task) -> int:
        done = scan(store, *(item(f"{number:03}") for number in range(50)), task=task)
        return done.appeared + len(keys(store, task=task))

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, tasks))

    assert results == [100] * 24
    with store._reader.connect() as connection:
        leaves = connection.exec_driver_sql("SELECT idx FROM log_leaf ORDER BY idx").fetchall()
    assert [row[0] for row in leaves] == list(range(25))


def test_a_payload_that_is_missing_is_said(store: SqlStore, path: Path) -> None:
    """Half a plan must not pass for the whole."""
    store.write([planned(*(Task("production", f"aws.kind.{number}", ()) for number in range(2_000)))])
    with sqlite3.connect(path) as shell:
        shell.execute("DROP TRIGGER payload_refuses_delete")
        shell.execute("DELETE FROM payload")
    shell.close()

    with pytest.raises(StoreError, match=r"leaf 1 cannot be read: its payload sha256:\w+ is missing"):
        list(store.plans())


@pytest.mark.parametrize("damage", ["dictionary = 99", "body = (SELECT body FROM blob)"])
def test_a_leaf_that_is_not_what_it_should_be_is_said(store: SqlStore, path: Path, damage: str) -> None:
    """A leaf from elsewhere is damage too."""
    scan(store, item("logs"))
    with sqlite3.connect(path) as shell:
        shell.execute("DROP TRIGGER log_leaf_refuses_update")
        shell.execute(f"UPDATE log_leaf SET {damage}")  # noqa: S608  our own words
    shell.close()

    with pytest.raises(StoreError, match="damaged"):
        list(store.observations())


def test_a_closed_store_takes_nothing(store: SqlStore) -> None:
    """A late thread must hear that its work was not kept."""
    store.close()

    with pytest.raises(StoreError, match="closed"):
        store.write([judged()])
