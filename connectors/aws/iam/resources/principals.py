"""IAM users, groups, roles and customer managed policies, all from iam:GetAccountAuthorizationDetails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from collector.core.people import Person
from collector.core.resources import Body, resource
from connectors.aws._policy.statements import Policy, UnreadStatement, read_policy
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

_CALL = "iam:GetAccountAuthorizationDetails"
_PAGE_SIZE = 1000


class AttachedPolicy(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A managed policy that is attached to a user, group or role."""

    policy_arn: str


class InlinePolicy(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A policy inside a principal; the document is whatever AWS gives, and `_policy.statements` reads it."""

    policy_name: str
    policy_document: Any


class Boundary(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The permissions boundary of a user or role: a managed policy that must allow as well."""

    permissions_boundary_arn: str


@resource("aws.iam.user", key="UserName", person=Person(id="UserId", name="UserName"))
class User(Struct, frozen=True, kw_only=True, rename="pascal"):
    """An IAM user with its policies. IAM may leave out an empty list."""

    user_name: str
    arn: str | None = None  # None: an answer that leaves it out; IAM gives it
    group_list: tuple[str, ...] = ()
    attached_managed_policies: tuple[AttachedPolicy, ...] = ()
    user_policy_list: tuple[InlinePolicy, ...] = ()
    permissions_boundary: Boundary | None = None  # None: there is none

    @property
    def boundary_arn(self) -> str | None:
        """The ARN of the permissions boundary; None where there is none."""
        return None if self.permissions_boundary is None else self.permissions_boundary.permissions_boundary_arn


@resource("aws.iam.group", key="GroupName")
class Group(Struct, frozen=True, kw_only=True, rename="pascal"):
    """An IAM group with its policies; its members are found in `User.group_list`."""

    group_name: str
    arn: str | None = None  # None: an answer that leaves it out; IAM gives it
    attached_managed_policies: tuple[AttachedPolicy, ...] = ()
    group_policy_list: tuple[InlinePolicy, ...] = ()


class LastUsed(Struct, frozen=True, kw_only=True, rename="pascal"):
    """When a role was last used, within the 400 days that AWS tracks."""

    last_used_date: datetime | None = None  # None: not within these 400 days


class InstanceProfile(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What gives a machine the keys of a role."""

    arn: str = ""


@resource("aws.iam.role", key="RoleName", volatile=("RoleLastUsed",))
class Role(Struct, frozen=True, kw_only=True, rename="pascal"):
    """An IAM role with its policies and its trust policy.

    An external id in the trust policy is not redacted: AWS does not treat it as a secret, and a check needs it.
    """

    role_name: str
    arn: str
    path: str
    create_date: datetime
    assume_role_policy_document: Any
    attached_managed_policies: tuple[AttachedPolicy, ...] = ()
    role_policy_list: tuple[InlinePolicy, ...] = ()
    permissions_boundary: Boundary | None = None  # None: there is none
    instance_profile_list: tuple[InstanceProfile, ...] = ()  # those that it is in
    role_last_used: LastUsed | None = None  # None: AWS did not say; an unused role has an empty object

    @property
    def account(self) -> str:
        """The account of the role, from its ARN."""
        return self.arn.split(":")[4]

    @property
    def boundary_arn(self) -> str | None:
        """The ARN of the permissions boundary; None where there is none."""
        return None if self.permissions_boundary is None else self.permissions_boundary.permissions_boundary_arn

    @property
    def of_a_service(self) -> bool:
        """Whether it is a service-linked role, which only its AWS service can change."""
        return self.path.startswith("/aws-service-role/")

    @property
    def of_identity_center(self) -> bool:
        """Whether IAM Identity Center made it for a permission set; AWS keeps this path for itself.

        https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
        """
        return self.path.startswith("/aws-reserved/sso.amazonaws.com/")


class PolicyVersion(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One version of a managed policy."""

    is_default_version: bool
    document: Any


@resource("aws.iam.policy", key="Arn")
class ManagedPolicy(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A customer managed policy with its versions."""

    arn: str
    attachment_count: int
    policy_version_list: tuple[PolicyVersion, ...] = ()

    @property
    def policy_name(self) -> str:
        """The name of the policy, the last part of its ARN."""
        return self.arn.rsplit("/", 1)[-1]

    def read(self) -> Policy:
        """Return the default version as a policy; `unclear` says so where there is none."""
        for version in self.policy_version_list:
            if version.is_default_version:
                return read_policy(version.document)
        return Policy((), (UnreadStatement(f"{self.policy_name} has no version in force"),))


def _details(account: Account, entity_type: str, key: str) -> Iterator[Body]:
    yield from account.pages("iam", "GetAccountAuthorizationDetails", key, Filter=[entity_type], MaxItems=_PAGE_SIZE)


@aws.collects(User, at="account", call=_CALL, permissions=_CALL)
def users(account: Account) -> Iterator[Body]:
    yield from _details(account, "User", "UserDetailList")


@aws.collects(Group, at="account", call=_CALL, permissions=_CALL)
def groups(account: Account) -> Iterator[Body]:
    yield from _details(account, "Group", "GroupDetailList")


@aws.collects(Role, at="account", call=_CALL, permissions=_CALL)
def roles(account: Account) -> Iterator[Body]:
    yield from _details(account, "Role", "RoleDetailList")


@aws.collects(ManagedPolicy, at="account", call=_CALL, permissions=_CALL)
def policies(account: Account) -> Iterator[Body]:
    yield from _details(account, "LocalManagedPolicy", "Policies")
