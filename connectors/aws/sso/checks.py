"""Checks of IAM Identity Center: who administers accounts by it, and for how long at a time."""

from __future__ import annotations

from datetime import timedelta

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few, plural
from connectors.aws._policy.evaluator import Outcome
from connectors.aws._policy.limits import beside_an_identity
from connectors.aws.iam.full_administration import shown
from connectors.aws.sso.administration import administration_of
from connectors.aws.sso.resources import AccountAssignment, Instance, PermissionSet

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
    effects = {arn: administration_of(each) for arn, each in by_arn.items()}
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
    effect = administration_of(permission_set)
    if effect.outcome is Outcome.ALLOWS:
        return failed(f"{says} ({shown(effect, _CONTROLS)})")
    if effect.outcome is Outcome.UNDECIDED:
        return unknown(f"{says}, and whether it is one is not established: {shown(effect, _CONTROLS)}")
    return passed(f"{permission_set.name} gives no full administration rights")


@check(
    "aws_sso_identity_center_enabled",
    title="People come into the accounts of the organization by IAM Identity Center",
    severity="medium",
    fix="Enable IAM Identity Center in the management account, and connect the company's directory",
    over="source",
)
def identity_center_enabled(instances: All[Instance]) -> Verdict:
    found = list(instances)
    if not found:
        return failed("the organization has no IAM Identity Center in any of its regions")
    active = [instance for instance in found if instance.status == "ACTIVE"]
    if active:
        return passed(f"IAM Identity Center is active in {active[0].region}; who uses it is not shown")
    return unknown(f"IAM Identity Center in {found[0].region} is in the state {found[0].status or 'not said'}")
