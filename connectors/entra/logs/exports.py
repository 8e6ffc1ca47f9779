"""Where the directory's own logs are sent, which keeps them longer than the month that Microsoft does."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.errors import Denied
from collector.core.resources import Body, resource
from connectors._http import NextLink
from connectors._microsoft import sign_in
from connectors.entra._sdk.calls import DIAGNOSTIC_SETTINGS, permissions
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra
from connectors.entra._sdk.errors import ARM

_VERSION = "2017-04-01"

CATEGORIES = ("AuditLogs", "SignInLogs", "NonInteractiveUserSignInLogs", "ServicePrincipalSignInLogs")
"""The logs of changes and of signing in."""


class Log(Struct, frozen=True, kw_only=True, rename="camel"):
    """One kind of log, or a group of several."""

    enabled: bool
    category: str | None = None  # null or left out where a group of categories is meant
    category_group: str | None = None  # null or left out where a category is meant


class Where(Struct, frozen=True, kw_only=True, rename="camel"):
    """What is sent where. Each destination is null or left out where there is none."""

    logs: tuple[Log, ...]
    workspace_id: str | None = None  # as above
    storage_account_id: str | None = None  # as above
    event_hub_authorization_rule_id: str | None = None  # as above

    @property
    def destinations(self) -> list[str]:
        """The ids of the resources of Azure that receive the logs."""
        found = (self.workspace_id, self.storage_account_id, self.event_hub_authorization_rule_id)
        return [name for name in found if name]


@resource("entra.audit.diagnostic_setting", key="name")
class DiagnosticSetting(Struct, frozen=True, kw_only=True):
    """A rule by which logs of the directory are sent to Azure."""

    name: str
    properties: Where


@entra.collects(DiagnosticSetting, at="tenant", call=DIAGNOSTIC_SETTINGS, permissions=permissions(DIAGNOSTIC_SETTINGS))
def diagnostic_settings(client: Graph) -> Iterator[Body]:
    settings = client.settings
    if settings.access_token is not None:
        raise Denied("the token of the source is for Microsoft Graph, and Azure Resource Manager takes another one")
    token = sign_in(settings, settings.endpoints.arm_scope)
    arm = client.http(settings.endpoints.arm, token=token, errors=ARM)
    return arm.pages(
        DIAGNOSTIC_SETTINGS, key="value", paging=NextLink("nextLink", omitted=True), query={"api-version": _VERSION}
    )


@check(
    "entra_audit_logs_exported",
    title="Sign-in and audit logs are exported and kept",
    severity="high",
    fix="Send the logs of the directory to a workspace, a storage account or an event hub; when these keep them for as "
    "long as the company demands, name them in kept_by",
)
def logs_exported(
    settings: All[DiagnosticSetting],
    *,
    categories: tuple[str, ...] = CATEGORIES,
    kept_by: tuple[str, ...] = (),
) -> Verdict:
    sent: dict[str, set[str]] = {category: set() for category in categories}
    for setting in settings:
        for log in setting.properties.logs:
            if log.enabled:
                for category in categories if log.category_group == "allLogs" else (log.category,):
                    if category in sent:
                        sent[category] |= {name.lower() for name in setting.properties.destinations}
    missing = [category for category, destinations in sent.items() if not destinations]
    if missing:
        return failed(f"these logs are sent nowhere: {', '.join(missing)}")
    kept = {name.lower() for name in kept_by}
    others = sorted({name for destinations in sent.values() if not destinations & kept for name in destinations})
    if others:
        return unknown(
            f"the logs are sent to {', '.join(name.rpartition('/')[2] for name in others)}; how long these keep them "
            "is a setting of Azure, and kept_by would say that it is long enough"
        )
    return passed(f"{', '.join(categories)} are sent to what keeps them as long as the company demands")
