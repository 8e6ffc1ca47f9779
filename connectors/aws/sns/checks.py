"""Checks of SNS: who may use a topic, and whether what passes through it is encrypted with a key of KMS."""

from __future__ import annotations

from collector.core.checks import All, The, Verdict, check, failed, passed
from connectors.aws._policy.guarded import SNS_TOPIC
from connectors.aws.organizations.open_policies import closed_to_strangers
from connectors.aws.organizations.resources import Organization, OrganizationAccount, ResourceControlPolicy
from connectors.aws.s3.resources.buckets import Bucket
from connectors.aws.sns.resources import Topic


@check(
    "aws_sns_topic_not_public",
    title="The policy of the topic lets nobody in whom it does not name",
    severity="high",
    fix="Name accounts in the policy, or demand aws:SourceAccount, aws:SourceArn or aws:PrincipalOrgID",
)
def topic_not_public(
    topic: Topic,
    organization: The[Organization],
    accounts: All[OrganizationAccount],
    control_policies: All[ResourceControlPolicy],
    buckets: All[Bucket],
) -> Verdict:
    policy = topic.attributes.policy
    names = (bucket.name for bucket in buckets)
    return closed_to_strangers(
        topic.name, policy, SNS_TOPIC, topic.topic_arn, organization, accounts, control_policies, buckets=names
    )


@check(
    "aws_sns_topic_encrypted",
    title="Messages in the topic are encrypted with a key of KMS",
    severity="low",
    fix="Set a key of KMS on the topic",
)
def topic_encrypted(topic: Topic) -> Verdict:
    key = topic.attributes.kms_master_key_id
    if not key:
        return failed(f"{topic.name} has no key of KMS")
    return passed(f"{topic.name} encrypts with {key}")
