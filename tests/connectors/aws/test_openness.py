"""Whom policies of resources let in without naming them, by the examples of AWS's own pages and some more."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.aws._policy import guarded
from connectors.aws._policy.evaluator import Outcome
from connectors.aws._policy.guarded import Guarded
from connectors.aws._policy.openness import Openness, Question, openness
from connectors.aws._policy.statements import read_policy
from tests.connectors.aws.builders import OWN, STRANGER, document

OPEN, PERHAPS, CLOSED = Outcome.ALLOWS, Outcome.UNDECIDED, Outcome.DOES_NOT
KINDS = [
    (guarded.KMS_KEY, f"arn:aws:kms:eu-central-1:{OWN}:key/1234abcd"),
    (guarded.LAMBDA_FUNCTION, f"arn:aws:lambda:eu-central-1:{OWN}:function:web"),
    (guarded.SQS_QUEUE, f"arn:aws:sqs:eu-central-1:{OWN}:queue1"),
    (guarded.SNS_TOPIC, f"arn:aws:sns:eu-central-1:{OWN}:MyTopic"),
    (guarded.ECR_REPOSITORY, f"arn:aws:ecr:eu-central-1:{OWN}:repository/web"),
    (guarded.SECRET, f"arn:aws:secretsmanager:eu-central-1:{OWN}:secret:db-AbCdEf"),
    (guarded.FILE_SYSTEM, f"arn:aws:elasticfilesystem:eu-central-1:{OWN}:file-system/fs-1234abcd"),
    (guarded.GLUE_CATALOG, f"arn:aws:glue:eu-central-1:{OWN}:catalog"),
]
each_kind = pytest.mark.parametrize(("kind", "arn"), KINDS, ids=[kind.prefix for kind, _ in KINDS])


def asked(kind: Guarded, *statements: dict[str, Any], **but: Any) -> Openness:
    """What a policy of these statements does."""
    arn = next(arn for item, arn in KINDS if item is kind)
    return openness(read_policy(document(*statements)), Question(kind, arn, **but))


def allow(action: Any, principal: Any = "*", condition: Any = None, **but: Any) -> dict[str, Any]:
    """A statement that lets somebody in."""
    conditions = {} if condition is None else {"Condition": condition}
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **conditions, **but}


def deny(action: Any, principal: Any = "*", condition: Any = None) -> dict[str, Any]:
    """A statement that keeps somebody out."""
    return {**allow(action, principal, condition), "Effect": "Deny"}


@each_kind
@pytest.mark.parametrize(
    ("principal", "condition", "outcome"),
    [
        ("*", None, OPEN),
        ({"AWS": "*"}, None, OPEN),
        ({"AWS": ["*", OWN]}, None, OPEN),
        ({"AWS": OWN}, None, CLOSED),
        ({"AWS": STRANGER}, None, CLOSED),
        ("*", {"StringEquals": {"aws:PrincipalOrgID": "o-acmeacme00"}}, CLOSED),
        ("*", {"StringEquals": {"aws:PrincipalAccount": OWN}}, CLOSED),
        ("*", {"StringLike": {"aws:PrincipalArn": "*"}}, OPEN),
        ("*", {"StringNotEquals": {"aws:PrincipalAccount": STRANGER}}, OPEN),
        ("*", {"ArnEquals": {"aws:SourceArn": f"arn:aws:sns:eu-central-1:{OWN}:topic"}}, CLOSED),
        ("*", {"StringEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}}, CLOSED),
        ("*", {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}, PERHAPS),
        ("*", {"StringEquals": {"made:UpKey": "x"}}, PERHAPS),
        ("*", {"Bool": {"aws:SecureTransport": "true"}}, OPEN),
    ],
)
def test_who_is_let_in(kind: Guarded, arn: str, principal: Any, condition: Any, outcome: Outcome) -> None:
    """The same question for every kind of resource has the same answer."""
    assert arn.split(":")[2] == kind.prefix
    assert asked(kind, allow(f"{kind.prefix}:*", principal, condition)).everyone.outcome is outcome


@each_kind
def test_each_action_that_is_known_opens(kind: Guarded, arn: str) -> None:
    """A list that lacks what a policy gives would call it closed; upper case is the same."""
    for action in (*kind.actions, f"{kind.prefix}:AnotherOne", kind.actions[0].upper()):
        assert asked(kind, allow(action)).everyone.outcome is OPEN, action
    assert asked(kind, allow("made-up:*"), allow("s3:GetObject")).everyone.outcome is CLOSED
    assert not asked(kind, allow("made-up:*")).doubts
    assert arn


@each_kind
def test_a_pattern_of_which_no_action_is_known_is_a_doubt(kind: Guarded, arn: str) -> None:
    """It may meet one that is new."""
    found = asked(kind, allow(f"{kind.prefix}:Zz*"))

    assert found.everyone.outcome is CLOSED
    assert [kind.prefix in doubt for doubt in found.doubts] == [True]
    assert not asked(kind, allow(f"{kind.prefix}:Zz*", OWN)).doubts
    assert arn


@each_kind
def test_services_are_answered_by_themselves(kind: Guarded, arn: str) -> None:
    """A service that acts for anybody is a way in, and not everybody."""
    service = {"Service": "events.amazonaws.com"}
    for condition, outcome in (
        (None, OPEN),
        ({"StringEquals": {"aws:SourceAccount": OWN}}, CLOSED),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:events:*:{OWN}:rule/*"}}, CLOSED),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:events:*:*:rule/*"}}, OPEN),
        ({"StringEquals": {"aws:SourceOrgID": "o-acmeacme00"}}, CLOSED),
    ):
        found = asked(kind, allow(kind.actions[-1], service, condition))
        assert found.everyone.outcome is CLOSED
        assert {name: effect.outcome for name, effect in found.services.items()} == {"events.amazonaws.com": outcome}
    assert arn


def test_what_is_known_to_be_ours_is_nobody_elses() -> None:
    """The ARN of a bucket has no account, so that the list of buckets says whose it is."""
    bucket = "arn:aws:s3:::acme-uploads"
    statement = allow("lambda:InvokeFunction", {"Service": "s3.amazonaws.com"}, {"ArnLike": {"aws:SourceArn": bucket}})

    outcomes = [
        asked(guarded.LAMBDA_FUNCTION, statement, ours=ours).services["s3.amazonaws.com"].outcome
        for ours in ((), (bucket,), ("arn:aws:s3:::another",))
    ]

    assert outcomes == [PERHAPS, CLOSED, PERHAPS]


@each_kind
@pytest.mark.parametrize(
    ("source", "outcome"),
    [
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{OWN}:*"}}, CLOSED),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}, OPEN),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::acme-uploads"}}, PERHAPS),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:*"}}, OPEN),
        ({"StringEquals": {"aws:SourceAccount": OWN}}, CLOSED),
        ({"StringLike": {"aws:SourceAccount": "*"}}, OPEN),
        ({"StringLike": {"aws:SourceAccount": OWN[:6] + "*"}}, PERHAPS),
        ({"StringEquals": {"aws:SourceOrgID": "o-acmeacme00"}}, CLOSED),
    ],
)
def test_everybody_is_every_service_too(kind: Guarded, arn: str, source: Any, outcome: Outcome) -> None:
    """A condition on the source lets in whoever sets a service up so, unless it says whose source."""
    assert asked(kind, allow(kind.actions[0], "*", source)).everyone.outcome is outcome
    assert arn


KMS = guarded.KMS_KEY
VIA = {"StringEquals": {"kms:CallerAccount": OWN, "kms:ViaService": "secretsmanager.eu-central-1.amazonaws.com"}}


@pytest.mark.parametrize(
    ("statements", "outcome"),
    [
        # https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
        ([allow("kms:*", {"AWS": f"arn:aws:iam::{OWN}:root"})], CLOSED),
        # https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
        ([allow(["kms:Encrypt", "kms:Decrypt"], {"AWS": "*"}, VIA)], CLOSED),
        ([allow("kms:Decrypt", "*", {"StringEquals": {"kms:ViaService": "ec2.eu-central-1.amazonaws.com"}})], OPEN),
        ([allow("kms:CreateGrant", "*", {"Bool": {"kms:GrantIsForAWSResource": "true"}})], OPEN),
        ([allow("kms:Decrypt", "*", {"StringEquals": {"kms:EncryptionContext:AppName": "App"}})], OPEN),
        ([allow("kms:DescribeKey", "*", {"StringEquals": {"aws:ResourceTag/team": "x"}})], PERHAPS),
        ([allow("kms:*", "*"), deny("kms:*", "*", {"StringNotEquals": {"kms:CallerAccount": OWN}})], CLOSED),
        ([allow("kms:*", "*"), deny("kms:Decrypt", "*")], OPEN),
        ([allow("kms:*", "*", Resource=f"arn:aws:kms:eu-central-1:{OWN}:key/another")], CLOSED),
        ([{**allow("kms:*", "*"), "NotAction": "kms:Decrypt", "Action": None}], PERHAPS),
    ],
)
def test_keys(statements: list[dict[str, Any]], outcome: Outcome) -> None:
    """The conditions of the pages on keys, and what they leave open."""
    assert asked(KMS, *statements).everyone.outcome is outcome


@pytest.mark.parametrize(
    ("kind", "statement", "outcome"),
    [
        # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-basic-examples-of-sqs-policies.html
        (guarded.SQS_QUEUE, allow("sqs:SendMessage"), OPEN),
        (guarded.SQS_QUEUE, allow("sqs:*", {"AWS": ["111122223333", "444455556666"]}), CLOSED),
        (
            guarded.SQS_QUEUE,
            allow(
                "sqs:ReceiveMessage",
                condition={
                    "DateGreaterThan": {"aws:CurrentTime": "2009-01-31T12:00Z"},
                    "DateLessThan": {"aws:CurrentTime": "2009-01-31T15:00Z"},
                },
            ),
            PERHAPS,
        ),
        (guarded.SQS_QUEUE, allow("sqs:*", condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}), PERHAPS),
        (
            guarded.SQS_QUEUE,
            allow("SQS:SendMessage", condition={"ArnEquals": {"aws:SourceArn": f"arn:aws:sns:*:{OWN}:t"}}),
            CLOSED,
        ),
        (guarded.SQS_QUEUE, allow("sqs:SendMessage", condition={"Null": {"aws:PrincipalAccount": "false"}}), OPEN),
        # https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
        (guarded.SNS_TOPIC, allow("sns:Publish", condition={"StringEquals": {"AWS:SourceOwner": OWN}}), CLOSED),
        (
            guarded.SNS_TOPIC,
            allow("SNS:Publish", {"AWS": "*"}, {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:*:{OWN}:alarm:*"}}),
            CLOSED,
        ),
        (
            guarded.SNS_TOPIC,
            allow("SNS:Publish", condition={"StringEquals": {"aws:PrincipalOrgID": "o-acmeacme00"}}),
            CLOSED,
        ),
        (guarded.SNS_TOPIC, allow("SNS:Subscribe", condition={"StringEquals": {"sns:Protocol": "https"}}), OPEN),
        # https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html
        (
            guarded.ECR_REPOSITORY,
            {"Effect": "Allow", "Principal": "*", "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]},
            OPEN,
        ),
        (guarded.ECR_REPOSITORY, {"Effect": "Allow", "Principal": {"AWS": STRANGER}, "Action": "ecr:*"}, CLOSED),
        # https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples.html
        (guarded.SECRET, allow("secretsmanager:GetSecretValue", {"AWS": f"arn:aws:iam::{OWN}:role/app"}), CLOSED),
        (
            guarded.SECRET,
            allow(
                "secretsmanager:GetSecretValue",
                condition={"StringEquals": {"secretsmanager:VersionStage": "AWSCURRENT"}},
            ),
            OPEN,
        ),
        # https://docs.aws.amazon.com/efs/latest/ug/access-control-block-public-access.html
        (guarded.FILE_SYSTEM, allow(["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]), OPEN),
        (
            guarded.FILE_SYSTEM,
            allow(
                "elasticfilesystem:ClientMount",
                {"AWS": "*"},
                {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}},
            ),
            CLOSED,
        ),
        # https://docs.aws.amazon.com/glue/latest/dg/security_iam_resource-based-policy-examples.html
        (
            guarded.GLUE_CATALOG,
            allow("glue:GetTables", {"AWS": "*"}, Resource=f"arn:aws:glue:eu-central-1:{OWN}:catalog"),
            OPEN,
        ),
    ],
)
def test_examples_of_the_pages(kind: Guarded, statement: dict[str, Any], outcome: Outcome) -> None:
    """Each page shows policies that are meant for somebody, and some that are not."""
    assert asked(kind, statement).everyone.outcome is outcome


def test_a_principal_that_is_neither_account_nor_service_is_a_doubt() -> None:
    """Whom a provider signs in is not in the policy."""
    found = asked(KMS, allow("kms:Decrypt", {"Federated": "accounts.google.com"}))

    assert found.doubts == ("statement 1: whom it means by Federated accounts.google.com",)


CONDITIONS = st.sampled_from(
    [
        None,
        {"StringEquals": {"aws:PrincipalOrgID": "o-acmeacme00"}},
        {"StringNotEquals": {"aws:PrincipalAccount": OWN}},
        {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}},
        {"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}},
    ]
)
PRINCIPALS = st.sampled_from(["*", {"AWS": "*"}, {"AWS": OWN}, {"AWS": STRANGER}, {"Service": "s3.amazonaws.com"}])
ACTIONS = st.sampled_from(["kms:*", "kms:Decrypt", "kms:Describe*", "*", "kms:Zz*"])
ALLOWS = st.builds(allow, ACTIONS, PRINCIPALS, CONDITIONS)
DENIES = st.builds(deny, ACTIONS, PRINCIPALS, CONDITIONS)
POLICIES = st.lists(ALLOWS | DENIES, max_size=4)


@given(POLICIES, DENIES)
def test_another_denial_never_opens(statements: list[dict[str, Any]], denial: dict[str, Any]) -> None:
    """More is kept out, never less."""
    before, after = asked(KMS, *statements), asked(KMS, *statements, denial)

    assert after.everyone.outcome <= before.everyone.outcome
    assert all(after.services[name].outcome <= effect.outcome for name, effect in before.services.items())


@given(POLICIES, ALLOWS)
def test_another_permission_never_closes(statements: list[dict[str, Any]], permission: dict[str, Any]) -> None:
    """More is let in, never less."""
    before, after = asked(KMS, *statements), asked(KMS, *statements, permission)

    assert after.everyone.outcome >= before.everyone.outcome
