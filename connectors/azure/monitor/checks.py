"""Checks of logs: that the activity log leaves the subscription, and how long workspaces keep what they have."""

from __future__ import annotations

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few
from connectors.azure.monitor.diagnostics import missing
from connectors.azure.monitor.resources import LogWorkspace, SubscriptionDiagnostic


@check(
    "azure_monitor_activity_log_exported",
    title="Activity log is exported with all key categories",
    severity="high",
    fix="Make a diagnostic setting of the subscription that sends these categories to a workspace or an account",
)
def activity_log_exported(
    settings: All[SubscriptionDiagnostic],
    *,
    categories: tuple[str, ...] = ("Administrative", "Security", "Alert", "Policy"),
) -> Verdict:
    """Azure itself keeps the log for 90 days. Settings with a destination count together."""
    every = list(settings)
    lost = missing(every, categories)
    if not lost:
        return passed()
    sends = (
        "no diagnostic setting of the subscription sends" if every else "the subscription has no diagnostic setting for"
    )
    return failed(f"{sends} {first_few(lost)}")


@check(
    "azure_monitor_workspace_retention",
    title="Log workspaces keep logs for the required period",
    severity="medium",
    fix="Raise the retention of the workspace, or the total retention of the table, whose archive is cheaper",
)
def workspace_retention(workspace: LogWorkspace, *, retention_days: int = 365, tables: tuple[str, ...] = ()) -> Verdict:
    """With the archive. `tables` are those that the rule is for; without them it is for every one."""
    wanted = frozenset(table.lower() for table in tables)
    judged = [table for table in workspace.tables if not wanted or table.name.lower() in wanted]
    short = {
        table.name: table.properties.total_retention_in_days
        for table in judged
        if 0 <= table.properties.total_retention_in_days < retention_days
    }
    if short:
        named = [f"{name} for {days} days" for name, days in sorted(short.items())]
        return failed(f"{workspace.name} keeps {first_few(named)}; {retention_days} are required")
    days = workspace.properties.retention_in_days
    if days is None:
        return unknown(f"Azure does not say how long {workspace.name} keeps logs")
    # A table that comes tomorrow has the time of the workspace.
    if not wanted and 0 <= days < retention_days:
        return failed(f"{workspace.name} keeps new tables for {days} days; {retention_days} are required")
    return passed()
