"""Durable batches a second with one, four and eight processes that write to one store, and how long each waits.

`ANNEXD_BENCH_SECONDS` is how long each measurement takes, 5 where it is not set.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from contextlib import chdir
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bench.store import MeasuredDatabase, postgresql, sqlite
from collector.core.facts import OperatorAct
from storage import open_store

if TYPE_CHECKING:
    from multiprocessing.queues import SimpleQueue
    from multiprocessing.synchronize import Barrier

_SECONDS = float(os.environ.get("ANNEXD_BENCH_SECONDS", "5"))
_WRITERS = (1, 4, 8)
_AT = datetime(2026, 1, 1, tzinfo=UTC)


def run() -> None:
    """Print batches a second, and the median, the 99th percentile and the longest of their times."""
    for database in (sqlite, postgresql):
        with database() as opened, chdir(opened.folder):
            open_store(opened.url, writer=True, clock=lambda: _AT).close()
            for writers in _WRITERS:
                _measure(opened, writers)


def _measure(database: MeasuredDatabase, writers: int) -> None:
    spawning = multiprocessing.get_context("spawn")
    together, took = spawning.Barrier(writers), spawning.SimpleQueue()
    processes = [spawning.Process(target=_write, args=(database.url, together, took)) for _ in range(writers)]
    for process in processes:
        process.start()
    times = sorted(one for _ in processes for one in took.get())
    for process in processes:
        process.join()
    median, late = times[len(times) // 2], times[len(times) * 99 // 100]
    print(
        f"{database.name:>10} {writers} writers {len(times) / _SECONDS:>7,.0f} batches a second,"
        f" median {median * 1e3:>6.1f} ms, p99 {late * 1e3:>7.1f} ms, longest {times[-1] * 1e3:>7.1f} ms   goal p99 1 s"
    )


def _write(url: str, together: Barrier, took: SimpleQueue[list[float]]) -> None:
    """Write batches of one entry for `_SECONDS`, and hand over the seconds that each took."""
    times = []
    with open_store(url, writer=True, alongside=True, clock=lambda: _AT) as store:
        together.wait()
        until = time.perf_counter() + _SECONDS
        while (began := time.perf_counter()) < until:
            store.write([OperatorAct(at=_AT, by="bench", host="bench", act="looked", about={"number": "1"})])
            times.append(time.perf_counter() - began)
    took.put(times)
