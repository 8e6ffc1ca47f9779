"""The operations that are called, in Okta's words, and the OAuth scope that Okta documents for each.

https://developer.okta.com/docs/api/oauth2/
"""

from __future__ import annotations

METADATA = "GET /.well-known/okta-organization"
API_TOKENS = "GET /api/v1/api-tokens"
APPS = "GET /api/v1/apps"
APP = "GET /api/v1/apps/{appId}"
APP_GRANTS = "GET /api/v1/apps/{appId}/grants"
APP_KEYS = "GET /api/v1/apps/{appId}/credentials/keys"
AUTHENTICATORS = "GET /api/v1/authenticators"
AUTHENTICATOR_METHODS = "GET /api/v1/authenticators/{authenticatorId}/methods"
AUTHORIZATION_SERVERS = "GET /api/v1/authorizationServers"
AUTHORIZATION_SERVER_POLICIES = "GET /api/v1/authorizationServers/{authServerId}/policies"
BEHAVIORS = "GET /api/v1/behaviors"
DEVICE_ASSURANCES = "GET /api/v1/device-assurances"
EVENT_HOOKS = "GET /api/v1/eventHooks"
FIRST_PARTY_SETTINGS = "GET /api/v1/first-party-app-settings/{appName}"
GROUPS = "GET /api/v1/groups"
GROUP_ROLES = "GET /api/v1/groups/{groupId}/roles"
GROUP_RULES = "GET /api/v1/groups/rules"
GROUP_USERS = "GET /api/v1/groups/{groupId}/users"
ROLE_ASSIGNEES = "GET /api/v1/iam/assignees/users"
ROLE_PERMISSIONS = "GET /api/v1/iam/roles/{roleIdOrLabel}/permissions"
IDPS = "GET /api/v1/idps"
IDP_KEYS = "GET /api/v1/idps/credentials/keys"
INLINE_HOOKS = "GET /api/v1/inlineHooks"
LOG_STREAMS = "GET /api/v1/logStreams"
LOGS = "GET /api/v1/logs"
CONTACTS = "GET /api/v1/org/contacts"
THIRD_PARTY_ADMINS = "GET /api/v1/org/orgSettings/thirdPartyAdminSetting"
SUPPORT = "GET /api/v1/org/privacy/oktaSupport"
SIGN_ON_POLICIES = "GET /api/v1/policies?type=OKTA_SIGN_ON"
ACCESS_POLICIES = "GET /api/v1/policies?type=ACCESS_POLICY"
PASSWORD_POLICIES = "GET /api/v1/policies?type=PASSWORD"  # noqa: S105  an operation, not a password
ENROLLMENT_POLICIES = "GET /api/v1/policies?type=MFA_ENROLL"
LIFECYCLE_POLICIES = "GET /api/v1/policies?type=USER_LIFECYCLE"
POLICY_RULES = "GET /api/v1/policies/{policyId}/rules"
THREATS = "GET /api/v1/threats/configuration"
TRUSTED_ORIGINS = "GET /api/v1/trustedOrigins"
USERS = "GET /api/v1/users"
ME = "GET /api/v1/users/me"
USER_FACTORS = "GET /api/v1/users/{userId}/factors"
USER_ROLES = "GET /api/v1/users/{userId}/roles"
ZONES = "GET /api/v1/zones"
CLIENT_ROLES = "GET /oauth2/v1/clients/{clientId}/roles"

SCOPES = {
    API_TOKENS: "okta.apiTokens.read",
    APPS: "okta.apps.read",
    APP: "okta.apps.read",
    APP_GRANTS: "okta.appGrants.read",
    APP_KEYS: "okta.apps.read",
    AUTHENTICATORS: "okta.authenticators.read",
    AUTHENTICATOR_METHODS: "okta.authenticators.read",
    AUTHORIZATION_SERVERS: "okta.authorizationServers.read",
    AUTHORIZATION_SERVER_POLICIES: "okta.authorizationServers.read",
    BEHAVIORS: "okta.behaviors.read",
    DEVICE_ASSURANCES: "okta.deviceAssurance.read",
    EVENT_HOOKS: "okta.eventHooks.read",
    FIRST_PARTY_SETTINGS: "okta.apps.read",
    GROUPS: "okta.groups.read",
    GROUP_ROLES: "okta.roles.read",
    GROUP_RULES: "okta.groups.read",
    GROUP_USERS: "okta.groups.read",
    ROLE_ASSIGNEES: "okta.roles.read",
    ROLE_PERMISSIONS: "okta.roles.read",
    IDPS: "okta.idps.read",
    IDP_KEYS: "okta.idps.read",
    INLINE_HOOKS: "okta.inlineHooks.read",
    LOG_STREAMS: "okta.logStreams.read",
    LOGS: "okta.logs.read",
    CONTACTS: "okta.orgs.read",
    THIRD_PARTY_ADMINS: "okta.orgs.read",
    SUPPORT: "okta.orgs.read",
    SIGN_ON_POLICIES: "okta.policies.read",
    ACCESS_POLICIES: "okta.policies.read",
    PASSWORD_POLICIES: "okta.policies.read",
    ENROLLMENT_POLICIES: "okta.policies.read",
    LIFECYCLE_POLICIES: "okta.policies.read",
    POLICY_RULES: "okta.policies.read",
    THREATS: "okta.threatInsights.read",
    TRUSTED_ORIGINS: "okta.trustedOrigins.read",
    USERS: "okta.users.read",
    ME: "okta.users.read.self",
    USER_FACTORS: "okta.users.read",
    USER_ROLES: "okta.roles.read",
    ZONES: "okta.networkZones.read",
    CLIENT_ROLES: "okta.roles.read",
}
"""The scope that each operation needs; an operation that is not here needs no sign-in."""


def scopes_of(*operations: str) -> tuple[str, ...]:
    """Return the scopes that some operations need, each once."""
    return tuple(dict.fromkeys(SCOPES[operation] for operation in operations))
