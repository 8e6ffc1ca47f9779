"""What a period showed, as a strip that people can see: one drawing in the page itself, and no colour alone says it."""

from __future__ import annotations

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
_NARROWEST = 2.0  # or a single bad observation in a year could not be seen
_MOST = 600  # drawings of more pieces than this are wider than any screen can show

WORDS = (
    (SlotState.PASS, "pass"),
    (SlotState.FAIL, "fail"),
    (SlotState.UNKNOWN, "not established"),
    (SlotState.NOTHING, "nothing to check"),
    (SlotState.MISSED, "planned, and nobody looked"),
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

LEGEND = tuple((_CLASS[shown], words) for shown, words in WORDS)
"""What each kind of piece means: its class, and words."""


def strip(start: datetime, end: datetime, stretches: Iterable[Stretch], segments: Iterable[Segment]) -> Markup:
    """Draw stretches between two moments, and a line wherever a rule changed."""
    drawn = "".join((*_pieces(start, end, list(stretches)), *_cuts(start, end, segments)))
    # Every value in it is a number of ours or was escaped.
    return Markup(  # noqa: S704
        f'<svg class="strip" viewBox="0 0 {_WIDTH:g} {_HEIGHT}" preserveAspectRatio="none" role="img">{drawn}</svg>'
    )


def _pieces(start: datetime, end: datetime, stretches: list[Stretch]) -> Iterator[str]:
    """Yield the pieces; short ones last, so that a wide neighbour does not cover them."""
    if len(stretches) > _MOST:
        stretches = _worst_of(stretches)
    for one in sorted(stretches, key=lambda one: one.since - one.until):
        left, right = _x(one.since, start, end), _x(one.until, start, end)
        wide = max(right - left, _NARROWEST)
        left = min(left, _WIDTH - wide)
        why = f": {one.why}" if one.why else ""
        said = f"{show_moment(one.since)} to {show_moment(one.until)}: {one.count} x {one.shown.value}{why}"
        yield (
            f'<rect class="{_CLASS[one.shown]}" x="{left:.1f}" y="1" width="{wide:.1f}" height="{_HEIGHT - 2}">'
            f"<title>{escape(safe(said))}</title></rect>"
        )


def _worst_of(stretches: list[Stretch]) -> list[Stretch]:
    """Keep what is not a pass, the longest first; what is left out lies below, and is told in words on the page."""
    order = (
        SlotState.FAIL,
        SlotState.UNKNOWN,
        SlotState.MISSED,
        SlotState.NOT_OBSERVED,
        SlotState.NOTHING,
        SlotState.PASS,
    )
    return sorted(stretches, key=lambda one: (order.index(one.shown), one.since - one.until))[:_MOST]


def _cuts(start: datetime, end: datetime, segments: Iterable[Segment]) -> Iterator[str]:
    for one in segments:
        if one.changes:
            at = _x(one.start, start, end)
            said = f"{show_moment(one.start)}: {'; '.join(one.changes)}"
            yield (
                f'<line class="cut" x1="{at:.1f}" x2="{at:.1f}" y1="0" y2="{_HEIGHT}">'
                f"<title>{escape(safe(said))}</title></line>"
            )


def _x(at: datetime, start: datetime, end: datetime) -> float:
    whole = (end - start).total_seconds() or 1.0
    return min(max((at - start).total_seconds() / whole, 0.0), 1.0) * _WIDTH
