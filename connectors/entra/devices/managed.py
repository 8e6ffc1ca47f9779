"""Devices that Intune manages, each with what it reports of itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.resources import Body, resource
from connectors.entra._sdk.calls import DEVICES, permissions
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra

_FIELDS = (
    "id",
    "deviceName",
    "userPrincipalName",
    "serialNumber",
    "managedDeviceOwnerType",
    "operatingSystem",
    "osVersion",
    "manufacturer",
    "model",
    "complianceState",
    "complianceGracePeriodExpirationDateTime",
    "isEncrypted",
    "jailBroken",
    "isSupervised",
    "managementAgent",
    "managementState",
    "deviceRegistrationState",
    "azureADDeviceId",
    "enrolledDateTime",
    "lastSyncDateTime",
)
_FIRST_REPORT = timedelta(hours=24)


@resource("m365.intune.managed_device", key="id", volatile=("lastSyncDateTime",), redact=("serialNumber",))
class Device(Struct, frozen=True, kw_only=True, rename="camel"):
    """A device that Intune manages. Values that are not null may still be a default that the device never reported."""

    id: str
    device_name: str | None  # null: it has no name yet
    operating_system: str | None  # Windows, macOS, iOS, iPadOS, Android, Linux, ...; null: not reported
    os_version: str | None  # null: not reported
    compliance_state: str
    compliance_grace_period_expiration_date_time: datetime | None  # null: no policy grants time
    is_encrypted: bool
    enrolled_date_time: datetime
    last_sync_date_time: datetime

    @property
    def name(self) -> str:
        """What people call the device."""
        return self.device_name or self.id

    @property
    def has_reported(self) -> bool:
        """Whether it has been in touch since the day of its enrolment: before that, values are defaults."""
        return self.last_sync_date_time - self.enrolled_date_time > _FIRST_REPORT


@entra.collects(Device, at="tenant", call=DEVICES, permissions=permissions(DEVICES))
def devices(client: Graph) -> Iterator[Body]:
    return client.pages(DEVICES, lambda graph: graph.device_management.managed_devices, {"select": _FIELDS, "top": 999})


@check(
    "m365_devices_compliant",
    title="Managed devices are compliant",
    severity="high",
    fix="See in Intune which rule the device breaks, and mend it, or retire the device",
)
def devices_compliant(device: Device, *, now: datetime, longest_silence: timedelta = timedelta(days=30)) -> Verdict:
    state = device.compliance_state
    silent = now - device.last_sync_date_time
    if state in {"noncompliant", "conflict", "error"}:
        return failed(f"{device.name} is {state}")
    if state == "inGracePeriod":
        until = device.compliance_grace_period_expiration_date_time
        return unknown(
            f"{device.name} breaks a rule, and has time to mend it until {until:%Y-%m-%d}"
            if until
            else f"{device.name} breaks a rule, and has time to mend it"
        )
    if state != "compliant":
        return unknown(f"whether {device.name} is compliant is not evaluated: {state}")
    if silent > longest_silence:
        return unknown(f"{device.name} was compliant {silent.days} days ago, and has not been in touch since")
    return passed(f"{device.name} is compliant as of {silent.days} days ago")


@check(
    "m365_devices_encrypted",
    title="Managed laptops are encrypted",
    severity="high",
    fix="Turn on BitLocker or FileVault by a policy, and demand encryption in the compliance policy",
)
def devices_encrypted(device: Device) -> Verdict:
    match (device.operating_system or "").lower():
        case "windows" | "macos" | "mac":
            pass
        case "ios" | "ipados" | "android" | "androidforwork" | "androidenterprise" | "visionos":
            return not_applicable(f"{device.name} is a phone or tablet")
        case other:
            return unknown(f"Intune does not report encryption of {device.name} ({other or 'no system reported'})")
    if device.is_encrypted:
        return passed(f"{device.name} is encrypted")
    if not device.has_reported:
        return unknown(f"{device.name} has not reported since the day of its enrolment")
    return failed(f"{device.name} is not encrypted, by what it reports to Intune")


@check(
    "m365_devices_os_supported",
    title="Managed devices run a supported system version",
    severity="medium",
    fix="Update the system, or replace the device where it can have no newer one",
)
def devices_os_supported(
    device: Device,
    *,
    windows: str = "10.0.26100",
    macos: str = "15",
    ios: str = "18",
    android: str = "14",
) -> Verdict:
    """By default the oldest versions that their makers still mended in November 2026.

    https://learn.microsoft.com/windows/release-health/windows11-release-information: 22631 ended on 2026-11-10.
    """
    system = (device.operating_system or "").lower()
    least = {
        "windows": windows,
        "macos": macos,
        "mac": macos,
        "ios": ios,
        "ipados": ios,
        "android": android,
        "androidforwork": android,
        "androidenterprise": android,
    }.get(system)
    if least is None:
        return unknown(f"no version is demanded of {device.name} ({device.operating_system or 'no system reported'})")
    found = _numbers(device.os_version or "")
    if not found:
        return unknown(f"{device.name} reports no version that can be read: {device.os_version or 'none'}")
    said = f"{device.name} runs {device.operating_system} {device.os_version}; {least} is demanded"
    return passed(said) if found >= _numbers(least) else failed(said)


def _numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version up to the first that is none, so without the end of `14.1 (23B74)`."""
    found = []
    for part in version.strip().partition(" ")[0].split("."):
        if not part.isdecimal():
            break
        found.append(int(part))
    return tuple(found)


@check(
    "m365_stale_devices_retired",
    title="Devices not seen for long are retired",
    severity="low",
    fix="Retire the device in Intune, or bring it in touch again",
)
def stale_devices_retired(device: Device, *, now: datetime, longest_silence: timedelta = timedelta(days=90)) -> Verdict:
    days = (now - device.last_sync_date_time).days
    said = f"{device.name} was in touch {days} days ago; {longest_silence.days} are allowed"
    return passed(said) if now - device.last_sync_date_time <= longest_silence else failed(said)
