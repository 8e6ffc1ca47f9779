"""Checks of alerts on the activity log: which events raise one, and for whom."""

from __future__ import annotations

from collections.abc import Iterable

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few
from connectors.azure.monitor.action_groups import ActionGroup
from connectors.azure.monitor.resources import ActivityLogAlert, AlertCondition

_CHANGES = (
    "Microsoft.Authorization/policyAssignments/write",
    "Microsoft.Authorization/policyAssignments/delete",
    "Microsoft.Network/networkSecurityGroups/write",
    "Microsoft.Network/networkSecurityGroups/delete",
    "Microsoft.Security/securitySolutions/write",
    "Microsoft.Sql/servers/firewallRules/write",
    "Microsoft.Network/publicIPAddresses/write",
)

_ELSEWHERE = "the action group of alerts is in another subscription, and whom it reaches is not read"


def _hearing(alerts: Iterable[ActivityLogAlert], groups: Iterable[ActionGroup]) -> list[tuple[ActivityLogAlert, bool]]:
    """Return the alerts that are on for the whole subscription, each with whether it surely goes to somebody.

    Where it does not, its action group is in another subscription. One that is of here and not listed was deleted.
    """
    known: dict[str, ActionGroup] | None = None
    found: list[tuple[ActivityLogAlert, bool]] = []
    for alert in alerts:
        subscription = _subscription(alert.id)
        scopes = {scope.lower().rstrip("/") for scope in alert.properties.scopes}
        if not alert.properties.enabled or subscription not in scopes:
            continue
        named = {action.action_group_id.lower() for action in alert.properties.actions.action_groups or ()}
        if not named:
            continue
        known = {group.id.lower(): group for group in groups} if known is None else known
        if any(name in known and known[name].reaches_somebody for name in named):
            found.append((alert, True))
        elif any(_subscription(name) != subscription for name in named):
            found.append((alert, False))
    return found


def _subscription(id_: str) -> str:
    return "/".join(id_.lower().split("/")[:3])


def _holds(condition: AlertCondition, field: str, value: str) -> bool | None:
    """Return whether a condition holds for an event with this value in a field; None: it is about other fields."""
    if condition.any_of is not None:
        found = [_holds(each, field, value) for each in condition.any_of]
        return True if True in found else None if None in found else False
    if (condition.field_ or "").lower() != field.lower():
        return None
    wanted = [condition.equals] if condition.equals is not None else list(condition.contains_any or ())
    return value.lower() in {each.lower() for each in wanted}


def _covers(alert: ActivityLogAlert, event: dict[str, str]) -> bool | None:
    """Return whether each event of a kind raises an alert; None where other conditions decide which of them do."""
    is_narrowed = False
    for condition in alert.properties.condition.all_of:
        found = [_holds(condition, field, value) for field, value in event.items()]
        if True in found:
            continue
        if False in found:
            return False
        is_narrowed = True
    return None if is_narrowed else True


@check(
    "azure_monitor_alerts_for_key_changes",
    title="Alerts exist for the listed control-plane changes",
    severity="medium",
    fix="Make an alert rule on the activity log for each of these operations, with an action group",
)
def alerts_for_key_changes(
    alerts: All[ActivityLogAlert], groups: All[ActionGroup], *, operations: tuple[str, ...] = _CHANGES
) -> Verdict:
    """An alert without an operation is for every one. Where something else watches the log a record has to say so."""
    hearing = _hearing(alerts, groups)
    silent: list[str] = []
    narrowed: list[str] = []
    elsewhere: list[str] = []
    for operation in operations:
        event = {"category": "Administrative", "operationName": operation}
        found = {(_covers(alert, event), is_sure) for alert, is_sure in hearing}
        if (True, True) in found:
            continue
        whole = (True, False) in found
        (elsewhere if whole else narrowed if any(covers is None for covers, _ in found) else silent).append(operation)
    if silent:
        return failed(f"nobody hears of {first_few(silent)}")
    if narrowed:
        return unknown(f"alerts for {first_few(narrowed)} have more conditions, such as a status or a caller")
    return unknown(f"{_ELSEWHERE}: {first_few(elsewhere)}") if elsewhere else passed()


@check(
    "azure_monitor_service_health_alert",
    title="Provider service-health alerts are configured",
    severity="low",
    fix="Make a service health alert for the subscription, with an action group",
)
def service_health_alert(alerts: All[ActivityLogAlert], groups: All[ActionGroup]) -> Verdict:
    """The company may choose services and regions. Alerts for planned maintenance alone tell nobody of an outage."""
    sure = {is_sure for alert, is_sure in _hearing(alerts, groups) if _any_holds(alert.properties.condition.all_of)}
    if True in sure:
        return passed()
    return unknown(f"{_ELSEWHERE}: outages of Azure") if sure else failed("nobody hears of outages of Azure")


def _any_holds(conditions: Iterable[AlertCondition]) -> bool:
    every = list(conditions)
    of_health = [_holds(condition, "category", "ServiceHealth") for condition in every]
    of_outages = [_holds(condition, "properties.incidentType", "Incident") for condition in every]
    return True in of_health and False not in of_health and False not in of_outages
