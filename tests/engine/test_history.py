"""What one day says after another: nothing where nothing changed, and nothing better for not having looked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.core.checks import Status
from collector.core.facts import Judged
from collector.core.findings import Ended
from collector.engine.run import Limits
from tests.played.checks import RULES, mfa, rotated, rule
from tests.played.platform import MEMBERS, PROTECTION, REPOS, Platform, a_member, a_repo, an_org, on_page, status

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.played.world import World

DAY = timedelta(days=1)


def next_day(one: World, **order: Any) -> int:
    """Run again a day later; return how many changes were written before."""
    before = len(one.changes())
    one.clock.move(DAY)
    one.run(**order)
    return before


def test_judging_again_what_has_not_changed_writes_nothing(world: Callable[..., World]) -> None:
    """A row a day for each finding would be growth with time."""
    one = world()
    one.run()
    before = next_day(one)

    assert one.changes()[before:] == []
    assert [done.finished.changed for done in one.ears.done] == [0] * 6


def test_what_is_refused_today_keeps_yesterday_s_verdict_with_its_date(world: Callable[..., World]) -> None:
    """Evidence of yesterday proves yesterday, until its time is over; today is unknown at once."""
    one = world(Platform(acme=an_org(members=[a_member("ann", mfa=False), a_member("bob")])))
    one.run()
    yesterday = one.clock.now()
    one.platform.deny(MEMBERS)
    next_day(one)

    assert one.verdicts("played_member_mfa") == {
        ("played_member_mfa", ("acme",), ""): "unknown",
        ("played_member_mfa", ("acme",), "ann"): "fail",
        ("played_member_mfa", ("acme",), "bob"): "pass",
    }
    assert one.finding("played_member_mfa", "acme", subject="ann").observed_at == yesterday
    assert one.finding("played_member_mfa", "acme").observed_at == one.clock.now()
    assert one.finding("played_org_two_owners", "acme").status.value == "unknown"


def test_an_old_list_is_not_judged_by_today_s_clock(world: Callable[..., World]) -> None:
    """An age that would pass the limit today is not known today: nobody looked."""
    one = world(Platform(acme=an_org(members=[a_member("ann", created_at="2025-12-01T07:00:00Z")])))
    one.run()
    one.platform.deny(MEMBERS)
    next_day(one)

    assert one.finding("played_member_rotated", "acme", subject="ann").status.value == "pass"
    assert one.finding("played_member_rotated", "acme").status.value == "unknown"


def test_the_scope_is_not_unknown_any_more_once_it_was_seen(world: Callable[..., World]) -> None:
    """An unknown that is answered ends as seen, not as fixed."""
    one = world()
    one.platform.deny(MEMBERS)
    one.run()
    one.platform.calm()
    before = next_day(one)
    ends = [change for change in one.changes()[before:] if change.id.check == "played_member_mfa" and change.ended]

    assert [(change.id.subject, change.was, change.ended) for change in ends] == [
        ("", Status.UNKNOWN, Ended.SCOPE_SEEN)
    ]
    assert ("played_member_mfa", ("acme",), "") not in one.verdicts()


def test_only_a_complete_list_says_that_something_is_gone(world: Callable[..., World]) -> None:
    """Carol leaves while the second page cannot be read: nobody knows yet."""
    one = world()
    one.run()
    one.platform.orgs["acme"]["members"] = [a_member("ann"), a_member("bob")]
    one.platform.play(MEMBERS, on_page("", lambda: status(500)))
    next_day(one)
    kept = one.finding("played_member_mfa", "acme", subject="carol").status.value
    one.platform.calm()
    before = next_day(one)

    assert kept == "pass"
    assert {change.ended for change in one.changes()[before:] if change.id.subject == "carol"} == {Ended.SUBJECT_GONE}
    assert sorted(one.bodies("played.member")) == ["ann", "bob"]


def test_half_a_list_still_brings_its_news(world: Callable[..., World]) -> None:
    """What was seen of a list that broke off is judged; what was not keeps its date."""
    one = world()
    one.run()
    one.platform.orgs["acme"]["members"][0]["mfa"] = False
    one.platform.play(MEMBERS, on_page("2", lambda: status(500)))
    next_day(one)

    assert one.verdicts("played_member_mfa") == {
        ("played_member_mfa", ("acme",), ""): "unknown",
        ("played_member_mfa", ("acme",), "ann"): "fail",
        ("played_member_mfa", ("acme",), "bob"): "pass",
        ("played_member_mfa", ("acme",), "carol"): "pass",
    }


def test_a_part_that_cannot_be_read_today_is_unknown_today(world: Callable[..., World]) -> None:
    """The list is complete, so the subject was seen: yesterday's protection proves nothing of it."""
    one = world()
    one.run()
    one.platform.deny(PROTECTION)
    before = next_day(one)
    news = [change for change in one.changes()[before:] if change.id.check == "played_repo_protected"]
    changes = {change.id.subject: change for change in news}

    assert set(changes) == {"core", "docs", "edge", "site"}
    assert {(change.now.status if change.now else None) for change in changes.values()} == {Status.UNKNOWN}
    assert changes["docs"].was is Status.FAIL


def test_a_verdict_that_only_time_has_changed_is_written(world: Callable[..., World]) -> None:
    """The evidence is the same; the limit was passed overnight."""
    one = world(
        Platform(acme=an_org(members=[a_member("ann", created_at="2025-12-01T07:00:00Z")])), rules=[rule(rotated)]
    )
    one.run()
    before = next_day(one)
    (change,) = one.changes()[before:]

    assert (change.was, change.now.status if change.now else None) == (Status.PASS, Status.FAIL)
    assert change.because == "time or rule"


def test_a_changed_limit_is_written_even_where_the_verdict_is_the_same(world: Callable[..., World]) -> None:
    """A loosened limit is a change of what is claimed."""
    one = world(rules=[rule(rotated)])
    one.run()
    one.rules = [rule(rotated, max_age="100d")]
    before = next_day(one)
    changes = one.changes()[before:]

    assert {change.because for change in changes} == {"limits"}
    assert len(changes) == 3


def test_a_disabled_check_ends_its_findings_as_disabled(world: Callable[..., World]) -> None:
    """A check that is switched off has not found everything mended."""
    one = world()
    one.run()
    one.rules = [one_rule for one_rule in RULES if one_rule.check is not mfa]
    before = next_day(one)

    assert {(change.id.check, change.ended) for change in one.changes()[before:]} == {
        ("played_member_mfa", Ended.CHECK_DISABLED)
    }


def test_a_mended_resource_says_since_when(world: Callable[..., World]) -> None:
    """Since when something is as it is, is what an auditor samples by."""
    one = world(Platform(acme=an_org(members=[a_member("ann", mfa=False)])), rules=[rule(mfa)])
    one.run()
    next_day(one)
    one.platform.orgs["acme"]["members"][0]["mfa"] = True
    next_day(one)
    next_day(one)
    (state,) = one.store.findings(check="played_member_mfa")

    assert state.finding.status is Status.PASS
    assert state.run == "run-3"


def test_a_field_that_moves_by_itself_makes_no_version(world: Callable[..., World]) -> None:
    """Who signed in today is a fact of today, not a new member."""
    one = world()
    one.run()
    first = one.bodies("played.member")["ann"]
    next_day(one)
    second = one.bodies("played.member")["ann"]

    assert second.digest == first.digest
    assert second.facts != first.facts
    assert b"last_active" not in (second.blob or b"")


def test_changes_are_written_in_portions(world: Callable[..., World]) -> None:
    """A bad day in a large estate must not become one leaf that nobody can hold."""
    people = [a_member(f"m{number:04}") for number in range(1_100)]
    one = world(Platform(page_size=500, acme=an_org(members=people)), rules=[rule(mfa)])
    one.run()
    sizes = [len(fact.changes) for fact in one.store.facts if isinstance(fact, Judged)]

    assert sizes == [500, 500, 100, 0]
    assert len(one.verdicts()) == 1_100


def test_the_findings_of_a_broken_run_are_given_by_the_next(world: Callable[..., World]) -> None:
    """A machine that dies between looking and judging has not looked in vain."""
    one = world(Platform(acme=an_org(members=[a_member("ann", mfa=False)])))
    one.begin(limits=Limits(tasks=1))

    class PulledThePlugError(Exception):
        """The machine is gone."""

    def plug(_done: object) -> None:
        raise PulledThePlugError

    one.ears.on_finished = plug
    assert one.runner is not None
    with pytest.raises(PulledThePlugError):
        one.runner.run(one.order())
    observed = {seen.observation.task.collection for seen in one.store.observations()}
    one.clock.move(timedelta(hours=1))
    one.run(wanted=lambda task: task.collection == "played.ticket")

    assert "played.project" in observed
    assert one.verdicts("played_member_mfa") == (
        {("played_member_mfa", ("acme",), "ann"): "fail"} if "played.member" in observed else {}
    )


def test_a_killed_run_that_saw_a_list_is_judged_by_the_next(world: Callable[..., World]) -> None:
    """The same, for a list that was certainly seen."""
    one = world(Platform(acme=an_org(members=[a_member("ann", mfa=False)])))
    one.store.fails = lambda what: (_ for _ in ()).throw(KeyboardInterrupt) if what == "Judged" else None
    with pytest.raises(KeyboardInterrupt):
        one.run()
    one.store.fails = lambda _what: None
    unjudged = one.verdicts()
    seen_at = one.observation("played.member", "acme").ended_at
    one.clock.move(timedelta(hours=1))
    one.run(wanted=lambda task: task.collection == "played.ticket")

    assert unjudged == {}
    if one.observation("played.member", "acme").outcome.value == "complete":
        assert one.finding("played_member_mfa", "acme", subject="ann").observed_at == seen_at


def test_repositories_of_one_name_in_two_projects_are_two(world: Callable[..., World]) -> None:
    """A subject is a key in a scope."""
    both = {"api": [a_repo("core")], "web": [a_repo("core", protection=None)]}
    one = world(Platform(acme=an_org(projects=both)))
    one.run()
    one.platform.deny(REPOS, "web")
    next_day(one)

    assert one.finding("played_repo_protected", "acme", "api", subject="core").status.value == "pass"
    assert one.finding("played_repo_protected", "acme", "web", subject="core").status.value == "fail"
    assert one.finding("played_repo_protected", "acme", "web").status.value == "unknown"
