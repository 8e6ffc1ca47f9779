"""Builders of what stands in a region: trails, recorders, networks, disks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.aws.account.resources import Region
from connectors.aws.cloudtrail.resources import Trail
from connectors.aws.config.resources import DeliveryChannel, Recorder
from connectors.aws.ec2.resources.network import FlowLog, SecurityGroup, Vpc
from connectors.aws.ec2.resources.prefix_lists import ManagedPrefixList
from connectors.aws.ec2.resources.storage import RegionalSettings, Snapshot, Volume
from tests.connectors.aws.builders import OWN, UNREAD, a

TRAIL = f"arn:aws:cloudtrail:eu-central-1:{OWN}:trail/acme"
EVERYTHING = {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}]}


def a_trail(*, logging: Any = True, selectors: Any = EVERYTHING, **but: Any) -> Trail:
    """A trail of every region that takes all management events and has delivered an hour ago."""
    status = {"IsLogging": logging, "LatestDeliveryTime": "2026-11-23T11:00:00Z"}
    usual = {
        "Name": "acme",
        "TrailARN": TRAIL,
        "S3BucketName": "acme-logs",
        "IsMultiRegionTrail": True,
        "LogFileValidationEnabled": True,
        "Status": UNREAD if logging is UNREAD else status,
        "Selectors": selectors,
    }
    return a(Trail, usual, **but)


def a_recorder(*, recording: bool = True, last: str | None = "SUCCESS", **but: Any) -> Recorder:
    """A recorder that takes all there is."""
    status = {"recording": recording, **({} if last is None else {"lastStatus": last})}
    group = {"allSupported": True, "includeGlobalResourceTypes": True, "resourceTypes": []}
    usual = {"name": "default", "recordingGroup": group, "status": status}
    return a(Recorder, usual, **but)


def a_channel(bucket: str = "acme-logs") -> DeliveryChannel:
    """Where a recorder delivers to."""
    return a(DeliveryChannel, {"name": "default", "s3BucketName": bucket})


def a_region(name: str, status: str = "ENABLED_BY_DEFAULT") -> Region:
    """A region of the account."""
    return a(Region, {"RegionName": name, "RegionOptStatus": status})


def a_group_of(*rules: Mapping[str, Any], **but: Any) -> SecurityGroup:
    """A security group that lets these in and nothing out."""
    usual = {"GroupId": "sg-1", "GroupName": "web", "IpPermissions": list(rules), "IpPermissionsEgress": []}
    return a(SecurityGroup, usual, **but)


def a_prefix_list(*cidrs: str, **but: Any) -> ManagedPrefixList:
    """A prefix list of these ranges."""
    entries = [{"Cidr": cidr, "Description": ""} for cidr in cidrs]
    return a(ManagedPrefixList, {"PrefixListId": "pl-1", "PrefixListName": "office", "Entries": entries}, **but)


def a_network() -> Vpc:
    """A network."""
    return a(Vpc, {"VpcId": "vpc-1"})


def a_flow_log(**but: Any) -> FlowLog:
    """A flow log of the network that takes everything."""
    usual = {"FlowLogId": "fl-1", "FlowLogStatus": "ACTIVE", "ResourceId": "vpc-1", "TrafficType": "ALL"}
    return a(FlowLog, usual, **but)


def the_region(**but: Any) -> RegionalSettings:
    """A region with both switches on."""
    usual = {
        "Region": "eu-central-1",
        "EbsEncryption": {"EbsEncryptionByDefault": True},
        "SnapshotSharing": {"State": "block-all-sharing"},
    }
    return a(RegionalSettings, usual, **but)


def a_volume(*, encrypted: Any) -> Volume:
    """A disk."""
    return a(Volume, {"VolumeId": "vol-1", "Encrypted": encrypted})


def a_snapshot(sharing: Any) -> Snapshot:
    """A copy of a disk."""
    return a(Snapshot, {"SnapshotId": "snap-1", "Sharing": sharing})
