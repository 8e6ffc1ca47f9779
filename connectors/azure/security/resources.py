"""What Defender for Cloud says of a subscription."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.azure._sdk.client import Azure
from connectors.azure._sdk.connector import azure
from connectors.azure._sdk.makers import MAKERS
from connectors.azure._sdk.operations import operation

_AT = "GET /subscriptions/{subscription}/providers/Microsoft.Security"

PRICINGS = operation(f"{_AT}/pricings", "2024-01-01")
CONTACTS = operation(f"{_AT}/securityContacts", "2023-12-01-preview")
ALERTS = operation(f"{_AT}/alerts", "2022-01-01")
ASSESSMENTS = operation(f"{_AT}/assessments", "2021-06-01")
SUB_ASSESSMENTS = operation(f"{_AT}/subAssessments", "2019-01-01-preview")
JIT_POLICIES = operation(f"{_AT}/jitNetworkAccessPolicies", "2020-01-01")


class Extension(Struct, frozen=True, kw_only=True, rename="camel"):
    """A part of a plan that is on or off by itself; `is_enabled` is the text True or False."""

    name: str
    is_enabled: str


class Priced(Struct, frozen=True, kw_only=True, rename="camel"):
    """Whether a plan is on. The coverage says whether single resources are left out of it."""

    pricing_tier: str  # Free, Standard
    sub_plan: str | None = None  # null or left out: the plan has no sub-plans, or the full one is meant
    deprecated: bool | None = None  # left out where the plan is not
    resources_coverage_status: str | None = None  # FullyCovered, PartiallyCovered, NotCovered; of a subscription only
    extensions: tuple[Extension, ...] | None = None  # null or left out: the plan has none


@resource("azure.security.pricing", key="name", redact=MAKERS)
class Pricing(Struct, frozen=True, kw_only=True):
    """A plan of Defender for Cloud, such as StorageAccounts."""

    name: str
    properties: Priced


@azure.collects(Pricing, at="subscription", call=PRICINGS, permissions="Microsoft.Security/pricings/read")
def pricings(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(PRICINGS)


class Notifications(Struct, frozen=True, kw_only=True, rename="camel"):
    """What is mailed: alerts from a severity on, or attack paths from a level of risk on."""

    source_type: str  # Alert, AttackPath
    minimal_severity: str | None = None  # of alerts: High, Medium, Low


class ByRole(Struct, frozen=True, kw_only=True):
    """Whether holders of roles are mailed too."""

    state: str | None = None  # On, Off
    roles: tuple[str, ...] | None = None


class Contacted(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who is mailed of what. Azure leaves out what was never set."""

    emails: str | None = None
    is_enabled: bool | None = None
    notifications_sources: tuple[Notifications, ...] | None = None
    notifications_by_role: ByRole | None = None


@resource(
    "azure.security.contact",
    key="name",
    redact=(*MAKERS, Redact("properties.emails", keep="domain"), "properties.phone"),
)
class Contact(Struct, frozen=True, kw_only=True):
    """Whom Defender for Cloud mails."""

    name: str
    properties: Contacted


@azure.collects(Contact, at="subscription", call=CONTACTS, permissions="Microsoft.Security/securityContacts/read")
def contacts(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(CONTACTS)


class Alerted(Struct, frozen=True, kw_only=True, rename="camel"):
    """What an alert is about, and whether it was looked at."""

    alert_display_name: str
    severity: str  # Informational, Low, Medium, High
    status: str  # Active, InProgress, Resolved, Dismissed
    start_time_utc: datetime
    time_generated_utc: datetime | None = None  # left out in answers of old alerts


@resource(
    "azure.security.alert",
    key="id",
    redact=(*MAKERS, "properties.entities", "properties.extendedProperties.*", "properties.compromisedEntity"),
)
class Alert(Struct, frozen=True, kw_only=True):
    """An alert of Defender for Cloud."""

    id: str
    properties: Alerted


@azure.collects(Alert, at="subscription", call=ALERTS, permissions="Microsoft.Security/alerts/read")
def alerts(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(ALERTS)


class AssessmentStatus(Struct, frozen=True, kw_only=True, rename="camel"):
    """What came of an assessment, and since when it is so."""

    code: str  # Healthy, Unhealthy, NotApplicable
    status_change_date: datetime | None = None  # left out in answers of some scanners


class Assessed(Struct, frozen=True, kw_only=True, rename="camel"):
    """An assessment of one resource."""

    status: AssessmentStatus


@resource("azure.security.assessment", key="id", redact=MAKERS)
class Assessment(Struct, frozen=True, kw_only=True):
    """What Defender for Cloud found of one recommendation at one resource; `name` is the recommendation's key."""

    id: str
    name: str
    properties: Assessed

    @property
    def target(self) -> str:
        """The id of the resource, in lower case: what comes before the assessment in its own id."""
        return self.id.lower().rpartition("/providers/microsoft.security/assessments/")[0]


@azure.collects(Assessment, at="subscription", call=ASSESSMENTS, permissions="Microsoft.Security/assessments/read")
def assessments(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(ASSESSMENTS)


class FindingStatus(Struct, frozen=True, kw_only=True):
    """Whether a finding is open, and how severe it is."""

    code: str  # Healthy, Unhealthy, NotApplicable
    severity: str | None = None  # High, Medium, Low; null where it is not open


class FindingDetails(Struct, frozen=True, kw_only=True, rename="camel"):
    """What kind of finding it is; one of a vulnerability names it in either of these."""

    cve: tuple[Any, ...] | None = None
    vulnerability_details: dict[str, Any] | None = None


class Found(Struct, frozen=True, kw_only=True, rename="camel"):
    """A single finding under an assessment."""

    display_name: str
    status: FindingStatus
    time_generated: datetime
    additional_data: FindingDetails | None = None


@resource("azure.security.sub_assessment", key="id", redact=MAKERS)
class SubAssessment(Struct, frozen=True, kw_only=True):
    """A finding of a scanner, such as a vulnerability of a machine or an image."""

    id: str
    properties: Found

    @property
    def assessment(self) -> str:
        """The id of the assessment that it lies under, in lower case."""
        return self.id.lower().rpartition("/subassessments/")[0]


@azure.collects(
    SubAssessment,
    at="subscription",
    call=SUB_ASSESSMENTS,
    permissions="Microsoft.Security/assessments/subAssessments/read",
)
def sub_assessments(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(SUB_ASSESSMENTS)


@resource(
    "azure.security.jit_policy",
    key="id",
    redact=(*MAKERS, "properties.requests.requestor", "properties.requests.justification"),
)
class JitPolicy(Struct, frozen=True, kw_only=True):
    """Ports that are opened on request, for how long, and to whom: evidence for people."""

    id: str
    name: str


@azure.collects(
    JitPolicy, at="subscription", call=JIT_POLICIES, permissions="Microsoft.Security/jitNetworkAccessPolicies/read"
)
def jit_policies(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(JIT_POLICIES)
