"""Charts of the served pages: bars as SVG. A style sheet from elsewhere cannot fill with a pattern, so shapes do.

The numbers stand beside each chart as text with their links; a chart alone says nothing that the page does not say.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from collector.core.plain_text import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from collector.report.periods.daily_series import Column

_WIDTH = 100.0  # per cent of the room that there is: a pattern keeps its shape, whatever the width
_HEIGHT = 18
_NARROWEST = 1.0  # so that one of a thousand can be seen
_GAP = 0.5
_HATCHED = frozenset({"unknown"})
_EMPTY = "empty"


def share_bar(parts: Iterable[tuple[str, str, int]], about: str = "") -> Markup:
    """Return a bar cut by counts. A part is look, word and count; nothing where all are zero."""
    shown = [part for part in parts if part[2]]
    total = sum(count for _, _, count in shown)
    if not total:
        return Markup()
    room = _WIDTH - (_NARROWEST + _GAP) * len(shown)
    drawn, at = [], 0.0
    for look, word, count in shown:
        wide = _NARROWEST + count / total * room
        drawn.append(_rect(look, at, wide, f"{word}: {count} of {total}"))
        at += wide + _GAP
    said = ", ".join(f"{count} {word}" for _, word, count in shown)
    return _svg(f"{about}: {said}" if about else said, "".join(drawn))


def length_bar(look: str, count: int, most: int) -> Markup:
    """Return a bar whose length is the count, on the scale where the largest has the full width."""
    wide = max(count / (most or 1) * _WIDTH, _NARROWEST)
    return _svg("", _rect(look, 0, wide, "")) if count else Markup()


def days_chart(columns: Sequence[Column]) -> Markup:
    """Return the days of a period side by side: of the checks of each day the share that failed, from below.

    Equal neighbours are drawn as one.
    Above it is what decided nothing, hatched, and above that the rest. An empty box is a day on which nobody looked.
    """
    drawn: list[str] = []
    left = 0.0
    for _, alike in groupby(columns, key=_numbers):
        same = list(alike)
        wide = _WIDTH / len(columns) * len(same)
        first, last = same[0].start.date(), same[-1].start.date()
        drawn += _days(same[0], f"{first}" if first == last else f"{first} to {last}", left, wide)
        left += wide
    looked = sum(column.counts is not None for column in columns)
    failed = sum(bool(column.failing) for column in columns)
    return _svg(
        f"{len(columns)} days: nobody looked on {len(columns) - looked}, some check failed on {failed}",
        "".join(drawn),
        "ch tall",
    )


def _numbers(column: Column) -> tuple[bool, int, int, int]:
    return column.counts is None, column.failing, column.unknown, column.passing


def _days(column: Column, said: str, left: float, wide: float) -> Iterator[str]:
    """Yield the rectangles of days that are alike."""
    if column.counts is None:
        yield _rect(_EMPTY, left, wide, f"{said}: nobody looked", 0, 100)
        return
    said = f"{said}: {column.failing} of {column.checks} checks fail, {column.unknown} decided nothing"
    top = 100.0
    for look, count in (("fail", column.failing), ("unknown", column.unknown), ("pass", column.passing)):
        high = count / column.checks * 100
        top -= high
        if count:
            yield _rect(look, left, wide, said, top, high)


def _rect(look: str, x: float, width: float, title: str, top: float = 0, high: float | None = None) -> str:
    """Return a rectangle over the whole height of a bar, or from `top` on `high` per cent of a chart."""
    said = f"<title>{escape(safe(title))}</title>" if title else ""
    y, height = ("0", str(_HEIGHT)) if high is None else (f"{top:.2f}%", f"{high:.2f}%")
    place = f'x="{x:.2f}%" y="{y}" width="{width:.2f}%" height="{height}"'
    if look == _EMPTY:
        return f'<rect class="rim" {place}>{said}</rect>'
    if look in _HATCHED:
        return f'<rect {place} fill="url(#hatch)">{said}</rect><rect class="rim" {place}/>'
    return f'<rect class="f-{look}" {place}>{said}</rect>'


def _svg(label: str, drawn: str, look: str = "ch") -> Markup:
    said = f'role="img" aria-label="{escape(safe(label))}"' if label else 'aria-hidden="true"'
    # Every value in it is a number of ours or was escaped.
    return Markup(  # noqa: S704
        f'<svg class="{look}" {said}>{drawn}</svg>'
    )
