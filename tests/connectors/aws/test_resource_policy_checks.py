"""Checks of the policies of topics, queues, repositories and secrets: one verdict for all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from collector.core.checks import Check, Status
from connectors.aws.ecr.checks import repository_immutable_tags, repository_not_public
from connectors.aws.secretsmanager.checks import secret_not_public
from connectors.aws.sns.checks import topic_encrypted, topic_not_public
from connectors.aws.sqs.checks import queue_encrypted, queue_not_public
from tests.connectors.aws.builders import (
    FAIL,
    OWN,
    PASS,
    STRANGER,
    UNKNOWN,
    UNREAD,
    a_resource_control,
    all_of,
    in_organization,
    not_seen,
    placed,
    text,
    verdict,
)
from tests.connectors.aws.guarded_builders import a_queue, a_repository, a_secret, a_topic

Made = Callable[..., Any]


def a_guarded_secret(*statements: Any) -> Any:
    """A secret with a policy."""
    return a_secret(ResourcePolicy={"Document": text(*statements) if statements else None})


def a_guarded_repository(*statements: Any) -> Any:
    """A repository with a policy."""
    return a_repository("acme/web", *statements)


# The check, what makes its subject, an action that such a policy gives, and whether there may be no policy.
KINDS = [
    (topic_not_public, a_topic, "sns:Publish"),
    (queue_not_public, a_queue, "sqs:SendMessage"),
    (repository_not_public, a_guarded_repository, "ecr:BatchGetImage"),
    (secret_not_public, a_guarded_secret, "secretsmanager:GetSecretValue"),
]
each_kind = pytest.mark.parametrize(("check", "made", "action"), KINDS, ids=lambda value: getattr(value, "id", ""))


def letting_in(action: str, principal: Any, condition: Any = None) -> dict[str, Any]:
    """A statement of a resource policy."""
    said = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    return said if condition is None else {**said, "Condition": condition}


@pytest.mark.parametrize(
    ("principal", "condition", "status"),
    [
        ("*", None, FAIL),
        ({"AWS": "*"}, None, FAIL),
        ({"AWS": f"arn:aws:iam::{STRANGER}:root"}, None, PASS),
        ("*", {"StringEquals": {"aws:PrincipalOrgID": "o-acmeacme00"}}, PASS),
        ("*", {"StringEquals": {"aws:SourceOwner": OWN}}, PASS),
        ("*", {"StringLike": {"aws:PrincipalOrgID": "*"}}, FAIL),
        ("*", {"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}, FAIL),
        ("*", {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}, UNKNOWN),
        ("*", {"StringEquals": {"aws:SomethingNew": "x"}}, UNKNOWN),
        ("*", {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}, FAIL),
        ({"Service": "events.amazonaws.com"}, {"StringEquals": {"aws:SourceAccount": OWN}}, PASS),
        ({"Service": "events.amazonaws.com"}, None, FAIL),
    ],
)
@each_kind
def test_policies(check: Check[...], made: Made, action: str, principal: Any, condition: Any, status: Status) -> None:
    """Whom a policy lets in is decided by its meaning; for whom a service acts counts too."""
    assert verdict(check, made(letting_in(action, principal, condition))).status is status


@each_kind
def test_no_policy(check: Check[...], made: Made, action: str) -> None:
    """Where there is none, or one for its own account alone, nobody from outside gets in."""
    owner = letting_in(action, {"AWS": f"arn:aws:iam::{OWN}:root"})

    assert verdict(check, made() if check is not topic_not_public else made(owner)).status is PASS


@pytest.mark.parametrize(
    ("check", "subject"),
    [
        (topic_not_public, a_topic(KmsMasterKeyId=UNREAD)),
        (queue_not_public, a_queue(KmsMasterKeyId=UNREAD)),
        (repository_not_public, a_repository(policyText=UNREAD)),
        (repository_not_public, a_repository(repositoryArn="")),
        (secret_not_public, a_secret(ResourcePolicy=UNREAD)),
        (secret_not_public, a_secret(ResourcePolicy=None)),
    ],
)
def test_unread(check: Check[...], subject: Any) -> None:
    """A refusal is no closed door."""
    assert verdict(check, subject).status is UNKNOWN


def test_a_resource_control_policy_closes_what_a_policy_opens() -> None:
    """What the organization denies nobody gets, and whether it does so is not guessed."""
    open_topic = a_topic(letting_in("sns:Publish", "*"))
    condition = {"StringNotEquals": {"aws:PrincipalOrgID": "o-acmeacme00"}}
    perimeter = a_resource_control(
        {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition}
    )

    assert verdict(topic_not_public, open_topic, in_organization(), placed(), all_of(perimeter)).status is PASS
    assert verdict(topic_not_public, open_topic, in_organization(), placed(), not_seen()).status is FAIL


@pytest.mark.parametrize(
    ("topic", "status"),
    [
        (a_topic(), FAIL),
        (a_topic(KmsMasterKeyId=""), FAIL),
        (a_topic(KmsMasterKeyId="alias/aws/sns"), PASS),
        (a_topic(KmsMasterKeyId=UNREAD), UNKNOWN),
    ],
)
def test_encrypted_topics(topic: Any, status: Status) -> None:
    """A topic has a key or none."""
    assert verdict(topic_encrypted, topic).status is status


@pytest.mark.parametrize(
    ("queue", "status"),
    [
        (a_queue(), FAIL),
        (a_queue(SqsManagedSseEnabled="false"), FAIL),
        (a_queue(SqsManagedSseEnabled="true"), PASS),
        (a_queue(SqsManagedSseEnabled="false", KmsMasterKeyId="alias/queues"), PASS),
        (a_queue(KmsMasterKeyId=UNREAD), UNKNOWN),
    ],
)
def test_encrypted_queues(queue: Any, status: Status) -> None:
    """Either kind of key counts."""
    assert verdict(queue_encrypted, queue).status is status


LATEST = [{"filterType": "WILDCARD", "filter": "latest"}]


@pytest.mark.parametrize(
    ("setting", "more", "movable", "status"),
    [
        ("IMMUTABLE", [], (), PASS),
        ("MUTABLE", [], (), FAIL),
        ("MUTABLE_WITH_EXCLUSION", LATEST, (), FAIL),
        ("IMMUTABLE_WITH_EXCLUSION", LATEST, (), FAIL),
        ("IMMUTABLE_WITH_EXCLUSION", LATEST, ("latest",), PASS),
        ("SOMETHING_NEW", [], (), UNKNOWN),
        ("", [], (), UNKNOWN),
    ],
)
def test_tags(setting: str, more: Any, movable: tuple[str, ...], status: Status) -> None:
    """Tags that may be moved after all have to be those that the company named."""
    excluded = {"imageTagMutabilityExclusionFilters": more} if more else {}
    repository = a_repository(imageTagMutability=setting, **excluded)

    assert verdict(repository_immutable_tags, repository, movable_tags=movable).status is status
