"""The metadata of Microsoft Graph v1.0, as far as the double's answers use it: which properties an object may have."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from connectors.entra._sdk import calls

FILE = Path(__file__).parent / "published" / "metadata.json"

TYPES = {
    calls.ORGANIZATION: "organization",
    calls.SKUS: "subscribedSku",
    calls.DOMAINS: "domain",
    calls.USERS: "user",
    calls.REGISTRATION: "userRegistrationDetails",
    calls.SECURITY_DEFAULTS: "identitySecurityDefaultsEnforcementPolicy",
    calls.AUTHORIZATION: "authorizationPolicy",
    calls.AUTHENTICATION_METHODS: "authenticationMethodsPolicy",
    calls.ADMIN_CONSENT: "adminConsentRequestPolicy",
    calls.APP_MANAGEMENT: "tenantAppManagementPolicy",
    calls.DEVICE_REGISTRATION: "deviceRegistrationPolicy",
    calls.CROSS_TENANT: "crossTenantAccessPolicyConfigurationDefault",
    calls.ACTIVITY_TIMEOUT: "activityBasedTimeoutPolicy",
    calls.CONDITIONAL_ACCESS: "conditionalAccessPolicy",
    calls.NAMED_LOCATIONS: "namedLocation",
    calls.ROLE_ASSIGNMENTS: "unifiedRoleAssignment",
    calls.ROLE_DEFINITIONS: "unifiedRoleDefinition",
    calls.ELIGIBLE_ROLES: "unifiedRoleEligibilityScheduleInstance",
    calls.ACTIVE_ROLES: "unifiedRoleAssignmentScheduleInstance",
    calls.ROLE_POLICIES: "unifiedRoleManagementPolicyAssignment",
    calls.ACCESS_REVIEWS: "accessReviewScheduleDefinition",
    calls.TERMS_OF_USE: "agreement",
    calls.APPLICATIONS: "application",
    calls.SERVICE_PRINCIPALS: "servicePrincipal",
    calls.CONSENTS: "oAuth2PermissionGrant",
    calls.RISKY_USERS: "riskyUser",
    calls.SYNCHRONIZATION: "onPremisesDirectorySynchronization",
    calls.DIRECTORY_AUDITS: "directoryAudit",
    calls.INCIDENTS: "security.incident",
    calls.SECURE_SCORES: "secureScore",
    calls.SIMULATIONS: "simulation",
    calls.RETENTION_LABELS: "security.retentionLabel",
    calls.DEVICES: "managedDevice",
    calls.COMPLIANCE_POLICIES: "deviceCompliancePolicy",
    calls.DEVICE_MANAGEMENT: "deviceManagement",
    calls.SHAREPOINT: "sharepointSettings",
    calls.GROUP_SETTINGS: "groupSetting",
}
"""The type of what each call answers with. Not here: sensitivity labels, whose example has more than the metadata."""

_PREFIX = "microsoft.graph."


@cache
def known() -> dict[str, Any]:
    """Return the types that are kept of the metadata."""
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))["types"]
    return found


def strangers(value: Any, type_: str, types: dict[str, Any], used: set[str], at: str = "") -> Iterator[str]:
    """Yield the paths of properties that the metadata does not have; `used` gets the types that were looked at."""
    if isinstance(value, list):
        for item in value:
            yield from strangers(item, type_, types, used, at)
        return
    if not isinstance(value, dict):
        return
    name = value.get("@odata.type", f"#{type_}").lstrip("#")
    properties, is_open = _properties(name, types, used)
    for key, inner in value.items():
        path = f"{at}.{key}" if at else key
        if "@" in key or is_open:
            continue
        if key not in properties:
            yield f"{path} of {name}"
            continue
        of = _plain(properties[key], name)
        if of in types and types[of]["kind"] != "enum":
            yield from strangers(inner, of, types, used, path)


def _properties(name: str, types: dict[str, Any], used: set[str]) -> tuple[dict[str, str], bool]:
    """Return the properties of a type and of those that it is based on, and whether others are allowed."""
    found: dict[str, str] = {}
    is_open = False
    following: str | None = name
    while following is not None:
        used.add(following)
        kept = types[following]
        found |= {**kept["properties"], **kept["navigation"]}
        is_open |= kept["open"] and not kept["properties"]
        base = kept["base"]
        following = _plain(base, following) if base else None
    return found, is_open


def _plain(type_: str, of: str) -> str:
    """Return the whole name of a type as the metadata shortens it."""
    inner = type_.removesuffix("!").removeprefix("Collection(").removesuffix(")")
    namespace = of.rpartition(".")[0]
    if inner.startswith("graph."):
        return _PREFIX + inner.removeprefix("graph.")
    if inner.startswith("self."):
        return f"{namespace}.{inner.removeprefix('self.')}"
    return inner
