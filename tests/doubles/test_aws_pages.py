"""Every list of the AWS double can be made to come in pages, without losing or repeating anything."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from collector.demo.aws.double import AwsDouble
from tests.doubles.aws import fresh_account, pages, refused_with

_TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}'
_READ = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"}]}'


def _fill(aws: AwsDouble, account: str) -> None:
    """Create five resources of each list of the services."""
    iam, s3 = aws.client("iam", account), aws.client("s3", account)
    ec2, organizations = aws.client("ec2", account), aws.client("organizations", account)
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    iam.create_user(UserName="alice")
    for number in range(5):
        name = f"n{number}"
        iam.create_user(UserName=name)
        iam.create_group(GroupName=name)
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=_TRUST)
        arn = iam.create_policy(PolicyName=name, PolicyDocument=_READ)["Policy"]["Arn"]
        iam.attach_user_policy(UserName="alice", PolicyArn=arn)
        iam.put_user_policy(UserName="alice", PolicyName=name, PolicyDocument=_READ)
        iam.add_user_to_group(UserName="alice", GroupName=name)
        serial = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]
        codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "234567"}
        iam.enable_mfa_device(UserName="alice", SerialNumber=serial, **codes)
        s3.create_bucket(Bucket=f"{account}-{name}")
        organizations.create_account(AccountName=name, Email=f"{name}@example.com")
        policy = {"Content": _READ, "Description": "", "Name": name, "Type": "SERVICE_CONTROL_POLICY"}
        made = organizations.create_policy(**policy)["Policy"]["PolicySummary"]["Id"]
        organizations.attach_policy(PolicyId=made, TargetId=root)
        vpc = ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.{number}.1.0/24")["Subnet"]["SubnetId"]
        ec2.create_network_interface(SubnetId=subnet)
        ec2.create_flow_logs(
            ResourceIds=[vpc],
            ResourceType="VPC",
            TrafficType="ALL",
            LogDestinationType="s3",
            LogDestination=f"arn:aws:s3:::{account}-{name}",
        )
        volume = ec2.create_volume(Size=1, AvailabilityZone="us-east-1a")["VolumeId"]
        ec2.create_snapshot(VolumeId=volume)
        aws.client("cloudtrail", account).create_trail(Name=f"trail{number}", S3BucketName=f"{account}-{name}")
    iam.create_access_key(UserName="alice")
    iam.create_access_key(UserName="alice")


_ALICE = {"UserName": "alice"}
_LISTS: list[tuple[str, str, dict[str, Any], tuple[str, ...]]] = [
    ("iam", "list_users", {}, ("Users",)),
    ("iam", "list_mfa_devices", _ALICE, ("MFADevices",)),
    ("iam", "list_access_keys", _ALICE, ("AccessKeyMetadata",)),
    ("iam", "list_attached_user_policies", _ALICE, ("AttachedPolicies",)),
    ("iam", "list_user_policies", _ALICE, ("PolicyNames",)),
    ("iam", "list_groups_for_user", _ALICE, ("Groups",)),
    ("iam", "list_groups", {}, ("Groups",)),
    ("iam", "list_roles", {}, ("Roles",)),
    ("iam", "list_policies", {"Scope": "Local"}, ("Policies",)),
    ("iam", "list_virtual_mfa_devices", {}, ("VirtualMFADevices",)),
    (
        "iam",
        "get_account_authorization_details",
        {},
        ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"),
    ),
    ("s3", "list_buckets", {}, ("Buckets",)),
    ("organizations", "list_accounts", {}, ("Accounts",)),
    ("organizations", "list_policies", {"Filter": "SERVICE_CONTROL_POLICY"}, ("Policies",)),
    ("ec2", "describe_vpcs", {}, ("Vpcs",)),
    ("ec2", "describe_flow_logs", {}, ("FlowLogs",)),
    ("ec2", "describe_security_groups", {}, ("SecurityGroups",)),
    ("ec2", "describe_network_interfaces", {}, ("NetworkInterfaces",)),
    ("ec2", "describe_volumes", {}, ("Volumes",)),
    ("ec2", "describe_snapshots", {"OwnerIds": ["self"]}, ("Snapshots",)),
    ("cloudtrail", "list_trails", {}, ("Trails",)),
]


def _plain(items: object) -> str:
    """Return items as comparable text, with times to the second: JSON services round them to milliseconds."""
    return json.dumps(items, sort_keys=True, default=_text)


def _text(value: object) -> str:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else repr(value)


def test_every_list_comes_in_pages_that_together_are_the_whole(aws: AwsDouble) -> None:
    """Half a list that passes for a whole one is the worst mistake of a scan, so every list must be made to page."""
    account = fresh_account()
    _fill(aws, account)

    for service, operation, arguments, lists in _LISTS:
        client = aws.client(service, account)
        whole = getattr(client, operation)(**arguments)
        with pages(aws, size=2) as pager:
            walked = list(client.get_paginator(operation).paginate(**arguments))
        for name in lists:
            joined = [item for page in walked for item in page.get(name, [])]
            assert _plain(joined) == _plain(whole[name]), f"{service} {operation}: {name}"
        assert len(walked) > 1 or operation == "list_access_keys", f"{service} {operation} came in one page"
        assert sum(pager.pages.values()) == len(walked), f"{service} {operation}: pages not counted"


def test_a_smaller_limit_of_the_client_is_kept(aws: AwsDouble) -> None:
    """The bucket list of moto is cut at the client's limit and has no token, which looks like the end."""
    account = fresh_account()
    s3 = aws.client("s3", account)
    for number in range(3):
        s3.create_bucket(Bucket=f"{account}-{number}")

    with pages(aws, size=100):
        first = s3.list_buckets(MaxBuckets=2)
        second = s3.list_buckets(MaxBuckets=2, ContinuationToken=first["ContinuationToken"])

    assert [len(first["Buckets"]), len(second["Buckets"])] == [2, 1]
    assert "ContinuationToken" not in second


def test_an_error_passes_the_pager(aws: AwsDouble) -> None:
    """An error cut into pages would be read as an empty list."""
    iam = aws.client("iam", fresh_account())

    with pages(aws, size=2):
        assert refused_with(iam.list_access_keys, UserName="nobody") == ("NoSuchEntity", 404)
