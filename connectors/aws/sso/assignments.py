"""The list of all assignments, by the way that takes fewer calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from collector.core.resources import Body
from connectors.aws._policy.evaluator import Outcome
from connectors.aws._sdk.bodies import only
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws
from connectors.aws.sso.administration import administration_of
from connectors.aws.sso.instances import FINDING, FINDING_PERMISSIONS, instances, of_an_organization
from connectors.aws.sso.resources import (
    CALLS_OF_A_SET,
    PERMISSIONS_OF_A_SET,
    AccountAssignment,
    whole_set,
)

_SSO = "sso-admin"
_RIGHTS = {
    Outcome.ALLOWS: "everything",
    Outcome.DOES_NOT: "less than everything",
    Outcome.UNDECIDED: "not established",
}


@dataclass(frozen=True)
class _Directory:
    """The users and groups of the identity store, by id."""

    users: Mapping[str, str]
    groups: Mapping[str, str]


@aws.collects(
    AccountAssignment,
    at="source",
    call=(
        *FINDING,
        "identitystore:ListUsers",
        "identitystore:ListGroups",
        "identitystore:ListGroupMemberships",
        "sso-admin:ListPermissionSets",
        "sso-admin:ListAccountsForProvisionedPermissionSet",
        "sso-admin:ListAccountAssignments",
        "sso-admin:ListAccountAssignmentsForPrincipal",
    ),
    permissions=(
        *FINDING_PERMISSIONS,
        "identitystore:ListUsers",
        "identitystore:ListGroups",
        "identitystore:ListGroupMemberships",
        "sso:ListPermissionSets",
        "sso:ListAccountsForProvisionedPermissionSet",
        "sso:ListAccountAssignments",
        "sso:ListAccountAssignmentsForPrincipal",
    ),
    when=of_an_organization,
)
def account_assignments(source: Account) -> Iterator[Body]:
    """List by pairs of account and set, or where there are fewer users and groups than pairs, by these."""
    for instance in instances(source):
        center = _Center(source, instance)
        pairs = center.pairs()
        if not pairs:
            continue
        directory = center.directory()
        fewer = len(directory.users) + len(directory.groups) < len(pairs)
        members: dict[str, Sequence[str]] = {}
        for assignment in center.by_principal(directory) if fewer else center.by_pair(pairs):
            yield {**_with_users(center, directory, members, assignment), **only(instance, "InstanceArn", "Region")}


@dataclass(frozen=True)
class _Center:
    """One instance of Identity Center, and how it is asked."""

    source: Account
    instance: Body

    def pairs(self) -> list[tuple[str, str]]:
        """Return the accounts and sets that there may be assignments of: those that were provisioned."""
        return [
            (account, permission_set)
            for permission_set in self._listed("ListPermissionSets", "PermissionSets")
            for account in self._listed(
                "ListAccountsForProvisionedPermissionSet", "AccountIds", PermissionSetArn=permission_set
            )
        ]

    def by_pair(self, pairs: Sequence[tuple[str, str]]) -> Iterator[Body]:
        """Yield the assignments of each account and set."""
        for account, permission_set in pairs:
            yield from self._listed(
                "ListAccountAssignments", "AccountAssignments", AccountId=account, PermissionSetArn=permission_set
            )

    def by_principal(self, directory: _Directory) -> Iterator[Body]:
        """Yield the assignments of each user and group; those that a user has by a group are the group's."""
        for kind, ids in (("GROUP", directory.groups), ("USER", directory.users)):
            for principal in ids:
                for assignment in self._listed(
                    "ListAccountAssignmentsForPrincipal",
                    "AccountAssignments",
                    PrincipalId=principal,
                    PrincipalType=kind,
                ):
                    if assignment["PrincipalType"] == kind:
                        yield assignment

    def directory(self) -> _Directory:
        """Return all users and groups of the identity store."""
        return _Directory(
            {user["UserId"]: user.get("UserName", "") for user in self._stored("ListUsers", "Users")},
            {group["GroupId"]: group.get("DisplayName", "") for group in self._stored("ListGroups", "Groups")},
        )

    def members(self, group: str) -> list[str]:
        """Return the ids of the users in a group."""
        listed = self._stored("ListGroupMemberships", "GroupMemberships", GroupId=group)
        return [membership["MemberId"]["UserId"] for membership in listed]

    def _listed(self, operation: str, key: str, **parameters: str) -> Iterator[Any]:
        arn, region = self.instance["InstanceArn"], self.instance["Region"]
        yield from self.source.pages(_SSO, operation, key, region=region, InstanceArn=arn, **parameters)

    def _stored(self, operation: str, key: str, **parameters: str) -> Iterator[Body]:
        store, region = self.instance["IdentityStoreId"], self.instance["Region"]
        yield from self.source.pages(
            "identitystore", operation, key, region=region, IdentityStoreId=store, **parameters
        )


def _with_users(center: _Center, directory: _Directory, members: dict[str, Sequence[str]], assignment: Body) -> Body:
    """Return an assignment with the users who have it; a group is asked for its members once."""
    principal = assignment["PrincipalId"]
    if assignment["PrincipalType"] == "USER":
        known = principal in directory.users
        ids: Sequence[str] | None = (principal,) if known else None
    elif principal in directory.groups:
        if principal not in members:
            members[principal] = center.members(principal)
        ids = members[principal]
    else:
        ids = None
    users = None if ids is None else [{"UserId": one, "UserName": directory.users.get(one)} for one in sorted(ids)]
    return {**assignment, "GroupName": directory.groups.get(principal), "Users": users}


@aws.part(AccountAssignment, "Administration", call=CALLS_OF_A_SET, permissions=PERMISSIONS_OF_A_SET)
def administration_by(source: Account, assignment: Body) -> Any:
    """Return what the permission set of an assignment allows; a set is read once for all of its assignments."""
    of_set = only(assignment, "InstanceArn", "Region", "PermissionSetArn")
    return source.once(assignment["PermissionSetArn"], lambda: _administration(source, of_set))


def _administration(source: Account, of_set: Body) -> Body:
    permission_set = whole_set(source, of_set)
    effect = administration_of(permission_set)
    return {
        "PermissionSet": permission_set.name,
        "Rights": _RIGHTS[effect.outcome],
        "By": effect.by,
        "Question": effect.question,
    }
