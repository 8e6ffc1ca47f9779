"""The strip of a check or control over a period, as SVG inside the page; shapes differ, not only colours.

Where something failed, the height of the dark part is the share that failed, and that of the hatched part the share
that was unknown: of the findings of a check, or of the direct checks of a control.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from collector.core.periods import SlotState
from collector.core.plain_text import safe, show_moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from collector.core.periods import Segment, Stretch

_WIDTH = 1000.0
_HEIGHT = 20
_NARROWEST = 2.0  # so that one bad observation in a year can be seen
_LOWEST = 4.0  # so that one failing resource of a thousand can be seen
_MOST = 600  # pieces; no screen shows more

_LEGEND = (
    (SlotState.PASS, "pass"),
    (SlotState.FAIL, "fail"),
    (SlotState.UNKNOWN, "not established"),
    (SlotState.NOTHING, "no resources"),
    (SlotState.MISSED, "missed: planned and not made"),
    (SlotState.NOT_OBSERVED, "before the first observation"),
)

_CLASS = {
    SlotState.PASS: "pass",
    SlotState.FAIL: "fail",
    SlotState.UNKNOWN: "unknown",
    SlotState.NOTHING: "nothing",
    SlotState.MISSED: "missed",
    SlotState.NOT_OBSERVED: "not_observed",
}

LEGEND = tuple((_CLASS[state], words) for state, words in _LEGEND)
"""The class of each kind of piece of a strip, and what it means."""

SLOT_WORDS = {state: words.partition(":")[0] for state, words in _LEGEND}
"""How people read the state of a slot."""


def strip(start: datetime, end: datetime, stretches: Iterable[Stretch], segments: Iterable[Segment]) -> Markup:
    """Return the SVG of stretches between two moments, with a line at each change of a rule."""
    stretches = list(stretches)
    drawn = "".join((*_pieces(start, end, stretches), *_cuts(start, end, segments)))
    # Every value in it is a number of ours or was escaped.
    return Markup(  # noqa: S704
        f'<svg class="strip" viewBox="0 0 {_WIDTH:g} {_HEIGHT}" preserveAspectRatio="none" role="img"'
        f' aria-label="{escape(safe(_said(stretches)))}">{drawn}</svg>'
    )


def _said(stretches: Iterable[Stretch]) -> str:
    """Say how many intervals had which state, for those who do not see the drawing."""
    counted: Counter[SlotState] = Counter()
    for stretch in stretches:
        counted[stretch.shown] += stretch.count
    return ", ".join(f"{counted[state]} {SLOT_WORDS[state]}" for state, _ in _LEGEND if counted[state])


def _pieces(start: datetime, end: datetime, stretches: list[Stretch]) -> Iterator[str]:
    """Yield the pieces, the short ones last, so that a long neighbour does not cover them."""
    if len(stretches) > _MOST:
        stretches = _worst_of(stretches)
    for stretch in sorted(stretches, key=lambda stretch: stretch.since - stretch.until):
        left, right = _x(stretch.since, start, end), _x(stretch.until, start, end)
        wide = max(right - left, _NARROWEST)
        left = min(left, _WIDTH - wide)
        why = f": {stretch.why}" if stretch.why else ""
        span = f"{show_moment(stretch.since)} to {show_moment(stretch.until)}"
        tooltip = f"{span}: {stretch.count} x {SLOT_WORDS[stretch.shown]}{why}"
        for look, top, high in _shares(stretch):
            yield (
                f'<rect class="{look}" x="{left:.1f}" y="{top:g}" width="{wide:.1f}" height="{high:g}">'
                f"<title>{escape(safe(tooltip))}</title></rect>"
            )


def _shares(stretch: Stretch) -> Iterator[tuple[str, float, float]]:
    """Yield class, top and height of each part of a piece: what failed is at the bottom."""
    inside = _HEIGHT - 2
    if not stretch.total or stretch.fails == stretch.total:
        yield _CLASS[stretch.shown], 1, inside
        return
    fails = max(round(stretch.fails / stretch.total * inside, 1), _LOWEST)
    unknown = min(round(stretch.unknown / stretch.total * inside, 1), inside - fails)
    if stretch.unknown:
        unknown = max(unknown, min(_LOWEST, inside - fails))
    rest = round(inside - fails - unknown, 1)
    parts = ((SlotState.PASS, rest), (SlotState.UNKNOWN, unknown), (SlotState.FAIL, fails))
    top = 1.0
    for state, high in parts:
        if high > 0:
            yield _CLASS[state], top, high
        top = round(top + high, 1)


def _worst_of(stretches: list[Stretch]) -> list[Stretch]:
    """Return the most important stretches: fails first, then unknown and missed ones, each the longest first."""
    order = (
        SlotState.FAIL,
        SlotState.UNKNOWN,
        SlotState.MISSED,
        SlotState.NOT_OBSERVED,
        SlotState.NOTHING,
        SlotState.PASS,
    )
    return sorted(stretches, key=lambda stretch: (order.index(stretch.shown), stretch.since - stretch.until))[:_MOST]


def _cuts(start: datetime, end: datetime, segments: Iterable[Segment]) -> Iterator[str]:
    for segment in segments:
        if segment.changes:
            at = _x(segment.start, start, end)
            tooltip = f"{show_moment(segment.start)}: {'; '.join(segment.changes)}"
            yield (
                f'<line class="cut" x1="{at:.1f}" x2="{at:.1f}" y1="0" y2="{_HEIGHT}">'
                f"<title>{escape(safe(tooltip))}</title></line>"
            )


def _x(at: datetime, start: datetime, end: datetime) -> float:
    whole = (end - start).total_seconds() or 1.0
    return min(max((at - start).total_seconds() / whole, 0.0), 1.0) * _WIDTH
