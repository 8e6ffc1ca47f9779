"""What people reported of tools that do the same on GitHub: each report as an input, with the value that is right.

Named by repository and number. What the tool said then, or what had to be known, stands in the docstring or beside it.
"""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Check, Status
from connectors.github._sdk.client import GitHub
from connectors.github.actions.settings import OrganizationActions, cannot_approve
from connectors.github.organization import settings as organization_settings
from connectors.github.repository import branch_checks, change_checks, community_files, environments
from connectors.github.repository import settings as repository_settings
from connectors.github.repository.branches import BranchProtection
from tests.connectors.github.estate import REPO, a_blob, a_rule, a_ruleset, an_environment, play
from tests.connectors.github.judging import FAIL, NOTHING, PASS, UNKNOWN, status, view
from tests.connectors.github.played import Played
from tests.connectors.github.test_bypass import ADMINS, ADMINS_IN_PULLS, HIDDEN, protected, pulls
from tests.connectors.github.test_change_reviews import BOT, a_change, a_person, a_review, by
from tests.connectors.github.test_repository_checks import (
    CLASSIC,
    UNREAD,
    a_repository,
    classic,
    some_files,
    some_rules,
)

WHOLE = (
    pulls(1, 1, dismiss_stale_reviews_on_push=True, require_code_owner_review=True),
    a_rule("non_fast_forward"),
    a_rule("deletion"),
    a_rule("required_signatures"),
    # integrations/terraform-provider-github#2360: on creation of a branch only, which merges nothing
    a_rule("required_status_checks", {"required_status_checks": [{"context": "t"}], "do_not_enforce_on_create": True}),
)
OF_BRANCHES: list[Check[...]] = [
    branch_checks.branch_protected,
    branch_checks.review_required,
    branch_checks.stale_dismissed,
    branch_checks.no_rewriting,
    branch_checks.checks_required,
    branch_checks.signed,
]


@pytest.mark.parametrize("check", OF_BRANCHES)
def test_rulesets_alone_protect_and_nothing_protects_nothing(check: Check[...]) -> None:
    """prowler-cloud/prowler#9530 and #11706, ossf/allstar#475, dotnet/org-policy#38: rulesets were not looked at.

    mondoohq/cnspec-policies#116, ossf/pvtr-github-repo-scanner#96: without any protection some checks passed.
    aquasecurity/chain-bench#51: a permission that is missing was a protection that is missing.
    """
    assert status(check, some_rules(*WHOLE), classic()) is PASS
    assert status(check, some_rules(), classic()) is FAIL
    assert status(check, some_rules(), UNREAD) is UNKNOWN


@pytest.mark.parametrize(
    ("bypass", "expected"),
    [
        # prowler-cloud/prowler#11723: that nobody is shown was taken for nobody
        ({1: HIDDEN}, UNKNOWN),
        ({1: []}, PASS),
        # microsoft/amplifier#278: any bypass was good, of pushes too
        ({1: ADMINS}, FAIL),
        ({1: ADMINS_IN_PULLS}, FAIL),
        # ossf/scorecard#3480: who may bypass what another ruleset demands as well bypasses nothing
        ({1: [], 2: ADMINS}, PASS),
        ({1: HIDDEN, 2: []}, PASS),
    ],
)
def test_who_may_bypass_rulesets(bypass: dict[int, Any], expected: Status) -> None:
    """Only somebody whom no ruleset binds is exempt."""
    rules = protected(*(pulls(number, 1) for number in bypass), bypass=bypass)

    assert status(branch_checks.not_exempt, classic(), rules) is expected


def test_a_ruleset_that_evaluates_exempts_everybody() -> None:
    """prowler-cloud/prowler#11723: an enforcement of `evaluate` refuses nothing."""
    trial = some_rules(pulls(1, 1), rulesets=[a_ruleset(1, enforcement="evaluate", bypass_actors=[])])

    assert status(branch_checks.not_exempt, classic(), trial) is FAIL


def test_people_who_need_no_pull_request_are_exempt() -> None:
    """turbot/steampipe-plugin-github#297: those who were allowed to bypass pull requests were not shown."""
    allowances = {"users": [{"login": "ann"}], "teams": [], "apps": []}
    demanded: Any = CLASSIC["required_pull_request_reviews"]
    reviews = {**demanded, "bypass_pull_request_allowances": allowances}
    found: BranchProtection = classic({**CLASSIC, "required_pull_request_reviews": reviews})

    assert status(branch_checks.not_exempt, classic(CLASSIC), some_rules()) is PASS
    assert status(branch_checks.not_exempt, found, some_rules()) is FAIL
    assert status(branch_checks.not_exempt, found, some_rules(), allowed_bypass_actors=["user ann"]) is PASS


def test_an_archived_repository_needs_no_code_owners() -> None:
    """prowler-cloud/prowler#11734: it was flagged, and cannot be changed."""
    assert status(branch_checks.codeowners_review, some_files(archived=True), some_rules(), classic()) is NOTHING


@pytest.mark.parametrize(
    ("text", "lines", "every"),
    [
        ("* @acme/core\n", 1, True),
        ("* @acme/core\n/docs/ @acme/docs\n", 2, True),
        # Garudex-Labs/caracal#251: a line without a pattern gives nothing to anybody
        ("@acme/core\n", 0, False),
        # NousResearch/hermes-agent#23751, ossf/scorecard#2348: some paths have owners, and CODEOWNERS itself has none
        ("/.github/workflows/ @acme/core\n", 1, False),
        ("* @acme/core\n/vendor/\n", 1, False),
        ("/vendor/\n* @acme/core\n", 1, True),
        ("/docs/ @acme/docs\n*\n", 0, False),
        ("# * @acme/core\n", 0, False),
    ],
)
def test_files_that_have_no_owner(text: str, lines: int, every: bool, hub: Played, repo: GitHub) -> None:
    """Of a file without an owner nobody in particular has to review a change."""
    play(hub)
    hub.answers |= {f"{REPO}/git/blobs/b1": a_blob(text), f"{REPO}/codeowners/errors": {"errors": []}}
    found = community_files.code_owners(repo, {})
    expected = PASS if every else UNKNOWN if lines else FAIL

    assert (found["lines_with_owner"], found["owns_every_file"]) == (lines, every)
    files = some_files("CODEOWNERS", code_owners=found)
    assert status(branch_checks.codeowners_review, files, some_rules(*WHOLE), classic()) is expected


PATTERNS = {"protected_branches": False, "custom_branch_policies": True}


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ([{"name": "main", "type": "branch"}], PASS),
        # Aureliolo/synthorg#1542, integrations/terraform-provider-github#1974, #2165: only a tag's name is compared
        ([{"name": "v1.0", "type": "tag"}], UNKNOWN),
        ([{"name": "main", "type": "branch"}, {"name": "v*", "type": "tag"}], UNKNOWN),
        ([{"name": "*", "type": "tag"}], FAIL),
        # and whoever may write makes a branch of any name that is not there yet
        ([{"name": "release/*", "type": "branch"}], UNKNOWN),
    ],
)
def test_names_that_anybody_may_give(patterns: list[dict[str, str]], expected: Status) -> None:
    """What is released from them may be a commit that nobody reviewed."""
    evidence = {**an_environment(), "deployment_branch_policy": PATTERNS, "deployable": {"patterns": patterns}}
    found = view(environments.Environment, **evidence)

    assert status(environments.production_branches_limited, found) is expected
    guarded = {"guarded_names": [pattern["name"] for pattern in patterns if pattern["name"] != "*"]}
    assert status(environments.production_branches_limited, found, **guarded) is (FAIL if expected is FAIL else PASS)


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        # github/roadmap#917: what GitHub does for every user by default is not the setting of a repository
        ({"secret_scanning": {"status": "enabled"}, "secret_scanning_push_protection": {"status": "disabled"}}, FAIL),
        ({"secret_scanning": {"status": "enabled"}}, UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_push_protection_is_a_setting_of_the_repository(features: Any, expected: Status) -> None:
    """A part that GitHub leaves out is neither on nor off."""
    assert status(repository_settings.secret_scanning, a_repository(security_and_analysis=features)) is expected


def test_a_setting_that_is_not_shown_is_not_off() -> None:
    """turbot/steampipe-mod-github-sherlock#42: null was an alarm."""
    hidden = view(organization_settings.Organization, login="acme", an_owner={"login": "ann"})

    assert status(organization_settings.two_factor_required, hidden) is UNKNOWN


def test_a_workflow_that_approves_is_nobody_else() -> None:
    """aws/aws-app-mesh-examples#464: a workflow gave the one approval that was needed."""
    token = {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": True}
    actions = view(OrganizationActions, enabled_repositories="all", workflow=token, selected_actions=None)

    assert status(cannot_approve, actions) is FAIL
    assert status(change_checks.merged_reviewed, a_change(a_review("github-actions", kind="Bot"))) is FAIL


SIGNED = by(a_person("dependabot[bot]", signed=True))


@pytest.mark.parametrize(
    ("reviews", "total", "expected"),
    [
        ((), 0, PASS),
        ((a_review("cat", "CHANGES_REQUESTED"),), 1, FAIL),
        # Whoever asked for changes among the first hundred may have approved later, and others may have asked for some.
        ((a_review("cat", "CHANGES_REQUESTED"),), 101, UNKNOWN),
        ((a_review("cat"),), 101, UNKNOWN),
        ((a_review("cat", "CHANGES_REQUESTED"), a_review(None, "CHANGES_REQUESTED")), 2, FAIL),
    ],
)
def test_reviews_that_were_not_seen(reviews: tuple[Any, ...], total: int, expected: Status) -> None:
    """An objection that is certain fails a change of a program too; one that may be there leaves it open."""
    change = a_change(*reviews, total=total, author=BOT, contributions=SIGNED)

    assert status(change_checks.merged_reviewed, change, allowed_bot_authors=["dependabot"]) is expected
