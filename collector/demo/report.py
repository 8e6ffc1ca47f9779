"""The results of the demo, read from its store as every command reads them."""

from __future__ import annotations

import shlex
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from collector.core.assess import ControlStatus
from collector.core.checks import Status
from collector.core.isms.exceptions import AcceptedExceptions
from collector.core.tally import RecordState
from collector.demo.platforms import left_out
from collector.demo.views import BestControl, DemoView, NotSeen, ScanTotals, ThemeStates, WorstFinding
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
"""Up to so many kinds of resources are named."""


def demo_view(history: DemoHistory, bundle: DemoBundle, seconds: float) -> DemoView:
    """Return everything that the demo prints."""
    assessment = assessed(Reading(history.app, history.store, history.clock.now()))
    states = next(states for framework, states in assessment.frameworks if framework.id == FRAMEWORK)
    open_findings = sorted(_open(assessment), key=lambda finding: _rank(assessment, finding))
    aws, github = history.aws.company, history.code
    days = [history.last - timedelta(days=look.days) for look in history.looks]
    return DemoView(
        folder=str(history.folder),
        company=f"Acme runs shops for other companies. It is made up: {len(aws.accounts)} accounts on AWS,"
        f" {len(github.repositories)} repositories on GitHub"
        f"{''.join(f', {platform.about}' for platform in history.platforms)}; all played in this process, without a"
        " socket.",
        left_out=left_out(),
        looked=ScanTotals(
            times=len(history.looks),
            first=days[0].date(),
            last=days[-1].date(),
            collections=sum(1 for _ in assessment.reading.tasks()),
            requests=sum(look.summary.requests for look in history.looks),
            seconds=round(seconds, 1),
        ),
        framework=FRAMEWORK,
        themes=tuple(_themes(states)),
        open_findings=len(open_findings),
        worst=tuple(_worst(assessment, open_findings)),
        not_seen=tuple(_not_seen(failure) for failure in assessment.collection_failures if failure.needs)[:_NOT_SEEN],
        best=_best(assessment, states),
        bundle=bundle,
        next=tuple(f"annexd -c {shlex.quote(str(history.folder / 'config.toml'))} {command}" for command in _NEXT),
    )


def _themes(states: Iterable[ControlState]) -> Iterator[ThemeStates]:
    by_theme: dict[str, Counter[str]] = {}
    for state in states:
        by_theme.setdefault(state.control.theme, Counter())[state.status.value] += 1
    for theme, counts in by_theme.items():
        yield ThemeStates(
            theme=theme,
            controls=counts.total(),
            states={status.value: counts[status.value] for status in ControlStatus},
        )


def _open(assessment: Assessment) -> Iterator[CurrentFinding]:
    """Yield the failing findings of the systems in scope that no exception covers."""
    day = assessment.reading.at.date()
    accepting = AcceptedExceptions(assessment.company.exceptions, day, assessment.failing, assessment.files.logged)
    for finding in assessment.reading.findings():
        if (
            finding.status is Status.FAIL
            and assessment.reading.decides(finding.id.source, finding.id.scope)
            and accepting.covers(finding.id) is None
        ):
            yield finding


def _rank(assessment: Assessment, finding: CurrentFinding) -> tuple[int, str, str]:
    severity = assessment.reading.rules[finding.id.check].check.severity
    return SEVERITIES.index(severity), finding.id.check, finding.id.subject


def _worst(assessment: Assessment, ranked: Iterable[CurrentFinding]) -> Iterator[WorstFinding]:
    """Yield the first finding of each of the highest ranked checks."""
    by_check: dict[str, list[CurrentFinding]] = {}
    for finding in ranked:
        by_check.setdefault(finding.id.check, []).append(finding)
    for check, findings in list(by_check.items())[:_WORST]:
        first = findings[0]
        yield WorstFinding(
            check=check,
            severity=assessment.reading.rules[check].check.severity,
            subject=first.id.subject,
            source=first.id.source,
            scope=first.id.scope,
            reason=first.why,
            since=first.state.since,
            alike=len(findings) - 1,
        )


def _not_seen(failure: CollectionFailure) -> NotSeen:
    return NotSeen(
        what=_what(failure),
        source=failure.source,
        permission=failure.needs,
        collections=len(failure.tasks),
        checks=len(failure.checks),
    )


def _what(failure: CollectionFailure) -> str:
    """Return what was not collected: the kinds of resources where they are few, and their accounts or organizations."""
    kinds: dict[str, None] = {}
    scopes: dict[str, None] = {}
    for task in failure.tasks:
        kind, _, scope = task.partition(": ")[2].partition(" in ")
        kinds[kind] = scopes[scope.partition("/")[0]] = None
    what = ", ".join(kinds) if len(kinds) <= _FEW else f"everything ({len(failure.tasks)} collections)"
    return f"{failure.what or what} in {', '.join(sorted(scopes))}"


def _best(assessment: Assessment, states: Iterable[ControlState]) -> BestControl:
    """Return the control with the best state; of several, the one with most passes, then with most valid records."""
    order = (ControlStatus.EVIDENCED, ControlStatus.INCOMPLETE, ControlStatus.UNKNOWN)

    def valid(state: ControlState) -> int:
        asked = state.control.asked(state.role)
        return sum(
            assessment.records[ask.id].state is RecordState.VALID for ask in asked if ask.id in assessment.records
        )

    ranked = [state for state in states if state.status in order]
    best = min(ranked, key=lambda state: (order.index(state.status), -state.counts.passes, -valid(state)))
    return BestControl(
        id=best.control.id,
        title=best.control.title,
        status=best.status.value,
        label=best.label,
        passes=best.counts.passes,
        records=valid(best),
        basis=best.basis,
    )
