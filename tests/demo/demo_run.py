"""One run of the demo, as the tests read it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from collector.setup.app import open_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collector.demo.views import DemoShape
    from storage import SqlStore


@dataclass(frozen=True)
class DemoRun:
    """Where it was run, what it said, and whether it left the environment as it was."""

    folder: Path
    shape: DemoShape
    environment_kept: bool

    @property
    def config(self) -> Path:
        """The configuration that it wrote."""
        return self.folder / "config.toml"

    @contextmanager
    def store(self) -> Iterator[SqlStore]:
        """Open its store to read."""
        with open_app(self.config).open_store(writer=False) as opened:
            yield opened

    def day(self, days: int) -> date:
        """The day so many days before the last one."""
        return self.shape.looked.last - timedelta(days=days)

    def after(self, days: int) -> datetime:
        """A moment after the look of a day, and before the next one."""
        with self.store() as store:
            return next(
                ended.at + timedelta(minutes=1)
                for begun, ended in store.runs()
                if ended is not None and begun.at.date() == self.day(days)
            )

    def statuses(self, check: str, subject: str, *days: int) -> list[str]:
        """What a check says of something after the looks of these days; empty where it says nothing."""
        with self.store() as store:
            return [
                next(
                    (
                        one.finding.status.value
                        for one in store.findings(check=check, as_of=self.after(day))
                        if one.finding.id.subject == subject
                    ),
                    "",
                )
                for day in days
            ]
