"""The findings that are other ones at two moments, without going through those that nothing was recorded of."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from collector.core.finding_groups import FindingsWanted
from collector.core.scopes import scope_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.core.finding_groups import FindingGroups
    from collector.core.findings import FindingId
    from collector.core.scopes import Scope
    from collector.report.state.known import CurrentFinding, Reading

Sides = tuple["CurrentFinding | None", "CurrentFinding | None"]
"""A finding as it counted at the earlier moment and at the later one; None where there was none."""


def changed_findings(then: Reading, now: Reading) -> Iterator[Sides]:
    """Yield, in the order of the store, the findings whose verdict may count otherwise at the later moment.

    That are those with a verdict recorded in between, and all of a check in a scope of which the evidence became too
    old, or is not any more. Of every other finding verdict, evidence and limits are the same.
    """
    groups = now.grouped
    if groups is None or then.grouped is None:
        yield from side_by_side(then.findings(), now.findings())
        return
    places = list(groups.scopes())
    aged = [place for place in places if _is_aged(then, now, *place)]
    left_out = set(aged)
    of_changed: Iterator[Sides] = iter(())
    if len(aged) < len(places):
        of_changed = (
            sides
            for sides in _read(then, now, groups, FindingsWanted(), is_whole=False)
            if _place(_id(sides)) not in left_out
        )
    of_aged = (
        sides
        for check, source, scope in aged
        for sides in _read(then, now, groups, FindingsWanted(check=check, source=source, scope=scope), is_whole=True)
    )
    yield from heapq.merge(of_changed, of_aged, key=lambda sides: order(_id(sides)))


def side_by_side(old: Iterator[CurrentFinding], new: Iterator[CurrentFinding]) -> Iterator[Sides]:
    """Yield the findings of two ordered streams in pairs, None where one has no counterpart."""
    left, right = next(old, None), next(new, None)
    while left is not None or right is not None:
        if right is None or (left is not None and order(left.id) < order(right.id)):
            yield left, None
            left = next(old, None)
        elif left is None or order(right.id) < order(left.id):
            yield None, right
            right = next(new, None)
        else:
            yield left, right
            left, right = next(old, None), next(new, None)


def order(id_: FindingId) -> tuple[str, str, str, str]:
    """Return what the store orders findings by."""
    return id_.check, id_.source, scope_text(id_.scope), id_.subject


def _is_aged(then: Reading, now: Reading, check: str, source: str, scope: Scope) -> bool:
    """Return whether the age of a verdict may decide otherwise; of the runs that have not ended either may be meant."""
    ages = {
        reading.age_of(check, source, scope, in_open_run=in_run)[1] is None
        for reading in (then, now)
        for in_run in ((False, True) if reading.open_runs else (False,))
    }
    return len(ages) > 1


def _read(
    then: Reading, now: Reading, groups: FindingGroups, wanted: FindingsWanted, *, is_whole: bool
) -> Iterator[Sides]:
    for pair in groups.changes(wanted, since=then.at, until=now.as_of, is_whole=is_whole):
        yield (
            None if pair.then is None else then.current(*pair.then),
            None if pair.now is None else now.current(*pair.now),
        )


def _id(sides: Sides) -> FindingId:
    found = sides[1] or sides[0]
    assert found is not None  # noqa: S101  a pair has at least one side
    return found.id


def _place(id_: FindingId) -> tuple[str, str, Scope]:
    return id_.check, id_.source, id_.scope
