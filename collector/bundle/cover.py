"""The cover of a bundle: one page, fourteen points, always in one order, so that two bundles can be laid side by side.

Every count is printed, the zeros too: what is left out would be read as what is not there.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from collector import __version__
from collector.bundle.drawn_populations import populations
from collector.bundle.shown_names import WITHHELD, ShownNames
from collector.core.checks import Status
from collector.core.plain_text import plural, show_moment
from collector.core.spans import show_span
from collector.report.controls.status_view import LABELS
from collector.report.findings.finding_filter import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from collector.bundle.contents import BundleContents
    from collector.bundle.sampling.draws import DrawLeaf
    from collector.report.controls.control_views import AskView, FrameworkControls

DISCLAIMER = (
    "This bundle shows observed configuration and filed records. It does not show what happened between observations,"
    " that a platform's API told the truth, or that a control is effective. No conclusion on conformity is drawn."
)

NOT_STATED = "not stated"

_AMENDMENT = re.compile(r"Amd \d+:\d{4}")

_LONGEST = 110
"""Letters of a reason on the cover; the pages have it whole."""

_OF_A_SAMPLE = {1, 2, 3, 10, 11, 12, 13, 14}
"""The points that a sample has something to say of; it shows no state of controls, and nothing that was not drawn."""

_LINES = 5
"""Lines of a long list that the cover prints; it says how many more there are, and the pages behind it have them."""


class CoverRow(Struct, frozen=True):
    """A name and what is said of it; `grey` for what is not known or was left out."""

    name: str
    text: str
    grey: bool = False


class CoverPoint(Struct, frozen=True):
    """One of the fourteen points."""

    number: int
    title: str
    rows: tuple[CoverRow, ...]


class Cover(Struct, frozen=True):
    """What the first page says, before anything else is read."""

    title: str
    subtitle: str
    points: tuple[CoverPoint, ...]


def cover(dossier: BundleContents) -> Cover:
    """Return the cover; every number on it is counted from the same dossier as the pages behind it."""
    first = dossier.frameworks[0]
    points = (
        ("Editions, roles and confidence", _editions(dossier)),
        ("Organization, scope and statement of applicability", _organization(dossier)),
        ("Period and purpose", _period(dossier)),
        ("Systems in scope", _systems(dossier)),
        ("Observations", _observations(dossier)),
        ("Controls at the end of the period", _states(dossier)),
        ("Deviations, exceptions, actions and records", _deviations(dossier)),
        ("What was not looked at", _not_seen(dossier)),
        ("Changes in the period", _changes(dossier)),
        ("Populations and draws", _populations(dossier)),
        ("Withheld, redacted and erased", _left_out(dossier)),
        ("Origin and proof", _origin(dossier)),
        ("What this bundle does not show", [CoverRow("", DISCLAIMER)]),
        (
            "Prepared and reviewed",
            [CoverRow("Prepared by", dossier.terms.by), CoverRow("Reviewed by", ""), CoverRow("Auditor", "")],
        ),
    )
    return Cover(
        title=f"Evidence relevant to {_edition(first)}",
        subtitle=f"{dossier.terms.period.first} to {dossier.terms.period.last}, both days included"
        f" ({dossier.terms.period.zone})",
        points=tuple(
            CoverPoint(number, title, tuple(rows))
            for number, (title, rows) in enumerate(points, start=1)
            if dossier.terms.sample is None or number in _OF_A_SAMPLE
        ),
    )


def _edition(one: FrameworkControls) -> str:
    """Write an edition as it is cited, its amendments by number and year."""
    amended = ", ".join(found[0] for text in one.amendments if (found := _AMENDMENT.search(text)))
    return f"{one.name}:{one.edition}" + (f" ({amended})" if amended else "")


def _editions(dossier: BundleContents) -> Iterator[CoverRow]:
    for one in dossier.frameworks:
        # The first sentence says how sure it is; the list of controls has the whole of it, and the notes.
        said = [plural(len(one.controls), "row"), f"identifiers and titles: {one.confidence.partition('. ')[0]}"]
        if one.standing != "current":
            said.append(f"{one.standing}; ask your certification body")
        yield CoverRow(_edition(one), "; ".join(text.rstrip(".") for text in (*said, *one.counted)) + ".")
    if dossier.terms.controls:
        yield CoverRow("Only these controls", ", ".join(dossier.terms.controls))


def _organization(dossier: BundleContents) -> Iterator[CoverRow]:
    ours, soa = dossier.assessment.company, dossier.soa
    scope = ours.scope
    if scope is None:
        yield CoverRow("Scope", f"{NOT_STATED}: there is no scope.toml", grey=True)
    else:
        yield CoverRow("Organization", scope.organization or NOT_STATED)
        yield CoverRow("Scope", scope.statement)
        yield CoverRow("Scope version", f"{scope.version}, approved by {scope.approved_by} on {scope.approved_on}")
        body = scope.certification_body or NOT_STATED
        yield CoverRow("Certificate", f"{scope.certificate or NOT_STATED}, certification body: {body}")
    if soa.version is None:
        yield CoverRow("Statement of applicability", f"{NOT_STATED}: none is on file", grey=True)
    else:
        force = "" if soa.in_force else "; not in force at the end of the period"
        yield CoverRow(
            "Statement of applicability",
            f"version {soa.version}, approved by {soa.approved_by} on {soa.approved_on},"
            f" effective from {soa.effective_from}{force}",
        )
    by_state: defaultdict[str, list[str]] = defaultdict(list)
    for note in dossier.assessment.files.notes:
        name, _, state = note.partition(" ")
        by_state[state].append(name)
    if by_state:
        yield CoverRow(
            "The company's files", "; ".join(f"{', '.join(names)} {state}" for state, names in by_state.items())
        )


def _period(dossier: BundleContents) -> Iterator[CoverRow]:
    terms = dossier.terms
    yield CoverRow("From", f"{show_moment(terms.period.start)}, included")
    yield CoverRow("To", f"{show_moment(terms.period.end)}, not included")
    if dossier.at < terms.period.end:
        yield CoverRow("Reaches to", f"{show_moment(dossier.at)}: the period was not over when this was made")
    firsts = dossier.walked.first.values()
    yield CoverRow(
        "Observed from", show_moment(min(firsts)) if firsts else "nothing was ever observed", grey=not firsts
    )
    yield CoverRow("Exported", f"{show_moment(terms.at)} by {terms.by}")
    kind = "period bundle: every leaf of the period, or its hash"
    if terms.sample is not None:
        kind = f"sample bundle: what was drawn in leaf {terms.sample}, with a proof of each item, and nothing else"
    yield CoverRow("Kind", kind)
    for name, said in (
        ("Made for", terms.made_for),
        ("Classification", terms.classification),
        ("Recipient", terms.recipient),
        ("Purpose", terms.purpose),
    ):
        yield CoverRow(name, said or NOT_STATED, grey=not said)


def _systems(dossier: BundleContents) -> Iterator[CoverRow]:
    coverage = dossier.assessment.evidence.coverage
    if not coverage.stated:
        yield CoverRow("Systems", "not stated: without a list of them nobody can say what was not seen", grey=True)
        return
    for name, systems, grey in (
        ("Seen completely", coverage.complete, False),
        ("Seen partly", coverage.partly, True),
        ("Never seen", coverage.never, True),
        ("Without a source", coverage.no_source, True),
    ):
        yield CoverRow(f"{name} ({len(systems)})", ", ".join(systems) or "none", grey=grey and bool(systems))
    found = dossier.assessment.reconciled
    for name, listed in (("Looked at, not in scope", found.not_in_scope), ("There, in neither list", found.in_neither)):
        yield CoverRow(f"{name} ({len(listed)})", _some_of(listed) or "none")


def _observations(dossier: BundleContents) -> Iterator[CoverRow]:
    checks = dossier.period.checks
    planned, made = sum(one.counts.planned for one in checks), sum(one.counts.made for one in checks)
    missed, late = sum(one.counts.missed for one in checks), sum(one.counts.late for one in checks)
    yield CoverRow("Planned", f"{planned} observations of {plural(len(checks), 'check')}, each at its own interval")
    yield CoverRow("Done", f"{made}, of which {late} late")
    yield CoverRow("Missed", str(missed), grey=missed > 0)
    yield CoverRow("Before the first observation", f"{sum(one.counts.not_observed for one in checks)} not observed")
    gaps = dossier.period.gaps
    worst = max(gaps, key=lambda one: one.until - one.since, default=None)
    if worst is None:
        yield CoverRow("Longest gap", "none")
    else:
        span = _rough(worst.until - worst.since)
        where = worst.tasks[0] if len(worst.tasks) == 1 else f"{worst.source}: {plural(len(worst.tasks), 'task')}"
        yield CoverRow(
            "Longest gap", f"{span} from {show_moment(worst.since)}: {where}: {_short(worst.why)}", grey=True
        )


def _states(dossier: BundleContents) -> Iterator[CoverRow]:
    changed = Counter(one.framework for one in dossier.changes.controls)
    for one in dossier.frameworks:
        for role in dict.fromkeys(control.role for control in one.controls):
            mine = [control for control in one.controls if control.role == role]
            counts = Counter(control.status for control in mine)
            basis = Counter(basis for control in mine for basis in control.basis)
            rests = ", ".join(f"{what} {number}" for what, number in sorted(basis.items())) or "nothing"
            name = _edition(one) if role is None else f"{_edition(one)}, as {role}"
            said = " / ".join(f"{counts[status.value]} {label}" for status, label in LABELS.items())
            yield CoverRow(name, f"{said}. Rests on: {rests}. Coverage: {dossier.assessment.evidence.coverage}")
    moved = ", ".join(f"{_edition(one)} {changed[one.id]}" for one in dossier.frameworks)
    yield CoverRow("Changes of state", f"since the period began: {moved}")


def _deviations(dossier: BundleContents) -> Iterator[CoverRow]:
    fails: Counter[str] = Counter()
    oldest: dict[str, datetime] = {}
    accepted = lost = 0
    for finding, covered in dossier.findings():
        lost += finding.stale and finding.last == Status.FAIL.value
        if finding.status != Status.FAIL.value:
            continue
        accepted += covered is not None
        if covered is None:
            fails[finding.severity] += 1
            oldest[finding.severity] = min(oldest.get(finding.severity, finding.since), finding.since)
    for severity in (*SEVERITIES, "unknown"):
        if severity in SEVERITIES or fails[severity]:
            age = f", the oldest since {oldest[severity].date()}" if severity in oldest else ""
            yield CoverRow(f"Open, {severity}", f"{fails[severity]}{age}")
    yield CoverRow("Last seen failing", f"{lost}, not seen since and still open", grey=lost > 0)
    day, logged = dossier.at.date(), dossier.assessment.files.logged
    ends = [one.expires for one in dossier.assessment.company.exceptions if one.in_effect(day, logged.get(one.id))]
    yield CoverRow("Accepted", f"{accepted}" + (f", the next exception expires on {min(ends)}" if ends else ""))
    actions = dossier.actions
    if actions.stated:
        yield CoverRow("Actions overdue", f"{sum(one.late for one in actions.actions)} of {len(actions.actions)}")
    else:
        yield CoverRow("Actions overdue", f"{NOT_STATED}: no register of actions is on record", grey=True)
    yield CoverRow("Records missing", str(sum(ask.state != "valid" for ask in _asks(dossier))))


def _asks(dossier: BundleContents) -> Iterable[AskView]:
    return {ask.id: ask for control in dossier.controls for ask in control.asks}.values()


def _not_seen(dossier: BundleContents) -> Iterator[CoverRow]:
    gaps = dossier.assessment.gaps
    for gap in gaps[:_LINES]:
        what = gap.what or plural(len(gap.tasks), "task")
        mends = f"needs {gap.needs}" if gap.needs else gap.why
        yield CoverRow(f"{gap.source}: {what}", f"{mends}; {plural(len(gap.checks), 'check')} cannot say", grey=True)
    if len(gaps) > _LINES:
        yield CoverRow("More", f"{len(gaps) - _LINES} more, in the statement of coverage", grey=True)
    if not gaps:
        yield CoverRow("Of the configured sources", "nothing was left out")
    for system in dossier.assessment.evidence.coverage.no_source:
        owner = next((one.owner for one in dossier.scoped.systems if one.name == system), NOT_STATED)
        yield CoverRow(system, f"in scope, and no source looks at it; owner: {owner}", grey=True)


def _changes(dossier: BundleContents) -> Iterator[CoverRow]:
    cuts = [(one.start, change) for one in dossier.period.segments for change in one.changes]
    checks = [
        (segment.start, f"{check.check}: {change}")
        for check in dossier.period.checks
        for segment in check.segments
        for change in segment.changes
    ]
    by_moment: defaultdict[datetime, list[str]] = defaultdict(list)
    for at, change in (*cuts, *checks):
        by_moment[at].append(_gist(change))
    for at in sorted(by_moment)[:_LINES]:
        yield CoverRow(show_moment(at), _short("; ".join(by_moment[at])))
    if len(by_moment) > _LINES:
        yield CoverRow("More", f"at {len(by_moment) - _LINES} more moments, on the page of the changes")
    if not cuts and not checks:
        yield CoverRow("Scope, statement, checks, limits", "the same throughout, as far as the record shows")
    force = dossier.store.in_force(as_of=dossier.at)
    rules = () if force is None else force.rules
    off = sorted(rule.check for rule in rules if not rule.enabled)
    yield CoverRow(f"Disabled checks ({len(off)})", ", ".join(off) or "none")
    loosened = [f"{rule.check}: {rule.reason}" for rule in rules if rule.enabled and rule.reason]
    yield CoverRow(f"Limits with a reason ({len(loosened)})", "; ".join(loosened) or "none")


def _populations(dossier: BundleContents) -> Iterator[CoverRow]:
    for one in dossier.once(populations):
        whole = "complete" if not one.gaps else f"not complete: {_short(one.gaps[0])}"
        ways = ", ".join(f"{_way(draw)} (leaf {draw.leaf})" for draw in one.draws)
        yield CoverRow(
            f"{one.kind}, {one.period.first} to {one.period.last}",
            f"{plural(one.count, 'item')}, {whole}; {plural(len(one.draws), 'draw')}: {ways}",
            grey=bool(one.gaps),
        )
    if not dossier.once(populations):
        yield CoverRow("Draws", "none")


def _way(draw: DrawLeaf) -> str:
    return f"{len(draw.items)} by chance" if draw.how == "size" else f"{len(draw.items)} picked by {draw.how}"


def _left_out(dossier: BundleContents) -> Iterator[CoverRow]:
    redacted: Counter[str] = Counter()
    for seen in dossier.observations():
        redacted.update(seen.observation.provenance.redacted)
    yield CoverRow("Withheld", f"{plural(dossier.head.withheld_leaves, 'leaf', 'leaves')} as hashes only")
    if dossier.terms.withheld:
        yield CoverRow("Withheld by pattern", ", ".join(dossier.terms.withheld))
    yield CoverRow(
        "Redacted", f"{redacted.total()} values by {plural(len(redacted), 'rule')}, before anything was stored"
    )
    yield CoverRow("Erased", f"{dossier.head.erased_bodies} bodies, each by a leaf that says so")
    if dossier.terms.pseudonymised:
        yield CoverRow("Pseudonyms", "names of subjects are shown as pseudonyms")


def _origin(dossier: BundleContents) -> Iterator[CoverRow]:
    head = dossier.head
    what = f"{head.first} to {head.end - 1} are the period"
    if dossier.terms.sample is not None:
        what = f"{dossier.terms.sample} is the draw"
    yield CoverRow("Log", f"{head.origin}, {head.size} leaves, of which {what}")
    yield CoverRow("Root", head.root)
    yield CoverRow("Key fingerprint", f"{head.fingerprint} - compare by another channel")
    if head.previous_size is None:
        yield CoverRow("Previous bundle", "none was named", grey=True)
    else:
        yield CoverRow(
            "Previous bundle", f"over {head.previous_size} leaves: the proof that this log goes on from it is here"
        )
    if head.anchored_at is None:
        yield CoverRow("Time stamp", "none", grey=True)
    else:
        yield CoverRow("Time stamp", f"{show_moment(head.anchored_at)} by {head.anchored_by}")
    yield CoverRow("annexd", f"{__version__}, code {dossier.app.code_digest}")
    yield from _identities(dossier)


def _identities(dossier: BundleContents) -> Iterator[CoverRow]:
    """Say who asked each platform; their rights are on the sheets of the evidence sets."""
    told: defaultdict[str, set[str]] = defaultdict(set)
    untold: defaultdict[str, set[str]] = defaultdict(set)
    for seen in dossier.observations():
        source, said = seen.observation.task.source, seen.observation.provenance
        if said.identity:
            told[source].add(said.identity)
        else:
            untold[source].add(said.identity_unknown or "the platform was not asked")
    words = ShownNames(dossier)
    for source in sorted({*told, *untold}):
        if words.hides(source, "", (), ""):
            yield CoverRow(f"Asked {source} as", WITHHELD, grey=True)
            continue
        names = sorted(words.name(one) for one in told[source])
        more = [f"and {len(names) - 1} more"] if len(names) > 1 else []
        whys = [f"in one case not told: {_short(words.reasons([why]))}" for why in sorted(untold[source])[:1]]
        yield CoverRow(f"Asked {source} as", "; ".join((*names[:1], *more, *whys)), grey=not names)


def _gist(change: str) -> str:
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
