"""What was proven of a bundle, for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from collector.bundle.reevaluation.reevaluation import ReplayedBundle
from collector.bundle.rendering.rendered_bundle import RenderedBundle
from collector.bundle.verifying.sample import VerifiedSample

if TYPE_CHECKING:
    from collector.bundle.verifying.bundle import BundleReport


class BundleView(Struct, frozen=True, kw_only=True, tag="annexd.verified-bundle/1", tag_field="schema"):
    """What `annexd verify BUNDLE --json` prints. `hidden` leaves are shown as hashes only.

    `replay` is of --replay, `render` of --render. `receipt` is the log entry that states what was exported, and
    `receipt_size` of the head over it; null in bundles of versions that gave none.
    """

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
    sample: VerifiedSample | None
    not_drawn: int
    receipt: int | None
    receipt_size: int | None
    replay: ReplayedBundle | None = None
    render: RenderedBundle | None = None


def bundle_view(
    file: str, report: BundleReport, replay: ReplayedBundle | None = None, render: RenderedBundle | None = None
) -> BundleView:
    """Return the report for machines."""
    stamps, contents = report.stamps, report.contents
    return BundleView(
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
        anchors_proven=sum(stamp.is_proven for stamp in stamps),
        anchored_at=stamps[-1].at.isoformat() if stamps else None,
        outcomes=report.outcomes,
        findings=contents.findings,
        findings_unproven=contents.unproven,
        bodies=contents.bodies,
        inventories=contents.inventories,
        erased=contents.erased,
        withheld=contents.withheld,
        sample=report.sample,
        not_drawn=contents.not_drawn,
        receipt=None if report.receipt is None else report.receipt.leaf,
        receipt_size=None if report.receipt is None else report.receipt.size,
        replay=replay,
        render=render,
    )
