"""Diagnostic settings: which categories of logs leave a resource, by category or by group, and for where."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

ALL_LOGS = "allLogs"
AUDIT = "audit"


class LogSetting(Struct, frozen=True, kw_only=True, rename="camel"):
    """A category, or a group of categories, that is on or off. One of the two is null or left out."""

    enabled: bool
    category: str | None = None
    category_group: str | None = None


class Diagnostic(Struct, frozen=True, kw_only=True, rename="camel"):
    """Where logs are sent, and which. A destination that was not chosen is left out, null or empty."""

    logs: tuple[LogSetting, ...] | None = None  # null or left out: metrics only
    workspace_id: str | None = None
    storage_account_id: str | None = None
    event_hub_authorization_rule_id: str | None = None
    service_bus_rule_id: str | None = None
    marketplace_partner_id: str | None = None

    @property
    def has_destination(self) -> bool:
        """Whether what the setting sends is received by anything."""
        return any(
            (
                self.workspace_id,
                self.storage_account_id,
                self.event_hub_authorization_rule_id,
                self.service_bus_rule_id,
                self.marketplace_partner_id,
            )
        )


class DiagnosticSetting(Struct, frozen=True, kw_only=True):
    """A diagnostic setting of a resource."""

    name: str
    properties: Diagnostic


def sent(settings: Iterable[DiagnosticSetting]) -> frozenset[str]:
    """Return the categories and groups that settings with a destination send together, in lower case."""
    return frozenset(
        name.lower()
        for setting in settings
        if setting.properties.has_destination
        for log in setting.properties.logs or ()
        if log.enabled
        for name in (log.category, log.category_group)
        if name
    )


def missing(settings: Iterable[DiagnosticSetting], categories: Iterable[str], group: str = "") -> list[str]:
    """Return which categories are not sent. The group of all logs has every one, and `group` those asked for."""
    found = sent(settings)
    if ALL_LOGS.lower() in found or (group and group.lower() in found):
        return []
    return [category for category in categories if category.lower() not in found]
