"""Verdicts: of what was seen, as of when it was seen, and unknown wherever something was not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from collector.core.checks import All, The, Verdict, check, failed, passed
from collector.core.errors import StoreError
from collector.engine.run import Limits
from tests.golden_parts import compare_part
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


def test_nothing_to_check_needs_a_complete_empty_list(make_world: Callable[..., World]) -> None:
    """Only the platform can say that there is nothing."""
    world = make_world(Platform(acme=an_org(members=[])))
    world.run()
    finding = world.finding("played_member_mfa", "acme")

    assert finding.status.value == "not_applicable"
    compare_part("engine/reasons", "empty complete list", finding.reason)
    assert len(finding.evidence) == 1


@pytest.mark.parametrize("code", [403, 500])
def test_an_empty_list_that_is_not_complete_is_unknown(make_world: Callable[..., World], code: int) -> None:
    """Nothing seen is not nothing there."""
    world = make_world(Platform(acme=an_org(members=[])))
    world.platform.play(MEMBERS, lambda _request: status(code))
    world.run()

    assert world.verdicts("played_member_mfa") == {("played_member_mfa", ("acme",), ""): "unknown"}


def test_a_reason_of_a_thousand_names_is_bounded(make_world: Callable[..., World]) -> None:
    """A line that nobody reads says nothing; the evidence has every name."""

    def names_all(member: Member) -> Verdict:
        return failed(f"{member.login} may be entered by {', '.join(f'{number:012d}' for number in range(1_300))}")

    world = make_world(rules=[declared(names_all)])
    world.run()
    finding = world.finding("played_made_up", "acme", subject="ann")

    assert len(finding.reason) < 1_100
    assert "000000000000, 000000000001" in finding.reason
    assert finding.reason.endswith(" more")


def test_now_is_when_the_evidence_was_observed(make_world: Callable[..., World]) -> None:
    """The verdict must come out the same whenever it is given again."""
    seen: list[datetime] = []

    def remembers(member: Member, *, now: datetime) -> Verdict:
        seen.append(now)
        return passed(member.login)

    world = make_world(rules=[declared(remembers)])
    world.begin(limits=Limits(tasks=1, deadline=DAY))
    world.events.on_finished = lambda _done: world.clock.move(timedelta(hours=1))
    assert world.runner is not None
    world.runner.run(world.request())

    assert set(seen) == {world.observation("played.member", "acme").ended_at}
    assert world.finding("played_made_up", "acme", subject="ann").observed_at == seen[0]
    assert world.clock.now() > seen[0]


def test_an_observation_lasts_as_long_as_its_list(make_world: Callable[..., World]) -> None:
    """A list that took an hour is of that hour, and not of the moment it began."""
    clock = PlayedClock()

    def slow(session: Session) -> Iterator[Body]:
        for body in members(session):
            clock.move(timedelta(minutes=5))
            yield body

    world = make_world(clock=clock, connector=played(Recipe(members=slow)))
    world.run(limits=Limits(tasks=1))
    seen = world.observation("played.member", "acme")

    assert seen.ended_at - seen.started_at == timedelta(minutes=15)
    assert world.finding("played_member_mfa", "acme", subject="ann").observed_at == seen.ended_at


def test_the_limit_is_on_the_right_side(make_world: Callable[..., World]) -> None:
    """The age at observation counts, to the second."""
    born = (START - timedelta(days=90)).isoformat()
    older = (START - timedelta(days=90, seconds=1)).isoformat()
    people = [a_member("edge", created_at=born), a_member("over", created_at=older)]
    world = make_world(Platform(acme=an_org(members=people)), rules=[rule(rotated)])
    world.run()

    assert world.finding("played_member_rotated", "acme", subject="edge").status.value == "pass"
    assert world.finding("played_member_rotated", "acme", subject="over").status.value == "fail"


def test_a_check_that_breaks_is_unknown_with_its_traceback(make_world: Callable[..., World]) -> None:
    """A mistake in a check is not a finding about the company, and not the end of the run."""

    def breaks(member: Member) -> Verdict:
        return passed() if member.login == "ann" else failed(str(1 // (member.login == "ann")))

    world = make_world(rules=[declared(breaks), *RULES])
    world.run()
    finding = world.finding("played_made_up", "acme", subject="bob")

    assert finding.status.value == "unknown"
    assert "ZeroDivisionError" in finding.reason
    compare_part("engine/reasons", "check raised an error", finding.reason)
    assert "breaks" in (finding.trace or "")
    assert world.finding("played_made_up", "acme", subject="ann").status.value == "pass"
    assert world.finding("played_member_mfa", "acme", subject="bob").status.value == "pass"


def test_a_check_without_a_verdict_is_unknown(make_world: Callable[..., World]) -> None:
    """A forgotten return must not end the run."""

    def forgets(_member: Member) -> Verdict:
        return None  # type: ignore[return-value]  # the mistake that is played

    world = make_world(rules=[declared(forgets)])
    world.run()

    assert world.finding("played_made_up", "acme", subject="ann").status.value == "unknown"
    compare_part("engine/reasons", "no verdict", world.finding("played_made_up", "acme", subject="ann").reason)


def test_a_changed_answer_is_unknown_with_the_path(make_world: Callable[..., World]) -> None:
    """A platform that changes its answers must be heard of, and not be judged by guesswork."""
    world = make_world(Platform(acme=an_org(members=[a_member("ann", mfa="yes"), a_member("bob")])))
    world.run()
    finding = world.finding("played_member_mfa", "acme", subject="ann")

    assert finding.status.value == "unknown"
    assert "`$.body.mfa`" in finding.reason
    assert world.finding("played_member_mfa", "acme", subject="bob").status.value == "pass"


def test_a_set_with_one_member_of_another_shape_is_unknown(make_world: Callable[..., World]) -> None:
    """A set less one is another set."""
    world = make_world(Platform(acme=an_org(members=[a_member("ann"), a_member("bob"), a_member("eve", mfa="yes")])))
    world.run()

    assert world.finding("played_org_two_owners", "acme").status.value == "unknown"


def test_the_one_that_was_not_seen_makes_unknown_who_needs_it(make_world: Callable[..., World]) -> None:
    """The check reads the setting; the engine names the task that could not give it."""
    world = make_world(Platform(acme=an_org(projects={"web": [a_repo("site", visibility="public")]})))
    world.platform.deny(SETTINGS)
    world.run()
    finding = world.finding("played_repo_private", "acme", "web", subject="site")

    assert finding.status.value == "unknown"
    assert all(value in finding.reason for value in ("played.settings", "acme", "settings:read"))
    compare_part("engine/reasons", "nearest resource refused", finding.reason)


def test_the_one_that_is_too_old_makes_unknown_who_needs_it(make_world: Callable[..., World]) -> None:
    """A setting of last week says nothing of today's repositories."""
    world = make_world()
    world.run()
    world.clock.move(3 * DAY)
    world.run(wanted=lambda task: task.collection == "played.repo")

    assert world.finding("played_repo_private", "acme", "web", subject="site").status.value == "unknown"


def test_a_set_that_is_not_touched_does_not_matter(make_world: Callable[..., World]) -> None:
    """A verdict that does not rest on a list needs no list."""

    def looks_away(settings: The[OrgSettings], members: All[Member]) -> Verdict:
        return passed() if settings.two_factor_required else failed(str(len(list(members))))

    world = make_world(rules=[declared(looks_away)])
    world.platform.deny(MEMBERS)
    world.run()

    assert world.finding("played_made_up", "acme").status.value == "pass"


def test_a_set_may_be_read_twice_and_knows_its_scopes(make_world: Callable[..., World]) -> None:
    """A check may count first and look closer then."""

    def twice(repos: All[Repo]) -> Verdict:
        first, second = list(repos), [(scope, repo.name) for scope, repo in repos.scoped()]
        return failed(f"{len(first)} {second} {sorted(repos.scopes())}")

    world = make_world(
        Platform(acme=an_org(projects={"api": [], "web": [a_repo("site")]})), rules=[declared(twice, over="org")]
    )
    world.run()

    assert world.finding("played_made_up", "acme").reason == (
        "1 [(('acme', 'web'), 'site')] [('acme', 'api'), ('acme', 'web')]"
    )


def test_a_rule_over_the_source_is_judged_once(make_world: Callable[..., World]) -> None:
    """Over all organizations there is one set, and one finding."""

    def everybody(members: All[Member]) -> Verdict:
        return failed(f"{len(list(members))} members")

    world = make_world(Platform(acme=an_org(), best=an_org()), rules=[declared(everybody, over="source")])
    world.run()

    assert world.verdicts() == {("played_made_up", (), ""): "fail"}
    assert world.finding("played_made_up").reason == "6 members"


def test_a_finding_names_what_it_rests_on(make_world: Callable[..., World]) -> None:
    """An auditor follows a verdict to the bytes it was made from."""
    world = make_world()
    world.run()
    repo = world.bodies("played.repo")["site"].digest
    settings = world.bodies("played.settings")["-"].digest
    inventories = {seen.inventory for seen in world.store.observations(collection="played.member")}

    assert world.finding("played_repo_protected", "acme", "web", subject="site").evidence == (repo,)
    assert world.finding("played_repo_private", "acme", "web", subject="site").evidence == (repo, settings)
    assert set(world.finding("played_org_two_owners", "acme").evidence) == inventories


def test_a_finding_keeps_the_limits_in_force(make_world: Callable[..., World]) -> None:
    """A loosened limit must be seen in the verdict that it changed."""
    world = make_world(rules=[rule(rotated, max_age="30d")])
    world.run()
    finding = world.finding("played_member_rotated", "acme", subject="ann")

    assert finding.status.value == "fail"
    assert finding.limits == {"max_age": "30d"}


def test_a_pass_without_words_says_the_title(make_world: Callable[..., World]) -> None:
    """There is always a reason that a person can read."""
    world = make_world(rules=[rule(mfa)])
    world.run()

    assert world.finding("played_member_mfa", "acme", subject="ann").reason == mfa.title


def test_a_store_that_cannot_be_read_is_not_the_check_s_mistake(make_world: Callable[..., World]) -> None:
    """Evidence that cannot be read back stops the run; it is no unknown of the company's."""

    def reads(tickets: All[Ticket]) -> Verdict:
        return passed(str(len(list(tickets))))

    world = make_world(rules=[declared(reads)])

    def gone(*_: object, **__: object) -> object:
        raise StoreError("the disk is gone")

    world.store.resources = gone  # type: ignore[attr-defined]  # in place of the store's own

    with pytest.raises(StoreError, match="the disk is gone"):
        world.run()


def test_every_verdict_is_counted(make_world: Callable[..., World]) -> None:
    """The counts of a run are of all verdicts, not of those that changed."""
    world = make_world()
    world.run()
    again = world.run()
    counts = {tally.check: tally.counts for tally in again.tallies}

    assert counts["played_repo_protected"] == {"fail": 1, "pass": 3}
    assert counts["played_org_two_owners"] == {"pass": 1}
