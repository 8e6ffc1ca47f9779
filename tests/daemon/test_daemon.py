"""The daemon, told what to do by a played schedule: it does one thing after the other and survives what fails."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from queue import SimpleQueue

import httpx
import pytest

from collector.cli.scan.serve_command import signals_as_events
from collector.core.errors import StoreError
from collector.core.facts import OperatorAct
from collector.daemon.daemon import Daemon
from collector.daemon.due import Due
from collector.daemon.events import End, Ended, Event, Reload, Run, Seal
from collector.daemon.slots import Interval, Slots
from collector.engine.clock import SystemClock
from collector.setup.app import open_app
from collector.setup.clock_watch import WatchedClock
from storage.serving import ServedByAnother, Serving
from tests.played.company import PLAYED, Company
from tests.played.platform import MEMBERS, PROJECTS, SETTINGS, TICKETS

END = End("SIGTERM")
OTHER = PLAYED.partition("\n\n")[2].replace("sources.acme", "sources.other")


class PlayedSchedule:
    """Notes what it is asked, and lets nothing happen by itself."""

    def __init__(self) -> None:
        self.due: list[Mapping[str, Due]] = []
        self.slots: list[Mapping[str, Slots]] = []
        self.retries: list[str] = []
        self.verifications: list[tuple[datetime, timedelta]] = []

    def plan(self, due: Mapping[str, Due], slots: Mapping[str, Slots]) -> dict[str, datetime]:
        """Note what is due."""
        self.due.append(due)
        self.slots.append(slots)
        return {name: source_due.at for name, source_due in due.items()}

    def verify(self, at: datetime, every: timedelta) -> None:
        """Note when the store is to be verified."""
        self.verifications.append((at, every))

    def again(self, name: str, at: datetime) -> None:
        """Note who is to be tried again."""
        del at
        self.retries.append(name)


class MovedClock(SystemClock):
    """The machine's clock, and what a test adds to it."""

    moved = timedelta(0)

    def now(self) -> datetime:
        """The moment, as somebody has set it."""
        return super().now() + self.moved


class Steps(SimpleQueue[Event]):
    """The events of a daemon: what a test tells it to do, one thing after the other, and what comes of it."""

    def __init__(self, *steps: Event) -> None:
        super().__init__()
        self._steps = list(steps)
        self._running = 0

    def get(self, block: bool = True, timeout: float | None = None) -> Event:  # noqa: FBT002  as a queue has it
        """Return the next step once the run before it has ended; an end in the middle of a run is put by the test."""
        if self._steps and not self._running and self.empty():
            step = self._steps.pop(0)
            self._running += isinstance(step, Run)
            return step
        event = super().get(block, timeout)
        self._running -= isinstance(event, Ended)
        return event


Served = Callable[..., PlayedSchedule]


@pytest.fixture
def clock() -> MovedClock:
    """A clock that can be set."""
    return MovedClock()


@pytest.fixture
def served(company: Company, clock: MovedClock, caplog: pytest.LogCaptureFixture) -> Served:
    """Return what lets a daemon do these things and then end."""

    def serve(*events_to_do: Event) -> PlayedSchedule:
        # A command that was given before has turned the log to its own stderr.
        logging.getLogger("collector").propagate = True
        caplog.set_level(logging.INFO, "collector")
        schedule = PlayedSchedule()
        events = Steps(*events_to_do, END)
        app = open_app(company.config)
        with Serving(app.config.store.url, clock.now()) as serving:
            daemon = Daemon(lambda: open_app(company.config), app, serving, schedule, WatchedClock(clock))
            with signals_as_events(daemon, events):
                daemon.serve(events)
        return schedule

    return serve


def triggers(company: Company) -> list[str]:
    """What began each run, the newest first."""
    with open_app(company.config).open_store(writer=False) as store:
        return [started.trigger for started, _ in store.runs()]


def test_a_run_is_kept_signed_and_told_in_a_line(
    company: Company, served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    """That line is what somebody looks for in the morning."""
    served(Run("acme"))

    assert triggers(company) == ["serve"]
    assert "6 complete" in caplog.text
    assert company.run("verify", "--json").json["unsigned"] == 0


def test_a_slot_has_one_run_however_often_it_is_called(company: Company, served: Served) -> None:
    """A schedule that fell behind calls twice for the same thing."""
    served(Run("acme"), Run("acme"))
    again = served(Run("acme"))

    assert triggers(company) == ["serve"]
    assert again.due[0]["acme"].at > datetime.now(again.due[0]["acme"].at.tzinfo) + timedelta(hours=23)


def test_each_source_has_its_own_run_and_its_own_interval(company: Company, served: Served) -> None:
    """One platform is cheap to ask, another is not."""
    company.add(f'\n{OTHER}every = "1h"\n')
    schedule = served(Run("acme"), Run("other"))

    assert schedule.slots[0] == {"acme": Interval(timedelta(days=1)), "other": Interval(timedelta(hours=1))}
    assert triggers(company) == ["serve", "serve"]


def test_a_failed_run_is_logged_and_the_next_one_works(
    company: Company, served: Served, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token that is missing at night must not be the end of all other sources."""
    company.add(f'\n{OTHER}token = {{ env = "ACME_TOKEN" }}\n')
    monkeypatch.delenv("ACME_TOKEN", raising=False)
    served(Run("other"), Run("acme"))

    (failure,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert failure.args is not None
    assert "other" in failure.args
    assert "ACME_TOKEN" in failure.getMessage()
    assert triggers(company) == ["serve"]


def test_a_platform_that_gives_nothing_is_said(
    company: Company, served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    """A run of refusals alone must not look like a quiet night."""
    for operation in (TICKETS, MEMBERS, SETTINGS, PROJECTS):
        company.platform.deny(operation)
    served(Run("acme"))

    assert [record.args for record in caplog.records if record.levelno == logging.WARNING][-1:] == [("acme",)]


def test_a_store_that_is_written_by_a_command_is_left_to_it_for_a_while(
    company: Company, served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever files a record at that moment is not thrown out, and the run is not lost."""
    company.run("scan")
    with open_app(company.config).open_store(writer=True):
        schedule = served(Run("acme"))

    assert schedule.retries == ["acme"]
    assert str(os.getpid()) in caplog.text
    assert triggers(company) == ["scan"]


def test_commands_can_write_while_the_daemon_waits(company: Company) -> None:
    """The right to write is held for a run only."""
    app = open_app(company.config)

    with Serving(app.config.store.url, SystemClock().now()):
        assert company.run("scan", "--wait", "0s").code == 0


def test_the_configuration_is_read_again_when_asked_to(company: Company, served: Served) -> None:
    """A new source needs no new process."""
    served_by_hand: list[PlayedSchedule] = []

    def change(_request: httpx.Request) -> None:
        company.write(f"{PLAYED}\n{OTHER}")

    company.platform.play(SETTINGS, change)
    served_by_hand.append(served(Run("acme"), Reload(), Run("other")))

    assert [sorted(due) for due in served_by_hand[0].due] == [["acme"], ["acme", "other"]]
    assert triggers(company) == ["serve", "serve"]


def test_a_configuration_that_cannot_be_taken_leaves_the_one_before(
    company: Company, served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    """A slip of the editor must not stop what ran for months."""

    def spoil(_request: httpx.Request) -> None:
        company.add("\n[storr]\n")

    company.platform.play(SETTINGS, spoil)
    schedule = served(Run("acme"), Reload(), Run("acme"))

    assert len(schedule.due) == 1
    (refusal,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "storr" in refusal.getMessage()


def test_what_no_run_signed_is_signed_within_the_hour(company: Company, served: Served) -> None:
    """A record that was filed by hand waits for no scan."""
    company.run("scan")
    app = open_app(company.config)
    with app.open_store(writer=True) as store:
        store.write([OperatorAct(at=SystemClock().now(), by="ann", host="h", act="looked", about={})])
    waiting = company.run("verify", "--json").json["unsigned"]

    served(Seal())
    head = company.run("key", "--json").json["checkpoint"]
    served(Seal())

    assert waiting == 1
    assert company.run("verify", "--json").json["unsigned"] == 0
    assert company.run("key", "--json").json["checkpoint"] == head


def test_a_signal_during_a_run_ends_the_run_and_the_daemon(company: Company, served: Served) -> None:
    """What was finished is kept, and the next start goes on with the rest."""
    company.add("[limits]\ntasks = 1\n")
    signals = [signal.SIGTERM]
    # At the first of them, whichever it is: at the last one nothing would be left to go on with.
    for operation in (SETTINGS, MEMBERS, TICKETS):
        company.platform.play(operation, lambda _request: os.kill(os.getpid(), signals.pop()) if signals else None)
    served(Run("acme"), Reload())
    company.platform.calm()
    company.platform.served.clear()
    resumed = served(Run("acme"))

    assert resumed.due[0]["acme"].resumes is not None
    with open_app(company.config).open_store(writer=False) as store:
        outcomes = {seen.observation.outcome.value for seen in store.observations()}
    assert outcomes == {"complete"}
    assert triggers(company) == ["serve", "serve"]


def test_a_clock_that_jumps_is_said_and_everything_is_planned_anew(
    company: Company, served: Served, clock: MovedClock, caplog: pytest.LogCaptureFixture
) -> None:
    """A machine that was ten years ahead would otherwise wait for ten years."""

    def jump(_request: httpx.Request) -> None:
        clock.moved = timedelta(days=3650)

    company.platform.play(SETTINGS, jump)
    schedule = served(Run("acme"))

    assert "clock_anomaly" in caplog.text
    assert len(schedule.due) == 2


def test_a_second_daemon_learns_who_serves(company: Company) -> None:
    """Two daemons would ask the platforms twice, and wait for each other."""
    app = open_app(company.config)
    with Serving(app.config.store.url, SystemClock().now()):
        second = company.run("serve")

    assert second.code == 5
    assert str(os.getpid()) in second.err
    assert os.uname().nodename in second.err
    assert "--wait" in second.err


def test_a_daemon_that_another_one_replaced_ends(company: Company, served: Served) -> None:
    """A session that was cut may have let somebody else in."""

    def taken(self: Serving, at: datetime) -> None:
        del self, at
        raise ServedByAnother("served by process 7 on elsewhere")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Serving, "hold", taken)
        with pytest.raises(StoreError, match="process 7 on elsewhere"):
            served(Run("acme"))

    assert triggers(company) == []
