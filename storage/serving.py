"""One daemon a store: a second one learns which the first is, also while that one only waits for its next run.

It is a lock of its own. The right to write is taken for each run and given back, so that commands can write in between.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from collector.core.errors import StoreError
from collector.core.spans import show_time
from storage.database.database_url import database_of
from storage.database.lease import WrittenByAnother, this_process
from storage.database.lock import WriterLock
from storage.database.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from datetime import datetime

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
_NAME = "annexd serve, "
_SHORTEST = 2_000  # milliseconds; a server notices a little late that a session has ended


class ServedByAnother(StoreError):
    """Another daemon looks after this store."""


class Serving:
    """The right to be the daemon of a store, for as long as it is open or the process lives."""

    def __init__(self, url: str, at: datetime, wait: timedelta = timedelta(0)) -> None:
        self._place = database_of(url)
        self._stack = ExitStack()
        self._session: Connection | None = None
        self._take(at, wait)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def hold(self, at: datetime) -> None:
        """Make sure that this is still the one daemon. Raises ServedByAnother where another one took over meanwhile.

        On a server the right goes with a session, which may be cut; then it is taken again, if nobody else has it.
        """
        if self._session is None:
            return
        try:
            self._session.exec_driver_sql("SELECT 1")
        except SQLAlchemyError:  # also of a session that was closed when the server could not be reached
            self._stack.close()
            self._take(at, timedelta(0))

    def _take(self, at: datetime, wait: timedelta) -> None:
        place = self._place
        if isinstance(place, SqliteDatabase):
            try:
                lock = WriterLock(place.beside(".serve.lock"), at, wait=wait)
            except WrittenByAnother as error:
                raise _served(place, error.holder) from error
            except OSError as error:
                raise _unreachable(place, error.strerror or str(error)) from error
            self._stack.callback(lock.release)
        else:
            self._of_a_server(place, wait)

    def _of_a_server(self, place: Database, wait: timedelta) -> None:
        with ExitStack() as stack:
            engine = place.reading_engine()
            stack.callback(engine.dispose)
            try:
                session = stack.enter_context(engine.connect().execution_options(isolation_level="AUTOCOMMIT"))
                _lock(session, place, wait)
            except DBAPIError as error:
                raise _unreachable(place, str(error.orig).strip()) from error
            self._session = session
            self._stack.push(stack.pop_all())


def leaves_waiting(connection: Connection) -> int:
    """Return how many leaves no checkpoint covers yet; an anchor alone is no reason for the next checkpoint."""
    found: int = connection.exec_driver_sql(_WAITING).scalar_one()
    return found


def _lock(session: Connection, place: Database, wait: timedelta) -> None:
    limit = max(round(wait.total_seconds() * 1_000), _SHORTEST)
    session.exec_driver_sql("SELECT set_config('application_name', ?, false)", (f"{_NAME}{this_process()}",))
    session.exec_driver_sql("SELECT set_config('lock_timeout', ?, false)", (f"{limit}ms",))
    try:
        session.exec_driver_sql(_LOCK)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != "55P03":  # lock_not_available
            raise
        row = session.exec_driver_sql(_HOLDER).one_or_none()
        raise _served(place, "another process" if row is None else _shown(row)) from error


def _shown(row: Any) -> str:  # noqa: ANN401  a row of the driver's
    name, since = row
    # A role that may not look into the other's session is not told what it is called.
    who = str(name).removeprefix(_NAME) if name else "another process"
    return who if since is None else f"{who} since {show_time(since.astimezone(UTC).replace(microsecond=0))}"


def _served(place: Database, holder: str) -> ServedByAnother:
    return ServedByAnother(
        f"{place.name} is served by {holder}",
        so="two daemons would ask the platforms twice; this one did nothing",
        mend="stop that one first, or start this one with --wait, so that it takes over when the other ends",
    )


def _unreachable(place: Database, why: str) -> StoreError:
    return StoreError(
        f"{place.name} cannot be used as a store: {why}",
        so="nothing can be recorded",
        mend="see to the database or the folder, and to url in [store]",
    )
