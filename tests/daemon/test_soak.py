"""Months of a daemon in minutes: runs over a platform with faults, and nothing that grows but the log."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from datetime import timedelta

import httpx
import psutil
import pytest

from collector.daemon.daemon import Daemon
from collector.daemon.events import End, Event, Run
from collector.setup.app import open_app
from collector.setup.clock_watch import WatchedClock
from storage.serving import Serving
from tests.daemon.test_daemon import MovedClock, PlayedSchedule, Steps
from tests.played.company import Company
from tests.played.platform import HOOKS, MEMBERS, PROJECTS, PROTECTION, REPOS, SETTINGS, TICKETS, html, status

FAULTS = 0.02
"""The share of calls that go wrong."""

SETTLED = 40
"""Runs after which everything that is loaded once is loaded."""


class SlowSteps(Steps):
    """A run a day; what the process holds is noted after each."""

    def __init__(self, clock: MovedClock, runs: int) -> None:
        super().__init__(*[Run("acme") for _ in range(runs)], End("SIGTERM"))
        self.noted: list[tuple[int, int, int]] = []
        self._clock = clock
        self._process = psutil.Process()

    def get(self, block: bool = True, timeout: float | None = None) -> Event:  # noqa: FBT002  as a queue has it
        """Return the next step, a day later than the one before."""
        event = super().get(block, timeout)
        if isinstance(event, Run):
            self._clock.moved += timedelta(days=1)
            held = self._process.memory_info().rss >> 20
            self.noted.append((threading.active_count(), self._process.num_fds(), held))
        return event


@pytest.mark.parametrize("runs", [pytest.param(400, marks=pytest.mark.deep, id="long")])
def test_soak_nothing_grows_and_every_run_is_accounted_for(company: Company, runs: int) -> None:
    """A leak of one thread a night is an outage in a year, and always at night."""
    logging.getLogger("collector").setLevel(logging.CRITICAL)
    dice = random.Random(20)
    faults: list[Callable[[], httpx.Response]] = [
        lambda: status(500),
        lambda: status(403, error="forbidden"),
        html,
        lambda: status(429, retry_after=1),
    ]

    def play(_request: httpx.Request) -> httpx.Response | None:
        return dice.choice(faults)() if dice.random() < FAULTS else None

    for operation in (SETTINGS, MEMBERS, TICKETS, PROJECTS, REPOS, PROTECTION, HOOKS):
        company.platform.play(operation, play)
    clock = MovedClock()
    steps = SlowSteps(clock, runs)
    app = open_app(company.config, clock)
    with Serving(app.config.store.url, clock.now()) as serving:
        Daemon(lambda: app, app, serving, PlayedSchedule(), WatchedClock(clock)).serve(steps)

    with app.open_store(writer=False) as store:
        ended = [end for _, end in store.runs()]
    early, late = steps.noted[SETTLED], steps.noted[-1]
    assert len(ended) == runs
    assert all(end is not None and end.stopped is None for end in ended)
    assert late[0] <= early[0] + 2  # threads
    assert late[1] <= early[1] + 4  # handles
    assert late[2] <= early[2] + 40  # MB
    assert company.run("verify", "--rebuild").code == 0
