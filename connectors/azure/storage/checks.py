"""Checks of storage accounts: who reaches them, how, and what a deletion leaves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from connectors.azure._sdk.versions_of_tls import TLS_1_2, tls_version
from connectors.azure.network.address_space import MAX_PUBLIC_SHARE, Space, of_prefix
from connectors.azure.storage.resources import Days, StorageAccount

FILES_ONLY = "FileStorage"
"""The kind of account that has no blobs: https://learn.microsoft.com/azure/storage/common/storage-account-overview"""


def is_approved(account: StorageAccount, approved: tuple[str, ...]) -> bool:
    """Whether an account is named, by its name or its id."""
    return account.name in approved or account.id.lower() in {each.lower() for each in approved}


@check(
    "azure_storage_account_no_public_blob",
    title="Storage accounts forbid anonymous blob access",
    severity="critical",
    fix="Set allow blob anonymous access of the account to disabled, which no container can override",
)
def no_public_blob(account: StorageAccount, *, approved: tuple[str, ...] = ()) -> Verdict:
    """The account decides: where it allows it, any container may be opened, although none is today."""
    if account.kind == FILES_ONLY:
        return not_applicable(f"{account.name} holds files only")
    allowed = account.properties.allow_blob_public_access
    if allowed is False:
        return passed()
    if is_approved(account, approved):
        return passed(f"{account.name} is approved as public")
    # https://learn.microsoft.com/azure/storage/blobs/anonymous-read-access-prevent
    never = " (it was never set, which permits it)" if allowed is None else ""
    return failed(f"{account.name} permits containers that anybody reads{never}")


@check(
    "azure_storage_account_https_tls12",
    title="Storage accounts require HTTPS and TLS 1.2",
    severity="high",
    fix="Require secure transfer, and set the minimum version of TLS to 1.2",
)
def https_tls12(account: StorageAccount) -> Verdict:
    https, tls = account.properties.supports_https_traffic_only, account.properties.minimum_tls_version
    if https is False:
        return failed(f"{account.name} answers without encryption")
    # "The default interpretation is TLS 1.0 for this property": StorageAccount.minimumTlsVersion
    version = tls_version(tls or "TLS1_0")
    if version is not None and version < TLS_1_2:
        never = "" if tls else " (the minimum was never set, which is read as TLS 1.0)"
        return failed(f"{account.name} takes {tls or 'TLS1_0'}{never}")
    if version is None:
        return unknown(f"the minimum version of {account.name} is {tls}, which annexd does not know")
    return passed() if https else unknown(f"Azure does not say whether {account.name} requires HTTPS")


@check(
    "azure_storage_account_network_restricted",
    title="Storage accounts deny networks by default",
    severity="high",
    fix="Disable public network access and use private endpoints, or allow selected networks only",
)
def network_restricted(
    account: StorageAccount, *, approved: tuple[str, ...] = (), max_public_share: float = MAX_PUBLIC_SHARE
) -> Verdict:
    rules = account.properties.network_acls
    match account.properties.public_network_access:
        case "Disabled":
            return passed()
        case "SecuredByPerimeter":
            return unknown(f"a network security perimeter decides who reaches {account.name}, and is not read")
        case _:
            pass
    if is_approved(account, approved):
        return passed(f"{account.name} is approved as open")
    if rules is None:
        return unknown(f"Azure does not say which networks reach {account.name}")
    if rules.default_action != "Deny":
        return failed(f"{account.name} lets in every network")
    let_in, odd = Space(), []
    for rule in rules.ip_rules or ():
        space = of_prefix(rule.value)
        let_in |= space or Space()
        odd += [rule.value] if space is None else []
    if let_in.public_share > max_public_share:
        return failed(f"{account.name} denies by default, and its rules let in {let_in}")
    return unknown(f"{first_few(odd)} of {account.name} is no range of addresses") if odd else passed()


@check(
    "azure_storage_blob_soft_delete_enabled",
    title="Blob and container soft delete are on",
    severity="medium",
    fix="Turn on soft delete for blobs and for containers, with enough days",
)
def soft_delete(account: StorageAccount, *, soft_delete_days: int = 7) -> Verdict:
    if account.kind == FILES_ONLY or account.blob_service is None:
        return not_applicable(f"{account.name} holds no blobs")
    kept = account.blob_service.properties
    why = [
        f"{what} {short}"
        for what, policy in (
            ("blobs", kept.delete_retention_policy),
            ("containers", kept.container_delete_retention_policy),
        )
        if (short := _short(policy, soft_delete_days))
    ]
    return failed(f"{account.name}: {' and '.join(why)}; {soft_delete_days} days are required") if why else passed()


def _short(policy: Days | None, days: int) -> str:
    if policy is None or not policy.enabled:
        return "are gone when they are deleted"
    return "" if policy.days is not None and policy.days >= days else f"are kept for {policy.days} days"


@check(
    "azure_storage_account_shared_key_disabled",
    title="Storage accounts disallow shared keys",
    severity="medium",
    fix="Move what uses keys to Entra, and disallow access by shared key",
)
def shared_key_disabled(account: StorageAccount, *, approved: tuple[str, ...] = ()) -> Verdict:
    """Null permits keys, by Microsoft's word."""
    if account.properties.allow_shared_key_access is False:
        return passed()
    if is_approved(account, approved):
        return passed(f"{account.name} is approved as one that needs keys")
    return failed(f"whoever has a key of {account.name} may do everything in it, as nobody in particular")


@check(
    "azure_storage_account_keys_rotated",
    title="Storage account keys are rotated in time",
    severity="medium",
    fix="Make both keys anew, one after the other, or disallow them",
)
def keys_rotated(account: StorageAccount, *, now: datetime, max_age: timedelta = timedelta(days=90)) -> Verdict:
    if account.properties.allow_shared_key_access is False:
        return not_applicable(f"{account.name} refuses its keys")
    made = account.properties.key_creation_time
    if made is None:
        return unknown(f"Azure does not say when the keys of {account.name} were made")
    late = []
    for name, moment in (("key1", made.key1), ("key2", made.key2)):
        if moment is None:
            # https://learn.microsoft.com/azure/storage/common/storage-account-keys-manage#create-a-key-expiration-policy
            late.append(f"{name} was never made anew since Azure writes it down")
        elif now - moment > max_age:
            late.append(f"{name} is {(now - moment).days} days old")
    return failed(f"{account.name}: {' and '.join(late)}; {max_age.days} days are allowed") if late else passed()


_REPLICATION_OFF_SINCE = datetime(2023, 12, 15, tzinfo=UTC)
"""Accounts made from then on refuse it where nothing is said; older ones allow it.

https://learn.microsoft.com/azure/storage/blobs/object-replication-prevent-cross-tenant-policies"""


@check(
    "azure_storage_cross_tenant_replication_disabled",
    title="Cross-tenant replication is off",
    severity="medium",
    fix="Disallow cross-tenant replication of the account",
)
def cross_tenant_replication_disabled(account: StorageAccount) -> Verdict:
    allowed, made = account.properties.allow_cross_tenant_replication, account.properties.creation_time
    if account.kind == FILES_ONLY:
        return not_applicable(f"{account.name} holds files only, which are not replicated so")
    if allowed is False:
        return passed()
    if allowed is None and (made is None or made >= _REPLICATION_OFF_SINCE):
        return unknown(f"Azure does not say whether {account.name} allows replication to other tenants")
    never = "" if allowed else " (it was never set, which allows it on accounts of that age)"
    return failed(f"{account.name} may be replicated to accounts of other tenants{never}")
