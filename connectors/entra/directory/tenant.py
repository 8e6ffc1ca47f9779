"""The tenant itself, with the licences that decide what it can have, and its domains."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.entra._sdk.calls import DOMAINS, ORGANIZATION, SKUS, permissions
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra


@resource(
    "entra.directory.organization",
    key="id",
    volatile=("onPremisesLastSyncDateTime",),
    redact=(
        "businessPhones",
        "city",
        "postalCode",
        "state",
        "street",
        "marketingNotificationEmails",
        "privacyProfile",
        "securityComplianceNotificationMails",
        "securityComplianceNotificationPhones",
        "technicalNotificationMails",
    ),
)
class Organization(Struct, frozen=True, kw_only=True, rename="camel"):
    """The tenant. `on_premises_sync_enabled` is null where no directory was ever synchronized with it."""

    id: str
    on_premises_sync_enabled: bool | None  # null: never synchronized
    created_date_time: datetime | None  # null for tenants older than the field


class ServicePlan(Struct, frozen=True, kw_only=True, rename="camel"):
    """A service that a licence includes."""

    service_plan_name: str
    provisioning_status: str  # Success, Disabled, PendingInput, PendingActivation, PendingProvisioning, Error


class Units(Struct, frozen=True, kw_only=True):
    """How many of a licence there are."""

    enabled: int
    warning: int  # the subscription has expired, and still works for a while


@resource("entra.directory.subscribed_sku", key="id", volatile=("consumedUnits",))
class Sku(Struct, frozen=True, kw_only=True, rename="camel"):
    """A licence that the tenant has, with the services in it."""

    id: str
    sku_part_number: str
    capability_status: str  # Enabled, Warning, Suspended, Deleted, LockedOut
    applies_to: str
    prepaid_units: Units
    service_plans: tuple[ServicePlan, ...]


@resource("entra.directory.domain", key="id")
class Domain(Struct, frozen=True, kw_only=True, rename="camel"):
    """A domain of the tenant."""

    id: str
    authentication_type: str  # Managed or Federated
    is_verified: bool
    is_root: bool
    is_initial: bool  # the one that Microsoft gave, such as acme.onmicrosoft.com
    supported_services: tuple[str, ...]  # Email where it receives mail at Exchange Online
    # Null: never set where the domain is the root; the root's value for a subdomain; not Entra's for a federated one.
    password_validity_period_in_days: int | None


@entra.collects(Organization, at="tenant", call=ORGANIZATION, permissions=permissions(ORGANIZATION))
def organization(client: Graph) -> Iterator[Body]:
    return client.pages(ORGANIZATION, lambda graph: graph.organization)


@entra.collects(Sku, at="tenant", call=SKUS, permissions=permissions(SKUS))
def skus(client: Graph) -> Iterator[Body]:
    return client.pages(SKUS, lambda graph: graph.subscribed_skus)


@entra.collects(Domain, at="tenant", call=DOMAINS, permissions=permissions(DOMAINS))
def domains(client: Graph) -> Iterator[Body]:
    return client.pages(DOMAINS, lambda graph: graph.domains)


P2_PLANS = frozenset({"AAD_PREMIUM_P2"})
"""The services with which a tenant has Microsoft Entra ID P2."""


def has_plan(skus: Iterable[Sku], names: Collection[str]) -> bool:
    """Whether the tenant has a service of one of these names by a licence that works."""
    return any(
        plan.service_plan_name in names
        for sku in skus
        if sku.capability_status in {"Enabled", "Warning"}
        for plan in sku.service_plans
    )
