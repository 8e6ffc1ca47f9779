"""The default branch: who may change it, and what a merge request into it needs."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.core.checks import Status
from connectors.gitlab.project import branch_checks
from connectors.gitlab.project.approvals import ApprovalSetting
from connectors.gitlab.project.effective_protection import matches, protection_of
from connectors.gitlab.project.protected_branches import ProtectedBranch
from tests.connectors.github.judging import (
    FAIL,
    NOTHING,
    PASS,
    UNKNOWN,
    CompleteSet,
    UnreadSet,
    status,
    unread,
    verdict,
)
from tests.connectors.gitlab.examples import example
from tests.connectors.gitlab.judged import a_project, a_rule, level, needs, rules

DEVELOPERS, MAINTAINERS, NO_ONE = [level(30)], [level(40)], [level(0)]
USER, GROUP, ROLE = [level(None, user_id=5)], [level(40, group_id=6)], [level(None, member_role_id=9)]
KEY = [level(40, deploy_key_id=1)]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (rules(a_rule()), PASS),
        (rules(a_rule(push_access_levels=MAINTAINERS)), PASS),
        (rules(a_rule(push_access_levels=[level(60)])), PASS),
        (rules(a_rule(push_access_levels=DEVELOPERS)), FAIL),
        (rules(a_rule(push_access_levels=KEY)), FAIL),
        (rules(a_rule(push_access_levels=USER)), UNKNOWN),
        (rules(a_rule(push_access_levels=GROUP)), UNKNOWN),
        (rules(a_rule(push_access_levels=ROLE)), UNKNOWN),
        (rules(a_rule(push_access_levels=[*USER, *DEVELOPERS])), FAIL),
        (rules(a_rule(push_access_levels=[])), UNKNOWN),
        (rules(a_rule(allow_force_push=True)), FAIL),
        (rules(a_rule(unprotect_access_levels=DEVELOPERS)), FAIL),
        (rules(a_rule(unprotect_access_levels=[])), PASS),
        (rules(), FAIL),
        (rules(a_rule("release/*")), FAIL),
        (rules(a_rule("Main")), FAIL),
        (rules(a_rule("m*")), PASS),
        (rules(a_rule("*")), PASS),
        (rules(a_rule(), a_rule("m*", push_access_levels=DEVELOPERS)), FAIL),
        (rules(a_rule(push_access_levels=DEVELOPERS), a_rule("m*")), FAIL),
        (rules(a_rule(), a_rule("*", allow_force_push=True)), FAIL),
        (rules(a_rule(), a_rule("x*", allow_force_push=True)), PASS),
        (rules(a_rule(inherited=True), a_rule(push_access_levels=DEVELOPERS)), UNKNOWN),
        (rules(a_rule(inherited=True, push_access_levels=DEVELOPERS), a_rule()), FAIL),
        (UnreadSet(), UNKNOWN),
    ],
)
def test_the_default_branch_is_protected(found: CompleteSet, expected: Status) -> None:
    """Of several rules that match, the most permissive one holds."""
    assert status(branch_checks.branch_protected, found, a_project()) is expected


def test_rules_of_the_plan_free_are_read() -> None:
    """They have no users and groups, and nobody who may take them away."""
    found = rules(*(msgspec.convert(rule, ProtectedBranch) for rule in example("protected_branches_free")))

    assert status(branch_checks.branch_protected, found, a_project()) is FAIL
    approved = ["deploy key 1"]
    assert status(branch_checks.branch_protected, found, a_project(), allowed_pushers=approved) is PASS


def test_who_may_push_can_be_approved() -> None:
    """A user or a key that the company approved is none that is not known."""
    found = rules(a_rule(push_access_levels=[*USER, *KEY]))

    assert status(branch_checks.branch_protected, found, a_project(), allowed_pushers=["user 5"]) is FAIL
    assert (
        status(branch_checks.branch_protected, found, a_project(), allowed_pushers=["user 5", "deploy key 1"]) is PASS
    )


@pytest.mark.parametrize(
    ("project", "expected"),
    [
        (a_project(archived=True), NOTHING),
        (a_project(empty_repo=True), NOTHING),
        (a_project(default_branch=None), UNKNOWN),
    ],
)
def test_where_there_is_no_branch_to_protect(project: ApprovalSetting, expected: Status) -> None:
    """An archived or empty project takes no push; a branch that is not shown is not one that is protected."""
    found = rules(a_rule())

    assert status(branch_checks.branch_protected, found, project) is expected
    assert status(branch_checks.approvals_required, project, found) is expected
    assert status(branch_checks.second_person_required, project, found) is expected


HIDDEN = needs(1, rule_type="regular", contains_hidden_groups=True)


@pytest.mark.parametrize(
    ("project", "expected"),
    [
        (a_project(), PASS),
        (a_project(needs(0)), FAIL),
        (a_project(needs(3)), PASS),
        (a_project(needs(1, rule_type="regular", eligible=("ann", "bob"))), PASS),
        (a_project(needs(1, rule_type="regular", eligible=("ann",))), UNKNOWN),
        (a_project(needs(2, rule_type="regular", eligible=("ann",))), UNKNOWN),
        (a_project(needs(1, rule_type="regular")), FAIL),
        (a_project(HIDDEN), UNKNOWN),
        (a_project(needs(1, rule_type="report_approver", eligible=("ann", "bob"))), FAIL),
        (a_project(needs(1, applies_to_all_protected_branches=True)), PASS),
        (a_project(needs(1, protected_branches=[{"name": "main"}])), PASS),
        (a_project(needs(1, protected_branches=[{"name": "ma*"}])), PASS),
        (a_project(needs(1, protected_branches=[{"name": "release"}])), FAIL),
        (a_project(settings={"allow_overrides_to_approver_list_per_merge_request": True}), FAIL),
        (a_project(free=True), FAIL),
        (unread(ApprovalSetting), UNKNOWN),
    ],
)
def test_merge_requests_need_approval(project: ApprovalSetting, expected: Status) -> None:
    """By a rule that nobody can be left to meet, that is for the branch, and that an author cannot take away."""
    assert status(branch_checks.approvals_required, project, rules(a_rule())) is expected


def test_a_rule_for_protected_branches_needs_one() -> None:
    """It says nothing of a default branch that is not protected."""
    project = a_project(needs(1, applies_to_all_protected_branches=True))

    assert status(branch_checks.approvals_required, project, rules()) is FAIL
    assert status(branch_checks.approvals_required, project, rules(a_rule()), min_approvals=2) is FAIL


@pytest.mark.parametrize(
    ("project", "expected"),
    [
        (a_project(), PASS),
        (a_project(settings={"allow_author_approval": True}), FAIL),
        (a_project(settings={"allow_committer_approval": True}), FAIL),
        (a_project(settings={"allow_overrides_to_approver_list_per_merge_request": True}), FAIL),
        (a_project(free=True), FAIL),
        (a_project(archived=True), NOTHING),
        (unread(ApprovalSetting), UNKNOWN),
    ],
)
def test_own_changes_cannot_be_approved(project: ApprovalSetting, expected: Status) -> None:
    """By those who opened the merge request, and by those who added to it."""
    assert status(branch_checks.self_approval_prevented, project) is expected


SELECTIVE = {"retain_approvals_on_push": True, "selective_code_owner_removals": True}


@pytest.mark.parametrize(
    ("project", "rule", "expected"),
    [
        (a_project(), a_rule(), PASS),
        (a_project(settings={"retain_approvals_on_push": True}), a_rule(), FAIL),
        (a_project(settings=SELECTIVE), a_rule(), FAIL),
        (a_project(settings=SELECTIVE), a_rule(code_owner_approval_required=True), UNKNOWN),
        (a_project(settings=SELECTIVE), a_rule("x", code_owner_approval_required=True), FAIL),
        (a_project(free=True), a_rule(), FAIL),
        (a_project(archived=True), a_rule(), NOTHING),
        (unread(ApprovalSetting), a_rule(), UNKNOWN),
    ],
)
def test_new_commits_reset_approvals(project: ApprovalSetting, rule: ProtectedBranch, expected: Status) -> None:
    """Only approvals of code owners are removed by the selective setting."""
    assert status(branch_checks.approvals_reset, project, rules(rule)) is expected


def test_rules_that_say_nothing_of_code_owners_need_none() -> None:
    """GitLab's documentation has the attribute for the plans Premium and Ultimate only."""
    silent = [
        {name: value for name, value in rule.items() if name != "code_owner_approval_required"}
        for rule in example("protected_branches_free")
    ]
    found = rules(*msgspec.convert(silent, list[ProtectedBranch]))

    assert status(branch_checks.approvals_reset, a_project(settings=SELECTIVE), found) is FAIL


def test_code_owners_are_needed_where_any_rule_says_so() -> None:
    """Other than who may push: there the most permissive rule holds."""
    found = rules(a_rule(), a_rule("m*", code_owner_approval_required=True))

    assert status(branch_checks.approvals_reset, a_project(settings=SELECTIVE), found) is UNKNOWN


@pytest.mark.parametrize(
    ("project", "found", "expected"),
    [
        (a_project(), rules(a_rule()), PASS),
        (a_project(), rules(), FAIL),
        (a_project(), rules(a_rule(push_access_levels=MAINTAINERS)), FAIL),
        (a_project(), rules(a_rule(push_access_levels=[level(60)])), FAIL),
        (a_project(), rules(a_rule(push_access_levels=KEY)), FAIL),
        (a_project(), rules(a_rule(push_access_levels=[])), UNKNOWN),
        (a_project(needs(0)), rules(a_rule()), FAIL),
        (a_project(needs(0)), rules(a_rule(merge_access_levels=NO_ONE)), PASS),
        (a_project(needs(0)), rules(a_rule(merge_access_levels=NO_ONE), a_rule("m*")), FAIL),
        (a_project(needs(1, rule_type="regular", eligible=("ann",))), rules(a_rule()), UNKNOWN),
        (a_project(settings={"allow_author_approval": True}), rules(a_rule()), FAIL),
        (a_project(settings={"retain_approvals_on_push": True}), rules(a_rule()), FAIL),
        (a_project(free=True), rules(a_rule()), FAIL),
        (a_project(), rules(a_rule(inherited=True), a_rule(push_access_levels=MAINTAINERS)), UNKNOWN),
        (a_project(), UnreadSet(), UNKNOWN),
    ],
)
def test_nobody_changes_the_branch_alone(project: ApprovalSetting, found: CompleteSet, expected: Status) -> None:
    """By a push, by their own approval, by taking the rule away, or by commits after the approval."""
    assert status(branch_checks.second_person_required, project, found) is expected


def test_a_reason_names_who_may_push() -> None:
    """Whoever reads it has to know what to change."""
    found = verdict(branch_checks.second_person_required, a_project(), rules(a_rule(push_access_levels=[*KEY, *GROUP])))

    assert "deploy key 1, group 6" in found.reason


@pytest.mark.parametrize(
    ("pattern", "branch", "expected"),
    [
        ("main", "main", True),
        ("main", "Main", False),
        ("*", "a/b", True),
        ("release/*", "release/1/2", True),
        ("release/*", "release", False),
        ("*-stable", "x-stable", True),
        ("*gitlab*", "a/gitlab/b", True),
        ("v1.*", "v1x2", False),
        ("[a]", "a", False),
        ("ma?n", "main", False),
    ],
)
def test_patterns(pattern: str, branch: str, expected: bool) -> None:
    """A star is any text; nothing else has a meaning of its own."""
    assert matches(pattern, branch) is expected


LEVELS = st.sampled_from([level(0), level(30), level(40), level(60), *USER, *GROUP, *KEY, *ROLE])
NAMES = st.sampled_from(["main", "m*", "*", "release/*", "Main"])


def a_rule_of(name: str, push: list[dict[str, Any]], merge: list[dict[str, Any]], force: bool, owners: bool) -> Any:
    """Any rule of the project."""
    return a_rule(
        name, push_access_levels=push, merge_access_levels=merge, allow_force_push=force,
        code_owner_approval_required=owners,
    )  # fmt: skip


RULES = st.builds(
    a_rule_of, NAMES, st.lists(LEVELS, max_size=3), st.lists(LEVELS, max_size=2), st.booleans(), st.booleans()
)
_WORSE = {PASS: 0, UNKNOWN: 1, FAIL: 2}


@given(found=st.lists(RULES, min_size=1, max_size=4), data=st.data())
def test_another_matching_rule_never_protects_more(found: list[ProtectedBranch], data: st.DataObject) -> None:
    """The most permissive rule holds, so that one more can only let more people in."""
    more = data.draw(RULES)
    before = [rule for rule in found if rule.matches("main")]
    if not before or not more.matches("main"):
        return

    for check, evidence in (
        (branch_checks.branch_protected, lambda some: (rules(*some), a_project())),
        (branch_checks.second_person_required, lambda some: (a_project(), rules(*some))),
    ):
        was = check.judge(*evidence(before)).status
        assert _WORSE[check.judge(*evidence([*before, more])).status] >= _WORSE[was]


@given(found=st.lists(RULES, max_size=5), data=st.data())
def test_the_order_of_rules_and_rules_for_other_branches_say_nothing(
    found: list[ProtectedBranch], data: st.DataObject
) -> None:
    """Only what matches counts, in any order."""
    shuffled = data.draw(st.permutations(found))
    matching = [rule for rule in found if rule.matches("main")]

    assert protection_of(rule for rule in shuffled if rule.matches("main")) == protection_of(matching)
    one, other = rules(*shuffled), rules(*matching)
    found_one = branch_checks.branch_protected.judge(one, a_project())
    assert found_one.status is branch_checks.branch_protected.judge(other, a_project()).status


@given(
    found=st.lists(RULES, max_size=3),
    settings=st.dictionaries(
        st.sampled_from(
            [
                "allow_author_approval",
                "allow_committer_approval",
                "allow_overrides_to_approver_list_per_merge_request",
                "retain_approvals_on_push",
            ]
        ),
        st.booleans(),
    ),
    approvals=st.integers(0, 2),
)
def test_a_second_person_is_needed_only_where_nobody_may_push_and_nobody_approves_alone(
    found: list[ProtectedBranch], settings: dict[str, bool], approvals: int
) -> None:
    """The one verdict that says most passes only where each of the others would."""
    project, held = a_project(needs(approvals), settings=settings), rules(*found)
    if branch_checks.second_person_required.judge(project, held).status is not PASS:
        return

    protection = protection_of(rule for rule in found if rule.matches("main"))
    assert protection is not None
    assert protection.pushers() == []
    if any(level.name() for level in protection.merge):
        assert branch_checks.self_approval_prevented.judge(project).status is PASS
        assert branch_checks.approvals_required.judge(project, held).status is PASS
        assert branch_checks.approvals_reset.judge(project, held).status is PASS
