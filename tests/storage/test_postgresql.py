"""What PostgreSQL alone has: roles, sessions, a server with settings of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from collector.core.errors import ConfigError, StoreError, VerificationError
from storage import SqlStore, open_store
from storage.database import postgresql
from storage.database.database_url import database_of
from storage.database.databases import Failure
from storage.database.streaming import stream
from storage.database.unavailable import StoreUnavailable
from storage.grants import grants
from storage.tables.schema import APPEND_ONLY, METADATA
from storage.verification import VerificationRequest, verify
from tests.storage.evidence import BUCKETS, TickingClock, item, keys, observed, scan
from tests.storage.intruder import intruder

_AGENT, _READER = "annexd_agent", "annexd_reader"
_COLUMNS = (
    "SELECT table_name, column_name, data_type, is_nullable, collation_name, column_default"
    " FROM information_schema.columns WHERE table_schema = current_schema() AND table_name <> 'alembic_version'"
    " ORDER BY table_name, ordinal_position"
)
_INDEXES = (
    "SELECT tablename, replace(indexdef, schemaname || '.', '') FROM pg_indexes WHERE schemaname = current_schema()"
    " AND tablename <> 'alembic_version' ORDER BY 1, 2"
)
_CONSTRAINTS = (
    "SELECT c.relname, k.contype, pg_get_constraintdef(k.oid) FROM pg_constraint k"
    " JOIN pg_class c ON c.oid = k.conrelid"
    " WHERE k.connamespace = current_schema()::regnamespace AND c.relname <> 'alembic_version' AND k.contype <> 'n'"
    " ORDER BY 1, 2, 3"
)

_HOLDER = (
    b"SELECT pid FROM pg_locks WHERE locktype = 'advisory'"
    b" AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    b" AND ((classid::bigint << 32) | objid::bigint) = hashtextextended('annexd writes ' || current_schema(), 0)"
)

Session = Callable[[str], psycopg.Connection]


@pytest.fixture
def database() -> str:
    """Here, the server alone."""
    return "postgresql"


@pytest.fixture
def session(url: str) -> Iterator[Session]:
    """Return what opens a shell on the store's schema, as a role."""
    opened: list[psycopg.Connection] = []

    def open_one(role: str) -> psycopg.Connection:
        connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
        opened.append(connection)
        if role:
            connection.execute(f"SET ROLE {role}".encode())
        return connection

    yield open_one
    for connection in opened:
        connection.close()


@pytest.fixture
def roles(url: str, clock: TickingClock, session: Session) -> str:
    """Return the address of a store of which this user is the owner, with grants for the other two."""
    open_store(url, writer=True, clock=clock).close()
    owner = session("")
    for role in (_AGENT, _READER):
        if owner.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is None:
            owner.execute(f"CREATE ROLE {role} LOGIN".encode())
    (schema,) = owner.execute("SELECT current_schema()").fetchone() or ("",)
    for statement in grants(schema=schema, agent=_AGENT, reader=_READER):
        owner.execute(statement.encode())
    return url


def _as(role: str, url: str) -> str:
    return make_url(url).set(username=role).render_as_string(hide_password=False)


def test_the_agent_works_with_what_it_is_granted(roles: str, clock: TickingClock) -> None:
    """Rights that nobody needs are rights that somebody misuses, and too few stop the scan at night."""
    with open_store(_as(_AGENT, roles), writer=True, clock=clock) as store:
        attempt = store.attempt(BUCKETS, "run-1")
        store.stage(attempt, [item("logs"), item("web", facts={"n": 1})])
        store.finish(attempt, observed())
        scan(store, item("logs", changed=True))
        assert keys(store) == ["logs"]

    with open_store(_as(_READER, roles), writer=False, clock=clock) as store:
        assert keys(store) == ["logs"]


@pytest.mark.parametrize("kind", ["judged", "attested", "run_started"])
def test_what_somebody_adds_with_the_rights_of_the_agent_is_found(roles: str, clock: TickingClock, kind: str) -> None:
    """To insert is all that it takes to add a row, and not enough to add an entry that counts."""
    with intruder(roles, mac=bytes(32), role=_AGENT) as inside:
        inside.add(kind)

    with pytest.raises(VerificationError, match=r"^log entry 1: its MAC"):
        open_store(_as(_AGENT, roles), writer=True, clock=clock)
    with (
        open_store(roles, writer=False, clock=clock) as store,
        pytest.raises(VerificationError, match=r"^log entry 1: its MAC"),
    ):
        verify(store, VerificationRequest())


@pytest.mark.usefixtures("roles")
@pytest.mark.parametrize("role", [_AGENT, _READER])
def test_neither_agent_nor_reader_can_change_the_record(session: Session, role: str) -> None:
    """Whoever takes over the agent may add, and cannot take away."""
    shell = session(role)

    for table in APPEND_ONLY:
        column = METADATA.tables[table].columns.keys()[-1]
        for act in ("UPDATE {} SET {} = NULL", "DELETE FROM {}", "TRUNCATE {} CASCADE", "DROP TABLE {}"):
            with pytest.raises(errors.InsufficientPrivilege):
                shell.execute(act.format(table, column).encode())


@pytest.mark.usefixtures("roles")
def test_a_reader_adds_nothing(session: Session) -> None:
    """An auditor's access is for looking."""
    shell = session(_READER)

    for act in ("INSERT INTO pending (blob) VALUES (1)", "DELETE FROM blob", "CREATE TABLE mine (id int)"):
        with pytest.raises(errors.InsufficientPrivilege):
            shell.execute(act.encode())


def test_a_slip_of_the_owner_is_refused(store: SqlStore, session: Session) -> None:
    """The owner could switch the trigger off; nobody does so by accident."""
    from tests.storage.test_record import fill

    fill(store)
    store.checkpoints.checkpoint()
    shell = session("")

    for table in (*APPEND_ONLY, "blob", "meta"):
        column = METADATA.tables[table].columns.keys()[-1]
        for act in ("UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"):
            with pytest.raises(errors.RestrictViolation, match=f"{table}: .*(append-only|only be erased|stays)"):
                shell.execute(act.format(table, column).encode())


def test_a_body_can_be_erased_and_nothing_else(store: SqlStore, session: Session) -> None:
    """Erasure by law drops body and salt; everything else stays."""
    scan(store, item("logs"))

    for act in ("digest = '\\x00'", "lookup = '\\x00'", "body = NULL, id = id + 1000"):
        with pytest.raises(errors.RestrictViolation):
            session("").execute(b"UPDATE blob SET " + act.encode())
    assert session("").execute("UPDATE blob SET body = NULL, lookup = NULL").rowcount == 1


def test_the_migrated_tables_are_those_of_the_code(store: SqlStore, session: Session) -> None:
    """What migrations make and what the code expects are written down twice."""
    expected = create_engine(f"{store._reader.url}")
    shell = session("")
    shell.execute("CREATE SCHEMA expected")
    try:
        with expected.begin() as connection:
            connection.exec_driver_sql("SET search_path TO expected")
            METADATA.create_all(connection)
        found = {}
        (schema,) = shell.execute("SELECT current_schema()").fetchone() or ("",)
        for name in (schema, "expected"):
            shell.execute(f"SET search_path TO {name}".encode())
            found[name] = [shell.execute(query.encode()).fetchall() for query in (_COLUMNS, _INDEXES, _CONSTRAINTS)]
    finally:
        shell.execute("DROP SCHEMA expected CASCADE")
        expected.dispose()

    assert found[schema] == found["expected"]
    assert len(found[schema][0]) > 50


def test_a_session_that_is_cut_takes_the_lock_with_it_and_the_writer_stops(
    store: SqlStore, session: Session, url: str, clock: TickingClock
) -> None:
    """Whoever lost its session lost its right to write; going on over a new one would be a second writer."""
    scan(store, item("logs"))
    shell = session("")
    (pid,) = shell.execute(_HOLDER).fetchone() or (0,)
    shell.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))

    with pytest.raises(StoreError, match="could not be written"):
        scan(store, item("web"))
    with pytest.raises(StoreError, match="takes no more writes"):
        scan(store, item("web"))
    with open_store(url, writer=True, clock=clock) as again:
        assert keys(again) == ["logs"]
        scan(again, item("web"))


@pytest.mark.parametrize(
    ("state", "failure"),
    [
        ("53100", Failure.FULL),
        ("53200", Failure.FATAL),
        ("57P01", Failure.FATAL),
        ("08006", Failure.FATAL),
        ("58030", Failure.FATAL),
        ("XX001", Failure.FATAL),
        ("25006", Failure.FATAL),
        (None, Failure.FATAL),
        ("23505", Failure.PASSING),
        ("55P03", Failure.PASSING),
        ("40001", Failure.PASSING),
    ],
)
def test_errors_are_judged_by_their_state(state: str | None, failure: Failure) -> None:
    """After some the next transaction may do; after others nothing that the server says can be built upon."""
    error = psycopg.OperationalError()
    error.sqlstate = state

    assert database_of("postgresql+psycopg://db/annexd").failure(error) is failure


def test_a_full_disk_of_the_server_stops_the_store(store: SqlStore) -> None:
    """Evidence that cannot be kept was not collected."""
    assert store._writer is not None

    with pytest.raises(StoreError, match="could not be written") as raised, store._writer.transaction():
        raise OperationalError("COMMIT", None, errors.DiskFull("no space left on device"))
    with pytest.raises(StoreError, match="takes no more writes"):
        scan(store, item("web"))

    assert "free space" in raised.value.mend


def test_the_session_is_as_safe_as_it_must_be(store: SqlStore) -> None:
    """A server, a role or a database may have other defaults; a commit that is not on disk is not a commit."""
    assert store._writer is not None
    with store._writer.transaction() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"
    with store._reader.connect() as connection:
        assert connection.exec_driver_sql("SHOW transaction_isolation").scalar_one() == "repeatable read"
        with pytest.raises(DBAPIError, match="read-only transaction"):
            connection.exec_driver_sql("DELETE FROM pending")


def test_a_server_without_fsync_is_refused(url: str, clock: TickingClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such servers are made for tests, and forget with the power."""
    monkeypatch.setitem(postgresql._EXPECTED, "fsync", "never")

    with pytest.raises(StoreError, match="keeps fsync at on instead of never"):
        open_store(url, writer=True, clock=clock)


def test_an_old_server_is_refused(url: str, clock: TickingClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was never tried is not promised."""
    monkeypatch.setattr(postgresql, "_OLDEST", 990_000)

    with pytest.raises(StoreError, match=r"server_version at \d+ instead of 99 or newer"):
        open_store(url, writer=True, clock=clock)


def test_no_password_is_shown(clock: TickingClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Error messages end up in tickets."""
    monkeypatch.chdir(tmp_path)

    with pytest.raises(StoreError, match="cannot be used as a store") as raised:
        open_store("postgresql+psycopg://annexd:hunter2@127.0.0.1:1/annexd", writer=False, clock=clock)
    with pytest.raises(ConfigError) as unread:
        database_of("postgresql+psycopg://annexd:hunter2@db:port/annexd")

    assert "hunter2" not in f"{raised.value.what} {raised.value.so} {raised.value.mend}"
    assert "hunter2" not in f"{unread.value.what} {unread.value.so} {unread.value.mend}"


def test_marks_are_translated() -> None:
    """The same statement runs on both databases."""
    assert postgresql.translate("SELECT 'a%' WHERE x = ?") == "SELECT 'a%%' WHERE x = %s"
    assert postgresql.translate("SELECT unnest(?::bytea[]), ?") == "SELECT unnest(%b::bytea[]), %s"


def test_a_long_stream_is_held_by_the_server(store: SqlStore) -> None:
    """An estate may be larger than this machine's memory."""
    scan(store, *(item(f"{number:05}") for number in range(3_000)))

    with store._reader.connect() as connection, connection.begin():
        rows = stream(connection, "SELECT key FROM resource WHERE task > ?", (0,))
        next(rows)
        held = connection.exec_driver_sql("SELECT statement FROM pg_cursors WHERE statement LIKE '%FROM resource%'")
        assert len(held.fetchall()) == 1
        assert sum(1 for _ in rows) == 2_999


def test_a_session_that_ends_in_the_middle_is_no_tampering(store: SqlStore, url: str) -> None:
    """The daemon records and signs what a verification found: a restart of the server must not become a failure."""
    scan(store)

    def end_sessions(what: str) -> None:
        if what == "inventories":
            with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as shell:
                shell.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND state = 'idle in transaction'"
                )

    with pytest.raises(StoreUnavailable) as caught:
        verify(store, VerificationRequest(), tell=end_sessions)

    assert caught.value.exit_code == StoreError.exit_code
