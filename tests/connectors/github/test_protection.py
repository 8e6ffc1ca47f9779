"""Effective protection where its sources disagree: the strictest decides, and to escape takes a bypass of all."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from connectors.github.repository.effective_protection import (
    ADMINISTRATORS,
    OWNERS,
    Bypass,
    BypassActor,
    ClassicProtection,
    Demand,
    Layer,
    Rule,
    Ruleset,
    classic_layer,
    common_bypass,
    demands,
    merge_layers,
    rule_layers,
)

PULL_REQUESTS, APPROVALS, _, _, NO_FORCE_PUSH, NO_DELETION, STATUS_CHECKS, _ = demands(1)


def a_rule(kind: str, number: int = 1, **parameters: Any) -> Rule:
    """A rule in force."""
    return Rule(type=kind, ruleset_id=number, ruleset_source="acme", parameters=parameters)


def a_pull_rule(number: int = 1, **but: Any) -> Rule:
    """A rule that demands pull requests."""
    return a_rule("pull_request", number, **({"required_approving_review_count": 1} | but))


def a_classic(**but: Any) -> ClassicProtection:
    """Classic protection that binds everybody, as GitHub sends it."""
    reviews = {
        "dismiss_stale_reviews": False,
        "require_code_owner_reviews": False,
        "required_approving_review_count": 1,
    }
    return msgspec.convert(
        {"enforce_admins": {"enabled": True}, "required_pull_request_reviews": reviews} | but, ClassicProtection
    )


def a_layer(*bypass: str, hidden: bool = False, name: str = "one") -> Layer:
    """A layer that these may bypass."""
    return Layer(name=name, pull_request=True, bypass=None if hidden else frozenset(bypass))


@pytest.mark.parametrize(
    ("rules", "classic", "reviews"),
    [
        ([], None, 0),
        ([a_pull_rule()], None, 1),
        ([a_pull_rule(required_approving_review_count=2)], a_classic(), 2),
        ([a_pull_rule(required_approving_review_count=0)], a_classic(), 1),
        ([a_pull_rule(1), a_pull_rule(2, required_approving_review_count=3)], None, 3),
        ([], a_classic(required_pull_request_reviews=None), 0),
        ([a_rule("deletion")], None, 0),
    ],
)
def test_of_several_demands_the_strictest_decides(
    rules: list[Rule], classic: ClassicProtection | None, reviews: int
) -> None:
    """GitHub applies all of them, so the weakest would understate what is demanded."""
    layers = rule_layers(rules) + ([classic_layer(classic)] if classic is not None else [])

    assert merge_layers(layers).reviews == reviews


@pytest.mark.parametrize(
    ("rules", "classic", "blocked"),
    [
        ([], a_classic(), (True, True)),
        ([], a_classic(allow_force_pushes={"enabled": True}), (False, True)),
        ([], a_classic(allow_deletions={"enabled": True}), (True, False)),
        ([a_rule("non_fast_forward")], a_classic(allow_force_pushes={"enabled": True}), (True, True)),
        ([a_rule("deletion")], None, (False, True)),
        ([a_rule("non_fast_forward"), a_rule("deletion")], None, (True, True)),
        ([], None, (False, False)),
    ],
)
def test_a_push_must_be_allowed_by_everything(
    rules: list[Rule], classic: ClassicProtection | None, blocked: tuple[bool, bool]
) -> None:
    """Classic protection blocks unless told otherwise; a ruleset blocks only if told to."""
    layers = rule_layers(rules) + ([classic_layer(classic)] if classic is not None else [])
    combined = merge_layers(layers)

    assert (combined.no_force_push, combined.no_deletion) == blocked


def test_a_merge_queue_takes_pull_requests_only() -> None:
    """GitHub rejects a push with "Changes must be made through the merge queue", whatever else is demanded."""
    (layer,) = rule_layers([a_rule("merge_queue", grouping_strategy="ALLGREEN")])

    assert (layer.pull_request, layer.reviews) == (True, 0)


def test_checks_of_all_sources_are_demanded() -> None:
    """Each source adds its own."""
    rule = a_rule("required_status_checks", required_status_checks=[{"context": "test"}])
    classic = a_classic(required_status_checks={"contexts": ["lint"]})

    assert merge_layers([*rule_layers([rule]), classic_layer(classic)]).checks == {"test", "lint"}


def test_a_ruleset_that_only_evaluates_binds_nobody() -> None:
    """It writes down what it would have refused."""
    stored = [Ruleset(id=1, name="trial", enforcement="evaluate", bypass_actors=())]

    assert rule_layers([a_pull_rule()], stored) == []


def test_a_ruleset_whose_actors_are_not_shown_is_not_one_without_any() -> None:
    """GitHub shows them to those only who may change the ruleset."""
    (layer,) = rule_layers([a_pull_rule()], [Ruleset(id=1, name="main", enforcement="active")])

    assert layer.bypass is None


@pytest.mark.parametrize(
    ("actor", "name"),
    [
        (BypassActor(actor_type="OrganizationAdmin"), OWNERS),
        (BypassActor(actor_type="RepositoryRole", actor_id=5), ADMINISTRATORS),
        (BypassActor(actor_type="RepositoryRole", actor_id=4), "role write"),
        (BypassActor(actor_type="RepositoryRole", actor_id=77), "role 77"),
        (BypassActor(actor_type="Team", actor_id=3), "team 3"),
        (BypassActor(actor_type="Integration", actor_id=9), "integration 9"),
        (BypassActor(actor_type="DeployKey"), "deploy keys"),
        (BypassActor(actor_type="EnterpriseOwner"), "enterprise owners"),
    ],
)
def test_actors_are_named(actor: BypassActor, name: str) -> None:
    """A reader has to know whom to take off the list."""
    assert actor.named() == name


@pytest.mark.parametrize(
    ("classic", "bypass"),
    [
        (a_classic(), set()),
        (a_classic(enforce_admins={"enabled": False}), {ADMINISTRATORS}),
        (
            a_classic(
                required_pull_request_reviews={
                    "dismiss_stale_reviews": False,
                    "require_code_owner_reviews": False,
                    "bypass_pull_request_allowances": {"users": [{"login": "ann"}], "teams": [{"slug": "core"}]},
                }
            ),
            {"user ann", "team core"},
        ),
    ],
)
def test_who_may_bypass_classic_protection(classic: ClassicProtection, bypass: set[str]) -> None:
    """Administrators are exempt unless they are included by name of the setting."""
    assert PULL_REQUESTS.exempt(classic_layer(classic)) == frozenset(bypass)


@pytest.mark.parametrize(
    ("layers", "allowed", "found"),
    [
        ([a_layer()], (), Bypass(frozenset())),
        ([a_layer("team 1")], (), Bypass(frozenset({"team 1"}))),
        ([a_layer("team 1")], ("team 1",), Bypass(frozenset())),
        ([a_layer("team 1", "team 2")], ("team 1",), Bypass(frozenset({"team 2"}))),
        # A second source that nobody may bypass binds also those whom the first lets go.
        ([a_layer(ADMINISTRATORS), a_layer()], (), Bypass(frozenset())),
        ([a_layer(ADMINISTRATORS), a_layer(hidden=True), a_layer()], (), Bypass(frozenset())),
        # Owners administer every repository.
        ([a_layer(ADMINISTRATORS), a_layer(OWNERS)], (), Bypass(frozenset({OWNERS}))),
        ([a_layer(ADMINISTRATORS), a_layer(ADMINISTRATORS)], (), Bypass(frozenset({ADMINISTRATORS}))),
        ([a_layer(ADMINISTRATORS)], (ADMINISTRATORS,), Bypass(frozenset())),
    ],
)
def test_who_escapes(layers: list[Layer], allowed: tuple[str, ...], found: Bypass) -> None:
    """Somebody escapes who may bypass every source of the demand, and nobody else."""
    assert common_bypass(layers, PULL_REQUESTS, allowed) == found


RULES = [
    a_pull_rule(),
    a_rule("non_fast_forward"),
    a_rule("required_status_checks", required_status_checks=[{"context": "test"}]),
]


@pytest.mark.parametrize(
    ("mode", "demand", "exempt"),
    [
        ("always", PULL_REQUESTS, True),
        ("always", NO_FORCE_PUSH, True),
        ("exempt", STATUS_CHECKS, True),
        # GitHub: "an actor can only bypass rules on pull requests", so one is needed still.
        ("pull_request", PULL_REQUESTS, False),
        ("pull_request", NO_FORCE_PUSH, False),
        ("pull_request", APPROVALS, True),
        ("pull_request", STATUS_CHECKS, True),
    ],
)
def test_what_a_mode_of_bypassing_lets_somebody_do(mode: str, demand: Demand, exempt: bool) -> None:
    """Who may bypass in a pull request only can neither push nor rewrite."""
    actors = (BypassActor(actor_type="Team", actor_id=3, bypass_mode=mode),)
    (layer,) = rule_layers(RULES, [Ruleset(id=1, name="main", enforcement="active", bypass_actors=actors)])

    assert demand.exempt(layer) == frozenset({"team 3"} if exempt else ())


def test_who_needs_no_pull_request_is_bound_by_the_rest_of_classic_protection() -> None:
    """GitHub's list of allowances is part of the reviews that are required, not of checks or force pushes."""
    reviews = {
        "dismiss_stale_reviews": False,
        "require_code_owner_reviews": False,
        "bypass_pull_request_allowances": {"users": [{"login": "ann"}]},
    }
    layer = classic_layer(a_classic(required_pull_request_reviews=reviews))

    assert APPROVALS.exempt(layer) == frozenset({"user ann"})
    assert [demand.exempt(layer) for demand in (STATUS_CHECKS, NO_FORCE_PUSH, NO_DELETION)] == [frozenset()] * 3


def test_a_required_workflow_is_a_required_check() -> None:
    """GitHub's rule `workflows`: they must pass before a change is merged. An empty list demands nothing."""
    workflow = a_rule("workflows", workflows=[{"path": ".github/workflows/test.yml", "repository_id": 1}])

    assert merge_layers(rule_layers([workflow])).checks == {"workflow .github/workflows/test.yml"}
    assert merge_layers(rule_layers([a_rule("workflows", workflows=[])])).checks == frozenset()


@pytest.mark.parametrize(
    "layers",
    [
        [a_layer(hidden=True)],
        [a_layer("team 1"), a_layer(hidden=True)],
        [a_layer("team 1"), a_layer("team 2", name="two")],
    ],
)
def test_what_cannot_be_seen_is_a_doubt(layers: list[Layer]) -> None:
    """A hidden list, or two lists in which the same person may be, is neither yes nor no."""
    found = common_bypass(layers, PULL_REQUESTS)

    assert found.names == frozenset()
    assert found.doubt is not None
