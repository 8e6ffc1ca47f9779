"""Who hears what a run tells, and keeps nothing of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.core.findings import FindingChange
    from collector.core.tasks import Task
    from collector.engine.collect import Done


class Silent:
    """Tells nobody anything."""

    def planned(self, tasks: Sequence[Task]) -> None:
        """Ignore it."""

    def finished(self, done: Done) -> None:
        """Ignore it."""

    def kept(self, tasks: Sequence[Task]) -> None:
        """Ignore it."""

    def judged(self, changes: Sequence[FindingChange]) -> None:
        """Ignore it."""
