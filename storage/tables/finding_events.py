"""How one finding went on: each of its verdicts that was not as the one before, and its ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.checks import Status
from collector.core.findings import Ended
from collector.core.history import FindingEvent
from collector.core.scopes import scope_text
from storage.database.columns import read_micros

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from collector.core.findings import FindingId

_EVENTS = (
    "SELECT e.status, e.ended, e.because, e.reason, e.observed_at, e.leaf FROM finding f"
    " JOIN finding_event e ON e.finding = f.id"
    " WHERE f.check_id = ? AND f.source = ? AND f.scope = ? AND f.subject = ? AND e.leaf <= ?"
    " ORDER BY e.leaf DESC, e.id DESC LIMIT ?"
)
_END = (1 << 62) - 1


def finding_events(connection: Connection, bound: int | None, id_: FindingId, most: int) -> Iterator[FindingEvent]:
    """Yield the events of a finding, the newest first, at most so many. `bound` is the last leaf that counts."""
    place = (id_.check, id_.source, scope_text(id_.scope), id_.subject.encode())
    rows = connection.exec_driver_sql(_EVENTS, (*place, _END if bound is None else bound, most))
    for status, ended, because, reason, observed_at, leaf in rows:
        yield FindingEvent(
            status=None if status is None else Status(status),
            ended=None if ended is None else Ended(ended),
            because=because.decode(),
            reason=reason.decode(),
            observed_at=read_micros(observed_at),
            leaf=leaf,
        )
