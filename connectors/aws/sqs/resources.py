"""SQS: queues with their policies and keys. Messages are never received."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

# Without a number AWS lists a thousand queues and no token.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html
_PAGE_SIZE = 1000
_ATTRIBUTES = ("QueueArn", "Policy", "KmsMasterKeyId", "SqsManagedSseEnabled")


class QueueAttributes(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What decides who gets at a queue (sqs:GetQueueAttributes); AWS leaves out what is not set."""

    queue_arn: str
    policy: str | None = None  # None: it has none
    kms_master_key_id: str | None = None  # None: it encrypts with no key of KMS
    sqs_managed_sse_enabled: str = "false"  # "true": it encrypts with a key of SQS


@resource("aws.sqs.queue", key="QueueUrl")
class Queue(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A queue."""

    queue_url: str
    attributes: QueueAttributes

    @property
    def name(self) -> str:
        """Its name without the rest of the address."""
        return self.queue_url.rpartition("/")[2]


@aws.collects(Queue, at="region", call="sqs:ListQueues", permissions="sqs:ListQueues")
def queues(account: Account) -> Iterator[Body]:
    # AWS leaves the list out where there are none.
    for page in account.answers("sqs", "ListQueues", MaxResults=_PAGE_SIZE):
        yield from ({"QueueUrl": url} for url in page.get("QueueUrls", ()))


@aws.part(Queue, "Attributes", call="sqs:GetQueueAttributes", permissions="sqs:GetQueueAttributes")
def attributes(account: Account, queue: Body) -> Any:
    answer = account.call(
        "sqs",
        "GetQueueAttributes",
        having="Attributes.QueueArn",
        QueueUrl=queue["QueueUrl"],
        AttributeNames=list(_ATTRIBUTES),
    )
    return answer["Attributes"]
