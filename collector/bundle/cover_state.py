"""The points of the cover about what was seen: systems, evaluations, controls, deviations, gaps, changes."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from collector.bundle.cover_rows import (
    CHANGES,
    COVERAGE,
    LINES,
    NOT_STATED,
    RECORDS,
    CoverRow,
    cited,
    gist,
    number_or_none,
    shortened,
    some_of,
)
from collector.bundle.page_paths import list_page, state_anchor, state_page
from collector.bundle.shown_names import WITHHELD, ShownNames
from collector.core.assess import ControlStatus
from collector.core.checks import Status
from collector.core.clocks import CLOCK_ANOMALY
from collector.core.periods import SlotState
from collector.core.plain_text import plural, show_moment
from collector.core.spans import show_span
from collector.report.company.owed_records import records_missing
from collector.report.controls.status_view import LABELS
from collector.report.findings.finding_filter import SEVERITIES
from collector.report.state.clock_views import clock_anomalies
from collector.setup.company_limits import NOT_STATED as NO_COMPANY_RULE
from collector.setup.company_limits import defaults_in_force

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from collector.bundle.contents import BundleContents


def system_rows(contents: BundleContents) -> Iterator[CoverRow]:
    """Yield how completely each system in scope was seen."""
    coverage = contents.assessment.evidence.coverage
    if not coverage.stated:
        yield CoverRow(
            "Systems", "not stated: without a list of the systems in scope it is not known what was not seen", grey=True
        )
        return
    for name, systems, grey in (
        ("Seen completely", coverage.complete, False),
        ("Seen partly", coverage.partly, True),
        ("Never seen", coverage.never, True),
        ("Without a source", coverage.no_source, True),
        *([("Reviewed by a person instead, as stated", tuple(coverage.reviewed), False)] if coverage.reviewed else []),
    ):
        text = ", ".join(systems) or "none"
        yield CoverRow(f"{name} ({len(systems)})", text, grey=grey and bool(systems), href=f"{COVERAGE}#systems")
    found = contents.assessment.reconciled
    for name, listed in (
        ("Collected, not in scope", found.not_in_scope),
        ("Exists, in neither list", found.in_neither),
    ):
        yield CoverRow(f"{name} ({len(listed)})", some_of(listed) or "none", href=f"{COVERAGE}#reconciled")


def observation_rows(contents: BundleContents) -> Iterator[CoverRow]:
    """Yield how many evaluations and collections were planned, made and missed."""
    checks = contents.period.checks
    planned, made = sum(period.counts.planned for period in checks), sum(period.counts.made for period in checks)
    missed, late = sum(period.counts.missed for period in checks), sum(period.counts.late for period in checks)
    before = sum(period.counts.not_observed for period in checks)
    evaluations = plural(planned, "check evaluation")
    text = f"{evaluations} of {plural(len(checks), 'check')}, each at its own interval"
    yield CoverRow("Planned", text, href="checks.html#checks")
    doubted = sum(period.counts.by_state[SlotState.UNKNOWN.value] for period in checks)
    asides = [f"{count} of them {what}" for count, what in ((doubted, "not established"), (late, "late")) if count]
    yield CoverRow("Made", ", ".join((number_or_none(made), *asides)), href="checks.html#checks")
    yield CoverRow("Missed", number_or_none(missed), grey=missed > 0, href=f"{COVERAGE}#in-period" if missed else "")
    yield CoverRow("Before the first observation", f"{before} not observed" if before else "none")
    yield from _clocks(contents)
    failures = contents.period.collection_failures
    worst = max(failures, key=lambda failure: failure.until - failure.since, default=None)
    if worst is None:
        yield CoverRow("Longest collection failure", "none")
        return
    span, count = _rough(worst.until - worst.since), len(worst.tasks)
    where = worst.tasks[0] if count == 1 else f"{worst.source}: {plural(count, 'collection')}"
    text = f"{span} from {show_moment(worst.since)}: {where}: {shortened(worst.why)}"
    yield CoverRow("Longest collection failure", text, grey=True, href=f"{COVERAGE}#in-period")


def _clocks(contents: BundleContents) -> Iterator[CoverRow]:
    """Yield the runs whose clock differed from a platform's: those of the period, and those that still count.

    Those of the period by their place in the log: their dates are what is doubted.
    """
    runs = {seen.observation.run for seen in contents.observations() if seen.observation.clock_off}
    every = clock_anomalies(contents.store, as_of=contents.at)
    found = [clock for clock in every if clock.run in runs or contents.head.first <= clock.leaf < contents.head.end]
    names = ShownNames(contents)
    for clock in sorted(found, key=lambda clock: -abs(clock.largest_seconds))[:LINES]:
        hidden = any(names.hides(source, "", (), "") for source in clock.sources)
        says = WITHHELD if hidden else clock.says
        seen = plural(clock.collections, "collection")
        yield CoverRow("Clock", f"{CLOCK_ANOMALY} at {show_moment(clock.at)}, seen by {seen}: {says}", grey=True)
    if len(found) > LINES:
        yield CoverRow("Clock", f"{CLOCK_ANOMALY} in {plural(len(found) - LINES, 'more run')}", grey=True)


def state_rows(contents: BundleContents) -> Iterator[CoverRow]:
    """Yield the states of the controls of each framework and role."""
    changed = Counter(change.framework for change in contents.changes.controls)
    for framework in contents.frameworks:
        for role in dict.fromkeys(control.role for control in framework.controls):
            rows = [control for control in framework.controls if control.role == role]
            counts = Counter(control.status for control in rows)
            basis = Counter(basis for control in rows for basis in control.basis)
            based_on = ", ".join(f"{what} {number}" for what, number in sorted(basis.items())) or "nothing"
            name = cited(framework) if role is None else f"{cited(framework)}, as {role}"
            named = {
                status: f"{counts[status.value]} {label}" for status, label in LABELS.items() if counts[status.value]
            }
            states = " / ".join(named.values())
            links = tuple(
                (text, f"{state_page(framework.id, status.value)}#{state_anchor(role)}")
                for status, text in named.items()
            )
            alone = sum(control.records_only and control.status == ControlStatus.EVIDENCED.value for control in rows)
            states += f" ({alone} of these on records only)" if alone else ""
            text = f"{states}. Based on: {based_on}. Coverage: {contents.assessment.evidence.coverage}"
            yield CoverRow(name, text, links=links)
    moved = [
        f"{cited(framework)}: {plural(changed[framework.id], 'control')}"
        for framework in contents.frameworks
        if changed[framework.id]
    ]
    text = f"since the period began: {', '.join(moved)}" if moved else "none"
    yield CoverRow("Changes of state", text, href=f"{CHANGES}#controls" if moved else "")


def deviation_rows(contents: BundleContents) -> Iterator[CoverRow]:
    """Yield open and accepted deviations, overdue actions and missing records."""
    fails: Counter[str] = Counter()
    oldest: dict[str, datetime] = {}
    accepted = lost = elsewhere = 0
    for finding, covered in contents.findings():
        if finding.elsewhere:
            elsewhere += finding.status == Status.FAIL.value
            continue
        lost += finding.failing_since is not None
        if finding.status != Status.FAIL.value:
            continue
        accepted += covered is not None
        if covered is None:
            fails[finding.severity] += 1
            oldest[finding.severity] = min(oldest.get(finding.severity, finding.since), finding.since)
    for severity in (*SEVERITIES, "unknown"):
        if severity in SEVERITIES or fails[severity]:
            age = f", the oldest since {oldest[severity].date()}" if severity in oldest else ""
            text = number_or_none(fails[severity])
            links = ((text, list_page(f"fail-{severity}")),) if fails[severity] else ()
            yield CoverRow(f"Open, {severity}", f"{text}{age}", links=links)
    if not contents.assessment.evidence.coverage.stated:
        yield CoverRow("Elsewhere", "no scope is stated, so everything that was collected counts", grey=True)
    elif elsewhere:
        text = plural(elsewhere, "fail")
        yield CoverRow(
            "Elsewhere",
            f"{text} of systems that are not in scope: counted nowhere else",
            links=((text, list_page("elsewhere")),),
        )
    text = f"{lost}, not seen since and still open" if lost else "none"
    yield CoverRow("Last seen failing", text, grey=lost > 0, links=((str(lost), list_page("lost")),) if lost else ())
    day, logged = contents.at.date(), contents.assessment.files.logged
    ends = [
        exception.expires
        for exception in contents.assessment.company.exceptions
        if exception.in_effect(day, logged.get(exception.id))
    ]
    text = number_or_none(accepted) + (f", the next exception expires on {min(ends)}" if ends else "")
    links = ((number_or_none(accepted), list_page("accepted")),) if accepted else ()
    yield CoverRow("Accepted", text, links=links, href=f"{RECORDS}#exceptions")
    actions = contents.actions
    if actions.stated:
        late = sum(action.late for action in actions.actions)
        text = f"{late} of {len(actions.actions)}" if late else "none"
        yield CoverRow("Actions overdue", text, href=f"{RECORDS}#actions")
    else:
        yield CoverRow("Actions overdue", f"{NOT_STATED}: no register of actions is on record", grey=True)
    chosen = {f"{control.framework}/{control.id}" for control in contents.controls}
    missing = number_or_none(records_missing(contents.assessment, chosen))
    yield CoverRow("Records missing", missing, links=((missing, f"{RECORDS}#missing"),))


def not_seen_rows(contents: BundleContents) -> Iterator[CoverRow]:
    """Yield the largest gaps in what was collected, with what fixes them or who owns them."""
    failures = contents.assessment.collection_failures
    for failure in failures[:LINES]:
        what = failure.what or plural(len(failure.tasks), "collection")
        fix = f"permission needed: {failure.needs}" if failure.needs else failure.why
        affected = f"{plural(len(failure.checks), 'check')} affected" if failure.checks else "no check affected"
        yield CoverRow(f"{failure.source}: {what}", f"{fix}; {affected}", grey=True, href=f"{COVERAGE}#failures")
    if len(failures) > LINES:
        text = f"{len(failures) - LINES} more, on the page of the coverage"
        yield CoverRow("More", text, grey=True, href=f"{COVERAGE}#failures")
    if not failures:
        yield CoverRow("Collection failures in the configured sources", "none")
    for system, review in contents.assessment.evidence.coverage.reviewed.items():
        yield CoverRow(system, f"in scope, without a source; reviewed {review}, as stated")
    for system in contents.assessment.evidence.coverage.no_source:
        owner = next((in_scope.owner for in_scope in contents.scoped.systems if in_scope.name == system), NOT_STATED)
        yield CoverRow(system, f"in scope, without a source; owner: {owner}", grey=True, href=f"{COVERAGE}#systems")


def change_rows(contents: BundleContents) -> Iterator[CoverRow]:
    """Yield what changed in the period in scope, SoA, checks and limits."""
    cuts = [(segment.start, change) for segment in contents.period.segments for change in segment.changes]
    checks = [
        (segment.start, f"{check.check}: {change}")
        for check in contents.period.checks
        for segment in check.segments
        for change in segment.changes
    ]
    by_moment: defaultdict[datetime, list[str]] = defaultdict(list)
    for at, change in (*cuts, *checks):
        by_moment[at].append(gist(change))
    for at in sorted(by_moment)[:LINES]:
        yield CoverRow(show_moment(at), shortened("; ".join(by_moment[at])), href=f"{CHANGES}#rules")
    if len(by_moment) > LINES:
        text = f"at {plural(len(by_moment) - LINES, 'more moment')}, on the page of the changes"
        yield CoverRow("More", text, href=f"{CHANGES}#rules")
    if not cuts and not checks:
        yield CoverRow("Scope, SoA, checks, limits", "no change is recorded")
    force = contents.store.in_force(as_of=contents.at)
    rules = () if force is None else force.rules
    off = sorted(rule.check for rule in rules if not rule.enabled)
    yield CoverRow(f"Disabled checks ({len(off)})", some_of(tuple(off)) or "none", href=f"{CHANGES}#disabled")
    loosened = tuple(rule.check for rule in rules if rule.enabled and rule.reason)
    config, rules_now = contents.app.config, contents.reading.rules.values()
    found = {rule.check.id: defaults_in_force(config, rule.check) for rule in rules_now}
    defaults = [
        f"{check}: {', '.join(f'{name} = {value}' for name, value in limits.items())}"
        for check, limits in found.items()
        if limits
    ]
    yield CoverRow(
        f"Limits that are {NO_COMPANY_RULE} ({len(defaults)} {'check' if len(defaults) == 1 else 'checks'})",
        shortened(some_of(tuple(defaults))) or "none",
        grey=bool(defaults),
        href=f"{CHANGES}#defaults",
    )
    text = f"{some_of(loosened)}: each reason is on the page of the changes" if loosened else "none"
    yield CoverRow(f"Limits with a reason ({len(loosened)})", text, href=f"{CHANGES}#reasons")


def _rough(span: timedelta) -> str:
    return show_span(timedelta(minutes=max(span // timedelta(minutes=1), 1)))
