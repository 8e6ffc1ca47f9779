"""What one evaluation says of a finding: what it is based on, what it read, and when it may be kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from collector.core.checks import Check, Status, The, Verdict, check, failed, passed
from collector.engine.evaluation import Evaluation, evaluate
from collector.engine.freshness import Freshness, lifetime
from collector.engine.judge_once import JudgedOnce, OnceJudge
from collector.engine.kept_verdicts import KeptVerdict, kept, may_keep
from collector.engine.rule import Rule
from collector.engine.sources import Source
from collector.engine.touched_evidence import TouchedEvidence
from tests.played.checks import few_public, hooks_tls, private, protected, rotated, two_owners
from tests.played.connector import OrgSettings, Protection, Repo
from tests.played.platform import HOOKS, PROTECTION, SETTINGS, a_repo, status

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.played.world import World

HOLDS = timedelta(days=40)
BEGAN = datetime(2026, 3, 1, tzinfo=UTC)


@check("played_repo_looked_after", title="Somebody looks after it", severity="low", fix="Look after it")
def looked_after(
    repo: Repo, settings: The[OrgSettings], *, now: datetime, most: timedelta = HOLDS, names: tuple[str, ...] = ()
) -> Verdict:
    """Judge one resource beside another, as of a time."""
    age = now - BEGAN
    is_fine = age < most and settings.two_factor_required and repo.name not in names
    return passed() if is_fine else failed(f"{repo.name}: {age.days} days")


def a_rule(of: Check[...], code: str = "rule1:a", **limits: Any) -> Rule:
    """Return a rule whose code has a digest."""
    return Rule(of, {limit.name: limit.default for limit in of.limits} | limits, lambda _check: code)


def a_judge(world: World) -> OnceJudge:
    """Return what judges one finding of a world's source."""
    store = world.store
    freshness = Freshness(
        Source("code", world.connector, world.settings, "sha256:code"),
        scopes=next(iter(store.plans())).scopes["code"],
        incomplete_discoveries=(),
        latest=store.observations(source="code"),
        complete=store.last_complete(source="code"),
    )
    return OnceJudge(store, freshness, world.clock.now())


def judged(world: World, rule: Rule, key: str = "core", *, touched: bool = False) -> JudgedOnce:
    """Judge a rule about single resources on the one with a key, or a rule about a set."""
    subject = rule.check.subject
    if subject is None:
        return a_judge(world).set(rule, ("acme",), touched=touched)
    stored = next(one for one in world.store.resources(subject.kind.name, source="code") if one.key == key)
    return a_judge(world).resource(rule, stored, touched=touched)


def kept_of(once: JudgedOnce) -> KeptVerdict:
    """Return the kept verdict of an evaluation that can be kept."""
    found = kept(once.evaluation, once.inputs)
    assert found is not None
    return found


def test_it_comes_to_the_verdict_of_the_run(make_plain_world: Callable[..., World]) -> None:
    """One finding that is judged again by itself is the finding that the run wrote."""
    world = make_plain_world(rules=tuple(a_rule(of) for of in (rotated, protected, private, few_public, two_owners)))
    world.run()
    recorded = [state.finding for rule in world.rules for state in world.store.findings(check=rule.check.id)]
    rules = {rule.check.id: rule for rule in world.rules}

    once = [judged(world, rules[finding.id.check], finding.id.subject).evaluation for finding in recorded]

    assert len(recorded) == 3 + 4 + 4 + 1 + 1
    assert [each.verdict.status for each in once] == [finding.status for finding in recorded]
    assert [each.judged_at for each in once] == [finding.observed_at for finding in recorded]


def test_a_verdict_is_kept_until_its_time_is_over(make_plain_world: Callable[..., World]) -> None:
    """Nothing has changed, and judging again would say the same, until it would not."""
    world = make_plain_world()
    world.run()
    before = kept_of(judged(world, a_rule(looked_after)))
    world.clock.move(timedelta(hours=20))
    world.run()
    again = judged(world, a_rule(looked_after))
    until = BEGAN + HOLDS

    assert before.holds_until == until
    assert again.evaluation.judged_at > before.judged_at
    assert may_keep(before, again.inputs, again.evaluation.judged_at)
    ageless = replace(again.inputs, fresh_until=None)
    assert may_keep(before, ageless, until - timedelta(microseconds=1))
    assert not may_keep(before, ageless, until)
    assert not may_keep(before, ageless, before.judged_at - timedelta(microseconds=1))


def _repo(**but: Any) -> Callable[[World], None]:
    def change(world: World) -> None:
        world.platform.orgs["acme"]["projects"]["api"][0] |= but

    return change


def _settings(world: World) -> None:
    world.platform.orgs["acme"]["settings"]["two_factor_required"] = False


def _new_repo(world: World) -> None:
    world.platform.orgs["acme"]["projects"]["web"].append(a_repo("new"))


@pytest.mark.parametrize(
    ("of", "change"),
    [
        pytest.param(looked_after, _repo(visibility="public"), id="the body"),
        pytest.param(looked_after, _settings, id="the nearest resource"),
        pytest.param(looked_after, lambda world: world.platform.deny(HOOKS), id="a part refused"),
        pytest.param(looked_after, lambda world: world.platform.deny(SETTINGS), id="the nearest refused"),
        pytest.param(few_public, _repo(visibility="public"), id="a member"),
        pytest.param(few_public, _new_repo, id="a new member"),
        pytest.param(few_public, lambda world: world.platform.deny(PROTECTION), id="a part of a member refused"),
        pytest.param(rotated, lambda _world: None, id="a volatile field"),
        pytest.param(two_owners, lambda _world: None, id="a volatile field of a member"),
    ],
)
def test_a_verdict_on_other_evidence_is_not_kept(
    make_plain_world: Callable[..., World], of: Check[...], change: Callable[[World], None]
) -> None:
    """Each thing that a check can read is compared; the members of the played platform move at every look."""
    key = "ann" if of is rotated else "core"
    world = make_plain_world()
    world.run()
    before = kept_of(judged(world, a_rule(of), key))
    assert may_keep(before, judged(world, a_rule(of), key).inputs, before.judged_at)
    change(world)
    world.clock.move(timedelta(hours=1))
    world.run()

    again = judged(world, a_rule(of), key)

    assert not may_keep(before, again.inputs, again.evaluation.judged_at)


@pytest.mark.parametrize(("of", "part"), [(protected, PROTECTION), (few_public, HOOKS)])
def test_another_reason_for_a_missing_part_is_other_evidence(
    make_plain_world: Callable[..., World], of: Check[...], part: str
) -> None:
    """The reason of an unknown is today's: the bodies and inventories of both runs are the same."""
    world = make_plain_world()
    world.platform.deny(part)
    world.run()
    before = kept_of(judged(world, a_rule(of)))
    world.platform.play(part, lambda _request: status(500))
    world.clock.move(timedelta(hours=1))
    world.run()

    again = judged(world, a_rule(of))

    assert [each.digest for each in again.inputs.resources] == [each.digest for each in before.inputs.resources]
    assert [each.inventories for each in again.inputs.sets] == [each.inventories for each in before.inputs.sets]
    assert not may_keep(before, again.inputs, again.evaluation.judged_at)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(a_rule(looked_after, "rule1:b"), id="the code"),
        pytest.param(a_rule(looked_after, most=HOLDS * 2), id="a limit"),
        pytest.param(a_rule(looked_after, names=("a, b",)), id="a list that reads the same"),
    ],
)
def test_a_verdict_of_another_rule_is_not_kept(make_plain_world: Callable[..., World], other: Rule) -> None:
    """Limits are compared as values: ("a", "b") and ("a, b",) are shown by the same words."""
    world = make_plain_world()
    world.run()
    rule = a_rule(looked_after, names=("a", "b"))
    before = kept_of(judged(world, rule))

    assert may_keep(before, judged(world, rule).inputs, before.judged_at)
    assert not may_keep(before, judged(world, other).inputs, before.judged_at)


def test_without_a_digest_of_the_code_nothing_is_kept(make_plain_world: Callable[..., World]) -> None:
    """Two rules of which the code is not known are not known to be one."""
    world = make_plain_world()
    world.run()
    before = kept_of(judged(world, a_rule(few_public, code="")))

    assert not may_keep(before, before.inputs, before.judged_at)


def test_observations_grow_too_old(make_plain_world: Callable[..., World]) -> None:
    """A set that nobody looks at any more is no complete set, whatever it was."""
    world = make_plain_world()
    world.run()
    once = judged(world, a_rule(few_public))
    ended = min(world.observation("played.repo", "acme", project).ended_at for project in ("api", "web"))
    stale = ended + lifetime(timedelta(hours=24)) + timedelta(microseconds=1)

    assert once.inputs.fresh_until == stale
    assert kept_of(once).until == stale
    assert may_keep(kept_of(once), once.inputs, stale - timedelta(microseconds=1))
    assert not may_keep(kept_of(once), once.inputs, stale)


def test_erased_evidence_is_other_evidence(make_plain_world: Callable[..., World]) -> None:
    """What was erased is unknown, and the verdict on what it was is not kept."""
    world = make_plain_world()
    world.run()
    rule = a_rule(protected)
    stored = next(iter(world.store.resources("played.repo", source="code")))
    before = kept_of(a_judge(world).resource(rule, stored))

    erased = a_judge(world).resource(rule, replace(stored, blob=None))

    assert erased.evaluation.verdict.status is Status.UNKNOWN
    assert not may_keep(before, erased.inputs, before.judged_at)


def test_what_is_judged_again_at_any_time_is_not_kept() -> None:
    """There is nothing to keep it by."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    evaluation = Evaluation(passed(), None, at, at, at)

    assert kept(evaluation, None) is None  # type: ignore[arg-type]  # not looked at


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (protected, [("repo", "played.repo", True, ("protection", "protection.reviews"), None)]),
        (hooks_tls, [("repo", "played.repo", True, ("hooks", "hooks[].tls"), None)]),
        (
            private,
            [
                ("repo", "played.repo", False, (), None),
                ("settings", "played.settings", True, ("two_factor_required",), None),
            ],
        ),
        (few_public, [("repos", "played.repo", True, ("visibility",), 4)]),
        (two_owners, [("members", "played.member", True, ("role",), 3)]),
    ],
)
def test_it_shows_what_was_read(make_plain_world: Callable[..., World], of: Check[...], expected: list[Any]) -> None:
    """Whoever reads a verdict can see which keys of the evidence it was made of."""
    world = make_plain_world()
    world.run()

    shown = judged(world, a_rule(of), touched=True).evaluation

    assert shown.touched == tuple(TouchedEvidence(*parameter) for parameter in expected)
    assert shown.verdict == judged(world, a_rule(of)).evaluation.verdict


def test_it_shows_the_part_that_could_not_be_read(make_plain_world: Callable[..., World]) -> None:
    """An unknown shows what was missing."""
    world = make_plain_world()
    world.platform.deny(PROTECTION)
    world.run()

    shown = judged(world, a_rule(protected), touched=True).evaluation

    assert shown.verdict.status is Status.UNKNOWN
    assert shown.touched == (TouchedEvidence("repo", "played.repo", True, ("protection",), None),)


def test_nothing_is_shown_where_recording_changes_what_a_check_says() -> None:
    """A check that looks at the type of a view is not shown by another run of itself."""

    @check("played_repo_typed", title="A view is a view", severity="low", fix="Look at its fields")
    def typed(repo: Repo) -> Verdict:
        return passed() if type(repo) is Repo else failed("another type")

    repo = Repo(name="core", visibility="private", protection=Protection(reviews=2), hooks=[])

    shown = evaluate(typed, {"repo": repo}, BEGAN, limits={}, touched=True)

    assert shown.verdict == passed()
    assert shown.touched is None
