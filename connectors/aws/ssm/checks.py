"""Checks of Systems Manager: which machines it manages, their patches, parameters and documents."""

from __future__ import annotations

from datetime import datetime, timedelta

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from collector.core.secret_names import is_secret_name
from collector.core.spans import show_span
from connectors.aws._policy.patterns import matches
from connectors.aws.ec2.resources.compute import Instance
from connectors.aws.ssm.resources import Document, ManagedInstance, Parameter


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


@check(
    "aws_ssm_instance_managed",
    title="The running machine reports to Systems Manager",
    severity="medium",
    fix="Give the machine an instance profile for Systems Manager and the agent, or the company's rule an exception",
)
def instance_managed(
    instance: Instance,
    managed: All[ManagedInstance],
    *,
    now: datetime,
    grace: timedelta = timedelta(days=1),
    unmanaged_instances: tuple[str, ...] = (),
) -> Verdict:
    name = instance.instance_id
    if instance.state.name != "running":
        return not_applicable(f"{name} is {instance.state.name}")
    found = next((item for item in managed if item.instance_id == name), None)
    if found is not None and found.ping_status == "Online":
        return passed(f"{name} reports to Systems Manager")
    if name in unmanaged_instances:
        return not_applicable(f"{name} is listed in unmanaged_instances")
    said = (
        "does not report to Systems Manager"
        if found is None
        else f"is {found.ping_status or 'in no known state'} there"
    )
    if instance.launch_time is None:
        return unknown(f"{name} {said}, and since when it runs is not said")
    if now - instance.launch_time <= grace:
        return unknown(f"{name} {said}, and runs for less than {show_span(grace)}")
    return failed(f"{name} {said}")


@check(
    "aws_ssm_parameter_secure_string",
    title="A parameter that may hold a secret is encrypted",
    severity="medium",
    fix="Make a parameter of the type SecureString in its place, or list it in plain_parameters",
)
def parameter_secure_string(
    parameter: Parameter, *, plain_parameters: tuple[str, ...] = (), secret_parameters: tuple[str, ...] = ()
) -> Verdict:
    """Both limits are patterns of names, by which the company says what is in them; a name itself decides nothing."""
    name = parameter.name
    if parameter.type == "SecureString":
        return passed(f"{name} is encrypted with {parameter.key_id or 'a key that AWS does not name'}")
    if any(matches(pattern, name) for pattern in secret_parameters):
        return failed(f"{name} is a {parameter.type} in plain text, and meets secret_parameters")
    if any(matches(pattern, name) for pattern in plain_parameters):
        return not_applicable(f"{name} is in plain text, and meets plain_parameters")
    said = f"{name} is a {parameter.type} in plain text"
    if is_secret_name(name.rpartition("/")[2]):
        said += ", and is named as a secret"
    return unknown(
        f"{said}; whether it is a secret only its value says, which is not read: write the name into secret_parameters"
        " or plain_parameters"
    )


@check(
    "aws_ssm_document_not_public",
    title="The document is not shared with everybody",
    severity="high",
    fix="Take all out of the accounts that the document is shared with, and block public sharing in the region",
)
def document_not_public(document: Document) -> Verdict:
    if "all" in document.shared_with:
        return failed(f"every AWS customer may use {document.name}")
    shared = first_few(document.shared_with)
    return passed(f"{document.name} is shared with {shared}" if shared else f"{document.name} is shared with nobody")
