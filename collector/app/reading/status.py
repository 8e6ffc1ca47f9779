"""`annexd status`: where everything stands, on one screen."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.app.output import Mark, Page
from collector.app.reading.asking import show_age, show_moment, some
from collector.app.reading.assessment import Assessment
from collector.app.reading.gaps import Gap
from collector.app.reading.known import WORDS
from collector.core.actions import count_actions
from collector.core.assess import ControlStatus
from collector.core.checks import Status
from collector.core.tasks import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.app.reading.known import Reading, TaskState


class RunShape(Struct, frozen=True):
    """The newest run. `ended_at` is None while it goes on, or where it was killed."""

    run: str
    trigger: str
    started_at: datetime
    ended_at: datetime | None
    outcomes: dict[str, int]
    stopped: str | None


class SourceShape(Struct, frozen=True):
    """A source and its tasks by how they ended last; `stale` of them are past their time to live."""

    name: str
    connector: str
    tasks: dict[str, int]
    stale: int
    oldest_at: datetime | None
    newest_at: datetime | None
    due_at: datetime | None


class FrameworkShape(Struct, frozen=True):
    """A framework with the number of its controls in each of the five states."""

    id: str
    name: str
    edition: str
    states: dict[str, int]


class RiskCounts(Struct, frozen=True, kw_only=True):
    """The risk register, counted: what remains by level, overdue reviews, and what its owners still have to decide."""

    remaining: dict[str, int]
    overdue: int
    faults: int


class StatusShape(Struct, frozen=True, tag="annexd.status/1", tag_field="schema"):
    """What `annexd status --json` prints."""

    at: datetime
    as_of: datetime | None
    store: str
    run: RunShape | None
    sources: list[SourceShape]
    not_configured: list[str]
    verdicts: dict[str, int]
    stale: int
    unjudged: int
    coverage: str
    frameworks: list[FrameworkShape]
    gaps: list[Gap]
    actions: dict[str, int]
    risks: RiskCounts | None


LABELS = {
    ControlStatus.FAILING: "Open deviations",
    ControlStatus.UNKNOWN: "Not established",
    ControlStatus.INCOMPLETE: "Records missing",
    ControlStatus.EVIDENCED: "Evidence on file",
    ControlStatus.EXCLUDED: "Excluded by SoA",
}
"""The five states as people read them where they are counted, in the order in which they are worth reading."""

STYLES = {ControlStatus.FAILING: "bold", ControlStatus.UNKNOWN: "grey", ControlStatus.EXCLUDED: "grey"}
"""Grey for what is not known and what is left out; nothing is green."""

_GAPS_SHOWN = 12

_HOW = {
    "denied": "refused",
    "unread": "part not read",
    "unopened": "not opened",
    "partial": "read in part",
    "failed": "failed",
    "not_run": "not run",
    "never": "never seen",
    "old": "too old",
}


def status_shape(assessment: Assessment) -> StatusShape:
    """Return everything that the page says, in numbers and machine words."""
    reading = assessment.reading
    return StatusShape(
        at=reading.at,
        as_of=reading.as_of,
        store=reading.app.config.store.url,
        run=_run(reading),
        sources=list(_sources(reading)),
        not_configured=list(reading.not_configured),
        verdicts={verdict.value: assessment.verdicts[verdict] for verdict in Status},
        stale=assessment.stale,
        unjudged=assessment.unjudged,
        coverage=str(assessment.evidence.coverage),
        frameworks=[
            FrameworkShape(
                framework.id, framework.name, framework.edition, count_states(state.status for state in states)
            )
            for framework, states in assessment.frameworks
        ],
        gaps=list(assessment.gaps),
        actions=count_actions(assessment.company.actions, reading.at.date()) if assessment.company.actions else {},
        risks=_risks(assessment),
    )


def _risks(assessment: Assessment) -> RiskCounts | None:
    register, day = assessment.company.risks, assessment.reading.at.date()
    if register is None or register.matrix is None:
        return None
    known = register.known(day)
    return RiskCounts(
        remaining={level: sum(one.remaining == level for one in known) for level in reversed(register.matrix.levels)},
        overdue=sum(one.is_overdue(day) for one in known),
        faults=sum(len(one.open_faults(register.matrix, day)) for one in known),
    )


def show_edition(name: str, edition: str) -> str:
    """Write a framework with its edition: a part of one, such as its clauses, is no number of its own."""
    year, _, part = edition.partition(", ")
    return f"{name}:{year} ({part})" if part else f"{name}:{year}"


def count_states(states: Iterator[ControlStatus]) -> dict[str, int]:
    """Count controls by state; the zeros belong to the counts."""
    counted = Counter(states)
    return {state.value: counted[state] for state in LABELS}


def _run(reading: Reading) -> RunShape | None:
    found = reading.last_run()
    if found is None:
        return None
    started, ended = found
    return RunShape(
        run=started.run,
        trigger=started.trigger,
        started_at=started.at,
        ended_at=None if ended is None else ended.at,
        outcomes={} if ended is None else ended.outcomes,
        stopped=None if ended is None else ended.stopped,
    )


def _sources(reading: Reading) -> Iterator[SourceShape]:
    by_source: dict[str, list[TaskState]] = {name: [] for name in reading.sights}
    for state in reading.tasks():
        by_source[state.task.source].append(state)
    for name, states in by_source.items():
        counted = Counter(state.outcome for state in states)
        seen = [state.basis.observation for state in states if state.basis is not None]
        # What was never seen has no date to count from: the page shows it as not run.
        every = reading.app.config.sources[name].every
        ends = [one.ended_at for one in seen]
        yield SourceShape(
            name=name,
            connector=reading.sights[name].source.connector.name,
            tasks={outcome.value: counted[outcome] for outcome in Outcome},
            stale=sum(state.stale for state in states),
            oldest_at=min(ends, default=None),
            newest_at=max(ends, default=None),
            due_at=min((at + every for at in ends), default=None) if len(seen) == len(states) else reading.at,
        )


def show_status(shape: StatusShape, out: Page) -> None:
    """Print the page for people."""
    when = "now" if shape.as_of is None else f"as of {show_moment(shape.as_of)}, judged with today's configuration"
    out.line(Mark("annexd", "bold"), when, f"({show_moment(shape.at)})" if shape.as_of is None else "")
    out.rows([("store", shape.store), ("last run", _run_text(shape)), ("next due", _due(shape))], indent=2)

    out.head("Sources: tasks by how they ended last")
    heads = ("", "complete", "partial", "denied", "failed", "skipped", "not run", "oldest")
    out.rows((_source_row(one, shape.at) for one in shape.sources), heads=heads)
    for name in shape.not_configured:
        out.line(name, "is not configured any more; its verdicts count as unknown", indent=2)
    if not shape.sources:
        out.line("no source is configured", indent=2)

    out.head("Verdicts")
    out.line(_verdicts(shape), indent=2)
    if shape.stale:
        out.line(some(shape.stale, "finding"), "of these unknown only because nobody has looked lately", indent=2)
    if shape.unjudged:
        out.line(
            f"besides, {some(shape.unjudged, 'place')} of which a check says nothing: not judged yet, or not known",
            indent=2,
        )

    for framework in shape.frameworks:
        out.head(
            f"{show_edition(framework.name, framework.edition)}, {some(sum(framework.states.values()), 'control')}"
        )
        out.rows(
            (Mark(label, STYLES.get(state, "")), str(framework.states[state.value])) for state, label in LABELS.items()
        )
    out.line("systems in scope seen completely:", shape.coverage, indent=2)
    _show_company(shape, out)
    show_gaps(shape.gaps, out)


def _show_company(shape: StatusShape, out: Page) -> None:
    """Print what the company owes itself, where it keeps such registers."""
    rows = []
    if shape.actions:
        states = " / ".join(f"{count} {state}" for state, count in shape.actions.items() if state != "late")
        rows.append(("corrective actions", f"{states}; {some(shape.actions['late'], 'is', 'are')} late"))
    if shape.risks is not None:
        levels = " / ".join(f"{count} {level}" for level, count in shape.risks.remaining.items())
        overdue = some(shape.risks.overdue, "review")
        rows.append(("risks that remain", f"{levels}; {overdue} overdue, {shape.risks.faults} to be decided"))
    if rows:
        out.head("The company's own registers")
        out.rows(rows)


def show_gaps(gaps: list[Gap], out: Page) -> None:
    """Print what could not be looked at, with the permission that would mend it."""
    out.head("What could not be looked at")
    if not gaps:
        out.line("nothing: every task showed everything that it lists", indent=2)
        return
    out.rows(_gap_row(gap) for gap in gaps[:_GAPS_SHOWN])
    if len(gaps) > _GAPS_SHOWN:
        out.line(f"and {len(gaps) - _GAPS_SHOWN} more reasons: annexd status --json has them all", indent=2)


def _gap_row(gap: Gap) -> tuple[str, str]:
    counts = []
    if gap.tasks:
        counts.append(some(len(gap.tasks), "task"))
    if gap.resources:
        counts.append(some(gap.resources, "resource"))
    counts.append(f"{some(len(gap.checks), 'check')} unknown")
    more = f" ({gap.what})" if gap.needs and gap.what else ""
    return _HOW[gap.how], f"{gap.source}: {gap.needs or gap.what or gap.why}{more}: {', '.join(counts)}"


def _run_text(shape: StatusShape) -> str:
    run = shape.run
    if run is None:
        return "none yet; annexd scan makes one"
    started = f"{show_moment(run.started_at)} by {run.trigger}"
    if run.ended_at is None:
        return f"{started}, has not ended: it is under way, or was killed"
    ended = f"took {show_age(run.ended_at - run.started_at)}"
    return f"{started}, {ended}" + (f", ended early: {run.stopped}" if run.stopped is not None else "")


def _due(shape: StatusShape) -> str:
    due = [(one.due_at, one.name) for one in shape.sources if one.due_at is not None]
    late = [name for at, name in due if at <= shape.at]
    if late:
        return f"now: {', '.join(late)}"
    return f"{show_moment(min(due)[0])}: {min(due)[1]}" if due else "never"


def _source_row(one: SourceShape, at: datetime) -> tuple[str, ...]:
    counts = tuple(str(one.tasks[outcome.value]) for outcome in Outcome)
    age = "none" if one.oldest_at is None else f"{show_age(at - one.oldest_at)} old"
    stale = f", {some(one.stale, 'task')} past the time to live" if one.stale else ""
    return (f"{one.name} ({one.connector})", *counts, age + stale)


def _verdicts(shape: StatusShape) -> str:
    order = (Status.FAIL, Status.UNKNOWN, Status.PASS, Status.NOT_APPLICABLE)
    return " / ".join(f"{shape.verdicts[verdict.value]} {WORDS[verdict]}" for verdict in order)
