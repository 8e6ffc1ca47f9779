"""The tables of actions on the record: acts of operators, changes of rules and company files, erasures."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from collector.bundle.shown_names import WITHHELD, ShownNames, moment, pairs
from collector.bundle.tables.table import Column, Row, Table
from collector.core.company_record import CompanyRecord, StatedLeaf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.bundle.contents import BundleContents

_ERASURE = "erasure"
_REQUEST = "request_act"
_ACTS = ("operator_act", "company_file", "in_force", _REQUEST, "record_entered", "record_reviewed", "access_day")


def acts(contents: BundleContents, names: ShownNames) -> Table:
    """Return the actions of operators in the period, and the changes of rules and company files."""

    def rows() -> Iterator[Row]:
        hidden = _hidden_requests(contents)
        for entry in _entries(contents, _ACTS):
            while hidden and hidden[0] < entry.leaf:
                yield _withheld(hidden.popleft())
            fact = entry.fact
            if entry.kind == _REQUEST and fact["audit"] not in contents.terms.audits:
                yield _withheld(entry.leaf)
                continue
            about = fact.get("about") or {name: _plain(value) for name, value in fact.items() if name not in _OWN}
            text = pairs({name: value for name, value in about.items() if value})
            by = names.name(_person(fact.get("by", "")))
            act = str(fact.get("act", entry.kind.replace("_", " ")))
            yield (moment(entry.logged_at), act, by, names.reasons([text] if text else []), str(entry.leaf))
        yield from map(_withheld, hidden)

    return Table(
        name="acts",
        title="Actions of operators and changes",
        description="Actions of operators in the period, and changes of rules and company files.",
        columns=(
            Column("logged_at", "Recorded", 20),
            Column("act", "Act", 20),
            Column("by", "By", 20),
            Column("about", "About", 80),
            Column("leaf", "Log entry", 9),
        ),
        rows=rows,
    )


def _hidden_requests(contents: BundleContents) -> deque[int]:
    """Return the entries of the period about requests of other audits, of which there is nothing but the number."""
    head = contents.head
    return deque(
        leaf for first, last in head.hidden_requests for leaf in range(max(first, head.first), min(last + 1, head.end))
    )


def _withheld(leaf: int) -> Row:
    return (WITHHELD, "request act", WITHHELD, WITHHELD, str(leaf))


_OWN = frozenset({"type", "by", "host", "at", "act", "about", "pieces", "rules"})


def _person(by: object) -> str:
    """Return who did it; of somebody who signed in, the name."""
    return str(by["name"]) if isinstance(by, dict) else str(by)


def _plain(value: object) -> str:
    """Return a value of a leaf as text."""
    if isinstance(value, dict):
        plain = {name: _plain(inner) for name, inner in value.items()}
        return ", ".join(f"{name} {text}" for name, text in plain.items() if text)
    return ", ".join(map(_plain, value)) if isinstance(value, list) else "" if value is None else str(value)


def erasures(contents: BundleContents, names: ShownNames) -> Table:
    """Return all erasures up to the end of the period: the bundle lacks this evidence, whenever it was erased."""

    def rows() -> Iterator[Row]:
        for entry in _entries(contents, (_ERASURE,), ever=True):
            fact = entry.fact
            source, kind, key = (str(fact.get(name) or "") for name in ("source", "kind", "key"))
            hidden = bool(source) and names.hides(source, kind, tuple(fact.get("scope") or ()), key)
            yield (
                moment(entry.logged_at),
                str(fact.get("basis", "")),
                names.name(str(fact.get("by", ""))),
                f"{names.name(str(fact.get('approved_by', '')))}: stated, not verified",
                source or "by the retention policy",
                kind,
                WITHHELD if hidden else names.name(key),
                str(fact.get("bodies", "")),
                str(fact.get("facts", "")),
                str(entry.leaf),
            )

    return Table(
        name="erasures",
        title="Erasures",
        description="Evidence that was deleted for good up to the end of the period. Digests and verdicts stay.",
        columns=(
            Column("logged_at", "Recorded", 20),
            Column("basis", "Legal basis", 30),
            Column("by", "By", 20),
            Column("approved_by", "Approved by", 30),
            Column("source", "Source", 24),
            Column("kind", "Kind", 24),
            Column("key", "Key", 30),
            Column("bodies", "Bodies", 9),
            Column("facts", "Sets of volatile fields", 12),
            Column("leaf", "Log entry", 9),
        ),
        rows=rows,
    )


def _entries(contents: BundleContents, kinds: tuple[str, ...], *, ever: bool = False) -> Iterator[StatedLeaf]:
    store, since = contents.store, None if ever else contents.terms.period.start
    if isinstance(store, CompanyRecord):
        # What was recorded after the head of this bundle, in the same moment too, belongs to the next one.
        entries = store.log(since=since, as_of=contents.at, kinds=kinds)
        yield from (entry for entry in entries if entry.leaf < contents.head.size)
