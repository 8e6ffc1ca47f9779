"""Two moments beside each other: findings, controls, resources field by field, and the company's files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from collector.core.errors import UsageError
from collector.core.history import KeepsHistory
from collector.core.plain_text import show_moment
from collector.core.scopes import show_scope
from collector.report.findings.turns import TURNS
from collector.report.periods.diff_views import diff_of
from collector.web.addresses import control_address, evidence_address, list_address
from collector.web.changes import day_before, turns_since
from collector.web.details import Detail, Section, detailed, fact
from collector.web.exports import Export, file_of
from collector.web.site import moment_of
from collector.web.tables import Cell, TableRow, being_made

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from starlette.requests import Request
    from starlette.responses import Response

    from collector.core.differences import Difference
    from collector.report.findings.turns import Turns
    from collector.report.periods.diff_views import ControlChange, DiffView, ResourceChange
    from collector.report.periods.period_cuts import FileChange
    from collector.web.pages import Pages
    from collector.web.snapshot import Snapshot

_MOST = 5000
"""Changed resources that are kept in memory."""

_SHOWN, _FIELDS = 200, 6
"""Changed resources on the page, and fields of each; the file has all."""

_COLUMNS = (
    ("resource", 40),
    ("kind", 24),
    ("source", 14),
    ("place", 26),
    ("how", 14),
    ("fields", 100),
    ("read at", 21),
    ("read by", 30),
    ("log entry", 10),
)
"""The columns of the changed resources as a file, with their widths."""


def diff(pages: Pages, request: Request) -> Response:
    """Return the page, or the changed resources as a file; `from` and `to` are days, of which the ends are compared."""
    params = request.query_params
    to = params.get("to", "")
    with pages.snapshot(request, "to") as snapshot:
        day = day_before(snapshot, params.get("from", ""))
        title = f"{day} and {to or 'now'}"
        turns, view = turns_since(pages, snapshot, day), _view(pages, snapshot, day)
        if turns is None or view is None:
            return being_made(pages, request, snapshot, title)
        kind = request.path_params.get("kind")
        total = sum(view.resource_counts.values())
        if kind is not None:
            if total > len(view.resources):
                raise UsageError(f"more than {_MOST} resources changed", mend="choose days that are closer together")
            rows = [_texts(change) for change in view.resources]
            return file_of(Export("diff", snapshot.basis.at, _COLUMNS, rows), kind)
        shown = view.resources[:_SHOWN]
        detail = Detail(
            "Changes",
            list_address("/changes", to, since=day.isoformat()),
            title,
            f"What differs between the end of {day} and {show_moment(snapshot.basis.at)}. Findings count as they stood"
            " at each moment, by the rules of today.",
            (
                fact("Findings", *_findings(turns, day, to)),
                fact("Controls", f"{len(view.controls)} in another state"),
                fact("Resources", *(f"{count} {how}" for how, count in view.resource_counts.items())),
                fact("Runs in between", len(view.runs)),
            ),
            (
                Section(
                    "Controls in another state",
                    ("Control", "Was", "Is", "Because"),
                    [_control(change, to) for change in view.controls],
                    "Every control is in the state that it was in.",
                ),
                Section(
                    "Resources that were recorded anew",
                    ("Resource", "How", "Fields", "Read at", "Log entry"),
                    [_resource(change, to) for change in shown],
                    "No resource was recorded anew.",
                    f"The first {len(shown)} of {total}." if total > len(shown) else "",
                ),
                Section(
                    "Files of the company",
                    ("File", "What changed", "By", "Log entry"),
                    [_file(change) for change in view.company],
                    "None of them changed.",
                ),
            ),
            "How many",
        )
        return detailed(
            pages,
            request,
            snapshot,
            detail,
            "web/diff.html",
            first=day,
            last=to or snapshot.basis.at.date(),
            total=total,
            as_of=to,
            takes_moment=False,
            query_export=lambda ending: list_address(f"/diff.{ending}", "", **{"from": day.isoformat(), "to": to}),
        )


def _view(pages: Pages, snapshot: Snapshot, day: date) -> DiffView | None:
    """Return all but the findings; None while it is being made. Raises UsageError where the store keeps no history."""
    store, moment = snapshot.reading.store, moment_of(day.isoformat(), snapshot.basis.at)
    if not isinstance(store, KeepsHistory) or moment is None:
        raise UsageError("this store keeps no history", mend="choose a page of one moment")
    return pages.parts.get(
        snapshot, f"diff since {day}", lambda: diff_of(snapshot.assessment, store.history, moment, _MOST)
    )


def _findings(turns: Turns, day: date, to: str) -> Iterator[Cell]:
    for turn in TURNS:
        count = turns.counts[turn, True] + turns.counts[turn, False]
        if count:
            yield Cell(f"{count} {turn}", list_address("/changes", to, since=day.isoformat(), how=turn))


def _control(change: ControlChange, to: str) -> TableRow:
    role = f", {change.role}" if change.role else ""
    return TableRow(
        (
            Cell(
                f"{change.framework} {change.id} {change.title}{role}", control_address(change.framework, change.id, to)
            ),
            Cell(change.label_then, state=change.was),
            Cell(change.label_now, state=change.now),
            Cell("; ".join(change.reasons_now)),
        )
    )


def _resource(change: ResourceChange, to: str) -> TableRow:
    address = evidence_address(change.source, change.kind, change.scope, change.key, as_of=to)
    more = len(change.fields) - _FIELDS + change.more_fields
    fields = [*map(_difference, change.fields[:_FIELDS]), *([f"and {more} more"] if more > 0 else [])]
    return TableRow(
        (
            Cell(f"{change.kind} {change.key}", address if change.now is not None else ""),
            Cell(change.how),
            Cell("; ".join(fields) or _without_fields(change)),
            Cell(show_moment(change.seen_at)),
            Cell(str(change.leaf)),
        )
    )


def _texts(change: ResourceChange) -> tuple[str, ...]:
    more = [f"and {change.more_fields} more"] if change.more_fields else []
    return (
        change.key,
        change.kind,
        change.source,
        show_scope(change.scope),
        change.how,
        "; ".join([*map(_difference, change.fields), *more]) or _without_fields(change),
        show_moment(change.seen_at),
        change.identity or "",
        str(change.leaf),
    )


def _difference(found: Difference) -> str:
    if found.appeared:
        return f"{found.path}: {_value(found.now)} appeared"
    if found.gone:
        return f"{found.path}: {_value(found.was)} is gone"
    return f"{found.path}: {_value(found.was)} became {_value(found.now)}"


def _value(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


_LONGEST = 120


def _without_fields(change: ResourceChange) -> str:
    if change.erased:
        return "a body was erased: its fields are not known"
    unread = sorted({*change.unread_then} ^ {*change.unread_now})
    return f"which parts could be read: {', '.join(unread)}" if unread else ""


def _file(change: FileChange) -> TableRow:
    parts = (("added", change.added), ("removed", change.removed), ("changed", change.changed))
    texts = [f"{word} {', '.join(names)}" for word, names in parts if names]
    return TableRow(
        (
            Cell(change.file_name or change.name),
            Cell("; ".join(texts) or ("the file is gone" if change.now is None else "other than its entries")),
            Cell(f"{change.by}, {show_moment(change.logged_at)}"),
            Cell(str(change.leaf)),
        )
    )
