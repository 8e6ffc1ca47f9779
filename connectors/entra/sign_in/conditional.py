"""What is demanded under conditions: of flows that are phished, of risky sign-ins, of devices and of administrators."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from msgspec import structs

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from connectors.entra._sdk.calls import P2
from connectors.entra.directory.tenant import P2_PLANS, Sku, has_plan
from connectors.entra.directory.users import User
from connectors.entra.roles.assignments import Eligibility, RoleAssignment
from connectors.entra.roles.privileged import ADMIN_ROLES, SYNCHRONIZATION, role_name
from connectors.entra.sign_in.administrators import Administrators
from connectors.entra.sign_in.conditional_access import Policy, PolicyGroup
from connectors.entra.sign_in.conditions import DEVICES, Conditions
from connectors.entra.sign_in.coverage import Coverage, Signing, coverage
from connectors.entra.sign_in.demands import (
    blocks,
    demands_managed_device,
    demands_mfa,
    demands_new_password,
)
from connectors.entra.sign_in.effective import Rule, enforced, people_concerned

_DEVICE_CODE = "deviceCodeFlow"
_HOURS = {"hours": 1, "days": 24}


@check(
    "entra_device_code_flow_blocked",
    title="Device code flow is blocked or limited",
    severity="medium",
    fix="Block the device code flow for all users and applications; name accounts of devices that need it in "
    "breakglass_object_ids",
)
def device_code_blocked(
    policies: All[Policy],
    groups: All[PolicyGroup],
    users: All[User],
    *,
    breakglass_object_ids: tuple[str, ...] = (),
    exempt_roles: tuple[str, ...] = (SYNCHRONIZATION,),
) -> Verdict:
    def concerns(conditions: Conditions) -> bool:
        return conditions.authentication_flows is None or _DEVICE_CODE in conditions.authentication_flows.methods

    rules = [
        _without(rule, authentication_flows=None)
        for rule in enforced(policies)
        if blocks(rule.policy) and concerns(rule.conditions)
    ]
    exempt = _ids(breakglass_object_ids, exempt_roles)
    return _judged(rules, "device code flow is blocked", users, groups, exempt, named=bool(breakglass_object_ids))


@check(
    "entra_risky_signins_controlled",
    title="Risky sign-ins and users are controlled",
    severity="high",
    fix="Demand a second factor, or block, at a high risk of the sign-in, and a new password, or block, at a high risk "
    "of the user, by policies for all users and applications",
)
def risky_sign_ins_controlled(
    policies: All[Policy],
    groups: All[PolicyGroup],
    users: All[User],
    skus: All[Sku],
    *,
    breakglass_object_ids: tuple[str, ...] = (),
    exempt_roles: tuple[str, ...] = (SYNCHRONIZATION,),
) -> Verdict:
    if not has_plan(skus, P2_PLANS):
        return unknown(f"the tenant has no licence to see risk; needs {P2}")
    rules = enforced(policies)
    of_sign_ins = [
        _without(rule, sign_in_risk_levels=())
        for rule in rules
        if "high" in rule.conditions.sign_in_risk_levels and demands_mfa(rule.policy)
    ]
    of_users = [
        _without(rule, user_risk_levels=())
        for rule in rules
        if "high" in rule.conditions.user_risk_levels and demands_new_password(rule.policy)
    ]
    exempt, named = _ids(breakglass_object_ids, exempt_roles), bool(breakglass_object_ids)
    found = [
        _judged(of_sign_ins, "a sign-in of high risk is stopped or proven", users, groups, exempt, named=named),
        _judged(of_users, "a user of high risk is stopped or gets a new password", users, groups, exempt, named=named),
    ]
    worst = next((verdict for word in ("fail", "unknown") for verdict in found if verdict.status.value == word), None)
    return worst or passed("; ".join(verdict.reason for verdict in found))


@check(
    "entra_compliant_device_required",
    title="Access requires a managed or compliant device",
    severity="medium",
    fix="Demand a compliant or hybrid joined device, without an alternative, of all users; name applications that are "
    "reached from other devices in exempt_applications",
)
def compliant_device_required(
    policies: All[Policy],
    groups: All[PolicyGroup],
    users: All[User],
    *,
    breakglass_object_ids: tuple[str, ...] = (),
    exempt_applications: tuple[str, ...] = (),
    exempt_roles: tuple[str, ...] = (SYNCHRONIZATION,),
) -> Verdict:
    rules = [_by_device(rule) for rule in enforced(policies) if demands_managed_device(rule.policy)]
    return _judged(
        rules,
        "a managed device is demanded",
        users,
        groups,
        _ids(breakglass_object_ids, exempt_roles),
        named=bool(breakglass_object_ids),
        signing=Signing(applications_exempt=frozenset(exempt_applications)),
    )


@check(
    "entra_admin_sign_in_frequency",
    title="Admin sessions are short and not persistent",
    severity="medium",
    fix="Limit the sign-in frequency of the administrators' roles, and never keep their browsers signed in",
)
def admin_sign_in_frequency(  # noqa: PLR0913  what decides it
    policies: All[Policy],
    groups: All[PolicyGroup],
    users: All[User],
    assignments: All[RoleAssignment],
    eligible: All[Eligibility],
    skus: All[Sku],
    *,
    longest_hours: int = 8,
    roles: tuple[str, ...] = ADMIN_ROLES,
    breakglass_object_ids: tuple[str, ...] = (),
) -> Verdict:
    """Of each of the roles, and of whoever has one of them: a policy for the roles may leave their holders out."""
    rules = enforced(policies)
    administrators = Administrators(roles, users, groups, assignments, eligible, skus)
    short = [rule for rule in rules if (hours := _hours(rule)) is not None and hours <= longest_hours]
    forgotten = [rule for rule in rules if _never_persistent(rule)]
    for some, what, signing in (
        (short, f"signing in again after {longest_hours} hours", Signing()),
        (forgotten, "a browser that does not stay signed in", Signing(clients=("browser",))),
    ):
        found = coverage(some, administrators.whoever(), frozenset(), signing)
        if found.missing.number:
            return failed(f"no policy demands {what} of {found.missing.number} roles: {found.missing}")
        if found.undecided.number:
            return unknown(f"{what} is not surely demanded of {found.undecided.number} roles: {found.undecided}")
        found = administrators.coverage(some, _ids(breakglass_object_ids), signing)
        left_out = _left_out(found, what, named=bool(breakglass_object_ids))
        if left_out is not None:
            return left_out
    return passed(f"administrators sign in again after {longest_hours} hours, and no browser keeps them signed in")


def _by_device(rule: Rule) -> Rule:
    """Return a rule that blocks all devices but those of a filter as one that may demand a managed device.

    Which devices the filter lets in is a rule in words of its own, and is not read.
    """
    if not blocks(rule.policy) or DEVICES not in rule.conditions.other:
        return rule
    others = tuple(name for name in rule.conditions.other if name != DEVICES)
    return replace(_without(rule, other=others), is_doubtful=True)


def _hours(rule: Rule) -> int | None:
    """Return after how many hours a policy has somebody sign in again; None where it does not."""
    session = rule.policy.session_controls
    frequency = None if session is None else session.sign_in_frequency
    if frequency is None or not frequency.is_enabled:
        return None
    if frequency.frequency_interval == "everyTime":
        return 0
    if frequency.value is None or frequency.type not in _HOURS:
        return None
    return frequency.value * _HOURS[frequency.type]


def _never_persistent(rule: Rule) -> bool:
    session = rule.policy.session_controls
    persistence = None if session is None else session.persistent_browser
    return persistence is not None and bool(persistence.is_enabled) and persistence.mode == "never"


def _without(rule: Rule, **conditions: object) -> Rule:
    """Return a rule as it is for sign-ins that meet a condition of it."""
    return replace(rule, conditions=structs.replace(rule.conditions, **conditions))


def _judged(
    rules: list[Rule],
    what: str,
    users: Iterable[User],
    groups: Iterable[PolicyGroup],
    exempt: frozenset[str],
    *,
    named: bool,
    signing: Signing | None = None,
) -> Verdict:
    if not rules:
        return failed(f"there is no enforced policy by which {what}")
    found = coverage(rules, people_concerned(rules, users, groups, role_name), exempt, signing)
    return _left_out(found, what, named=named) or passed(what)


def _left_out(found: Coverage, what: str, *, named: bool) -> Verdict | None:
    """Return what follows from those of whom something is not so, or not surely; None where it is so of everybody."""
    if found.missing.number:
        if found.accounts_alone and not named:
            return unknown(
                f"{what}, but for accounts of which it is not known whether they are emergency accounts; "
                f"breakglass_object_ids would say it: {found.missing}"
            )
        return failed(f"it is not so for {found.missing.number} that {what}: {found.missing}")
    if found.undecided.number:
        return unknown(f"whether {what} is not decided for {found.undecided.number}: {found.undecided}")
    return None


def _ids(*names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name.lower() for some in names for name in some)
