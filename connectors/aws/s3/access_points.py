"""Whether the policy of a bucket hands its decisions to access points, whose own policies are not collected.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html#access-points-delegating-control
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.aws._policy.statements import ANYONE

if TYPE_CHECKING:
    from connectors.aws._policy.statements import Policy, Statement

# The keys that say through which access point a request came; a request to the bucket itself has none of them.
_THROUGH = frozenset({"s3:dataaccesspointaccount", "s3:dataaccesspointarn", "s3:accesspointnetworkorigin"})


def handed_to_access_points(policy: Policy) -> str | None:
    """Return why a policy does not decide alone whom it lets in; None where no allowing statement asks for a way in.

    A condition on the account of the access point lets everybody in whom any access point of that account lets in.
    """
    for statement in policy.statements:
        if (
            statement.allows
            and _is_for_anyone(statement)
            and any(item.key in _THROUGH for item in statement.conditions)
        ):
            name = statement.sid or f"statement {statement.number}"
            return f"{name} lets in whom access points let in, and their policies are not collected"
    return None


def _is_for_anyone(statement: Statement) -> bool:
    named = statement.principals
    return named is None or any(principal.name == ANYONE for principal in named)
