"""Policies that let their holders assume any role, and services that assume roles for anybody."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.iam.checks.assuming_roles import inline_no_assume_any_role, no_assume_any_role
from connectors.aws.iam.checks.deputies import service_trust_names_source
from tests.connectors.aws.builders import (
    COLLEAGUE,
    FAIL,
    NOTHING,
    OWN,
    PASS,
    ROOT,
    STRANGER,
    UNIT,
    UNKNOWN,
    a_group,
    a_policy,
    a_role,
    a_service_control,
    a_user,
    all_of,
    document,
    full_access,
    in_organization,
    not_seen,
    placed,
    verdict,
)


def assumes(*roles: str, **but: Any) -> dict[str, Any]:
    """A statement that lets its holder assume roles."""
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": list(roles) or "*", **but}


DENIED = {"Effect": "Deny", "Action": "sts:*", "Resource": "*"}


@pytest.mark.parametrize(
    ("statements", "status"),
    [
        ([assumes()], FAIL),
        ([assumes(Action="sts:*")], FAIL),
        ([assumes(Action="sts:Assume*")], FAIL),
        ([assumes(Action="*")], FAIL),
        ([assumes(Action=["s3:*", "STS:ASSUMEROLE"])], FAIL),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], FAIL),
        ([{"Effect": "Allow", "Action": "sts:AssumeRole", "NotResource": "arn:aws:iam::*:role/admin"}], FAIL),
        ([assumes("arn:aws:iam::*:role/*")], FAIL),
        ([assumes(f"arn:aws:iam::{OWN}:role/*")], FAIL),
        ([assumes(f"arn:aws:iam::{COLLEAGUE}:*")], FAIL),
        ([assumes(f"arn:aws:iam::{OWN}:role/deploy")], PASS),
        ([assumes(f"arn:aws:iam::{OWN}:role/app-*", "arn:aws:iam::*:role/hub/deploy")], PASS),
        ([assumes(Action="s3:*")], PASS),
        ([assumes(Action=["sts:GetCallerIdentity", "sts:DecodeAuthorizationMessage"])], PASS),
        ([assumes(Action="sts:AssumeRoleWithWebIdentity")], PASS),
        # Deny, and the roles that it leaves.
        ([assumes(), DENIED], PASS),
        ([assumes(), {**DENIED, "Resource": "arn:aws:iam::*:role/admin"}], FAIL),
        ([assumes(), {**DENIED, "NotResource": f"arn:aws:iam::{OWN}:role/deploy", "Resource": None}], PASS),
        # What a condition singles out, or leaves to the holder, or to nobody that is known here.
        ([assumes(Condition={"StringEquals": {"iam:ResourceTag/team": "x"}})], PASS),
        ([assumes(Condition={"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}})], PASS),
        ([assumes(Condition={"StringEquals": {"aws:ResourceAccount": OWN}})], FAIL),
        ([assumes(Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})], FAIL),
        ([assumes(Condition={"StringEquals": {"aws:ResourceOrgID": "o-acmeacme00"}})], FAIL),
        ([assumes(Condition={"StringEquals": {"aws:ResourceOrgID": "o-another000"}})], UNKNOWN),
        ([assumes(Condition={"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}})], UNKNOWN),
        ([{"Effect": "Allow"}], UNKNOWN),
    ],
)
def test_any_role(statements: list[dict[str, Any]], status: Status) -> None:
    """A role that the policy cannot have singled out stands for all of them."""
    plain = [{name: value for name, value in statement.items() if value is not None} for statement in statements]
    arn = f"arn:aws:iam::{OWN}:user/alice"
    users = all_of(a_user(Arn=arn, UserPolicyList=[{"PolicyName": "inline", "PolicyDocument": document(*plain)}]))

    assert verdict(no_assume_any_role, a_policy(*plain)).status is status
    assert verdict(inline_no_assume_any_role, users, all_of(), all_of(), all_of()).status is status


def test_policies_that_give_nothing() -> None:
    """AWS's own, and those that nobody has."""
    assert verdict(no_assume_any_role, a_policy(assumes(), AttachmentCount=0)).status is PASS
    own = a_policy(assumes(), Arn="arn:aws:iam::aws:policy/PowerUserAccess")
    assert verdict(no_assume_any_role, own).status is NOTHING
    assert verdict(inline_no_assume_any_role, all_of(), all_of(), all_of(), not_seen()).status is NOTHING


def test_the_inline_policy_of_a_group_or_role_counts() -> None:
    """A boundary limits a role's; that of a service's own role is not the company's."""
    inline = {"PolicyName": "all", "PolicyDocument": document(assumes())}
    group = a_group(GroupPolicyList=[inline])
    boundary = {"PermissionsBoundaryArn": f"arn:aws:iam::{OWN}:policy/custom"}
    limited = a_role(RolePolicyList=[inline], PermissionsBoundary=boundary)
    linked = a_role(RolePolicyList=[inline], Path="/aws-service-role/x.amazonaws.com/")

    def judged(groups: Any, roles: Any, policies: Any) -> Status:
        return verdict(inline_no_assume_any_role, all_of(), groups, roles, policies).status

    assert judged(all_of(group), all_of(), all_of()) is FAIL
    assert judged(all_of(), all_of(limited), all_of(a_policy(assumes(Action="s3:*")))) is PASS
    assert judged(all_of(), all_of(limited), all_of(a_policy(assumes()))) is FAIL
    assert judged(all_of(), all_of(limited), all_of()) is UNKNOWN
    assert judged(all_of(), all_of(linked), all_of()) is NOTHING
    assert judged(not_seen(), all_of(), all_of()) is UNKNOWN


def test_service_control_policies_limit_whom_a_policy_lets_assume() -> None:
    """What the organization takes away from everybody, the policy does not give."""
    whole = full_access(ROOT, UNIT, OWN)
    given = (in_organization(), placed(UNIT))

    assert verdict(no_assume_any_role, a_policy(assumes()), *given, all_of(whole)).status is FAIL
    limited = all_of(whole, a_service_control(DENIED))
    assert verdict(no_assume_any_role, a_policy(assumes()), *given, limited).status is PASS
    assert verdict(no_assume_any_role, a_policy(assumes()), *given, not_seen()).status is FAIL


def trusts(*services: str, **condition: Any) -> dict[str, Any]:
    """A statement that lets services of AWS assume a role."""
    statement = {"Effect": "Allow", "Principal": {"Service": list(services)}, "Action": "sts:AssumeRole"}
    return {**statement, **({"Condition": condition} if condition else {})}


STATES, LAMBDA, EC2, NEW = (f"{name}.amazonaws.com" for name in ("states", "lambda", "ec2", "brandnew"))
SOURCE = {"StringEquals": {"aws:SourceAccount": OWN}}


@pytest.mark.parametrize(
    ("trust", "status"),
    [
        (trusts(STATES), FAIL),
        (trusts(LAMBDA), FAIL),
        (trusts("STATES.amazonaws.com"), FAIL),
        (trusts(STATES, **SOURCE), PASS),
        (trusts(LAMBDA, StringEquals={"aws:SourceArn": f"arn:aws:lambda:eu-central-1:{OWN}:function:x"}), PASS),
        (trusts(STATES, ArnLike={"AWS:SOURCEARN": f"arn:aws:states:*:{OWN}:stateMachine:*"}), PASS),
        (trusts(STATES, ArnLike={"aws:SourceArn": "arn:aws:states:*:*:stateMachine:*"}), FAIL),
        (trusts(STATES, StringLike={"aws:SourceAccount": "*"}), FAIL),
        (trusts(STATES, StringNotEquals={"aws:SourceAccount": STRANGER}), FAIL),
        (trusts(STATES, StringEquals={"aws:SourceOrgID": "o-acmeacme00"}), PASS),
        # Each request says for whom it is, so that a condition for those that do says all.
        (trusts(STATES, StringEqualsIfExists={"aws:SourceAccount": OWN}), PASS),
        (trusts(STATES, StringEquals={"aws:ResourceTag/x": "y"}), UNKNOWN),
        # Of others it is not documented that they say for whom they act; where the policy asks, they have to.
        (trusts(NEW), UNKNOWN),
        (trusts(NEW, **SOURCE), PASS),
        (trusts(NEW, StringEqualsIfExists={"aws:SourceAccount": OWN}), UNKNOWN),
        (trusts(EC2), NOTHING),
        (trusts(EC2, **SOURCE), PASS),
        (trusts(EC2, STATES), FAIL),
        (trusts(NEW, STATES), FAIL),
        ({"Effect": "Allow", "Principal": {"AWS": OWN}, "Action": "sts:AssumeRole"}, NOTHING),
        ({"Effect": "Allow"}, UNKNOWN),
    ],
)
def test_for_whom_a_service_assumes_a_role(trust: dict[str, Any], status: Status) -> None:
    """Only of services that are documented to say it can a trust policy be expected to ask."""
    assert verdict(service_trust_names_source, a_role(trust)).status is status


def test_a_role_that_belongs_to_a_service() -> None:
    """Nobody but AWS can change its trust policy."""
    linked = a_role(trusts(STATES), Path="/aws-service-role/states.amazonaws.com/")

    assert verdict(service_trust_names_source, linked).status is NOTHING


def test_a_denial_closes_what_an_allow_opens() -> None:
    """AWS's own example for many services at once."""
    denied = {**trusts(STATES, StringNotEquals={"aws:SourceAccount": OWN}), "Effect": "Deny"}

    assert verdict(service_trust_names_source, a_role(trusts(STATES), denied)).status is PASS
