"""Changes of findings: compare the findings judged now with the current ones, in order, and yield the differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.checks import Status
from collector.core.findings import WHOLE, Ended, Finding, FindingChange, FindingId
from collector.core.scopes import scope_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.core.findings import FindingState


class Merge:
    """Yields the changes from current findings to those judged now; both are ordered by scope and subject.

    With `keep` findings on subjects that are not judged now do not end, because their task was not complete.
    """

    def __init__(self, old: Iterator[FindingState], *, keep: bool) -> None:
        self._old = old
        self._keep = keep
        self._current = next(old, None)

    def push(self, finding: Finding) -> Iterator[FindingChange]:
        """Yield the ends of current findings before this one in order, and the change to this one, if any."""
        while self._current is not None and _order(self._current.finding.id) < _order(finding.id):
            yield from self._end_finding(self._current)
            self._current = next(self._old, None)
        if self._current is None or self._current.finding.id != finding.id:
            yield FindingChange(finding.id, None, now=finding, because="first seen")
            return
        before = self._current.finding
        if not same(before, finding):
            yield FindingChange(finding.id, before.status, now=finding, because=_because(before, finding))
        self._current = next(self._old, None)

    def close(self) -> Iterator[FindingChange]:
        """Yield the ends of the remaining current findings."""
        while self._current is not None:
            yield from self._end_finding(self._current)
            self._current = next(self._old, None)

    def _end_finding(self, current: FindingState) -> Iterator[FindingChange]:
        id_ = current.finding.id
        if id_.subject == WHOLE:
            yield FindingChange(id_, current.finding.status, ended=Ended.SCOPE_SEEN)
        elif not self._keep:
            yield FindingChange(id_, current.finding.status, ended=Ended.SUBJECT_GONE)


def same(before: Finding, after: Finding) -> bool:
    """Return whether two findings have the same status, evidence and limits.

    A changed reason alone is no change, except of an unknown finding, because people act on that reason.
    """
    if before.status is not after.status or before.evidence != after.evidence or before.limits != after.limits:
        return False
    return before.status is not Status.UNKNOWN or before.reason == after.reason


def _because(before: Finding, after: Finding) -> str:
    changed = []
    if before.evidence != after.evidence:
        changed.append("evidence")
    if before.limits != after.limits:
        changed.append("limits")
    if not changed and before.status is after.status:
        return "another reason"
    return " and ".join(changed) if changed else "time or rule"


def _order(id_: FindingId) -> tuple[str, str]:
    return scope_text(id_.scope), id_.subject
