"""Who has administrative rights: the list by the evaluator of policies, last uses, and the check of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collector.core.checks import Status
from collector.core.errors import NotThere, Unexpected
from collector.core.resources import Body
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.settings import Settings
from connectors.aws.iam.administrators import (
    EVERYTHING,
    NOT_ESTABLISHED,
    OVER_PRINCIPALS,
    Administrator,
    administrators,
    last_use,
)
from connectors.aws.iam.checks.administrators import administrator_used_lately
from tests.connectors.aws.answers import Answers, listed
from tests.connectors.aws.builders import FAIL, NOTHING, NOW, OWN, PASS, UNKNOWN, UNREAD, a, document, verdict

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
ALL_WITH_MFA = {**ALL, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
ALL_FROM_THE_OFFICE = {**ALL, "Condition": {"StringEquals": {"something:New": "office"}}}
BUT_IAM = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
OVER_IAM = {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}
READS = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
IAM_FULL = "arn:aws:iam::aws:policy/IAMFullAccess"
CUSTOM = f"arn:aws:iam::{OWN}:policy/custom"
SETS_ROLE = "AWSReservedSSO_Admins_0123456789abcdef"


def a_policy(arn: str, *statements: Any) -> Body:
    """A managed policy as IAM lists it."""
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": json.dumps(document(*statements))}
    return {"PolicyName": arn.rsplit("/", 1)[-1], "Arn": arn, "AttachmentCount": 1, "PolicyVersionList": [version]}


def inline(*statements: Any) -> list[Body]:
    """A policy inside a user, role or group."""
    return [{"PolicyName": "own", "PolicyDocument": json.dumps(document(*statements))}]


def attached(*arns: str) -> list[Body]:
    """Managed policies, attached."""
    return [{"PolicyName": arn.rsplit("/", 1)[-1], "PolicyArn": arn} for arn in arns]


def a_user(name: str, *statements: Any, groups: tuple[str, ...] = (), arns: tuple[str, ...] = ()) -> Body:
    """A user as IAM lists it."""
    return {
        "Path": "/",
        "UserName": name,
        "UserId": f"AIDA{name.upper():0>16}",
        "Arn": f"arn:aws:iam::{OWN}:user/{name}",
        "CreateDate": LONG_AGO,
        "GroupList": list(groups),
        "AttachedManagedPolicies": attached(*arns),
        "UserPolicyList": inline(*statements) if statements else [],
    }


def a_role(name: str, *statements: Any, path: str = "/", used: Any = None, **but: Any) -> Body:
    """A role as IAM lists it."""
    return {
        "Path": path,
        "RoleName": name,
        "RoleId": "AROA000000000000ROLE",
        "Arn": f"arn:aws:iam::{OWN}:role{path}{name}",
        "CreateDate": LONG_AGO,
        "AssumeRolePolicyDocument": json.dumps(document()),
        "AttachedManagedPolicies": [],
        "RolePolicyList": inline(*statements) if statements else [],
        "RoleLastUsed": {} if used is None else {"LastUsedDate": used, "Region": "eu-central-1"},
        **but,
    }


def an_account(
    users: list[Body], roles: list[Body], groups: list[Body], policies: list[Body], report: str = ""
) -> Answers:
    """An account, each of whose lists has a page of its own."""

    def details(params: Mapping[str, Any]) -> Body:
        wanted = {
            "UserDetailList": users if "User" in params["Filter"] else [],
            "RoleDetailList": roles if "Role" in params["Filter"] else [],
            "GroupDetailList": groups if "Group" in params["Filter"] else [],
            "Policies": policies if "AWSManagedPolicy" in params["Filter"] else [],
        }
        names = [name for name, items in wanted.items() if items] or ["Policies"]
        page = int(params.get("Marker", "0"))
        answer: Body = {name: items if name == names[page] else [] for name, items in wanted.items()}
        more = page + 1 < len(names)
        return {**answer, "IsTruncated": more, **({"Marker": str(page + 1)} if more else {})}

    made = {"State": "COMPLETE"}
    content = {"Content": report.encode(), "ReportFormat": "text/csv", "GeneratedTime": NOW}
    return Answers(
        {
            "iam:GetAccountAuthorizationDetails": details,
            "iam:GenerateCredentialReport": made,
            "iam:GetCredentialReport": content,
        }
    )


def in_account(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> Account:
    """A client in the account."""
    client = answers.install(monkeypatch, Settings())
    client.scope = (OWN,)
    return client


def rights(monkeypatch: pytest.MonkeyPatch, **lists: Any) -> dict[str, str]:
    """Return the rights of those who are listed, by name."""
    usual: dict[str, Any] = {"users": [], "roles": [], "groups": [], "policies": []}
    found = listed(administrators, in_account(an_account(**{**usual, **lists}), monkeypatch))
    return {body["Name"]: body["Rights"] for body in found}


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (ALL, EVERYTHING),
        (ALL_WITH_MFA, EVERYTHING),
        (OVER_IAM, OVER_PRINCIPALS),
        ({**OVER_IAM, "Action": "iam:AttachRolePolicy"}, OVER_PRINCIPALS),
        ({**OVER_IAM, "Action": "iam:PutRolePolicy", "Resource": f"arn:aws:iam::{OWN}:role/deploy"}, OVER_PRINCIPALS),
        ({**OVER_IAM, "Action": "iam:PutRolePolicy", "Resource": f"arn:aws:iam::{OWN}:role/other"}, None),
        ({**OVER_IAM, "Action": "iam:Get*"}, None),
        (ALL_FROM_THE_OFFICE, NOT_ESTABLISHED),
        (BUT_IAM, NOT_ESTABLISHED),
        (READS, None),
        ({"Effect": "Deny", "Action": "*", "Resource": "*"}, None),
    ],
)
def test_who_is_listed(monkeypatch: pytest.MonkeyPatch, statement: Any, found: str | None) -> None:
    """Whoever may change users and roles gives itself the rest."""
    assert rights(monkeypatch, roles=[a_role("deploy", statement)]).get("deploy") == found


def test_the_root_user_is_always_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """No policy gives it its rights, and none is found that takes them away."""
    assert rights(monkeypatch) == {"<root_account>": EVERYTHING}


def test_policies_by_every_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside, attached, of AWS, and by a group."""
    group: Body = {
        "Path": "/",
        "GroupName": "ops",
        "GroupId": "AGPA000000000000OPSX",
        "Arn": f"arn:aws:iam::{OWN}:group/ops",
        "CreateDate": LONG_AGO,
        "GroupPolicyList": [],
        "AttachedManagedPolicies": attached(CUSTOM),
    }
    users = [
        a_user("inside", ALL),
        a_user("member", groups=("ops",)),
        a_user("stray", groups=("gone",)),
        a_user("built-in", arns=(ADMINISTRATOR,)),
        a_user("manager", arns=(IAM_FULL,)),
        a_user("unlisted", arns=(f"arn:aws:iam::{OWN}:policy/new",)),
        a_user("reader", READS),
    ]
    policies = [a_policy(CUSTOM, ALL), a_policy(IAM_FULL, OVER_IAM)]
    found = rights(monkeypatch, users=users, groups=[group], policies=policies)

    assert found == {
        "<root_account>": EVERYTHING,
        "inside": EVERYTHING,
        "member": EVERYTHING,
        "stray": NOT_ESTABLISHED,
        "built-in": EVERYTHING,
        "manager": OVER_PRINCIPALS,
        "unlisted": NOT_ESTABLISHED,
    }


def test_limits_and_denials_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """A boundary that does not allow it, or one that was not listed, and a role that only its service can change."""
    bound: Body = {"PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": CUSTOM}}
    lost: Body = {"PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": f"{CUSTOM}2"}}
    roles = [
        a_role("bound", ALL, **bound),
        a_role("lost", ALL, **lost),
        a_role("linked", ALL, path="/aws-service-role/ecs.amazonaws.com/"),
        a_role("denied", ALL, {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}),
    ]

    found = rights(monkeypatch, roles=roles, policies=[a_policy(CUSTOM, READS)])

    assert found == {"<root_account>": EVERYTHING, "lost": NOT_ESTABLISHED, "denied": NOT_ESTABLISHED}


def test_what_is_said_of_a_role_of_identity_center(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its permission set, by which people are found in the assignments; and the policies that give the rights."""
    path = "/aws-reserved/sso.amazonaws.com/eu-west-1/"
    role = a_role(SETS_ROLE, path=path, AttachedManagedPolicies=attached(ADMINISTRATOR))

    body = listed(administrators, in_account(an_account([], [role], [], []), monkeypatch))[0]

    assert body["PermissionSet"] == "Admins"
    assert body["By"] == ADMINISTRATOR


def test_a_list_that_is_missing_is_no_empty_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without groups nobody knows what their members may do."""
    answers = Answers({"iam:GetAccountAuthorizationDetails": {"Policies": [], "IsTruncated": False}})

    with pytest.raises(Unexpected, match="GroupDetailList"):
        listed(administrators, in_account(answers, monkeypatch))


REPORT = """user,password_last_used,access_key_1_last_used_date,access_key_2_last_used_date
<root_account>,no_information,N/A,N/A
alice,2026-01-01T00:00:00+00:00,2026-11-01T00:00:00+00:00,N/A
bob,N/A,not_supported,N/A
carol,tomorrow,N/A,N/A
"""


def test_last_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a user by whatever it signed in with, and of a role by itself; the report is asked for once."""
    answers = an_account([], [], [], [], REPORT)
    client = in_account(answers, monkeypatch)

    def of(name: str, kind: str = "user", **more: Any) -> Any:
        return last_use(client, {"Name": name, "PrincipalType": kind, **more})

    assert of("<root_account>", "root") == {"At": None}
    assert of("alice") == {"At": datetime(2026, 11, 1, tzinfo=UTC)}
    assert of("bob") == {"At": None}
    assert of("deploy", "role", RoleLastUsed={"LastUsedDate": NOW}) == {"At": NOW}
    assert of("deploy", "role", RoleLastUsed={}) == {"At": None}
    assert of("deploy", "role") is None
    with pytest.raises(NotThere):
        of("dave")
    with pytest.raises(Unexpected, match="tomorrow"):
        of("carol")
    assert answers.calls["iam:GetCredentialReport"] == 1


def an_administrator(used: Any = None, **but: Any) -> Administrator:
    """A role with all rights."""
    usual = {
        "Arn": f"arn:aws:iam::{OWN}:role/deploy",
        "Name": "deploy",
        "PrincipalType": "role",
        "Rights": EVERYTHING,
        "By": CUSTOM,
        "Question": "",
        "PermissionSet": None,
        "CreateDate": LONG_AGO.isoformat(),
        "LastUse": used if used is UNREAD else {"At": None if used is None else used.isoformat()},
    }
    return a(Administrator, usual, **but)


@pytest.mark.parametrize(
    ("administrator", "limits", "status"),
    [
        (an_administrator(NOW - timedelta(days=90)), {}, PASS),
        (an_administrator(NOW - timedelta(days=91)), {}, FAIL),
        (an_administrator(NOW - timedelta(days=91)), {"unused_after": timedelta(days=120)}, PASS),
        (an_administrator(), {}, FAIL),
        (an_administrator(UNREAD), {}, UNKNOWN),
        (an_administrator(CreateDate=(NOW - timedelta(days=3)).isoformat()), {}, PASS),
        (an_administrator(Rights=OVER_PRINCIPALS), {}, FAIL),
        (an_administrator(Rights=NOT_ESTABLISHED, Question="who knows"), {}, UNKNOWN),
        (an_administrator(NOW, Rights=NOT_ESTABLISHED, Question="who knows"), {}, PASS),
        (an_administrator(PrincipalType="root", CreateDate=None), {}, NOTHING),
    ],
)
def test_rights_that_nobody_uses(administrator: Administrator, limits: dict[str, Any], status: Status) -> None:
    """Rights that were not used for so long are not needed."""
    assert verdict(administrator_used_lately, administrator, **limits).status is status
