"""What belongs to the management system, and how well it was seen: the company's list against what was looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Literal

from msgspec import Struct

from collector.core.controls import NonEmptyStr
from collector.core.scopes import Scope, show_scope, within
from collector.core.tally import Coverage

NO_SOURCE = "none"
"""What a system names as its source where annexd has none; it counts as not seen."""

Extent = Literal["complete", "partly", "never"]
"""How much of a system was seen."""


class System(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One system in scope. `scope` is its place in its source; left out, it is the whole of it.

    `platform` says on what a system without a source runs, so that other platforms' checks may be silent.
    """

    name: NonEmptyStr
    owner: NonEmptyStr
    environment: NonEmptyStr
    source: NonEmptyStr
    scope: tuple[NonEmptyStr, ...] = ()
    platform: NonEmptyStr | None = None
    in_scope_from: date
    in_scope_until: date | None = None

    def required(self, day: date) -> bool:
        """Whether it is in scope on a day; both days of its span belong to it."""
        return self.in_scope_from <= day and (self.in_scope_until is None or day <= self.in_scope_until)

    def holds(self, place: SourceScope) -> bool:
        """Whether a place lies in this system, or around it."""
        return self.source == place.source and (within(place.scope, self.scope) or within(self.scope, place.scope))


class IsmsScope(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The scope of the management system, as the company has approved it.

    `certificate` and `certification_body` are None where there is no certificate yet.
    """

    organization: NonEmptyStr | None = None
    certificate: NonEmptyStr | None = None
    certification_body: NonEmptyStr | None = None
    version: NonEmptyStr
    statement: NonEmptyStr
    approved_by: NonEmptyStr
    approved_on: date
    systems: tuple[System, ...] = ()

    def required(self, day: date) -> tuple[System, ...]:
        """Return the systems in scope on a day; none before the scope was approved, for then it said nothing."""
        return tuple(one for one in self.systems if one.required(day)) if self.approved_on <= day else ()


class SourceScope(Struct, frozen=True, order=True):
    """A scope of a source."""

    source: str
    scope: Scope

    def __str__(self) -> str:
        """The words of every page."""
        return f"{self.source}: {show_scope(self.scope)}"


class Reconciled(Struct, frozen=True, kw_only=True):
    """The company's list against the platforms' lists. `unlisted` are sources that gave no complete list of their own.

    What is not in one of the three lists is in scope and looked at.
    """

    not_collected: tuple[str, ...]
    not_in_scope: tuple[str, ...]
    in_neither: tuple[str, ...]
    unlisted: tuple[str, ...]


def cover(scope: IsmsScope | None, day: date, extents: Mapping[str, Extent]) -> Coverage:
    """Put each system in scope into the list that says how well it was seen; one that nobody speaks of was never."""
    if scope is None or scope.approved_on > day:
        return Coverage(stated=False)
    by: dict[str, list[str]] = {"complete": [], "partly": [], "never": [], NO_SOURCE: []}
    for system in scope.required(day):
        by[NO_SOURCE if system.source == NO_SOURCE else extents.get(system.name, "never")].append(system.name)
    return Coverage(
        stated=True,
        complete=tuple(by["complete"]),
        partly=tuple(by["partly"]),
        never=tuple(by["never"]),
        no_source=tuple(by[NO_SOURCE]),
    )


def reconcile(
    systems: Iterable[System],
    extents: Mapping[str, Extent],
    *,
    collected: Iterable[SourceScope],
    exists: Iterable[SourceScope],
    unlisted: Iterable[str],
) -> Reconciled:
    """Hold the systems in scope against what was looked at and what the platforms say there is."""
    required, seen, there = tuple(systems), set(collected), set(exists)
    outside = sorted(place for place in seen if not _in_any(place, required))
    return Reconciled(
        not_collected=tuple(one.name for one in required if extents.get(one.name, "never") == "never"),
        not_in_scope=tuple(str(place) for place in outside),
        in_neither=tuple(str(place) for place in sorted(there) if place not in seen and not _in_any(place, required)),
        unlisted=tuple(sorted(set(unlisted))),
    )


def _in_any(place: SourceScope, systems: Iterable[System]) -> bool:
    return any(one.holds(place) for one in systems)


def platforms(systems: Iterable[System], connector_of: Mapping[str, str]) -> frozenset[str] | None:
    """Return the platforms that the systems run on; None where one of them does not say."""
    found = set(_platforms(systems, connector_of))
    return None if None in found else frozenset(one for one in found if one is not None)


def _platforms(systems: Iterable[System], connector_of: Mapping[str, str]) -> Iterator[str | None]:
    for one in systems:
        yield one.platform if one.source == NO_SOURCE else connector_of.get(one.source)
