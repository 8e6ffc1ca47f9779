"""The wire: places, pauses and pages, with a clock that the test holds."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.core.errors import DeadlinePassed, Stopped, Unexpected
from collector.core.wire import Answer, Call
from collector.engine.gate import Budget, Gate
from collector.engine.run import Limits
from collector.engine.wire import LIMIT_OF_REPEATS, MeteredWire, Recorder, working_for
from tests.played.clock import PlayedClock
from tests.played.connector import Recipe, bucket_each, one_bucket, played
from tests.played.gates import OneGate
from tests.played.platform import MEMBERS, TICKETS, Platform, an_org, status

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.played.world import World

CALL = Call("GET /x", {"page": "1"})
OK = Answer(200)


class Desk:
    """A task with a wire of its own."""

    def __init__(self, gate: Gate, clock: PlayedClock, deadline: timedelta = timedelta(hours=9)) -> None:
        self.stop = threading.Event()
        self.recorder = Recorder(clock, self.stop, deadline)
        self.gate = gate
        self.wire = MeteredWire(OneGate(gate), 1)

    def ask(self, call: Call = CALL, answer: Answer = OK, *, listing: bool = False) -> None:
        """Send one call and get its answer."""
        with working_for(self.recorder, listing=listing):
            self.wire.before(call)
            self.wire.after(call, answer)


def desks(number: int = 2, budget: Budget | None = None) -> tuple[PlayedClock, list[Desk]]:
    """Several tasks at one gate."""
    clock = PlayedClock()
    gate = Gate(budget or Budget(8), clock)
    return clock, [Desk(gate, clock) for _ in range(number)]


@pytest.mark.parametrize("answer", [Answer(429), Answer(503), Answer(403, throttled=True)], ids=str)
def test_a_pause_that_the_platform_asks_for_holds_everybody(answer: Answer) -> None:
    """The quota belongs to the identity, not to the task that was told."""
    clock, (first, other) = desks()
    first.ask(answer=Answer(answer.status, throttled=answer.throttled, retry_after=timedelta(seconds=30)))
    other.ask()

    assert clock.waits == [30.0]


def test_another_identity_is_not_held() -> None:
    """Two accounts have two quotas."""
    clock, (first,) = desks(1)
    (stranger,) = [Desk(Gate(Budget(8), clock), clock)]
    first.ask(answer=Answer(429, retry_after=timedelta(seconds=30)))
    stranger.ask()

    assert clock.waits == []


def test_a_date_to_come_back_on_is_no_pause() -> None:
    """A header on a good answer says when the cache ends, not that we are too fast."""
    clock, (first, other) = desks()
    first.ask(answer=Answer(200, retry_after=timedelta(seconds=30)))
    other.ask()

    assert clock.waits == []


def test_the_longer_of_two_pauses_counts() -> None:
    """A second answer must not shorten what the first one asked for."""
    clock, (first, second, other) = desks(3)
    with working_for(second.recorder, listing=False):
        second.wire.before(CALL)
        first.ask(answer=Answer(429, retry_after=timedelta(seconds=60)))
        second.wire.after(CALL, Answer(429, retry_after=timedelta(seconds=5)))
    other.ask()

    assert clock.waits == [60.0]


def test_nobody_is_held_for_a_day_by_one_answer() -> None:
    """A mad header is obeyed for an hour, and then asked again."""
    clock, (first, other) = desks()
    first.ask(answer=Answer(429, retry_after=timedelta(days=1)))
    other.ask()

    assert clock.waits == [3600.0]


def test_a_pause_past_the_task_s_time_ends_the_task() -> None:
    """A task that may not wait so long says so when its time is over, not an hour later."""
    clock, (told,) = desks(1)
    short = Desk(told.gate, clock, timedelta(seconds=20))
    told.ask(answer=Answer(429, retry_after=timedelta(seconds=60)))

    with pytest.raises(DeadlinePassed, match="20s"):
        short.ask()
    assert clock.waits == [20.0]


def test_a_call_that_may_not_go_out_gives_its_place_back() -> None:
    """A place lost with every stopped task would be a run that stands still."""
    _, (first, second) = desks(2, Budget(1))
    first.stop.set()

    with pytest.raises(Stopped):
        first.ask()
    second.ask()
    assert second.recorder.requests == 1


def test_calls_a_second_are_spread() -> None:
    """A platform that counts by the second is not asked in bursts."""
    clock, (desk, other) = desks(2, Budget(8, per_second=4))
    for _ in range(3):
        desk.ask()
        other.ask()

    assert clock.waits == [0.25] * 5


def test_a_repeated_page_is_refused_before_it_goes_out() -> None:
    """Ten times the same page is no list, and the eleventh request is not sent."""
    _, (desk,) = desks(1)
    for _ in range(LIMIT_OF_REPEATS):
        desk.ask(listing=True)

    with pytest.raises(Unexpected, match=r"GET /x .*11 times"):
        desk.ask(listing=True)
    assert desk.recorder.requests == LIMIT_OF_REPEATS
    assert desk.recorder.open_calls == []
    desk.ask(Call("GET /x", {"page": "2"}), listing=True)


def test_a_refused_page_gives_its_place_back() -> None:
    """A list that goes round in circles must not take a place of the others' with it."""
    _, (desk,) = desks(1, Budget(1))
    for _ in range(LIMIT_OF_REPEATS):
        desk.ask(listing=True)
    with pytest.raises(Unexpected):
        desk.ask(listing=True)

    desk.ask(Call("GET /x", {"page": "2"}), listing=True)
    assert desk.recorder.pages == LIMIT_OF_REPEATS + 1


def test_the_same_call_for_many_items_is_no_circle() -> None:
    """Parts ask alike for each item."""
    _, (desk,) = desks(1)
    for _ in range(50):
        desk.ask(listing=False)

    assert desk.recorder.requests == 50


def test_waiting_for_a_report_is_no_circle() -> None:
    """A platform that makes its answer while we wait is asked the same again, on purpose."""
    clock, (desk,) = desks(1)
    for _ in range(30):
        desk.ask(listing=True)
        with working_for(desk.recorder, listing=True):
            desk.wire.pause(2)

    assert clock.waits == [2] * 30


def test_long_tokens_that_differ_at_their_end_are_different_pages() -> None:
    """Tokens of hundreds of letters often begin alike."""
    _, (desk,) = desks(1)
    for number in range(40):
        desk.ask(Call("GET /x", {"token": "t" * 500 + str(number)}), listing=True)

    assert desk.recorder.pages == 40


def test_the_record_says_what_was_asked_and_what_came_back() -> None:
    """How a list came about is what an auditor asks of it first."""
    _, (desk,) = desks(1)
    desk.ask(answer=Answer(200, request_id="r1"), listing=True)
    desk.ask(answer=Answer(503, request_id="r2"), listing=True)
    desk.ask(answer=Answer(None, error="reset"), listing=True)
    desk.ask(answer=Answer(304, request_id="r3", free=True), listing=True)
    desk.ask(answer=Answer(403), listing=True)
    (calls,) = desk.recorder.calls()

    assert (calls.count, calls.retries, calls.free) == (5, 2, 1)
    assert calls.statuses == {"200": 1, "503": 1, "none": 1, "304": 1, "403": 1}
    assert (calls.first_id, calls.last_id) == ("r1", "r3")
    assert calls.params == {"page": "1"}
    assert desk.recorder.pages == 2


def test_a_run_obeys_a_pause_in_every_task(make_plain_world: Callable[..., World]) -> None:
    """One refusal of one organization's list holds its parts and discoveries too; nobody sleeps for it here."""
    answers = iter([status(429, retry_after=40)])

    def once(_request: httpx.Request) -> httpx.Response | None:
        return next(answers, None)

    world = make_plain_world(connector=played(Recipe(quota=bucket_each(concurrency=1))))
    world.platform.play(MEMBERS, once)
    world.run(limits=Limits(tasks=1))

    assert world.clock.waits == [40.0]
    assert world.observation("played.member", "acme").provenance.calls[-1].statuses["429"] == 1
    assert "429" in world.observation("played.member", "acme").why


def test_scopes_of_one_quota_wait_for_each_other(make_plain_world: Callable[..., World]) -> None:
    """A token's limit is one limit, however many organizations it sees."""
    orgs: dict[str, Any] = {name: an_org(projects={}) for name in ("a", "b")}
    waits = []
    for quota in (one_bucket(concurrency=1), bucket_each(concurrency=1)):
        world = make_plain_world(Platform(**orgs), connector=played(Recipe(quota=quota)))
        # The last list of the first organization: whoever waits for it is the second.
        world.platform.play(TICKETS, lambda request: status(429, retry_after=40) if "/a/" in request.url.path else None)
        world.run(limits=Limits(tasks=1))
        waits.append(world.clock.waits)

    assert waits == [[40.0], []]


def test_no_more_calls_are_under_way_than_there_are_places(make_plain_world: Callable[..., World]) -> None:
    """The platform's own limit on concurrent calls holds over all tasks together, and all of it is used."""
    meeting = threading.Barrier(3, timeout=20)

    def meets(request: httpx.Request) -> None:
        # Three at once have to come together, or the barrier breaks.
        if "from" not in request.url.params:
            meeting.wait()

    orgs: dict[str, Any] = {name: an_org(projects={}) for name in ("a", "b", "c")}
    world = make_plain_world(Platform(**orgs), connector=played(Recipe(quota=one_bucket(concurrency=3))), tickets=False)
    world.platform.play(MEMBERS, meets)
    world.run(limits=Limits(tasks=12, parts=12))

    assert world.platform.busiest == 3
    assert {outcome.value for outcome in world.outcomes()} == {"complete"}
