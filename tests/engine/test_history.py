"""What one day says after another: nothing where nothing changed, and nothing better for not having looked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.core.checks import Status
from collector.core.facts import Judged
from collector.core.findings import Ended
from collector.engine.freshness import Freshness
from collector.engine.run import Limits
from collector.engine.sources import Source
from collector.engine.verdicts import Verdicts
from tests.played.checks import RULES, mfa, rotated, rule
from tests.played.platform import MEMBERS, PROTECTION, REPOS, Platform, a_member, a_repo, an_org, on_page, status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collector.core.facts import RunEnded, RunStarted
    from tests.played.world import World

DAY = timedelta(days=1)


def next_day(world: World, **request: Any) -> int:
    """Run again a day later; return how many changes were written before."""
    before = len(world.changes())
    world.clock.move(DAY)
    world.run(**request)
    return before


def test_judging_again_what_has_not_changed_writes_nothing(make_world: Callable[..., World]) -> None:
    """A row a day for each finding would be growth with time."""
    world = make_world()
    world.run()
    before = next_day(world)

    assert world.changes()[before:] == []
    assert [done.finished.changed for done in world.events.done] == [0] * 6


def test_what_is_refused_today_keeps_yesterday_s_verdict_with_its_date(make_world: Callable[..., World]) -> None:
    """Evidence of yesterday proves yesterday, until its time is over; today is unknown at once."""
    world = make_world(Platform(acme=an_org(members=[a_member("ann", mfa=False), a_member("bob")])))
    world.run()
    yesterday = world.clock.now()
    world.platform.deny(MEMBERS)
    next_day(world)

    assert world.verdicts("played_member_mfa") == {
        ("played_member_mfa", ("acme",), ""): "unknown",
        ("played_member_mfa", ("acme",), "ann"): "fail",
        ("played_member_mfa", ("acme",), "bob"): "pass",
    }
    assert world.finding("played_member_mfa", "acme", subject="ann").observed_at == yesterday
    assert world.finding("played_member_mfa", "acme").observed_at == world.clock.now()
    assert world.finding("played_org_two_owners", "acme").status.value == "unknown"


def test_an_old_list_is_not_judged_by_today_s_clock(make_world: Callable[..., World]) -> None:
    """An age that would pass the limit today is not known today: nobody looked."""
    world = make_world(Platform(acme=an_org(members=[a_member("ann", created_at="2025-12-01T07:00:00Z")])))
    world.run()
    world.platform.deny(MEMBERS)
    next_day(world)

    assert world.finding("played_member_rotated", "acme", subject="ann").status.value == "pass"
    assert world.finding("played_member_rotated", "acme").status.value == "unknown"


def test_the_scope_is_not_unknown_any_more_once_it_was_seen(make_world: Callable[..., World]) -> None:
    """An unknown that is answered ends as seen, not as fixed."""
    world = make_world()
    world.platform.deny(MEMBERS)
    world.run()
    world.platform.calm()
    before = next_day(world)
    ends = [change for change in world.changes()[before:] if change.id.check == "played_member_mfa" and change.ended]

    assert [(change.id.subject, change.was, change.ended) for change in ends] == [
        ("", Status.UNKNOWN, Ended.SCOPE_SEEN)
    ]
    assert ("played_member_mfa", ("acme",), "") not in world.verdicts()


def test_only_a_complete_list_says_that_something_is_gone(make_world: Callable[..., World]) -> None:
    """Carol leaves while the second page cannot be read: nobody knows yet."""
    world = make_world()
    world.run()
    world.platform.orgs["acme"]["members"] = [a_member("ann"), a_member("bob")]
    world.platform.play(MEMBERS, on_page("", lambda: status(500)))
    next_day(world)
    kept = world.finding("played_member_mfa", "acme", subject="carol").status.value
    world.platform.calm()
    before = next_day(world)

    assert kept == "pass"
    assert {change.ended for change in world.changes()[before:] if change.id.subject == "carol"} == {Ended.SUBJECT_GONE}
    assert sorted(world.bodies("played.member")) == ["ann", "bob"]


def test_half_a_list_still_brings_its_news(make_world: Callable[..., World]) -> None:
    """What was seen of a list that broke off is judged; what was not keeps its date."""
    world = make_world()
    world.run()
    world.platform.orgs["acme"]["members"][0]["mfa"] = False
    world.platform.play(MEMBERS, on_page("2", lambda: status(500)))
    next_day(world)

    assert world.verdicts("played_member_mfa") == {
        ("played_member_mfa", ("acme",), ""): "unknown",
        ("played_member_mfa", ("acme",), "ann"): "fail",
        ("played_member_mfa", ("acme",), "bob"): "pass",
        ("played_member_mfa", ("acme",), "carol"): "pass",
    }


def test_a_part_that_cannot_be_read_today_is_unknown_today(make_world: Callable[..., World]) -> None:
    """The list is complete, so the subject was seen: yesterday's protection proves nothing of it."""
    world = make_world()
    world.run()
    world.platform.deny(PROTECTION)
    before = next_day(world)
    news = [change for change in world.changes()[before:] if change.id.check == "played_repo_protected"]
    changes = {change.id.subject: change for change in news}

    assert set(changes) == {"core", "docs", "edge", "site"}
    assert {(change.now.status if change.now else None) for change in changes.values()} == {Status.UNKNOWN}
    assert changes["docs"].was is Status.FAIL


def test_a_verdict_that_only_time_has_changed_is_written(make_world: Callable[..., World]) -> None:
    """The evidence is the same; the limit was passed overnight."""
    world = make_world(
        Platform(acme=an_org(members=[a_member("ann", created_at="2025-12-01T07:00:00Z")])), rules=[rule(rotated)]
    )
    world.run()
    before = next_day(world)
    (change,) = world.changes()[before:]

    assert (change.was, change.now.status if change.now else None) == (Status.PASS, Status.FAIL)
    assert change.because == "time or rule"


def test_a_changed_limit_is_written_even_where_the_verdict_is_the_same(make_world: Callable[..., World]) -> None:
    """A loosened limit is a change of what is claimed."""
    world = make_world(rules=[rule(rotated)])
    world.run()
    world.rules = [rule(rotated, max_age="100d")]
    before = next_day(world)
    changes = world.changes()[before:]

    assert {change.because for change in changes} == {"limits"}
    assert len(changes) == 3


def test_a_disabled_check_ends_its_findings_as_disabled(make_world: Callable[..., World]) -> None:
    """A check that is switched off has not found everything mended."""
    world = make_world()
    world.run()
    world.rules = [rule_in_force for rule_in_force in RULES if rule_in_force.check is not mfa]
    before = next_day(world)

    assert {(change.id.check, change.ended) for change in world.changes()[before:]} == {
        ("played_member_mfa", Ended.CHECK_DISABLED)
    }


def test_a_mended_resource_says_since_when(make_world: Callable[..., World]) -> None:
    """Since when something is as it is, is what an auditor samples by."""
    world = make_world(Platform(acme=an_org(members=[a_member("ann", mfa=False)])), rules=[rule(mfa)])
    world.run()
    next_day(world)
    world.platform.orgs["acme"]["members"][0]["mfa"] = True
    next_day(world)
    next_day(world)
    (state,) = world.store.findings(check="played_member_mfa")

    assert state.finding.status is Status.PASS
    assert state.run == "run-3"


def test_a_field_that_moves_by_itself_makes_no_version(make_world: Callable[..., World]) -> None:
    """Who signed in today is a fact of today, not a new member."""
    world = make_world()
    world.run()
    first = world.bodies("played.member")["ann"]
    next_day(world)
    second = world.bodies("played.member")["ann"]

    assert second.digest == first.digest
    assert second.facts != first.facts
    assert b"last_active" not in (second.blob or b"")


def test_changes_are_written_in_portions(make_world: Callable[..., World]) -> None:
    """A bad day in a large estate must not become one leaf that nobody can hold."""
    people = [a_member(f"m{number:04}") for number in range(1_100)]
    world = make_world(Platform(page_size=500, acme=an_org(members=people)), rules=[rule(mfa)])
    world.run()
    sizes = [len(fact.changes) for fact in world.store.facts if isinstance(fact, Judged)]

    assert sizes == [500, 500, 100, 0]
    assert len(world.verdicts()) == 1_100


def test_the_findings_of_a_broken_run_are_given_by_the_next(make_world: Callable[..., World]) -> None:
    """A machine that dies between looking and judging has not looked in vain."""
    world = make_world(Platform(acme=an_org(members=[a_member("ann", mfa=False)])))
    world.begin(limits=Limits(tasks=1))

    class PulledThePlugError(Exception):
        """The machine is gone."""

    def plug(_done: object) -> None:
        raise PulledThePlugError

    world.events.on_finished = plug
    assert world.runner is not None
    with pytest.raises(PulledThePlugError):
        world.runner.run(world.request())
    observed = {seen.observation.task.collection for seen in world.store.observations()}
    world.clock.move(timedelta(hours=1))
    world.run(wanted=lambda task: task.collection == "played.ticket")

    assert "played.project" in observed
    assert world.verdicts("played_member_mfa") == (
        {("played_member_mfa", ("acme",), "ann"): "fail"} if "played.member" in observed else {}
    )


def test_a_killed_run_that_saw_a_list_is_judged_by_the_next(make_world: Callable[..., World]) -> None:
    """The same, for a list that was certainly seen."""
    world = make_world(Platform(acme=an_org(members=[a_member("ann", mfa=False)])))
    world.store.fails = lambda what: (_ for _ in ()).throw(KeyboardInterrupt) if what == "Judged" else None
    with pytest.raises(KeyboardInterrupt):
        world.run()
    world.store.fails = lambda _what: None
    unjudged = world.verdicts()
    seen_at = world.observation("played.member", "acme").ended_at
    world.clock.move(timedelta(hours=1))
    world.run(wanted=lambda task: task.collection == "played.ticket")

    assert unjudged == {}
    if world.observation("played.member", "acme").outcome.value == "complete":
        assert world.finding("played_member_mfa", "acme", subject="ann").observed_at == seen_at


def test_a_run_looks_back_no_further_than_to_what_was_seen_last(
    make_plain_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A year of runs is not read to find one that was killed."""
    world = make_plain_world(Platform(acme=an_org(members=[a_member("ann", mfa=False)])))
    world.run()
    world.clock.move(timedelta(hours=1))
    world.run()
    read: list[str] = []
    store = world.store
    all_runs = store.runs

    def counted(**but: Any) -> Iterator[tuple[RunStarted, RunEnded | None]]:
        for started, ended in all_runs(**but):
            read.append(started.run)
            yield started, ended

    monkeypatch.setattr(store, "runs", counted, raising=False)
    source = Source("code", world.connector, world.settings)
    latest = list(store.observations(source="code"))
    Verdicts(
        store=store,
        freshness={"code": Freshness(source, scopes=(), incomplete_discoveries=(), latest=latest, complete=())},
        rules=(),
        clock=world.clock,
        run="next",
        comparable={"code": {}},
        on_changes=lambda _changes: None,
        expected=(),
    )

    assert read == [latest[0].observation.run]
    assert len(list(all_runs())) == 2


def test_repositories_of_one_name_in_two_projects_are_two(make_world: Callable[..., World]) -> None:
    """A subject is a key in a scope."""
    both = {"api": [a_repo("core")], "web": [a_repo("core", protection=None)]}
    world = make_world(Platform(acme=an_org(projects=both)))
    world.run()
    world.platform.deny(REPOS, "web")
    next_day(world)

    assert world.finding("played_repo_protected", "acme", "api", subject="core").status.value == "pass"
    assert world.finding("played_repo_protected", "acme", "web", subject="core").status.value == "fail"
    assert world.finding("played_repo_protected", "acme", "web").status.value == "unknown"
