"""Documents of Microsoft Graph's, in the shape of its published metadata of v1.0."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

import httpx

Body = dict[str, Any]

GLOBAL, EXCHANGE = "62e90394-69f5-4237-9190-012177145e10", "29232cdf-9323-42fd-ade2-1d097af3e4de"
ROLES = {
    GLOBAL: "Global Administrator",
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3": "Application Administrator",
    "c4e39bd9-1100-46d3-8c65-fb160da0071f": "Authentication Administrator",
    "b0f54661-2d74-4c50-afa3-1ec803f12efe": "Billing Administrator",
    "158c047a-c907-4556-b7ef-446551a6b5f7": "Cloud Application Administrator",
    "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9": "Conditional Access Administrator",
    EXCHANGE: "Exchange Administrator",
    "729827e3-9c14-49f7-bb1b-9608f156bbb8": "Helpdesk Administrator",
    "966707d0-3269-4727-9be2-8c3a10f19b9d": "Password Administrator",
    "7be44c8a-adaf-4e2a-84d6-ab2649e08a13": "Privileged Authentication Administrator",
    "e8611ab8-c189-46e8-94e1-60213ab1f814": "Privileged Role Administrator",
    "194ae4cb-b126-40b2-bd5b-6091b380977d": "Security Administrator",
    "f28a1f50-f6e7-4571-818b-6a12f2af6b6c": "SharePoint Administrator",
    "fe930be7-5e62-47db-91af-98c3a49a38b1": "User Administrator",
}
"""Roles of Microsoft's, by the ids of their templates, which are the same in every tenant."""

GRAPH_APPLICATION = "00000003-0000-0000-c000-000000000000"
_MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"  # the tenant in which Microsoft registers its own applications
_PASSWORD_RULES = "5cf42378-d67d-4f36-ba46-e8b86229381d"  # noqa: S105  the id of Microsoft's template of settings
_TYPE = "#microsoft.graph."


def token(tenant: str, application: str, permissions: Iterable[str]) -> str:
    """Return what Entra would issue to an application, without a signature: it says whose it is, and opens nothing."""
    claims = {
        "aud": "https://graph.microsoft.com",
        "tid": tenant,
        "oid": application,
        "appid": application,
        "app_displayname": "annexd",
        "roles": sorted(permissions),
    }
    parts = ({"alg": "none", "typ": "JWT"}, claims, {"of": "the demo"})
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)


def error(code: str, message: str) -> Body:
    """Return what Graph says instead of a document."""
    return {"error": {"code": code, "message": message, "innerError": {"request-id": "00000000-demo"}}}


def selected(request: httpx.Request, item: Body) -> Body:
    """Return what a request selects of an object."""
    names = request.url.params.get("$select")
    wanted = {*names.split(","), "@odata.type"} if names else item.keys()
    return {name: value for name, value in item.items() if name in wanted}


def member(id_: str, login: str, address: str, made: str, **but: Any) -> Body:  # noqa: ANN401  JSON
    """Return an account of the tenant's own; `but` has what is different."""
    return {
        "id": id_,
        "userPrincipalName": address,
        "displayName": login.title(),
        "mail": address,
        "userType": "Member",
        "accountEnabled": True,
        "creationType": None,
        "externalUserState": None,
        "createdDateTime": made,
        "employeeId": None,
        "employeeHireDate": None,
        "onPremisesSyncEnabled": None,
        "passwordPolicies": None,
        "lastPasswordChangeDateTime": made,
        "assignedLicenses": [],
        "isResourceAccount": None,
    } | but


def activity(when: str) -> Body:
    """Return when somebody signed in last."""
    return {
        "lastSignInDateTime": when,
        "lastNonInteractiveSignInDateTime": when,
        "lastSuccessfulSignInDateTime": when,
    }


def registration(user: Body, methods: Iterable[str]) -> Body:
    """Return a row of the report of registered methods."""
    listed = list(methods)
    return {
        "id": user["id"],
        "userPrincipalName": user["userPrincipalName"],
        "userDisplayName": user["displayName"],
        "userType": user["userType"].lower(),
        "isAdmin": False,
        "isMfaRegistered": bool(listed),
        "isMfaCapable": bool(listed),
        "isPasswordlessCapable": "fido2SecurityKey" in listed,
        "methodsRegistered": listed,
    }


def policy(name: str, made: str, **but: Any) -> Body:  # noqa: ANN401  JSON
    """Return an enforced policy that demands a second factor of everybody for everything; `but` has what is otherwise.

    `users` are whom it includes and leaves out, and what else is a condition is named as Graph names it.
    """
    conditions: Body = {
        "userRiskLevels": [],
        "signInRiskLevels": [],
        "clientAppTypes": ["all"],
        "platforms": None,
        "locations": None,
        "devices": None,
        "clientApplications": None,
        "applications": {"includeApplications": ["All"], "excludeApplications": [], "includeUserActions": []},
    }
    users: Body = {
        "includeUsers": ["All"],
        "excludeUsers": [],
        "includeGroups": [],
        "excludeGroups": [],
        "includeRoles": [],
        "excludeRoles": [],
    }
    conditions["users"] = users | but.pop("users", {})
    conditions |= {key: but.pop(key) for key in [*but] if key in conditions}
    return {
        "id": f"policy-{name.lower().replace(' ', '-')}",
        "displayName": name,
        "createdDateTime": made,
        "modifiedDateTime": None,
        "state": "enabled",
        "grantControls": grant("mfa"),
        "sessionControls": None,
        "conditions": conditions,
    } | but


def grant(*controls: str, operator: str = "OR", strength: Body | None = None) -> Body:
    """Return what a policy demands before it lets somebody in."""
    return {
        "operator": operator,
        "builtInControls": list(controls),
        "customAuthenticationFactors": [],
        "termsOfUse": [],
        "authenticationStrength": strength,
    }


def phishing_resistant() -> Body:
    """Return Microsoft's own strength of that name."""
    return {
        "id": "00000000-0000-0000-0000-000000000004",
        "displayName": "Phishing-resistant MFA",
        "policyType": "builtIn",
        "requirementsSatisfied": "mfa",
        "allowedCombinations": ["windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"],
    }


def short_session(hours: int) -> Body:
    """Return what a policy demands of sessions: to sign in again, and no browser that stays signed in."""
    frequency = {"isEnabled": True, "value": hours, "type": "hours", "frequencyInterval": "timeBased"}
    return {"signInFrequency": frequency, "persistentBrowser": {"isEnabled": True, "mode": "never"}}


def assignment(user: Body, role: str) -> Body:
    """Return a role that somebody has or may activate, as a list of any of the three kinds has it."""
    return {
        "id": f"{role[:8]}-{user['id']}",
        "principalId": user["id"],
        "roleDefinitionId": role,
        "directoryScopeId": "/",
        "appScopeId": None,
        "principal": {"@odata.type": f"{_TYPE}user"}
        | {name: user[name] for name in ("id", "displayName", "userPrincipalName")},
    }


def scheduled(user: Body, role: str, made: str, **but: str) -> Body:
    """Return an instance of a schedule that does not end; `assignmentType` is in those of active roles."""
    return assignment(user, role) | {"startDateTime": made, "endDateTime": None, "memberType": "Direct"} | but


def role_definition(role: str) -> Body:
    """Return a role of Microsoft's."""
    return {"id": role, "templateId": role, "displayName": ROLES[role], "isBuiltIn": True, "isEnabled": True}


def role_policy(role: str, *, approval: bool) -> Body:
    """Return what it takes to activate a role: a reason and a second factor, and perhaps that somebody agrees."""
    type_ = f"{_TYPE}unifiedRoleManagementPolicy"
    rules = [
        {"id": "Approval_EndUser_Assignment", "@odata.type": f"{type_}ApprovalRule"}
        | {"setting": {"isApprovalRequired": approval}},
        {"id": "Enablement_EndUser_Assignment", "@odata.type": f"{type_}EnablementRule"}
        | {"enabledRules": ["MultiFactorAuthentication", "Justification"]},
    ]
    return {
        "id": f"DirectoryRole_{role}",
        "policyId": f"policy-{role}",
        "roleDefinitionId": role,
        "scopeId": "/",
        "scopeType": "DirectoryRole",
        "policy": {"id": f"policy-{role}", "displayName": "DirectoryRole", "rules": rules},
    }


def review_of(role: str, creator: Body) -> Body:
    """Return a review of who has a role, which is repeated every quarter."""
    scope = {
        "@odata.type": f"{_TYPE}accessReviewQueryScope",
        "query": f"/roleManagement/directory/roleDefinitions/{role}",
    }
    pattern = {"type": "absoluteMonthly", "interval": 3}
    return {
        "id": f"review-{role}",
        "displayName": f"Who is {ROLES[role]}",
        "status": "InProgress",
        "createdBy": {"id": creator["id"], "userPrincipalName": creator["userPrincipalName"]},
        "scope": {"@odata.type": f"{_TYPE}principalResourceMembershipsScope", "resourceScopes": [scope]},
        "instanceEnumerationScope": None,
        "settings": {"recurrence": {"pattern": pattern, "range": {"type": "noEnd"}}},
    }


def risky(user: Body, state: str, when: str) -> Body:
    """Return somebody whose sign-ins looked like somebody else's."""
    return {
        "id": user["id"],
        "userPrincipalName": user["userPrincipalName"],
        "userDisplayName": user["displayName"],
        "isDeleted": False,
        "isProcessing": False,
        "riskLevel": "high" if state == "atRisk" else "none",
        "riskState": state,
        "riskDetail": "none" if state == "atRisk" else "userPerformedSecuredPasswordReset",
        "riskLastUpdatedDateTime": when,
    }


def sku(name: str, *plans: str) -> Body:
    """Return a licence with the services in it."""
    services = [
        {"servicePlanId": f"plan-{plan}", "servicePlanName": plan, "provisioningStatus": "Success", "appliesTo": "User"}
        for plan in plans
    ]
    return {
        "id": f"sku-{name}",
        "skuId": f"id-{name}",
        "skuPartNumber": name,
        "capabilityStatus": "Enabled",
        "appliesTo": "User",
        "consumedUnits": 7,
        "prepaidUnits": {"enabled": 10, "suspended": 0, "warning": 0},
        "servicePlans": services,
    }


def domain(name: str, *, initial: bool = False) -> Body:
    """Return a verified domain with mail; `initial` is the one that Microsoft gave."""
    return {
        "id": name,
        "authenticationType": "Managed",
        "isAdminManaged": True,
        "isDefault": not initial,
        "isInitial": initial,
        "isRoot": True,
        "isVerified": True,
        "supportedServices": ["Email"],
        "passwordValidityPeriodInDays": 2147483647,
        "passwordNotificationWindowInDays": 14,
    }


def method(name: str, *, enabled: bool) -> Body:
    """Return a method of signing in, and whether it is allowed."""
    type_ = f"{_TYPE}{name.lower()}AuthenticationMethodConfiguration"
    return {"@odata.type": type_, "id": name, "state": "enabled" if enabled else "disabled"}


def password_rules(*banned: str) -> Body:
    """Return the settings of password protection."""
    values = {
        "EnableBannedPasswordCheck": "True",
        "BannedPasswordList": "\t".join(banned),
        "LockoutThreshold": "10",
        "LockoutDurationInSeconds": "60",
    }
    return {
        "id": "settings-of-passwords",
        "displayName": "Password Rule Settings",
        "templateId": _PASSWORD_RULES,
        "values": [{"name": name, "value": value} for name, value in values.items()],
    }


def idle_timeout(span: str) -> Body:
    """Return after how long a session in the browser ends that nobody uses."""
    applications = [{"ApplicationId": "default", "WebSessionIdleTimeout": span}]
    found = {"ActivityBasedTimeoutPolicy": {"Version": 1, "ApplicationPolicies": applications}}
    return {
        "id": "idle",
        "displayName": "Idle sessions",
        "isOrganizationDefault": True,
        "definition": [json.dumps(found)],
    }


def application(name: str, made: str, *, secrets: Iterable[Body] = (), certificates: Iterable[Body] = ()) -> Body:
    """Return an application that is registered in the tenant."""
    return {
        "id": f"app-{name}",
        "appId": f"appid-{name}",
        "displayName": name,
        "createdDateTime": made,
        "signInAudience": "AzureADMyOrg",
        "publisherDomain": "example.com",
        "passwordCredentials": list(secrets),
        "keyCredentials": list(certificates),
        "requiredResourceAccess": [],
        "tags": [],
    }


def credential(name: str, starts: str, ends: str) -> Body:
    """Return a secret or a certificate of an application, without its value."""
    return {"keyId": f"key-{name}", "displayName": name, "startDateTime": starts, "endDateTime": ends}


def principal(name: str, tenant: str) -> Body:
    """Return an application of the tenant's own as it signs in."""
    return {
        "id": f"sp-{name}",
        "appId": f"appid-{name}",
        "displayName": name,
        "servicePrincipalType": "Application",
        "accountEnabled": True,
        "appOwnerOrganizationId": tenant,
        "createdByAppId": None,
        "signInAudience": "AzureADMyOrg",
        "tags": [],
        "appRoles": [],
    }


def graph_itself(permissions: Iterable[str]) -> Body:
    """Return Microsoft Graph as a service of the tenant, with the permissions that it has to give."""
    return principal("graph", _MICROSOFT) | {
        "appId": GRAPH_APPLICATION,
        "displayName": "Microsoft Graph",
        "appRoles": [{"id": f"role-{name}", "value": name} for name in permissions],
    }


def granted(name: str, permission: str, when: str) -> Body:
    """Return a permission of Microsoft Graph that an application was granted."""
    return {
        "id": f"grant-{name}-{permission}",
        "appRoleId": f"role-{permission}",
        "createdDateTime": when,
        "principalDisplayName": name,
        "principalId": f"sp-{name}",
        "principalType": "ServicePrincipal",
        "resourceDisplayName": "Microsoft Graph",
        "resourceId": "sp-graph",
    }


def device(name: str, owner: Body, system: tuple[str, str], enrolled: str, seen: str, *, good: bool = True) -> Body:
    """Return a device of the company; `system` is its name and version, and a good one is encrypted and compliant."""
    return {
        "id": f"device-{name}",
        "deviceName": name,
        "userPrincipalName": owner["userPrincipalName"],
        "serialNumber": f"SN-{name}",
        "managedDeviceOwnerType": "company",
        "operatingSystem": system[0],
        "osVersion": system[1],
        "manufacturer": "Contoso",
        "model": "3",
        "complianceState": "compliant" if good else "noncompliant",
        "complianceGracePeriodExpirationDateTime": "9999-12-31T23:59:59Z",
        "isEncrypted": good,
        "jailBroken": "Unknown",
        "isSupervised": False,
        "managementAgent": "mdm",
        "managementState": "managed",
        "deviceRegistrationState": "registered",
        "azureADDeviceId": f"directory-{name}",
        "enrolledDateTime": enrolled,
        "lastSyncDateTime": seen,
    }


def compliance(type_: str, name: str, minutes: int) -> Body:
    """Return a compliance policy that everybody has, by which a device is locked after some minutes."""
    word = "passcode" if type_ == "ios" else "password"
    target = {"@odata.type": f"{_TYPE}allLicensedUsersAssignmentTarget"}
    return {
        "@odata.type": f"{_TYPE}{type_}CompliancePolicy",
        "id": f"compliance-{type_}",
        "displayName": name,
        f"{word}Required": True,
        f"{word}MinutesOfInactivityBeforeLock": minutes,
        "assignments": [{"id": f"compliance-{type_}_1", "target": target}],
    }


def snapshot(settings: Mapping[str, Body]) -> Body:
    """Return a snapshot of settings of Exchange and Teams, by the types of what has them."""
    resources = [
        {"displayName": type_, "resourceType": type_, "properties": properties}
        for type_, properties in settings.items()
    ]
    return {"id": "weekly", "displayName": "Weekly", "description": "", "parameters": [], "resources": resources}


def snapshot_job(url: str, types: Iterable[str], taken: str) -> Body:
    """Return the job that took that snapshot."""
    return {
        "id": "job-weekly",
        "displayName": "Weekly",
        "status": "succeeded",
        "resources": [type_.lower() for type_ in types],
        "createdDateTime": taken,
        "completedDateTime": taken,
        "resourceLocation": f"{url}/v1.0/admin/configurationManagement/configurationSnapshots/weekly",
        "errorDetails": [],
    }


def change(name: str, category: str, who: Body, what: str, when: str) -> Body:
    """Return a change that the directory has logged."""
    by = {name_: who[name_] for name_ in ("id", "displayName", "userPrincipalName")}
    return {
        "id": f"Directory_{name}",
        "activityDateTime": when,
        "activityDisplayName": what,
        "category": category,
        "operationType": "Update",
        "result": "success",
        "resultReason": "",
        "loggedByService": "Core Directory",
        "correlationId": f"correlation-{name}",
        "initiatedBy": {"user": by, "app": None},
        "targetResources": [],
    }


def resolved(records: Mapping[tuple[str, str], list[str]], name: str, type_: str) -> Body:
    """Return what a resolver answers in JSON."""
    number = {"CNAME": 5, "MX": 15, "TXT": 16}[type_]
    asked = [{"name": name, "type": number}]
    if (name, type_) not in records:
        return {"Status": 3, "TC": False, "Question": asked}
    found = [{"name": name, "type": number, "TTL": 300, "data": data} for data in records[name, type_]]
    return {"Status": 0, "TC": False, "Question": asked, "Answer": found}
