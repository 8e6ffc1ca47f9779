"""How sure the answers of Microsoft Graph are, call by call. A call that is not here is only described.

Tests play the examples of Microsoft's reference pages, and answers made after the metadata of v1.0. No answer of a
tenant was recorded, and no run against one is on record.
"""

from __future__ import annotations

from collector.core.answers import AnswerBasis

_EXAMPLES = (
    "GET /admin/sharepoint/settings",
    "GET /auditLogs/directoryAudits",
    "GET /deviceManagement",
    "GET /deviceManagement/managedDevices",
    "GET /groupSettings",
    "GET /identity/conditionalAccess/namedLocations",
    "GET /identity/conditionalAccess/policies",
    "GET /identityGovernance/accessReviews/definitions",
    "GET /identityGovernance/termsOfUse/agreements",
    "GET /oauth2PermissionGrants",
    "GET /policies/activityBasedTimeoutPolicies",
    "GET /policies/adminConsentRequestPolicy",
    "GET /policies/authenticationMethodsPolicy",
    "GET /policies/crossTenantAccessPolicy/default",
    "GET /policies/defaultAppManagementPolicy",
    "GET /policies/deviceRegistrationPolicy",
    "GET /policies/identitySecurityDefaultsEnforcementPolicy",
    "GET /policies/roleManagementPolicyAssignments",
    "GET /roleManagement/directory/roleAssignments",
    "GET /roleManagement/directory/roleDefinitions",
    "GET /security/attackSimulation/simulations",
    "GET /security/dataSecurityAndGovernance/sensitivityLabels",
    "GET /security/incidents",
    "GET /security/labels/retentionLabels",
    "GET /security/secureScores",
    "GET /subscribedSkus",
)

ANSWERS: dict[str, AnswerBasis] = dict.fromkeys(_EXAMPLES, AnswerBasis.EXAMPLE)
