"""The cover of a bundle: one page of fourteen points, always in the same order, so that bundles can be compared.

A count of zero is written as none, and is left out inside a sentence.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from collector import __version__
from collector.bundle.drawn_populations import populations
from collector.bundle.page_paths import list_page, slug, state_anchor, state_page
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
    from collector.bundle.sampling.draws import DrawLeaf
    from collector.report.controls.control_views import FrameworkControls

DISCLAIMER = (
    "This bundle shows observed configuration and filed records. It does not show what happened between observations,"
    " that a platform's API told the truth, or that a control is effective. No conclusion on conformity is drawn."
)

NOT_STATED = "not stated"

_AMENDMENT = re.compile(r"Amd \d+:\d{4}")

_LONGEST = 110
"""Characters of a reason on the cover; the pages have the whole reason."""

_OF_A_SAMPLE = {1, 2, 3, 10, 11, 12, 13, 14}
"""The points on the cover of a sample bundle: it shows no state of controls, and nothing outside the sample."""

_CHANGES, _COVERAGE, _POPULATIONS, _RECORDS = "changes.html", "coverage.html", "populations.html", "records.html"
_PROVENANCE = "provenance.html"

_LINES = 5
"""Lines of a long list on the cover, which says how many more there are; the pages list all."""


class CoverRow(Struct, frozen=True):
    """A name and its text; `grey` where something is not known or was left out.

    `links` are parts of the text, in their order, with the page that lists what each counts; `href` is the page of the
    name.
    """

    name: str
    text: str
    grey: bool = False
    links: tuple[tuple[str, str], ...] = ()
    href: str = ""


class CoverPoint(Struct, frozen=True):
    """One of the fourteen points."""

    number: int
    title: str
    rows: tuple[CoverRow, ...]


class Cover(Struct, frozen=True):
    """The first page of a bundle."""

    title: str
    subtitle: str
    points: tuple[CoverPoint, ...]


def cover(contents: BundleContents) -> Cover:
    """Return the cover; its numbers are counted from the same contents as those of the pages."""
    first = contents.frameworks[0]
    points = (
        ("Framework versions, roles and confidence", _editions(contents)),
        ("Organization, scope and SoA", _organization(contents)),
        ("Period and purpose", _period(contents)),
        ("Systems in scope", _systems(contents)),
        ("Check evaluations and collections", _observations(contents)),
        ("Controls at the end of the period", _states(contents)),
        ("Deviations, exceptions, actions and records", _deviations(contents)),
        ("What was not collected", _not_seen(contents)),
        ("Changes in the period", _changes(contents)),
        ("Populations and samples", _populations(contents)),
        ("Withheld, redacted and erased", _left_out(contents)),
        ("Origin and proof", _origin(contents)),
        ("What this bundle does not show", [CoverRow("", DISCLAIMER)]),
        (
            "Prepared and reviewed",
            [CoverRow("Prepared by", contents.terms.by), CoverRow("Reviewed by", ""), CoverRow("Auditor", "")],
        ),
    )
    return Cover(
        title=f"Evidence relevant to {_edition(first)}",
        subtitle=f"{contents.terms.period.first} to {contents.terms.period.last}, both days included"
        f" ({contents.terms.period.zone})",
        points=tuple(
            CoverPoint(number, title, tuple(rows if contents.terms.sample is None else map(_in_a_sample, rows)))
            for number, (title, rows) in enumerate(points, start=1)
            if contents.terms.sample is None or number in _OF_A_SAMPLE
        ),
    )


def _in_a_sample(row: CoverRow) -> CoverRow:
    """Return a row of a sample bundle, which has no page of what is not in the sample."""
    return row if row.href.startswith(_POPULATIONS) else replace(row, links=(), href="")


def _edition(framework: FrameworkControls) -> str:
    """Return a framework version as it is cited, with its amendments by number and year."""
    amended = ", ".join(found[0] for text in framework.amendments if (found := _AMENDMENT.search(text)))
    return f"{framework.name}:{framework.edition}" + (f" ({amended})" if amended else "")


def _editions(contents: BundleContents) -> Iterator[CoverRow]:
    for framework in contents.frameworks:
        # The first sentence of the confidence; the page of the controls has all of it, and the notes.
        sentences = [
            plural(len(framework.controls), "row"),
            f"identifiers and titles: {framework.confidence.partition('. ')[0]}",
        ]
        if framework.status != "current":
            sentences.append(f"{framework.status}; ask your certification body")
        yield CoverRow(
            _edition(framework),
            "; ".join(text.rstrip(".") for text in (*sentences, *framework.counted)) + ".",
            links=((sentences[0], f"controls.html#{slug(framework.id)}"),),
        )
    if contents.terms.controls:
        yield CoverRow("Only these controls", ", ".join(contents.terms.controls))


def _organization(contents: BundleContents) -> Iterator[CoverRow]:
    company, soa = contents.assessment.company, contents.soa
    scope = company.scope
    if scope is None:
        yield CoverRow("Scope", f"{NOT_STATED}: there is no scope.toml", grey=True)
    else:
        yield CoverRow("Organization", scope.organization or NOT_STATED)
        yield CoverRow("Scope", scope.statement)
        text = f"{scope.version}, approved by {scope.approved_by} on {scope.approved_on}"
        yield CoverRow("Scope version", text, href=f"{_COVERAGE}#systems")
        body = scope.certification_body or NOT_STATED
        yield CoverRow("Certificate", f"{scope.certificate or NOT_STATED}, certification body: {body}")
    if soa.version is None:
        yield CoverRow("SoA", f"{NOT_STATED}: none is on file", grey=True)
    else:
        force = "" if soa.in_force else "; not in force at the end of the period"
        yield CoverRow(
            "SoA",
            f"version {soa.version}, approved by {soa.approved_by} on {soa.approved_on},"
            f" effective from {soa.effective_from}{force}",
            href=f"{_RECORDS}#soa",
        )
    by_state: defaultdict[str, list[str]] = defaultdict(list)
    for note in contents.assessment.files.notes:
        name, _, state = note.partition(" ")
        by_state[state].append(name)
    if by_state:
        yield CoverRow(
            "The company's files", "; ".join(f"{', '.join(files)} {state}" for state, files in by_state.items())
        )


def _period(contents: BundleContents) -> Iterator[CoverRow]:
    terms = contents.terms
    yield CoverRow("From", f"{show_moment(terms.period.start)}, included")
    yield CoverRow("To", f"{show_moment(terms.period.end)}, not included")
    if contents.at < terms.period.end:
        yield CoverRow("Covers up to", f"{show_moment(contents.at)}: the period was not over when this bundle was made")
    firsts = contents.period_history.first.values()
    yield CoverRow(
        "Observed from", show_moment(min(firsts)) if firsts else "no check was ever evaluated", grey=not firsts
    )
    yield CoverRow("Exported", f"{show_moment(terms.at)} by {terms.by}")
    kind = "period bundle: every log entry of the period, or its hash"
    if terms.sample is not None:
        kind = f"sample bundle: the sample in log entry {terms.sample}, with a proof of each item, and nothing else"
    yield CoverRow("Kind", kind)
    for name, text in (
        ("Made for", terms.made_for),
        ("Classification", terms.classification),
        ("Recipient", terms.recipient),
        ("Purpose", terms.purpose),
    ):
        yield CoverRow(name, text or NOT_STATED, grey=not text)


def _systems(contents: BundleContents) -> Iterator[CoverRow]:
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
        yield CoverRow(f"{name} ({len(systems)})", text, grey=grey and bool(systems), href=f"{_COVERAGE}#systems")
    found = contents.assessment.reconciled
    for name, listed in (
        ("Collected, not in scope", found.not_in_scope),
        ("Exists, in neither list", found.in_neither),
    ):
        yield CoverRow(f"{name} ({len(listed)})", _some_of(listed) or "none", href=f"{_COVERAGE}#reconciled")


def _observations(contents: BundleContents) -> Iterator[CoverRow]:
    checks = contents.period.checks
    planned, made = sum(period.counts.planned for period in checks), sum(period.counts.made for period in checks)
    missed, late = sum(period.counts.missed for period in checks), sum(period.counts.late for period in checks)
    before = sum(period.counts.not_observed for period in checks)
    evaluations = plural(planned, "check evaluation")
    text = f"{evaluations} of {plural(len(checks), 'check')}, each at its own interval"
    yield CoverRow("Planned", text, href="checks.html#checks")
    doubted = sum(period.counts.by_state[SlotState.UNKNOWN.value] for period in checks)
    asides = [f"{count} of them {what}" for count, what in ((doubted, "not established"), (late, "late")) if count]
    yield CoverRow("Made", ", ".join((_count(made), *asides)), href="checks.html#checks")
    yield CoverRow("Missed", _count(missed), grey=missed > 0, href=f"{_COVERAGE}#in-period" if missed else "")
    yield CoverRow("Before the first observation", f"{before} not observed" if before else "none")
    yield from _clocks(contents)
    failures = contents.period.collection_failures
    worst = max(failures, key=lambda failure: failure.until - failure.since, default=None)
    if worst is None:
        yield CoverRow("Longest collection failure", "none")
        return
    span, count = _rough(worst.until - worst.since), len(worst.tasks)
    where = worst.tasks[0] if count == 1 else f"{worst.source}: {plural(count, 'collection')}"
    text = f"{span} from {show_moment(worst.since)}: {where}: {_short(worst.why)}"
    yield CoverRow("Longest collection failure", text, grey=True, href=f"{_COVERAGE}#in-period")


def _clocks(contents: BundleContents) -> Iterator[CoverRow]:
    """Yield the runs whose clock differed from a platform's: those of the period, and those that still count.

    Those of the period by their place in the log: their dates are what is doubted.
    """
    runs = {seen.observation.run for seen in contents.observations() if seen.observation.clock_off}
    every = clock_anomalies(contents.store, as_of=contents.at)
    found = [clock for clock in every if clock.run in runs or contents.head.first <= clock.leaf < contents.head.end]
    names = ShownNames(contents)
    for clock in sorted(found, key=lambda clock: -abs(clock.largest_seconds))[:_LINES]:
        hidden = any(names.hides(source, "", (), "") for source in clock.sources)
        says = WITHHELD if hidden else clock.says
        seen = plural(clock.collections, "collection")
        yield CoverRow("Clock", f"{CLOCK_ANOMALY} at {show_moment(clock.at)}, seen by {seen}: {says}", grey=True)
    if len(found) > _LINES:
        yield CoverRow("Clock", f"{CLOCK_ANOMALY} in {plural(len(found) - _LINES, 'more run')}", grey=True)


def _states(contents: BundleContents) -> Iterator[CoverRow]:
    changed = Counter(change.framework for change in contents.changes.controls)
    for framework in contents.frameworks:
        for role in dict.fromkeys(control.role for control in framework.controls):
            rows = [control for control in framework.controls if control.role == role]
            counts = Counter(control.status for control in rows)
            basis = Counter(basis for control in rows for basis in control.basis)
            based_on = ", ".join(f"{what} {number}" for what, number in sorted(basis.items())) or "nothing"
            name = _edition(framework) if role is None else f"{_edition(framework)}, as {role}"
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
        f"{_edition(framework)}: {plural(changed[framework.id], 'control')}"
        for framework in contents.frameworks
        if changed[framework.id]
    ]
    text = f"since the period began: {', '.join(moved)}" if moved else "none"
    yield CoverRow("Changes of state", text, href=f"{_CHANGES}#controls" if moved else "")


def _deviations(contents: BundleContents) -> Iterator[CoverRow]:
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
            text = _count(fails[severity])
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
    text = _count(accepted) + (f", the next exception expires on {min(ends)}" if ends else "")
    links = ((_count(accepted), list_page("accepted")),) if accepted else ()
    yield CoverRow("Accepted", text, links=links, href=f"{_RECORDS}#exceptions")
    actions = contents.actions
    if actions.stated:
        late = sum(action.late for action in actions.actions)
        text = f"{late} of {len(actions.actions)}" if late else "none"
        yield CoverRow("Actions overdue", text, href=f"{_RECORDS}#actions")
    else:
        yield CoverRow("Actions overdue", f"{NOT_STATED}: no register of actions is on record", grey=True)
    chosen = {f"{control.framework}/{control.id}" for control in contents.controls}
    missing = _count(records_missing(contents.assessment, chosen))
    yield CoverRow("Records missing", missing, links=((missing, f"{_RECORDS}#missing"),))


def _not_seen(contents: BundleContents) -> Iterator[CoverRow]:
    failures = contents.assessment.collection_failures
    for failure in failures[:_LINES]:
        what = failure.what or plural(len(failure.tasks), "collection")
        fix = f"permission needed: {failure.needs}" if failure.needs else failure.why
        affected = f"{plural(len(failure.checks), 'check')} affected" if failure.checks else "no check affected"
        yield CoverRow(f"{failure.source}: {what}", f"{fix}; {affected}", grey=True, href=f"{_COVERAGE}#failures")
    if len(failures) > _LINES:
        text = f"{len(failures) - _LINES} more, on the page of the coverage"
        yield CoverRow("More", text, grey=True, href=f"{_COVERAGE}#failures")
    if not failures:
        yield CoverRow("Collection failures in the configured sources", "none")
    for system, review in contents.assessment.evidence.coverage.reviewed.items():
        yield CoverRow(system, f"in scope, without a source; reviewed {review}, as stated")
    for system in contents.assessment.evidence.coverage.no_source:
        owner = next((in_scope.owner for in_scope in contents.scoped.systems if in_scope.name == system), NOT_STATED)
        yield CoverRow(system, f"in scope, without a source; owner: {owner}", grey=True, href=f"{_COVERAGE}#systems")


def _changes(contents: BundleContents) -> Iterator[CoverRow]:
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
    for at in sorted(by_moment)[:_LINES]:
        yield CoverRow(show_moment(at), _short("; ".join(by_moment[at])), href=f"{_CHANGES}#rules")
    if len(by_moment) > _LINES:
        text = f"at {plural(len(by_moment) - _LINES, 'more moment')}, on the page of the changes"
        yield CoverRow("More", text, href=f"{_CHANGES}#rules")
    if not cuts and not checks:
        yield CoverRow("Scope, SoA, checks, limits", "no change is recorded")
    force = contents.store.in_force(as_of=contents.at)
    rules = () if force is None else force.rules
    off = sorted(rule.check for rule in rules if not rule.enabled)
    yield CoverRow(f"Disabled checks ({len(off)})", ", ".join(off) or "none", href=f"{_CHANGES}#disabled")
    loosened = [f"{rule.check}: {rule.reason}" for rule in rules if rule.enabled and rule.reason]
    config, rules_now = contents.app.config, contents.reading.rules.values()
    found = {rule.check.id: defaults_in_force(config, rule.check) for rule in rules_now}
    defaults = [
        f"{check}: {', '.join(f'{name} = {value}' for name, value in limits.items())}"
        for check, limits in found.items()
        if limits
    ]
    yield CoverRow(
        f"Limits that are {NO_COMPANY_RULE} ({len(defaults)} {'check' if len(defaults) == 1 else 'checks'})",
        _some_of(tuple(defaults)) or "none",
        grey=bool(defaults),
        href=f"{_CHANGES}#defaults",
    )
    text = "; ".join(loosened) or "none"
    yield CoverRow(f"Limits with a reason ({len(loosened)})", text, href=f"{_CHANGES}#reasons")


def _populations(contents: BundleContents) -> Iterator[CoverRow]:
    for population in contents.once(populations):
        whole = "complete" if not population.gaps else f"not complete: {_short(population.gaps[0])}"
        ways = ", ".join(f"{_way(draw)} (log entry {draw.leaf})" for draw in population.draws)
        yield CoverRow(
            f"{population.kind}, {population.period.first} to {population.period.last}",
            f"{plural(population.count, 'item')}, {whole}; {plural(len(population.draws), 'sample')}: {ways}",
            grey=bool(population.gaps),
            href=f"{_POPULATIONS}#{slug(population.name)}",
        )
    if not contents.once(populations):
        yield CoverRow("Samples", "none")


def _way(draw: DrawLeaf) -> str:
    return f"{len(draw.items)} at random" if draw.how == "size" else f"{len(draw.items)} picked by {draw.how}"


def _left_out(contents: BundleContents) -> Iterator[CoverRow]:
    redacted: Counter[str] = Counter()
    for seen in contents.observations():
        redacted.update(seen.observation.provenance.redacted)
    withheld, erased = contents.head.withheld_leaves, contents.head.erased_bodies
    yield CoverRow("Withheld", f"{plural(withheld, 'log entry', 'log entries')} as hashes only" if withheld else "none")
    if contents.terms.withheld:
        yield CoverRow("Withheld by pattern", ", ".join(contents.terms.withheld))
    values = f"{plural(redacted.total(), 'value')} by {plural(len(redacted), 'rule')}, before anything was stored"
    yield CoverRow("Redacted", values if redacted else "none", href=f"{_PROVENANCE}#redacted" if redacted else "")
    bodies = f"{plural(erased, 'body', 'bodies')}, each stated by a log entry"
    yield CoverRow("Erased", bodies if erased else "none", href="csv/erasures.csv" if erased else "")
    if contents.terms.pseudonymised:
        yield CoverRow("Pseudonyms", "resources are shown under pseudonyms")


def _origin(contents: BundleContents) -> Iterator[CoverRow]:
    head = contents.head
    what = f"{head.first} to {head.end - 1} are the period"
    if contents.terms.sample is not None:
        what = f"{contents.terms.sample} is the sample"
    yield CoverRow("Log", f"{head.origin}, {plural(head.size, 'log entry', 'log entries')}, of which {what}")
    yield CoverRow("Log hash", head.root)
    yield CoverRow("Key fingerprint", f"{head.fingerprint} - compare by another channel")
    if head.previous_size is None:
        yield CoverRow("Previous bundle", "none was named", grey=True)
    else:
        entries = plural(head.previous_size, "log entry", "log entries")
        yield CoverRow("Previous bundle", f"over {entries}: this bundle proves that its log continues it")
    if head.anchored_at is None:
        yield CoverRow("Time stamp", "none", grey=True)
    else:
        yield CoverRow("Time stamp", f"{show_moment(head.anchored_at)} by {head.anchored_by}")
    yield CoverRow("annexd", f"{__version__}, code {contents.app.code_digest}")
    yield from _identities(contents)


def _identities(contents: BundleContents) -> Iterator[CoverRow]:
    """Yield the identities that asked each platform; their permissions are on the provenance sheets."""
    identities: defaultdict[str, set[str]] = defaultdict(set)
    unnamed: defaultdict[str, set[str]] = defaultdict(set)
    for seen in contents.observations():
        source, provenance = seen.observation.task.source, seen.observation.provenance
        if provenance.identity:
            identities[source].add(provenance.identity)
        else:
            unnamed[source].add(provenance.identity_unknown or "the platform was not asked")
    names = ShownNames(contents)
    for source in sorted({*identities, *unnamed}):
        if names.hides(source, "", (), ""):
            yield CoverRow(f"Identity in {source}", WITHHELD, grey=True)
            continue
        shown = sorted(names.name(identity) for identity in identities[source])
        more = [f"and {len(shown) - 1} more"] if len(shown) > 1 else []
        whys = [f"in one collection not known: {_short(names.reasons([why]))}" for why in sorted(unnamed[source])[:1]]
        text = "; ".join((*shown[:1], *more, *whys))
        yield CoverRow(f"Identity in {source}", text, grey=not shown, href=f"{_PROVENANCE}#identities")


def gist(change: str) -> str:
    """Return what changed, without the two values where these are digests; the page of the changes has them."""
    what, _, became = change.rpartition(" became ")
    return what.rpartition(": ")[0] if became.startswith("sha256:") else change


def _some_of(listed: tuple[str, ...]) -> str:
    more = f" and {len(listed) - _LINES} more" if len(listed) > _LINES else ""
    return ", ".join(listed[:_LINES]) + more


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."


def _rough(span: timedelta) -> str:
    return show_span(timedelta(minutes=max(span // timedelta(minutes=1), 1)))


def _count(number: int) -> str:
    return str(number) if number else "none"
