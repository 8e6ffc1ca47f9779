"""PostgreSQL as a database of a store: one writing session with the lock, reading sessions, and checked settings.

https://www.postgresql.org/docs/current/runtime-config-wal.html documents what is checked here. Statements are written
with question marks, as SQLite's driver takes them, and translated once each.
"""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors
from sqlalchemy import create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from collector.core.addresses import shown_address
from collector.core.errors import ConfigError, StoreError
from storage.database.databases import Failure
from storage.database.lease import WRITING, WrittenByAnother, held_by, session_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import ExitStack
    from datetime import datetime, timedelta

    from sqlalchemy import Connection, Engine

_OLDEST = 150_000  # 15, the oldest tested version

# Settings of the server, which only its operator can change.
_EXPECTED = {"fsync": "on", "full_page_writes": "on", "server_encoding": "UTF8"}
_SAFE = {"client_encoding": "UTF8", "timezone": "UTC", "lock_timeout": "5s", "standard_conforming_strings": "on"}
_WRITING = {
    "synchronous_commit": "on",  # a commit that returned is on disk
    "default_transaction_isolation": "read committed",  # enough, because there is one writer
    "idle_in_transaction_session_timeout": "0",
    "lock_timeout": "1min",  # longer than the largest transaction of another process
}
_READING = {"default_transaction_isolation": "repeatable read", "default_transaction_read_only": "on"}

# A connection that was cut without a word is noticed by both ends within half a minute; https://www.postgresql.org/docs/current/libpq-connect.html
_NOTICES: dict[str, Any] = {
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
_NOTICED = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "30000",
    "client_connection_check_interval": "5000",
}

_READERS_KEPT = 8
_GRACE = 2_000  # milliseconds, because a server notices with a delay that a session has ended

# There is one store in a schema, and locks are per database, so the name of the schema is part of the lock.
_RUN = "hashtextextended('annexd writes ' || current_schema(), 0)"
_BATCH = "SELECT pg_advisory_xact_lock(hashtextextended('annexd batch ' || current_schema(), 0))"

# Classes of https://www.postgresql.org/docs/current/errcodes-appendix.html after which nothing should be written.
_FATAL = (
    "08",  # the connection
    "25006",  # the server takes no writes: it is a standby
    "53",  # no memory, no connections; a full disk is told apart
    "57P",  # it is being shut down
    "58",  # the system below it
    "F0",  # its own files
    "XX",  # itself
)


class PostgresqlDatabase:
    """A schema on a server; see `storage.database.databases.Database` for what each method promises."""

    def __init__(self, url: str) -> None:
        try:
            self._url = make_url(url)
        except (ArgumentError, ValueError) as error:
            raise ConfigError(
                "[store] url: this is no address of a database",
                so="there is nowhere to keep evidence",
                mend="write postgresql+psycopg://annexd@db/annexd, with %40 and the like for signs in a password",
            ) from error
        self.name = shown_address(url)

    def beside(self, suffix: str) -> Path:
        """Return a file in the working folder: key files must not be on the server."""
        return Path(f"annexd{suffix}")

    def check(self) -> None:
        """Do nothing: connecting raises the error."""

    def writing_engine(self, at: datetime, wait: timedelta, stack: ExitStack, *, alongside: bool) -> Engine:
        """Return an engine with one session, which holds the lock of runs; each transaction takes that of a batch."""
        del at  # the lease says since when

        def settle(connection: psycopg.Connection) -> None:
            _settle(self.name, connection, _SAFE | _WRITING)
            connection.execute("SELECT set_config('application_name', %s, false)", (session_name(WRITING),))
            if not alongside:
                _become_writer(connection, wait)

        engine = self._engine(settle, kept=1, overflow=0)
        event.listen(engine, "begin", _take_batch)
        stack.callback(engine.dispose)
        return engine

    def reading_engine(self) -> Engine:
        """Return an engine with read-only sessions."""
        return self._engine(
            lambda connection: _settle(self.name, connection, _SAFE | _READING), kept=_READERS_KEPT, overflow=-1
        )

    def failure(self, error: BaseException | None) -> Failure:
        """Classify an error by its SQLSTATE; one without comes from the connection and is fatal."""
        state = getattr(error, "sqlstate", None)
        if state == errors.DiskFull.sqlstate:
            return Failure.FULL
        return Failure.FATAL if state is None or state.startswith(_FATAL) else Failure.PASSING

    def compact(self, driver: psycopg.Connection) -> None:
        """Vacuum the tables that this user owns."""
        driver.autocommit = True
        try:
            tables = driver.execute(
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
                " WHERE schemaname = current_schema() AND pg_has_role(tableowner, 'USAGE') ORDER BY 1"
            ).fetchall()
            for (table,) in tables:
                driver.execute(f"VACUUM (ANALYZE) {table}".encode())
        finally:
            driver.autocommit = False

    def _engine(self, settle: Callable[[psycopg.Connection], None], *, kept: int, overflow: int) -> Engine:
        engine = create_engine(
            self._url, poolclass=QueuePool, pool_size=kept, max_overflow=overflow, use_native_hstore=False
        )
        event.listen(engine, "do_connect", lambda _dialect, _record, args, named: _connect(settle, args, named))
        event.listen(engine, "before_cursor_execute", _translated, retval=True)
        return engine


def _connect(
    settle: Callable[[psycopg.Connection], None], args: list[Any], named: dict[str, Any]
) -> psycopg.Connection:
    connection = psycopg.connect(*args, **_NOTICES | named)
    try:
        settle(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _translated(
    _connection: object,
    _cursor: object,
    statement: str,
    parameters: Any,  # noqa: ANN401  whatever the statement takes
    context: Any,  # noqa: ANN401  of SQLAlchemy's inside
    _many: bool,  # noqa: FBT001
) -> tuple[str, Any]:
    return (statement if context.compiled is not None else translate(statement)), parameters


@lru_cache(maxsize=512)
def translate(statement: str) -> str:
    """Return a statement with the placeholders of this driver; no statement here has a `?` or `%` in a quoted string.

    A placeholder with a type, as arrays have, is sent in binary: as text, bytes take twice the space and ten times as
    long.
    """
    return statement.replace("%", "%%").replace("?::", "%b::").replace("?", "%s")


def _take_batch(connection: Connection) -> None:
    connection.exec_driver_sql(_BATCH)


def _settle(name: str, connection: psycopg.Connection, settings: dict[str, str]) -> None:
    version = connection.info.server_version
    if version < _OLDEST:
        raise _unsafe(name, "server_version", f"{version // 10_000}", f"{_OLDEST // 10_000} or newer")
    for setting, value in settings.items():
        connection.execute("SELECT set_config(%s, %s, false)", (setting, value))
    for setting, value in (_EXPECTED | settings).items():
        row = connection.execute("SELECT current_setting(%s)", (setting,)).fetchone()
        if row != (value,):
            raise _unsafe(name, setting, "nothing" if row is None else row[0], value)
    # On a socket of this machine they are 0 and stay so, because both ends know at once that the other is gone.
    for setting, value in _NOTICED.items():
        connection.execute("SELECT set_config(%s, %s, false)", (setting, value))
    connection.commit()


def _unsafe(name: str, setting: str, found: str, value: str) -> StoreError:
    return StoreError(
        f"{name}: PostgreSQL keeps {setting} at {found} instead of {value}",
        so="evidence could be lost or misread, so nothing is written",
        mend="let the operator of the server change that, or keep the store elsewhere",
    )


def _become_writer(connection: psycopg.Connection, wait: timedelta) -> None:
    """Take the lock for the length of the session. Raises WrittenByAnother where another session keeps it."""
    row = connection.execute(f"SELECT pg_try_advisory_lock({_RUN})").fetchone()
    if row == (True,):
        connection.commit()
        return
    limit = max(round(wait.total_seconds() * 1_000), _GRACE)
    with suppress(errors.LockNotAvailable):
        with connection.transaction():
            connection.execute("SELECT set_config('lock_timeout', %s, true)", (f"{limit}ms",))
            connection.execute(f"SELECT pg_advisory_lock({_RUN})")
        connection.commit()
        return
    connection.rollback()
    raise WrittenByAnother(_holder(connection))


def _holder(connection: psycopg.Connection) -> str:
    # The holder may be creating the tables right now; then its name is not known.
    with suppress(errors.UndefinedTable):
        row = connection.execute("SELECT holder, since FROM lease WHERE name = 'writer'").fetchone()
        if row is not None:
            return held_by(row[0], row[1])
    return "another process"
