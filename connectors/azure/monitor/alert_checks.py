"""Checks of alerts on the activity log: which events raise one, and for whom."""

from __future__ import annotations

from collections.abc import Iterable

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few
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


def _is_heard(alert: ActivityLogAlert) -> bool:
    """Whether an alert is on, for the whole subscription, and goes to somebody."""
    subscription = "/".join(alert.id.lower().split("/")[:3])
    scopes = {scope.lower().rstrip("/") for scope in alert.properties.scopes}
    return alert.properties.enabled and subscription in scopes and bool(alert.properties.actions.action_groups)


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
def alerts_for_key_changes(alerts: All[ActivityLogAlert], *, operations: tuple[str, ...] = _CHANGES) -> Verdict:
    """An alert without an operation is for every one. Where something else watches the log a record has to say so."""
    heard = [alert for alert in alerts if _is_heard(alert)]
    silent: list[str] = []
    narrowed: list[str] = []
    for operation in operations:
        event = {"category": "Administrative", "operationName": operation}
        found = [_covers(alert, event) for alert in heard]
        if True not in found:
            (narrowed if None in found else silent).append(operation)
    if silent:
        return failed(f"nobody hears of {first_few(silent)}")
    if narrowed:
        return unknown(f"alerts for {first_few(narrowed)} have more conditions, such as a status or a caller")
    return passed()


@check(
    "azure_monitor_service_health_alert",
    title="Provider service-health alerts are configured",
    severity="low",
    fix="Make a service health alert for the subscription, with an action group",
)
def service_health_alert(alerts: All[ActivityLogAlert]) -> Verdict:
    """The company may choose services and regions. Alerts for planned maintenance alone tell nobody of an outage."""
    return passed() if any(_is_for_health(alert) for alert in alerts) else failed("nobody hears of outages of Azure")


def _is_for_health(alert: ActivityLogAlert) -> bool:
    return _is_heard(alert) and _any_holds(alert.properties.condition.all_of)


def _any_holds(conditions: Iterable[AlertCondition]) -> bool:
    every = list(conditions)
    of_health = [_holds(condition, "category", "ServiceHealth") for condition in every]
    of_outages = [_holds(condition, "properties.incidentType", "Incident") for condition in every]
    return True in of_health and False not in of_health and False not in of_outages
