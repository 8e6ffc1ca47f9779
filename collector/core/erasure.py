"""Erasing bodies for good: what can be erased, and the log entry of it. Digests and log entries stay."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from collector.core.canonical import Digest
from collector.core.scopes import Scope


class Erasure(Struct, frozen=True, kw_only=True, tag="erasure"):
    """The log entry of an erasure, written before anything is erased.

    `source` and `kind` are None where the retention policy is the basis. `bodies` and `facts` are counts; each blob of
    `facts` holds the volatile keys of a whole task. `by` is who gave the command, `approved_by` who allowed it, as
    stated and not verified.
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
    """A resource that refers, or referred, to a body."""

    source: str
    kind: str
    scope: Scope
    key: str


class Erasable(Struct, frozen=True, kw_only=True):
    """The digests that can be erased. `resources` are all that would lose a body, also those that only share it."""

    bodies: tuple[Digest, ...] = ()
    facts: tuple[Digest, ...] = ()
    resources: tuple[BodyOwner, ...] = ()


class Lock(Struct, frozen=True):
    """A span from `start` to before `end` of which no evidence may be erased, because it is audited."""

    start: datetime
    end: datetime


class Erasing(Protocol):
    """How a store erases bodies. Raises StoreError, and then nothing was erased."""

    def erasable(self, *, source: str, kind: str, key: str, scope: Scope | None = None) -> Erasable:
        """Return the bodies of every version of a resource, and the volatile keys that stand beside them."""

    def expired(self, *, before: datetime, locks: Iterable[Lock] = ()) -> Erasable:
        """Return what was superseded before a moment and was not current at any time during a lock."""

    def erase(self, erasure: Erasure, digests: Sequence[Digest]) -> None:
        """Write the log entry and erase these bodies with their salts, in one transaction."""
