"""Derive every table again from the log, and compare row by row with the stored tables.

The tables are created in a temporary database, and filled by the same projections as when evidence is recorded.
"""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from storage.database.streaming import streaming
from storage.database.unavailable import StoreUnavailable, is_unavailable, unavailable
from storage.log import leaves
from storage.log.dictionary import LeafDecompressor
from storage.log.leaf_check import mismatch
from storage.tables.projections import project
from storage.tables.schema import APPEND_ONLY, METADATA
from storage.verifying.inventory_check import Inventories
from storage.verifying.rows_compared import compare_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from storage.log.leaves import LeafRecord

_CACHES = {"finding_count", "resource_now", "seen_again_now"}
DERIVED = tuple(sorted({*APPEND_ONLY, *_CACHES} - {"checkpoint", "log_leaf", "payload"}))
"""The tables that are derived from the log, its payloads and bodies."""

_PAGE = 1_000
_LEAVES = "SELECT idx, dictionary, body, hash FROM log_leaf WHERE idx > ? ORDER BY idx LIMIT ?"
_BLOBS = "SELECT id, digest FROM blob WHERE id > ? ORDER BY id LIMIT ?"


def rebuild(connection: Connection) -> int:
    """Derive and compare all tables; return the number of rows.

    Raises VerificationError at the first difference, and StoreUnavailable where there is no room to derive them.
    """
    with _fresh() as derived:
        for rows in _pages(connection, _BLOBS):
            _note_blobs(derived, rows)
        decompressor, inventories = LeafDecompressor(), Inventories(derived)
        for rows in _pages(connection, _LEAVES):
            for row in rows:
                record = leaves.read(connection, decompressor, row)
                _derive(derived, record)
                inventories.check(record)
        return sum(_compare(connection, derived, name) for name in DERIVED)


def tables_digest(connection: Connection) -> bytes:
    """Return a digest of the rows of all derived tables, which is the same as long as none of them changes."""
    made = hashlib.sha256()
    for name in DERIVED:
        with streaming(connection, _select(name)) as rows:
            for row in rows:
                made.update(repr(tuple(row)).encode("utf-8", "surrogatepass"))
        made.update(name.encode())
    return made.digest()


@contextmanager
def _fresh() -> Iterator[Connection]:
    """Yield a connection to an empty temporary database with the same tables."""
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="annexd-verify-"))
        except OSError as error:
            raise _no_room(error) from None
        engine = create_engine("sqlite://", creator=lambda: _connect(Path(folder) / "derived.db"))
        try:
            with engine.connect() as connection, connection.begin():
                METADATA.create_all(connection)
                yield connection
        finally:
            engine.dispose()


def _connect(path: Path) -> sqlite3.Connection:
    # Foreign keys are off, because leaves are not copied.
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -32000")  # KiB, as of a store that is written
    return connection


def _pages(connection: Connection, statement: str) -> Iterator[Sequence[Any]]:
    last = -1
    while True:
        rows = connection.exec_driver_sql(statement, (last, _PAGE)).fetchall()
        if rows:
            yield rows
        if len(rows) < _PAGE:
            return
        last = rows[-1][0]


def _note_blobs(derived: Connection, rows: Sequence[Any]) -> None:
    try:
        derived.exec_driver_sql("INSERT INTO blob (id, digest) VALUES (?, ?)", [tuple(row) for row in rows])
    except DBAPIError as error:
        if is_unavailable(error):
            raise _no_room(error) from None
        raise


def _derive(derived: Connection, record: LeafRecord) -> None:
    try:
        project(derived, record)
    except DBAPIError as error:
        if is_unavailable(error):
            raise _no_room(error) from None
        raise mismatch(f"leaf {record.leaf.index} cannot be derived from again: {error.orig}") from error


def _no_room(error: Exception) -> StoreUnavailable:
    return unavailable(f"the tables could not be derived again in {tempfile.gettempdir()}", error)


def _compare(connection: Connection, derived: Connection, name: str) -> int:
    columns, statement = [column.name for column in METADATA.tables[name].columns], _select(name)
    with streaming(connection, statement) as ours, streaming(derived, statement) as theirs:
        return compare_rows(name, columns, ours, theirs, basis="the log")


def _select(name: str) -> str:
    table = METADATA.tables[name]
    columns = ", ".join(column.name for column in table.columns)
    keys = ", ".join(column.name for column in table.primary_key.columns)
    return f"SELECT {columns} FROM {name} ORDER BY {keys}"  # noqa: S608  our own names
