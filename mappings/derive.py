"""Controls derived from controls of another framework version, so that links and evidence requests are kept once.

An entry with `from` has an id, title, theme, roles, confidence and evidence requests of its own. Everything else comes
from the controls named there, and a link is weakened as the relation demands.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from collector.core.controls import Ask, Control, Framework, Link, NonEmptyStr, Role, Shows, Strength

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SourceControl = tuple["Source", Framework, Control]


class Relation(StrEnum):
    """How a control relates to a control that it is derived from."""

    SAME = "same"  # the same control, perhaps under another number
    MERGED = "merged"  # the source control also covers others: this control is a part of it
    SPLIT = "split"  # the control was split into several, of which the source control is one
    PREDECESSOR = "predecessor"  # the source control is older and about the same subject


class Source(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A control of another framework version."""

    edition: NonEmptyStr
    id: NonEmptyStr
    relation: Relation


class Derived(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry of a mapping file that is derived from controls of other framework versions."""

    id: NonEmptyStr
    title: NonEmptyStr
    theme: NonEmptyStr
    sources: tuple[Source, ...] = field(name="from")
    roles: tuple[Role, ...] = ()
    confidence: str | None = None


def derive(entry: Derived, source_controls: Sequence[SourceControl], own_asks: Iterable[Ask]) -> Control:
    """Return the control: the most that any source control shows, with all their limits, evidence requests and links.

    Strength and texts are those that the relation to each source control allows; `own_asks` come last.
    """
    return Control(
        id=entry.id,
        title=entry.title,
        theme=entry.theme,
        shows=max((_shown(source, control) for source, _, control in source_controls), key=list(reversed(Shows)).index),
        cannot=" ".join(dict.fromkeys(control.cannot for _, _, control in source_controls)),
        asks=(*(ask for source_control in source_controls for ask in _asks(entry, source_control)), *own_asks),
        checks=_links(source_controls),
        roles=entry.roles,
        confidence=entry.confidence or _confidence_text(source_controls),
        derived_from=tuple(f"{source.edition} {source.id}" for source, _, _ in source_controls),
        attributes=_attributes(source_controls),
    )


def _attributes(source_controls: Iterable[SourceControl]) -> Mapping[str, tuple[str, ...]]:
    """Return the attributes of the one control that this is the same as; those of parts and of wholes are others."""
    same = [control.attributes for source, _, control in source_controls if source.relation is Relation.SAME]
    return same[0] if len(same) == 1 else {}


def _shown(source: Source, control: Control) -> Shows:
    if source.relation is not Relation.SAME and control.shows is Shows.CONFIGURATION:
        return Shows.PART
    return control.shows


def _asks(entry: Derived, source_control: SourceControl) -> Iterable[Ask]:
    source, _, control = source_control
    for ask in control.asks:
        if source.relation is Relation.SAME and source.id == entry.id:
            yield ask  # the same question under the same number: one record on file answers it in both editions
            continue
        limited_to = f" As far as it concerns: {entry.title}." if source.relation in _PARTIAL_RELATIONS else ""
        # The record of the whole answers for a part of it, and under another number: it is owed once.
        yield replace(ask, id=f"{entry.id}-{ask.id}", text=f"{ask.text}{limited_to}", same_as=ask.owed)


def _links(source_controls: Iterable[SourceControl]) -> Mapping[str, Link]:
    links: dict[str, Link] = {}
    for source_control in source_controls:
        for check, link in source_control[2].checks.items():
            links[check] = _stronger_link(links.get(check), _carried_link(source_control, link))
    return links


def _carried_link(source_control: SourceControl, link: Link) -> Link:
    source, framework, control = source_control
    if source.relation is Relation.SAME:
        return link
    origin = f"{link.strength} for {control.id} of {framework.name}:{framework.edition}"
    return replace(
        link, strength=_WEAKER[link.strength], because=f"{link.because} ({origin}, {_RELATION_TEXTS[source.relation]})"
    )


def _stronger_link(current: Link | None, link: Link) -> Link:
    if current is None:
        return link
    if current.strength is link.strength and current.role != link.role:
        return replace(current, role=None)  # each of the two counts for one role, so the check counts for both
    return min(current, link, key=lambda candidate: list(Strength).index(candidate.strength))


def _confidence_text(source_controls: Iterable[SourceControl]) -> str | None:
    parts = [
        f"{control.id} of {framework.name}:{framework.edition}, {_RELATION_TEXTS[source.relation]}"
        for source, framework, control in source_controls
        if source.relation is not Relation.SAME
    ]
    return f"Records, limits and links are taken from {', and from '.join(parts)}." if parts else None


_PARTIAL_RELATIONS = {Relation.MERGED, Relation.SPLIT}

# A check that tests what the whole asks for need not test what a part of it asks for.
_WEAKER = {
    Strength.DIRECT: Strength.SUPPORTING,
    Strength.SUPPORTING: Strength.CONTEXTUAL,
    Strength.CONTEXTUAL: Strength.CONTEXTUAL,
}

_RELATION_TEXTS = {
    Relation.MERGED: "of which this control is only a part",
    Relation.SPLIT: "which is only a part of what this control became",
    Relation.PREDECESSOR: "an older control about the same subject",
}
