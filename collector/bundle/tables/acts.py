"""The tables of what was done with the record: acts of people, changes of rules and files, erasures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.bundle.shown_names import WITHHELD, ShownNames, moment, pairs
from collector.bundle.tables.table import Column, Row, Table
from collector.core.company_record import CompanyRecord, StatedLeaf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.bundle.contents import BundleContents

_ERASURE = "erasure"
_ACTS = ("operator_act", "company_file", "in_force")


def acts(dossier: BundleContents, words: ShownNames) -> Table:
    """Return what people did with the record in the period, and which rules and files of theirs became others."""

    def rows() -> Iterator[Row]:
        for one in _told(dossier, _ACTS):
            said = one.fact
            about = said.get("about") or {name: _plain(value) for name, value in said.items() if name not in _OWN}
            told = pairs({name: value for name, value in about.items() if value})
            by = words.name(str(said.get("by", "")))
            act = str(said.get("act", one.kind.replace("_", " ")))
            yield (moment(one.logged_at), act, by, words.reasons([told] if told else []), str(one.leaf))

    return Table(
        name="acts",
        title="Acts and changes",
        says="What people did with the record in the period, and which rules and company files became others.",
        columns=(
            Column("logged_at", "Recorded", 20),
            Column("act", "Act", 20),
            Column("by", "By", 20),
            Column("about", "About", 80),
            Column("leaf", "Leaf", 9),
        ),
        rows=rows,
    )


_OWN = frozenset({"type", "by", "host", "at", "act", "about", "pieces", "rules"})


def _plain(value: object) -> str:
    """Return a value of a leaf as text."""
    return ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def erasures(dossier: BundleContents, words: ShownNames) -> Table:
    """Return what was dropped for good, ever: the bundle lacks it, whenever that was."""

    def rows() -> Iterator[Row]:
        for one in _told(dossier, (_ERASURE,), ever=True):
            said = one.fact
            source, kind, key = (str(said.get(name) or "") for name in ("source", "kind", "key"))
            hidden = bool(source) and words.hides(source, kind, tuple(said.get("scope") or ()), key)
            yield (
                moment(one.logged_at),
                str(said.get("basis", "")),
                words.name(str(said.get("by", ""))),
                f"{words.name(str(said.get('approved_by', '')))}: stated, not verified",
                source or "by the policy of retention",
                kind,
                WITHHELD if hidden else words.name(key),
                str(said.get("bodies", "")),
                str(said.get("facts", "")),
                str(one.leaf),
            )

    return Table(
        name="erasures",
        title="Erasures",
        says="What was dropped for good up to the end of the period. Digests and verdicts stay.",
        columns=(
            Column("logged_at", "Recorded", 20),
            Column("basis", "Legal basis", 30),
            Column("by", "By", 20),
            Column("approved_by", "Allowed by", 30),
            Column("source", "Source", 24),
            Column("kind", "Kind", 24),
            Column("key", "Key", 30),
            Column("bodies", "Bodies", 9),
            Column("facts", "Blobs of volatile keys", 12),
            Column("leaf", "Leaf", 9),
        ),
        rows=rows,
    )


def _told(dossier: BundleContents, kinds: tuple[str, ...], *, ever: bool = False) -> Iterator[StatedLeaf]:
    store, since = dossier.store, None if ever else dossier.terms.period.start
    if isinstance(store, CompanyRecord):
        # What was recorded after the head of this bundle, in the same moment too, belongs to the next one.
        told = store.log(since=since, as_of=dossier.at, kinds=kinds)
        yield from (one for one in told if one.leaf < dossier.head.size)
