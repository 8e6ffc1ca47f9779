"""Acme's networks, and the disks of its machines."""

from __future__ import annotations

from typing import Any

from collector.demo.aws.seeding import FORMULA, HOME, TURNED, AccountSeed

_WEST = "eu-west-1"
_ANYWHERE = {"CidrIp": "0.0.0.0/0"}
_ANYWHERE_6 = {"CidrIpv6": "::/0"}


def management(account: AccountSeed) -> None:
    """Seed the management account: no networks, and safe defaults in every region."""
    for region in account.regions:
        _remove_default_network(account, region)
        _safe_defaults(account, region)


def production(account: AccountSeed) -> None:
    """Seed a region in good order, one with faults, and one as AWS creates it."""
    _remove_default_network(account, HOME)
    _safe_defaults(account, HOME)
    home = _network(account, HOME, "10.10.0.0/16", logged=True)
    _close_default_group(account, HOME, home)
    _group(account, HOME, home, "web", {"port": 443, "from": _ANYWHERE})
    _group(account, HOME, home, "database", {"port": 5432, "from": {"CidrIp": "10.10.0.0/16"}})
    _disk(account, HOME, encrypted=True)
    _remove_default_network(account, _WEST)
    west = _network(account, _WEST, "10.20.0.0/16", logged=False)
    default = _default_group(account, _WEST, west)
    account.expect("fail", default, "aws_vpc_default_security_group_closed", region=_WEST)
    _group(account, _WEST, west, "bastion", {"port": 22, "from": _ANYWHERE, "bad": "admin"}, tag=FORMULA)
    _group(account, _WEST, west, "desktops", {"port": 3389, "from": _ANYWHERE_6, "bad": "admin"}, tag=TURNED)
    _group(account, _WEST, west, "reporting", {"port": 5432, "from": _ANYWHERE, "bad": "db"})
    _group(account, _WEST, west, "everything", {"port": None, "from": _ANYWHERE, "bad": "admin db"})
    volume = _disk(account, _WEST, encrypted=False)
    ec2 = account.client("ec2", _WEST)
    snapshot = ec2.create_snapshot(VolumeId=volume, Description="before the move")["SnapshotId"]
    ec2.modify_snapshot_attribute(
        SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"]
    )
    account.expect("fail", snapshot, "aws_ec2_snapshot_not_public", region=_WEST)
    account.expect("fail", _WEST, "aws_ec2_ebs_default_encryption_enabled", region=_WEST)
    account.expect("fail", _WEST, "aws_ec2_snapshot_block_public_access", region=_WEST)


def staging(account: AccountSeed) -> None:
    """Seed the staging account: every region as AWS creates it."""
    for region in account.regions:
        _untouched(account, region)
        account.expect("fail", region, "aws_ec2_ebs_default_encryption_enabled", region=region)


def _safe_defaults(account: AccountSeed, region: str) -> None:
    account.client("ec2", region).enable_ebs_encryption_by_default()
    account.extras.snapshot_sharing_blocked.add(region)
    account.extras.image_sharing_blocked.add(region)
    account.extras.imdsv2_by_default.add(region)
    account.expect("pass", region, "aws_ec2_ebs_default_encryption_enabled", region=region)
    account.expect("pass", region, "aws_ec2_snapshot_block_public_access", region=region)


def _untouched(account: AccountSeed, region: str) -> None:
    """Expect the faults of the default network: no flow log, and a default group that allows traffic."""
    network = account.client("ec2", region).describe_vpcs()["Vpcs"][0]["VpcId"]
    account.expect("fail", network, "aws_vpc_flow_logs_enabled", region=region)
    account.expect(
        "fail", _default_group(account, region, network), "aws_vpc_default_security_group_closed", region=region
    )


def _remove_default_network(account: AccountSeed, region: str) -> None:
    ec2 = account.client("ec2", region)
    for network in ec2.describe_vpcs(Filters=[{"Name": "isDefault", "Values": ["true"]}])["Vpcs"]:
        mine = [{"Name": "vpc-id", "Values": [network["VpcId"]]}]
        for subnet in ec2.describe_subnets(Filters=mine)["Subnets"]:
            ec2.delete_subnet(SubnetId=subnet["SubnetId"])
        ec2.delete_vpc(VpcId=network["VpcId"])


def _network(account: AccountSeed, region: str, block: str, *, logged: bool) -> str:
    ec2 = account.client("ec2", region)
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
    account.expect("pass" if logged else "fail", network, "aws_vpc_flow_logs_enabled", region=region)
    return network


def _default_group(account: AccountSeed, region: str, network: str) -> str:
    mine = [{"Name": "vpc-id", "Values": [network]}, {"Name": "group-name", "Values": ["default"]}]
    group: str = account.client("ec2", region).describe_security_groups(Filters=mine)["SecurityGroups"][0]["GroupId"]
    return group


def _close_default_group(account: AccountSeed, region: str, network: str) -> None:
    ec2 = account.client("ec2", region)
    group = ec2.describe_security_groups(GroupIds=[_default_group(account, region, network)])["SecurityGroups"][0]
    if group["IpPermissions"]:
        ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=group["IpPermissions"])
    if group["IpPermissionsEgress"]:
        ec2.revoke_security_group_egress(GroupId=group["GroupId"], IpPermissions=group["IpPermissionsEgress"])
    account.expect("pass", group["GroupId"], "aws_vpc_default_security_group_closed", region=region)


def _group(
    account: AccountSeed, region: str, network: str, name: str, opening: dict[str, Any], *, tag: str = "acme"
) -> None:
    """Create a security group with one opening; a port of None opens everything."""
    ec2 = account.client("ec2", region)
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
        account.expect("fail" if bad else "pass", group, f"aws_vpc_security_group_no_{kind}_ports_open", region=region)


def _disk(account: AccountSeed, region: str, *, encrypted: bool) -> str:
    """Create a volume and a private snapshot of it, and return the volume's id."""
    ec2 = account.client("ec2", region)
    volume: str = ec2.create_volume(Size=20, AvailabilityZone=f"{region}a", Encrypted=encrypted)["VolumeId"]
    account.expect("pass" if encrypted else "fail", volume, "aws_ec2_volume_encrypted", region=region)
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    account.expect("pass", snapshot, "aws_ec2_snapshot_not_public", region=region)
    return volume
