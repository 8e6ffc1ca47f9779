"""Tasks that saw nothing new, many in one leaf; facts that lie over earlier ones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("observation", sa.Column("facts_over", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_table(
        "seen_again",
        sa.Column("leaf", ID, autoincrement=False, nullable=False),
        sa.Column("run", ID, nullable=False),
        sa.Column("tasks", sa.LargeBinary(), nullable=False),
        sa.Column("changed", sa.LargeBinary(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["leaf"], ["log_leaf.idx"]),
        sa.ForeignKeyConstraint(["run"], ["run.id"]),
        sa.PrimaryKeyConstraint("leaf"),
    )
    for act in ("UPDATE", "DELETE"):
        _refuse("seen_again", act)
    if op.get_bind().dialect.name == "postgresql":
        _refuse("seen_again", "TRUNCATE")


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
