"""Production environments: which they are, and whether what protects them binds."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.github._sdk.client import GitHub
from connectors.github.repository import environments
from tests.connectors.github.estate import REPO, an_environment, described, play
from tests.connectors.github.judging import FAIL, NOTHING, PASS, UNKNOWN, bodies, status, verdict, view
from tests.connectors.github.played import Played
from tests.connectors.github.shapes import item

MAIN = [{"name": "main"}]
PATTERNS = {"protected_branches": False, "custom_branch_policies": True}
TOGETHER = [{"name": "[a-m]*"}, {"name": "[n-z]*"}, {"name": "[A-Z]*"}]


def environment(**but: Any) -> environments.Environment:
    """A production environment as it should be, as GitHub shows it and annexd completes it."""
    return view(environments.Environment, **({**an_environment(), "deployable": {"protected": MAIN}} | but))


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        ({"can_admins_bypass": True}, FAIL),
        ({"can_admins_bypass": None}, UNKNOWN),
        # What fails by what is shown fails whatever is not.
        ({"can_admins_bypass": None, "protection_rules": []}, FAIL),
        ({"archived": True, "protection_rules": []}, NOTHING),
    ],
)
def test_what_protects_production_binds(but: dict[str, Any], expected: Status) -> None:
    """Administrators too."""
    assert status(environments.production_protected, environment(**but)) is expected


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        ({"deployment_branch_policy": None, "deployable": None}, FAIL),
        # GitHub: if no branch is protected, all branches can deploy.
        ({"deployable": {"protected": []}}, FAIL),
        ({"deployment_branch_policy": PATTERNS, "deployable": {"patterns": [{"name": "release/*"}]}}, UNKNOWN),
        ({"deployment_branch_policy": PATTERNS, "deployable": {"patterns": []}}, PASS),
        ({"deployment_branch_policy": PATTERNS, "deployable": {"patterns": [{"name": "main"}, {"name": "*"}]}}, FAIL),
        ({"deployment_branch_policy": PATTERNS, "deployable": {"patterns": [{"name": "**/*"}]}}, FAIL),
        ({"deployment_branch_policy": PATTERNS, "deployable": {"patterns": [{"name": "[A-Za-z]*"}]}}, FAIL),
        (
            {"deployment_branch_policy": PATTERNS, "deployable": {"patterns": [{"name": "v?.*"}, {"name": "ma*"}]}},
            UNKNOWN,
        ),
        ({"deployment_branch_policy": PATTERNS, "deployable": {"patterns": TOGETHER}}, FAIL),
        ({"deployment_branch_policy": PATTERNS, "deployable": {"patterns": TOGETHER[1:]}}, UNKNOWN),
        # Evidence of earlier versions does not say what the limit depends on.
        ({"deployable": None}, UNKNOWN),
        # Approval is another question.
        ({"protection_rules": [], "can_admins_bypass": True}, PASS),
        ({"name": "staging", "deployment_branch_policy": None}, NOTHING),
        ({"archived": True, "deployment_branch_policy": None}, NOTHING),
    ],
)
def test_a_limit_of_branches_has_to_limit_them(but: dict[str, Any], expected: Status) -> None:
    """A pattern that unrelated names match takes every branch; in any other somebody may name a branch of their own."""
    assert status(environments.production_branches_limited, environment(**but)) is expected


@pytest.mark.parametrize(
    "name",
    [
        "prod",
        "Production",
        "prod-eu",
        "eu_production",
        "PROD/2",
        "live",
        "release",
        "euProduction",
        "prd1",
        "shop.live",
    ],
)
def test_production_is_taken_by_a_whole_word(name: str) -> None:
    """The reason says that it was taken, and by what."""
    found = verdict(environments.production_protected, environment(name=name))

    assert found.status is PASS
    assert f"{name}, taken for production by the word" in found.reason


@pytest.mark.parametrize(
    "name",
    ["nonprod", "preprod", "pre-prod", "non_production", "nonProd", "product-docs-preview", "delivery", "staging"],
)
def test_part_of_a_word_or_its_opposite_is_not_production(name: str) -> None:
    """A name that was not taken says so, with the words that would have."""
    found = verdict(environments.production_protected, environment(name=name, protection_rules=[]))

    assert found.status is NOTHING
    assert "production_words" in found.reason


@pytest.mark.parametrize(
    ("name", "expected"), [("customers", FAIL), ("Customers", FAIL), ("eu-1", FAIL), ("production", NOTHING)]
)
def test_the_operators_list_decides_alone(name: str, expected: Status) -> None:
    """Whoever says which environments are production has said which are not."""
    found = environment(name=name, protection_rules=[])
    limit = {"production_environments": ("customers", "eu-*")}

    assert status(environments.production_protected, found, **limit) is expected


def test_a_word_of_earlier_versions_is_a_whole_word() -> None:
    """A configuration that has it stays valid."""
    limit = {"env_pattern": "customer"}

    assert status(environments.production_protected, environment(name="customer-eu"), **limit) is PASS
    assert status(environments.production_protected, environment(name="customers"), **limit) is NOTHING


def test_environments_are_completed_by_what_their_policy_depends_on(hub: Played, repo: GitHub) -> None:
    """One protected branch is enough to know, and it is asked for once for all environments."""
    play(hub)
    hub.answers[REPO] = described(archived=True)
    branch = item("GET /repos/{owner}/{repo}/branches", name="main", protected=True)
    hub.answers[f"{REPO}/branches"] = [branch, {**branch, "name": "other"}]

    (body,) = bodies(environments.environments(repo))

    assert body["archived"] is True
    assert [environments.deployable(repo, body) for _ in range(2)] == [{"protected": [{"name": "main"}]}] * 2
    assert hub.asked[f"GET {REPO}/branches"] == 1
    assert hub.queries[-1] == {"protected": "true", "per_page": "1"}


def test_patterns_of_branches_are_read_where_the_policy_has_them(hub: Played, repo: GitHub) -> None:
    """By the name of the environment."""
    play(hub)
    body = an_environment(deployment_branch_policy=PATTERNS)

    assert environments.deployable(repo, body) == {"patterns": [{"name": "release/*"}]}
