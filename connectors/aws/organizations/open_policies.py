"""Whether the policy of a resource is public: whom it lets in whom it does not name, within the organization's limits.

One verdict for queues, topics, repositories and secrets: everybody fails, and so does a service that acts for anybody,
because whoever uses that service gets in by it.
"""

from __future__ import annotations

from collections.abc import Iterable

from collector.core.checks import Verdict, failed, passed, unknown
from collector.core.errors import Unread
from collector.core.plain_text import first_few
from connectors.aws._policy.evaluator import Outcome
from connectors.aws._policy.guarded import Guarded
from connectors.aws._policy.openness import Openness, Question, openness
from connectors.aws._policy.statements import read_policy
from connectors.aws.organizations.control_policies import ResourceControls
from connectors.aws.organizations.resources import Organization, OrganizationAccount, ResourceControlPolicy


def closed_to_strangers(  # noqa: PLR0913  the policy, what it is of, and what limits it
    name: str,
    document: str | None,
    kind: Guarded,
    arn: str,
    organization: Organization,
    accounts: Iterable[OrganizationAccount],
    control_policies: Iterable[ResourceControlPolicy],
    *,
    buckets: Iterable[str] = (),
) -> Verdict:
    """Return whether a policy lets in whom it names only. None is no policy; an empty text is one that was not read.

    `buckets` are the names of the account's own, for services that act for one of them: an ARN of S3 names no account.
    They are read only where a policy leaves somebody in question.
    """
    if document == "":
        return unknown(f"the policy of {name} was not read")
    if document is None:
        return passed(f"{name} has no policy, so that its own account alone gives access")
    policy = read_policy(document)
    found = openness(policy, Question(kind, arn))
    note = ""
    ours: frozenset[str] = frozenset()
    not_listed: list[str] = []
    if _is_in_question(found):
        ours = _arns(buckets, arn.split(":")[1], not_listed)
        found = openness(policy, Question(kind, arn, ours=ours))
    if _is_in_question(found):
        limit = ResourceControls(organization, accounts, control_policies).limit
        note = f"; {limit.note}"
        if limit.groups:
            found = openness(policy, Question(kind, arn, ours=ours, limits=limit.groups))
    if found.everyone.outcome is Outcome.ALLOWS:
        return failed(f"the policy of {name} lets everybody in ({found.everyone.by}){note}")
    if services := found.services_with(Outcome.ALLOWS):
        named = [f"{service} ({effect.by})" for service, effect in services]
        return failed(f"the policy of {name} lets in {first_few(named)} whoever that acts for{note}")
    doubts = [*found.doubts]
    if found.everyone.outcome is Outcome.UNDECIDED:
        doubts.append(f"it may let everybody in, which would be decided by: {found.everyone.question}")
    doubts += [
        f"{service} may get in whoever it acts for, which would be decided by: {effect.question}"
        for service, effect in found.services_with(Outcome.UNDECIDED)
    ]
    if doubts:
        doubts += not_listed
        return unknown(f"the policy of {name}: {first_few(doubts, between='; ')}{note}")
    return passed(f"the policy of {name} lets in whom it names only{note}")


def _arns(buckets: Iterable[str], partition: str, not_listed: list[str]) -> frozenset[str]:
    """Return the ARNs of buckets; none where they were not read, of which the list is told."""
    try:
        return frozenset(f"arn:{partition}:s3:::{name}" for name in buckets)
    except Unread as reason:
        not_listed.append(f"which buckets are the account's own is not known: {reason}")
        return frozenset()


def _is_in_question(found: Openness) -> bool:
    outcomes = (found.everyone.outcome, *(effect.outcome for effect in found.services.values()))
    return any(outcome is not Outcome.DOES_NOT for outcome in outcomes)
