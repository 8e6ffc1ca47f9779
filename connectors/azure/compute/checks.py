"""Checks of virtual machines."""

from __future__ import annotations

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from connectors.azure.compute.resources import Disk, VirtualMachine


@check(
    "azure_vm_linux_password_login_disabled",
    title="Linux machines allow only key logins",
    severity="high",
    fix="Make the machine anew with public keys and without a password, or disable passwords in its SSH server",
)
def password_login_disabled(machine: VirtualMachine) -> Verdict:
    """What the machine was set up with; what somebody changed in it later Azure does not know."""
    if machine.is_linux is False:
        return not_applicable(f"{machine.name} does not run Linux")
    profile = machine.properties.os_profile
    linux = None if profile is None else profile.linux_configuration
    if linux is None or linux.disable_password_authentication is None:
        return unknown(f"{machine.name} was made of a disk with a system of its own, of which Azure knows no settings")
    return passed() if linux.disable_password_authentication else failed(f"{machine.name} takes passwords")


_TRUSTED = frozenset({"TrustedLaunch", "ConfidentialVM"})


@check(
    "azure_vm_trusted_launch_enabled",
    title="Machines use trusted launch",
    severity="medium",
    fix="Turn on trusted launch with secure boot and vTPM; a machine of generation 1 has to be converted first",
)
def trusted_launch_enabled(machine: VirtualMachine) -> Verdict:
    """A confidential machine starts at least as trusted. Where nothing is said it starts as machines always did."""
    profile = machine.properties.security_profile
    if profile is None or profile.security_type not in _TRUSTED:
        return failed(f"{machine.name} starts without being checked")
    uefi = profile.uefi_settings
    if uefi is None or not (uefi.secure_boot_enabled and uefi.v_tpm_enabled):
        return failed(f"{machine.name} does without secure boot or vTPM")
    return passed()


@check(
    "azure_vm_encryption_at_host_or_cmk",
    title="Machine disks meet the encryption standard",
    severity="medium",
    fix="Encrypt the disk by a disk encryption set with the company's key",
)
def disk_encryption(
    disk: Disk,
    *,
    allowed_types: tuple[str, ...] = (
        "EncryptionAtRestWithPlatformKey",
        "EncryptionAtRestWithCustomerKey",
        "EncryptionAtRestWithPlatformAndCustomerKeys",
    ),
) -> Verdict:
    """Azure encrypts every disk; the company's standard says whose key it has to be."""
    kind = disk.properties.encryption.type
    return passed(f"{disk.name}: {kind}") if kind in allowed_types else failed(f"{disk.name}: {kind} is not allowed")
