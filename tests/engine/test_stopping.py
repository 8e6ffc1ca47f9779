"""Runs that end early: Ctrl-C, a store that fails, and going on afterwards."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from collector.core.errors import StoreError
from collector.core.facts import RunEnded
from collector.core.tasks import Outcome
from collector.engine.run import Limits
from tests.played.connector import Recipe, members, played
from tests.played.platform import MEMBERS, Platform, an_org

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collector.core.resources import Body
    from collector.engine.collect import Done
    from tests.played.session import Session
    from tests.played.world import World

FOUR: dict[str, Any] = {name: an_org() for name in ("a", "b", "c", "d")}


def stop_after(one: World, number: int) -> None:
    """Ask the run to end when so many tasks have ended."""
    ended: list[Done] = []

    def heard(done: Done) -> None:
        ended.append(done)
        if len(ended) == number and one.runner is not None:
            one.runner.stop("Ctrl-C")

    one.ears.on_finished = heard


def test_a_stopped_run_keeps_what_is_finished_and_names_the_rest(world: Callable[..., World]) -> None:
    """A task is either seen or recorded as not run; none of the plan is lost."""
    one = world(Platform(**FOUR))
    runner = one.begin(limits=Limits(tasks=1))
    stop_after(one, 10)
    summary = runner.run(one.order())

    assert sum(summary.outcomes.values()) == len(one.ears.tasks)
    assert summary.outcomes["not_run"] > 0
    assert summary.outcomes["complete"] >= 10
    assert set(summary.outcomes) == {"complete", "not_run"}
    ended = one.store.facts[-1]
    assert isinstance(ended, RunEnded)
    assert ended.stopped == "Ctrl-C"


def test_what_was_not_run_is_unknown_with_its_reason(world: Callable[..., World]) -> None:
    """A list that nobody asked for is not an empty one."""
    one = world(Platform(**FOUR))
    runner = one.begin(limits=Limits(tasks=1))
    stop_after(one, 4)
    runner.run(one.order())
    left = [done.observation for done in one.ears.done if done.observation.outcome is Outcome.NOT_RUN]
    unknown = [seen for seen in left if seen.task.collection == "played.member"]

    assert unknown
    for seen in unknown:
        finding = one.finding("played_member_mfa", *seen.task.scope)
        assert finding.status.value == "unknown"
        assert "not run" in finding.reason


def test_a_run_goes_on_where_another_was_stopped(world: Callable[..., World]) -> None:
    """Going on asks only for what is missing, and then everything is known."""
    one = world(Platform(**FOUR))
    runner = one.begin(limits=Limits(tasks=1))
    stop_after(one, 10)
    runner.run(one.order())
    left = {done.observation.task for done in one.ears.done if done.observation.outcome is Outcome.NOT_RUN}
    one.run(wanted=lambda task: task in left, resumes="run-1")

    assert set(one.outcomes()) == {Outcome.COMPLETE}
    assert set(one.verdicts("played_member_mfa").values()) == {"pass"}
    assert len(one.verdicts("played_member_mfa")) == 12


def test_a_task_under_way_is_dropped_whole(world: Callable[..., World]) -> None:
    """Half a list that was cut off by us is no observation of the platform."""
    one = world()

    def interrupted(session: Session) -> Iterator[Body]:
        for body in members(session):
            yield body
            if one.runner is not None:
                one.runner.stop("Ctrl-C")

    one.connector = played(Recipe(members=interrupted))
    one.run(limits=Limits(tasks=1))
    seen = one.observation("played.member", "acme")

    assert (seen.outcome, seen.listed, seen.why) == (Outcome.NOT_RUN, 0, "the run was stopped")
    assert one.bodies("played.member") == {}


def test_a_stop_reaches_who_waits_for_a_place(plain: Callable[..., World]) -> None:
    """Behind a slow platform, nobody waits for the end of the queue to be told."""
    waiting, go = threading.Event(), threading.Event()
    one = plain(Platform(**FOUR), connector=played(Recipe(concurrency=1, quota=lambda *_: "one")))

    def slow(_request: object) -> None:
        waiting.set()
        assert go.wait(20)

    one.platform.play(MEMBERS, slow)
    runner = one.begin(limits=Limits(tasks=4))
    thread = threading.Thread(target=runner.run, args=[one.order()])
    thread.start()
    assert waiting.wait(20)
    runner.stop("Ctrl-C")
    go.set()
    thread.join(20)

    assert not thread.is_alive()
    assert one.outcomes()[Outcome.NOT_RUN] > 0


@pytest.mark.parametrize("what", ["stage", "finish", "TasksPlanned", "Judged", "RunStarted"])
def test_a_store_that_fails_stops_the_run(plain: Callable[..., World], what: str) -> None:
    """Evidence that cannot be kept was not collected: going on would only ask in vain."""
    one = plain(Platform(**FOUR))

    def full(about: str) -> None:
        if about == what:
            raise StoreError("no space left")

    one.store.fails = full
    with pytest.raises(StoreError, match="no space left"):
        one.run(limits=Limits(tasks=1))
    asked = one.platform.count

    assert not any(isinstance(fact, RunEnded) for fact in one.store.facts)
    assert asked < 30  # of some eighty
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("annexd")]


def test_a_failing_store_closes_every_client(plain: Callable[..., World]) -> None:
    """However a run ends, its connections end with it."""
    opened: list[Session] = []

    def notes(session: Session) -> str:
        opened.append(session)
        return "auditor"

    def full(about: str) -> None:
        if about == "finish":
            raise StoreError("no space left")

    one = plain(Platform(**FOUR), connector=played(Recipe(identity=notes)))
    one.store.fails = full
    with pytest.raises(StoreError):
        one.run(limits=Limits(tasks=1))

    assert [session.scope for session in opened if session.closed != 1] == []


def test_a_stop_that_an_sdk_wraps_is_still_a_stop(plain: Callable[..., World]) -> None:
    """A library's own error around ours must not make a failure of what was our wish."""
    one = plain()

    def wraps(session: Session) -> Iterator[Body]:
        try:
            for body in members(session):
                yield body
                if one.runner is not None:
                    one.runner.stop("Ctrl-C")
                    session.get(MEMBERS, "/orgs/acme/members")
        except Exception as error:
            raise RuntimeError("the SDK's own") from error

    one.connector = played(Recipe(members=wraps))
    one.run(limits=Limits(tasks=1))

    assert one.observation("played.member", "acme").outcome is Outcome.NOT_RUN
