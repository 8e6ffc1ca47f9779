"""Settings that are kept as evidence for people: what other tenants may do here, and how long credentials may live."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.entra._sdk.calls import APP_MANAGEMENT, CROSS_TENANT, permissions
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra


@resource("entra.policy.cross_tenant")
class CrossTenantAccess(Struct, frozen=True, kw_only=True, rename="camel"):
    """What holds for tenants that have no rules of their own."""

    inbound_trust: dict[str, Any] | None  # null: nothing of other tenants is trusted


@resource("entra.policy.app_management")
class AppManagement(Struct, frozen=True, kw_only=True, rename="camel"):
    """What is demanded of credentials of applications."""

    is_enabled: bool


@entra.collects(CrossTenantAccess, at="tenant", call=CROSS_TENANT, permissions=permissions(CROSS_TENANT))
def cross_tenant(client: Graph) -> Iterator[Body]:
    yield client.get(
        CROSS_TENANT, lambda graph: graph.policies.cross_tenant_access_policy.default, having="inboundTrust"
    )


@entra.collects(AppManagement, at="tenant", call=APP_MANAGEMENT, permissions=permissions(APP_MANAGEMENT))
def app_management(client: Graph) -> Iterator[Body]:
    yield client.get(APP_MANAGEMENT, lambda graph: graph.policies.default_app_management_policy, having="isEnabled")
