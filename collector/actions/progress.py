"""Progress of a run: one line for each task in the log, unless another display is used."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Protocol

from collector.actions.quota_text import quota_line
from collector.core.checks import Status
from collector.core.plain_text import plural
from collector.core.tasks import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from collector.core.findings import FindingChange
    from collector.core.tasks import Observation, Task
    from collector.engine.collect import Done
    from collector.engine.forecast import Forecast

logger = logging.getLogger(__name__)


class ProgressSummary:
    """Collects what the summary of a run needs: incomplete tasks, and changes of findings.

    `answered` counts the tasks of which the platform gave anything at all, which an outcome alone does not say.
    """

    def __init__(self) -> None:
        self.tasks = 0
        self.answered = 0
        self.incomplete: list[Observation] = []
        self.with_unread_parts: list[Observation] = []
        self.changes: Counter[str] = Counter()

    def took(self, done: Done) -> None:
        """Take in the end of a task."""
        seen = done.observation
        if seen.outcome is not Outcome.COMPLETE:
            self.incomplete.append(seen)
        if seen.provenance.unread:
            self.with_unread_parts.append(seen)
        self.answered += done.answered

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


class Progress(Protocol):
    """The display of a run. It is entered before the first request and left after the last."""

    seen: ProgressSummary

    def __enter__(self) -> Self:
        """Begin to show."""
        ...

    def __exit__(self, *_: object) -> None:
        """Put away what was shown."""
        ...

    def planned(self, tasks: Sequence[Task]) -> None:
        """All tasks of the run are known."""
        ...

    def foretell(self, forecasts: Sequence[Forecast]) -> None:
        """Which quotas a run will have to wait for is known."""
        ...

    def finished(self, done: Done) -> None:
        """A task has ended; it may be held back."""
        ...

    def kept(self, tasks: Sequence[Task]) -> None:
        """Tasks that were held back are on disk."""
        ...

    def judged(self, changes: Sequence[FindingChange]) -> None:
        """Findings have changed."""
        ...


class LoggedProgress:
    """One line a task in the log."""

    def __init__(self) -> None:
        self.seen = ProgressSummary()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def planned(self, tasks: Sequence[Task]) -> None:
        """All tasks of the run are known."""
        self.seen.tasks = len(tasks)
        logger.info("planned %d collections", len(tasks))

    def foretell(self, forecasts: Sequence[Forecast]) -> None:
        """Log which quotas a run will have to wait for, before it starts."""
        for forecast in forecasts:
            if forecast.exceeds:
                logger.warning("%s", quota_line(forecast))

    def finished(self, done: Done) -> None:
        """Log the end of a task."""
        self.seen.took(done)
        logger.info("%s", task_line(done))

    def kept(self, tasks: Sequence[Task]) -> None:
        """Log that what was held is on disk."""
        logger.info("on disk now: %s", plural(len(tasks), "collection that was held", "collections that were held"))

    def judged(self, changes: Sequence[FindingChange]) -> None:
        """Log new fails."""
        for change in self.seen.changed(changes):
            if change.now is not None:
                logger.info("new fail: %s: %s", change.id, change.now.reason)


def task_line(done: Done) -> str:
    """Say in one line how a task ended, and whether it is held: only what is not said to be held is on disk."""
    seen, finished = done.observation, done.finished
    seconds = (seen.ended_at - seen.started_at).total_seconds()
    counts = f"{seen.listed} listed, {finished.appeared} new, {finished.changed} changed, {finished.gone} gone"
    why = f": {seen.why}" + (f" (needs {seen.permissions})" if seen.permissions else "") if seen.why else ""
    held = " (held, not on disk yet)" if finished.leaf is None else ""
    return f"{seen.task}: {seen.ended_as}{held}, {counts}, {seen.provenance.requests} requests, {seconds:.1f} s{why}"
