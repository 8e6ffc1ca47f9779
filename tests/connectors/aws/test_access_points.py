"""Buckets that hand decisions to access points, and access points themselves."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from collector.demo.aws.double import AwsDouble
from collector.demo.aws.seeding import allow, policy
from connectors.aws._sdk.settings import Settings
from connectors.aws.s3.checks.access import access_point_not_public, not_public
from connectors.aws.s3.checks.policies import no_cross_account_write
from tests.connectors.aws.builders import (
    BLOCKED,
    FAIL,
    OPEN,
    OWN,
    PASS,
    STRANGER,
    UNKNOWN,
    UNREAD,
    a_bucket,
    a_multi_region_access_point,
    all_of,
    an_access_point,
    in_organization,
    not_seen,
    placed,
    public_access,
    text,
    verdict,
)
from tests.connectors.aws.observed import Estate
from tests.doubles.aws import fresh_account, limited

ON = ["arn:aws:s3:::acme-files", "arn:aws:s3:::acme-files/*"]
RESTRICTED = {**OPEN, "RestrictPublicBuckets": True}


def handing(condition: Any, effect: str = "Allow", principal: Any = "*") -> dict[str, Any]:
    """A statement of a bucket's policy that asks for the access point."""
    return {"Effect": effect, "Principal": principal, "Action": "s3:*", "Resource": ON, "Condition": condition}


TO_OWN = handing({"StringEquals": {"s3:DataAccessPointAccount": OWN}})
EVERYONE = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": ON}


def a_handing_bucket(*statements: Any, **but: Any) -> Any:
    """A bucket that hands its policy on, which S3 does not call public."""
    usual = {
        "Policy": text(*(statements or (TO_OWN,))),
        "PolicyStatus": {"IsPublic": False},
        "PublicAccessBlockConfiguration": None,
    }
    return a_bucket(**{**usual, **but})


def judged(bucket: Any, *points: Any, several: Any = None, account: Any = None) -> Status:
    """Whether the public gets at a bucket."""
    lists = (all_of(*points), all_of() if several is None else several)
    return verdict(not_public, bucket, public_access(account), *lists).status


@pytest.mark.parametrize(
    ("point", "status"),
    [
        ({}, FAIL),
        ({"PublicAccessBlockConfiguration": RESTRICTED}, PASS),
        ({"PublicAccessBlockConfiguration": {**BLOCKED, "RestrictPublicBuckets": False}}, FAIL),
        ({"NetworkOrigin": "VPC", "VpcConfiguration": {"VpcId": "vpc-1"}}, PASS),
        ({"PolicyStatus": {"IsPublic": False}}, PASS),
        ({"Policy": None, "PolicyStatus": None}, PASS),
        ({"Bucket": "another"}, PASS),
        ({"PolicyStatus": UNREAD}, UNKNOWN),
        ({"PublicAccessBlockConfiguration": UNREAD}, UNKNOWN),
    ],
)
def test_a_bucket_is_as_public_as_its_access_points(point: dict[str, Any], status: Status) -> None:
    """S3 does not call a policy public that lets in whom access points let in."""
    assert judged(a_handing_bucket(), an_access_point(**point)) is status


def test_what_closes_a_bucket_closes_its_access_points() -> None:
    """The block of the bucket, and that of the account, count for requests through an access point."""
    assert judged(a_handing_bucket(), an_access_point(), account=RESTRICTED) is PASS
    assert judged(a_handing_bucket(PublicAccessBlockConfiguration=RESTRICTED), an_access_point()) is PASS


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        (handing({"ArnLike": {"s3:DataAccessPointArn": f"arn:aws:s3:*:{OWN}:accesspoint/*"}}), FAIL),
        (handing({"ArnLike": {"s3:DataAccessPointArn": f"arn:aws:s3:*:{OWN}:accesspoint/inner-*"}}), PASS),
        (handing({"StringEquals": {"s3:DataAccessPointAccount": OWN}}, principal={"AWS": OWN}), PASS),
        (handing({"StringEquals": {"s3:DataAccessPointAccount": STRANGER}}), UNKNOWN),
        (handing({"StringEquals": {"s3:AccessPointNetworkOrigin": "VPC"}}), UNKNOWN),
        (
            handing({"StringEquals": {"s3:DataAccessPointAccount": OWN, "s3:AccessPointNetworkOrigin": "VPC"}}),
            PASS,
        ),
    ],
)
def test_only_the_access_points_that_are_let_in_count(statement: dict[str, Any], status: Status) -> None:
    """Those of other accounts are listed there only, so that whom they let in is not known here."""
    assert judged(a_handing_bucket(statement), an_access_point()) is status


def test_a_denial_of_all_other_ways_hands_on_as_well() -> None:
    """Everybody is let in who comes through an access point of the account, by a Deny and not by an Allow."""
    others = handing({"StringNotEquals": {"s3:DataAccessPointAccount": OWN}}, effect="Deny")

    assert judged(a_handing_bucket(EVERYONE, others), an_access_point()) is FAIL
    assert judged(a_handing_bucket(EVERYONE, others)) is PASS


def test_access_points_of_several_regions_count() -> None:
    """They have a list, a policy and a block of their own."""
    several = all_of(a_multi_region_access_point())

    assert judged(a_handing_bucket(), several=several) is FAIL
    assert judged(a_handing_bucket(), several=all_of(a_multi_region_access_point(PublicAccessBlock=BLOCKED))) is PASS
    assert judged(a_handing_bucket(), several=all_of(a_multi_region_access_point("another"))) is PASS
    assert judged(a_handing_bucket(), several=not_seen()) is UNKNOWN


def test_lists_that_were_refused_matter_only_where_access_points_decide() -> None:
    """Of other buckets nothing is lost."""
    plain = a_bucket(Policy=text(), PolicyStatus={"IsPublic": False}, PublicAccessBlockConfiguration=None)

    assert verdict(not_public, plain, public_access(), not_seen(), not_seen()).status is PASS
    assert verdict(not_public, a_handing_bucket(), public_access(), not_seen(), all_of()).status is UNKNOWN


def writes(bucket: Any, *points: Any, account: Any = None) -> Status:
    """Whether others may write to a bucket."""
    given = (public_access(account), all_of(*points), all_of())
    return verdict(no_cross_account_write, bucket, in_organization(), placed(), *given).status


def to_stranger(action: str) -> str:
    """The policy of an access point that lets another account do something."""
    arn = f"arn:aws:s3:eu-central-1:{OWN}:accesspoint/web"
    stranger = {"AWS": f"arn:aws:iam::{STRANGER}:root"}
    return text({"Effect": "Allow", "Principal": stranger, "Action": action, "Resource": f"{arn}/object/*"})


@pytest.mark.parametrize(
    ("point", "status"),
    [
        ({}, FAIL),
        ({"Policy": to_stranger("s3:PutObject"), "PolicyStatus": {"IsPublic": False}}, FAIL),
        ({"Policy": to_stranger("s3:GetObject"), "PolicyStatus": {"IsPublic": False}}, PASS),
        ({"PublicAccessBlockConfiguration": RESTRICTED}, PASS),
        ({"Policy": None, "PolicyStatus": None}, PASS),
        ({"Policy": UNREAD}, UNKNOWN),
        ({"NetworkOrigin": "VPC", "VpcConfiguration": {"VpcId": "vpc-1"}}, UNKNOWN),
    ],
)
def test_others_may_write_through_an_access_point(point: dict[str, Any], status: Status) -> None:
    """The bucket's own policy names nobody."""
    assert writes(a_handing_bucket(), an_access_point(**point)) is status


def test_a_stranger_is_let_in_through_an_access_point_of_the_account() -> None:
    """Both policies name it; only one of them is the bucket's."""
    named = handing({"StringEquals": {"s3:DataAccessPointAccount": OWN}}, principal={"AWS": STRANGER})
    point = an_access_point(Policy=to_stranger("s3:PutObject"), PolicyStatus={"IsPublic": False})

    assert writes(a_handing_bucket(named), point) is FAIL
    assert writes(a_handing_bucket(named)) is PASS


@pytest.mark.parametrize(
    ("point", "account", "bucket", "status"),
    [
        ({}, None, {}, FAIL),
        ({}, RESTRICTED, {}, PASS),
        ({}, None, {"PublicAccessBlockConfiguration": RESTRICTED}, PASS),
        ({}, None, {"Policy": None, "PolicyStatus": None}, PASS),
        ({}, None, {"Policy": UNREAD}, UNKNOWN),
        ({}, UNREAD, {"Policy": None}, PASS),
        ({"PublicAccessBlockConfiguration": BLOCKED}, UNREAD, {"Policy": UNREAD}, PASS),
        ({"NetworkOrigin": "VPC"}, None, {}, PASS),
        ({"Bucket": "of-another-account", "BucketAccountId": STRANGER}, None, {}, UNKNOWN),
    ],
)
def test_a_public_access_point(point: Any, account: Any, bucket: dict[str, Any], status: Status) -> None:
    """It is public unless something blocks it: its own block, its origin, the bucket or the account."""
    given = (public_access(account), all_of(a_handing_bucket(**bucket)))

    assert verdict(access_point_not_public, an_access_point(**point), *given).status is status


def seeded(aws: AwsDouble, account: str) -> None:
    """A bucket that hands its policy on, one that does not, and an access point in another region than the scan's."""
    s3, control = aws.client("s3", account), aws.client("s3control", account, "eu-west-1")
    for name in ("handing", "plain"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        on = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
        condition = {"StringEquals": {"s3:DataAccessPointAccount": account}}
        more = {"Condition": condition} if name == "handing" else {}
        s3.put_bucket_policy(
            Bucket=name,
            Policy=policy(allow("s3:GetObject", on=on, Principal="*" if more else {"AWS": account}, **more)),
        )
    control.create_access_point(AccountId=account, Name="web", Bucket="handing", PublicAccessBlockConfiguration=OPEN)
    objects = f"arn:aws:s3:eu-west-1:{account}:accesspoint/web/object/*"
    control.put_access_point_policy(
        AccountId=account, Name="web", Policy=policy(allow("s3:GetObject", on=objects, Principal="*"))
    )


@pytest.mark.parametrize(
    ("refused", "status"),
    [
        (None, FAIL),
        ("s3:ListAccessPoints", UNKNOWN),
        ("s3:GetAccessPoint", UNKNOWN),
        ("s3:GetAccessPointPolicyStatus", UNKNOWN),
        ("s3:ListMultiRegionAccessPoints", FAIL),
    ],
)
def test_access_points_are_read_in_every_region(
    aws: AwsDouble, refused: str | None, status: Status, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where one cannot be read, exactly the bucket is unknown that hands its policy on, unless another is public."""
    account = fresh_account()
    seeded(aws, account)
    login = limited(aws, account, *(() if refused is None else (refused,)))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", login.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", login.secret_access_key)
    monkeypatch.setenv("AWS_SESSION_TOKEN", login.session_token or "")
    settings = Settings(regions=("eu-central-1", "eu-west-1"), endpoint_url=login.url, session_name=f"s-{account}")
    kinds = ("aws.s3.bucket", "aws.s3.account_public_access_block", "aws.organizations.organization")
    points = ("aws.s3.access_point", "aws.s3.multi_region_access_point")

    found = Estate(settings).look(*kinds, *points).judge(not_public)

    assert found[(account,), "handing"].status is status
    assert found[(account,), "plain"].status is PASS
