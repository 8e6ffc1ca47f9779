"""Whether policies let whoever has them assume any role: one that no policy can have singled out."""

from __future__ import annotations

from collections.abc import Sequence

from collector.core.errors import Unread
from connectors.aws._policy.context import ABSENT, KeyState, Known, Unknown
from connectors.aws._policy.evaluator import Effect, Outcome, effect
from connectors.aws._policy.named import numbers_in
from connectors.aws._policy.requests import holder
from connectors.aws._policy.statements import Policy
from connectors.aws.organizations.resources import Organization

_ASSUME = "sts:AssumeRole"
_SOMEBODY_ELSE = "417209358613"  # an account that no policy names
# Of a role that nobody has set apart, no tag is set.
_UNTAGGED: dict[str, KeyState] = {"iam:resourcetag/": ABSENT, "aws:resourcetag/": ABSENT}


def assuming_any_role(
    policies: Sequence[Policy],
    arn: str,
    organization: Organization,
    limits: Sequence[Sequence[Policy]] = (),
    *,
    principal: str | None = None,
) -> Effect:
    """Return the most open effect of requests to assume some role: of the account, of each named one, of any other.

    `arn` is that of the policy or of its holder, `principal` that of the holder where it is known. Which roles trust
    the holder is another question.
    """
    _, partition, _, _, account = arn.split(":")[:5]
    best = Effect(Outcome.DOES_NOT)
    for number in dict.fromkeys((account, *_accounts_of_roles(policies), _SOMEBODY_ELSE)):
        known: dict[str, KeyState] = {
            **_UNTAGGED,
            "aws:resourceaccount": Known((number,)),
            "aws:resourceorgid": Unknown(f"to which organization {number} belongs"),
            **(_in_organization(organization) if number == account else {}),
        }
        if principal is not None:
            known["aws:principalarn"] = Known((principal,))
        asker = holder(account, with_mfa=True).knowing(known)
        found = effect(policies, asker.asks(_ASSUME, f"arn:{partition}:iam::{number}:role/any0"), limits)
        if found.outcome > best.outcome:
            best = found
        if best.outcome is Outcome.ALLOWS:
            break
    return best


def _in_organization(organization: Organization) -> dict[str, KeyState]:
    """Return what a role of the account itself is known to have of its organization; nothing where it was not read."""
    try:
        own = organization.organization
    except Unread:
        return {}
    return {"aws:resourceorgid": ABSENT if own is None else Known((own.id,))}


def _accounts_of_roles(policies: Sequence[Policy]) -> list[str]:
    texts = (text for policy in policies for statement in policy.statements for text in statement.resources or ())
    return sorted({number for text in texts for number in numbers_in(text)})
