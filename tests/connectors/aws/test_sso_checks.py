"""Who administers accounts by Identity Center, by what permission sets allow and not by their names."""

from __future__ import annotations

import json
from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.sso.checks import admin_assignments_within_limit, admin_session_limited
from connectors.aws.sso.resources import AccountAssignment, PermissionSet
from tests.connectors.aws.builders import FAIL, NOTHING, PASS, UNKNOWN, UNREAD, a, all_of, not_seen, verdict

ADMIN, AUDIT = (f"arn:aws:sso:::permissionSet/ssoins-1111111111111111/ps-{letter * 16}" for letter in "ab")
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
BUT_IAM = {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}
READS = {"Effect": "Allow", "Action": ["s3:List*", "iam:Get*"], "Resource": "*"}
DENIES = {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}


FROM_ANYWHERE, FROM_THE_OFFICE = (
    {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": addresses}}}
    for addresses in (["0.0.0.0/0", "::/0"], ["203.0.113.0/24"])
)


def text(*statements: Any) -> str:
    """A policy as text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def aws_policy(name: str, *statements: Any) -> dict[str, Any]:
    """A policy of AWS; with no statements its document is not read."""
    arn = f"arn:aws:iam::aws:policy/{name}"
    return {"Name": name, "Arn": arn, **({"Document": json.loads(text(*statements))} if statements else {})}


ADMINISTRATOR = aws_policy("AdministratorAccess")


def a_set(arn: str = ADMIN, name: str = "a-set", lasts: str | None = None, **but: Any) -> Any:
    """A permission set without any policy."""
    described = {"Name": name, "PermissionSetArn": arn, **({} if lasts is None else {"SessionDuration": lasts})}
    usual: dict[str, Any] = {
        "PermissionSetArn": arn,
        "PermissionSet": described,
        "AttachedManagedPolicies": [],
        "CustomerManagedPolicyReferences": [],
        "InlinePolicy": "",
        "PermissionsBoundary": None,
    }
    return a(PermissionSet, usual, **but)


def assigned(*users: str, arn: str = ADMIN, account: str = "111122223333", **but: Any) -> Any:
    """A group that has a set in an account, with its members."""
    usual = {
        "AccountId": account,
        "PermissionSetArn": arn,
        "PrincipalType": "GROUP",
        "PrincipalId": "g-1",
        "GroupName": "admins",
        "Users": [{"UserId": f"u-{user}", "UserName": user} for user in users],
    }
    return a(AccountAssignment, usual, **but)


@pytest.mark.parametrize(
    ("policies", "status"),
    [
        ({"AttachedManagedPolicies": [ADMINISTRATOR]}, FAIL),
        ({"AttachedManagedPolicies": [aws_policy("Harmless", EVERYTHING)]}, FAIL),
        ({"InlinePolicy": text(EVERYTHING)}, FAIL),
        ({"InlinePolicy": text({**EVERYTHING, "Action": ["*:*", "*"]})}, FAIL),
        ({"AttachedManagedPolicies": [aws_policy("job-function/SupportUser", READS)]}, PASS),
        ({"InlinePolicy": text(READS)}, PASS),
        ({}, PASS),
        ({"AttachedManagedPolicies": [aws_policy("PowerUserAccess", BUT_IAM)]}, UNKNOWN),
        ({"CustomerManagedPolicyReferences": [{"Name": "ours", "Path": "/"}]}, UNKNOWN),
        ({"InlinePolicy": "{"}, UNKNOWN),
        ({"InlinePolicy": UNREAD}, UNKNOWN),
        ({"AttachedManagedPolicies": [ADMINISTRATOR], "PermissionsBoundary": UNREAD}, UNKNOWN),
        ({"AttachedManagedPolicies": [ADMINISTRATOR], "InlinePolicy": text(DENIES)}, UNKNOWN),
        # https://github.com/aws-ia/terraform-aws-iam-identity-center/pull/20
        ({"AttachedManagedPolicies": [ADMINISTRATOR], "InlinePolicy": text(FROM_ANYWHERE)}, UNKNOWN),
        ({"AttachedManagedPolicies": [ADMINISTRATOR], "InlinePolicy": text(FROM_THE_OFFICE)}, UNKNOWN),
        (
            {
                "AttachedManagedPolicies": [ADMINISTRATOR],
                "PermissionsBoundary": {
                    "ManagedPolicyArn": "arn:aws:iam::aws:policy/ViewOnlyAccess",
                    "Document": json.loads(text(READS)),
                },
            },
            PASS,
        ),
        (
            {
                "AttachedManagedPolicies": [ADMINISTRATOR],
                "PermissionsBoundary": {"ManagedPolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
            },
            FAIL,
        ),
        (
            {
                "AttachedManagedPolicies": [ADMINISTRATOR],
                "PermissionsBoundary": {"CustomerManagedPolicyReference": {"Name": "limit", "Path": "/"}},
            },
            UNKNOWN,
        ),
    ],
)
def test_a_set_is_administrative_by_what_it_allows(policies: dict[str, Any], status: Status) -> None:
    """Its name says nothing, and a boundary or a denial may take it back."""
    sets = all_of(a_set(**policies))

    assert verdict(admin_assignments_within_limit, all_of(assigned("alice")), sets, max_admin_users=0).status is status


def test_people_are_counted_once_however_they_come_by_it() -> None:
    """By two groups, in two accounts, and by an assignment of their own."""
    sets = all_of(a_set(AttachedManagedPolicies=[ADMINISTRATOR]), a_set(AUDIT, "audit", InlinePolicy=text(READS)))
    assignments = all_of(
        assigned("alice", "bob"),
        assigned("alice", account="222233334444"),
        assigned("alice", PrincipalType="USER", PrincipalId="u-alice", GroupName=None),
        assigned("carol", "dave", arn=AUDIT),
    )
    within = verdict(admin_assignments_within_limit, assignments, sets, max_admin_users=2)
    beyond = verdict(admin_assignments_within_limit, assignments, sets, max_admin_users=1)

    assert (within.status, beyond.status) == (PASS, FAIL)
    assert "2 people" in within.reason
    assert "2 accounts" in within.reason
    assert "2 may have them" in within.reason
    assert "alice, bob" in beyond.reason
    assert "carol" not in beyond.reason


@pytest.mark.parametrize(
    ("assignments", "status"),
    [
        ([], NOTHING),
        ([assigned(arn=AUDIT)], UNKNOWN),
        ([assigned("alice", "bob"), assigned(arn=AUDIT)], FAIL),
        ([assigned()], PASS),
    ],
)
def test_a_set_that_was_not_listed_may_be_one_of_administrators(assignments: list[Any], status: Status) -> None:
    """Where the people of others are too many already, it makes no difference."""
    sets = all_of(a_set(AttachedManagedPolicies=[ADMINISTRATOR]))

    assert verdict(admin_assignments_within_limit, all_of(*assignments), sets, max_admin_users=1).status is status


def test_a_user_or_group_that_is_gone_gives_nobody_access() -> None:
    """Assignments outlive what was deleted or made again by a directory; by user and group they are not even listed.

    https://github.com/61418/aws-sso-util/issues/93, https://github.com/slashdevops/idp-scim-sync/issues/70
    """
    sets = all_of(a_set(AttachedManagedPolicies=[ADMINISTRATOR]))
    assignments = all_of(assigned("alice"), assigned(Users=None, PrincipalId="g-2"))
    found = verdict(admin_assignments_within_limit, assignments, sets, max_admin_users=1)

    assert found.status is PASS
    assert "1 assignment is" in found.reason


def test_what_was_not_listed_is_unknown() -> None:
    """Refused in the management account's stead, nobody knows who has access."""
    assert verdict(admin_assignments_within_limit, not_seen(), all_of()).status is UNKNOWN
    assert verdict(admin_assignments_within_limit, all_of(assigned("alice")), not_seen()).status is UNKNOWN


@pytest.mark.parametrize(
    ("lasts", "policies", "status"),
    [
        (None, {"AttachedManagedPolicies": [ADMINISTRATOR]}, PASS),
        ("PT4H", {"AttachedManagedPolicies": [ADMINISTRATOR]}, PASS),
        ("PT4H1S", {"AttachedManagedPolicies": [ADMINISTRATOR]}, FAIL),
        ("PT241M", {"InlinePolicy": text(EVERYTHING)}, FAIL),
        ("PT12H", {"InlinePolicy": text(READS)}, PASS),
        ("PT12H", {"CustomerManagedPolicyReferences": [{"Name": "ours"}]}, UNKNOWN),
        ("PT12H", {"InlinePolicy": UNREAD}, UNKNOWN),
        ("a day", {"AttachedManagedPolicies": [ADMINISTRATOR]}, UNKNOWN),
        ("PT", {"AttachedManagedPolicies": [ADMINISTRATOR]}, UNKNOWN),
        ("PT1H", {"PermissionSet": UNREAD}, UNKNOWN),
    ],
)
def test_sessions_of_administrators_end(lasts: str | None, policies: dict[str, Any], status: Status) -> None:
    """The limit from both sides; a set that is none may last longer."""
    assert verdict(admin_session_limited, a_set(lasts=lasts, **policies)).status is status
