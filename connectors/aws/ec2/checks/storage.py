"""Checks of EC2 storage: encryption of volumes, public snapshots."""

from __future__ import annotations

from collector.core.checks import Verdict, check, failed, passed
from connectors.aws.ec2.resources.storage import RegionalSettings, Snapshot, Volume


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
    if any(permission.group == "all" for permission in snapshot.sharing.create_volume_permissions):
        return failed(f"every AWS customer may copy {snapshot.snapshot_id}")
    return passed()
