"""Controls that are taken from another edition, so that no link and no record is maintained twice.

An entry with `from` has only what is its own: id, title, theme, roles, what is not certain, records that nobody else
asks for. The rest comes from the controls named there, and no link comes over stronger than the relation allows.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from collector.core.controls import Ask, Control, Framework, Link, NonEmptyStr, Role, Shows, Strength

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Taken = tuple["Source", Framework, Control]


class Relation(StrEnum):
    """How a control relates to the one that it is taken from."""

    SAME = "same"  # one and the same control, maybe under another number
    MERGED = "merged"  # it went with others into the one it is taken from: only a part of that
    SPLIT = "split"  # it went into several, and the one it is taken from is one of them
    PREDECESSOR = "predecessor"  # the one it is taken from is older and about the same subject


class Source(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A control of another edition."""

    edition: NonEmptyStr
    id: NonEmptyStr
    relation: Relation


class Derived(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry of a mapping file that is taken from other editions."""

    id: NonEmptyStr
    title: NonEmptyStr
    theme: NonEmptyStr
    sources: tuple[Source, ...] = field(name="from")
    roles: tuple[Role, ...] = ()
    confidence: str | None = None


def derive(entry: Derived, taken: Sequence[Taken], own: Iterable[Ask]) -> Control:
    """Make the control: the most that any source shows, every limit, record and link, each as far as it holds here."""
    return Control(
        id=entry.id,
        title=entry.title,
        theme=entry.theme,
        shows=max((_shown(source, control) for source, _, control in taken), key=list(reversed(Shows)).index),
        cannot=" ".join(dict.fromkeys(control.cannot for _, _, control in taken)),
        asks=(*(ask for one in taken for ask in _asks(entry, one)), *own),
        checks=_links(taken),
        roles=entry.roles,
        confidence=entry.confidence or _doubt(taken),
        derived_from=tuple(f"{source.edition} {source.id}" for source, _, _ in taken),
    )


def _shown(source: Source, control: Control) -> Shows:
    if source.relation is not Relation.SAME and control.shows is Shows.CONFIGURATION:
        return Shows.PART
    return control.shows


def _asks(entry: Derived, taken: Taken) -> Iterable[Ask]:
    source, _, control = taken
    for ask in control.asks:
        if source.relation is Relation.SAME and source.id == entry.id:
            yield ask  # the same question under the same number: one record on file answers it in both editions
            continue
        part = f" As far as it concerns: {entry.title}." if source.relation in _PARTS else ""
        yield replace(ask, id=f"{entry.id}-{ask.id}", text=f"{ask.text}{part}")


def _links(taken: Iterable[Taken]) -> Mapping[str, Link]:
    links: dict[str, Link] = {}
    for one in taken:
        for check, link in one[2].checks.items():
            links[check] = _stronger(links.get(check), _carried(one, link))
    return links


def _carried(taken: Taken, link: Link) -> Link:
    source, framework, control = taken
    if source.relation is Relation.SAME:
        return link
    of = f"{link.strength} for {control.id} of {framework.name}:{framework.edition}"
    return replace(
        link, strength=_LOWERED[link.strength], because=f"{link.because} ({of}, {_WHAT_IT_IS[source.relation]})"
    )


def _stronger(known: Link | None, link: Link) -> Link:
    if known is None:
        return link
    if known.strength is link.strength and known.role != link.role:
        return replace(known, role=None)  # each of the two counts for one role, so the check counts for both
    return min(known, link, key=lambda one: list(Strength).index(one.strength))


def _doubt(taken: Iterable[Taken]) -> str | None:
    parts = [
        f"{control.id} of {framework.name}:{framework.edition}, {_WHAT_IT_IS[source.relation]}"
        for source, framework, control in taken
        if source.relation is not Relation.SAME
    ]
    return f"Records, limits and links are taken from {', and from '.join(parts)}." if parts else None


_PARTS = {Relation.MERGED, Relation.SPLIT}

# A check that tests what the whole asks for need not test what a part of it asks for.
_LOWERED = {
    Strength.DIRECT: Strength.SUPPORTING,
    Strength.SUPPORTING: Strength.CONTEXTUAL,
    Strength.CONTEXTUAL: Strength.CONTEXTUAL,
}

_WHAT_IT_IS = {
    Relation.MERGED: "of which this control is only a part",
    Relation.SPLIT: "which is only a part of what this control became",
    Relation.PREDECESSOR: "an older control about the same subject",
}
