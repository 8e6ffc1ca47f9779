"""Writing a bundle: the log entry of the export, a signed head over it, the closed bag, its receipt, the name."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct
from msgspec.structs import replace

from collector.actions.export_entry import ExportRequest, about_of, export_leaf, other_requests, terms_of
from collector.actions.export_proof import prove_source, prove_unchanged
from collector.actions.export_receipt import hand_out_receipt
from collector.actions.sealing import seal
from collector.bundle.atomic_file import check_place, placed
from collector.bundle.bag import Bag, Manifest
from collector.bundle.bag_info import bag_info, folder_name
from collector.bundle.contents import BundleContents, BundleHead
from collector.bundle.proofs.entry_range import range_of, sparse_range
from collector.bundle.proofs.hidden_entries import first_not_stated
from collector.bundle.proofs.proof import ProofSummary, write_proof
from collector.bundle.proofs.stated_config import CONFIGURATION, as_stated, configuration_file, why_not_stated
from collector.bundle.readme import write_readme
from collector.bundle.rendering.proven_contents import proven_contents
from collector.bundle.sample_files.sample_items import SampleWithholding, leaves_of, sample_of, write_samples
from collector.bundle.withholding import Withholding
from collector.core.errors import StoreError
from storage.database.columns import digest_bytes
from storage.log.notes import Checkpoint, open_note, parse_checkpoint
from storage.log.ranges import LogParts
from storage.signers import sign_bundle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from collector.actions.export_entry import ExportLeaf
    from collector.bundle.contents import Terms
    from collector.bundle.exporters.exporters import Exporter
    from collector.bundle.proofs.entry_range import EntryRange
    from collector.bundle.proofs.proof import Previous
    from collector.bundle.sample_files.sample_items import Sample
    from collector.setup.app import App
    from storage import SqlStore

_BLOCK = 1 << 20


class ExportResult(Struct, frozen=True, kw_only=True):
    """The result of an export. `is_new`: a log entry was written for it; otherwise an earlier one was used.

    `receipt` is the number of the log entry that states what was written, None where the store cannot be written.
    """

    manifest: Manifest
    head: BundleHead
    shown: ProofSummary
    erased: int
    withheld: int
    digest: str
    bytes: int
    is_new: bool
    sample: int | None
    receipt: int | None


_TRIES = 5


def export(  # noqa: PLR0913  one argument a setting
    app: App,
    store: SqlStore,
    asked: ExportRequest,
    to: Path,
    exporters: Sequence[Exporter],
    *,
    previous: Previous | None = None,
    force: bool = False,
    read_only: bool = False,
) -> ExportResult:
    """Record what is exported, sign the head over that, write the bundle, and record what was written.

    Raises ConfigError before anything is recorded, where the file cannot be put there, and VerificationError where the
    store is not as it was recorded. Whatever happens later, there is no file of that name that is not whole, with its
    receipt. From a copy that is `read_only` only what was exported before can be exported again.
    """
    check_place(to, force=force)
    proven = prove_source(store)
    sample = None if asked.sample is None else sample_of(app, store, asked.sample)
    for _ in range(_TRIES):
        leaf = _recorded(app, store, asked, previous, read_only=read_only)
        terms = terms_of(asked, leaf.act)
        found = _range(app, store, terms, leaf.index, sample, previous)
        left_out = [number for number in other_requests(store, asked.audits) if number < found.size]
        if first_not_stated(left_out, leaf.act.about) is None:
            break
    else:
        raise StoreError(
            "evidence requests are being acted on at this moment",
            so="no bundle was written: which of their log entries it leaves out has to be recorded before",
            mend="run annexd export again",
        )
    contents = BundleContents(app, store, terms, _head(store, found, previous))
    with _uncollected(), placed(to, force=force) as out:
        with Bag(out, folder_name(contents)) as bag:
            shown, left = _proof(store, found, previous, contents, bag, sample)
            contents.head = replace(contents.head, withheld_leaves=shown.withheld_leaves, erased_bodies=left["erased"])
            with _rendered_from(app, contents, bag) as shown_contents:
                manifest = write_bundle(shown_contents, bag, exporters, store)
            prove_unchanged(store, proven)
            receipt = hand_out_receipt(app, store, leaf.index, found.size, manifest, bag, read_only=read_only)
        out.flush()
        out.seek(0)
        digest = _digest(out)
    return ExportResult(
        manifest=manifest,
        head=contents.head,
        shown=shown,
        erased=left["erased"],
        withheld=left["withheld"],
        digest=f"sha256:{digest}",
        bytes=to.stat().st_size,
        is_new=leaf.is_new,
        sample=asked.sample,
        receipt=None if receipt is None else receipt.leaf,
    )


def _recorded(
    app: App, store: SqlStore, asked: ExportRequest, previous: Previous | None, *, read_only: bool
) -> ExportLeaf:
    """Return the log entry of the export; it is under a signed head."""
    about = about_of(app, asked, previous, other_requests(store, asked.audits))
    leaf = export_leaf(store, asked, about, read_only=read_only)
    if not read_only:
        seal(app, store)
    return leaf


def _range(
    app: App, store: SqlStore, terms: Terms, leaf: int, sample: Sample | None, previous: Previous | None
) -> EntryRange:
    before = None if previous is None else previous.size
    with store.reading() as connection:
        if sample is None:
            return range_of(connection, terms, leaf, before, with_basis=not why_not_stated(app, terms))
        return sparse_range(connection, leaf, *leaves_of(connection, sample), sample.draw.leaf, before)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Turn the garbage collector off meanwhile: it took a tenth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@contextmanager
def _rendered_from(app: App, contents: BundleContents, bag: Bag) -> Iterator[BundleContents]:
    """Yield the contents that people are to read: what the bag proves, or the store's where that is not all of it."""
    if why_not_stated(app, contents.terms):
        yield contents
        return
    bag.add(CONFIGURATION, configuration_file(app))
    with proven_contents(bag.written(), as_stated(app)) as proven:
        yield proven


def write_bundle(contents: BundleContents, bag: Bag, exporters: Sequence[Exporter], signer: SqlStore) -> Manifest:
    """Write the reading parts beside the proof, the verifier and its manual, and close the bag with a signature."""
    for exporter in exporters:
        exporter(contents, bag)
    write_readme(contents, bag)
    return bag.seal(bag_info(contents), lambda digest: sign_bundle(signer, digest))


def _proof(
    store: SqlStore,
    found: EntryRange,
    previous: Previous | None,
    contents: BundleContents,
    bag: Bag,
    sample: Sample | None,
) -> tuple[ProofSummary, dict[str, int]]:
    with store.reading() as connection:
        withholding = Withholding(contents, found.export_leaf)
        if sample is not None:
            withholding = SampleWithholding(contents, found.export_leaf, sample)
            write_samples(connection, sample, found, bag)
        shown, blobs = write_proof(connection, found, previous, withholding, bag)
        blobs.write(connection, store, found.bound, bag)
    return shown, blobs.left


def _head(store: SqlStore, found: EntryRange, previous: Previous | None) -> BundleHead:
    from storage.log.anchors import check_token

    with store.reading() as connection:
        keys = [origin.key for origin in LogParts(connection).origins()]
    head = parse_checkpoint(open_note(found.note.text, *keys))
    anchor = found.anchors[-1] if found.anchors else None
    stamp = None
    if anchor is not None:
        text = Checkpoint(_origin_at(found, anchor.size), anchor.size, digest_bytes(anchor.root)).text()
        stamp = check_token(anchor.token or "", text, [])
    return BundleHead(
        origin=head.origin,
        size=head.size,
        root=f"sha256:{head.root.hex()}",
        key=str(keys[-1]),
        fingerprint=keys[-1].fingerprint,
        export_leaf=found.export_leaf,
        first=found.first,
        end=found.end,
        previous_size=None if previous is None else previous.size,
        previous_root=None if previous is None else f"sha256:{previous.root.hex()}",
        anchored_at=None if stamp is None else stamp.at,
        anchored_by=None if anchor is None else anchor.where,
    )


def _origin_at(found: EntryRange, size: int) -> str:
    note = next(note for note in found.notes if note.size == size)
    return note.text.partition("\n")[0]


def _digest(file: BinaryIO) -> str:
    made = sha256()
    while block := file.read(_BLOCK):
        made.update(block)
    return made.hexdigest()
