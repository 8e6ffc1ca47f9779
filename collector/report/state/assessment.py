"""From the store to the status of every control: counts, troubles and the reasons between them, made in one place.

Everything that shows a status calls `assessed`, so that no two pages can disagree.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from collector.company.company_files import Company
from collector.company.files_in_force import FilesInForce
from collector.core.assess import ControlState, assess
from collector.core.attestations import Attestations, Filed, RecordOnFile, on_file
from collector.core.checks import Status
from collector.core.isms.exceptions import AcceptedExceptions
from collector.core.isms.register import with_registered_documents
from collector.core.tally import Evidence, FindingCounts
from collector.report.state.collection_failures import CollectionFailure, gaps
from collector.report.state.counting import FindingCounter, unjudged
from collector.report.state.coverage import Scoped
from collector.report.state.roles import Audience, audiences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from collector.core.controls import Framework, Role
    from collector.core.isms.scope import Reconciled
    from collector.report.state.known import Reading
    from collector.setup.app import App


@dataclass(frozen=True)
class Assessment:
    """All that a page about a moment may say. `verdicts` counts findings as they stand, `stale` those that are too old.

    `unjudged` counts what a check should have said something about, and did not. A framework that speaks to two roles
    has two states for a control that both have; `audiences` says what counts in the rows of each. `failing` counts the
    failing subjects that each exception speaks of; `files` says which state of the company's files that is.
    """

    reading: Reading
    evidence: Evidence
    frameworks: tuple[tuple[Framework, tuple[ControlState, ...]], ...]
    verdicts: Mapping[Status, int]
    stale: int
    unjudged: int
    gaps: tuple[CollectionFailure, ...]
    company: Company
    files: FilesInForce
    reconciled: Reconciled
    records: Mapping[str, RecordOnFile]
    failing: Mapping[str, int]
    audiences: Mapping[str, tuple[Audience, ...]]


def assessed(reading: Reading) -> Assessment:
    """Count everything that stands at the moment of the reading, and give each control in use its status.

    Raises ConfigError on a company file that cannot be, and on a framework that addresses nobody here.
    """
    app, day = reading.app, reading.at.date()
    frameworks = app.frameworks()
    files = reading.files(frameworks)
    ours = files.company
    heard = {one.id: audiences(one, app.config, day) for one in frameworks}
    failing = _failing(reading, ours)
    counted = FindingCounter(
        accepting=AcceptedExceptions(ours.exceptions, day, failing, files.logged),
        groups={None: {}, **{one.sources: {} for several in heard.values() for one in several}},
    )
    for standing in reading.standings():
        counted.add(standing)
    silent = 0
    for rule, source, scope, why in unjudged(reading, counted.judged):
        counted.add_silence(rule, source, scope, why)
        silent += 1
    asks = (ask for framework in frameworks for control in framework.controls for ask in control.asks)
    records = with_registered_documents(ours.register, on_file(asks, _filed(reading), day), day)
    scoped = Scoped(reading, ours.scope)
    made = _Evidence(reading, ours, counted, scoped, records)
    return Assessment(
        reading=reading,
        evidence=made.of(None),
        frameworks=tuple((one, _states(one, heard[one.id], made)) for one in frameworks),
        verdicts={status: counted.verdicts[status] for status in Status},
        stale=counted.stale,
        unjudged=silent,
        gaps=tuple(gaps(reading, counted.unknowns)),
        company=ours,
        files=files,
        reconciled=scoped.reconciled(),
        records=records,
        failing=failing,
        audiences=heard,
    )


@dataclass(frozen=True)
class _Evidence:
    """What the states may rest on, put together for each audience."""

    reading: Reading
    company: Company
    counted: FindingCounter
    scoped: Scoped
    records: Mapping[str, RecordOnFile]

    def of(
        self, sources: frozenset[str] | None, framework: Framework | None = None, role: Role | None = None
    ) -> Evidence:
        """Return the evidence of these sources, with what the statement of applicability says to an audience."""
        app, day = self.reading.app, self.reading.at.date()
        off = (id_ for id_, said in app.config.checks.items() if not said.enabled)
        tallies = self.counted.tallies(sources, off)
        if framework is not None:
            tallies |= _out_of_scope(app, framework, tallies, self.scoped.platforms(sources))
        soa = self.company.soa
        return Evidence(
            at=self.reading.at,
            # Without a list of the systems in scope nobody can say what was not seen.
            coverage=self.scoped.coverage(sources),
            tallies=tallies,
            records={id_: record.state for id_, record in self.records.items()},
            soa=None if soa is None or framework is None else soa.decisions(framework, role, day),
        )


def _states(framework: Framework, heard: Iterable[Audience], made: _Evidence) -> tuple[ControlState, ...]:
    """Assess a framework once for each role, and put the rows of one control side by side."""
    by_id: dict[str, list[ControlState]] = {control.id: [] for control in framework.controls}
    for who in heard:
        for state in assess(framework, made.of(who.sources, framework, who.role), who.role):
            # A control without roles says the same to everyone: one row, in the first audience.
            if state.control.roles:
                by_id[state.control.id].append(state)
            elif not by_id[state.control.id]:
                by_id[state.control.id].append(replace(state, role=None))
    return tuple(state for states in by_id.values() for state in states)


def _out_of_scope(
    app: App, framework: Framework, tallies: Mapping[str, FindingCounts], platforms: frozenset[str] | None
) -> Iterator[tuple[str, FindingCounts]]:
    """Yield for checks that never ran what the scope says of their platform."""
    if platforms is None:
        return
    for control in framework.controls:
        for check in control.checks:
            if check not in tallies and _platform(app, check) not in platforms:
                yield check, FindingCounts(check=check, ran=False, in_scope=False)


def _platform(app: App, check: str) -> str:
    return app.connector_of(check) if check in app.checks else check.partition("_")[0]


def _filed(reading: Reading) -> Iterator[Filed]:
    """Yield what is on file; a store that keeps no records has none, and they are missing."""
    if isinstance(reading.store, Attestations):
        yield from reading.store.attested(as_of=reading.as_of)


def _failing(reading: Reading, ours: Company) -> Mapping[str, int]:
    """Count the failing subjects of which each exception speaks: a pattern covers none where it has grown."""
    failing: Counter[str] = Counter()
    for check in sorted({one.check for one in ours.exceptions}):
        mine = [one for one in ours.exceptions if one.check == check]
        for standing in reading.standings(check=check):
            if standing.status is Status.FAIL:
                failing.update(one.id for one in mine if one.matches(standing.id))
    return failing
