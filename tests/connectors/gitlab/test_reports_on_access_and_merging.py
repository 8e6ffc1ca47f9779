"""What people reported of access and of what a merge needs on GitLab, each with the value that is right.

Named by repository and number; those of GitLab's own tracker by `gitlab-org/gitlab`.
"""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.gitlab.group import people, settings, tokens
from connectors.gitlab.project import branch_checks, deploy_credentials, projects
from tests.connectors.github.judging import FAIL, PASS, UNKNOWN, CompleteSet, UnreadSet, status, verdict, view
from tests.connectors.gitlab.estate import a_level
from tests.connectors.gitlab.judged import a_project as a_setting
from tests.connectors.gitlab.judged import a_rule, needs, rules
from tests.connectors.gitlab.test_group_checks import SHARED, a_billed, a_group, a_member, a_token
from tests.connectors.gitlab.test_project_checks import OFF, a_deploy_token, a_project

GROUP_ON = {"only_allow_merge_if_pipeline_succeeds": True}


@pytest.mark.parametrize(
    ("unprotect", "expected"),
    [
        # gitlabhq/terraform-provider-gitlab#1267, #1278: no one is a level too
        ([a_level(0)], PASS),
        ([a_level(40)], PASS),
        ([a_level(60)], PASS),
        # gitlab-org/gitlab#5496: whoever takes the protection away pushes what nobody reviewed
        ([a_level(30)], FAIL),
        ([a_level(40), a_level(30)], FAIL),
        ([a_level(40, user_id=77)], UNKNOWN),
        ([a_level(None, group_id=7)], UNKNOWN),
        # gitlabform/gitlabform#1193: the plan Free does not say it
        ([], PASS),
    ],
)
def test_who_may_take_the_protection_away(unprotect: list[dict[str, Any]], expected: Status) -> None:
    """For the branch, and for whether a second person is needed."""
    found = rules(a_rule(unprotect_access_levels=unprotect))

    assert status(branch_checks.branch_protected, found, a_setting()) is expected
    assert status(branch_checks.second_person_required, a_setting(), found) is expected


def test_who_takes_the_protection_away_of_a_branch_that_no_one_merges_into() -> None:
    """Nobody may merge, until somebody takes away what says so."""
    closed: dict[str, Any] = {"merge_access_levels": [a_level(0)]}
    by_name = rules(a_rule(**closed, unprotect_access_levels=[a_level(40, user_id=77)]))

    assert status(branch_checks.second_person_required, a_setting(needs(0)), rules(a_rule(**closed))) is PASS
    assert status(branch_checks.second_person_required, a_setting(needs(0)), by_name) is UNKNOWN
    allowed = {"allowed_pushers": ["user 77"]}
    assert status(branch_checks.second_person_required, a_setting(needs(0)), by_name, **allowed) is PASS


def a_group_token(user_id: int | None) -> tokens.GroupToken:
    """A token of the group, which has an account."""
    return view(tokens.GroupToken, **a_token(user_id=user_id))


@pytest.mark.parametrize(
    ("accounts", "expected"), [((), PASS), ((9,), PASS), ((2,), FAIL), ((1, 2), FAIL), ((None,), PASS)]
)
def test_the_account_of_a_token_stands_in_for_nobody(accounts: tuple[int | None, ...], expected: Status) -> None:
    """vaulttec/idm-sync#16, Adambean/gitlab-ce-ldap-sync#44, gitlabform/gitlabform#454: it is a member like others."""
    owners = CompleteSet(a_member("ann", number=1), a_member("group_7_bot_ab", number=2))
    listed = CompleteSet(*(a_group_token(user_id) for user_id in accounts))

    assert status(people.owner_count, owners, listed, a_group()) is expected


def test_tokens_that_were_not_read_leave_the_number_of_people_open() -> None:
    """Too many Owners may be programs that only read, as annexd is one; too few are too few."""
    two = CompleteSet(a_member("ann", number=1), a_member("bob", number=2))

    assert status(people.owner_count, two, UnreadSet(), a_group()) is UNKNOWN
    assert status(people.owner_count, CompleteSet(a_member()), UnreadSet(), a_group()) is FAIL
    six = CompleteSet(*(a_member(f"o{number}", number=number) for number in range(6)))
    assert status(people.owner_count, six, UnreadSet(), a_group(shared_with_groups=SHARED)) is UNKNOWN
    assert (
        status(people.owner_count, CompleteSet(a_member()), UnreadSet(), a_group(shared_with_groups=SHARED)) is UNKNOWN
    )


@pytest.mark.parametrize(
    ("project", "group", "expected"),
    [
        # gitlab-org/gitlab#30059: [skip ci] went past the setting
        ({"allow_merge_on_skipped_pipeline": True}, {}, FAIL),
        # gitlab-org/gitlab#373080, terraform-provider-gitlab#6669: the group says it for all of its projects
        ({"allow_merge_on_skipped_pipeline": True}, GROUP_ON, UNKNOWN),
        ({}, {**GROUP_ON, "allow_merge_on_skipped_pipeline": True}, UNKNOWN),
        ({"allow_merge_on_skipped_pipeline": True}, {**GROUP_ON, "allow_merge_on_skipped_pipeline": True}, FAIL),
        ({**OFF, "allow_merge_on_skipped_pipeline": True}, GROUP_ON, UNKNOWN),
        ({**OFF}, {**GROUP_ON, "allow_merge_on_skipped_pipeline": True}, FAIL),
        # What a group says of skipped pipelines counts where it demands one.
        ({}, {"allow_merge_on_skipped_pipeline": True}, PASS),
        ({}, GROUP_ON, PASS),
        ({**OFF}, GROUP_ON, PASS),
    ],
)
def test_a_skipped_pipeline_is_none_that_succeeded(
    project: dict[str, Any], group: dict[str, Any], expected: Status
) -> None:
    """Where the project and its group say different things, which holds is not documented."""
    assert status(projects.pipeline_must_succeed, a_project(**project), a_group(**group)) is expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        # gitlabform/gitlabform#388, gitlabhq/terraform-provider-gitlab#949: the rule stays when it is set back to 0
        (needs(0, rule_type="any_approver"), FAIL),
        (needs(1, rule_type="any_approver"), PASS),
        # praetorian-inc/trajan#103: rules of policies and of sections of CODEOWNERS that are optional
        (needs(2, rule_type="report_approver", eligible=("ann", "bob", "cem")), FAIL),
        (needs(2, rule_type="code_owner", eligible=("ann", "bob", "cem")), FAIL),
        # praetorian-inc/trajan#103: the rule of a branch that nothing protects
        (needs(1, protected_branches=[{"name": "release/*"}]), FAIL),
        (needs(1, applies_to_all_protected_branches=True), PASS),
    ],
)
def test_rules_that_bind_nobody(rule: dict[str, Any], expected: Status) -> None:
    """A rule is there, and no merge waits for it."""
    assert status(branch_checks.second_person_required, a_setting(rule), rules(a_rule())) is expected
    assert status(branch_checks.approvals_required, a_setting(rule), rules(a_rule())) is expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("allow_author_approval", True),
        ("allow_committer_approval", True),
        ("allow_overrides_to_approver_list_per_merge_request", True),
        ("retain_approvals_on_push", True),
    ],
)
def test_each_setting_opens_a_way_around_the_second_person(name: str, value: bool) -> None:
    """praetorian-inc/trajan#103, gitlabform/gitlabform#701: each by itself."""
    assert status(branch_checks.second_person_required, a_setting(settings={name: value}), rules(a_rule())) is FAIL


def test_a_demand_of_the_group_is_no_second_factor_of_a_member() -> None:
    """gitlab-org/gitlab#514204, #25850: members by request, and of single projects, are not asked for one."""
    assert status(settings.two_factor_required, a_group()) is PASS
    member = a_billed(two_factor={"enabled": False, "listed_in": "enterprise users"})
    assert status(people.members_have_two_factor, member) is FAIL


def test_a_deploy_token_of_the_next_century() -> None:
    """gitlabhq/terraform-provider-gitlab#468, #510: a date far away was set in place of never."""
    far, never = a_deploy_token(expires_at="2100-01-01T00:00:00Z"), a_deploy_token(expires_at=None)

    assert status(deploy_credentials.deploy_tokens_expire, far) is FAIL
    assert status(deploy_credentials.deploy_tokens_expire, never) is FAIL


@pytest.mark.parametrize(("scopes", "expected"), [(["read_api"], PASS), (["read_api", "api"], FAIL), ([], FAIL)])
def test_a_program_that_only_reads_is_no_owner_too_many(scopes: list[str], expected: Status) -> None:
    """As annexd itself, whose token has the role Owner by the page of this connector."""
    owners = CompleteSet(*(a_member(f"o{number}", number=number) for number in range(5)), a_member("bot", number=9))
    listed = CompleteSet(view(tokens.GroupToken, **a_token(user_id=9, scopes=scopes)))
    found = verdict(people.owner_count, owners, listed, a_group())

    assert found.status is expected
    assert found.reason.startswith("5 ")
    assert ("bot" in found.reason) is (expected is FAIL)
