"""The ISMS scope: systems in scope, how completely they were observed, and reconciliation with the platforms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Literal

from msgspec import Struct

from collector.core.attestations import SYSTEM
from collector.core.controls import Ask, AskKind, NonEmptyStr
from collector.core.scopes import Scope, show_scope, within
from collector.core.tally import Coverage

NO_SOURCE = "none"
"""The `source` of a system that annexd has no source for; it counts as not observed."""

Extent = Literal["complete", "partly", "never"]
"""How much of a system was observed."""


class System(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One system in scope. `scope` is its scope in its source; () is the whole source.

    `platform` is where a system without a source runs, so that checks of other platforms are not expected for it.
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
        """Return whether it is in scope on a day; the first and the last day are included."""
        return self.in_scope_from <= day and (self.in_scope_until is None or day <= self.in_scope_until)

    def contains(self, source_scope: SourceScope) -> bool:
        """Return whether a scope of a source lies inside this system's scope, or contains it."""
        return self.source == source_scope.source and (
            within(source_scope.scope, self.scope) or within(self.scope, source_scope.scope)
        )


class IsmsScope(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The scope of the management system as approved by the company.

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
        """Return the systems in scope on a day; none before the scope was approved."""
        return tuple(system for system in self.systems if system.required(day)) if self.approved_on <= day else ()


class SourceScope(Struct, frozen=True, order=True):
    """A scope of a source."""

    source: str
    scope: Scope

    def __str__(self) -> str:
        """Return `source: scope` as every page prints it."""
        return f"{self.source}: {show_scope(self.scope)}"


class Reconciled(Struct, frozen=True, kw_only=True):
    """The company's list compared with the platforms' lists. `unlisted` are sources without a complete list.

    Everything that is in none of the first three lists is in scope and collected.
    """

    not_collected: tuple[str, ...]
    not_in_scope: tuple[str, ...]
    in_neither: tuple[str, ...]
    unlisted: tuple[str, ...]


def decides(systems: Iterable[System], place: SourceScope) -> bool:
    """Return whether what was found in a scope of a source counts for states; without a list of systems all of it does.

    A scope that contains a system counts too: the password rule of an organization is that of its repositories.
    """
    listed = tuple(systems)
    return not listed or any(system.contains(place) for system in listed)


def cover(
    scope: IsmsScope | None, day: date, extents: Mapping[str, Extent], reviews: Mapping[str, str] | None = None
) -> Coverage:
    """Return the coverage of the systems in scope on a day; a system that is not in `extents` counts as `never`.

    `reviews` says by name of a system without a source who reviewed it, and when.
    """
    if scope is None or scope.approved_on > day:
        return Coverage(stated=False)
    names: dict[str, list[str]] = {"complete": [], "partly": [], "never": [], NO_SOURCE: []}
    reviewed = {} if reviews is None else reviews
    systems = scope.required(day)
    for system in systems:
        if system.source == NO_SOURCE and system.name in reviewed:
            continue
        names[NO_SOURCE if system.source == NO_SOURCE else extents.get(system.name, "never")].append(system.name)
    return Coverage(
        stated=True,
        complete=tuple(names["complete"]),
        partly=tuple(names["partly"]),
        never=tuple(names["never"]),
        no_source=tuple(names[NO_SOURCE]),
        reviewed={
            system.name: reviewed[system.name]
            for system in systems
            if system.source == NO_SOURCE and system.name in reviewed
        },
    )


def reconcile(
    systems: Iterable[System],
    extents: Mapping[str, Extent],
    *,
    collected: Iterable[SourceScope],
    exists: Iterable[SourceScope],
    unlisted: Iterable[str],
) -> Reconciled:
    """Compare the systems in scope with the scopes that were collected and those that exist on the platforms."""
    required, seen, existing = tuple(systems), set(collected), set(exists)
    outside = sorted(source_scope for source_scope in seen if not _belongs_to_any(source_scope, required))
    return Reconciled(
        not_collected=tuple(system.name for system in required if extents.get(system.name, "never") == "never"),
        not_in_scope=tuple(str(source_scope) for source_scope in outside),
        in_neither=tuple(
            str(source_scope)
            for source_scope in sorted(existing)
            if source_scope not in seen and not _belongs_to_any(source_scope, required)
        ),
        unlisted=tuple(sorted(set(unlisted))),
    )


def _belongs_to_any(source_scope: SourceScope, systems: Iterable[System]) -> bool:
    return any(system.contains(source_scope) for system in systems)


def review_of(systems: Iterable[System]) -> dict[str, Ask]:
    """Return by name the evidence request for a dated review of each system that has no source."""
    return {
        system.name: Ask(
            id=f"{SYSTEM}{system.name}",
            kind=AskKind.REVIEW,
            every="12mo",
            text=f"Dated review of {system.name} by a named person, because annexd has no source for it.",
        )
        for system in systems
        if system.source == NO_SOURCE
    }


def platforms(systems: Iterable[System], connector_of: Mapping[str, str]) -> frozenset[str] | None:
    """Return the platforms that the systems run on; None where one of them has no platform."""
    found = set(_platforms(systems, connector_of))
    return None if None in found else frozenset(platform for platform in found if platform is not None)


def _platforms(systems: Iterable[System], connector_of: Mapping[str, str]) -> Iterator[str | None]:
    for system in systems:
        yield system.platform if system.source == NO_SOURCE else connector_of.get(system.source)
