"""Identity Center: where it is looked for, and who has what, in as few calls as it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from collector.core.errors import Unexpected
from collector.core.resources import Body
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.settings import Settings
from connectors.aws.sso.assignments import account_assignments, administration_by
from connectors.aws.sso.resources import attached, boundary, inline_policy, permission_sets, references
from tests.connectors.aws.answers import Answer, Answers, listed, pages, refusal
from tests.connectors.aws.builders import text

MANAGEMENT, OTHER = "111122223333", "222233334444"
INSTANCE = "arn:aws:sso:::instance/ssoins-1111111111111111"
ADMIN, AUDIT = (f"arn:aws:sso:::permissionSet/ssoins-1111111111111111/ps-{letter * 16}" for letter in "ab")
STORE = "d-1111111111"
SET = {"InstanceArn": INSTANCE, "PermissionSetArn": ADMIN, "Region": "eu-west-1"}


def settings(**but: Any) -> Settings:
    """A source of an organization."""
    usual: dict[str, Any] = {"role": f"arn:aws:iam::{MANAGEMENT}:role/annexd", "accounts": "organization"}
    return Settings(**{**usual, **but})


def instance(owner: str = MANAGEMENT) -> Body:
    """An instance, that of the organization where the management account owns it."""
    return {"InstanceArn": INSTANCE, "IdentityStoreId": STORE, "OwnerAccountId": owner, "Status": "ACTIVE"}


def in_region(region: str, found: Body) -> Answer:
    """Instances are listed in their region and in no other."""
    return lambda params: {"Instances": [found] if params["region"] == region else []}


ASSIGNED = (
    ("111122223333", ADMIN, "GROUP", "g-admins"),
    ("222233334444", ADMIN, "GROUP", "g-admins"),
    ("222233334444", ADMIN, "USER", "u-carol"),
    ("222233334444", AUDIT, "GROUP", "g-gone"),
)


def assigned(params: Mapping[str, Any]) -> Body:
    """The assignments of an account and set."""
    rows = [_row(row) for row in ASSIGNED if row[:2] == (params["AccountId"], params["PermissionSetArn"])]
    return pages("AccountAssignments", rows, size=1)(params)


def assigned_to(params: Mapping[str, Any]) -> Body:
    """The assignments of a user or group; a user's with those that it has by its groups, as AWS lists them."""
    own = {params["PrincipalId"]}
    own |= {"g-admins"} if params["PrincipalId"] in {"u-alice", "u-bob"} else set()
    return pages("AccountAssignments", [_row(row) for row in ASSIGNED if row[3] in own], size=1)(params)


def _row(row: tuple[str, str, str, str]) -> Body:
    return dict(zip(("AccountId", "PermissionSetArn", "PrincipalType", "PrincipalId"), row, strict=True))


def stored(kind: str, name: str, **more: Any) -> Body:
    """Something of the identity store, with what AWS always says of it."""
    arn = f"arn:aws:identitystore::{MANAGEMENT}:identitystore/{STORE}/{kind.lower()}/{name:->36}"
    revision = {} if kind == "Membership" else {"Revision": "1"}
    return {"IdentityStoreId": STORE, f"{kind}Id": name, f"{kind}Arn": arn, **revision, **more}


def a_center(
    users: tuple[str, ...] = ("u-alice", "u-bob", "u-carol"), but: Mapping[str, Answer | Body] | None = None
) -> Answers:
    """An organization with two accounts, two sets and some users, of whom two are in a group."""
    accounts = {ADMIN: [MANAGEMENT, OTHER], AUDIT: [OTHER]}
    memberships = [
        stored("Membership", f"m-{user}", GroupId="g-admins", MemberId={"UserId": user})
        for user in ("u-bob", "u-alice")
    ]
    named = [stored("User", user, UserName=user[2:]) for user in users]
    group = stored("Group", "g-admins", DisplayName="admins")
    return Answers(
        {
            "organizations:DescribeOrganization": {"Organization": {"MasterAccountId": MANAGEMENT}},
            "account:ListRegions": {
                "Regions": [
                    {"RegionName": "us-east-1", "RegionOptStatus": "ENABLED_BY_DEFAULT"},
                    {"RegionName": "af-south-1", "RegionOptStatus": "DISABLED"},
                    {"RegionName": "eu-west-1", "RegionOptStatus": "ENABLED"},
                ]
            },
            "sso-admin:ListInstances": in_region("eu-west-1", instance()),
            "sso-admin:ListPermissionSets": pages("PermissionSets", [ADMIN, AUDIT], size=1),
            "sso-admin:ListAccountsForProvisionedPermissionSet": lambda params: pages(
                "AccountIds", accounts[params["PermissionSetArn"]], size=1
            )(params),
            "sso-admin:ListAccountAssignments": assigned,
            "sso-admin:ListAccountAssignmentsForPrincipal": assigned_to,
            "identitystore:ListUsers": pages("Users", named),
            "identitystore:ListGroups": pages("Groups", [group]),
            "identitystore:ListGroupMemberships": pages("GroupMemberships", memberships, size=1),
            **(but or {}),
        }
    )


def test_the_instance_is_looked_for_where_the_account_has_regions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing says which region it is in; a region that is not enabled would refuse the question."""
    answers = a_center()
    found = listed(permission_sets, answers.install(monkeypatch, settings()))

    assert [each["PermissionSetArn"] for each in found] == [ADMIN, AUDIT]
    assert {each["Region"] for each in found} == {"eu-west-1"}
    assert answers.calls["sso-admin:ListInstances"] == 2


def test_an_instance_with_more_regions_is_asked_in_its_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows in each of them. https://github.com/mondoohq/mql/pull/8863."""
    more = {**instance(), "PrimaryRegion": "eu-west-1"}
    answers = a_center(but={"sso-admin:ListInstances": in_region("us-east-1", more)})
    found = listed(permission_sets, answers.install(monkeypatch, settings()))

    assert {each["Region"] for each in found} == {"eu-west-1"}


def test_a_region_that_refuses_is_no_region_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy of the organization may close regions. https://github.com/turbot/steampipe-plugin-aws/issues/1879."""
    answers = a_center(but={"sso-admin:ListInstances": refusal("AccessDeniedException", "ListInstances")})

    with pytest.raises(ClientError, match="AccessDenied"):
        listed(permission_sets, answers.install(monkeypatch, settings()))


def test_a_setting_says_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """One question in place of one for each region."""
    answers = a_center()
    listed(permission_sets, answers.install(monkeypatch, settings(identity_center_region="eu-west-1")))

    assert answers.calls["sso-admin:ListInstances"] == 1
    assert answers.calls["account:ListRegions"] == 0


@pytest.mark.parametrize("but", [{"identity_center_region": "us-east-1"}, {"regions": ("us-east-1", "us-west-2")}])
def test_where_the_named_regions_have_none_another_may(but: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty list would say that nobody has access by it."""
    with pytest.raises(Unexpected, match="organization instance"):
        listed(permission_sets, a_center().install(monkeypatch, settings(**but)))


def test_an_instance_of_one_account_gives_no_access_to_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is another account's own, for applications; its permission sets could not be listed."""
    answers = a_center(but={"sso-admin:ListInstances": in_region("eu-west-1", instance(OTHER))})

    assert listed(permission_sets, answers.install(monkeypatch, settings())) == []


def expected() -> list[tuple[str, str, str | None, list[str] | None]]:
    """Account, principal, name of the group, and the users, of each assignment."""
    both = ["alice", "bob"]
    return sorted(
        [
            (MANAGEMENT, "g-admins", "admins", both),
            (OTHER, "g-admins", "admins", both),
            (OTHER, "u-carol", None, ["carol"]),
        ]
    )


def told(found: list[Body]) -> list[tuple[str, str, str | None, list[str] | None]]:
    """Return the same of what was listed."""
    return sorted(
        (
            each["AccountId"],
            each["PrincipalId"],
            each["GroupName"],
            None if each["Users"] is None else [user["UserName"] for user in each["Users"]],
        )
        for each in found
    )


def test_assignments_are_asked_for_by_pairs_where_these_are_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three pairs of account and set, and four users and groups; a group that is gone gives nobody access."""
    answers = a_center()
    found = listed(account_assignments, answers.install(monkeypatch, settings()))

    assert told(found) == sorted([*expected(), (OTHER, "g-gone", None, None)])
    assert answers.calls["sso-admin:ListAccountAssignmentsForPrincipal"] == 0
    assert answers.calls["identitystore:ListGroupMemberships"] == 2  # pages of one group, asked for once


def test_or_by_users_and_groups_where_there_are_fewer_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Users without a group are found by themselves."""
    answers = a_center(users=("u-carol",))
    found = listed(account_assignments, answers.install(monkeypatch, settings()))

    assert [row[:3] for row in told(found)] == [row[:3] for row in expected()]
    assert answers.calls["sso-admin:ListAccountAssignments"] == 0


def test_what_a_user_has_by_a_group_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS lists it for the user too, as the group's."""
    found = listed(account_assignments, a_center(users=("u-alice",)).install(monkeypatch, settings()))

    assert [row[:2] for row in told(found)] == [(MANAGEMENT, "g-admins"), (OTHER, "g-admins")]


def test_a_page_that_fails_ends_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """Assignments that were not read may be those of administrators."""
    first = pages("AccountAssignments", [_row(row) for row in ASSIGNED], size=1)

    def answer(params: Mapping[str, Any]) -> Body:
        return first(params) if "NextToken" not in params else refusal("ThrottlingException", "List")(params)

    source = a_center(but={"sso-admin:ListAccountAssignments": answer}).install(monkeypatch, settings())
    listing = account_assignments(source)

    assert isinstance(next(iter(listing)), dict)
    with pytest.raises(ClientError, match="ThrottlingException"):
        list(listing)


def policies(name: str) -> Answer:
    """The attached policies of a set."""
    arn = f"arn:aws:iam::aws:policy/{name}"
    return pages("AttachedManagedPolicies", [{"Name": name, "Arn": arn}])


DOCUMENT = {"Version": "2012-10-17", "Statement": []}


@pytest.mark.parametrize(("name", "read"), [("AdministratorAccess", False), ("PowerUserAccess", True)])
def test_documents_of_aws_are_read_but_the_one_that_is_known(
    name: str, read: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a policy of AWS allows is in its document and not in its name."""
    answers = Answers(
        {
            "sso-admin:ListManagedPoliciesInPermissionSet": policies(name),
            "iam:GetPolicy": {"Policy": {"DefaultVersionId": "v7"}},
            "iam:GetPolicyVersion": lambda params: {
                "PolicyVersion": {"Document": DOCUMENT, "VersionId": params["VersionId"]}
            },
        }
    )
    (found,) = attached(answers.install(monkeypatch, settings()), SET)

    assert found.get("Document") == (DOCUMENT if read else None)
    assert answers.calls["iam:GetPolicyVersion"] == read


def test_what_a_set_does_not_have_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS says it in two ways: by an empty text, and by an error."""
    answers = Answers(
        {
            "sso-admin:GetInlinePolicyForPermissionSet": {"InlinePolicy": ""},
            "sso-admin:ListCustomerManagedPolicyReferencesInPermissionSet": pages(
                "CustomerManagedPolicyReferences", []
            ),
            "sso-admin:GetPermissionsBoundaryForPermissionSet": refusal("ResourceNotFoundException", "Get"),
        }
    )
    source: Account = answers.install(monkeypatch, settings())

    assert inline_policy(source, SET) == ""
    assert references(source, SET) == []
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        boundary(source, SET)
    assert set(answers.regions) == {"eu-west-1"}


def a_set_with(inline: str, but: Mapping[str, Answer | Body] | None = None) -> Answers:
    """A permission set whose one policy is its own."""
    return Answers(
        {
            "sso-admin:DescribePermissionSet": {"PermissionSet": {"Name": "Ops", "PermissionSetArn": ADMIN}},
            "sso-admin:ListManagedPoliciesInPermissionSet": pages("AttachedManagedPolicies", []),
            "sso-admin:ListCustomerManagedPolicyReferencesInPermissionSet": pages(
                "CustomerManagedPolicyReferences", []
            ),
            "sso-admin:GetInlinePolicyForPermissionSet": {"InlinePolicy": inline},
            "sso-admin:GetPermissionsBoundaryForPermissionSet": refusal("ResourceNotFoundException", "Get"),
            **(but or {}),
        }
    )


@pytest.mark.parametrize(
    ("inline", "rights"),
    [
        (text({"Effect": "Allow", "Action": "*", "Resource": "*"}), "everything"),
        (text({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}), "not established"),
        (text({"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}), "less than everything"),
        ("", "less than everything"),
    ],
)
def test_what_an_assignment_gives(monkeypatch: pytest.MonkeyPatch, inline: str, rights: str) -> None:
    """By the policies of its set, which is read once for all of its assignments."""
    answers = a_set_with(inline)
    source = answers.install(monkeypatch, settings())

    found = [administration_by(source, {**SET, "AccountId": account}) for account in (MANAGEMENT, OTHER)]

    assert [each["Rights"] for each in found] == [rights, rights]
    assert found[0]["PermissionSet"] == "Ops"
    assert answers.calls["sso-admin:GetInlinePolicyForPermissionSet"] == 1


def test_a_set_that_was_not_read_whole_gives_nothing_that_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not read may allow everything, or take it away."""
    refused = {"sso-admin:GetPermissionsBoundaryForPermissionSet": refusal("AccessDeniedException", "Get")}
    source = a_set_with("", refused).install(monkeypatch, settings())

    with pytest.raises(ClientError, match="AccessDenied"):
        administration_by(source, {**SET, "AccountId": OTHER})
