"""What a run shows of itself while it goes on: a bar on a terminal, one line a task anywhere else."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from collector.app.acting.quota_words import quota_line
from collector.app.output import safe
from collector.core.checks import Status
from collector.core.scopes import show_scope
from collector.core.tasks import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self, TextIO

    from collector.core.findings import FindingChange
    from collector.core.tasks import Observation, Task
    from collector.engine.collect import Done
    from collector.engine.forecast import Forecast

logger = logging.getLogger(__name__)

_FIRST = 10
"""New fails that are shown as they come; the rest is counted, because a screen that runs away is not read."""


_SHOWN = {Outcome.COMPLETE, Outcome.PARTIAL}


class Seen:
    """Keeps of a run what its summary says: the tasks that did not show everything, and what changed.

    `answered` counts the tasks of which the platform gave anything at all: a setting of a whole scope is listed without
    a request, so that an outcome alone does not say it.
    """

    def __init__(self) -> None:
        self.tasks = 0
        self.answered = 0
        self.troubled: list[Observation] = []
        self.lacking: list[Observation] = []
        self.changes: Counter[str] = Counter()

    def took(self, done: Done) -> None:
        """Take in the end of a task."""
        seen = done.observation
        if seen.outcome is not Outcome.COMPLETE:
            self.troubled.append(seen)
        if seen.provenance.unread:
            self.lacking.append(seen)
        statuses = (status for call in seen.provenance.calls for status in call.statuses)
        self.answered += seen.outcome in _SHOWN and any(status.startswith(("2", "3")) for status in statuses)

    def changed(self, changes: Sequence[FindingChange]) -> list[FindingChange]:
        """Count changes, and return those that are new fails."""
        fails = []
        for change in changes:
            if change.now is None:
                self.changes["ended"] += 1
            elif change.was is not change.now.status:
                self.changes[f"new_{change.now.status.value}"] += 1
                if change.now.status is Status.FAIL:
                    fails.append(change)
        return fails


class LoggedProgress:
    """One line a task in the log."""

    def __init__(self) -> None:
        self.seen = Seen()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """There is nothing to put away."""

    def planned(self, tasks: Sequence[Task]) -> None:
        """All tasks of the run are known."""
        self.seen.tasks = len(tasks)
        logger.info("planned %d tasks", len(tasks))

    def foretell(self, forecasts: Sequence[Forecast]) -> None:
        """Log which quotas a run will have to wait for, before it starts."""
        for one in forecasts:
            if one.exceeds:
                logger.warning("%s", quota_line(one))

    def finished(self, done: Done) -> None:
        """Log the end of a task."""
        self.seen.took(done)
        logger.info("%s", task_line(done))

    def judged(self, changes: Sequence[FindingChange]) -> None:
        """Log new fails."""
        for change in self.seen.changed(changes):
            if change.now is not None:
                logger.info("new fail: %s: %s", change.id, change.now.reason)


class TerminalProgress:
    """A bar on stderr, and above it what is found first."""

    def __init__(self, stream: TextIO, severity: Callable[[str], str]) -> None:
        self.seen = Seen()
        self._severity = severity
        self._shown = 0
        self._said: set[str] = set()
        console = Console(file=stream, highlight=False, markup=False)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24, complete_style="default", finished_style="default"),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._bar = self._progress.add_task("finding out what there is", total=None)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def planned(self, tasks: Sequence[Task]) -> None:
        """Begin to count."""
        self.seen.tasks = len(tasks)
        self._progress.update(self._bar, total=len(tasks), description="looking")

    def foretell(self, forecasts: Sequence[Forecast]) -> None:
        """Say which quotas a run will have to wait for, before it starts."""
        for one in forecasts:
            if one.exceeds:
                self._say(f"quota     {quota_line(one)}")

    def finished(self, done: Done) -> None:
        """Move the bar on; what was not seen whole is said at once."""
        self.seen.took(done)
        seen = done.observation
        self._progress.update(self._bar, advance=1, description=_short(seen.task))
        # One reason often stands behind many tasks, such as an account that cannot be entered.
        if seen.outcome not in {Outcome.COMPLETE, Outcome.SKIPPED, Outcome.NOT_RUN} and seen.why not in self._said:
            self._said.add(seen.why)
            self._say(f"not seen  {seen.reason()}")

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

    def _say(self, text: str) -> None:
        self._progress.console.print(safe(text), soft_wrap=False, overflow="fold")


def task_line(done: Done) -> str:
    """Say in one line how a task ended."""
    seen, finished = done.observation, done.finished
    seconds = (seen.ended_at - seen.started_at).total_seconds()
    counts = f"{seen.listed} listed, {finished.appeared} new, {finished.changed} changed, {finished.gone} gone"
    why = f": {seen.why}" + (f" (needs {seen.needs})" if seen.needs else "") if seen.why else ""
    return f"{seen.task}: {seen.outcome.value}, {counts}, {seen.provenance.requests} requests, {seconds:.1f} s{why}"


def _short(task: Task) -> str:
    return safe(f"{task.collection} in {show_scope(task.scope)}")[:40].ljust(40)
