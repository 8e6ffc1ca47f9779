"""Compare bodies, as they came, with those that the resources of a task have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.tasks import Outcome
from storage.database.blobs import Decompressor, KnownBlob, open_blob
from storage.database.bulk import select_in
from storage.tables.projections import find_task

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection

    from collector.core.tasks import Task
    from storage.tables.staging import Staging

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


def compare_bodies(
    connection: Connection, staging: Staging, bodies: Sequence[tuple[str, bytes]], runs: Collection[str]
) -> list[bool]:
    """Return of each key and body whether it is stored of the task, and note those that are in the staging.

    All are False where the latest observation of the task is not complete, or is of none of these runs.
    """
    if staging.compared_with is None:
        staging.compared_with = (comparable_task(connection, staging.task, runs),)
    (task,) = staging.compared_with
    if task is None:
        return [False] * len(bodies)
    by_key = {key.encode(): body for key, body in bodies}
    found = current_bodies(connection, task, by_key)
    staging.known.update({key: (by_key[key], blob) for key, blob in found.items()})
    return [
        by_key[raw_key] is body and raw_key in found for raw_key, body in ((key.encode(), body) for key, body in bodies)
    ]
