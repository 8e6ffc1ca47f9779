"""The counts of all findings, from what the store counts; only findings of which more is shown are read."""

from __future__ import annotations

from contextlib import closing
from itertools import groupby
from typing import TYPE_CHECKING

from collector.core.checks import Status
from collector.core.finding_groups import FindingsWanted

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from datetime import datetime

    from collector.core.finding_groups import FindingGroup, FindingGroups
    from collector.report.state.counting import Count, FindingCounter
    from collector.report.state.known import CurrentFinding, Reading


def count_groups(reading: Reading, groups: FindingGroups, counted: FindingCounter) -> None:
    """Count all findings of the store, with the result of adding them one by one."""
    found = groups.groups(runs=reading.open_runs, as_of=reading.as_of)
    for check, of_check in groupby(list(found), key=lambda group: group.check):
        _CheckCounter(reading, groups, counted, check, list(of_check)).count()


class _CheckCounter:
    """Counts the findings of one check."""

    def __init__(
        self,
        reading: Reading,
        groups: FindingGroups,
        counted: FindingCounter,
        check: str,
        of_check: Sequence[FindingGroup],
    ) -> None:
        self._reading = reading
        self._groups = groups
        self._counted = counted
        self._check = check
        self._of_check = of_check
        self._has_exceptions = counted.accepting.speaks_of(check)

    def count(self) -> None:
        """Count all of them."""
        scopes = {(group.source, group.scope, group.in_run) for group in self._of_check}
        if len({(source, scope) for source, scope, _ in scopes}) < len(scopes):
            # The times are of a whole scope, and what a run that has not ended says is of another age than the rest.
            for current in self._read(FindingsWanted(check=self._check)):
                self._counted.add(current)
            return
        for group in self._of_check:
            self._add(group)
        self._explain_fails()
        self._explain_doubts()
        for group in self._of_check:
            if group.was_failing:
                self._add_standing(group)
        self._add_calls()

    def _add(self, group: FindingGroup) -> None:
        """Count a group, without what its single findings say."""
        reading, counted, total = self._reading, self._counted, group.total
        seen_at, old = self._age(group)
        verdict = group.status if old is None else Status.UNKNOWN
        is_in_scope = reading.decides(group.source, group.scope)
        since = group.times.failed_since if group.was_failing else group.times.failing_since
        is_lost = group.was_failing or (group.status is Status.FAIL and old is not None)
        for count in counted.counts(group.check, group.source):
            if is_in_scope:
                count.by[verdict] += total
                count.see(seen_at or group.times.observed_at)
                if is_lost and since is not None:
                    count.lose(since, total)
            else:
                count.elsewhere += total
                count.is_elsewhere = True
        (counted.verdicts if is_in_scope else counted.elsewhere)[verdict] += total
        counted.stale += total * (is_in_scope and old is not None and group.status is not Status.UNKNOWN)
        counted.judged.add((group.check, group.source, group.scope))
        if verdict is Status.UNKNOWN:
            counted.unknowns.add_silence(group.source, group.check, group.scope)

    def _explain_fails(self) -> None:
        """Add the reasons of fails, and what exceptions cover."""
        fails = [group for group in self._in_scope() if group.status is Status.FAIL and self._age(group)[1] is None]
        counts = self._counts(fails)
        with closing(self._read(FindingsWanted(check=self._check, statuses=(Status.FAIL,)))) as found:
            # Without an exception every reason is told alike, and the first ones are enough.
            while fails and (self._has_exceptions or not all(count.has_failed_enough for count in counts)):
                current = next(found, None)
                if current is None:
                    return
                if current.status is Status.FAIL and self._decides(current):
                    for count in self._counted.counts(self._check, current.id.source):
                        count.explain_fail(current, self._counted.accepting)

    def _explain_doubts(self) -> None:
        """Add the reasons of unknown verdicts."""
        doubts = [group for group in self._in_scope() if group.status is Status.UNKNOWN or self._age(group)[1]]
        counts = self._counts(doubts)
        statuses = {group.status for group in doubts}
        with closing(self._read(FindingsWanted(check=self._check, statuses=statuses))) as found:
            while doubts and not all(count.has_doubted_enough for count in counts):
                current = next(found, None)
                if current is None:
                    return
                if current.status is Status.UNKNOWN and self._decides(current):
                    for count in self._counted.counts(self._check, current.id.source):
                        count.explain_doubt(current)

    def _add_standing(self, group: FindingGroup) -> None:
        """Count the fails that were seen so short a time ago that they count although they are unknown."""
        reading, lost_at = self._reading, group.times.lost_at
        latest = None if lost_at is None else lost_at + reading.interval(group.check, group.source, group.scope)
        if latest is None or latest < reading.at or not reading.decides(group.source, group.scope):
            return
        wanted = FindingsWanted(check=self._check, source=group.source, scope=group.scope, was_failing=True)
        for current in self._read(wanted):
            for count in self._counted.counts(self._check, current.id.source):
                count.stand(current, self._counted.accepting)

    def _add_calls(self) -> None:
        """Add of which calls unknown verdicts say that they were refused, in sources where a part was not read."""
        unknown = {group.source for group in self._of_check if group.status is Status.UNKNOWN}
        for source in sorted(unknown & self._counted.refused):
            wanted = FindingsWanted(check=self._check, source=source, statuses=(Status.UNKNOWN,))
            for current in self._read(wanted):
                self._counted.unknowns.add(current)

    def _in_scope(self) -> Iterator[FindingGroup]:
        return (group for group in self._of_check if self._reading.decides(group.source, group.scope))

    def _counts(self, groups: Iterable[FindingGroup]) -> list[Count]:
        """Return the counts in which findings of groups have a part."""
        sources = dict.fromkeys(group.source for group in groups)
        return [count for source in sources for count in self._counted.counts(self._check, source)]

    def _age(self, group: FindingGroup) -> tuple[datetime | None, str | None]:
        return self._reading.age_of(group.check, group.source, group.scope, in_open_run=group.in_run)

    def _decides(self, current: CurrentFinding) -> bool:
        return self._reading.decides(current.id.source, current.id.scope)

    def _read(self, wanted: FindingsWanted) -> Generator[CurrentFinding]:
        for state, before in self._groups.members(wanted, as_of=self._reading.as_of):
            yield self._reading.current(state, before)
