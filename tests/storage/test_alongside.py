"""Commands write while a run goes on: a transaction excludes others, and a run no more than another run."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from collector.core.errors import StoreError
from storage import SqlStore, open_store
from storage.database.lock import Turns
from storage.verification import VerificationReport, VerificationRequest, verify
from tests.storage.evidence import BUCKETS, TickingClock, ended, item, keys, observed, scan, started

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}

RUN = """
import sys
from storage import open_store
from storage.tables import staging
from tests.storage.evidence import BUCKETS, TickingClock, ended, item, observed, started

staging._MOST_OF_ONE = 0  # everything into the database at once
with open_store(sys.argv[1], writer=True, clock=TickingClock()) as store:
    store.write([started()])
    attempt = store.attempt(BUCKETS, "run-1")
    store.stage(attempt, [item("logs"), item("web")])
    print("reads", flush=True)
    sys.stdin.readline()  # the source hangs
    store.stage(attempt, [item("late")])
    store.finish(attempt, observed())
    store.write([ended()])
    store.checkpoints.checkpoint()
    print("ended", flush=True)
    sys.stdin.readline()
"""

WRITES = """
import sys
from storage import open_store
from tests.storage.evidence import TickingClock
from collector.core.facts import OperatorAct
from datetime import UTC, datetime

print("ready", flush=True)
sys.stdin.readline()
with open_store(sys.argv[1], writer=True, alongside=True, clock=TickingClock()) as store:
    for number in range(int(sys.argv[2])):
        at = datetime.now(UTC)
        store.write([OperatorAct(at=at, by="ann", host="h", act="looked", about={"number": str(number)})])
        if sys.argv[3] == "sign":
            store.checkpoints.checkpoint()
print("done", flush=True)
"""


@contextmanager
def process(script: str, *words: str, kill_at: str = "") -> Iterator[subprocess.Popen[str]]:
    """Run a script until the block ends."""
    environment = ENVIRONMENT | ({"ANNEXD_KILL_AT": kill_at} if kill_at else {})
    command = [sys.executable, "-c", script, *words]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def hears(running: subprocess.Popen[str]) -> str:
    """Return the next line that a process says."""
    assert running.stdout is not None
    return running.stdout.readline().strip()


def say(running: subprocess.Popen[str]) -> None:
    """Let a process go on."""
    assert running.stdin is not None
    running.stdin.write("go\n")
    running.stdin.flush()


def prove(url: str, clock: TickingClock) -> VerificationReport:
    """Verify all of it."""
    with open_store(url, writer=False, clock=clock) as store:
        return verify(store, VerificationRequest(rebuild=True))


@pytest.fixture
def made(url: str, clock: TickingClock) -> str:
    """The address of a store that is there."""
    open_store(url, writer=True, clock=clock).close()
    return url


def test_a_command_records_at_once_while_a_source_hangs(made: str, clock: TickingClock) -> None:
    """Who files a record does not wait for a platform."""
    with process(RUN, made) as run:
        assert hears(run) == "reads"
        with open_store(made, writer=True, clock=clock, alongside=True) as store:
            store.write([started("run-2")])
        say(run)  # until here the source hangs: whoever waited for the run would wait for ever
        assert hears(run) == "ended"
    report = prove(made, clock)

    assert (report.leaves, report.authenticated, report.unsigned) == (5, 5, 0)
    with open_store(made, writer=False, clock=clock) as store:
        assert keys(store) == ["late", "logs", "web"]  # what the run had staged was not swept away


def test_a_second_run_still_waits(made: str, clock: TickingClock) -> None:
    """Two at once would judge against each other's half state."""
    with process(RUN, made) as run:
        assert hears(run) == "reads"
        with pytest.raises(StoreError, match="being written by process"):
            open_store(made, writer=True, clock=clock)


def test_a_run_goes_on_under_a_key_that_was_rotated_meanwhile(made: str, clock: TickingClock) -> None:
    """The old key is gone while the run has it in memory."""
    with process(RUN, made) as run:
        assert hears(run) == "reads"
        with open_store(made, writer=True, clock=clock, alongside=True) as store:
            store.checkpoints.rotate(reason="yearly", by="ann")
        say(run)
        assert hears(run) == "ended"
    report = prove(made, clock)

    assert (report.unsigned, report.checkpoints, report.authenticated) == (0, 3, 3)


@pytest.mark.parametrize("signs", ["write", "sign"])
def test_many_that_write_at_once_make_one_log(made: str, clock: TickingClock, signs: str) -> None:
    """No number twice, no MAC that does not go on from the one before, no size with two heads."""
    rivals = []
    writers, each = 4, 12
    for _ in range(writers):
        context = process(WRITES, made, str(each), signs)
        rivals.append((context, context.__enter__()))
    assert [hears(rival) for _, rival in rivals] == ["ready"] * writers
    for _, rival in rivals:
        say(rival)
    assert [hears(rival) for _, rival in rivals] == ["done"] * writers
    for context, _ in rivals:
        context.__exit__(None, None, None)
    report = prove(made, clock)

    assert (report.leaves, report.authenticated) == (1 + writers * each, 1 + writers * each)
    assert (report.unsigned == 0) == (signs == "sign")


@pytest.mark.parametrize("step", ["before sign", "state written", "signed", "before commit"])
def test_killed_between_commit_and_signature_nothing_uncommitted_is_signed(
    made: str, clock: TickingClock, step: str
) -> None:
    """A head covers what is on disk, and the next process goes on from it."""
    with process(WRITES, made, "1", "sign", kill_at=step) as killed:
        assert hears(killed) == "ready"
        say(killed)
        assert killed.wait() == -9
    with open_store(made, writer=True, clock=clock, alongside=True) as store:
        store.write([started()])
        head = store.checkpoints.checkpoint()
    report = prove(made, clock)

    assert head is not None
    assert (report.signed, report.unsigned, report.checkpoints) == (report.leaves, 0, 1)


def test_a_process_that_signed_meanwhile_is_noticed(store: SqlStore) -> None:
    """Where the lock is no lock, as on some network disks, two heads of one size would be two histories."""
    memory = store.checkpoints._memory
    was = memory.read()
    assert was is not None
    store.write([started()])
    store.checkpoints.checkpoint()

    with pytest.raises(StoreError, match="was changed by another process"):
        memory.swap(was, was)


def test_what_is_read_and_written_alone_is_one_step(store: SqlStore, url: str, clock: TickingClock) -> None:
    """And nothing of it stays where it fails."""
    with pytest.raises(RuntimeError, match="meanwhile"):
        broken(store)
    with store.alone():
        store.write([started("run-1")])
        store.write([ended("run-1")])

    assert [leaf.kind for leaf in store.log()] == ["genesis", "run_started", "run_ended"]
    assert prove(url, clock).authenticated == 3


def broken(store: SqlStore) -> None:
    """Write, and fail."""
    with store.alone():
        store.write([started("run-0")])
        raise RuntimeError("meanwhile")


def test_tasks_that_are_held_back_wait_for_what_is_written_alone(store: SqlStore) -> None:
    """Two threads of a run never wait for each other."""
    for _ in range(2):
        scan(store, item("logs"), every=timedelta(hours=1))
    assert store._writer is not None
    with store._writer.transaction():
        other = threading.Thread(target=store.write_pending)
        other.start()
        time.sleep(0.1)
        store.write([started("run-9")])
    other.join(20)

    assert not other.is_alive()
    with store.reading() as connection:
        kinds = connection.exec_driver_sql("SELECT kind FROM log_leaf ORDER BY idx").scalars().all()
    assert kinds == ["genesis", "task", "run_started", "tasks"]


def test_who_waits_too_long_for_a_turn_is_told(tmp_path: Path) -> None:
    """A process that hangs must not make the others hang."""
    first, second = Turns(tmp_path / "lock"), Turns(tmp_path / "lock")
    with (
        first.next(timedelta(0)),
        pytest.raises(StoreError, match="for 0 seconds"),
        second.next(timedelta(milliseconds=20)),
    ):
        pass
    with second.next(timedelta(0)):
        pass


def test_tasks_are_recorded_by_a_run_alone(made: str, clock: TickingClock) -> None:
    """What is staged belongs to the process that reads."""
    with (
        open_store(made, writer=True, clock=clock, alongside=True) as store,
        pytest.raises(StoreError, match="no run"),
    ):
        store.finish(store.attempt(BUCKETS, "run-1"), observed())


def test_a_store_that_is_not_there_is_made_alongside_too(url: str, clock: TickingClock) -> None:
    """The first command of a company may be one that files a record."""
    with open_store(url, writer=True, clock=clock, alongside=True) as store:
        store.write([started()])

    assert prove(url, clock).authenticated == 2
