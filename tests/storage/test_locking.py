"""One process writes. Others wait, or learn which it is; readers notice nothing of all this."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from collector.core.errors import StoreError
from storage import SqlStore, open_store
from tests.storage.evidence import BUCKETS, TickingClock, item, judged, keys, observed, scan

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}

WRITER = """
import sys
from storage import open_store
from tests.storage.evidence import TickingClock, item, scan

with open_store(sys.argv[1], writer=True, clock=TickingClock()) as store:
    scan(store, item("logs"))
    print("writes", flush=True)
    sys.stdin.read()
"""

RIVAL = """
import sys
from collector.core.errors import StoreError
from storage import open_store
from tests.storage.evidence import TickingClock, item, scan

print("ready", flush=True)
sys.stdin.readline()
try:
    with open_store(sys.argv[1], writer=True, clock=TickingClock()) as store:
        scan(store, item(sys.argv[2]))
        print("wrote", flush=True)
        sys.stdin.readline()
except StoreError as error:
    print(error.what, flush=True)
    sys.stdin.readline()
"""


@contextmanager
def another_writer(url: str) -> Iterator[subprocess.Popen[str]]:
    """Run a process that holds the store until its input ends."""
    command = [sys.executable, "-c", WRITER, url]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writes\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_second_process_learns_who_writes_and_reads_on(url: str, clock: TickingClock) -> None:
    """At three in the morning somebody will want to know which process to look at."""
    with another_writer(url) as process:
        with pytest.raises(StoreError) as raised:
            open_store(url, writer=True, clock=clock)
        with open_store(url, writer=False, clock=clock) as reader:
            assert keys(reader) == ["logs"]

    assert f"process {process.pid} on {os.uname().nodename} since 2026-03-02T06:00:0" in raised.value.what


def test_the_lock_of_a_killed_process_is_free_at_once(url: str, clock: TickingClock) -> None:
    """No lease to wait out, no file to remove."""
    with another_writer(url) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()

        with open_store(url, writer=True, clock=clock, wait=timedelta(seconds=20)) as store:
            assert keys(store) == ["logs"]
            scan(store, item("web"))


def test_a_writer_that_may_wait_goes_on_when_the_first_one_ends(url: str, clock: TickingClock) -> None:
    """A scan by hand, while the daemon is at the end of its own."""
    with another_writer(url) as process:
        assert process.stdin is not None
        done: list[list[str]] = []

        def wait() -> None:
            with open_store(url, writer=True, clock=clock, wait=timedelta(seconds=60)) as store:
                done.append(keys(store))

        waiting = threading.Thread(target=wait)
        waiting.start()
        process.stdin.close()
        waiting.join()

    assert done == [["logs"]]


def test_waiting_ends(url: str, clock: TickingClock) -> None:
    """A command that hangs says nothing."""
    with another_writer(url), pytest.raises(StoreError, match="being written by process"):
        open_store(url, writer=True, clock=clock, wait=timedelta(milliseconds=100))


def test_a_stale_holder_cannot_write(store: SqlStore) -> None:
    """A lock can be lost unnoticed: a copied container, a proxy that hands out another session, a network disk."""
    scan(store, item("logs"))
    attempt = store.attempt(BUCKETS, "run-1")
    store.stage(attempt, [item("web")])
    assert store._writer is not None
    with store._writer.transaction() as connection:
        connection.exec_driver_sql(
            "UPDATE lease SET epoch = epoch + 1, holder = 'process 7 on elsewhere', since = 1772431200000000"
        )

    with pytest.raises(StoreError, match="taken over by process 7 on elsewhere since 2026-03-02T06:00:00Z"):
        store.finish(attempt, observed())
    with pytest.raises(StoreError, match="taken over by process 7"):
        store.write([judged()])

    assert keys(store) == ["logs"]


def test_each_writer_has_a_number_of_its_own(url: str, clock: TickingClock) -> None:
    """That is what tells a stale one from the one that counts."""
    epochs = []
    for _ in range(3):
        with open_store(url, writer=True, clock=clock) as store:
            assert store._writer is not None
            assert store._writer.lease is not None
            epochs.append(store._writer.lease.epoch)

    assert epochs == [1, 2, 3]


# Sixty at night, in rounds that are each shorter than what a test may take.
_DEEP = [pytest.param(10, id=f"deep-{number}", marks=pytest.mark.deep) for number in range(1, 7)]


@pytest.mark.parametrize("trials", [pytest.param(2, id="few"), *_DEEP])
def test_of_many_that_start_at_once_one_writes(url: str, clock: TickingClock, trials: int) -> None:
    """Two daemons, or a daemon and a shell: whoever comes second must not write, and must not break what is there."""
    command = [sys.executable, "-c", RIVAL, url]
    for trial in range(trials):
        rivals = [
            subprocess.Popen(
                [*command, f"{trial}-{number}"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=ENVIRONMENT,
            )
            for number in range(3)
        ]
        assert [_next(rival) for rival in rivals] == ["ready"] * 3
        for rival in rivals:
            _say(rival, "go")
        said = [_next(rival) for rival in rivals]
        for rival in rivals:
            rival.communicate("end\n")

        winners = [number for number, line in enumerate(said) if line == "wrote"]
        assert len(winners) == 1, said
        assert all("being written by" in line for line in said if line != "wrote"), said
        with open_store(url, writer=False, clock=clock) as reader:
            assert keys(reader) == [f"{trial}-{winners[0]}"]
    print(f"{trials} trials with three processes, 0 violations")  # noqa: T201  the count is part of the result


def _say(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{word}\n")
    process.stdin.flush()


def _next(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()
