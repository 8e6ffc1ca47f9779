"""Runs that end early: Ctrl-C, a store that fails, and going on afterwards."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from collector.core.errors import StoreError
from collector.core.facts import RunEnded
from collector.core.tasks import Outcome
from collector.engine.run import Limits
from tests.golden_parts import compare_part
from tests.played.connector import Recipe, members, one_bucket, played
from tests.played.platform import MEMBERS, Platform, an_org

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collector.core.resources import Body
    from collector.engine.collect import Done
    from tests.played.session import Session
    from tests.played.world import World

_MOMENT = 0.02
FOUR: dict[str, Any] = {name: an_org() for name in ("a", "b", "c", "d")}


def unhurried(platform: Platform) -> Platform:
    """Let each answer take a moment: the thread that hears of ended tasks must not fall behind those that run them."""
    answer = platform.answer

    def late(request: httpx.Request) -> httpx.Response:
        time.sleep(_MOMENT)
        return answer(request)

    platform.answer = late  # type: ignore[method-assign]  # of this one object
    return platform


def stop_after(world: World, number: int) -> None:
    """Ask the run to end when so many tasks have ended."""
    unhurried(world.platform)
    ended: list[Done] = []

    def heard(done: Done) -> None:
        ended.append(done)
        if len(ended) == number and world.runner is not None:
            world.runner.stop("Ctrl-C")

    world.events.on_finished = heard


def test_a_stopped_run_keeps_what_is_finished_and_names_the_rest(make_world: Callable[..., World]) -> None:
    """A task is either seen or recorded as not run; none of the plan is lost."""
    world = make_world(Platform(**FOUR))
    runner = world.begin(limits=Limits(tasks=1))
    stop_after(world, 10)
    summary = runner.run(world.request())

    assert sum(summary.outcomes.values()) == len(world.events.tasks)
    assert summary.outcomes["not_run"] > 0
    assert summary.outcomes["complete"] >= 10
    assert set(summary.outcomes) == {"complete", "not_run"}
    ended = world.store.facts[-1]
    assert isinstance(ended, RunEnded)
    assert ended.stopped == "Ctrl-C"


def test_what_was_not_run_is_unknown_with_its_reason(make_world: Callable[..., World]) -> None:
    """A list that nobody asked for is not an empty one."""
    world = make_world(Platform(**FOUR))
    runner = world.begin(limits=Limits(tasks=1))
    stop_after(world, 4)
    runner.run(world.request())
    left = [done.observation for done in world.events.done if done.observation.outcome is Outcome.NOT_RUN]
    unknown = [seen for seen in left if seen.task.collection == "played.member"]

    assert unknown
    for seen in unknown:
        finding = world.finding("played_member_mfa", *seen.task.scope)
        assert finding.status.value == "unknown"
        assert "not run" in finding.reason


def test_a_run_goes_on_where_another_was_stopped(make_world: Callable[..., World]) -> None:
    """Going on asks only for what is missing, and then everything is known."""
    world = make_world(Platform(**FOUR))
    runner = world.begin(limits=Limits(tasks=1))
    stop_after(world, 10)
    runner.run(world.request())
    left = {done.observation.task for done in world.events.done if done.observation.outcome is Outcome.NOT_RUN}
    world.run(wanted=lambda task: task in left, resumes="run-1")

    assert set(world.outcomes()) == {Outcome.COMPLETE}
    assert set(world.verdicts("played_member_mfa").values()) == {"pass"}
    assert len(world.verdicts("played_member_mfa")) == 12


def test_a_task_under_way_is_dropped_whole(make_world: Callable[..., World]) -> None:
    """Half a list that was cut off by us is no observation of the platform."""
    world = make_world()

    def interrupted(session: Session) -> Iterator[Body]:
        for body in members(session):
            yield body
            if world.runner is not None:
                world.runner.stop("Ctrl-C")

    world.connector = played(Recipe(members=interrupted))
    world.run(limits=Limits(tasks=1))
    seen = world.observation("played.member", "acme")

    assert (seen.outcome, seen.listed) == (Outcome.NOT_RUN, 0)
    compare_part("engine/reasons", "run stopped", seen.why)
    assert world.bodies("played.member") == {}


def test_a_stop_reaches_who_waits_for_a_place(make_plain_world: Callable[..., World]) -> None:
    """Behind a slow platform, nobody waits for the end of the queue to be told."""
    waiting, go = threading.Event(), threading.Event()
    world = make_plain_world(Platform(**FOUR), connector=played(Recipe(quota=one_bucket(concurrency=1))))

    def slow(_request: object) -> None:
        waiting.set()
        assert go.wait(20)

    world.platform.play(MEMBERS, slow)
    runner = world.begin(limits=Limits(tasks=4))
    thread = threading.Thread(target=runner.run, args=[world.request()])
    thread.start()
    assert waiting.wait(20)
    runner.stop("Ctrl-C")
    go.set()
    thread.join(20)

    assert not thread.is_alive()
    assert world.outcomes()[Outcome.NOT_RUN] > 0


@pytest.mark.parametrize("what", ["stage", "finish", "TasksPlanned", "Judged", "RunStarted"])
def test_a_store_that_fails_stops_the_run(make_plain_world: Callable[..., World], what: str) -> None:
    """Evidence that cannot be kept was not collected: going on would only ask in vain."""
    world = make_plain_world(unhurried(Platform(**FOUR)))

    def full(about: str) -> None:
        if about == what:
            raise StoreError("no space left")

    world.store.fails = full
    with pytest.raises(StoreError, match="no space left"):
        world.run(limits=Limits(tasks=1))
    asked = world.platform.count

    assert not any(isinstance(fact, RunEnded) for fact in world.store.facts)
    assert asked < 30  # of some eighty
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("annexd")]


def test_a_failing_store_closes_every_client(make_plain_world: Callable[..., World]) -> None:
    """However a run ends, its connections end with it."""
    opened: list[Session] = []

    def notes(session: Session) -> str:
        opened.append(session)
        return "auditor"

    def full(about: str) -> None:
        if about == "finish":
            raise StoreError("no space left")

    world = make_plain_world(Platform(**FOUR), connector=played(Recipe(identity=notes)))
    world.store.fails = full
    with pytest.raises(StoreError):
        world.run(limits=Limits(tasks=1))

    assert [session.scope for session in opened if session.closed != 1] == []


def test_a_stop_that_an_sdk_wraps_is_still_a_stop(make_plain_world: Callable[..., World]) -> None:
    """A library's own error around ours must not make a failure of what was our wish."""
    world = make_plain_world()

    def wraps(session: Session) -> Iterator[Body]:
        try:
            for body in members(session):
                yield body
                if world.runner is not None:
                    world.runner.stop("Ctrl-C")
                    session.get(MEMBERS, "/orgs/acme/members")
        except Exception as error:
            raise RuntimeError("the SDK's own") from error

    world.connector = played(Recipe(members=wraps))
    world.run(limits=Limits(tasks=1))

    assert world.observation("played.member", "acme").outcome is Outcome.NOT_RUN
