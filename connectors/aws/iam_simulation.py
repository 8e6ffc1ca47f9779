"""What annexd's own identity could change or read: AWS's policy simulator, asked about itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, passed, unknown
from collector.core.errors import Unexpected
from collector.core.resources import Body, resource
from connectors.aws.client import NO_CALL, Account
from connectors.aws.connector import aws

SAMPLED = (
    "s3:GetObject",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "iam:CreateUser",
    "ec2:TerminateInstances",
    "s3:PutBucketPolicy",
)
"""Actions that annexd never needs: reading data and secrets, and changes."""

_ROLE_SESSION = re.compile(r"arn:[a-z-]+:sts::[0-9]{12}:assumed-role/([^/]+)/.+")
_USER = re.compile(r"arn:[a-z-]+:iam::[0-9]{12}:user/.+")


class Evaluation(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What the simulator says of one action on every resource."""

    eval_action_name: str
    eval_decision: str  # allowed, explicitDeny or implicitDeny
    missing_context_values: tuple[str, ...] = ()


@resource("aws.iam.simulation")
class Simulation(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The simulator's answers for annexd's own identity in an account."""

    account_id: str
    evaluation_results: tuple[Evaluation, ...]


@aws.collects(Simulation, at="account", call=NO_CALL)
def simulation(account: Account) -> Iterator[Body]:
    yield {"AccountId": account.id}


@aws.part(
    Simulation,
    "EvaluationResults",
    call=("iam:SimulatePrincipalPolicy", "iam:GetRole"),
    needs=("iam:SimulatePrincipalPolicy", "iam:GetRole"),
)
def evaluation_results(account: Account, _body: Body) -> Any:
    source = _policies_of(account, account.identity())
    return list(
        account.pages(
            "iam",
            "SimulatePrincipalPolicy",
            "EvaluationResults",
            PolicySourceArn=source,
            ActionNames=list(SAMPLED),
        )
    )


@check(
    "aws_collector_read_only",
    title="The policies of annexd's own identity allow none of the sampled changes and reads of data",
    severity="high",
    fix="Give annexd only the policy that annexd prints for it, and no other",
)
def read_only(own: Simulation, *, sampled_actions: tuple[str, ...] = SAMPLED) -> Verdict:
    seen = {one.eval_action_name.lower(): one for one in own.evaluation_results}
    allowed: list[str] = []
    doubts: list[str] = []
    for action in sampled_actions:
        one = seen.get(action.lower())
        if one is None:
            doubts.append(f"{action} was not asked about")
        elif one.eval_decision == "allowed":
            allowed.append(action)
        elif one.eval_decision not in ("implicitDeny", "explicitDeny"):
            doubts.append(f"the simulator says {one.eval_decision!r} of {action}")
        elif one.eval_decision == "implicitDeny" and one.missing_context_values:
            doubts.append(f"whether {action} is allowed depends on {', '.join(one.missing_context_values)}")
    if allowed:
        return failed(f"annexd may {', '.join(allowed)} in {own.account_id}")
    if doubts:
        return unknown("; ".join(doubts))
    return passed(
        f"none of {', '.join(sampled_actions)} is allowed on every resource; single ones were not asked about"
    )


def _policies_of(account: Account, identity: str) -> str:
    """Return the ARN whose policies count for an identity; a session of a role does not show the role's path."""
    if _USER.fullmatch(identity):
        return identity
    found = _ROLE_SESSION.fullmatch(identity)
    if found is None:
        raise Unexpected(
            f"annexd works as {identity}, whose policies the simulator cannot judge", mend="let annexd work as a role"
        )
    arn: str = account.ask("iam", "GetRole", RoleName=found[1])["Role"]["Arn"]
    return arn
