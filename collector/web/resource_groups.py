"""Findings put together by resource, page by page in the order of where the resources are.

A page reads the resources that it shows, and no others: of a hundred thousand nobody counts which is the worst.
"""

from __future__ import annotations

import base64
import binascii
import heapq
import json
from collections import Counter
from itertools import groupby, islice
from typing import TYPE_CHECKING, Annotated, NamedTuple

import msgspec
from msgspec import Meta

from collector.core.errors import UsageError
from collector.core.finding_groups import FindingPlace
from collector.core.scopes import show_scope
from collector.pages.page_words import resource_name
from collector.web.finding_groups import Group, with_cell
from collector.web.finding_query import account_of, place_order

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from collector.pages.finding_rows import Findings
    from collector.report.findings.finding_cells import Cell
    from collector.web.finding_query import Filtered, FindingQuery

_Number = Annotated[int, Meta(ge=0, lt=1 << 62)]
_Token = tuple[_Number, str, tuple[str, ...], str]
"""Where a page ends, as its token has it: how many resources there were up to there, and the last one."""


class ResourcePage(NamedTuple):
    """Some resources: how many come before them, and what continues behind them."""

    groups: list[Group]
    before: int
    after: str


def resource_page(findings: Findings, found: Filtered, query: FindingQuery) -> ResourcePage:
    """Return a page of the resources with a finding that passes, each counted whatever the verdict.

    Raises UsageError on an `after` that no page of this list gave.
    """
    before, start = _read_token(query.after) if query.after else (0, None)
    places = list(islice(_places(findings, found, start), query.size + 1))
    any_verdict = {(cell.check, cell.place, cell.alike) for cell in found.of_any_verdict}
    groups = [
        _group(findings, found, place, [cell for _, cell in on_place], any_verdict)
        for place, on_place in findings.at_each(places[: query.size])
    ]
    after = before + len(groups)
    is_more = len(places) > query.size
    return ResourcePage(groups, before, _token(places[query.size - 1], after) if is_more else "")


def _places(findings: Findings, found: Filtered, start: FindingPlace | None) -> Iterator[FindingPlace]:
    """Yield the resources with a finding that passes, in order, those after one only."""
    if found.places is None:
        yield from _streamed(findings, found, found.cells, start)
        return
    taken = {(cell.check, cell.place, cell.alike) for cell in found.cells}
    behind = (place for place in found.places if start is None or place_order(place) > place_order(start))
    named = (
        place
        for place, on_place in findings.at_each(behind)
        if any(cell[:3] in taken and found.means(cell.check, place.subject) for _, cell in on_place)
    )
    of_checks = _streamed(findings, found, [cell for cell in found.cells if cell.check in found.whole], start)
    for place, _ in groupby(heapq.merge(named, of_checks, key=place_order)):
        yield place


def _streamed(
    findings: Findings, found: Filtered, cells: list[Cell], start: FindingPlace | None
) -> Iterator[FindingPlace]:
    rows = findings.cells.rows(cells, start) if cells else iter(())
    for (source, scope, subject), ids in groupby(rows, key=lambda row: (row[0].source, row[0].scope, row[0].subject)):
        if any(found.means(id_.check, subject) for id_, _ in ids):
            yield FindingPlace(source, scope, subject)


def _group(
    findings: Findings,
    found: Filtered,
    place: FindingPlace,
    on_place: Iterable[Cell],
    any_verdict: Collection[tuple[object, ...]],
) -> Group:
    account = account_of(place.source, place.scope)
    name, detail = resource_name(place.subject), f"{place.source}: {show_scope(place.scope)}"
    group = Group(name, detail, "", {"resource": place.subject, "account": account}, Counter())
    checks = set()
    for cell in on_place:
        if cell[:3] in any_verdict and found.means(cell.check, place.subject):
            group = with_cell(group, cell, findings.severity(cell.check))
            checks.add(cell.check)
    # A place as a whole has no name to filter by; its checks judge nothing else.
    return group if place.subject else group._replace(only={"check": tuple(sorted(checks)), "account": account})


def _token(place: FindingPlace, before: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([before, *place]).encode()).decode().rstrip("=")


def _read_token(token: str) -> tuple[int, FindingPlace]:
    try:
        words = base64.urlsafe_b64decode((token + "=" * (-len(token) % 4)).encode())
        before, *place = msgspec.json.decode(words, type=_Token)
    except (ValueError, binascii.Error):
        raise UsageError("this is no place in the list", mend="begin at its first page") from None
    return before, FindingPlace(*place)
