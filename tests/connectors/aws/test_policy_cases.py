"""Situations that people reported, and others of the same kinds: whom a policy lets in, and what it still denies."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.iam.checks.principals import admin_principals_within_limit, inline_no_full_admin, no_full_admin
from connectors.aws.iam.checks.role_trust import external_trust_has_external_id, trust_not_public
from connectors.aws.organizations.checks import regions_restricted
from connectors.aws.s3.checks.access import not_public
from connectors.aws.s3.checks.policies import no_cross_account_write, tls_only
from tests.connectors.aws.builders import (
    COLLEAGUE,
    FAIL,
    NOTHING,
    OWN,
    PASS,
    STRANGER,
    UNKNOWN,
    a_bucket,
    a_group,
    a_guardrail,
    a_policy,
    a_role,
    a_user,
    all_of,
    an_organization,
    document,
    not_seen,
    public_access,
    text,
    the_accounts,
    verdict,
)

ROOT = [{"TargetId": "r-1", "Type": "ROOT"}]
ANYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def writes(principal: Any, condition: Any = None, action: Any = "s3:PutObject", **but: Any) -> dict[str, Any]:
    """A statement of a bucket policy that lets somebody write."""
    conditions = {} if condition is None else {"Condition": condition}
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **conditions, **but}


def judged(*statements: dict[str, Any], accounts: Any = None, organization: Any = None, **but: Any) -> Status:
    """The verdict on who may write to a bucket with these statements."""
    bucket = a_bucket(Policy=text(*statements), **but)
    named = the_accounts() if accounts is None else accounts
    return verdict(no_cross_account_write, bucket, organization or an_organization(), named).status


CLOUDTRAIL = {"Service": "cloudtrail.amazonaws.com"}
PERIMETER = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": "*",
    "Condition": {
        "StringNotEqualsIfExists": {"aws:SourceOrgID": "o-acmeacme00"},
        "Bool": {"aws:PrincipalIsAWSService": "true"},
    },
}


@pytest.mark.parametrize(
    ("statements", "status"),
    [
        ([writes(CLOUDTRAIL, {"StringEquals": {"aws:SourceAccount": STRANGER}})], FAIL),
        ([writes(CLOUDTRAIL, {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudtrail:*:{STRANGER}:trail/*"}})], FAIL),
        ([writes(CLOUDTRAIL)], FAIL),
        ([writes(CLOUDTRAIL, {"StringEquals": {"aws:SourceAccount": OWN}})], PASS),
        ([writes(CLOUDTRAIL, {"StringEquals": {"AWS:sourceaccount": [OWN, COLLEAGUE]}})], PASS),
        ([writes(CLOUDTRAIL, {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudtrail:*:{OWN}:trail/*"}})], PASS),
        ([writes(CLOUDTRAIL, {"StringEquals": {"aws:SourceOrgID": "o-acmeacme00"}})], PASS),
        ([writes(CLOUDTRAIL, {"StringEquals": {"aws:SourceOrgID": "o-otherother"}})], FAIL),
        ([writes(CLOUDTRAIL, {"StringLike": {"aws:SourceAccount": "*"}})], FAIL),
        ([writes(CLOUDTRAIL, {"StringEqualsIfExists": {"aws:SourceAccount": OWN}})], UNKNOWN),
        ([writes(CLOUDTRAIL, {"StringLike": {"aws:SourceAccount": "1111*"}})], UNKNOWN),
        ([writes(CLOUDTRAIL, {"StringNotEquals": {"aws:SourceAccount": OWN}})], FAIL),
        ([writes(CLOUDTRAIL, {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::acme-trail"}})], UNKNOWN),
        ([writes(CLOUDTRAIL, {"Bool": {"aws:SecureTransport": "true"}})], FAIL),
        ([writes(CLOUDTRAIL), PERIMETER], PASS),
        ([writes({"Service": "logging.s3.amazonaws.com"})], PASS),
        ([writes({"Service": "cloudfront.amazonaws.com"})], FAIL),
        ([writes({"Service": "cloudfront.amazonaws.com"}, action="s3:GetObject")], PASS),
    ],
)
def test_for_whom_a_service_writes(statements: list[dict[str, Any]], status: Status) -> None:
    """A service writes for whoever asks it to, unless a condition says for whom."""
    assert judged(*statements) is status


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("s3:UpdateObjectEncryption", FAIL),
        ("s3:InitiateReplication", FAIL),
        ("s3:SomethingOfNextYear", FAIL),
        ("s3:Upd*", FAIL),
        ("s3:Future*", UNKNOWN),
        ("S3:GETOBJECT", PASS),
        ("s3:Describe*", PASS),
        (["s3:ListBucket", "s3:GetObject*"], PASS),
    ],
)
def test_what_does_not_only_read_writes(action: Any, status: Status) -> None:
    """A list of known writes is out of date when AWS adds one."""
    assert judged(writes({"AWS": STRANGER}, action=action)) is status


@pytest.mark.parametrize(
    ("statements", "status"),
    [
        ([writes("*")], FAIL),
        ([writes({"AWS": "*"}, {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}})], FAIL),
        ([writes("*", {"StringEquals": {"aws:ResourceAccount": OWN}})], FAIL),
        ([writes("*", {"StringEquals": {"aws:SourceOwner": OWN}})], PASS),
        ([writes("*", {"StringEquals": {"aws:PrincipalOrgID": "${aws:PrincipalOrgID}"}})], FAIL),
        ([writes("*"), writes("*", Effect="Deny")], PASS),
        ([writes("*"), writes("*", {"StringNotEquals": {"aws:PrincipalAccount": OWN}}, Effect="Deny")], PASS),
        ([writes("*", {"StringEquals": {"aws:SourceVpce": "vpce-1"}})], UNKNOWN),
        ([writes({"Federated": "graph.facebook.com"})], FAIL),
        ([writes({"Federated": "accounts.google.com"}, {"StringEquals": {"accounts.google.com:aud": "4711"}})], PASS),
        ([writes({"Federated": f"arn:aws:iam::{OWN}:saml-provider/staff"})], PASS),
        ([writes({"Federated": f"arn:aws:iam::{STRANGER}:saml-provider/staff"})], FAIL),
    ],
)
def test_everyone_needs_no_list_of_accounts(statements: list[dict[str, Any]], status: Status) -> None:
    """No list can explain everybody, so that one which was not read is no excuse."""
    assert judged(*statements, accounts=not_seen()) is status


def test_a_role_that_trusts_everyone_needs_no_list_either() -> None:
    """In an account of an organization whose list is not collected, too."""
    role = a_role({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"})

    assert verdict(external_trust_has_external_id, role, an_organization(), not_seen()).status is FAIL


def test_the_management_account_is_not_external() -> None:
    """DescribeOrganization names it, whatever list of accounts was read."""
    role = a_role({"Effect": "Allow", "Principal": {"AWS": COLLEAGUE}, "Action": "sts:AssumeRole"})
    managed = an_organization({"Id": "o-acmeacme00", "MasterAccountId": COLLEAGUE})
    other = an_organization({"Id": "o-acmeacme00", "MasterAccountId": STRANGER})

    assert verdict(external_trust_has_external_id, role, managed, not_seen()).status is PASS
    assert verdict(external_trust_has_external_id, role, other, not_seen()).status is UNKNOWN


def trusts(principal: Any, condition: Any = None, **but: Any) -> dict[str, Any]:
    """A statement of a trust policy."""
    conditions = {} if condition is None else {"Condition": condition}
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **conditions, **but}


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}, FAIL),
        ({"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}, FAIL),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, UNKNOWN),
        ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, FAIL),
        ({"StringEquals": {"aws:SourceVpc": "vpc-91237329"}}, PASS),
        ({"StringLike": {"aws:SourceVpc": "vpc-*"}}, FAIL),
        ({"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}, FAIL),
        ({"ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}, FAIL),
        ({"StringEquals": {"aws:ResourceAccount": OWN}}, FAIL),
        ({"StringEquals": {"aws:SourceOwner": OWN}}, PASS),
        ({"StringEquals": {"aws:PrincipalAccount": OWN}}, PASS),
        ({"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:role/*"}}, PASS),
        ({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}}, FAIL),
        ({"StringLike": {"aws:PrincipalArn": "*:role/deploy"}}, FAIL),
        ({"StringLike": {"aws:PrincipalArn": "arn:*/deploy"}}, FAIL),
        ({"ArnLike": {"aws:PrincipalArn": "*:role/deploy"}}, UNKNOWN),
        ({"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:*"}}, PASS),
        ({"Null": {"aws:PrincipalOrgID": "false"}}, FAIL),
        ({"Bool": {"aws:PrincipalIsAWSService": "true"}}, PASS),
        ({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, UNKNOWN),
        ({"StringEquals": {"aws:userid": "AIDAEXAMPLE"}}, UNKNOWN),
    ],
)
def test_what_each_key_narrows(condition: dict[str, Any], status: Status) -> None:
    """By what AWS documents of the key, and not by whether there is a condition at all."""
    assert verdict(trust_not_public, a_role(trusts("*", condition))).status is status


@pytest.mark.parametrize(
    ("statements", "status"),
    [
        ([trusts(CLOUDTRAIL, {"StringEquals": {"aws:SourceAccount": STRANGER}})], FAIL),
        ([trusts(CLOUDTRAIL, {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudtrail:*:{STRANGER}:*"}})], FAIL),
        ([trusts(CLOUDTRAIL, {"StringEquals": {"aws:SourceAccount": OWN}})], PASS),
        ([trusts(CLOUDTRAIL)], PASS),
        ([trusts({"AWS": STRANGER}, {"StringEquals": {"sts:ExternalId": "word"}})], PASS),
        ([trusts({"AWS": STRANGER}, {"StringEqualsIfExists": {"sts:ExternalId": "word"}})], FAIL),
        ([trusts({"AWS": STRANGER}, {"StringLike": {"sts:ExternalId": "*"}})], FAIL),
        ([trusts({"AWS": STRANGER}), trusts("*", {"Null": {"sts:ExternalId": "true"}}, Effect="Deny")], FAIL),
        ([trusts({"AWS": STRANGER}), trusts({"AWS": STRANGER}, Effect="Deny")], PASS),
        ([trusts({"AWS": STRANGER}, Action="sts:TagSession")], PASS),
        ([trusts({"AWS": STRANGER}, {"StringEquals": {"aws:SourceVpce": "vpce-1"}})], UNKNOWN),
        ([trusts({"AWS": [OWN, STRANGER]}, {"StringEquals": {"aws:PrincipalAccount": OWN}})], PASS),
    ],
)
def test_whom_a_role_trusts_without_an_external_id(statements: list[dict[str, Any]], status: Status) -> None:
    """The account that a service acts for is trusted as if it were named itself."""
    role = a_role(*statements)

    assert verdict(external_trust_has_external_id, role, an_organization(), the_accounts()).status is status


def denies(**but: Any) -> dict[str, Any]:
    """A denial of requests without TLS."""
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::acme-files", "arn:aws:s3:::acme-files/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        **but,
    }


def without(element: str, **but: Any) -> dict[str, Any]:
    """The denial without one of its elements."""
    return {key: value for key, value in denies(**but).items() if key != element}


@pytest.mark.parametrize(
    ("statements", "region", "status"),
    [
        ([without("Action", NotAction="iam:*")], None, PASS),
        ([without("Action", NotAction="s3:GetObject")], None, FAIL),
        ([without("Action", NotAction="s3:GetBucketLocation")], None, FAIL),
        ([without("Action", NotAction="*:Put*")], None, FAIL),
        ([without("Resource", NotResource="arn:aws:s3:::another/*")], None, PASS),
        ([without("Resource", NotResource="arn:aws:s3:::acme-files/public/*")], None, FAIL),
        ([denies(Condition={"Bool": {"aws:SecureTransport": ["false", "true"]}})], None, PASS),
        ([denies(Condition={"Bool": {"aws:SecureTransport": ["false"]}})], None, PASS),
        ([denies(Condition={"BoolIfExists": {"AWS:SECURETRANSPORT": "FALSE"}})], None, PASS),
        ([denies(Condition={"StringEquals": {"aws:SecureTransport": "false"}})], None, PASS),
        ([denies(Condition={"StringNotEquals": {"aws:SecureTransport": "true"}})], None, PASS),
        ([denies(Condition={"Null": {"aws:SecureTransport": "true"}})], None, FAIL),
        ([without("Condition")], None, PASS),
        ([denies(Resource=["arn:aws-cn:s3:::acme-files", "arn:aws-cn:s3:::acme-files/*"])], "cn-north-1", PASS),
        ([denies(Resource=["arn:aws-eusc:s3:::acme-files*"])], "eusc-de-east-1", PASS),
        ([denies(Resource=["arn:aws-eusc:s3:::acme-files*"])], None, PASS),
        ([denies(Resource=["arn:aws-cn:s3:::acme-files*"])], "eu-central-1", FAIL),
        ([denies(Resource=["arn:aws-iso-b:s3:::acme-files*"])], "us-isob-east-1", PASS),
        ([denies(Resource="arn:aws:s3")], None, PASS),
        ([without("Principal", NotPrincipal={"AWS": OWN})], None, FAIL),
        ([denies(Principal={"AWS": OWN}), without("Principal", NotPrincipal={"AWS": OWN})], None, PASS),
        ([without("Principal", NotPrincipal={"Service": "logs.amazonaws.com"})], None, FAIL),
        ([without("Principal", NotPrincipal={"CanonicalUser": "abc"})], None, UNKNOWN),
        ([denies(Action=["s3:Get*", "s3:List*", "s3:Put*", "s3:Delete*"])], None, UNKNOWN),
        ([denies(Action="s3:Get*"), without("Action", NotAction="s3:Get*")], None, PASS),
        (
            [
                denies(
                    Condition={
                        "Bool": {"aws:SecureTransport": "false"},
                        "ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:role/old"},
                    }
                )
            ],
            None,
            FAIL,
        ),
    ],
)
def test_a_denial_of_plain_http_is_judged_by_what_it_denies(
    statements: list[dict[str, Any]], region: str | None, status: Status
) -> None:
    """There are many ways to write it, and as many to leave a gap."""
    assert verdict(tls_only, a_bucket(Policy=text(*statements), BucketRegion=region)).status is status


def region_denial(*not_actions: str, **but: Any) -> str:
    """A denial by region that leaves these actions out."""
    return text(
        {
            "Effect": "Deny",
            "NotAction": list(not_actions),
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-central-1"}},
            **but,
        }
    )


def exempting(key: str, *values: str) -> str:
    """A denial by region with a second condition."""
    conditions = {"StringNotEquals": {"aws:RequestedRegion": "eu-central-1"}, "StringNotLike": {key: list(values)}}
    return region_denial("iam:*", Condition=conditions)


ALLOW_LIST = {**ANYTHING, "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}}


@pytest.mark.parametrize(
    ("contents", "status"),
    [
        ([region_denial("ec2:*", "s3:*", "rds:*", "lambda:*", "dynamodb:*", "iam:*", "sts:*")], FAIL),
        ([region_denial("iam:*", "sts:*", "route53:*", "s3:ListAllMyBuckets")], PASS),
        ([region_denial("iam:Get*", "IAM:list*")], PASS),
        ([region_denial("iam:*", "s3:*")], FAIL),
        ([region_denial("*")], FAIL),
        ([region_denial("*:*")], FAIL),
        ([region_denial("iam:*", "ec2:*"), region_denial("iam:*")], PASS),
        ([text(ALLOW_LIST)], UNKNOWN),
        ([text(ALLOW_LIST), text(ANYTHING)], FAIL),
        ([text(ANYTHING)], FAIL),
        ([exempting("aws:PrincipalArn", "arn:aws:iam::*:role/deploy")], PASS),
        ([exempting("aws:PrincipalAccount", OWN)], UNKNOWN),
        ([exempting("aws:PrincipalOrgPaths", "o-acmeacme00/*")], UNKNOWN),
        ([region_denial("iam:*", Resource="arn:aws:ec2:*:*:instance/*")], FAIL),
    ],
)
def test_what_a_denial_by_region_leaves(contents: list[str], status: Status) -> None:
    """An exemption of what people work with leaves the restriction a name."""
    assert verdict(regions_restricted, all_of(*(a_guardrail(content, ROOT) for content in contents))).status is status


BOUNDARY = f"arn:aws:iam::{OWN}:policy/limit"
READS = a_policy({"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}, Arn=BOUNDARY)


def inline(*statements: dict[str, Any]) -> list[dict[str, Any]]:
    """Inline policies."""
    return [{"PolicyName": f"p{number}", "PolicyDocument": document(one)} for number, one in enumerate(statements)]


def six(*statements: dict[str, Any], boundary: str | None = None) -> list[Any]:
    """Six users with these inline policies."""
    bound = {} if boundary is None else {"PermissionsBoundary": {"PermissionsBoundaryArn": boundary}}
    return [a_user(f"u{number}", UserPolicyList=inline(*statements), **bound) for number in range(6)]


@pytest.mark.parametrize(
    ("users", "status"),
    [
        (six(ANYTHING), FAIL),
        (six(ANYTHING, boundary=BOUNDARY), PASS),
        (six(ANYTHING, boundary=f"arn:aws:iam::{OWN}:policy/not-listed"), UNKNOWN),
        (six(ANYTHING, boundary="arn:aws:iam::aws:policy/AdministratorAccess"), FAIL),
        (six(ANYTHING, {**ANYTHING, "Effect": "Deny"}), PASS),
        (six(ANYTHING, {**ANYTHING, "Effect": "Deny", "Action": "iam:*"}), UNKNOWN),
        (six(ANYTHING, {**ANYTHING, "Effect": "Deny", "Action": "cloudtrail:StopLogging"}), FAIL),
        (six({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}), FAIL),
        (
            six(
                ANYTHING,
                {**ANYTHING, "Effect": "Deny", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}},
            ),
            FAIL,
        ),
    ],
)
def test_administrators_are_those_who_can_do_it(users: list[Any], status: Status) -> None:
    """Boundaries and denials count; an MFA that is asked for makes nobody less of an administrator."""
    assert verdict(admin_principals_within_limit, all_of(*users), all_of(), all_of(), all_of(READS)).status is status


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        ({**ANYTHING, "Resource": "arn:aws:*:*:111122223333:*"}, FAIL),
        ({**ANYTHING, "Resource": "arn:aws:*:*:*:*/*"}, FAIL),
        ({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}, FAIL),
        ({**ANYTHING, "Action": ["*:*"]}, FAIL),
        ({**ANYTHING, "Action": "?*"}, FAIL),
        ({"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}, UNKNOWN),
        ({**ANYTHING, "Action": ["s3:*", "ec2:*"]}, PASS),
        ({**ANYTHING, "Resource": "arn:aws-cn:*:*:*:*"}, PASS),
    ],
)
def test_full_administration_in_other_words(statement: dict[str, Any], status: Status) -> None:
    """Every principal of the account is everything: who governs them governs the rest."""
    assert verdict(no_full_admin, a_policy(statement)).status is status


@pytest.mark.parametrize(
    ("users", "groups", "roles", "status"),
    [
        ([a_user(UserPolicyList=inline(ANYTHING))], [], [], FAIL),
        ([], [a_group(GroupPolicyList=inline(ANYTHING))], [], FAIL),
        ([], [], [a_role(RolePolicyList=inline(ANYTHING))], FAIL),
        ([a_user(UserPolicyList=inline({**ANYTHING, "Action": "s3:*"}))], [], [], PASS),
        ([a_user(UserPolicyList=inline({"Effect": "Perhaps"}))], [], [], UNKNOWN),
        ([a_user()], [a_group()], [], NOTHING),
        (six(ANYTHING, boundary=BOUNDARY), [], [], PASS),
    ],
)
def test_inline_policies_are_looked_at_one_by_one(
    users: list[Any], groups: list[Any], roles: list[Any], status: Status
) -> None:
    """One is enough, and a group without members gets its members tomorrow."""
    sets = (all_of(*users), all_of(*groups), all_of(*roles), all_of(READS))

    assert verdict(inline_no_full_admin, *sets).status is status


@pytest.mark.parametrize("unseen", range(3))
def test_inline_policies_need_every_list(unseen: int) -> None:
    """The one that was not read may have it; boundaries are asked for only where there are some."""
    sets = [all_of(), all_of(), all_of(), not_seen()]
    sets[unseen] = not_seen()

    assert verdict(inline_no_full_admin, *sets).status is UNKNOWN
    assert verdict(inline_no_full_admin, all_of(), all_of(), all_of(), not_seen()).status is NOTHING


def _through(principal: Any, key: str, value: str) -> str:
    """The policy of a bucket that lets in whoever comes through access points."""
    return text({
        "Effect": "Allow",
        "Principal": principal,
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::acme-files", "arn:aws:s3:::acme-files/*"],
        "Condition": {"StringEquals": {key: value}},
    })  # fmt: skip


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (_through("*", "s3:DataAccessPointAccount", OWN), UNKNOWN),
        (_through({"AWS": "*"}, "S3:dataaccesspointarn", f"arn:aws:s3:eu-central-1:{OWN}:accesspoint/web"), UNKNOWN),
        (_through("*", "s3:AccessPointNetworkOrigin", "VPC"), UNKNOWN),
        (_through({"AWS": f"arn:aws:iam::{OWN}:role/app"}, "s3:DataAccessPointAccount", OWN), PASS),
    ],
)
def test_a_bucket_whose_access_points_decide_is_not_closed(policy: str, expected: Status) -> None:
    """S3 does not call such a policy public, whatever an access point's own policy lets in."""
    bucket = a_bucket(
        Policy=policy,
        PolicyStatus={"IsPublic": False},
        PublicAccessBlockConfiguration=None,
    )

    unread = (public_access(), not_seen(), not_seen())
    assert verdict(not_public, bucket, *unread).status is expected
    assert verdict(no_cross_account_write, bucket, an_organization(), the_accounts(), *unread).status is expected
    closed = a_bucket(Policy=policy, PolicyStatus={"IsPublic": False})
    assert verdict(not_public, closed, public_access()).status is PASS
