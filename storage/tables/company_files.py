"""Read the company's files, and leaves other than those of tasks, back from the log; too few for a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from collector.core.company_record import RecordedFile, StatedLeaf
from collector.core.facts import CompanyFile
from storage.database.columns import micros
from storage.database.streaming import stream
from storage.log import leaves
from storage.log.dictionary import LeafDecompressor

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from sqlalchemy import Connection

_END = (1 << 62) - 1  # beyond every leaf
_START = -(1 << 62)  # before every moment

# The first condition lets both databases use the index of leaves other than those of tasks.
_FILES = (
    "SELECT idx, dictionary, body, hash FROM log_leaf"
    " WHERE kind <> 'task' AND kind = 'company_file' AND idx <= ? ORDER BY idx"
)
_STATED = (
    "SELECT l.idx, l.dictionary, l.body, l.hash, l.kind FROM log_leaf l"
    " WHERE l.kind <> 'task' AND l.kind <> 'tasks' AND l.idx <= ? AND l.recorded_at > ?{kinds} ORDER BY l.idx"
)


def company_files(connection: Connection, bound: int | None) -> Iterator[RecordedFile]:
    """Yield every recorded state of the company's files up to the leaf `bound`, in the order of the log."""
    decompressor = LeafDecompressor()
    for row in connection.exec_driver_sql(_FILES, (_END if bound is None else bound,)).fetchall():
        record = leaves.read(connection, decompressor, tuple(row))
        pieces = tuple(piece for rows in record.rows(str) for piece in rows)
        stated = msgspec.structs.replace(record.fact(CompanyFile), pieces=pieces)
        yield RecordedFile(stated, record.leaf.index, record.recorded_at)


def stated_leaves(
    connection: Connection, since: datetime | None, bound: int | None, kinds: Collection[str]
) -> Iterator[StatedLeaf]:
    """Yield the leaves that are not of tasks, after a moment and up to `bound`, of these kinds or of all if empty."""
    decompressor = LeafDecompressor()
    after = _START if since is None else micros(since)
    # Where kinds are named the index finds them, and the bodies of all others are not read.
    statement = _STATED.format(kinds=f" AND l.kind IN ({','.join('?' * len(kinds))})" if kinds else "")
    for *row, kind in stream(connection, statement, (_END if bound is None else bound, after, *kinds)):
        record = leaves.read(connection, decompressor, row)
        yield StatedLeaf(record.leaf.index, kind, record.recorded_at, record.fact(dict[str, Any]))
