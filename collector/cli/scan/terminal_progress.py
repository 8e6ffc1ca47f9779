"""What a run shows of itself on a terminal while it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from collector.actions.progress import ProgressSummary
from collector.actions.quota_text import quota_line
from collector.core.plain_text import safe
from collector.core.scopes import show_scope
from collector.core.tasks import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self, TextIO

    from collector.core.findings import FindingChange
    from collector.core.tasks import Task
    from collector.engine.collect import Done
    from collector.engine.forecast import Forecast
    from collector.setup.app import App

_FIRST = 10
"""New fails that are shown as they come; the rest is counted, because a screen that runs away is not read."""


class TerminalProgress:
    """A bar on stderr, and above it what is found first."""

    def __init__(self, stream: TextIO, severity: Callable[[str], str]) -> None:
        self.seen = ProgressSummary()
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


def _short(task: Task) -> str:
    return safe(f"{task.collection} in {show_scope(task.scope)}")[:40].ljust(40)


def progress_on(stream: TextIO, app: App) -> TerminalProgress | None:
    """Return what shows a run on a terminal; None where the stream is none, and the log tells of it."""
    if not stream.isatty():
        return None
    severity = {rule.check.id: rule.check.severity for rule in app.rules()}
    return TerminalProgress(stream, lambda check: severity.get(check, ""))
