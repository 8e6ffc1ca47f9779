"""What differs between two moments, finding by finding, and why: the evidence, a limit, or the rule."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Literal

from msgspec import Struct

from collector.report.findings.changed_findings import side_by_side
from collector.report.findings.finding_filter import Filter, FindingQuery
from collector.report.state.known import CurrentFinding, Reading

Why = Literal["first seen", "evidence", "limit", "evidence and limit", "rule or time", "age", "ended", "and back"]
"""Why a verdict is another one. `ended`: subject, scope or check are gone, which is never the same as fixed."""


class ChangeView(Struct, frozen=True, kw_only=True):
    """One finding that is not what it was. `was` is None where it is new, `now` where it is not there any more."""

    check: str
    source: str
    scope: tuple[str, ...]
    subject: str
    was: str | None
    now: str | None
    why: Why
    reason: str
    changed_at: datetime | None
    limits_then: dict[str, str] | None
    limits_now: dict[str, str] | None


class ChangesView(Struct, frozen=True, kw_only=True, tag="annexd.changes/1", tag_field="schema"):
    """What `annexd findings --since --json` prints. `same` findings did not change, `touched` only their evidence."""

    since: datetime
    at: datetime
    counts: dict[str, int]
    matched: int
    shown: int
    same: int
    touched: int
    without_tags: int
    changes: list[ChangeView]


def changes_view(reading: Reading, asked: FindingQuery, since: datetime, most: int | None = None) -> ChangesView:
    """Compare the findings of two moments. Both come in the same order, and are compared while they stream."""
    then = Reading(reading.app, reading.store, since, as_of=since)
    chosen, chosen_then = Filter(reading, asked), Filter(then, asked)
    counts: Counter[str] = Counter()
    changes: list[ChangeView] = []
    same = touched = 0
    for source in chosen.sources:
        for old, new in side_by_side(then.findings(source=source), reading.findings(source=source)):
            takes = (new is not None and chosen.takes(new)) or (old is not None and chosen_then.takes(old))
            if not takes or not _of_status(asked, old, new):
                continue
            why = why_changed(old, new, since)
            if why is None:
                same += 1
                touched += old is not None and new is not None and old.state.finding != new.state.finding
                continue
            counts[why] += 1
            if most is None or len(changes) < most:
                changes.append(change_view(old, new, why))
    return ChangesView(
        since=since,
        at=reading.at,
        counts=dict(sorted(counts.items())),
        matched=sum(counts.values()),
        shown=len(changes),
        same=same,
        touched=touched,
        without_tags=chosen.untagged,
        changes=changes,
    )


def _of_status(asked: FindingQuery, old: CurrentFinding | None, new: CurrentFinding | None) -> bool:
    if not asked.statuses:
        return True
    return any(finding is not None and finding.status in asked.statuses for finding in (old, new))


def why_changed(old: CurrentFinding | None, new: CurrentFinding | None, since: datetime) -> Why | None:
    """Return why a verdict differs; None where it is the same."""
    if old is None:
        return "first seen"
    if new is None:
        return "ended"
    if old.status is new.status:
        return "and back" if new.last is old.last and new.state.since > since else None
    if new.stale or old.stale:
        return "age"
    was, now = old.state.finding, new.state.finding
    if was.evidence != now.evidence:
        return "evidence" if was.limits == now.limits else "evidence and limit"
    return "rule or time" if was.limits == now.limits else "limit"


def change_view(old: CurrentFinding | None, new: CurrentFinding | None, why: Why) -> ChangeView:
    """Return a change as machines read it; at least one of the two is there."""
    finding = new or old
    assert finding is not None  # noqa: S101  a pair has at least one side
    return ChangeView(
        check=finding.id.check,
        source=finding.id.source,
        scope=finding.id.scope,
        subject=finding.id.subject,
        was=None if old is None else old.status.value,
        now=None if new is None else new.status.value,
        why=why,
        reason=finding.why if new is not None else "",
        changed_at=None if new is None else new.state.since,
        limits_then=None if old is None else old.state.finding.limits,
        limits_now=None if new is None else new.state.finding.limits,
    )
