"""All forms of the roll-out by name, for `annexd permissions`."""

from __future__ import annotations

import json
from collections.abc import Mapping

from collector.core.roll_out import RollOut
from connectors.aws._sdk.roll_out.cloudformation import commands, template_text
from connectors.aws._sdk.roll_out.plan import Plan, Role, plan
from connectors.aws._sdk.roll_out.policies import trust_policy
from connectors.aws._sdk.roll_out.terraform import terraform

_SOME_IDENTITY = "ARN-OF-WHAT-ANNEXD-RUNS-AS"
_SOME_ID = "EXTERNAL-ID"


def forms(wanted: RollOut) -> Mapping[str, str]:
    """Return the roles, the CloudFormation templates, the commands and the Terraform module, by name.

    The external id is in none of them: it is a parameter, a variable, or a word in capitals. Raises ConfigError where
    IAM would not take the policies.
    """
    made = plan(wanted)
    first = made.first
    return {
        **({} if first is None else {"first-role": _role(first, made)}),
        "role": _role(made.member, made),
        **({} if first is None else {"first-cloudformation": template_text(first, asks_for_id=made.asks_for_id)}),
        "cloudformation": template_text(made.member, asks_for_id=made.asks_for_id),
        "commands": commands(made),
        "terraform": terraform(made),
    }


def _role(role: Role, made: Plan) -> str:
    trusted = role.trusted or _SOME_IDENTITY
    return json.dumps(
        {
            "RoleName": role.name,
            "Path": role.path,
            "AssumeRolePolicyDocument": trust_policy(trusted, _SOME_ID if made.asks_for_id else None),
            "ManagedPolicies": [
                {"PolicyName": f"{role.name}-{policy.name}", "PolicyDocument": policy.document}
                for policy in role.policies
            ],
        },
        indent=2,
    )
