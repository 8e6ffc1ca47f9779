"""What a source with connector = "aws" may say."""

from __future__ import annotations

from typing import Any

import botocore.session
import msgspec
import pytest

from collector.core.buckets import Bucket
from collector.core.wire import Call
from connectors.aws._sdk.connector import aws
from connectors.aws._sdk.settings import HOME_REGION, Settings, account_of, quota, roots

ROLE = "arn:aws:iam::111122223333:role/audit/annexd"


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"role": "annexd"}, "is not the ARN of a role"),
        ({"role": ROLE, "partition": "aws-cn"}, "partition"),
        ({"role_name": "path/annexd"}, "without path"),
        ({"accounts": "organization"}, "needs role or role_name"),
        ({"accounts": ["111122223333", "222233334444"]}, "needs role or role_name"),
        ({"accounts": [], "role": ROLE}, "accounts is empty"),
        ({"accounts": ["1111"], "role": ROLE}, "12 digits"),
        ({"regions": []}, "regions is empty"),
        ({"regions": ["eu-centrl-1"]}, "did you mean 'eu-central-1'"),
        ({"regions": ["eu-central-1"], "partition": "aws-us-gov"}, "is not a region of aws-us-gov"),
        ({"session_name": "a b"}, "session_name"),
        ({"acounts": ["111122223333"]}, "acounts"),
    ],
)
def test_a_wrong_setting_is_refused_before_the_network(values: dict[str, Any], says: str) -> None:
    """A scan that starts with half of its accounts would look complete."""
    with pytest.raises(msgspec.ValidationError, match=says):
        msgspec.convert(values, Settings)


@pytest.mark.parametrize(
    ("values", "scopes"),
    [
        ({}, [()]),
        ({"role": ROLE}, [(), ("111122223333",)]),
        ({"accounts": "organization", "role": ROLE}, [()]),
        ({"accounts": ["222233334444"]}, [(), ("222233334444",)]),
        (
            {"accounts": ["222233334444"], "regions": ["eu-central-1", "eu-west-1"]},
            [(), ("222233334444",), ("222233334444", "eu-central-1"), ("222233334444", "eu-west-1")],
        ),
    ],
)
def test_roots_are_what_the_settings_alone_name(values: dict[str, Any], scopes: list[tuple[str, ...]]) -> None:
    """A named region stays in the plan when the list of regions is refused."""
    assert roots(msgspec.convert(values, Settings)) == scopes


@pytest.mark.parametrize(
    ("partition", "region"),
    [("aws-eusc", "eusc-de-east-1"), ("aws-us-gov", "us-gov-east-1"), ("aws-cn", "cn-northwest-1")],
)
def test_a_source_in_another_partition(partition: str, region: str) -> None:
    """Roles are entered by its ARNs, and its global services are called in a region of its own."""
    role = f"arn:{partition}:iam::111122223333:role/annexd"

    settings = msgspec.convert({"role": role, "partition": partition, "regions": [region]}, Settings)

    assert settings.hub == "111122223333"
    assert settings.role_in("222233334444") == f"arn:{partition}:iam::222233334444:role/annexd"
    bucket = quota(settings, ("111122223333",), Call("s3:ListBuckets"))
    assert bucket == Bucket(f"111122223333/{HOME_REGION[settings.partition]}/s3")


def test_every_partition_of_the_sdk_can_be_named() -> None:
    """A partition that AWS adds shows here first; each home is a region of its partition."""
    sdk = botocore.session.Session()

    assert set(sdk.get_available_partitions()) == set(HOME_REGION)
    for partition, home in HOME_REGION.items():
        assert home in sdk.get_available_regions("ec2", partition)


def test_regions_that_are_named_are_below_each_account() -> None:
    """The engine looks at them where the list of regions is refused."""
    named, enabled = Settings(regions=("eu-west-1", "eu-central-1")), Settings()

    assert aws.named_below(named, ("111122223333",)) == ("eu-west-1", "eu-central-1")
    assert aws.named_below(named, ()) == ()
    assert aws.named_below(named, ("111122223333", "eu-west-1")) == ()
    assert aws.named_below(enabled, ("111122223333",)) == ()


def test_other_accounts_are_entered_by_a_role_of_the_same_name() -> None:
    """One name in all accounts is how such roles are rolled out; a path is the first account's own."""
    settings = Settings(role=ROLE, accounts="organization")

    assert settings.role_in("222233334444") == "arn:aws:iam::222233334444:role/annexd"
    assert settings.hub == "111122223333"


@pytest.mark.parametrize(
    ("values", "scope", "operation", "name"),
    [
        ({}, ("111122223333", "eu-west-1"), "ec2:DescribeInstances", "111122223333/eu-west-1/ec2"),
        ({}, ("111122223333",), "s3:ListBuckets", "111122223333/us-east-1/s3"),
        ({"partition": "aws-cn"}, ("111122223333",), "s3:ListBuckets", "111122223333/cn-north-1/s3"),
        ({}, ("111122223333",), "iam:ListUsers", "111122223333/global/iam"),
        ({}, ("111122223333", "eu-west-1"), "sts:GetCallerIdentity", "111122223333/global/sts"),
        ({}, (), "sts:GetCallerIdentity", "source/global/sts"),
        ({"role": ROLE}, (), "organizations:ListAccounts", "111122223333/global/organizations"),
        ({"role": ROLE}, ("222233334444", "eu-west-1"), "sts:AssumeRole", "111122223333/global/sts"),
        ({"role": ROLE}, ("222233334444",), "sts:GetCallerIdentity", "222233334444/global/sts"),
    ],
)
def test_calls_count_against_account_region_and_service(
    values: dict[str, Any], scope: tuple[str, ...], operation: str, name: str
) -> None:
    """AWS counts so; and a role is assumed at the expense of who assumes it."""
    assert quota(Settings(**values), scope, Call(operation)) == Bucket(name)


def test_the_regions_of_an_account_are_signed_in_to_as_one_identity() -> None:
    """Seventeen regions are one question who we are."""
    scopes = [("111122223333",), ("111122223333", "eu-west-1"), ("222233334444",), ()]

    assert [account_of(Settings(), scope) for scope in scopes] == ["111122223333", "111122223333", "222233334444", None]
    assert aws.identity_of is account_of
