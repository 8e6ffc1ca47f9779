"""Seal the items of one attempt in a process that does not write, for the one that does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.tables.current_bodies import compare_bodies
from storage.tables.staging import Batch

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.core.ports import HandedItem, Item
    from storage.database.keys import WorkerKey
    from storage.tables.staging import Staging


class Sealing:
    """What a worker does of staging: it reads the store, and computes salts, digests and lookups; it writes nothing."""

    def __init__(
        self,
        staging: Staging,
        reading: Callable[[datetime | None], AbstractContextManager[tuple[Connection, int | None]]],
        key: WorkerKey,
    ) -> None:
        self._staging = staging
        self._reading = reading
        self._key = key

    def seal(self, batch: Sequence[Item]) -> tuple[list[HandedItem], int]:
        """Return the items of a batch, each key once, and how many had the key of another one; the later counts.

        Raises NotCanonicalError on a key that is no valid text.
        """
        sealed = Batch.of(self._key, batch, self._staging.known)
        return sealed.to_hand(), sealed.repeated

    def are_current(self, bodies: Sequence[tuple[str, bytes]], runs: Collection[str]) -> Sequence[bool]:
        """Return of each key and body whether the resource of the task with that key has this very body."""
        with self._reading(None) as (connection, _), self._staging.lock:
            return compare_bodies(connection, self._staging, bodies, runs)
