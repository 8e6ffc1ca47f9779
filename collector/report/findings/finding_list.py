"""Lists of findings: filtered, counted beside each filter, grouped, and a page at a time.

Counts come from the database by check and scope; only the findings of the page are read.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby, islice
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec

from collector.core.checks import Status
from collector.core.errors import UsageError
from collector.core.scopes import Scope, scope_text
from collector.report.findings.finding_cells import ChosenCells, FindingCells
from collector.report.findings.finding_filter import SEVERITIES
from collector.report.findings.finding_views import FindingView, finding_view, risks_by_check

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from collector.report.findings.finding_cells import Cell, Facets
    from collector.report.findings.finding_filter import FindingQuery
    from collector.report.state.known import CurrentFinding, Reading

RANK = {Status.FAIL: 0, Status.UNKNOWN: 1, Status.PASS: 2, Status.NOT_APPLICABLE: 3}
"""The verdicts by the weight that they have where nothing else decides; the first is the heaviest."""


class ListKey(NamedTuple):
    """The place of a finding in a list: by severity, check, verdict, and where it is."""

    severity: int
    check: str
    verdict: int
    source: str
    scope: Scope
    subject: str


def severity_rank(severity: str) -> int:
    """Return a number that is smaller for a worse severity; that of a check which is not installed comes last."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def list_key(reading: Reading, current: CurrentFinding) -> ListKey:
    """Return the place of a finding in a list."""
    id_, check = current.id, reading.check(current.id.check)
    rank = severity_rank("" if check is None else check.severity)
    return ListKey(rank, id_.check, RANK[current.status], id_.source, id_.scope, id_.subject)


@dataclass(frozen=True)
class ListedFinding:
    """A finding of a list. `age_days` are whole days since its verdict was given first, or since it began to fail.

    `accepted` is the id of the exception that covers it, empty where none does.
    """

    finding: FindingView
    age_days: int
    accepted: str


@dataclass(frozen=True)
class FindingPage:
    """A page of findings. `total` counts all that pass the filters, `before` those on earlier pages.

    `after` continues behind it, and is None on the last page.
    """

    total: int
    before: int
    findings: tuple[ListedFinding, ...]
    after: str | None


@dataclass(frozen=True)
class CheckLine:
    """A check with findings that pass the filters: `matched` of them. `verdicts` and `accepted` disregard the verdict.

    So that a page can say 3 of 15 fail.
    """

    check: str
    title: str
    severity: str
    matched: int
    verdicts: Mapping[Status, int]
    accepted: int


@dataclass(frozen=True)
class ResourceLine:
    """A resource with findings that pass the filters; `subject` is empty where they are about the scope as a whole."""

    source: str
    scope: Scope
    kind: str
    subject: str
    matched: int
    verdicts: Mapping[Status, int]


@dataclass(frozen=True)
class ResourcePage:
    """A page of resources. `total` counts all with a finding that passes the filters; `after` as of a FindingPage."""

    total: int
    before: int
    resources: tuple[ResourceLine, ...]
    after: str | None


class FindingList:
    """The findings of a reading that pass filters, the most severe first.

    `cells` are those of the reading, which serve any number of lists of the same moment. Raises UsageError on a filter
    that names what there is not, ConfigError on an invalid company file.
    """

    def __init__(self, reading: Reading, asked: FindingQuery, cells: FindingCells | None = None) -> None:
        self._reading = reading
        self._cells = FindingCells(reading) if cells is None else cells
        self._chosen = ChosenCells(self._cells, asked)
        self.total = sum(cell.total for cell in self._chosen.taken)
        """How many findings pass the filters."""

    def facets(self) -> Facets:
        """Return the counts for each value of each filter, under the other filters."""
        return self._chosen.facets()

    def page(self, size: int, after: str | None = None) -> FindingPage:
        """Return a page of findings. Raises UsageError on an `after` that no page of this list gave."""
        cursor = None if after is None else _read_cursor(after, _Cursor)
        before = 0 if cursor is None else cursor.before
        with closing(self._stream(None if cursor is None else cursor.key)) as stream:
            found = list(islice(stream, size + 1))
        affected = risks_by_check(self._reading) if found else {}
        shown = found[:size]
        return FindingPage(
            total=self.total,
            before=before,
            findings=tuple(self._listed(current, affected) for current in shown),
            after=_cursor(_Cursor(self._key(shown[-1]), before + len(shown))) if len(found) > size else None,
        )

    def stream(self) -> Iterator[ListedFinding]:
        """Yield all findings that pass the filters, in the order of the pages."""
        affected = risks_by_check(self._reading)
        for current in self._stream(None):
            yield self._listed(current, affected)

    def by_check(self) -> tuple[CheckLine, ...]:
        """Return the checks that have a finding which passes the filters, in the order of the pages."""
        matched: Counter[str] = Counter()
        for cell in self._chosen.taken:
            matched[cell.check] += cell.total
        verdicts: defaultdict[str, Counter[Status]] = defaultdict(Counter)
        accepted: Counter[str] = Counter()
        for cell in self._chosen.whatever_verdict:
            verdicts[cell.check][cell.alike.verdict] += cell.total
            accepted[cell.check] += cell.total * (cell.alike.state == "accepted")
        return tuple(
            CheckLine(
                check=check,
                title="" if (found := self._reading.check(check)) is None else found.title,
                severity=self._chosen.severity(check),
                matched=matched[check],
                verdicts={status: verdicts[check][status] for status in Status},
                accepted=accepted[check],
            )
            for check in sorted(matched, key=lambda check: (self._severity_rank(check), check))
        )

    def by_resource(self, size: int, after: str | None = None) -> ResourcePage:
        """Return a page of the resources with a finding that passes the filters, ordered by where they are.

        Raises UsageError on an `after` that no page of this list gave.
        """
        start = None if after is None else _read_cursor(after, _ResourceKey)
        total = before = 0
        shown: list[ResourceLine] = []
        for key, found in self._resources():
            total += 1
            if start is not None and key <= start:
                before += 1
            elif len(shown) < size:
                shown.append(_resource_line(key, found))
        last = shown[-1] if shown and before + len(shown) < total else None
        return ResourcePage(
            total=total,
            before=before,
            resources=tuple(shown),
            after=None if last is None else _cursor(_key_of(last)),
        )

    def _resources(self) -> Iterator[tuple[_ResourceKey, list[Status]]]:
        """Yield each resource with the verdicts on it; resources of several kinds may have the same name."""
        found = self._cells.rows(self._chosen.taken)
        for (source, scope, subject), rows in groupby(
            found, key=lambda row: (row[0].source, row[0].scope, row[0].subject)
        ):
            by_kind: defaultdict[str, list[Status]] = defaultdict(list)
            for id_, alike in rows:
                by_kind[self._chosen.kind(id_.check)].append(alike.verdict)
            for kind in sorted(by_kind):
                yield _ResourceKey(source, scope_text(scope), subject, kind), by_kind[kind]

    def _listed(self, current: CurrentFinding, affected: Mapping[str, tuple[str, ...]]) -> ListedFinding:
        exception = self._cells.exception(current.id)
        return ListedFinding(
            finding=finding_view(self._reading, current, affected),
            age_days=(self._reading.at - (current.failing_since or current.state.since)).days,
            accepted="" if exception is None else exception.id,
        )

    def _severity_rank(self, check: str) -> int:
        return severity_rank(self._chosen.severity(check))

    def _key(self, current: CurrentFinding) -> ListKey:
        return list_key(self._reading, current)

    def _stream(self, after: ListKey | None) -> Generator[CurrentFinding]:
        """Yield the findings after a place in the list, scope by scope, so that only those taken are read."""
        scopes: defaultdict[ListKey, list[Cell]] = defaultdict(list)
        for cell in self._chosen.taken:
            verdict = RANK[cell.alike.verdict]
            place = cell.place
            scopes[ListKey(self._severity_rank(cell.check), cell.check, verdict, place.source, place.scope, "")].append(
                cell
            )
        start = None if after is None else after._replace(subject="")
        for key in sorted(scopes):
            if start is None or key > start:
                yield from self._cells.members(scopes[key], None)
            elif key == start and after is not None:
                yield from self._cells.members(scopes[key], after.subject)


_CursorT = TypeVar("_CursorT")


class _Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended, and how many findings there were up to there."""

    key: ListKey
    before: int


class _ResourceKey(NamedTuple):
    """The place of a resource in a list."""

    source: str
    scope: str
    subject: str
    kind: str


def _key_of(line: ResourceLine) -> _ResourceKey:
    return _ResourceKey(line.source, scope_text(line.scope), line.subject, line.kind)


def _resource_line(key: _ResourceKey, found: list[Status]) -> ResourceLine:
    counts = Counter(found)
    return ResourceLine(
        source=key.source,
        scope=msgspec.json.decode(key.scope, type=Scope),
        kind=key.kind,
        subject=key.subject,
        matched=len(found),
        verdicts={status: counts[status] for status in Status},
    )


def _cursor(key: object) -> str:
    """Return a key as a text that can stand in an address."""
    return urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def _read_cursor(text: str, of: type[_CursorT]) -> _CursorT:
    try:
        return msgspec.json.decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=of)
    except (ValueError, msgspec.DecodeError):
        raise UsageError("this is no page of a list", mend="go back to the first page") from None
