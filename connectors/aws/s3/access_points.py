"""Whether the policy of a bucket hands its decisions to access points, whose own policies are not collected.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html#access-points-delegating-control
"""

from __future__ import annotations

from connectors.aws._policy.statements import ANYONE, Condition, Policy, Principal, Statement

# The keys that say through which access point a request came; a request to the bucket itself has none of them.
_THROUGH = frozenset({"s3:dataaccesspointaccount", "s3:dataaccesspointarn", "s3:accesspointnetworkorigin"})


def handed_to_access_points(policy: Policy) -> str | None:
    """Return why a policy does not decide alone whom it lets in; None where no allowing statement asks for a way in.

    A condition on the account of the access point lets everybody in whom any access point of that account lets in.
    """
    handing = next((statement for statement in policy.statements if _hands_on(statement)), None)
    return None if handing is None else f"{_shown(handing)} lets in whom access points let in, which are not collected"


def _hands_on(statement: Statement) -> bool:
    if not statement.allows or not any(map(_asks_for_the_way, statement.conditions)):
        return False
    return statement.principals is None or any(map(_is_anyone, statement.principals))


def _asks_for_the_way(condition: Condition) -> bool:
    return condition.key in _THROUGH


def _is_anyone(principal: Principal) -> bool:
    return principal.name == ANYONE


def _shown(statement: Statement) -> str:
    return statement.sid or f"statement {statement.number}"
