"""Checks of SQS: who may use a queue, and whether what waits in it is encrypted."""

from __future__ import annotations

from collector.core.checks import All, The, Verdict, check, failed, passed
from connectors.aws._policy.guarded import SQS_QUEUE
from connectors.aws.organizations.open_policies import closed_to_strangers
from connectors.aws.organizations.resources import Organization, OrganizationAccount, ResourceControlPolicy
from connectors.aws.s3.resources.buckets import Bucket
from connectors.aws.sqs.resources import Queue


@check(
    "aws_sqs_queue_not_public",
    title="The policy of the queue lets nobody in whom it does not name",
    severity="high",
    fix="Name accounts in the policy, or demand aws:SourceAccount, aws:SourceArn or aws:PrincipalOrgID",
)
def queue_not_public(
    queue: Queue,
    organization: The[Organization],
    accounts: All[OrganizationAccount],
    control_policies: All[ResourceControlPolicy],
    buckets: All[Bucket],
) -> Verdict:
    seen = queue.attributes
    names = (bucket.name for bucket in buckets)
    return closed_to_strangers(
        queue.name, seen.policy, SQS_QUEUE, seen.queue_arn, organization, accounts, control_policies, buckets=names
    )


@check(
    "aws_sqs_queue_encrypted",
    title="Messages in the queue are encrypted",
    severity="medium",
    fix="Turn on encryption with a key of SQS, or set a key of KMS",
)
def queue_encrypted(queue: Queue) -> Verdict:
    seen = queue.attributes
    if seen.kms_master_key_id:
        return passed(f"{queue.name} encrypts with {seen.kms_master_key_id}")
    if seen.sqs_managed_sse_enabled.lower() == "true":
        return passed(f"{queue.name} encrypts with a key of SQS")
    return failed(f"{queue.name} does not encrypt")
