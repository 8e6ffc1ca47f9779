"""State over a period: what was planned, made and missed adds up, and nothing is filled in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as replace_slot

from collector.core.checks import Status
from collector.core.findings import FindingId
from collector.core.history_fold import Evaluation, FailureInterval, RuleChange, Timeline
from collector.core.periods import (
    MADE,
    Slot,
    SlotState,
    assign_to_slots,
    combine_slots,
    counts_of,
    longest_failure,
    period_of,
    segments_of,
    slot_borders,
    slots_of,
    stretches,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def looks(*statuses: Status | None, at: timedelta = 6 * HOUR) -> list[Evaluation]:
    """One look a day, none where nobody looked."""
    return [
        Evaluation("run", START + day * DAY + at, status, "" if status is Status.PASS else "why")
        for day, status in enumerate(statuses)
        if status is not None
    ]


def track(*statuses: Status | None, check: str = "c") -> Timeline:
    """A check that was looked at once a day."""
    return Timeline(check, "s", evaluations=looks(*statuses))


def shown(made: list[Slot]) -> list[SlotState]:
    """What the slots hold."""
    return [slot.shown for slot in made]


def days(count: int) -> list[datetime]:
    """The borders of so many days."""
    return slot_borders(START, START + count * DAY, DAY)


def test_both_days_of_a_period_belong_to_it_in_the_zone_that_is_named() -> None:
    """A quarter that loses its last day loses what happened on it."""
    found = period_of(date(2026, 1, 1), date(2026, 3, 31), ZoneInfo("Europe/Zurich"))

    assert found.start == datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert found.end == datetime(2026, 3, 31, 22, tzinfo=UTC)  # summer time by then
    with pytest.raises(ValueError, match="is before"):
        period_of(date(2026, 3, 31), date(2026, 1, 1), ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("span", "every", "slots"),
    [
        (92 * DAY, DAY, 92),
        (2 * DAY, HOUR, 48),
        (10 * DAY, 7 * DAY, 1),
        (14 * DAY, 7 * DAY, 2),
        (DAY, 7 * DAY, 1),
        (36 * HOUR, DAY, 1),
    ],
)
def test_a_period_has_as_many_slots_as_intervals_fit(span: timedelta, every: timedelta, slots: int) -> None:
    """A day that has only begun is not a day on which nobody looked."""
    found = slot_borders(START, START + span, every)

    assert len(found) - 1 == slots
    assert (found[0], found[-1]) == (START, START + span)


def test_whole_days_before_the_first_observation_are_not_observed() -> None:
    """A weekly check that was first made on the last day of its week says nothing of the six days before."""
    week, first = timedelta(days=7), START + timedelta(days=6, hours=6)
    borders = slot_borders(START, START + week, week, first)
    made = slots_of(track(*[None] * 6, Status.PASS), borders, first)

    assert [(slot.shown, slot.start, slot.end) for slot in made] == [
        (SlotState.NOT_OBSERVED, START, START + 6 * DAY),
        (SlotState.PASS, START + 6 * DAY, START + week),
    ]
    assert counts_of(made).planned == 1


@pytest.mark.parametrize("first", [START - DAY, START, START + 30 * HOUR, START + 8 * DAY])
def test_an_observation_before_or_within_the_first_day_cuts_no_slot(first: datetime) -> None:
    """Daily slots need no cut, and neither does a check that was observed before the period."""
    assert slot_borders(START, START + 7 * DAY, DAY, first) == days(7)


def test_a_combined_slot_has_the_reason_of_its_state() -> None:
    """A fail beside a refused list was explained by the list."""
    refused, fail = looks(Status.UNKNOWN, at=HOUR)[0], looks(Status.FAIL, at=2 * HOUR)[0]
    parts = [
        slots_of(Timeline("a", "s", evaluations=[replace(refused, why="the list was refused")]), days(1), START),
        slots_of(Timeline("b", "s", evaluations=[replace(fail, why="1 of 2 findings fail")]), days(1), START),
    ]

    assert [(slot.shown, slot.why) for slot in combine_slots(parts)] == [(SlotState.FAIL, "1 of 2 findings fail")]
    assert combine_slots(parts[:1])[0].why == "the list was refused"


def test_a_slot_that_fails_says_how_many_findings_fail() -> None:
    """One of a hundred and a hundred of a hundred are not the same day."""
    fail = replace(looks(Status.FAIL)[0], fails=3, unknown=1, total=15)
    (slot,) = slots_of(Timeline("a", "s", evaluations=[fail]), days(1), START)
    (joined,) = stretches([slot, replace_slot(slot, start=START + DAY, end=START + 2 * DAY)])
    apart = stretches([slot, replace_slot(slot, fails=4)])

    assert (slot.fails, slot.unknown, slot.total) == (3, 1, 15)
    assert (joined.fails, joined.unknown, joined.total, joined.count) == (3, 1, 15, 2)
    assert [stretch.fails for stretch in apart] == [3, 4]


def test_a_combined_slot_that_fails_counts_checks_and_no_other_slot_does() -> None:
    """Of a control the share is that of its checks: their findings are of different things."""
    parts = [slots_of(track(status), days(1), START) for status in (Status.FAIL, Status.PASS, Status.UNKNOWN, None)]
    (failing,) = combine_slots(parts)
    (passing,) = combine_slots(parts[1:2])

    assert (failing.fails, failing.unknown, failing.total) == (1, 2, 4)
    assert (passing.fails, passing.unknown, passing.total) == (0, 0, 0)


def test_a_slot_that_passes_has_no_reason_of_another_check() -> None:
    """And one with a check that never ran says which."""
    passing = slots_of(track(Status.PASS), days(1), START)

    assert combine_slots([passing])[0].why == ""
    assert [(slot.shown, slot.why) for slot in combine_slots([passing], "never run: b")] == [
        (SlotState.UNKNOWN, "never run: b")
    ]


def test_the_sentence_says_what_was_planned_and_what_was_made() -> None:
    """89 of 92 is worth nothing without the 92 that should have been."""
    statuses = [Status.PASS] * 89 + [Status.FAIL, Status.UNKNOWN, None]
    found = counts_of(slots_of(track(*statuses), days(92), START))

    assert found.sentence(DAY) == (
        "Passed at 89 of 91 observations (planned 92, interval 1d); between observations nothing is known."
    )
    assert found.by_state == {"pass": 89, "fail": 1, "unknown": 1, "nothing to check": 0}
    assert (found.planned, found.made, found.missed) == (92, 91, 1)


def test_days_before_the_first_observation_are_not_observed() -> None:
    """They were neither missed nor in order."""
    found = slots_of(track(None, None, Status.PASS), days(4), START + 2 * DAY + 6 * HOUR)

    assert shown(found) == [SlotState.NOT_OBSERVED, SlotState.NOT_OBSERVED, SlotState.PASS, SlotState.MISSED]
    assert shown(slots_of(track(), days(2), None)) == [SlotState.NOT_OBSERVED] * 2


def test_the_worst_look_of_a_slot_counts() -> None:
    """Looking again until it passes does not make it a pass."""
    again = Timeline("c", "s", evaluations=[*looks(Status.FAIL), *looks(Status.PASS, at=7 * HOUR)])
    (slot,) = slots_of(again, days(1), START)

    assert (slot.shown, slot.evaluations) == (SlotState.FAIL, 2)


def test_a_schedule_that_trembles_has_missed_nothing() -> None:
    """A look one second past midnight belongs to the day before, where that has none of its own."""
    times = [START + DAY + timedelta(seconds=1), START + 2 * DAY - timedelta(seconds=1)]

    assert assign_to_slots(times, days(2)) == [([0], True), ([1], False)]
    assert assign_to_slots(times[:1], days(2)) == [([], False), ([0], False)]


@pytest.mark.parametrize(
    ("shown_by", "expected"),
    [
        ((SlotState.PASS, SlotState.PASS), SlotState.PASS),
        ((SlotState.PASS, SlotState.NOTHING), SlotState.PASS),
        ((SlotState.NOTHING, SlotState.NOTHING), SlotState.NOTHING),
        ((SlotState.PASS, SlotState.FAIL), SlotState.FAIL),
        ((SlotState.MISSED, SlotState.FAIL), SlotState.FAIL),
        ((SlotState.PASS, SlotState.UNKNOWN), SlotState.UNKNOWN),
        ((SlotState.PASS, SlotState.MISSED), SlotState.UNKNOWN),
        ((SlotState.PASS, SlotState.NOT_OBSERVED), SlotState.UNKNOWN),
        ((SlotState.MISSED, SlotState.MISSED), SlotState.MISSED),
        ((SlotState.NOT_OBSERVED, SlotState.NOT_OBSERVED), SlotState.NOT_OBSERVED),
        ((SlotState.MISSED, SlotState.NOT_OBSERVED), SlotState.UNKNOWN),
    ],
)
def test_several_checks_pass_only_together(shown_by: tuple[SlotState, ...], expected: SlotState) -> None:
    """A control of which half was looked at is not established."""
    parts = [[Slot(start=START, end=START + DAY, shown=state, evaluations=1)] for state in shown_by]

    assert shown(combine_slots(parts)) == [expected]


def test_nothing_passes_beside_a_check_that_was_never_run() -> None:
    """Leaving a check out must not help its control."""
    parts = [[Slot(start=START, end=START + DAY, shown=SlotState.PASS, evaluations=1)]]

    assert shown(combine_slots(parts, "never run: c2")) == [SlotState.UNKNOWN]


def test_the_longest_fail_counts_from_before_the_period_and_up_to_its_end() -> None:
    """A fail that began last year is not three days old in January."""
    finding_a, finding_b, finding_c = (FindingId("c", "s", (), name) for name in "abc")
    spells = [
        FailureInterval(finding_a, START - 100 * DAY, START - DAY),
        FailureInterval(finding_b, START - 3 * DAY, START + DAY),
        FailureInterval(finding_c, START + DAY, None),
    ]

    assert longest_failure(spells, START, START + 4 * DAY) == spells[1]
    assert longest_failure(spells, START, START + 10 * DAY) == spells[2]
    assert longest_failure(spells[:1], START, START + 4 * DAY) is None


def test_a_period_is_cut_where_a_rule_became_another_one() -> None:
    """Numbers from before and after are not of one rule."""
    changes = [
        RuleChange(START + 2 * DAY, "limits", "max_age = 90d", "max_age = 180d"),
        RuleChange(START + 2 * DAY, "check code", "sha256:a", "sha256:b"),
        RuleChange(START - DAY, "limits", "x", "y"),
    ]
    found = segments_of(changes, START, START + 4 * DAY)

    assert [(segment.start, segment.end) for segment in found] == [
        (START, START + 2 * DAY),
        (START + 2 * DAY, START + 4 * DAY),
    ]
    assert found[1].changes == (
        "check code: sha256:a became sha256:b",
        "limits: max_age = 90d became max_age = 180d",
    )


moments = st.integers(-48, 24 * 12).map(lambda hours: START + hours * HOUR)
some_looks = st.lists(
    st.tuples(moments, st.sampled_from(Status)).map(lambda pair: Evaluation("run", pair[0], pair[1], "why")),
    max_size=30,
)
some_changes = st.lists(moments.map(lambda at: RuleChange(at, "limits", "a", "b")), max_size=6)
firsts = st.none() | moments
intervals = st.sampled_from([HOUR, 6 * HOUR, DAY, 7 * DAY])


@given(found=some_looks, first=firsts, every=intervals)
def test_counts_add_up(found: list[Evaluation], first: datetime | None, every: timedelta) -> None:
    """Every slot is counted once, whatever happened in it."""
    borders = slot_borders(START, START + 10 * DAY, every)
    made = slots_of(Timeline("c", "s", evaluations=found), borders, first)
    counts = counts_of(made)

    assert counts.planned + counts.not_observed == len(made) == len(borders) - 1
    assert counts.made + counts.missed == counts.planned
    assert sum(counts.by_state.values()) == counts.made == sum(slot.shown in MADE for slot in made)
    assert sum(run.count for run in stretches(made)) == len(made)
    assert [run.since for run in stretches(made)][1:] == [run.until for run in stretches(made)][:-1]


@given(found=some_looks, every=intervals)
def test_every_look_in_the_period_is_in_exactly_one_slot(found: list[Evaluation], every: timedelta) -> None:
    """Counted twice it would be two observations, left out it would be none."""
    times = sorted(look.at for look in found)
    end = START + 10 * DAY
    numbers = [number for mine, _ in assign_to_slots(times, slot_borders(START, end, every)) for number in mine]

    assert sorted(numbers) == [number for number, at in enumerate(times) if START <= at < end]


@given(changes=some_changes)
def test_segments_cover_the_period_without_a_gap(changes: list[RuleChange]) -> None:
    """A day that is in no segment was judged by no rule."""
    end = START + 10 * DAY
    found = segments_of(changes, START, end)

    assert (found[0].start, found[-1].end) == (START, end)
    assert [segment.start for segment in found][1:] == [segment.end for segment in found][:-1]
    assert all(segment.start < segment.end for segment in found)
    assert sum(len(segment.changes) for segment in found) == sum(START < segment.at < end for segment in changes)


@given(found=some_looks, every=intervals, data=st.data())
def test_a_look_that_becomes_worse_never_adds_a_pass(
    found: list[Evaluation], every: timedelta, data: st.DataObject
) -> None:
    """What could not be seen must not help anybody's numbers."""
    borders = slot_borders(START, START + 10 * DAY, every)
    worse = [
        Evaluation(look.run, look.at, Status.UNKNOWN, "not seen") if data.draw(st.booleans()) else look
        for look in found
    ]
    before, after = (
        counts_of(slots_of(Timeline("c", "s", evaluations=evaluations), borders, START))
        for evaluations in (found, worse)
    )

    assert after.by_state["pass"] <= before.by_state["pass"]
    assert after.planned == before.planned
