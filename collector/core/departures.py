"""Why findings stopped failing: fixed, subject gone, rule changed, limit changed, out of scope or not established.

Only a pass of the same rule with the same limits on other evidence is *fixed*; a resource that is gone is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from collector.core.checks import Status
from collector.core.facts import CheckCounts, Judged
from collector.core.findings import Ended, Finding, FindingChange, FindingId, FindingState


class ClosureReason(StrEnum):
    """Why a finding is not failing any more. Only FIXED says that something was remedied."""

    FIXED = "fixed"  # the same rule with the same limits passes on other evidence
    GONE = "subject gone"
    RULE = "rule changed"  # its code is another one, it was disabled, or nothing but time has passed
    LIMIT = "limit changed"
    SCOPE = "out of scope"  # its scope is not collected any more
    UNKNOWN = "not established"  # it was failing, and could not be observed since: still open


class Departure(Struct, frozen=True, kw_only=True):
    """One time that a finding was failing: since when, and until when and why; None while it still fails."""

    id: FindingId
    since: datetime
    how: ClosureReason | None = None
    left_at: datetime | None = None


_ENDED = {
    Ended.SUBJECT_GONE: ClosureReason.GONE,
    Ended.SCOPE_GONE: ClosureReason.SCOPE,
    Ended.SCOPE_SEEN: ClosureReason.GONE,
    Ended.CHECK_DISABLED: ClosureReason.RULE,
}


class Departures:
    """Collects the departures of some findings while judgements are passed to `take` in the order of the log.

    Memory grows with the number of findings that were ever failing.
    """

    def __init__(
        self,
        states: Iterable[FindingState],
        rules: Mapping[tuple[str, str], CheckCounts],
        wanted: Callable[[FindingId], bool],
        carried: Callable[[str], str] = str,
    ) -> None:
        """`states` and `rules` are the findings and rules before the first judgement; `wanted` selects findings.

        `carried` returns what a recorded digest of a check's code is called now.
        """
        self._wanted = wanted
        self._carried = carried
        self._codes = {key: carried(counts.code) for key, counts in rules.items()}
        self._failed: dict[FindingId, Finding] = {}
        self._found: dict[FindingId, list[Departure]] = {}
        self._fixed: set[FindingId] = set()
        for state in states:
            if state.finding.status is Status.FAIL and wanted(state.finding.id):
                self._failing(state.finding, state.since)

    def take(self, judged: Judged) -> None:
        """Process one judgement; judgements come in the order of the log."""
        for change in judged.changes:
            if self._wanted(change.id):
                self._take_change(change, judged.at)
        if judged.tallies:
            self._take_codes({(counts.check, counts.source): self._carried(counts.code) for counts in judged.tallies})

    def found(self) -> Iterator[Departure]:
        """Yield every departure, grouped by finding, the earliest of a finding first."""
        for departures in self._found.values():
            yield from departures

    def _failing(self, finding: Finding, since: datetime) -> None:
        departures = self._found.setdefault(finding.id, [])
        # It failed before it became unknown, and fails again: it was open all the time.
        if departures and departures[-1].how is ClosureReason.UNKNOWN:
            departures[-1] = replace(departures[-1], how=None, left_at=None)
        elif not departures or departures[-1].how is not None:
            departures.append(Departure(id=finding.id, since=since))
        self._failed[finding.id] = finding

    def _take_codes(self, codes: Mapping[tuple[str, str], str]) -> None:
        """Process the check code of a run; the log has it after the verdicts of that run."""
        for id_ in self._fixed:
            key = (id_.check, id_.source)
            was = self._codes.get(key)
            if was is not None and codes.get(key, was) != was:
                self._found[id_][-1] = replace(self._found[id_][-1], how=ClosureReason.RULE)
        self._fixed.clear()
        self._codes.update(codes)

    def _take_change(self, change: FindingChange, at: datetime) -> None:
        now = change.now
        if now is not None and now.status is Status.FAIL:
            self._failing(now, at)
            return
        departures = self._found.get(change.id)
        if not departures or departures[-1].how not in {None, ClosureReason.UNKNOWN}:
            return
        reason = self._reason(change)
        departures[-1] = replace(departures[-1], how=reason, left_at=at)
        if reason is ClosureReason.FIXED:
            self._fixed.add(change.id)

    def _reason(self, change: FindingChange) -> ClosureReason:
        if change.ended is not None:
            return _ENDED[change.ended]
        now, before = change.now, self._failed[change.id]
        if now is None or now.status is Status.UNKNOWN:
            return ClosureReason.UNKNOWN
        # Where limits and evidence changed at the same time, the pass does not prove a fix.
        if now.limits != before.limits:
            return ClosureReason.LIMIT
        return ClosureReason.RULE if now.evidence == before.evidence else ClosureReason.FIXED
