"""Checks of key vaults."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from connectors.azure.keyvault.resources import Attributes, Key, RotationPolicy, Vault, VaultSecret
from connectors.azure.monitor.diagnostics import AUDIT, missing
from connectors.azure.network.address_space import MAX_PUBLIC_SHARE, Space, of_prefix


@check(
    "azure_keyvault_purge_protected",
    title="Key vaults have purge protection",
    severity="high",
    fix="Turn purge protection on; it cannot be turned off again",
)
def purge_protected(vault: Vault) -> Verdict:
    if vault.properties.enable_soft_delete is False:
        return failed(f"what is deleted in {vault.name} is gone at once: soft delete is off")
    if not vault.properties.enable_purge_protection:
        return failed(f"what was deleted in {vault.name} can be purged before its time")
    return passed()


@check(
    "azure_monitor_key_vault_logging",
    title="Key Vault audit events are logged",
    severity="medium",
    fix="Make a diagnostic setting of the vault that sends its audit events",
)
def audit_logged(vault: Vault) -> Verdict:
    """The category AuditEvent, or a group that has it: audit, or all logs."""
    lost = missing(vault.diagnostic_settings, ("AuditEvent",), AUDIT)
    return failed(f"the audit events of {vault.name} go nowhere") if lost else passed()


@check(
    "azure_keyvault_objects_expire",
    title="Keys and secrets have an expiry date in the future",
    severity="medium",
    fix="Set a date of expiry, or a policy that rotates the key; renew what ends soon",
)
def objects_expire(
    keys: All[Key], secrets: All[VaultSecret], *, now: datetime, min_left: timedelta = timedelta(days=14)
) -> Verdict:
    """Of what is in use. A key that its policy rotates needs no date: the policy gives each version its own.

    One that has expired all the same was not rotated, whatever its policy says.
    """
    bad: list[str] = []
    number = 0
    for key in keys:
        number += 1
        why = _lacking(key.properties.attributes, now, min_left)
        # The policy is looked at only where the date does not do.
        if why and (why == _EXPIRED or not _is_rotated(key)):
            bad.append(f"the key {_path(key.id)} {why}")
    for secret in secrets:
        number += 1
        why = _lacking(secret.properties.attributes, now, min_left)
        if why:
            bad.append(f"the secret {_path(secret.id)} {why}")
    if bad:
        return failed(first_few(bad))
    return passed() if number else not_applicable("the vaults of the subscription hold no key and no secret")


_EXPIRED = "has expired"


def _lacking(attributes: Attributes, now: datetime, min_left: timedelta) -> str:
    """Return what is wrong with a date of expiry; empty where nothing is, or the thing is not in use."""
    if attributes.enabled is False:
        return ""
    if attributes.exp is None:
        return "has no date of expiry"
    left = datetime.fromtimestamp(attributes.exp, UTC) - now
    if left < timedelta(0):
        return _EXPIRED
    return f"ends in {left.days} days" if left < min_left else ""


def _is_rotated(key: Key) -> bool:
    if _rotates(key.properties.rotation_policy):
        return True
    return key.itself is not None and _rotates(key.itself.properties.rotation_policy)


def _rotates(policy: RotationPolicy | None) -> bool:
    actions = () if policy is None else policy.lifetime_actions or ()
    return any(each.action.type.lower() == "rotate" for each in actions)


def _path(id_: str) -> str:
    """Return vault and name, which say enough."""
    words = id_.split("/")
    return f"{words[-3]}/{words[-1]}"


@check(
    "azure_keyvault_rbac_enabled",
    title="Key vaults use role-based authorisation",
    severity="medium",
    fix="Give the roles that people need, and switch the vault from access policies to role-based access control",
)
def rbac_enabled(vault: Vault) -> Verdict:
    """Where nothing is said, access policies decide."""
    return (
        passed() if vault.properties.enable_rbac_authorization else failed(f"access policies decide over {vault.name}")
    )


@check(
    "azure_keyvault_network_restricted",
    title="Key vaults restrict network access",
    severity="medium",
    fix="Disable public network access and use private endpoints, or allow selected networks only",
)
def network_restricted(vault: Vault, *, max_public_share: float = MAX_PUBLIC_SHARE) -> Verdict:
    said = vault.properties
    access = (said.public_network_access or "enabled").lower()
    if access == "disabled":
        return passed()
    if access == "securedbyperimeter":
        return unknown(f"a network security perimeter decides who reaches {vault.name}, and is not read")
    if said.network_acls is None or said.network_acls.default_action != "Deny":
        return failed(f"{vault.name} lets in every network")
    let_in, odd = Space(), []
    for rule in said.network_acls.ip_rules or ():
        space = of_prefix(rule.value)
        let_in |= space or Space()
        odd += [rule.value] if space is None else []
    if let_in.public_share > max_public_share:
        return failed(f"{vault.name} denies by default, and its rules let in {let_in}")
    return unknown(f"{first_few(odd)} of {vault.name} is no range of addresses") if odd else passed()
