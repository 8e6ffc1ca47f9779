"""Sharing from SharePoint and OneDrive, for the tenant as a whole: a site can only be stricter."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.resources import Body, resource
from connectors.entra._sdk.calls import SHAREPOINT, permissions
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra

_OFF = "disabled"
_GUESTS = {
    "existingExternalUserSharingOnly": "with guests who are in the directory already",
    "externalUserSharingOnly": "with people who sign in or prove their address",
}


@resource("m365.sharepoint.settings")
class SharePoint(Struct, frozen=True, kw_only=True, rename="camel"):
    """The tenant's settings of SharePoint and OneDrive. Null: Microsoft does not say."""

    sharing_capability: str | None  # as above
    sharing_domain_restriction_mode: str | None  # as above
    is_resharing_by_external_users_enabled: bool | None  # as above
    is_legacy_auth_protocols_enabled: bool | None  # as above
    is_unmanaged_sync_app_for_tenant_restricted: bool | None  # as above


@entra.collects(SharePoint, at="tenant", call=SHAREPOINT, permissions=permissions(SHAREPOINT))
def sharepoint(client: Graph) -> Iterator[Body]:
    yield client.get(SHAREPOINT, lambda graph: graph.admin.sharepoint.settings, having="sharingCapability")


@check(
    "m365_sharepoint_sharing_restricted",
    title="SharePoint and OneDrive sharing excludes anonymous links",
    severity="high",
    fix="Set external sharing to new and existing guests, or stricter",
)
def sharing_restricted(settings: SharePoint) -> Verdict:
    match settings.sharing_capability:
        case "disabled":
            return passed("nothing is shared with people outside")
        case "externalUserAndGuestSharing":
            return failed("files can be shared by links that anyone can open")
        case str() as capability if capability in _GUESTS:
            return passed(f"files are shared {_GUESTS[capability]}, and by no link that anyone can open")
        case other:
            return unknown(f"how files are shared is a word that is not known: {other}")


@check(
    "m365_sharepoint_domains_managed",
    title="External sharing is limited to known domains and no resharing",
    severity="medium",
    fix="Limit sharing to a list of domains, and keep guests from sharing what is not theirs",
)
def domains_managed(settings: SharePoint) -> Verdict:
    if settings.sharing_capability == _OFF:
        return not_applicable("nothing is shared with people outside")
    reshared = settings.is_resharing_by_external_users_enabled
    wrong = []
    if settings.sharing_domain_restriction_mode in {"none", "blockList"}:
        wrong.append("files are shared with people of any domain that is not on a list of blocked ones")
    if reshared:
        wrong.append("guests can share what is not theirs")
    if wrong:
        return failed("; ".join(wrong))
    if settings.sharing_domain_restriction_mode != "allowList" or reshared is None:
        return unknown("Microsoft does not say with which domains files are shared, or whether guests share them on")
    return passed("files are shared with a list of domains, and guests do not share them on")


@check(
    "m365_sharepoint_legacy_auth_off",
    title="SharePoint legacy authentication is off",
    severity="high",
    fix="Turn off access of applications that do not use modern authentication",
)
def legacy_auth_off(settings: SharePoint) -> Verdict:
    return _off(settings.is_legacy_auth_protocols_enabled, "applications without modern authentication can sign in")


@check(
    "m365_onedrive_sync_restricted",
    title="OneDrive sync is limited to managed devices",
    severity="medium",
    fix="Allow the sync application only on computers that are joined to the domains of the company",
)
def sync_restricted(settings: SharePoint) -> Verdict:
    is_limited = settings.is_unmanaged_sync_app_for_tenant_restricted
    return _off(None if is_limited is None else not is_limited, "files can be synchronized to any computer")


def _off(is_on: bool | None, what: str) -> Verdict:  # noqa: FBT001  the setting itself
    if is_on is None:
        return unknown(f"Microsoft does not say whether {what}")
    return failed(what) if is_on else passed(f"it is not so that {what}")
