"""The check that logs are kept for as long as the company's rule says."""

from __future__ import annotations

from datetime import timedelta

from collector.core.checks import Verdict, check, failed, not_applicable, passed
from connectors.aws.logs.resources import LogGroup

# Passes logs of functions on, and keeps them for a day or two, which nobody can change.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html
_PASSING_ON = "DELIVERY"


@check(
    "aws_logs_group_retention_set",
    title="The log group keeps logs for the required time",
    severity="medium",
    fix="Set the retention of the log group to the company's rule, or to never expire",
)
def group_retention_set(
    group: LogGroup, *, min_retention: timedelta = timedelta(days=365), shorter_log_groups: tuple[str, ...] = ()
) -> Verdict:
    name, days, least = group.log_group_name, group.retention_in_days, min_retention.days
    if group.log_group_class == _PASSING_ON:
        return not_applicable(f"{name} passes logs on to another store, and how long it keeps them nobody can set")
    if days is None:
        return passed(f"logs of {name} never expire")
    by = "" if group.retention_policy_name is None else f", by the policy {group.retention_policy_name} of the account"
    if timedelta(days=days) >= min_retention:
        return passed(f"{name} keeps logs for {days} days, of {least} required{by}")
    if name in shorter_log_groups:
        return passed(f"{name} keeps logs for {days} days, and is listed in shorter_log_groups{by}")
    return failed(f"{name} keeps logs for {days} days, and {least} are required{by}")
