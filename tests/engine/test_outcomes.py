"""How a task ends, whatever the platform does, and that no end of one is the end of another."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from collector.core.errors import ConfigError, ConnectorError, Denied
from collector.core.tasks import Outcome
from collector.core.wire import Total
from collector.engine.run import Limits
from tests.golden_parts import compare_part
from tests.played.clock import PlayedClock
from tests.played.connector import Recipe, bucket_each, members, played
from tests.played.platform import (
    MEMBERS,
    REPOS,
    WHOAMI,
    Platform,
    a_member,
    an_org,
    circle,
    endless,
    html,
    huge,
    on_page,
    page,
    status,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collector.core.resources import Body
    from tests.played.session import Session
    from tests.played.world import World

OTHERS = 5
"""Tasks of the estate besides the one that a test spoils."""


def lost(request: httpx.Request) -> httpx.Response:
    """A connection that breaks."""
    raise httpx.ReadError("reset", request=request)


def always(how: Callable[[], httpx.Response]) -> Callable[[httpx.Request], httpx.Response]:
    """The same to everybody."""
    return lambda _request: how()


BAD = {
    "refused": (always(lambda: status(403, error="forbidden")), Outcome.DENIED, "403 forbidden"),
    "unauthenticated": (always(lambda: status(401, error="expired")), Outcome.DENIED, "401 expired"),
    "throttled": (always(lambda: status(429, retry_after=7)), Outcome.FAILED, "429"),
    "broken": (always(lambda: status(500)), Outcome.FAILED, "500"),
    "missing": (always(lambda: status(404, error="gone")), Outcome.FAILED, "404 gone"),
    "html": (always(html), Outcome.FAILED, "not JSON"),
    "a gigabyte": (always(huge), Outcome.FAILED, "larger than is read"),
    "another shape": (always(lambda: httpx.Response(200, json={"odd": 1})), Outcome.FAILED, "unexpected KeyError"),
    "no answer": (lost, Outcome.FAILED, "no answer: reset"),
    "pages A, B, A, B": (circle, Outcome.FAILED, "round in circles"),
    "the same page again": (always(lambda: page([], following="0")), Outcome.FAILED, "round in circles"),
    "an item without key": (always(lambda: page([{"role": "owner"}])), Outcome.FAILED, "no 'login'"),
    "an item with an empty key": (always(lambda: page([a_member("")])), Outcome.FAILED, "no 'login'"),
    "an item with a null key": (always(lambda: page([{"login": None}])), Outcome.FAILED, "no 'login'"),
}


@pytest.mark.parametrize(("how", "outcome", "why"), BAD.values(), ids=BAD)
def test_a_list_that_cannot_be_read_says_so_and_stops_no_other(
    make_world: Callable[..., World],
    how: Callable[[httpx.Request], httpx.Response],
    outcome: Outcome,
    why: str,
) -> None:
    """One broken answer must neither look like an empty list nor cost the rest of the estate."""
    world = make_world()
    world.platform.play(MEMBERS, how)
    world.run()
    seen = world.observation("played.member", "acme")

    assert seen.outcome is outcome
    assert why in seen.why
    assert seen.permissions == ("members:read" if outcome is Outcome.DENIED else "")
    assert world.outcomes()[Outcome.COMPLETE] == OTHERS
    assert world.finding("played_member_mfa", "acme").status.value == "unknown"
    assert why in world.finding("played_member_mfa", "acme").reason


def test_a_credential_that_cannot_be_sent_is_a_matter_of_the_settings(make_world: Callable[..., World]) -> None:
    """It is read when it is sent: what to do is said, and no permission that would not help."""

    def unreadable(_request: httpx.Request) -> httpx.Response:
        raise ConfigError("the key of acme is none", mend="write the whole file")

    world = make_world()
    world.platform.play(MEMBERS, unreadable)
    world.run()
    seen = world.observation("played.member", "acme")

    assert (seen.outcome, seen.permissions) == (Outcome.FAILED, "")
    assert seen.why == "the key of acme is none (write the whole file)"


@pytest.mark.parametrize("code", [403, 429, 500])
def test_a_second_page_that_fails_is_not_the_end_of_the_list(make_world: Callable[..., World], code: int) -> None:
    """Half a list is kept, is called half a list, and is judged so."""
    world = make_world()
    world.platform.play(MEMBERS, on_page("2", lambda: status(code)))
    world.run()
    seen = world.observation("played.member", "acme")

    assert seen.outcome is Outcome.PARTIAL
    assert (seen.listed, seen.provenance.pages) == (2, 1)
    assert sorted(world.bodies("played.member")) == ["ann", "bob"]
    assert world.verdicts("played_member_mfa") == {
        ("played_member_mfa", ("acme",), ""): "unknown",
        ("played_member_mfa", ("acme",), "ann"): "pass",
        ("played_member_mfa", ("acme",), "bob"): "pass",
    }
    assert world.finding("played_org_two_owners", "acme").status.value == "unknown"


def test_an_item_that_cannot_be_written_down_keeps_those_before_it(make_world: Callable[..., World]) -> None:
    """A lone surrogate in one name must not lose the others, nor be called a complete list."""
    world = make_world()
    bad = httpx.Response(200, content=b'{"items": [{"login": "zoe", "note": "\\ud800"}], "next": null}')
    world.platform.play(MEMBERS, on_page("2", lambda: bad))
    world.run()

    assert world.observation("played.member", "acme").outcome is Outcome.PARTIAL
    assert sorted(world.bodies("played.member")) == ["ann", "bob"]


@pytest.mark.parametrize("item", [None, [], "ann", 3])
def test_an_item_that_is_no_object_ends_the_list(make_world: Callable[..., World], item: Any) -> None:
    """A client that gives None for an empty answer would else have one complete setting with nothing in it."""
    world = make_world(connector=played(Recipe(settings_of=lambda _session: iter([item]))))
    world.run()
    seen = world.observation("played.settings", "acme")

    assert (seen.outcome, seen.listed) == (Outcome.FAILED, 0)
    assert "no object" in seen.why


@pytest.mark.parametrize("count", [1.5, True, None, "3", -1])
def test_a_count_that_is_no_whole_number_ends_the_list(make_world: Callable[..., World], count: Any) -> None:
    """Compared or recorded as it is, it would end the run, or be taken for the platform's own count."""

    def counted(session: Session) -> Iterator[Body | Total]:
        yield Total(count, "the platform's total")
        yield from members(session)

    world = make_world(connector=played(Recipe(members=counted)))
    world.run()
    seen = world.observation("played.member", "acme")

    assert (seen.outcome, seen.provenance.total) == (Outcome.FAILED, None)
    assert "the platform's total" in seen.why


def test_a_message_that_is_no_text_can_still_be_written_down(make_world: Callable[..., World]) -> None:
    """A platform's odd message must not end the run."""

    def odd(_session: Session) -> Iterator[Body]:
        yield from ()
        raise ConnectorError("it said \ud800", mend="ask \udfff")

    world = make_world(connector=played(Recipe(members=odd)))
    world.run()

    assert world.observation("played.member", "acme").why == "it said ? (ask ?)"


def test_a_connector_that_cannot_explain_an_error_ends_its_task_only(make_world: Callable[..., World]) -> None:
    """A mistake in the explanation is no reason to stop looking at everything else."""

    def broken(error: Exception) -> ConnectorError | None:
        raise LookupError(type(error).__name__)

    world = make_world(connector=played(Recipe(explain=broken)))
    world.platform.deny(MEMBERS)
    world.run()
    seen = world.observation("played.member", "acme")

    assert seen.outcome is Outcome.FAILED
    assert "cannot explain" in seen.why
    # The repositories without protection could not be told from those that were not read.
    assert world.finding("played_repo_protected", "acme", "api", subject="docs").status.value == "unknown"


def test_a_connector_that_cannot_connect_ends_its_own_tasks_only(make_world: Callable[..., World]) -> None:
    """A source that is away is unknown, and the run goes on to its end."""

    def away(*_: object) -> Session:
        raise ConnectionError("no route")

    world = make_world(connector=played(Recipe(connect=away)))
    summary = world.run()

    assert summary.outcomes == {"failed": 4}
    assert world.finding("played_member_mfa", "acme").status.value == "unknown"


def test_an_open_call_is_no_complete_list(make_plain_world: Callable[..., World]) -> None:
    """What the wire did not see the end of cannot be vouched for."""

    def leaves(session: Session) -> Iterator[Body]:
        from collector.core.wire import Call

        session.wire.before(Call(MEMBERS))
        yield from ()

    world = make_plain_world(connector=played(Recipe(members=leaves, quota=bucket_each(concurrency=1))))
    world.run()

    assert world.observation("played.member", "acme").outcome is Outcome.FAILED
    assert world.outcomes()[Outcome.COMPLETE] == OTHERS


def test_endless_pages_end_with_the_task_s_time(make_plain_world: Callable[..., World]) -> None:
    """A list without an end is cut off and called partial, not waited for and not believed."""
    world = make_plain_world(clock=PlayedClock(tick=0.01))
    world.platform.play(MEMBERS, endless)
    world.run(limits=Limits(deadline=timedelta(seconds=5)))
    seen = world.observation("played.member", "acme")

    assert seen.outcome is Outcome.FAILED
    assert "5s" in seen.why
    compare_part("engine/reasons", "deadline passed", seen.why)


def test_a_task_s_time_starts_with_the_task(make_plain_world: Callable[..., World]) -> None:
    """In a large estate the last task starts long after the first has used its time."""
    clock = PlayedClock()

    def slow(session: Session) -> Iterator[Body]:
        clock.move(timedelta(minutes=20))
        yield from members(session)

    orgs: dict[str, Any] = {name: an_org(projects={}) for name in ("a", "b", "c", "d")}
    world = make_plain_world(Platform(**orgs), clock=clock, connector=played(Recipe(members=slow)))
    world.run(limits=Limits(tasks=1, deadline=timedelta(minutes=30)))

    assert set(world.outcomes()) == {Outcome.COMPLETE}


def test_a_long_list_is_no_circle(make_plain_world: Callable[..., World]) -> None:
    """Page tokens that differ only at their end are still different pages."""
    many = [a_member(f"m{number:03}") for number in range(60)]
    world = make_plain_world(Platform(acme=an_org(members=many)))
    prefix = "t" * 300

    def tokens(request: httpx.Request) -> httpx.Response:
        start = int(request.url.params.get("from", "0").removeprefix(prefix))
        return page(many[start : start + 2], following=f"{prefix}{start + 2}" if start < 58 else None)

    world.platform.play(MEMBERS, tokens)
    world.run()

    assert world.observation("played.member", "acme").outcome is Outcome.COMPLETE
    assert world.observation("played.member", "acme").listed == 60


def test_a_resource_listed_twice_is_counted(make_world: Callable[..., World]) -> None:
    """A list that moves while it is read shows some items twice; an auditor sees how many."""
    world = make_world()
    world.platform.play(MEMBERS, on_page("2", lambda: page([a_member("ann"), a_member("zoe")])))
    world.run()
    seen = world.observation("played.member", "acme")

    assert (seen.listed, seen.provenance.repeated) == (4, 1)
    assert sorted(world.bodies("played.member")) == ["ann", "bob", "zoe"]


def test_who_asks_is_written_down(make_world: Callable[..., World]) -> None:
    """An auditor asks with whose eyes a list was seen."""
    world = make_world()
    world.run()

    assert world.observation("played.member", "acme").provenance.identity == "auditor"
    assert world.platform.served[WHOAMI] == 3  # once a client, not once a task


def refuses(_session: Session) -> str:
    """A connector that says itself that it may not ask."""
    raise Denied("not for you")


@pytest.mark.parametrize("recipe", [Recipe(), Recipe(identity=refuses)], ids=["the SDK's error", "our error"])
def test_a_platform_that_will_not_say_who_asks_is_read_all_the_same(
    make_world: Callable[..., World], recipe: Recipe
) -> None:
    """The identity is a property of the evidence, not a condition for it."""
    world = make_world(connector=played(recipe))
    world.platform.deny(WHOAMI)
    world.run()

    assert world.observation("played.member", "acme").provenance.identity is None
    assert set(world.outcomes()) == {Outcome.COMPLETE}


def test_every_request_is_in_the_record(make_world: Callable[..., World]) -> None:
    """How many calls, how many pages, with what parameters: what makes a list evidence."""
    world = make_world()
    world.run()
    seen = world.observation("played.repo", "acme", "api").provenance
    calls = {call.operation: call for call in seen.calls}

    assert calls[REPOS].count == 2
    assert calls[REPOS].statuses == {"200": 2}
    assert seen.pages == 2
    assert seen.requests == sum(call.count for call in seen.calls)


def test_a_circle_is_counted_as_often_as_it_was_asked(make_world: Callable[..., World]) -> None:
    """The last call, which never went out, is no call."""
    world = make_world()
    world.platform.play(MEMBERS, circle)
    summary = world.run()

    assert summary.requests == world.platform.count


def test_what_the_wire_has_refused_no_connector_makes_good(make_world: Callable[..., World]) -> None:
    """An SDK that swallows or wraps our stop, or a circle, must not turn half a list into a whole one."""

    def swallows(session: Session) -> Iterator[Body]:
        with suppress(Exception):
            yield from members(session)

    world = make_world(connector=played(Recipe(members=swallows)))
    world.platform.play(MEMBERS, circle)
    world.run()

    assert world.observation("played.member", "acme").outcome is Outcome.FAILED
    compare_part("engine/reasons", "page repeated", world.observation("played.member", "acme").why)
