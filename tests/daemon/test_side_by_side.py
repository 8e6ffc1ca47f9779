"""Sources are looked at side by side: one that hangs costs only itself, and no end of the daemon."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from datetime import timedelta
from queue import SimpleQueue

import httpx
import pytest

from collector.core.facts import MissedSlots
from collector.daemon.daemon import Daemon
from collector.daemon.events import End, Ended, Event, Reload, Run
from collector.engine import silence
from collector.setup.app import open_app
from collector.setup.clock_watch import WatchedClock
from storage.database.writer import Writer
from storage.serving import Serving
from tests.daemon.test_daemon import MovedClock, PlayedSchedule, Served, clock, served, triggers
from tests.played import plugged
from tests.played.company import PLAYED, Company
from tests.played.platform import MEMBERS, SETTINGS, TICKETS, Platform

__all__ = ["clock", "served"]

DAEMON = '\n[daemon]\nsources = {}\ndrain = "1s"\n'
HUNG = 20.0
"""Seconds after which a platform that was forgotten answers all the same, so that a failing test ends."""


class Hanging:
    """A platform that accepts a call and does not answer it until it is let go."""

    def __init__(self, platform: Platform, operation: str = MEMBERS) -> None:
        self.asked = threading.Event()
        self.let_go = threading.Event()
        platform.play(operation, self._answer)

    def _answer(self, _request: httpx.Request) -> None:
        self.asked.set()
        self.let_go.wait(HUNG)


class Script(SimpleQueue[Event]):
    """The events of a daemon: what a test puts, and what it puts next after each end of a run."""

    def __init__(self, daemon: list[Daemon]) -> None:
        super().__init__()
        self.ended: list[str] = []
        self.after: dict[str, list[Event]] = {}
        self._daemon = daemon

    def get(self, block: bool = True, timeout: float | None = None) -> Event:  # noqa: FBT002  as a queue has it
        """Return the next event, and look at runs that wait for a place more often than the daemon would."""
        event = super().get(block, None if timeout is None else min(timeout, 0.1 if timeout > 1 else timeout))
        if isinstance(event, Ended):
            self.ended.append(event.source)
            for following in self.after.pop(event.source, []):
                self.put(following)
        return event


@pytest.fixture
def other(company: Company, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """A second source, on a platform of its own."""
    platform = Platform()
    monkeypatch.setitem(plugged.PLATFORMS, "other", platform)
    source = PLAYED.partition("\n\n")[2].replace("sources.acme", "sources.other")
    company.add("\n" + source.replace('platform = "acme"', 'platform = "other"'))
    return platform


@pytest.fixture
def hanging(company: Company) -> Iterator[Hanging]:
    """The first source hangs, until the test is over."""
    platform = Hanging(company.platform)
    yield platform
    platform.let_go.set()


def serve(company: Company, script: Script, daemons: list[Daemon]) -> PlayedSchedule:
    """Let a daemon do what the script says, until an End is among it."""
    logging.getLogger("collector").propagate = True
    schedule, moved = PlayedSchedule(), MovedClock()
    app = open_app(company.config)
    with Serving(app.config.store.url, moved.now()) as serving:
        daemon = Daemon(lambda: open_app(company.config), app, serving, schedule, WatchedClock(moved))
        daemons.append(daemon)
        daemon.serve(script)
    return schedule


def test_a_source_that_hangs_costs_only_itself_and_no_end_of_the_daemon(
    company: Company, other: Platform, hanging: Hanging
) -> None:
    """The good one keeps its schedule, and a service manager gets its end within the time that was set."""
    company.add(DAEMON.format(4))
    daemons: list[Daemon] = []
    script = Script(daemons)
    # Slots are backed up behind the one that hangs; the other one is looked at meanwhile, and then the signal comes.
    for event in (Run("acme"), Run("acme"), Run("other"), Run("acme")):
        script.put(event)
    script.after["other"] = [Run("acme"), End("SIGTERM")]
    schedule = serve(company, script, daemons)

    assert hanging.asked.is_set()
    assert other.served[MEMBERS] > 0
    assert script.ended == ["other"]
    assert daemons[0].left_behind == ("acme",)
    assert schedule.retries == []
    with open_app(company.config).open_store(writer=False) as store:
        ends = [(begun.sources[0].source, end is not None) for begun, end in store.runs()]
    assert sorted(ends) == [("acme", False), ("other", True)]
    assert company.run("verify", "--json").json["unsigned"] is not None


def test_a_run_of_which_all_waits_takes_no_place(
    company: Company, other: Platform, hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one place, the source behind the one that hangs has its turn all the same."""
    monkeypatch.setattr(silence, "NOTICED", 0.2)
    company.add(DAEMON.format(1) + "[limits]\ntasks = 1\n")
    daemons: list[Daemon] = []
    script = Script(daemons)
    script.put(Run("acme"))
    script.put(Run("other"))
    script.after["other"] = [End("SIGTERM")]
    serve(company, script, daemons)

    assert hanging.asked.is_set()
    assert other.served[SETTINGS] > 0
    assert script.ended == ["other"]


def test_what_is_waited_for_is_said_with_source_call_and_times(
    company: Company, hanging: Hanging, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever looks at three in the morning reads which platform it is, and how long it can still take."""
    monkeypatch.setattr(silence, "NOTICED", 0.2)
    company.add(DAEMON.format(1))
    daemons: list[Daemon] = []
    script = Script(daemons)
    script.put(Run("acme"))
    waits = []

    def look() -> None:
        hanging.asked.wait(HUNG)
        threading.Event().wait(0.5)
        waits.extend(daemons[0].runs.waits())
        script.put(End("SIGTERM"))

    threading.Thread(target=look).start()
    serve(company, script, daemons)

    (wait,) = waits
    assert (wait.source, wait.call, wait.tasks) == ("acme", MEMBERS, 1)
    assert timedelta(minutes=20) < wait.until - wait.since <= timedelta(minutes=30)
    assert f"acme: an answer to {MEMBERS}" in caplog.text


def test_the_configuration_is_read_again_while_a_source_hangs(
    company: Company, other: Platform, hanging: Hanging
) -> None:
    """A signal waits for nobody's platform."""
    del other
    company.add(DAEMON.format(2))
    daemons: list[Daemon] = []
    script = Script(daemons)
    script.put(Run("acme"))

    def change() -> None:
        hanging.asked.wait(HUNG)
        company.write(company.config.read_text().replace("[sources.other]", '[sources.other]\nevery = "2h"'))
        script.put(Reload())
        script.put(End("SIGTERM"))

    threading.Thread(target=change).start()
    schedule = serve(company, script, daemons)

    assert [str(slots["other"]) for slots in schedule.slots] == ["every 1d", "every 2h"]
    assert script.ended == []


def test_slots_that_had_no_run_are_recorded_with_the_run_that_makes_up_for_them(
    company: Company, served: Served, clock: MovedClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Three days of downtime are one run, and an auditor reads in the log that there were three."""
    served(Run("acme"))
    clock.moved = timedelta(days=3, hours=1)
    served(Run("acme"))

    with open_app(company.config).open_store(writer=False) as store:
        (late, _), (first, _) = store.runs()
    assert isinstance(late.missed, MissedSlots)
    assert late.missed.count == 2
    assert late.missed.first - first.at == timedelta(days=1)
    assert late.missed.last - first.at == timedelta(days=2)
    assert "makes up for 2 missed slots" in company.run("log").out
    assert "2 slots had no run" in caplog.text


def test_a_store_that_was_lost_is_opened_anew_for_the_next_run(
    company: Company, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk ends the runs of that moment, and no run after it."""

    def broken(_request: httpx.Request) -> None:
        patched = Writer.transaction

        def refuse(self: Writer) -> object:
            self._broken = "the disk is full"
            monkeypatch.setattr(Writer, "transaction", patched)
            return patched(self)

        monkeypatch.setattr(Writer, "transaction", refuse)
        company.platform.calm()

    company.platform.play(TICKETS, broken)
    schedule = served(Run("acme"), Run("acme"))

    assert schedule.retries == ["acme"]
    assert triggers(company) == ["serve", "serve"]
