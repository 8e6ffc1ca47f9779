"""Pauses: a platform that takes no more calls is found out once, told once, and waited for by everybody together."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from collector.core.errors import DeadlinePassed
from collector.core.tasks import Outcome
from collector.core.wire import Answer, Call
from collector.engine.gate import Budget, Gate
from collector.engine.run import Limits
from collector.engine.wire import MeteredWire, Recorder, working_for
from tests.played.clock import PlayedClock
from tests.played.connector import Recipe, bucket_each, one_bucket, played
from tests.played.gates import OneGate
from tests.played.platform import MEMBERS, WHOAMI, Platform, an_org, status

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.played.session import Session
    from tests.played.world import World

CALL = Call("GET /x")
OK = Answer(200)
THROTTLED = Answer(429)


class Desk:
    """A task with a wire of its own."""

    def __init__(self, gate: Gate, clock: PlayedClock, deadline: timedelta = timedelta(hours=9)) -> None:
        self.recorder = Recorder(clock, threading.Event(), deadline)
        self.wire = MeteredWire(OneGate(gate), 1)

    def ask(self, answer: Answer) -> None:
        """Send one call and get its answer."""
        self.send()
        self.hear(answer)

    def send(self) -> None:
        """Send one call."""
        with working_for(self.recorder, listing=False):
            self.wire.before(CALL)

    def hear(self, answer: Answer) -> None:
        """Get the answer to the call that was sent."""
        with working_for(self.recorder, listing=False):
            self.wire.after(CALL, answer)


def desks(number: int, budget: Budget | None = None) -> tuple[PlayedClock, Gate, list[Desk]]:
    """Several tasks at one gate."""
    clock = PlayedClock()
    gate = Gate(budget or Budget(8), clock, "code: the quota")
    return clock, gate, [Desk(gate, clock) for _ in range(number)]


@pytest.mark.parametrize("answer", [Answer(429), Answer(403, throttled=True), Answer(200, throttled=True)], ids=str)
def test_a_refusal_without_a_time_holds_everybody_longer_each_time(answer: Answer) -> None:
    """Many platforms say only that it was too much; asking on at once keeps it too much."""
    clock, _, (first, other) = desks(2)
    for _ in range(5):
        first.ask(answer)
        other.ask(answer)

    assert clock.waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_refusal_that_says_no_time_at_all_is_one_without_a_time() -> None:
    """`Retry-After: 0` beside a refusal must not become a loop."""
    clock, _, (first,) = desks(1)
    for _ in range(3):
        first.ask(Answer(429, retry_after=timedelta(0)))

    assert clock.waits == [1, 2]


def test_a_part_of_a_second_is_waited_for_as_it_is_said() -> None:
    """Microsoft's Graph says 2.128."""
    clock, _, (first, other) = desks(2)
    first.ask(Answer(429, retry_after=timedelta(seconds=2.128)))
    other.ask(OK)

    assert clock.waits == [2.128]


def test_calls_that_were_under_way_together_are_refused_together() -> None:
    """Eight refusals of one moment are one pause, and not the eighth in a row."""
    clock, _, tasks = desks(8)
    for task in tasks:
        task.send()
    for task in tasks:
        task.hear(THROTTLED)
    tasks[0].ask(OK)

    assert clock.waits == [1]


def test_a_good_answer_ends_the_growth() -> None:
    """A busy minute of the morning is no reason to wait a minute in the afternoon."""
    clock, _, (task,) = desks(1)
    for answer in (THROTTLED, THROTTLED, OK, THROTTLED, OK):
        task.ask(answer)

    assert clock.waits == [1, 2, 1]


def test_an_answer_to_a_call_from_before_the_pause_ends_nothing() -> None:
    """It was let through before the platform had enough."""
    clock, _, (early, refused) = desks(2)
    early.send()
    refused.ask(THROTTLED)
    refused.ask(THROTTLED)
    early.hear(OK)
    refused.ask(THROTTLED)
    refused.ask(OK)

    assert clock.waits == [1, 2, 4]


def test_after_a_pause_one_call_is_tried_before_the_others() -> None:
    """Found out once: a platform that still refuses is not asked by eight at a time."""
    _, _, (first, second, early) = desks(3)
    early.send()
    first.ask(THROTTLED)
    first.send()
    # What was under way before the pause is no try, and its end is none.
    early.hear(THROTTLED)
    sent = threading.Event()

    def wait() -> None:
        second.send()
        sent.set()

    thread = threading.Thread(target=wait)
    thread.start()
    assert not sent.wait(0.5)
    first.hear(OK)

    assert sent.wait(20)
    thread.join()


def test_a_call_that_was_tried_and_came_to_nothing_leaves_its_place() -> None:
    """Somebody has to be the next to try."""
    _, gate, (first, second) = desks(2)
    first.ask(THROTTLED)
    first.send()
    gate.leave(first.recorder.open_calls[0].number)
    second.ask(OK)

    assert second.recorder.requests == 1


def test_a_pause_is_told_once_with_whose_it_is_and_how_long(caplog: pytest.LogCaptureFixture) -> None:
    """A scan that stands still for minutes says so, and does not fill the screen with it."""
    _, _, tasks = desks(3)
    with caplog.at_level(logging.INFO, "collector.engine.gate"):
        for task in tasks:
            task.send()
        for task in tasks:
            task.hear(Answer(429, retry_after=timedelta(seconds=30)))
        for _ in range(7):
            tasks[0].ask(THROTTLED)

    texts = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    assert texts == ["code: the quota takes no more calls now: none is sent for 30s, until 2026-03-01T06:00:30Z"]
    assert len(caplog.records) == 8


def test_a_quota_that_is_used_up_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """An hour of silence looks like a scan that hangs."""
    left = Answer(200, remaining=0, limit=100, resets_in=timedelta(hours=1))
    _, gate, (first, other) = desks(2)
    first.ask(left)
    # Who comes at the same moment is not told again; who meets an empty quota later is.
    gate._tell_used_up(3600)
    other.ask(left)
    other.ask(OK)

    warnings = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    assert warnings == [
        f"code: the quota is used up as far as annexd may: no call is sent for 1h, until 2026-03-01T{hour}:00:00Z"
        for hour in ("07", "08")
    ]


def test_a_short_pause_is_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    """A second is what every platform asks for now and then."""
    _, _, (task,) = desks(1)
    with caplog.at_level(logging.INFO, "collector.engine.gate"):
        task.ask(THROTTLED)

    assert [record.levelno for record in caplog.records] == [logging.INFO]


def test_a_task_that_ends_in_a_pause_says_who_took_no_calls() -> None:
    """The reason that stays in the record is the platform's, not a clock's."""
    clock, gate, (told,) = desks(1)
    short = Desk(gate, clock, timedelta(seconds=20))
    told.ask(Answer(429, retry_after=timedelta(seconds=60)))

    with pytest.raises(DeadlinePassed, match="20s was used up while code: the quota took no more calls"):
        short.ask(OK)


def test_a_platform_that_refuses_for_minutes_is_hardly_asked_and_tasks_end_in_time(
    make_plain_world: Callable[..., World],
) -> None:
    """Hundreds of tasks must not each find it out for themselves."""
    orgs: dict[str, Any] = {f"org{number}": an_org(projects={}) for number in range(30)}
    world = make_plain_world(Platform(**orgs), connector=played(Recipe(quota=one_bucket(), members=_persistent)))
    world.platform.play(MEMBERS, lambda _request: status(429))
    world.run(limits=Limits(tasks=1, deadline=timedelta(minutes=5)))

    ends = [done.observation for done in world.events.done if done.observation.task.collection == "played.member"]
    assert {seen.outcome for seen in ends} == {Outcome.FAILED}
    assert all("code: one took no more calls" in seen.why for seen in ends)
    assert all(seen.ended_at - seen.started_at <= timedelta(minutes=5) for seen in ends)
    # 30 tasks of five minutes each, at one call a minute.
    assert world.platform.served[MEMBERS] < 30 * 12
    assert {outcome.value for outcome in world.outcomes()} == {"complete", "failed"}


def _persistent(session: Session) -> Any:
    """A list that goes on asking, as an SDK with many attempts does."""
    (org,) = session.scope
    while True:
        try:
            yield from session.pages(MEMBERS, f"/orgs/{org}/members")
        except httpx.HTTPStatusError:
            continue
        return


def test_an_identity_that_is_refused_by_the_rate_is_not_asked_for_by_each_task(
    make_plain_world: Callable[..., World],
) -> None:
    """284 questions who we are, in eight minutes, were 280 too many."""
    orgs: dict[str, Any] = {f"org{number}": an_org(projects={}) for number in range(30)}

    def quota(_settings: Any, scope: Any, call: Call) -> Any:
        return bucket_each()(_settings, ("whoami",) if call.operation == WHOAMI else scope, call)

    connector = played(Recipe(quota=quota))
    connector.identity_of = lambda _settings, _scope: "one"
    world = make_plain_world(Platform(**orgs), connector=connector)
    world.platform.play(WHOAMI, lambda _request: status(429))
    world.run(limits=Limits(tasks=8))

    assert world.platform.served[WHOAMI] == 1
    assert set(world.outcomes()) == {Outcome.COMPLETE}
    seen = world.observation("played.member", "org7")
    assert seen.provenance.identity is None
    assert "429" in seen.provenance.identity_unknown


def test_an_identity_is_asked_for_again_after_a_while(make_plain_world: Callable[..., World]) -> None:
    """A busy minute must not leave a whole night without a name."""
    connector = played()
    connector.identity_of = lambda _settings, _scope: "one"
    clock = PlayedClock()
    world = make_plain_world(connector=connector, clock=clock)
    answers = iter([status(429)])
    world.platform.play(WHOAMI, lambda _request: next(answers, None))
    runner = world.begin(limits=Limits(tasks=1))
    world.events.on_finished = lambda _done: clock.move(timedelta(minutes=2))
    runner.run(world.request())

    assert world.platform.served[WHOAMI] == 2
    assert world.events.done[-1].observation.provenance.identity == "auditor"
