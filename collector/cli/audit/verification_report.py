"""What was proven of a bundle, for people and for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.cli.audit.verification_shape import BundleView
from collector.core.plain_text import plural, show_moment

if TYPE_CHECKING:
    from collector.bundle.verifying.evidence import ProvenEvidence
    from collector.cli.terminal.page import Page


def _what(shape: BundleView) -> tuple[str, str]:
    sample = shape.sample
    if sample is None:
        whole = "from and to where it says, not proven" if shape.border_hidden else "without a gap"
        text = f"log entries {shape.first} to {shape.end - 1}, {whole}; with older ones {shape.leaves} are there"
        return "Period", f"{text}, {shape.hidden} of them as hashes only"
    proven = f"{sample.items - sample.unstated} each stated by a log entry with a proof of its own"
    lines = "its lines are here" if sample.has_lines else "its lines are not here"
    drawn = f"{plural(sample.items, 'item')} of {sample.population} {sample.kind}, sampled in log entry {sample.draw}"
    return "Sample", f"{drawn}; {proven}, {sample.unstated} by none; the population is not proven whole; {lines}"


def _receipt(shape: BundleView) -> str:
    if shape.receipt is None:
        return "none: bundles of this version have none"
    return (
        f"log entry {shape.receipt}, under the head over {shape.receipt_size}: the files are those that were exported"
    )


def _not_rendered(shape: BundleView) -> str:
    """Return what is not known of what people read: it was not rendered again, or not all of it was compared."""
    if shape.render is not None and shape.render.compared == "numbers":
        return f"That pages, OSCAL and OCSF follow from this evidence: {shape.render.why}."
    bound = (
        "only the signature binds it to the log."
        if shape.receipt is None
        else "it is what was exported, and --render renders it again."
    )
    if shape.render is not None:
        bound = shape.render.why
    return (
        f"That what people read, such as pages, workbook, CSV, OSCAL and OCSF, is rendered from this evidence: {bound}"
    )


def show_evidence(shape: ProvenEvidence, out: Page) -> None:
    """Print for people what was proven of one body."""
    out.line(f"{shape.file} holds a body that the log states.")
    out.head("Proven")
    again = "" if shape.again is None else f", by log entry {shape.again}"
    out.rows(
        [
            ("Signed by", shape.key),
            ("Log", f"{shape.origin}, {shape.size} entries, log hash {shape.root}"),
            ("Log entry", f"{shape.leaf}, made {show_moment(shape.logged_at)}: {shape.task}, a complete list"),
            ("Seen last", f"{show_moment(shape.observed_at)}{again}"),
            ("Resource", f"{shape.resource}, one of {shape.listed}"),
            ("Digest", shape.digest),
        ]
    )


def show_bundle(shape: BundleView, out: Page) -> None:
    """Print the report for people."""
    out.line(f"{shape.file} holds what its log recorded of {shape.start} to {shape.until}.")
    out.head("Proven")
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in shape.outcomes.items()) or "none"
    previous = ", ".join(f"goes on from the one over {size} log entries" for size in shape.previous) or "none was given"
    stamps = "none"
    if shape.anchored_at is not None:
        stamps = f"{shape.anchors}, the newest at {shape.anchored_at}; {shape.anchors_proven} against a root given"
    out.rows(
        [
            ("Files", f"{shape.files}, each listed, there, and with its digest; nothing else is there"),
            ("Signed by", shape.key),
            ("Fingerprint", shape.fingerprint),
            ("Log", f"{shape.origin}, {shape.size} entries, log hash {shape.root}"),
            _what(shape),
            ("Earlier bundles", previous),
            ("Time stamps", stamps),
            ("Receipt", _receipt(shape)),
            ("Collections", f"{outcomes}, by how the latest of each ended"),
            (
                "Findings",
                f"{shape.findings}, each stated by a log entry; {shape.findings_unproven} by entries not shown",
            ),
            ("Evidence", f"{plural(shape.bodies, 'body', 'bodies')}, {plural(shape.inventories, 'list')}"),
            (
                "Left out",
                f"{shape.erased} erased, each by a log entry; {shape.withheld} withheld; {shape.not_drawn} not sampled",
            ),
        ]
    )
    if shape.replay is not None:
        from collector.cli.audit.reevaluation_report import show_replayed

        show_replayed(shape.replay, out)
    if shape.render is not None:
        from collector.cli.audit.rendering_report import show_rendered

        show_rendered(shape.render, out)
    out.head("Not proven")
    out.line("What happened between observations, and that platforms told the truth.", indent=2)
    out.line(
        "That nobody was shown another log under this key: compare size and log hash with other recipients.",
        indent=2,
    )
    if shape.render is None or shape.render.compared != "bytes":
        out.line(_not_rendered(shape), indent=2)
    if not shape.previous:
        out.line("That it goes on from an earlier bundle: give that one with --previous.", indent=2)
    if not shape.anchors_proven:
        out.line("When the log was signed: no time stamp was held against a root that you trust.", indent=2)
