"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

APPEND_ONLY = (
    "checkpoint",
    "finding",
    "finding_event",
    "log_leaf",
    "observation",
    "payload",
    "plan",
    "resource",
    "run",
    "run_event",
    "task",
    "version",
)


def upgrade() -> None:
    _tables()
    _triggers()


def _triggers() -> None:
    """Refuse what would change the past; a blob may be erased, and one that no leaf speaks of may be swept."""
    for table in APPEND_ONLY:
        for act in ("UPDATE", "DELETE"):
            _refuse(table, act, "true", "the record is append-only")
    erased = (
        "NEW.body IS NULL AND NEW.id = OLD.id AND NEW.digest = OLD.digest"
        " AND (NEW.lookup IS NULL OR NEW.lookup = OLD.lookup)"
    )
    _refuse("blob", "UPDATE", f"NOT ({erased})", "a blob may only be erased")
    _refuse("blob", "DELETE", "NOT EXISTS (SELECT 1 FROM pending WHERE blob = OLD.id)", "a blob may only be erased")
    _refuse("meta", "DELETE", "true", "what a store is stays")
    _refuse("meta", "UPDATE", "true", "what a store is stays")
    if op.get_bind().dialect.name == "postgresql":
        for table in (*APPEND_ONLY, "blob", "meta"):
            _refuse(table, "TRUNCATE", "true", "the record is append-only")


def _refuse(table: str, act: str, when: str, why: str) -> None:
    name = f"{table}_refuses_{act.lower()}"
    if op.get_bind().dialect.name == "postgresql":
        # The condition stands in the body: that of a trigger may not ask another table.
        each, kept = {"UPDATE": ("ROW", "NEW"), "DELETE": ("ROW", "OLD"), "TRUNCATE": ("STATEMENT", "NULL")}[act]
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF {when} THEN RAISE EXCEPTION '{table}: {why}' USING ERRCODE = 'restrict_violation'; END IF;"
            f" RETURN {kept}; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH {each} EXECUTE FUNCTION {name}()")
    else:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {act} ON {table} WHEN {when}"
            f" BEGIN SELECT RAISE(ABORT, '{table}: {why}'); END"
        )


def _tables() -> None:
    op.create_table(
        "blob",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("lookup", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
        sa.UniqueConstraint("lookup"),
    )
    op.create_table(
        "finding",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("check_id", WORD, nullable=False),
        sa.Column("source", WORD, nullable=False),
        sa.Column("scope", WORD, nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("check_id", "source", "scope", "subject"),
    )
    op.create_table(
        "lease",
        sa.Column("name", WORD, nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "log_leaf",
        sa.Column("idx", ID, autoincrement=False, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("dictionary", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("idx"),
    )
    op.create_index("ix_log_leaf_recorded_at", "log_leaf", ["recorded_at"], unique=False)
    op.create_index(
        "ix_log_leaf_kind",
        "log_leaf",
        ["kind", "idx"],
        unique=False,
        sqlite_where=sa.text("kind <> 'task'"),
        postgresql_where=sa.text("kind <> 'task'"),
    )
    op.create_table(
        "checkpoint",
        sa.Column("size", ID, autoincrement=False, nullable=False),
        sa.Column("peaks", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size"),
    )
    op.create_table(
        "meta",
        sa.Column("name", WORD, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "payload",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_table(
        "pending", sa.Column("blob", ID, autoincrement=False, nullable=False), sa.PrimaryKeyConstraint("blob")
    )
    op.create_table(
        "run",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("name", WORD, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "task",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("source", WORD, nullable=False),
        sa.Column("collection", WORD, nullable=False),
        sa.Column("scope", WORD, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source", "collection", "scope"),
    )
    op.create_table(
        "finding_event",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("finding", ID, nullable=False),
        sa.Column("leaf", ID, nullable=False),
        sa.Column("status", WORD, nullable=True),
        sa.Column("ended", WORD, nullable=True),
        sa.Column("because", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("limits", sa.LargeBinary(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=False),
        sa.Column("observed_at", sa.BigInteger(), nullable=False),
        sa.Column("trace", sa.LargeBinary(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("since_run", ID, nullable=False),
        sa.ForeignKeyConstraint(["finding"], ["finding.id"]),
        sa.ForeignKeyConstraint(["leaf"], ["log_leaf.idx"]),
        sa.ForeignKeyConstraint(["since_run"], ["run.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_finding_event_history", "finding_event", ["finding", "leaf"], unique=False)
    op.create_table(
        "observation",
        sa.Column("leaf", ID, autoincrement=False, nullable=False),
        sa.Column("task", ID, nullable=False),
        sa.Column("run", ID, nullable=False),
        sa.Column("outcome", WORD, nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["leaf"], ["log_leaf.idx"]),
        sa.ForeignKeyConstraint(["run"], ["run.id"]),
        sa.ForeignKeyConstraint(["task"], ["task.id"]),
        sa.PrimaryKeyConstraint("leaf"),
    )
    op.create_index("ix_observation_latest", "observation", ["task", "leaf"], unique=False)
    op.create_index(
        "ix_observation_complete",
        "observation",
        ["task", "leaf"],
        unique=False,
        sqlite_where=sa.text("outcome = 'complete'"),
        postgresql_where=sa.text("outcome = 'complete'"),
    )
    op.create_table(
        "plan",
        sa.Column("source", WORD, nullable=False),
        sa.Column("leaf", ID, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["leaf"], ["log_leaf.idx"]),
        sa.PrimaryKeyConstraint("source", "leaf"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "resource",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("task", ID, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["task"], ["task.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("task", "key"),
    )
    op.create_table(
        "run_event",
        sa.Column("leaf", ID, autoincrement=False, nullable=False),
        sa.Column("run", ID, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.ForeignKeyConstraint(["leaf"], ["log_leaf.idx"]),
        sa.ForeignKeyConstraint(["run"], ["run.id"]),
        sa.PrimaryKeyConstraint("leaf"),
        sa.UniqueConstraint("run", "kind"),
    )
    op.create_table(
        "version",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("resource", ID, nullable=False),
        sa.Column("leaf", ID, nullable=False),
        sa.Column("change", WORD, nullable=False),
        sa.Column("blob", ID, nullable=True),
        sa.Column("unread", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("(change = 'gone') = (blob IS NULL)", name="ck_version_blob"),
        sa.ForeignKeyConstraint(["leaf"], ["observation.leaf"]),
        sa.ForeignKeyConstraint(["resource"], ["resource.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_version_history", "version", ["resource", "leaf"], unique=False)
    op.create_table(
        "resource_now",
        sa.Column("task", ID, autoincrement=False, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("resource", ID, nullable=False),
        sa.Column("version", ID, nullable=False),
        sa.ForeignKeyConstraint(["resource"], ["resource.id"]),
        sa.ForeignKeyConstraint(["task"], ["task.id"]),
        sa.ForeignKeyConstraint(["version"], ["version.id"]),
        sa.PrimaryKeyConstraint("task", "key"),
        sqlite_with_rowid=False,
    )
