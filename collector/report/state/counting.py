"""Counts of findings for every set of sources that a row is based on, and places without a finding."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collector.core.checks import Status
from collector.core.scopes import show_scope
from collector.core.tally import FindingCounts
from collector.engine.plan import incomplete_text
from collector.engine.units import Unit, Units
from collector.report.state.collection_failures import Unknowns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date, datetime

    from collector.core.isms.exceptions import AcceptedExceptions
    from collector.core.scopes import Scope
    from collector.engine.freshness import Freshness
    from collector.engine.rule import Rule
    from collector.report.state.known import CurrentFinding, Reading

_REASONS = 2
"""Reasons of each sort that are repeated beside a control; the findings have them all, and whole."""

_LONGEST = 200
"""Letters of a reason that are repeated there."""


@dataclass
class Count:
    """The findings of one check while they are counted."""

    by: Counter[Status] = field(default_factory=Counter)
    accepted: int = 0
    lost: int = 0
    standing: int = 0
    lost_since: date | None = None
    oldest_at: datetime | None = None
    failed: list[str] = field(default_factory=list)
    borne: list[str] = field(default_factory=list)
    doubted: list[str] = field(default_factory=list)
    elsewhere: int = 0
    is_elsewhere: bool = False  # something of it lies outside the scope, or should

    def add(self, current: CurrentFinding, accepting: AcceptedExceptions) -> None:
        """Count one finding; a fail that an exception covers is counted apart."""
        self.by[current.status] += 1
        self.see(current.seen_at)
        if current.failing_since is not None:
            self.lose(current.failing_since, 1)
            self.stand(current, accepting)
        if current.status is Status.FAIL:
            self.explain_fail(current, accepting)
        elif current.status is Status.UNKNOWN:
            self.explain_doubt(current)

    def see(self, seen_at: datetime) -> None:
        """Take in when evidence was seen."""
        self.oldest_at = seen_at if self.oldest_at is None else min(self.oldest_at, seen_at)

    def lose(self, since: datetime, total: int) -> None:
        """Count findings that are unknown and failed before, the first of them since a moment."""
        self.lost += total
        self.lost_since = since.date() if self.lost_since is None else min(self.lost_since, since.date())

    def stand(self, current: CurrentFinding, accepting: AcceptedExceptions) -> None:
        """Count a fail that cannot be seen now and still counts."""
        # An exception never covers what is not known; it does not turn an accepted fail into an open one either.
        self.standing += current.stands and accepting.covers(current.id) is None

    def explain_fail(self, current: CurrentFinding, accepting: AcceptedExceptions) -> None:
        """Keep the reason of a fail that is counted already, and count it apart where an exception covers it."""
        accepted = accepting.covers(current.id)
        if accepted is None:
            _keep(self.failed, current.why + accepting.why_not_covered(current.id))
        else:
            self.by[Status.FAIL] -= 1
            self.accepted += 1
            _keep(self.borne, f"accepted until {accepted.expires} ({accepted.id}): {current.why}")

    def explain_doubt(self, current: CurrentFinding) -> None:
        """Keep the reason of an unknown verdict that is counted already."""
        _keep(self.doubted, current.why)

    @property
    def has_failed_enough(self) -> bool:
        """Whether no more reasons of fails are kept."""
        return len(self.failed) >= _REASONS

    @property
    def has_doubted_enough(self) -> bool:
        """Whether no more reasons of unknown verdicts are kept."""
        return len(self.doubted) >= _REASONS

    def unknown_because(self, why: str) -> None:
        """Count something that should have been judged and was not."""
        self.by[Status.UNKNOWN] += 1
        _keep(self.doubted, why)

    def tally(self, check: str, *, disabled: bool = False) -> FindingCounts:
        """Return the counts of a check, for the status of its controls."""
        reasons = [*self.failed, *self.borne, *self.doubted]
        if bool(self.failed) + bool(self.borne) + bool(self.doubted) > 1:
            # Reasons are shown together, so each says whether it is a fail or unknown.
            reasons = [
                *(f"fail: {why}" for why in self.failed),
                *self.borne,
                *(f"unknown: {why}" for why in self.doubted),
            ]
        return FindingCounts(
            check=check,
            passes=self.by[Status.PASS],
            fails=self.by[Status.FAIL],
            accepted=self.accepted,
            unknown=self.by[Status.UNKNOWN],
            nothing=self.by[Status.NOT_APPLICABLE],
            lost=self.lost,
            standing=self.standing,
            lost_since=self.lost_since,
            reasons=tuple(reasons),
            oldest_at=self.oldest_at,
            ran=bool(self.by.total() or self.accepted),
            disabled=disabled,
            # Who has it only outside the scope has nothing in scope that it could look at.
            in_scope=bool(self.by.total() or self.accepted) or not self.is_elsewhere,
            elsewhere=self.elsewhere,
        )


@dataclass
class FindingCounter:
    """All findings, counted for each set of sources that a row is based on; None stands for all sources.

    Findings of systems that are not in scope are in `elsewhere` and in no other count of verdicts. `refused` are the
    sources of which a part of a resource could not be read.
    """

    accepting: AcceptedExceptions
    decides: Callable[[str, Scope], bool]
    groups: dict[frozenset[str] | None, dict[str, Count]]
    refused: frozenset[str]
    verdicts: Counter[Status] = field(default_factory=Counter)
    elsewhere: Counter[Status] = field(default_factory=Counter)
    silent: int = 0
    stale: int = 0
    judged: set[tuple[str, str, Scope]] = field(default_factory=set)
    unknowns: Unknowns = field(default_factory=Unknowns)

    def counts(self, check: str, source: str) -> Iterator[Count]:
        """Yield the counts of a check in which a source has its part."""
        for sources, checks in self.groups.items():
            if sources is None or source in sources:
                yield checks.setdefault(check, Count())

    def add(self, current: CurrentFinding) -> None:
        """Count one finding wherever it counts."""
        id_ = current.id
        is_in_scope = self.decides(id_.source, id_.scope)
        for count in self.counts(id_.check, id_.source):
            if is_in_scope:
                count.add(current, self.accepting)
            else:
                count.elsewhere += 1
                count.is_elsewhere = True
        (self.verdicts if is_in_scope else self.elsewhere)[current.status] += 1
        self.stale += is_in_scope and current.stale
        self.judged.add((id_.check, id_.source, id_.scope))
        if current.status is Status.UNKNOWN:
            self.unknowns.add(current)

    def add_silence(self, rule: Rule, source: str, scope: Scope, why: str) -> None:
        """Count a place where a check has no finding and should have one."""
        is_in_scope = self.decides(source, scope)
        self.silent += is_in_scope
        for count in self.counts(rule.check.id, source):
            if is_in_scope:
                count.unknown_because(why)
            else:
                count.is_elsewhere = True
        self.unknowns.add_silence(source, rule.check.id, scope)

    def tallies(self, sources: frozenset[str] | None, disabled: Iterable[str]) -> dict[str, FindingCounts]:
        """Return the counts of the checks for one set of sources."""
        checks = self.groups[sources]
        off = set(disabled)
        return {id_: checks.get(id_, Count()).tally(id_, disabled=id_ in off) for id_ in (*checks, *off)}


def _keep(reasons: list[str], why: str) -> None:
    """Keep the first reasons that differ; there may be as many as there are resources."""
    short = why if len(why) <= _LONGEST else f"{why[:_LONGEST]} ..."
    if len(reasons) < _REASONS and short not in reasons:
        reasons.append(short)


def unjudged(reading: Reading, judged: set[tuple[str, str, Scope]]) -> Iterator[tuple[Rule, str, Scope, str]]:
    """Yield every place where an enabled check should have a finding and has none, with the reason.

    A scope that was never seen has no finding that could say so; without this its check would look like one that
    found nothing wrong.
    """
    rules = list(reading.rules.values())
    for name, freshness in reading.freshness.items():
        for unit in Units(rules, freshness).all:
            for rule in unit.rules:
                if (rule.check.id, name, unit.scope) not in judged:
                    yield rule, name, unit.scope, _silence(unit, freshness)


def _silence(unit: Unit, freshness: Freshness) -> str:
    """Say why nothing was judged where something should have been."""
    if unit.incomplete is not None:
        return incomplete_text(unit.incomplete)
    trouble = None if unit.task is None else freshness.incomplete_reason(unit.task)
    return trouble or f"not judged yet in {unit.source}: {show_scope(unit.scope)}"
