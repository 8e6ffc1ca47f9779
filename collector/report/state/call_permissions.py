"""Which permissions reading takes, from the declarations of a connector alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from collector.core.checks import Check
    from collector.core.connectors import Connector


@dataclass(frozen=True)
class CallNeed:
    """A call with its permissions, the kind or part that it fills, and the checks that use it.

    `common` calls are made whatever is checked: who is asking, and which scopes there are.
    """

    call: str
    permissions: tuple[str, ...]
    fills: str
    checks: tuple[str, ...]
    common: bool


def needs_of(
    connector: Connector[Any, Any],
    checks: Iterable[Check[...]],
    collections: Collection[str] | None = None,
    also: Collection[str] = (),
) -> list[CallNeed]:
    """Return the calls that these checks need, the common ones first.

    `collections` are those of a source, None for all; `also` those to be read although no check needs them.
    """
    by_kind: dict[str, list[str]] = {}
    for check in checks:
        for need in check.needs:
            by_kind.setdefault(need.kind.name, []).append(check.id)
    made = []
    if connector.identity is not None:
        # What it takes is not declared; where a platform refuses, the identity is simply not named.
        made.append(CallNeed(connector.identity_call, (), "who is asking", (), common=True))
    discovering = {
        discovery.collection for level_discoveries in connector.discoveries.values() for discovery in level_discoveries
    }
    for id_, collection in connector.collections.items():
        if collections is not None and id_ not in collections:
            continue
        users = tuple(dict.fromkeys(by_kind.get(id_, ())))
        if users or id_ in discovering or id_ in also:
            common = id_ in discovering
            made.append(CallNeed(collection.call, collection.permissions, id_, users, common=common))
            made += [
                CallNeed(part.call, part.permissions, f"{id_} {part.name}", users, common=common)
                for part in connector.parts.get(id_, ())
            ]
    return sorted(made, key=lambda need: not need.common)


def unused(connector: Connector[Any, Any], checks: Iterable[Check[...]]) -> tuple[str, ...]:
    """Return the kinds that none of these checks needs; without their permissions their tasks are denied."""
    used = {need.kind.name for check in checks for need in check.needs}
    discovering = {
        discovery.collection for level_discoveries in connector.discoveries.values() for discovery in level_discoveries
    }
    return tuple(id_ for id_ in connector.collections if id_ not in used and id_ not in discovering)
