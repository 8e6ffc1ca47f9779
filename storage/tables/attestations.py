"""Read attestations back from the leaves; there are too few of them for a table."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING

from collector.core.attestations import Attested, Filed
from storage.database.blobs import damaged
from storage.log import leaves
from storage.log.dictionary import LeafDecompressor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

_END = (1 << 62) - 1  # beyond every leaf

# The first condition lets both databases use the index of leaves other than those of tasks.
_SELECT = "SELECT idx, dictionary, body, hash FROM log_leaf WHERE kind <> 'task'"
_ATTESTED = f"{_SELECT} AND kind = 'attested'"
_WITH_FILE = f"{_SELECT} AND kind IN ('attested', 'request_act', 'record_entered')"


def attested(connection: Connection, bound: int | None) -> Iterator[Filed]:
    """Yield the attestations up to the leaf `bound`, in the order of the log."""
    decompressor = LeafDecompressor()
    rows = connection.exec_driver_sql(f"{_ATTESTED} AND idx <= ? ORDER BY idx", (_END if bound is None else bound,))
    for row in rows:
        record = leaves.read(connection, decompressor, tuple(row))
        yield Filed(record.fact(Attested).attestation, record.leaf.index, record.recorded_at)


def file_of(connection: Connection, leaf: int) -> bytes | None:
    """Return the file beside a leaf, None without one. Raises StoreError where the leaf is of a kind without files."""
    row = connection.exec_driver_sql(f"{_WITH_FILE} AND idx = ?", (leaf,)).one_or_none()
    if row is None:
        raise damaged(f"leaf {leaf} is no record that was filed")
    record = leaves.read(connection, LeafDecompressor(), tuple(row))
    if not record.has_rows:
        return None
    return b"".join(b64decode(piece) for pieces in record.rows(str) for piece in pieces)
