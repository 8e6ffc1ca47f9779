"""A finding as machines read it and as pages are made from."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.core.checks import Status
from collector.report.company.risk_views import affected_risks
from collector.report.state.ownership import due_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.core.checks import Check
    from collector.report.state.known import CurrentFinding, Reading


class FindingView(Struct, frozen=True, kw_only=True):
    """One finding. `status` is the verdict that counts, `last` that of the check; they differ where it is `stale`.

    `subject` is empty for a finding about the scope itself. `observed_at` is when this verdict was observed first,
    `seen_at` when what it rests on was seen last, `since` since when it has had its status. `risks` are those that a
    failing one bears on. `failing_since` is set where it is unknown, failed when it was last decided, and so is open.
    `elsewhere`: it is of a system that is not in scope, and decides nothing. `owner` is that of its system, and `due`
    the last day for mending an open one by the company's limits; empty and None where nobody stated them.
    """

    check: str
    title: str
    severity: str
    source: str
    scope: tuple[str, ...]
    subject: str
    status: str
    last: str
    stale: bool
    reason: str
    since: datetime
    observed_at: datetime
    seen_at: datetime
    run: str
    limits: dict[str, str]
    evidence: tuple[str, ...]
    fix: str
    trace: str | None
    risks: tuple[str, ...] = ()
    elsewhere: bool = False
    failing_since: datetime | None = None
    owner: str = ""
    due: date | None = None


def risks_by_check(reading: Reading) -> Mapping[str, tuple[str, ...]]:
    """Return for each check the risks that it affects. Raises ConfigError on an invalid company file."""
    frameworks = reading.app.frameworks()
    return affected_risks(reading.files(frameworks).company.risks, frameworks, reading.at.date())


def _due(reading: Reading, current: CurrentFinding, check: Check[...] | None) -> date | None:
    """Return until when an open finding is to be mended."""
    since = current.state.since if current.status is Status.FAIL else current.failing_since
    return None if check is None or since is None else due_of(reading.app.config.alerts.due, check.severity, since)


def finding_view(
    reading: Reading, current: CurrentFinding, affected: Mapping[str, tuple[str, ...]] | None = None
) -> FindingView:
    """Return one finding with title and fix of its check, and the risks that it affects if it fails."""
    finding, id_ = current.state.finding, current.id
    check = reading.check(id_.check)
    return FindingView(
        check=id_.check,
        title="" if check is None else check.title,
        severity="unknown" if check is None else check.severity,
        source=id_.source,
        scope=id_.scope,
        subject=id_.subject,
        status=current.status.value,
        last=current.last.value,
        stale=current.stale,
        reason=current.why,
        since=current.state.since,
        observed_at=finding.observed_at,
        seen_at=current.seen_at,
        run=current.state.run,
        limits=finding.limits,
        evidence=finding.evidence,
        fix="" if check is None else check.fix,
        trace=finding.trace,
        risks=() if affected is None or current.status is not Status.FAIL else affected.get(id_.check, ()),
        failing_since=current.failing_since,
        elsewhere=not reading.decides(id_.source, id_.scope),
        owner=reading.owner(id_.source, id_.scope),
        due=_due(reading, current, check),
    )
