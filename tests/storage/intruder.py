"""Somebody with every right on the database and without the signing key, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, create_engine, event, make_url

from storage.database.postgresql import translate
from storage.log import leaf_encoding, leaves
from storage.log.mac_epochs import MacsBegin
from storage.log.origins import NewKey
from storage.tables.projections import project
from tests.compatibility.builders import AT, GOLDEN
from tests.compatibility.leaves import scratch_log

SHAPES = ("judged", "attested", "company_file", "erasure", "anchored", "operator_act", "run_started")
"""Kinds of entries that somebody may want to add."""


class _At:
    """A place in the log; MACs are no part of what an entry says."""

    def __init__(self, index: int) -> None:
        self._index = index

    def next_index(self, _: Connection) -> int:
        return self._index

    def extend(self, _: Connection, _index: int, _hashed: bytes) -> bytes:
        return b""


class Intruder:
    """One transaction on the database of a store."""

    def __init__(self, connection: Connection, mac: bytes | None) -> None:
        self.connection = connection
        self._mac = mac

    def next_index(self, connection: Connection) -> int:
        """Return the number after the last entry."""
        found: int = connection.exec_driver_sql("SELECT coalesce(max(idx), -1) + 1 FROM log_leaf").scalar_one()
        return found

    def extend(self, _: Connection, _index: int, _hashed: bytes) -> bytes | None:
        """Return whatever stands where a MAC belongs."""
        return self._mac

    def add(self, kind: str) -> None:
        """Append a well-formed entry of a kind, with the rows that follow from it."""
        golden = GOLDEN[kind]
        if kind == leaf_encoding.ERASURE:
            rows = leaves.Rows(self.connection)
            for row in golden.rows:
                rows.add(msgspec.json.decode(msgspec.json.encode(row)))
            self.add_fact(kind, golden.fact, rows.fields())
        else:
            self.add_fact(*leaf_encoding.encode_fact(self.connection, golden.fact))  # type: ignore[arg-type]

    def add_fact(self, kind: str, fact: object, rows: dict[str, object] | None = None) -> None:
        """Append an entry."""
        store = self.connection.exec_driver_sql("SELECT value FROM meta WHERE name = 'store'").scalar_one()
        stated: object = msgspec.to_builtins(fact)
        record = leaves.append(
            self.connection,
            self,  # type: ignore[arg-type]  # it may give no MAC
            store=store,
            at=AT,
            kind=kind,
            fact=stated,
            rows=rows or {},
        )
        project(self.connection, record)

    def add_old(self, kind: str, at: int | None = None) -> None:
        """Append or insert an entry in a store that is older than MACs."""
        end = self.next_index(self.connection) if at is None else at
        store = self.connection.exec_driver_sql("SELECT value FROM meta WHERE name = 'store'").scalar_one()
        with scratch_log() as scratch:
            _, fact, rows = leaf_encoding.encode_fact(scratch, GOLDEN[kind].fact)  # type: ignore[arg-type]
            leaves.append(
                scratch,
                _At(end),
                store=store,
                at=AT,
                kind=kind,
                fact=msgspec.to_builtins(fact),
                rows=rows,
            )
            row = scratch.exec_driver_sql("SELECT idx, kind, recorded_at, dictionary, body, hash FROM log_leaf").one()
        statement = "INSERT INTO log_leaf (idx, kind, recorded_at, dictionary, body, hash) VALUES (?, ?, ?, ?, ?, ?)"
        self.connection.exec_driver_sql(statement, tuple(row))

    def do(self, *statements: str) -> None:
        """Run statements."""
        for statement in statements:
            self.connection.exec_driver_sql(statement)


@contextmanager
def intruder(url: str, *, mac: bytes | None = None, role: str | None = None) -> Iterator[Intruder]:
    """Yield somebody who is in the database; no trigger stops them, unless they have only the rights of a role."""
    engine = create_engine(url if role is None else make_url(url).set(username=role))
    if engine.dialect.name == "postgresql":
        event.listen(engine, "before_cursor_execute", _translated, retval=True)
    with engine.connect() as connection, connection.begin():
        guards = [] if role is not None else _without_guards(connection)
        yield Intruder(connection, mac)
        for guard in guards:
            connection.exec_driver_sql(guard)
    engine.dispose()


def macs_from(key: str) -> MacsBegin:
    """An entry that says that MACs begin with it."""
    return MacsBegin(macs=key, root="sha256:" + "00" * 32, unproven=None)


def rotation_to(key: str, macs: str) -> NewKey:
    """An entry that hands over to a key."""
    return NewKey(old=key, key=key, reason="yearly", by="ann", macs=macs)


def _without_guards(connection: Connection) -> list[str]:
    """Take the triggers away, and return the statements that put them back."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        return []
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    found = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in found:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    return [sql for _, sql in found]


def _translated(*said: Any) -> tuple[str, Any]:
    _connection, _cursor, statement, parameters, context, _many = said
    return (translate(statement) if context.compiled is None else statement), parameters


def set_aside(url: str, folder: Path) -> None:
    """Take the signer's memory away."""
    (folder / _beside(url, ".signing.pem.state")).unlink()


def without_key(url: str, folder: Path) -> None:
    """Take the signing key away, as with an auditor's copy."""
    (folder / _beside(url, ".signing.pem")).unlink()


def _beside(url: str, suffix: str) -> str:
    return f"annexd.db{suffix}" if url.startswith("sqlite") else f"annexd{suffix}"
