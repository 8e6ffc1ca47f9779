"""Acme's networks, and the disks of its machines."""

from __future__ import annotations

from typing import Any

from collector.demo.aws.seeding import FORMULA, HOME, TURNED, AccountSeed

_WEST = "eu-west-1"
_ANYWHERE = {"CidrIp": "0.0.0.0/0"}
_ANYWHERE_6 = {"CidrIpv6": "::/0"}


def management(place: AccountSeed) -> None:
    """No machines here, so no networks either, and the safe defaults in every region."""
    for region in place.regions:
        _remove_default_network(place, region)
        _safe_defaults(place, region)


def production(place: AccountSeed) -> None:
    """The home region is looked after; the second one was set up in a hurry; the third one nobody remembers."""
    _remove_default_network(place, HOME)
    _safe_defaults(place, HOME)
    home = _network(place, HOME, "10.10.0.0/16", logged=True)
    _close_default_group(place, HOME, home)
    _group(place, HOME, home, "web", {"port": 443, "from": _ANYWHERE})
    _group(place, HOME, home, "database", {"port": 5432, "from": {"CidrIp": "10.10.0.0/16"}})
    _disk(place, HOME, encrypted=True)
    _remove_default_network(place, _WEST)
    west = _network(place, _WEST, "10.20.0.0/16", logged=False)
    default = _default_group(place, _WEST, west)
    place.expect("fail", default, "aws_vpc_default_security_group_closed", region=_WEST)
    _group(place, _WEST, west, "bastion", {"port": 22, "from": _ANYWHERE, "bad": "admin"}, tag=FORMULA)
    _group(place, _WEST, west, "desktops", {"port": 3389, "from": _ANYWHERE_6, "bad": "admin"}, tag=TURNED)
    _group(place, _WEST, west, "reporting", {"port": 5432, "from": _ANYWHERE, "bad": "db"})
    _group(place, _WEST, west, "everything", {"port": None, "from": _ANYWHERE, "bad": "admin db"})
    volume = _disk(place, _WEST, encrypted=False)
    ec2 = place.client("ec2", _WEST)
    snapshot = ec2.create_snapshot(VolumeId=volume, Description="before the move")["SnapshotId"]
    ec2.modify_snapshot_attribute(
        SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"]
    )
    place.expect("fail", snapshot, "aws_ec2_snapshot_not_public", region=_WEST)
    for region in (_WEST, "us-east-1"):
        place.expect("fail", region, "aws_ec2_ebs_default_encryption_enabled", region=region)
        place.expect("fail", region, "aws_ec2_snapshot_block_public_access", region=region)
    _untouched(place, "us-east-1")


def staging(place: AccountSeed) -> None:
    """As AWS hands an account over, in every region."""
    for region in place.regions:
        _untouched(place, region)
        place.expect("fail", region, "aws_ec2_ebs_default_encryption_enabled", region=region)


def _safe_defaults(place: AccountSeed, region: str) -> None:
    place.client("ec2", region).enable_ebs_encryption_by_default()
    place.extras.snapshot_sharing_blocked.add(region)
    place.extras.image_sharing_blocked.add(region)
    place.extras.imdsv2_by_default.add(region)
    place.expect("pass", region, "aws_ec2_ebs_default_encryption_enabled", region=region)
    place.expect("pass", region, "aws_ec2_snapshot_block_public_access", region=region)


def _untouched(place: AccountSeed, region: str) -> None:
    """The network that AWS makes in each region: no flow log, and a default group that lets its members talk."""
    network = place.client("ec2", region).describe_vpcs()["Vpcs"][0]["VpcId"]
    place.expect("fail", network, "aws_vpc_flow_logs_enabled", region=region)
    place.expect("fail", _default_group(place, region, network), "aws_vpc_default_security_group_closed", region=region)


def _remove_default_network(place: AccountSeed, region: str) -> None:
    ec2 = place.client("ec2", region)
    for network in ec2.describe_vpcs(Filters=[{"Name": "isDefault", "Values": ["true"]}])["Vpcs"]:
        mine = [{"Name": "vpc-id", "Values": [network["VpcId"]]}]
        for subnet in ec2.describe_subnets(Filters=mine)["Subnets"]:
            ec2.delete_subnet(SubnetId=subnet["SubnetId"])
        ec2.delete_vpc(VpcId=network["VpcId"])


def _network(place: AccountSeed, region: str, block: str, *, logged: bool) -> str:
    ec2 = place.client("ec2", region)
    network: str = ec2.create_vpc(CidrBlock=block)["Vpc"]["VpcId"]
    ec2.create_subnet(VpcId=network, CidrBlock=block.replace("/16", "/24"), AvailabilityZone=f"{region}a")
    if logged:
        ec2.create_flow_logs(
            ResourceIds=[network],
            ResourceType="VPC",
            TrafficType="ALL",
            LogDestinationType="s3",
            LogDestination="arn:aws:s3:::acme-prod-logs",
        )
    place.expect("pass" if logged else "fail", network, "aws_vpc_flow_logs_enabled", region=region)
    return network


def _default_group(place: AccountSeed, region: str, network: str) -> str:
    mine = [{"Name": "vpc-id", "Values": [network]}, {"Name": "group-name", "Values": ["default"]}]
    group: str = place.client("ec2", region).describe_security_groups(Filters=mine)["SecurityGroups"][0]["GroupId"]
    return group


def _close_default_group(place: AccountSeed, region: str, network: str) -> None:
    ec2 = place.client("ec2", region)
    group = ec2.describe_security_groups(GroupIds=[_default_group(place, region, network)])["SecurityGroups"][0]
    if group["IpPermissions"]:
        ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=group["IpPermissions"])
    if group["IpPermissionsEgress"]:
        ec2.revoke_security_group_egress(GroupId=group["GroupId"], IpPermissions=group["IpPermissionsEgress"])
    place.expect("pass", group["GroupId"], "aws_vpc_default_security_group_closed", region=region)


def _group(
    place: AccountSeed, region: str, network: str, name: str, opening: dict[str, Any], *, tag: str = "acme"
) -> None:
    """A security group with one opening; a port of None opens everything."""
    ec2 = place.client("ec2", region)
    tags = [{"ResourceType": "security-group", "Tags": [{"Key": "owner", "Value": tag}]}]
    group = ec2.create_security_group(GroupName=name, Description=name, VpcId=network, TagSpecifications=tags)[
        "GroupId"
    ]
    port, source = opening["port"], opening["from"]
    ranges = {"Ipv6Ranges": [source]} if "CidrIpv6" in source else {"IpRanges": [source]}
    rule = {"IpProtocol": "-1"} if port is None else {"IpProtocol": "tcp", "FromPort": port, "ToPort": port}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[{**rule, **ranges}])
    for kind in ("admin", "db"):
        bad = kind in opening.get("bad", "")
        place.expect("fail" if bad else "pass", group, f"aws_vpc_security_group_no_{kind}_ports_open", region=region)


def _disk(place: AccountSeed, region: str, *, encrypted: bool) -> str:
    """A volume and a snapshot of it that is shared with nobody."""
    ec2 = place.client("ec2", region)
    volume: str = ec2.create_volume(Size=20, AvailabilityZone=f"{region}a", Encrypted=encrypted)["VolumeId"]
    place.expect("pass" if encrypted else "fail", volume, "aws_ec2_volume_encrypted", region=region)
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    place.expect("pass", snapshot, "aws_ec2_snapshot_not_public", region=region)
    return volume
