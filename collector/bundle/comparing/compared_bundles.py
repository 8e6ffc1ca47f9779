"""Two bundles with what differs between them, and what is known of each: verified or not, of which log and days."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from collector.bundle.comparing.bundle_diff import BundleDiff, bundle_diff
from collector.bundle.comparing.bundle_side import BundleSide
from collector.bundle.verifying.bundle import verify_bundle
from collector.bundle.verifying.heads import CHECKPOINT, head_of
from collector.bundle.verifying.members import opened
from collector.core.errors import VerificationError

if TYPE_CHECKING:
    from pathlib import Path

    from collector.bundle.verifying.members import Members
    from storage.log.notes import VerifierKey


class ComparedBundle(Struct, frozen=True, kw_only=True):
    """One of the two. `verified`: it was proven with the key that was given; without one, nothing is."""

    file: str
    verified: bool
    origin: str
    size: int
    root: str
    first: str
    last: str
    exported_at: str
    exported_by: str


class ComparedBundles(Struct, frozen=True, kw_only=True, tag="annexd.bundle-diff/1", tag_field="schema"):
    """What `annexd diff A.zip B.zip --json` prints. Of other logs the digests of bodies differ for that alone."""

    first: ComparedBundle
    second: ComparedBundle
    same_log: bool
    diff: BundleDiff


def compare_bundles(
    first: Path, second: Path, *, key: VerifierKey | None = None, most: int | None = None
) -> ComparedBundles:
    """Compare two bundles; with a key each is verified before. Raises VerificationError where one cannot be read."""
    if key is not None:
        for bundle in (first, second):
            try:
                verify_bundle(bundle, key=key)
            except VerificationError as error:
                raise VerificationError(
                    f"{bundle}: {error.what}", so="nothing was compared", mend=error.mend
                ) from error
    with opened(first) as ours, opened(second) as theirs:
        try:
            left, right = BundleSide(ours), BundleSide(theirs)
            sides = [
                _compared(path, members, side, is_verified=key is not None)
                for path, members, side in ((first, ours, left), (second, theirs, right))
            ]
            diff = bundle_diff(left, right, most)
        except (msgspec.DecodeError, KeyError) as error:
            raise VerificationError(f"something in a bundle does not read as it was written: {error}") from error
    return ComparedBundles(first=sides[0], second=sides[1], same_log=sides[0].origin == sides[1].origin, diff=diff)


def _compared(path: Path, members: Members, side: BundleSide, *, is_verified: bool) -> ComparedBundle:
    head = head_of(members.text(CHECKPOINT), CHECKPOINT)
    return ComparedBundle(
        file=str(path),
        verified=is_verified,
        origin=head.origin,
        size=head.size,
        root=f"sha256:{head.root.hex()}",
        first=side.about["first"],
        last=side.about["last"],
        exported_at=side.export.at.isoformat(),
        exported_by=side.export.by,
    )
