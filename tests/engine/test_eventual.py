"""Lists that may lag: what they show counts, what they do not show proves nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed
from collector.core.errors import NotUsed
from collector.engine.replay import Replay, source_of_record
from tests.played.checks import RULES, rule
from tests.played.connector import Member, Project, Ticket, played
from tests.played.platform import Platform, a_member, a_repo, an_org
from tests.played.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collector.core.connectors import Connector
    from collector.core.resources import Body

KINDS = ("played.settings", "played.member", "played.ticket", "played.repo")


@check("played_ticket_any", title="Something is asked", severity="low", fix="Ask")
def any_ticket(tickets: All[Ticket]) -> Verdict:
    """Judge a set, with a word of its own for nothing."""
    return passed() if list(tickets) else not_applicable("there are no tickets")


@check("played_ticket_scopes", title="Tickets are looked at", severity="low", fix="Look")
def ticket_scopes(tickets: All[Ticket]) -> Verdict:
    """Judge where a set was looked at."""
    return passed() if list(tickets.scopes()) else failed("nowhere")


@check("played_member_beside", title="Nobody is left", severity="low", fix="Leave")
def beside(member: Member, tickets: All[Ticket]) -> Verdict:
    """Judge each member, some of them beside a set."""
    return passed() if member.login == "bob" else failed("open") if len(list(tickets)) > 99 else passed()


ALL_RULES = [*RULES, rule(any_ticket), rule(ticket_scopes), rule(beside)]


def lagging(*kinds: str) -> Connector[Any, Any]:
    """A connector whose lists of these kinds may lag."""
    made = played()
    for kind in kinds:
        made.collections[kind] = replace(made.collections[kind], eventual=True)
    return made


def agrees(world: World) -> bool:
    """Whether judging again from the record gives the same."""
    at = world.clock.now()
    source = source_of_record(world.store, "code", world.connector, at)
    return all(item.is_same for item in Replay(world.store, [source], {"code": list(world.rules)}, at).results())


def test_an_empty_list_that_may_lag_is_unknown(make_world: Callable[..., World]) -> None:
    """Nothing shown is not nothing there."""
    world = make_world(Platform(acme=an_org(tickets=[])), connector=lagging("played.ticket"), rules=ALL_RULES)
    world.run()
    finding = world.finding("played_ticket_closed", "acme")

    assert world.verdicts("played_ticket_closed") == {("played_ticket_closed", ("acme",), ""): "unknown"}
    assert "played.ticket may lag" in finding.reason
    assert world.finding("played_ticket_any", "acme").status.value == "unknown"
    assert world.finding("played_ticket_any", "acme").reason == finding.reason
    assert agrees(world)


def test_what_is_shown_is_judged_and_what_is_not_stays_open(make_world: Callable[..., World]) -> None:
    """A failing resource that the list leaves out next time must not make its check pass in silence."""
    world = make_world(
        Platform(acme=an_org(members=[a_member("ann"), a_member("bob", mfa=False)])), connector=lagging("played.member")
    )
    world.run()
    assert {subject: status for (_, _, subject), status in world.verdicts("played_member_mfa").items()} == {
        "": "unknown",
        "ann": "pass",
        "bob": "fail",
    }
    world.platform.orgs["acme"]["members"].pop()
    world.run()

    assert {subject: status for (_, _, subject), status in world.verdicts("played_member_mfa").items()} == {
        "": "unknown",
        "ann": "pass",
    }
    assert agrees(world)


def test_no_set_passes_that_may_lag(make_world: Callable[..., World]) -> None:
    """A pass rests on what is not in the set; a fail rests on what is."""
    public = [a_repo(name, visibility="public") for name in ("a", "b")]
    world = make_world(
        Platform(acme=an_org(), best=an_org(projects={"web": public})), connector=lagging(*KINDS), rules=ALL_RULES
    )
    world.run()

    assert world.finding("played_org_few_public", "acme").status.value == "unknown"
    assert "played.repo may lag" in world.finding("played_org_few_public", "acme").reason
    assert world.finding("played_org_few_public", "best").status.value == "fail"
    assert world.finding("played_ticket_scopes", "acme").status.value == "unknown"
    assert agrees(world)


def test_only_a_set_that_was_touched_casts_doubt(make_world: Callable[..., World]) -> None:
    """A verdict that needed no set stays what it is."""
    world = make_world(connector=lagging("played.ticket"), rules=[rule(beside)])
    world.run()

    assert {subject: status for (_, _, subject), status in world.verdicts("played_member_beside").items()} == {
        "ann": "unknown",
        "bob": "pass",
        "carol": "unknown",
    }


def test_the_one_of_a_scope_counts_where_it_is_shown(make_world: Callable[..., World]) -> None:
    """A setting that is there is there; one that is missing may only be late."""
    world = make_world(connector=lagging("played.settings"))
    world.run()
    assert world.finding("played_repo_private", "acme", "web", subject="site").status.value == "pass"

    def nothing(_session: object) -> Iterator[Body]:
        yield from ()

    made = world.connector.collections["played.settings"]
    world.connector.collections["played.settings"] = replace(made, list=nothing)
    world.run()
    finding = world.finding("played_repo_private", "acme", "web", subject="site")

    assert finding.status.value == "unknown"
    assert "may lag" in finding.reason


def test_what_cannot_exist_does_not_lag(make_world: Callable[..., World]) -> None:
    """The platform's word that an API is off is no list."""

    def off(_session: object) -> Iterator[Body]:
        yield from ()
        raise NotUsed("off")

    world = make_world(connector=lagging("played.ticket"), rules=ALL_RULES)
    made = world.connector.collections["played.ticket"]
    world.connector.collections["played.ticket"] = replace(made, list=off)
    world.run()

    assert world.finding("played_ticket_closed", "acme").status.value == "not_applicable"
    assert world.finding("played_ticket_any", "acme").status.value == "not_applicable"


def test_a_list_that_may_lag_discovers_no_scopes() -> None:
    """A scope that it does not show would be closed with all that is in it."""
    made = played()
    made.collections["played.project"] = replace(made.collections["played.project"], eventual=True)

    with pytest.raises(TypeError, match="eventually consistent"):
        made.discovers(Project, level="project", below=lambda _settings, body: str(body["name"]))(
            lambda _client: iter(())
        )


def test_the_declaration_is_kept() -> None:
    """What `collects` was told is what the engine sees."""
    made = played()
    del made.collections["played.ticket"]
    made.collects(Ticket, at="org", call="x", unused=lambda _facts: "no", eventual=True)(lambda _client: iter(()))
    ticket, member = made.collections["played.ticket"], made.collections["played.member"]

    assert (ticket.eventual, member.eventual) == (True, False)
    assert (ticket.unused is not None and ticket.unused({}), member.unused) == ("no", None)
