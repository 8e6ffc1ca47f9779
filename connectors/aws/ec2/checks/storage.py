"""Checks of EC2 storage: encryption of volumes, public snapshots."""

from __future__ import annotations

from collector.core.checks import The, Verdict, check, failed, passed, unknown
from collector.core.errors import Unread
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
    fix="Block all public sharing of snapshots in the region; to block new sharing leaves what is shared already",
)
def snapshot_block_public_access(region: RegionalSettings) -> Verdict:
    match state := region.snapshot_sharing.state:
        case "block-all-sharing":
            return passed(f"{region.region}: {state}")
        case "block-new-sharing":
            return failed(f"{region.region}: {state}, and snapshots that are shared with everybody already stay so")
        case "unblocked":
            return failed(f"{region.region}: public sharing of snapshots is {state}")
        case _:
            return unknown(f"{region.region}: annexd does not know the state {state!r} of public sharing")


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
def snapshot_not_public(snapshot: Snapshot, region: The[RegionalSettings]) -> Verdict:
    if not any(permission.group == "all" for permission in snapshot.sharing.create_volume_permissions):
        return passed()
    # To block all sharing also makes private what was shared before; to block new sharing does not.
    # https://docs.aws.amazon.com/ebs/latest/userguide/block-public-access-snapshots.html
    try:
        state = region.snapshot_sharing.state
    except Unread as reason:
        return unknown(f"{snapshot.snapshot_id} is shared with everybody, unless the region blocks it: {reason}")
    if state == "block-all-sharing":
        return passed(f"{snapshot.snapshot_id} is shared with everybody, and {region.region} blocks all such sharing")
    left = f"; {region.region} blocks new sharing only" if state == "block-new-sharing" else ""
    return failed(f"every AWS customer may copy {snapshot.snapshot_id}{left}")
