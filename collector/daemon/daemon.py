"""The daemon's loop: one event after the other; a failed run does not end it."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import timedelta
from functools import partial
from queue import Empty
from typing import TYPE_CHECKING, assert_never

from collector.actions.scan_report import nothing_was_read, scan_report
from collector.actions.scanning import run
from collector.actions.sealing import seal
from collector.actions.selection import Selection
from collector.core.errors import AnnexdError
from collector.core.plain_text import one_line
from collector.core.spans import show_span, show_time
from collector.daemon.due import SERVE, chosen, next_due, verification_due
from collector.daemon.events import End, Reload, Run, Seal, Verified, Verify
from collector.daemon.verifier import Verifier
from storage.database.lease import WrittenByAnother
from storage.serving import ServedByAnother, leaves_waiting

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

BUSY = timedelta(seconds=30)
"""How long to leave the store to another process that writes, before it is tried again."""


class Daemon:
    """Looks after one store. The right to write is held for a run only, so that commands can write in between."""

    def __init__(
        self, load: Callable[[], App], app: App, serving: Serving, schedule: Schedule, clock: WatchedClock
    ) -> None:
        self._load = load
        self._app = app
        self._serving = serving
        self._schedule = schedule
        self._clock = clock
        self._unplanned = False
        self._verifier: Verifier | None = None
        self.ending = False
        """Whether the daemon is to end: an End is among the events, and no run begins any more."""

    def serve(self, events: SimpleQueue[Event]) -> None:
        """Handle events until an End. Raises ServedByAnother, and StoreError where the store cannot be opened."""
        self._verifier = verifier = Verifier(events.put)
        try:
            self._serve(events)
        finally:
            verifier.end()

    def _serve(self, events: SimpleQueue[Event]) -> None:
        self.plan()
        while True:
            try:
                event = events.get(timeout=LOOK_EVERY)
            except Empty:
                self._look_at_the_clock()
                continue
            match event:
                case Run(source=name):
                    if self._run(name):
                        return
                case Seal():
                    self._guarded("signing", self._seal)
                case Verify():
                    self._guarded("the verification could not begin", self._begin_verification)
                case Verified():
                    self._guarded("what was verified could not be recorded", partial(self._note_verification, event))
                case Reload():
                    self._guarded("the configuration was not read again, and the one before stays", self._reload)
                case End(why=why):
                    _logger.info("%s: ended", why)
                    return
                case _ as unreachable:
                    assert_never(unreachable)
            self._look_at_the_clock()

    def plan(self) -> None:
        """Give each source its next time, by what is on record."""
        every = {name: source.every for name, source in self._app.config.sources.items()}
        with _opened(self._app) as store:
            due = next_due(store.runs(), every, self._clock.now())
            planned = self._schedule.plan(due, every)
            self._plan_verification(store)
        for name, at in planned.items():
            on = f", going on with run {due[name].resumes}" if due[name].resumes is not None else ""
            when = show_time(at.replace(microsecond=0))
            _logger.info("%s: next run %s, then every %s%s", name, when, show_span(every[name]), on)

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
        with self._app.open_store(writer=True, wait=BUSY) as store:
            store.write([found])
            seal(self._app, store)

    def _run(self, name: str) -> bool:
        """Look at a source; return whether the run was ended by a signal, and the daemon is to end with it."""
        app = self._app
        if name not in app.config.sources:  # it was taken out while its turn was waiting
            return False
        try:
            self._serving.hold(self._clock.now())
            app.prove_secrets(app.sources([name]))
            with app.open_store(writer=True) as store:
                report = self._look(app, store, name)
        except ServedByAnother:
            raise
        except WrittenByAnother as error:
            _logger.warning("%s: %s; tried again in %s", name, one_line(error.what), show_span(BUSY))
            self._schedule.again(name, self._clock.now() + BUSY)
            return False
        except AnnexdError as error:
            _logger.error("%s: the run failed: %s", name, one_line(" ".join(error.lines())))  # noqa: TRY400  not a defect
            # A run that was cut short is continued soon; its next slot stays.
            self._schedule.again(name, self._clock.now() + BUSY)
            return False
        return report is not None and report.stopped is not None

    def _look(self, app: App, store: SqlStore, name: str) -> ScanReport | None:
        every, now = app.config.sources[name].every, self._clock.now()
        due = next_due(store.runs(), {name: every}, now)[name]
        if due.at - now > every / 2:
            # This slot has had its run: the schedule was late, or the clock was set back.
            _logger.info("%s: was looked at in this slot already", name)
            return None
        if self.ending:
            return None
        selected = chosen(store, name, due)
        if selected is None:
            _logger.info("%s: nothing is left of run %s; it is looked at anew", name, due.resumes)
            selected = Selection((name,))
        summary, seen = run(app, store, selected, SERVE)
        report = scan_report(summary, seen, app.sources([name]))
        _log_report(name, report)
        return report

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
        was = self._app
        self._app = self._load()
        try:
            self._replan(was)
        except AnnexdError:
            self._app = was
            raise

    def _replan(self, was: App) -> None:
        if self._app.config.store.url != was.config.store.url:
            self._app = was
            _logger.error("the store is another one now: that takes a new start; the configuration before stays")
            return
        self.plan()
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


def _log_report(name: str, report: ScanReport) -> None:
    outcomes = ", ".join(f"{count} {word}" for word, count in report.outcomes.items() if count) or "no collections"
    counts = report.verdicts
    verdicts = f"{counts['fail']} fail, {counts['unknown']} unknown, {counts['pass']} pass"
    short = "" if report.stopped is None else f", ended early by {report.stopped}"
    _logger.info("%s: run %s: %s; %s; %d requests%s", name, report.run, outcomes, verdicts, report.requests, short)
    if report.stopped is None and nothing_was_read(report):
        _logger.warning("%s: nothing could be read; annexd doctor says what it lacks", name)
