"""Ninety days of a made-up company, scanned 13 times with the real connectors, engine and store."""

from __future__ import annotations

import gc
import os
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self, cast
from zoneinfo import ZoneInfo

from collector.actions.scanning import run
from collector.actions.selection import Selection
from collector.core.periods import period_of
from collector.demo.acme_files import records_filed, write_company_files
from collector.demo.aws.double import AwsDouble
from collector.demo.aws.history import AwsHistory
from collector.demo.clock import DemoClock
from collector.demo.configuration import DOMAIN, TOKEN_VARIABLE, write_config
from collector.demo.github import company
from collector.demo.github.double import GitHubDouble
from collector.demo.platforms import platforms
from collector.setup.app import open_app
from connectors._http import answered_by

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collector.actions.progress import ProgressSummary
    from collector.core.periods import Period
    from collector.core.wire import Wire
    from collector.engine.run import RunSummary
    from collector.setup.app import App
    from storage import SqlStore

DAYS = (90, 62, 48, 34, 20, *range(7, -1, -1))
"""The days of the scans, counted back from the last day: some weeks apart at first, daily in the last week."""

EVERYWHERE = frozenset({90, 62, 34, 6, 0})
"""The days on which all platforms are scanned; on the others those that the demo began with, AWS and GitHub."""

_GC_EVERY = 7  # scans

_LOADED_ONCE = frozenset({"aws", "github"})
"""Connectors whose SDK takes long to load; the others send by annexd's own kit."""

_BEFORE_NOW = timedelta(minutes=5)
"""By how much the last scan begins before now, so that nothing that it records is dated in the future."""


@dataclass(frozen=True)
class DayScan:
    """A scan of the company, with its day counted back from the last day."""

    days: int
    summary: RunSummary
    seen: ProgressSummary


class DemoHistory:
    """Acme, its store and its clock while the `with` block runs. `looks` has the scans so far."""

    def __init__(self, folder: Path, now: datetime) -> None:
        self.folder = folder
        self.last = max(now - _BEFORE_NOW, now.replace(hour=0, minute=0, second=0, microsecond=0))
        self.clock = DemoClock(self.last - timedelta(days=DAYS[0]))
        self.looks: list[DayScan] = []
        self._running = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(_without_automatic_gc())
            double = AwsDouble(now=self.clock.now, host=f"aws.{DOMAIN}", keeps_answers=True)
            self.aws = AwsHistory(stack.enter_context(double), self.last)
            self._github = stack.enter_context(GitHubDouble(now=self.clock.now, host=f"github.{DOMAIN}"))
            self.code = company.seed(self._github, self.last)
            self.platforms = tuple(platforms(self.clock.now, self.last))
            for platform in self.platforms:
                stack.enter_context(answered_by(platform.answer, *platform.bases))
            path = write_config(self.folder, self.aws.company, self.code, self.platforms)
            self._write_company_files()
            self.app: App = open_app(path, self.clock)
            self.store: SqlStore = stack.enter_context(self.app.open_store(writer=True))
            self._clients = _clients(self.app)
            self._running = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    @property
    def period(self) -> Period:
        """The days from the first scan to the last one."""
        first = self.last - timedelta(days=DAYS[0])
        return period_of(first.date(), self.last.date(), ZoneInfo("UTC"))

    def look(self) -> Iterator[DayScan]:
        """Scan on each day in turn, and yield each scan."""
        before = DAYS[0] + 1
        for days in DAYS:
            if days != DAYS[0]:
                self.clock.set_to(self.last - timedelta(days=days))
            self._advance_to(days, before)
            summary, seen = run(self.app, self.store, Selection(sources=self._sources(days)), "demo")
            self.looks.append(DayScan(days, summary, seen))
            if len(self.looks) % _GC_EVERY == 1:
                gc.collect()
                gc.freeze()  # what is here now stays, and is not looked at again
            yield self.looks[-1]
            before = days

    def _advance_to(self, days: int, before: int) -> None:
        """Bring platforms, company files and records to the state of a day; `before` is the day of the last scan."""
        self.aws.advance_to(days)
        company.seed(self._github, self.last)
        self._write_company_files()
        records = list(records_filed(before, days, self.clock, self.last.date()))
        if records:
            self.store.write(records)
        os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"] = self.aws.key
        os.environ[TOKEN_VARIABLE] = self.code.token
        for platform in self.platforms:
            os.environ.update(platform.variables)

    def _sources(self, days: int) -> tuple[str, ...]:
        """Return the names of the sources that are scanned on a day."""
        sources = self.app.config.sources
        return tuple(name for name in sources if days in EVERYWHERE or sources[name].connector in _LOADED_ONCE)

    def _write_company_files(self) -> None:
        systems = [platform.system for platform in self.platforms]
        write_company_files(self.folder, self.last.date(), self.clock.now().date(), systems)


def _clients(app: App) -> list[Any]:
    """Return a client of each source with an SDK; while they exist, the next scan need not load it again."""
    no_wire = cast("Wire", None)
    return [
        source.connector.connect(source.settings, (), no_wire)
        for source in app.sources()
        if source.connector.name in _LOADED_ONCE
    ]


@contextmanager
def _without_automatic_gc() -> Iterator[None]:
    """Disable automatic garbage collection, which took a third of the time; `_collect` runs it between scans."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if was:
            gc.enable()
