"""Measures over time as machines read them, and as the pages for people are made from."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.company.built_in_measures import MEASURES
from collector.report.company.follow_up import failures_since
from collector.report.periods.metrics_readings import Moment, earliest, readings
from collector.report.state.assessment import assessed
from collector.report.state.known import Reading

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from collector.core.isms.measures import Measure, MeasurePoint, MeasureTarget
    from collector.core.ports import Store
    from collector.setup.app import App


class PointView(Struct, frozen=True, kw_only=True):
    """One reading. `value` is None where it is not established; `met` where there is no target or it is not known."""

    at: datetime
    value: float | None
    part: int | None
    whole: int | None
    not_established: int
    why: str
    met: bool | None


class MetricView(Struct, frozen=True, kw_only=True):
    """One measure with its readings. Owner and target are None where the company set none."""

    id: str
    title: str
    formula: str
    unit: str
    source: tuple[str, ...]
    every: str
    owner: str | None
    evaluated_by: str | None
    at_least: float | None
    at_most: float | None
    since: date | None
    because: str | None
    points: list[PointView]


class MetricsView(Struct, frozen=True, kw_only=True, tag="annexd.metrics/1", tag_field="schema"):
    """What `annexd metrics --json` prints. `stated`: the company set a target for at least one measure."""

    at: datetime
    moments: tuple[datetime, ...]
    stated: bool
    metrics: list[MetricView]


def metrics_view(
    app: App, store: Store, moments: Sequence[datetime], now: datetime, chosen: Collection[str] = ()
) -> MetricsView:
    """Read every measure at each moment, as of which the store is read; the last one has the targets."""
    series: dict[str, list[MeasurePoint]] = {id_: [] for id_ in MEASURES}
    last = Reading(app, store, moments[-1], as_of=None if moments[-1] == now else moments[-1])
    departures = tuple(failures_since(last, earliest(moments), lambda _id: True))
    targets: Mapping[str, MeasureTarget] = {}
    for at in moments:
        made = assessed(last if at == moments[-1] else Reading(app, store, at, as_of=at))
        targets = {target.id: target for target in made.company.targets}
        for id_, point in readings(Moment(made, departures)).items():
            series[id_].append(point)
    return MetricsView(
        at=moments[-1],
        moments=tuple(moments),
        stated=bool(targets),
        metrics=[
            _metric(measure, targets.get(id_), series[id_])
            for id_, measure in MEASURES.items()
            if not chosen or id_ in chosen
        ],
    )


def _metric(measure: Measure, target: MeasureTarget | None, points: Sequence[MeasurePoint]) -> MetricView:
    return MetricView(
        id=measure.id,
        title=measure.title,
        formula=measure.formula,
        unit=measure.unit,
        source=measure.source,
        every=measure.every if target is None or target.every is None else target.every,
        owner=None if target is None else target.owner,
        evaluated_by=None if target is None else target.evaluated_by,
        at_least=None if target is None else target.at_least,
        at_most=None if target is None else target.at_most,
        since=None if target is None else target.since,
        because=None if target is None else target.because,
        points=[
            PointView(
                at=point.at,
                value=point.value,
                part=point.part,
                whole=point.whole,
                not_established=point.not_established,
                why=point.why,
                met=_met(point, target),
            )
            for point in points
        ],
    )


def _met(point: MeasurePoint, target: MeasureTarget | None) -> bool | None:
    if target is None or point.value is None or point.at.date() < target.since:
        return None
    met = target.met(point.value)
    # With unknown items the value is a lower bound: it may show that a target is missed, not that it is met.
    return None if point.not_established and (met or target.at_most is None) else met


def value_text(metric: MetricView, point: PointView) -> str:
    """Write a reading for people; a share as a of b."""
    if point.value is None:
        return f"not established: {point.why}"
    if metric.unit == "share":
        return f"{point.part} of {point.whole}" + (f", {point.why}" if point.why else "")
    number = f"{point.value:g}"
    text = f"{number} {'day' if number == '1' else 'days'}" if metric.unit == "days" else number
    return f"{text} ({point.why})" if point.why else text


def target_text(metric: MetricView) -> str:
    """Write a target for people."""
    if metric.at_least is not None:
        return "all of them" if (metric.unit, metric.at_least) == ("share", 1) else f"at least {metric.at_least:g}"
    return "none stated" if metric.at_most is None else f"at most {metric.at_most:g}"


def met_text(point: PointView) -> str:
    """Return whether a target was met: met, not met or not established."""
    return {True: "met", False: "not met", None: "not established"}[point.met]
