"""EC2 storage: volumes, snapshots, and the settings of a region for both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.client import NO_CALL, Account
from connectors.aws._sdk.connector import aws


class EbsEncryption(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Whether new volumes are encrypted by default (ec2:GetEbsEncryptionByDefault)."""

    ebs_encryption_by_default: bool


class PublicSharingState(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Whether public sharing of snapshots is blocked (ec2:GetSnapshotBlockPublicAccessState)."""

    state: str


class SerialConsole(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Whether the serial consoles of machines can be used (ec2:GetSerialConsoleAccessStatus)."""

    serial_console_access_enabled: bool


class ImageCriterion(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Which images are allowed, among others: those of providers, of names, or of an age; each that is given counts."""

    image_providers: tuple[str, ...] = ()  # empty: of anybody
    image_names: tuple[str, ...] = ()  # empty: of any name
    marketplace_product_codes: tuple[str, ...] = ()  # empty: whatever they are


class AllowedImages(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Which images of others machines may be started from (ec2:GetAllowedImagesSettings)."""

    state: str  # enabled, audit-mode or disabled
    image_criteria: tuple[ImageCriterion, ...] = ()  # AWS leaves it out where there are none


@resource("aws.ec2.regional_settings")
class RegionalSettings(Struct, frozen=True, kw_only=True, rename="pascal"):
    """EC2 settings of one region."""

    region: str
    ebs_encryption: EbsEncryption
    snapshot_sharing: PublicSharingState
    serial_console: SerialConsole | None = None  # None: evidence from before it was read
    allowed_images: AllowedImages | None = None  # None: likewise


class VolumeTag(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A tag of a volume."""

    key: str
    value: str = ""  # AWS may leave it out where it is empty


class Attachment(Struct, frozen=True, kw_only=True, rename="pascal"):
    """That a volume is attached to an instance."""

    instance_id: str = ""  # AWS leaves it out of the volumes of some services


@resource("aws.ec2.volume", key="VolumeId")
class Volume(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One EBS volume."""

    volume_id: str
    encrypted: bool
    tags: tuple[VolumeTag, ...] = ()  # AWS leaves out what is empty
    attachments: tuple[Attachment, ...] = ()  # likewise


class CreateVolumePermission(Struct, frozen=True, kw_only=True, rename="pascal"):
    """An account or group that may create a volume from a snapshot."""

    group: str | None = None  # None: a single account is named


class Sharing(Struct, frozen=True, kw_only=True, rename="pascal"):
    """All who may create a volume from a snapshot, besides its owner."""

    create_volume_permissions: tuple[CreateVolumePermission, ...]


@resource("aws.ec2.snapshot", key="SnapshotId")
class Snapshot(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One EBS snapshot that the account owns."""

    snapshot_id: str
    sharing: Sharing


@aws.collects(RegionalSettings, at="region", call=NO_CALL)
def regional_settings(account: Account) -> Iterator[Body]:
    yield {"AccountId": account.id, "Region": account.region}


@aws.part(
    RegionalSettings,
    "EbsEncryption",
    call="ec2:GetEbsEncryptionByDefault",
    permissions="ec2:GetEbsEncryptionByDefault",
)
def ebs_encryption(account: Account, _body: Body) -> Any:
    return account.call("ec2", "GetEbsEncryptionByDefault", having="EbsEncryptionByDefault")


@aws.part(
    RegionalSettings,
    "SnapshotSharing",
    call="ec2:GetSnapshotBlockPublicAccessState",
    permissions="ec2:GetSnapshotBlockPublicAccessState",
)
def snapshot_sharing(account: Account, _body: Body) -> Any:
    return account.call("ec2", "GetSnapshotBlockPublicAccessState", having="State")


@aws.part(
    RegionalSettings,
    "SerialConsole",
    call="ec2:GetSerialConsoleAccessStatus",
    permissions="ec2:GetSerialConsoleAccessStatus",
)
def serial_console(account: Account, _body: Body) -> Any:
    return account.call("ec2", "GetSerialConsoleAccessStatus", having="SerialConsoleAccessEnabled")


@aws.part(
    RegionalSettings,
    "AllowedImages",
    call="ec2:GetAllowedImagesSettings",
    permissions="ec2:GetAllowedImagesSettings",
)
def allowed_images(account: Account, _body: Body) -> Any:
    return account.call("ec2", "GetAllowedImagesSettings", having="State")


@aws.collects(Volume, at="region", call="ec2:DescribeVolumes", permissions="ec2:DescribeVolumes")
def volumes(account: Account) -> Iterator[Body]:
    yield from account.pages("ec2", "DescribeVolumes", "Volumes", MaxResults=500)


@aws.collects(Snapshot, at="region", call="ec2:DescribeSnapshots", permissions="ec2:DescribeSnapshots")
def snapshots(account: Account) -> Iterator[Body]:
    yield from account.pages("ec2", "DescribeSnapshots", "Snapshots", OwnerIds=["self"], MaxResults=1000)


@aws.part(Snapshot, "Sharing", call="ec2:DescribeSnapshotAttribute", permissions="ec2:DescribeSnapshotAttribute")
def sharing(account: Account, snapshot: Body) -> Any:
    return account.call(
        "ec2",
        "DescribeSnapshotAttribute",
        having="CreateVolumePermissions",
        SnapshotId=snapshot["SnapshotId"],
        Attribute="createVolumePermission",
    )
