"""Checks of IAM users, groups, roles and customer managed policies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from collector.core.checks import All, The, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from connectors.aws._policy.evaluator import Outcome
from connectors.aws._policy.limits import beside_an_identity
from connectors.aws._policy.statements import Policy, UnreadStatement, read_policy
from connectors.aws.iam.full_administration import ADMINISTRATOR_ACCESS, administration, boundary_of, shown
from connectors.aws.iam.resources.principals import (
    AttachedPolicy,
    Group,
    InlinePolicy,
    ManagedPolicy,
    Role,
    User,
)
from connectors.aws.organizations.control_policies import ServiceControls
from connectors.aws.organizations.resources import Organization, OrganizationAccount, ServiceControlPolicy

_AWS_MANAGED = ":iam::aws:policy/"


_ADMINISTRATOR = f"{_AWS_MANAGED}AdministratorAccess"


# Stands for the account that is looked at, where its principals have no ARN.
_SOME_ARN = "arn:aws:iam::000000000000:any0"


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
def no_full_admin(
    policy: ManagedPolicy,
    organization: The[Organization],
    accounts: All[OrganizationAccount],
    control_policies: All[ServiceControlPolicy],
) -> Verdict:
    if _AWS_MANAGED in policy.arn:
        return not_applicable(
            f"{policy.policy_name} is AWS's own; aws_iam_admin_principals_within_limit counts who has it"
        )
    if policy.attachment_count == 0:
        return passed(f"{policy.policy_name} is attached to nobody")
    document = policy.read()
    found = administration([document], policy.arn)
    if found.outcome is Outcome.DOES_NOT:
        return unknown(f"{policy.policy_name}: {'; '.join(document.unclear)}") if document.unclear else passed()
    limit = ServiceControls(organization, accounts, control_policies).limit
    found = administration([document], policy.arn, limit.groups)
    if found.outcome is Outcome.DOES_NOT:
        return passed(f"{policy.policy_name} allows it, and service control policies do not let anybody here")
    if found.outcome is Outcome.UNDECIDED:
        return unknown(f"{policy.policy_name}: {shown(found, limit.note)}")
    return failed(
        f"{policy.policy_name} allows every action on every resource, or all that leads to it"
        f" ({shown(found, limit.note)})"
    )


@check(
    "aws_iam_admin_principals_within_limit",
    title="No more users and roles have full administration rights than the limit allows",
    severity="high",
    fix="Take standing administration rights away, and give them for a limited time when they are needed",
)
def admin_principals_within_limit(  # noqa: PLR0913  each is evidence
    users: All[User],
    groups: All[Group],
    roles: All[Role],
    policies: All[ManagedPolicy],
    organization: The[Organization],
    accounts: All[OrganizationAccount],
    control_policies: All[ServiceControlPolicy],
    *,
    max_admin_principals: int = 5,
) -> Verdict:
    documents = {policy.arn: policy.read() for policy in policies}
    controls = ServiceControls(organization, accounts, control_policies)
    by_group = {
        group.group_name: [*_attached(group.attached_managed_policies, documents), *_inline(group.group_policy_list)]
        for group in groups
    }
    admins: list[str] = []
    doubts: list[str] = []
    for user in users:
        held = [*_attached(user.attached_managed_policies, documents), *_inline(user.user_policy_list)]
        for group_name in user.group_list:
            held += by_group.get(group_name, [Policy((), (UnreadStatement(f"the group {group_name} was not read"),))])
        found = _administers(held, user.arn, boundary_of(user.boundary_arn, documents), controls)
        _sort(f"user {user.user_name}", found, admins, doubts)
    for role in roles:
        if not role.of_a_service:
            held = [*_attached(role.attached_managed_policies, documents), *_inline(role.role_policy_list)]
            found = _administers(held, role.arn, boundary_of(role.boundary_arn, documents), controls)
            _sort(f"role {role.role_name}", found, admins, doubts)
    summary = f"{len(admins)} users and roles have full administration rights; {max_admin_principals} are allowed"
    if len(admins) > max_admin_principals:
        unseen = beside_an_identity(controls.limit.note)
        return failed(f"{summary}: {first_few(sorted(admins))}; {unseen}")
    if doubts:
        return unknown(f"{summary}, and the policies of {first_few(sorted(set(doubts)))} could not be made out")
    return passed(summary)


@check(
    "aws_iam_inline_policies_no_full_admin",
    title="No inline policy of a user, group or role allows every action on everything",
    severity="high",
    fix="List the actions and resources that are needed instead of *, or attach a managed policy that people look at",
)
def inline_no_full_admin(
    users: All[User],
    groups: All[Group],
    roles: All[Role],
    policies: All[ManagedPolicy],
    organization: The[Organization],
    accounts: All[OrganizationAccount],
    control_policies: All[ServiceControlPolicy],
) -> Verdict:
    inline = [
        *(
            (f"user {user.user_name}", user.arn, one, user.boundary_arn)
            for user in users
            for one in user.user_policy_list
        ),
        *((f"group {group.group_name}", group.arn, one, None) for group in groups for one in group.group_policy_list),
        *(
            (f"role {role.role_name}", role.arn, one, role.boundary_arn)
            for role in roles
            for one in role.role_policy_list
        ),
    ]
    if not inline:
        return not_applicable("no user, group or role has an inline policy (0 of a complete list)")
    full: list[str] = []
    doubts: list[str] = []
    boundaries = {boundary for _, _, _, boundary in inline if boundary is not None}
    documents = {policy.arn: policy.read() for policy in policies if policy.arn in boundaries} if boundaries else {}
    controls = ServiceControls(organization, accounts, control_policies)
    for name, arn, entry, boundary in inline:
        limits: Sequence[Sequence[Policy]] = boundary_of(boundary, documents)
        found = administration(_inline((entry,)), arn or _SOME_ARN, limits)
        if found.outcome is not Outcome.DOES_NOT and controls.limit.groups:
            holder = None if arn is None or ":group/" in arn else arn
            limits = [*limits, *controls.limit.groups]
            found = administration(_inline((entry,)), arn or _SOME_ARN, limits, principal=holder)
        if found.outcome is Outcome.ALLOWS:
            full.append(f"{entry.policy_name} of {name}")
        elif found.outcome is Outcome.UNDECIDED:
            doubts.append(f"{entry.policy_name} of {name}: {shown(found, controls.limit.note)}")
    if full:
        return failed(f"{len(full)} of {len(inline)} inline policies allow everything: {first_few(sorted(full))}")
    return unknown(first_few(sorted(doubts), between="; ")) if doubts else passed()


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


def _administers(
    held: list[Policy], arn: str | None, limits: Sequence[Sequence[Policy]], controls: ServiceControls
) -> Outcome:
    """Return whether a principal administers everything, where it signs in with MFA if a policy asks for that.

    Service control policies are read only where it does without them.
    """
    found = administration(held, arn or _SOME_ARN, limits, with_mfa=True).outcome
    if found is Outcome.DOES_NOT or not controls.limit.groups:
        return found
    return administration(
        held, arn or _SOME_ARN, [*limits, *controls.limit.groups], with_mfa=True, principal=arn
    ).outcome


def _sort(name: str, found: Outcome, admins: list[str], doubts: list[str]) -> None:
    """Add a principal to the administrators, or to those of whom it is not established."""
    if found is not Outcome.DOES_NOT:
        (admins if found is Outcome.ALLOWS else doubts).append(name)


def _attached(attached: Iterable[AttachedPolicy], documents: dict[str, Policy]) -> Iterator[Policy]:
    """Yield the documents of attached policies; of those of AWS only that of administrators gives everything."""
    for arn in (entry.policy_arn for entry in attached):
        if arn in documents:
            yield documents[arn]
        elif arn.endswith(_ADMINISTRATOR):
            yield ADMINISTRATOR_ACCESS
        elif _AWS_MANAGED not in arn:
            # It is newer than the list, or another account's, so it was not read.
            yield Policy((), (UnreadStatement(f"{arn} was not read"),))


def _inline(inline: Iterable[InlinePolicy]) -> list[Policy]:
    return [read_policy(entry.policy_document) for entry in inline]
