"""The current findings in the order of resources, and resources by name."""

from __future__ import annotations

import re
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from collector.core.finding_groups import FindingPlace, FindingRow
from collector.core.scopes import scope_text
from storage.database.columns import read_scope
from storage.database.streaming import streaming
from storage.tables.alike_findings import alike_columns, counts_as_of, marks, read_alike
from storage.tables.current_findings import COUNTED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.core.checks import Status

    _Place = tuple[str, str]

_END = (1 << 62) - 1  # beyond every leaf
_STREAMED = 1_000
"""From so many rows on they are read some at a time."""

# Scope by scope: the findings of one are sorted much faster than all, and the index leads to them.
_SCOPES = (
    "SELECT source, scope, check_id, CAST(sum(total) AS BIGINT) FROM {counts} c"
    " WHERE check_id IN ({checks}) AND status IN ({statuses}) GROUP BY source, scope, check_id ORDER BY source, scope"
)
_ROWS = (
    f"SELECT {{columns}}, subject FROM ({COUNTED.format(more='f.subject')}"  # noqa: S608  our own words
    " AND f.source = ? AND f.scope = ? AND f.check_id IN ({checks})) g"
    " WHERE status IN ({statuses}){after} ORDER BY subject, check_id"
)
_SUBJECTS = "SELECT DISTINCT source, scope, subject FROM finding{may_have} ORDER BY source, scope, subject"
# The database finds letters of ASCII among such letters; what has others, or a NUL, is looked at here.
_PLAIN = re.compile(r"[a-z0-9_.:/@ -]+")
_MAY_HAVE = {
    "sqlite": " WHERE instr(lower(CAST(subject AS TEXT)), ?) > 0 OR length(CAST(subject AS TEXT)) <> length(subject)",
    "postgresql": (
        " WHERE strpos(lower(encode(subject, 'escape') COLLATE \"C\"), ?) > 0"
        " OR strpos(encode(subject, 'escape'), chr(92)) > 0"
    ),
}


def finding_rows(
    connection: Connection,
    bound: int | None,
    *,
    checks: Collection[str],
    statuses: Collection[Status],
    moments: Sequence[datetime],
    runs: Collection[str],
    after: FindingPlace | None,
) -> Iterator[FindingRow]:
    """Stream current findings as of a leaf, ordered by source, scope_text, subject and check; after a resource only."""
    columns, alike_values = alike_columns(moments, runs)
    wanted, last = [status.value for status in statuses], _END if bound is None else bound
    start = None if after is None else (after.source, scope_text(after.scope))
    for place, of_scope, total in list(_scopes(connection, bound, checks, wanted)):
        if start is not None and place < start:
            continue
        values = [*alike_values, last, last, *place, *of_scope, *wanted]
        behind = ""
        if after is not None and place == start:
            behind = " AND subject > ?"
            values.append(after.subject.encode())
        statement = _ROWS.format(columns=columns, checks=marks(of_scope), statuses=marks(wanted), after=behind)
        for *alike, subject in _read(connection, statement, tuple(values), total):
            yield FindingRow(*read_alike(*alike), subject.decode())


def _scopes(
    connection: Connection, bound: int | None, checks: Collection[str], statuses: Collection[str]
) -> Iterator[tuple[_Place, list[str], int]]:
    """Yield each source and scope_text that has findings of some checks and statuses, with these checks and a count."""
    counts, values = counts_as_of(connection, bound)
    statement = _SCOPES.format(counts=counts, checks=marks(checks), statuses=marks(statuses))
    found = connection.exec_driver_sql(statement, (*values, *checks, *statuses)).fetchall()
    for place, rows in groupby(found, key=itemgetter(0, 1)):
        of_scope = list(rows)
        yield place, [row[2] for row in of_scope], sum(row[3] for row in of_scope)


def _read(connection: Connection, statement: str, values: tuple[Any, ...], total: int) -> Iterator[Any]:
    """Yield the rows of a SELECT, about as many as `total`; few are read at once."""
    if total < _STREAMED:
        yield from connection.exec_driver_sql(statement, values).fetchall()
    else:
        with streaming(connection, statement, values) as rows:
            yield from rows


def subjects_with(connection: Connection, text: str) -> Iterator[FindingPlace]:
    """Yield the resources with a text in their name, in upper or lower case, in the order of `finding_rows`."""
    asked = text.casefold()
    is_plain = _PLAIN.fullmatch(asked) is not None
    may_have = _MAY_HAVE[connection.dialect.name] if is_plain else ""
    with streaming(connection, _SUBJECTS.format(may_have=may_have), (asked,) if is_plain else ()) as rows:
        for source, scope, raw_subject in rows:
            subject = raw_subject.decode()
            if asked in subject.casefold():
                yield FindingPlace(source, read_scope(scope), subject)
