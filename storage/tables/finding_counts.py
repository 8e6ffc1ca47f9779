"""Count the current findings of a source by check, scope and status, in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.checks import Status
from collector.core.findings import FindingCount
from storage.database.columns import read_scope
from storage.database.streaming import streaming

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

_COUNTS = (
    "SELECT check_id, scope, status, CAST(sum(total) AS BIGINT) FROM finding_count WHERE source = ?"
    " GROUP BY check_id, scope, status ORDER BY check_id, scope, status"
)


def finding_counts(connection: Connection, source: str) -> Iterator[FindingCount]:
    """Yield how many current findings each check has in each scope with each status, ordered by check and scope."""
    with streaming(connection, _COUNTS, (source,)) as rows:
        for check, scope, status, count in rows:
            yield FindingCount(check, read_scope(scope), Status(status), count)
