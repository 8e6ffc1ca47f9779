"""Devices that people sign in with: whose they are, encryption, compromise, and when they were heard of last."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.connectors import Listed
from collector.core.redaction import Redact
from collector.core.resources import resource
from connectors.googleworkspace._sdk.client import Workspace
from connectors.googleworkspace._sdk.connector import googleworkspace
from connectors.googleworkspace._sdk.scopes import DEVICES

LIST = "cloudidentity.devices.list"


@resource(
    "googleworkspace.identity.device",
    key="name",
    volatile=("lastSyncTime",),
    redact=(
        Redact("serialNumber", keep="last4"),
        Redact("imei", keep="last4"),
        "meid",
        "wifiMacAddresses",
        "hostname",
        "otherAccounts",
        "deviceId",
        "unifiedDeviceId",
    ),
)
class Device(Struct, frozen=True, kw_only=True, rename="camel"):
    """A device. None: Google leaves out what a device did not report."""

    name: str
    device_type: str | None = None
    owner_type: str | None = None
    model: str = ""
    encryption_state: str | None = None
    compromised_state: str | None = None
    last_sync_time: datetime | None = None


@googleworkspace.collects(Device, at="customer", call=LIST, permissions=DEVICES)
def devices(client: Workspace) -> Listed:
    # Devices with a user: what the company has imported and nobody has, reports nothing. For one's own company Google
    # asks for this name in place of the id.
    yield from client.pages(
        LIST, key="devices", customer="customers/my_customer", pageSize=100, view="USER_ASSIGNED_DEVICES"
    )


@check(
    "googleworkspace_device_endpoints_encrypted_and_current",
    title="Company endpoints are encrypted, uncompromised and synced",
    severity="high",
    fix="Encrypt the device, enrol it again or wipe it, and take devices that are not in use out of the list",
)
def endpoint_is_sound(device: Device, *, now: datetime, max_sync_age: timedelta = timedelta(days=30)) -> Verdict:
    if device.owner_type == "BYOD":
        return not_applicable(f"{device.name} belongs to its user, not to the company")
    said = [_encryption(device), _compromise(device), _sync(device, now, max_sync_age)]
    if device.owner_type != "COMPANY":
        return unknown(f"{device.name}: Google does not say whose device it is")
    bad = [why for is_good, why in said if is_good is False]
    if bad:
        return failed(f"{device.name} ({device.model or 'no model'}): {'; '.join(bad)}")
    unclear = [why for is_good, why in said if is_good is None]
    return unknown(f"{device.name} ({device.model or 'no model'}): {'; '.join(unclear)}") if unclear else passed()


def _encryption(device: Device) -> tuple[bool | None, str]:
    match device.encryption_state:
        case "ENCRYPTED":
            return True, ""
        case "NOT_ENCRYPTED":
            return False, "it is not encrypted"
        case "UNSUPPORTED_BY_DEVICE":
            return False, "it cannot be encrypted"
        case _:
            return None, "it has not reported whether it is encrypted"


def _compromise(device: Device) -> tuple[bool | None, str]:
    match device.compromised_state:
        case "UNCOMPROMISED":
            return True, ""
        case "COMPROMISED":
            return False, "it is compromised"
        case _ if device.device_type not in {"ANDROID", None}:
            # "currently, this means Android device is rooted": of others nothing is looked for.
            return True, ""
        case _:
            return None, "it has not reported whether it is compromised"


def _sync(device: Device, now: datetime, limit: timedelta) -> tuple[bool | None, str]:
    if device.last_sync_time is None:
        return None, "Google does not say when it was heard of last"
    age = now - device.last_sync_time
    return age <= limit, f"it was heard of last {age.days} days ago; {limit.days} are allowed"
