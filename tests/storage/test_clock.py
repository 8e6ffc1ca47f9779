"""Clocks that jump: the order of leaves never depends on them, and that they jumped is known."""

from __future__ import annotations

from datetime import timedelta

import pytest

from storage import SqlStore, open_store
from storage.verification import VerificationRequest, verify
from storage.verifying.clock_check import newest_at, ran_backwards
from tests.storage.evidence import BUCKETS, MONDAY, TickingClock, item, keys, observed, scan

JUMPS = [
    timedelta(hours=-1),
    timedelta(hours=1),
    timedelta(days=-3650),
    timedelta(days=3650),
    timedelta(seconds=-1),
    timedelta(minutes=-61),
]


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_a_jump_changes_no_order_and_is_seen_where_it_went_back(
    store: SqlStore, clock: TickingClock, jump: timedelta
) -> None:
    """What was recorded later stands later, whatever the clock says of it."""
    scan(store, item("before"))
    clock.now += jump
    scan(store, item("after"))
    store.checkpoints.checkpoint()
    report = verify(store, VerificationRequest(rebuild=True))

    with store.reading() as connection:
        found = ran_backwards(connection)
        newest = newest_at(connection)

    assert keys(store) == ["after"]
    assert (report.leaves, report.unsigned) == (3, 0)
    assert found == ((1, 2) if jump < timedelta(seconds=-5) else (0, None))
    assert newest == clock.now


def test_a_jump_in_the_middle_of_a_task_moves_nothing(store: SqlStore, clock: TickingClock) -> None:
    """Half a list before, half a list after: one task, one leaf, one state."""
    attempt = store.attempt(BUCKETS, "run-1")
    store.stage(attempt, [item("a")])
    clock.now += timedelta(days=3650)
    store.stage(attempt, [item("b")])
    clock.now -= timedelta(days=7300)
    store.finish(attempt, observed(listed=2))
    scan(store, item("a"))

    assert keys(store) == ["a"]
    assert verify(store, VerificationRequest(rebuild=True)).leaves == 3


def test_a_random_walk_of_the_clock_spoils_nothing(url: str) -> None:
    """Forty jumps of hours to ten years, forth and back, over one store that is opened again for each."""
    trials, back = 40, 0
    clock = TickingClock(MONDAY)
    for number in range(trials):
        jump = timedelta(minutes=(number * 7919) % 20_011 - 10_000) * (1 + number % 3 * 200)
        back += jump < timedelta(seconds=-5)
        clock.now += jump
        with open_store(url, writer=True, clock=clock) as store:
            scan(store, item(f"{number}"))
            store.checkpoints.checkpoint()
            assert keys(store) == [f"{number}"]
    with open_store(url, writer=False, clock=clock) as store:
        assert verify(store, VerificationRequest(rebuild=True)).leaves == trials + 1
        with store.reading() as connection:
            assert 0 < ran_backwards(connection).leaves <= back

    print(f"{trials} jumps of the clock, {back} of them back, 0 violations")  # noqa: T201  the count is the result
