"""Virtual machines and disks. User data is given only to who asks for it by name, which annexd never does."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.azure._sdk.client import Azure
from connectors.azure._sdk.connector import azure
from connectors.azure._sdk.makers import MAKERS
from connectors.azure._sdk.operations import operation

_AT = "GET /subscriptions/{subscription}/providers/Microsoft.Compute"

MACHINES = operation(f"{_AT}/virtualMachines", "2024-03-01")
DISKS = operation(f"{_AT}/disks", "2023-10-02")


class LinuxConfiguration(Struct, frozen=True, kw_only=True, rename="camel"):
    """How people sign in to Linux."""

    disable_password_authentication: bool | None = None


class OsProfile(Struct, frozen=True, kw_only=True, rename="camel"):
    """What the system was set up with. Of another system than Linux the configuration is left out."""

    linux_configuration: LinuxConfiguration | None = None


class DiffDisk(Struct, frozen=True, kw_only=True):
    """Whether the disk of the system lives on the host only."""

    option: str | None = None  # Local


class OsDisk(Struct, frozen=True, kw_only=True, rename="camel"):
    """The disk of the system."""

    os_type: str | None = None  # Linux, Windows; left out where Azure does not know
    diff_disk_settings: DiffDisk | None = None


class StorageProfile(Struct, frozen=True, kw_only=True, rename="camel"):
    """The disks of a machine."""

    os_disk: OsDisk


class Uefi(Struct, frozen=True, kw_only=True, rename="camel"):
    """What is checked when a machine starts."""

    secure_boot_enabled: bool = False
    v_tpm_enabled: bool = False


class SecurityProfile(Struct, frozen=True, kw_only=True, rename="camel"):
    """Whether a machine starts trusted. Left out: as machines always did."""

    security_type: str | None = None  # TrustedLaunch, ConfidentialVM, Standard
    uefi_settings: Uefi | None = None


class MachineProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """The settings of a machine; a profile is left out where it was not set."""

    storage_profile: StorageProfile
    os_profile: OsProfile | None = None  # left out: the machine was made of a disk that has a system already
    security_profile: SecurityProfile | None = None


@resource(
    "azure.compute.virtual_machine",
    key="id",
    volatile=("etag",),
    redact=(
        *MAKERS,
        "properties.osProfile.customData",
        "properties.osProfile.adminPassword",
        "properties.osProfile.adminUsername",
        "properties.osProfile.windowsConfiguration.additionalUnattendContent.content",
        "properties.userData",
        "properties.diagnosticsProfile.bootDiagnostics.storageUri",
        "resources.properties.settings",
        "resources.properties.protectedSettings",
    ),
)
class VirtualMachine(Struct, frozen=True, kw_only=True):
    """A virtual machine."""

    id: str
    name: str
    location: str
    properties: MachineProperties
    tags: dict[str, str] | None = None  # left out where there are none

    @property
    def is_linux(self) -> bool | None:
        """Whether the system is Linux; None where Azure does not say."""
        kind = self.properties.storage_profile.os_disk.os_type
        return None if kind is None else kind == "Linux"

    @property
    def is_ephemeral(self) -> bool:
        """Whether the disk of the system lives on the host only, so that nothing of it can be kept."""
        settings = self.properties.storage_profile.os_disk.diff_disk_settings
        return settings is not None and settings.option == "Local"


@azure.collects(VirtualMachine, at="subscription", call=MACHINES, permissions="Microsoft.Compute/virtualMachines/read")
def machines(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(MACHINES)


class Encryption(Struct, frozen=True, kw_only=True):
    """Whose key a disk is encrypted with."""

    type: str


class DiskProperties(Struct, frozen=True, kw_only=True):
    """The settings of a disk."""

    encryption: Encryption


@resource("azure.compute.disk", key="id", redact=MAKERS)
class Disk(Struct, frozen=True, kw_only=True):
    """A managed disk."""

    id: str
    name: str
    properties: DiskProperties


@azure.collects(Disk, at="subscription", call=DISKS, permissions="Microsoft.Compute/disks/read")
def disks(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(DISKS)
