"""What the double answers: a tenant with two subscriptions, which have resources of the same names.

Each kind has two resources, the first in good order and the second not. Property names are those of Microsoft's own
examples (vendor_examples), which test_vendor_examples.py compares.
"""

from __future__ import annotations

from typing import Any

from tests.connectors.azure.double import OWN_OBJECT, TENANT, AzureDouble

FIRST = "11111111-1111-1111-1111-111111111111"
SECOND = "22222222-2222-2222-2222-222222222222"

OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
ACCESS_ADMINISTRATOR = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"

ANN, BOB, CREW, GUEST, ROBOT = (f"dddddddd-0000-0000-0000-00000000000{number}" for number in range(5))

CANARIES = {
    "a display name": "canary-display",
    "an address": "canary-person",
    "a phone": "+41 canary 4410",
    "an entity": "canary-entity",
    "a property": "canary-property",
    "a compromised host": "canary-host",
    "a requestor": "canary-requestor",
    "a justification": "canary-justification",
    "a login": "canary-login",
    "a note": "canary-note",
    "a maker": "canary-maker",
    "a user name": "canary-username",
    "a domain": "canary-domain",
    "a verification": "canary-verification",
    "a webhook": "canary-webhook",
    "custom data": "canary-customdata",
    "user data": "canary-userdata",
    "a password": "canary-password",
    "an address of boot logs": "canary-bootlogs",
    "an extension": "canary-extension",
    "an answer file": "canary-unattend",
    "extended information": "canary-extended",
    "a value": "canary-secretvalue",
    "a storage key": "canary-storagekey",
    "a description": "canary-description",
    "a certificate": "canary-certificate",
}
"""Secret and personal texts of the estate, none of which may be kept."""


def id_of(subscription: str, kind: str, *names: str, group: str = "rg") -> str:
    """Return the id of a resource; `kind` has a word for each name: Microsoft.Sql/servers/databases."""
    provider, *words = kind.split("/")
    path = "/".join(f"{word}/{name}" for word, name in zip(words, names, strict=True))
    return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/{provider}/{path}"


def a_resource(subscription: str, kind: str, /, *names: str, properties: Any = None, **but: Any) -> dict[str, Any]:
    """Return a resource as Resource Manager lists it."""
    return {
        "id": id_of(subscription, kind, *names),
        "name": names[-1],
        "type": kind,
        "etag": '"1"',
        "location": "westeurope",
        "tags": {"owner": "ann"},
        "systemData": {"createdBy": CANARIES["a maker"], "lastModifiedBy": CANARIES["a maker"]},
        "properties": properties or {},
        **but,
    }


def a_role(id_: str, name: str, actions: list[str], not_actions: list[str] | None = None, **but: Any) -> dict[str, Any]:
    """Return a role definition."""
    return {
        "id": f"/subscriptions/{FIRST}/providers/Microsoft.Authorization/roleDefinitions/{id_}",
        "name": id_,
        "type": "Microsoft.Authorization/roleDefinitions",
        "properties": {
            "roleName": name,
            "type": "BuiltInRole",
            "description": name,
            "assignableScopes": ["/"],
            "permissions": [
                {"actions": actions, "notActions": not_actions or [], "dataActions": [], "notDataActions": []}
            ],
            "createdBy": CANARIES["a maker"],
            "updatedBy": CANARIES["a maker"],
            **but,
        },
    }


NOT_ACTIONS_OF_CONTRIBUTOR = [
    "Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write",
    "Microsoft.Authorization/elevateAccess/Action", "Microsoft.Blueprint/blueprintAssignments/write",
    "Microsoft.Blueprint/blueprintAssignments/delete", "Microsoft.Compute/galleries/share/action",
]  # fmt: skip


def roles() -> list[dict[str, Any]]:
    """Return built-in roles as Azure has them, and one that nobody has."""
    return [
        a_role(OWNER, "Owner", ["*"]),
        a_role(CONTRIBUTOR, "Contributor", ["*"], NOT_ACTIONS_OF_CONTRIBUTOR),
        a_role(READER, "Reader", ["*/read"]),
        a_role(
            ACCESS_ADMINISTRATOR,
            "User Access Administrator",
            ["*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"],
        ),
        a_role("0000aaaa-0000-0000-0000-000000000000", "Nobody's", ["*"]),
    ]


def an_assignment(number: int, role: str, principal: str, scope: str, kind: str = "User", **but: Any) -> dict[str, Any]:
    """Return a role assignment."""
    return {
        "id": f"{scope.rstrip('/')}/providers/Microsoft.Authorization/roleAssignments/{number:08d}",
        "name": f"{number:08d}",
        "type": "Microsoft.Authorization/roleAssignments",
        "properties": {
            "roleDefinitionId": f"/subscriptions/{FIRST}/providers/Microsoft.Authorization/roleDefinitions/{role}",
            "principalId": principal,
            "principalType": kind,
            "scope": scope,
            "description": CANARIES["a description"],
            "condition": None,
            **but,
        },
    }


def a_rule(name: str, **but: Any) -> dict[str, Any]:
    """Return a rule of a security group: one machine of the company may come in to 22."""
    return {
        "name": name,
        "properties": {
            "access": "Allow",
            "direction": "Inbound",
            "priority": 100,
            "protocol": "Tcp",
            "sourcePortRange": "*",
            "destinationPortRange": "22",
            "sourceAddressPrefix": "8.8.8.8/32",
            "destinationAddressPrefix": "*",
            "sourceAddressPrefixes": [],
            "destinationPortRanges": [],
            **but,
        },
    }


DEFAULT_RULES = [
    a_rule("AllowVnetInBound", priority=65000, protocol="*", sourceAddressPrefix="VirtualNetwork",
           destinationAddressPrefix="VirtualNetwork", destinationPortRange="*"),
    a_rule("AllowAzureLoadBalancerInBound", priority=65001, protocol="*", sourceAddressPrefix="AzureLoadBalancer",
           destinationPortRange="*"),
    a_rule("DenyAllInBound", priority=65500, protocol="*", sourceAddressPrefix="*", destinationPortRange="*",
           access="Deny"),
]  # fmt: skip


def a_diagnostic(name: str, category: str, **but: Any) -> dict[str, Any]:
    """Return a diagnostic setting that sends one category to a workspace."""
    return {
        "id": f"x/providers/microsoft.insights/diagnosticSettings/{name}",
        "name": name,
        "type": "Microsoft.Insights/diagnosticSettings",
        "properties": {
            "workspaceId": "/subscriptions/x/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/logs",
            "logs": [{"category": category, "categoryGroup": None, "enabled": True}],
            **but,
        },
    }


def _made(value: Any) -> Any:
    """Return resources with who made them, as Azure shows it of most."""
    if isinstance(value, list):
        return [_made(each) for each in value]
    if isinstance(value, dict) and "properties" in value and "name" in value:
        return {"systemData": {"createdBy": CANARIES["a maker"], "lastModifiedBy": CANARIES["a maker"]}, **value}
    return value


def of_subscription(subscription: str) -> dict[str, Any]:
    """Return the answers for one subscription, by path."""
    root = f"/subscriptions/{subscription}"
    found: dict[str, Any] = {}

    def at(path: str, value: Any) -> None:
        found[f"{root}/providers/{path}"] = _made(value)

    def below(kind: str, *names: str, path: str, value: Any) -> None:
        found[f"{id_of(subscription, kind, *names)}/{path}"] = _made(value)

    def one(kind: str, /, *names: str, **but: Any) -> dict[str, Any]:
        return a_resource(subscription, kind, *names, **but)

    everywhere = "/providers/Microsoft.Management/managementGroups/root"
    assigned = [
        an_assignment(1, OWNER, ANN, root),
        an_assignment(2, OWNER, CREW, everywhere, "Group"),
        an_assignment(3, READER, OWN_OBJECT, everywhere, "ServicePrincipal"),
    ]
    at("Microsoft.Authorization/roleAssignments", assigned)
    at("Microsoft.Authorization/roleAssignments?own", [assigned[2], an_assignment(4, READER, CREW, root, "Group")])
    at("Microsoft.Authorization/roleDefinitions", roles())
    principal = {"id": ANN, "displayName": CANARIES["a display name"], "email": f"{CANARIES['an address']}@example.org"}
    at(
        "Microsoft.Authorization/roleEligibilityScheduleInstances",
        [
            {
                "id": f"{root}/providers/Microsoft.Authorization/RoleEligibilityScheduleInstances/{number}",
                "name": str(number),
                "properties": {
                    "roleDefinitionId": f"{root}/providers/Microsoft.Authorization/roleDefinitions/{OWNER}",
                    "principalId": ANN,
                    "principalType": "User",
                    "scope": root,
                    "endDateTime": "2026-09-11T00:31:41.477Z",
                    "expandedProperties": {"principal": principal},
                },
            }
            for number in (1, 2)
        ],
    )
    at(
        "Microsoft.Authorization/roleAssignmentScheduleInstances",
        [
            {
                "id": f"{root}/providers/Microsoft.Authorization/RoleAssignmentScheduleInstances/{number}",
                "name": str(number),
                "properties": {
                    "roleDefinitionId": f"{root}/providers/Microsoft.Authorization/roleDefinitions/{OWNER}",
                    "principalId": ANN,
                    "principalType": "User",
                    "scope": root,
                    "assignmentType": "Activated",
                    "endDateTime": "2026-03-01T09:00:00Z",
                    "expandedProperties": {"principal": principal},
                },
            }
            for number in (1, 2)
        ],
    )
    found[f"{root}/resources"] = [
        one(
            "Microsoft.Storage/storageAccounts",
            "good",
            tags={"owner": "ann", "environment": "production", "criticality": "high"},
        ),
        one("Microsoft.Compute/virtualMachines", "web", tags={"Owner": "bob", "environment": "test"}),
    ]  # fmt: skip
    at(
        "Microsoft.Authorization/locks",
        [
            {
                "id": f"{root}/providers/Microsoft.Authorization/locks/{name}",
                "name": name,
                "type": "Microsoft.Authorization/locks",
                "properties": {"level": "CanNotDelete", "notes": CANARIES["a note"]},
            }
            for name in ("keep", "keep-too")
        ],
    )
    _policies(at, root)
    _security(at, root, subscription)
    _logs(at, below, one, root)
    _networks(at, below, one, subscription)
    _stores(at, below, one)
    _compute(at, below, one, subscription)
    _apps(at, below, one)
    return found


_BUILT_IN = "/providers/Microsoft.Authorization"


def _policies(at: Any, root: str) -> None:
    assigned = {
        "policyDefinitionId": f"{_BUILT_IN}/policySetDefinitions/1f3afdf9-d0c9-4c3d-847f-89da613e70a8",
        "scope": root,
        "notScopes": [],
        "enforcementMode": "Default",
        "parameters": {"listOfAllowedLocations": {"value": ["westeurope"]}},
        "metadata": {"createdBy": CANARIES["a maker"], "updatedBy": CANARIES["a maker"]},
    }
    located = f"{_BUILT_IN}/policyDefinitions/e56962a6-4747-49cd-b67b-bf8b01975c4c"
    at(
        "Microsoft.Authorization/policyAssignments",
        [
            {
                "id": f"{root}/providers/Microsoft.Authorization/policyAssignments/{name}",
                "name": name,
                "properties": {**assigned, "policyDefinitionId": definition},
            }
            for name, definition in (("baseline", assigned["policyDefinitionId"]), ("places", located))
        ],
    )
    details = [{"complianceState": "compliant", "count": 95}, {"complianceState": "noncompliant", "count": 5}]
    summary = {
        "results": {"queryResultsUri": f"https://management.azure.com{root}/x?$to=now", "resourceDetails": details},
        "policyAssignments": [],
    }
    at("Microsoft.PolicyInsights/policyStates/latest/summarize", {"@odata.count": 1, "value": [summary]})


def _security(at: Any, root: str, subscription: str) -> None:
    plans = ("VirtualMachines", "StorageAccounts", "SqlServers", "Containers", "KeyVaults", "Arm", "AppServices")
    at(
        "Microsoft.Security/pricings",
        [
            {
                "id": f"{root}/providers/Microsoft.Security/pricings/{plan}",
                "name": plan,
                "type": "Microsoft.Security/pricings",
                "properties": {
                    "pricingTier": "Standard",
                    "subPlan": "P2",
                    "resourcesCoverageStatus": "FullyCovered",
                    "extensions": [{"name": "AgentlessVmScanning", "isEnabled": "True"}],
                },
            }
            for plan in plans
        ],
    )
    contact = {
        "isEnabled": True,
        "emails": f"{CANARIES['an address']}@example.org",
        "phone": CANARIES["a phone"],
        "notificationsByRole": {"state": "On", "roles": ["Owner"]},
        "notificationsSources": [{"sourceType": "Alert", "minimalSeverity": "Medium"}],
    }
    at(
        "Microsoft.Security/securityContacts",
        [{"id": f"{root}/x/{name}", "name": name, "properties": contact} for name in ("default", "other")],
    )
    alert = {
        "alertDisplayName": "A test",
        "severity": "High",
        "status": "Resolved",
        "startTimeUtc": "2026-02-01T00:00:00.0000000Z",
        "timeGeneratedUtc": "2026-02-01T00:00:00.0000000Z",
        "entities": [{"address": CANARIES["an entity"]}],
        "extendedProperties": {"Some": CANARIES["a property"]},
        "compromisedEntity": CANARIES["a compromised host"],
    }
    at(
        "Microsoft.Security/alerts",
        [
            {
                "id": f"{root}/providers/Microsoft.Security/locations/x/alerts/{number}",
                "name": number,
                "properties": alert,
            }
            for number in ("1", "2")
        ],
    )
    assessed, found = [], []
    for name, key in (
        ("web", "e1145ab1-eb4f-43d8-911b-36ddf771d13f"),
        ("web", "06e3a6db-6c0c-4ad9-943f-31d9d73ecf6c"),
        ("web", "1195afff-c881-495e-9bc5-1486211ae03f"),
        ("db", "e1145ab1-eb4f-43d8-911b-36ddf771d13f"),
    ):
        machine = id_of(subscription, "Microsoft.Compute/virtualMachines", name)
        id_ = f"{machine}/providers/Microsoft.Security/assessments/{key}"
        status = {"code": "Healthy", "firstEvaluationDate": "2026-01-01T00:00:00Z",
                  "statusChangeDate": "2026-02-01T00:00:00Z"}  # fmt: skip
        properties = {"displayName": key, "status": status, "resourceDetails": {"source": "Azure", "id": machine}}
        assessed.append({"id": id_, "name": key, "type": "Microsoft.Security/assessments", "properties": properties})
        found.append(
            {
                "id": f"{id_}/subAssessments/1",
                "name": "1",
                "properties": {
                    "displayName": "CVE-2026-0001",
                    "status": {"code": "Healthy", "severity": "High"},
                    "timeGenerated": "2026-02-20T00:00:00Z",
                    "additionalData": {"cve": [{"title": "CVE-2026-0001"}]},
                },
            }
        )
    at("Microsoft.Security/assessments", assessed)
    at("Microsoft.Security/subAssessments", found)
    at(
        "Microsoft.Security/jitNetworkAccessPolicies",
        [
            {
                "id": f"{root}/resourceGroups/rg/providers/Microsoft.Security/locations/x/jitPolicies/{name}",
                "name": name,
                "kind": "Basic",
                "properties": {
                    "requests": [
                        {
                            "requestor": f"{CANARIES['a requestor']}@example.org",
                            "justification": CANARIES["a justification"],
                            "startTimeUtc": "2026-02-01T00:00:00Z",
                        }
                    ],
                    "virtualMachines": [],
                },
            }
            for name in ("default", "other")
        ],
    )


def _logs(at: Any, below: Any, one: Any, root: str) -> None:
    at(
        "Microsoft.Insights/diagnosticSettings",
        [
            a_diagnostic("audit", "Administrative"),
            a_diagnostic("rest", "Security", logs=[
                {"category": name, "enabled": True} for name in ("Security", "Alert", "Policy")
            ]),
        ],
    )  # fmt: skip
    at(
        "Microsoft.Insights/eventtypes/management/values",
        [
            {
                "eventDataId": f"00000000-0000-0000-0000-00000000000{number}",
                "eventTimestamp": f"2026-02-0{number + 1}T00:00:00.1Z",
                "operationName": {"value": name, "localizedValue": name},
                "status": {"value": "Succeeded"},
                "caller": f"{CANARIES['an address']}@example.org",
                "claims": {"name": CANARIES["a display name"], "ipaddr": CANARIES["a compromised host"]},
                "httpRequest": {"clientIpAddress": CANARIES["a compromised host"], "method": "PUT"},
                "authorization": {"action": name, "scope": root},
                "properties": {"requestbody": CANARIES["a property"], "responseBody": CANARIES["a property"]},
            }
            for number, name in enumerate(
                (
                    "Microsoft.Authorization/roleAssignments/write",
                    "Microsoft.Authorization/roleAssignments/delete",
                    "Microsoft.Authorization/policyAssignments/write",
                )
            )
        ],
    )
    workspace = "Microsoft.OperationalInsights/workspaces"
    at(workspace, [one(workspace, name, properties={"retentionInDays": 365}) for name in ("logs", "more")])
    for name in ("logs", "more"):
        kept = [{"name": table, "properties": {"totalRetentionInDays": 365}} for table in ("AzureActivity", "Usage")]
        below(workspace, name, path="tables", value=kept)
    group = "Microsoft.Insights/actionGroups"
    reached = {
        "enabled": True,
        "groupShortName": "crew",
        "emailReceivers": [
            {"name": CANARIES["a display name"], "emailAddress": f"{CANARIES['an address']}@acme.example",
             "useCommonAlertSchema": True, "status": "Enabled"},
        ],
        "smsReceivers": [{"name": "on call", "countryCode": "41", "phoneNumber": CANARIES["a phone"],
                          "status": "Enabled"}],
        "webhookReceivers": [{"name": "hook", "serviceUri": f"https://x/?code={CANARIES['a webhook']}"}],
    }  # fmt: skip
    hook, person = CANARIES["a webhook"], CANARIES["a display name"]
    off = {
        "enabled": False,
        "voiceReceivers": [{"name": person, "countryCode": "41", "phoneNumber": CANARIES["a phone"]}],
        "azureAppPushReceivers": [{"name": person, "emailAddress": f"{CANARIES['an address']}@acme.example"}],
        "automationRunbookReceivers": [{"name": "runbook", "serviceUri": hook}],
        "azureFunctionReceivers": [{"name": "function", "httpTriggerUrl": hook}],
        "logicAppReceivers": [{"name": "app", "callbackUrl": hook}],
        "itsmReceivers": [{"name": "tickets", "ticketConfiguration": hook}],
        "incidentReceivers": [{"name": "incidents", "connection": {"id": hook, "name": hook}}],
    }
    crew = one(group, "crew", properties=reached)
    at(group, [crew, one(group, "off", properties=off)])
    condition = {"allOf": [{"field": "category", "equals": "ServiceHealth"}]}
    at(
        "Microsoft.Insights/activityLogAlerts",
        [
            one(
                "Microsoft.Insights/activityLogAlerts",
                name,
                properties={
                    "enabled": True,
                    "scopes": [root],
                    "condition": condition,
                    "actions": {
                        "actionGroups": [
                            {
                                "actionGroupId": one(group, "crew")["id"],
                                "webhookProperties": {"any": CANARIES["a webhook"]},
                            }
                        ]
                    },
                },
            )
            for name in ("health", "other")
        ],
    )


def _networks(at: Any, below: Any, one: Any, subscription: str) -> None:
    network, group = "Microsoft.Network/virtualNetworks", "Microsoft.Network/networkSecurityGroups"
    subnet = {
        "id": id_of(subscription, f"{network}/subnets", "net", "front"),
        "name": "front",
        "properties": {
            "addressPrefix": "10.0.0.0/24",
            "networkSecurityGroup": {"id": id_of(subscription, group, "closed")},
        },
    }
    at(group, [
        one(group, "closed", properties={
            "securityRules": [a_rule("AllowOffice")], "defaultSecurityRules": DEFAULT_RULES,
            "subnets": [{"id": subnet["id"]}],
        }),
        one(group, "open", properties={
            "securityRules": [a_rule("AllowAll", sourceAddressPrefix="*", destinationPortRange="22-5432")],
            "defaultSecurityRules": DEFAULT_RULES,
        }),
    ])  # fmt: skip
    at(network, [one(network, "net", properties={"subnets": [subnet]}), one(network, "empty", properties={})])
    gateway, policy = "Microsoft.Network/applicationGateways", "Microsoft.Network/FirewallPolicies"
    waf = "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies"
    hidden = {"properties": {"data": CANARIES["a certificate"], "password": CANARIES["a password"]}}
    at(gateway, [
        one(gateway, name, properties={
            "frontendIPConfigurations": [{"properties": {"publicIPAddress": {"id": "/pip"}}}],
            "httpListeners": [{"name": "https", "properties": {}}],
            "firewallPolicy": {"id": id_of(subscription, waf, "strict")},
            "sslCertificates": [hidden], "authenticationCertificates": [hidden], "trustedRootCertificates": [hidden],
        })
        for name in ("shop", "api")
    ])  # fmt: skip
    at(waf, [
        one(waf, name, properties={"policySettings": {"state": "Enabled", "mode": mode}})
        for name, mode in (("strict", "Prevention"), ("lax", "Detection"))
    ])  # fmt: skip
    firewall = "Microsoft.Network/azureFirewalls"
    at(firewall, [
        one(firewall, "edge", properties={"firewallPolicy": {"id": id_of(subscription, policy, "deny")}}),
        one(firewall, "old", properties={"threatIntelMode": "Alert"}),
    ])  # fmt: skip
    at("Microsoft.Network/firewallPolicies", [
        one(policy, name, properties={"threatIntelMode": mode}) for name, mode in (("deny", "Deny"), ("alert", "Alert"))
    ])  # fmt: skip
    at("Microsoft.Network/publicIPAddresses", [one("Microsoft.Network/publicIPAddresses", name) for name in ("a", "b")])
    interface, balancer = "Microsoft.Network/networkInterfaces", "Microsoft.Network/loadBalancers"
    at(interface, [
        one(interface, name, properties={"ipConfigurations": [{"properties": {
            "subnet": {"id": subnet["id"]}, "publicIPAddress": {"id": "/pip"},
        }}]})
        for name in ("web", "db")
    ])  # fmt: skip
    at(balancer, [
        one(balancer, name, properties={"frontendIPConfigurations": [], "loadBalancingRules": []})
        for name in ("front", "back")
    ])  # fmt: skip
    watcher = "Microsoft.Network/networkWatchers"
    at(watcher, [one(watcher, name) for name in ("west", "north")])
    for name in ("west", "north"):
        logs = [
            one(f"{watcher}/flowLogs", name, log, properties={
                "targetResourceId": id_of(subscription, network, "net"),
                "enabled": True,
                "retentionPolicy": {"days": 90, "enabled": True},
                "flowAnalyticsConfiguration": {
                    "networkWatcherFlowAnalyticsConfiguration": {"enabled": False, "workspaceResourceId": "x"}
                },
            })
            for log in ("one", "two")
        ]  # fmt: skip
        below(watcher, name, path="flowLogs", value=logs)


def _stores(at: Any, below: Any, one: Any) -> None:
    account = "Microsoft.Storage/storageAccounts"
    good = {
        "supportsHttpsTrafficOnly": True,
        "minimumTlsVersion": "TLS1_2",
        "allowBlobPublicAccess": False,
        "allowSharedKeyAccess": False,
        "allowCrossTenantReplication": False,
        "publicNetworkAccess": "Disabled",
        "networkAcls": {"bypass": "Logging, Metrics, AzureServices", "defaultAction": "Deny", "ipRules": []},
        "keyCreationTime": {"key1": "2026-02-01T00:00:00Z", "key2": "2026-02-01T00:00:00Z"},
        "creationTime": "2026-01-01T00:00:00Z",
        "customDomain": {"name": CANARIES["a domain"]},
    }
    bad = {**good, "allowBlobPublicAccess": True, "publicNetworkAccess": "Enabled", "minimumTlsVersion": "TLS1_0"}
    sku = {"name": "Standard_GRS", "tier": "Standard"}
    at(account, [
        one(account, "good", kind="StorageV2", sku=sku, properties=good),
        one(account, "bad", kind="StorageV2", sku=sku, properties=bad),
    ])  # fmt: skip
    kept = {"enabled": True, "days": 14}
    for name in ("good", "bad"):
        service = {"deleteRetentionPolicy": kept, "containerDeleteRetentionPolicy": kept}
        below(account, name, path="blobServices/default", value={"name": "default", "properties": service})
    vault = "Microsoft.KeyVault/vaults"
    safe = {"enableSoftDelete": True, "enablePurgeProtection": True, "enableRbacAuthorization": True,
            "publicNetworkAccess": "Disabled", "networkAcls": {"defaultAction": "Deny", "ipRules": []}}  # fmt: skip
    at(vault, [
        one(vault, "safe", properties=safe),
        one(vault, "loose", properties={"enableSoftDelete": True}),
    ])  # fmt: skip
    for name in ("safe", "loose"):
        below(vault, name, path="providers/Microsoft.Insights/diagnosticSettings",
              value=[a_diagnostic("audit", "AuditEvent"), a_diagnostic("metrics", "AllMetrics")])  # fmt: skip
        dated = {"attributes": {"enabled": True, "exp": 1798761600, "created": 1596493796}}
        listed = [one(f"{vault}/keys", name, key, properties=dated) for key in ("signing", "wrapping")]
        below(vault, name, path="keys", value=listed)
        for key in ("signing", "wrapping"):
            policy = {"attributes": {"expiryTime": "P1Y"}, "lifetimeActions": [{"action": {"type": "rotate"}}]}
            below(vault, name, path=f"keys/{key}", value=one(
                f"{vault}/keys", name, key, properties={**dated, "rotationPolicy": policy}))  # fmt: skip
        with_value = {**dated, "value": CANARIES["a value"]}
        listed = [one(f"{vault}/secrets", name, secret, properties=with_value) for secret in ("token", "pin")]
        below(vault, name, path="secrets", value=listed)
    _databases(at, below, one)


def _databases(at: Any, below: Any, one: Any) -> None:
    cosmos = "Microsoft.DocumentDB/databaseAccounts"
    at(cosmos, [
        one(cosmos, name, properties={
            "publicNetworkAccess": "Enabled", "isVirtualNetworkFilterEnabled": False, "disableLocalAuth": True,
            "ipRules": [{"ipAddressOrRange": "8.8.8.8"}],
        })
        for name in ("shop", "carts")
    ])  # fmt: skip
    server = "Microsoft.Sql/servers"
    properties = {
        "publicNetworkAccess": "Enabled",
        "administratorLogin": CANARIES["a login"],
        "administrators": {
            "administratorType": "ActiveDirectory",
            "login": f"{CANARIES['an address']}@example.org",
            "azureADOnlyAuthentication": True,
        },
    }
    at(server, [one(server, name, properties=properties) for name in ("sql1", "sql2")])
    for name in ("sql1", "sql2"):
        audited = {"state": "Enabled", "retentionDays": 0, "storageEndpoint": "https://x.blob.core.windows.net",
                   "isAzureMonitorTargetEnabled": False,
                   "storageAccountAccessKey": CANARIES["a storage key"]}  # fmt: skip
        below(server, name, path="auditingSettings/default", value={"name": "Default", "properties": audited})
        for path, start, end in (
            ("firewallRules", "startIpAddress", "endIpAddress"),
            ("ipv6FirewallRules", "startIPv6Address", "endIPv6Address"),
        ):
            address = "8.8.8.8" if path == "firewallRules" else "2a00::1"
            rules = [{"name": rule, "properties": {start: address, end: address}} for rule in ("office", "home")]
            below(server, name, path=path, value=rules)
        below(server, name, path="databases/master/providers/Microsoft.Insights/diagnosticSettings",
              value=[a_diagnostic("audit", "SQLSecurityAuditEvents"), a_diagnostic("other", "Errors")])  # fmt: skip
        below(server, name, path="databases", value=[
            one(f"{server}/databases", name, database, tags={"pii": "yes"}) for database in ("master", "shop")
        ])  # fmt: skip
        for database in ("master", "shop"):
            masked = {"dataMaskingState": "Enabled", "exemptPrincipals": CANARIES["a login"]}
            below(server, name, path=f"databases/{database}/dataMaskingPolicies/Default",
                  value={"name": "Default", "properties": masked})  # fmt: skip
            columns = [{"name": rule, "properties": {"ruleState": "Enabled"}} for rule in ("mail", "phone")]
            below(server, name, path=f"databases/{database}/dataMaskingPolicies/Default/rules", value=columns)
            below(server, name, path=f"databases/{database}/transparentDataEncryption/current",
                  value={"name": "current", "properties": {"state": "Enabled"}})  # fmt: skip
    for kind, versions in (
        ("Microsoft.DBforPostgreSQL/flexibleServers", ("ssl_min_protocol_version", "TLSv1.2")),
        ("Microsoft.DBforMySQL/flexibleServers", ("tls_version", "TLSv1.2,TLSv1.3")),
    ):
        properties = {
            "administratorLogin": CANARIES["a login"],
            "backup": {"backupRetentionDays": 14, "geoRedundantBackup": "Disabled"},
            "network": {"publicNetworkAccess": "Enabled"},
        }
        at(kind, [one(kind, name, properties=properties) for name in ("one", "two")])
        for name in ("one", "two"):
            for parameter, value in (("require_secure_transport", "ON"), versions):
                below(kind, name, path=f"configurations/{parameter}",
                      value={"name": parameter, "properties": {"value": value}})  # fmt: skip
            rules = [
                {"name": rule, "properties": {"startIpAddress": "8.8.8.8", "endIpAddress": "8.8.8.8"}}
                for rule in ("office", "home")
            ]
            below(kind, name, path="firewallRules", value=rules)


def _compute(at: Any, below: Any, one: Any, subscription: str) -> None:
    machine = "Microsoft.Compute/virtualMachines"
    properties = {
        "storageProfile": {"osDisk": {"osType": "Linux", "name": "disk"}},
        "osProfile": {
            "linuxConfiguration": {"disablePasswordAuthentication": True},
            "windowsConfiguration": {"additionalUnattendContent": [{"content": CANARIES["an answer file"]}]},
            "adminUsername": CANARIES["a user name"],
            "adminPassword": CANARIES["a password"],
            "customData": CANARIES["custom data"],
        },
        "securityProfile": {
            "securityType": "TrustedLaunch",
            "uefiSettings": {"secureBootEnabled": True, "vTpmEnabled": True},
        },
        "userData": CANARIES["user data"],
        "diagnosticsProfile": {"bootDiagnostics": {"storageUri": f"https://{CANARIES['an address of boot logs']}"}},
    }
    extension = {"properties": {"settings": CANARIES["an extension"], "protectedSettings": CANARIES["an extension"]}}
    at(machine, [one(machine, name, properties=properties, resources=[extension]) for name in ("web", "db")])
    disk = "Microsoft.Compute/disks"
    at(disk, [
        one(disk, name, properties={"encryption": {"type": "EncryptionAtRestWithPlatformKey"}}) for name in ("c", "d")
    ])  # fmt: skip
    vault = "Microsoft.RecoveryServices/vaults"
    guarded = {
        "securitySettings": {
            "softDeleteSettings": {"softDeleteState": "AlwaysON"},
            "immutabilitySettings": {"state": "Unlocked"},
        }
    }
    at(vault, [one(vault, "backups", properties=guarded), one(vault, "spare", properties={})])
    for name in ("backups", "spare"):
        below(vault, name, path="backupconfig/vaultconfig",
              value={"name": "vaultconfig", "properties": {"softDeleteFeatureState": "Enabled"}})  # fmt: skip
        items, jobs = [], []
        for number, of in enumerate(("web", "db")):
            protected = {
                "protectedItemType": "Microsoft.Compute/virtualMachines",
                "sourceResourceId": id_of(subscription, machine, of),
                "protectionState": "Protected",
                "lastBackupStatus": "Completed",
                "lastBackupTime": "2026-03-01T01:00:00.048723Z",
                "extendedInfo": {"any": CANARIES["extended information"]},
            }
            items.append({"id": f"{id_of(subscription, vault, name)}/x/{of}", "name": of, "properties": protected})
            done = {
                "operation": "Backup", "status": "Completed", "startTime": "2026-02-27T00:00:00.1Z",
                "entityFriendlyName": of,
            }  # fmt: skip
            jobs.append(
                {
                    "id": f"{id_of(subscription, vault, name)}/backupJobs/{number}",
                    "name": str(number),
                    "properties": done,
                }
            )
        below(vault, name, path="backupProtectedItems", value=items)
        below(vault, name, path="backupJobs", value=jobs)


def _apps(at: Any, below: Any, one: Any) -> None:
    cluster = "Microsoft.ContainerService/managedClusters"
    properties = {
        "enableRBAC": True,
        "aadProfile": {"managed": True, "serverAppSecret": CANARIES["a password"]},
        "disableLocalAccounts": True,
        "apiServerAccessProfile": {"enablePrivateCluster": True, "authorizedIPRanges": None},
        "autoUpgradeProfile": {"upgradeChannel": "stable", "nodeOSUpgradeChannel": "NodeImage"},
        "servicePrincipalProfile": {"clientId": "msi", "secret": CANARIES["a password"]},
        "linuxProfile": {"adminUsername": CANARIES["a user name"]},
        "windowsProfile": {"adminUsername": CANARIES["a user name"], "adminPassword": CANARIES["a password"]},
    }
    at(cluster, [
        one(cluster, "private", properties=properties),
        one(cluster, "public", properties={**properties, "apiServerAccessProfile": None}),
    ])  # fmt: skip
    registry = "Microsoft.ContainerRegistry/registries"
    at(registry, [
        one(registry, "good", properties={"adminUserEnabled": False, "anonymousPullEnabled": False}),
        one(registry, "bad", properties={"adminUserEnabled": True, "anonymousPullEnabled": True}),
    ])  # fmt: skip
    site = "Microsoft.Web/sites"
    shown = {"httpsOnly": True, "customDomainVerificationId": CANARIES["a verification"]}
    at(
        site,
        [
            one(site, name, kind="app", identity={"type": "SystemAssigned"}, properties=shown)
            for name in ("shop", "api")
        ],
    )
    config = {"minTlsVersion": "1.2", "ftpsState": "Disabled", "remoteDebuggingEnabled": False,
              "publishingUsername": CANARIES["a user name"]}  # fmt: skip
    for name in ("shop", "api"):
        below(site, name, path="config/web", value={"name": name, "properties": config})
        slots = [one(f"{site}/slots", name, slot, properties=shown) for slot in ("stage", "test")]
        below(site, name, path="slots", value=slots)
        for slot in ("stage", "test"):
            below(site, name, path=f"slots/{slot}/config/web", value={"name": slot, "properties": config})


def seed(double: AzureDouble) -> None:
    """Give a double the tenant."""
    subscriptions = [
        {"id": f"/subscriptions/{id_}", "subscriptionId": id_, "tenantId": TENANT, "displayName": name,
         "state": "Enabled", "tags": {}}
        for id_, name in ((FIRST, "Production"), (SECOND, "Test"))
    ]  # fmt: skip
    answers: dict[str, Any] = {"/subscriptions": subscriptions}
    groups = "/providers/Microsoft.Management/managementGroups"
    answers[groups] = [
        {"id": f"{groups}/{name}", "name": name, "type": "Microsoft.Management/managementGroups",
         "properties": {"tenantId": TENANT, "displayName": name}}
        for name in (TENANT, "production")
    ]  # fmt: skip
    for name in (TENANT, "production"):
        path = [{"id": f"{groups}/{TENANT}", "name": TENANT}]
        answers[f"{groups}/{name}"] = {"id": f"{groups}/{name}", "name": name,
                                       "properties": {"tenantId": TENANT, "path": path}}  # fmt: skip
        answers[f"{groups}/{name}/subscriptions"] = [
            {"id": f"{groups}/{name}/subscriptions/{id_}", "name": id_, "properties": {"state": "Active"}}
            for id_ in (FIRST, SECOND)
        ]
    for subscription in (FIRST, SECOND):
        answers |= of_subscription(subscription)
    user, group, application = (f"#microsoft.graph.{kind}" for kind in ("user", "group", "servicePrincipal"))
    double.directory = {ANN: user, BOB: user, CREW: group, GUEST: user, ROBOT: application, OWN_OBJECT: application}
    for person in (ANN, BOB, GUEST):
        kind = "Guest" if person == GUEST else "Member"
        answers[f"/v1.0/users/{person}"] = {"id": person, "userType": kind, "accountEnabled": True,
                                            "displayName": CANARIES["a display name"]}  # fmt: skip
    answers[f"/v1.0/groups/{CREW}/transitiveMembers"] = [
        {"@odata.type": user, "id": person, "userType": "Member", "accountEnabled": True,
         "displayName": CANARIES["a display name"]}
        for person in (ANN, BOB)
    ]  # fmt: skip
    double.answers |= {path.lower(): value for path, value in answers.items() if value is not None}
