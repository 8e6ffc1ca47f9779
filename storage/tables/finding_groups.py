"""SqlFindingGroups: the current findings, counted by the database and read in parts."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from collector.core.checks import Status
from collector.core.finding_groups import CheckTimes, FindingGroup, FindingPair, FindingRow, FindingsWanted
from collector.core.history import LastFailing
from collector.core.scopes import scope_text
from storage.database.columns import micros, read_micros, read_scope
from storage.database.streaming import streaming
from storage.tables.current_findings import ALIKE, COUNTED, CURRENT_FINDINGS, LAST_DECIDED, LAST_FAIL
from storage.tables.reading import FINDING_COLUMNS, FINDINGS_ORDER, FindingReader, bound_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.core.finding_groups import KnownFinding
    from collector.core.scopes import Scope

    Reading = Callable[[datetime | None], AbstractContextManager[tuple[Connection, int | None]]]

_END = (1 << 62) - 1  # beyond every leaf

# What the counts were as of a leaf: those of now, without what changed since, and with what that was then.
_SINCE = " AND f.id IN (SELECT x.finding FROM finding_event x WHERE x.leaf > ?)"
_THEN_COUNTED = (
    f"SELECT {ALIKE}, CAST(sum(total) AS BIGINT) AS total FROM (SELECT {ALIKE}, total FROM finding_count"  # noqa: S608  our own words, here and below
    f" UNION ALL {COUNTED.format(more='-1')}{_SINCE} UNION ALL {COUNTED.format(more='1')}{_SINCE}) t"
    f" GROUP BY {ALIKE} HAVING sum(total) <> 0"
)
_JUDGED_LATER = "SELECT 1 FROM log_leaf WHERE kind <> 'task' AND kind = 'judged' AND idx > ? LIMIT 1"
_GROUPS = (
    "SELECT check_id, source, scope, status, was_failing, {in_run} AS in_run, {band} AS band,"
    " CAST(sum(total) AS BIGINT), min(observed_at), min(since), max(since), min(began) FROM {counted} c"
    " GROUP BY check_id, source, scope, status, was_failing, in_run, band ORDER BY check_id, source, scope"
)
_ROWS = (
    "SELECT check_id, source, scope, status, was_failing, {in_run} AS in_run, {band} AS band, subject FROM ("  # noqa: S608
    f"{COUNTED.format(more='f.subject')}) g"
    " WHERE check_id IN ({checks}) AND status IN ({statuses}) ORDER BY source, scope, subject, check_id"
)
_MEMBERS = (
    f"SELECT d.since, d.reason, {FINDING_COLUMNS} FROM {CURRENT_FINDINGS} JOIN run u ON u.id = e.since_run{LAST_FAIL}"  # noqa: S608
    " WHERE e.status IS NOT NULL"
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
        in_run, run_values = _in_run(runs)
        band, band_values = _band(moments)
        with self._reading(as_of) as (connection, bound):
            counted, counted_values = _counted(connection, bound)
            statement = _GROUPS.format(in_run=in_run, band=band, counted=counted)
            with streaming(connection, statement, (*run_values, *band_values, *counted_values)) as rows:
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
    ) -> Iterator[FindingRow]:
        """Stream what the groups count, ordered by source, scope_text, subject and check."""
        in_run, run_values = _in_run(runs)
        band, band_values = _band(moments)
        given = {"checks": _marks(checks), "statuses": _marks(statuses)}
        values = [*checks, *(status.value for status in statuses)]
        with self._reading(as_of) as (connection, bound):
            last = _END if bound is None else bound
            statement = _ROWS.format(in_run=in_run, band=band, **given)
            with streaming(connection, statement, (*run_values, *band_values, last, last, *values)) as rows:
                for *alike, subject in rows:
                    yield FindingRow(*_alike(*alike), subject.decode())

    def members(self, wanted: FindingsWanted, *, as_of: datetime | None = None) -> Iterator[KnownFinding]:
        """Stream findings ordered by check, source, scope_text and subject; an unknown one with its last fail."""
        where, values = _where(wanted)
        read = FindingReader().read
        with self._reading(as_of) as (connection, bound):
            last = _END if bound is None else bound
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


def _counted(connection: Connection, bound: int | None) -> tuple[str, tuple[int, ...]]:
    """Return what to read the counts from as of a leaf, and the values of its placeholders."""
    is_past = bound is not None and connection.exec_driver_sql(_JUDGED_LATER, (bound,)).first() is not None
    if bound is None or not is_past:
        return "finding_count", ()
    return f"({_THEN_COUNTED})", (_END, _END, bound, bound, bound, bound)


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
        yield FindingGroup(*_alike(*row[:7]), row[7], times)


def _last_fail(since: int | None, reason: bytes | None) -> LastFailing | None:
    return None if since is None or reason is None else LastFailing(since=read_micros(since), reason=reason.decode())


_STATUSES = {status.value: status for status in Status}


def _alike(
    check: str, source: str, scope: str, status: str, was_failing: int, in_run: int, band: int
) -> tuple[str, str, Scope, Status, bool, bool, int]:
    return check, source, read_scope(scope), _STATUSES[status], bool(was_failing), bool(in_run), band


def _marks(values: Collection[object]) -> str:
    """Return a question mark for each value; of none, what nothing is equal to."""
    return ",".join("?" * len(values)) or "NULL"


def _in_run(runs: Collection[str]) -> tuple[str, list[Any]]:
    if not runs:
        return "0", []
    named = f"SELECT id FROM run WHERE name IN ({_marks(runs)})"  # noqa: S608
    return f"CASE WHEN since_run IN ({named}) THEN 1 ELSE 0 END", list(runs)


def _band(moments: Sequence[datetime]) -> tuple[str, list[Any]]:
    if not moments:
        return "0", []
    whens = " ".join(f"WHEN began > ? THEN {number}" for number in range(len(moments)))
    return f"CASE {whens} ELSE {len(moments)} END", [micros(moment) for moment in moments]


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
    if wanted.was_failing:
        words.append("d.id IS NOT NULL")
    if wanted.statuses is not None:
        words.append(f"e.status IN ({_marks(wanted.statuses)})")
        values += [status.value for status in wanted.statuses]
    return "".join(f" AND {word}" for word in words), values
