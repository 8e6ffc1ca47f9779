"""SNS: topics with their policies and keys. Messages, and who subscribes, are never read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import only
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws


class TopicAttributes(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What decides who gets at a topic (sns:GetTopicAttributes)."""

    policy: str
    kms_master_key_id: str | None = None  # None: no key is set
    subscriptions_confirmed: str | None = None  # None: evidence from before it was read


@resource("aws.sns.topic", key="TopicArn")
class Topic(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A topic."""

    topic_arn: str
    attributes: TopicAttributes

    @property
    def name(self) -> str:
        """Its name without the rest of the ARN."""
        return self.topic_arn.rpartition(":")[2]


@aws.collects(Topic, at="region", call="sns:ListTopics", permissions="sns:ListTopics")
def topics(account: Account) -> Iterator[Body]:
    yield from account.pages("sns", "ListTopics", "Topics")


@aws.part(Topic, "Attributes", call="sns:GetTopicAttributes", permissions="sns:GetTopicAttributes")
def attributes(account: Account, topic: Body) -> Any:
    answer = account.call("sns", "GetTopicAttributes", having="Attributes.Policy", TopicArn=topic["TopicArn"])
    return only(answer["Attributes"], "Policy", "KmsMasterKeyId", "SubscriptionsConfirmed")
