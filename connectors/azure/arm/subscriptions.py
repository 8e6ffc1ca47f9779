"""The subscriptions of the tenant that the source can see; those that were expected and are not there are reported."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.errors import Denied
from collector.core.plain_text import first_few
from collector.core.resources import Body, resource
from connectors.azure._sdk.client import Azure
from connectors.azure._sdk.connector import azure
from connectors.azure._sdk.operations import operation
from connectors.azure._sdk.settings import Settings

SUBSCRIPTIONS = operation("GET /subscriptions", "2022-12-01")

_GONE = "Deleted"
"""The one state in which a subscription holds nothing. A disabled one can be read, and keeps what it holds.

https://learn.microsoft.com/azure/cost-management-billing/manage/subscription-states
"""


@resource("azure.arm.subscription", key="subscriptionId")
class Subscription(Struct, frozen=True, kw_only=True, rename="camel"):
    """A subscription (`GET /subscriptions`)."""

    subscription_id: str
    display_name: str
    state: str  # Enabled, Warned, PastDue, Disabled, Deleted
    tags: dict[str, str] = {}  # left out where there are none


def _below(settings: Settings, body: Body) -> str | None:
    name: str = body["subscriptionId"]
    return name if body["state"] != _GONE and settings.wants(name) else None


@azure.discovers(Subscription, level="subscription", below=_below)
@azure.collects(Subscription, at="source", call=SUBSCRIPTIONS, permissions="Microsoft.Resources/subscriptions/read")
def subscriptions(tenant: Azure) -> Iterator[Body]:
    """Azure leaves out what one may not see, without a word: only the settings tell that one is missing."""
    seen = set()
    for body in tenant.pages(SUBSCRIPTIONS):
        seen.add(body.get("subscriptionId"))
        yield body
    missing = sorted(tenant.settings.named - seen)
    if missing:
        raise Denied(
            f"the settings name subscriptions that Azure does not show: {first_few(missing)}",
            mend="grant Reader on them, or on the management group above; or take them out of the settings",
        )
    if not seen:
        raise Denied(
            "Azure shows the source no subscription at all, which it also says to whoever has no role anywhere",
            mend="grant Reader on the management group; where the tenant has no subscription, remove the source",
        )
