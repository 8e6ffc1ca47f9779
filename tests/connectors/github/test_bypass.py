"""Whether somebody may bypass what protects the default branch, demand by demand; and where nothing can protect it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from collector.core.checks import Check, Status
from collector.setup.loading import LoadedConnector
from connectors.github.repository import branch_checks
from connectors.github.repository.branches import BranchProtection, BranchRules
from tests.connectors.github.estate import PULL_REQUEST, REPO, a_rule, a_ruleset, play, settings
from tests.connectors.github.judging import FAIL, NOTHING, PASS, UNKNOWN, status, unread, verdict, view
from tests.connectors.github.played import Played, Reply
from tests.connectors.github.test_repository_checks import classic, some_rules
from tests.connectors.github.test_scan import scan

ADMINS = [{"actor_type": "RepositoryRole", "actor_id": 5, "bypass_mode": "always"}]
ADMINS_IN_PULLS = [{"actor_type": "RepositoryRole", "actor_id": 5, "bypass_mode": "pull_request"}]
HIDDEN = None


def pulls(number: int, approvals: int = 0, **but: bool) -> dict[str, Any]:
    """A rule of a ruleset that demands a pull request, and so many approvals."""
    nothing_else = {
        "dismiss_stale_reviews_on_push": False, "require_code_owner_review": False,
        "require_last_push_approval": False, "required_review_thread_resolution": False,
    }  # fmt: skip
    return a_rule("pull_request", nothing_else | {"required_approving_review_count": approvals} | but, number)


def protected(*rules: dict[str, Any], bypass: dict[int, Any]) -> BranchRules:
    """Rules with rulesets of these numbers, each with who may bypass it."""
    return some_rules(*rules, rulesets=[a_ruleset(number, bypass_actors=who) for number, who in bypass.items()])


CHECKS = {"required_status_checks": [{"context": "test"}]}
WORKFLOWS = {"workflows": [{"path": ".github/workflows/test.yml", "repository_id": 1}]}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        pytest.param(protected(pulls(1), pulls(2, 2), bypass={1: [], 2: ADMINS}), FAIL, id="approvals"),
        pytest.param(protected(pulls(1, 1), pulls(2, 2), bypass={1: [], 2: ADMINS}), PASS, id="one approval binds"),
        pytest.param(
            protected(
                pulls(1, 1), a_rule("non_fast_forward", None, 2), a_rule("deletion", None, 2),
                bypass={1: [], 2: ADMINS},
            ),
            FAIL,
            id="force push and deletion",
        ),
        pytest.param(
            protected(pulls(1, 1), a_rule("deletion", None, 2), bypass={1: [], 2: ADMINS}), FAIL, id="deletion"
        ),
        pytest.param(
            protected(pulls(1, 1), a_rule("required_status_checks", CHECKS, 2), bypass={1: [], 2: ADMINS}),
            FAIL,
            id="status checks",
        ),
        pytest.param(
            protected(pulls(1, 1), a_rule("workflows", WORKFLOWS, 2), bypass={1: [], 2: ADMINS}), FAIL, id="workflows"
        ),
        pytest.param(
            protected(pulls(1, 1), a_rule("required_signatures", None, 2), bypass={1: [], 2: ADMINS}),
            FAIL,
            id="signatures",
        ),
        pytest.param(
            protected(pulls(1, 1), pulls(2, dismiss_stale_reviews_on_push=True), bypass={1: [], 2: ADMINS}),
            FAIL,
            id="stale approvals",
        ),
        # In a pull request only: they can neither rewrite nor delete.
        pytest.param(
            protected(
                pulls(1, 1), a_rule("non_fast_forward", None, 2), bypass={1: [], 2: ADMINS_IN_PULLS},
            ),
            PASS,
            id="in a pull request nothing is rewritten",
        ),
        pytest.param(protected(pulls(1, 1), bypass={1: ADMINS_IN_PULLS}), FAIL, id="approvals in a pull request"),
        pytest.param(
            protected(pulls(1, 1), a_rule("deletion", None, 2), bypass={1: [], 2: HIDDEN}), UNKNOWN, id="hidden"
        ),
    ],
)  # fmt: skip
def test_each_demand_that_another_check_passes_on_binds_everybody(rules: BranchRules, expected: Status) -> None:
    """That a pull request is needed of everybody says nothing of the approvals in it."""
    assert status(branch_checks.not_exempt, classic(), rules) is expected


def test_the_approvals_looked_at_are_as_many_as_are_wanted() -> None:
    """One approval binds everybody, the second does not bind administrators."""
    rules = protected(pulls(1, 1), pulls(2, 2), bypass={1: [], 2: ADMINS})

    assert status(branch_checks.not_exempt, classic(), rules, min_reviews=2) is FAIL


def test_what_may_be_bypassed_is_named() -> None:
    """With those who may."""
    rules = protected(pulls(1, 1), a_rule("deletion", None, 2), bypass={1: [], 2: ADMINS})

    reason = verdict(branch_checks.not_exempt, classic(), rules).reason

    assert "repository administrators" in reason
    assert "no deletion" in reason
    assert "approvals" not in reason


def test_a_required_workflow_is_a_required_check() -> None:
    """A ruleset requires workflows by a rule of their own."""
    required = some_rules(a_rule("workflows", WORKFLOWS))
    none = some_rules(a_rule("workflows", {"workflows": []}))

    assert status(branch_checks.checks_required, required, unread(BranchProtection)) is PASS
    assert status(branch_checks.checks_required, none, classic()) is FAIL


OF_BRANCH: tuple[Check[...], ...] = (
    branch_checks.branch_protected, branch_checks.review_required, branch_checks.stale_dismissed,
    branch_checks.no_rewriting, branch_checks.checks_required, branch_checks.signed,
)  # fmt: skip


def an_obstacle(obstacle: str) -> BranchProtection:
    """No classic protection, for a reason that GitHub gives."""
    values = {"full_name": "acme/api", "branch": "main", "archived": False, "protection": None}
    return view(BranchProtection, obstacle=obstacle, **values)


@pytest.mark.parametrize("check", OF_BRANCH)
def test_nothing_protects_what_the_plan_does_not(check: Check[...]) -> None:
    """By GitHub's own words; what the rules of the organization protect is protected still."""
    no_rules = view(BranchRules, full_name="acme/api", branch="main", archived=False, rules=None, rulesets=None)
    outside = an_obstacle("not in the plan")

    assert status(check, no_rules, outside) is FAIL
    assert status(branch_checks.not_exempt, outside, no_rules) is FAIL
    assert "plan" in verdict(check, no_rules, outside).reason
    assert status(check, no_rules, unread(BranchProtection)) is UNKNOWN


@pytest.mark.parametrize("check", OF_BRANCH)
def test_an_empty_repository_has_nothing_to_protect(check: Check[...]) -> None:
    """It has no branch; a rule that waits for one is in force already."""
    empty = an_obstacle("no branch")
    rules = some_rules(
        a_rule("pull_request", PULL_REQUEST), a_rule("non_fast_forward"), a_rule("deletion"),
        a_rule("required_status_checks", CHECKS), a_rule("required_signatures"),
    )  # fmt: skip

    assert status(check, some_rules(), empty) is NOTHING
    assert status(branch_checks.not_exempt, empty, some_rules()) is NOTHING
    assert status(check, rules, empty) is PASS


WORDS = (
    "Upgrade to GitHub Pro or make this repository public to enable this feature.",
    "Upgrade to GitHub Team or make this repository public to enable this feature.",
)
ABOUT_PROTECTION = (
    "github_repo_default_branch_protected", "github_repo_review_required", "github_repo_stale_reviews_dismissed",
    "github_repo_force_push_and_deletion_blocked", "github_repo_status_checks_required",
    "github_repo_signed_commits_required", "github_repo_admins_not_exempt", "github_repo_codeowners_review",
)  # fmt: skip


@pytest.mark.parametrize("words", WORDS)
def test_a_private_repository_outside_the_plan_fails_in_a_scan(
    hub: Played, loaded: LoadedConnector, tmp_path: Path, words: str
) -> None:
    """GitHub's documented words for both calls; a permission would mend nothing."""
    play(hub)
    for path in ("rules/branches/main", "branches/main/protection"):
        hub.refuse(f"{REPO}/{path}", Reply.refused(words))

    verdicts = scan(loaded, settings(hub), tmp_path).verdicts

    found = {check: item.status for (check, _, _), item in verdicts.items() if check in ABOUT_PROTECTION}
    assert found == dict.fromkeys(ABOUT_PROTECTION, FAIL)


def test_an_empty_repository_is_told_as_one_in_a_scan(hub: Played, loaded: LoadedConnector, tmp_path: Path) -> None:
    """GitHub has a name for its default branch, and no such branch."""
    play(hub)
    hub.answers[f"{REPO}/rules/branches/main"] = []
    hub.refuse(f"{REPO}/branches/main/protection", Reply.refused("Branch not found", 404))
    hub.refuse(f"{REPO}/git/trees/main", Reply.refused("Git Repository is empty.", 409))

    verdicts = scan(loaded, settings(hub), tmp_path).verdicts

    found = {check: item for (check, _, _), item in verdicts.items() if check in ABOUT_PROTECTION}
    assert {check: item.status for check, item in found.items()} == dict.fromkeys(ABOUT_PROTECTION, NOTHING)
    assert all("empty" in item.reason for item in found.values())
