"""Which log entries a bundle shows: all of its period, and older ones that its state is based on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from collector.bundle.proofs.tree import ranges_of
from collector.core.errors import StoreError
from collector.core.facts import Anchored, OperatorAct
from storage.log.ranges import LogParts, Note
from storage.tables.live_state import LiveState
from storage.tables.period_basis import own_leaves, period_basis

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection

    from collector.bundle.contents import Terms

EXPORT = "export"
"""The act whose leaf a bundle cites."""

EXPORTED = "exported"
"""The act that states the digest of the lists of a bundle; what proves it is the receipt."""

_ALWAYS = ("genesis", "key", "restore", "erasure")
_SO_FAR = ("attested", "company_file", "request_act", "record_entered", "record_reviewed", "access_day")
_DRAWS = ("population", "draw")


class EntryRange(Struct, frozen=True, kw_only=True):
    """The leaves of the period are from `first` up to, and without, `end`; the state is that after leaf `bound`.

    `note` is the head that covers the leaf of the export, `notes` are the other heads that the bundle shows, `cuts`
    their sizes and those of every earlier bundle.
    """

    export_leaf: int
    first: int
    end: int
    bound: int
    note: Note
    wanted: tuple[tuple[int, int], ...]
    notes: tuple[Note, ...]
    cuts: frozenset[int]
    anchors: tuple[Anchored, ...]

    @property
    def size(self) -> int:
        """How many leaves the head covers."""
        return self.note.size


def range_of(
    connection: Connection, terms: Terms, export_leaf: int, previous: int | None, *, with_basis: bool
) -> EntryRange:
    """Return what a bundle with these terms shows. Raises StoreError before its leaf is covered by a signed head.

    `with_basis`: also the older entries that what it says of the period is based on.
    """
    parts = LogParts(connection)
    note = _covering(parts, export_leaf)
    size, period = note.size, terms.period
    first = min(parts.first_since(period.start, size), export_leaf)
    end = max(min(parts.end_of(period.end), size), first)
    bound = min(parts.end_of(min(period.end, terms.at)), size) - 1
    singles = {0, export_leaf, *LiveState(connection, bound).leaves()}
    singles |= {leaf for leaf in (first - 1, end) if 0 <= leaf < size}  # they show that the range is no narrower
    singles |= set(parts.of_kinds(_ALWAYS, size)) | set(parts.of_kinds(_SO_FAR, bound + 1))
    singles |= set(parts.of_kinds(("in_force",), first)[-1:])
    acts = [(record.leaf.index, record.fact(OperatorAct)) for record in parts.newest("operator_act", size)]
    singles |= {leaf for leaf, act in acts if act.act in _DRAWS}
    if with_basis:
        sampled = {act.about["kind"] for _, act in acts if act.act in _DRAWS}
        singles |= period_basis(connection, first, bound, sampled)
    singles |= set(own_leaves(connection, {*singles, *range(first, end)}))
    notes = _notes(parts, first, end, note)
    earlier = _earlier(parts, acts, export_leaf, size)
    if previous is not None:
        earlier.add(previous)
    return EntryRange(
        export_leaf=export_leaf,
        first=first,
        end=end,
        bound=bound,
        note=note,
        wanted=ranges_of({leaf for leaf in singles if leaf < size}, (first, end)),
        notes=notes,
        cuts=frozenset(cut for cut in {size, *earlier, *(note_shown.size for note_shown in notes)} if 0 < cut <= size),
        anchors=_anchors(parts, {note_shown.size for note_shown in notes}),
    )


def sparse_range(
    connection: Connection, export_leaf: int, leaves: Collection[int], bound: int, draw: int, previous: int | None
) -> EntryRange:
    """Return the range of a sample bundle: the entries that state its items, those of keys and those of erasures."""
    parts = LogParts(connection)
    note = _covering(parts, export_leaf)
    notes = _notes(parts, export_leaf, export_leaf + 1, note)
    acts = [(record.leaf.index, record.fact(OperatorAct)) for record in parts.newest("operator_act", note.size)]
    earlier = _earlier(parts, acts, export_leaf, note.size) | ({previous} if previous else set())
    return EntryRange(
        export_leaf=export_leaf,
        first=draw,
        end=draw + 1,
        bound=bound,
        note=note,
        wanted=ranges_of({0, export_leaf, draw, *leaves, *parts.of_kinds(_ALWAYS, note.size)}),
        notes=notes,
        cuts=frozenset({note_shown.size for note_shown in notes} | earlier),
        anchors=_anchors(parts, {note_shown.size for note_shown in notes}),
    )


def _covering(parts: LogParts, export_leaf: int) -> Note:
    note = parts.signed_above(export_leaf)
    if note is None:
        raise StoreError(
            f"leaf {export_leaf}, which says what is exported, is covered by no signed head",
            so="no bundle was written: nobody could verify it",
            mend="run annexd export again",
        )
    return note


def _notes(parts: LogParts, first: int, end: int, note: Note) -> tuple[Note, ...]:
    """Return the heads signed over the period, those that hand over to another key, and the bundle's own."""
    found = {signed.size: signed for signed in parts.signed(first, end)}
    above = [end - 1, *(origin.since for origin in parts.origins() if 0 < origin.since < note.size)]
    for index in above:
        above_index = parts.signed_above(index)
        if above_index is not None and above_index.size <= note.size:
            found[above_index.size] = above_index
    found[note.size] = note
    return tuple(found[size] for size in sorted(found))


def _earlier(parts: LogParts, acts: Sequence[tuple[int, OperatorAct]], export_leaf: int, size: int) -> set[int]:
    """Return the sizes of the heads that earlier bundles and their receipts are under."""
    ends = {leaf for leaf, act in acts if act.act in {EXPORT, EXPORTED} and leaf < export_leaf}
    return {covered for leaf in ends if (covered := _covered(parts, leaf, size)) <= size}


def _covered(parts: LogParts, leaf: int, size: int) -> int:
    note = parts.signed_above(leaf)
    return size if note is None else note.size


def _anchors(parts: LogParts, sizes: set[int]) -> tuple[Anchored, ...]:
    """Return a time stamp for each of the heads that has one; the first that was given counts."""
    found: dict[int, Anchored] = {}
    for record in parts.newest("anchored", _ALL):
        anchor = record.fact(Anchored)
        if anchor.token is not None and anchor.size in sizes:
            found[anchor.size] = anchor
    return tuple(found[size] for size in sorted(found))


_ALL = 1 << 62


def other_heads(found: EntryRange) -> Sequence[Note]:
    """Return the heads besides the bundle's own."""
    return [note for note in found.notes if note.size != found.size]
