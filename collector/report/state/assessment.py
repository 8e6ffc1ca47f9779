"""From the store to the status of every control: counts, troubles and the reasons between them, made in one place.

Everything that shows a status calls `assessed`, so that no two pages can disagree.
"""

from __future__ import annotations

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
from collector.report.state.accepting import failing_by_exception
from collector.report.state.collection_failures import CollectionFailure, collection_failures, sources_with_unread_parts
from collector.report.state.counting import FindingCounter, unjudged
from collector.report.state.coverage import Scoped
from collector.report.state.grouped_counts import count_groups
from collector.report.state.roles import Audience, audiences
from collector.setup.loading import platform_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from collector.core.controls import Framework, Role
    from collector.core.isms.scope import Reconciled
    from collector.report.state.known import Reading
    from collector.setup.app import App


@dataclass(frozen=True)
class Assessment:
    """The assessment of a moment. `verdicts` counts findings as they are then, `stale` those that are too old.

    These count the systems in scope, or everything where no scope is stated; `elsewhere` counts the other findings.
    `unjudged` counts what a check should have said something about, and did not. A framework that speaks to two roles
    has two states for a control that both have; `audiences` says what counts in the rows of each. `failing` counts the
    failing subjects that each exception speaks of; `files` says which state of the company's files that is.
    """

    reading: Reading
    evidence: Evidence
    frameworks: tuple[tuple[Framework, tuple[ControlState, ...]], ...]
    verdicts: Mapping[Status, int]
    elsewhere: Mapping[Status, int]
    stale: int
    unjudged: int
    collection_failures: tuple[CollectionFailure, ...]
    company: Company
    files: FilesInForce
    scoped: Scoped
    reconciled: Reconciled
    records: Mapping[str, RecordOnFile]
    filed: tuple[Filed, ...]
    failing: Mapping[str, int]
    audiences: Mapping[str, tuple[Audience, ...]]


def assessed(reading: Reading) -> Assessment:
    """Count all findings at the moment of the reading, and give each control in use its status.

    Raises ConfigError on an invalid company file, and on a framework that addresses nobody here.
    """
    app, day = reading.app, reading.at.date()
    frameworks = app.frameworks()
    files = reading.files(frameworks)
    company = files.company
    audiences_of = {framework.id: audiences(framework, app.config, day) for framework in frameworks}
    failing = failing_by_exception(reading, company.exceptions)
    counted = FindingCounter(
        accepting=AcceptedExceptions(company.exceptions, day, failing, files.logged),
        decides=reading.decides,
        groups={
            None: {},
            **{audience.sources: {} for of_framework in audiences_of.values() for audience in of_framework},
        },
        refused=sources_with_unread_parts(reading),
    )
    if reading.grouped is None:
        for current in reading.findings():
            counted.add(current)
    else:
        count_groups(reading, reading.grouped, counted)
    for rule, source, scope, why in unjudged(reading, counted.judged):
        counted.add_silence(rule, source, scope, why)
    requests = (request for framework in frameworks for control in framework.controls for request in control.asks)
    filed = tuple(_filed(reading))
    records = with_registered_documents(company.register, on_file(requests, filed, day), day)
    scoped = Scoped(reading, company.scope, filed)
    made = _Evidence(reading, company, counted, scoped, records)
    return Assessment(
        reading=reading,
        evidence=made.of(None),
        frameworks=tuple((framework, _states(framework, audiences_of[framework.id], made)) for framework in frameworks),
        verdicts={status: counted.verdicts[status] for status in Status},
        elsewhere={status: counted.elsewhere[status] for status in Status},
        stale=counted.stale,
        unjudged=counted.silent,
        collection_failures=tuple(collection_failures(reading, counted.unknowns)),
        company=company,
        files=files,
        scoped=scoped,
        reconciled=scoped.reconciled(),
        records=records,
        filed=filed,
        failing=failing,
        audiences=audiences_of,
    )


@dataclass(frozen=True)
class _Evidence:
    """The evidence that control states are based on, computed for each audience."""

    reading: Reading
    company: Company
    counted: FindingCounter
    scoped: Scoped
    records: Mapping[str, RecordOnFile]

    def of(
        self, sources: frozenset[str] | None, framework: Framework | None = None, role: Role | None = None
    ) -> Evidence:
        """Return the evidence of these sources, with the decisions of the SoA for a role."""
        app, day = self.reading.app, self.reading.at.date()
        off = (id_ for id_, settings in app.config.checks.items() if not settings.enabled)
        tallies = self.counted.tallies(sources, off)
        if framework is not None:
            tallies |= _out_of_scope(app, framework, tallies, self.scoped.platforms(sources))
        soa = self.company.soa
        return Evidence(
            at=self.reading.at,
            # Without a list of the systems in scope it is not known what was not seen.
            coverage=self.scoped.coverage(sources),
            tallies=tallies,
            records={id_: record.state for id_, record in self.records.items()},
            soa=None if soa is None or framework is None else soa.decisions(framework, role, day),
            platforms=self.scoped.platform_of_systems(),
            platform_of=self._platform_of(framework),
        )

    def _platform_of(self, framework: Framework | None) -> Mapping[str, str]:
        controls = () if framework is None else framework.controls
        return {check: _platform(self.reading.app, check) for control in controls for check in control.checks}


def _states(framework: Framework, audiences_of: Iterable[Audience], made: _Evidence) -> tuple[ControlState, ...]:
    """Assess a framework once for each role, and put the rows of one control side by side."""
    by_id: dict[str, list[ControlState]] = {control.id: [] for control in framework.controls}
    for audience in audiences_of:
        for state in assess(framework, made.of(audience.sources, framework, audience.role), audience.role):
            # A control without roles has one row, in the first audience.
            if state.control.roles:
                by_id[state.control.id].append(state)
            elif not by_id[state.control.id]:
                by_id[state.control.id].append(replace(state, role=None))
    return tuple(state for states in by_id.values() for state in states)


def _out_of_scope(
    app: App, framework: Framework, tallies: Mapping[str, FindingCounts], platforms: frozenset[str] | None
) -> Iterator[tuple[str, FindingCounts]]:
    """Yield counts for checks that never ran because no system in scope is on their platform."""
    if platforms is None:
        return
    for control in framework.controls:
        for check in control.checks:
            if check not in tallies and _platform(app, check) not in platforms:
                yield check, FindingCounts(check=check, ran=False, in_scope=False)


def _platform(app: App, check: str) -> str:
    return app.connector_of(check) if check in app.checks else platform_of(check)


def _filed(reading: Reading) -> Iterator[Filed]:
    """Yield what is on file; a store that keeps no records has none, and they are missing."""
    if isinstance(reading.store, Attestations):
        yield from reading.store.attested(as_of=reading.as_of)
