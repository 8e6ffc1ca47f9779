"""The points of the cover about the bundle itself: frameworks, scope, period, samples, what is left out, its proof."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from collector import __version__
from collector.bundle.cover_rows import (
    COVERAGE,
    NOT_STATED,
    POPULATIONS,
    PROVENANCE,
    RECORDS,
    CoverRow,
    cited,
    shortened,
)
from collector.bundle.drawn_populations import populations
from collector.bundle.page_paths import slug
from collector.bundle.shown_names import WITHHELD, ShownNames
from collector.core.plain_text import plural, show_moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.bundle.contents import BundleContents
    from collector.bundle.sampling.draws import DrawLeaf


def framework_rows(contents: BundleContents) -> Iterator[CoverRow]:
    """Yield the framework versions, and how sure annexd is of their rows."""
    for framework in contents.frameworks:
        # The first sentence of the confidence; the page of the controls has all of it, and the notes.
        sentences = [
            plural(len(framework.controls), "row"),
            f"identifiers and titles: {framework.confidence.partition('. ')[0]}",
        ]
        if framework.status != "current":
            sentences.append(f"{framework.status}; ask your certification body")
        yield CoverRow(
            cited(framework),
            "; ".join(text.rstrip(".") for text in (*sentences, *framework.counted)) + ".",
            links=((sentences[0], f"controls.html#{slug(framework.id)}"),),
        )
    if contents.terms.controls:
        yield CoverRow("Only these controls", ", ".join(contents.terms.controls))


def organization_rows(contents: BundleContents) -> Iterator[CoverRow]:
    """Yield the organization with its scope and its SoA."""
    company, soa = contents.assessment.company, contents.soa
    scope = company.scope
    if scope is None:
        yield CoverRow("Scope", f"{NOT_STATED}: there is no scope.toml", grey=True)
    else:
        yield CoverRow("Organization", scope.organization or NOT_STATED)
        yield CoverRow("Scope", scope.statement)
        text = f"{scope.version}, approved by {scope.approved_by} on {scope.approved_on}"
        yield CoverRow("Scope version", text, href=f"{COVERAGE}#systems")
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
            href=f"{RECORDS}#soa",
        )
    by_state: defaultdict[str, list[str]] = defaultdict(list)
    for note in contents.assessment.files.notes:
        name, _, state = note.partition(" ")
        by_state[state].append(name)
    if by_state:
        yield CoverRow(
            "The company's files", "; ".join(f"{', '.join(files)} {state}" for state, files in by_state.items())
        )


def period_rows(contents: BundleContents) -> Iterator[CoverRow]:
    """Yield the period, the export and what it is for."""
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


def population_rows(contents: BundleContents) -> Iterator[CoverRow]:
    """Yield the populations that samples were drawn from."""
    for population in contents.once(populations):
        whole = "complete" if not population.gaps else f"not complete: {shortened(population.gaps[0])}"
        ways = ", ".join(f"{_way(draw)} (log entry {draw.leaf})" for draw in population.draws)
        yield CoverRow(
            f"{population.kind}, {population.period.first} to {population.period.last}",
            f"{plural(population.count, 'item')}, {whole}; {plural(len(population.draws), 'sample')}: {ways}",
            grey=bool(population.gaps),
            href=f"{POPULATIONS}#{slug(population.name)}",
        )
    if not contents.once(populations):
        yield CoverRow("Samples", "none")


def _way(draw: DrawLeaf) -> str:
    return f"{len(draw.items)} at random" if draw.how == "size" else f"{len(draw.items)} picked by {draw.how}"


def left_out_rows(contents: BundleContents) -> Iterator[CoverRow]:
    """Yield what is withheld, redacted and erased."""
    redacted: Counter[str] = Counter()
    for seen in contents.observations():
        redacted.update(seen.observation.provenance.redacted)
    withheld, erased = contents.head.withheld_leaves, contents.head.erased_bodies
    yield CoverRow("Withheld", f"{plural(withheld, 'log entry', 'log entries')} as hashes only" if withheld else "none")
    if contents.terms.withheld:
        yield CoverRow("Withheld by pattern", ", ".join(contents.terms.withheld))
    if contents.terms.audits:
        yield CoverRow(
            "Evidence requests", f"of {', '.join(contents.terms.audits)}; those of other audits are withheld"
        )
    values = f"{plural(redacted.total(), 'value')} by {plural(len(redacted), 'rule')}, before anything was stored"
    yield CoverRow("Redacted", values if redacted else "none", href=f"{PROVENANCE}#redacted" if redacted else "")
    bodies = f"{plural(erased, 'body', 'bodies')}, each stated by a log entry"
    yield CoverRow("Erased", bodies if erased else "none", href="csv/erasures.csv" if erased else "")
    if contents.terms.pseudonymised:
        yield CoverRow("Pseudonyms", "resources are shown under pseudonyms")


def origin_rows(contents: BundleContents) -> Iterator[CoverRow]:
    """Yield the log and its key, what it goes on from, and who asked the platforms."""
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
    unnamed: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for seen in contents.observations():
        source, provenance = seen.observation.task.source, seen.observation.provenance
        if provenance.identity:
            identities[source].add(provenance.identity)
        else:
            unnamed[source][provenance.identity_unknown or "the platform was not asked"] += 1
    names = ShownNames(contents)
    for source in sorted({*identities, *unnamed}):
        if names.hides(source, "", (), ""):
            yield CoverRow(f"Identity in {source}", WITHHELD, grey=True)
            continue
        shown = sorted(names.name(identity) for identity in identities[source])
        more = [f"and {len(shown) - 1} more"] if len(shown) > 1 else []
        whys = [
            f"in {plural(count, 'collection')} not known: {shortened(names.reasons([why]))}"
            for why, count in sorted(unnamed[source].items())
        ]
        text = "; ".join((*shown[:1], *more, *whys))
        yield CoverRow(f"Identity in {source}", text, grey=not shown, href=f"{PROVENANCE}#identities")
