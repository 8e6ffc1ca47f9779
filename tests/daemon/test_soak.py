"""Years of a daemon in minutes: runs over a platform with faults, and nothing that grows but the log."""

from __future__ import annotations

import gc
import logging
import random
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import NamedTuple

import httpx
import msgspec
import psutil
import pytest

from collector.core.facts import RunEnded, RunStarted, TasksPlanned
from collector.core.history import TaskEnd
from collector.daemon.daemon import Daemon
from collector.daemon.events import End, Event, Run
from collector.setup.app import App, open_app
from collector.setup.clock_watch import WatchedClock
from storage.serving import Serving
from tests.daemon.test_daemon import PlayedSchedule, Steps
from tests.played.clock import PlayedClock
from tests.played.company import Company
from tests.played.platform import HOOKS, MEMBERS, PROJECTS, PROTECTION, REPOS, SETTINGS, TICKETS, html, status
from tests.servers import in_memory

FAULTS = 0.02
"""The share of calls that go wrong."""

PAUSES = 0.1
"""The share of days on which nothing runs: the machine is off, or the process."""

EVERY = timedelta(days=1)
SETTLED = 100
"""Runs after which everything that is loaded once is loaded, and pages of the database are filled as they are later."""

MEGABYTES = 24

LOOK_EVERY = 100
"""Runs between two looks of metrics and alerts at the store."""

HANGS_FOR = timedelta(minutes=2)


class Footprint(NamedTuple):
    """What the process and the store hold after a run."""

    threads: int
    handles: int
    memory: int
    database: int


class Days(Steps):
    """A run a day, now and then after some days without; what is held is noted after each."""

    def __init__(self, database: Path, clock: PlayedClock, dice: random.Random, runs: int) -> None:
        super().__init__(*[Run("acme") for _ in range(runs)], End("SIGTERM"))
        self.held: list[Footprint] = []
        self.without = 0
        self.look: Callable[[], None] = lambda: None
        self._database = database
        self._clock = clock
        self._dice = dice
        self._process = psutil.Process()

    def get(self, block: bool = True, timeout: float | None = None) -> Event:  # noqa: FBT002  as a queue has it
        """Return the next step, a day later than the one before."""
        event = super().get(block, timeout)
        if isinstance(event, Run):
            without = self._dice.randint(1, 4) if self._dice.random() < PAUSES else 0
            self.without += without
            self._clock.move(EVERY * (1 + without))
            if len(self.held) % LOOK_EVERY == 0:
                self.look()
                gc.collect()
            size = sum(file.stat().st_size for file in self._database.iterdir())
            memory = self._process.memory_info().rss >> 20
            self.held.append(Footprint(threading.active_count(), self._process.num_fds(), memory, size))
        return event


@dataclass
class Faults:
    """Plays what goes wrong with a platform in a share of its calls, and counts it."""

    clock: PlayedClock
    dice: random.Random

    def __post_init__(self) -> None:
        self.played: Counter[str] = Counter()
        self.ways: dict[str, Callable[[httpx.Request], httpx.Response]] = {
            "an error of the server": lambda _: status(500),
            "a refusal": lambda _: status(403, error="forbidden"),
            "a page for people": lambda _: html(),
            "too many requests, for an hour": lambda _: status(429, retry_after=3600),
            "too many requests, for a second": lambda _: status(429, retry_after=1),
            "no answer": self._hang,
            "a connection that is cut": self._cut,
        }

    def __call__(self, request: httpx.Request) -> httpx.Response | None:
        """Return a fault in place of an answer, or None."""
        if self.dice.random() >= FAULTS:
            return None
        name = self.dice.choice(list(self.ways))
        self.played[name] += 1
        return self.ways[name](request)

    def _hang(self, request: httpx.Request) -> httpx.Response:
        self.clock.move(HANGS_FOR)
        raise httpx.ReadTimeout("timed out", request=request)

    def _cut(self, request: httpx.Request) -> httpx.Response:
        raise httpx.RemoteProtocolError("peer closed connection without sending complete message body", request=request)


def days_without(was: RunStarted, now: RunStarted) -> int:
    """How many slots lie between two runs that follow each other."""
    return (now.at - was.at) // EVERY - 1


def recorded_gap(started: RunStarted) -> int:
    """How many slots a run says that it makes up for."""
    return 0 if started.missed is msgspec.UNSET else started.missed.count


@pytest.fixture
def database(company: Company) -> Iterator[Path]:
    """The folder of a store in memory: what a disk takes for each commit is not what is tried here."""
    with tempfile.TemporaryDirectory(prefix="annexd-soak-", dir=in_memory()) as name:
        company.write(company.config.read_text("utf-8").replace("evidence.db", f"{name}/evidence.db"))
        yield Path(name)


def soak(company: Company, database: Path, runs: int) -> tuple[App, Days, Faults]:
    """Let a daemon live through so many runs."""
    logging.getLogger("collector").setLevel(logging.CRITICAL)
    company.add('\n[alerts.targets.chat]\ntype = "slack"\nurl = { env = "NOBODY_IS_TOLD" }\n')
    clock, dice = PlayedClock(), random.Random(7)
    faults = Faults(clock, random.Random(21))
    for operation in (SETTINGS, MEMBERS, TICKETS, PROJECTS, REPOS, PROTECTION, HOOKS):
        company.platform.play(operation, faults)
    days = Days(database, clock, dice, runs)
    app = open_app(company.config, clock)
    with Serving(app.config.store.url, clock.now()) as serving:
        daemon = Daemon(lambda: app, app, serving, PlayedSchedule(), WatchedClock(clock))

        def look() -> None:
            daemon._observer.observe()
            assert daemon._watched.watch.figures_failed is None

        days.look = look
        daemon.serve(days)
    return app, days, faults


def unexplained(app: App) -> Iterator[str]:
    """Yield what is missing in the record without a word about why."""
    with app.open_store(writer=False) as store:
        events = list(store.history.events())
    runs = [event for event in events if isinstance(event, RunStarted)]
    ended = {event.run: event for event in events if isinstance(event, RunEnded)}
    left = {event.run: set(event.tasks) for event in events if isinstance(event, TasksPlanned)}
    for event in events:
        if isinstance(event, TaskEnd):
            left[event.run].discard(event.task)
            if not event.is_whole and not event.why:
                yield f"{event.task} of {event.run} ended {event.outcome}, and does not say why"
    for run in runs:
        if run.run not in ended or ended[run.run].stopped is not None:
            yield f"{run.run} did not end"
        if left[run.run]:
            yield f"{run.run} planned {left[run.run]}, and says nothing of it"
    for was, now in pairwise(runs):
        if days_without(was, now) != recorded_gap(now):
            yield f"{now.run} came {now.at - was.at} after the one before, and says {now.missed}"


def a_run_adds(held: list[Footprint]) -> float:
    """How many bytes of the database a run takes, on the average."""
    return (held[-1].database - held[0].database) / (len(held) - 1)


@pytest.mark.parametrize("runs", [pytest.param(12, id="short"), pytest.param(2_000, marks=pytest.mark.deep, id="long")])
def test_soak_nothing_grows_and_every_gap_is_explained(company: Company, database: Path, runs: int) -> None:
    """A leak of one thread a night is an outage in a year, and always at night."""
    app, days, faults = soak(company, database, runs)
    early, late = days.held[runs // 10 : runs // 5], days.held[-runs // 10 :]
    verified = company.run("verify", "--rebuild", "--json")

    assert list(unexplained(app)) == []
    assert verified.code == 0
    assert verified.json["unsigned"] == 0
    assert len(days.held) == runs
    assert faults.played.total() > 0
    assert days.without > 0
    assert max(held.threads for held in late) <= max(held.threads for held in early) + 1
    assert max(held.handles for held in late) <= max(held.handles for held in early) + 2
    if runs > SETTLED:
        assert set(faults.played) == set(faults.ways)
        assert median(held.memory for held in late) <= median(held.memory for held in early) + MEGABYTES
        assert a_run_adds(late) <= 1.2 * a_run_adds(early)
