"""A run of the demo, for the tests to read."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from collector.setup.app import open_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collector.demo.views import DemoView
    from storage import SqlStore


@dataclass(frozen=True)
class DemoRun:
    """The folder, the output, and whether the environment was unchanged afterwards."""

    folder: Path
    shape: DemoView
    environment_kept: bool

    @property
    def config(self) -> Path:
        """The path of the configuration."""
        return self.folder / "config.toml"

    @contextmanager
    def store(self) -> Iterator[SqlStore]:
        """Open the store to read."""
        with open_app(self.config).open_store(writer=False) as opened:
            yield opened

    def day(self, days: int) -> date:
        """Return the day so many days before the last one."""
        return self.shape.looked.last - timedelta(days=days)

    def after(self, days: int) -> datetime:
        """Return a moment after the scan of a day, and before the next one."""
        with self.store() as store:
            return next(
                ended.at + timedelta(minutes=1)
                for begun, ended in store.runs()
                if ended is not None and begun.at.date() == self.day(days)
            )

    def statuses(self, check: str, subject: str, *days: int) -> list[str]:
        """Return the statuses of a finding after the scans of these days; empty where there is no finding."""
        with self.store() as store:
            return [
                next(
                    (
                        state.finding.status.value
                        for state in store.findings(check=check, as_of=self.after(day))
                        if state.finding.id.subject == subject
                    ),
                    "",
                )
                for day in days
            ]
