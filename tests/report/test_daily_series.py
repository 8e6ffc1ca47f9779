"""What failed, day by day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from collector.core.periods import SlotState, Stretch, counts_of
from collector.report.periods.daily_series import daily_series, joined
from collector.report.periods.period_views import CheckPeriod

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def check(severity: str, *pieces: tuple[SlotState, float, int]) -> CheckPeriod:
    """A check over days; a piece is its state, how many days, and how many findings fail."""
    at, made = START, []
    for shown, days, fails in pieces:
        made.append(Stretch(shown=shown, since=at, until=at + days * DAY, count=1, fails=fails, total=9))
        at += days * DAY
    return CheckPeriod(
        check="c",
        source="s",
        title="",
        severity=severity,
        interval="1d",
        sentence="",
        counts=counts_of([]),
        first_observed=START,
        longest_fail=None,
        at_end=None,
        stretches=made,
        segments=[],
    )


def test_the_trend_counts_what_was_observed_and_carries_nothing_over_a_gap() -> None:
    """Where nobody looked, nothing is known: not the number of the day before."""
    high = check("high", (SlotState.FAIL, 2, 3), (SlotState.MISSED, 2, 0), (SlotState.FAIL, 1, 1))
    low = check("low", (SlotState.PASS, 1, 0), (SlotState.MISSED, 3, 0), (SlotState.FAIL, 1, 4))

    columns = joined(daily_series([high, low], START, START + 5 * DAY))

    shown = [
        (
            column.start.day,
            None if column.counts is None else (column.counts["high"], column.counts["low"]),
            column.unseen,
        )
        for column in columns
    ]
    assert shown == [(1, (3, 0), 0), (2, (3, 0), 1), (3, None, 0), (5, (1, 4), 0)]


def test_a_long_period_has_no_more_columns_than_a_screen_shows() -> None:
    """Ten years by the day would be a page of its own."""
    years = check("high", (SlotState.PASS, 2000, 0), (SlotState.FAIL, 1650, 1))

    assert len(joined(daily_series([years], START, START + 3650 * DAY))) == 2


def test_the_share_of_a_day_is_of_the_checks_that_were_evaluated() -> None:
    """One that nobody ran is neither in what fails nor in what it is a share of."""
    fail = check("high", (SlotState.FAIL, 3, 2))
    gone = check("low", (SlotState.UNKNOWN, 1, 0), (SlotState.NOTHING, 1, 0), (SlotState.MISSED, 1, 0))

    days = list(daily_series([fail, gone], START, START + 3 * DAY))

    assert [(day.failing, day.unknown, day.passing, day.unseen, day.checks) for day in days] == [
        (1, 1, 0, 0, 2),
        (1, 0, 1, 0, 2),
        (1, 0, 0, 1, 1),
    ]


def test_a_day_with_several_observations_is_as_bad_as_the_worst() -> None:
    """What was mended by the evening failed that day, and the end of one day is none of the next."""
    hourly = check("high", (SlotState.PASS, 0.5, 0), (SlotState.FAIL, 0.25, 4), (SlotState.PASS, 1.25, 0))

    days = list(daily_series([hourly], START, START + 2 * DAY))

    assert [(day.failing, day.passing, (day.counts or {}).get("high")) for day in days] == [(1, 0, 4), (0, 1, 0)]
