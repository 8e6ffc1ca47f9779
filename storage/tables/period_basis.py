"""The log entries before a period that what is said of the period is based on.

They say how things stood when it began, what the resources were that changed in it, and since when verdicts hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.facts import Judged
from storage.database.bulk import select_in
from storage.database.streaming import stream
from storage.log import leaves, unchanged_tasks
from storage.log.dictionary import LeafDecompressor
from storage.log.unchanged_tasks import own_leaves_of
from storage.tables.current_findings import CURRENT_FINDINGS, LAST_DECIDED
from storage.tables.live_state import LiveState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy import Connection

_VERSIONS_BEFORE = (
    "SELECT DISTINCT (SELECT max(p.leaf) FROM version p WHERE p.resource = v.resource AND p.leaf < ?)"
    " FROM version v WHERE v.leaf >= ? AND v.leaf <= ?"
)
_BEGAN = (
    "SELECT DISTINCT (SELECT min(b.leaf) FROM finding_event b"  # noqa: S608  our own words, here and below
    f" WHERE b.finding = f.id AND b.leaf <= e.leaf AND b.since = e.since AND b.status = e.status)"
    f" FROM {CURRENT_FINDINGS} WHERE e.status IS NOT NULL"
)
_LAST_FAILS = (
    "SELECT DISTINCT d.leaf, (SELECT min(b.leaf) FROM finding_event b"  # noqa: S608
    " WHERE b.finding = f.id AND b.leaf <= d.leaf AND b.since = d.since AND b.status = d.status)"
    f" FROM {CURRENT_FINDINGS} JOIN finding_event d ON d.id = ({LAST_DECIDED})"
    " WHERE e.status = 'unknown' AND d.status = 'fail'"
)
_FIRST_JUDGED = (
    "SELECT DISTINCT (SELECT min(x.leaf) FROM finding y JOIN finding_event x ON x.finding = y.id"
    " WHERE y.check_id = f.check_id AND y.source = f.source AND x.status IS NOT NULL)"
    " FROM (SELECT DISTINCT check_id, source FROM finding) f"
)
_JUDGED = (
    "SELECT idx, dictionary, body, hash FROM log_leaf WHERE kind <> 'task' AND kind = 'judged' AND idx <= ?"
    " ORDER BY idx"
)
_RUNS = (
    "SELECT o.leaf FROM run_event o WHERE o.run IN (SELECT i.run FROM run_event i WHERE i.leaf >= ? AND i.leaf <= ?)"
    " OR o.run = (SELECT s.run FROM run_event s WHERE s.kind = 'started' AND s.leaf < ? ORDER BY s.leaf DESC LIMIT 1)"
)
_SHARED = "SELECT idx, dictionary, body, hash FROM log_leaf WHERE kind <> 'task' AND kind = ? AND idx <= ? ORDER BY idx"


_VERSIONS_OF = (
    "SELECT DISTINCT v.leaf FROM task t JOIN resource r ON r.task = t.id JOIN version v ON v.resource = r.id"
    " WHERE v.leaf <= ? AND t.collection"
)


def period_basis(connection: Connection, first: int, bound: int, kinds: Collection[str]) -> set[int]:
    """Return the entries that the state before the entry `first`, and what follows up to `bound`, are based on.

    Of the resources of some `kinds` every entry that states one is among them.
    """
    before = first - 1
    found = LiveState(connection, before).leaves() if before >= 0 else set()
    for statement, values in (
        (_VERSIONS_BEFORE, (first, first, bound)),
        (_BEGAN, (before,)),
        (_BEGAN, (bound,)),
        (_LAST_FAILS, (before, before)),
        (_LAST_FAILS, (bound, bound)),
        (_FIRST_JUDGED, ()),
        (_RUNS, (before, bound + 1, first)),
    ):
        for row in stream(connection, statement, values):
            found.update(leaf for leaf in row if leaf is not None)
    found.update(leaf for (leaf,) in select_in(connection, _VERSIONS_OF, (bound,), sorted(kinds)))
    found |= set(_latest_rules(connection, before)) | set(_latest_rules(connection, bound))
    return found


def own_leaves(connection: Connection, wanted: Collection[int]) -> Iterator[int]:
    """Yield the entries that those among these which many collections share refer to."""
    decompressor = LeafDecompressor()
    for row in stream(connection, _SHARED, (unchanged_tasks.KIND, max(wanted, default=-1))):
        if row[0] in wanted:
            yield from own_leaves_of(leaves.read(connection, decompressor, row))


def _latest_rules(connection: Connection, bound: int) -> Iterator[int]:
    """Return the entries with the latest counts of each check in each source."""
    decompressor, latest = LeafDecompressor(), dict[tuple[str, str], int]()
    for row in stream(connection, _JUDGED, (bound,)):
        record = leaves.read(connection, decompressor, row)
        latest.update({(tally.check, tally.source): record.leaf.index for tally in record.fact(Judged).tallies})
    yield from latest.values()
