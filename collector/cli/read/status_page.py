"""`annexd status`: the state of everything, on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.cli.terminal.page import Page, Styled
from collector.core.assess import ControlStatus
from collector.core.checks import Status
from collector.core.plain_text import plural, show_age, show_moment
from collector.core.tally import NOT_STATED
from collector.core.tasks import Outcome
from collector.report.controls.status_view import (
    LABELS,
    FrameworkView,
    SourceView,
    StatusView,
    VerificationView,
    show_edition,
)
from collector.report.state.collection_failures import CollectionFailure
from collector.report.state.daemon_views import HEARD_EVERY, DaemonView, show_waiting
from collector.report.state.known import WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from collector.report.state.credentials import CredentialView
    from collector.report.state.key_drills import KeyDrill

STYLES = {ControlStatus.FAILING: "bold", ControlStatus.UNKNOWN: "grey", ControlStatus.EXCLUDED: "grey"}
"""Grey for what is not known and what is left out; nothing is green."""

_GAPS_SHOWN = 12

_HOW = {
    "denied": "refused",
    "unread": "part refused",
    "unopened": "not discovered",
    "partial": "read in part",
    "failed": "failed",
    "not_run": "not run",
    "never": "never seen",
    "old": "too old",
}


def show_status(shape: StatusView, out: Page) -> None:
    """Print the page for people."""
    when = "now" if shape.as_of is None else f"as of {show_moment(shape.as_of)}, judged with today's configuration"
    out.line(Styled("annexd", "bold"), when, f"({show_moment(shape.at)})" if shape.as_of is None else "")
    rows = [("store", shape.store), ("last run", _run_text(shape)), ("next due", _due(shape))]
    if shape.verification is not None:
        rows.append(("verified", _verified_text(shape.verification, shape.at)))
    if shape.key_drill is not None:
        rows.append(("key backup", _drill_text(shape.key_drill, shape.at)))
    rows += _daemon_rows(shape.daemon, shape.at)
    out.rows(rows, indent=2)

    if shape.clock_says is not None:
        out.line(
            f"clock_anomaly: this machine's clock says {show_moment(shape.clock_says)}, and the newest run is of"
            f" {show_moment(shape.at)}: one of them was set wrong. Evidence is judged as of the later one",
            indent=2,
        )
    for clock in shape.clocks:
        out.line(
            f"clock_anomaly: in run {clock.run} {clock.says}; {plural(clock.collections, 'collection')} saw it."
            " Verdicts that depend on it are unknown until the next run under a clock that is right",
            indent=2,
        )

    out.head("Sources: collections by how they ended last")
    heads = ("", "complete", "partial", "denied", "failed", "not used", "not run", "oldest")
    out.rows((_source_row(item, shape.at) for item in shape.sources), heads=heads)
    for name in shape.not_configured:
        out.line(name, "is not configured any more; its findings count as unknown", indent=2)
    if not shape.sources:
        out.line("no source is configured", indent=2)

    out.head("Verdicts")
    out.line(_verdicts(shape.verdicts), indent=2)
    if shape.coverage == NOT_STATED:
        out.line("no scope is stated, so everything that was collected counts", indent=2)
    elif any(shape.elsewhere.values()):
        out.line("elsewhere, not in scope and counted nowhere else:", _verdicts(shape.elsewhere), indent=2)
    if shape.stale:
        out.line(plural(shape.stale, "finding"), "of these unknown only because the evidence is too old", indent=2)
    if shape.unjudged:
        out.line(
            f"not counted: {plural(shape.unjudged, 'result')} that a check still owes: not judged yet, or not known",
            indent=2,
        )

    for framework in shape.frameworks:
        out.head(
            f"{show_edition(framework.name, framework.edition)}, {plural(sum(framework.states.values()), 'control')}"
        )
        out.rows((Styled(label, STYLES.get(state, "")), _count(state, framework)) for state, label in LABELS.items())
    out.line("systems in scope seen completely:", shape.coverage, indent=2)
    _show_company(shape, out)
    _show_credentials(shape.credentials, out)
    show_gaps(shape.collection_failures, out)


def _daemon_rows(daemon: DaemonView | None, at: datetime) -> list[tuple[str, str]]:
    """Return what the daemon does, and what it waits for; nothing where none serves."""
    if daemon is None:
        return []
    who = f"process {daemon.process} on {daemon.host} since {show_moment(daemon.began_at)}"
    if at - daemon.at > HEARD_EVERY:
        who += f"; said nothing since {show_moment(daemon.at)}: it has ended without a word, or hangs"
    elif daemon.not_ready:
        who += f"; not ready: {'; '.join(daemon.not_ready)}"
    running = [source.name for source in daemon.sources if source.running_since is not None]
    rows = [("daemon", who + (f"; looks at {', '.join(running)}" if running else ""))]
    rows += [("waits", show_waiting(wait)) for wait in daemon.waiting]
    if daemon.alerts_undelivered:
        rows.append(("alerts", f"{plural(daemon.alerts_undelivered, 'alert')} not delivered yet"))
    return rows


def _count(state: ControlStatus, framework: FrameworkView) -> str:
    count = str(framework.states[state.value])
    alone = state is ControlStatus.EVIDENCED and framework.records_only
    return f"{count} ({framework.records_only} on records only)" if alone else count


def _show_company(shape: StatusView, out: Page) -> None:
    """Print corrective actions and risks, where the company keeps such registers."""
    rows = []
    if shape.actions:
        states = " / ".join(f"{count} {state}" for state, count in shape.actions.items() if state != "late")
        rows.append(("corrective actions", f"{states}; {plural(shape.actions['late'], 'is', 'are')} late"))
    if shape.risks is not None:
        levels = " / ".join(f"{count} {level}" for level, count in shape.risks.remaining.items())
        overdue = plural(shape.risks.overdue, "review")
        rows.append(("risks that remain", f"{levels}; {overdue} overdue, {shape.risks.faults} to be decided"))
    if rows:
        out.head("The company's registers")
        out.rows(rows)


def _show_credentials(credentials: list[CredentialView], out: Page) -> None:
    """Print what annexd's own credentials may do, where it is not what they need and no more."""
    rows = [(credential.whose, credential.says) for credential in credentials if credential.says]
    if rows:
        out.head("The credentials that annexd signs in with")
        out.rows(rows[:_GAPS_SHOWN])
    if len(rows) > _GAPS_SHOWN:
        out.line(f"and {len(rows) - _GAPS_SHOWN} more: annexd status --json", indent=2)


def show_gaps(gaps: list[CollectionFailure], out: Page) -> None:
    """Print what could not be read, with the permission that it needs."""
    out.head("What could not be read")
    if not gaps:
        out.line("nothing: every collection is complete", indent=2)
        return
    out.rows(_gap_row(gap) for gap in gaps[:_GAPS_SHOWN])
    if len(gaps) > _GAPS_SHOWN:
        out.line(f"and {len(gaps) - _GAPS_SHOWN} more reasons: annexd status --json has them all", indent=2)


def _gap_row(gap: CollectionFailure) -> tuple[str, str]:
    counts = []
    if gap.tasks:
        counts.append(plural(len(gap.tasks), "collection"))
    if gap.resources:
        counts.append(plural(gap.resources, "resource"))
    counts.append(f"{plural(len(gap.checks), 'check')} unknown")
    more = f" ({gap.what})" if gap.needs and gap.what else ""
    return _HOW[gap.how], f"{gap.source}: {gap.needs or gap.what or gap.why}{more}: {', '.join(counts)}"


def _run_text(shape: StatusView) -> str:
    run = shape.run
    if run is None:
        return "none yet; annexd scan makes one"
    started = f"{show_moment(run.started_at)} by {run.trigger}"
    if run.ended_at is None:
        return f"{started}, has not ended: it is under way, or was killed"
    ended = f"took {show_age(run.ended_at - run.started_at)}"
    return f"{started}, {ended}" + (f", ended early: {run.stopped}" if run.stopped is not None else "")


def _verified_text(verification: VerificationView, at: datetime) -> str:
    due_at = verification.due_at
    late = "" if due_at is None or due_at > at else f"; was due again at {show_moment(due_at)}"
    if verification.at is None:
        when = "off in [store]" if due_at is None else f"due at {show_moment(due_at)}"
        return f"not yet by annexd serve; {when}"
    when = show_moment(verification.at)
    if verification.wrong is not None:
        return f"{when}: does not hold: {verification.wrong}"
    return f"{when}: {verification.leaves} log entries and {verification.rows} rows of tables hold{late}"


def _drill_text(drill: KeyDrill, at: datetime) -> str:
    replaced = "" if drill.is_of_current_key else "; the signing key was replaced since, so try its backup"
    return f"tried {show_age(at - drill.at)} ago by {drill.by}{replaced}"


def _due(shape: StatusView) -> str:
    due = [(source.due_at, source.name) for source in shape.sources if source.due_at is not None]
    late = [name for at, name in due if at <= shape.at]
    if late:
        return f"now: {', '.join(late)}"
    return f"{show_moment(min(due)[0])}: {min(due)[1]}" if due else "never"


def _source_row(source: SourceView, at: datetime) -> tuple[str, ...]:
    counts = tuple(str(source.tasks[outcome.value]) for outcome in Outcome)
    age = "none" if source.oldest_at is None else f"{show_age(at - source.oldest_at)} old"
    stale = f", {plural(source.stale, 'collection')} too old" if source.stale else ""
    return (f"{source.name} ({source.connector})", *counts, age + stale)


def _verdicts(counts: Mapping[str, int]) -> str:
    order = (Status.FAIL, Status.UNKNOWN, Status.PASS, Status.NOT_APPLICABLE)
    said = " / ".join(f"{counts[verdict.value]} {WORDS[verdict]}" for verdict in order if counts[verdict.value])
    return said or "none"
