"""Situations of public reports in which a setting is there and does less than its name says."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.azure.authorization.lifecycle_checks import no_custom_owner_roles, privileged_roles_eligible
from connectors.azure.authorization.resources import RoleDefinition
from connectors.azure.containers.checks import auto_upgrade
from connectors.azure.containers.resources import AksCluster
from connectors.azure.keyvault.checks import objects_expire
from connectors.azure.keyvault.resources import Key
from connectors.azure.monitor.alert_checks import service_health_alert
from connectors.azure.monitor.resources import ActivityLogAlert
from connectors.azure.network.gateway_checks import gateway_waf_enabled
from connectors.azure.network.gateways import ApplicationGateway, WafPolicy
from connectors.azure.policy.checks import _ALLOWED_LOCATIONS, allowed_locations_enforced
from connectors.azure.policy.resources import PolicyAssignment
from connectors.azure.sql.checks import auditing_enabled
from connectors.azure.sql.resources import SqlServer
from connectors.azure.web.checks import https_tls12
from connectors.azure.web.resources import Site
from tests.connectors.azure.builders import CLUSTER, SERVER
from tests.connectors.azure.judging import (
    FAIL,
    HERE,
    PASS,
    TODAY,
    UNKNOWN,
    CompleteSet,
    a_resource,
    a_role,
    ago,
    made,
    status,
)
from tests.connectors.azure.test_authorization_checks import DEFINITIONS, STANDING, given_to, scheduled
from tests.connectors.azure.test_governance_checks import GROUPS as GROUPS_OF_ALERTS
from tests.connectors.azure.test_governance_checks import REACHED

DAY = 86_400
ROTATED = {"lifetimeActions": [{"action": {"type": "Rotate"}}]}


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (None, PASS),
        (3, PASS),
        (-1, FAIL),  # what has expired was not rotated
    ],
)
def test_a_policy_of_rotation_that_did_not_rotate(days: int | None, expected: Status) -> None:
    """mondoohq/mql#6253, #6357, aquasecurity/cloudsploit#2105: a policy counted, whatever became of the key."""
    attributes = {"enabled": True, "exp": None if days is None else int(TODAY.timestamp()) + days * DAY}
    properties = {"attributes": attributes, "rotationPolicy": ROTATED}
    key = made(Key, a_resource(HERE, "Microsoft.KeyVault/vaults/keys", "v", "k", properties=properties, itself=None))

    assert status(objects_expire, CompleteSet(key), CompleteSet()) is expected


@pytest.mark.parametrize(
    ("channel", "nodes", "expected"),
    [
        ("stable", "NodeImage", PASS),
        ("patch", "SecurityPatch", PASS),
        ("node-image", "NodeImage", FAIL),  # hashicorp/terraform-provider-azurerm#12667: Kubernetes stays as it is
        ("stable", "Unmanaged", UNKNOWN),  # prowler-cloud/prowler#12656: nobody restarts Linux or patches Windows
        ("stable", "None", FAIL),
        ("none", "Unmanaged", FAIL),
    ],
)
def test_channels_that_leave_something_as_it_is(channel: str, nodes: str, expected: Status) -> None:
    """Kubernetes and the system of its nodes: two settings, of which a value may do the work of neither."""
    profile = {"upgradeChannel": channel, "nodeOSUpgradeChannel": nodes}

    assert status(auto_upgrade, made(AksCluster, CLUSTER, properties={"autoUpgradeProfile": profile})) is expected


GROUPS = [
    "SUCCESSFUL_DATABASE_AUTHENTICATION_GROUP", "FAILED_DATABASE_AUTHENTICATION_GROUP", "BATCH_COMPLETED_GROUP",
]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"auditActionsAndGroups": GROUPS}, PASS),
        ({"auditActionsAndGroups": None}, PASS),  # MicrosoftDocs/azure-docs#97980: these are what is chosen by default
        ({"auditActionsAndGroups": []}, PASS),
        ({"auditActionsAndGroups": GROUPS[:2]}, FAIL),
        ({"auditActionsAndGroups": ["FAILED_DATABASE_AUTHENTICATION_GROUP"]}, FAIL),
        ({"auditActionsAndGroups": GROUPS, "predicateExpression": "object_name = 'x'"}, UNKNOWN),
        ({"auditActionsAndGroups": GROUPS, "predicateExpression": ""}, PASS),
        ({"predicateExpression": "object_name = 'x'", "state": "Disabled"}, FAIL),
    ],
)
def test_auditing_of_hardly_anything(said: dict[str, Any], expected: Status) -> None:
    """turbot/steampipe-plugin-azure#445, hashicorp/terraform-provider-azurerm#16745: on, and of what is a choice."""
    assert status(auditing_enabled, made(SqlServer, SERVER, auditing={"properties": said})) is expected


@pytest.mark.parametrize(
    ("tls", "expected"), [("1.2", PASS), ("1.3", PASS), (None, PASS), ("1.0", FAIL), ("latest", UNKNOWN)]
)
def test_the_address_at_which_an_app_is_deployed(tls: str | None, expected: Status) -> None:
    """bridgecrewio/checkov#6283, Azure/Community-Policy#448: it has a minimum of its own."""
    config = {"properties": {"minTlsVersion": "1.2", "scmMinTlsVersion": tls}}
    body = a_resource(HERE, "Microsoft.Web/sites", "app", properties={"httpsOnly": True}, config=config)

    assert status(https_tls12, made(Site, body)) is expected


def _waf(name: str, mode: str) -> WafPolicy:
    settings = {"policySettings": {"state": "Enabled", "mode": mode}}
    return made(WafPolicy, {"id": f"/{name}", "name": name, "properties": settings})


@pytest.mark.parametrize(("path", "expected"), [(None, PASS), ("/strict", PASS), ("/lax", FAIL), ("/far", UNKNOWN)])
def test_a_firewall_of_some_paths(path: str | None, expected: Status) -> None:
    """hashicorp/terraform-provider-azurerm#10859: gateway, listener and path can each have a policy."""
    rule = {"name": "api", "properties": {} if path is None else {"firewallPolicy": {"id": path}}}
    body = a_resource(HERE, "Microsoft.Network/applicationGateways", "edge", properties={
        "frontendIPConfigurations": [{"properties": {"publicIPAddress": {"id": "/ip"}}}],
        "httpListeners": [{"name": "web", "properties": {}}], "firewallPolicy": {"id": "/strict"},
        "urlPathMaps": [{"properties": {"pathRules": [rule]}}],
    })  # fmt: skip
    policies = CompleteSet(_waf("strict", "Prevention"), _waf("lax", "Detection"))

    assert status(gateway_waf_enabled, made(ApplicationGateway, body), policies) is expected


def _types(*names: str) -> dict[str, Any]:
    return {"anyOf": [{"field": "properties.incidentType", "equals": name} for name in names]}


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        # ssc-spc-ccoe-cei/azure-guardrails-solution-accelerator#522: all types are written as no condition
        ([], PASS),
        ([_types("Incident", "Security", "Informational")], PASS),
        ([_types("Maintenance")], FAIL),
        ([_types("Informational", "ActionRequired")], FAIL),
        # Azure/reliability-workbook#100: regions are chosen, and types are not
        ([{"field": "properties.impactedServices[*].ImpactedRegions[*].RegionName", "containsAny": ["West Europe"]}],
         PASS),
    ],
)  # fmt: skip
def test_alerts_of_health_that_are_not_of_outages(conditions: list[Any], expected: Status) -> None:
    """Azure/PSRule.Rules.Azure#3059: an alert for maintenance alone is one of service health, too."""
    body = a_resource(HERE, "Microsoft.Insights/activityLogAlerts", "health", properties={
        "enabled": True, "scopes": [f"/subscriptions/{HERE}"],
        "actions": GROUPS_OF_ALERTS,
        "condition": {"allOf": [{"field": "category", "equals": "ServiceHealth"}, *conditions]},
    })  # fmt: skip

    assert status(service_health_alert, CompleteSet(made(ActivityLogAlert, body)), REACHED) is expected


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        ({"parameters": {"effect": {"value": "deny"}}}, PASS),
        ({"parameters": {"effect": {"value": "Audit"}}}, FAIL),
        ({"parameters": {"Effect": {"value": "Disabled"}}}, FAIL),
        ({"overrides": [{"kind": "policyEffect", "value": "Disabled"}]}, FAIL),
        ({"overrides": []}, PASS),
    ],
)
def test_a_policy_of_places_that_denies_nothing(but: dict[str, Any], expected: Status) -> None:
    """Azure/azure-policy: the effect is a parameter of many policies, and an assignment can override it."""
    properties = {
        "policyDefinitionId": f"/providers/Microsoft.Authorization/policyDefinitions/{_ALLOWED_LOCATIONS}",
        "scope": f"/subscriptions/{HERE}",
        "parameters": {"listOfAllowedLocations": {"value": ["westeurope"]}, **but.get("parameters", {})},
        "overrides": but.get("overrides"),
    }
    assignment = made(PolicyAssignment, {"id": "/a", "name": "places", "properties": properties})

    assert status(allowed_locations_enforced, CompleteSet(assignment)) is expected


@pytest.mark.parametrize(
    ("actions", "not_actions", "expected"),
    [
        (["Microsoft.Authorization/roleAssignments/write"], [], FAIL),
        (["Microsoft.Authorization/*/Write"], [], FAIL),  # aquasecurity/trivy-checks#471: by a pattern as well
        (["Microsoft.Compute/*", "Microsoft.Authorization/*"], [], FAIL),
        (["Microsoft.Authorization/*"], ["Microsoft.Authorization/roleAssignments/write"], PASS),
        (["Microsoft.Authorization/*/read", "Microsoft.Compute/*"], [], PASS),
    ],
)
def test_a_role_that_gives_every_role(actions: list[str], not_actions: list[str], expected: Status) -> None:
    """praetorian-inc/nebula#260: whoever gives roles gives Owner to themselves, though the role can do little else."""
    body = a_role("own", "Own", actions, not_actions, type="CustomRole", assignableScopes=[f"/subscriptions/{HERE}"])

    assert status(no_custom_owner_roles, made(RoleDefinition, body)) is expected


@pytest.mark.parametrize(("days", "expected"), [(-365, PASS), (-366, FAIL), (-36_500, FAIL)])
def test_an_end_that_nobody_will_see(days: float, expected: Status) -> None:
    """cisagov/ScubaGear#347, kayasax/EasyPIM#23: whatever had an end was temporary, in a hundred years too."""
    schedules = CompleteSet(scheduled("Assigned", ago(days)))

    assert status(privileged_roles_eligible, given_to(STANDING), DEFINITIONS, schedules, CompleteSet()) is expected
