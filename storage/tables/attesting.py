"""What people have filed, read back from the leaves: few enough to need no table of their own."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING

from collector.core.attestations import Attested, Filed
from storage.database.blobs import damaged
from storage.log import leaves
from storage.log.dictionary import LeafOpener

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

_END = (1 << 62) - 1  # beyond every leaf

# The first condition lets both databases use the index of leaves other than those of tasks.
_ATTESTED = "SELECT idx, dictionary, body, hash FROM log_leaf WHERE kind <> 'task' AND kind = 'attested'"


def attested(connection: Connection, bound: int | None) -> Iterator[Filed]:
    """Yield the attestations up to a leaf, in the order of the log."""
    opener = LeafOpener()
    rows = connection.exec_driver_sql(f"{_ATTESTED} AND idx <= ? ORDER BY idx", (_END if bound is None else bound,))
    for row in rows:
        record = leaves.read(connection, opener, tuple(row))
        yield Filed(record.fact(Attested).attestation, record.leaf.index, record.recorded_at)


def file_of(connection: Connection, leaf: int) -> bytes | None:
    """Return the file that a leaf holds. Raises StoreError where there is no such attestation, or it is damaged."""
    row = connection.exec_driver_sql(f"{_ATTESTED} AND idx = ?", (leaf,)).one_or_none()
    if row is None:
        raise damaged(f"leaf {leaf} is no record that was filed")
    record = leaves.read(connection, LeafOpener(), tuple(row))
    if record.fact(Attested).attestation.digest is None:
        return None
    return b"".join(b64decode(piece) for some in record.rows(str) for piece in some)
