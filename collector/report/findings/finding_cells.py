"""Findings counted in cells that every filter takes or leaves as a whole, and the counts beside each filter."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from collector.core.checks import Status
from collector.core.errors import StoreError
from collector.core.finding_groups import FindingsWanted
from collector.core.findings import FindingId
from collector.core.isms.scope import SourceScope
from collector.report.findings.finding_filter import (
    AGES,
    FindingQuery,
    is_within,
    kind_of_check,
    linked_checks,
    refuse_unknown,
    service_of_check,
)
from collector.report.state.accepting import accepted_findings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from collector.core.finding_groups import FindingGroup, FindingPlace, FindingRow
    from collector.core.isms.exceptions import Acceptance
    from collector.report.state.known import CurrentFinding, Reading

_Key = TypeVar("_Key")

_NONE = ""  # no filter leaves it out

UNKNOWN_SEVERITY = "unknown"
"""The severity of a check that is not part of this installation."""


class Alike(NamedTuple):
    """What findings of one check in one scope have in common; `state` is `open`, `accepted` or empty."""

    verdict: Status
    state: str
    age: str


class Cell(NamedTuple):
    """Findings that every filter takes or leaves as a whole."""

    check: str
    place: SourceScope
    alike: Alike
    total: int


@dataclass(frozen=True)
class Facets:
    """How many findings there are for each value of a filter, under all the other filters.

    `in_scope` counts those of systems in scope and the others; `controls` are written `framework/control`, and a
    finding counts for each control that its check is mapped to. `accounts` are the outermost scopes of each source.
    """

    verdicts: Mapping[Status, int]
    states: Mapping[str, int]
    ages: Mapping[str, int]
    severities: Mapping[str, int]
    checks: Mapping[str, int]
    controls: Mapping[str, int]
    sources: Mapping[str, int]
    accounts: Mapping[SourceScope, int]
    in_scope: Mapping[bool, int]
    owners: Mapping[str, int]


class FindingCells:
    """The findings of a reading, counted. Holds a line for each check and scope, and the accepted findings.

    Raises ConfigError on an invalid company file, and StoreError where the store counts no findings.
    """

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        groups = reading.grouped
        if groups is None:
            raise StoreError(
                "this store does not count findings", so="no list can be made of it", mend="report this as a defect"
            )
        self._groups = groups
        self._moments = [reading.at - timedelta(days=last + 1) for last in AGES.values() if last is not None]
        self._accepted = accepted_findings(reading)
        self._ages = tuple(AGES)
        self.all = tuple(self._cells())

    def exception(self, id_: FindingId) -> Acceptance | None:
        """Return the exception that covers a failing finding; None where it is open."""
        found = self._accepted.get(id_)
        return None if found is None else found[1]

    def alike(self, current: CurrentFinding) -> Alike:
        """Return what a finding has in common with those of its cell."""
        since = current.failing_since or current.state.since
        is_accepted = current.id in self._accepted
        return Alike(current.status, _state(current.status, current.failing_since, is_accepted), self._age(since))

    def named(self, wanted: FindingsWanted) -> Iterator[CurrentFinding]:
        """Stream the findings that are wanted, each as it counts at the moment."""
        for state, before in self._groups.members(wanted, as_of=self.reading.as_of):
            yield self.reading.current(state, before)

    def subjects(self, text: str) -> Iterator[FindingPlace]:
        """Yield the resources with a text in their name, in the order of `rows`; some may have no finding any more."""
        return self._groups.subjects(text)

    def rows(self, cells: Iterable[Cell], after: FindingPlace | None = None) -> Iterator[tuple[FindingId, Alike]]:
        """Stream the findings of cells, ordered by source, scope_text, subject and check; after a resource only."""
        taken = {(cell.check, cell.place, cell.alike) for cell in cells}
        reading = self.reading
        found = self._groups.rows(
            checks={check for check, _, _ in taken},
            statuses={status for check, place, alike in taken for status in self._stored(check, place, alike)},
            moments=self._moments,
            runs=reading.open_runs,
            as_of=reading.as_of,
            after=after,
        )
        for row in found:
            id_, alike = FindingId(row.check, row.source, row.scope, row.subject), self._alike(row)
            if id_ in self._accepted:
                alike = alike._replace(state="accepted")
            if (row.check, SourceScope(row.source, row.scope), alike) in taken:
                yield id_, alike

    def members(self, cells: Sequence[Cell], after: str | None, subject: str | None = None) -> Iterator[CurrentFinding]:
        """Stream the findings of cells that are of one check and scope, by subject, those after a subject only.

        With `subject`, only the one of that subject.
        """
        check, place, _, _ = cells[0]
        taken = {cell.alike for cell in cells}
        wanted = FindingsWanted(
            check=check,
            source=place.source,
            scope=place.scope,
            statuses={status for alike in taken for status in self._stored(check, place, alike)},
            after=after,
            subject=subject,
        )
        yield from (current for current in self.named(wanted) if self.alike(current) in taken)

    def _stored(self, check: str, place: SourceScope, alike: Alike) -> Collection[Status]:
        """Return the statuses in the store that findings may have which count alike now."""
        if alike.verdict is not Status.UNKNOWN:
            return (alike.verdict,)
        ages = (self.reading.age_of(check, place.source, place.scope, in_open_run=in_run) for in_run in (False, True))
        return (Status.UNKNOWN,) if all(old is None for _, old in ages) else tuple(Status)

    def _alike(self, group: FindingGroup | FindingRow) -> Alike:
        """Return what the findings of a group have in common, as if no exception covered any."""
        _, old = self.reading.age_of(group.check, group.source, group.scope, in_open_run=group.in_run)
        is_open = group.status is Status.FAIL or group.was_failing
        return Alike(group.status if old is None else Status.UNKNOWN, "open" if is_open else "", self._ages[group.band])

    def _age(self, since: datetime) -> str:
        band = next((number for number, moment in enumerate(self._moments) if since > moment), len(self._moments))
        return self._ages[band]

    def _cells(self) -> Iterator[Cell]:
        reading = self.reading
        accepted = Counter(
            (current.id.check, SourceScope(current.id.source, current.id.scope), self.alike(current))
            for current, _ in self._accepted.values()
        )
        counted: Counter[tuple[str, SourceScope, Alike]] = Counter()
        for group in self._groups.groups(moments=self._moments, runs=reading.open_runs, as_of=reading.as_of):
            counted[group.check, SourceScope(group.source, group.scope), self._alike(group)] += group.total
        for (check, place, alike), count in accepted.items():
            counted[check, place, alike] += count
            counted[check, place, alike._replace(state="open")] -= count
        for (check, place, alike), count in counted.items():
            if count:
                yield Cell(check, place, alike, count)


def _state(verdict: Status, failing_since: datetime | None, is_accepted: bool) -> str:
    if verdict is Status.FAIL:
        return "accepted" if is_accepted else "open"
    return "" if failing_since is None else "open"


class ChosenCells:
    """The cells that pass filters, and the facets. Raises UsageError on a filter that names what there is not."""

    def __init__(self, cells: FindingCells, asked: FindingQuery) -> None:
        refuse_unknown(cells.reading, asked)
        self._reading = cells.reading
        self._asked = asked
        self._linked = linked_checks(self._reading.app.frameworks(), asked.controls) if asked.controls else None
        self.taken: list[Cell] = []
        self.whatever_verdict: list[Cell] = []
        """Those that pass all filters but that of the verdict."""
        self._by_check: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._by_place: defaultdict[str, Counter[SourceScope]] = defaultdict(Counter)
        self._by_alike: defaultdict[str, Counter[Alike]] = defaultdict(Counter)
        of_check, of_place = lru_cache(maxsize=None)(self._of_check), lru_cache(maxsize=None)(self._of_place)
        of_alike = lru_cache(maxsize=None)(self._of_alike)
        for cell in cells.all:
            match of_check(cell.check) + of_place(cell.place) + of_alike(cell.alike):
                case ():
                    self.taken.append(cell)
                    self._add(cell, _NONE)
                case (name,):
                    self._add(cell, name)

    def _add(self, cell: Cell, left_out_by: str) -> None:
        """Count a cell that passes all filters, or all but one."""
        if left_out_by in {_NONE, "verdict"}:
            self.whatever_verdict.append(cell)
        self._by_check[left_out_by][cell.check] += cell.total
        self._by_place[left_out_by][cell.place] += cell.total
        self._by_alike[left_out_by][cell.alike] += cell.total

    def severity(self, check: str) -> str:
        """Return the severity of a check."""
        found = self._reading.check(check)
        return UNKNOWN_SEVERITY if found is None else found.severity

    def kind(self, check: str) -> str:
        """Return the kind of resource that a check is about; empty where it is not part of this installation."""
        found = self._reading.check(check)
        return "" if found is None else kind_of_check(found)

    def _of_check(self, check: str) -> tuple[str, ...]:
        """Return the filters that leave out a check, here and below."""
        asked, found = self._asked, self._reading.check(check)
        failed = []
        if asked.checks and check not in asked.checks:
            failed.append("check")
        if asked.severities and self.severity(check) not in asked.severities:
            failed.append("severity")
        if asked.services and (found is None or service_of_check(found) not in asked.services):
            failed.append("service")
        if self._linked is not None and check not in self._linked:
            failed.append("control")
        return tuple(failed)

    def _of_place(self, place: SourceScope) -> tuple[str, ...]:
        asked, reading = self._asked, self._reading
        failed = []
        if asked.sources and place.source not in asked.sources:
            failed.append("source")
        if not is_within(place.source, place.scope, asked.accounts):
            failed.append("account")
        if asked.in_scope not in {None, reading.decides(place.source, place.scope)}:
            failed.append("in_scope")
        if asked.owners and reading.owner(place.source, place.scope) not in asked.owners:
            failed.append("owner")
        return tuple(failed)

    def _of_alike(self, alike: Alike) -> tuple[str, ...]:
        asked = self._asked
        failed = []
        if asked.statuses and alike.verdict not in asked.statuses:
            failed.append("verdict")
        if asked.states and alike.state not in asked.states:
            failed.append("state")
        if asked.ages and alike.age not in asked.ages:
            failed.append("age")
        return tuple(failed)

    def facets(self) -> Facets:
        """Return the counts for each value of each filter, under the other filters; values of which none is left out.

        Verdicts, states and ages are all there, also those with no finding.
        """
        reading = self._reading
        controls = _controls_by_check(reading)
        verdicts, states, ages = (_total(self._by_alike, name) for name in ("verdict", "state", "age"))
        return Facets(
            verdicts=_summed(dict.fromkeys(Status, 0), ((alike.verdict, n) for alike, n in verdicts)),
            states=_summed(
                {"open": 0, "accepted": 0}, ((alike.state, count) for alike, count in states if alike.state)
            ),
            ages=_summed(dict.fromkeys(AGES, 0), ((alike.age, count) for alike, count in ages)),
            severities=_summed({}, ((self.severity(of), n) for of, n in _total(self._by_check, "severity"))),
            checks=_summed({}, _total(self._by_check, "check")),
            controls=_summed(
                {},
                (
                    (control, count)
                    for check, count in _total(self._by_check, "control")
                    for control in controls.get(check, ())
                ),
            ),
            sources=_summed({}, ((place.source, count) for place, count in _total(self._by_place, "source"))),
            accounts=_summed(
                {}, ((SourceScope(at.source, at.scope[:1]), n) for at, n in _total(self._by_place, "account"))
            ),
            in_scope=_summed(
                {}, ((reading.decides(at.source, at.scope), n) for at, n in _total(self._by_place, "in_scope"))
            ),
            owners=_summed({}, ((reading.owner(at.source, at.scope), n) for at, n in _total(self._by_place, "owner"))),
        )


def _total(counts: defaultdict[str, Counter[_Key]], name: str) -> Iterable[tuple[_Key, int]]:
    return (counts[_NONE] + counts[name]).items()


def _summed(start: dict[_Key, int], counts: Iterable[tuple[_Key, int]]) -> dict[_Key, int]:
    for key, count in counts:
        start[key] = start.get(key, 0) + count
    return start


def _controls_by_check(reading: Reading) -> Mapping[str, Collection[str]]:
    found: dict[str, dict[str, None]] = {}
    for framework in reading.app.frameworks():
        for control in framework.controls:
            for check in control.checks:
                found.setdefault(check, {})[f"{framework.id}/{control.id}"] = None
    return found
