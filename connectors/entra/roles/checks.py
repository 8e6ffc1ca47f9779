"""Checks of who has privileged roles, and for how long."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from connectors.entra.directory.groups import GroupMember
from connectors.entra.directory.tenant import Sku
from connectors.entra.directory.users import User
from connectors.entra.roles.assignments import GROUP, SERVICE_PRINCIPAL, ActiveAssignment, Eligibility, RoleAssignment
from connectors.entra.roles.holders import Holder, can_be_eligible, holders
from connectors.entra.roles.privileged import GLOBAL_ADMINISTRATOR, PRIVILEGED_ROLES, role_name


@check(
    "entra_global_admin_count",
    title="Global administrators are between the limits",
    severity="high",
    fix="Keep two global administrators at least, and give others roles that are no larger than their work",
)
def global_admin_count(
    assignments: All[RoleAssignment],
    eligible: All[Eligibility],
    skus: All[Sku],
    users: All[User],
    *,
    at_least: int = 2,
    at_most: int = 4,
) -> Verdict:
    """Applications that have the role count as well, and are no help where people are too few."""
    holding = _holding(assignments, eligible, skus, frozenset({GLOBAL_ADMINISTRATOR}))
    people = [user.user_principal_name for user in users if user.id in holding and user.account_enabled]
    names = [*sorted(people), *sorted(_applications(assignments, GLOBAL_ADMINISTRATOR))]
    summary = (
        f"{len(names)} accounts are global administrators or may become it: {first_few(names)}; "
        f"{at_least} to {at_most} are allowed"
    )
    return passed(summary) if at_least <= len(people) and len(names) <= at_most else failed(summary)


@check(
    "entra_privileged_users_cloud_only",
    title="Privileged users are cloud-only accounts",
    severity="medium",
    fix="Give privileged roles to accounts that are not synchronized from a directory on premises",
)
def privileged_cloud_only(
    assignments: All[RoleAssignment],
    eligible: All[Eligibility],
    skus: All[Sku],
    users: All[User],
    *,
    roles: tuple[str, ...] = PRIVILEGED_ROLES,
) -> Verdict:
    holding = _holding(assignments, eligible, skus, frozenset(roles))
    people = [user for user in users if user.id in holding and user.account_enabled]
    synchronized = sorted(user.user_principal_name for user in people if user.on_premises_sync_enabled)
    if synchronized:
        return failed(
            f"{len(synchronized)} of {len(people)} accounts with privileged roles are synchronized from a directory "
            f"on premises: {first_few(synchronized)}"
        )
    return passed(f"none of {len(people)} accounts with privileged roles is synchronized from a directory on premises")


@check(
    "entra_privileged_roles_not_permanent",
    title="Privileged roles are time-bound",
    severity="high",
    fix="Make the assignment eligible, so that the role is activated when it is needed, or give it an end; name "
    "emergency accounts in breakglass_object_ids",
)
def roles_not_permanent(  # noqa: PLR0911  one for each kind of assignment
    assignment: ActiveAssignment,
    *,
    now: datetime,
    longest: timedelta = timedelta(days=365),
    roles: tuple[str, ...] = PRIVILEGED_ROLES,
    breakglass_object_ids: tuple[str, ...] = (),
) -> Verdict:
    """An end counts that is near enough: a year is the longest that Privileged Identity Management proposes."""
    role, who = role_name(assignment.role_definition_id), assignment.principal
    if assignment.role_definition_id not in roles:
        return not_applicable(f"{role} is not among the privileged roles")
    if who is None:
        return not_applicable(f"{role} was assigned to {assignment.principal_id}, which was deleted")
    name = who.user_principal_name or who.display_name or who.id
    if assignment.assignment_type == "Activated":
        return passed(f"{name} has activated {role}, which ends by itself")
    if assignment.assignment_type != "Assigned":
        return unknown(f"{role} of {name} is of a type that is not known: {assignment.assignment_type}")
    end = assignment.end_date_time
    if end is not None and end <= now + longest:
        return passed(f"{name} has {role} until {end:%Y-%m-%d}")
    if assignment.principal_id.lower() in {account.lower() for account in breakglass_object_ids}:
        return passed(f"{name} has {role} permanently, and is listed in breakglass_object_ids")
    if who.type == GROUP:
        # Members of a group may be eligible themselves (PIM for Groups), which is another list.
        return unknown(f"the group {name} has {role} permanently; whether its members are in it for good is not read")
    if end is not None:
        return failed(f"{name} has {role} until {end:%Y-%m-%d}; {longest.days} days are allowed")
    what = "an application that cannot activate roles" if who.type == SERVICE_PRINCIPAL else "no emergency account"
    return failed(f"{name}, {what}, has {role} permanently")


def _applications(assignments: Iterable[RoleAssignment], role: str) -> set[str]:
    """Return the applications that have a role now, by themselves or by a group, in words."""
    found: set[str] = set()
    for assignment in assignments:
        who = assignment.principal
        if assignment.role_definition_id != role or who is None:
            continue
        if who.type == SERVICE_PRINCIPAL:
            found.add(f"the application {who.display_name or who.id}")
        found |= {f"the application {each.id}" for each in assignment.group_members or () if _is_application(each)}
    return found


def _is_application(member: GroupMember) -> bool:
    return member.type == SERVICE_PRINCIPAL


def _holding(
    assignments: Iterable[RoleAssignment],
    eligible: Iterable[Eligibility],
    skus: Iterable[Sku],
    roles: frozenset[str],
) -> dict[str, Holder]:
    wanted = [assignment for assignment in assignments if assignment.role_definition_id in roles]
    by_activation = can_be_eligible(skus)
    possible = [item for item in eligible if item.role_definition_id in roles] if by_activation else []
    return holders(wanted, possible, by_activation=by_activation)
