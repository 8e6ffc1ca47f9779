"""The end of an export: the log entry that states what was written, signed, and handed out as the receipt.

It is written when all lists of the bundle are closed and before the file has its name, so a bundle that can be seen has
its receipt. Who exports the same again, also after a crash, gets the same entry and the same receipt.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from collector.actions.operator_acts import note
from collector.actions.sealing import seal
from collector.bundle.proofs.entry_range import EXPORT, EXPORTED
from collector.bundle.proofs.receipt import MISSING, read_receipt
from collector.core.errors import StoreError, UsageError
from collector.core.facts import OperatorAct
from storage.database.failpoints import reached
from storage.log.ranges import LogParts

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from collector.bundle.bag import Bag, Manifest
    from collector.bundle.proofs.receipt import Receipt
    from collector.setup.app import App
    from storage import SqlStore

_ALL = 1 << 62
_MOST_PARTS = 200  # a log entry is short; the parts only say what was changed, and not whether
_READ_ONLY = """\
This bundle has no receipt: it was exported from a copy of the store that cannot be
written, and in which the end of this export is not recorded. Nothing shows that what
people read in it is what was exported. Ask for it from the store itself.
"""


def hand_out_receipt(
    app: App, store: SqlStore, export_leaf: int, head_size: int, manifest: Manifest, bag: Bag, *, read_only: bool
) -> Receipt | None:
    """Record that a bundle is closed unless it is recorded, sign that, and put the receipt into the bag.

    A store that cannot be written gives the receipt that it has; where it has none, the bag says so, and why.
    """
    reached("bundle closed")
    entry = _entry(store, export_leaf, manifest)
    if not read_only:
        if entry is None:
            parts = manifest.parts if len(manifest.parts) <= _MOST_PARTS else {}
            about = {"export": str(export_leaf), "manifest": manifest.tag_digest, "parts": _text(parts)}
            note(store, EXPORTED, about)
            entry = _entry(store, export_leaf, manifest)
            reached("bundle recorded")
        seal(app, store)
        reached("bundle signed for")
    receipt = None
    if entry is not None:
        with store.reading() as connection:
            receipt = read_receipt(connection, entry, head_size)
    if receipt is None:
        if not read_only:
            raise AssertionError("an act that was just recorded and signed is not there")
        bag.add(MISSING, _READ_ONLY.encode())
        return None
    for path, data in receipt.files.items():
        bag.add(path, data)
    return receipt


def receipt_again(store: SqlStore, leaf: int) -> Receipt:
    """Return the receipt of an export that is named by its log entry, or by that of the receipt.

    Raises UsageError where that entry is neither, or leads to several receipts, and StoreError before it is signed.
    """
    with store.reading() as connection:
        acts = {
            record.leaf.index: record.fact(OperatorAct) for record in LogParts(connection).newest("operator_act", _ALL)
        }
        act = acts.get(leaf)
        found = [leaf]
        if act is not None and act.act == EXPORT:
            found = sorted(entry for entry, act in acts.items() if _is_of(act, leaf))
        elif act is None or act.act != EXPORTED or "manifest" not in act.about:
            found = []
        if len(found) != 1:
            entries = ", ".join(map(str, found)) or "none"
            raise UsageError(
                f"log entry {leaf} leads to no single receipt; those of its export are in: {entries}",
                so="nothing was written",
                mend="annexd log --kind operator_act lists the exports; name the one, or export again",
            )
        head_size = _cited(connection, int(acts[found[0]].about["export"]))
        receipt = read_receipt(connection, found[0], head_size)
    if receipt is None:
        raise StoreError(
            f"log entry {found[0]}, which is the receipt, is covered by no signed head yet",
            so="nothing was written",
            mend="run annexd export again; it goes on where it was stopped",
        )
    return receipt


def write_receipt(receipt: Receipt, to: Path) -> None:
    """Write the files of a receipt below a new folder. Raises StoreError where that cannot be written."""
    try:
        to.mkdir()
        for path, data in receipt.files.items():
            file = to / path.partition("/")[2]
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(data)
    except OSError as error:
        raise StoreError(
            f"{to} could not be written: {error}", so="the receipt is not there whole", mend="name another folder"
        ) from error


def _entry(store: SqlStore, export_leaf: int, manifest: Manifest) -> int | None:
    """Return the first log entry that states this end of the export."""
    with store.reading() as connection:
        found = [
            record.leaf.index
            for record in LogParts(connection).newest("operator_act", _ALL)
            if _is_of(act := record.fact(OperatorAct), export_leaf) and act.about["manifest"] == manifest.tag_digest
        ]
    return min(found, default=None)


def _is_of(act: OperatorAct, export_leaf: int) -> bool:
    return act.act == EXPORTED and act.about.get("export") == str(export_leaf) and "manifest" in act.about


def _cited(connection: Connection, export_leaf: int) -> int:
    """Return the size of the head that a bundle cites."""
    note = LogParts(connection).signed_above(export_leaf)
    if note is None:
        raise AssertionError("an export that was ended has a signed head")
    return note.size


def _text(parts: dict[str, str]) -> str:
    return json.dumps(parts, sort_keys=True, separators=(",", ":"))
