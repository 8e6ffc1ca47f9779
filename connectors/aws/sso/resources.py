"""Permission sets and their assignments to accounts.

https://docs.aws.amazon.com/singlesignon/latest/APIReference/welcome.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
from msgspec import Struct

from collector.core.errors import Unread
from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import only
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws
from connectors.aws._sdk.errors import explain
from connectors.aws.sso.instances import FINDING, FINDING_PERMISSIONS, instances, of_an_organization

ADMINISTRATOR_ACCESS = ":iam::aws:policy/AdministratorAccess"
"""The end of the ARN of the one policy of AWS whose document is known without reading it."""

_NO_BOUNDARY = "ResourceNotFoundException"
_DURATION = re.compile(r"PT(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)S)?")


class Described(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What a permission set is called, and how long a session of it lasts."""

    name: str
    session_duration: str = "PT1H"  # AWS gives each set an hour where nobody says otherwise


class AttachedPolicy(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A policy of AWS in a permission set, with its document in force."""

    arn: str
    document: Any = None  # None: AdministratorAccess, which is not read


class PolicyReference(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A customer managed policy, by the name that it has to have in each account that the set is assigned to."""

    name: str


class Boundary(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The permissions boundary of a set: a policy of AWS with its document, or the name of a customer managed one."""

    managed_policy_arn: str | None = None  # None: it is a customer managed policy
    document: Any = None  # None: AdministratorAccess, or a customer managed policy
    customer_managed_policy_reference: PolicyReference | None = None  # None: it is a policy of AWS


@resource(
    "aws.sso.permission_set", key="PermissionSetArn", redact=("PermissionSet.Description", "PermissionSet.RelayState")
)
class PermissionSet(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A permission set: of it Identity Center makes a role in each account that it is assigned to."""

    permission_set_arn: str
    permission_set: Described
    attached_managed_policies: tuple[AttachedPolicy, ...]
    customer_managed_policy_references: tuple[PolicyReference, ...]
    inline_policy: str | None  # empty: there is none, as AWS answers
    permissions_boundary: Boundary | None  # None: there is none

    @property
    def name(self) -> str:
        """The name of the set."""
        return self.permission_set.name

    @property
    def session(self) -> timedelta:
        """How long a session lasts. Raises Unread for what is no duration of hours, minutes and seconds."""
        text = self.permission_set.session_duration
        match = _DURATION.fullmatch(text)
        if match is None or text == "PT":
            raise Unread(f"the session of {self.name} lasts {text!r}, which is no duration that annexd can read")
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)


@resource("aws.sso.instance", key="InstanceArn")
class Instance(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The Identity Center of the organization (sso:ListInstances)."""

    instance_arn: str
    region: str
    status: str = ""  # AWS documents it as optional


@aws.collects(Instance, at="source", call=FINDING, permissions=FINDING_PERMISSIONS, when=of_an_organization)
def organization_instances(source: Account) -> Iterator[Body]:
    kept = ("InstanceArn", "IdentityStoreId", "OwnerAccountId", "Status", "Region", "CreatedDate")
    yield from (only(instance, *kept) for instance in instances(source))


class AssignedUser(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A user who has the set in the account, by itself or as a member of the group."""

    user_id: str
    user_name: str | None = None  # None: the identity store lists no user of the id


class Administration(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Whether a permission set makes its holder an administrator of everything, by annexd's evaluator of policies."""

    permission_set: str
    rights: str  # everything, less than everything, or not established
    by: str  # the statement that gives it; empty where none does
    question: str  # what would establish it; empty where it is


@resource("aws.sso.account_assignment", key=("AccountId", "PermissionSetArn", "PrincipalType", "PrincipalId"))
class AccountAssignment(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A user or group that has a permission set in an account, with all users who have it by this."""

    account_id: str
    permission_set_arn: str
    principal_type: str  # USER or GROUP
    principal_id: str
    group_name: str | None = None  # None: a user, or the identity store lists no group of the id
    users: tuple[AssignedUser, ...] | None = None  # None: the identity store does not list the principal
    administration: Administration | None = None  # None: evidence from before it was found out


@aws.collects(
    PermissionSet,
    at="source",
    call=(*FINDING, "sso-admin:ListPermissionSets"),
    permissions=(*FINDING_PERMISSIONS, "sso:ListPermissionSets"),
    when=of_an_organization,
)
def permission_sets(source: Account) -> Iterator[Body]:
    for instance in instances(source):
        arn, region = instance["InstanceArn"], instance["Region"]
        for permission_set in source.pages(
            "sso-admin", "ListPermissionSets", "PermissionSets", region=region, InstanceArn=arn
        ):
            yield {"InstanceArn": arn, "Region": region, "PermissionSetArn": permission_set}


def _of(permission_set: Body) -> dict[str, str]:
    return {name: permission_set[name] for name in ("InstanceArn", "PermissionSetArn")}


@aws.part(
    PermissionSet, "PermissionSet", call="sso-admin:DescribePermissionSet", permissions="sso:DescribePermissionSet"
)
def described(source: Account, permission_set: Body) -> Any:
    return source.value(
        "sso-admin", "DescribePermissionSet", "PermissionSet", region=permission_set["Region"], **_of(permission_set)
    )


@aws.part(
    PermissionSet,
    "AttachedManagedPolicies",
    call=("sso-admin:ListManagedPoliciesInPermissionSet", "iam:GetPolicy", "iam:GetPolicyVersion"),
    permissions=("sso:ListManagedPoliciesInPermissionSet", "iam:GetPolicy", "iam:GetPolicyVersion"),
)
def attached(source: Account, permission_set: Body) -> Any:
    listed = source.pages(
        "sso-admin",
        "ListManagedPoliciesInPermissionSet",
        "AttachedManagedPolicies",
        region=permission_set["Region"],
        **_of(permission_set),
    )
    return [{**policy, **_document(source, policy["Arn"])} for policy in listed]


@aws.part(
    PermissionSet,
    "CustomerManagedPolicyReferences",
    call="sso-admin:ListCustomerManagedPolicyReferencesInPermissionSet",
    permissions="sso:ListCustomerManagedPolicyReferencesInPermissionSet",
)
def references(source: Account, permission_set: Body) -> Any:
    return list(
        source.pages(
            "sso-admin",
            "ListCustomerManagedPolicyReferencesInPermissionSet",
            "CustomerManagedPolicyReferences",
            region=permission_set["Region"],
            **_of(permission_set),
        )
    )


@aws.part(
    PermissionSet,
    "InlinePolicy",
    call="sso-admin:GetInlinePolicyForPermissionSet",
    permissions="sso:GetInlinePolicyForPermissionSet",
)
def inline_policy(source: Account, permission_set: Body) -> Any:
    """Return the policy; an empty text where there is none, as AWS answers."""
    return source.value(
        "sso-admin",
        "GetInlinePolicyForPermissionSet",
        "InlinePolicy",
        region=permission_set["Region"],
        **_of(permission_set),
    )


@aws.part(
    PermissionSet,
    "PermissionsBoundary",
    call=("sso-admin:GetPermissionsBoundaryForPermissionSet", "iam:GetPolicy", "iam:GetPolicyVersion"),
    permissions=("sso:GetPermissionsBoundaryForPermissionSet", "iam:GetPolicy", "iam:GetPolicyVersion"),
    absent=_NO_BOUNDARY,
)
def boundary(source: Account, permission_set: Body) -> Any:
    found = source.value(
        "sso-admin",
        "GetPermissionsBoundaryForPermissionSet",
        "PermissionsBoundary",
        region=permission_set["Region"],
        **_of(permission_set),
    )
    arn = found.get("ManagedPolicyArn")
    return found if arn is None else {**found, **_document(source, arn)}


def _document(source: Account, arn: str) -> Body:
    """Return the document in force of a policy of AWS; nothing for the one that is known."""
    if arn.endswith(ADMINISTRATOR_ACCESS):
        return {}
    version = source.value("iam", "GetPolicy", "Policy.DefaultVersionId", PolicyArn=arn)
    document = source.value("iam", "GetPolicyVersion", "PolicyVersion.Document", PolicyArn=arn, VersionId=version)
    return {"Document": document}


_PARTS = {
    "PermissionSet": described,
    "AttachedManagedPolicies": attached,
    "CustomerManagedPolicyReferences": references,
    "InlinePolicy": inline_policy,
}
CALLS_OF_A_SET = (
    "sso-admin:DescribePermissionSet",
    "sso-admin:ListManagedPoliciesInPermissionSet",
    "sso-admin:ListCustomerManagedPolicyReferencesInPermissionSet",
    "sso-admin:GetInlinePolicyForPermissionSet",
    "sso-admin:GetPermissionsBoundaryForPermissionSet",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
)
PERMISSIONS_OF_A_SET = tuple(call.replace("sso-admin:", "sso:") for call in CALLS_OF_A_SET)


def whole_set(source: Account, permission_set: Body) -> PermissionSet:
    """Return a set with all of its parts. Raises as these do: what the set allows depends on each of them."""
    parts = {name: read(source, permission_set) for name, read in _PARTS.items()}
    try:
        limit = boundary(source, permission_set)
    except Exception as error:
        failure = explain(error)
        if failure is None or failure.code != _NO_BOUNDARY:
            raise
        limit = None
    return msgspec.convert({**permission_set, **parts, "PermissionsBoundary": limit}, PermissionSet)
