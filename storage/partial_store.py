"""A store that is filled from some of the entries of a log, to be read like any other, and gone afterwards."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from sqlalchemy import create_engine

from collector.core.errors import StoreError
from storage.database.sqlite import SqliteDatabase
from storage.database.unavailable import unavailable
from storage.log.key_places import KeyFile
from storage.log.mac_chain import MacChain
from storage.store import SqlStore
from storage.tables.partial_log import PartialLog
from storage.tables.schema import METADATA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def partial_store(name: str, fill: Callable[[PartialLog], None]) -> Iterator[SqlStore]:
    """Yield the store, in a temporary folder. It has no keys, and nothing can be recorded in it.

    Raises StoreError where there is no room for it.
    """
    with ExitStack() as stack:
        try:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="annexd-partial-")))
            _filled(folder / "partial.db", fill)
        except (OSError, sqlite3.OperationalError) as error:
            raise unavailable(f"a store could not be made in {tempfile.gettempdir()}", error) from error
        reader = SqliteDatabase(str(folder / "partial.db")).reading_engine()
        stack.callback(reader.dispose)
        yield SqlStore(
            name=name,
            reader=reader,
            writer=None,
            read_key=_no_key,
            signing_keys=KeyFile(folder / "none"),
            macs=MacChain(name, list),
            clock=lambda: datetime.now(UTC),
            resources=ExitStack(),
        )


def _filled(path: Path, fill: Callable[[PartialLog], None]) -> None:
    engine = create_engine("sqlite://", creator=lambda: _connect(path))
    try:
        with engine.connect() as connection, connection.begin():
            METADATA.create_all(connection)
            log = PartialLog(connection)
            fill(log)
            log.end()
    finally:
        engine.dispose()


def _connect(path: Path) -> sqlite3.Connection:
    # Foreign keys are off, because not all entries are there.
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -32000")  # KiB, as of a store that is written
    return connection


def _no_key() -> NoReturn:
    raise StoreError("what was made from some entries of a log has no store key")
