"""Count the current findings of a source by check, scope and status, in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.checks import Status
from collector.core.findings import FindingCount
from storage.database.columns import read_scope
from storage.database.streaming import streaming
from storage.tables.reading import CURRENT_FINDINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

_END = (1 << 62) - 1  # beyond every leaf
_COUNTS = (
    f"SELECT f.check_id, f.scope, e.status, count(*) FROM {CURRENT_FINDINGS}"  # noqa: S608  our own words
    " WHERE f.source = ? AND e.status IS NOT NULL GROUP BY f.check_id, f.scope, e.status"
    " ORDER BY f.check_id, f.scope, e.status"
)


def finding_counts(connection: Connection, bound: int | None, *, source: str) -> Iterator[FindingCount]:
    """Yield how many current findings each check has in each scope with each status, ordered by check and scope."""
    with streaming(connection, _COUNTS, (_END if bound is None else bound, source)) as rows:
        for check, scope, status, count in rows:
            yield FindingCount(check, read_scope(scope), Status(status), count)
