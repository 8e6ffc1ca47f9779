"""Checks that no policy of the company's own lets its holder assume any role."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from collector.core.checks import All, The, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from connectors.aws._policy.evaluator import Effect, Outcome
from connectors.aws._policy.limits import beside_an_identity
from connectors.aws._policy.statements import Policy, read_policy
from connectors.aws.iam.assuming_roles import assuming_any_role
from connectors.aws.iam.full_administration import boundary_of
from connectors.aws.iam.resources.principals import Group, InlinePolicy, ManagedPolicy, Role, User
from connectors.aws.organizations.control_policies import ServiceControls
from connectors.aws.organizations.resources import Organization, OrganizationAccount, ServiceControlPolicy

_FIX = "Name the roles that may be assumed as the resource, by account and name"
# Stands for the account that is looked at, where its principals have no ARN.
_SOME_ARN = "arn:aws:iam::000000000000:any0"


@check(
    "aws_iam_policy_no_assume_any_role",
    title="No customer managed policy in use lets its holders assume any role",
    severity="medium",
    fix=_FIX,
)
def no_assume_any_role(
    policy: ManagedPolicy,
    organization: The[Organization],
    accounts: All[OrganizationAccount],
    control_policies: All[ServiceControlPolicy],
) -> Verdict:
    if ":iam::aws:policy/" in policy.arn:
        return not_applicable(f"{policy.policy_name} is AWS's own")
    if policy.attachment_count == 0:
        return passed(f"{policy.policy_name} is attached to nobody")
    controls = ServiceControls(organization, accounts, control_policies)
    found = _limited([policy.read()], policy.arn, (), controls, None)
    if found.outcome is Outcome.ALLOWS:
        unseen = beside_an_identity(controls.limit.note)
        return failed(f"{policy.policy_name} lets its holders assume any role that trusts them ({found.by}); {unseen}")
    if found.outcome is Outcome.UNDECIDED:
        where = f"{found.by} may let its holders assume any role; " if found.by else ""
        return unknown(f"{policy.policy_name}: {where}it would be decided by: {found.question}")
    return passed()


class _Inline(NamedTuple):
    """An inline policy and whose it is; the ARN of a group is no principal's."""

    of: str
    arn: str | None
    principal: str | None
    boundary: str | None
    entry: InlinePolicy


@check(
    "aws_iam_inline_policies_no_assume_any_role",
    title="No inline policy of a user, group or role lets its holders assume any role",
    severity="medium",
    fix=_FIX,
)
def inline_no_assume_any_role(
    users: All[User],
    groups: All[Group],
    roles: All[Role],
    policies: All[ManagedPolicy],
    organization: The[Organization],
    accounts: All[OrganizationAccount],
    control_policies: All[ServiceControlPolicy],
) -> Verdict:
    inline = list(_inline_policies(users, groups, roles))
    if not inline:
        return not_applicable("no user, group or role has an inline policy (0 of a complete list)")
    controls = ServiceControls(organization, accounts, control_policies)
    boundaries = {each.boundary for each in inline if each.boundary is not None}
    documents = {policy.arn: policy.read() for policy in policies if policy.arn in boundaries} if boundaries else {}
    open_ones: list[str] = []
    doubts: list[str] = []
    for each in inline:
        limits = boundary_of(each.boundary, documents)
        read = [read_policy(each.entry.policy_document)]
        found = _limited(read, each.arn or _SOME_ARN, limits, controls, each.principal)
        if found.outcome is Outcome.ALLOWS:
            open_ones.append(f"{each.entry.policy_name} of {each.of}")
        elif found.outcome is Outcome.UNDECIDED:
            doubts.append(f"{each.entry.policy_name} of {each.of}: {found.question}")
    if open_ones:
        unseen = beside_an_identity(controls.limit.note)
        return failed(
            f"{len(open_ones)} of {len(inline)} inline policies let their holders assume any role that trusts them:"
            f" {first_few(sorted(open_ones))}; {unseen}"
        )
    return unknown(first_few(sorted(doubts), between="; ")) if doubts else passed()


def _inline_policies(users: All[User], groups: All[Group], roles: All[Role]) -> Iterator[_Inline]:
    for user in users:
        for entry in user.user_policy_list:
            yield _Inline(f"user {user.user_name}", user.arn, user.arn, user.boundary_arn, entry)
    for group in groups:
        for entry in group.group_policy_list:
            yield _Inline(f"group {group.group_name}", group.arn, None, None, entry)
    for role in roles:
        if not role.of_a_service:
            for entry in role.role_policy_list:
                yield _Inline(f"role {role.role_name}", role.arn, role.arn, role.boundary_arn, entry)


def _limited(
    policies: list[Policy],
    arn: str,
    limits: Sequence[Sequence[Policy]],
    controls: ServiceControls,
    principal: str | None,
) -> Effect:
    """Return what policies give within their limits; service control policies are read only where that is something."""
    found = assuming_any_role(policies, arn, controls.organization, limits, principal=principal)
    if found.outcome is Outcome.DOES_NOT or not controls.limit.groups:
        return found
    return assuming_any_role(
        policies, arn, controls.organization, [*limits, *controls.limit.groups], principal=principal
    )
