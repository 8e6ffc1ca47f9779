"""The policies that may also refuse a request: which of them a check did not look at, as text for its reason.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from typing import Literal

_NOT_LOOKED_AT = {
    # What a policy of a resource gives to others: only the organization's resource control policies may take it back.
    "resource": "resource control policies were not looked at",
    # What a policy of an identity gives: service control policies may take it back, and the resource's own policy.
    "identity": "service control policies and the resources' own policies were not looked at",
}


def not_looked_at(of: Literal["resource", "identity"]) -> str:
    """Return which policies beside those of a resource, or of an identity, may still refuse what was found."""
    return _NOT_LOOKED_AT[of]
