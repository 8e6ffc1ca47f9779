"""What access points let in: a bucket's policy may hand the decision to them, and then theirs count as well.

A request through an access point needs the policy of both, and passes the public access block of the access point, the
bucket and the bucket's account.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html#access-points-delegating-control
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-bpa-settings.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from collector.core.errors import Unread
from connectors.aws._policy.context import Choice, KeyState, Known, Option
from connectors.aws._policy.context_keys import arns
from connectors.aws._policy.evaluator import Effect, Outcome
from connectors.aws._policy.named import accounts_named
from connectors.aws._policy.requests import Asker, anonymous, best_of, strangers
from connectors.aws._policy.requests import account as account_of
from connectors.aws._policy.statements import Policy, read_policy
from connectors.aws.organizations.external_accounts import Access, TrustedAccounts
from connectors.aws.s3.bucket_requests import READS, WRITES, bucket_arn, object_arns, writing_actions
from connectors.aws.s3.resources.access_points import AccessPoint, Entrance, MultiRegionAccessPoint
from connectors.aws.s3.resources.buckets import AccountPublicAccess, Bucket

# The keys that say through which access point a request came; a request to the bucket itself has none of them.
_THROUGH = frozenset({"s3:dataaccesspointaccount", "s3:dataaccesspointarn", "s3:accesspointnetworkorigin"})


@dataclass(frozen=True)
class AccessPoints:
    """The access points of an account."""

    own: str  # the account
    of_regions: Iterable[AccessPoint]
    of_several: Iterable[MultiRegionAccessPoint]

    def of(self, bucket: Bucket, doubts: list[str]) -> list[Entrance]:
        """Return those of a bucket. A list that was not complete is added to the doubts."""
        found: list[Entrance] = []
        lists: tuple[Iterable[Entrance], ...] = (self.of_regions, self.of_several)
        for listed in lists:
            try:
                found += [entrance for entrance in listed if bucket.name in entrance.bucket_names]
            except Unread as reason:
                doubts.append(f"it lets access points decide, and not all are listed: {reason}")
        return found


@dataclass(frozen=True)
class Found:
    """Whom access points let in, each as text, and what could not be established."""

    open: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def hands_on(policy: Policy) -> bool:
    """Whether a statement asks for the access point of a request, so that it matters through which one it comes.

    A condition on the account of the access point lets in whom any access point of that account lets in.
    """
    return any(condition.key in _THROUGH for statement in policy.statements for condition in statement.conditions)


def public_through(bucket: Bucket, points: AccessPoints) -> Found:
    """Return the access points through which the public gets at a bucket that is not closed otherwise."""
    policy = read_policy(bucket.policy)
    if not hands_on(policy):
        return Found()
    public: list[str] = []
    doubts = list(_elsewhere(bucket, policy, points.own))
    if not _may_open(bucket, policy, points.own, _everyone(policy, points.own)):
        return Found(doubts=tuple(doubts))
    for entrance in points.of(bucket, doubts):
        try:
            if entrance.vpc is not None or not entrance.has_public_policy or entrance.restricts_public:
                continue
        except Unread as reason:
            doubts.append(f"{entrance.shown}: {reason}")
            continue
        found = let_through(bucket, policy, entrance, points.own)
        if found.outcome is Outcome.ALLOWS:
            public.append(entrance.shown)
        elif found.outcome is Outcome.UNDECIDED:
            doubts.append(f"{found.by} may let everyone in through {entrance.shown}: {found.question}")
    return Found(tuple(public), tuple(doubts))


def let_through(bucket: Bucket, policy: Policy, entrance: Entrance, own: str) -> Effect:
    """Return whether a bucket's policy lets everyone do something through an access point of the account `own`."""
    return _through(bucket, policy, _everyone(policy, own), _keys(entrance, own), (*READS, *WRITES))


def written_through(
    bucket: Bucket, account: AccountPublicAccess, points: AccessPoints, trusted: TrustedAccounts
) -> Found:
    """Return the external accounts that may write to a bucket through access points."""
    policy = read_policy(bucket.policy)
    if not hands_on(policy):
        return Found()
    writers: list[str] = []
    doubts = list(_elsewhere(bucket, policy, points.own))
    others = [_named(number, points.own) for number in sorted(accounts_named([policy]) - {points.own})]
    if not _may_open(bucket, policy, points.own, [*_everyone(policy, points.own), *others]):
        return Found(doubts=tuple(doubts))
    for entrance in points.of(bucket, doubts):
        try:
            text = entrance.policy_in_force
            if text is None or (entrance.has_public_policy and _restricted(bucket, account, entrance)):
                continue
        except Unread as reason:
            doubts.append(f"{entrance.shown}: {reason}")
            continue
        own_policy = read_policy(text)
        arn = entrance.arn(points.own)
        actions = writing_actions(own_policy)[0]
        resources = [arn, *object_arns(f"{arn}/object", own_policy)]
        external = trusted.strangers(Access([own_policy], actions, resources))
        doubts += [f"{entrance.shown}: {why}" for why in (*own_policy.unclear, *external.doubts)]
        admitted = [
            f"{name} through {entrance.shown}"
            for name in sorted(external.accounts)
            if _admits(bucket, policy, entrance, points.own, name, actions)
        ]
        if admitted and entrance.vpc is not None:
            doubts.append(f"{entrance.shown} lets others in from {entrance.vpc}: whose that is")
        else:
            writers += admitted
    return Found(tuple(writers), tuple(doubts))


def _admits(bucket: Bucket, policy: Policy, entrance: Entrance, own: str, name: str, actions: Sequence[str]) -> bool:
    """Whether a bucket's policy may let somebody write whom an access point lets in."""
    askers = _everyone(policy, own) + ([_named(name, own)] if name.isdecimal() else [])
    return _through(bucket, policy, askers, _keys(entrance, own), actions).outcome is not Outcome.DOES_NOT


def _keys(entrance: Entrance, own: str) -> dict[str, KeyState]:
    """Return what a request through an access point says of it."""
    return {
        "s3:dataaccesspointaccount": Known((own,)),
        "s3:dataaccesspointarn": Known((entrance.arn(own),)),
        "s3:accesspointnetworkorigin": Known(("Internet" if entrance.vpc is None else "VPC",)),
    }


def _restricted(bucket: Bucket, account: AccountPublicAccess, entrance: Entrance) -> bool:
    """Whether one of three public access blocks shuts out others where the policy of an access point is public."""
    blocks = (bucket.public_access_block_configuration, account.public_access_block_configuration)
    return entrance.restricts_public or any(block is not None and block.restrict_public_buckets for block in blocks)


def _elsewhere(bucket: Bucket, policy: Policy, own: str) -> Iterator[str]:
    """Yield a doubt for each other account, named or any, whose access points a bucket's policy lets decide."""
    everyone = _everyone(policy, own)
    any_account = min(asker.caller.account for asker in everyone if asker.caller.account is not None)
    for number in (*sorted(accounts_named([policy]) - {own}), any_account):
        found = _through(bucket, policy, everyone, _keys_of_any(number), (*READS, *WRITES))
        if found.outcome is not Outcome.DOES_NOT:
            whose = "any account" if number == any_account else number
            yield f"{found.by} lets in whom access points of {whose} let in, which are listed in that account only"


def _may_open(bucket: Bucket, policy: Policy, own: str, askers: Iterable[Asker]) -> bool:
    """Whether a bucket's policy may let somebody in through an access point of its account, whatever that one is."""
    return _through(bucket, policy, askers, _keys_of_any(own), (*READS, *WRITES)).outcome is not Outcome.DOES_NOT


def _keys_of_any(account: str) -> dict[str, KeyState]:
    """Return what a request through some access point of an account says of it."""
    arn = f"arn:aws:s3:eu-central-1:{account}:accesspoint/any0"
    return {
        "s3:dataaccesspointaccount": Known((account,)),
        "s3:dataaccesspointarn": Choice((Option(Known((arn,))),), arns(account, ()).fit),
        "s3:accesspointnetworkorigin": Choice((Option(Known(("Internet",))), Option(Known(("VPC",))))),
    }


def _everyone(policy: Policy, own: str) -> list[Asker]:
    return [anonymous(own), *strangers([policy], owner=own)]


def _named(number: str, own: str) -> Asker:
    return account_of(number, owner=own, may_be_in=lambda _: True, named_networks=True)


def _through(
    bucket: Bucket, policy: Policy, askers: Iterable[Asker], keys: dict[str, KeyState], actions: Sequence[str]
) -> Effect:
    arn = bucket_arn(bucket, policy)
    return best_of([policy], [asker.knowing(keys) for asker in askers], actions, [arn, *object_arns(arn, policy)])
