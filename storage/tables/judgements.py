"""Derive findings, their events and the counts of current findings from the leaf of a judgement."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from collector.core.canonical import encode
from collector.core.checks import Status
from collector.core.findings import FindingChange
from collector.core.scopes import scope_text
from storage.database.bulk import insert, select_given
from storage.database.columns import digest_bytes, micros
from storage.tables.current_findings import ALIKE, LAST_FAIL
from storage.tables.row_ids import next_id

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from collector.core.findings import Finding, FindingId
    from storage.log.leaves import LeafRecord

_FAIL, _UNKNOWN = Status.FAIL.value, Status.UNKNOWN.value
_END = (1 << 62) - 1  # beyond every leaf

_KNOWN = (
    "SELECT f.check_id, f.source, f.scope, f.subject, f.id, e.status, e.since, e.since_run, e.observed_at, d.since"  # noqa: S608  our own words
    " FROM {given} JOIN finding f ON f.check_id = given.check_id AND f.source = given.source"
    " AND f.scope = given.scope AND f.subject = given.subject"
    " LEFT JOIN finding_event e ON e.id ="
    " (SELECT p.id FROM finding_event p WHERE p.finding = f.id ORDER BY p.leaf DESC, p.id DESC LIMIT 1)"
    f"{LAST_FAIL}"
)
_IDENTITY = ("check_id", "source", "scope", "subject")
_INSERT_FINDING = "INSERT INTO finding (id, check_id, source, scope, subject) VALUES (?, ?, ?, ?, ?)"
_INSERT_EVENT = (
    "INSERT INTO finding_event (id, finding, leaf, status, ended, because, reason, limits, evidence, observed_at,"
    " trace, since, since_run) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_ADD = (
    f"INSERT INTO finding_count ({ALIKE}, total) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
    f" ON CONFLICT ({ALIKE}) DO UPDATE SET total = finding_count.total + excluded.total"
)
_ROW = " AND ".join(f"{column} = ?" for column in ALIKE.split(", "))
_TAKE = f"UPDATE finding_count SET total = total - ? WHERE {_ROW}"  # noqa: S608
_REMOVE = f"DELETE FROM finding_count WHERE {_ROW} AND total = 0"  # noqa: S608

_Identity = tuple[str, str, str, bytes]
_Alike = tuple[str, str, str, str, bool, int, int, int, int]
"""The columns of `finding_count` without the total."""


class _Current(NamedTuple):
    """What the latest event says of a finding; `failed_since` of one that is unknown and failed before."""

    finding: int
    status: str | None
    since: int
    since_run: int
    observed_at: int
    failed_since: int | None

    def alike(self, identity: _Identity) -> _Alike | None:
        """Return the columns of the count that the finding is a part of; None where it ended."""
        if self.status is None:
            return None
        was_failing = self.failed_since is not None
        began = self.since if self.failed_since is None else self.failed_since
        return (*identity[:3], self.status, was_failing, began, self.since, self.observed_at, self.since_run)


def project_judgement(connection: Connection, record: LeafRecord, run: int) -> None:
    """Insert the rows of the leaf of a judgement of a run."""
    judgement = _Judgement(connection, record.leaf.index, micros(record.recorded_at), run)
    for changes in record.rows(FindingChange):
        judgement.add(changes)


class _Judgement:
    """The rows of one leaf, of some changes at a time."""

    def __init__(self, connection: Connection, leaf: int, recorded_at: int, run: int) -> None:
        self._connection = connection
        self._leaf = leaf
        self._recorded_at = recorded_at
        self._run = run

    def add(self, changes: list[FindingChange]) -> None:
        """Insert the findings that are new and an event for each change, and count what is current now."""
        ids = [_identity(change.id) for change in changes]
        current = self._known(ids)
        finding, event = next_id(self._connection, "finding"), next_id(self._connection, "finding_event")
        new = [identity for identity in dict.fromkeys(ids) if identity not in current]
        current |= {identity: _Current(finding + at, None, 0, 0, 0, None) for at, identity in enumerate(new)}
        counts: Counter[_Alike | None] = Counter()
        rows = []
        for at, (change, identity) in enumerate(zip(changes, ids, strict=True)):
            before = current[identity]
            current[identity] = after = self._next(before, change.now)
            rows.append((event + at, after.finding, self._leaf, *_columns(change, after)))
            counts[before.alike(identity)] -= 1
            counts[after.alike(identity)] += 1
        if new:
            insert(self._connection, _INSERT_FINDING, [(current[identity].finding, *identity) for identity in new])
        if rows:
            insert(self._connection, _INSERT_EVENT, rows)
        self._keep({alike: total for alike, total in counts.items() if alike is not None and total})

    def _known(self, ids: list[_Identity]) -> dict[_Identity, _Current]:
        wanted = list(dict.fromkeys(ids))
        rows = select_given(self._connection, _KNOWN, _IDENTITY, wanted, (_END,))
        return {(check, source, scope, subject): _Current(*state) for check, source, scope, subject, *state in rows}

    def _next(self, before: _Current, now: Finding | None) -> _Current:
        """Return what a finding is after a verdict, or after its end."""
        if now is None:
            return _Current(before.finding, None, self._recorded_at, self._run, self._recorded_at, None)
        status, observed_at = now.status.value, micros(now.observed_at)
        failed_since = None
        if status == _UNKNOWN:
            failed_since = before.since if before.status == _FAIL else before.failed_since
        is_equal = before.status == status
        since, run = (before.since, before.since_run) if is_equal else (observed_at, self._run)
        return _Current(before.finding, status, since, run, observed_at, failed_since)

    def _keep(self, counts: dict[_Alike, int]) -> None:
        added = [(*alike, total) for alike, total in counts.items() if total > 0]
        if added:
            insert(self._connection, _ADD, added)
        taken = [(-total, *alike) for alike, total in counts.items() if total < 0]
        if taken:
            self._connection.exec_driver_sql(_TAKE, taken)
            self._connection.exec_driver_sql(_REMOVE, [row[1:] for row in taken])


def _identity(id_: FindingId) -> _Identity:
    return id_.check, id_.source, scope_text(id_.scope), id_.subject.encode()


def _columns(change: FindingChange, after: _Current) -> tuple[object, ...]:
    """Return the columns of an event from `status` on."""
    now, because = change.now, change.because.encode()
    if now is None:
        ended = None if change.ended is None else change.ended.value
        verdict: tuple[object, ...] = (None, ended, because, b"", b"{}", b"")
    else:
        evidence = b"".join(digest_bytes(digest) for digest in now.evidence)
        verdict = (after.status, None, because, now.reason.encode(), encode(now.limits), evidence)
    trace = None if now is None or now.trace is None else now.trace.encode()
    return (*verdict, after.observed_at, trace, after.since, after.since_run)
