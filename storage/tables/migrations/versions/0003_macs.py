"""MACs beside log entries. Those that are there keep none: a log entry states from which one on there are MACs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Nullable and without a default, so that neither database rewrites the table.
    op.add_column("log_leaf", sa.Column("mac", sa.LargeBinary(), nullable=True))
