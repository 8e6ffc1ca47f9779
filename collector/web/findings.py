"""The list of findings: filters in the address, facets, groups, pages by key, and the same list as a file."""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from starlette.responses import RedirectResponse

from collector.core.errors import UsageError
from collector.core.plain_text import show_moment
from collector.core.scopes import show_scope
from collector.report.findings.finding_filter import SEVERITIES
from collector.web.addresses import VERDICT_WORDS, resource_name
from collector.web.exports import Export, file_of
from collector.web.finding_groups import groups_of
from collector.web.finding_query import AGES, GROUPS, SIZES, SORTS, filtered, params_of_line, query_of
from collector.web.finding_rows import VERDICTS

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from collector.web.finding_query import FindingQuery
    from collector.web.finding_rows import FindingRow, Findings
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
    "seen": {"lost": "Last seen failing, not seen since", "stale": "Too long ago"},
    "severity": {severity: severity.capitalize() for severity in SEVERITIES},
}
_ORDERS: dict[str, Sequence[str]] = {
    "verdict": VERDICTS,
    "severity": SEVERITIES,
    "scope": ("in", "elsewhere"),
    "age": tuple(name for name, _ in AGES),
}
_KEY_TYPES = {"severity": (int, str, int, str, tuple, str), "age": (str, int, str, int, str, tuple, str)}
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
        found = filtered(snapshot.findings, query, snapshot.standing.at, _FACETS)
        is_grouped = query.group != "none"
        groups = groups_of(snapshot.findings, found.rows, found.of_any_verdict, query) if is_grouped else []
        start = _start(found.rows, query)
        shown = found.rows[start : start + query.size]
        last = start + len(shown)
        return pages.answer(
            request,
            "web/findings.html",
            snapshot=snapshot,
            query=query,
            query_export=lambda kind: query.address(f"/findings.{kind}", group=None, n=None),
            total=len(found.rows),
            all_total=len(snapshot.findings.rows),
            groups=groups,
            rows=shown,
            first=start + 1,
            last=last,
            next_address=query.address(after=_token(shown[-1], query)) if last < len(found.rows) and shown else "",
            facets=[_facet(name, found.facets[name], query) for name in _FACETS],
            chips=list(_chips(query)),
            groupings=GROUPS,
            sizes=SIZES,
            sorts=SORTS,
            controls=snapshot.findings.controls,
            risks=snapshot.findings.risks,
        )


def findings_file(pages: Pages, request: Request) -> Response:
    """Return exactly the findings that the page with these filters lists."""
    query = query_of(request.query_params)
    with pages.snapshot(request) as snapshot:
        found = filtered(snapshot.findings, query, snapshot.standing.at, ())
        rows = _cells(snapshot.findings, found.rows)
        return file_of(Export("findings", snapshot.standing.at, COLUMNS, rows), request.path_params["kind"])


def _cells(findings: Findings, rows: list[FindingRow]) -> Iterator[tuple[str, ...]]:
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


def _key(row: FindingRow, query: FindingQuery) -> tuple[Any, ...]:
    return (row.since.isoformat(), *row.key) if query.sort == "age" else row.key


def _token(row: FindingRow, query: FindingQuery) -> str:
    """Return where a page ends, as the next one is asked for: the key of its last row."""
    return base64.urlsafe_b64encode(json.dumps(_key(row, query)).encode()).decode().rstrip("=")


def _start(rows: list[FindingRow], query: FindingQuery) -> int:
    """Return the number of rows up to and including the one that the address names. Raises UsageError."""
    if not query.after:
        return 0
    key = _read_token(query.after)
    if tuple(map(type, key)) != _KEY_TYPES[query.sort]:
        raise UsageError("this is no place in the list", mend="begin at its first page")
    return bisect_right(rows, key, key=lambda row: _key(row, query))


def _read_token(token: str) -> tuple[Any, ...]:
    """Return the key that `_token` wrote; an empty one where it did not."""
    try:
        words = json.loads(base64.urlsafe_b64decode((token + "=" * (-len(token) % 4)).encode()))
    except (ValueError, binascii.Error):
        return ()
    return tuple(tuple(word) if isinstance(word, list) else word for word in words) if isinstance(words, list) else ()
