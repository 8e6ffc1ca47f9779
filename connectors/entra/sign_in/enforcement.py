"""What is demanded of whom who signs in: a second factor, one that resists phishing, and no legacy clients."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from connectors.entra.directory.tenant import Sku
from connectors.entra.directory.users import User
from connectors.entra.roles.assignments import Eligibility, RoleAssignment
from connectors.entra.roles.holders import holders
from connectors.entra.roles.privileged import ADMIN_ROLES, SYNCHRONIZATION, role_name
from connectors.entra.sign_in.administrators import Administrators
from connectors.entra.sign_in.conditional_access import Policy, PolicyGroup, SecurityDefaults
from connectors.entra.sign_in.conditions import LEGACY_CLIENTS
from connectors.entra.sign_in.coverage import Coverage, Signing, coverage
from connectors.entra.sign_in.demands import blocks, demands_mfa, demands_phishing_resistance
from connectors.entra.sign_in.effective import Rule, enforced, people_concerned

_DEFAULTS = "security defaults are on, with which Microsoft"


@check(
    "entra_mfa_baseline_enforced",
    title="MFA is enforced for all users by policy",
    severity="critical",
    fix="Demand a second factor of all users for all applications by a policy, or turn security defaults on; name "
    "emergency accounts in breakglass_object_ids",
)
def mfa_baseline(  # noqa: PLR0913  what decides it
    defaults: SecurityDefaults,
    policies: All[Policy],
    groups: All[PolicyGroup],
    users: All[User],
    assignments: All[RoleAssignment],
    *,
    breakglass_object_ids: tuple[str, ...] = (),
    exempt_applications: tuple[str, ...] = (),
    exempt_roles: tuple[str, ...] = (SYNCHRONIZATION,),
) -> Verdict:
    if defaults.is_enabled:
        return passed(f"{_DEFAULTS} has everybody register a second factor, and asks for it")
    rules = [rule for rule in enforced(policies) if demands_mfa(rule.policy)]
    if not rules:
        return failed("security defaults are off, and no enforced policy demands a second factor")
    exempt = _ids(breakglass_object_ids, exempt_roles)
    signing = Signing(applications_exempt=frozenset(exempt_applications))
    found = _of_everybody(rules, users, groups, assignments, exempt, signing)
    return _verdict(found, "a second factor", breakglass_object_ids)


@check(
    "entra_legacy_authentication_blocked",
    title="Legacy authentication is blocked",
    severity="critical",
    fix="Block the client types Exchange ActiveSync and other for all users and applications, or turn security "
    "defaults on; name emergency accounts in breakglass_object_ids",
)
def legacy_blocked(
    defaults: SecurityDefaults,
    policies: All[Policy],
    groups: All[PolicyGroup],
    users: All[User],
    assignments: All[RoleAssignment],
    *,
    breakglass_object_ids: tuple[str, ...] = (),
    exempt_roles: tuple[str, ...] = (SYNCHRONIZATION,),
) -> Verdict:
    if defaults.is_enabled:
        return passed(f"{_DEFAULTS} blocks legacy authentication")
    # A client that cannot ask for a second factor is let in by no policy that demands one.
    rules = [rule for rule in enforced(policies) if blocks(rule.policy) or demands_mfa(rule.policy)]
    if not rules:
        return failed("security defaults are off, and no enforced policy blocks legacy authentication")
    exempt = _ids(breakglass_object_ids, exempt_roles)
    found = _of_everybody(rules, users, groups, assignments, exempt, Signing(clients=LEGACY_CLIENTS))
    return _verdict(found, "that no legacy client is used", breakglass_object_ids)


@check(
    "entra_admin_phishing_resistant_mfa",
    title="Admin roles need phishing-resistant MFA",
    severity="high",
    fix="Demand the authentication strength Phishing-resistant MFA of the administrators' roles for all applications",
)
def admins_resist_phishing(  # noqa: PLR0913  what decides it
    policies: All[Policy],
    groups: All[PolicyGroup],
    users: All[User],
    assignments: All[RoleAssignment],
    eligible: All[Eligibility],
    skus: All[Sku],
    *,
    roles: tuple[str, ...] = ADMIN_ROLES,
    breakglass_object_ids: tuple[str, ...] = (),
) -> Verdict:
    rules = [rule for rule in enforced(policies) if demands_phishing_resistance(rule.policy)]
    if not rules:
        return failed("no enforced policy demands a second factor that resists phishing")
    administrators = Administrators(roles, users, groups, assignments, eligible, skus)
    found = administrators.coverage(rules, _ids(breakglass_object_ids))
    return _verdict(found, "a second factor that resists phishing", breakglass_object_ids, "administrators")


def _of_everybody(
    rules: list[Rule],
    users: Iterable[User],
    groups: Iterable[PolicyGroup],
    assignments: Iterable[RoleAssignment],
    exempt: frozenset[str],
    signing: Signing,
) -> Coverage:
    """Return for whom a demand holds; which roles accounts have is looked at only where it matters."""
    found = coverage(rules, people_concerned(rules, users, groups, role_name), exempt, signing)
    if not found.undecided.number or not any(rule.users.include_roles for rule in rules):
        return found
    holding = holders(assignments, (), by_activation=False)
    people = (
        replace(who, roles=frozenset(holding[who.id].of_tenant if who.id in holding else ())) if who.id else who
        for who in people_concerned(rules, users, groups, role_name)
    )
    return coverage(rules, people, exempt, signing)


def _ids(*names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name.lower() for some in names for name in some)


def _verdict(found: Coverage, what: str, emergency: tuple[str, ...], whom: str = "everybody") -> Verdict:
    if found.missing.number:
        if found.accounts_alone and not emergency:
            return unknown(
                f"policies demand {what} of all others; whether these are emergency accounts is not known, and "
                f"breakglass_object_ids would say it: {found.missing}"
            )
        return failed(f"{found.missing.number} without {what}: {found.missing}")
    if found.undecided.number:
        return unknown(f"{found.undecided.number} of whom it is not decided: {found.undecided}")
    exempt = f"; exempt: {', '.join(found.exempt)}" if found.exempt else ""
    return passed(f"policies demand {what} of {whom}{exempt}")
