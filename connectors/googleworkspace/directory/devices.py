"""Phones, tablets and Chromebooks as the directory lists them. Checks look at what Cloud Identity lists of devices."""

from __future__ import annotations

from msgspec import Struct

from collector.core.connectors import Listed
from collector.core.redaction import Redact
from collector.core.resources import resource
from connectors.googleworkspace._sdk.client import Workspace
from connectors.googleworkspace._sdk.connector import googleworkspace
from connectors.googleworkspace._sdk.scopes import CHROMEOS, MOBILE

MOBILE_LIST = "directory.mobiledevices.list"
CHROMEOS_LIST = "directory.chromeosdevices.list"


@resource(
    "googleworkspace.directory.mobile_device",
    key="resourceId",
    volatile=("etag", "lastSync"),
    redact=(
        Redact("email", keep="domain"),
        "name",
        Redact("imei", keep="last4"),
        "meid",
        Redact("serialNumber", keep="last4"),
        "wifiMacAddress",
        "hardwareId",
    ),
)
class MobileDevice(Struct, frozen=True, kw_only=True, rename="camel"):
    """A phone or tablet."""

    resource_id: str


@resource(
    "googleworkspace.directory.chromeos_device",
    key="deviceId",
    volatile=("etag", "lastSync", "activeTimeRanges", "lastDeprovisionTimestamp"),
    redact=(
        Redact("serialNumber", keep="last4"),
        "macAddress",
        "ethernetMacAddress",
        "meid",
        "annotatedUser",
        "recentUsers",
        "lastKnownNetwork",
    ),
)
class ChromeosDevice(Struct, frozen=True, kw_only=True, rename="camel"):
    """A Chromebook or another device with ChromeOS."""

    device_id: str


@googleworkspace.collects(MobileDevice, at="customer", call=MOBILE_LIST, permissions=MOBILE)
def mobile_devices(client: Workspace) -> Listed:
    yield from client.pages(
        MOBILE_LIST, key="mobiledevices", customerId=client.customer, maxResults=100, projection="BASIC"
    )


@googleworkspace.collects(ChromeosDevice, at="customer", call=CHROMEOS_LIST, permissions=CHROMEOS)
def chromeos_devices(client: Workspace) -> Listed:
    yield from client.pages(
        CHROMEOS_LIST, key="chromeosdevices", customerId=client.customer, maxResults=300, projection="BASIC"
    )
