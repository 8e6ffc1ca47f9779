"""Judging again what was stored: the same verdicts from the same evidence, also when nobody can look any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from collector.core.checks import Status
from collector.core.erasure import Erasure
from collector.core.findings import FindingId
from collector.engine.replay import Replay, Replayed, source_of_record
from storage import open_store
from tests.golden_parts import compare_part
from tests.played.checks import RULES, mfa, rotated, rule, tickets_known, two_factor
from tests.played.clock import PlayedClock
from tests.played.connector import played
from tests.played.platform import MEMBERS, PROJECTS, PROTECTION, REPOS, Platform, a_member, a_repo, an_org
from tests.played.world import World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.engine.rule import Rule

DAY = timedelta(days=1)


def replay(world: World, as_of: datetime, rules: Sequence[Rule] = RULES) -> list[Replayed]:
    """Judge what was stored by a moment, from the record alone."""
    source = source_of_record(world.store, "code", played(), as_of)
    return list(Replay(world.store, [source], {"code": list(rules)}, as_of).results())


def different(found: list[Replayed]) -> dict[tuple[str, str], tuple[str | None, str | None]]:
    """What comes out otherwise: (check, subject) to what was recorded and what is said now."""
    return {
        (replayed.id.check, replayed.id.subject): (
            None if replayed.recorded is None else replayed.recorded.finding.status.value,
            None if replayed.judged is None else replayed.judged.status.value,
        )
        for replayed in found
        if not replayed.is_same
    }


@pytest.mark.parametrize("denied", [None, MEMBERS, PROJECTS, REPOS, PROTECTION])
def test_a_recorded_run_judged_again_gives_the_recorded_verdicts(
    make_world: Callable[..., World], denied: str | None
) -> None:
    """Verdicts are reproducible from the record, whatever could not be seen in the run (promise 2)."""
    world = make_world(Platform(acme=an_org(members=[a_member("ann", mfa=False), a_member("bob")])))
    world.run()
    world.clock.move(DAY)
    if denied is not None:
        world.platform.deny(denied, "web" if denied == REPOS else "")
    world.run()
    recorded = {state.finding.id: state.finding for state in world.store.findings()}
    found = replay(world, world.clock.now())
    judged = {replayed.judged.id: replayed.judged for replayed in found if replayed.judged is not None}

    assert different(found) == {}
    assert judged.keys() == recorded.keys()
    assert {id_: (f.status, f.reason, f.evidence) for id_, f in judged.items()} == {
        id_: (f.status, f.reason, f.evidence) for id_, f in recorded.items()
    }


def test_every_past_day_can_be_judged_again_after_the_source_is_gone(make_world: Callable[..., World]) -> None:
    """The platform, its settings and the last days of it are gone; the record is enough."""
    world = make_world(Platform(acme=an_org(members=[a_member("ann", mfa=False)])))
    moments = []
    for number in range(3):
        world.platform.orgs["acme"]["members"] = [a_member("ann", mfa=number == 1), a_member(f"m{number}")]
        world.run()
        moments.append(world.clock.now())
        world.clock.move(DAY)
    world.platform.orgs.clear()
    asked = world.platform.count
    before = world.store.journal[:]

    for moment in moments:
        assert different(replay(world, moment)) == {}
    assert world.platform.count == asked
    assert world.store.journal == before


def test_another_limit_today_changes_the_verdict_and_not_the_record(make_world: Callable[..., World]) -> None:
    """What today's rules say of yesterday stands in a column of its own."""
    world = make_world(
        Platform(acme=an_org(members=[a_member("ann", created_at="2025-12-15T07:00:00Z")])), rules=[rule(rotated)]
    )
    world.run()
    found = replay(world, world.clock.now(), [rule(rotated, max_age="30d")])
    recorded = world.finding("played_member_rotated", "acme", subject="ann")

    assert different(found) == {("played_member_rotated", "ann"): ("pass", "fail")}
    assert recorded.status is Status.PASS
    assert recorded.limits == {"max_age": "90d"}


def test_a_check_that_came_later_is_judged_on_old_evidence(make_world: Callable[..., World]) -> None:
    """A new rule can be asked what it would have said last year."""
    world = make_world(rules=[rule(mfa)])
    world.run()

    assert different(replay(world, world.clock.now(), [rule(mfa), rule(two_factor)])) == {
        ("played_settings_two_factor", "-"): (None, "pass")
    }


def test_only_what_is_judged_is_compared(make_world: Callable[..., World]) -> None:
    """A check that is not asked for is neither the same nor another one."""
    world = make_world()
    world.run()
    found = replay(world, world.clock.now(), [rule(mfa)])

    assert {replayed.id.check for replayed in found} == {"played_member_mfa"}


def test_evidence_that_was_collected_stays_judged_when_the_settings_leave_it_out(
    make_world: Callable[..., World],
) -> None:
    """What a source was comes from the record, not from what is set today."""
    world = make_world()
    world.run()
    with_tickets = replay(world, world.clock.now(), [rule(tickets_known)])
    source = source_of_record(world.store, "code", played(), world.clock.now())

    assert different(with_tickets) == {}
    assert "played.ticket" in source.collections


def test_erased_evidence_is_unknown_and_said_to_be_erased(tmp_path: Path) -> None:
    """What was erased cannot be judged again, and the record of the verdict stays."""
    clock = PlayedClock()
    with open_store(f"sqlite:///{tmp_path / 'annexd.db'}", writer=True, clock=clock.now) as store:
        world = World(Platform(), clock=clock, store=store, rules=[rule(mfa)])
        world.run()
        found = store.erasing.erasable(source="code", kind="played.member", key="ann")
        erasure = Erasure(at=clock.now(), basis="law", approved_by="officer", by="ann", bodies=1, facts=1)
        store.erasing.erase(erasure, (*found.bodies, *found.facts))
        (ann,) = [replayed for replayed in replay(world, clock.now(), [rule(mfa)]) if replayed.id.subject == "ann"]

    assert ann.recorded is not None
    assert ann.judged is not None
    assert (ann.recorded.finding.status, ann.judged.status) == (Status.PASS, Status.UNKNOWN)
    compare_part("engine/reasons", "evidence erased", ann.judged.reason)


def test_a_recorded_finding_whose_subject_is_not_stored_any_more_is_told(make_world: Callable[..., World]) -> None:
    """Between two leaves of a run the record is ahead of its verdicts; that is shown, not hidden."""
    world = make_world(Platform(acme=an_org(members=[a_member("ann"), a_member("bob")])), rules=[rule(mfa)])
    world.run()
    world.clock.move(DAY)
    world.platform.orgs["acme"]["members"] = [a_member("bob")]
    world.store.fails = lambda what: (_ for _ in ()).throw(KeyboardInterrupt) if what == "Judged" else None
    with pytest.raises(KeyboardInterrupt):
        world.run()
    world.store.fails = lambda _what: None
    seen = {stored.key for stored in world.store.resources("played.member", source="code")}

    found = different(replay(world, world.clock.now(), [rule(mfa)]))

    assert found == ({("played_member_mfa", "ann"): ("pass", None)} if seen == {"bob"} else {})


def test_a_repository_in_two_projects_is_put_beside_its_own_record(make_world: Callable[..., World]) -> None:
    """Keys of one name in two scopes must not be compared with each other."""
    both = {"api": [a_repo("core")], "web": [a_repo("core", protection=None), a_repo("x")]}
    world = make_world(Platform(acme=an_org(projects=both)))
    world.run()
    found = {replayed.id: replayed for replayed in replay(world, world.clock.now())}
    id_ = FindingId("played_repo_protected", "code", ("acme", "web"), "core")

    assert all(replayed.is_same for replayed in found.values())
    judged = found[id_].judged
    assert judged is not None
    assert judged.status is Status.FAIL
