"""The volatile keys in a bundle: a resource has those of the latest observation that saw it.

They are read in layers, as in a store: the last full list is the lowest, and each later leaf lies over those before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec import Raw, Struct

from collector.core.tasks import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from collector.bundle.reevaluation.record import LeavesBySubject, OwnTaskLeaf
    from collector.core.tasks import Task


class _Blob(Struct):
    body: dict[str, Raw]


class _Layer(NamedTuple):
    leaf: int
    facts: dict[str, Raw]
    is_torn: bool
    at: datetime | None


class VolatileValue(NamedTuple):
    """The volatile keys of a resource: None where it has none, or, with `is_gone`, where the bundle may lack them."""

    facts: bytes | None
    is_gone: bool
    at: datetime | None


class BundleVolatileFields:
    """The volatile keys of one task's resources. `read` returns a body by its digest, None if the bundle lacks it."""

    def __init__(self, leaves: LeavesBySubject, task: Task, read: Callable[[str], bytes | None]) -> None:
        self._read = read
        own = _since_full(leaves.own.get(task, []))
        complete = leaves.complete(task)
        self._seen_at: datetime | None = None if complete is None else complete[1].ended_at
        self._seen_in = -1 if complete is None else complete[2]
        layers = [*self._layers_of_own(own), *self._layers_of_unchanged(leaves, task, own)]
        self._layers = sorted(layers, key=lambda layer: layer.leaf, reverse=True)
        self.is_torn = any(layer.is_torn for layer in layers)

    def find(self, key: str) -> VolatileValue:
        """Return the volatile keys of a resource from the newest layer that has it, or that lacks a body."""
        for layer in self._layers:
            said = layer.facts.get(key)
            if said is None and not layer.is_torn:
                continue
            at = layer.at if layer.at is not None and layer.leaf > self._seen_in else self._seen_at
            if said is None or bytes(said) == b"null":
                return VolatileValue(None, said is None, at)
            return VolatileValue(bytes(said), is_gone=False, at=at)
        return VolatileValue(None, is_gone=False, at=None)

    def _layers_of_own(self, own: Iterable[OwnTaskLeaf]) -> Iterator[_Layer]:
        for leaf in own:
            if leaf.seen.facts:
                observation = leaf.seen.observation
                at = None if observation.outcome is Outcome.COMPLETE else observation.ended_at
                facts, is_torn = self._bodies(leaf.seen.facts)
                yield _Layer(leaf.leaf, facts, is_torn, at)

    def _layers_of_unchanged(self, leaves: LeavesBySubject, task: Task, own: list[OwnTaskLeaf]) -> Iterator[_Layer]:
        known = {leaf.leaf for leaf in own}
        for row in leaves.again.get(task, []):
            if row.facts and row.own in known:
                by_own, is_torn = self._bodies(row.facts)
                mine = by_own.get(str(row.own))
                facts = {} if mine is None else msgspec.json.decode(mine, type=dict[str, Raw])
                yield _Layer(row.leaf, facts, is_torn, None)

    def _bodies(self, digests: Iterable[str]) -> tuple[dict[str, Raw], bool]:
        found: dict[str, Raw] = {}
        is_torn = False
        for digest in digests:
            data = self._read(digest)
            if data is None:
                is_torn = True
            else:
                found |= msgspec.json.decode(data, type=_Blob).body
        return found, is_torn


def _since_full(own: list[OwnTaskLeaf]) -> list[OwnTaskLeaf]:
    """Return the leaves from the last full one on: complete, with all volatile keys. Return all where none is full."""
    for at in range(len(own) - 1, -1, -1):
        if own[at].seen.observation.outcome is Outcome.COMPLETE and not own[at].seen.facts_over:
            return own[at:]
    return own
