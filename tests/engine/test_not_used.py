"""Lists that cannot exist by the platform's word: an empty set, with the word on record, and never a guess."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from collector.core.connectors import Found
from collector.core.errors import ConnectorError, Denied, NotThere, NotUsed
from collector.core.findings import Ended
from collector.core.tasks import Outcome, Task
from collector.core.wire import Call, Total
from collector.engine.replay import Replay, source_of_record
from collector.engine.scope_facts import ScopeFacts
from storage import SqlStore
from storage.verification import VerificationRequest, verify
from tests.played.checks import RULES
from tests.played.connector import Project, Recipe, connect, members, one_bucket, played
from tests.played.platform import MEMBERS, PROJECTS, REPOS, Platform, a_repo, an_org, on_page, status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from collector.core.connectors import Connector
    from collector.core.resources import Body
    from collector.core.scopes import Scope
    from collector.core.wire import Wire
    from tests.played.connector import Settings
    from tests.played.session import Session
    from tests.played.world import World

DAY = timedelta(days=1)
WORD = "the API of members is not enabled in this organization"


def off(_session: Session) -> Iterator[Body]:
    """A list whose API is off."""
    yield from ()
    raise NotUsed(WORD)


def explained(error: Exception) -> ConnectorError | None:
    """The platform's own error for an API that is off."""
    return NotUsed(WORD) if "404" in str(error) else ConnectorError(str(error))


class Switch:
    """The list of members, which a test turns off and on."""

    def __init__(self) -> None:
        self.is_on = True

    def __call__(self, session: Session) -> Iterator[Body]:
        """List the members while the API is on."""
        if not self.is_on:
            raise NotUsed(WORD)
        yield from members(session)


def changed(made: Connector[Any, Any], kind: str, **but: Any) -> Connector[Any, Any]:
    """Declare something else of a collection."""
    made.collections[kind] = replace(made.collections[kind], **but)
    return made


def differences(world: World) -> list[tuple[str, str]]:
    """What comes out otherwise when everything is judged again from the record."""
    at = world.clock.now()
    source = source_of_record(world.store, "code", world.connector, at)
    found = Replay(world.store, [source], {"code": list(RULES)}, at).results()
    return [(replayed.id.check, replayed.id.subject) for replayed in found if not replayed.is_same]


@pytest.mark.parametrize("recipe", [Recipe(members=off), Recipe(explain=explained)], ids=["ours", "the platform's"])
def test_a_list_that_cannot_exist_is_skipped_and_its_set_empty(
    make_world: Callable[..., World], recipe: Recipe
) -> None:
    """There is nothing to look at: no permission would help, and a rule about the set has its answer."""
    world = make_world(connector=played(recipe))
    world.platform.play(MEMBERS, lambda _request: status(404))
    world.run()
    seen = world.observation("played.member", "acme")
    finding = world.finding("played_member_mfa", "acme")

    assert (seen.outcome, seen.why, seen.permissions, seen.listed) == (Outcome.SKIPPED, WORD, "", 0)
    assert (seen.not_used_by, seen.is_not_used, seen.is_whole) == (MEMBERS, True, True)
    assert world.verdicts("played_member_mfa") == {("played_member_mfa", ("acme",), ""): "not_applicable"}
    assert finding.reason == f"not used here: {WORD}"
    assert finding.observed_at == seen.ended_at
    assert world.finding("played_org_two_owners", "acme").status.value == "fail"
    assert world.finding("played_org_two_owners", "acme").reason == "0 of 2 owners"
    assert differences(world) == []


def test_the_one_of_a_scope_that_cannot_exist_is_unread(make_world: Callable[..., World]) -> None:
    """A rule that needs a setting which is not there must not guess it; the reason is the platform's."""
    world = make_world(connector=played(Recipe(settings_of=off)))
    world.run()
    finding = world.finding("played_repo_private", "acme", "web", subject="site")

    assert finding.status.value == "unknown"
    assert WORD in finding.reason


def _after_a_page(session: Session) -> Iterator[Body]:
    yield from members(session)
    raise NotUsed(WORD)


def _one_and_off(session: Session) -> Iterator[Body]:
    yield next(members(session))
    raise NotUsed(WORD)


def _counted(_session: Session) -> Iterator[Any]:
    yield Total(3, "the header")
    raise NotUsed(WORD)


def _counted_none(_session: Session) -> Iterator[Any]:
    yield Total(0, "the header")
    raise NotUsed(WORD)


def _outside_the_plan(_session: Session) -> Iterator[Body]:
    yield from ()
    raise NotThere(WORD)


def _open(session: Session) -> Iterator[Body]:
    session.wire.before(Call(MEMBERS))
    yield from ()
    raise NotUsed(WORD)


def _unwritable(_session: Session) -> Iterator[Body]:
    yield {"role": "owner"}
    raise NotUsed(WORD)


@pytest.mark.parametrize(
    ("listing", "outcome"),
    [
        (_after_a_page, Outcome.PARTIAL),
        (_one_and_off, Outcome.PARTIAL),
        (_counted, Outcome.FAILED),
        (_counted_none, Outcome.SKIPPED),
        (_outside_the_plan, Outcome.FAILED),
        (_open, Outcome.FAILED),
        (_unwritable, Outcome.FAILED),
    ],
)
def test_only_the_word_before_anything_else_counts(
    make_plain_world: Callable[..., World], listing: Callable[[Session], Iterator[Body]], outcome: Outcome
) -> None:
    """What contradicts the word, or is not it, leaves the list unknown."""
    world = make_plain_world(connector=played(Recipe(members=listing, quota=one_bucket(concurrency=1))))
    world.run()
    seen = world.observation("played.member", "acme")

    assert seen.outcome is outcome
    assert seen.is_not_used is (outcome is Outcome.SKIPPED)
    if outcome is not Outcome.SKIPPED:
        assert world.finding("played_member_mfa", "acme").status.value == "unknown"


def test_a_body_whose_parts_are_still_read_is_something_listed(make_plain_world: Callable[..., World]) -> None:
    """The error of a list may come before the first body is through with its parts."""

    def listing(_session: Session) -> Iterator[Body]:
        yield a_repo("core")
        raise NotUsed(WORD)

    world = make_plain_world(connector=played(Recipe(repos=listing)))
    world.run()

    assert world.observation("played.repo", "acme", "api").outcome is Outcome.PARTIAL


def test_a_client_that_cannot_be_made_is_no_word_of_the_list(make_plain_world: Callable[..., World]) -> None:
    """A connection speaks of the scope, not of what is listed in it."""

    def refuses(*_: object) -> Session:
        raise NotUsed(WORD)

    world = make_plain_world(connector=played(Recipe(connect=refuses)))
    world.run()

    assert set(world.outcomes()) == {Outcome.FAILED}


def test_what_was_there_before_is_judged_no_more_and_not_closed(make_world: Callable[..., World]) -> None:
    """Off, broken, on again: what the record shows of each moment, and what is judged again from it, agree."""
    switch = Switch()
    world = make_world(connector=played(Recipe(members=switch)))
    there: list[list[str]] = []
    moments = []

    def look() -> dict[str, str]:
        world.run()
        assert differences(world) == []
        there.append(sorted(world.bodies("played.member")))
        moments.append(world.clock.now())
        world.clock.move(DAY)
        return {subject: status for (_, _, subject), status in world.verdicts("played_member_mfa").items()}

    assert look() == {"ann": "pass", "bob": "pass", "carol": "pass"}
    switch.is_on = False
    assert look() == {"": "not_applicable"}
    finding = world.finding("played_member_mfa", "acme")
    assert finding.observed_at == world.observation("played.member", "acme").ended_at
    assert finding.evidence == ()
    ended = [change for change in world.changes() if change.ended is Ended.SUBJECT_GONE]
    assert {change.id.subject for change in ended} == {"ann", "bob", "carol"}
    switch.is_on = True
    world.platform.play(MEMBERS, lambda _request: status(500))
    assert look() == {"": "unknown"}
    world.platform.play(MEMBERS, on_page("2", lambda: status(500)))
    assert look() == {"": "unknown", "ann": "pass", "bob": "pass", "carol": "pass"}
    world.platform.calm()
    world.platform.orgs["acme"]["members"].pop()
    assert look() == {"ann": "pass", "bob": "pass"}
    assert {
        done.finished.gone for done in world.events.done if done.observation.task.collection == "played.member"
    } == {1}

    everybody = ["ann", "bob", "carol"]
    assert there == [everybody, [], [], everybody, ["ann", "bob"]]
    for moment, keys in zip(moments, there, strict=True):
        then = world.store.resources("played.member", source="code", as_of=moment)
        assert [stored.key for stored in then] == keys
    if isinstance(world.store._store, SqlStore):
        verify(world.store._store, VerificationRequest(rebuild=True))


def test_the_word_wears_off_like_a_list(make_world: Callable[..., World]) -> None:
    """An API that was off last week may be on today."""
    world = make_world(connector=changed(played(), "played.repo", list=off))
    world.run()
    assert world.finding("played_org_few_public", "acme").status.value == "pass"
    world.clock.move(3 * DAY)
    world.run(wanted=lambda task: task.scope == ("acme", "web"))

    assert world.finding("played_org_few_public", "acme").status.value == "unknown"


def test_a_discovery_that_cannot_exist_closes_what_it_named(make_world: Callable[..., World]) -> None:
    """By the platform's word there are no projects; a set below them still has nothing to stand on."""
    world = make_world()
    world.run()
    world.clock.move(DAY)
    changed(world.connector, "played.project", list=off)
    world.run()

    assert ("played_repo_private", ("acme", "web"), "site") not in world.verdicts()
    assert world.finding("played_org_few_public", "acme").status.value == "unknown"


def test_a_record_of_an_old_version_that_was_left_out_on_purpose_is_no_empty_set(
    make_world: Callable[..., World],
) -> None:
    """Without the platform's word nothing is known of the set, whatever the outcome is called."""
    world = make_world()
    world.run()
    world.clock.move(DAY)
    seen = world.observation("played.member", "acme")
    old = msgspec.structs.replace(seen, run="old", outcome=Outcome.SKIPPED, why="archived", ended_at=world.clock.now())
    world.store.finish(world.store.attempt(old.task, "old"), old)
    world.run(wanted=lambda task: task.collection == "played.ticket")

    assert (old.is_not_used, old.is_whole, old.ended_as) == (False, False, "skipped")
    assert old.reason() == "played.member in acme: not looked at, on purpose: archived"
    assert sorted(world.bodies("played.member")) == ["ann", "bob", "carol"]
    found = differences(world)
    assert ("played_member_mfa", "") in found  # unknown now


# Facts of scopes -----------------------------------------------------------------------------------------------------


def apis_of(_settings: Settings, body: Body) -> Found:
    """Name a project with its APIs; those of `web` do not include repositories."""
    return Found(body["name"], {"apis": [] if body["name"] == "web" else ["repos"], "number": 7})


def no_repos(facts: Mapping[str, Any]) -> str | None:
    """Say what the platform documents of a project without this API."""
    return None if "repos" in facts["apis"] else f"the API of repositories is off in project {facts['number']}"


def with_facts(below: Callable[[Settings, Body], Any] = apis_of, **recipe: Any) -> Connector[Any, Any]:
    """A connector whose discovery says which APIs are on."""
    made = changed(played(Recipe(**recipe)), "played.repo", unused=no_repos)
    made.discoveries["project"] = [replace(made.discoveries["project"][0], below=below)]
    return made


def test_facts_of_a_scope_save_the_client_and_every_call(make_world: Callable[..., World]) -> None:
    """Forty APIs that are off in eight thousand projects cost nothing, and the record says which discovery said so."""
    connected: Counter[Scope] = Counter()

    def counting(settings: Settings, scope: Scope, wire: Wire) -> Session:
        connected[scope] += 1
        return connect(settings, scope, wire)

    world = make_world(connector=with_facts(connect=counting))
    summary = world.run()
    seen = world.observation("played.repo", "acme", "web")

    assert (seen.outcome, seen.why) == (Outcome.SKIPPED, "the API of repositories is off in project 7")
    assert (seen.not_used_by, seen.permissions) == ("played.project in acme", "")
    assert (seen.provenance.requests, seen.provenance.identity) == (0, None)
    assert "nothing was asked" in seen.provenance.identity_unknown
    assert set(connected) == {("acme",), ("acme", "api")}
    assert summary.outcomes == {"complete": 5, "skipped": 1}
    assert world.finding("played_repo_private", "acme", "web").status.value == "not_applicable"
    assert world.finding("played_org_few_public", "acme").status.value == "pass"
    assert differences(world) == []


def test_a_scope_without_facts_is_asked(make_world: Callable[..., World]) -> None:
    """What no discovery of this run has said is not known: yesterday's facts say nothing of today."""
    world = make_world(connector=with_facts())
    world.run()
    world.clock.move(DAY)
    world.platform.deny(PROJECTS)
    world.run()

    assert world.observation("played.repo", "acme", "web").outcome is Outcome.COMPLETE
    assert sorted(world.bodies("played.repo")) == ["core", "docs", "edge", "site"]


def test_half_a_discovery_has_said_what_it_has_said(make_world: Callable[..., World]) -> None:
    """The facts of a scope that it named hold, also where it could not name them all."""
    world = make_world(Platform(page_size=1, acme=an_org(projects={"web": [a_repo("site")], "api": []})))
    world.connector = with_facts()
    world.platform.play(PROJECTS, on_page("1", lambda: status(500)))
    world.run()

    assert world.observation("played.project", "acme").outcome is Outcome.PARTIAL
    assert world.observation("played.repo", "acme", "web").outcome is Outcome.SKIPPED


def test_a_connector_that_breaks_over_facts_leaves_the_list_unknown(make_world: Callable[..., World]) -> None:
    """A fact that is missing is not the platform's word."""
    world = make_world(connector=with_facts(lambda _settings, body: Found(body["name"], {"plan": "free"})))
    world.run()
    seen = world.observation("played.repo", "acme", "web")

    assert seen.outcome is Outcome.FAILED
    assert "KeyError" in seen.why
    assert world.platform.served[REPOS] == 0


def test_a_client_can_read_the_facts_of_its_scope(make_world: Callable[..., World]) -> None:
    """A project's number or plan is needed to understand what the platform answers."""
    said: dict[Scope, Mapping[str, Any]] = {}

    def noting(settings: Settings, scope: Scope, wire: Wire) -> Session:
        said[scope] = wire.scope_facts
        return connect(settings, scope, wire)

    world = make_world(connector=with_facts(connect=noting))
    world.run()

    assert said == {("acme",): {}, ("acme", "api"): {"apis": ["repos"], "number": 7}}
    with pytest.raises(TypeError):
        said["acme", "api"]["number"] = 8  # type: ignore[index]  # that is the point


def test_facts_of_a_discovery_that_is_not_on_record_do_not_count(make_plain_world: Callable[..., World]) -> None:
    """Evidence that was dropped can prove nothing to an auditor."""

    def from_memory(_session: Session) -> Iterator[Body]:
        yield {"name": "web"}

    made = with_facts()
    changed(made, "played.project", list=from_memory)

    def denied(*_: object) -> Any:
        raise Denied("no")

    made.part(Project, "policy", call="GET /policy", permissions="policy:read")(denied)
    made.identity = denied
    world = make_plain_world(connector=made)
    world.run()

    assert world.observation("played.project", "acme").outcome is Outcome.DENIED
    assert not world.observation("played.repo", "acme", "web").is_not_used


def test_discoveries_that_contradict_each_other_have_said_nothing() -> None:
    """Two different words are none; what only one says is added."""
    first, second = (Task("cloud", kind, ("acme",)) for kind in ("a.list", "b.list"))
    facts = ScopeFacts()
    facts.add(first, [Found("x", {"plan": "free"}), Found("y", {"plan": "free"}), Found("z")])
    facts.add(second, [Found("x", {"number": 1}), Found("y", {"plan": "paid"})])
    facts.add(first, [Found("y", {"plan": "free"})])

    assert facts.of("cloud", ("acme", "x")) == {"plan": "free", "number": 1}
    assert facts.said_by("cloud", ("acme", "x")) == "a.list in acme, b.list in acme"
    assert facts.of("cloud", ("acme", "y")) == {}
    assert facts.of("cloud", ("acme", "z")) == facts.of("other", ("acme", "x")) == {}
