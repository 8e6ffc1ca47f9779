"""Checks of virtual machines."""

from __future__ import annotations

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from connectors.azure.compute.resources import VirtualMachine


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
