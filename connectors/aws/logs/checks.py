"""Checks of log groups: how long logs are kept, with whose key, and whether personal data in them is masked."""

from __future__ import annotations

from datetime import timedelta

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from connectors.aws._policy.patterns import matches
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


@check(
    "aws_logs_group_encrypted_with_kms",
    title="The log group is encrypted with a key of KMS",
    severity="low",
    fix="Associate a key of KMS with the log group",
)
def group_encrypted_with_kms(group: LogGroup) -> Verdict:
    if group.kms_key_id:
        return passed(f"{group.log_group_name} is encrypted with {group.kms_key_id}")
    return failed(f"{group.log_group_name} is encrypted with a key of AWS's own, which the company cannot withdraw")


@check(
    "aws_logs_group_data_protection_enabled",
    title="Personal data in the log group is masked",
    severity="low",
    fix="Set a data protection policy on the log group, or one for the whole account",
)
def group_data_protection_enabled(group: LogGroup, *, personal_data_log_groups: tuple[str, ...] = ()) -> Verdict:
    name = group.log_group_name
    if "ACCOUNT_DATA_PROTECTION" in group.inherited_properties:
        return passed(f"{name} has the data protection policy of the account")
    if group.data_protection_status == "ACTIVATED":
        return passed(f"{name} has a data protection policy")
    if any(matches(pattern, name) for pattern in personal_data_log_groups):
        state = f"is {group.data_protection_status.lower()}" if group.data_protection_status else "was never set"
        return failed(f"{name} is listed in personal_data_log_groups, and its data protection {state}")
    if personal_data_log_groups:
        return not_applicable(f"{name} is not listed in personal_data_log_groups")
    return unknown(f"whether {name} holds personal data is not stated: personal_data_log_groups lists no group")
