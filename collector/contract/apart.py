"""Which calls can be disturbed in one run, so that what comes of each is what would come of it alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from collector.contract.harness import Harness
    from collector.core.connectors import Connector

    Round = dict[str, str]


def calls_of_discovery(connector: Connector[Any, Any]) -> set[str]:
    """Return the calls without which scopes are not found."""
    roots = {discovery.collection for of_level in connector.discoveries.values() for discovery in of_level}
    return {call for kind in roots & {*connector.collections} for call in connector.collections[kind].calls}


def lists_apart(harness: Harness, calls: Collection[str] | None = None) -> Iterator[Round]:
    """Yield rounds of kinds, each with one of the calls of its list; of `calls` only, where they are given."""
    pairs = [(kind, call) for kind, collection in harness.connector.collections.items() for call in collection.calls]
    yield from _rounds(harness.connector, [pair for pair in pairs if calls is None or pair[1] in calls])


def parts_apart(harness: Harness) -> Iterator[Round]:
    """Yield rounds of kinds, each with one of the calls of its parts."""
    pairs = [(kind, call) for kind, parts in harness.connector.parts.items() for part in parts for call in part.calls]
    yield from _rounds(harness.connector, list(dict.fromkeys(pairs)))


def _rounds(connector: Connector[Any, Any], pairs: list[tuple[str, str]]) -> list[Round]:
    """Put each pair into the first round in which no other kind notices its call, nor it that of another kind.

    By what discovery reads all kinds are found, so that such a call is only with others of itself.
    """
    uses = {
        kind: {*collection.calls, *(call for part in connector.parts.get(kind, ()) for call in part.calls)}
        for kind, collection in connector.collections.items()
    }
    shared = calls_of_discovery(connector)
    for of_level in connector.discoveries.values():
        for discovery in of_level:
            shared |= uses.get(discovery.collection, set())

    def fits(kind: str, call: str, round_: Round) -> bool:
        return kind not in round_ and all(
            call == other or not ({call, other} & shared or call in uses[beside] or other in uses[kind])
            for beside, other in round_.items()
        )

    rounds: list[Round] = []
    for kind, call in pairs:
        fitting = next((round_ for round_ in rounds if fits(kind, call, round_)), None)
        if fitting is None:
            rounds.append({kind: call})
        else:
            fitting[kind] = call
    return rounds
