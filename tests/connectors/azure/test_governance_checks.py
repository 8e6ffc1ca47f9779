"""Checks of policy, alerts on changes, tags, environments and locks."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Check, Status
from connectors.azure.arm import checks as arm
from connectors.azure.arm.everything import Resource
from connectors.azure.authorization.resources import Lock
from connectors.azure.monitor import alert_checks
from connectors.azure.monitor.action_groups import ActionGroup
from connectors.azure.monitor.resources import ActivityLogAlert
from connectors.azure.policy import checks as policy
from connectors.azure.policy.resources import PolicyAssignment, PolicyState
from tests.connectors.azure.judging import (
    FAIL,
    HERE,
    NOTHING,
    PASS,
    UNKNOWN,
    CompleteSet,
    UnreadSet,
    a_resource,
    made,
    status,
    unread,
)

ROOT = f"/subscriptions/{HERE}"
BASELINE = "/providers/Microsoft.Authorization/policySetDefinitions/1F3AFDF9-d0c9-4c3d-847f-89da613e70a8"
LOCATIONS = "/providers/Microsoft.Authorization/policyDefinitions/e56962a6-4747-49cd-b67b-bf8b01975c4c"


def assigned(definition: str = BASELINE, **but: Any) -> PolicyAssignment:
    """An assignment that is enforced in the whole subscription."""
    properties = {"policyDefinitionId": definition, "scope": ROOT, "enforcementMode": "Default", "notScopes": []}
    return made(PolicyAssignment, {"id": "/a", "name": "a", "properties": properties}, properties=but)


@pytest.mark.parametrize(
    ("found", "limits", "expected"),
    [
        ([assigned()], {}, PASS),
        ([assigned(scope="/providers/Microsoft.Management/managementGroups/root")], {}, PASS),
        ([assigned(enforcementMode=...)], {}, PASS),
        ([assigned(enforcementMode="DoNotEnforce")], {}, FAIL),
        ([assigned(scope=f"{ROOT}/resourceGroups/rg")], {}, FAIL),
        ([assigned(notScopes=[f"{ROOT}/resourceGroups/rg"])], {}, FAIL),
        ([assigned(resourceSelectors=[{"name": "some"}])], {}, FAIL),
        ([assigned("/providers/Microsoft.Authorization/policySetDefinitions/other")], {}, FAIL),
        ([assigned("/own/x")], {"initiatives": ("/own/x",)}, PASS),
        ([assigned(enforcementMode="DoNotEnforce"), assigned()], {}, PASS),
        ([], {}, FAIL),
    ],
)
def test_a_baseline_is_assigned(found: list[Any], limits: dict[str, Any], expected: Status) -> None:
    """Enforced, for the whole subscription, with nothing left out."""
    assert status(policy.security_baseline_assigned, CompleteSet(*found), **limits) is expected


def located(*places: str, **but: Any) -> PolicyAssignment:
    """The policy of allowed locations."""
    return assigned(LOCATIONS, parameters={"listOfAllowedLocations": {"value": list(places)}}, **but)


EUROPE = {"allowed_locations": ("West Europe", "northeurope")}


@pytest.mark.parametrize(
    ("found", "limits", "expected"),
    [
        ([located("westeurope")], {}, PASS),
        ([located("westeurope", "North Europe")], EUROPE, PASS),
        ([located("westeurope", "eastus")], EUROPE, FAIL),
        ([located("westeurope", "eastus"), located("westeurope")], EUROPE, PASS),
        ([located("westeurope", enforcementMode="DoNotEnforce")], EUROPE, FAIL),
        ([located()], {}, FAIL),
        ([assigned(LOCATIONS)], {}, FAIL),
        ([], EUROPE, FAIL),
        ([], {}, UNKNOWN),
    ],
)
def test_locations_are_held_to(found: list[Any], limits: dict[str, Any], expected: Status) -> None:
    """Where the company states none and assigns none, whether it needs any is not known."""
    assert status(policy.allowed_locations_enforced, CompleteSet(*found), **limits) is expected


def a_state(assignments: int = 1, **counts: int) -> PolicyState:
    """Azure's summary."""
    details = [{"complianceState": name, "count": count} for name, count in counts.items()]
    return made(PolicyState, {"results": {"resourceDetails": details}, "policyAssignments": [{}] * assignments})


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (a_state(compliant=90, noncompliant=10), PASS),
        (a_state(compliant=89, noncompliant=11), FAIL),
        (a_state(compliant=80, exempt=10, noncompliant=10), PASS),
        (a_state(compliant=90, conflict=11), FAIL),
        (a_state(compliant=9, noncompliant=1, unknown=900), PASS),
        (a_state(unknown=900), UNKNOWN),
        (a_state(), UNKNOWN),
        (a_state(assignments=0), NOTHING),
        (unread(PolicyState), UNKNOWN),
    ],
)
def test_resources_comply(state: PolicyState, expected: Status) -> None:
    """What Azure has not evaluated is not counted on either side."""
    assert status(policy.compliance_ratio_met, state) is expected


ADMINISTRATIVE = {"field": "category", "equals": "Administrative"}
GROUP_ID = f"/subscriptions/{HERE}/resourceGroups/rg/providers/Microsoft.Insights/actionGroups/ag"
GROUPS = {"actionGroups": [{"actionGroupId": GROUP_ID.upper()}]}


def a_group(**but: Any) -> ActionGroup:
    """An action group that mails somebody."""
    mailed = [{"name": "ann", "emailAddress": "ann@acme.example", "status": "Enabled"}]
    properties = {"enabled": True, "groupShortName": "ag", "emailReceivers": mailed}
    return made(ActionGroup, {"id": GROUP_ID, "name": "ag", "properties": properties}, properties=but)


REACHED = CompleteSet(a_group())


def an_alert(*conditions: dict[str, Any], **but: Any) -> ActivityLogAlert:
    """A rule that is on, for the subscription, and goes to somebody."""
    properties = {
        "enabled": True,
        "scopes": [ROOT.upper()],
        "condition": {"allOf": list(conditions)},
        "actions": GROUPS,
    }
    return made(
        ActivityLogAlert,
        a_resource(HERE, "Microsoft.Insights/activityLogAlerts", "a", properties=properties),
        properties=but,
    )


def on(operation: str) -> dict[str, Any]:
    """The condition that an event is of an operation."""
    return {"field": "operationName", "equals": operation}


ONE = {"operations": ("Microsoft.Network/publicIPAddresses/write",)}
WRITE = "microsoft.network/publicipaddresses/write"


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([an_alert(ADMINISTRATIVE, on(WRITE))], PASS),
        ([an_alert(ADMINISTRATIVE)], PASS),
        ([an_alert(ADMINISTRATIVE, on("another"))], FAIL),
        ([an_alert({"field": "category", "equals": "Security"}, on(WRITE))], FAIL),
        ([an_alert(ADMINISTRATIVE, {"anyOf": [on("another"), on(WRITE)]})], PASS),
        ([an_alert(ADMINISTRATIVE, {"field": "operationName", "containsAny": [WRITE]})], PASS),
        ([an_alert(ADMINISTRATIVE, on(WRITE), {"field": "caller", "equals": "ann"})], UNKNOWN),
        ([an_alert(ADMINISTRATIVE, on("another"), {"field": "caller", "equals": "ann"})], FAIL),
        ([an_alert(ADMINISTRATIVE, on(WRITE), enabled=False)], FAIL),
        ([an_alert(ADMINISTRATIVE, on(WRITE), scopes=[f"{ROOT}/resourceGroups/rg"])], FAIL),
        ([an_alert(ADMINISTRATIVE, on(WRITE), actions={"actionGroups": []})], FAIL),
        ([], FAIL),
    ],
)
def test_changes_are_heard_of(found: list[Any], expected: Status) -> None:
    """Conditions hold together: one more makes the alert narrower."""
    assert status(alert_checks.alerts_for_key_changes, CompleteSet(*found), REACHED, **ONE) is expected


def test_every_operation_has_to_be_heard_of() -> None:
    """One alert for all, or one for each."""
    one = an_alert(ADMINISTRATIVE, on(WRITE))

    assert status(alert_checks.alerts_for_key_changes, CompleteSet(one), REACHED) is FAIL
    assert status(alert_checks.alerts_for_key_changes, CompleteSet(an_alert(ADMINISTRATIVE)), REACHED) is PASS


HEALTH = {"field": "category", "equals": "ServiceHealth"}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([an_alert(HEALTH)], PASS),
        ([an_alert(HEALTH, {"field": "properties.impactedServices[*].ServiceName", "containsAny": ["Storage"]})], PASS),
        ([an_alert({"anyOf": [HEALTH]})], PASS),
        ([an_alert(ADMINISTRATIVE)], FAIL),
        ([an_alert(HEALTH, enabled=False)], FAIL),
        ([], FAIL),
    ],
)
def test_outages_are_heard_of(found: list[Any], expected: Status) -> None:
    """Of the services that the company chose."""
    assert status(alert_checks.service_health_alert, CompleteSet(*found), REACHED) is expected


ROLE = {"armRoleReceivers": [{"name": "owners", "roleId": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"}]}
UNSUBSCRIBED = [{"name": "ann", "emailAddress": "ann@acme.example", "status": "Disabled"}]
FAR = {"actionGroups": [{"actionGroupId": GROUP_ID.replace(HERE, "22222222-2222-2222-2222-222222222222")}]}


@pytest.mark.parametrize(
    ("groups", "actions", "expected"),
    [
        (REACHED, GROUPS, PASS),
        (CompleteSet(a_group(enabled=False)), GROUPS, FAIL),
        (CompleteSet(a_group(emailReceivers=[])), GROUPS, FAIL),
        (CompleteSet(a_group(emailReceivers=UNSUBSCRIBED)), GROUPS, FAIL),
        (CompleteSet(a_group(emailReceivers=UNSUBSCRIBED, **ROLE)), GROUPS, PASS),
        (CompleteSet(), GROUPS, FAIL),  # it was deleted, and the alert still names it
        (REACHED, FAR, UNKNOWN),
        (UnreadSet(), GROUPS, UNKNOWN),
    ],
)
def test_somebody_is_behind_an_action_group(groups: Any, actions: dict[str, Any], expected: Status) -> None:
    """ssc-spc-ccoe-cei/azure-guardrails-solution-accelerator#522: a group is a name, until it reaches somebody."""
    changes = CompleteSet(an_alert(ADMINISTRATIVE, actions=actions))
    outages = CompleteSet(an_alert(HEALTH, actions=actions))

    assert status(alert_checks.alerts_for_key_changes, changes, groups, **ONE) is expected
    assert status(alert_checks.service_health_alert, outages, groups) is expected


def tagged(name: str, **tags: str) -> Resource:
    """A resource with tags."""
    return made(Resource, a_resource(HERE, "Microsoft.Storage/storageAccounts", name, tags=tags))


@pytest.mark.parametrize(
    ("resources", "limits", "expected"),
    [
        ([tagged("a", owner="ann"), tagged("b", Owner="bob")], {}, PASS),
        ([tagged("a", owner="ann"), tagged("b")], {}, FAIL),
        ([tagged("a", owner=" ")], {}, FAIL),
        ([tagged("a", owner="ann")], {"required_tags": ("owner", "cost")}, FAIL),
        ([], {}, NOTHING),
    ],
)
def test_resources_have_owners(resources: list[Any], limits: dict[str, Any], expected: Status) -> None:
    """Azure takes names of tags in any case."""
    assert status(arm.owner_tag_present, CompleteSet(*resources), **limits) is expected


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ([tagged("a", environment="production"), tagged("b", Environment="Production")], PASS),
        ([tagged("a", environment="production"), tagged("b", environment="test")], FAIL),
        ([tagged("a", environment="production"), tagged("b")], UNKNOWN),
        ([tagged("a"), tagged("b", environment="test"), tagged("c", environment="dev")], FAIL),
        ([], NOTHING),
    ],
)
def test_environments_do_not_meet(resources: list[Any], expected: Status) -> None:
    """What has no tag may belong to any of them."""
    assert status(arm.separated_by_environment, CompleteSet(*resources)) is expected


CRITICAL = tagged("db", Criticality="High")


def a_lock(scope: str, level: str = "CanNotDelete") -> Lock:
    """A lock."""
    return made(Lock, {"id": f"{scope}/providers/Microsoft.Authorization/locks/l", "properties": {"level": level}})


@pytest.mark.parametrize(
    ("resources", "locks", "expected"),
    [
        ([CRITICAL], [a_lock(CRITICAL.id)], PASS),
        ([CRITICAL], [a_lock(CRITICAL.id.upper())], PASS),
        ([CRITICAL], [a_lock(f"{ROOT}/resourceGroups/RG", "ReadOnly")], PASS),
        ([CRITICAL], [a_lock(ROOT)], PASS),
        ([CRITICAL], [a_lock(f"{ROOT}/resourceGroups/r")], FAIL),
        ([CRITICAL], [a_lock(CRITICAL.id, "NotSpecified")], FAIL),
        ([CRITICAL], [], FAIL),
        ([tagged("a", criticality="low")], [], NOTHING),
    ],
)
def test_what_is_critical_is_locked(resources: list[Any], locks: list[Any], expected: Status) -> None:
    """A lock of a group holds for all that is in it, and not for another whose name begins so."""
    assert status(arm.locks_on_critical, CompleteSet(*resources), CompleteSet(*locks)) is expected


@pytest.mark.parametrize(
    ("check", "evidence"),
    [
        (policy.security_baseline_assigned, [UnreadSet()]),
        (policy.allowed_locations_enforced, [UnreadSet()]),
        (alert_checks.alerts_for_key_changes, [UnreadSet(), REACHED]),
        (alert_checks.service_health_alert, [UnreadSet(), REACHED]),
        (arm.owner_tag_present, [UnreadSet()]),
        (arm.separated_by_environment, [UnreadSet()]),
        (arm.locks_on_critical, [CompleteSet(CRITICAL), UnreadSet()]),
    ],
)
def test_what_was_not_read_is_unknown(check: Check[...], evidence: list[Any]) -> None:
    """What could not be looked at is neither good nor bad."""
    assert status(check, *evidence) is UNKNOWN
