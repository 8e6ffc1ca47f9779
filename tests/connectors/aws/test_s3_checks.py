"""The checks of buckets, at their edges and where something could not be read."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.s3.checks.access import not_public
from connectors.aws.s3.checks.policies import no_cross_account_write, tls_only
from connectors.aws.s3.checks.settings import (
    account_public_access_blocked,
    acls_disabled,
    bucket_public_access_blocked,
    default_encryption,
    versioning_enabled,
)
from tests.connectors.aws.builders import (
    BLOCKED,
    COLLEAGUE,
    FAIL,
    OPEN,
    OWN,
    PASS,
    PRIVATE_ACL,
    PUBLIC_ACL,
    STRANGER,
    UNKNOWN,
    UNREAD,
    a_bucket,
    an_organization,
    not_seen,
    public_access,
    text,
    the_accounts,
    verdict,
)

PUBLIC_POLICY = {"IsPublic": True}
WRITER = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}


@pytest.mark.parametrize(
    ("block", "status"),
    [
        (BLOCKED, PASS),
        ({**BLOCKED, "BlockPublicAcls": False}, FAIL),
        ({**BLOCKED, "RestrictPublicBuckets": False}, FAIL),
        (None, FAIL),
        (UNREAD, UNKNOWN),
    ],
)
def test_account_block(block: Any, status: Status) -> None:
    """All four switches, or it is not blocked."""
    assert verdict(account_public_access_blocked, public_access(block)).status is status


@pytest.mark.parametrize(
    ("block", "status"),
    [
        (BLOCKED, PASS),
        ({**BLOCKED, "IgnorePublicAcls": False}, FAIL),
        ({**BLOCKED, "BlockPublicPolicy": False}, FAIL),
        (None, FAIL),
        (UNREAD, UNKNOWN),
    ],
)
def test_bucket_block(block: Any, status: Status) -> None:
    """The switches of the account are another question, which has a check of its own."""
    bucket = a_bucket(PublicAccessBlockConfiguration=block)

    assert verdict(bucket_public_access_blocked, bucket).status is status


ALL_UNREAD = dict.fromkeys(("PublicAccessBlockConfiguration", "Acl", "PolicyStatus", "OwnershipControls"), UNREAD)
ALL_OPEN = {
    "PublicAccessBlockConfiguration": OPEN,
    "Acl": PUBLIC_ACL,
    "PolicyStatus": PUBLIC_POLICY,
    "OwnershipControls": WRITER,
}


@pytest.mark.parametrize(
    ("account", "bucket", "status"),
    [
        # One proof is enough, whatever else could not be read.
        (BLOCKED, ALL_UNREAD, PASS),
        (UNREAD, {**ALL_UNREAD, "PublicAccessBlockConfiguration": BLOCKED}, PASS),
        (UNREAD, {**ALL_UNREAD, "Acl": PRIVATE_ACL, "PolicyStatus": None}, PASS),
        (UNREAD, {**ALL_UNREAD, "Acl": PRIVATE_ACL, "PolicyStatus": {"IsPublic": False}}, PASS),
        (None, {**ALL_OPEN, "Acl": PRIVATE_ACL, "PolicyStatus": None}, PASS),
        (None, {**ALL_OPEN, "OwnershipControls": None, "Acl": PRIVATE_ACL, "PolicyStatus": None}, PASS),
        # Each half may come from another place.
        ({**OPEN, "IgnorePublicAcls": True}, {**ALL_OPEN, "PolicyStatus": None}, PASS),
        ({**OPEN, "RestrictPublicBuckets": True}, {**ALL_OPEN, "Acl": PRIVATE_ACL}, PASS),
        (OPEN, {**ALL_OPEN, "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}, FAIL),
        # Proven public: everything that could have closed it was read.
        (None, ALL_OPEN, FAIL),
        (OPEN, {**ALL_OPEN, "PolicyStatus": None}, FAIL),
        (OPEN, {**ALL_OPEN, "Acl": PRIVATE_ACL}, FAIL),
        ({**OPEN, "BlockPublicAcls": True, "BlockPublicPolicy": True}, ALL_OPEN, FAIL),
        # Not known: what could not be read might have closed it, or opened it.
        (UNREAD, ALL_OPEN, UNKNOWN),
        (None, {**ALL_OPEN, "PublicAccessBlockConfiguration": UNREAD}, UNKNOWN),
        (None, {**ALL_OPEN, "Acl": UNREAD, "PolicyStatus": None}, UNKNOWN),
        (None, {**ALL_OPEN, "Acl": PRIVATE_ACL, "PolicyStatus": UNREAD}, UNKNOWN),
        (UNREAD, ALL_UNREAD, UNKNOWN),
        # One half proven public is a fail, whatever the other half is.
        (OPEN, {**ALL_OPEN, "PolicyStatus": UNREAD}, FAIL),
    ],
)
def test_public_bucket(account: Any, bucket: dict[str, Any], status: Status) -> None:
    """Private is proven by one part that suffices, public only by all that could have closed it."""
    assert verdict(not_public, a_bucket(**bucket), public_access(account)).status is status


def test_a_bucket_that_may_be_public_says_by_which_limit() -> None:
    """The limit is the company's own decision, and stands in the reason."""
    result = verdict(
        not_public, a_bucket(**ALL_OPEN), public_access(None), approved_public_buckets=("acme-files", "acme-web")
    )

    assert result.status is PASS
    assert "approved_public_buckets" in result.reason


def test_a_bucket_that_may_be_public_must_have_been_looked_at() -> None:
    """An exception is for what was seen; a bucket of which nothing was read may be any bucket."""
    limit = {"approved_public_buckets": ("acme-files",)}

    assert verdict(not_public, a_bucket(**ALL_UNREAD), public_access(None), **limit).status is UNKNOWN
    assert verdict(not_public, a_bucket(**{**ALL_UNREAD, "Acl": PUBLIC_ACL}), public_access(None), **limit).status is (
        PASS
    )


@pytest.mark.parametrize(
    ("algorithms", "status"),
    [(["AES256"], PASS), (["aws:kms"], PASS), (["rot13"], FAIL), (["AES256", "rot13"], FAIL), ([], FAIL)],
)
def test_default_encryption(algorithms: list[str], status: Status) -> None:
    """Each rule must be of an allowed kind."""
    rules = [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}} for algorithm in algorithms]
    bucket = a_bucket(ServerSideEncryptionConfiguration={"Rules": rules})

    assert verdict(default_encryption, bucket).status is status


@pytest.mark.parametrize(("configuration", "status"), [(None, FAIL), (UNREAD, UNKNOWN)])
def test_no_default_encryption(configuration: Any, status: Status) -> None:
    """None at all is not the same as not knowing."""
    assert verdict(default_encryption, a_bucket(ServerSideEncryptionConfiguration=configuration)).status is status


def test_default_encryption_may_have_to_be_by_a_key_of_kms() -> None:
    """A stricter limit is a limit."""
    assert verdict(default_encryption, a_bucket(), allowed_sse=("aws:kms",)).status is FAIL


def denies(**but: Any) -> dict[str, Any]:
    """The usual denial of requests without TLS."""
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::acme-files", "arn:aws:s3:::acme-files/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        **but,
    }


@pytest.mark.parametrize(
    ("policy", "status"),
    [
        (text(denies()), PASS),
        (text(denies(Principal={"AWS": "*"}, Resource="*", Action="*")), PASS),
        (text(denies(Condition={"Bool": {"aws:SecureTransport": False}})), PASS),
        (text(denies(Condition={"NumericLessThanIfExists": {"s3:TlsVersion": "1.2"}})), PASS),
        (text(denies(Condition={"NumericLessThanIfExists": {"s3:TlsVersion": 1.0}})), PASS),
        (text(denies(Condition={"NumericLessThanIfExists": {"s3:TlsVersion": "0.9"}})), PASS),
        (text(denies(Condition={"NumericLessThanIfExists": {"s3:TlsVersion": "new"}})), UNKNOWN),
        (text(denies(Condition={"NumericLessThan": {"s3:TlsVersion": "1.2"}})), UNKNOWN),
        (text(denies(), denies(Condition={"NumericLessThan": {"s3:TlsVersion": "1.2"}})), PASS),
        (text(denies(Effect="Allow", Condition={"NumericLessThan": {"s3:TlsVersion": "1.2"}})), FAIL),
        (text(denies(Resource="arn:aws:s3:::acme-files*")), PASS),
        (
            text(denies(Resource="arn:aws:s3:::acme-files"), denies(Resource="arn:aws:s3:::acme-files/*")),
            PASS,
        ),
        (text(denies(Resource="arn:aws:s3:::acme-files/*")), FAIL),
        (text(denies(Resource="arn:aws:s3:::acme-files")), FAIL),
        (text(denies(Resource=["arn:aws:s3:::acme-files", "arn:aws:s3:::acme-files/logs/*"])), FAIL),
        (text(denies(Resource=["arn:aws:s3:::other", "arn:aws:s3:::other/*"])), FAIL),
        (text(denies(Effect="Allow")), FAIL),
        (text(denies(Principal={"AWS": OWN})), FAIL),
        (text(denies(Action="s3:GetObject")), FAIL),
        (text(denies(Condition={"Bool": {"aws:SecureTransport": "true"}})), FAIL),
        (
            text(denies(Condition={"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:SourceVpc": "x"}})),
            FAIL,
        ),
        (None, FAIL),
        ("{", UNKNOWN),
        (text({"Effect": "Never"}), UNKNOWN),
        (UNREAD, UNKNOWN),
    ],
)
def test_tls_only(policy: Any, status: Status) -> None:
    """A denial with a gap denies nothing to whoever finds the gap."""
    assert verdict(tls_only, a_bucket(Policy=policy)).status is status


def lets(principal: Any, action: Any = "s3:PutObject", **but: Any) -> dict[str, Any]:
    """A statement that lets somebody do something with objects."""
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **but}


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        (lets({"AWS": STRANGER}), FAIL),
        (lets({"AWS": f"arn:aws:iam::{STRANGER}:role/x"}, "s3:*"), FAIL),
        (lets({"AWS": STRANGER}, "*"), FAIL),
        (lets({"AWS": STRANGER}, "s3:P*"), FAIL),
        (lets({"AWS": STRANGER}, ["s3:GetObject", "s3:DeleteObjectTagging"]), FAIL),
        (lets({"AWS": STRANGER}, "s3:Get*"), PASS),
        (lets({"AWS": STRANGER}, ["s3:GetObject", "s3:ListBucket"]), PASS),
        (lets({"AWS": OWN}), PASS),
        (lets({"AWS": f"arn:aws:iam::{COLLEAGUE}:root"}), PASS),
        (lets({"Service": "logging.s3.amazonaws.com"}), PASS),
        (lets({"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}), PASS),
        (lets("*"), FAIL),
        (lets("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-acmeacme00"}}), PASS),
        (lets("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-otherother"}}), FAIL),
        (lets("*", Condition={"StringEquals": {"aws:PrincipalAccount": STRANGER}}), FAIL),
        (lets("*", Condition={"StringEquals": {"aws:PrincipalAccount": COLLEAGUE}}), PASS),
        (lets("*", Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}}), UNKNOWN),
        (lets({"CanonicalUser": "abc"}), UNKNOWN),
        (lets({"AWS": "AIDAEXAMPLEEXAMPLE00"}), UNKNOWN),
        ({"Effect": "Allow", "NotPrincipal": {"AWS": OWN}, "Action": "s3:*", "Resource": "*"}, FAIL),
        ({"Effect": "Allow", "Principal": {"AWS": STRANGER}, "NotAction": "s3:Get*", "Resource": "*"}, FAIL),
        (lets({"AWS": STRANGER}, Effect="Deny"), PASS),
    ],
)
def test_cross_account_write(statement: dict[str, Any], status: Status) -> None:
    """Reading is another matter; whoever may write or delete must be known."""
    bucket = a_bucket(Policy=text(statement))

    assert verdict(no_cross_account_write, bucket, an_organization(), the_accounts()).status is status


def test_cross_account_write_asks_for_the_organization_only_where_it_must() -> None:
    """A policy that names nobody from outside is decided without the list of accounts."""
    own, other = a_bucket(Policy=text(lets({"AWS": OWN}))), a_bucket(Policy=text(lets({"AWS": COLLEAGUE})))

    assert verdict(no_cross_account_write, a_bucket(), an_organization(UNREAD), not_seen()).status is PASS
    assert verdict(no_cross_account_write, own, an_organization(UNREAD), not_seen()).status is PASS
    assert verdict(no_cross_account_write, other, an_organization(), not_seen()).status is UNKNOWN
    assert verdict(no_cross_account_write, other, an_organization(None), not_seen()).status is FAIL
    assert verdict(no_cross_account_write, a_bucket(Policy=UNREAD), an_organization(), the_accounts()).status is UNKNOWN
    trusted = {"trusted_accounts": (COLLEAGUE,)}
    assert verdict(no_cross_account_write, other, an_organization(UNREAD), not_seen(), **trusted).status is PASS


@pytest.mark.parametrize(
    ("state", "status"),
    [({"Status": "Enabled"}, PASS), ({"Status": "Suspended"}, FAIL), ({}, FAIL), (UNREAD, UNKNOWN)],
)
def test_versioning(state: Any, status: Status) -> None:
    """Suspended keeps old versions and makes no new ones."""
    assert verdict(versioning_enabled, a_bucket(Versioning=state)).status is status


@pytest.mark.parametrize(
    ("tags", "status"),
    [
        ([{"Key": "use", "Value": "scratch"}], PASS),
        ([{"Key": "use", "Value": "files"}], FAIL),
        (None, FAIL),
        (UNREAD, UNKNOWN),
    ],
)
def test_versioning_may_be_off_by_tag(tags: Any, status: Status) -> None:
    """Whether the tag is there must be known where it decides."""
    bucket = a_bucket(Versioning={}, TagSet=tags)

    assert verdict(versioning_enabled, bucket, versioning_exempt_tags=("use=scratch",)).status is status


@pytest.mark.parametrize(
    ("ownership", "status"),
    [
        ({"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}, PASS),
        ({"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}, FAIL),
        (None, FAIL),
        (UNREAD, UNKNOWN),
    ],
)
def test_access_control_lists(ownership: Any, status: Status) -> None:
    """Only one of the three settings turns them off."""
    assert verdict(acls_disabled, a_bucket(OwnershipControls=ownership)).status is status
