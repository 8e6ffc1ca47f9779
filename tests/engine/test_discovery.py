"""Scopes that a platform names: opened level by level, kept when nobody could look, closed only by a complete list."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from collector.core.facts import TasksPlanned
from collector.core.findings import Ended
from collector.core.tasks import Outcome, Task
from collector.engine.plan import ScopeTree, known_scopes, round_robin
from collector.engine.sources import Source
from tests.golden_parts import compare_part
from tests.played.clock import START
from tests.played.connector import played, settings_for
from tests.played.platform import PROJECTS, REPOS, Platform, a_repo, an_org, on_page, status

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.played.world import World

DAY = timedelta(days=1)


def the_plan(world: World) -> TasksPlanned:
    """The latest plan."""
    return [fact for fact in world.store.facts if isinstance(fact, TasksPlanned)][-1]


def test_a_refused_discovery_makes_the_sets_above_it_unknown_on_the_first_day(make_world: Callable[..., World]) -> None:
    """Nothing at all is known below; silence about it would read as nothing wrong."""
    world = make_world()
    world.platform.deny(PROJECTS)
    world.run()
    finding = world.finding("played_org_few_public", "acme")

    assert finding.status.value == "unknown"
    assert "projects:read" in finding.reason
    compare_part("engine/reasons", "discovery refused", finding.reason)
    assert [hole.scope for hole in the_plan(world).incomplete_discoveries] == [("acme",)]


def test_a_refused_discovery_closes_no_known_scope(make_world: Callable[..., World]) -> None:
    """Yesterday's projects are still looked at; only that they are all is not known any more."""
    world = make_world()
    world.run()
    world.clock.move(DAY)
    world.platform.deny(PROJECTS)
    world.run()

    assert set(the_plan(world).scopes["code"]) == {("acme",), ("acme", "api"), ("acme", "web")}
    assert world.observation("played.repo", "acme", "web").run == "run-2"
    assert world.finding("played_repo_private", "acme", "web", subject="site").status.value == "pass"
    assert world.finding("played_org_few_public", "acme").status.value == "unknown"


def test_half_a_discovery_opens_what_it_named_and_keeps_the_rest(make_world: Callable[..., World]) -> None:
    """The second page of projects fails: the new one on the first is opened, the old one on it is kept."""
    world = make_world()
    world.run()
    world.clock.move(DAY)
    repos = world.platform.orgs["acme"]["projects"]
    world.platform.orgs["acme"]["projects"] = {"aaa": [a_repo("new")], "api": repos["api"], "web": repos["web"]}
    world.platform.play(PROJECTS, on_page("2", lambda: status(500)))
    world.run()

    assert world.observation("played.project", "acme").outcome is Outcome.PARTIAL
    assert set(the_plan(world).scopes["code"]) == {("acme",), ("acme", "aaa"), ("acme", "api"), ("acme", "web")}
    assert world.finding("played_repo_private", "acme", "aaa", subject="new").status.value == "pass"
    assert world.finding("played_org_few_public", "acme").status.value == "unknown"


def test_a_set_within_a_known_scope_is_not_touched_by_what_is_unknown_beside_it(
    make_world: Callable[..., World],
) -> None:
    """Not knowing which projects there are says nothing about the members of the organization."""
    world = make_world()
    world.platform.deny(PROJECTS)
    world.run()

    assert world.finding("played_org_two_owners", "acme").status.value == "pass"


def test_a_scope_that_is_gone_ends_its_findings_as_gone_and_not_as_mended(make_world: Callable[..., World]) -> None:
    """Deleted is not fixed."""
    world = make_world()
    world.platform.orgs["acme"]["projects"]["web"] = [a_repo("site", protection=None)]
    world.run()
    world.clock.move(DAY)
    del world.platform.orgs["acme"]["projects"]["web"]
    world.run()
    ends = {change.id.subject: change for change in world.changes() if change.ended is not None}

    assert ends["site"].ended is Ended.SCOPE_GONE
    assert ("played_repo_protected", ("acme", "web"), "site") not in world.verdicts()
    assert ("acme", "web") not in the_plan(world).scopes["code"]


def test_a_complete_discovery_of_nothing_is_no_pass(make_world: Callable[..., World]) -> None:
    """A rule about a set of which no scope is known has nothing to stand on."""
    world = make_world(Platform(acme=an_org(projects={})))
    world.run()

    assert world.finding("played_org_few_public", "acme").status.value == "unknown"


def test_a_broken_discovery_of_one_organization_is_none_of_the_other_s_business(
    make_world: Callable[..., World],
) -> None:
    """Each organization is looked at for itself."""
    world = make_world(Platform(acme=an_org(), best=an_org()))
    world.platform.deny(PROJECTS, "acme")
    world.run()

    assert world.finding("played_org_few_public", "acme").status.value == "unknown"
    assert world.finding("played_org_few_public", "best").status.value == "pass"


def test_a_refused_discovery_keeps_no_scope_of_another(make_world: Callable[..., World]) -> None:
    """What is not known of one organization must not keep alive what is gone from the other."""
    world = make_world(Platform(acme=an_org(), best=an_org()))
    world.run()
    world.clock.move(DAY)
    world.platform.deny(PROJECTS, "acme")
    del world.platform.orgs["best"]["projects"]["web"]
    world.run()
    scopes = the_plan(world).scopes["code"]

    assert ("acme", "web") in scopes
    assert ("best", "web") not in scopes


def test_discovery_is_a_task_like_any_other(make_world: Callable[..., World]) -> None:
    """Which projects there are is evidence too."""
    world = make_world()
    world.run()

    assert sorted(world.bodies("played.project")) == ["api", "web"]
    assert world.observation("played.project", "acme").outcome is Outcome.COMPLETE


def test_discovery_is_done_whatever_is_wanted(make_world: Callable[..., World]) -> None:
    """A run of one collection must not close the scopes that it did not ask about."""
    world = make_world()
    world.run(wanted=lambda task: task.collection == "played.member")

    assert {done.observation.task.collection for done in world.events.done} == {"played.project", "played.member"}
    assert len(the_plan(world).scopes["code"]) == 3


def test_a_set_is_judged_by_what_was_seen_last(make_world: Callable[..., World]) -> None:
    """A run of half the collections gives its verdicts on both halves, while the other is fresh."""
    world = make_world()
    world.run()
    world.clock.move(DAY)
    world.run(wanted=lambda task: task.scope == ("acme", "web"))

    assert world.finding("played_org_few_public", "acme").status.value == "pass"


def test_a_set_with_a_part_that_is_too_old_is_unknown(make_world: Callable[..., World]) -> None:
    """Two lists of different weeks are not one set."""
    world = make_world()
    world.run()
    world.clock.move(3 * DAY)
    world.run(wanted=lambda task: task.scope == ("acme", "web"))
    finding = world.finding("played_org_few_public", "acme")

    assert finding.status.value == "unknown"
    assert all(value in finding.reason for value in ("played.repo", "acme/api", "2026-03-01T06:00:00Z", "2d"))
    compare_part("engine/reasons", "set too old", finding.reason)


def test_a_set_with_a_refused_list_names_the_task(make_world: Callable[..., World]) -> None:
    """Whoever reads the unknown has to know which permission where."""
    world = make_world()
    world.platform.deny(REPOS, "web")
    world.run()
    finding = world.finding("played_org_few_public", "acme")

    assert finding.status.value == "unknown"
    assert all(value in finding.reason for value in ("played.repo", "acme/web"))
    compare_part("engine/reasons", "set refused", finding.reason)
    assert "(needs repos:read)" in finding.reason


def test_a_collection_that_the_settings_leave_out_is_not_planned(make_world: Callable[..., World]) -> None:
    """What does not belong to a source is not silently tried."""
    world = make_world(tickets=False)
    world.run()

    assert "played.ticket" not in {done.observation.task.collection for done in world.events.done}


@pytest.mark.parametrize("asked", [False, True])
def test_an_offline_plan_takes_the_known_scopes_for_granted(asked: bool) -> None:
    """`plan` shows what a run would do, from what the last one found, without a request."""
    platform = Platform(acme=an_org())
    source = Source("code", played(), settings_for(platform))
    plan = TasksPlanned(
        run="r",
        at=START,
        tasks=(),
        scopes={"code": (("acme",), ("acme", "web"), ("sold", "old")), "other": ()},
        incomplete_discoveries=(),
    )
    ground = ScopeTree(source, known_scopes([plan])["code"])
    if asked:
        ground.add_discovered("project", ("acme",), ["api"], None)
    else:
        ground.add_known()

    scopes = {task.scope for task in ground.tasks(lambda _task: True)}
    assert scopes == {("acme",), ("acme", "api") if asked else ("acme", "web")}
    assert platform.count == 0


@pytest.mark.parametrize(
    ("why", "opened"), [(None, {("acme", "api")}), ("refused", {("acme", "api"), ("acme", "web")})]
)
def test_scopes_that_the_settings_name_are_opened_where_the_list_is_not_complete(
    why: str | None, opened: set[tuple[str, str]]
) -> None:
    """A complete list says which of them there are; without it the operator's word is the best there is."""
    platform = Platform(acme=an_org())
    connector = replace(played(), named_below=lambda _settings, scope: ["web"] if scope == ("acme",) else [])
    tree = ScopeTree(Source("code", connector, settings_for(platform)))

    tree.add_discovered("project", ("acme",), ["api"], why)

    assert {scope for scope in tree.scopes if len(scope) == 2} == opened
    assert len(tree.incomplete_discoveries) == (0 if why is None else 1)


def test_sources_take_turns() -> None:
    """The quota of one must not wait for the other's."""
    first = [Task("a", "k", (str(number),)) for number in range(3)]
    second = [Task("b", "k", ("0",))]

    assert [task.source for task in round_robin({"a": first, "b": second})] == ["a", "b", "a", "a"]
