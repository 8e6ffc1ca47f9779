"""The filters of a list of findings: read from the address, applied, counted for the facets, and written back to it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from collector.core.errors import UsageError
from collector.core.scopes import show_scope
from collector.report.findings.finding_filter import SEVERITIES
from collector.setup.toml_file import would_do
from collector.web.finding_rows import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from starlette.datastructures import QueryParams

    from collector.web.finding_rows import FindingRow, Findings

AGES = (("0-7", 7), ("8-30", 30), ("31-90", 90), ("91-180", 180), ("181-", None))
"""Days since a finding got its verdict: the name of each span, and its last day."""

_CHOICES: dict[str, tuple[str, ...]] = {
    "verdict": VERDICTS,
    "severity": SEVERITIES,
    "scope": ("in", "elsewhere"),
    "age": tuple(name for name, _ in AGES),
    "seen": ("lost", "stale"),
}
"""Filters of which only these values can be; those of all others are names from what was read."""

_FIELDS = {"verdict": "verdict", "severity": "severity", "source": "source", "check": "check", "resource": "subject"}
"""Filters that see one field of a row."""

FILTERS = (*_CHOICES, "source", "account", "check", "control", "owner", "risk", "resource", "text")
"""Every filter, by the name that it has in the address."""

GROUPS = ("check", "resource", "control", "none")
SORTS = ("severity", "age")
SIZES = (25, 100, 500)


class FindingQuery(NamedTuple):
    """What was asked for: for each filter the values that are wanted, and how they are shown."""

    wanted: dict[str, tuple[str, ...]]
    group: str
    sort: str
    size: int
    after: str
    as_of: str

    def address(self, path: str = "/findings", **changes: str | Sequence[str] | None) -> str:
        """Return the address of the same list with some things changed; None and empty take one away."""
        asked: dict[str, str | Sequence[str] | None] = dict(self.wanted)
        asked["group"] = self.group if self.group != GROUPS[0] else None
        asked["sort"] = self.sort if self.sort != SORTS[0] else None
        asked["n"] = str(self.size) if self.size != SIZES[1] else None
        asked["as_of"] = self.as_of
        asked.update(changes)
        pairs = [
            (name, value)
            for name, values in asked.items()
            for value in ([values] if isinstance(values, str) else values or ())
            if value
        ]
        return f"{path}?{urlencode(pairs)}" if pairs else path

    def toggled(self, name: str, value: str) -> str:
        """Return the address with one value of a filter more, or without it where it is there."""
        has = self.wanted.get(name, ())
        values = tuple(other for other in has if other != value) if value in has else (*has, value)
        changed: dict[str, Any] = {name: values}
        return self.address(**changed)

    def without(self, name: str) -> str:
        """Return the address without one filter."""
        changed: dict[str, Any] = {name: None}
        return self.address(**changed)

    @property
    def line(self) -> str:
        """The filters as one line: `verdict:fail severity:critical,high`; a value with a space is in quotes."""
        parts = []
        for name, values in self.wanted.items():
            text = ",".join(values)
            parts.append(f'{name}:"{text}"' if " " in text else f"{name}:{text}")
        return " ".join(parts)


def query_of(params: QueryParams) -> FindingQuery:
    """Return what an address asks for. Raises UsageError on a word that is none of those that can be."""
    wanted = {}
    for name in FILTERS:
        values = tuple(dict.fromkeys(value for text in params.getlist(name) for value in _split(name, text) if value))
        if values:
            for value in values:
                _require(name, value, _CHOICES.get(name))
            wanted[name] = values
    group, sort, size = params.get("group", GROUPS[0]), params.get("sort", SORTS[0]), params.get("n", str(SIZES[1]))
    _require("group", group, GROUPS)
    _require("sort", sort, SORTS)
    _require("n", size, tuple(map(str, SIZES)))
    return FindingQuery(wanted, group, sort, int(size), params.get("after", ""), params.get("as_of", ""))


def params_of_line(line: str) -> list[tuple[str, str]]:
    """Return the parameters that a line of filters stands for. Raises UsageError on a word without a filter."""
    found: list[tuple[str, str]] = []
    for word in _words(line):
        name, colon, text = word.partition(":")
        if not colon:
            name, text = "text", word
        if name not in FILTERS:
            raise UsageError(f"there is no filter {name!r}", mend=would_do(name, FILTERS, "the filters are"))
        found.extend((name, value) for value in text.strip('"').split(",") if value)
    return found


def _words(line: str) -> Iterator[str]:
    """Yield the words of a line; what is between quotes is in one of them."""
    word, quoted = "", False
    for letter in line:
        if letter == '"':
            quoted = not quoted
        if letter == " " and not quoted:
            if word:
                yield word
            word = ""
        else:
            word += letter
    if word:
        yield word


def _split(name: str, text: str) -> Sequence[str]:
    # Names of owners, accounts and resources may have a comma in them.
    return text.split(",") if name in _CHOICES else (text,)


def _require(name: str, value: str, known: Sequence[str] | None) -> None:
    if known is not None and value not in known:
        raise UsageError(f"{name}: there is no {value!r}", mend=would_do(value, known, "there are"))


class Filtered(NamedTuple):
    """The rows that pass, and for each filter how many rows each of its values would give under all others.

    `of_any_verdict` are the rows that pass all filters but that of the verdict.
    """

    rows: list[FindingRow]
    of_any_verdict: list[FindingRow]
    facets: Mapping[str, Counter[str]]


class FindingValues:
    """Which values the filters see in a row."""

    def __init__(self, findings: Findings, at: datetime) -> None:
        self._findings = findings
        self._at = at

    def of(self, name: str, row: FindingRow) -> tuple[str, ...]:
        """Return the values of a row for one filter."""
        if name in _FIELDS:
            return (getattr(row, _FIELDS[name]),)
        match name:
            case "scope":
                return ("elsewhere" if row.elsewhere else "in",)
            case "age":
                return (age_of(row, self._at),)
            case "seen":
                return tuple(word for word, is_so in (("lost", row.lost), ("stale", row.stale)) if is_so)
            case "account":
                return (account_of(row),)
            case "control":
                return self._controls(row)
            case "owner":
                return (row.owner,) if row.owner else ()
            case _:
                return tuple(self._findings.risks.get(row.check, ()))

    def _controls(self, row: FindingRow) -> tuple[str, ...]:
        return tuple(
            name
            for link in self._findings.controls.get(row.check, ())
            if link.is_direct and (link.sources is None or row.source in link.sources)
            for name in names_of_control(link.framework, link.control, link.role)
        )


def names_of_control(framework: str, control: str, role: str | None) -> tuple[str, ...]:
    """Return the names by which a control can be asked for: with its role, where it has rows for several."""
    whole = f"{framework}/{control}"
    return (whole, control) if role is None else (f"{whole}/{role}", whole, control)


def age_of(row: FindingRow, at: datetime) -> str:
    """Return the span of days in which a finding got its verdict."""
    days = (at - row.since).days
    return next(name for name, last in AGES if last is None or days <= last)


def account_of(row: FindingRow) -> str:
    """Return the account, organization or project of a row, with its source."""
    return f"{row.source}: {show_scope(row.scope[:1])}"


def filtered(findings: Findings, query: FindingQuery, at: datetime, facets: Iterable[str]) -> Filtered:
    """Return the rows that pass all filters, and the counts of these facets."""
    values = FindingValues(findings, at)
    wanted = {name: frozenset(asked) for name, asked in query.wanted.items() if name != "text"}
    texts = [text.casefold() for text in query.wanted.get("text", ())]
    counts: dict[str, Counter[str]] = {name: Counter() for name in facets}
    rows, of_any_verdict = [], []
    for row in findings.rows:
        failed = [name for name, asked in wanted.items() if asked.isdisjoint(values.of(name, row))]
        if texts and not any(text in row.subject.casefold() or text in row.title.casefold() for text in texts):
            failed.append("text")
        if not failed or failed == ["verdict"]:
            of_any_verdict.append(row)
        if not failed:
            rows.append(row)
            for name, counter in counts.items():
                counter.update(values.of(name, row))
        elif len(failed) == 1 and failed[0] in counts:
            counts[failed[0]].update(values.of(failed[0], row))
    if query.sort == "age":
        rows.sort(key=lambda row: (row.since, row.key))
    return Filtered(rows, of_any_verdict, counts)
