"""The check that a service assumes a role for the account of the role only."""

from __future__ import annotations

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from connectors.aws._policy.context import Choice, Known
from connectors.aws._policy.evaluator import Effect, Outcome
from connectors.aws._policy.named import services_named
from connectors.aws._policy.requests import best_of, service_for_strangers
from connectors.aws._policy.statements import Policy, read_policy
from connectors.aws.iam.deputies import ACTING_FOR_THEIR_OWN_ACCOUNT, SAYING_FOR_WHOM
from connectors.aws.iam.resources.principals import Role

_ASSUME = "sts:AssumeRole"


@check(
    "aws_iam_role_service_trust_names_source",
    title="Services that say for whom they act assume the role for nobody but those that its trust policy names",
    severity="low",
    fix="Add the condition aws:SourceAccount, with the account of the role, to the trust in the service",
)
def service_trust_names_source(role: Role) -> Verdict:
    if role.of_a_service:
        return not_applicable(f"{role.role_name} belongs to an AWS service, which alone can change its trust policy")
    policy = read_policy(role.assume_role_policy_document)
    services = sorted(services_named([policy]))
    open_to: list[str] = []
    doubts = list(policy.unclear)
    asked = 0
    for service in services:
        found = _for_strangers(policy, role, service)
        if found.outcome is Outcome.DOES_NOT:
            asked += 1
        elif service in ACTING_FOR_THEIR_OWN_ACCOUNT:
            continue
        elif service not in SAYING_FOR_WHOM:
            doubts.append(f"whether {service} says for whom it acts is not known to annexd")
        elif found.outcome is Outcome.ALLOWS:
            open_to.append(service)
        else:
            doubts.append(f"{found.by} may let {service} act for others; it would be decided by: {found.question}")
    if open_to:
        return failed(f"{role.role_name} lets {first_few(open_to)} assume it whoever that acts for")
    if doubts:
        return unknown(f"{role.role_name}: {first_few(dict.fromkeys(doubts), between='; ')}")
    if asked:
        return passed()
    if services:
        return not_applicable(
            f"{role.role_name} trusts {first_few(services)}, which gives roles to what runs in their own account"
        )
    return not_applicable(f"{role.role_name} trusts no service")


def _for_strangers(policy: Policy, role: Role, service: str) -> Effect:
    """Return whether a service may assume a role for an account that the trust policy does not name.

    Of services of which that is documented, each request says for whom it is.
    """
    askers = service_for_strangers(service, [policy], owner=role.account)
    if service in SAYING_FOR_WHOM:
        askers = [
            asker.knowing(
                {
                    key: _always(state)
                    for key, state in asker.keys.items()
                    if key in ("aws:sourceaccount", "aws:sourcearn")
                }
            )
            for asker in askers
        ]
    return best_of([policy], askers, [_ASSUME], [role.arn])


def _always(state: object) -> Choice:
    """Return a choice without the state that the key is absent."""
    assert isinstance(state, Choice)  # noqa: S101  so it is of every service
    return Choice(tuple(option for option in state.options if option.known != Known()), state.fit)
