"""The daemon's loop: one event after the other, with runs beside it; a failed run does not end it."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from queue import Empty
from threading import Thread
from typing import TYPE_CHECKING, assert_never

from collector.actions.scan_report import nothing_was_read
from collector.actions.sealing import seal
from collector.core.errors import AnnexdError
from collector.core.plain_text import one_line
from collector.core.spans import show_span, show_time
from collector.daemon.alerts.desk import Desk
from collector.daemon.due import next_due, verification_due
from collector.daemon.events import End, Ended, Reload, Run, Seal, Verified, Verify
from collector.daemon.running import Configured, Runs, result_of
from collector.daemon.shared_store import SharedStore
from collector.daemon.slots import slots_of
from collector.daemon.verifier import Verifier
from collector.daemon.watching.observer import Observer
from collector.daemon.watching.pulse import Pulse
from collector.daemon.watching.service_manager import ServiceManager
from collector.daemon.watching.traces import traces_of
from collector.daemon.watching.watch import Watch
from collector.report.state.daemon_views import show_waiting
from storage.database.lease import WrittenByAnother
from storage.serving import leaves_waiting

if TYPE_CHECKING:
    from collections.abc import Callable
    from queue import SimpleQueue

    from collector.actions.scan_report import ScanReport
    from collector.daemon.events import Event
    from collector.daemon.schedule import Schedule
    from collector.setup.app import App
    from collector.setup.clock_watch import WatchedClock
    from storage import SqlStore
    from storage.serving import Serving

_logger = logging.getLogger(__name__)

LOOK_EVERY = 60.0
"""Seconds between two checks of the clock while the daemon is idle."""

LOOK_AT_RUNS = 15.0
"""Seconds between two looks at runs that go on."""

LOOK_SOON = 5.0
"""Seconds between two looks at runs that wait for a place."""

BUSY = timedelta(seconds=30)
"""How long to leave the store to another process that writes, before it is tried again."""

_FLUSH = 5.0
"""Seconds for writing what is held back, where runs are left behind at the end."""


@dataclass(frozen=True)
class Watched:
    """Who watches a daemon: what it knows of itself, who hears of its turns, and whether the store is read for that."""

    watch: Watch
    pulse: Pulse
    observes: bool = False


class Daemon:
    """Looks after one store. The right to write is held while runs go on, so that commands can write in between."""

    def __init__(
        self,
        load: Callable[[], App],
        app: App,
        serving: Serving,
        schedule: Schedule,
        clock: WatchedClock,
        *,
        watched: Watched | None = None,
    ) -> None:
        self._load = load
        self._configured = Configured(app, slots_of(app.config.sources))
        self._serving = serving
        self._schedule = schedule
        self._clock = clock
        self._unplanned = False
        self._verifier: Verifier | None = None
        self._store = SharedStore()
        self._runs: Runs | None = None
        self._watched = watched or Watched(Watch(), Pulse(Watch(), ServiceManager({})))
        self.ending = False
        """Whether the daemon is to end: an End is among the events, and no run begins any more."""
        self.left_behind: tuple[str, ...] = ()
        """The sources whose runs had not ended when the time for that was over; their threads go with the process."""

    @property
    def _app(self) -> App:
        return self._configured.app

    @property
    def drain(self) -> timedelta:
        """How long runs have to end after the signal to end."""
        return self._app.config.daemon.drain

    @property
    def runs(self) -> Runs:
        """The runs, from the beginning of `serve` on."""
        if self._runs is None:
            message = "it does not serve yet"
            raise ValueError(message)
        return self._runs

    def serve(self, events: SimpleQueue[Event]) -> None:
        """Handle events until an End. Raises ServedByAnother, and StoreError where the store cannot be opened."""
        self._verifier = verifier = Verifier(events.put)
        watch = self._watched.watch
        self._desk = Desk(lambda: self._app, watch)
        self._observer = Observer(lambda: self._app, watch, self._desk)
        traces = traces_of(self._app.config.daemon.traces, self._clock.now)
        self._runs = Runs(events.put, self._store, self._clock, watch, traces)
        watch.waits = self._runs.waits
        try:
            self._serve(events)
        finally:
            self._observer.end()
            self._desk.end()
            verifier.end()
            traces.end()
            self._watched.pulse.ended()

    def _serve(self, events: SimpleQueue[Event]) -> None:
        self.plan()
        if self._watched.observes:
            self._observer.start()
            self._desk.start()
        pulse = self._watched.pulse
        pulse.ready()
        while True:
            try:
                event = events.get(timeout=pulse.wait(self._longest_sleep()))
            except Empty:
                self._serving.hold(self._clock.now())
            else:
                if isinstance(event, End):
                    self._end(event.why, events)
                    return
                self._handle(event)
            if not self.ending:
                self.runs.start(self._configured)
            self._look_at_the_clock()
            pulse.beat()

    def _longest_sleep(self) -> float:
        if self.runs.queued:
            return LOOK_SOON
        return LOOK_AT_RUNS if self.runs.under_way else LOOK_EVERY

    def _handle(self, event: Run | Ended | Seal | Verify | Verified | Reload) -> None:
        match event:
            case Run(source=name):
                self._turn(name)
            case Ended():
                self._note_end(event)
            case Seal():
                self._guarded("signing", self._seal)
            case Verify():
                self._guarded("the verification could not begin", self._begin_verification)
            case Verified():
                self._guarded("what was verified could not be recorded", partial(self._note_verification, event))
            case Reload():
                self._guarded("the configuration was not read again, and the one before stays", self._reload)
            case _ as unreachable:
                assert_never(unreachable)

    def _turn(self, name: str) -> None:
        """Let a source have its turn, where it has none yet. Raises ServedByAnother."""
        if self.ending or name not in self._app.config.sources:
            return
        self._serving.hold(self._clock.now())
        if not self.runs.begin(name):
            _logger.info("%s: this slot is a part of the run that is under way", name)

    def _note_end(self, event: Ended) -> None:
        """Log how a run ended; one that failed is tried again soon, and its next slot stays."""
        name, failure = event.source, event.failure
        self.runs.ended(name)
        if isinstance(failure, WrittenByAnother):
            _logger.warning("%s: %s; tried again in %s", name, one_line(failure.what), show_span(BUSY))
            self._schedule.again(name, self._clock.now() + BUSY)
        elif isinstance(failure, AnnexdError):
            _logger.error("%s: the run failed: %s", name, one_line(" ".join(failure.lines())))
            self._schedule.again(name, self._clock.now() + BUSY)
        elif event.report is not None:
            _log_report(name, event.report)
        self._watched.watch.ended(name, _result(event))
        self._observer.wake()

    def _end(self, why: str, events: SimpleQueue[Event]) -> None:
        """End the runs after the requests under way, and leave those behind that take longer than they may."""
        self.ending = True
        self._watched.pulse.stopping(why)
        self.runs.stop(why)
        until = time.monotonic() + self.drain.total_seconds()
        while self.runs.under_way and (left := until - time.monotonic()) > 0:
            with suppress(Empty):
                event = events.get(timeout=left)
                if isinstance(event, Ended):
                    self._note_end(event)
        self.left_behind = tuple(run.source for run in self.runs.under_way)
        if self.left_behind:
            for wait in self.runs.waits():
                _logger.warning("not waited for any longer: %s", show_waiting(wait))
            _logger.warning(
                "%s: left after %s; what was recorded stays, and the next start goes on with the rest",
                *(", ".join(self.left_behind), show_span(self.drain)),
            )
            # In a thread of its own: it is perhaps the store that hangs.
            flush = Thread(target=self._guarded, args=("what was held back is lost", self._store.flush), daemon=True)
            flush.start()
            flush.join(_FLUSH)
        _logger.info("%s: ended", why)

    def plan(self) -> None:
        """Give each source its next time, by what is on record."""
        slots = self._configured.slots
        with _opened(self._app) as store:
            due = next_due(store.runs(), slots, self._clock.now())
            planned = self._schedule.plan(due, slots)
            self._watched.watch.planned(planned)
            self._plan_verification(store)
        for name, at in planned.items():
            on = f", going on with run {due[name].resumes}" if due[name].resumes is not None else ""
            when = show_time(at.replace(microsecond=0))
            _logger.info("%s: next run %s, then %s%s", name, when, slots[name], on)

    def _plan_verification(self, store: SqlStore) -> None:
        every = self._app.config.store.verify_every
        if every is None:
            return
        now = self._clock.now()
        at = max(verification_due(store, every, now), now)
        self._schedule.verify(at, every)
        _logger.info("verification: next at %s, then every %s", show_time(at.replace(microsecond=0)), show_span(every))

    def _begin_verification(self) -> None:
        if self._app.config.store.verify_every is None:  # it was switched off while this was waiting
            return
        if self._verifier is not None and not self._verifier.begin(self._app.config.store):
            _logger.warning("verification: the one before is still under way")

    def _note_verification(self, event: Verified) -> None:
        """Log what was found, then record and sign it, so that nobody can make another result of it."""
        found = event.found
        if found is None:
            _logger.error("verification: not done: %s", event.undone)
            return
        if found.wrong is not None:
            _logger.error("verification: failed: %s; nothing was changed", found.wrong)
        else:
            _logger.info(
                "verification: %d log entries, %d checkpoints and %d rows hold; it took %.1f s",
                *(found.leaves, found.checkpoints, found.rows, found.took),
            )
        with self._app.open_store(writer=True, alongside=True) as store:
            store.write([found])
            seal(self._app, store)

    def _seal(self) -> None:
        with self._app.open_store(writer=False) as store, store.reading() as connection:
            waiting = leaves_waiting(connection)
        if not waiting:
            return
        try:
            with self._app.open_store(writer=True, alongside=True) as store:
                seal(self._app, store)
        except WrittenByAnother:
            return  # whoever writes signs at its end, and otherwise the next hour does
        _logger.info("signed %d log entries that no run had signed", waiting)

    def _reload(self) -> None:
        was = self._configured
        self._watched.pulse.reloading()
        try:
            self._take_up(was)
        finally:
            self._watched.pulse.ready()

    def _take_up(self, was: Configured) -> None:
        app = self._load()
        if app.config.store.url != was.app.config.store.url:
            _logger.error("the store is another one now: that takes a new start; the configuration before stays")
            return
        self._configured = Configured(app, slots_of(app.config.sources))
        try:
            self.plan()
        except AnnexdError:
            self._configured = was
            raise
        _logger.info("the configuration was read again")

    def _guarded(self, what: str, act: Callable[[], None]) -> None:
        try:
            act()
        except AnnexdError as error:
            _logger.error("%s: %s", what, one_line(" ".join(error.lines())))  # noqa: TRY400  not a defect

    def _look_at_the_clock(self) -> None:
        _, jump = self._clock.look()
        self._unplanned = self._unplanned or bool(jump)
        if self._unplanned:
            self._guarded("planning", self._plan_anew)

    def _plan_anew(self) -> None:
        self.plan()
        self._unplanned = False


def _opened(app: App) -> SqlStore:
    """Open the store to read what is on record; the first time it is made, or brought up to date."""
    with suppress(WrittenByAnother):  # then it is there
        app.open_store(writer=True).close()
    return app.open_store(writer=False)


def _result(ended: Ended) -> str | None:
    """Return how a run ended, in one of few words; None where there was nothing to do."""
    if ended.failure is not None:
        return None if isinstance(ended.failure, WrittenByAnother) else "failed"
    return None if ended.report is None else result_of(ended.report)


def _log_report(name: str, report: ScanReport) -> None:
    outcomes = ", ".join(f"{count} {word}" for word, count in report.outcomes.items() if count) or "no collections"
    counts = report.verdicts
    verdicts = f"{counts['fail']} fail, {counts['unknown']} unknown, {counts['pass']} pass"
    short = "" if report.stopped is None else f", ended early by {report.stopped}"
    _logger.info("%s: run %s: %s; %s; %d requests%s", name, report.run, outcomes, verdicts, report.requests, short)
    if report.stopped is None and nothing_was_read(report):
        _logger.warning("%s: nothing could be read; annexd doctor says what it lacks", name)
