"""The filters of a list of findings: read from the address, applied, counted for the facets, and written back to it."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from collector.core.errors import UsageError
from collector.core.finding_groups import FindingPlace, FindingsWanted
from collector.core.scopes import scope_text, show_scope
from collector.pages.finding_rows import VERDICTS, is_lost, verdict_of
from collector.report.findings.finding_filter import AGES, SEVERITIES
from collector.setup.toml_file import would_do

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from starlette.datastructures import QueryParams

    from collector.core.isms.scope import SourceScope
    from collector.core.scopes import Scope
    from collector.pages.finding_rows import Findings
    from collector.report.findings.finding_cells import Cell

_CHOICES: dict[str, tuple[str, ...]] = {
    "verdict": VERDICTS,
    "severity": SEVERITIES,
    "scope": ("in", "elsewhere"),
    "age": tuple(AGES),
    "seen": ("lost",),
}
"""Filters of which only these values can be; those of all others are names from what was read."""

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
    """The cells that pass, and for each filter how many findings each of its values would give under all others.

    `of_any_verdict` are the cells that pass all filters but that of the verdict. `is_meant` is None, or says which
    findings of a cell are meant by check and resource. Those are the findings on `places`, and all of the checks in
    `whole`; where `places` is None they can be anywhere.
    """

    cells: list[Cell]
    of_any_verdict: list[Cell]
    facets: Mapping[str, Counter[str]]
    is_meant: Callable[[str, str], bool] | None
    places: Sequence[FindingPlace] | None
    whole: frozenset[str]

    @property
    def total(self) -> int:
        """The number of findings that pass."""
        return sum(cell.total for cell in self.cells)

    def means(self, check: str, subject: str) -> bool:
        """Whether a finding of the cells passes the filters by name too."""
        return self.is_meant is None or self.is_meant(check, subject)


class FindingValues:
    """Which values the filters see in a cell."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings

    def of(self, name: str, cell: Cell) -> tuple[str, ...]:
        """Return the values of a cell for one filter."""
        place = cell.place
        match name:
            case "verdict":
                return (verdict_of(cell),)
            case "severity":
                return (self._findings.severity(cell.check),)
            case "age":
                return (cell.alike.age,)
            case "seen":
                return ("lost",) if is_lost(cell) else ()
            case "control":
                return self._controls(cell)
            case "risk":
                return tuple(self._findings.risks.get(cell.check, ()))
            case "check":
                return (cell.check,)
            case _:
                return self._of_place(name, place)

    def _of_place(self, name: str, place: SourceScope) -> tuple[str, ...]:
        reading = self._findings.reading
        match name:
            case "scope":
                return ("in" if reading.decides(place.source, place.scope) else "elsewhere",)
            case "account":
                return (account_of(place.source, place.scope),)
            case "owner":
                owner = reading.owner(place.source, place.scope)
                return (owner,) if owner else ()
            case _:
                return (place.source,)

    def _controls(self, cell: Cell) -> tuple[str, ...]:
        return tuple(
            name
            for link in self._findings.controls.get(cell.check, ())
            if link.is_direct and (link.sources is None or cell.place.source in link.sources)
            for name in names_of_control(link.framework, link.control, link.role)
        )


def names_of_control(framework: str, control: str, role: str | None) -> tuple[str, ...]:
    """Return the names by which a control can be asked for: with its role, where it has rows for several."""
    whole = f"{framework}/{control}"
    return (whole, control) if role is None else (f"{whole}/{role}", whole, control)


def account_of(source: str, scope: Scope) -> str:
    """Return the account, organization or project of a place, with its source."""
    return f"{source}: {show_scope(scope[:1])}"


def filtered(findings: Findings, query: FindingQuery, facets: Iterable[str] = ()) -> Filtered:
    """Return the cells that pass all filters, and the counts of these facets.

    A filter by a text that is in the names of very many resources goes through all findings, every other one through
    the cells, or through those on the resources that it names.
    """
    values = FindingValues(findings)
    wanted = {name: frozenset(asked) for name, asked in query.wanted.items() if name not in _BY_NAME}
    is_meant = _by_name(findings, query)
    counts: dict[str, Counter[str]] = {name: Counter() for name in facets}
    cells, of_any_verdict = [], []
    places, whole = (None, frozenset[str]()) if is_meant is None else _places(findings, query)
    every: Iterable[Cell] = findings.cells.all
    if is_meant is not None:
        every = findings.matching(is_meant) if places is None else _on(findings, places, whole, is_meant)
    for cell in every:
        failed = [name for name, asked in wanted.items() if asked.isdisjoint(values.of(name, cell))]
        if not failed or failed == ["verdict"]:
            of_any_verdict.append(cell)
        if not failed:
            cells.append(cell)
        for name in counts if not failed else [name for name in failed if len(failed) == 1 and name in counts]:
            for value in values.of(name, cell):
                counts[name][value] += cell.total
    return Filtered(cells, of_any_verdict, counts, is_meant, places, whole)


_BY_NAME = frozenset({"resource", "text"})

_MOST_PLACES = 500
"""Resources that are looked at one by one for a text in their names."""


def _places(findings: Findings, query: FindingQuery) -> tuple[list[FindingPlace] | None, frozenset[str]]:
    """Return the resources that are meant by their names, and the checks that are meant by theirs, on any resource.

    None for the resources where these are too many to be looked at one by one.
    """
    if "resource" in query.wanted:
        named = {
            FindingPlace(current.id.source, current.id.scope, current.id.subject)
            for subject in query.wanted["resource"]
            for current in findings.cells.named(FindingsWanted(subject=subject))
        }
        return sorted(named, key=place_order), frozenset()
    texts = query.wanted["text"]
    found: set[FindingPlace] = set()
    for text in texts:
        found.update(islice(findings.cells.subjects(text), _MOST_PLACES + 1))
    if len(found) > _MOST_PLACES:
        return None, frozenset()
    whole = {cell.check for cell in findings.cells.all if _has(findings, cell.check, texts)}
    return sorted(found, key=place_order), frozenset(whole)


def place_order(place: FindingPlace) -> tuple[str, str, str]:
    """Return what resources are ordered by."""
    return place.source, scope_text(place.scope), place.subject


def _on(
    findings: Findings, places: Iterable[FindingPlace], whole: frozenset[str], is_meant: Callable[[str, str], bool]
) -> list[Cell]:
    """Return cells that count the findings on these resources that are meant, and all of some checks."""
    on_places = findings.of_places(places, lambda check, subject: check not in whole and is_meant(check, subject))
    return [*(cell for cell in findings.cells.all if cell.check in whole), *on_places]


def _has(findings: Findings, check: str, texts: Iterable[str]) -> bool:
    words = f"{check} {findings.title(check)}".casefold()
    return any(text.casefold() in words for text in texts)


def _by_name(findings: Findings, query: FindingQuery) -> Callable[[str, str], bool] | None:
    """Return whether a check and a resource are meant by their names; None where no name was asked for."""
    if not _BY_NAME & query.wanted.keys():
        return None
    resources = frozenset(query.wanted.get("resource", ()))
    texts = query.wanted.get("text", ())
    folded = [text.casefold() for text in texts]

    def is_meant(check: str, subject: str) -> bool:
        if resources and subject not in resources:
            return False
        return not texts or any(text in subject.casefold() for text in folded) or _has(findings, check, texts)

    return is_meant
