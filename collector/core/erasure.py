"""What is dropped for good, and why: bodies leave the store, their digests and the record stay as they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from collector.core.canonical import Digest
from collector.core.scopes import Scope


class Erasure(Struct, frozen=True, kw_only=True, tag="erasure"):
    """Written before anything is dropped. `source` and `kind` are None where the policy of retention asked for it.

    `facts` counts blobs of volatile keys, each of which holds those of a whole task. `by` is who gave the command,
    `approved_by` who allowed it: that is stated, and not verified.
    """

    at: datetime
    basis: str
    approved_by: str
    by: str
    bodies: int
    facts: int
    source: str | None = None
    kind: str | None = None
    scope: Scope | None = None
    key: str | None = None


class BodyOwner(Struct, frozen=True):
    """A resource that has, or had, a body."""

    source: str
    kind: str
    scope: Scope
    key: str


class Erasable(Struct, frozen=True, kw_only=True):
    """What there is to be dropped. `resources` are all that would lose a body, also those that only share it."""

    bodies: tuple[Digest, ...] = ()
    facts: tuple[Digest, ...] = ()
    resources: tuple[BodyOwner, ...] = ()


class Lock(Struct, frozen=True):
    """A span of which nothing may be dropped, because somebody audits it; the end does not belong to it."""

    start: datetime
    end: datetime


class Erasing(Protocol):
    """What a store can forget. Raises StoreError, and then nothing was forgotten."""

    def erasable(self, *, source: str, kind: str, key: str, scope: Scope | None = None) -> Erasable:
        """Return the bodies of every version of a resource, and the volatile keys that stand beside them."""

    def expired(self, *, before: datetime, locks: Iterable[Lock] = ()) -> Erasable:
        """Return what was superseded before a moment and was not in force during any lock."""

    def erase(self, erasure: Erasure, digests: Sequence[Digest]) -> None:
        """Record an erasure and drop these bodies with their salts, both or neither."""
