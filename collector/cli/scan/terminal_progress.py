"""What a run shows of itself on a terminal while it goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from collector.actions.progress import ProgressSummary
from collector.actions.quota_text import quota_line
from collector.core.plain_text import safe, show_age
from collector.core.scopes import show_scope
from collector.core.tasks import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Self, TextIO

    from collector.core.findings import FindingChange
    from collector.core.ports import Store
    from collector.core.tasks import Task
    from collector.engine.collect import Done
    from collector.engine.forecast import Forecast
    from collector.setup.app import App

_FIRST = 10
"""New fails that are shown as they come; the rest is counted, because a screen that runs away is not read."""

_WIDEST = 40
"""Columns for what is being waited for."""


class TerminalProgress:
    """A bar on stderr with what is waited for and the time left, and above it what is found first.

    `last` has the seconds that each task took in the last run, `at_once` is how many run side by side.
    """

    def __init__(
        self,
        stream: TextIO,
        severity: Callable[[str], str],
        last: Mapping[Task, float] | None = None,
        at_once: int = 1,
    ) -> None:
        self.seen = ProgressSummary()
        self._severity = severity
        self._last = last or {}
        self._at_once = at_once
        self._waiting: dict[Task, None] = {}
        self._held = 0
        self._shown = 0
        self._said: set[str] = set()
        console = Console(file=stream, highlight=False, markup=False)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=16, complete_style="default", finished_style="default"),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}", markup=False),
            console=console,
            transient=True,
        )
        self._bar = self._progress.add_task("finding out what there is", total=None, left="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def planned(self, tasks: Sequence[Task]) -> None:
        """Begin to count."""
        self.seen.tasks = len(tasks)
        self._waiting = dict.fromkeys(tasks)
        self._show(total=len(tasks))

    def foretell(self, forecasts: Sequence[Forecast]) -> None:
        """Say which quotas a run will have to wait for, before it starts."""
        for forecast in forecasts:
            if forecast.exceeds:
                self._say(f"quota     {quota_line(forecast)}")

    def finished(self, done: Done) -> None:
        """Move the bar on; what was not seen whole is said at once."""
        self.seen.took(done)
        seen = done.observation
        self._waiting.pop(seen.task, None)
        self._held += done.finished.leaf is None
        self._show(advance=1)
        # One reason often stands behind many tasks, such as an account that cannot be entered.
        if seen.outcome not in {Outcome.COMPLETE, Outcome.SKIPPED, Outcome.NOT_RUN} and seen.why not in self._said:
            self._said.add(seen.why)
            self._say(f"not seen  {seen.reason()}")

    def kept(self, tasks: Sequence[Task]) -> None:
        """Count what was held as on disk."""
        self._held -= len(tasks)
        self._show()

    def judged(self, changes: Sequence[FindingChange]) -> None:
        """Show the first new fails as they come."""
        for change in self.seen.changed(changes):
            if change.now is None:
                continue
            self._shown += 1
            if self._shown <= _FIRST:
                self._say(f"fail  {self._severity(change.id.check):<8}  {change.now.reason}")
            elif self._shown == _FIRST + 1:
                self._say("further fails are counted at the end")

    def seconds_left(self) -> float | None:
        """Estimate by the last run: no less than the longest that is left, no less than all side by side.

        None where nothing that is left was ever run.
        """
        took = [self._last[task] for task in self._waiting if task in self._last]
        return max(*took, sum(took) / self._at_once) if took else None

    def waits_for(self) -> Task | None:
        """Return what is left that took longest the last time, or else the first that is left."""
        return max(self._waiting, key=lambda task: self._last.get(task, 0.0), default=None)

    def _show(self, *, total: float | None = None, advance: float | None = None) -> None:
        task, seconds = self.waits_for(), self.seconds_left()
        what = "judging" if task is None else f"{task.collection} in {show_scope(task.scope)}"
        left = "" if not seconds else f"about {show_age(timedelta(seconds=round(seconds)))} left"
        if self._held:
            left = ", ".join(part for part in (left, f"{self._held} held, not on disk yet") if part)
        described = safe(what)[:_WIDEST].ljust(_WIDEST)
        self._progress.update(self._bar, total=total, advance=advance, description=described, left=left)

    def _say(self, text: str) -> None:
        self._progress.console.print(safe(text), soft_wrap=False, overflow="fold")


def progress_on(stream: TextIO, app: App, store: Store | None = None) -> TerminalProgress | None:
    """Return what shows a run on a terminal; None where the stream is none. A store tells the times of the last."""
    if not stream.isatty():
        return None
    severity = {rule.check.id: rule.check.severity for rule in app.rules()}
    observations = () if store is None else [stored.observation for stored in store.observations()]
    last = {
        observation.task: (observation.ended_at - observation.started_at) / timedelta(seconds=1)
        for observation in observations
    }
    return TerminalProgress(stream, lambda check: severity.get(check, ""), last, app.config.limits.tasks)
