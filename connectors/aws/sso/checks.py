"""Checks of IAM Identity Center: who administers accounts by it, and for how long at a time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few, plural
from connectors.aws._policy.evaluator import Effect, Outcome
from connectors.aws._policy.limits import beside_an_identity
from connectors.aws._policy.statements import Policy, UnreadStatement, read_policy
from connectors.aws.iam.full_administration import ADMINISTRATOR_ACCESS, administration, shown
from connectors.aws.sso.resources import AccountAssignment, AttachedPolicy, Boundary, PermissionSet

# Stands for the account that a set is assigned to: the same set is a role in each of them.
_SOME_ACCOUNT = "000000000000"
_CONTROLS = "service control policies were not looked at"


@check(
    "aws_sso_admin_assignments_within_limit",
    title="No more people have full administration rights by IAM Identity Center than the limit allows",
    severity="high",
    fix="Assign narrower permission sets, and give administration for a limited time when it is needed",
    over="source",
)
def admin_assignments_within_limit(
    assignments: All[AccountAssignment], sets: All[PermissionSet], *, max_admin_users: int = 5
) -> Verdict:
    by_arn = {each.permission_set_arn: each for each in sets}
    effects = {arn: _administration(each) for arn, each in by_arn.items()}
    admins: dict[str, str] = {}
    accounts: set[str] = set()
    doubts: set[str] = set()
    count = left_behind = 0
    for assignment in assignments:
        count += 1
        permission_set = by_arn.get(assignment.permission_set_arn)
        if permission_set is None:
            doubts.add(f"{assignment.permission_set_arn} was not listed")
            continue
        effect = effects[assignment.permission_set_arn]
        if effect.outcome is Outcome.UNDECIDED:
            doubts.add(f"{permission_set.name}: {shown(effect, _CONTROLS)}")
        elif effect.outcome is Outcome.ALLOWS and assignment.users is None:
            left_behind += 1
        elif effect.outcome is Outcome.ALLOWS:
            admins.update((user.user_id, user.user_name or user.user_id) for user in assignment.users or ())
            accounts.add(assignment.account_id)
    if count == 0:
        return not_applicable("IAM Identity Center assigns nobody to an account (0 of a complete list)")
    summary = (
        f"{plural(len(admins), 'person has', 'people have')} full administration rights in"
        f" {plural(len(accounts), 'account')}; {max_admin_users} may have them"
    )
    if left_behind:
        gone = plural(left_behind, "assignment is", "assignments are")
        summary += f"; {gone} to users or groups that are gone, and give nobody access"
    if len(admins) > max_admin_users:
        return failed(f"{summary}: {first_few(sorted(admins.values()))}; {beside_an_identity(_CONTROLS)}")
    if doubts:
        return unknown(f"{summary}; not established is {first_few(sorted(doubts), between='; ')}")
    return passed(summary)


@check(
    "aws_sso_admin_permission_set_session_limited",
    title="A session of a permission set with full administration rights ends within the limit",
    severity="medium",
    fix="Shorten the session duration of the permission set",
)
def admin_session_limited(
    permission_set: PermissionSet, *, max_admin_session: timedelta = timedelta(hours=4)
) -> Verdict:
    lasts = permission_set.session
    says = f"a session of {permission_set.name} lasts {lasts}; {max_admin_session} is allowed for administrators"
    if lasts <= max_admin_session:
        return passed(says)
    effect = _administration(permission_set)
    if effect.outcome is Outcome.ALLOWS:
        return failed(f"{says} ({shown(effect, _CONTROLS)})")
    if effect.outcome is Outcome.UNDECIDED:
        return unknown(f"{says}, and whether it is one is not established: {shown(effect, _CONTROLS)}")
    return passed(f"{permission_set.name} gives no full administration rights")


def _administration(permission_set: PermissionSet) -> Effect:
    """Return whether a set makes its holder an administrator of everything, signed in with MFA where it asks for it."""
    partition = permission_set.permission_set_arn.split(":")[1]
    arn = f"arn:{partition}:iam::{_SOME_ACCOUNT}:role/{permission_set.name}"
    held = [
        *(_document(policy) for policy in permission_set.attached_managed_policies),
        *([] if permission_set.inline_policy is None else [read_policy(permission_set.inline_policy)]),
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
