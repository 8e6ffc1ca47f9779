"""annexd's own permissions, by AWS's policy simulator (iam:SimulatePrincipalPolicy)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from collector.core.connectors import Lacking
from collector.core.errors import Unexpected
from collector.core.resources import Body, resource
from connectors.aws._sdk.client import NO_CALL, Account
from connectors.aws._sdk.connector import aws
from connectors.aws._sdk.roll_out.mending import mend

SAMPLED_ACTIONS = (
    "s3:GetObject",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "iam:CreateUser",
    "ec2:TerminateInstances",
    "s3:PutBucketPolicy",
)
"""Actions that annexd never needs, of those that read data or secrets or change something."""

_PAGE_SIZE = 1000

_ROLE_SESSION = re.compile(r"arn:[a-z-]+:sts::[0-9]{12}:assumed-role/([^/]+)/.+")
_USER = re.compile(r"arn:[a-z-]+:iam::[0-9]{12}:user/.+")


class Evaluation(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The simulator's result for one action on every resource."""

    eval_action_name: str
    eval_decision: str  # allowed, explicitDeny or implicitDeny
    missing_context_values: tuple[str, ...] = ()


@resource("aws.iam.simulation")
class Simulation(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The simulator's results for annexd's own identity in an account."""

    account_id: str
    evaluation_results: tuple[Evaluation, ...]


@aws.collects(Simulation, at="account", call=NO_CALL)
def simulation(account: Account) -> Iterator[Body]:
    yield {"AccountId": account.id}


@aws.part(
    Simulation,
    "EvaluationResults",
    call=("iam:SimulatePrincipalPolicy", "iam:GetRole"),
    permissions=("iam:SimulatePrincipalPolicy", "iam:GetRole"),
)
def evaluation_results(account: Account, _body: Body) -> Any:
    source = _policy_source_of(account, account.identity())
    return list(
        account.pages(
            "iam",
            "SimulatePrincipalPolicy",
            "EvaluationResults",
            PolicySourceArn=source,
            ActionNames=list(SAMPLED_ACTIONS),
        )
    )


@aws.probes(
    at="account",
    call=("iam:SimulatePrincipalPolicy", "iam:GetRole"),
    permissions=("iam:SimulatePrincipalPolicy", "iam:GetRole"),
    mend=mend,
)
def lacking(account: Account, permissions: Sequence[str]) -> Iterator[Lacking]:
    """Yield what annexd's own identity may not do, by the simulator: its policies, boundary and organization."""
    source = _policy_source_of(account, account.identity())
    for result in account.pages(
        "iam",
        "SimulatePrincipalPolicy",
        "EvaluationResults",
        PolicySourceArn=source,
        ActionNames=list(permissions),
        MaxItems=_PAGE_SIZE,
    ):
        if result["EvalDecision"] != "allowed":
            yield as_lacking(result)


def as_lacking(result: Body) -> Lacking:
    """Return what an action that is not allowed lacks, by the simulator's result for it."""
    depends_on = ", ".join(sorted(result.get("MissingContextValues") or ()))
    certain = result["EvalDecision"] == "explicitDeny" or not depends_on
    if result.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations") is False:
        why = "the organization's policies do not allow it"
    elif result.get("PermissionsBoundaryDecisionDetail", {}).get("AllowedByPermissionsBoundary") is False:
        why = "the permissions boundary of the role does not allow it"
    elif result["EvalDecision"] == "explicitDeny":
        why = "a policy denies it"
    else:
        why = "no policy allows it" if certain else f"whether it is allowed depends on {depends_on}"
    return Lacking(result["EvalActionName"], why, certain)


def _policy_source_of(account: Account, identity: str) -> str:
    """Return the ARN whose policies apply to an identity: the user, or the role of a session, looked up by name.

    Raises Unexpected for the root user and for federated users, which the simulator does not take.
    """
    if _USER.fullmatch(identity):
        return identity
    match = _ROLE_SESSION.fullmatch(identity)
    if match is None:
        raise Unexpected(
            f"annexd works as {identity}, whose policies the simulator cannot judge", mend="let annexd work as a role"
        )
    arn: str = account.value("iam", "GetRole", "Role.Arn", RoleName=match[1])
    return arn
