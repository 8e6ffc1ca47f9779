"""Checks of IAM users, groups, roles and customer managed policies."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from connectors.aws._policy.documents import Policy, is_wildcard, read_policy
from connectors.aws.iam.resources.principals import (
    AttachedPolicy,
    Group,
    InlinePolicy,
    ManagedPolicy,
    Role,
    User,
)

_AWS_MANAGED = ":iam::aws:policy/"


_ADMINISTRATOR = f"{_AWS_MANAGED}AdministratorAccess"


_ARN_SEPARATORS = re.compile(r"[*?:]+")


# Parts that every ARN has, so that arn:aws:* means the same as *.
_COMMON_ARN_WORDS = frozenset({"", "arn", "aws", "aws-cn", "aws-us-gov"})


@check(
    "aws_iam_user_no_direct_policies",
    title="The user has its permissions from groups only",
    severity="low",
    fix="Put the user in a group that has these policies, then take them off the user",
)
def no_direct_policies(user: User) -> Verdict:
    managed, inline = len(user.attached_managed_policies), len(user.user_policy_list)
    if managed or inline:
        return failed(f"{user.user_name} has {managed} attached and {inline} inline policies of its own")
    return passed()


@check(
    "aws_iam_policy_no_full_admin",
    title="No customer managed policy in use allows every action on everything",
    severity="high",
    fix="List the actions and resources that are needed instead of *",
)
def no_full_admin(policy: ManagedPolicy) -> Verdict:
    if _AWS_MANAGED in policy.arn:
        return not_applicable(
            f"{policy.policy_name} is AWS's own; aws_iam_admin_principals_within_limit counts who has it"
        )
    if policy.attachment_count == 0:
        return passed(f"{policy.policy_name} is attached to nobody")
    return _full_admin_verdict(policy.policy_name, policy.read())


@check(
    "aws_iam_admin_principals_within_limit",
    title="No more users and roles have full administration rights than the limit allows",
    severity="high",
    fix="Take standing administration rights away, and give them for a limited time when they are needed",
)
def admin_principals_within_limit(
    users: All[User],
    groups: All[Group],
    roles: All[Role],
    policies: All[ManagedPolicy],
    *,
    max_admin_principals: int = 5,
) -> Verdict:
    documents = {policy.arn: policy.read() for policy in policies}
    full_admin_arns = {arn for arn, entry in documents.items() if _allows_everything(entry)}
    harmless_arns = {arn for arn, entry in documents.items() if _possible_full_admin(entry) is None}
    doubts: list[str] = []

    def is_admin(name: str, attached: tuple[AttachedPolicy, ...], inline: tuple[InlinePolicy, ...]) -> bool:
        arns = {entry.policy_arn for entry in attached}
        inline_policies = [read_policy(entry.policy_document) for entry in inline]
        if (
            arns & full_admin_arns
            or any(arn.endswith(_ADMINISTRATOR) for arn in arns)
            or any(map(_allows_everything, inline_policies))
        ):
            return True
        # A policy that is not in the list is newer than the list, or another account's, so it was not read.
        if any(_AWS_MANAGED not in arn for arn in arns - harmless_arns) or any(
            _possible_full_admin(entry) is not None for entry in inline_policies
        ):
            doubts.append(name)
        return False

    grouped = {
        group.group_name: is_admin(
            f"group {group.group_name}", group.attached_managed_policies, group.group_policy_list
        )
        for group in groups
    }
    admins = [
        f"user {user.user_name}"
        for user in users
        if is_admin(f"user {user.user_name}", user.attached_managed_policies, user.user_policy_list)
        or any(grouped.get(group, False) for group in user.group_list)
    ]
    doubts += [f"user {user.user_name}" for user in users if not grouped.keys() >= set(user.group_list)]
    admins += [
        f"role {role.role_name}"
        for role in roles
        if not role.of_a_service
        and is_admin(f"role {role.role_name}", role.attached_managed_policies, role.role_policy_list)
    ]
    summary = f"{len(admins)} users and roles have full administration rights; {max_admin_principals} are allowed"
    if len(admins) > max_admin_principals:
        return failed(f"{summary}: {', '.join(sorted(admins))}")
    if doubts:
        return unknown(f"{summary}, and the policies of {', '.join(sorted(set(doubts)))} could not be made out")
    return passed(summary)


@check(
    "aws_iam_role_unused_removed",
    title="The role was made or used lately",
    severity="medium",
    fix="Delete the role, after a time without its permissions in which nobody misses it; to delete one of IAM Identity"
    " Center, take its permission set away from the account",
)
def unused_role_removed(role: Role, *, now: datetime, unused_after: timedelta = timedelta(days=180)) -> Verdict:
    if role.of_a_service:
        return not_applicable(f"{role.role_name} belongs to an AWS service, which deletes it itself")
    if now - role.create_date <= unused_after:
        return passed(f"made {role.create_date.date()}")
    if role.role_last_used is None:
        return unknown(f"AWS did not say when {role.role_name} was last used")
    used = role.role_last_used.last_used_date
    if used is None:
        age = (now - role.create_date).days
        return failed(f"{role.role_name} is {age} days old and no use of it is on record{_who_can_delete(role)}")
    if now - used > unused_after:
        days = (now - used).days
        return failed(
            f"{role.role_name} was last used {days} days ago; {unused_after.days} are allowed{_who_can_delete(role)}"
        )
    return passed(f"last used {used.date()}")


def _who_can_delete(role: Role) -> str:
    """Return who can delete a role that its own account cannot; empty for any other."""
    if not role.of_identity_center:
        return ""
    return (
        "; the account cannot delete it: whoever administers IAM Identity Center, in the management account or one that"
        " it delegates to, can take the permission set away from this account"
    )


def _full_admin_verdict(name: str, policy: Policy) -> Verdict:
    if _allows_everything(policy):
        return failed(f"{name} allows every action on every resource")
    doubt = _possible_full_admin(policy)
    return passed() if doubt is None else unknown(f"{name}: {doubt}")


def _allows_everything(policy: Policy) -> bool:
    return any(
        any(is_wildcard(action.replace(":", "*")) for action in statement.actions or ())
        and any(is_wildcard(resource) for resource in statement.resources or ())
        and not statement.conditions
        for statement in policy.allowing
    )


def _possible_full_admin(policy: Policy) -> str | None:
    """Return why a policy that does not clearly allow everything may do so; None where it cannot."""
    for statement in policy.allowing:
        every_action = statement.not_actions is not None or any(map(_is_wide_pattern, statement.actions or ()))
        if not every_action or not (
            statement.not_resources is not None or any(map(_is_wide_pattern, statement.resources or ()))
        ):
            continue
        # A condition may exclude every request, or none.
        except_actions = f" but {len(statement.not_actions)} actions" if statement.not_actions is not None else ""
        except_resources = (
            f" on all but {len(statement.not_resources)} resources" if statement.not_resources is not None else ""
        )
        with_conditions = f" under {len(statement.conditions)} conditions" if statement.conditions else ""
        return f"it allows everything{except_actions}{except_resources}{with_conditions}"
    return "; ".join(policy.unclear) or None


def _is_wide_pattern(pattern: str) -> bool:
    return "*" in pattern and _COMMON_ARN_WORDS.issuperset(_ARN_SEPARATORS.split(pattern.lower()))
