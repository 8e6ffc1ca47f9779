"""Verdicts: of what was seen, as of when it was seen, and unknown wherever something was not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from collector.core.checks import All, The, Verdict, check, failed, passed
from collector.core.errors import StoreError
from collector.engine.run import Limits
from tests.played.checks import RULES, mfa, rotated, rule
from tests.played.clock import START, PlayedClock
from tests.played.connector import Member, OrgSettings, Recipe, Repo, Ticket, members, played
from tests.played.platform import MEMBERS, SETTINGS, Platform, a_member, a_repo, an_org, status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collector.core.resources import Body
    from tests.played.session import Session
    from tests.played.world import World

DAY = timedelta(days=1)


def declared(judge: Callable[..., Verdict], *, over: str | None = None) -> object:
    """A rule made of a function, for one test."""
    return rule(check("played_made_up", title="It holds", severity="low", fix="Mend it", over=over)(judge))


def test_nothing_to_check_needs_a_complete_empty_list(world: Callable[..., World]) -> None:
    """Only the platform can say that there is nothing."""
    one = world(Platform(acme=an_org(members=[])))
    one.run()
    finding = one.finding("played_member_mfa", "acme")

    assert finding.status.value == "not_applicable"
    assert finding.reason == "nothing to check (0 of a complete list)"
    assert len(finding.evidence) == 1


@pytest.mark.parametrize("code", [403, 500])
def test_an_empty_list_that_is_not_complete_is_unknown(world: Callable[..., World], code: int) -> None:
    """Nothing seen is not nothing there."""
    one = world(Platform(acme=an_org(members=[])))
    one.platform.play(MEMBERS, lambda _request: status(code))
    one.run()

    assert one.verdicts("played_member_mfa") == {("played_member_mfa", ("acme",), ""): "unknown"}


def test_now_is_when_the_evidence_was_observed(world: Callable[..., World]) -> None:
    """The verdict must come out the same whenever it is given again."""
    seen: list[datetime] = []

    def remembers(member: Member, *, now: datetime) -> Verdict:
        seen.append(now)
        return passed(member.login)

    one = world(rules=[declared(remembers)])
    one.begin(limits=Limits(tasks=1, deadline=DAY))
    one.ears.on_finished = lambda _done: one.clock.move(timedelta(hours=1))
    assert one.runner is not None
    one.runner.run(one.order())

    assert set(seen) == {one.observation("played.member", "acme").ended_at}
    assert one.finding("played_made_up", "acme", subject="ann").observed_at == seen[0]
    assert one.clock.now() > seen[0]


def test_an_observation_lasts_as_long_as_its_list(world: Callable[..., World]) -> None:
    """A list that took an hour is of that hour, and not of the moment it began."""
    clock = PlayedClock()

    def slow(session: Session) -> Iterator[Body]:
        for body in members(session):
            clock.move(timedelta(minutes=5))
            yield body

    one = world(clock=clock, connector=played(Recipe(members=slow)))
    one.run(limits=Limits(tasks=1))
    seen = one.observation("played.member", "acme")

    assert seen.ended_at - seen.started_at == timedelta(minutes=15)
    assert one.finding("played_member_mfa", "acme", subject="ann").observed_at == seen.ended_at


def test_the_limit_is_on_the_right_side(world: Callable[..., World]) -> None:
    """The age at observation counts, to the second."""
    born = (START - timedelta(days=90)).isoformat()
    older = (START - timedelta(days=90, seconds=1)).isoformat()
    people = [a_member("edge", created_at=born), a_member("over", created_at=older)]
    one = world(Platform(acme=an_org(members=people)), rules=[rule(rotated)])
    one.run()

    assert one.finding("played_member_rotated", "acme", subject="edge").status.value == "pass"
    assert one.finding("played_member_rotated", "acme", subject="over").status.value == "fail"


def test_a_check_that_breaks_is_unknown_with_its_traceback(world: Callable[..., World]) -> None:
    """A mistake in a check is not a finding about the company, and not the end of the run."""

    def breaks(member: Member) -> Verdict:
        return passed() if member.login == "ann" else failed(str(1 // (member.login == "ann")))

    one = world(rules=[declared(breaks), *RULES])
    one.run()
    finding = one.finding("played_made_up", "acme", subject="bob")

    assert finding.status.value == "unknown"
    assert finding.reason == "the check itself broke: ZeroDivisionError: integer division or modulo by zero"
    assert "breaks" in (finding.trace or "")
    assert one.finding("played_made_up", "acme", subject="ann").status.value == "pass"
    assert one.finding("played_member_mfa", "acme", subject="bob").status.value == "pass"


def test_a_check_without_a_verdict_is_unknown(world: Callable[..., World]) -> None:
    """A forgotten return must not end the run."""

    def forgets(_member: Member) -> Verdict:
        return None  # type: ignore[return-value]  # the mistake that is played

    one = world(rules=[declared(forgets)])
    one.run()

    assert one.finding("played_made_up", "acme", subject="ann").status.value == "unknown"
    assert "no verdict" in one.finding("played_made_up", "acme", subject="ann").reason


def test_a_changed_answer_is_unknown_with_the_path(world: Callable[..., World]) -> None:
    """A platform that changes its answers must be heard of, and not be judged by guesswork."""
    one = world(Platform(acme=an_org(members=[a_member("ann", mfa="yes"), a_member("bob")])))
    one.run()
    finding = one.finding("played_member_mfa", "acme", subject="ann")

    assert finding.status.value == "unknown"
    assert "`$.body.mfa`" in finding.reason
    assert one.finding("played_member_mfa", "acme", subject="bob").status.value == "pass"


def test_a_set_with_one_member_of_another_shape_is_unknown(world: Callable[..., World]) -> None:
    """A set less one is another set."""
    one = world(Platform(acme=an_org(members=[a_member("ann"), a_member("bob"), a_member("eve", mfa="yes")])))
    one.run()

    assert one.finding("played_org_two_owners", "acme").status.value == "unknown"


def test_the_one_that_was_not_seen_makes_unknown_who_needs_it(world: Callable[..., World]) -> None:
    """The check reads the setting; the engine names the task that could not give it."""
    one = world(Platform(acme=an_org(projects={"web": [a_repo("site", visibility="public")]})))
    one.platform.deny(SETTINGS)
    one.run()
    finding = one.finding("played_repo_private", "acme", "web", subject="site")

    assert finding.status.value == "unknown"
    assert "played.settings in acme: the list was refused" in finding.reason
    assert "settings:read" in finding.reason


def test_the_one_that_is_too_old_makes_unknown_who_needs_it(world: Callable[..., World]) -> None:
    """A setting of last week says nothing of today's repositories."""
    one = world()
    one.run()
    one.clock.move(3 * DAY)
    one.run(wanted=lambda task: task.collection == "played.repo")

    assert one.finding("played_repo_private", "acme", "web", subject="site").status.value == "unknown"


def test_a_set_that_is_not_touched_does_not_matter(world: Callable[..., World]) -> None:
    """A verdict that does not rest on a list needs no list."""

    def looks_away(settings: The[OrgSettings], members: All[Member]) -> Verdict:
        return passed() if settings.two_factor_required else failed(str(len(list(members))))

    one = world(rules=[declared(looks_away)])
    one.platform.deny(MEMBERS)
    one.run()

    assert one.finding("played_made_up", "acme").status.value == "pass"


def test_a_set_may_be_read_twice_and_knows_its_scopes(world: Callable[..., World]) -> None:
    """A check may count first and look closer then."""

    def twice(repos: All[Repo]) -> Verdict:
        first, second = list(repos), [(scope, repo.name) for scope, repo in repos.scoped()]
        return failed(f"{len(first)} {second} {sorted(repos.scopes())}")

    one = world(
        Platform(acme=an_org(projects={"api": [], "web": [a_repo("site")]})), rules=[declared(twice, over="org")]
    )
    one.run()

    assert one.finding("played_made_up", "acme").reason == (
        "1 [(('acme', 'web'), 'site')] [('acme', 'api'), ('acme', 'web')]"
    )


def test_a_rule_over_the_source_is_judged_once(world: Callable[..., World]) -> None:
    """Over all organizations there is one set, and one finding."""

    def everybody(members: All[Member]) -> Verdict:
        return failed(f"{len(list(members))} members")

    one = world(Platform(acme=an_org(), best=an_org()), rules=[declared(everybody, over="source")])
    one.run()

    assert one.verdicts() == {("played_made_up", (), ""): "fail"}
    assert one.finding("played_made_up").reason == "6 members"


def test_a_finding_names_what_it_rests_on(world: Callable[..., World]) -> None:
    """An auditor follows a verdict to the bytes it was made from."""
    one = world()
    one.run()
    repo = one.bodies("played.repo")["site"].digest
    settings = one.bodies("played.settings")["-"].digest
    inventories = {seen.inventory for seen in one.store.observations(collection="played.member")}

    assert one.finding("played_repo_protected", "acme", "web", subject="site").evidence == (repo,)
    assert one.finding("played_repo_private", "acme", "web", subject="site").evidence == (repo, settings)
    assert set(one.finding("played_org_two_owners", "acme").evidence) == inventories


def test_a_finding_keeps_the_limits_in_force(world: Callable[..., World]) -> None:
    """A loosened limit must be seen in the verdict that it changed."""
    one = world(rules=[rule(rotated, max_age="30d")])
    one.run()
    finding = one.finding("played_member_rotated", "acme", subject="ann")

    assert finding.status.value == "fail"
    assert finding.limits == {"max_age": "30d"}


def test_a_pass_without_words_says_the_title(world: Callable[..., World]) -> None:
    """There is always a reason that a person can read."""
    one = world(rules=[rule(mfa)])
    one.run()

    assert one.finding("played_member_mfa", "acme", subject="ann").reason == mfa.title


def test_a_store_that_cannot_be_read_is_not_the_check_s_mistake(world: Callable[..., World]) -> None:
    """Evidence that cannot be read back stops the run; it is no unknown of the company's."""

    def reads(tickets: All[Ticket]) -> Verdict:
        return passed(str(len(list(tickets))))

    one = world(rules=[declared(reads)])

    def gone(*_: object, **__: object) -> object:
        raise StoreError("the disk is gone")

    one.store.resources = gone  # type: ignore[attr-defined]  # in place of the store's own

    with pytest.raises(StoreError, match="the disk is gone"):
        one.run()


def test_every_verdict_is_counted(world: Callable[..., World]) -> None:
    """The counts of a run are of all verdicts, not of those that changed."""
    one = world()
    one.run()
    again = one.run()
    counts = {tally.check: tally.counts for tally in again.tallies}

    assert counts["played_repo_protected"] == {"fail": 1, "pass": 3}
    assert counts["played_org_two_owners"] == {"pass": 1}
