"""The calls of Microsoft Graph that are made, each with the least application permissions that it needs.

By https://github.com/microsoftgraph/microsoft-graph-devx-content (permissions/new/permissions.json), from which the
tables of Microsoft's documentation are made; a test compares them. A call whose operation has a query is one of its
own, because what it selects needs more.
"""

from __future__ import annotations

from typing import NamedTuple

P1 = "Microsoft Entra ID P1"
P2 = "Microsoft Entra ID P2"
GOVERNANCE = "Microsoft Entra ID P2 or ID Governance"
INTUNE = "Microsoft Intune"
DEFENDER_OFFICE = "Microsoft Defender for Office 365 Plan 2"


class Terms(NamedTuple):
    """What Microsoft asks for a call: application permissions, and a licence; empty where none is documented."""

    permissions: tuple[str, ...]
    licence: str = ""


def _terms(*permissions: str, licence: str = "") -> Terms:
    return Terms(permissions, licence)


ORGANIZATION = "GET /organization"
SKUS = "GET /subscribedSkus"
DOMAINS = "GET /domains"
USERS = "GET /users"
SIGN_IN_ACTIVITY = "GET /users?$select=signInActivity"
GROUP = "GET /groups/{id}"
GROUP_MEMBERS = "GET /groups/{id}/transitiveMembers"
GROUP_SETTINGS = "GET /groupSettings"
REGISTRATION = "GET /reports/authenticationMethods/userRegistrationDetails"
SECURITY_DEFAULTS = "GET /policies/identitySecurityDefaultsEnforcementPolicy"
AUTHORIZATION = "GET /policies/authorizationPolicy"
AUTHENTICATION_METHODS = "GET /policies/authenticationMethodsPolicy"
ADMIN_CONSENT = "GET /policies/adminConsentRequestPolicy"
APP_MANAGEMENT = "GET /policies/defaultAppManagementPolicy"
DEVICE_REGISTRATION = "GET /policies/deviceRegistrationPolicy"
CROSS_TENANT = "GET /policies/crossTenantAccessPolicy/default"
ACTIVITY_TIMEOUT = "GET /policies/activityBasedTimeoutPolicies"
CONDITIONAL_ACCESS = "GET /identity/conditionalAccess/policies"
NAMED_LOCATIONS = "GET /identity/conditionalAccess/namedLocations"
ROLE_ASSIGNMENTS = "GET /roleManagement/directory/roleAssignments"
ROLE_DEFINITIONS = "GET /roleManagement/directory/roleDefinitions"
ELIGIBLE_ROLES = "GET /roleManagement/directory/roleEligibilityScheduleInstances"
ACTIVE_ROLES = "GET /roleManagement/directory/roleAssignmentScheduleInstances"
GROUP_ELIGIBILITY = "GET /identityGovernance/privilegedAccess/group/eligibilityScheduleInstances"
ROLE_POLICIES = "GET /policies/roleManagementPolicyAssignments"
ACCESS_REVIEWS = "GET /identityGovernance/accessReviews/definitions"
REVIEW_INSTANCES = "GET /identityGovernance/accessReviews/definitions/{id}/instances"
TERMS_OF_USE = "GET /identityGovernance/termsOfUse/agreements"
APPLICATIONS = "GET /applications"
APPLICATION_OWNERS = "GET /applications/{id}/owners"
SERVICE_PRINCIPALS = "GET /servicePrincipals"
SERVICES = "GET /servicePrincipals?$filter=appId"
APP_ROLES_OF = "GET /servicePrincipals/{id}/appRoleAssignedTo"
CONSENTS = "GET /oauth2PermissionGrants"
RISKY_USERS = "GET /identityProtection/riskyUsers"
SYNCHRONIZATION = "GET /directory/onPremisesSynchronization"
DIRECTORY_AUDITS = "GET /auditLogs/directoryAudits"
INCIDENTS = "GET /security/incidents"
SECURE_SCORES = "GET /security/secureScores"
SIMULATIONS = "GET /security/attackSimulation/simulations"
SENSITIVITY_LABELS = "GET /security/dataSecurityAndGovernance/sensitivityLabels"
RETENTION_LABELS = "GET /security/labels/retentionLabels"
DEVICES = "GET /deviceManagement/managedDevices"
COMPLIANCE_POLICIES = "GET /deviceManagement/deviceCompliancePolicies"
DEVICE_MANAGEMENT = "GET /deviceManagement"
SHAREPOINT = "GET /admin/sharepoint/settings"
SNAPSHOT_JOBS = "GET /admin/configurationManagement/configurationSnapshotJobs"
SNAPSHOT = "GET /admin/configurationManagement/configurationSnapshots/{id}"
DNS = "GET DNS over HTTPS"
DIAGNOSTIC_SETTINGS = "GET /providers/microsoft.aadiam/diagnosticSettings"

TERMS: dict[str, Terms] = {
    ORGANIZATION: _terms("Organization.Read.All"),
    SKUS: _terms("LicenseAssignment.Read.All"),
    DOMAINS: _terms("Domain.Read.All"),
    USERS: _terms("User.Read.All"),
    SIGN_IN_ACTIVITY: _terms("AuditLog.Read.All", licence=P1),
    GROUP: _terms("GroupMember.Read.All"),
    GROUP_MEMBERS: _terms("GroupMember.Read.All"),
    GROUP_SETTINGS: _terms("GroupSettings.Read.All"),
    REGISTRATION: _terms("AuditLog.Read.All", licence=P1),
    SECURITY_DEFAULTS: _terms("Policy.Read.All"),
    AUTHORIZATION: _terms("Policy.Read.All"),
    AUTHENTICATION_METHODS: _terms("Policy.Read.AuthenticationMethod"),
    ADMIN_CONSENT: _terms("Policy.Read.All"),
    APP_MANAGEMENT: _terms("Policy.Read.All"),
    DEVICE_REGISTRATION: _terms("Policy.Read.DeviceConfiguration"),
    CROSS_TENANT: _terms("Policy.Read.All"),
    ACTIVITY_TIMEOUT: _terms("Policy.Read.All"),
    CONDITIONAL_ACCESS: _terms("Policy.Read.All", licence=P1),
    NAMED_LOCATIONS: _terms("Policy.Read.All", licence=P1),
    ROLE_ASSIGNMENTS: _terms("RoleManagement.Read.Directory"),
    ROLE_DEFINITIONS: _terms("RoleManagement.Read.Directory"),
    ELIGIBLE_ROLES: _terms("RoleEligibilitySchedule.Read.Directory", licence=P2),
    ACTIVE_ROLES: _terms("RoleAssignmentSchedule.Read.Directory", licence=P2),
    GROUP_ELIGIBILITY: _terms("PrivilegedEligibilitySchedule.Read.AzureADGroup", licence=P2),
    ROLE_POLICIES: _terms("RoleManagement.Read.Directory", licence=P2),
    ACCESS_REVIEWS: _terms("AccessReview.Read.All", licence=GOVERNANCE),
    REVIEW_INSTANCES: _terms("AccessReview.Read.All", licence=GOVERNANCE),
    TERMS_OF_USE: _terms("Agreement.Read.All", licence=P1),
    APPLICATIONS: _terms("Application.Read.All"),
    APPLICATION_OWNERS: _terms("Application.Read.All"),
    SERVICE_PRINCIPALS: _terms("Application.Read.All"),
    SERVICES: _terms("Application.Read.All"),
    APP_ROLES_OF: _terms("Application.Read.All"),
    CONSENTS: _terms("Directory.Read.All"),
    RISKY_USERS: _terms("IdentityRiskyUser.Read.All", licence=P2),
    SYNCHRONIZATION: _terms("OnPremDirectorySynchronization.Read.All"),
    DIRECTORY_AUDITS: _terms("AuditLog.Read.All"),
    INCIDENTS: _terms("SecurityIncident.Read.All"),
    SECURE_SCORES: _terms("SecurityEvents.Read.All"),
    SIMULATIONS: _terms("AttackSimulation.Read.All", licence=DEFENDER_OFFICE),
    SENSITIVITY_LABELS: _terms("SensitivityLabels.Read.All"),
    RETENTION_LABELS: _terms("RecordsManagement.Read.All"),
    DEVICES: _terms("DeviceManagementManagedDevices.Read.All", licence=INTUNE),
    COMPLIANCE_POLICIES: _terms("DeviceManagementConfiguration.Read.All", licence=INTUNE),
    DEVICE_MANAGEMENT: _terms("DeviceManagementServiceConfig.Read.All", licence=INTUNE),
    SHAREPOINT: _terms("SharePointTenantSettings.Read.All"),
    SNAPSHOT_JOBS: _terms("ConfigurationMonitoring.Read.All"),
    SNAPSHOT: _terms("ConfigurationMonitoring.Read.All"),
    DIAGNOSTIC_SETTINGS: _terms("microsoft.aadiam/diagnosticSettings/read"),
}
"""What each call needs. A call that is not here needs no application permission of Graph's."""


def permissions(*calls: str) -> tuple[str, ...]:
    """Return what some calls need together, each once."""
    return tuple(dict.fromkeys(name for call in calls for name in TERMS[call].permissions))
