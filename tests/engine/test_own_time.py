"""Each verdict is given at the time of what it rests on, and each reason for not knowing is today's."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collector.core.tasks import Outcome
from collector.core.wire import Total
from tests.golden_parts import compare_part
from tests.played.connector import Recipe, members, played
from tests.played.platform import MEMBERS, Platform, a_member, an_org, on_page, status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.played.session import Session
    from tests.played.world import World

DAY = timedelta(days=1)


def test_what_a_partial_list_shows_is_judged_by_its_own_time(make_world: Callable[..., World]) -> None:
    """An account that was made since the last complete list is not judged before it was there."""
    world = make_world(Platform(acme=an_org(members=[a_member("ann"), a_member("bob"), a_member("cy")])))
    world.run()
    complete_at = world.observation("played.member", "acme").ended_at
    world.clock.move(10 * DAY)
    world.platform.orgs["acme"]["members"].insert(0, a_member("zed"))
    world.platform.play(MEMBERS, on_page("2", lambda: status(500)))
    world.run()
    partial = world.observation("played.member", "acme")

    assert partial.outcome is Outcome.PARTIAL
    assert world.finding("played_member_rotated", "acme", subject="zed").observed_at == partial.ended_at
    assert world.finding("played_member_rotated", "acme", subject="cy").observed_at == complete_at


def test_another_reason_for_not_knowing_is_written_down(make_world: Callable[..., World]) -> None:
    """Whoever is told to grant a permission must not be told so when the platform is down."""
    world = make_world()
    world.platform.deny(MEMBERS)
    world.run()
    refused = world.finding("played_member_mfa", "acme").reason
    world.clock.move(DAY)
    world.platform.calm()
    world.platform.play(MEMBERS, lambda _request: status(503))
    world.run()

    assert "refused" in refused
    assert world.finding("played_member_mfa", "acme").reason != refused
    assert "503" in world.finding("played_member_mfa", "acme").reason


def test_a_list_that_is_shorter_than_the_platform_counts_is_partial(make_world: Callable[..., World]) -> None:
    """The platform's own count is the one independent total there is."""

    def counted(session: Session) -> Iterator[Any]:
        yield from members(session)
        yield Total(500, "the platform")

    world = make_world(connector=played(Recipe(members=counted)))
    world.run()
    seen = world.observation("played.member", "acme")

    assert seen.outcome is Outcome.PARTIAL
    assert seen.provenance.total == 500
    compare_part("engine/reasons", "list shorter than the platform's count", seen.why)
    assert world.finding("played_org_two_owners", "acme").status.value == "unknown"
