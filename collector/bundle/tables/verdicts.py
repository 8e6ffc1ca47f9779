"""The tables of verdicts: controls, checks over the period, findings at its end, and changes of findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.bundle.shown_names import WITHHELD, ShownNames, moment, pairs, place
from collector.bundle.tables.table import Column, Row, Table
from collector.core.checks import Status
from collector.core.facts import Judged
from collector.core.plain_text import plural
from collector.report.state.known import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.bundle.contents import BundleContents
    from collector.core.findings import FindingChange
    from collector.core.isms.exceptions import Acceptance
    from collector.report.controls.control_views import ControlView
    from collector.report.findings.finding_views import FindingView
    from collector.report.periods.period_views import CheckPeriod, LongestFailure

_VERDICT_WORDS = {status.value: word for status, word in WORDS.items()}

NEVER = "not observed"
"""Written where a check was never evaluated."""


def controls(contents: BundleContents, names: ShownNames) -> Table:
    """Return the controls with their states at the end, and the evaluations of their direct checks over the period."""
    over = {(period.framework, period.id, period.role): period for period in contents.period.controls}

    def rows() -> Iterator[Row]:
        for control in contents.controls:
            then, counts = over[control.framework, control.id, control.role], control.counts
            yield (
                control.framework,
                control.id,
                control.title,
                control.role or "",
                control.label,
                control.sentence,
                str(counts.fails),
                str(counts.accepted),
                str(counts.not_established),
                str(counts.nothing),
                str(counts.lost),
                str(counts.records_missing),
                str(counts.passes),
                str(counts.elsewhere),
                ", ".join(control.basis),
                control.coverage,
                names.reasons(control.reasons),
                "; ".join(control.contradictions),
                then.sentence,
                moment(then.first_observed, NEVER),
                _longest_failure(then.longest_fail, names),
                _linked(control),
                "; ".join(f"{request.id} ({request.kind}): {request.state}" for request in control.evidence_requests),
                control.cannot,
            )

    return Table(
        name="controls",
        title="Controls",
        description="Every selected control with its state at the end of the period; no state is a conclusion.",
        columns=(
            Column("edition", "Framework version", 18),
            Column("control", "Control", 10),
            Column("title", "Title", 36),
            Column("role", "Role", 10),
            Column("state", "State at the end", 22),
            Column("sentence", "What that means", 46),
            Column("fails", "Fails", 8),
            Column("accepted", "Accepted", 10),
            Column("not_established", "Not established", 14),
            Column("nothing_to_check", "No resources", 14),
            Column("lost", "Last seen failing, not seen since", 16),
            Column("records_missing", "Records missing", 14),
            Column("passes", "Pass", 8),
            Column("elsewhere", "Elsewhere, not in scope", 14),
            Column("basis", "Based on", 16),
            Column("coverage", "Systems seen", 22),
            Column("reasons", "Reasons", 50),
            Column("contradictions", "Inconsistent with the SoA", 36),
            Column("period", "Over the period", 46),
            Column("first_observed", "First observed", 20),
            Column("longest_failing", "Longest failing", 36),
            Column("checks", "Checks", 44),
            Column("records", "Evidence requests", 36),
            Column("cannot", "What no check can show", 44),
        ),
        rows=rows,
        is_sheet=True,
        is_working_paper=True,
    )


def _linked(control: ControlView) -> str:
    return ", ".join(
        f"{check.check} ({check.strength}{', disabled' if check.disabled else '' if check.ran else ', not run'})"
        for check in control.checks
    )


def _longest_failure(failure: LongestFailure | None, names: ShownNames) -> str:
    if failure is None:
        return ""
    kind = names.kind_of(failure.check)
    hidden = names.hides(failure.source, kind, failure.scope, failure.subject)
    subject = WITHHELD if hidden else names.resource(failure.source, failure.scope, names.name(failure.subject))
    until = "still" if failure.until is None else f"until {moment(failure.until)}"
    where = f"{failure.check} on {subject} in {place(failure.scope)}"
    return f"{plural(failure.days, 'day')}, since {moment(failure.since)}, {until}: {where}"


def checks(contents: BundleContents, names: ShownNames) -> Table:
    """Return each check in each source with its evaluations planned, made and missed; also checks that never ran."""
    used: dict[str, list[str]] = {}
    never: dict[str, tuple[str, str, str]] = {}
    for control in contents.controls:
        for link in control.checks:
            used.setdefault(link.check, []).append(f"{control.framework}/{control.id} {link.strength}")
            why = "disabled" if link.disabled else names.reasons(link.reasons) or "never run"
            never[link.check] = (link.title, link.severity, why)

    def rows() -> Iterator[Row]:
        seen = set()
        for period in contents.period.checks:
            if contents.checks is None or period.check in contents.checks:
                seen.add(period.check)
                yield _check(period, names, ", ".join(dict.fromkeys(used.get(period.check, ()))))
        for check, (title, severity, why) in sorted(never.items()):
            if check not in seen:
                linked = ", ".join(dict.fromkeys(used[check]))
                yield (check, title, severity, "", "", *("0",) * 8, why, NEVER, "", "none", linked)

    return Table(
        name="checks",
        title="Checks",
        description="The evaluations of each check over the period: planned, made and missed.",
        columns=(
            Column("check", "Check", 34),
            Column("title", "Title", 44),
            Column("severity", "Severity", 10),
            Column("source", "Source", 14),
            Column("interval", "Interval", 9),
            Column("planned", "Planned", 9),
            Column("done", "Made", 8),
            Column("missed", "Missed", 8),
            Column("not_observed", "Before the first observation", 14),
            Column("passes", "Pass", 8),
            Column("fails", "Fail", 8),
            Column("unknown", "Unknown", 9),
            Column("nothing_to_check", "No resources", 14),
            Column("period", "Over the period", 46),
            Column("first_observed", "First observed", 20),
            Column("longest_failing", "Longest failing", 36),
            Column("at_end", "Findings at the end, in all sources", 40),
            Column("controls", "Mapped to controls", 40),
        ),
        rows=rows,
        is_sheet=True,
        is_working_paper=True,
    )


def _check(period: CheckPeriod, names: ShownNames, used: str) -> Row:
    counts, states = period.counts, period.counts.by_state
    return (
        period.check,
        period.title or "not part of this installation",
        period.severity,
        period.source,
        period.interval,
        str(counts.planned),
        str(counts.made),
        str(counts.missed),
        str(counts.not_observed),
        *(str(states[state]) for state in ("pass", "fail", "unknown", "nothing to check")),
        period.sentence,
        moment(period.first_observed, NEVER),
        _longest_failure(period.longest_fail, names),
        "none"
        if period.at_end is None
        else pairs({_VERDICT_WORDS.get(name, name): count for name, count in period.at_end.items()}),
        used,
    )


def findings(contents: BundleContents, names: ShownNames) -> Table:
    """Return the findings at the end of the period."""

    def rows() -> Iterator[Row]:
        for finding, covered in contents.findings():
            yield finding_row(finding, covered, names)

    return Table(
        name="findings",
        title="Findings",
        description="The verdict of each check on each resource at the end of the period; exceptions change none.",
        columns=(
            Column("check", "Check", 34),
            Column("title", "Title", 40),
            Column("severity", "Severity", 10),
            Column("source", "Source", 14),
            Column("scope", "Account, region or repository", 24),
            Column("subject", "Resource", 30),
            Column("in_scope", "In scope", 10),
            Column("verdict", "Verdict", 14),
            Column("last_verdict", "Verdict when judged", 14),
            Column("exception", "Exception", 14),
            Column("reason", "Reason", 54),
            Column("since", "Since", 20),
            Column("first_seen", "Verdict first seen", 20),
            Column("last_seen", "Last seen", 20),
            Column("limits", "Limits", 22),
            Column("evidence", "Digests of the evidence", 74),
        ),
        rows=rows,
        is_sheet=True,
        is_working_paper=True,
    )


def finding_row(finding: FindingView, covered: Acceptance | None, names: ShownNames) -> Row:
    """Return one finding as a row."""
    subject, reason = names.finding(finding)
    return (
        finding.check,
        finding.title,
        finding.severity,
        finding.source,
        place(finding.scope),
        names.resource(finding.source, finding.scope, subject),
        "no" if finding.elsewhere else "yes",
        _VERDICT_WORDS[finding.status],
        _VERDICT_WORDS[finding.last],
        "" if covered is None else covered.id,
        reason,
        moment(finding.since),
        moment(finding.observed_at),
        moment(finding.seen_at),
        pairs(finding.limits),
        " ".join(finding.evidence),
    )


def finding_history(contents: BundleContents, names: ShownNames) -> Table:
    """Return every change of a verdict that was recorded in the period."""

    def rows() -> Iterator[Row]:
        happened = contents.store.history.events(since=contents.terms.period.start, until=contents.at)
        for event in happened:
            if isinstance(event, Judged):
                for change in event.changes:
                    if contents.checks is None or change.id.check in contents.checks:
                        yield (moment(event.at), event.run, *_change(change, names))

    return Table(
        name="finding_history",
        title="Changes of findings",
        description="Each change of a verdict recorded in the period, in the order of the log. Gone is not fixed.",
        columns=(
            Column("judged_at", "Judged", 20),
            Column("run", "Run", 36),
            Column("check", "Check", 34),
            Column("source", "Source", 14),
            Column("scope", "Account, region or repository", 24),
            Column("subject", "Resource", 30),
            Column("was", "Was", 14),
            Column("became", "Became", 14),
            Column("reason", "Reason", 54),
            Column("observed_at", "Observed", 20),
            Column("limits", "Limits", 22),
            Column("evidence", "Digests of the evidence", 74),
        ),
        rows=rows,
    )


def _change(change: FindingChange, names: ShownNames) -> Row:
    id_, now = change.id, change.now
    ended = "" if change.ended is None else change.ended.value
    is_ours = now is None or now.status is Status.UNKNOWN
    subject, reason = names.verdict(id_, change.because if now is None else now.reason, is_ours=is_ours)
    return (
        id_.check,
        id_.source,
        place(id_.scope),
        names.resource(id_.source, id_.scope, subject),
        "" if change.was is None else WORDS[change.was],
        ended if now is None else WORDS[now.status],
        reason,
        "" if now is None else moment(now.observed_at),
        "" if now is None else pairs(now.limits),
        "" if now is None else " ".join(now.evidence),
    )
