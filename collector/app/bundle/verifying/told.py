"""What was proven of a bundle, for people and for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from collector.app.bundle.replaying import ReplayedBundle
from collector.app.bundle.verifying.sample import SampleSeen
from collector.app.reading.asking import some

if TYPE_CHECKING:
    from collector.app.bundle.verifying.bundle import BundleReport
    from collector.app.output import Page


class BundleShape(Struct, frozen=True, kw_only=True, tag="annexd.verified-bundle/1", tag_field="schema"):
    """What `annexd verify BUNDLE --json` prints. `hidden` leaves are shown as hashes only; `replay` is of --replay."""

    file: str
    files: int
    key: str
    fingerprint: str
    origin: str
    size: int
    root: str
    start: str
    until: str
    first: int
    end: int
    leaves: int
    hidden: int
    border_hidden: bool
    previous: tuple[int, ...]
    anchors: int
    anchors_proven: int
    anchored_at: str | None
    outcomes: dict[str, int]
    findings: int
    findings_unproven: int
    bodies: int
    inventories: int
    erased: int
    withheld: int
    sample: SampleSeen | None
    not_drawn: int
    replay: ReplayedBundle | None = None


def bundle_shape(file: str, report: BundleReport, replay: ReplayedBundle | None = None) -> BundleShape:
    """Return the report for machines."""
    stamps, held = report.stamps, report.held
    return BundleShape(
        file=file,
        files=report.files,
        key=report.key,
        fingerprint=report.fingerprint,
        origin=report.origin,
        size=report.size,
        root=report.root,
        start=report.start,
        until=report.until,
        first=report.first,
        end=report.end,
        leaves=report.leaves,
        hidden=report.hidden,
        border_hidden=report.border_hidden,
        previous=report.previous,
        anchors=len(stamps),
        anchors_proven=sum(one.is_proven for one in stamps),
        anchored_at=stamps[-1].at.isoformat() if stamps else None,
        outcomes=report.outcomes,
        findings=held.findings,
        findings_unproven=held.unproven,
        bodies=held.bodies,
        inventories=held.inventories,
        erased=held.erased,
        withheld=held.withheld,
        sample=report.sample,
        not_drawn=held.not_drawn,
        replay=replay,
    )


def _what(shape: BundleShape) -> tuple[str, str]:
    sample = shape.sample
    if sample is None:
        whole = "from and to where it says, not proven" if shape.border_hidden else "without a gap"
        text = f"leaves {shape.first} to {shape.end - 1}, {whole}; with older ones {shape.leaves} are there"
        return "Period", f"{text}, {shape.hidden} of them as hashes only"
    proven = f"{sample.items - sample.unstated} each stated by a leaf with a proof of its own"
    lines = "its lines are here" if sample.has_lines else "its lines are not here"
    drawn = f"{some(sample.items, 'item')} of {sample.population} {sample.kind}, drawn in leaf {sample.draw}"
    return "Sample", f"{drawn}; {proven}, {sample.unstated} by none; the population is not proven whole; {lines}"


def show_bundle(shape: BundleShape, out: Page) -> None:
    """Print the report for people."""
    out.line(f"{shape.file} holds what its log recorded of {shape.start} to {shape.until}.")
    out.head("Proven")
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in shape.outcomes.items()) or "none"
    previous = ", ".join(f"goes on from the one over {size} leaves" for size in shape.previous) or "none was given"
    stamps = "none"
    if shape.anchored_at is not None:
        stamps = f"{shape.anchors}, the newest at {shape.anchored_at}; {shape.anchors_proven} against a root given"
    out.rows(
        [
            ("Files", f"{shape.files}, each listed, there, and with its digest; nothing else is there"),
            ("Signed by", shape.key),
            ("Fingerprint", shape.fingerprint),
            ("Log", f"{shape.origin}, {shape.size} leaves, root {shape.root}"),
            _what(shape),
            ("Earlier bundles", previous),
            ("Time stamps", stamps),
            ("Tasks", f"{outcomes}, by how the latest observation of each ended"),
            ("Findings", f"{shape.findings}, each stated by a leaf; {shape.findings_unproven} by leaves not shown"),
            ("Evidence", f"{some(shape.bodies, 'body', 'bodies')}, {some(shape.inventories, 'list')}"),
            (
                "Left out",
                f"{shape.erased} erased, each by a leaf; {shape.withheld} withheld; {shape.not_drawn} not drawn",
            ),
        ]
    )
    if shape.replay is not None:
        from collector.app.bundle.replaying_told import show_replayed

        show_replayed(shape.replay, out)
    out.head("Not proven")
    out.line("What happened between observations, and that platforms told the truth.", indent=2)
    out.line(
        "That nobody was shown another log under this key: compare size and root with others who were given a bundle.",
        indent=2,
    )
    if not shape.previous:
        out.line("That it goes on from an earlier bundle: give that one with --previous.", indent=2)
    if not shape.anchors_proven:
        out.line("When the log was signed: no time stamp was held against a root that you trust.", indent=2)
