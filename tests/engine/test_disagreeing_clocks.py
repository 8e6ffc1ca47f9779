"""Clocks that disagree: what a run records of it, and verdicts that stand by one clock only are unknown."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec import UNSET, UnsetType

from collector.core.checks import All, Verdict, check, failed, passed
from collector.core.clocks import ClockAnomaly, ComparedClock, WhoseClock, whose_clock
from collector.core.ports import StoredObservation
from collector.core.tasks import Calls, Observation, Outcome, Provenance, Task
from collector.engine.freshness import Freshness, without_provenance
from collector.engine.judge_once import OnceJudge
from collector.engine.replay import Replay, source_of_record
from collector.engine.run import Limits, Runner
from collector.engine.sources import Source
from storage import open_store
from tests.played.checks import RULES, rotated, rule
from tests.played.clock import START, PlayedClock
from tests.played.connector import Member, Recipe, played, settings_for
from tests.played.platform import MEMBERS, Platform, an_org, status
from tests.played.world import KEY, World

if TYPE_CHECKING:
    import httpx


DAY = timedelta(days=1)
ROTATED = ("played_member_rotated", ("acme",), "ann")  # made on 15 January, and at most 90 days old
MFA = ("played_member_mfa", ("acme",), "ann")


class WrongClock(PlayedClock):
    """A clock of this machine that is `off`; `true` is the time that platforms have."""

    def __init__(self, off: timedelta = timedelta()) -> None:
        super().__init__()
        self.off = off

    def now(self) -> datetime:
        """Return what this machine takes for the moment."""
        return self.true() + self.off

    def true(self) -> datetime:
        """Return the moment."""
        return super().now()


def dated(clock: WrongClock, off: timedelta = timedelta(), **cached: timedelta) -> Callable[[str], dict[str, str]]:
    """Headers as a platform sends them, whose own clock may be off too; members may come from a cache, with an Age."""

    def headers(operation: str) -> dict[str, str]:
        is_cached = operation == MEMBERS and "members" in cached
        date = format_datetime(clock.true() + off - (cached["members"] if is_cached else timedelta()), usegmt=True)
        return {"Date": date, "Age": "0"} if is_cached else {"Date": date}

    return headers


def a_world(off: timedelta, *, after: timedelta = timedelta(), path: Path | None = None) -> tuple[World, WrongClock]:
    """A platform that sends dates, and a machine whose clock is off, a time after the beginning."""
    clock = WrongClock(off)
    clock.move(after)
    platform = Platform(acme=an_org())
    platform.headers = dated(clock)
    store = None if path is None else open_store(f"sqlite:///{path}", writer=True, clock=clock.now)
    return World(platform, clock=clock, store=store), clock


def anomalies(world: World) -> list[ClockAnomaly]:
    """What was written of clocks."""
    return [fact for fact in world.store.facts if isinstance(fact, ClockAnomaly)]


def offs(world: World) -> set[timedelta]:
    """By how much the clock was off, of all that was observed."""
    return {seen.observation.clock_off for seen in world.store.observations()}


@pytest.mark.parametrize(
    ("off", "after", "expected"),
    [
        (-60 * DAY, 60 * DAY, "unknown"),  # the account is 105 days old, and 45 by a clock that is two months back
        (60 * DAY, timedelta(), "unknown"),  # 45 days old, and 105 by a clock that is ahead
        (-60 * DAY, 160 * DAY, "fail"),  # too old by both
        (-5 * DAY, 20 * DAY, "pass"),  # young enough by both
        (timedelta(hours=1), timedelta(), "pass"),  # a summer time that was taken for UTC
        (timedelta(hours=-1), timedelta(), "pass"),
        (timedelta(minutes=-345), timedelta(), "pass"),  # a time zone, Nepal's
        (timedelta(minutes=30), timedelta(), "pass"),  # half a time zone
    ],
    ids=str,
)
def test_a_wrong_clock_is_recorded_and_gives_no_verdict_that_depends_on_it(
    off: timedelta, after: timedelta, expected: str
) -> None:
    """Two months back make every key two months younger: that is no pass."""
    world, _ = a_world(off, after=after)
    world.run()
    verdicts, found = world.verdicts(), anomalies(world)

    assert (verdicts[ROTATED], verdicts[MFA]) == (expected, "pass")
    assert offs(world) == {off}
    assert (found[-1].whose, found[-1].jumped, found[-1].beyond) == (WhoseClock.UNCLEAR, False, len(world.events.done))
    assert (found[-1].furthest.source, found[-1].furthest.largest) == ("code", off)
    assert len(found) == 2  # as soon as it was seen, and once more at the end


def test_an_unknown_names_both_clocks() -> None:
    """Who reads it at three in the morning sets the clock, and not the key."""
    world, _ = a_world(-60 * DAY, after=60 * DAY)
    world.run()
    finding = world.finding("played_member_rotated", "acme", subject="ann")

    assert "2026-03-01T06:00:00Z" in finding.reason
    assert "2026-04-30T06:00:00Z (60d behind)" in finding.reason
    assert finding.reason.endswith("pass by the one, fail by the other")
    assert finding.observed_at == START


def test_it_is_told_once_while_the_run_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    """Who watches the log need not wait for the report."""
    world, _ = a_world(timedelta(hours=2))
    world.run()

    assert [record.message for record in caplog.records if record.levelno == logging.WARNING] == [
        "clock_anomaly: this machine's clock was 2h ahead of that of code; no other clock tells which of them is wrong"
    ]


@pytest.mark.parametrize(
    "off", [timedelta(minutes=4), timedelta(minutes=-4), timedelta(seconds=1), timedelta()], ids=str
)
def test_within_the_limit_nothing_is_recorded(off: timedelta) -> None:
    """Dates are whole seconds, and clocks drift: that is no anomaly."""
    world, _ = a_world(off)
    world.run()

    assert anomalies(world) == []
    assert offs(world) == {timedelta()}
    assert all(seen.observation.provenance.clock_off is UNSET for seen in world.store.observations())


def test_the_limit_is_the_operators() -> None:
    """A machine that is to be right within a minute is held to it."""
    world, _ = a_world(timedelta(minutes=2))
    world.run(limits=Limits(clock=timedelta(minutes=1)))

    assert [anomaly.limit for anomaly in anomalies(world)] == [timedelta(minutes=1)] * 2


def test_what_a_cache_says_is_no_evidence() -> None:
    """A cached answer has the date of when it was made."""
    world, clock = a_world(timedelta())
    world.platform.headers = dated(clock, members=60 * DAY)
    world.run()

    assert anomalies(world) == []
    assert world.observation("played.member", "acme").clock_off == timedelta()


@pytest.mark.parametrize("code", [304, 502, 503])
def test_what_a_gateway_says_is_no_evidence(code: int) -> None:
    """Its clock is not the platform's, and not modified is said of an answer of earlier."""
    world, clock = a_world(timedelta())

    def headers(operation: str) -> dict[str, str]:
        return dated(clock, -60 * DAY if operation == MEMBERS else timedelta())(operation)

    world.platform.headers = headers
    world.platform.play(MEMBERS, lambda _request: status(code))
    world.run()

    assert anomalies(world) == []


@pytest.mark.parametrize("code", [401, 403, 404, 429])
def test_a_refusal_tells_the_time(code: int) -> None:
    """A platform that refuses a signature for its time is the best witness that there is."""
    world, _ = a_world(-60 * DAY)
    world.platform.play(MEMBERS, lambda _request: status(code))
    world.run()

    assert world.observation("played.member", "acme").clock_off == -60 * DAY


def test_a_list_that_came_from_a_cache_is_held_to_the_platforms_other_answers() -> None:
    """Otherwise a clock two months back goes unseen wherever nothing has changed."""
    world, clock = a_world(-60 * DAY, after=60 * DAY)
    world.platform.headers = dated(clock, members=timedelta())
    world.run()

    assert world.observation("played.member", "acme").clock_off == -60 * DAY
    assert world.verdicts()[ROTATED] == "unknown"


def test_a_clock_that_is_set_while_a_run_goes_on() -> None:
    """Before it all is well, after it all is off, and it is this machine's clock."""
    world, clock = a_world(timedelta(), after=60 * DAY)

    def set_back(_request: httpx.Request) -> None:
        clock.off = -60 * DAY

    world.platform.play(MEMBERS, set_back)
    world.run(limits=Limits(tasks=1, parts=1))
    last = anomalies(world)[-1]

    assert (last.whose, last.jumped) == (WhoseClock.MACHINE, True)
    assert offs(world) == {timedelta(), -60 * DAY}
    assert world.observation("played.member", "acme").clock_off == -60 * DAY
    assert world.verdicts()[ROTATED] == "unknown"


def test_a_clock_that_is_set_after_the_last_answer_of_a_task() -> None:
    """When the task ended is by the wrong clock then, though every answer came under the right one."""
    world, clock = a_world(timedelta(), after=60 * DAY)
    finish = world.store.stage

    def stage(*staged: object) -> int:
        clock.off = -60 * DAY
        return finish(*staged)  # type: ignore[arg-type]

    world.store.stage = stage  # type: ignore[assignment, method-assign]
    world.run(limits=Limits(tasks=1, parts=1))

    assert world.observation("played.member", "acme").clock_off == -60 * DAY


def two_sources(first: timedelta, second: timedelta, machine: timedelta) -> list[ClockAnomaly]:
    """Run two platforms whose clocks are off by so much, on a machine whose clock is."""
    clock = WrongClock(machine)
    platforms = [Platform(acme=an_org()) for _ in range(2)]
    for platform, off in zip(platforms, (first, second), strict=True):
        platform.headers = dated(clock, off)
    world = World(platforms[0], clock=clock)
    sources = [
        Source(name, played(), settings_for(platform), "sha256:code")
        for name, platform in zip(("code", "wiki"), platforms, strict=True)
    ]
    Runner(store=world.store, sources=sources, rules=RULES, clock=clock, redaction_key=KEY, events=world.events).run(
        world.request()
    )
    return anomalies(world)


def test_one_platform_alone_against_all_others_is_odd() -> None:
    """Another platform agrees with this machine, so these two outweigh the one."""
    *_, last = two_sources(timedelta(), timedelta(hours=3), timedelta())
    by_source = {compared.source: compared for compared in last.sources}

    assert last.whose is WhoseClock.PLATFORM
    assert (last.furthest.source, last.furthest.largest) == ("wiki", timedelta(hours=-3))
    assert (by_source["code"].beyond, by_source["code"].largest, by_source["code"].answers > 0) == (0, None, True)


def test_a_machine_alone_against_all_platforms_is_wrong() -> None:
    """Two platforms that agree outweigh the one clock here."""
    *_, last = two_sources(timedelta(), timedelta(), timedelta(days=-60))

    assert last.whose is WhoseClock.MACHINE
    assert {compared.largest for compared in last.sources} == {timedelta(days=-60)}


def compared(off: timedelta | None, *, answers: int = 1) -> ComparedClock:
    """A source whose platform's clock was seen."""
    return ComparedClock(source="s", answers=answers, beyond=int(off is not None), largest=off)


@pytest.mark.parametrize(
    ("sources", "whose"),
    [
        ([compared(DAY)], WhoseClock.UNCLEAR),
        ([compared(DAY), compared(2 * DAY)], WhoseClock.UNCLEAR),
        ([compared(DAY), compared(-DAY)], WhoseClock.UNCLEAR),
        ([compared(DAY), compared(DAY + timedelta(seconds=2))], WhoseClock.MACHINE),
        ([compared(DAY), compared(DAY, answers=0)], WhoseClock.UNCLEAR),  # the second said nothing of its own
        ([compared(DAY), compared(None)], WhoseClock.PLATFORM),
        ([compared(DAY), compared(None, answers=0)], WhoseClock.UNCLEAR),
        ([compared(DAY), compared(DAY), compared(None)], WhoseClock.PLATFORM),
    ],
)
def test_whose_clock_is_wrong(sources: list[ComparedClock], whose: WhoseClock) -> None:
    """Two that agree outweigh one; one against one tells nothing."""
    assert whose_clock(sources, timedelta(minutes=5), jumped=False) is whose
    assert whose_clock(sources, timedelta(minutes=5), jumped=True) is WhoseClock.MACHINE


def whole_members(members: All[Member], *, now: datetime) -> Verdict:
    """Whether all accounts are young, judged as a set."""
    return passed() if all(now - member.created_at <= timedelta(days=90) for member in members) else failed("old")


def test_a_rule_about_a_set_is_judged_by_both_clocks() -> None:
    """A set has the time of its newest list, which may be any of the two."""
    made = rule(check("played_made_up", title="It holds", severity="low", fix="Mend it")(whole_members))
    world, clock = a_world(-60 * DAY, after=60 * DAY)
    world.rules = (made,)
    world.run()
    wrong = world.finding("played_made_up", "acme").status.value
    clock.off = timedelta()
    world.run()

    assert (wrong, world.finding("played_made_up", "acme").status.value) == ("unknown", "fail")


@pytest.mark.parametrize("is_kept", [False, True], ids=["memory", "sqlite"])
def test_judging_again_comes_to_the_same(tmp_path: Path, is_kept: bool) -> None:
    """What was unknown for its clock is unknown for ever: from the record, and judged one by one."""
    world, clock = a_world(-60 * DAY, after=60 * DAY, path=tmp_path / "s.db" if is_kept else None)
    world.run()
    as_of = clock.now()
    source = source_of_record(world.store, "code", played(), as_of)
    found = list(Replay(world.store, [source], {"code": list(RULES)}, as_of).results())
    freshness = Freshness(
        source,
        scopes=[("acme",)],
        incomplete_discoveries=(),
        latest=world.store.observations(),
        complete=world.store.last_complete(),
    )
    once = OnceJudge(world.store, freshness, as_of).resource(rule(rotated), world.bodies("played.member")["ann"])

    assert [replayed.id for replayed in found if not replayed.is_same] == []
    assert {replayed.judged.reason for replayed in found if replayed.judged is not None} == {
        replayed.recorded.finding.reason for replayed in found if replayed.recorded is not None
    }
    assert once.evaluation.verdict.status.value == "unknown"
    assert once.evaluation.judges_again


def test_what_saw_nothing_new_has_an_entry_of_its_own_where_clocks_disagree(tmp_path: Path) -> None:
    """On a dense schedule unchanged collections share one, in which there is no place for it."""
    world, clock = a_world(timedelta(), path=tmp_path / "s.db")
    world.connector = played(Recipe(every=timedelta(hours=1)))
    seen = []
    for off in (timedelta(), timedelta(), -60 * DAY, -60 * DAY, timedelta(), timedelta()):
        clock.off = off
        clock.move(timedelta(hours=1))
        world.run()
        held = {done.observation.task.collection for done in world.events.done if done.finished.leaf is None}
        seen.append(("played.ticket" in held, world.observation("played.ticket", "acme").clock_off))

    assert seen == [
        (False, timedelta()),
        (True, timedelta()),
        (False, -60 * DAY),
        (True, -60 * DAY),  # the same again: the entry that the row names says it
        (False, timedelta()),
        (True, timedelta()),
    ]


def test_a_clock_that_is_put_right_gives_verdicts_again(tmp_path: Path) -> None:
    """And what was seen under the one that was ahead neither stays fresh nor dates what is seen later."""
    world, clock = a_world(60 * DAY, path=tmp_path / "s.db")
    world.run()
    wrong = world.verdicts()[ROTATED]
    clock.off = timedelta()
    clock.move(DAY)
    world.run()

    assert (wrong, world.verdicts()[ROTATED]) == ("unknown", "pass")
    assert world.finding("played_member_rotated", "acme", subject="ann").observed_at == START + DAY
    assert offs(world) == {timedelta()}


def test_evidence_is_as_old_as_the_older_of_two_clocks_says() -> None:
    """A clock that was ahead by two months keeps nothing fresh for two months."""
    world, _ = a_world(60 * DAY)
    world.run()
    seen = next(
        stored for stored in world.store.observations() if stored.observation.task.collection == "played.member"
    )
    freshness = Freshness(
        source_of_record(world.store, "code", played(), world.clock.now()),
        scopes=[("acme",)],
        incomplete_discoveries=(),
        latest=[seen],
        complete=[seen],
    )
    task = seen.observation.task

    assert seen.observation.seen_at == START
    assert freshness.incomplete_reason(task, START + DAY) is None
    assert freshness.incomplete_reason(task, START + 3 * DAY) is not None
    assert freshness.stale_from(task) == START + 2 * DAY + timedelta(microseconds=1)


@pytest.mark.parametrize("off", [UNSET, timedelta(minutes=-7)])
def test_what_judging_keeps_of_an_observation_says_the_same(off: timedelta | UnsetType) -> None:
    """Without how it was made, but with the clocks that disagreed on when."""
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    seen = Observation(
        task=Task("code", "played.repo", ("acme",)),
        run="run-1",
        outcome=Outcome.PARTIAL,
        started_at=at,
        ended_at=at,
        listed=3,
        every=timedelta(hours=1),
        why="no more pages",
        permissions="repo: read",
        provenance=Provenance(None, "played/1", "code", "3/0", (Calls("list", 2),), pages=2, clock_off=off),
    )

    kept = without_provenance(StoredObservation(seen, None, 7))

    assert kept.leaf == 7
    assert kept.observation.provenance.calls == ()
    for name in ("task", "run", "outcome", "every", "listed", "ended_at", "seen_at", "clock_off", "is_whole"):
        assert getattr(kept.observation, name) == getattr(seen, name), name
    assert kept.observation.reason() == seen.reason()
