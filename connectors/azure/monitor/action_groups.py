"""Action groups: whom alerts go to. Addresses, numbers and keys in their links are not kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.azure._sdk.client import Azure
from connectors.azure._sdk.connector import azure
from connectors.azure._sdk.makers import MAKERS
from connectors.azure._sdk.operations import operation

ACTION_GROUPS = operation("GET /subscriptions/{subscription}/providers/Microsoft.Insights/actionGroups", "2023-01-01")


class Person(Struct, frozen=True, kw_only=True):
    """Somebody who is mailed or sent a message; one who has taken the address back is Disabled."""

    status: str | None = None  # Enabled, Disabled, NotSpecified


class Receivers(Struct, frozen=True, kw_only=True, rename="camel"):
    """Whether a group is on, and what it reaches. A list is left out where it is empty.

    https://learn.microsoft.com/rest/api/monitor/action-groups/get
    """

    enabled: bool
    email_receivers: tuple[Person, ...] = ()
    sms_receivers: tuple[Person, ...] = ()
    arm_role_receivers: tuple[Any, ...] = ()
    automation_runbook_receivers: tuple[Any, ...] = ()
    azure_app_push_receivers: tuple[Any, ...] = ()
    azure_function_receivers: tuple[Any, ...] = ()
    event_hub_receivers: tuple[Any, ...] = ()
    incident_receivers: tuple[Any, ...] = ()
    itsm_receivers: tuple[Any, ...] = ()
    logic_app_receivers: tuple[Any, ...] = ()
    voice_receivers: tuple[Any, ...] = ()
    webhook_receivers: tuple[Any, ...] = ()


@resource(
    "azure.monitor.action_group",
    key="id",
    redact=(
        *MAKERS,
        Redact("properties.emailReceivers.emailAddress", keep="domain"),
        "properties.emailReceivers.name",
        "properties.smsReceivers.name",
        "properties.smsReceivers.phoneNumber",
        "properties.voiceReceivers.name",
        "properties.voiceReceivers.phoneNumber",
        "properties.azureAppPushReceivers.name",
        Redact("properties.azureAppPushReceivers.emailAddress", keep="domain"),
        "properties.webhookReceivers.serviceUri",
        "properties.automationRunbookReceivers.serviceUri",
        "properties.azureFunctionReceivers.httpTriggerUrl",
        "properties.logicAppReceivers.callbackUrl",
        "properties.itsmReceivers.ticketConfiguration",
        "properties.incidentReceivers.connection",
    ),
)
class ActionGroup(Struct, frozen=True, kw_only=True):
    """A group of people and programs that alerts go to."""

    id: str
    name: str
    properties: Receivers

    @property
    def reaches_somebody(self) -> bool:
        """Whether what goes to the group is received by anybody or anything."""
        said = self.properties
        people = any(each.status != "Disabled" for each in (*said.email_receivers, *said.sms_receivers))
        others = (
            said.arm_role_receivers,
            said.automation_runbook_receivers,
            said.azure_app_push_receivers,
            said.azure_function_receivers,
            said.event_hub_receivers,
            said.incident_receivers,
            said.itsm_receivers,
            said.logic_app_receivers,
            said.voice_receivers,
            said.webhook_receivers,
        )
        return said.enabled and (people or any(others))


@azure.collects(ActionGroup, at="subscription", call=ACTION_GROUPS, permissions="Microsoft.Insights/actionGroups/read")
def action_groups(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(ACTION_GROUPS)
