"""Entries of the log that are not of single collections, one line each."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from collector.core.company_record import CompanyRecord


class LineView(Struct, frozen=True, kw_only=True):
    """One log entry: number, time, kind, person where there was one, and its content as a line."""

    leaf: int
    logged_at: datetime
    kind: str
    who: str | None
    line: str


class LogView(Struct, frozen=True, kw_only=True, tag="annexd.log/1", tag_field="schema"):
    """What `annexd log --json` prints. `kinds` counts all leaves of the span other than those of tasks."""

    since: datetime | None
    until: datetime
    kinds: dict[str, int]
    lines: list[LineView]


def log_view(
    store: CompanyRecord, since: datetime | None, until: datetime, as_of: datetime | None, kinds: Collection[str]
) -> LogView:
    """Return the leaves of a span, of these kinds or of all."""
    from collector.report.periods.log_lines import line_of, who

    changes = dict(_file_changes(store, as_of))
    counts: Counter[str] = Counter()
    lines = []
    for entry in store.log(since=since, as_of=as_of):
        counts[entry.kind] += 1
        if not kinds or entry.kind in kinds:
            line = line_of(entry.kind, entry.fact, changes.get(entry.leaf, ""))
            lines.append(
                LineView(
                    leaf=entry.leaf,
                    logged_at=entry.logged_at,
                    kind=entry.kind,
                    who=who(entry.kind, entry.fact),
                    line=line,
                )
            )
    return LogView(since=since, until=until, kinds=dict(sorted(counts.items())), lines=lines)


def _file_changes(store: CompanyRecord, as_of: datetime | None) -> Iterator[tuple[int, str]]:
    """Yield for each leaf of a company file which entries changed with it."""
    from collector.company.file_changes import entry_changes

    before: dict[str, str | None] = {}
    for recorded in store.company_files(as_of=as_of):
        yield recorded.leaf, str(entry_changes(before.get(recorded.file.name), recorded.text))
        before[recorded.file.name] = recorded.text
