"""From the store to the status of every control: counts, troubles and the reasons between them, made in one place.

Everything that shows a status calls `assessed`, so that no two pages can disagree.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collector.app.gaps import Gap, Unknowns, gaps
from collector.app.reading import Reading, Standing
from collector.core.assess import ControlState, assess
from collector.core.checks import Status
from collector.core.scopes import show_scope
from collector.core.tally import Coverage, Evidence, Tally
from collector.engine.plan import hole_text
from collector.engine.units import Unit, Units

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    from collector.core.controls import Framework
    from collector.core.scopes import Scope
    from collector.engine.judge import Rule
    from collector.engine.sight import Sight

_REASONS = 2
"""Reasons of each sort that are repeated beside a control; the findings have them all, and whole."""

_LONGEST = 200
"""Letters of a reason that are repeated there."""


@dataclass(frozen=True)
class Assessment:
    """All that a page about a moment may say. `verdicts` counts findings as they stand, `stale` those that are too old.

    `unjudged` counts what a check should have said something about, and did not.
    """

    reading: Reading
    evidence: Evidence
    frameworks: tuple[tuple[Framework, tuple[ControlState, ...]], ...]
    verdicts: Mapping[Status, int]
    stale: int
    unjudged: int
    gaps: tuple[Gap, ...]


def assessed(reading: Reading) -> Assessment:
    """Count everything that stands at the moment of the reading, and give each control in use its status."""
    counted = _Counted()
    for standing in reading.standings():
        counted.add(standing)
    unjudged = 0
    for rule, source, scope, why in _unjudged(reading, counted.judged):
        counted.count(rule.check.id).unknown_because(why)
        counted.unknowns.add_silence(source, rule.check.id, scope)
        unjudged += 1
    tallies = {id_: count.tally(id_) for id_, count in counted.checks.items()}
    for id_, said in reading.app.config.checks.items():
        if not said.enabled:
            tallies[id_] = counted.count(id_).tally(id_, disabled=True)
    evidence = Evidence(
        at=reading.at,
        # Without a list of the systems in scope nobody can say what was not seen.
        coverage=Coverage(stated=False),
        tallies=tallies,
        records={},
        soa=None,
    )
    return Assessment(
        reading=reading,
        evidence=evidence,
        frameworks=tuple((one, assess(one, evidence)) for one in reading.app.frameworks()),
        verdicts={status: counted.verdicts[status] for status in Status},
        stale=counted.stale,
        unjudged=unjudged,
        gaps=tuple(gaps(reading, counted.unknowns)),
    )


@dataclass
class _Count:
    """The findings of one check while they are counted."""

    by: Counter[Status] = field(default_factory=Counter)
    lost: int = 0
    lost_since: date | None = None
    oldest_at: datetime | None = None
    failed: list[str] = field(default_factory=list)
    doubted: list[str] = field(default_factory=list)

    def add(self, standing: Standing) -> None:
        """Count one finding, once, as it stands."""
        self.by[standing.status] += 1
        self.oldest_at = standing.seen_at if self.oldest_at is None else min(self.oldest_at, standing.seen_at)
        if standing.stale and standing.last is Status.FAIL:
            since = standing.state.since.date()
            self.lost += 1
            self.lost_since = since if self.lost_since is None else min(self.lost_since, since)
        if standing.status is Status.FAIL:
            _keep(self.failed, standing.why)
        elif standing.status is Status.UNKNOWN:
            _keep(self.doubted, standing.why)

    def unknown_because(self, why: str) -> None:
        """Count something that should have been judged and was not."""
        self.by[Status.UNKNOWN] += 1
        _keep(self.doubted, why)

    def tally(self, check: str, *, disabled: bool = False) -> Tally:
        """Return what the control's status is made of."""
        reasons = [*self.failed, *self.doubted]
        if self.failed and self.doubted:
            # They are told together; a doubt must not be read as what failed.
            reasons = [*(f"fail: {why}" for why in self.failed), *(f"unknown: {why}" for why in self.doubted)]
        return Tally(
            check=check,
            passes=self.by[Status.PASS],
            fails=self.by[Status.FAIL],
            unknown=self.by[Status.UNKNOWN],
            nothing=self.by[Status.NOT_APPLICABLE],
            lost=self.lost,
            lost_since=self.lost_since,
            reasons=tuple(reasons),
            oldest_at=self.oldest_at,
            ran=bool(self.by),
            disabled=disabled,
        )


@dataclass
class _Counted:
    checks: dict[str, _Count] = field(default_factory=dict)
    verdicts: Counter[Status] = field(default_factory=Counter)
    stale: int = 0
    judged: set[tuple[str, str, Scope]] = field(default_factory=set)
    unknowns: Unknowns = field(default_factory=Unknowns)

    def count(self, check: str) -> _Count:
        """Return the count of a check."""
        return self.checks.setdefault(check, _Count())

    def add(self, standing: Standing) -> None:
        """Count one finding wherever it counts."""
        id_ = standing.id
        self.count(id_.check).add(standing)
        self.verdicts[standing.status] += 1
        self.stale += standing.stale
        self.judged.add((id_.check, id_.source, id_.scope))
        if standing.status is Status.UNKNOWN:
            self.unknowns.add(standing)


def _keep(reasons: list[str], why: str) -> None:
    """Keep the first reasons that differ; there may be as many as there are resources."""
    short = why if len(why) <= _LONGEST else f"{why[:_LONGEST]} ..."
    if len(reasons) < _REASONS and short not in reasons:
        reasons.append(short)


def _unjudged(reading: Reading, judged: set[tuple[str, str, Scope]]) -> Iterator[tuple[Rule, str, Scope, str]]:
    """Yield every place where an enabled check should have a finding and has none, with the reason.

    A scope that was never seen has no finding that could say so; without this its check would look like one that
    found nothing wrong.
    """
    rules = list(reading.rules.values())
    for name, sight in reading.sights.items():
        for unit in Units(rules, sight).all:
            for rule in unit.rules:
                if (rule.check.id, name, unit.scope) not in judged:
                    yield rule, name, unit.scope, _silence(unit, sight)


def _silence(unit: Unit, sight: Sight) -> str:
    """Say why nothing was judged where something should have been."""
    if unit.hole is not None:
        return hole_text(unit.hole)
    trouble = None if unit.task is None else sight.trouble(unit.task)
    return trouble or f"not judged yet in {unit.source}: {show_scope(unit.scope)}"
