"""Quota: a share is kept, nobody's time is eaten by waiting for it, and what will not fit is said before."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.core.errors import DeadlinePassed, Stopped
from collector.core.tasks import Outcome
from collector.core.wire import Answer, Call
from collector.engine.gate import Budget, Gate
from collector.engine.gates import Gates
from collector.engine.quota import Quota, seconds_covered
from collector.engine.run import Limits
from collector.engine.sources import Source
from collector.engine.wire import MeteredWire, Recorder, working_for
from tests.played.clock import PlayedClock
from tests.played.connector import Recipe, Settings, connect, one_bucket, played, settings_for
from tests.played.forwarding import Forwarding
from tests.played.gates import OneGate
from tests.played.platform import Platform, an_org

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.core.scopes import Scope
    from collector.core.wire import Wire
    from collector.engine.forecast import Forecast
    from tests.played.session import Session
    from tests.played.world import World

CALL = Call("GET /x")


def heard(remaining: int, limit: int = 100, resets_in: float = 30) -> Answer:
    """An answer that says what is left."""
    return Answer(200, remaining=remaining, limit=limit, resets_in=timedelta(seconds=resets_in))


def desk(gate: Gate, clock: PlayedClock, deadline: float = 20) -> tuple[Recorder, MeteredWire]:
    """A task with a wire of its own."""
    return Recorder(clock, threading.Event(), timedelta(seconds=deadline)), MeteredWire(OneGate(gate), 1)


def ask(recorder: Recorder, wire: MeteredWire, answer: Answer) -> None:
    """Send one call and get its answer."""
    with working_for(recorder, listing=False):
        wire.before(CALL)
        wire.after(CALL, answer)


@pytest.mark.parametrize(
    ("remaining", "share", "waits"),
    [(51, 0.5, 0), (50, 0.5, 30), (1, 1.0, 0), (0, 1.0, 30), (81, 0.2, 0), (80, 0.2, 30)],
)
def test_when_the_share_is_used_up(remaining: int, share: float, waits: float) -> None:
    """The edge on both sides; a share of everything waits only where there is nothing left."""
    quota = Quota(share, PlayedClock())
    quota.update(remaining, 100, timedelta(seconds=30))

    assert quota.acquire() == waits


def test_answers_that_overtake_each_other_do_not_fill_the_quota() -> None:
    """An older answer that arrives late knows of more calls than there are."""
    quota = Quota(0.5, PlayedClock())
    quota.update(50, 100, timedelta(seconds=30))
    quota.update(60, 100, timedelta(seconds=30))

    assert quota.acquire() == 30


def test_a_new_period_counts_from_its_own_first_word() -> None:
    """The emptiness of the last hour says nothing of this one."""
    quota = Quota(0.5, PlayedClock())
    quota.update(50, 100, timedelta(seconds=30))
    quota.update(99, 100, timedelta(hours=1))

    assert quota.acquire() == 0


def test_a_period_that_ends_late_is_not_full_again_with_every_look() -> None:
    """Platforms tell the end in whole seconds; an answer from just before it must still be believed just after."""
    clock = PlayedClock()
    quota = Quota(0.5, clock)
    quota.update(50, 100, timedelta(seconds=30))
    clock.move(timedelta(seconds=30))
    first = quota.acquire()
    quota.release()
    quota.update(50, 100, timedelta(seconds=2))

    assert (first, quota.acquire()) == (0, 2)


def test_calls_under_way_count_until_they_are_answered() -> None:
    """Eight threads that all look at the last free call must not all make it."""
    quota = Quota(0.5, PlayedClock())
    quota.update(52, 100, timedelta(seconds=30))

    assert (quota.acquire(), quota.acquire()) == (0, 0)
    assert 0 < quota.acquire() < 1
    quota.release()
    assert quota.acquire() == 0


def test_waiting_for_quota_is_no_work_of_the_task() -> None:
    """A task of half an hour may wait for an hour and still has its half an hour."""
    clock = PlayedClock()
    recorder, wire = desk(Gate(Budget(8, share=0.5), clock), clock)
    ask(recorder, wire, heard(50, resets_in=3600))
    ask(recorder, wire, heard(99, resets_in=3600))

    assert clock.waits == [3600]
    clock.move(timedelta(seconds=19))
    recorder.check_running()
    clock.move(timedelta(seconds=2))
    with pytest.raises(DeadlinePassed):
        recorder.check_running()


def test_a_task_that_waits_behind_another_does_not_pay_for_it() -> None:
    """Threads wait for each other inside a connector too, where no wire sees them."""
    clock = PlayedClock()
    gate = Gate(Budget(8, share=0.5), clock)
    first, second = desk(gate, clock), desk(gate, clock)
    ask(*first, heard(50, resets_in=3600))
    ask(*first, heard(99, resets_in=3600))
    ask(*second, heard(98, resets_in=3600))

    assert clock.waits == [3600]


def test_an_hour_without_two_quotas_is_one_hour() -> None:
    """A task that needs both must not get the time twice."""
    clock = PlayedClock()
    first, second = (Gate(Budget(8, share=0.5), clock) for _ in range(2))
    recorder, wire = desk(first, clock)
    other = MeteredWire(OneGate(second), 1)
    ask(recorder, wire, heard(50, resets_in=3600))
    ask(recorder, other, heard(50, resets_in=3600))
    assert second.quota.acquire() == 3600
    ask(recorder, wire, heard(99, resets_in=3600))
    ask(recorder, other, heard(99, resets_in=3600))

    assert clock.waits == [3600]
    clock.move(timedelta(seconds=21))
    with pytest.raises(DeadlinePassed):
        recorder.check_running()


@pytest.mark.parametrize(
    ("spans", "seconds"),
    [
        ([], 0),
        ([(0, 10), (5, 20)], 20),
        ([(30, 40), (0, 10)], 20),
        ([(0, 40), (10, 20)], 40),
        ([(0, 10), (10, 20)], 20),
    ],
)
def test_how_long_spans_last_together(spans: list[tuple[float, float]], seconds: float) -> None:
    """Time passes once."""
    assert seconds_covered(spans) == seconds


def test_who_waits_for_a_place_when_the_quota_ends_does_not_pay_for_it_either() -> None:
    """A refusal of the last call pauses the others, who had their part of the quota already."""
    clock = PlayedClock()
    gate = Gate(Budget(1), clock)
    first, second = desk(gate, clock), desk(gate, clock)
    with working_for(first[0], listing=False):
        first[1].before(CALL)
    thread = threading.Thread(target=ask, args=(*second, heard(99)))
    thread.start()
    while gate.quota._in_progress < 2:
        threading.Event().wait(0.01)
    with working_for(first[0], listing=False):
        hour = timedelta(hours=1)
        first[1].after(CALL, Answer(429, throttled=True, retry_after=hour, remaining=0, limit=100, resets_in=hour))
    thread.join(20)

    assert second[0].requests == 1
    assert second[0].refused is None
    assert clock.waits == [3600]


def test_who_waits_for_quota_can_be_stopped() -> None:
    """Ctrl-C must not take until the next hour."""
    clock = PlayedClock()
    recorder, wire = desk(Gate(Budget(8, share=0.5), clock), clock)
    ask(recorder, wire, heard(50))
    recorder._stop.set()

    with pytest.raises(Stopped):
        ask(recorder, wire, heard(99))


def test_the_stricter_of_two_budgets_holds_for_one_quota() -> None:
    """Two sources with one token share its limit; the looser one must not speak for both."""
    sources = [
        Source(name, played(Recipe(quota=one_bucket())), settings_for(Platform(acme=an_org())))
        for name in ("loose", "strict")
    ]
    budgets = {"loose": Budget(8, 9.0), "strict": Budget(2, 0.5, share=0.25)}

    gates = Gates(sources, budgets, PlayedClock())
    found = [gates._strictest(source, ("acme",), CALL, gates.bucket_of(source, ("acme",), CALL)) for source in sources]

    assert found == [Budget(2, 0.5, 0.25)] * 2


def test_another_quota_keeps_its_own_budget() -> None:
    """What one account allows is no limit of another."""
    sources = [
        Source(name, played(Recipe(quota=one_bucket(name))), settings_for(Platform(acme=an_org())))
        for name in ("loose", "strict")
    ]
    budgets = {"loose": Budget(8), "strict": Budget(2)}

    gates = Gates(sources, budgets, PlayedClock())
    bucket = gates.bucket_of(sources[0], ("acme",), CALL)

    assert gates._strictest(sources[0], ("acme",), CALL, bucket) == Budget(8)


@dataclass
class Telling(Forwarding):
    """A wire on which each answer says what is left of a quota of so many calls in ten minutes."""

    clock: PlayedClock
    limit: int
    asked: Counter[int]

    def after(self, call: Call, answer: Answer) -> None:
        """Add what a platform with a quota says."""
        period, gone = divmod(self.clock.monotonic(), 600)
        self.asked[int(period)] += 1
        left = self.limit - self.asked[int(period)]
        resets_in = timedelta(seconds=600 - gone)
        self.wire.after(call, replace(answer, remaining=left, limit=self.limit, resets_in=resets_in))


def _limited(make_plain_world: Callable[..., World], limit: int) -> tuple[World, Counter[int]]:
    """A world whose platform allows so many calls in ten minutes, and what it was asked in each."""
    asked: Counter[int] = Counter()
    clock = PlayedClock()

    def telling(settings: Settings, scope: Scope, wire: Wire) -> Session:
        return connect(settings, scope, Telling(wire, clock, limit, asked))

    recipe = Recipe(connect=telling, quota=one_bucket(concurrency=1))
    orgs: dict[str, Any] = {name: an_org() for name in ("a", "b", "c")}
    return make_plain_world(Platform(**orgs), connector=played(recipe), clock=clock), asked


def _forecasts_of(world: World) -> list[Forecast]:
    forecasts: list[Forecast] = []
    limits = Limits(tasks=1, parts=1, deadline=timedelta(minutes=1), budgets={"code": Budget(1, share=0.5)})
    world.begin(limits=limits, on_forecast=forecasts.extend).run(world.request())
    return forecasts


def test_a_run_that_exceeds_its_share_says_so_and_spreads_itself(make_plain_world: Callable[..., World]) -> None:
    """An operator learns it before the first request of a night, and nothing is missing after it."""
    world, asked = _limited(make_plain_world, 20)

    (forecast,) = _forecasts_of(world)

    assert forecast.exceeds
    assert forecast.guessed > 0
    assert forecast.takes >= timedelta(minutes=10)
    assert max(asked.values()) == 10
    assert len(asked) > 3
    assert set(world.outcomes()) == {Outcome.COMPLETE}


def test_a_second_run_knows_from_the_first_what_it_takes(make_plain_world: Callable[..., World]) -> None:
    """A guess is only for what was never run."""
    world, asked = _limited(make_plain_world, 10_000)
    (first,) = _forecasts_of(world)
    before = asked.total()

    (second,) = _forecasts_of(world)

    assert (first.guessed > 0, second.guessed) == (True, 0)
    discovery = asked.total() - before - second.requests
    assert 0 < discovery < 10
    assert not second.exceeds
