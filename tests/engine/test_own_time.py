"""Each verdict is given at the time of what it rests on, and each reason for not knowing is today's."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collector.core.tasks import Outcome
from collector.core.wire import Total
from tests.played.connector import Recipe, members, played
from tests.played.platform import MEMBERS, Platform, a_member, an_org, on_page, status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.played.session import Session
    from tests.played.world import World

DAY = timedelta(days=1)


def test_what_a_partial_list_shows_is_judged_by_its_own_time(world: Callable[..., World]) -> None:
    """An account that was made since the last complete list is not judged before it was there."""
    one = world(Platform(acme=an_org(members=[a_member("ann"), a_member("bob"), a_member("cy")])))
    one.run()
    complete_at = one.observation("played.member", "acme").ended_at
    one.clock.move(10 * DAY)
    one.platform.orgs["acme"]["members"].insert(0, a_member("zed"))
    one.platform.play(MEMBERS, on_page("2", lambda: status(500)))
    one.run()
    partial = one.observation("played.member", "acme")

    assert partial.outcome is Outcome.PARTIAL
    assert one.finding("played_member_rotated", "acme", subject="zed").observed_at == partial.ended_at
    assert one.finding("played_member_rotated", "acme", subject="cy").observed_at == complete_at


def test_another_reason_for_not_knowing_is_written_down(world: Callable[..., World]) -> None:
    """Whoever is told to grant a permission must not be told so when the platform is down."""
    one = world()
    one.platform.deny(MEMBERS)
    one.run()
    refused = one.finding("played_member_mfa", "acme").reason
    one.clock.move(DAY)
    one.platform.calm()
    one.platform.play(MEMBERS, lambda _request: status(503))
    one.run()

    assert "refused" in refused
    assert one.finding("played_member_mfa", "acme").reason != refused
    assert "503" in one.finding("played_member_mfa", "acme").reason


def test_a_list_that_is_shorter_than_the_platform_counts_is_partial(world: Callable[..., World]) -> None:
    """The platform's own count is the one independent total there is."""

    def counted(session: Session) -> Iterator[Any]:
        yield from members(session)
        yield Total(500, "the platform")

    one = world(connector=played(Recipe(members=counted)))
    one.run()
    seen = one.observation("played.member", "acme")

    assert seen.outcome is Outcome.PARTIAL
    assert "counts 500" in seen.why
    assert one.finding("played_org_two_owners", "acme").status.value == "unknown"
