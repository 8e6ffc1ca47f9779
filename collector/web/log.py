"""The log: who did what, what was read, and what was changed, the newest first."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING

from collector.core.company_record import CompanyRecord
from collector.core.errors import UsageError
from collector.core.plain_text import show_moment
from collector.report.periods.log_lines import line_of, who
from collector.setup.toml_file import would_do
from collector.web.addresses import list_address
from collector.web.tables import Cell, Listing, TableRow, listed

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from collector.core.company_record import StatedLeaf
    from collector.web.pages import Pages

_SHOWN = 100
_HEADS = (("Entry", 8), ("Logged, UTC", 21), ("Kind", 16), ("Who", 20), ("What", 100))


def log(pages: Pages, request: Request) -> Response:
    """Return the entries other than those of single collections; `kind`, `who` and `before` choose."""
    params = request.query_params
    kind, person, as_of = params.get("kind", ""), params.get("who", ""), params.get("as_of", "")
    before = _number(params.get("before", ""))
    is_file = request.path_params.get("kind") is not None
    with pages.snapshot(request) as snapshot:
        store = snapshot.reading.store
        if not isinstance(store, CompanyRecord):
            raise UsageError("this store keeps no log that can be listed")
        kinds: Counter[str] = Counter()
        # A page holds only so many of them, however long the log is.
        newest: deque[StatedLeaf] = deque(maxlen=None if is_file else _SHOWN)
        left_out = 0
        for entry in store.log(as_of=snapshot.reading.as_of):
            kinds[entry.kind] += 1
            if (
                kind in {"", entry.kind}
                and (before is None or entry.leaf < before)
                and (not person or who(entry.kind, entry.fact) == person)
            ):
                left_out += len(newest) == _SHOWN and not is_file
                newest.append(entry)
        if kind and kind not in kinds:
            raise UsageError(f"there is no entry of the kind {kind!r}", mend=would_do(kind, kinds, "the kinds are"))
        rows = [_row(entry) for entry in reversed(newest)]
        chosen = {"kind": kind, "who": person}
        older = list_address("/log", as_of, **chosen, before=str(newest[0].leaf)) if left_out else ""
        size = "" if snapshot.size is None else f" of {snapshot.size} entries"
        listing = Listing(
            "/log",
            "Log",
            f"Appended only. {sum(kinds.values())}{size} are listed; the others are of single collections,"
            " and are reached from the evidence.",
            "No entry is so." if kinds else "The log is empty.",
            _HEADS,
            rows,
            chips=[
                ("All", list_address("/log", as_of), not kind),
                *(
                    (f"{word.replace('_', ' ')} {count}", list_address("/log", as_of, kind=word), word == kind)
                    for word, count in sorted(kinds.items())
                ),
            ],
            next_address=older,
        )
        return listed(pages, request, snapshot, listing)


def _row(entry: StatedLeaf) -> TableRow:
    return TableRow(
        (
            Cell(str(entry.leaf)),
            Cell(show_moment(entry.logged_at)),
            Cell(entry.kind.replace("_", " ")),
            Cell(who(entry.kind, entry.fact) or ""),
            Cell(line_of(entry.kind, entry.fact)),
        ),
        f"e{entry.leaf}",
    )


def _number(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit():
        raise UsageError(f"{text!r} is no number of a log entry", mend="begin at the newest")
    return int(text[:18])
