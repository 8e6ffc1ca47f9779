"""The made-up tenant Acme: what Graph, Resource Manager and the DNS say of it, in their own words.

Good and bad are side by side, so that each check has something of both where it judges several things.
"""

from __future__ import annotations

import json
from typing import Any

from connectors.entra._sdk import calls
from connectors.entra.applications.grants import RESOURCES
from connectors.entra.roles.privileged import GLOBAL_ADMINISTRATOR
from tests.connectors.entra.judging import ago
from tests.connectors.entra.played import Refusal

SECURITY_ADMINISTRATOR = "194ae4cb-b126-40b2-bd5b-6091b380977d"
USER_TYPE = "#microsoft.graph.user"
GROUP_TYPE = "#microsoft.graph.group"
PHISHING_RESISTANT = {
    "id": "00000000-0000-0000-0000-000000000004",
    "displayName": "Phishing-resistant MFA",
    "policyType": "builtIn",
    "requirementsSatisfied": "mfa",
    "allowedCombinations": ["windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"],
}


def a_user(name: str, **but: Any) -> dict[str, Any]:
    """Return a member who signed in yesterday."""
    return {
        "id": f"u-{name}",
        "userPrincipalName": f"{name}@acme.example",
        "displayName": name.title(),
        "mail": f"{name}@acme.example",
        "userType": "Member",
        "accountEnabled": True,
        "creationType": None,
        "externalUserState": None,
        "createdDateTime": ago(700),
        "employeeId": None,
        "employeeHireDate": None,
        "onPremisesSyncEnabled": None,
        "passwordPolicies": None,
        "lastPasswordChangeDateTime": ago(100),
        "assignedLicenses": [],
        "isResourceAccount": None,
        "signInActivity": {
            "lastSignInDateTime": ago(1),
            "lastNonInteractiveSignInDateTime": ago(1),
            "lastSuccessfulSignInDateTime": ago(1),
        },
        **but,
    }


def a_guest(name: str, **but: Any) -> dict[str, Any]:
    """Return a guest whose account is of another tenant."""
    return a_user(
        name,
        userPrincipalName=f"{name}_partner.example#EXT#@acme.onmicrosoft.com",
        userType="Guest",
        creationType="Invitation",
        externalUserState="Accepted",
        **but,
    )


def registered(user: str, **but: Any) -> dict[str, Any]:
    """Return a row of the report of registered methods."""
    return {
        "id": f"u-{user}",
        "userPrincipalName": f"{user}@acme.example",
        "userDisplayName": user.title(),
        "userType": "member",
        "isAdmin": False,
        "isSsprRegistered": True,
        "isSsprEnabled": True,
        "isSsprCapable": True,
        "isMfaRegistered": True,
        "isMfaCapable": True,
        "isPasswordlessCapable": False,
        "methodsRegistered": ["microsoftAuthenticatorPush"],
        "lastUpdatedDateTime": ago(1),
        **but,
    }


def a_policy(name: str, **but: Any) -> dict[str, Any]:
    """Return an enforced policy that demands a second factor of everybody for everything; conditions by name."""
    conditions = {
        "userRiskLevels": [],
        "signInRiskLevels": [],
        "servicePrincipalRiskLevels": [],
        "clientAppTypes": ["all"],
        "platforms": None,
        "locations": None,
        "devices": None,
        "authenticationFlows": None,
        "clientApplications": None,
        "insiderRiskLevels": None,
        "applications": {
            "includeApplications": ["All"],
            "excludeApplications": [],
            "includeUserActions": [],
            "includeAuthenticationContextClassReferences": [],
            "applicationFilter": None,
        },
        "users": {
            "includeUsers": ["All"],
            "excludeUsers": [],
            "includeGroups": [],
            "excludeGroups": [],
            "includeRoles": [],
            "excludeRoles": [],
            "includeGuestsOrExternalUsers": None,
            "excludeGuestsOrExternalUsers": None,
        },
    }
    for part in ("applications", "users"):
        if part in but:
            conditions[part] = {**conditions[part], **but.pop(part)}  # type: ignore[dict-item]
    conditions |= {key: but.pop(key) for key in [*but] if key in conditions}
    grant = {
        "operator": "OR",
        "builtInControls": ["mfa"],
        "customAuthenticationFactors": [],
        "termsOfUse": [],
        "authenticationStrength": None,
    }
    if "grantControls" in but:
        changed = but.pop("grantControls")
        but["grantControls"] = None if changed is None else {**grant, **changed}
    return {
        "id": f"p-{name}",
        "displayName": name,
        "createdDateTime": ago(500),
        "modifiedDateTime": None,
        "state": "enabled",
        "templateId": None,
        "sessionControls": None,
        "grantControls": grant,
        "conditions": conditions,
        **but,
    }


def an_assignment(name: str, principal: dict[str, Any], role: str = GLOBAL_ADMINISTRATOR, **but: Any) -> dict[str, Any]:
    """Return a role that somebody has."""
    return {
        "id": f"a-{name}",
        "principalId": principal["id"],
        "roleDefinitionId": role,
        "directoryScopeId": "/",
        "appScopeId": None,
        "principal": principal,
        **but,
    }


def an_instance(name: str, principal: dict[str, Any], role: str = GLOBAL_ADMINISTRATOR, **but: Any) -> dict[str, Any]:
    """Return an instance of a schedule, as roles that are activated have."""
    return {
        **an_assignment(name, principal, role),
        "startDateTime": ago(10),
        "endDateTime": None,
        "memberType": "Direct",
        **but,
    }


def a_principal(user: str) -> dict[str, Any]:
    """Return a user as whoever has a role."""
    return {
        "@odata.type": USER_TYPE,
        "id": f"u-{user}",
        "displayName": user.title(),
        "userPrincipalName": f"{user}@acme.example",
    }


def a_device(name: str, **but: Any) -> dict[str, Any]:
    """Return a laptop that is encrypted and compliant."""
    return {
        "id": f"d-{name}",
        "deviceName": name,
        "userPrincipalName": "ada@acme.example",
        "serialNumber": f"SN{name}",
        "managedDeviceOwnerType": "company",
        "operatingSystem": "Windows",
        "osVersion": "10.0.26100.2033",
        "manufacturer": "Contoso",
        "model": "Book 3",
        "complianceState": "compliant",
        "complianceGracePeriodExpirationDateTime": "9999-12-31T23:59:59Z",
        "isEncrypted": True,
        "jailBroken": "Unknown",
        "isSupervised": False,
        "managementAgent": "mdm",
        "managementState": "managed",
        "deviceRegistrationState": "registered",
        "azureADDeviceId": f"aad-{name}",
        "enrolledDateTime": ago(300),
        "lastSyncDateTime": ago(1),
        **but,
    }


def a_compliance_policy(name: str, **but: Any) -> dict[str, Any]:
    """Return a compliance policy for Windows that everybody has."""
    target = {"@odata.type": "#microsoft.graph.allLicensedUsersAssignmentTarget"}
    return {
        "@odata.type": "#microsoft.graph.windows10CompliancePolicy",
        "id": f"c-{name}",
        "displayName": name,
        "passwordRequired": True,
        "passwordMinutesOfInactivityBeforeLock": 15,
        "assignments": [{"id": f"c-{name}_1", "target": target}],
        **but,
    }


def an_ios_policy(name: str) -> dict[str, Any]:
    """Return a compliance policy for iOS, whose settings have other names."""
    kept = {key: value for key, value in a_compliance_policy(name).items() if not key.startswith("password")}
    settings = {"passcodeRequired": True, "passcodeMinutesOfInactivityBeforeLock": 30}
    return {**kept, "@odata.type": "#microsoft.graph.iosCompliancePolicy", **settings}


def an_application(name: str, **but: Any) -> dict[str, Any]:
    """Return an application with a secret that ends soon."""
    secret = {
        "keyId": f"k-{name}",
        "displayName": "deploy",
        "hint": "abc",
        "secretText": None,
        "customKeyIdentifier": None,
        "startDateTime": ago(30),
        "endDateTime": ago(-60),
    }
    certificate = {
        "keyId": f"c-{name}",
        "displayName": "CN=deploy",
        "key": None,
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
        "customKeyIdentifier": None,
        "startDateTime": ago(30),
        "endDateTime": ago(-300),
    }
    return {
        "id": f"app-{name}",
        "appId": f"appid-{name}",
        "displayName": name,
        "createdDateTime": ago(400),
        "signInAudience": "AzureADMyOrg",
        "publisherDomain": "acme.example",
        "passwordCredentials": [secret],
        "keyCredentials": [certificate],
        "requiredResourceAccess": [],
        "tags": [],
        **but,
    }


def a_service_principal(name: str, **but: Any) -> dict[str, Any]:
    """Return an application that can sign in."""
    return {
        "id": f"sp-{name}",
        "appId": f"appid-{name}",
        "displayName": name,
        "servicePrincipalType": "Application",
        "accountEnabled": True,
        "appOwnerOrganizationId": "11111111-2222-3333-4444-555555555555",
        "createdByAppId": None,
        "signInAudience": "AzureADMyOrg",
        "tags": [],
        "appRoles": [],
        **but,
    }


def a_grant(name: str, role: str, resource: str = "sp-graph") -> dict[str, Any]:
    """Return a permission that an application was granted."""
    return {
        "id": f"g-{name}-{role}",
        "appRoleId": role,
        "createdDateTime": ago(100),
        "principalDisplayName": name,
        "principalId": f"sp-{name}",
        "principalType": "ServicePrincipal",
        "resourceDisplayName": "Microsoft Graph",
        "resourceId": resource,
    }


def an_incident(name: str, **but: Any) -> dict[str, Any]:
    """Return an incident that was resolved."""
    return {
        "id": name,
        "displayName": f"Incident {name}",
        "severity": "high",
        "status": "resolved",
        "createdDateTime": ago(20),
        "lastUpdateDateTime": ago(19),
        "assignedTo": None,
        "classification": "unknown",
        "determination": "unknown",
        "comments": [{"comment": "looked at", "createdByDisplayName": "Ada", "createdDateTime": ago(19)}],
        **but,
    }


def a_review(name: str, *queries: str, **but: Any) -> dict[str, Any]:
    """Return a recurring review of what some queries name."""
    scopes = [{"@odata.type": "#microsoft.graph.accessReviewQueryScope", "query": query} for query in queries]
    recurrence = {
        "pattern": {"type": "absoluteMonthly", "interval": 3},
        "range": {"type": "noEnd", "startDate": "2025-01-01"},
    }
    return {
        "id": f"r-{name}",
        "displayName": name,
        "status": "InProgress",
        "createdBy": {"id": "u-ada", "displayName": "Ada", "userPrincipalName": "ada@acme.example"},
        "scope": {"@odata.type": "#microsoft.graph.principalResourceMembershipsScope", "resourceScopes": scopes},
        "instanceEnumerationScope": None,
        "settings": {"recurrence": recurrence},
        **but,
    }


def a_sku(name: str, *plans: str, **but: Any) -> dict[str, Any]:
    """Return a licence with the services in it."""
    return {
        "id": f"sku-{name}",
        "skuId": f"id-{name}",
        "skuPartNumber": name,
        "capabilityStatus": "Enabled",
        "appliesTo": "User",
        "consumedUnits": 7,
        "prepaidUnits": {"enabled": 10, "suspended": 0, "warning": 0},
        "servicePlans": [
            {"servicePlanId": plan, "servicePlanName": plan, "provisioningStatus": "Success", "appliesTo": "User"}
            for plan in plans
        ],
        **but,
    }


def a_domain(name: str, **but: Any) -> dict[str, Any]:
    """Return a verified domain with mail."""
    return {
        "id": name,
        "authenticationType": "Managed",
        "isAdminManaged": True,
        "isDefault": False,
        "isInitial": False,
        "isRoot": True,
        "isVerified": True,
        "supportedServices": ["Email"],
        "passwordValidityPeriodInDays": 2147483647,
        "passwordNotificationWindowInDays": 14,
        **but,
    }


RECORDS = {
    ("acme.example", "TXT"): ['"v=spf1 include:spf.protection.outlook.com -all"', '"MS=ms1234"'],
    ("acme.example", "MX"): ["0 acme-example.mail.protection.outlook.com."],
    ("_dmarc.acme.example", "TXT"): ['"v=DMARC1; p=reject"'],
    ("selector1._domainkey.acme.example", "CNAME"): ["selector1-acme-example._domainkey.acme.onmicrosoft.com."],
    # The resolver follows the alias; Microsoft publishes the key of the selector in use.
    ("selector1._domainkey.acme.example", "TXT"): ['"v=DKIM1; k=rsa; p=MIIBIjANBgkq"'],
    ("selector2._domainkey.acme.example", "CNAME"): ["selector2-acme-example._domainkey.acme.onmicrosoft.com."],
}


def resolved(name: str, type_: str) -> dict[str, Any]:
    """Return the answer of the resolver."""
    number = {"CNAME": 5, "MX": 15, "TXT": 16}[type_]
    if (name, type_) not in RECORDS:
        return {"Status": 3, "TC": False, "Question": [{"name": name, "type": number}]}
    found = [{"name": name, "type": number, "TTL": 300, "data": data} for data in RECORDS[name, type_]]
    return {"Status": 0, "TC": False, "Question": [{"name": name, "type": number}], "Answer": found}


def a_job(number: int, *types: str, **but: Any) -> dict[str, Any]:
    """Return a snapshot that was taken yesterday."""
    base = "https://graph.microsoft.com/v1.0/admin/configurationManagement/configurationSnapshots"
    return {
        "id": f"job-{number}",
        "displayName": f"Snapshot {number}",
        "status": "succeeded",
        "resources": list(types),
        "createdDateTime": ago(1.1),
        "completedDateTime": ago(1),
        "resourceLocation": f"{base}/snapshot-{number}",
        "errorDetails": [],
        **but,
    }


EXCHANGE: dict[str, Any] = {
    "microsoft.exchange.OrganizationConfig": {"AuditDisabled": False, "CustomerLockboxEnabled": True},
    "microsoft.exchange.TransportConfig": {"SmtpClientAuthenticationDisabled": True},
    "microsoft.exchange.HostedOutboundSpamFilterPolicy": {"Identity": "Default", "AutoForwardingMode": "Automatic"},
    "microsoft.exchange.RemoteDomain": {"Identity": "Default", "DomainName": "*", "AutoForwardEnabled": True},
    "microsoft.exchange.TransportRule": {"Name": "Disclaimer", "State": "Enabled"},
    "microsoft.exchange.MalwareFilterPolicy": {"Identity": "Default", "EnableFileFilter": True, "ZapEnabled": True},
    "microsoft.exchange.SafeAttachmentPolicy": {
        "Identity": "Built-In Protection Policy",
        "Enable": True,
        "Action": "Block",
    },
    "microsoft.exchange.SafeLinksPolicy": {"Identity": "Built-In Protection Policy", "EnableSafeLinksForEmail": True},
    "microsoft.exchange.ATPBuiltInProtectionRule": {
        "Identity": "ATP Built-In Protection Rule",
        "ExceptIfRecipientDomainIs": [],
        "ExceptIfSentTo": [],
        "ExceptIfSentToMemberOf": [],
    },
    "microsoft.exchange.AdminAuditLogConfig": {"UnifiedAuditLogIngestionEnabled": True},
    "microsoft.exchange.MailboxAuditBypassAssociation": {"AuditBypassEnabled": False},
    "microsoft.exchange.ReportSubmissionPolicy": {"EnableReportToMicrosoft": True},
}
TEAMS: dict[str, Any] = {
    "microsoft.teams.FederationConfiguration": {
        "AllowFederatedUsers": True,
        "AllowedDomains": ["partner.example"],
        "AllowTeamsConsumer": False,
    },
    "microsoft.teams.MeetingPolicy": {
        "Identity": "Global",
        "AutoAdmittedUsers": "EveryoneInCompany",
        "AllowPSTNUsersToBypassLobby": False,
    },
}


def a_snapshot(name: str) -> dict[str, Any]:
    """Return what is in a snapshot."""
    of = {"snapshot-1": EXCHANGE, "snapshot-2": TEAMS}[name]
    resources = [
        {"displayName": type_, "resourceType": type_, "properties": properties} for type_, properties in of.items()
    ]
    return {"id": name, "displayName": name, "description": "", "parameters": [], "resources": resources}


GROUPS: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "grp-emergency": (
        {"id": "grp-emergency", "displayName": "Emergency", "visibility": "Private", "membershipRule": None},
        [{"@odata.type": USER_TYPE, "id": "u-glass1"}, {"@odata.type": USER_TYPE, "id": "u-glass2"}],
    ),
    "grp-admins": (
        {"id": "grp-admins", "displayName": "Admins", "visibility": "Private", "membershipRule": None},
        [
            {"@odata.type": GROUP_TYPE, "id": "grp-inner"},
            {"@odata.type": USER_TYPE, "id": "u-ada"},
            {"@odata.type": USER_TYPE, "id": "u-bob"},
        ],
    ),
}


def _group(name: str) -> dict[str, Any]:
    if name not in GROUPS:
        raise Refusal(404, "Request_ResourceNotFound", f"Resource '{name}' does not exist")
    return GROUPS[name][0]


def _members(name: str) -> list[dict[str, Any]]:
    _group(name)
    return GROUPS[name][1]


def _users() -> list[dict[str, Any]]:
    return [
        a_user("ada"),
        a_user("bob", onPremisesSyncEnabled=True),
        a_user("eve", signInActivity={"lastSignInDateTime": ago(200), "lastSuccessfulSignInDateTime": ago(200)}),
        a_user("new", createdDateTime=ago(1), signInActivity=None),
        a_user("gone", accountEnabled=False),
        a_user("glass1"),
        a_user("glass2"),
        a_guest("gus"),
        a_guest("gil", signInActivity={"lastSignInDateTime": ago(300), "lastSuccessfulSignInDateTime": ago(300)}),
    ]


def _rows() -> list[dict[str, Any]]:
    rows = [registered(name) for name in ("ada", "bob", "glass1", "glass2")]
    return [*rows, registered("eve", isMfaRegistered=False, isMfaCapable=False, methodsRegistered=[])]


def _policies() -> list[dict[str, Any]]:
    emergency = {"excludeGroups": ["grp-emergency"]}
    return [
        a_policy("Everybody with two factors", users=emergency),
        a_policy(
            "No legacy clients",
            users=emergency,
            clientAppTypes=["exchangeActiveSync", "other"],
            grantControls={"builtInControls": ["block"]},
        ),
        a_policy(
            "Administrators resist phishing",
            users={"includeUsers": [], "includeRoles": [GLOBAL_ADMINISTRATOR, SECURITY_ADMINISTRATOR]},
            grantControls={"builtInControls": [], "authenticationStrength": PHISHING_RESISTANT},
        ),
        a_policy("An experiment", users={"excludeGroups": ["grp-deleted"]}, state="enabledForReportingButNotEnforced"),
    ]


def a_method(name: str, state: str, **but: Any) -> dict[str, Any]:
    """Return a method of signing in."""
    types = {
        "Fido2": "fido2AuthenticationMethodConfiguration",
        "Sms": "smsAuthenticationMethodConfiguration",
        "Voice": "voiceAuthenticationMethodConfiguration",
        "Email": "emailAuthenticationMethodConfiguration",
    }
    return {"@odata.type": f"#microsoft.graph.{types[name]}", "id": name, "state": state, **but}


def password_rules(**but: Any) -> dict[str, Any]:
    """Return the settings of password protection."""
    values = {
        "BannedPasswordCheckOnPremisesMode": "Audit",
        "EnableBannedPasswordCheckOnPremises": "true",
        "EnableBannedPasswordCheck": "true",
        "LockoutDurationInSeconds": "60",
        "LockoutThreshold": "10",
        "BannedPasswordList": "acme\tutrecht",
        **but,
    }
    return {
        "id": "s-1",
        "displayName": "Password Rule Settings",
        "templateId": "5cf42378-d67d-4f36-ba46-e8b86229381d",
        "values": [{"name": name, "value": value} for name, value in values.items() if value is not None],
    }


def a_role_policy(role: str, **but: Any) -> dict[str, Any]:
    """Return the policy of a role, by which it is activated; rules by the end of their ids."""
    namespace = "#microsoft.graph.unifiedRoleManagementPolicy"
    enabled = ["MultiFactorAuthentication", "Justification"]
    rules = {
        "Approval_EndUser_Assignment": {
            "@odata.type": f"{namespace}ApprovalRule",
            "setting": {"isApprovalRequired": True, "isApprovalRequiredForExtension": False},
        },
        "Enablement_EndUser_Assignment": {"@odata.type": f"{namespace}EnablementRule", "enabledRules": enabled},
        "AuthenticationContext_EndUser_Assignment": {
            "@odata.type": f"{namespace}AuthenticationContextRule",
            "isEnabled": False,
            "claimValue": None,
        },
        **but,
    }
    listed = [{"id": name, **rule} for name, rule in rules.items() if rule is not None]
    return {
        "id": f"DirectoryRole_{role}",
        "policyId": f"policy-{role}",
        "roleDefinitionId": role,
        "scopeId": "/",
        "scopeType": "DirectoryRole",
        "policy": {
            "id": f"policy-{role}",
            "displayName": "DirectoryRole",
            "lastModifiedBy": {"id": None, "displayName": "Ada"},
            "rules": listed,
        },
    }


def a_risky_user(user: str, **but: Any) -> dict[str, Any]:
    """Return a user of high risk."""
    return {
        "id": f"u-{user}",
        "userPrincipalName": f"{user}@acme.example",
        "userDisplayName": user.title(),
        "isDeleted": False,
        "isProcessing": False,
        "riskLevel": "high",
        "riskState": "atRisk",
        "riskDetail": "none",
        "riskLastUpdatedDateTime": ago(10),
        **but,
    }


def a_simulation(name: str, **but: Any) -> dict[str, Any]:
    """Return a simulated attack that has ended."""
    return {
        "id": f"sim-{name}",
        "displayName": f"Parcel {name}",
        "description": "A parcel",
        "attackType": "social",
        "attackTechnique": "credentialHarvesting",
        "status": "succeeded",
        "completionDateTime": ago(100),
        "createdBy": {"id": "u-ada", "displayName": "Ada", "email": "ada@acme.example"},
        "lastModifiedBy": {"id": "u-ada", "displayName": "Ada", "email": "ada@acme.example"},
        "report": {"overview": {"resolvedTargetsCount": 7}},
        **but,
    }


def a_timeout(name: str, span: str, **but: Any) -> dict[str, Any]:
    """Return a policy of idle sessions."""
    policy = {"Version": 1, "ApplicationPolicies": [{"ApplicationId": "default", "WebSessionIdleTimeout": span}]}
    return {
        "id": f"t-{name}",
        "displayName": name,
        "isOrganizationDefault": True,
        "definition": [json.dumps({"ActivityBasedTimeoutPolicy": policy})],
        **but,
    }


def an_agreement(name: str, **but: Any) -> dict[str, Any]:
    """Return terms of use that are accepted every quarter."""
    return {
        "id": f"tou-{name}",
        "displayName": f"Terms {name}",
        "userReacceptRequiredFrequency": "P90D",
        "isViewingBeforeAcceptanceRequired": True,
        "isPerDeviceAcceptanceRequired": False,
        "termsExpiration": None,
        **but,
    }


def a_synchronization(name: str, **features: Any) -> dict[str, Any]:
    """Return settings of synchronization that block both take-overs."""
    known = {"blockSoftMatchEnabled": True, "blockCloudObjectTakeoverThroughHardMatchEnabled": True}
    return {"id": f"sync-{name}", "features": {**known, "passwordSyncEnabled": True, **features}}


def a_label(name: str, **but: Any) -> dict[str, Any]:
    """Return a sensitivity label, as Microsoft's example has it."""
    return {
        "id": f"l-{name}",
        "name": name,
        "description": "",
        "priority": 1,
        "toolTip": "",
        "isEnabled": True,
        "applicableTo": "email,teamwork,file",
        **but,
    }


def a_retention_label(name: str, **but: Any) -> dict[str, Any]:
    """Return a label that keeps for two years."""
    by = {"user": {"id": "u-ada", "displayName": "Ada"}}
    return {
        "id": f"rl-{name}",
        "displayName": name,
        "behaviorDuringRetentionPeriod": "retain",
        "actionAfterRetentionPeriod": "none",
        "retentionDuration": {"@odata.type": "microsoft.graph.security.retentionDurationInDays", "days": 730},
        "isInUse": True,
        "createdBy": by,
        "lastModifiedBy": by,
        **but,
    }


def a_change(name: str, **but: Any) -> dict[str, Any]:
    """Return a change that the directory has logged."""
    by = {"id": "u-ada", "displayName": "Ada", "userPrincipalName": "ada@acme.example", "ipAddress": "192.0.2.7"}
    return {
        "id": f"Directory_{name}",
        "activityDateTime": ago(3),
        "activityDisplayName": "Update conditional access policy",
        "category": "Policy",
        "operationType": "Update",
        "result": "success",
        "resultReason": "",
        "loggedByService": "Conditional Access",
        "correlationId": f"c-{name}",
        "initiatedBy": {"user": by, "app": None},
        "targetResources": [],
        **but,
    }


def estate() -> dict[str, Any]:
    """Return the answers for each call, made anew."""
    ada, bob = a_principal("ada"), a_principal("bob")
    admins = {"@odata.type": GROUP_TYPE, "id": "grp-admins", "displayName": "Admins"}
    tenant = {"id": "11111111-2222-3333-4444-555555555555", "displayName": "Acme"}
    roles = [{"id": "role-mail", "value": "Mail.ReadWrite"}, {"id": "role-read", "value": "User.Read.All"}]
    services = [a_service_principal(f"service{number}", appId=app) for number, app in enumerate(RESOURCES)]
    services[0] |= {
        "id": "sp-graph",
        "displayName": "Microsoft Graph",
        "appOwnerOrganizationId": "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
        "appRoles": roles,
    }
    grants = {"sp-graph": [a_grant("mailer", "role-mail"), a_grant("reader", "role-read")]}
    rounds = [
        {"id": "i-1", "status": "Completed", "startDateTime": ago(40), "endDateTime": ago(20)},
        {"id": "i-2", "status": "InProgress", "startDateTime": ago(2), "endDateTime": ago(-10)},
    ]
    audit = {"category": "AuditLogs", "enabled": True}
    sign_ins = [
        {"category": name, "enabled": True}
        for name in ("SignInLogs", "NonInteractiveUserSignInLogs", "ServicePrincipalSignInLogs")
    ]
    workspace = "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/siem"
    return {
        calls.ORGANIZATION: [
            {
                **tenant,
                "createdDateTime": ago(3000),
                "onPremisesSyncEnabled": True,
                "onPremisesLastSyncDateTime": ago(0.01),
                "city": "Utrecht",
                "street": "Gracht 1",
            }
        ],
        calls.SKUS: [a_sku("SPE_E5", "AAD_PREMIUM_P2"), a_sku("POWER_BI_STANDARD", "BI_AZURE_P0")],
        calls.DOMAINS: [
            a_domain("acme.example", isDefault=True),
            a_domain("old.example"),
            a_domain("acme.onmicrosoft.com", isInitial=True),
        ],
        calls.USERS: _users(),
        calls.SIGN_IN_ACTIVITY: _users(),
        calls.REGISTRATION: _rows(),
        calls.GROUP: _group,
        calls.GROUP_MEMBERS: _members,
        calls.SECURITY_DEFAULTS: {
            "id": "00000000-0000-0000-0000-000000000005",
            "displayName": "Security Defaults",
            "description": "",
            "isEnabled": False,
        },
        calls.AUTHORIZATION: {
            "id": "authorizationPolicy",
            "displayName": "Authorization Policy",
            "allowInvitesFrom": "adminsAndGuestInviters",
            "guestUserRoleId": "10dae51f-b6af-4016-8d66-8c2a99b929b3",
            "defaultUserRolePermissions": {
                "allowedToCreateApps": False,
                "allowedToCreateSecurityGroups": True,
                "allowedToCreateTenants": False,
                "allowedToReadOtherUsers": True,
                "permissionGrantPoliciesAssigned": ["ManagePermissionGrantsForSelf.microsoft-user-default-low"],
            },
        },
        calls.ADMIN_CONSENT: {
            "isEnabled": True,
            "notifyReviewers": True,
            "remindersEnabled": True,
            "requestDurationInDays": 30,
            "version": 0,
            "reviewers": [{"query": "/users/u-ada", "queryType": "MicrosoftGraph", "queryRoot": None}],
        },
        calls.CONDITIONAL_ACCESS: _policies(),
        calls.NAMED_LOCATIONS: [
            {
                "@odata.type": "#microsoft.graph.ipNamedLocation",
                "id": "loc-office",
                "displayName": "Office",
                "isTrusted": True,
                "ipRanges": [{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "192.0.2.0/24"}],
            },
            {
                "@odata.type": "#microsoft.graph.countryNamedLocation",
                "id": "loc-home",
                "displayName": "Home",
                "countriesAndRegions": ["NL"],
                "includeUnknownCountriesAndRegions": False,
            },
        ],
        calls.ROLE_ASSIGNMENTS: [
            an_assignment("1", ada),
            an_assignment("2", admins),
            an_assignment("3", bob, SECURITY_ADMINISTRATOR),
        ],
        calls.ROLE_DEFINITIONS: [
            {
                "id": role,
                "templateId": role,
                "displayName": name,
                "description": "",
                "isBuiltIn": True,
                "isEnabled": True,
            }
            for role, name in (
                (GLOBAL_ADMINISTRATOR, "Global Administrator"),
                (SECURITY_ADMINISTRATOR, "Security Administrator"),
            )
        ],
        calls.ELIGIBLE_ROLES: [
            an_instance("e1", a_principal("eve"), SECURITY_ADMINISTRATOR),
            an_instance("e2", admins, SECURITY_ADMINISTRATOR),
        ],
        calls.GROUP_ELIGIBILITY: [
            {"id": f"ge-{name}", "groupId": name, "principalId": "u-eve", "accessId": "member", "endDateTime": None}
            for name in GROUPS
        ],
        calls.ACTIVE_ROLES: [
            an_instance("s1", ada, assignmentType="Assigned"),
            an_instance("s2", bob, SECURITY_ADMINISTRATOR, assignmentType="Activated", endDateTime=ago(-0.1)),
        ],
        calls.ACCESS_REVIEWS: [
            a_review("Administrators", f"/roleManagement/directory/roleDefinitions/{GLOBAL_ADMINISTRATOR}"),
            a_review("Guests", "/groups?$filter=x", "./members/microsoft.graph.user/?$filter=(userType eq 'Guest')"),
        ],
        calls.REVIEW_INSTANCES: lambda _name: rounds,
        calls.APPLICATIONS: [
            an_application("deploy"),
            an_application("forgotten", passwordCredentials=[], keyCredentials=[]),
        ],
        calls.APPLICATION_OWNERS: lambda name: [{"@odata.type": USER_TYPE, "id": "u-ada"}] * (name == "app-deploy"),
        calls.SERVICE_PRINCIPALS: [
            *services,
            a_service_principal("mailer"),
            a_service_principal("reader"),
        ],
        calls.SERVICES: services,
        calls.APP_ROLES_OF: lambda name: grants.get(name, []),
        calls.CONSENTS: [
            {
                "id": "consent-1",
                "clientId": "sp-reader",
                "consentType": "AllPrincipals",
                "principalId": None,
                "resourceId": "sp-graph",
                "scope": "User.Read openid",
            },
            {
                "id": "consent-2",
                "clientId": "sp-mailer",
                "consentType": "Principal",
                "principalId": "u-ada",
                "resourceId": "sp-graph",
                "scope": "Mail.Read",
            },
        ],
        calls.INCIDENTS: [
            an_incident("1"),
            an_incident("2", status="active", createdDateTime=ago(30)),
        ],
        calls.DEVICES: [
            a_device("laptop"),
            a_device("old", isEncrypted=False, complianceState="noncompliant", osVersion="10.0.19045.1"),
            a_device("phone", operatingSystem="iOS", osVersion="18.1", isEncrypted=True),
        ],
        calls.COMPLIANCE_POLICIES: [
            a_compliance_policy("Windows"),
            an_ios_policy("Phones"),
        ],
        calls.DEVICE_MANAGEMENT: {
            "id": "intune",
            "subscriptionState": "active",
            "intuneAccountId": "i-1",
            "settings": {
                "deviceComplianceCheckinThresholdDays": 30,
                "isScheduledActionEnabled": True,
                "secureByDefault": True,
            },
        },
        calls.SHAREPOINT: {
            "id": "sharepoint",
            "sharingCapability": "externalUserSharingOnly",
            "sharingDomainRestrictionMode": "none",
            "isResharingByExternalUsersEnabled": False,
            "isLegacyAuthProtocolsEnabled": False,
            "isUnmanagedSyncAppForTenantRestricted": False,
        },
        calls.SNAPSHOT_JOBS: [
            a_job(1, *(name.lower() for name in EXCHANGE)),
            a_job(2, *(name.lower() for name in TEAMS)),
            a_job(3, "microsoft.exchange.transportconfig", status="failed", completedDateTime=ago(0.5)),
        ],
        calls.SNAPSHOT: a_snapshot,
        calls.AUTHENTICATION_METHODS: {
            "id": "authenticationMethodsPolicy",
            "displayName": "Authentication Methods Policy",
            "policyMigrationState": "migrationComplete",
            "authenticationMethodConfigurations": [
                a_method("Fido2", "enabled"),
                a_method("Sms", "disabled"),
                a_method("Voice", "disabled"),
                a_method("Email", "enabled"),
            ],
        },
        calls.GROUP_SETTINGS: [password_rules(), {**password_rules(), "id": "s-2", "templateId": "another"}],
        calls.ROLE_POLICIES: [a_role_policy(GLOBAL_ADMINISTRATOR), a_role_policy(SECURITY_ADMINISTRATOR)],
        calls.RISKY_USERS: [a_risky_user("bob"), a_risky_user("eve", riskState="dismissed", riskLevel="none")],
        calls.SIMULATIONS: [a_simulation("1"), a_simulation("2", status="scheduled", completionDateTime=None)],
        calls.SECURE_SCORES: [
            {
                "id": "t_2026-03-01",
                "azureTenantId": "t",
                "activeUserCount": 7,
                "licensedUserCount": 10,
                "createdDateTime": ago(0.5),
                "currentScore": 80.5,
                "maxScore": 160.0,
            }
        ],
        calls.DEVICE_REGISTRATION: {
            "id": "deviceRegistrationPolicy",
            "displayName": "Device Registration Policy",
            "userDeviceQuota": 50,
            "multiFactorAuthConfiguration": "notRequired",
            "azureADJoin": {
                "isAdminConfigurable": True,
                "allowedToJoin": {"@odata.type": "#microsoft.graph.allDeviceRegistrationMembership"},
                "localAdmins": {"enableGlobalAdmins": True},
            },
        },
        calls.ACTIVITY_TIMEOUT: [a_timeout("1", "00:30:00"), a_timeout("2", "10:00:00", isOrganizationDefault=False)],
        calls.TERMS_OF_USE: [an_agreement("1"), an_agreement("2", userReacceptRequiredFrequency=None)],
        calls.SYNCHRONIZATION: [a_synchronization("1"), a_synchronization("2")],
        calls.SENSITIVITY_LABELS: [a_label(name) for name in ("Public", "Internal", "Secret")],
        calls.RETENTION_LABELS: [a_retention_label("Invoices"), a_retention_label("Letters", isInUse=False)],
        calls.CROSS_TENANT: {
            "isServiceDefault": True,
            "inboundTrust": {"isMfaAccepted": False, "isCompliantDeviceAccepted": False},
        },
        calls.APP_MANAGEMENT: {
            "id": "00000000-0000-0000-0000-000000000000",
            "displayName": "Default app management tenant policy",
            "isEnabled": False,
        },
        calls.DIRECTORY_AUDITS: [a_change("1"), a_change("2", category="RoleManagement")],
        calls.DNS: resolved,
        calls.DIAGNOSTIC_SETTINGS: [
            {"name": "changes", "id": "ds-1", "properties": {"logs": [audit], "workspaceId": workspace}},
            {"name": "sign-ins", "id": "ds-2", "properties": {"logs": sign_ins, "workspaceId": workspace}},
        ],
    }
