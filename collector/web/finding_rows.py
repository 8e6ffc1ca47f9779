"""The findings as lists show them: one row a finding, the worst first, with what filters and facets ask of it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from collector.core.checks import Status
from collector.core.controls import Strength
from collector.core.isms.exceptions import AcceptedExceptions
from collector.report.company.risk_views import affected_risks
from collector.report.findings.finding_filter import SEVERITIES
from collector.report.state.ownership import due_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from collector.core.findings import FindingId
    from collector.core.scopes import Scope
    from collector.report.controls.control_views import FrameworkControls
    from collector.report.state.assessment import Assessment

VERDICTS = ("fail", "accepted", "unknown", "pass", "not_applicable")
"""What a row may be: `accepted` is a fail that an exception in force covers. In the order of lists."""

_RANK = {verdict: rank for rank, verdict in enumerate(VERDICTS)}
_NO_SEVERITY = len(SEVERITIES)


class FindingRow(NamedTuple):
    """One finding. `since` is when it got its verdict; where it is `lost`, since when it was last seen failing."""

    check: str
    title: str
    severity: str
    source: str
    scope: Scope
    subject: str
    verdict: str
    why: str
    elsewhere: bool
    stale: bool
    lost: bool
    since: datetime
    owner: str
    accepted_by: str
    due: date | None

    @property
    def place(self) -> tuple[str, Scope]:
        """The source and where in it."""
        return self.source, self.scope

    @property
    def key(self) -> tuple[int, str, int, str, Scope, str]:
        """What rows are ordered by: severity, check, verdict, then where and what."""
        severity = SEVERITIES.index(self.severity) if self.severity in SEVERITIES else _NO_SEVERITY
        return severity, self.check, _RANK[self.verdict], self.source, self.scope, self.subject


class LinkedControl(NamedTuple):
    """A control that a check is mapped to. `sources` are those that count in its row; None: all."""

    framework: str
    control: str
    role: str | None
    title: str
    is_direct: bool
    strength: str
    because: str
    sources: frozenset[str] | None


class Findings(NamedTuple):
    """All rows in their order, the controls of each check, and the risks that each check affects."""

    rows: Sequence[FindingRow]
    controls: Mapping[str, Sequence[LinkedControl]]
    risks: Mapping[str, Sequence[str]]


def findings_of(assessment: Assessment, frameworks: Sequence[FrameworkControls]) -> Findings:
    """Return the findings that an assessment counted."""
    reading, company = assessment.reading, assessment.company
    accepting = AcceptedExceptions(company.exceptions, reading.at.date(), assessment.failing, assessment.files.logged)
    in_use = tuple(framework for framework, _ in assessment.frameworks)
    return Findings(
        sorted(_rows(assessment, accepting), key=lambda row: row.key),
        controls_of_checks(assessment, frameworks),
        affected_risks(company.risks, in_use, reading.at.date()),
    )


def controls_of_checks(
    assessment: Assessment, frameworks: Sequence[FrameworkControls]
) -> dict[str, list[LinkedControl]]:
    """Return for each check the rows of controls that it is mapped to, the direct ones first."""
    linked: defaultdict[str, list[LinkedControl]] = defaultdict(list)
    for framework in frameworks:
        audiences = assessment.audiences[framework.id]
        sources = {audience.role: audience.sources for audience in audiences}
        first = audiences[0].sources
        for control in framework.controls:
            for check in control.checks:
                linked[check.check].append(
                    LinkedControl(
                        framework=framework.id,
                        control=control.id,
                        role=control.role,
                        title=control.title,
                        is_direct=check.strength == Strength.DIRECT.value,
                        strength=check.strength,
                        because=check.because,
                        sources=first if control.role is None else sources[control.role],  # type: ignore[index]
                    )
                )
    for links in linked.values():
        links.sort(key=lambda link: not link.is_direct)
    return dict(linked)


def _rows(assessment: Assessment, accepting: AcceptedExceptions) -> Iterator[FindingRow]:
    reading = assessment.reading
    due = reading.app.config.alerts.due
    checks = {id_: reading.check(id_) for id_ in reading.app.checks}
    for current in reading.findings():
        id_ = current.id
        check = checks.get(id_.check)
        covered = accepting.covers(id_) if current.status is Status.FAIL else None
        verdict = current.status.value if covered is None else "accepted"
        since = current.failing_since or current.state.since
        is_open = current.status is Status.FAIL or current.failing_since is not None
        yield FindingRow(
            check=id_.check,
            title="" if check is None else check.title,
            severity="unknown" if check is None else check.severity,
            source=id_.source,
            scope=id_.scope,
            subject=id_.subject,
            verdict=verdict,
            why=current.why,
            elsewhere=not reading.decides(id_.source, id_.scope),
            stale=current.stale,
            lost=current.failing_since is not None,
            since=since,
            owner=reading.owner(id_.source, id_.scope),
            accepted_by="" if covered is None else covered.id,
            due=due_of(due, check.severity, since) if check is not None and is_open else None,
        )


def same_finding(row: FindingRow, id_: FindingId) -> bool:
    """Whether a row is about a finding."""
    return (row.check, row.source, row.scope, row.subject) == (id_.check, id_.source, id_.scope, id_.subject)
