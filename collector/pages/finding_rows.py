"""The findings of a snapshot: counted in cells, and read one by one only where a page shows them."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from collector.core.checks import Status
from collector.core.controls import Strength
from collector.core.finding_groups import FindingsWanted
from collector.core.isms.scope import SourceScope
from collector.report.company.risk_views import affected_risks
from collector.report.findings.finding_cells import Cell, FindingCells
from collector.report.findings.finding_filter import SEVERITIES
from collector.report.state.ownership import due_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from collector.core.finding_groups import FindingPlace
    from collector.core.findings import FindingId
    from collector.core.scopes import Scope
    from collector.report.controls.control_views import FrameworkControls
    from collector.report.state.assessment import Assessment
    from collector.report.state.known import CurrentFinding, Reading

VERDICTS = ("fail", "accepted", "unknown", "pass", "not_applicable")
"""What a finding may be: `accepted` is a fail that an exception in force covers. In the order of lists."""

_RANK = {verdict: rank for rank, verdict in enumerate(VERDICTS)}
_NO_SEVERITY = len(SEVERITIES)
_AT_A_TIME = 100
"""Resources whose findings are read at a time."""

Key = tuple[int, str, int, str, "Scope", str]
"""What findings are ordered by: severity, check, verdict, then where and what."""


class FindingRow(NamedTuple):
    """One finding. `since` is when it got its verdict; where it is `lost`, since when it was last seen failing."""

    check: str
    title: str
    severity: str
    source: str
    scope: Scope
    subject: str
    verdict: str
    why: str
    elsewhere: bool
    stale: bool
    lost: bool
    since: datetime
    owner: str
    accepted_by: str
    due: date | None

    @property
    def key(self) -> Key:
        """Where it is in a list."""
        return rank_of(self.severity), self.check, _RANK[self.verdict], self.source, self.scope, self.subject


class LinkedControl(NamedTuple):
    """A control that a check is mapped to. `sources` are those that count in its row; None: all."""

    framework: str
    control: str
    role: str | None
    title: str
    is_direct: bool
    strength: str
    because: str
    sources: frozenset[str] | None


class Findings:
    """The findings of a reading, the controls of each check, and the risks that each check affects."""

    def __init__(self, assessment: Assessment, frameworks: Sequence[FrameworkControls]) -> None:
        self.reading: Reading = assessment.reading
        self.cells = FindingCells(self.reading)
        self._checks_at: defaultdict[SourceScope, dict[str, None]] = defaultdict(dict)
        for cell in self.cells.all:
            self._checks_at[cell.place][cell.check] = None
        self.controls: Mapping[str, Sequence[LinkedControl]] = _controls_of_checks(assessment, frameworks)
        in_use = tuple(framework for framework, _ in assessment.frameworks)
        self.risks = affected_risks(assessment.company.risks, in_use, self.reading.at.date())

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(cell.total for cell in self.cells.all)

    def severity(self, check: str) -> str:
        """Return the severity of a check; `unknown` where it is not part of this installation."""
        found = self.reading.check(check)
        return "unknown" if found is None else found.severity

    def title(self, check: str) -> str:
        """Return the title of a check; empty where it is not part of this installation."""
        found = self.reading.check(check)
        return "" if found is None else found.title

    def finding(self, id_: FindingId) -> CurrentFinding | None:
        """Return one finding as it counts at the moment; None where there is none."""
        wanted = FindingsWanted(check=id_.check, source=id_.source, scope=id_.scope, subject=id_.subject)
        return next(self.cells.named(wanted), None)

    def at_each(
        self, places: Iterable[FindingPlace]
    ) -> Iterator[tuple[FindingPlace, list[tuple[CurrentFinding, Cell]]]]:
        """Yield each resource with the findings on it; some resources are read at a time."""
        remaining = iter(places)
        while chunk := list(islice(remaining, _AT_A_TIME)):
            subjects: defaultdict[SourceScope, dict[str, None]] = defaultdict(dict)
            for place in chunk:
                subjects[SourceScope(place.source, place.scope)][place.subject] = None
            found: defaultdict[tuple[SourceScope, str], list[tuple[CurrentFinding, Cell]]] = defaultdict(list)
            for here, of_place in subjects.items():
                checks = self._checks_at.get(here)
                if checks:
                    wanted = FindingsWanted(checks=checks, source=here.source, scope=here.scope, subjects=of_place)
                    for current in self.cells.named(wanted):
                        cell = Cell(current.id.check, here, self.cells.alike(current), 1)
                        found[here, current.id.subject].append((current, cell))
            yield from ((place, found[SourceScope(place.source, place.scope), place.subject]) for place in chunk)

    def of_places(self, places: Iterable[FindingPlace], is_meant: Callable[[str, str], bool]) -> list[Cell]:
        """Return cells that count only the findings on these resources that are meant."""
        counted = Counter(
            (cell.check, cell.place, cell.alike)
            for _, found in self.at_each(places)
            for current, cell in found
            if is_meant(current.id.check, current.id.subject)
        )
        return [Cell(check, place, alike, count) for (check, place, alike), count in counted.items()]

    def matching(self, is_meant: Callable[[str, str], bool]) -> list[Cell]:
        """Return cells that count only the findings whose check and resource are meant; goes through all of them."""
        counted = Counter((id_.check, id_.source, id_.scope, alike) for id_, alike in self._meant(is_meant))
        places = {(cell.place.source, cell.place.scope): cell.place for cell in self.cells.all}
        return [
            Cell(check, places[source, scope], alike, count) for (check, source, scope, alike), count in counted.items()
        ]

    def _meant(self, is_meant: Callable[[str, str], bool]) -> Iterator[tuple]:  # type: ignore[type-arg]
        for id_, alike in self.cells.rows(self.cells.all):
            if is_meant(id_.check, id_.subject):
                yield id_, alike

    def rows(self, cells: Iterable[Cell], after: Key | None = None) -> Iterator[FindingRow]:
        """Stream the findings of cells in their order, those after a place only; reads no others."""
        groups: defaultdict[Key, list[Cell]] = defaultdict(list)
        for cell in cells:
            groups[self._key(cell)].append(cell)
        start = None if after is None else (*after[:5], "")
        for key in sorted(groups):
            if start is None or key > start:
                found = self.cells.members(groups[key], None)
            elif key == start and after is not None:
                found = self.cells.members(groups[key], after[5])
            else:
                continue
            for current in found:
                yield self.row(current)

    def row(self, current: CurrentFinding) -> FindingRow:
        """Return a finding as lists show it."""
        id_, reading = current.id, self.reading
        exception = self.cells.exception(id_) if current.status is Status.FAIL else None
        since = current.failing_since or current.state.since
        check = reading.check(id_.check)
        is_open = current.status is Status.FAIL or current.failing_since is not None
        return FindingRow(
            check=id_.check,
            title=self.title(id_.check),
            severity=self.severity(id_.check),
            source=id_.source,
            scope=id_.scope,
            subject=id_.subject,
            verdict=current.status.value if exception is None else "accepted",
            why=current.why,
            elsewhere=not reading.decides(id_.source, id_.scope),
            stale=current.stale,
            lost=current.failing_since is not None,
            since=since,
            owner=reading.owner(id_.source, id_.scope),
            accepted_by="" if exception is None else exception.id,
            due=due_of(reading.app.config.alerts.due, check.severity, since) if check is not None and is_open else None,
        )

    def _key(self, cell: Cell) -> Key:
        rank = _RANK[verdict_of(cell)]
        return rank_of(self.severity(cell.check)), cell.check, rank, cell.place.source, cell.place.scope, ""


def verdict_of(cell: Cell) -> str:
    """Return the verdict of the findings of a cell, as lists have it."""
    is_accepted = cell.alike.verdict is Status.FAIL and cell.alike.state == "accepted"
    return "accepted" if is_accepted else cell.alike.verdict.value


def is_lost(cell: Cell) -> bool:
    """Whether the findings of a cell were last seen failing, and are unknown now."""
    return cell.alike.verdict is Status.UNKNOWN and cell.alike.state == "open"


def rank_of(severity: str) -> int:
    """Return where a severity stands, the worst first."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else _NO_SEVERITY


def _controls_of_checks(
    assessment: Assessment, frameworks: Sequence[FrameworkControls]
) -> dict[str, list[LinkedControl]]:
    """Return for each check the rows of controls that it is mapped to, the direct ones first."""
    linked: defaultdict[str, list[LinkedControl]] = defaultdict(list)
    for framework in frameworks:
        audiences = assessment.audiences[framework.id]
        sources = {audience.role: audience.sources for audience in audiences}
        first = audiences[0].sources
        for control in framework.controls:
            for check in control.checks:
                linked[check.check].append(
                    LinkedControl(
                        framework=framework.id,
                        control=control.id,
                        role=control.role,
                        title=control.title,
                        is_direct=check.strength == Strength.DIRECT.value,
                        strength=check.strength,
                        because=check.because,
                        sources=first if control.role is None else sources[control.role],  # type: ignore[index]
                    )
                )
    for links in linked.values():
        links.sort(key=lambda link: not link.is_direct)
    return dict(linked)
