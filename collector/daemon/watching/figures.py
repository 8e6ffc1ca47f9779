"""Numbers of the store for metrics and alerts, read as one state."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.report.controls.status_view import status_view
from collector.report.state.assessment import assessed
from collector.report.state.known import Reading
from storage.serving import log_extent

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from collector.report.controls.status_view import StatusView
    from collector.report.state.assessment import Assessment
    from collector.setup.app import App
    from storage import SqlStore
    from storage.serving import LogExtent

_UNRATED = "unrated"
"""The severity of a check that is no part of this installation."""


@dataclass(frozen=True)
class LogFigures:
    """The log: how much of it is signed, and when it was verified and anchored last."""

    extent: LogExtent
    verified_at: datetime | None
    verified_well: bool | None
    anchored_at: datetime | None
    anchored_well: bool | None


@dataclass(frozen=True)
class Figures:
    """The store at a moment. `findings` counts by severity and status; `assessment` is what alerts compare."""

    at: datetime
    status: StatusView
    findings: Mapping[tuple[str, str], int]
    log: LogFigures
    assessment: Assessment


def read_figures(app: App, store: SqlStore) -> Figures:
    """Return the numbers of now. Raises ConfigError and StoreError."""
    reading = Reading(app, store, app.clock.now())
    assessment = assessed(reading)
    findings: Counter[tuple[str, str]] = Counter()
    for current in reading.findings():
        check = reading.check(current.id.check)
        findings[_UNRATED if check is None else check.severity, current.status.value] += 1
    return Figures(
        at=reading.at,
        status=status_view(assessment),
        findings=findings,
        log=_log_figures(store),
        assessment=assessment,
    )


def _log_figures(store: SqlStore) -> LogFigures:
    with store.reading() as connection:
        extent = log_extent(connection)
    verified = anchored = None
    for entry in store.log(kinds=("verified", "anchored")):
        if entry.kind == "verified":
            verified = entry
        else:
            anchored = entry
    return LogFigures(
        extent=extent,
        verified_at=None if verified is None else verified.logged_at,
        verified_well=None if verified is None else verified.fact.get("wrong") is None,
        anchored_at=None if anchored is None else anchored.logged_at,
        anchored_well=None if anchored is None else anchored.fact.get("why") is None,
    )
