"""Checks of Systems Manager: patches of managed instances."""

from __future__ import annotations

from datetime import datetime, timedelta

from collector.core.checks import Verdict, check, failed, passed, unknown
from collector.core.spans import show_span
from connectors.aws.ssm.resources import ManagedInstance


@check(
    "aws_ssm_instance_patch_compliant",
    title="The managed instance lacks no patch that its baseline asks for, by a recent scan",
    severity="high",
    fix="Install the patches that the baseline approves, restart where one waits for it, and scan each day",
)
def instance_patch_compliant(
    instance: ManagedInstance, *, now: datetime, max_scan_age: timedelta = timedelta(days=7)
) -> Verdict:
    state, name = instance.patch_state, instance.instance_id
    if state is None:
        return unknown(f"{name}: no scan for patches is on record")
    age = now - state.operation_end_time
    when = f"at the {state.operation.lower()} of {state.operation_end_time:%Y-%m-%d}, against {state.baseline_id}"
    numbers = {
        "missing": state.missing_count,
        "failed": state.failed_count,
        "installed and waiting for a restart": state.installed_pending_reboot_count,
        "rejected and installed all the same": state.installed_rejected_count,
    }
    problems = [f"{number} {what}" for what, number in numbers.items() if number]
    if not problems and state.security_non_compliant_count:
        problems = [f"{state.security_non_compliant_count} security patches not as the baseline asks"]
    if not problems and state.critical_non_compliant_count:
        problems = [f"{state.critical_non_compliant_count} critical patches not as the baseline asks"]
    if problems:
        return failed(f"{name}: {', '.join(problems)}, {when}")
    if age > max_scan_age:
        said = f"{name}: the last scan ended {age.days} days ago, and {show_span(max_scan_age)} are allowed"
        if instance.ping_status not in ("", "Online"):
            return unknown(f"{said}; it is {instance.ping_status}, as an instance is that is stopped")
        return failed(said)
    if state.missing_count is None or state.failed_count is None:
        return unknown(f"{name}: AWS does not say how many patches are missing or failed, {when}")
    return passed(f"{name}: none missing or failed {when}")
