"""Whether a permission set makes whoever has it an administrator of everything in the account it is assigned in."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.aws._policy.evaluator import Effect
from connectors.aws._policy.statements import Policy, UnreadStatement, read_policy
from connectors.aws.iam.full_administration import ADMINISTRATOR_ACCESS, administration
from connectors.aws.sso.resources import AttachedPolicy, Boundary, PermissionSet

# Stands for the account that a set is assigned to: the same set is a role in each of them.
_SOME_ACCOUNT = "000000000000"


def administration_of(permission_set: PermissionSet) -> Effect:
    """Return whether a set makes its holder an administrator of everything, signed in with MFA where it asks for it."""
    partition = permission_set.permission_set_arn.split(":")[1]
    arn = f"arn:{partition}:iam::{_SOME_ACCOUNT}:role/{permission_set.name}"
    held = [
        *(_document(policy) for policy in permission_set.attached_managed_policies),
        *([read_policy(permission_set.inline_policy)] if permission_set.inline_policy else []),
        *_unread(policy.name for policy in permission_set.customer_managed_policy_references),
    ]
    return administration(held, arn, _limits(permission_set.permissions_boundary), with_mfa=True)


def _document(policy: AttachedPolicy) -> Policy:
    return ADMINISTRATOR_ACCESS if policy.document is None else read_policy(policy.document)


def _limits(boundary: Boundary | None) -> list[list[Policy]]:
    if boundary is None:
        return []
    if boundary.managed_policy_arn is not None:
        return [] if boundary.document is None else [[read_policy(boundary.document)]]
    reference = boundary.customer_managed_policy_reference
    return [_unread([reference.name if reference else "of a permissions boundary"])]


def _unread(names: Iterable[str]) -> list[Policy]:
    """Return policies of which only the name is known; each account has its own of that name."""
    return [
        Policy((), (UnreadStatement(f"the policy {name} of each account, which was not looked at"),)) for name in names
    ]
