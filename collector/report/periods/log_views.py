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
    """One leaf: its number in the log, when it was written, by whom where it was a person, and what it says."""

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
    for told in store.log(since=since, as_of=as_of):
        counts[told.kind] += 1
        if not kinds or told.kind in kinds:
            line = line_of(told.kind, told.fact, changes.get(told.leaf, ""))
            lines.append(
                LineView(
                    leaf=told.leaf,
                    logged_at=told.logged_at,
                    kind=told.kind,
                    who=who(told.kind, told.fact),
                    line=line,
                )
            )
    return LogView(since=since, until=until, kinds=dict(sorted(counts.items())), lines=lines)


def _file_changes(store: CompanyRecord, as_of: datetime | None) -> Iterator[tuple[int, str]]:
    """Yield for each leaf of a company file which entries changed with it."""
    from collector.company.file_changes import entry_changes

    before: dict[str, str | None] = {}
    for one in store.company_files(as_of=as_of):
        yield one.leaf, str(entry_changes(before.get(one.file.name), one.text))
        before[one.file.name] = one.text
