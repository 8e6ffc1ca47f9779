"""Collections that keep no thread: driven on one loop, judged like any other."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from collector.core.tasks import Outcome
from collector.engine.listing import LoopThread
from tests.played.connector import Recipe, played
from tests.played.connector import tickets as listed
from tests.played.platform import TICKETS, Platform, an_org, circle, endless, on_page, status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import httpx

    from collector.core.resources import Body
    from tests.played.platform import Play
    from tests.played.session import Session
    from tests.played.world import World


def test_a_list_without_a_thread_is_a_list(make_world: Callable[..., World]) -> None:
    """An SDK that only speaks async gives the same evidence."""
    world = make_world()
    world.run()
    seen = world.observation("played.ticket", "acme")

    assert (seen.outcome, seen.listed, seen.provenance.pages) == (Outcome.COMPLETE, 3, 2)
    assert sorted(world.bodies("played.ticket")) == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("play", "outcome"),
    [
        (lambda _request: status(403), Outcome.DENIED),
        (on_page("2", lambda: status(403)), Outcome.PARTIAL),
        (circle, Outcome.FAILED),
    ],
    ids=["refused", "second page", "circle"],
)
def test_its_errors_are_those_of_any_list(make_world: Callable[..., World], play: Play, outcome: Outcome) -> None:
    """Not one word of a refusal is lost on the way between two threads."""
    world = make_world()
    world.platform.play(TICKETS, play)
    world.run()

    assert world.observation("played.ticket", "acme").outcome is outcome


def test_lists_of_several_scopes_are_under_way_together(make_plain_world: Callable[..., World]) -> None:
    """One loop serves all: a slow organization does not hold the others."""
    arrived: list[tuple[str, ...]] = []
    all_here = threading.Event()

    async def meets(session: Session) -> AsyncIterator[Body]:
        import asyncio

        arrived.append(session.scope)
        if len(arrived) == 3:
            all_here.set()
        assert await asyncio.to_thread(all_here.wait, 20)
        yield {"id": 1, "state": "open"}

    orgs: dict[str, Any] = {name: an_org(projects={}) for name in ("a", "b", "c")}
    world = make_plain_world(Platform(**orgs), connector=played(Recipe(tickets=meets)))
    world.run()

    assert set(world.outcomes()) == {Outcome.COMPLETE}


def test_a_list_that_is_left_early_is_closed_there(make_plain_world: Callable[..., World]) -> None:
    """What a connector opened it also closes, on its own loop, before its task has ended."""
    closed: list[str] = []
    kept: list[AsyncIterator[Body]] = []

    async def opens(session: Session) -> AsyncIterator[Body]:
        try:
            async for ticket in listed(session):
                yield {**ticket, "id": None}
        finally:
            closed.append(threading.current_thread().name)

    def keeps(session: Session) -> AsyncIterator[Body]:
        # Held here, so that nobody but the engine closes it.
        kept.append(opens(session))
        return kept[0]

    world = make_plain_world(connector=played(Recipe(tickets=keeps)))
    before: list[int] = []
    runner = world.begin()
    world.events.on_finished = lambda done: before.append(len(closed)) if done.observation.why else None
    runner.run(world.request())

    assert closed == ["annexd-async"]
    assert before == [1]
    assert world.observation("played.ticket", "acme").outcome is Outcome.FAILED


def test_a_stop_reaches_the_loop(make_plain_world: Callable[..., World]) -> None:
    """Ctrl-C ends an endless list, wherever it is driven."""
    world = make_plain_world()

    def stops(request: httpx.Request) -> httpx.Response:
        if world.platform.served[TICKETS] == 5 and world.runner is not None:
            world.runner.stop("Ctrl-C")
        return endless(request)

    world.platform.play(TICKETS, stops)
    world.run()

    assert world.observation("played.ticket", "acme").outcome is Outcome.NOT_RUN
    assert world.platform.served[TICKETS] == 5


def test_the_loop_ends_with_the_run(make_plain_world: Callable[..., World]) -> None:
    """A daemon runs for months; a thread a run would add up."""
    world = make_plain_world()
    world.run()

    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("annexd")]


def test_a_loop_that_nobody_needed_is_never_started() -> None:
    """Most connectors are not async."""
    loop = LoopThread()
    before = threading.active_count()
    loop.close()

    assert threading.active_count() == before
