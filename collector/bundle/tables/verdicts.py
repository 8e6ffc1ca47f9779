"""The tables of what was concluded: controls, checks over the period, findings as they stand, how they became so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.bundle.shown_names import WITHHELD, ShownNames, moment, pairs, place
from collector.bundle.tables.table import Column, Row, Table
from collector.core.checks import Status
from collector.core.facts import Judged
from collector.report.findings.finding_filter import show_subject
from collector.report.state.known import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.bundle.contents import BundleContents
    from collector.core.findings import FindingChange
    from collector.core.isms.exceptions import Acceptance
    from collector.report.controls.control_views import ControlView
    from collector.report.findings.finding_views import FindingView
    from collector.report.periods.period_views import CheckPeriod, SpellView

_SAID = {status.value: word for status, word in WORDS.items()}

NEVER = "not observed"
"""Stands where nobody has looked."""


def controls(dossier: BundleContents, words: ShownNames) -> Table:
    """Return the controls as they stood at the end, with what their direct checks showed over the period."""
    over = {(one.framework, one.id, one.role): one for one in dossier.period.controls}

    def rows() -> Iterator[Row]:
        for one in dossier.controls:
            then, counts = over[one.framework, one.id, one.role], one.counts
            yield (
                one.framework,
                one.id,
                one.title,
                one.role or "",
                one.label,
                one.sentence,
                str(counts.fails),
                str(counts.accepted),
                str(counts.not_established),
                str(counts.nothing),
                str(counts.lost),
                str(counts.records_missing),
                str(counts.passes),
                ", ".join(one.basis),
                one.coverage,
                words.reasons(one.reasons),
                "; ".join(one.contradictions),
                then.sentence,
                moment(then.first_observed, NEVER),
                _spell(then.longest_fail, words),
                _linked(one),
                "; ".join(f"{ask.id} ({ask.kind}): {ask.state}" for ask in one.asks),
                one.cannot,
            )

    return Table(
        name="controls",
        title="Controls",
        says="Every control that was asked for, as it stood at the end of the period. Labels are no conclusions.",
        columns=(
            Column("edition", "Edition", 16),
            Column("control", "Control", 10),
            Column("title", "Title", 36),
            Column("role", "Role", 10),
            Column("state", "State at the end", 22),
            Column("sentence", "What that means", 46),
            Column("fails", "Fails", 8),
            Column("accepted", "Accepted", 10),
            Column("not_established", "Not established", 14),
            Column("nothing_to_check", "Nothing to check", 14),
            Column("lost", "Last seen failing, not seen since", 16),
            Column("records_missing", "Records missing", 14),
            Column("passes", "Pass", 8),
            Column("basis", "Basis", 16),
            Column("coverage", "Systems seen", 22),
            Column("reasons", "Reasons", 50),
            Column("contradictions", "Contradictions", 36),
            Column("period", "Over the period", 46),
            Column("first_observed", "First observed", 20),
            Column("longest_failing", "Longest failing", 36),
            Column("checks", "Checks", 44),
            Column("records", "Records asked for", 36),
            Column("cannot", "What no check can show", 44),
        ),
        rows=rows,
        is_sheet=True,
        is_working_paper=True,
    )


def _linked(control: ControlView) -> str:
    return ", ".join(
        f"{one.check} ({one.strength}{', disabled' if one.disabled else '' if one.ran else ', not run'})"
        for one in control.checks
    )


def _spell(one: SpellView | None, words: ShownNames) -> str:
    if one is None:
        return ""
    kind = words.kind_of(one.check)
    hidden = words.hides(one.source, kind, one.scope, one.subject)
    subject = WITHHELD if hidden else show_subject(words.name(one.subject))
    until = "still" if one.until is None else f"until {moment(one.until)}"
    return f"{one.days} days, since {moment(one.since)}, {until}: {one.check} on {subject} in {place(one.scope)}"


def checks(dossier: BundleContents, words: ShownNames) -> Table:
    """Return each check in each source, with what was planned, done and missed; those that never ran too."""
    used: dict[str, list[str]] = {}
    never: dict[str, tuple[str, str, str]] = {}
    for control in dossier.controls:
        for link in control.checks:
            used.setdefault(link.check, []).append(f"{control.framework}/{control.id} {link.strength}")
            why = "disabled" if link.disabled else words.reasons(link.reasons) or "never run"
            never[link.check] = (link.title, link.severity, why)

    def rows() -> Iterator[Row]:
        seen = set()
        for one in dossier.period.checks:
            if dossier.checks is None or one.check in dossier.checks:
                seen.add(one.check)
                yield _check(one, words, ", ".join(dict.fromkeys(used.get(one.check, ()))))
        for check, (title, severity, why) in sorted(never.items()):
            if check not in seen:
                linked = ", ".join(dict.fromkeys(used[check]))
                yield (check, title, severity, "", "", *("0",) * 8, why, NEVER, "", "none", linked)

    return Table(
        name="checks",
        title="Checks",
        says="What was planned of each check over the period, what was observed, and what was missed.",
        columns=(
            Column("check", "Check", 34),
            Column("title", "Title", 44),
            Column("severity", "Severity", 10),
            Column("source", "Source", 14),
            Column("interval", "Interval", 9),
            Column("planned", "Planned", 9),
            Column("done", "Done", 8),
            Column("missed", "Missed", 8),
            Column("not_observed", "Before the first", 14),
            Column("passes", "Pass", 8),
            Column("fails", "Fail", 8),
            Column("unknown", "Unknown", 9),
            Column("nothing_to_check", "Nothing to check", 14),
            Column("period", "Over the period", 46),
            Column("first_observed", "First observed", 20),
            Column("longest_failing", "Longest failing", 36),
            Column("at_end", "Findings at the end, in all sources", 40),
            Column("controls", "Controls that it speaks about", 40),
        ),
        rows=rows,
        is_sheet=True,
        is_working_paper=True,
    )


def _check(one: CheckPeriod, words: ShownNames, used: str) -> Row:
    counts, states = one.counts, one.counts.by_state
    return (
        one.check,
        one.title or "not part of this installation",
        one.severity,
        one.source,
        one.interval,
        str(counts.planned),
        str(counts.made),
        str(counts.missed),
        str(counts.not_observed),
        *(str(states[state]) for state in ("pass", "fail", "unknown", "nothing to check")),
        one.sentence,
        moment(one.first_observed, NEVER),
        _spell(one.longest_fail, words),
        "none" if one.at_end is None else pairs({_SAID.get(name, name): count for name, count in one.at_end.items()}),
        used,
    )


def findings(dossier: BundleContents, words: ShownNames) -> Table:
    """Return the findings as they counted at the end."""

    def rows() -> Iterator[Row]:
        for one, covered in dossier.findings():
            yield finding_row(one, covered, words)

    return Table(
        name="findings",
        title="Findings",
        says="What each check said of each subject, as it counted at the end of the period. An exception changes none.",
        columns=(
            Column("check", "Check", 34),
            Column("title", "Title", 40),
            Column("severity", "Severity", 10),
            Column("source", "Source", 14),
            Column("scope", "Scope", 24),
            Column("subject", "Subject", 30),
            Column("verdict", "Verdict", 14),
            Column("last_verdict", "Verdict when judged", 14),
            Column("exception", "Exception", 14),
            Column("reason", "Reason", 54),
            Column("since", "Since", 20),
            Column("first_seen", "First seen so", 20),
            Column("last_seen", "Last seen", 20),
            Column("limits", "Limits", 22),
            Column("evidence", "Digests of the evidence", 74),
        ),
        rows=rows,
        is_sheet=True,
        is_working_paper=True,
    )


def finding_row(one: FindingView, covered: Acceptance | None, words: ShownNames) -> Row:
    """Return one finding as a row."""
    subject, reason = words.finding(one)
    return (
        one.check,
        one.title,
        one.severity,
        one.source,
        place(one.scope),
        show_subject(subject),
        _SAID[one.status],
        _SAID[one.last],
        "" if covered is None else covered.id,
        reason,
        moment(one.since),
        moment(one.observed_at),
        moment(one.seen_at),
        pairs(one.limits),
        " ".join(one.evidence),
    )


def finding_history(dossier: BundleContents, words: ShownNames) -> Table:
    """Return every change of a verdict that was recorded in the period."""

    def rows() -> Iterator[Row]:
        happened = dossier.store.history.events(since=dossier.terms.period.start, until=dossier.at)
        for one in happened:
            if isinstance(one, Judged):
                for change in one.changes:
                    if dossier.checks is None or change.id.check in dossier.checks:
                        yield (moment(one.at), one.run, *_change(change, words))

    return Table(
        name="finding_history",
        title="Changes of findings",
        says="Each change of a verdict that was recorded in the period, in the order of the record. Gone is not fixed.",
        columns=(
            Column("judged_at", "Judged", 20),
            Column("run", "Run", 36),
            Column("check", "Check", 34),
            Column("source", "Source", 14),
            Column("scope", "Scope", 24),
            Column("subject", "Subject", 30),
            Column("was", "Was", 14),
            Column("became", "Became", 14),
            Column("reason", "Reason", 54),
            Column("observed_at", "Observed", 20),
            Column("limits", "Limits", 22),
            Column("evidence", "Digests of the evidence", 74),
        ),
        rows=rows,
    )


def _change(change: FindingChange, words: ShownNames) -> Row:
    id_, now = change.id, change.now
    ended = "" if change.ended is None else change.ended.value
    ours = now is None or now.status is Status.UNKNOWN
    subject, reason = words.verdict(id_, change.because if now is None else now.reason, is_ours=ours)
    return (
        id_.check,
        id_.source,
        place(id_.scope),
        show_subject(subject),
        "" if change.was is None else WORDS[change.was],
        ended if now is None else WORDS[now.status],
        reason,
        "" if now is None else moment(now.observed_at),
        "" if now is None else pairs(now.limits),
        "" if now is None else " ".join(now.evidence),
    )
