"""Computing a population, and recording a sample of it before anybody is shown it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.actions.operator_acts import note
from collector.bundle.sampling.draws import about_draw, draws
from collector.bundle.sampling.population import kinds, moment_of
from collector.bundle.sampling.population import population as population_of_kind
from collector.bundle.sampling.sampling import DRAW
from collector.report.periods.period_history import period_history
from collector.report.state.known import Reading

if TYPE_CHECKING:
    from datetime import datetime

    from collector.bundle.sampling.draws import DrawLeaf
    from collector.bundle.sampling.population import Population
    from collector.bundle.sampling.sampling import Draw
    from collector.core.identities import Identity
    from collector.core.periods import Period
    from collector.setup.app import App
    from storage import SqlStore


def population_of(app: App, store: SqlStore, days: Period, kind: str, now: datetime) -> Population:
    """Return what there was of a kind in a period that has begun. Raises UsageError where there is no such kind."""
    reading = Reading(app, store, now)
    known = kinds(reading).get(kind)
    at = now if known is None else moment_of(days, known, now)
    if at < now:
        reading = Reading(app, store, at, as_of=at)
    over = period_history(app, store, store.history, days.start, min(days.end, now), reading.decides)
    return population_of_kind(reading, store.history, over, days, kind)


def samples_of(store: SqlStore, found: Population) -> list[DrawLeaf]:
    """Return the samples that were taken of a population so far, in the order of the log."""
    asked = (found.kind, found.period.first, found.period.last)
    return [draw for draw in draws(store) if (draw.kind, draw.first, draw.last) == asked]


def record_sample(store: SqlStore, found: Population, drawn: Draw, by: Identity | None = None) -> None:
    """Write a sample into the log; `by` is who signed in and took it, None for whoever runs annexd."""
    if by is None:
        note(store, DRAW, about_draw(found, drawn))
    else:
        note(store, DRAW, about_draw(found, drawn, by.audit), by=str(by))
