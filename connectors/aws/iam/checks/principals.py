"""Checks of IAM users, groups, roles and customer managed policies."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from connectors.aws._policy.documents import Policy, everything, read_policy
from connectors.aws.iam.resources.principals import (
    Attached,
    Group,
    Inline,
    ManagedPolicy,
    Role,
    User,
)

_OF_AWS = ":iam::aws:policy/"


_ADMINISTRATOR = f"{_OF_AWS}AdministratorAccess"


_BETWEEN_WORDS = re.compile(r"[*?:]+")


# All ARNs have these in them, so arn:aws:* is as good as *.
_WORDS_OF_EVERY_ARN = frozenset({"", "arn", "aws", "aws-cn", "aws-us-gov"})


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
    if _OF_AWS in policy.arn:
        return not_applicable(
            f"{policy.policy_name} is AWS's own; aws_iam_admin_principals_within_limit counts who has it"
        )
    if policy.attachment_count == 0:
        return passed(f"{policy.policy_name} is attached to nobody")
    return _full_admin(policy.policy_name, policy.read())


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
    read = {policy.arn: policy.read() for policy in policies}
    full = {arn for arn, one in read.items() if _is_full(one)}
    clear = {arn for arn, one in read.items() if _doubt(one) is None}
    doubts: list[str] = []

    def admin(name: str, attached: tuple[Attached, ...], inline: tuple[Inline, ...]) -> bool:
        arns = {one.policy_arn for one in attached}
        own = [read_policy(one.policy_document) for one in inline]
        if arns & full or any(arn.endswith(_ADMINISTRATOR) for arn in arns) or any(map(_is_full, own)):
            return True
        # A policy that is not in the list is newer than the list, or another account's; nobody has read it.
        if any(_OF_AWS not in arn for arn in arns - clear) or any(_doubt(one) is not None for one in own):
            doubts.append(name)
        return False

    grouped = {
        group.group_name: admin(f"group {group.group_name}", group.attached_managed_policies, group.group_policy_list)
        for group in groups
    }
    named = [
        f"user {user.user_name}"
        for user in users
        if admin(f"user {user.user_name}", user.attached_managed_policies, user.user_policy_list)
        or any(grouped.get(group, False) for group in user.group_list)
    ]
    doubts += [f"user {user.user_name}" for user in users if not grouped.keys() >= set(user.group_list)]
    named += [
        f"role {role.role_name}"
        for role in roles
        if not role.of_a_service
        and admin(f"role {role.role_name}", role.attached_managed_policies, role.role_policy_list)
    ]
    found = f"{len(named)} users and roles have full administration rights; {max_admin_principals} are allowed"
    if len(named) > max_admin_principals:
        return failed(f"{found}: {', '.join(sorted(named))}")
    if doubts:
        return unknown(f"{found}, and the policies of {', '.join(sorted(set(doubts)))} could not be made out")
    return passed(found)


@check(
    "aws_iam_role_unused_removed",
    title="The role was made or used lately",
    severity="medium",
    fix="Delete the role, after a time without its permissions in which nobody misses it",
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
        return failed(f"{role.role_name} is {(now - role.create_date).days} days old and no use of it is on record")
    if now - used > unused_after:
        return failed(f"{role.role_name} was last used {(now - used).days} days ago; {unused_after.days} are allowed")
    return passed(f"last used {used.date()}")


def _full_admin(name: str, policy: Policy) -> Verdict:
    if _is_full(policy):
        return failed(f"{name} allows every action on every resource")
    doubt = _doubt(policy)
    return passed() if doubt is None else unknown(f"{name}: {doubt}")


def _is_full(policy: Policy) -> bool:
    return any(
        any(everything(action.replace(":", "*")) for action in one.actions or ())
        and any(everything(resource) for resource in one.resources or ())
        and not one.conditions
        for one in policy.allowing
    )


def _doubt(policy: Policy) -> str | None:
    """Say why a policy that does not plainly allow everything may still do so."""
    for one in policy.allowing:
        every_action = one.not_actions is not None or any(map(_wide, one.actions or ()))
        if not every_action or not (one.not_resources is not None or any(map(_wide, one.resources or ()))):
            continue
        # A condition may narrow it to nothing, or be met by every request.
        but = f" but {len(one.not_actions)} actions" if one.not_actions is not None else ""
        on = f" on all but {len(one.not_resources)} resources" if one.not_resources is not None else ""
        under = f" under {len(one.conditions)} conditions" if one.conditions else ""
        return f"it allows everything{but}{on}{under}"
    return "; ".join(policy.unclear) or None


def _wide(pattern: str) -> bool:
    return "*" in pattern and _WORDS_OF_EVERY_ARN.issuperset(_BETWEEN_WORDS.split(pattern.lower()))
