"""Verdicts that are kept: never one that judging again would change, and none is given again for nothing."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import ExitStack, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.core.checks import Verdict, check, failed, passed
from collector.core.errors import StoreError
from collector.engine.rule import Rule
from collector.engine.run import Limits
from storage import open_store
from tests.played.checks import RULES, protected, rule
from tests.played.clock import PlayedClock
from tests.played.connector import Member, Recipe, Repo, members, played
from tests.played.platform import (
    HOOKS,
    MEMBERS,
    PROJECTS,
    PROTECTION,
    REPOS,
    SETTINGS,
    Platform,
    a_member,
    a_repo,
    an_org,
)
from tests.played.store import MemoryStore
from tests.played.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from collector.core.findings import FindingState
    from collector.core.ports import Store
    from collector.core.resources import Body
    from tests.played.session import Session

DAY = timedelta(days=1)
STEPS = 14


def coded(rules: Sequence[Rule]) -> list[Rule]:
    """The rules with a digest of their code, without which nothing is kept."""
    return [Rule(each.check, each.limits, lambda _check: "rule1:a") for each in rules]


class Estate:
    """One platform that two worlds look at in the same moments: one keeps verdicts, and one judges everything."""

    def __init__(self, stores: tuple[Store, Store], clock: PlayedClock, seed: int) -> None:
        self.random = random.Random(seed)
        self.last_active = "2026-03-01T00:00:00Z"
        self.platform = Platform(acme=an_org(), best=an_org(projects={"one": [a_repo("only")]}))
        more: dict[str, Any] = {"clock": clock, "connector": self._connector()}
        self.keeping = World(self.platform, store=stores[0], rules=coded(RULES), **more)
        self.judging = World(self.platform, store=stores[1], rules=RULES, **more)
        self.config = "d"

    def _connector(self) -> Any:
        def steady(session: Session) -> Iterator[Body]:
            for body in members(session):
                yield {**body, "last_active": self.last_active}

        return played(Recipe(members=steady))

    @property
    def worlds(self) -> tuple[World, World]:
        """Both worlds."""
        return self.keeping, self.judging

    def step(self) -> None:
        """Change something, or nothing, let time pass, and look again from both worlds."""
        for _ in range(self.random.choice([0, 0, 1, 1, 2])):
            self.random.choice(
                [self._member, self._repo, self._repo, self._project, self._setting, self._refuse, self._active]
            )()
        self.keeping.clock.move(self.random.choice([timedelta(hours=1), DAY, DAY, 2 * DAY + timedelta(hours=1)]))
        kind = self.random.random()
        if kind < 0.1:
            self.config += "e"
            limits = {"reviews": self.random.choice([1, 2, 3])}
            rules = [rule(protected, **limits) if each.check is protected else each for each in RULES]
            self.keeping.rules, self.judging.rules = coded(rules), rules
        only = self.random.choice(["played.repo", "played.member", "played.settings"]) if kind > 0.75 else None
        breaks = self.random.randint(1, 9) if 0.1 < kind < 0.2 else None
        summaries = [self._run(world, only, breaks) for world in self.worlds]
        assert summaries[0] == summaries[1]

    def _run(self, world: World, only: str | None, breaks: int | None) -> Any:
        left = Counter({"finish": breaks or 0})

        def fails(what: str) -> None:
            if breaks is not None and what == "finish":
                left["finish"] -= 1
                if left["finish"] <= 0:
                    raise StoreError("the disk is gone")

        world.store.fails = fails
        tallies = None
        with suppress(StoreError):
            summary = world.run(
                limits=Limits(tasks=1), config=self.config, wanted=lambda task: only is None or task.collection == only
            )
            tallies = {(tally.check, tally.source): tally.counts for tally in summary.tallies}
        world.store.fails = lambda _what: None
        return tallies

    def _member(self) -> None:
        people = self.platform.orgs["acme"]["members"]
        match self.random.randrange(3):
            case 0:
                people.append(a_member(f"new-{self.random.randrange(99)}", mfa=self.random.random() < 0.5))
            case 1 if people:
                people.pop()
            case _:
                for member in people[:1]:
                    member["mfa"] = not member["mfa"]

    def _repo(self) -> None:
        repos = self.platform.orgs["acme"]["projects"].get("api", [])
        if repos and self.random.random() < 0.7:
            repo = self.random.choice(repos)
            repo |= self.random.choice(
                [
                    {"visibility": "public"},
                    {"visibility": "private"},
                    {"protection": None},
                    {"protection": {"reviews": 2}},
                ]
            )
        else:
            repos.append(a_repo(f"repo-{self.random.randrange(99)}"))

    def _project(self) -> None:
        projects = self.platform.orgs["acme"]["projects"]
        if "more" in projects:
            del projects["more"]
        else:
            projects["more"] = [a_repo("added", visibility="public")]

    def _setting(self) -> None:
        settings = self.platform.orgs["acme"]["settings"]
        settings["two_factor_required"] = not settings["two_factor_required"]

    def _refuse(self) -> None:
        if self.random.random() < 0.5:
            self.platform.calm()
        else:
            self.platform.deny(
                self.random.choice([MEMBERS, SETTINGS, PROJECTS, REPOS, PROTECTION, HOOKS]),
                self.random.choice(["acme", "api", "core"]),
            )

    def _active(self) -> None:
        self.last_active = f"2026-03-02T00:00:{self.random.randrange(60):02}Z"


def told(state: FindingState) -> tuple[object, ...]:
    """All that a finding says but the digests."""
    finding = state.finding
    return (
        *(finding.id, finding.status, finding.reason, finding.limits, finding.observed_at, finding.trace),
        *(state.since, state.run),
    )


@pytest.fixture(params=["memory", "sqlite"])
def make_estate(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[int], Estate]]:
    """Return what makes an estate, by the seed of what happens to it, on two stores of one kind."""
    with ExitStack() as stack:

        def make(seed: int) -> Estate:
            clock = PlayedClock()
            if request.param == "memory":
                return Estate((MemoryStore(clock.now), MemoryStore(clock.now)), clock, seed)
            urls = [f"sqlite:///{tmp_path}/{name}/annexd.db" for name in ("keeping", "judging")]
            for name in ("keeping", "judging"):
                (tmp_path / name).mkdir()
            keeping, judging = (stack.enter_context(open_store(url, writer=True, clock=clock.now)) for url in urls)
            return Estate((keeping, judging), clock, seed)

        yield make


@pytest.mark.parametrize("seed", [0, 3, *(pytest.param(seed, marks=pytest.mark.deep) for seed in range(4, 40))])
def test_judging_everything_again_finds_nothing_else(make_estate: Callable[[int], Estate], seed: int) -> None:
    """A verdict that is kept is the one that would be given, whatever happened in between."""
    estate = make_estate(seed)
    for _ in range(STEPS):
        estate.step()

        kept, judged = (list(world.store.findings()) for world in estate.worlds)
        assert [told(state) for state in kept] == [told(state) for state in judged]
        # Each store has digests of its own, because of the salts: they have to name the same things.
        pairs = {
            pair
            for mine, theirs in zip(kept, judged, strict=True)
            for pair in zip(mine.finding.evidence, theirs.finding.evidence, strict=True)
        }
        assert len({mine for mine, _ in pairs}) == len(pairs) == len({theirs for _, theirs in pairs})


def counting(calls: list[str]) -> list[Rule]:
    """Rules that note what they are asked, one of them with the time."""

    def plain(repo: Repo) -> Verdict:
        calls.append(repo.name)
        return passed() if repo.protection is not None else failed("it is not protected")

    def timed(member: Member, *, now: object) -> Verdict:
        calls.append(f"{member.login} {now is not None}")
        return passed()

    made = [
        check(f"played_{name}", title="It holds", severity="low", fix="Mend it")(judge)
        for name, judge in (("plain", plain), ("timed", timed))
    ]
    return coded([rule(each) for each in made])


def test_what_has_not_changed_is_not_judged_again(make_world: Callable[..., World]) -> None:
    """A rescan costs what changed; only who asks for the time is asked again."""
    calls: list[str] = []
    world = make_world(rules=counting(calls))
    first = world.run()
    calls.clear()
    world.clock.move(DAY)
    second = world.run()

    assert sorted(calls) == ["ann True", "bob True", "carol True"]
    assert second.tallies == first.tallies
    assert {tally.check: tally.counts for tally in second.tallies}["played_plain"] == {"fail": 1, "pass": 3}


@pytest.mark.parametrize("change", ["code", "config", "rule", "clock"])
def test_another_judge_judges_again(make_world: Callable[..., World], change: str) -> None:
    """Other code, another configuration, code that has no digest, or clocks that disagree: nothing is kept."""
    calls: list[str] = []
    world = make_world(rules=counting(calls)[:1])
    world.run()
    calls.clear()
    world.clock.move(DAY)
    if change == "rule":
        world.rules = [Rule(each.check, each.limits) for each in world.rules]
    if change == "clock":
        off = "Sun, 01 Mar 2020 00:00:00 GMT"
        world.platform.headers = lambda _operation: {"Date": off}
    other: dict[str, Any] = {change: "another"} if change in {"code", "config"} else {}
    world.run(**other)

    assert sorted(set(calls)) == ["core", "docs", "edge", "site"]
