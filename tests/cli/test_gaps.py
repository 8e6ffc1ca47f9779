"""What could not be looked at, by what would mend it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from collector.core.tasks import Task
from collector.report.state.assessment import assessed
from collector.report.state.collection_failures import CollectionFailure, Unknowns
from tests.played.platform import HOOKS, MEMBERS, PROJECTS, REPOS, TICKETS, status

if TYPE_CHECKING:
    from tests.cli.conftest import Desk


def gaps(desk: Desk, how: str) -> list[CollectionFailure]:
    """The gaps of one sort."""
    return [gap for gap in assessed(desk.reading()).collection_failures if gap.how == how]


def test_a_refused_list_is_named_by_the_permission_that_it_needs(desk: Desk) -> None:
    """It is what the operator has to grant, and how much that would mend."""
    desk.platform.deny(MEMBERS)
    desk.world.run()
    (gap,) = gaps(desk, "denied")

    assert (gap.source, gap.needs, len(gap.tasks)) == ("code", "members:read", 1)
    assert gap.checks == ("played_member_mfa", "played_member_rotated", "played_org_two_owners")


def test_one_permission_is_one_gap_however_many_scopes_lack_it(desk: Desk) -> None:
    """A hundred lines for one missing right would hide the others."""
    desk.platform.deny(REPOS)
    desk.world.run()
    (gap,) = gaps(desk, "denied")

    assert (gap.needs, len(gap.tasks)) == ("repos:read", 2)
    assert "played_org_few_public" in gap.checks


def test_refusals_in_the_same_words_are_one_gap_without_a_permission(desk: Desk) -> None:
    """A session that expired is refused everywhere; granting each right in turn would mend nothing."""
    for operation in (MEMBERS, TICKETS):
        desk.platform.deny(operation)
    desk.world.run()
    (gap,) = gaps(desk, "denied")

    assert (gap.needs, len(gap.tasks)) == ("", 2)
    assert "403" in gap.why


def test_a_refusal_on_the_way_names_its_own_permission(desk: Desk) -> None:
    """Where a role cannot be taken on, granting that role the list mends nothing."""
    desk.platform.play(MEMBERS, lambda _request: status(403, error="the role is closed (needs roles:assume)"))
    desk.world.run()
    (gap,) = gaps(desk, "denied")

    assert gap.needs == "roles:assume"


def test_a_part_that_could_not_be_read_names_its_own_permission(desk: Desk) -> None:
    """The list was complete, and what one check needs of each item is missing."""
    desk.platform.deny(HOOKS, where="/api/")
    desk.world.run()
    (gap,) = gaps(desk, "unread")

    assert (gap.needs, gap.what, gap.resources) == ("hooks:read", "hooks of played.repo", 3)
    assert gap.checks == ("played_repo_hooks_tls",)


def test_an_unopened_scope_names_the_checks_below_it(desk: Desk) -> None:
    """They have no finding that could name it."""
    desk.platform.deny(PROJECTS)
    desk.world.run()
    (gap,) = gaps(desk, "unopened")

    assert gap.what == "which projects there are in acme"
    assert "played_repo_protected" in gap.checks
    assert "played_member_mfa" not in gap.checks


def test_what_failed_asks_for_no_permission(desk: Desk) -> None:
    """Whoever grants a right because a server was down has made things worse."""
    desk.platform.play(MEMBERS, lambda _request: status(500))
    desk.world.run()
    (gap,) = gaps(desk, "failed")

    assert gap.needs == ""
    assert "500" in gap.what


def test_what_was_never_seen_is_a_gap(desk: Desk) -> None:
    """Before the first scan everything is."""
    (gap,) = gaps(desk, "never")

    assert len(gap.tasks) == 4


def test_what_was_seen_too_long_ago_is_a_gap(scanned: Desk) -> None:
    """The task was complete, and proves nothing any more."""
    scanned.clock.move(timedelta(days=3))
    (gap,) = gaps(scanned, "old")

    assert len(gap.tasks) == 6


@pytest.mark.parametrize(
    ("scope", "explained"),
    [(("acme",), True), (("acme", "api"), True), ((), True), (("globex",), False), (("globex", "api"), False)],
)
def test_a_gap_explains_only_what_is_unknown_where_it_is(scope: tuple[str, ...], explained: bool) -> None:
    """Else each permission would seem to mend everything."""
    unknowns = Unknowns()
    unknowns.add_silence("code", "a_check", ("acme",))

    assert list(unknowns.touched(Task("code", "a.kind", scope), ["a_check"])) == ["a_check"] * explained
    assert list(unknowns.touched(Task("other", "a.kind", scope), ["a_check"])) == []


def test_two_gaps_do_not_claim_each_others_checks(desk: Desk) -> None:
    """What each would mend is what decides which is mended first."""
    desk.platform.deny(MEMBERS)
    desk.platform.play(TICKETS, lambda _request: status(500))
    desk.world.run()
    (denied,), (failed,) = gaps(desk, "denied"), gaps(desk, "failed")

    assert "played_ticket_closed" not in denied.checks
    assert failed.checks == ("played_ticket_closed",)
