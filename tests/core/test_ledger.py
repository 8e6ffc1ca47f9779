"""The ledger of gaps: what was missed, late or seen badly, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from collector.core.history import TaskEnd
from collector.core.ledger import MissedSpan, TaskLedger
from collector.core.tasks import Outcome, Task

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def ledger(*, is_new: bool = False, days: int = 5) -> TaskLedger:
    """The ledger of a daily task."""
    return TaskLedger(START, START + days * DAY, DAY, is_new=is_new)


def spans_of(task_ledger: TaskLedger) -> list[tuple[str, int, int]]:
    """Each gap as its sort, the day on which it begins, and how many observations it holds."""
    return [(gap.how, (gap.since - START).days, gap.count) for gap in task_ledger.gaps()]


def with_observations(task_ledger: TaskLedger, *at: int) -> TaskLedger:
    """Look at these days, at six in the morning, and see everything."""
    for day in at:
        task_ledger.add(START + day * DAY + 6 * HOUR, Outcome.COMPLETE, "")
    return task_ledger


def test_a_task_that_was_looked_at_each_day_has_no_gap() -> None:
    """A ledger full of what was in order is read by nobody."""
    assert spans_of(with_observations(ledger(), 0, 1, 2, 3, 4)) == []


def test_days_on_which_nobody_looked_are_missed_one_after_the_other() -> None:
    """A daemon that was down for two days is one line of two."""
    assert spans_of(with_observations(ledger(), 0, 3)) == [("missed", 1, 2), ("missed", 4, 1)]


def test_a_task_that_is_new_has_missed_nothing_before() -> None:
    """A region that was switched on in the middle was not there to be looked at."""
    assert spans_of(with_observations(ledger(is_new=True), 2, 3, 4)) == []
    assert spans_of(with_observations(ledger(is_new=False), 2, 3, 4)) == [("missed", 0, 2)]


def test_a_task_whose_scope_is_gone_misses_nothing_more() -> None:
    """What is not there cannot be looked at."""
    task_ledger = with_observations(ledger(), 0, 1)
    task_ledger.gone(START + 2 * DAY + HOUR)

    assert spans_of(task_ledger) == []


def test_refusals_that_follow_each_other_are_one_gap() -> None:
    """The same refusal every day for a month is one thing to mend."""
    task_ledger = ledger()
    for day, why in enumerate(["403", "403", "500"]):
        task_ledger.add(START + day * DAY, Outcome.DENIED if why == "403" else Outcome.FAILED, why)
    with_observations(task_ledger, 3)
    task_ledger.add(START + 4 * DAY, Outcome.DENIED, "403")

    assert next(iter(task_ledger.gaps())) == MissedSpan(
        how="denied", why="403", since=START, until=START + DAY, count=2
    )
    assert spans_of(task_ledger) == [("denied", 0, 2), ("failed", 2, 1), ("denied", 4, 1)]


def test_a_set_that_cannot_exist_is_no_gap() -> None:
    """By the platform's word there is nothing to collect; a list that was left out on purpose is missing."""
    task = Task("cloud", "a.kind", ("acme",))
    for is_not_used, spans in ((True, []), (False, [("skipped", 0, 1)])):
        task_ledger = ledger()
        task_ledger.take(TaskEnd(task, "r", Outcome.SKIPPED, START, DAY, "off", is_not_used))
        with_observations(task_ledger, 1, 2, 3, 4)
        assert spans_of(task_ledger) == spans


def test_a_look_after_its_day_is_late_and_not_missing() -> None:
    """It was made, and later than it should have been."""
    task_ledger = with_observations(ledger(), 0, 1)
    task_ledger.add(START + 3 * DAY + HOUR, Outcome.COMPLETE, "")
    with_observations(task_ledger, 3, 4)

    assert spans_of(task_ledger) == [("late", 2, 1)]


@given(at=st.lists(st.integers(0, 24 * 10 - 1), max_size=40), is_new=st.booleans())
def test_what_was_missed_and_what_was_made_fill_the_period(at: list[int], is_new: bool) -> None:
    """Every day is looked at, missed, or before the first look."""
    task_ledger = ledger(is_new=is_new, days=10)
    for hours in sorted(at):
        task_ledger.add(START + hours * HOUR, Outcome.COMPLETE, "")
    missed = sum(gap.count for gap in task_ledger.gaps() if gap.how == "missed")
    late = sum(gap.count for gap in task_ledger.gaps() if gap.how == "late")
    looked_at = len({hours // 24 for hours in at})
    before = (min(at) // 24 if at else 10) if is_new else 0

    assert missed + late + looked_at + before == 10
