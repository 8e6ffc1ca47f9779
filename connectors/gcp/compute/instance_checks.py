"""Checks of instances and of what all instances of a project share."""

from __future__ import annotations

from collector.core.checks import All, The, Verdict, check, failed, passed, unknown
from connectors.gcp.compute.instances import ComputeProject, Instance

_DEFAULT_ACCOUNT = "-compute@developer.gserviceaccount.com"
_EVERYTHING = "https://www.googleapis.com/auth/cloud-platform"
_ON = frozenset({"true", "y", "yes", "1"})
_OFF = frozenset({"false", "n", "no", "0"})
_OS_LOGIN = ("enable-oslogin", "enable-oslogin-2fa")
_NAMED = 5


def is_on(value: str | None) -> bool | None:
    """Return what a value of metadata says; None for a text that Google does not document.

    https://cloud.google.com/compute/docs/metadata/setting-custom-metadata#boolean
    """
    text = (value or "").strip().lower()
    return True if text in _ON else False if text in _OFF or not text else None


@check(
    "gcp_compute_instance_no_public_ip",
    title="Instances have no external address unless approved",
    severity="medium",
    fix="Reach the instance by a load balancer or Identity-Aware Proxy, let it out by Cloud NAT, and take the address",
)
def no_public_ip(instance: Instance, *, approved_public_instances: tuple[str, ...] = ()) -> Verdict:
    external = [
        config.nat_ip or "a new address with each start"
        for interface in instance.network_interfaces
        for config in (*interface.access_configs, *interface.ipv6_access_configs)
    ]
    if not external:
        return passed()
    if instance.name in approved_public_instances:
        return passed(f"{instance.name} is in approved_public_instances")
    return failed(f"{instance.name} has an external address: {', '.join(external)}")


@check(
    "gcp_compute_instance_no_default_sa_full_access",
    title="Instances do not use the default account with full scopes",
    severity="high",
    fix="Stop the instance, and attach a service account of its own",
)
def no_default_account(instance: Instance) -> Verdict:
    for account in instance.service_accounts:
        if account.email.endswith(_DEFAULT_ACCOUNT) and _EVERYTHING in account.scopes:
            return failed(f"{instance.name} runs as {account.email} with all scopes")
    return passed()


@check(
    "gcp_compute_project_os_login_required",
    title="OS Login is required",
    severity="medium",
    fix="Set enable-oslogin to TRUE in the metadata of the project, and take it from that of instances",
)
def os_login_required(project: ComputeProject, instances: All[Instance]) -> Verdict:
    shared = is_on(project.flags.get("enable-oslogin"))
    if shared is None:
        return unknown(f"enable-oslogin is {project.flags['enable-oslogin']!r}, which is neither TRUE nor FALSE")
    own = {each.name: is_on(each.flags["enable-oslogin"]) for each in instances if "enable-oslogin" in each.flags}
    off = sorted(name for name, value in own.items() if value is False)
    if not shared:
        return failed("enable-oslogin is not TRUE in the metadata of the project")
    if off:
        return failed(f"these instances turn it off: {', '.join(off[:_NAMED])}, {len(off)} in all")
    odd = sorted(name for name, value in own.items() if value is None)
    if odd:
        return unknown(f"enable-oslogin is neither TRUE nor FALSE for {', '.join(odd[:_NAMED])}")
    return passed()


@check(
    "gcp_compute_project_os_login_2fa",
    title="OS Login requires two-factor",
    severity="medium",
    fix="Set enable-oslogin-2fa to TRUE in the metadata of the project, and take it from that of instances",
)
def os_login_2fa(project: ComputeProject, instances: All[Instance]) -> Verdict:
    two_factor = is_on(project.flags.get("enable-oslogin-2fa"))
    if two_factor is None:
        return unknown(f"enable-oslogin-2fa is {project.flags['enable-oslogin-2fa']!r}, neither TRUE nor FALSE")
    if not two_factor:
        return failed("enable-oslogin-2fa is not TRUE in the metadata of the project")
    if not is_on(project.flags.get("enable-oslogin")):
        return failed("enable-oslogin-2fa does nothing: enable-oslogin is not TRUE")
    own = [(each.name, name, each.flags[name]) for each in instances for name in _OS_LOGIN if name in each.flags]
    off = sorted(f"{instance} ({name})" for instance, name, value in own if is_on(value) is False)
    if off:
        return failed(f"these instances turn it off: {', '.join(off[:_NAMED])}, {len(off)} in all")
    odd = sorted(f"{instance} ({name})" for instance, name, value in own if is_on(value) is None)
    return unknown(f"neither TRUE nor FALSE: {', '.join(odd[:_NAMED])}") if odd else passed()


@check(
    "gcp_compute_instance_shielded_vm",
    title="Instances use shielded VM features",
    severity="medium",
    fix="Stop the instance, and turn on vTPM and integrity monitoring",
)
def shielded_vm(instance: Instance) -> Verdict:
    if instance.shielded_instance_config is None:
        return failed(f"{instance.name} has an image without support for shielded VM")
    missing = [
        what
        for what, is_there in (
            ("vTPM", instance.shielded_instance_config.enable_vtpm),
            ("integrity monitoring", instance.shielded_instance_config.enable_integrity_monitoring),
        )
        if not is_there
    ]
    return failed(f"{instance.name} is without {' and '.join(missing)}") if missing else passed()


@check(
    "gcp_compute_instance_serial_port_disabled",
    title="Interactive serial port is off",
    severity="medium",
    fix="Set serial-port-enable to FALSE for the instance and for the project",
)
def serial_port_disabled(instance: Instance, project: The[ComputeProject]) -> Verdict:
    own = instance.flags.get("serial-port-enable")
    value = is_on(own if own is not None else project.flags.get("serial-port-enable"))
    if value is None:
        return unknown(f"serial-port-enable is neither TRUE nor FALSE for {instance.name}")
    where = "its own metadata" if own is not None else "the metadata of the project"
    return failed(f"serial-port-enable is TRUE for {instance.name} by {where}") if value else passed()
