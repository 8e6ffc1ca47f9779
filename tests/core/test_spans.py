"""Spans and moments, as people write them and as they are shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.core.spans import parse_span, show_span, show_time


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90d", timedelta(days=90)),
        ("24h", timedelta(hours=24)),
        ("30m", timedelta(minutes=30)),
        ("15s", timedelta(seconds=15)),
        ("2w", timedelta(weeks=2)),
        ("0d", timedelta(0)),
        (" 5 d ", timedelta(days=5)),
    ],
)
def test_spans_are_read_as_people_write_them(text: str, span: timedelta) -> None:
    """A limit means what its writer meant."""
    assert parse_span(text) == span


@pytest.mark.parametrize(
    "text", ["", "90", "d", "-1d", "1.5h", "12mo", "1y", "1d 2h", "90D", "1d\n2", "9" * 30 + "d", "9" * 5000 + "d"]
)
def test_what_is_no_span_is_refused_with_what_would_do(text: str) -> None:
    """A limit that is misread would loosen a rule in silence."""
    with pytest.raises(ValueError, match=r"not a span|longer than|digits"):
        parse_span(text)


@given(st.integers(0, 10**9))
def test_a_span_that_is_shown_can_be_read_again(seconds: int) -> None:
    """What a finding says of its limit can be put into the configuration."""
    span = timedelta(seconds=seconds)

    assert parse_span(show_span(span)) == span


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(0), "0s"),
        (timedelta(seconds=59), "59s"),
        (timedelta(seconds=60), "1m"),
        (timedelta(seconds=61), "61s"),
        (timedelta(minutes=90), "90m"),
        (timedelta(hours=24), "1d"),
        (timedelta(hours=36), "36h"),
        (timedelta(weeks=2), "14d"),
    ],
)
def test_a_span_is_shown_in_its_largest_whole_unit(span: timedelta, text: str) -> None:
    """A person should not have to divide by 86400."""
    assert show_span(span) == text


def test_moments_are_shown_in_utc() -> None:
    """Two zones on one page would be read as one."""
    assert show_time(datetime(2026, 3, 1, 6, tzinfo=timezone(timedelta(hours=-5)))) == "2026-03-01T11:00:00Z"
    assert show_time(datetime(2026, 3, 1, 6, 0, 0, 1, tzinfo=UTC)) == "2026-03-01T06:00:00.000001Z"
