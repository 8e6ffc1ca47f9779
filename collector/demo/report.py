"""What the history of the made-up company came to, read from its store as every command reads it."""

from __future__ import annotations

import shlex
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from collector.core.assess import ControlStatus
from collector.core.checks import Status
from collector.core.isms.exceptions import AcceptedExceptions
from collector.core.isms.scope import SourceScope
from collector.core.tally import RecordState
from collector.demo.views import BestControl, DemoShape, Looked, NotSeen, ThemeStates, WorstFinding
from collector.report.findings.finding_filter import SEVERITIES
from collector.report.state.assessment import assessed
from collector.report.state.known import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.core.assess import ControlState
    from collector.demo.history import DemoHistory
    from collector.demo.views import DemoBundle
    from collector.report.state.assessment import Assessment
    from collector.report.state.collection_failures import CollectionFailure
    from collector.report.state.known import CurrentFinding

FRAMEWORK = "iso27001:2022"
_WORST = 5
_NOT_SEEN = 3
_NEXT = ("status", "controls show 8.5", "findings --severity critical")
_FEW = 2
"""Kinds of resources that are named one by one."""


def demo_shape(history: DemoHistory, bundle: DemoBundle, seconds: float) -> DemoShape:
    """Return everything that the demo says."""
    found = assessed(Reading(history.app, history.store, history.clock.now()))
    states = next(states for framework, states in found.frameworks if framework.id == FRAMEWORK)
    open_ones = sorted(_open(found), key=lambda one: _rank(found, one))
    estate, code = history.aws.estate, history.code
    days = [history.last - timedelta(days=look.days) for look in history.looks]
    return DemoShape(
        folder=str(history.folder),
        company=f"Acme runs shops for other companies. It is made up: {len(estate.accounts)} accounts on AWS and"
        f" {len(code.repositories)} repositories on GitHub, which this process answered for. No socket was opened.",
        looked=Looked(
            times=len(history.looks),
            first=days[0].date(),
            last=days[-1].date(),
            collections=sum(history.looks[-1].summary.outcomes.values()),
            requests=sum(look.summary.requests for look in history.looks),
            seconds=round(seconds, 1),
        ),
        framework=FRAMEWORK,
        themes=tuple(_themes(states)),
        open_findings=len(open_ones),
        worst=tuple(_worst(found, open_ones)),
        not_seen=tuple(_not_seen(one) for one in found.collection_failures if one.needs)[:_NOT_SEEN],
        best=_best(found, states),
        bundle=bundle,
        next=tuple(f"annexd -c {shlex.quote(str(history.folder / 'config.toml'))} {one}" for one in _NEXT),
    )


def _themes(states: Iterable[ControlState]) -> Iterator[ThemeStates]:
    by_theme: dict[str, Counter[str]] = {}
    for one in states:
        by_theme.setdefault(one.control.theme, Counter())[one.status.value] += 1
    for theme, counts in by_theme.items():
        yield ThemeStates(
            theme=theme,
            controls=counts.total(),
            states={status.value: counts[status.value] for status in ControlStatus},
        )


def _open(found: Assessment) -> Iterator[CurrentFinding]:
    """Yield the failing findings of the systems in scope that no exception covers."""
    day = found.reading.at.date()
    scope = found.company.scope
    systems = () if scope is None else scope.required(day)
    accepting = AcceptedExceptions(found.company.exceptions, day, found.failing, found.files.logged)
    for one in found.reading.findings():
        if one.status is Status.FAIL and accepting.covers(one.id) is None:
            place = SourceScope(one.id.source, one.id.scope)
            if any(system.contains(place) for system in systems):
                yield one


def _rank(found: Assessment, one: CurrentFinding) -> tuple[int, str, str]:
    severity = found.reading.rules[one.id.check].check.severity
    return SEVERITIES.index(severity), one.id.check, one.id.subject


def _worst(found: Assessment, ranked: Iterable[CurrentFinding]) -> Iterator[WorstFinding]:
    """Yield one finding of each of the first checks."""
    of_checks: dict[str, list[CurrentFinding]] = {}
    for one in ranked:
        of_checks.setdefault(one.id.check, []).append(one)
    for check, several in list(of_checks.items())[:_WORST]:
        first = several[0]
        yield WorstFinding(
            check=check,
            severity=found.reading.rules[check].check.severity,
            subject=first.id.subject,
            source=first.id.source,
            scope=first.id.scope,
            reason=first.why,
            since=first.state.since,
            alike=len(several) - 1,
        )


def _not_seen(gap: CollectionFailure) -> NotSeen:
    return NotSeen(
        what=_what(gap),
        source=gap.source,
        permission=gap.needs,
        collections=len(gap.tasks),
        checks=len(gap.checks),
    )


def _what(gap: CollectionFailure) -> str:
    """What a gap is about: its kinds of resources where they are few, and the account or organization around them."""
    kinds: dict[str, None] = {}
    places: dict[str, None] = {}
    for task in gap.tasks:
        kind, _, place = task.partition(": ")[2].partition(" in ")
        kinds[kind] = places[place.partition("/")[0]] = None
    what = ", ".join(kinds) if len(kinds) <= _FEW else f"everything ({len(gap.tasks)} collections)"
    return f"{gap.what or what} in {', '.join(places)}"


def _best(found: Assessment, states: Iterable[ControlState]) -> BestControl:
    """Return the control with the best state; of several, the one that rests on most."""
    order = (ControlStatus.EVIDENCED, ControlStatus.INCOMPLETE, ControlStatus.UNKNOWN)

    def valid(state: ControlState) -> int:
        asked = state.control.asked(state.role)
        return sum(found.records[ask.id].state is RecordState.VALID for ask in asked if ask.id in found.records)

    ranked = [one for one in states if one.status in order]
    best = min(ranked, key=lambda one: (order.index(one.status), -one.counts.passes, -valid(one)))
    return BestControl(
        id=best.control.id,
        title=best.control.title,
        status=best.status.value,
        label=best.label,
        passes=best.counts.passes,
        records=valid(best),
        basis=best.basis,
    )
