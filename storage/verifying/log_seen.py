"""LogSeen: what one pass over the log has found, for the checks after it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from collector.core.facts import Anchored
from storage.log.origins import Genesis, Migrated, Restored

if TYPE_CHECKING:
    from storage.log.origins import Origin


class Signing(NamedTuple):
    """A leaf that was written after a checkpoint of more than `above` and at most `up_to` leaves."""

    leaf: int
    above: int
    up_to: int
    why: str


@dataclass
class LogSeen:
    """What a checked log states: size, root, origins, anchors, and digests of blobs and payloads it refers to.

    `erased` has the leaf that records the erasure, by digest. `signed` has the sizes that leaves state as signed, each
    with the first that does. `signings` are other leaves that are written only after the log was signed: the leaf, the
    range of sizes one of which must have been, and why.
    """

    size: int = 0
    root: bytes = b""
    origins: list[Origin] = field(default_factory=list)
    genesis: Genesis | None = None
    migrations: list[tuple[int, Migrated]] = field(default_factory=list)
    restores: list[Restored] = field(default_factory=list)
    anchors: list[tuple[int, Anchored]] = field(default_factory=list)
    signed: dict[int, int] = field(default_factory=dict)
    signings: list[Signing] = field(default_factory=list)
    blobs: set[bytes] = field(default_factory=set)
    payloads: set[bytes] = field(default_factory=set)
    erased: dict[bytes, int] = field(default_factory=dict)
