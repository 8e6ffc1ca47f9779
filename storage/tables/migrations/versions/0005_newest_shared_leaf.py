"""The newest shared leaf of each task, and the shared leaves in which its volatile keys changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import op

from storage.database.columns import micros
from storage.log.dictionary import LeafDecompressor
from storage.log.unchanged_tasks import SharedLeaves

if TYPE_CHECKING:
    from collections.abc import Iterator

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "seen_again_now",
        sa.Column("task", ID, autoincrement=False, nullable=False),
        sa.Column("leaf", ID, autoincrement=False, nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["task"], ["task.id"]),
        sa.PrimaryKeyConstraint("task"),
        postgresql_with={"fillfactor": 40},
    )
    op.create_table(
        "facts_changed",
        sa.Column("task", ID, autoincrement=False, nullable=False),
        sa.Column("leaf", ID, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["leaf"], ["seen_again.leaf"]),
        sa.ForeignKeyConstraint(["task"], ["task.id"]),
        sa.PrimaryKeyConstraint("task", "leaf"),
        sqlite_with_rowid=False,
    )
    fill(op.get_bind())
    for act in ("UPDATE", "DELETE"):
        _refuse("facts_changed", act)
    if op.get_bind().dialect.name == "postgresql":
        _refuse("facts_changed", "TRUNCATE")


def fill(connection: sa.Connection) -> None:
    """Fill both tables from the shared leaves that are there."""
    now: dict[int, int] = {}
    rows = connection.exec_driver_sql("SELECT leaf, tasks, changed FROM seen_again ORDER BY leaf").fetchall()
    for leaf, tasks, changed in rows:
        now.update(dict.fromkeys(_numbers(tasks), leaf))
        changes = [(task, leaf) for task in _numbers(changed)]
        if changes:
            connection.exec_driver_sql("INSERT INTO facts_changed (task, leaf) VALUES (?, ?)", changes)
    shared = SharedLeaves(connection, LeafDecompressor())
    ended = [(task, leaf, micros(shared.ended_at(leaf, _own(connection, task, leaf)))) for task, leaf in now.items()]
    if ended:
        connection.exec_driver_sql("INSERT INTO seen_again_now (task, leaf, ended_at) VALUES (?, ?, ?)", ended)


def _own(connection: sa.Connection, task: int, leaf: int) -> int:
    """Return the leaf of its own that a task had before a shared one; the row there goes by it."""
    statement = "SELECT max(leaf) FROM observation WHERE task = ? AND leaf < ?"
    own: int = connection.exec_driver_sql(statement, (task, leaf)).scalar_one()
    return own


def _numbers(data: bytes) -> Iterator[int]:
    """Yield the numbers of a set as revision 0002 has them: the smallest in 8 bytes, then a bit for each from it on."""
    first, bits = int.from_bytes(data[:8], "big"), int.from_bytes(data[8:], "little")
    return (first + at for at, bit in enumerate(reversed(f"{bits:b}")) if bit == "1")


def _refuse(table: str, act: str) -> None:
    """Refuse what would change the past."""
    name, why = f"{table}_refuses_{act.lower()}", f"{table}: the record is append-only"
    if op.get_bind().dialect.name == "postgresql":
        each = "STATEMENT" if act == "TRUNCATE" else "ROW"
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" RAISE EXCEPTION '{why}' USING ERRCODE = 'restrict_violation'; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH {each} EXECUTE FUNCTION {name}()")
    else:
        op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {table} BEGIN SELECT RAISE(ABORT, '{why}'); END")
