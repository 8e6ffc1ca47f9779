"""The first promise: whatever cannot be read moves verdicts to unknown, and to nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.played.connector import Recipe, played
from tests.played.platform import (
    HOOKS,
    MEMBERS,
    PROJECTS,
    PROTECTION,
    REPOS,
    SETTINGS,
    TICKETS,
    WHOAMI,
    Platform,
    a_member,
    a_repo,
    an_org,
    html,
    on_page,
    status,
)
from tests.played.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    Verdicts = dict[tuple[str, tuple[str, ...], str], str]

CALLS = (WHOAMI, SETTINGS, MEMBERS, TICKETS, PROJECTS, REPOS, PROTECTION, HOOKS)

TROUBLES: dict[str, Callable[[httpx.Request], httpx.Response | None]] = {
    "refused": lambda _request: status(403),
    "throttled": lambda _request: status(429, retry_after=1),
    "broken": lambda _request: status(500),
    "html": lambda _request: html(),
    "second page refused": on_page("2", lambda: status(403)),
    "second page broken": on_page("2", lambda: status(502)),
}


def good() -> Platform:
    """An estate in which nearly everything passes."""
    return Platform(acme=an_org())


def bad() -> Platform:
    """An estate in which nearly everything fails."""
    people = [a_member(name, mfa=False, role="guest", created_at="2024-01-01T00:00:00Z") for name in ("ann", "bob")]
    repos = [a_repo(name, visibility="public", protection=None, hooks=[{"tls": False}]) for name in ("x", "y", "z")]
    return Platform(
        acme=an_org(
            settings={"two_factor_required": False},
            members=people,
            projects={"api": repos, "web": repos[:1]},
        )
    )


def moved(before: Verdicts, after: Verdicts) -> list[tuple[object, str, str | None]]:
    """The verdicts that moved to anything but unknown, or that went away without an unknown in their place."""
    odd: list[tuple[object, str, str | None]] = []
    for id_, was in before.items():
        check, scope, _ = id_
        now = after.get(id_)
        around = [after.get((check, scope[:length], "")) for length in range(len(scope) + 1)]
        if now not in {was, "unknown"} and not (now is None and "unknown" in around):
            odd.append((id_, was, now))
    odd += [(id_, "", now) for id_, now in after.items() if id_ not in before and now != "unknown"]
    return odd


plays = st.dictionaries(st.sampled_from(CALLS), st.sampled_from(sorted(TROUBLES)), max_size=len(CALLS))


@pytest.mark.parametrize("estate", [good, bad])
@given(troubles=plays)
@settings(max_examples=60)
def test_what_cannot_be_read_is_only_ever_unknown(estate: Callable[[], Platform], troubles: dict[str, str]) -> None:
    """Take any rights away on the first day: no verdict turns good, bad or silent."""
    free = World(estate())
    free.run()
    bound = World(estate())
    for call, how in troubles.items():
        bound.platform.play(call, TROUBLES[how])
    bound.run()

    assert moved(free.verdicts(), bound.verdicts()) == []


@pytest.mark.parametrize("estate", [good, bad])
@given(troubles=plays)
@settings(max_examples=60)
def test_what_cannot_be_read_any_more_is_only_ever_unknown(
    estate: Callable[[], Platform], troubles: dict[str, str]
) -> None:
    """Take any rights away on the second day: a failing control must not get better by it."""
    world = World(estate())
    world.run()
    before = world.verdicts()
    world.clock.move(timedelta(days=1))
    for call, how in troubles.items():
        world.platform.play(call, TROUBLES[how])
    world.run()

    assert moved(before, world.verdicts()) == []


@given(troubles=plays)
@settings(max_examples=30)
def test_what_can_be_read_again_is_as_if_nothing_had_been(troubles: dict[str, str]) -> None:
    """Trouble leaves no verdict behind."""
    calm = World(bad())
    calm.run()
    world = World(bad())
    for call, how in troubles.items():
        world.platform.play(call, TROUBLES[how])
    world.run()
    world.platform.calm()
    world.run()

    assert world.verdicts() == calm.verdicts()


def test_pages_in_place_of_every_part_are_no_answer() -> None:
    """A setting of a whole scope is listed without a request: what a proxy says of all its parts is nothing read."""
    listed = Recipe(repos=lambda _session: iter([{"name": "core", "visibility": "private", "deploy": {}}]))
    world = World(Platform(acme=an_org(projects={"api": [a_repo("core")]})), connector=played(listed))
    answered = {}
    for how in (None, html()):
        for operation in (PROTECTION, HOOKS):
            world.platform.play(operation, lambda _request, how=how: how)  # type: ignore[misc]  # each of two answers
        world.run()
        answered[how is None] = {
            done.answered for done in world.events.done if done.observation.task.collection == "played.repo"
        }

    assert answered == {True: {True}, False: {False}}
