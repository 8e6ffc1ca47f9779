"""Emergency accounts: that they are there, that no policy locks them out, and that their own sign-in is strong."""

from __future__ import annotations

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from connectors.entra.directory.users import User
from connectors.entra.sign_in.conditional_access import Policy, PolicyGroup
from connectors.entra.sign_in.demands import blocks
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
    fix="Keep two emergency accounts at least, leave them out of every policy that blocks, and register security keys "
    "or certificates for them",
)
def emergency_accounts(
    users: All[User],
    policies: All[Policy],
    groups: All[PolicyGroup],
    *,
    breakglass_object_ids: tuple[str, ...] = (),
    at_least: int = 2,
) -> Verdict:
    if not breakglass_object_ids:
        return unknown("which accounts are for emergencies is not stated; breakglass_object_ids would say it")
    wanted = {name.lower() for name in breakglass_object_ids}
    accounts = [user for user in users if user.id.lower() in wanted]
    enabled = [user for user in accounts if user.account_enabled]
    wrong = []
    if len(enabled) < at_least:
        wrong.append(f"{len(enabled)} of {len(wanted)} can sign in; {at_least} are demanded")
    rules = [rule for rule in enforced(policies) if blocks(rule.policy) and _may_lock_out(rule)]
    locked: list[str] = []
    unsure: list[str] = []
    for who in people_concerned(rules, enabled, groups, str):
        for rule in rules if who.id else ():
            match rule.is_about(who):
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
    """Whether a policy blocks more than legacy clients and flows, which an emergency account does not need."""
    flows = rule.conditions.authentication_flows
    types = set(rule.conditions.client_app_types)
    return not (flows is not None and flows.methods) and bool(types & {"all", "browser", "mobileAppsAndDesktopClients"})


def _is_strong(user: User) -> bool:
    found = user.registration
    return found is not None and bool(set(found.methods_registered) & _STRONG)
