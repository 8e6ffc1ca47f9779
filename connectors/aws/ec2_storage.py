"""EC2 storage: encryption of volumes, and who may copy a snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, passed
from collector.core.resources import Body, resource
from connectors.aws.client import NO_CALL, Account
from connectors.aws.connector import aws


class EbsEncryption(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Whether new volumes are encrypted without anybody asking for it."""

    ebs_encryption_by_default: bool


class SharingBlock(Struct, frozen=True, kw_only=True, rename="pascal"):
    """How far public sharing is blocked."""

    state: str


@resource("aws.ec2.regional_settings")
class RegionalSettings(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Switches of one region that hold for all that is made in it."""

    region: str
    ebs_encryption: EbsEncryption
    snapshot_sharing: SharingBlock


@resource("aws.ec2.volume", key="VolumeId")
class Volume(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One disk."""

    volume_id: str
    encrypted: bool


class CreatePermission(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Who may make a volume of a snapshot."""

    group: str | None = None  # None: a single account is named


class Sharing(Struct, frozen=True, kw_only=True, rename="pascal"):
    """All who may make a volume of a snapshot, besides its owner."""

    create_volume_permissions: tuple[CreatePermission, ...]


@resource("aws.ec2.snapshot", key="SnapshotId")
class Snapshot(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One copy of a disk that the account owns."""

    snapshot_id: str
    sharing: Sharing


@aws.collects(RegionalSettings, at="region", call=NO_CALL)
def regional_settings(account: Account) -> Iterator[Body]:
    yield {"AccountId": account.id, "Region": account.region}


@aws.part(
    RegionalSettings,
    "EbsEncryption",
    call="ec2:GetEbsEncryptionByDefault",
    needs="ec2:GetEbsEncryptionByDefault",
)
def ebs_encryption(account: Account, _body: Body) -> Any:
    return account.ask("ec2", "GetEbsEncryptionByDefault")


@aws.part(
    RegionalSettings,
    "SnapshotSharing",
    call="ec2:GetSnapshotBlockPublicAccessState",
    needs="ec2:GetSnapshotBlockPublicAccessState",
)
def snapshot_sharing(account: Account, _body: Body) -> Any:
    return account.ask("ec2", "GetSnapshotBlockPublicAccessState")


@aws.collects(Volume, at="region", call="ec2:DescribeVolumes", needs="ec2:DescribeVolumes")
def volumes(account: Account) -> Iterator[Body]:
    yield from account.pages("ec2", "DescribeVolumes", "Volumes", MaxResults=500)


@aws.collects(Snapshot, at="region", call="ec2:DescribeSnapshots", needs="ec2:DescribeSnapshots")
def snapshots(account: Account) -> Iterator[Body]:
    yield from account.pages("ec2", "DescribeSnapshots", "Snapshots", OwnerIds=["self"], MaxResults=1000)


@aws.part(Snapshot, "Sharing", call="ec2:DescribeSnapshotAttribute", needs="ec2:DescribeSnapshotAttribute")
def sharing(account: Account, snapshot: Body) -> Any:
    return account.ask(
        "ec2", "DescribeSnapshotAttribute", SnapshotId=snapshot["SnapshotId"], Attribute="createVolumePermission"
    )


@check(
    "aws_ec2_ebs_default_encryption_enabled",
    title="New volumes are encrypted by default",
    severity="high",
    fix="Switch on encryption by default for EBS in the region",
)
def ebs_default_encryption_enabled(region: RegionalSettings) -> Verdict:
    if region.ebs_encryption.ebs_encryption_by_default:
        return passed()
    return failed(f"a volume made in {region.region} is encrypted only if its maker asks for it")


@check(
    "aws_ec2_snapshot_block_public_access",
    title="Snapshots cannot be shared with everybody",
    severity="medium",
    fix="Block public access to snapshots in the region: at least new sharing, better all",
)
def snapshot_block_public_access(region: RegionalSettings) -> Verdict:
    state = region.snapshot_sharing.state
    if state in ("block-all-sharing", "block-new-sharing"):
        return passed(f"{region.region}: {state}")
    return failed(f"{region.region}: public sharing of snapshots is {state}")


@check(
    "aws_ec2_volume_encrypted",
    title="The volume is encrypted",
    severity="high",
    fix="Copy its snapshot with encryption and make the volume anew from the copy",
)
def volume_encrypted(volume: Volume) -> Verdict:
    return passed() if volume.encrypted else failed(f"{volume.volume_id} is not encrypted")


@check(
    "aws_ec2_snapshot_not_public",
    title="The snapshot is not shared with everybody",
    severity="critical",
    fix="Take the group all out of the snapshot's permissions, and block public sharing in the region",
)
def snapshot_not_public(snapshot: Snapshot) -> Verdict:
    if any(one.group == "all" for one in snapshot.sharing.create_volume_permissions):
        return failed(f"every AWS customer may copy {snapshot.snapshot_id}")
    return passed()
