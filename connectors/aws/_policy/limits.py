"""The policies that may also refuse a request: which of them a check did not look at, as text for its reason.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

_LACKING = " were not looked at"
_OF_RESOURCES = "the resources' own policies"


def beside_an_identity(service_control_policies: str) -> str:
    """Return which policies beside those of an identity may still refuse what was found.

    `service_control_policies` is what there is to say of these. What a policy of a resource gives to others, only the
    organization's resource control policies may take back.
    """
    if service_control_policies.endswith(_LACKING):
        return f"{service_control_policies.removesuffix(_LACKING)} and {_OF_RESOURCES}{_LACKING}"
    return f"{service_control_policies}, {_OF_RESOURCES}{_LACKING}"
