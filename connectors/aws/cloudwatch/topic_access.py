"""Whether an alarm that sends to a topic tells somebody: its subscriptions, its policy, and the policy of its key.

https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from collector.core.checks import All
from collector.core.errors import Unread
from collector.core.scopes import Scope
from connectors.aws._policy import truth
from connectors.aws._policy.context import Known, Unknown
from connectors.aws._policy.evaluator import Outcome
from connectors.aws._policy.requests import Asker, best_of, service_for
from connectors.aws._policy.statements import read_policy
from connectors.aws._policy.truth import Truth
from connectors.aws.kms.resources import OF_AWS, OUT_OF_USE, Key
from connectors.aws.sns.resources import Topic, TopicAttributes

_ARN_FIELDS = 6
_CLOUDWATCH = "cloudwatch.amazonaws.com"
_USES = ("kms:Decrypt", "kms:GenerateDataKey")
_TRUTHS = {Outcome.ALLOWS: Truth.YES, Outcome.UNDECIDED: Truth.MAYBE, Outcome.DOES_NOT: Truth.NO}
# Names that begin so are AWS's own, whose keys have policies that nobody can change, and that let no alarm in.
# https://docs.aws.amazon.com/kms/latest/developerguide/alias-about.html
_ALIAS, _ALIAS_OF_AWS = "alias/", "alias/aws/"
# Others choose these in requests of their own; what an alarm sends is not documented.
_LEFT_OPEN = (
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:sourceip",
    "aws:useragent",
    "aws:viaawsservice",
    "kms:encryptioncontext:",
    "kms:encryptioncontextkeys",
    "kms:viaservice",
)


@dataclass(frozen=True)
class Notified:
    """Whether somebody is told.

    `why` has what keeps it from them for NO, what would decide it for MAYBE, and for YES what was not looked at.
    """

    certainty: Truth
    why: tuple[str, ...] = ()


def best_notified(ways: Iterable[Notified]) -> Notified:
    """Return whether one of several ways tells somebody, with why that is so of the best of them."""
    found = list(ways)
    best = truth.some(told.certainty for told in found)
    return Notified(best, tuple(reason for told in found if told.certainty is best for reason in told.why))


@dataclass(frozen=True)
class TopicAccess:
    """Topics by ARN, the scopes in which all topics are known, and the keys that topics may be encrypted with."""

    topics: Mapping[str, Topic]
    listed: Collection[Scope]
    keys: All[Key]

    def notified_by(self, alarm: str, action: str) -> Notified:
        """Return whether an action of the alarm of that name tells somebody."""
        parts = action.split(":")
        if len(parts) != _ARN_FIELDS or parts[2] != "sns":
            return Notified(Truth.MAYBE, (f"who hears of {action}",))
        topic = self.topics.get(action)
        if topic is None:
            if (parts[4], parts[3]) in self.listed:
                return Notified(Truth.NO, (f"there is no topic {action}",))
            return Notified(Truth.MAYBE, (f"whether there is a topic {action}",))
        try:
            return self._by_topic(topic.attributes, _caller(alarm, action), action)
        except Unread as reason:
            return Notified(Truth.MAYBE, (str(reason),))

    def _by_topic(self, attributes: TopicAttributes, alarm: Asker, arn: str) -> Notified:
        if attributes.subscriptions_confirmed == "0":
            return Notified(Truth.NO, (f"nobody has subscribed to {arn}",))
        key = attributes.kms_master_key_id
        may_encrypt = Truth.YES if not key else self._may_use(key, alarm, arn)
        if may_encrypt is Truth.NO:
            return Notified(Truth.NO, (f"CloudWatch may not use the key {key} of {arn}",))
        # How an alarm is let in by a statement for its account, AWS does not say: no policy of a topic closes for sure.
        may_publish = _allowed(attributes.policy, alarm, "sns:Publish", arn)
        open_questions = [
            *([] if attributes.subscriptions_confirmed else [f"whether anybody has subscribed to {arn}"]),
            *([] if may_publish is Truth.YES else [f"whether the policy of {arn} lets the alarm publish"]),
            *([] if may_encrypt is Truth.YES else [f"whether the policy of the key {key} lets CloudWatch use it"]),
        ]
        if open_questions:
            return Notified(Truth.MAYBE, tuple(open_questions))
        return Notified(Truth.YES, (f"resource control policies on the key {key} were not looked at",) if key else ())

    def _may_use(self, named: str, alarm: Asker, topic: str) -> Truth:
        """Return whether CloudWatch may use the key that a topic names by its id or ARN, or by an alias.

        An alias is of a key of its account and region. Which one is not read: all of them have to say the same.
        """
        region, account = topic.split(":")[3:5]
        fields = named.split(":")
        if len(fields) == _ARN_FIELDS and fields[3:5] != [region, account]:
            return Truth.MAYBE
        name = fields[-1]
        if name.startswith(_ALIAS_OF_AWS):
            return Truth.NO
        keys = self._keys.get((account, region))
        if keys is None:
            return Truth.MAYBE
        if name.startswith(_ALIAS):
            own = (key for key in keys.values() if key.key_metadata.key_manager != OF_AWS)
            return truth.agreed(_lets_in(key, alarm) for key in own)
        key = keys.get(name.removeprefix("key/"))
        return Truth.NO if key is None else _lets_in(key, alarm)

    @cached_property
    def _keys(self) -> Mapping[Scope, Mapping[str, Key]]:
        """The keys of each scope that was looked at, by id. Raises Unread where they are not all known."""
        found: dict[Scope, dict[str, Key]] = {scope: {} for scope in self.keys.scopes()}
        for scope, key in self.keys.scoped():
            found[scope][key.key_id] = key
        return found


def _lets_in(key: Key, alarm: Asker) -> Truth:
    """Return whether a key lets CloudWatch encrypt what an alarm sends; a grant may do so whatever its policy says."""
    metadata = key.key_metadata
    if metadata.key_manager == OF_AWS or metadata.key_state in OUT_OF_USE:
        return Truth.NO
    by_policy = truth.every(_allowed(key.policy, alarm, action, metadata.arn) for action in _USES)
    may_have_grant = key.grants is None or any(grant.grantee in (None, _CLOUDWATCH) for grant in key.grants)
    return max(by_policy, Truth.MAYBE) if may_have_grant else by_policy


def _allowed(policy: str, alarm: Asker, action: str, arn: str) -> Truth:
    return _TRUTHS[best_of([read_policy(policy)], [alarm], [action], [arn]).outcome]


def _caller(alarm: str, topic: str) -> Asker:
    """Return CloudWatch as it acts for an alarm, which is of the account and region of the topic that it sends to."""
    _, partition, _, region, account, _ = topic.split(":")
    organization = Unknown("which organization the account is in")
    return service_for(_CLOUDWATCH, account, owner=account).knowing(
        {
            "aws:sourceaccount": Known((account,)),
            "aws:sourceowner": Known((account,)),
            "aws:sourcearn": Known((f"arn:{partition}:cloudwatch:{region}:{account}:alarm:{alarm}",)),
            "aws:sourceorgid": organization,
            "aws:sourceorgpaths": organization,
            **dict.fromkeys(_LEFT_OPEN, Unknown("what CloudWatch sends in a request for an alarm")),
        }
    )
