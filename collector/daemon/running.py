"""The runs of the daemon: sources side by side, each in a thread of its own, up to a limit."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import TYPE_CHECKING

from collector.actions.scan_report import scan_report
from collector.actions.scanning import begin, runner_of
from collector.actions.sealing import seal
from collector.actions.selection import Selection
from collector.core.errors import AnnexdError
from collector.core.plain_text import show_moment
from collector.daemon.due import SERVE, chosen, next_due
from collector.daemon.events import Ended
from collector.daemon.watching.traces import Untraced
from collector.daemon.watching.watch import Watch, WatchedProgress
from collector.engine.gates import Gates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from collector.actions.scan_report import ScanReport
    from collector.daemon.due import Due
    from collector.daemon.shared_store import SharedStore
    from collector.daemon.slots import Slots
    from collector.daemon.watching.traces import RunTrace, Traces
    from collector.engine.run import Runner
    from collector.engine.silence import Waiting
    from collector.setup.app import App
    from collector.setup.clock_watch import WatchedClock
    from storage import SqlStore

_logger = logging.getLogger(__name__)


@dataclass
class RunUnderWay:
    """A run of one source. `runner` is None until it has begun to ask."""

    source: str
    began_at: datetime
    runner: Runner | None = None
    stopped: str | None = None


@dataclass
class Configured:
    """A configuration with what its runs share: the gates of the platforms' quotas, and one beginning at a time."""

    app: App
    slots: Mapping[str, Slots]
    gates: Gates = field(init=False)
    beginning: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.gates = Gates(self.app.sources(), self.app.limits().budgets, self.app.clock)


class Runs:
    """Begins a run for each source whose time has come, and puts an event where the daemon finds it when one has ended.

    A source has one run at a time. A run of which all waits since long for its platform takes no place of the others.
    """

    def __init__(
        self,
        put: Callable[[Ended], None],
        store: SharedStore,
        clock: WatchedClock,
        watch: Watch | None = None,
        traces: Traces | None = None,
    ) -> None:
        self._watch = watch or Watch()
        self._traces = traces or Untraced()
        self._put = put
        self._store = store
        self._clock = clock
        self._under_way: dict[str, RunUnderWay] = {}
        self._waiting: dict[str, None] = {}
        self._stopped: str | None = None

    def begin(self, name: str) -> bool:
        """Let a source have its turn; return False where it has one already, so that this slot is a part of that."""
        if name in self._under_way or name in self._waiting:
            self._watch.coalesced(name)
            return False
        self._waiting[name] = None
        return True

    def start(self, configured: Configured) -> None:
        """Start those that have their turn, up to the limit."""
        most = configured.app.config.daemon.sources
        while self._waiting and self._stopped is None and self.places_taken() < most:
            name = next(iter(self._waiting))
            del self._waiting[name]
            if name not in configured.app.config.sources:  # it was taken out while its turn was waiting
                continue
            run = self._under_way[name] = RunUnderWay(name, self._clock.now())
            Thread(target=self._run, args=(run, configured), name=f"annexd-run-{name}", daemon=True).start()

    def ended(self, name: str) -> None:
        """Note that a run has ended."""
        self._under_way.pop(name, None)

    def stop(self, why: str) -> None:
        """Ask all runs to end after the requests under way, and begin no other."""
        self._stopped = why
        self._waiting.clear()
        for run in list(self._under_way.values()):
            run.stopped = why
            if run.runner is not None:
                run.runner.stop(why)

    @property
    def under_way(self) -> list[RunUnderWay]:
        """The runs that go on now, the oldest first. Safe from any thread."""
        return list(self._under_way.values())

    @property
    def queued(self) -> list[str]:
        """The sources that wait for a place. Safe from any thread."""
        return list(self._waiting)

    def places_taken(self) -> int:
        """Return how many runs count for the limit."""
        return sum(run.runner is None or not run.runner.is_stalled() for run in self._under_way.values())

    def waits(self) -> list[Waiting]:
        """Return what runs wait for since long. Safe from any thread."""
        return [wait for run in self.under_way if run.runner is not None for wait in run.runner.waiting()]

    def _run(self, run: RunUnderWay, configured: Configured) -> None:
        report: ScanReport | None = None
        failure: BaseException | None = None
        try:
            app = configured.app
            app.prove_secrets(app.sources([run.source]))
            with self._store.use(app) as store:
                report = self._look(run, configured, store)
        except AnnexdError as error:
            failure = error
        except Exception as error:
            _logger.exception("%s: a defect ended the run", run.source)
            failure = error
        self._put(Ended(run.source, report, failure))

    def _look(self, run: RunUnderWay, configured: Configured, store: SqlStore) -> ScanReport | None:
        app, name, slots = configured.app, run.source, configured.slots[run.source]
        due = next_due(store.runs(), {name: slots}, self._clock.now())[name]
        if due.at - self._clock.now() > slots.near(due.at):
            # This slot has had its run: the schedule was late, or the clock was set back.
            _logger.info("%s: was looked at in this slot already", name)
            return None
        self._watch.began(name, slots.after(self._clock.now()), 0 if due.missed is None else due.missed.count)
        with self._traces.run(name, app.config.sources[name].connector) as trace:
            report = self._asked(run, configured, store, due, trace)
            if report is not None:
                trace.ended(report.run, result_of(report))
        return report

    def _asked(
        self, run: RunUnderWay, configured: Configured, store: SqlStore, due: Due, trace: RunTrace
    ) -> ScanReport | None:
        app, name = configured.app, run.source
        progress = WatchedProgress(self._watch, trace)
        selected = self._selected(store, name, due)
        runner = runner_of(app, store, selected, progress, gates=configured.gates)
        run.runner = runner
        if run.stopped is not None:
            return None
        with configured.beginning:
            request = begin(app, store, selected, SERVE, missed=due.missed)
        if due.missed is not None:
            _logger.warning(
                "%s: %d slots had no run, from %s to %s; this run makes up for them",
                *(name, due.missed.count, show_moment(due.missed.first), show_moment(due.missed.last)),
            )
        with progress, trace.source():
            summary = runner.run(request)
        with configured.beginning:
            seal(app, store)
        return scan_report(summary, progress.seen, app.sources([name]))

    def _selected(self, store: SqlStore, name: str, due: Due) -> Selection:
        selected = chosen(store, name, due)
        if selected is None:
            _logger.info("%s: nothing is left of run %s; it is looked at anew", name, due.resumes)
            return Selection((name,))
        return selected


def result_of(report: ScanReport) -> str:
    """Return how a run ended that was not cut by an error, in one word."""
    if report.stopped is not None:
        return "stopped"
    whole = {"complete", "skipped"}
    return "complete" if all(word in whole for word, count in report.outcomes.items() if count) else "incomplete"
