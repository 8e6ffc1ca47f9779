"""Slots by the calendar: as cron has them, and through changes of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.setup.cron import Cron

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def field(least: int, most: int) -> st.SearchStrategy[str]:
    """A field of a cron expression."""
    number = st.integers(least, most)
    spans = st.tuples(number, number).map(lambda pair: f"{min(pair)}-{max(pair)}")
    steps = st.integers(1, 7).map(lambda step: f"*/{step}")
    lists = st.lists(number.map(str), min_size=1, max_size=3).map(",".join)
    return st.one_of(st.just("*"), spans, steps, lists)


@settings(max_examples=60, deadline=None)
@given(fields=st.tuples(field(0, 59), field(0, 23), field(1, 28), field(1, 12)), days=st.integers(0, 2_000))
def test_slots_are_those_of_another_reader_where_both_agree(fields: tuple[str, ...], days: int) -> None:
    """In UTC and without days of the week, the scheduler's own trigger means the same."""
    expression = " ".join((*fields, "*"))
    at = NEW_YEAR + timedelta(days=days)
    theirs = CronTrigger.from_crontab(expression, timezone=UTC)

    for slot in islice(Cron(expression).after(at), 5):
        assert theirs.get_next_fire_time(None, at + timedelta(microseconds=1)) == slot
        at = slot


@pytest.mark.parametrize(
    ("expression", "zone", "after", "slots"),
    [
        # A month that begins two days after a change to summer time.
        ("0 0 1 * *", "Europe/Zurich", "2026-03-15", ["2026-03-31T22:00", "2026-04-30T22:00"]),
        # 02:30 is left out on 29 March, and there twice on 25 October.
        ("30 2 * * *", "Europe/Zurich", "2026-03-28T02:00", ["2026-03-29T01:30", "2026-03-30T00:30"]),
        ("30 2 * * *", "Europe/Zurich", "2026-10-24T02:00", ["2026-10-25T00:30", "2026-10-26T01:30"]),
        # To cron 0 and 7 are Sunday, and of two days either will do.
        ("0 3 * * 0", "UTC", "2026-01-01", ["2026-01-04T03:00", "2026-01-11T03:00"]),
        ("0 3 * * 7", "UTC", "2026-01-01", ["2026-01-04T03:00", "2026-01-11T03:00"]),
        ("0 3 2 * mon", "UTC", "2026-01-01", ["2026-01-02T03:00", "2026-01-05T03:00"]),
        ("5/20 3 29 feb *", "UTC", "2026-01-01", ["2028-02-29T03:05", "2028-02-29T03:25"]),
    ],
)
def test_slots_of_the_calendar(expression: str, zone: str, after: str, slots: list[str]) -> None:
    """Each of these is read in another way by some program."""
    found = islice(Cron(expression, zone).after(datetime.fromisoformat(after).replace(tzinfo=UTC)), len(slots))

    assert [slot.strftime("%Y-%m-%dT%H:%M") for slot in found] == slots


@pytest.mark.parametrize(
    ("expression", "gap"),
    [
        ("*/5 * * * *", timedelta(minutes=5)),
        ("*/15 8-18 * * *", timedelta(hours=13, minutes=15)),
        ("0 3 * * mon-fri", timedelta(days=3)),
        ("0 0 1 * *", timedelta(days=31)),
    ],
)
def test_the_longest_time_between_two_slots(expression: str, gap: timedelta) -> None:
    """Evidence may become as old as that, and no older."""
    assert Cron(expression).longest_gap == gap


@pytest.mark.parametrize(
    "expression", ["", "0 3 * *", "60 * * * *", "0 3 0 * *", "0 3 * * mon-", "5-1 * * * *", "*/0 * * * *", "0 0 31 2 *"]
)
def test_what_is_no_expression_is_refused(expression: str) -> None:
    """A source that never has its turn would look like one that is well."""
    with pytest.raises(ValueError, match=r"no|never|takes"):
        Cron(expression)


def test_a_zone_that_there_is_not_is_refused() -> None:
    """It is mistyped more often than the rest."""
    with pytest.raises(ValueError, match="Europe/Zurch"):
        Cron("0 3 * * *", "Europe/Zurch")
