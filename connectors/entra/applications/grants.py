"""What applications were granted in the tenant: application permissions of Microsoft's own services."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed
from collector.core.resources import Body, resource
from connectors.entra._sdk.calls import APP_ROLES_OF, CONSENTS, SERVICE_PRINCIPALS, SERVICES, permissions
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra

MICROSOFT = frozenset({"f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47"})
"""The tenants in which Microsoft registers its own applications.
https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in"""

RESOURCES = (
    "00000003-0000-0000-c000-000000000000",  # Microsoft Graph
    "00000002-0000-0000-c000-000000000000",  # Azure AD Graph
    "00000002-0000-0ff1-ce00-000000000000",  # Exchange Online
    "00000003-0000-0ff1-ce00-000000000000",  # SharePoint Online
)
"""The services of which grants are read, by the ids of their applications, which are the same in every tenant."""

HIGH_IMPACT = (
    "AdministrativeUnit.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
    "Application.ReadWrite.All",
    "DelegatedPermissionGrant.ReadWrite.All",
    "DeviceManagementConfiguration.ReadWrite.All",
    "DeviceManagementRBAC.ReadWrite.All",
    "Directory.ReadWrite.All",
    "Domain.ReadWrite.All",
    "EntitlementManagement.ReadWrite.All",
    "Exchange.ManageAsApp",
    "Files.ReadWrite.All",
    "Group.ReadWrite.All",
    "GroupMember.ReadWrite.All",
    "Mail.ReadWrite",
    "Organization.ReadWrite.All",
    "Policy.ReadWrite.AuthenticationMethod",
    "Policy.ReadWrite.ConditionalAccess",
    "Policy.ReadWrite.PermissionGrant",
    "PrivilegedAccess.ReadWrite.AzureAD",
    "PrivilegedAccess.ReadWrite.AzureADGroup",
    "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup",
    "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup",
    "RoleAssignmentSchedule.ReadWrite.Directory",
    "RoleEligibilitySchedule.ReadWrite.Directory",
    "RoleManagement.ReadWrite.Directory",
    "RoleManagementPolicy.ReadWrite.AzureADGroup",
    "RoleManagementPolicy.ReadWrite.Directory",
    "Sites.FullControl.All",
    "User-PasswordProfile.ReadWrite.All",
    "User.DeleteRestore.All",
    "User.EnableDisableAccount.All",
    "User.ReadWrite.All",
    "UserAuthenticationMethod.ReadWrite.All",
    "full_access_as_app",
)
"""Permissions by which an application can take over the tenant, or change everybody's mail and files."""

_FIELDS = (
    "id",
    "appId",
    "displayName",
    "servicePrincipalType",
    "accountEnabled",
    "appOwnerOrganizationId",
    "createdByAppId",
    "signInAudience",
    "tags",
)


class AppRole(Struct, frozen=True, kw_only=True, rename="camel"):
    """A permission that an application was granted; `value` is its name."""

    value: str
    resource_display_name: str | None  # null: the service has no name


@resource("entra.app.service_principal", key="id")
class ServicePrincipal(Struct, frozen=True, kw_only=True, rename="camel"):
    """An application, or a managed identity, that can sign in to the tenant."""

    id: str
    app_id: str
    display_name: str | None  # null: it has no name
    account_enabled: bool
    app_owner_organization_id: str | None  # null for managed identities
    app_role_assignments: tuple[AppRole, ...]


@resource("entra.app.consent", key="id")
class Consent(Struct, frozen=True, kw_only=True, rename="camel"):
    """What an application may do on behalf of everybody, or of one person who has consented."""

    id: str
    client_id: str
    consent_type: str  # AllPrincipals or Principal
    principal_id: str | None  # null for all
    scope: str | None  # names with spaces between; null: nothing


@entra.collects(ServicePrincipal, at="tenant", call=SERVICE_PRINCIPALS, permissions=permissions(SERVICE_PRINCIPALS))
def service_principals(client: Graph) -> Iterator[Body]:
    return client.pages(SERVICE_PRINCIPALS, lambda graph: graph.service_principals, {"select": _FIELDS, "top": 999})


@entra.part(
    ServicePrincipal,
    "appRoleAssignments",
    call=(SERVICES, APP_ROLES_OF),
    permissions=permissions(SERVICES, APP_ROLES_OF),
)
def app_role_assignments(client: Graph, body: Body) -> Any:
    granted: dict[str, list[Body]] = client.once.get("granted permissions", lambda: _granted(client))
    return granted.get(body["id"], [])


def _granted(client: Graph) -> dict[str, list[Body]]:
    """Return what each application was granted: a few lists of the services, in place of one of each application."""
    found: dict[str, list[Body]] = defaultdict(list)
    wanted = ",".join(f"'{app}'" for app in RESOURCES)
    options = {"select": ("id", "appId", "displayName", "appRoles"), "filter": f"appId in ({wanted})"}
    for service in client.pages(SERVICES, lambda graph: graph.service_principals, options):
        names = {role["id"]: role["value"] for role in service["appRoles"]}
        for grant in _grants_of(client, service["id"]):
            # The service may have withdrawn a permission that is still granted; its id is all that is left.
            found[grant["principalId"]].append({**grant, "value": names.get(grant["appRoleId"]) or grant["appRoleId"]})
    return dict(found)


def _grants_of(client: Graph, service: str) -> Iterator[Body]:
    def build(graph: Any) -> Any:
        return graph.service_principals.by_service_principal_id(service).app_role_assigned_to

    return client.pages(APP_ROLES_OF, build, {"top": 999})


@entra.collects(Consent, at="tenant", call=CONSENTS, permissions=permissions(CONSENTS))
def consents(client: Graph) -> Iterator[Body]:
    return client.pages(CONSENTS, lambda graph: graph.oauth2_permission_grants, {"top": 999})


@check(
    "entra_app_no_high_privilege_grants",
    title="High-privilege app permissions are limited to approved apps",
    severity="high",
    fix="Take the permission from the application, or approve it and add its application id to approved_apps",
)
def no_high_privilege_grants(
    application: ServicePrincipal,
    *,
    approved_apps: tuple[str, ...] = (),
    high_impact: tuple[str, ...] = HIGH_IMPACT,
) -> Verdict:
    name = application.display_name or application.app_id
    if (application.app_owner_organization_id or "").lower() in MICROSOFT:
        return not_applicable(f"{name} is Microsoft's own")
    large = sorted({role.value for role in application.app_role_assignments} & set(high_impact))
    if not large:
        return passed(f"{name} has none of the {len(high_impact)} permissions")
    if application.app_id.lower() in {known.lower() for known in approved_apps}:
        return passed(f"{name} has {', '.join(large)}, and is listed in approved_apps")
    return failed(f"{name} has {', '.join(large)}, and is not listed in approved_apps")
