"""Service and resource control policies as limits of what policies give."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from collector.core.checks import Status
from connectors.aws.iam.checks.principals import admin_principals_within_limit, inline_no_full_admin, no_full_admin
from connectors.aws.iam.checks.role_trust import external_trust_has_external_id, trust_not_public
from connectors.aws.s3.checks.access import not_public
from connectors.aws.s3.checks.directory_buckets import directory_bucket_no_cross_account_write
from connectors.aws.s3.checks.policies import no_cross_account_write
from connectors.aws.s3.resources.directory_buckets import DirectoryBucket
from tests.connectors.aws.builders import (
    COLLEAGUE,
    FAIL,
    INNER_UNIT,
    OWN,
    PASS,
    PUBLIC_ACL,
    ROOT,
    STRANGER,
    UNIT,
    UNKNOWN,
    UNREAD,
    a,
    a_bucket,
    a_policy,
    a_resource_control,
    a_role,
    a_service_control,
    a_user,
    all_of,
    an_organization,
    document,
    full_access,
    in_organization,
    not_seen,
    placed,
    public_access,
    text,
    verdict,
)
from tests.connectors.aws.policy_strategies import statements

OUTSIDE = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-acmeacme00"}}
NOT_A_SERVICE = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}


def perimeter(*actions: str, effect: str = "Deny", **but: Any) -> dict[str, Any]:
    """AWS's example of a perimeter: whoever is outside of the organization, and no service of AWS, gets nothing."""
    condition = {**OUTSIDE, **NOT_A_SERVICE}
    usual = {"Effect": effect, "Principal": "*", "Action": list(actions), "Resource": "*", "Condition": condition}
    return {**usual, **but}


S3, STS = perimeter("s3:*"), perimeter("sts:*")
EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::acme-files/*"}
PUBLIC = a_bucket(Policy=text(EVERYBODY), PolicyStatus={"IsPublic": True}, PublicAccessBlockConfiguration=None)
FULL = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}


def public(*controls: Any, accounts: Any = None, organization: Any = None, bucket: Any = PUBLIC) -> Any:
    """The verdict on a public bucket under resource control policies."""
    place = (
        in_organization() if organization is None else organization,
        placed(UNIT) if accounts is None else accounts,
    )
    return verdict(not_public, bucket, public_access(), all_of(), all_of(), *place, all_of(*controls))


@pytest.mark.parametrize(
    ("controls", "status"),
    [
        ([], FAIL),
        ([a_resource_control(FULL)], FAIL),
        ([a_resource_control(S3)], PASS),
        ([a_resource_control(S3, at=UNIT)], PASS),
        ([a_resource_control(S3, at=OWN)], PASS),
        # Attached elsewhere, or to nothing.
        ([a_resource_control(S3, at=INNER_UNIT)], FAIL),
        ([a_resource_control(S3, at=COLLEAGUE)], FAIL),
        ([a_resource_control(S3, Targets=[])], FAIL),
        # It leaves some of S3, some resources or some strangers.
        ([a_resource_control(perimeter("s3:GetObject", "s3:PutObject"))], FAIL),
        ([a_resource_control(perimeter("sts:*"))], FAIL),
        ([a_resource_control(perimeter("s3:*", Resource="arn:aws:s3:::other/*"))], FAIL),
        ([a_resource_control(perimeter("s3:*", Condition={"Bool": {"aws:SecureTransport": "false"}}))], FAIL),
        ([a_resource_control(perimeter("s3:*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-0"}}))], FAIL),
        # Without IfExists a request without signature has no organization, so that StringNotEquals holds for it too.
        ([a_resource_control(perimeter("s3:*", Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}))], PASS),
        # Two that together leave nothing.
        ([a_resource_control(perimeter("s3:Get*", "s3:List*")), a_resource_control(perimeter("s3:*"), at=OWN)], PASS),
        # What it says is not known.
        ([a_resource_control(perimeter("s3:*", Condition={"StringEquals": {"aws:NoSuchKey": "1"}}))], UNKNOWN),
        ([a_resource_control(S3, Content='{"Version": "2012-10-17", "Statement": {"Effect": "Deny"}}')], UNKNOWN),
    ],
)
def test_a_denial_closes_a_bucket_only_if_it_keeps_out_everybody(controls: list[Any], status: Status) -> None:
    """Whoever is left may get in."""
    assert public(*controls).status is status


@pytest.mark.parametrize(
    ("allowed", "denied", "status"),
    [
        ("s3:GetObject", "s3:GetObject", PASS),
        ("s3:GetObject", "s3:Get*", PASS),
        ("s3:GetObject", "s3:PutObject", FAIL),
        ("s3:GetObject*", "s3:GetObject", FAIL),
        ("*", "s3:*", PASS),
        ("s3:GetObject", "sts:*", FAIL),
    ],
)
def test_to_deny_what_the_policy_allows_is_enough(allowed: str, denied: str, status: Status) -> None:
    """Nobody needs to deny what nothing allows; where a list of access control counts as well, all has to be denied."""
    policy = text({**EVERYBODY, "Action": allowed})
    settings = {"Policy": policy, "PolicyStatus": {"IsPublic": True}, "PublicAccessBlockConfiguration": None}
    control = a_resource_control(perimeter(denied))
    both = {"Acl": PUBLIC_ACL, "OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}}

    assert public(control, bucket=a_bucket(**settings)).status is status
    assert public(control, bucket=a_bucket(**settings, **both)).status is (PASS if denied == "s3:*" else FAIL)


@pytest.mark.parametrize(
    ("but", "note"),
    [
        ({"accounts": not_seen()}, "were not looked at"),
        ({"accounts": placed(paths=[])}, "were not looked at"),
        ({"accounts": placed(paths=["somewhere"])}, "were not looked at"),
        ({"accounts": placed(number=COLLEAGUE)}, "were not looked at"),
        ({"organization": an_organization(UNREAD)}, "were not looked at"),
        ({"organization": an_organization()}, "were not looked at"),
        ({"organization": an_organization(None)}, "do not exist outside an organization"),
        (
            {"organization": an_organization({"Id": "o-1", "MasterAccountId": OWN})},
            "do not bind the management account",
        ),
    ],
)
def test_what_was_not_looked_at_never_closes(but: dict[str, Any], note: str) -> None:
    """Nor does what does not bind the account; the reason says which."""
    result = public(a_resource_control(S3), **but)

    assert result.status is FAIL
    assert note in result.reason


def test_content_that_was_refused_never_closes() -> None:
    """A policy of which nothing was read may allow everything."""
    assert public(a_resource_control(S3, Content=UNREAD)).status is FAIL
    assert public(a_resource_control(S3, Targets=UNREAD)).status is FAIL


def test_writing_by_others_is_limited() -> None:
    """Strangers and everybody are kept out; an account that the perimeter exempts is not."""
    stranger = {**EVERYBODY, "Principal": {"AWS": STRANGER}}
    exempt = {**OUTSIDE, **NOT_A_SERVICE, "StringNotEquals": {"aws:PrincipalAccount": STRANGER}}
    but_one = a_resource_control(perimeter("s3:*", Condition=exempt))

    def written(policy: Any, *controls: Any) -> Status:
        given = (in_organization(), placed(UNIT), public_access(), all_of(), all_of(), all_of(*controls))
        return verdict(no_cross_account_write, a_bucket(Policy=text(policy)), *given).status

    assert written(stranger) is FAIL
    assert written(stranger, a_resource_control(S3)) is PASS
    assert written(EVERYBODY, a_resource_control(S3)) is PASS
    assert written(stranger, but_one) is FAIL
    assert written(EVERYBODY, but_one) is PASS


def trusts(principal: Any, action: str = "sts:AssumeRole", **but: Any) -> dict[str, Any]:
    """A statement of a trust policy."""
    return {"Effect": "Allow", "Principal": principal, "Action": action, **but}


GITHUB = {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/token.actions.githubusercontent.com"}
BY_TOKEN = trusts(GITHUB, "sts:AssumeRoleWithWebIdentity")
NOT_OURS = {"StringNotLikeIfExists": {"token.actions.githubusercontent.com:sub": "repo:acme/*"}}


@pytest.mark.parametrize(
    ("trust", "controls", "status"),
    [
        (trusts("*"), [], FAIL),
        (trusts("*"), [STS], PASS),
        (trusts("*"), [S3], FAIL),
        (trusts("*"), [{**STS, "Resource": f"arn:aws:iam::{OWN}:role/another"}], FAIL),
        (trusts("*"), [{**STS, "Resource": f"arn:aws:iam::{OWN}:role/dep*"}], PASS),
        (BY_TOKEN, [], FAIL),
        (BY_TOKEN, [perimeter("sts:AssumeRoleWithWebIdentity", Condition=NOT_OURS)], PASS),
        (BY_TOKEN, [perimeter("sts:AssumeRole", Condition=NOT_OURS)], FAIL),
    ],
)
def test_trust_is_limited(trust: dict[str, Any], controls: list[Any], status: Status) -> None:
    """Roles are resources of their account, whoever assumes them, with a token too."""
    given = (in_organization(), placed(), all_of(*map(a_resource_control, controls)))

    assert verdict(trust_not_public, a_role(trust), *given).status is status


def test_trust_in_an_account_is_limited() -> None:
    """The vendor's account is outside of the organization."""
    role = a_role(trusts({"AWS": STRANGER}))

    def trusted(*controls: Any) -> Status:
        given = (in_organization(), placed(), all_of(*map(a_resource_control, controls)))
        return verdict(external_trust_has_external_id, role, *given).status

    assert trusted() is FAIL
    assert trusted(STS) is PASS
    assert trusted(perimeter("sts:AssumeRoleWithSAML")) is FAIL


ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
NO_IAM = {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}
ELSEWHERE = {"StringNotEquals": {"aws:RequestedRegion": "eu-central-1"}}
WHOLE = full_access(ROOT, UNIT, OWN)


def denied_but(arn: str) -> dict[str, Any]:
    """A denial of everything that leads to rights, to everybody but one."""
    return {**NO_IAM, "Action": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": arn}}}


@pytest.mark.parametrize(
    ("controls", "status"),
    [
        ([WHOLE], FAIL),
        ([WHOLE, a_service_control(NO_IAM)], UNKNOWN),
        ([WHOLE, a_service_control({**NO_IAM, "Action": "*"})], PASS),
        ([WHOLE, a_service_control({**NO_IAM, "Action": "*"}, at=COLLEAGUE)], FAIL),
        # FullAWSAccess was detached from one level, and what is in its place allows little.
        ([full_access(ROOT, OWN), a_service_control({**ALL, "Action": "s3:*"}, at=UNIT)], PASS),
        # A level without a policy was not seen whole: where they are in use there is one.
        ([full_access(ROOT, OWN)], FAIL),
        ([full_access(), a_service_control({**NO_IAM, "Action": "*"}, Targets=[])], FAIL),
        ([], FAIL),
        # In regions that are left, everything is.
        ([WHOLE, a_service_control({**NO_IAM, "Action": "*", "Condition": ELSEWHERE})], FAIL),
        # Who has the policy is not known of the policy alone.
        ([WHOLE, a_service_control(denied_but("arn:aws:iam::*:role/admin"))], UNKNOWN),
    ],
)
def test_full_administration_is_limited(controls: list[Any], status: Status) -> None:
    """A policy that allows everything gives what service control policies leave."""
    given = (in_organization(), placed(UNIT), all_of(*controls))

    assert verdict(no_full_admin, a_policy(ALL), *given).status is status


def test_administrators_are_counted_by_what_is_left_to_them() -> None:
    """Of a principal its name is known, so that a denial that exempts one is decided."""
    users = [
        a_user(name, Arn=f"arn:aws:iam::{OWN}:user/{name}", UserPolicyList=[_inline()]) for name in ("anna", "bob")
    ]

    def counted(*controls: Any) -> Status:
        given = (all_of(*users), all_of(), all_of(), all_of(), in_organization(), placed(UNIT), all_of(*controls))
        assert (
            verdict(inline_no_full_admin, *given).status
            is verdict(admin_principals_within_limit, *given, max_admin_principals=0).status
        )
        return verdict(admin_principals_within_limit, *given, max_admin_principals=1).status

    assert counted(WHOLE) is FAIL
    assert counted(WHOLE, a_service_control(denied_but(f"arn:aws:iam::{OWN}:user/anna"))) is PASS


def _inline() -> dict[str, Any]:
    return {"PolicyName": "all", "PolicyDocument": document(ALL)}


def test_the_management_account_is_bound_by_none() -> None:
    """Its administrators are as powerful as its policies say."""
    given = (an_organization({"Id": "o-1", "MasterAccountId": OWN}), placed(), all_of(a_service_control(NO_IAM)))
    result = verdict(no_full_admin, a_policy(ALL), *given)

    assert result.status is FAIL
    assert "do not bind the management account" in result.reason


@given(statements())
def test_another_denial_never_opens(statement: dict[str, Any]) -> None:
    """Whatever a resource control policy says, a bucket is not more open with it than without."""
    control = a_resource_control({**statement, "Effect": "Deny"})
    order = [PASS, UNKNOWN, FAIL]

    assert order.index(public(control).status) <= order.index(public().status)
    assert public(a_resource_control(S3), control).status is PASS


@pytest.mark.parametrize(
    ("policy", "status"),
    [
        (None, PASS),
        (trusts({"AWS": STRANGER}, "s3express:CreateSession"), FAIL),
        (trusts({"AWS": COLLEAGUE}, "s3express:*"), PASS),
        (trusts("*", "s3express:CreateSession"), FAIL),
        (
            trusts(
                {"AWS": STRANGER},
                "s3express:CreateSession",
                Condition={"StringEquals": {"s3express:SessionMode": "ReadOnly"}},
            ),
            PASS,
        ),
        (trusts({"AWS": STRANGER}, "s3express:GetBucketPolicy"), PASS),
        (UNREAD, UNKNOWN),
    ],
)
def test_a_directory_bucket(policy: Any, status: Status) -> None:
    """Whoever may open a session writes in it, unless the session is for reading."""
    name = "files--euw1-az1--x-s3"
    arn = f"arn:aws:s3express:eu-west-1:{OWN}:bucket/{name}"
    content = text({**policy, "Resource": arn}) if isinstance(policy, dict) else policy
    bucket = a(DirectoryBucket, {"Name": name, "Policy": content})
    given = (in_organization(), placed())

    assert verdict(directory_bucket_no_cross_account_write, bucket, *given).status is status


def test_resource_control_policies_do_not_reach_directory_buckets() -> None:
    """AWS lists S3 among the services that support them, and not S3 Express, so that they are not asked for."""
    needed = {need.kind.name for need in directory_bucket_no_cross_account_write.needs}

    assert "aws.organizations.account" in needed
    assert "aws.organizations.resource_control_policy" not in needed
