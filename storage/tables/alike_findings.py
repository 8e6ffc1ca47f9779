"""What findings have in common that are counted together, in statements and read back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.core.checks import Status
from storage.database.columns import micros, read_scope
from storage.tables.current_findings import ALIKE, COUNTED

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.core.scopes import Scope

_END = (1 << 62) - 1  # beyond every leaf

# What the counts were as of a leaf: those of now, without what changed since, and with what that was then.
_SINCE = " AND f.id IN (SELECT x.finding FROM finding_event x WHERE x.leaf > ?)"
_THEN_COUNTED = (
    f"SELECT {ALIKE}, CAST(sum(total) AS BIGINT) AS total FROM (SELECT {ALIKE}, total FROM finding_count"  # noqa: S608  our own words
    f" UNION ALL {COUNTED.format(more='-1')}{_SINCE} UNION ALL {COUNTED.format(more='1')}{_SINCE}) t"
    f" GROUP BY {ALIKE} HAVING sum(total) <> 0"
)
_JUDGED_LATER = "SELECT 1 FROM log_leaf WHERE kind <> 'task' AND kind = 'judged' AND idx > ? LIMIT 1"
_STATUSES = {status.value: status for status in Status}


def counts_as_of(connection: Connection, bound: int | None) -> tuple[str, tuple[int, ...]]:
    """Return what has the columns of `finding_count` as of a leaf, and the values of its placeholders."""
    if bound is None or not is_past(connection, bound):
        return "finding_count", ()
    return f"({_THEN_COUNTED})", (_END, _END, bound, bound, bound, bound)


def is_past(connection: Connection, bound: int | None) -> bool:
    """Return whether verdicts were recorded after a leaf; None is the last one."""
    return bound is not None and connection.exec_driver_sql(_JUDGED_LATER, (bound,)).first() is not None


def alike_columns(moments: Sequence[datetime], runs: Collection[str]) -> tuple[str, tuple[Any, ...]]:
    """Return the columns that `read_alike` reads, and the values of their placeholders.

    They are of a SELECT from something with the columns of `finding_count`.
    """
    in_run, band = "0", "0"
    if runs:
        in_run = f"CASE WHEN since_run IN (SELECT id FROM run WHERE name IN ({marks(runs)})) THEN 1 ELSE 0 END"  # noqa: S608
    if moments:
        whens = " ".join(f"WHEN began > ? THEN {number}" for number in range(len(moments)))
        band = f"CASE {whens} ELSE {len(moments)} END"
    columns = f"check_id, source, scope, status, was_failing, {in_run} AS in_run, {band} AS band"
    return columns, (*runs, *(micros(moment) for moment in moments))


def read_alike(
    check: str, source: str, scope: str, status: str, was_failing: int, in_run: int, band: int
) -> tuple[str, str, Scope, Status, bool, bool, int]:
    """Return check, source, scope, verdict, whether it was failing, whether it is of a run, and the band."""
    return check, source, read_scope(scope), _STATUSES[status], bool(was_failing), bool(in_run), band


def marks(values: Collection[object]) -> str:
    """Return a placeholder for each value; of none, what nothing is equal to."""
    return ",".join("?" * len(values)) or "NULL"
