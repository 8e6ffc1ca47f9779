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
from tests.played.checks import RULES, mfa, rotated, rule, tickets_known, two_factor
from tests.played.clock import PlayedClock
from tests.played.connector import played
from tests.played.platform import MEMBERS, PROJECTS, PROTECTION, REPOS, Platform, a_member, a_repo, an_org
from tests.played.world import World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.engine.judge import Rule

DAY = timedelta(days=1)


def again(one: World, as_of: datetime, rules: Sequence[Rule] = RULES) -> list[Replayed]:
    """Judge what was stored by a moment, from the record alone."""
    source = source_of_record(one.store, "code", played(), as_of)
    return list(Replay(one.store, [source], {"code": list(rules)}, as_of).results())


def different(found: list[Replayed]) -> dict[tuple[str, str], tuple[str | None, str | None]]:
    """What comes out otherwise: (check, subject) to what was recorded and what is said now."""
    return {
        (one.id.check, one.id.subject): (
            None if one.recorded is None else one.recorded.finding.status.value,
            None if one.judged is None else one.judged.status.value,
        )
        for one in found
        if not one.is_same
    }


@pytest.mark.parametrize("denied", [None, MEMBERS, PROJECTS, REPOS, PROTECTION])
def test_a_recorded_run_judged_again_gives_the_recorded_verdicts(
    world: Callable[..., World], denied: str | None
) -> None:
    """Verdicts are reproducible from the record, whatever could not be seen in the run (promise 2)."""
    one = world(Platform(acme=an_org(members=[a_member("ann", mfa=False), a_member("bob")])))
    one.run()
    one.clock.move(DAY)
    if denied is not None:
        one.platform.deny(denied, "web" if denied == REPOS else "")
    one.run()
    recorded = {state.finding.id: state.finding for state in one.store.findings()}
    found = again(one, one.clock.now())
    judged = {each.judged.id: each.judged for each in found if each.judged is not None}

    assert different(found) == {}
    assert judged.keys() == recorded.keys()
    assert {id_: (f.status, f.reason, f.evidence) for id_, f in judged.items()} == {
        id_: (f.status, f.reason, f.evidence) for id_, f in recorded.items()
    }


def test_every_past_day_can_be_judged_again_after_the_source_is_gone(world: Callable[..., World]) -> None:
    """The platform, its settings and the last days of it are gone; the record is enough."""
    one = world(Platform(acme=an_org(members=[a_member("ann", mfa=False)])))
    moments = []
    for number in range(3):
        one.platform.orgs["acme"]["members"] = [a_member("ann", mfa=number == 1), a_member(f"m{number}")]
        one.run()
        moments.append(one.clock.now())
        one.clock.move(DAY)
    one.platform.orgs.clear()
    asked = one.platform.count
    before = one.store.journal[:]

    for moment in moments:
        assert different(again(one, moment)) == {}
    assert one.platform.count == asked
    assert one.store.journal == before


def test_another_limit_today_changes_the_verdict_and_not_the_record(world: Callable[..., World]) -> None:
    """What today's rules say of yesterday stands in a column of its own."""
    one = world(
        Platform(acme=an_org(members=[a_member("ann", created_at="2025-12-15T07:00:00Z")])), rules=[rule(rotated)]
    )
    one.run()
    found = again(one, one.clock.now(), [rule(rotated, max_age="30d")])
    recorded = one.finding("played_member_rotated", "acme", subject="ann")

    assert different(found) == {("played_member_rotated", "ann"): ("pass", "fail")}
    assert recorded.status is Status.PASS
    assert recorded.limits == {"max_age": "90d"}


def test_a_check_that_came_later_is_judged_on_old_evidence(world: Callable[..., World]) -> None:
    """A new rule can be asked what it would have said last year."""
    one = world(rules=[rule(mfa)])
    one.run()

    assert different(again(one, one.clock.now(), [rule(mfa), rule(two_factor)])) == {
        ("played_settings_two_factor", "-"): (None, "pass")
    }


def test_only_what_is_judged_is_compared(world: Callable[..., World]) -> None:
    """A check that is not asked for is neither the same nor another one."""
    one = world()
    one.run()
    found = again(one, one.clock.now(), [rule(mfa)])

    assert {each.id.check for each in found} == {"played_member_mfa"}


def test_evidence_that_was_collected_stays_judged_when_the_settings_leave_it_out(
    world: Callable[..., World],
) -> None:
    """What a source was comes from the record, not from what is set today."""
    one = world()
    one.run()
    with_tickets = again(one, one.clock.now(), [rule(tickets_known)])
    source = source_of_record(one.store, "code", played(), one.clock.now())

    assert different(with_tickets) == {}
    assert "played.ticket" in source.collections


def test_erased_evidence_is_unknown_and_said_to_be_erased(tmp_path: Path) -> None:
    """What was erased cannot be judged again, and the record of the verdict stays."""
    clock = PlayedClock()
    with open_store(f"sqlite:///{tmp_path / 'annexd.db'}", writer=True, clock=clock.now) as store:
        one = World(Platform(), clock=clock, store=store, rules=[rule(mfa)])
        one.run()
        found = store.erasing.erasable(source="code", kind="played.member", key="ann")
        erasure = Erasure(at=clock.now(), basis="law", approved_by="officer", by="ann", bodies=1, facts=1)
        store.erasing.erase(erasure, (*found.bodies, *found.facts))
        (ann,) = [each for each in again(one, clock.now(), [rule(mfa)]) if each.id.subject == "ann"]

    assert ann.recorded is not None
    assert ann.judged is not None
    assert (ann.recorded.finding.status, ann.judged.status) == (Status.PASS, Status.UNKNOWN)
    assert ann.judged.reason == "the evidence on ann was erased"


def test_a_recorded_finding_whose_subject_is_not_stored_any_more_is_told(world: Callable[..., World]) -> None:
    """Between two leaves of a run the record is ahead of its verdicts; that is shown, not hidden."""
    one = world(Platform(acme=an_org(members=[a_member("ann"), a_member("bob")])), rules=[rule(mfa)])
    one.run()
    one.clock.move(DAY)
    one.platform.orgs["acme"]["members"] = [a_member("bob")]
    one.store.fails = lambda what: (_ for _ in ()).throw(KeyboardInterrupt) if what == "Judged" else None
    with pytest.raises(KeyboardInterrupt):
        one.run()
    one.store.fails = lambda _what: None
    seen = {each.key for each in one.store.resources("played.member", source="code")}

    found = different(again(one, one.clock.now(), [rule(mfa)]))

    assert found == ({("played_member_mfa", "ann"): ("pass", None)} if seen == {"bob"} else {})


def test_a_repository_in_two_projects_is_put_beside_its_own_record(world: Callable[..., World]) -> None:
    """Keys of one name in two scopes must not be compared with each other."""
    both = {"api": [a_repo("core")], "web": [a_repo("core", protection=None), a_repo("x")]}
    one = world(Platform(acme=an_org(projects=both)))
    one.run()
    found = {each.id: each for each in again(one, one.clock.now())}
    id_ = FindingId("played_repo_protected", "code", ("acme", "web"), "core")

    assert all(each.is_same for each in found.values())
    judged = found[id_].judged
    assert judged is not None
    assert judged.status is Status.FAIL
