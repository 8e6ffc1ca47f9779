"""Check the counts of current findings: they are what comes out when the findings are counted one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.database.streaming import streaming
from storage.tables.current_findings import ALIKE, COUNTED
from storage.verifying.rows_compared import compare_rows

if TYPE_CHECKING:
    from sqlalchemy import Connection

_END = (1 << 62) - 1  # beyond every leaf
_KEPT = f"SELECT {ALIKE}, total FROM finding_count ORDER BY {ALIKE}"  # noqa: S608  our own words, here and below
_MADE = f"SELECT {ALIKE}, count(*) FROM ({COUNTED.format(more='1')}) c GROUP BY {ALIKE} ORDER BY {ALIKE}"  # noqa: S608


def check_finding_counts(connection: Connection) -> int:
    """Return the number of counts. Raises VerificationError at the first that is another.

    That the findings themselves follow from the log is found out when all tables are derived again.
    """
    with streaming(connection, _KEPT) as kept, streaming(connection, _MADE, (_END, _END)) as made:
        return compare_rows("finding_count", (*ALIKE.split(", "), "total"), kept, made, basis="the findings")
