"""How findings leave *fail*: fixed, subject gone, rule changed, limit changed, out of scope; gone is not fixed."""

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
    """How a finding left *fail*. Only the first of them says that something was mended."""

    FIXED = "fixed"  # the same rule with the same limits passes on other evidence
    GONE = "subject gone"
    RULE = "rule changed"  # its code is another one, it was disabled, or nothing but time has passed
    LIMIT = "limit changed"
    SCOPE = "out of scope"  # the place is not looked at any more
    UNKNOWN = "not established"  # it was failing, and could not be seen since: still open


class Departure(Struct, frozen=True, kw_only=True):
    """A finding that was failing. `how` and `left_at` are None while it still fails."""

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
    """Follows the findings of some checks through the record; holds a line for each that was ever failing."""

    def __init__(
        self,
        standing: Iterable[FindingState],
        rules: Mapping[tuple[str, str], CheckCounts],
        wanted: Callable[[FindingId], bool],
        carried: Callable[[str], str] = str,
    ) -> None:
        """`standing` and `rules` are those of the moment at which the way through the record begins.

        `carried` says what the digest of a check's code that was recorded is called now.
        """
        self._wanted = wanted
        self._carried = carried
        self._codes = {place: carried(tally.code) for place, tally in rules.items()}
        self._failed: dict[FindingId, Finding] = {}
        self._found: dict[FindingId, list[Departure]] = {}
        self._mended: set[FindingId] = set()
        for state in standing:
            if state.finding.status is Status.FAIL and wanted(state.finding.id):
                self._fails(state.finding, state.since)

    def take(self, judged: Judged) -> None:
        """Take in one judgement, in the order of the record."""
        for change in judged.changes:
            if self._wanted(change.id):
                self._take(change, judged.at)
        if judged.tallies:
            self._recoded({(tally.check, tally.source): self._carried(tally.code) for tally in judged.tallies})

    def found(self) -> Iterator[Departure]:
        """Yield every time that a finding was failing, in its order."""
        for several in self._found.values():
            yield from several

    def _fails(self, finding: Finding, since: datetime) -> None:
        before = self._found.setdefault(finding.id, [])
        # Back from not being seen: it has been open all the time.
        if before and before[-1].how is ClosureReason.UNKNOWN:
            before[-1] = replace(before[-1], how=None, left_at=None)
        elif not before or before[-1].how is not None:
            before.append(Departure(id=finding.id, since=since))
        self._failed[finding.id] = finding

    def _recoded(self, codes: Mapping[tuple[str, str], str]) -> None:
        """Take in the code that a run judged with; the record has it after the verdicts of that run."""
        for id_ in self._mended:
            place = (id_.check, id_.source)
            was = self._codes.get(place)
            if was is not None and codes.get(place, was) != was:
                self._found[id_][-1] = replace(self._found[id_][-1], how=ClosureReason.RULE)
        self._mended.clear()
        self._codes.update(codes)

    def _take(self, change: FindingChange, at: datetime) -> None:
        now = change.now
        if now is not None and now.status is Status.FAIL:
            self._fails(now, at)
            return
        before = self._found.get(change.id)
        if not before or before[-1].how not in {None, ClosureReason.UNKNOWN}:
            return
        how = self._how(change)
        before[-1] = replace(before[-1], how=how, left_at=at)
        if how is ClosureReason.FIXED:
            self._mended.add(change.id)

    def _how(self, change: FindingChange) -> ClosureReason:
        if change.ended is not None:
            return _ENDED[change.ended]
        now, was = change.now, self._failed[change.id]
        if now is None or now.status is Status.UNKNOWN:
            return ClosureReason.UNKNOWN
        # A rule that asks for less, at the same time as the evidence changed, proves no fix.
        if now.limits != was.limits:
            return ClosureReason.LIMIT
        return ClosureReason.RULE if now.evidence == was.evidence else ClosureReason.FIXED
