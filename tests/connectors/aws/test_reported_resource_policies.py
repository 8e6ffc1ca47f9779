"""What people reported of other tools on keys, functions, queues, images, secrets and logs, and what comes out here."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws._policy import guarded
from connectors.aws._policy.evaluator import Outcome
from connectors.aws._policy.guarded import Guarded
from connectors.aws._policy.openness import Question, openness
from connectors.aws._policy.statements import read_policy
from connectors.aws.ecr.checks import repository_scan_enabled
from connectors.aws.kms.checks import key_policy_not_public, key_rotation_enabled
from connectors.aws.lambda_functions.checks import function_not_public
from connectors.aws.logs.checks import group_retention_set
from connectors.aws.secretsmanager.checks import secret_rotated
from tests.connectors.aws.builders import (
    FAIL,
    NOTHING,
    OWN,
    PASS,
    STRANGER,
    UNKNOWN,
    UNREAD,
    a_bucket,
    all_of,
    document,
    verdict,
)
from tests.connectors.aws.guarded_builders import (
    FUNCTION_ARN,
    a_function,
    a_key,
    a_log_group,
    a_repository,
    a_secret,
    the_registry,
)

VIA_EC2 = {"kms:ViaService": "ec2.eu-central-1.amazonaws.com"}


def key(action: Any, condition: Any = None) -> dict[str, Any]:
    """A statement of a key policy for everybody."""
    conditions = {} if condition is None else {"Condition": condition}
    return {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": action, "Resource": "*", **conditions}


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        # https://github.com/prowler-cloud/prowler/issues/970
        (key("kms:*", {"StringEquals": {"kms:CallerAccount": OWN}}), PASS),
        # https://github.com/nccgroup/ScoutSuite/issues/1579
        (key(["kms:Decrypt", "kms:GenerateDataKey*"], {"StringEquals": {"kms:callerAccount": OWN}}), PASS),
        # https://github.com/prowler-cloud/prowler/issues/10070
        (key("kms:DescribeKey"), FAIL),
        # https://github.com/prowler-cloud/prowler/pull/10600
        (key("kms:Decrypt", {"StringEquals": {"kms:CallerAccount": OWN, **VIA_EC2}}), PASS),
        (key("kms:Decrypt", {"StringEquals": VIA_EC2}), FAIL),
        (key("kms:Decrypt", {"StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}), FAIL),
        # https://github.com/turbot/steampipe-mod-aws-perimeter/issues/23
        (key("kms:CreateAlias", {"StringLike": {"kms:CallerAccount": "*", **VIA_EC2}}), FAIL),
        (key("kms:CreateAlias", {"StringEquals": {"kms:CallerAccount": "*", **VIA_EC2}}), PASS),
    ],
)
def test_policies_of_keys(statement: dict[str, Any], status: Status) -> None:
    """Only what says whose the caller is keeps others out; a service that it asks through is its own choice."""
    assert verdict(key_policy_not_public, a_key(statement)).status is status


@pytest.mark.parametrize(
    "given",
    [
        # https://github.com/prowler-cloud/prowler/issues/1838
        a_key(metadata={"KeyManager": "AWS"}, rotation=UNREAD),
        # https://github.com/nccgroup/ScoutSuite/issues/1636
        a_key(metadata={"KeySpec": "ECC_NIST_P521", "KeyUsage": "SIGN_VERIFY"}, rotation=None),
        # https://github.com/Checkmarx/kics/issues/5335
        a_key(metadata={"KeySpec": "RSA_4096"}, rotation=False),
        # https://github.com/turbot/steampipe-mod-aws-compliance/pull/462
        a_key(metadata={"KeyState": "PendingDeletion"}, rotation=False),
    ],
)
def test_keys_that_are_not_rotated_by_aws(given: Any) -> None:
    """There is nothing that the company could switch on."""
    assert verdict(key_rotation_enabled, given).status is NOTHING


def invoke(principal: Any, condition: Any = None, action: str = "lambda:InvokeFunction") -> dict[str, Any]:
    """A statement of a function's policy."""
    conditions = {} if condition is None else {"Condition": condition}
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": FUNCTION_ARN, **conditions}


S3, CLOUDFRONT = {"Service": "s3.amazonaws.com"}, {"Service": "cloudfront.amazonaws.com"}
BUCKET = {"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::acme-files"}}
DISTRIBUTION = {"ArnLike": {"AWS:SourceArn": f"arn:aws:cloudfront::{OWN}:distribution/E1"}}
SIGNED = {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}
NOT_SIGNED = {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}
TO_URL = "lambda:InvokeFunctionUrl"


@pytest.mark.parametrize(
    ("statements", "url", "status"),
    [
        # https://github.com/prowler-cloud/prowler/issues/4870
        ([invoke(S3, BUCKET)], None, PASS),
        (
            [
                invoke(
                    {"Service": "apigateway.amazonaws.com"},
                    {"ArnLike": {"AWS:SourceArn": f"arn:aws:execute-api:eu-central-1:{OWN}:a1b2/*/GET/x"}},
                )
            ],
            None,
            PASS,
        ),
        # https://github.com/bridgecrewio/checkov/issues/7298
        ([invoke("*", {"StringEquals": {"aws:PrincipalOrgID": "o-123456abcd"}})], None, PASS),
        ([invoke("*", {"StringEquals": {"AWS:SourceAccount": OWN}})], None, PASS),
        ([invoke("*", {"ArnLike": {"AWS:SourceArn": f"arn:aws:sns:eu-central-1:{OWN}:topic"}})], None, PASS),
        ([invoke(S3)], None, FAIL),
        # https://github.com/UnitOneAI/SecuritySkills/issues/1477
        ([invoke(CLOUDFRONT, {**SIGNED, **DISTRIBUTION}, TO_URL)], "AWS_IAM", PASS),
        ([invoke(CLOUDFRONT, SIGNED, TO_URL), invoke(CLOUDFRONT)], "AWS_IAM", FAIL),
        ([invoke(CLOUDFRONT, SIGNED, TO_URL), invoke(CLOUDFRONT, DISTRIBUTION)], "AWS_IAM", UNKNOWN),
        # https://github.com/aws/agent-toolkit-for-aws/pull/164
        ([invoke("*", NOT_SIGNED, TO_URL)], "NONE", UNKNOWN),
        # https://github.com/stelligent/cfn_nag/issues/614
        (
            [
                invoke("*", NOT_SIGNED, TO_URL),
                invoke("*", {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}),
            ],
            "NONE",
            FAIL,
        ),
        # https://github.com/hashicorp/terraform-provider-aws/issues/24325
        ([invoke({"AWS": STRANGER}, SIGNED, TO_URL)], "AWS_IAM", PASS),
    ],
)
def test_callers_of_functions(statements: list[Any], url: str | None, status: Status) -> None:
    """A service acts for whoever set it up; which one that is, the source says."""
    function = a_function(*statements, urls=() if url is None else ((FUNCTION_ARN, url),))

    assert verdict(function_not_public, function, all_of(a_bucket())).status is status


SNS = f"arn:aws:sns:eu-central-1:{OWN}:topic"
OPEN, PERHAPS, CLOSED = Outcome.ALLOWS, Outcome.UNDECIDED, Outcome.DOES_NOT


@pytest.mark.parametrize(
    ("kind", "action", "condition", "outcome"),
    [
        # https://github.com/nccgroup/Scout2/issues/184
        (guarded.SQS_QUEUE, "SQS:SendMessage", {"ArnEquals": {"aws:SourceArn": SNS}}, CLOSED),
        # https://github.com/prowler-cloud/prowler/issues/2565
        (guarded.SQS_QUEUE, "SQS:*", {"ArnEquals": {"aws:SourceArn": SNS}}, CLOSED),
        # https://github.com/prowler-cloud/prowler/issues/3212
        (guarded.SQS_QUEUE, "sqs:SendMessage", {"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::bucket"}}, PERHAPS),
        # https://github.com/prowler-cloud/prowler/issues/3199
        (
            guarded.SQS_QUEUE,
            "sqs:SendMessage",
            {"ArnEquals": {"aws:SourceArn": f"arn:aws:sns:us-west-2:{STRANGER}:TopicName"}},
            CLOSED,
        ),
        # https://github.com/prowler-cloud/prowler/issues/8326
        (guarded.SNS_TOPIC, "SNS:Publish", {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket"}}, PERHAPS),
        # https://github.com/SecurityFTW/cs-suite/issues/23
        (guarded.SNS_TOPIC, "SNS:Publish", {"StringEquals": {"AWS:SourceOwner": OWN}}, CLOSED),
    ],
)
def test_queues_and_topics(kind: Guarded, action: str, condition: Any, outcome: Outcome) -> None:
    """A bucket's ARN names no account, so that somebody else's bucket may have the name by now."""
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": action, "Resource": "*"}
    policy = read_policy(document({**statement, "Condition": condition}))

    found = openness(policy, Question(kind, f"arn:aws:{kind.prefix}:eu-central-1:{OWN}:name"))

    assert found.everyone.outcome is outcome


@pytest.mark.parametrize(
    ("registry", "status"),
    [
        # https://github.com/aquasecurity/cloudsploit/issues/1905
        (the_registry("BASIC", ("SCAN_ON_PUSH", "*")), PASS),
        # https://github.com/turbot/steampipe-mod-aws-compliance/issues/762
        (the_registry("ENHANCED", ("CONTINUOUS_SCAN", "*")), PASS),
        # https://github.com/prowler-cloud/prowler/pull/12560
        (the_registry("BASIC", ("MANUAL", "*")), FAIL),
    ],
)
def test_images(registry: Any, status: Status) -> None:
    """The registry decides, and by the frequency of the rule that meets the repository."""
    assert verdict(repository_scan_enabled, a_repository("myrepo"), registry).status is status


@pytest.mark.parametrize(("value_of", "status"), [("2026-11-20T00:00:00Z", PASS), ("2026-08-15T00:00:00Z", FAIL)])
def test_secrets_that_are_rotated_by_aws(value_of: str, status: Status) -> None:
    """https://github.com/cloudquery/cloudquery/issues/13772 and 13774: which side of the limit is the bad one."""
    secret = a_secret(value_of, RotationEnabled=True, LastRotatedDate=value_of)

    assert verdict(secret_rotated, secret).status is status


@pytest.mark.parametrize(
    ("group", "status"),
    [
        # https://github.com/prowler-cloud/prowler/issues/2271
        (a_log_group(None), PASS),
        # https://github.com/go-to-k/cdk-real-drift/issues/1727
        (a_log_group(2, logGroupClass="DELIVERY"), NOTHING),
    ],
)
def test_log_groups(group: Any, status: Status) -> None:
    """What never expires is kept, and what only passes logs on has no retention to set."""
    assert verdict(group_retention_set, group).status is status
