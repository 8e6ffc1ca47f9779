"""When a source is due: by what is on record, whatever happened to the process and to the clock."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.core.facts import RunEnded, RunStarted, SourceRoots, Verified
from collector.core.tasks import Outcome, Task
from collector.daemon.due import SERVE, Due, chosen, next_due, verification_due
from collector.daemon.slots import Interval
from storage import SqlStore, open_store
from tests.storage.evidence import MONDAY, TickingClock, item, planned, scan

HOUR = timedelta(hours=1)
Runs = list[tuple[RunStarted, RunEnded | None]]


def a_run(
    name: str, at: timedelta, *, trigger: str = SERVE, stopped: str | None = None, resumes: str | None = None
) -> tuple[RunStarted, RunEnded | None]:
    """A run of the source acme that ended."""
    moment = MONDAY + at
    sources = (SourceRoots("acme", "played", ()),)
    return (
        RunStarted(name, trigger, moment, "1", "c", "d", sources, resumes=resumes),
        RunEnded(name, moment, {}, stopped=stopped),
    )


def due(runs: Runs, at: timedelta) -> Due:
    """When the source is due that is looked at every hour."""
    return next_due(runs, {"acme": Interval(HOUR)}, MONDAY + at)["acme"]


def test_a_source_that_was_never_looked_at_is_due_at_once() -> None:
    """Whoever starts the daemon for the first time wants to see something."""
    assert due([], HOUR) == Due(MONDAY + HOUR)


def test_a_restart_does_not_repeat_a_slot() -> None:
    """A daemon that is restarted ten times an hour must not ask the platforms ten times."""
    assert due([a_run("b", HOUR), a_run("a", timedelta(0))], HOUR * 1.5) == Due(MONDAY + 2 * HOUR)


def test_a_slot_that_was_missed_is_made_up_for_once() -> None:
    """Three days of downtime are one run, and gaps in the ledger."""
    runs = [a_run("a", timedelta(0))]

    assert due(runs, HOUR * 72).at <= MONDAY + HOUR * 72
    assert due([a_run("b", HOUR * 72), *runs], HOUR * 72) == Due(MONDAY + HOUR * 73)


def test_a_scan_by_hand_uses_up_no_slot() -> None:
    """It may have looked at one service only."""
    assert due([a_run("b", HOUR, trigger="scan"), a_run("a", timedelta(0))], HOUR) == Due(MONDAY + HOUR)


@pytest.mark.parametrize("was_killed", [True, False])
def test_a_run_that_was_cut_short_is_gone_on_with_at_once_and_once(was_killed: bool) -> None:
    """A run that kills its process must not be begun again for ever."""
    started, ended = a_run("a", timedelta(0), stopped="SIGTERM")
    cut: Runs = [(started, None if was_killed else ended)]
    again, _ = a_run("b", HOUR / 4, resumes="a")

    assert due(cut, HOUR / 4) == Due(MONDAY + HOUR / 4, "a")
    assert due([(again, None), *cut], HOUR / 2) == Due(MONDAY + HOUR * 1.25)
    assert due(cut, HOUR * 2).resumes is None


@pytest.mark.parametrize(("back", "at"), [(HOUR, HOUR), (87_600 * HOUR, -87_600 * HOUR)])
def test_a_clock_that_was_put_back_repeats_no_slot_and_never_waits_for_years(back: timedelta, at: timedelta) -> None:
    """An hour back is daylight saving done wrong; ten years back is a battery that died, and was mended."""
    assert due([a_run("a", timedelta(0))], -back) == Due(MONDAY + at)


@settings(max_examples=1_000)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["wait", "back", "restart", "kill", "long"]), st.integers(1, 400)), max_size=40
    )
)
def test_no_slot_is_run_twice_whatever_happens(steps: list[tuple[str, int]]) -> None:
    """A thousand histories of waits, restarts, kills, runs that take too long, and clocks that are put back."""
    now, real, runs = MONDAY, timedelta(0), Runs()
    highest, last = now, -HOUR
    for number, (what, minutes) in enumerate(steps):
        span = timedelta(minutes=minutes)
        if what == "back":
            now = max(now - span, highest - HOUR)
        else:
            now, real = now + span, real + span
        highest = max(highest, now)
        source_due = next_due(runs, {"acme": Interval(HOUR)}, now)["acme"]
        if source_due.at > now:
            continue
        if source_due.resumes is None:
            assert real - last >= HOUR / 2
            last = real
        started, ended = a_run(f"{number}", now - MONDAY, resumes=source_due.resumes)
        runs.insert(0, (started, None if what == "kill" else ended))
        if what == "long":
            now, real = now + span, real + span


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> SqlStore:
    """An empty store."""
    path = tmp_path_factory.mktemp("due") / "annexd.db"
    return open_store(f"sqlite:///{path}", writer=True, clock=TickingClock())


def test_only_what_was_not_finished_is_done_again(store: SqlStore) -> None:
    """Half a night of requests need not be made twice."""
    tasks = [Task("acme", f"aws.kind.{number}", ()) for number in range(3)]
    with store:
        store.write([planned(*tasks, run="cut", sources=("acme",))])
        scan(store, item("a"), task=tasks[0], run="cut")
        scan(store, task=tasks[1], run="cut", outcome=Outcome.NOT_RUN)

        left = chosen(store, "acme", Due(MONDAY, "cut"))
        for task in tasks[1:]:
            scan(store, task=task, run="cut")
        nothing = chosen(store, "acme", Due(MONDAY, "cut"))
        unplanned = chosen(store, "acme", Due(MONDAY, "never planned"))

    assert left is not None
    assert (left.tasks, left.resumes) == (frozenset(tasks[1:]), "cut")
    assert nothing is None
    assert unplanned is not None
    assert unplanned.tasks is None


def test_a_verification_is_not_put_off_by_a_clock_that_was_wrong(tmp_path: Path) -> None:
    """One that is dated years ahead would be the last one for years."""
    clock, week = TickingClock(), timedelta(days=7)
    with open_store(f"sqlite:///{tmp_path / 'annexd.db'}", writer=True, clock=clock) as store:
        made = clock.now
        usual = verification_due(store, week, made)
        clock.now = made + timedelta(days=3650)
        store.write([Verified(at=clock.now, trigger="serve", version="1", took=1.0, wrong="leaf 7 is missing")])
        while_ahead, put_right = (verification_due(store, week, now) for now in (clock.now, made))

    assert timedelta(days=6) < usual - made <= week
    assert while_ahead == clock.now + week
    assert put_right == made
