"""The list of findings: filters in the address, facets, groups, pages by key, and the same list as a file."""

from __future__ import annotations

import base64
import binascii
import heapq
import json
from itertools import islice
from typing import TYPE_CHECKING, Annotated, NamedTuple
from urllib.parse import urlencode

import msgspec
from msgspec import Meta
from starlette.responses import RedirectResponse

from collector.core.errors import UsageError
from collector.core.plain_text import show_moment
from collector.core.scopes import show_scope
from collector.pages.finding_rows import VERDICTS
from collector.pages.page_words import VERDICT_WORDS, resource_name
from collector.report.findings.finding_filter import AGES, SEVERITIES
from collector.web.exports import Export, file_of
from collector.web.finding_groups import groups_of
from collector.web.finding_query import GROUPS, SIZES, SORTS, filtered, params_of_line, query_of
from collector.web.resource_groups import ResourcePage, resource_page

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from collector.pages.finding_rows import FindingRow, Findings, Key
    from collector.report.findings.finding_cells import Cell
    from collector.web.finding_query import Filtered, FindingQuery
    from collector.web.pages import Pages

_FACETS = ("verdict", "severity", "scope", "seen", "account", "control", "age", "owner", "risk")
_OPEN = frozenset({"verdict", "severity", "scope", "account", "control"})
"""The facets that are open at first; a chosen one is in any case."""

_TITLES = {
    "verdict": "Verdict",
    "severity": "Severity",
    "scope": "Systems",
    "seen": "Seen",
    "account": "Account, organization, project",
    "control": "Control, by direct check",
    "age": "Days since",
    "owner": "Owner of the system",
    "risk": "Risk",
    "source": "Source",
    "check": "Check",
    "resource": "Resource",
    "text": "Text",
}
_WORDS = {
    "scope": {"in": "In scope", "elsewhere": "Elsewhere"},
    "verdict": VERDICT_WORDS,
    "seen": {"lost": "Last seen failing, unknown now"},
    "severity": {severity: severity.capitalize() for severity in SEVERITIES},
}
_ORDERS: dict[str, Sequence[str]] = {
    "verdict": VERDICTS,
    "severity": SEVERITIES,
    "scope": ("in", "elsewhere"),
    "age": tuple(AGES),
}
_MOST_BY_AGE = 5000
"""Findings of one span of ages that are read to be put in order."""

_MOST = 12
"""Values of a facet that are shown; the others are reached by the line of filters."""

COLUMNS = (
    ("check", 40),
    ("title", 50),
    ("severity", 10),
    ("verdict", 14),
    ("source", 14),
    ("place", 26),
    ("resource", 40),
    ("systems", 12),
    ("since", 21),
    ("reason", 80),
    ("owner", 20),
    ("due", 12),
    ("accepted by", 12),
    ("controls", 40),
)
"""The columns of the list as a file, with their widths."""


_Number = Annotated[int, Meta(ge=0, lt=1 << 62)]
_Place = tuple[_Number, _Number, str, _Number, str, tuple[str, ...], str]
"""Where a page ends, as its token has it."""


class Page(NamedTuple):
    """A part of the list: its rows, how many come before them, and what continues behind them."""

    rows: list[FindingRow]
    before: int
    after: str


class FacetValue(NamedTuple):
    """One value of a facet: what people read, how many there would be, and the address that has it or leaves it."""

    word: str
    value: str
    number: int
    address: str
    is_chosen: bool


class Facet(NamedTuple):
    """One facet. `more` counts the values that are not shown."""

    name: str
    title: str
    values: list[FacetValue]
    more: int
    is_open: bool


def findings(pages: Pages, request: Request) -> Response:
    """Return the page, or the way to the address that a typed line of filters stands for."""
    typed = request.query_params.get("q")
    if typed is not None:
        kept = [(name, request.query_params[name]) for name in ("group", "as_of") if request.query_params.get(name)]
        return RedirectResponse(f"/findings?{urlencode([*params_of_line(typed), *kept])}", 303)
    query = query_of(request.query_params)
    with pages.snapshot(request) as snapshot:
        findings = snapshot.findings
        found = filtered(findings, query, _FACETS)
        page = _page(findings, found, query) if query.group == "none" else Page([], 0, "")
        by_resource = resource_page(findings, found, query) if query.group == "resource" else ResourcePage([], 0, "")
        first = page.before or by_resource.before
        return pages.answer(
            request,
            "web/findings.html",
            snapshot=snapshot,
            query=query,
            query_export=lambda kind: query.address(f"/findings.{kind}", group=None, n=None),
            total=found.total,
            all_total=findings.total,
            groups=groups_of(findings, found, query.group, query.sort)
            if query.group in {"check", "control"}
            else by_resource.groups,
            rows=page.rows,
            first=first + 1,
            last=first + len(page.rows) + len(by_resource.groups),
            next_address=(after := page.after or by_resource.after) and query.address(after=after),
            facets=[_facet(name, found.facets[name], query) for name in _FACETS],
            chips=list(_chips(query)),
            groupings=GROUPS,
            sizes=SIZES,
            sorts=SORTS,
            controls=findings.controls,
        )


def findings_file(pages: Pages, request: Request) -> Response:
    """Return exactly the findings that the page with these filters lists."""
    query = query_of(request.query_params)
    with pages.snapshot(request) as snapshot:
        found = filtered(snapshot.findings, query)
        rows = _cells(snapshot.findings, _in_order(snapshot.findings, found, query))
        return file_of(Export("findings", snapshot.basis.at, COLUMNS, rows), request.path_params["kind"])


def _cells(findings: Findings, rows: Iterable[FindingRow]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        links = findings.controls.get(row.check, ())
        yield (
            row.check,
            row.title,
            row.severity,
            VERDICT_WORDS[row.verdict],
            row.source,
            show_scope(row.scope),
            resource_name(row.subject),
            "elsewhere" if row.elsewhere else "in scope",
            show_moment(row.since),
            row.why,
            row.owner,
            "" if row.due is None else row.due.isoformat(),
            row.accepted_by,
            "; ".join(f"{link.framework}/{link.control} ({link.strength})" for link in links),
        )


def _facet(name: str, counts: Counter[str], query: FindingQuery) -> Facet:
    chosen = query.wanted.get(name, ())
    values = {value: counts[value] for value in counts} | {value: counts[value] for value in chosen}
    order = _ORDERS.get(name)
    if order is not None:
        names = [value for value in order if value in values]
    else:
        names = sorted(values, key=lambda value: (value not in chosen, -values[value], value))
    if name == "control":
        # One name for each control: that of its framework version, with its role where it has several.
        names = [value for value in names if value.count("/") >= 1 or value in chosen]
        names = [value for value in names if not any(other.startswith(f"{value}/") for other in names)]
    shown = names[:_MOST]
    words = _WORDS.get(name, {})
    return Facet(
        name=name,
        title=_TITLES[name],
        values=[
            FacetValue(words.get(value, value), value, values[value], query.toggled(name, value), value in chosen)
            for value in shown
        ],
        more=len(names) - len(shown),
        is_open=name in _OPEN or bool(chosen),
    )


def _chips(query: FindingQuery) -> Iterator[tuple[str, str]]:
    """Yield each filter in force as people read it, and the address without it."""
    for name, values in query.wanted.items():
        words = _WORDS.get(name, {})
        text = ", ".join(words.get(value, value).lower() if words else value for value in values)
        yield f"{_TITLES[name]}: {text}", query.without(name)


def _in_order(
    findings: Findings, found: Filtered, query: FindingQuery, after: Key | None = None
) -> Iterator[FindingRow]:
    """Yield the findings that pass, in the order that was asked for.

    The oldest come first span by span; those of a span with too many are in its usual order. No later span is read.
    """
    if query.sort != "age":
        yield from _taken(findings, found, found.cells, after)
        return
    for age in reversed(AGES):
        cells = [cell for cell in found.cells if cell.alike.age == age]
        rows = _taken(findings, found, cells)
        is_few = sum(cell.total for cell in cells) <= _MOST_BY_AGE
        yield from sorted(rows, key=lambda row: (row.since, row.key)) if is_few else rows


def _taken(
    findings: Findings, found: Filtered, cells: Sequence[Cell], after: Key | None = None
) -> Iterator[FindingRow]:
    """Yield the findings of cells that pass the filters by name too, in their order."""
    if found.places is None:
        yield from (row for row in findings.rows(cells, after) if found.means(row.check, row.subject))
        return
    taken = {(cell.check, cell.place, cell.alike) for cell in cells}
    on_places = (
        findings.row(current)
        for _, on_place in findings.at_each(found.places)
        for current, cell in on_place
        if cell[:3] in taken and cell.check not in found.whole and found.means(cell.check, current.id.subject)
    )
    few = sorted((row for row in on_places if after is None or row.key > after), key=lambda row: row.key)
    many = findings.rows([cell for cell in cells if cell.check in found.whole], after)
    yield from heapq.merge(few, many, key=lambda row: row.key)


def _page(findings: Findings, found: Filtered, query: FindingQuery) -> Page:
    """Return a page of the list. Raises UsageError on an `after` that no page of this list gave."""
    before, key = _read_token(query) if query.after else (0, None)
    # By age the whole list is put in order each time, so that the number of those before says where to go on.
    by_age = query.sort == "age"
    rows = _in_order(findings, found, query, None if by_age else key)
    skipped = before if by_age else 0
    taken = list(islice(rows, skipped, skipped + query.size + 1))
    shown = taken[: query.size]
    return Page(shown, before, _token(shown[-1], before + len(shown)) if len(taken) > query.size else "")


def _token(row: FindingRow, before: int) -> str:
    """Return where a page ends, as the next one is asked for: its last row, and how many there were up to there."""
    return base64.urlsafe_b64encode(json.dumps([before, *row.key]).encode()).decode().rstrip("=")


def _read_token(query: FindingQuery) -> tuple[int, Key]:
    token = query.after
    try:
        words = base64.urlsafe_b64decode((token + "=" * (-len(token) % 4)).encode())
        before, *key = msgspec.json.decode(words, type=_Place)
    except (ValueError, binascii.Error):
        raise UsageError("this is no place in the list", mend="begin at its first page") from None
    severity, check, verdict, source, scope, subject = key
    return before, (severity, check, verdict, source, scope, subject)
