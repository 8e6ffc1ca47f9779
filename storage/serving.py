"""The daemon's lock: a store has at most one daemon, also while it waits for its next run.

It is separate from the right to write, which the daemon takes for each run only, so that commands can write in between.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from collector.core.errors import StoreError
from collector.core.plain_text import one_line
from collector.core.spans import show_time
from storage.database.columns import read_micros
from storage.database.database_url import database_of
from storage.database.lease import SERVING, WRITING, WrittenByAnother, session_name
from storage.database.lock import WriterLock
from storage.database.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from storage.database.databases import Database

_LOCK = "SELECT pg_advisory_lock(hashtextextended('annexd serves ' || current_schema(), 0))"
_HOLDER = (
    "SELECT a.application_name, a.backend_start FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
    " WHERE l.locktype = 'advisory' AND l.granted"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND ((l.classid::bigint << 32) | l.objid::bigint) = hashtextextended('annexd serves ' || current_schema(), 0)"
)
_WAITING = (
    "SELECT count(*) FROM log_leaf WHERE kind <> 'anchored' AND idx >= (SELECT coalesce(max(size), 0) FROM checkpoint)"
)
_EXTENT = "SELECT (SELECT coalesce(max(idx), -1) + 1 FROM log_leaf), (SELECT coalesce(max(size), 0) FROM checkpoint)"
_RECORDED = "SELECT recorded_at FROM log_leaf WHERE idx = ?"
_STALLED = (
    "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
    " WHERE l.locktype = 'advisory' AND l.granted"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND ((l.classid::bigint << 32) | l.objid::bigint) = hashtextextended('annexd serves ' || current_schema(), 0)"
    " AND a.application_name LIKE ? AND clock_timestamp() - greatest(a.state_change, a.query_start) > ?::interval"
)
_END = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND usename = current_user AND application_name IN (?, ?)"
)
_NAME = f"{SERVING}, "

BEAT_EVERY = 10.0
"""Seconds between two signs of life of a daemon to its server."""

STALLED_AFTER = timedelta(seconds=40)
"""A daemon that gave none for so long is taken for dead by one that stands by: its sessions are ended."""
_CLOSES_WITHIN = 2.0
_SHORTEST = 2_000  # milliseconds, because a server notices with a delay that a session has ended


class ServedByAnother(StoreError):
    """Another daemon serves this store."""


class Serving:
    """The lock of the daemon of a store, held until it is closed or the process ends."""

    def __init__(self, url: str, at: datetime, wait: timedelta = timedelta(0)) -> None:
        self._database = database_of(url)
        self._stack = ExitStack()
        self._session: Connection | None = None
        self._using = Lock()  # the session is used by one thread at a time
        self._take(at, wait)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # A session in which another thread waits for an answer cannot be closed: it goes with the process.
        if self._using.acquire(timeout=_CLOSES_WITHIN):
            try:
                self._stack.close()
            finally:
                self._using.release()

    def hold(self, at: datetime) -> None:
        """Check that the lock is still held. Raises ServedByAnother where another daemon has taken it.

        On a server the lock ends with its session, which may be cut; then it is taken again, if it is free. Raises
        StoreError where the server says nothing for so long that another daemon may have taken over.
        """
        if self._session is None:
            return
        if not self._using.acquire(timeout=STALLED_AFTER.total_seconds() / 2):
            raise _unreachable(self._database, "the server does not answer")
        try:
            self._session.exec_driver_sql("SELECT 1")
        except SQLAlchemyError:  # also raised by a session that was closed when the server could not be reached
            self._stack.close()
            self._take(at, timedelta(0))
        finally:
            self._using.release()

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Give signs of life to the server, in a thread: a process that is stopped gives none."""
        over = Event()

        def beat() -> None:
            while not over.wait(BEAT_EVERY):
                with self._using, suppress(SQLAlchemyError):  # `hold` finds out, and takes the lock again
                    if self._session is not None:
                        self._session.exec_driver_sql("SELECT 1")

        if self._session is not None:
            Thread(target=beat, name="annexd-beat", daemon=True).start()
        try:
            yield
        finally:
            over.set()

    def _take(self, at: datetime, wait: timedelta) -> None:
        database = self._database
        if isinstance(database, SqliteDatabase):
            try:
                lock = WriterLock(database.beside(".serve.lock"), at, wait=wait)
            except WrittenByAnother as error:
                raise _served(database, error.holder) from error
            except OSError as error:
                raise _unreachable(database, error.strerror or str(error)) from error
            self._stack.callback(lock.release)
        else:
            self._of_a_server(database, wait)

    def _of_a_server(self, database: Database, wait: timedelta) -> None:
        with ExitStack() as stack:
            engine = database.reading_engine()
            stack.callback(engine.dispose)
            try:
                session = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                stack.callback(_close, session)
                _lock(session, database, wait)
            except DBAPIError as error:
                raise _unreachable(database, one_line(str(error.orig))) from error
            self._session = session
            self._stack.push(stack.pop_all())


def end_stalled(url: str, after: timedelta = STALLED_AFTER) -> str | None:
    """End the sessions of a daemon that holds the lock and gave no sign of life for so long; return who it was.

    A process that was stopped, or is cut off, keeps its session for hours. When it wakes up its sessions are gone, and
    the epoch of the writer refuses whatever it had begun. On a file a lock goes with the process, and nothing is done.
    Raises StoreError where the server cannot be reached.
    """
    database = database_of(url)
    if isinstance(database, SqliteDatabase):
        return None
    engine = database.reading_engine()
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as session:
            span = f"{after.total_seconds()} seconds"
            name = session.exec_driver_sql(_STALLED, (f"{_NAME}%", span)).scalar_one_or_none()
            if name is None:
                return None
            who = str(name).removeprefix(_NAME)
            session.exec_driver_sql(_END, (name, f"{WRITING}, {who}")).fetchall()
            return who
    except DBAPIError as error:
        raise _unreachable(database, one_line(str(error.orig))) from error
    finally:
        engine.dispose()


def leaves_waiting(connection: Connection) -> int:
    """Return the number of leaves that no checkpoint covers, without anchors: those alone need no checkpoint."""
    found: int = connection.exec_driver_sql(_WAITING).scalar_one()
    return found


class LogExtent(NamedTuple):
    """The number of log entries, how many of them are signed, and when the newest of these was recorded."""

    entries: int
    signed: int
    signed_until: datetime | None


def log_extent(connection: Connection) -> LogExtent:
    """Return how long the log is, and how much of it is signed."""
    entries, signed = connection.exec_driver_sql(_EXTENT).one()
    found = connection.exec_driver_sql(_RECORDED, (signed - 1,)).scalar_one_or_none()
    return LogExtent(entries, signed, None if found is None else read_micros(found))


def _close(session: Connection) -> None:
    with suppress(SQLAlchemyError):  # it is lost already, which whoever used it last has told
        session.close()


def _lock(session: Connection, database: Database, wait: timedelta) -> None:
    limit = max(round(wait.total_seconds() * 1_000), _SHORTEST)
    session.exec_driver_sql("SELECT set_config('application_name', ?, false)", (session_name(SERVING),))
    session.exec_driver_sql("SELECT set_config('lock_timeout', ?, false)", (f"{limit}ms",))
    try:
        session.exec_driver_sql(_LOCK)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != "55P03":  # lock_not_available
            raise
        row = session.exec_driver_sql(_HOLDER).one_or_none()
        raise _served(database, "another process" if row is None else _holder_text(row)) from error


def _holder_text(row: Any) -> str:  # noqa: ANN401  a row of the driver's
    name, since = row
    # A role without the privilege to see the other session does not get its name.
    who = str(name).removeprefix(_NAME) if name else "another process"
    return who if since is None else f"{who} since {show_time(since.astimezone(UTC).replace(microsecond=0))}"


def _served(database: Database, holder: str) -> ServedByAnother:
    return ServedByAnother(
        f"{database.name} is served by {holder}",
        so="two daemons would ask the platforms twice; this one did nothing",
        mend="stop that one first, or start this one with --wait, so that it takes over when the other ends",
    )


def _unreachable(database: Database, why: str) -> StoreError:
    return StoreError(
        f"{database.name} cannot be used as a store: {why}",
        so="nothing can be recorded",
        mend="see to the database or the folder, and to url in [store]",
    )
