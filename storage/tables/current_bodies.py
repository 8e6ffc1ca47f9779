"""Compare bodies, as they came, with those that the resources of a task have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.tasks import Outcome
from storage.database.blobs import Decompressor, KnownBlob, open_blob
from storage.database.bulk import select_in
from storage.tables.projections import find_task

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection

    from collector.core.tasks import Task

_LATEST = (
    "SELECT o.outcome, u.name FROM observation o JOIN run u ON u.id = o.run"
    " WHERE o.task = ? ORDER BY o.leaf DESC LIMIT 1"
)
_CURRENT = (
    "SELECT n.key, b.id, b.digest, b.body FROM resource_now n JOIN version v ON v.id = n.version"
    " JOIN blob b ON b.id = v.blob WHERE n.task = ? AND n.key"
)
_START = b'{"body":'
_NEXT = b',"key":'


def comparable_task(connection: Connection, task: Task, runs: Collection[str]) -> int | None:
    """Return the row id of a task whose latest leaf of its own is complete and of one of some runs, else None."""
    number = find_task(connection, task)
    if number is None:
        return None
    row = connection.exec_driver_sql(_LATEST, (number,)).one_or_none()
    return number if row is not None and row[0] == Outcome.COMPLETE.value and row[1] in runs else None


def current_bodies(connection: Connection, task: int, bodies: Mapping[bytes, bytes]) -> dict[bytes, KnownBlob]:
    """Return by key the stored blob of each resource that has the body given for its key.

    Raises StoreError where the bytes of a stored one have another digest.
    """
    decompressor, found = Decompressor(), dict[bytes, KnownBlob]()
    for key, number, digest, body in select_in(connection, _CURRENT, (task,), list(bodies)):
        if body is not None:
            data = open_blob(decompressor, digest, body)
            end = len(_START) + len(bodies[key])
            if data[len(_START) : end] == bodies[key] and data.startswith(_NEXT, end):
                found[key] = KnownBlob(number, digest)
    return found
