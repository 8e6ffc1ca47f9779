"""Charts as SVG inside the page: bars, and columns over a period. Shapes and order differ, not only colours.

The numbers stand beside each chart as text with their links; a chart alone says nothing that the page does not say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape
from msgspec import Struct

from collector.core.plain_text import safe, show_moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from collector.report.periods.daily_series import Column

_WIDTH = 1000.0
_BAR = 18
_TREND = 120
_NARROWEST = 4.0  # so that one of a thousand can be seen


class Part(Struct, frozen=True):
    """A part of a bar: the class of its look, what it counts, and how many."""

    look: str
    word: str
    count: int


def share_bar(parts: Iterable[Part]) -> Markup:
    """Return a bar of full width, cut by the counts in their order; nothing where all are zero."""
    shown = [part for part in parts if part.count]
    total = sum(part.count for part in shown)
    if not total:
        return Markup()
    scale = (_WIDTH - _NARROWEST * len(shown)) / total
    drawn, at = [], 0.0
    for part in shown:
        wide = _NARROWEST + part.count * scale
        drawn.append(_rect(part.look, at, wide, 0, _BAR, f"{part.word}: {part.count}"))
        at += wide
    label = ", ".join(f"{part.count} {part.word}" for part in shown)
    return _svg("bar", _BAR, label, "".join(drawn))


def length_bar(look: str, count: int, most: int) -> Markup:
    """Return a bar whose length is the count, on the scale where the largest count has the full width."""
    wide = max(count / (most or 1) * _WIDTH, _NARROWEST * 2) if count else 0.0
    return _svg("length", _BAR, "", _rect(look, 0, wide, 0, _BAR, "")) if count else Markup()


def trend(start: datetime, end: datetime, columns: Sequence[Column], words: Sequence[tuple[str, str]]) -> Markup:
    """Return the numbers over a period as steps; a hatched gap is where nobody looked. `words` are look and name."""
    most = max((sum(column.counts.values()) for column in columns if column.counts is not None), default=0)
    drawn = "".join(
        piece for column in columns for piece in _column(column, start, end, most, [look for look, _ in words])
    )
    label = f"at most {most}: " + ", ".join(name for _, name in words)
    return _svg("trend", _TREND, label, drawn)


def _column(column: Column, start: datetime, end: datetime, most: int, looks: Sequence[str]) -> Iterator[str]:
    left, right = _x(column.start, start, end), _x(column.end, start, end)
    span = f"{show_moment(column.start)} to {show_moment(column.end)}"
    if column.counts is None:
        yield _rect("missed", left, right - left, 1, _TREND - 2, f"{span}: nobody looked")
        return
    unseen = f"; {column.unseen} checks not evaluated" if column.unseen else ""
    named = ", ".join(f"{count} {name}" for name, count in column.counts.items() if count) or "none"
    at = float(_TREND)
    for look, count in zip(looks, column.counts.values(), strict=True):
        high = count / (most or 1) * (_TREND - 2)
        at -= high
        if count:
            yield _rect(look, left, right - left, at, high, f"{span}: {named}{unseen}")


def _x(at: datetime, start: datetime, end: datetime) -> float:
    whole = (end - start).total_seconds() or 1.0
    return min(max((at - start).total_seconds() / whole, 0.0), 1.0) * _WIDTH


def _rect(look: str, x: float, width: float, y: float, height: float, title: str) -> str:
    told = f"<title>{escape(safe(title))}</title>" if title else ""
    return f'<rect class="{look}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}">{told}</rect>'


def _svg(kind: str, height: int, label: str, drawn: str) -> Markup:
    told = f'role="img" aria-label="{escape(safe(label))}"' if label else 'aria-hidden="true"'
    # Every value in it is a number of ours or was escaped.
    return Markup(  # noqa: S704
        f'<svg class="{kind}" viewBox="0 0 {_WIDTH:g} {height}" preserveAspectRatio="none" {told}>{drawn}</svg>'
    )
