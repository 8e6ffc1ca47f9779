"""Emergency accounts: that they are there, that no policy locks them out, and that their own sign-in is strong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from connectors.entra.directory.users import User
from connectors.entra.roles.assignments import RoleAssignment
from connectors.entra.roles.holders import Holder, holders
from connectors.entra.roles.privileged import GLOBAL_ADMINISTRATOR
from connectors.entra.sign_in.conditional_access import Policy, PolicyGroup
from connectors.entra.sign_in.demands import demands_managed_device
from connectors.entra.sign_in.effective import Rule, Sure, enforced, people_concerned

# Words of Microsoft's report of registered methods for those that resist phishing.
# https://learn.microsoft.com/graph/api/resources/userregistrationdetails
_STRONG = frozenset(
    {
        "fido2SecurityKey",
        "fido2",
        "passKeyDeviceBound",
        "passKeyDeviceBoundAuthenticator",
        "passKeyDeviceBoundWindowsHello",
        "windowsHelloForBusiness",
        "x509CertificateMultiFactor",
    }
)


@check(
    "entra_breakglass_excluded_and_strong",
    title="Break-glass accounts exist, are excluded and strongly protected",
    severity="high",
    fix="Keep two emergency accounts at least, as global administrators of the cloud alone; leave them out of every "
    "policy that blocks or demands a managed device, and register security keys or certificates for them",
)
def emergency_accounts(
    users: All[User],
    policies: All[Policy],
    groups: All[PolicyGroup],
    assignments: All[RoleAssignment],
    *,
    breakglass_object_ids: tuple[str, ...] = (),
    at_least: int = 2,
) -> Verdict:
    """Of the cloud alone, and global administrators now: nothing has to work for them but Entra itself.

    https://learn.microsoft.com/entra/identity/role-based-access-control/security-emergency-access
    """
    if not breakglass_object_ids:
        return unknown("which accounts are for emergencies is not stated; breakglass_object_ids would say it")
    wanted = {name.lower() for name in breakglass_object_ids}
    accounts = [user for user in users if user.id.lower() in wanted]
    enabled = [user for user in accounts if user.account_enabled]
    wrong = []
    if len(enabled) < at_least:
        wrong.append(f"{len(enabled)} of {len(wanted)} can sign in; {at_least} are demanded")
    holding = holders(assignments, (), by_activation=False)
    wrong += [f"{user.user_principal_name} {lacking}" for user in enabled if (lacking := _lacking(user, holding))]
    rules = [rule for rule in enforced(policies) if demands_managed_device(rule.policy) and _may_lock_out(rule)]
    locked: list[str] = []
    unsure: list[str] = []
    for who in people_concerned(rules, enabled, groups, str):
        known = replace(who, roles=frozenset(holding[who.id].of_tenant if who.id in holding else ()))
        for rule in rules if who.id else ():
            match rule.is_about(known):
                case Sure.YES:
                    locked.append(f"{rule.name} locks {who.label} out")
                case Sure.PERHAPS:
                    unsure.append(f"{rule.name} may lock {who.label} out")
    weak = [user.user_principal_name for user in enabled if not _is_strong(user)]
    wrong += locked
    if weak:
        wrong.append(f"no security key or certificate is registered for {', '.join(sorted(weak))}")
    if wrong:
        return failed("; ".join(wrong))
    if unsure:
        return unknown("; ".join(unsure))
    names = ", ".join(sorted(user.user_principal_name for user in enabled))
    return passed(f"no policy locks {names} out, and they sign in with security keys or certificates")


def _may_lock_out(rule: Rule) -> bool:
    """Whether a policy is about more than legacy clients and flows, which an emergency account does not need."""
    flows = rule.conditions.authentication_flows
    types = set(rule.conditions.client_app_types)
    return not (flows is not None and flows.methods) and (
        not types or bool(types & {"all", "browser", "mobileAppsAndDesktopClients"})
    )


def _lacking(user: User, holding: Mapping[str, Holder]) -> str:
    """Return what an account lacks that is for emergencies; empty where it lacks nothing."""
    if user.on_premises_sync_enabled:
        return "is synchronized from a directory on premises"
    if user.id not in holding or GLOBAL_ADMINISTRATOR not in holding[user.id].active:
        return "is no global administrator"
    return ""


def _is_strong(user: User) -> bool:
    found = user.registration
    return found is not None and bool(set(found.methods_registered) & _STRONG)
