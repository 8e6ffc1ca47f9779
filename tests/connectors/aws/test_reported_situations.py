"""Situations that people reported of other tools, on access points, prefix lists, trust, roles and control policies.

Each is told in the words of the report, with the address where there is one.
"""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.ec2.checks.network import no_admin_ports_open, only_approved_internet_ports
from connectors.aws.iam.checks.assuming_roles import no_assume_any_role
from connectors.aws.iam.checks.deputies import service_trust_names_source
from connectors.aws.iam.checks.principals import no_full_admin
from connectors.aws.iam.checks.role_trust import external_trust_has_external_id, trust_not_public
from connectors.aws.s3.checks.access import access_point_not_public, not_public
from connectors.aws.s3.checks.policies import no_cross_account_write
from tests.connectors.aws.builders import (
    FAIL,
    NOTHING,
    OPEN,
    OWN,
    PASS,
    ROOT,
    STRANGER,
    UNIT,
    UNKNOWN,
    a_bucket,
    a_policy,
    a_resource_control,
    a_role,
    a_service_control,
    all_of,
    an_access_point,
    document,
    full_access,
    in_organization,
    placed,
    public_access,
    text,
    verdict,
)
from tests.connectors.aws.regional_builders import a_group_of, a_prefix_list

ON = ["arn:aws:s3:::acme-files", "arn:aws:s3:::acme-files/*"]


def trusted(service: str, condition: dict[str, Any] | None = None, **but: Any) -> Status:
    """The verdict on a role that a service may assume."""
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    if condition is not None:
        statement["Condition"] = condition
    return verdict(service_trust_names_source, a_role(statement, **but)).status


@pytest.mark.parametrize(
    ("service", "condition", "status"),
    [
        # https://github.com/prowler-cloud/prowler/issues/2792: aws:SourceArn alone was not enough.
        (
            "lambda.amazonaws.com",
            {"StringEquals": {"aws:SourceArn": f"arn:aws:lambda:us-east-1:{OWN}:function:Internal-role"}},
            PASS,
        ),
        # https://github.com/prowler-cloud/prowler/issues/2810: EC2 cannot say for whom it acts.
        ("ec2.amazonaws.com", None, NOTHING),
        # https://github.com/prowler-cloud/prowler/issues/4714: the condition shut CloudTrail and the transcoder out.
        ("cloudtrail.amazonaws.com", None, UNKNOWN),
        ("elastictranscoder.amazonaws.com", None, UNKNOWN),
        # https://github.com/aws-solutions/aws-control-tower-customizations/issues/226: roles without conditions.
        ("codebuild.amazonaws.com", None, FAIL),
    ],
)
def test_confused_deputies(service: str, condition: dict[str, Any] | None, status: Status) -> None:
    """Only what AWS documents of a service can be asked of its roles."""
    assert trusted(service, condition) is status


def test_a_service_linked_role() -> None:
    """https://github.com/prowler-cloud/prowler/issues/2314: nobody can edit its trust."""
    assert trusted("states.amazonaws.com", Path="/aws-service-role/states.amazonaws.com/") is NOTHING


@pytest.mark.parametrize(
    ("statements", "status"),
    [
        # https://github.com/prowler-cloud/prowler/pull/1869: a star of another service.
        ([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}], PASS),
        # https://github.com/nccgroup/Scout2/issues/282: NotAction, which lets assume roles indeed.
        ([{"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": ["*"]}], FAIL),
        # https://github.com/prowler-cloud/prowler/issues/10703: sts:AssumeRole for all resources without conditions.
        ([{"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Resource": "*"}], FAIL),
    ],
)
def test_assuming_roles(statements: list[dict[str, Any]], status: Status) -> None:
    """What a policy allows, however it is written."""
    assert verdict(no_assume_any_role, a_policy(*statements)).status is status


def test_an_account_that_is_confined_to_one_role_of_another() -> None:
    """https://github.com/bridgecrewio/checkov/issues/7209: the whole account is named, and one role of it is meant."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{STRANGER}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{STRANGER}:role/some-other-role"}},
    }

    assert verdict(trust_not_public, a_role(statement)).status is PASS
    other = {**statement, "Condition": {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:role/x"}}}
    assert verdict(external_trust_has_external_id, a_role(statement), in_organization(), placed()).status is FAIL
    # A role of one account cannot act as another one, so that nobody can use this trust.
    assert verdict(external_trust_has_external_id, a_role(other), in_organization(), placed()).status is PASS


def by(list_id: str, port: int) -> dict[str, Any]:
    """A rule that lets in a prefix list."""
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "PrefixListIds": [{"PrefixListId": list_id}]}


def test_only_addresses_of_a_provider_are_let_in() -> None:
    """https://github.com/prowler-cloud/prowler/issues/6780: Cloudflare's ranges, in a list of the company's own.

    They are more than one address in ten thousand, so that a company that means it says so.
    """
    cloudflare = a_prefix_list("173.245.48.0/20", "104.16.0.0/13", "104.24.0.0/14", "172.64.0.0/13", "131.0.72.0/22")
    group = a_group_of(by("pl-1", 8443))

    assert verdict(only_approved_internet_ports, group, all_of(cloudflare)).status is FAIL
    assert verdict(only_approved_internet_ports, group, all_of(cloudflare), max_public_share=0.001).status is PASS
    assert verdict(no_admin_ports_open, group, all_of(cloudflare)).status is PASS


def test_a_security_group_lets_in_another_one_and_a_private_list() -> None:
    """Neither is the internet, whatever port it is."""
    group = a_group_of({**by("pl-1", 22), "UserIdGroupPairs": [{"GroupId": "sg-2", "UserId": STRANGER}]})

    assert verdict(no_admin_ports_open, group, all_of(a_prefix_list("10.0.0.0/8", "100.64.0.0/10"))).status is PASS


def test_a_public_access_point_of_a_bucket_that_looks_private() -> None:
    """https://github.com/duo-labs/cloudmapper/issues/633: public S3 access points were not identified."""
    handing = {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "*",
        "Resource": ON,
        "Condition": {"StringEquals": {"s3:DataAccessPointAccount": OWN}},
    }
    bucket = a_bucket(Policy=text(handing), PolicyStatus={"IsPublic": False}, PublicAccessBlockConfiguration=OPEN)

    assert verdict(not_public, bucket, public_access(), all_of(an_access_point())).status is FAIL
    assert verdict(access_point_not_public, an_access_point(), public_access(), all_of(bucket)).status is FAIL


def test_access_from_a_vpc_and_by_account_is_not_public() -> None:
    """https://github.com/prowler-cloud/prowler/issues/4257 and 5386: conditions narrow everybody."""
    narrowed = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ON,
        "Condition": {"StringEquals": {"aws:PrincipalAccount": OWN}},
    }
    bucket = a_bucket(Policy=text(narrowed), PolicyStatus={"IsPublic": False}, PublicAccessBlockConfiguration=None)

    assert verdict(not_public, bucket, public_access()).status is PASS
    assert verdict(no_cross_account_write, bucket, in_organization(), placed()).status is PASS


def test_the_guardrails_of_control_tower_leave_administrators_what_they_are() -> None:
    """They deny the change of Control Tower's own resources, which takes nothing of full administration away."""
    guardrail = {
        "Effect": "Deny",
        "Action": ["iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"],
        "Resource": ["arn:aws:iam::*:role/aws-controltower-*", "arn:aws:iam::*:role/*AWSControlTower*"],
        "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/AWSControlTowerExecution"}},
    }
    controls = all_of(full_access(ROOT, UNIT, OWN), a_service_control(guardrail))
    everything = a_policy({"Effect": "Allow", "Action": "*", "Resource": "*"})

    assert verdict(no_full_admin, everything, in_organization(), placed(UNIT), controls).status is FAIL


def test_a_perimeter_that_exempts_tagged_buckets_leaves_it_open() -> None:
    """Whether the bucket has the tag that exempts it is not in the policy, so that nothing is decided by it."""
    perimeter = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "*",
        "Condition": {
            "StringNotEqualsIfExists": {
                "aws:PrincipalOrgID": "o-acmeacme00",
                "aws:ResourceTag/dp:exclude:identity": "true",
            },
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        },
    }
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": ON[1]}
    bucket = a_bucket(Policy=text(everybody), PolicyStatus={"IsPublic": True}, PublicAccessBlockConfiguration=None)
    place = (in_organization(), placed(UNIT), all_of(a_resource_control(perimeter)))

    assert verdict(not_public, bucket, public_access(), all_of(), all_of(), *place).status is UNKNOWN


def test_terraform_cloud_with_any_organization() -> None:
    """A wildcard in the place of the organization lets every customer of Terraform Cloud in."""
    issuer = "app.terraform.io"

    def trust(subject: str) -> Status:
        statement = {
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/{issuer}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {f"{issuer}:aud": "aws.workload.identity"},
                "StringLike": {f"{issuer}:sub": subject},
            },
        }
        role = a_role(AssumeRolePolicyDocument=document(statement))
        return verdict(trust_not_public, role).status

    assert trust("organization:*:project:*:workspace:prod:run_phase:apply") is FAIL
    assert trust("organization:acme:project:*:workspace:*:run_phase:*") is PASS
    assert trust("*:workspace:prod:*") is FAIL
