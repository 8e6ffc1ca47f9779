"""What a run says of a quota before it starts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collector.actions.quota_text import quota_line
from collector.engine.forecast import Forecast


@pytest.mark.parametrize(
    ("requests", "guessed", "takes", "line"),
    [
        (400, 0, timedelta(0), "code: 400 requests that count; {}, so nothing has to wait"),
        (
            28_000,
            900,
            timedelta(hours=10, minutes=12),
            "code: at least 28000 requests that count; {}, so the run spreads itself over at least 11 hours",
        ),
        (
            2600,
            0,
            timedelta(minutes=40, seconds=1),
            "code: 2600 requests that count; {}, so the run spreads itself over about 41 minutes",
        ),
    ],
)
def test_how_long_a_run_has_to_wait_is_said_with_both_numbers(
    requests: int, guessed: int, takes: timedelta, line: str
) -> None:
    """Somebody who starts a scan before going home must know whether it is there in the morning."""
    forecast = Forecast(("code",), requests, guessed, 2400, 2500, timedelta(hours=1), takes)

    assert quota_line(forecast) == line.format("the share of the quota allows 2400 now and 2500 every 1h")


def test_a_quota_is_told_by_its_name_and_in_its_own_unit() -> None:
    """Points of one quota are no requests of another."""
    hour = timedelta(hours=1)
    forecast = Forecast(("code",), 1, 0, 2400, 2500, hour, timedelta(0), "graphql of a token", "points")

    assert quota_line(forecast) == (
        "code: 1 point that counts; the share of the quota graphql of a token allows 2400 now and 2500 every 1h,"
        " so nothing has to wait"
    )
