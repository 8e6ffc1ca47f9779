"""What all pages are made from: the store as of one moment, assessed once, and kept until the log has grown.

A page never mixes moments: everything on it was assessed together, and it says of which moment it is. What is kept ends
when something was recorded, when a minute has passed (verdicts age), or when the store cannot be read any more. While a
run records all the time, what took long to assess is kept for ten times as long as it took, within that minute.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct

from collector.pages.finding_rows import Findings
from collector.report.company.scope_views import scope_view
from collector.report.controls.control_views import controls_view
from collector.report.controls.status_view import status_view
from collector.report.periods.collections_made import BLIND
from collector.report.state.assessment import assessed
from collector.report.state.known import Reading
from collector.web.company_views import CompanyViews

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future
    from datetime import datetime

    from collector.core.ports import Store
    from collector.core.tasks import Outcome
    from collector.report.company.scope_views import ScopeView
    from collector.report.controls.control_views import FrameworkControls
    from collector.report.controls.status_view import StatusView
    from collector.report.state.assessment import Assessment
    from collector.setup.app import App
    from collector.web.opened import Opened
    from collector.web.site import Site

    _Key = tuple[int, datetime | None]

_KEPT = timedelta(minutes=1)
"""After so long verdicts are assessed anew although nothing was recorded: they age."""

_QUICK = 1.0
"""Seconds: what takes no longer is assessed anew whenever something was recorded."""

_SHARE = 10
"""How many times as long what took longer is kept, so that a tenth of the time at most goes into assessing."""

_MOST = 6
"""Snapshots that are kept at a time: of now, of the past that people look at, and of what is opened to auditors."""


class PageBasis(Struct, frozen=True, kw_only=True):
    """The line below the menu: what a page is based on, and how much could not be seen."""

    at: datetime
    as_of: datetime | None
    frameworks: tuple[str, ...]
    soa: str | None
    scope: str | None
    systems: str
    is_stated: bool
    collections: int
    blind: int
    notes: tuple[str, ...]


class Snapshot(NamedTuple):
    """The store at a moment. `outcomes` counts collections by how they ended last, `size` is the size of the log.

    `parts` are those of pages that take long to make, by their names, and `of_log` those of them that stay as long as
    nothing is recorded: `collector.web.slow_parts` fills both.
    """

    size: int | None
    reading: Reading
    assessment: Assessment
    status: StatusView
    scope: ScopeView
    frameworks: tuple[FrameworkControls, ...]
    findings: Findings
    company: CompanyViews
    outcomes: Counter[Outcome]
    basis: PageBasis
    verified_at: datetime
    made_at: float
    took: float
    parts: dict[str, Future[Any]]
    of_log: dict[str, Future[Any]]

    def is_current(self, size: int | None, now: datetime) -> bool:
        """Whether it may be shown at a moment, when the log has this size."""
        if self.basis.as_of is None and now - self.verified_at >= _KEPT:
            return False
        if size is not None and size == self.size:
            return True
        return self.took > _QUICK and time.monotonic() - self.made_at < self.took * _SHARE


class Snapshots:
    """Makes and keeps snapshots. Several threads may ask at once; one of them makes what all need."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = threading.Lock()
        self._kept: dict[_Key, tuple[Snapshot, ExitStack]] = {}
        self._used: Counter[int] = Counter()
        self._ended: dict[int, ExitStack] = {}

    @contextmanager
    def at(self, as_of: datetime | None, opened: Opened | None = None) -> Iterator[Snapshot]:
        """Lend the snapshot of a moment, or of now; of what is opened only, where that is not everything.

        Raises StoreError, ConfigError, and UsageError on a moment that is not opened.
        """
        with self._lock:
            snapshot = self._current(as_of, opened)
            self._used[id(snapshot)] += 1
        try:
            yield snapshot
        finally:
            self.give_back(snapshot)

    def keep(self, snapshot: Snapshot) -> None:
        """Keep a snapshot that is lent open, also when it is given back, until `give_back` is called once more."""
        with self._lock:
            self._used[id(snapshot)] += 1

    def give_back(self, snapshot: Snapshot) -> None:
        """Say that a snapshot is not used any more by one of those that it was lent to."""
        with self._lock:
            self._used[id(snapshot)] -= 1
            self._close_unused()

    def close(self) -> None:
        """Close everything that is kept."""
        with self._lock:
            for key in list(self._kept):
                self._end(key)
            self._close_unused()

    def _current(self, asked: datetime | None, opened: Opened | None) -> Snapshot:
        now = self._site.now()
        app = self._site.app if opened is None else opened.app
        as_of = asked if opened is None else opened.moment(asked, now)
        key = id(app), as_of
        # Opened anew each time: a store that is gone is noticed, whatever is kept of it.
        with ExitStack() as stack:
            store = stack.enter_context(self._site.app.open_store(writer=False))
            size = store.log_size() if hasattr(store, "log_size") else None
            kept = self._kept.get(key)
            if kept is not None:
                snapshot = kept[0]
                if snapshot.is_current(size, now):
                    return snapshot
                self._end(key)
            while len(self._kept) >= _MOST:
                self._end(next(iter(self._kept)))
            made = _made(app, store, as_of, size, now)
            if kept is not None and size is not None and kept[0].size == size:
                made = made._replace(of_log=kept[0].of_log)
            self._kept[key] = made, stack.pop_all()
        return made

    def _end(self, key: _Key) -> None:
        snapshot, stack = self._kept.pop(key)
        self._ended[id(snapshot)] = stack

    def _close_unused(self) -> None:
        for key in [key for key in self._ended if not self._used[key]]:
            self._ended.pop(key).close()
            del self._used[key]


def _made(app: App, store: Store, as_of: datetime | None, size: int | None, now: datetime) -> Snapshot:
    began = time.monotonic()
    reading = Reading(app, store, as_of or now, as_of=as_of)
    assessment = assessed(reading)
    frameworks = tuple(controls_view(assessment).frameworks)
    outcomes = Counter(state.outcome for state in reading.tasks())
    scope = scope_view(assessment)
    company = assessment.company
    return Snapshot(
        size=size,
        reading=reading,
        assessment=assessment,
        status=status_view(assessment),
        scope=scope,
        frameworks=frameworks,
        findings=Findings(assessment, frameworks),
        company=CompanyViews(assessment),
        outcomes=outcomes,
        basis=PageBasis(
            at=reading.at,
            as_of=as_of,
            frameworks=tuple(f"{framework.name}:{framework.edition}" for framework in frameworks),
            soa=None if company.soa is None else company.soa.version,
            scope=scope.version,
            systems=scope.coverage,
            is_stated=scope.stated,
            collections=outcomes.total(),
            blind=sum(outcomes[outcome] for outcome in BLIND),
            notes=reading.notes,
        ),
        verified_at=now,
        made_at=time.monotonic(),
        took=time.monotonic() - began,
        parts={},
        of_log={},
    )
