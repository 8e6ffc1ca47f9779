"""Trust, bucket policies and control policies that look confined, and by AWS's rules are, or are not."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.cloudtrail.checks import log_validation_enabled
from connectors.aws.iam.checks.role_trust import external_trust_has_external_id, trust_not_public
from connectors.aws.organizations.checks import regions_restricted
from connectors.aws.s3.checks.policies import no_cross_account_write
from tests.connectors.aws.builders import (
    FAIL,
    OWN,
    PASS,
    ROOT,
    STRANGER,
    UNKNOWN,
    UNREAD,
    a_bucket,
    a_guardrail,
    a_role,
    all_of,
    an_organization,
    public_access,
    text,
    the_accounts,
    verdict,
)
from tests.connectors.aws.regional_builders import a_trail

BY_TOKEN = "sts:AssumeRoleWithWebIdentity"
GITHUB = "token.actions.githubusercontent.com"
COGNITO = "cognito-identity.amazonaws.com"
OURS = "o-acmeacme00"


def allow(principal: Any, condition: dict[str, Any] | None = None, action: str = "sts:AssumeRole") -> dict[str, Any]:
    """A statement of a trust policy."""
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition or {}}


def deny(condition: dict[str, Any]) -> dict[str, Any]:
    """A statement that keeps everybody out on a condition."""
    return {"Effect": "Deny", "Principal": "*", "Action": "*", "Condition": condition}


def by_github(operator: str, subject: str) -> dict[str, Any]:
    """Trust in tokens of GitHub with a subject."""
    provider = {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/{GITHUB}"}
    return allow(provider, {operator: {f"{GITHUB}:sub": subject}}, BY_TOKEN)


@pytest.mark.parametrize(
    ("trust", "status"),
    [
        # Whether a star lets in tokens, which every account takes from some issuers, is not documented.
        ([allow("*", action=BY_TOKEN)], UNKNOWN),
        ([allow({"AWS": "*"}, action="sts:AssumeRole*")], FAIL),
        ([allow("*", {"StringEquals": {"accounts.google.com:aud": "our-app"}}, BY_TOKEN)], PASS),
        ([allow("*", {"StringEquals": {"aws:PrincipalOrgID": OURS}}, "sts:*")], PASS),
        ([allow("*", {"StringEqualsIfExists": {"aws:PrincipalOrgID": OURS}}, "sts:*")], FAIL),
        # Each pool of Cognito says of its own people that they signed in ("Role trust and permissions").
        ([allow({"Federated": COGNITO}, {"ForAnyValue:StringLike": {f"{COGNITO}:amr": "auth*"}}, BY_TOKEN)], FAIL),
        ([allow({"Federated": COGNITO}, {"StringEquals": {f"{COGNITO}:aud": "eu-central-1:11"}}, BY_TOKEN)], PASS),
        ([allow("*", {"StringLike": {"aws:PrincipalArn": "*:role/Admin"}})], FAIL),
        ([allow("*", {"StringLike": {"aws:PrincipalOrgID": "o-*"}})], FAIL),
        ([allow("*", {"Null": {"aws:PrincipalOrgID": "false"}})], FAIL),
        ([allow("*", {"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}})], FAIL),
        ([allow("*"), deny({"StringNotEquals": {"aws:PrincipalOrgID": OURS}})], PASS),
        ([by_github("StringLike", "repo:acme/*")], PASS),
        ([by_github("StringLike", "*:ref:refs/heads/main")], FAIL),
        ([by_github("StringLike", "repo:acme*")], UNKNOWN),
        ([by_github("StringLikeIfExists", "repo:acme/*")], UNKNOWN),
        ([by_github("ForAllValues:StringLike", "repo:acme/*")], UNKNOWN),
    ],
)
def test_whom_a_role_trusts(trust: list[dict[str, Any]], status: Status) -> None:
    """A condition confines a trust only if somebody else's request does not meet it."""
    assert verdict(trust_not_public, a_role(*trust)).status is status


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ({"StringEquals": {"sts:ExternalId": "agreed"}}, PASS),
        ({"StringNotEquals": {"sts:ExternalId": "agreed"}}, FAIL),
        ({"Null": {"sts:ExternalId": "false"}}, FAIL),
        ({"StringLike": {"sts:ExternalId": "????*"}}, FAIL),
        ({"StringEqualsIfExists": {"sts:ExternalId": "agreed"}}, FAIL),
    ],
)
def test_an_external_id_is_one_that_is_fixed(condition: dict[str, Any], status: Status) -> None:
    """That there is one, or that it is not a certain one, whoever is confused by others meets as well."""
    role = a_role(allow({"AWS": STRANGER}, condition))

    assert verdict(external_trust_has_external_id, role, an_organization(), the_accounts()).status is status


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        # "Any service" is a service that acts for anybody ("The confused deputy problem").
        ({"Principal": "*", "Condition": {"Bool": {"aws:PrincipalIsAWSService": "true"}}}, FAIL),
        ({"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalServiceName": "config.amazonaws.com"}}}, FAIL),
        (
            {
                "Principal": "*",
                "Condition": {
                    "Bool": {"aws:PrincipalIsAWSService": "true"},
                    "StringEquals": {"aws:SourceOrgID": OURS},
                },
            },
            PASS,
        ),
        # A policy variable in the Resource ("IAM policy elements: Variables and tags") stands for what the caller has.
        ({"Principal": {"AWS": STRANGER}, "Resource": "arn:aws:s3:::acme-files/${aws:PrincipalAccount}/*"}, FAIL),
        ({"Principal": "*", "Resource": "arn:aws:s3:::acme-files/${aws:PrincipalAccount}/*"}, FAIL),
        ({"Principal": {"AWS": STRANGER}, "Resource": "arn:aws:s3:::acme-files/${aws:PrincipalTag/team}/*"}, FAIL),
        ({"Principal": {"AWS": OWN}, "Resource": "arn:aws:s3:::acme-files/${aws:PrincipalAccount}/*"}, PASS),
        # Conditions on the resource's own account and organization keep nobody out.
        ({"Principal": "*", "Condition": {"StringEquals": {"s3:ResourceAccount": OWN}}}, FAIL),
        ({"Principal": "*", "Condition": {"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1a2b3c4d"}}}, FAIL),
        ({"Principal": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": "198.51.100.7/32"}}}, FAIL),
    ],
)
def test_who_may_write_to_a_bucket(statement: dict[str, Any], status: Status) -> None:
    """Whoever meets the condition may, whatever name the condition gives."""
    usual = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::acme-files/*"}
    bucket = a_bucket(Policy=text({**usual, **statement}))
    found = verdict(no_cross_account_write, bucket, an_organization(), the_accounts(), public_access())

    assert found.status is status


@pytest.mark.parametrize(
    ("left", "status"),
    [
        (["eu-*"], PASS),
        (["us-*", "eu-*", "ap-*", "ca-*", "sa-*", "me-*", "af-*", "il-*", "mx-*"], FAIL),
        (["cn-*"], FAIL),
        (["us-gov-west-1"], PASS),
        (["us-gov-*"], FAIL),
    ],
)
def test_a_policy_that_leaves_every_region_restricts_none(left: list[str], status: Status) -> None:
    """To deny what no region is called is to deny nothing."""
    statement = {
        "Effect": "Deny",
        "NotAction": ["iam:*", "sts:*", "organizations:*", "support:*"],
        "Resource": "*",
        "Condition": {"StringNotLike": {"aws:RequestedRegion": left}},
    }
    policy = a_guardrail(text(statement), [{"TargetId": ROOT, "Type": "ROOT"}])

    assert verdict(regions_restricted, all_of(policy)).status is status


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"IsLogging": True}, PASS),
        ({"IsLogging": True, "LatestDigestDeliveryError": ""}, PASS),
        ({"IsLogging": True, "LatestDigestDeliveryError": "AccessDenied"}, FAIL),
        (UNREAD, UNKNOWN),
    ],
)
def test_digests_that_do_not_arrive_check_nothing(status: Any, expected: Status) -> None:
    """GetTrailStatus has the error of the last digest apart from that of the last log file."""
    assert verdict(log_validation_enabled, a_trail(Status=status)).status is expected
