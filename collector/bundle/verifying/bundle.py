"""The verification of a bundle, down to the last finding; it raises at the first thing that does not hold."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from collector.bundle.bag import SIGNATURE
from collector.bundle.proofs.hidden_entries import first_not_stated
from collector.bundle.proofs.receipt import CHECKPOINT as RECEIPT_CHECKPOINT
from collector.bundle.proofs.stated_config import CONFIGURATION, STATED
from collector.bundle.verifying.bagged import check_bag, tag_digest
from collector.bundle.verifying.contents import check_contents
from collector.bundle.verifying.heads import CHECKPOINT, PREVIOUS, check_heads, check_previous, head_of, read_heads
from collector.bundle.verifying.log import check_leaves, read_tree
from collector.bundle.verifying.members import opened
from collector.bundle.verifying.receipt import check_one_signature, check_receipt
from collector.bundle.verifying.record import BundleRange, BundleRecord
from collector.bundle.verifying.sample import check_sample
from collector.bundle.verifying.strict_json import check_json
from collector.core.canonical import Digest
from collector.core.errors import ConfigError, VerificationError
from storage.log.notes import open_note
from storage.signers import bundle_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from cryptography.x509 import Certificate

    from collector.bundle.verifying.contents import VerifiedContents
    from collector.bundle.verifying.heads import Heads
    from collector.bundle.verifying.members import Members
    from collector.bundle.verifying.receipt import VerifiedReceipt
    from collector.bundle.verifying.sample import VerifiedSample
    from storage.log.notes import VerifierKey

_RANGE = "proof/range.json"
_ANCHORS = "proof/anchors/"
_TICK = timedelta(microseconds=1)


class Stamped(Struct, frozen=True):
    """A time stamp over a head; `is_proven`: against a root that the reader trusts."""

    size: int
    at: datetime
    is_proven: bool


class BundleReport(Struct, frozen=True, kw_only=True):
    """The result of a verification. Of a sample, `first` is the log entry of the sample, and no range is proven.

    `receipt` is None of a bundle of a version that gave none.
    """

    folder: str
    files: int
    key: str
    fingerprint: str
    origin: str
    size: int
    root: Digest
    first: int
    end: int
    leaves: int
    hidden: int
    border_hidden: bool
    start: str
    until: str
    made_for: str
    recipient: str
    previous: tuple[int, ...]
    stamps: tuple[Stamped, ...]
    outcomes: dict[str, int]
    contents: VerifiedContents
    sample: VerifiedSample | None
    receipt: VerifiedReceipt | None


def verify_bundle(
    bundle: Path, *, key: VerifierKey, previous: Path | None = None, roots: Sequence[Certificate] = ()
) -> BundleReport:
    """Prove a bundle to be what its log recorded; needs no database and no network. Raises VerificationError.

    `key` has to come from elsewhere than the bundle; `previous` is an earlier bundle, or a checkpoint from one.
    """
    before = [] if previous is None else _notes_of(previous)
    with opened(bundle) as members:
        try:
            return _verified(members, key, before, roots)
        except (msgspec.DecodeError, KeyError) as error:
            raise VerificationError(f"something in the bundle does not read as it was written: {error}") from error


def _verified(
    members: Members, key: VerifierKey, before: Sequence[str], certificates: Sequence[Certificate]
) -> BundleReport:
    digests = check_bag(members)
    heads, tree = read_heads(members), read_tree(members)
    if tree.size != heads.size:
        raise VerificationError(f"the tree has {tree.size} leaves, and the head covers {heads.size}")
    bundle_range = msgspec.convert(check_json(members.text(_RANGE).encode(), _RANGE), type=BundleRange)
    record = BundleRecord(members, digests, bundle_range)
    seen = check_leaves(members, tree, record.take)
    if not record.keys:
        raise VerificationError("leaf 0, which says what the log is, is not shown")
    signer = check_heads(heads, seen.roots, record.keys, key)
    check_one_signature(members.text(SIGNATURE), SIGNATURE)
    text = open_note(members.text(SIGNATURE), signer.key)
    if text != bundle_text(signer.key.name, tag_digest(members)):
        raise VerificationError(
            f"the signature is over {text.strip().splitlines()[-1]}, and the bag's list has the digest"
            f" sha256:{tag_digest(members)}"
        )
    earlier = []
    for note, what in zip(before, ("the earlier bundle", "the receipt of the earlier bundle"), strict=False):
        # A receipt of a bundle that was exported at the same time may be under a later head than this bundle.
        if note is before[0] or head_of(note, what).size in seen.roots:
            earlier.append(check_previous(note, what, seen.roots, record.keys).size)
    if PREVIOUS in members.paths():
        earlier.append(check_previous(members.text(PREVIOUS), PREVIOUS, seen.roots, record.keys).size)
    sample, border_hidden = None, False
    sample_leaf = "" if record.export is None else record.export.about.get("sample", "")
    if (sample_leaf != "") is not record.is_sample:
        raise VerificationError("the leaf of the export and the files do not agree whether this is a sample")
    if record.is_sample:
        sample = check_sample(members, digests, record, sample_leaf)
    else:
        border_hidden = _check_range(tree.wanted, bundle_range, record, heads.size)
    export = record.export
    if export is None or export.act != "export":
        raise VerificationError(f"leaf {bundle_range.export_leaf} is not one that says what was exported")
    about = export.about
    withholds = about.get("withheld") != "[]" or about.get("pseudonymised") != "no"
    if not withholds and about.get("controls") == "[]":
        hidden = first_not_stated(record.hidden, about)
        if hidden is not None:
            raise VerificationError(f"leaf {hidden} is not shown, and the leaf of the export does not withhold it")
    contents = check_contents(members, digests, record, may_withhold=withholds)
    _check_configuration(digests, about)
    head = head_of(heads.notes[heads.size], CHECKPOINT)
    receipt = check_receipt(members, digests, tag_digest(members), record, signer, head)
    return BundleReport(
        folder=members.folder,
        files=len(members.paths()),
        key=str(signer.key),
        fingerprint=signer.key.fingerprint,
        origin=head.origin,
        size=head.size,
        root=Digest(f"sha256:{head.root.hex()}"),
        first=bundle_range.first,
        end=bundle_range.end,
        leaves=seen.shown,
        hidden=seen.hidden,
        border_hidden=border_hidden,
        start=about.get("start", ""),
        until=about.get("end", ""),
        made_for=about.get("for", ""),
        recipient=about.get("recipient", ""),
        previous=tuple(dict.fromkeys(earlier)),
        stamps=tuple(_stamps(members, heads, certificates)),
        outcomes=dict(sorted(Counter(task.outcome for task in record.tasks.values()).items())),
        contents=contents,
        sample=sample,
        receipt=receipt,
    )


def _check_configuration(digests: Mapping[str, str], about: Mapping[str, str]) -> None:
    """Raise VerificationError where the configuration is not the one that was stated before anything was written."""
    there = digests.get(CONFIGURATION)
    if about.get(STATED) != (None if there is None else f"sha256:{there}"):
        raise VerificationError(f"{CONFIGURATION} is not the one that the leaf of the export states")


def _check_range(
    wanted: tuple[tuple[int, int], ...], bundle_range: BundleRange, record: BundleRecord, size: int
) -> bool:
    """Prove that the range is that of the period: it is complete, and the entries next to it are of another time.

    Returns whether a leaf at its border shows no time. Raises VerificationError.
    """
    if (
        not 0 <= bundle_range.first <= bundle_range.end <= size
        or not bundle_range.first - 1 <= bundle_range.bound < bundle_range.end
    ):
        raise VerificationError(
            f"{_RANGE} names a range that is none: {bundle_range.first} to {bundle_range.end} of {size}"
        )
    if not any(start <= bundle_range.first and bundle_range.end <= end for start, end in wanted):
        raise VerificationError(
            f"the leaves from {bundle_range.first} to {bundle_range.end - 1} are not all in the bundle"
        )
    if record.export is None:
        raise VerificationError(f"leaf {bundle_range.export_leaf}, which says what was exported, is not shown")
    start, until = (msgspec.convert(record.export.about[name], datetime) for name in ("start", "end"))
    at = min(until, record.export.at)
    hidden = False
    for index, is_before, moment, where in (
        (bundle_range.first - 1, True, start - _TICK, "before the period begins"),
        (bundle_range.end, False, until, "after the period"),
        (bundle_range.bound, True, at, "by the end"),
        (bundle_range.bound + 1, False, at, "after the end"),
    ):
        if 0 <= index < size:
            time = record.times.get(index)
            hidden = hidden or time is None
            if time is not None and (time <= moment) is not is_before:
                raise VerificationError(f"leaf {index} was recorded at {time}, and would have to be {where}")
    return hidden


def _stamps(members: Members, heads: Heads, certificates: Sequence[Certificate]) -> list[Stamped]:
    import base64

    from storage.log.anchors import check_token

    found = []
    for path in members.paths():
        if path.startswith(_ANCHORS):
            size = next((size for size in heads.notes if path == f"{_ANCHORS}{size}.tsr"), None)
            if size is None:
                raise VerificationError(f"{path} is over a head that is not in the bundle")
            with members.open(path) as file:
                token = base64.b64encode(file.read(1 << 20)).decode()
            try:
                stamp = check_token(token, head_of(heads.notes[size], path).text(), certificates)
            except VerificationError as error:
                raise VerificationError(f"{path}: {error.what}") from error
            found.append(Stamped(size, stamp.at, stamp.is_proven))
    return sorted(found, key=lambda stamp: stamp.size)


def _notes_of(path: Path) -> list[str]:
    """Return the signed heads of an earlier bundle and of its receipt; the path is of that bundle, or of a head."""
    try:
        if path.is_file() and path.stat().st_size < 1 << 16 and not path.read_bytes().startswith(b"PK"):
            return [path.read_text(encoding="utf-8")]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path} cannot be read: {error}", mend="name an earlier bundle, or its checkpoint"
        ) from error
    with opened(path) as members:
        return [members.text(note) for note in (CHECKPOINT, RECEIPT_CHECKPOINT) if note in members.paths()]
