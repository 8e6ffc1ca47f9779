"""SqlFindingGroups: the current findings, counted by the database and read in parts."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from collector.core.checks import Status
from collector.core.finding_groups import CheckTimes, FindingGroup, FindingPair, FindingsWanted
from collector.core.history import LastFailing
from collector.core.scopes import scope_text
from storage.database.columns import read_micros, read_scope
from storage.database.streaming import streaming
from storage.tables.alike_findings import alike_columns, counts_as_of, is_past, marks, read_alike
from storage.tables.current_findings import CURRENT_FINDINGS, LAST_DECIDED, LAST_FAIL
from storage.tables.findings_by_resource import finding_rows, subjects_with
from storage.tables.reading import FINDING_COLUMNS, FINDINGS_ORDER, FindingReader, bound_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.core.finding_groups import FindingPlace, FindingRow, KnownFinding
    from collector.core.scopes import Scope

    Reading = Callable[[datetime | None], AbstractContextManager[tuple[Connection, int | None]]]

_END = (1 << 62) - 1  # beyond every leaf

_GROUPS = (
    "SELECT {columns}, CAST(sum(total) AS BIGINT), min(observed_at), min(since), max(since), min(began) FROM {counts} c"
    " GROUP BY check_id, source, scope, status, was_failing, in_run, band ORDER BY check_id, source, scope"
)
_MEMBERS = (
    f"SELECT d.since, d.reason, {FINDING_COLUMNS} FROM {CURRENT_FINDINGS} JOIN run u ON u.id = e.since_run{LAST_FAIL}"  # noqa: S608
    " WHERE e.status IS NOT NULL"
)

# Leads to the findings of one subject by the index, which begins with the check.
_WITH_FINDINGS = (
    " AND (f.check_id, f.source, f.scope) IN (SELECT DISTINCT c.check_id, c.source, c.scope FROM finding_count c)"
)

# A finding f with its latest event up to each of two leaves, and with its last fail where that is unknown.
_SIDE = (
    " LEFT JOIN finding_event {e} ON {e}.status IS NOT NULL AND {e}.id ="  # noqa: S608
    " (SELECT p.id FROM finding_event p WHERE p.finding = f.id AND p.leaf <= ?"
    " ORDER BY p.leaf DESC, p.id DESC LIMIT 1)"
    " LEFT JOIN run {u} ON {u}.id = {e}.since_run"
    f" LEFT JOIN finding_event {{d}} ON {{d}}.id = CASE WHEN {{e}}.status = 'unknown' THEN ({LAST_DECIDED}) END"
    " AND {d}.status = 'fail'"
)
_THEN, _NOW = {"e": "e", "u": "u", "d": "d"}, {"e": "g", "u": "w", "d": "h"}
_CHANGES = (
    f"SELECT d.since, d.reason, {FINDING_COLUMNS}, h.since, h.reason, g.status, g.reason, g.limits, g.evidence,"  # noqa: S608
    f" g.observed_at, g.trace, g.since, w.name FROM finding f{_SIDE.format(**_THEN)}{_SIDE.format(**_NOW)}"
    " WHERE (e.id IS NOT NULL OR g.id IS NOT NULL)"
)
_BETWEEN = " AND f.id IN (SELECT x.finding FROM finding_event x WHERE x.leaf > ? AND x.leaf <= ?)"
_SCOPES = (
    "SELECT check_id, source, scope FROM finding GROUP BY check_id, source, scope ORDER BY check_id, source, scope"
)
_SIDE_WIDTH = 14  # columns of the first side


class SqlFindingGroups:
    """Counts findings; see `collector.core.finding_groups.FindingGroups` for what each method promises."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def groups(
        self, *, moments: Sequence[datetime] = (), runs: Collection[str] = (), as_of: datetime | None = None
    ) -> Iterator[FindingGroup]:
        """Yield the groups, check by check, and scope by scope within each. `moments` are the latest first."""
        columns, alike_values = alike_columns(moments, runs)
        with self._reading(as_of) as (connection, bound):
            counts, values = counts_as_of(connection, bound)
            statement = _GROUPS.format(columns=columns, counts=counts)
            with streaming(connection, statement, (*alike_values, *values)) as rows:
                for _, of_scope in groupby(rows, key=itemgetter(0, 1, 2)):
                    yield from _groups(list(of_scope))

    def rows(
        self,
        *,
        checks: Collection[str],
        statuses: Collection[Status],
        moments: Sequence[datetime] = (),
        runs: Collection[str] = (),
        as_of: datetime | None = None,
        after: FindingPlace | None = None,
    ) -> Iterator[FindingRow]:
        """Stream what the groups count, ordered by source, scope_text, subject and check; after a resource only."""
        with self._reading(as_of) as (connection, bound):
            yield from finding_rows(
                connection, bound, checks=checks, statuses=statuses, moments=moments, runs=runs, after=after
            )

    def subjects(self, text: str) -> Iterator[FindingPlace]:
        """Yield the resources with a text in their name, of findings that are or were, in the order of `rows`."""
        with self._reading(None) as (connection, _):
            yield from subjects_with(connection, text)

    def members(self, wanted: FindingsWanted, *, as_of: datetime | None = None) -> Iterator[KnownFinding]:
        """Stream findings ordered by check, source, scope_text and subject; an unknown one with its last fail."""
        where, values = _where(wanted)
        read = FindingReader().read
        with self._reading(as_of) as (connection, bound):
            last = _END if bound is None else bound
            if wanted.check is None and wanted.subject is not None and not is_past(connection, bound):
                where += _WITH_FINDINGS
            with streaming(connection, _MEMBERS + where + FINDINGS_ORDER, (last, last, *values)) as rows:
                for since, reason, *row in rows:
                    yield read(*row), _last_fail(since, reason)

    def changes(
        self, wanted: FindingsWanted, *, since: datetime, until: datetime | None = None, is_whole: bool = False
    ) -> Iterator[FindingPair]:
        """Stream findings as they were at two moments, in the same order: those with a verdict recorded in between."""
        where, values = _where(FindingsWanted(check=wanted.check, source=wanted.source, scope=wanted.scope))
        read = FindingReader().read
        with self._reading(until) as (connection, bound):
            first, last = bound_of(connection, since), _END if bound is None else bound
            between = () if is_whole else (first, last)
            statement = f"{_CHANGES}{'' if is_whole else _BETWEEN}{where}{FINDINGS_ORDER}"
            with streaming(connection, statement, (first, first, last, last, *between, *values)) as rows:
                for row in rows:
                    then, now = row[:_SIDE_WIDTH], row[_SIDE_WIDTH:]
                    id_ = then[2:6]
                    yield FindingPair(
                        None if then[6] is None else (read(*id_, *then[6:]), _last_fail(*then[:2])),
                        None if now[2] is None else (read(*id_, *now[2:]), _last_fail(*now[:2])),
                    )

    def scopes(self) -> Iterator[tuple[str, str, Scope]]:
        """Yield each check, source and scope with a finding that is or was, ordered by scope_text."""
        with self._reading(None) as (connection, _), streaming(connection, _SCOPES) as rows:
            for check, source, scope in rows:
                yield check, source, read_scope(scope)


def _groups(rows: Sequence[Any]) -> Iterator[FindingGroup]:
    """Yield the groups of a check in a scope from their rows."""
    fails = [row for row in rows if row[3] == Status.FAIL.value]
    lost = [row for row in rows if row[4]]
    times = CheckTimes(
        observed_at=read_micros(min(row[8] for row in rows)),
        failing_since=read_micros(min(row[9] for row in fails)) if fails else None,
        failed_since=read_micros(min(row[11] for row in lost)) if lost else None,
        lost_at=read_micros(max(row[10] for row in lost)) if lost else None,
    )
    for row in rows:
        yield FindingGroup(*read_alike(*row[:7]), row[7], times)


def _last_fail(since: int | None, reason: bytes | None) -> LastFailing | None:
    return None if since is None or reason is None else LastFailing(since=read_micros(since), reason=reason.decode())


def _where(wanted: FindingsWanted) -> tuple[str, list[Any]]:
    given = {
        "f.check_id = ?": wanted.check,
        "f.source = ?": wanted.source,
        "f.scope = ?": None if wanted.scope is None else scope_text(wanted.scope),
        "f.subject > ?": None if wanted.after is None else wanted.after.encode(),
        "f.subject = ?": None if wanted.subject is None else wanted.subject.encode(),
    }
    words = [word for word, value in given.items() if value is not None]
    values: list[Any] = [value for value in given.values() if value is not None]
    if wanted.checks is not None:
        words.append(f"f.check_id IN ({marks(wanted.checks)})")
        values += wanted.checks
    if wanted.subjects is not None:
        words.append(f"f.subject IN ({marks(wanted.subjects)})")
        values += [subject.encode() for subject in wanted.subjects]
    if wanted.was_failing:
        words.append("d.id IS NOT NULL")
    if wanted.statuses is not None:
        words.append(f"e.status IN ({marks(wanted.statuses)})")
        values += [status.value for status in wanted.statuses]
    return "".join(f" AND {word}" for word in words), values
