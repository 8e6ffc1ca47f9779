"""Counts of current findings, so that they need not be counted one by one. Those that are there are counted now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ALIKE = ("check_id", "source", "scope", "status", "was_failing", "began", "since", "observed_at", "since_run")

# The latest event e of each finding, and where that is unknown its last fail d.
COUNTED = """
    INSERT INTO finding_count
        (check_id, source, scope, status, was_failing, began, since, observed_at, since_run, total)
    SELECT f.check_id, f.source, f.scope, e.status, d.id IS NOT NULL, coalesce(d.since, e.since), e.since,
        e.observed_at, e.since_run, count(*)
    FROM finding f
    JOIN finding_event e ON e.id =
        (SELECT p.id FROM finding_event p WHERE p.finding = f.id ORDER BY p.leaf DESC, p.id DESC LIMIT 1)
    LEFT JOIN finding_event d ON d.status = 'fail' AND d.id = CASE WHEN e.status = 'unknown' THEN
        (SELECT q.id FROM finding_event q WHERE q.finding = f.id AND (q.status IS NULL OR q.status <> 'unknown')
        ORDER BY q.leaf DESC, q.id DESC LIMIT 1) END
    WHERE e.status IS NOT NULL
    GROUP BY f.check_id, f.source, f.scope, e.status, d.id IS NOT NULL, coalesce(d.since, e.since), e.since,
        e.observed_at, e.since_run
"""


def upgrade() -> None:
    op.create_table(
        "finding_count",
        sa.Column("check_id", WORD, nullable=False),
        sa.Column("source", WORD, nullable=False),
        sa.Column("scope", WORD, nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("was_failing", sa.Boolean(), nullable=False),
        sa.Column("began", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("observed_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since_run", ID, autoincrement=False, nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["since_run"], ["run.id"]),
        sa.PrimaryKeyConstraint(*ALIKE),
        sqlite_with_rowid=False,
    )
    op.execute(COUNTED)
