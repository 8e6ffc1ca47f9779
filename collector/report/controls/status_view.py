"""The status at one moment: runs, sources, verdicts, controls, collection failures, actions and risks."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct, field

from collector.core.addresses import shown_address
from collector.core.assess import ControlStatus
from collector.core.checks import Status
from collector.core.company_record import CompanyRecord
from collector.core.isms.actions import count_actions
from collector.core.tasks import Outcome
from collector.report.state.assessment import Assessment
from collector.report.state.clock_views import ClockView, clock_anomalies
from collector.report.state.collection_failures import CollectionFailure
from collector.report.state.credentials import CredentialView, credentials
from collector.report.state.daemon_views import DaemonView, read_daemon_view
from collector.report.state.key_drills import KeyDrill, newest_drill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.report.state.known import Reading, TaskState


_SERVE = "serve"
"""The trigger of the daemon's runs."""


class RunView(Struct, frozen=True):
    """The newest run. `ended_at` is None while it runs, or where it was killed."""

    run: str
    trigger: str
    started_at: datetime
    ended_at: datetime | None
    outcomes: dict[str, int]
    stopped: str | None


class VerificationView(Struct, frozen=True, kw_only=True):
    """The newest verification by the daemon, and when the next is due; None where it is not to verify.

    `wrong` is the first thing that did not hold. `at` is None where it has not verified yet.
    """

    at: datetime | None
    due_at: datetime | None
    leaves: int | None = None
    rows: int | None = None
    wrong: str | None = None


class SourceView(Struct, frozen=True):
    """A source and its tasks by how they ended last; `stale` of them are past their time to live."""

    name: str
    connector: str
    tasks: dict[str, int]
    stale: int
    oldest_at: datetime | None
    newest_at: datetime | None
    due_at: datetime | None


class FrameworkView(Struct, frozen=True):
    """A framework with the number of its controls in each of the five states.

    `records_only` counts those with evidence on file that no check tests.
    """

    id: str
    name: str
    edition: str
    states: dict[str, int]
    records_only: int


class RiskCounts(Struct, frozen=True, kw_only=True):
    """The risk register, counted: what remains by level, overdue reviews, and what its owners still have to decide."""

    remaining: dict[str, int]
    overdue: int
    faults: int


class StatusView(Struct, frozen=True, tag="annexd.status/1", tag_field="schema"):
    """What `annexd status --json` prints. `verdicts` are of the systems in scope, `elsewhere` of all others.

    `clocks` are the runs that gave the latest word on some collection and saw clocks differ. `clock_says` is None, or
    what this machine's clock says where the newest run is dated later: then `at` is that of the run. `daemon` is what
    `annexd serve` said of itself last, None where none serves. `credentials` are what annexd's own may do, where their
    platforms tell it.
    """

    at: datetime
    as_of: datetime | None
    store: str
    run: RunView | None
    sources: list[SourceView]
    not_configured: list[str]
    verdicts: dict[str, int]
    elsewhere: dict[str, int]
    stale: int
    unjudged: int
    coverage: str
    frameworks: list[FrameworkView]
    collection_failures: list[CollectionFailure] = field(name="gaps")
    actions: dict[str, int]
    risks: RiskCounts | None
    clocks: list[ClockView]
    clock_says: datetime | None
    verification: VerificationView | None = None
    key_drill: KeyDrill | None = None
    daemon: DaemonView | None = None
    credentials: list[CredentialView] = []


LABELS = {
    ControlStatus.FAILING: "Open deviations",
    ControlStatus.UNKNOWN: "Not established",
    ControlStatus.INCOMPLETE: "Records missing",
    ControlStatus.EVIDENCED: "Evidence on file",
    ControlStatus.EXCLUDED: "Excluded by SoA",
}
"""The five states as people read them where they are counted, in the order in which they are worth reading."""


def status_view(assessment: Assessment) -> StatusView:
    """Return the status."""
    reading = assessment.reading
    return StatusView(
        at=reading.at,
        as_of=reading.as_of,
        store=shown_address(reading.app.config.store.url),
        run=_run(reading),
        sources=list(_sources(reading)),
        not_configured=list(reading.not_configured),
        verdicts={verdict.value: assessment.verdicts[verdict] for verdict in Status},
        elsewhere={verdict.value: assessment.elsewhere[verdict] for verdict in Status},
        stale=assessment.stale,
        unjudged=assessment.unjudged,
        coverage=str(assessment.evidence.coverage),
        frameworks=[
            FrameworkView(
                framework.id,
                framework.name,
                framework.edition,
                count_states(state.status for state in states),
                sum(state.records_only and state.status is ControlStatus.EVIDENCED for state in states),
            )
            for framework, states in assessment.frameworks
        ],
        collection_failures=list(assessment.collection_failures),
        actions=count_actions(assessment.company.actions, reading.at.date()) if assessment.company.actions else {},
        risks=_risks(assessment),
        clocks=_clocks(reading),
        clock_says=None if reading.at == reading.clock_at else reading.clock_at,
        verification=_verification(reading),
        key_drill=_key_drill(reading),
        daemon=read_daemon_view(reading.app.config.daemon_file) if reading.as_of is None else None,
        credentials=list(credentials(reading)),
    )


def _key_drill(reading: Reading) -> KeyDrill | None:
    store = reading.store
    return newest_drill(store, as_of=reading.as_of) if isinstance(store, CompanyRecord) else None


def _verification(reading: Reading) -> VerificationView | None:
    """Return what the daemon verified last; None where no daemon has looked after this store."""
    if not isinstance(reading.store, CompanyRecord):
        return None
    entries = list(reading.store.log(as_of=reading.as_of, kinds=("genesis", "verified")))
    if not entries:
        return None
    every, last = reading.app.config.store.verify_every, entries[-1]
    due_at = None if every is None else last.logged_at + every
    if last.kind != "verified":
        run = reading.last_run()
        has_daemon = run is not None and run[0].trigger == _SERVE
        return VerificationView(at=None, due_at=due_at) if has_daemon else None
    fact = last.fact
    return VerificationView(
        at=last.logged_at,
        due_at=due_at,
        leaves=fact.get("leaves"),
        rows=fact.get("rows"),
        wrong=fact.get("wrong"),
    )


def _clocks(reading: Reading) -> list[ClockView]:
    """Return the runs with a clock that was off on which anything that counts now still rests, and the newest run."""
    states = (seen for state in reading.tasks() for seen in (state.latest, state.basis) if seen is not None)
    runs = {seen.observation.run for seen in states if seen.observation.clock_off}
    newest = reading.last_run()
    if newest is not None:
        runs.add(newest[0].run)
    store = reading.store
    found = clock_anomalies(store, as_of=reading.as_of) if isinstance(store, CompanyRecord) else []
    return [view for view in found if view.run in runs]


def _risks(assessment: Assessment) -> RiskCounts | None:
    register, day = assessment.company.risks, assessment.reading.at.date()
    if register is None or register.matrix is None:
        return None
    known = register.known(day)
    return RiskCounts(
        remaining={level: sum(risk.remaining == level for risk in known) for level in reversed(register.matrix.levels)},
        overdue=sum(risk.is_overdue(day) for risk in known),
        faults=sum(len(risk.open_faults(register.matrix, day)) for risk in known),
    )


def show_edition(name: str, edition: str) -> str:
    """Return a framework with its version, such as `ISO/IEC 27001:2022 (clauses 4 to 10)`."""
    year, _, part = edition.partition(", ")
    return f"{name}:{year} ({part})" if part else f"{name}:{year}"


def count_states(states: Iterator[ControlStatus]) -> dict[str, int]:
    """Count controls by state; the zeros belong to the counts."""
    counted = Counter(states)
    return {state.value: counted[state] for state in LABELS}


def _run(reading: Reading) -> RunView | None:
    found = reading.last_run()
    if found is None:
        return None
    started, ended = found
    return RunView(
        run=started.run,
        trigger=started.trigger,
        started_at=started.at,
        ended_at=None if ended is None else ended.at,
        outcomes={} if ended is None else ended.outcomes,
        stopped=None if ended is None else ended.stopped,
    )


def _sources(reading: Reading) -> Iterator[SourceView]:
    by_source: dict[str, list[TaskState]] = {name: [] for name in reading.freshness}
    for state in reading.tasks():
        by_source[state.task.source].append(state)
    for name, states in by_source.items():
        counted = Counter(state.outcome for state in states)
        seen = [state.basis.observation for state in states if state.basis is not None]
        # What was never seen has no date to count from: the page shows it as not run.
        every = reading.app.config.sources[name].every
        ends = [observation.ended_at for observation in seen]
        yield SourceView(
            name=name,
            connector=reading.freshness[name].source.connector.name,
            tasks={outcome.value: counted[outcome] for outcome in Outcome},
            stale=sum(state.stale for state in states),
            oldest_at=min(ends, default=None),
            newest_at=max(ends, default=None),
            due_at=min((at + every for at in ends), default=None) if len(seen) == len(states) else reading.at,
        )
