"""Whether policies make whoever has them an administrator of everything: by what they allow, not by how.

Full administration is every action but some, with those of IAM among what is allowed on every user and role: whoever
has these gives itself whatever is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connectors.aws._policy.context import Known
from connectors.aws._policy.evaluator import Effect, Outcome, effect
from connectors.aws._policy.limits import beside_an_identity
from connectors.aws._policy.patterns import matches
from connectors.aws._policy.requests import holder
from connectors.aws._policy.statements import Policy, Statement, UnreadStatement, allow_all

# An action and a resource that no policy names: what holds for them holds for all that is not left out by name.
_ANY_ACTION, _ANY_RESOURCE = "annexd0:AnyAction", ":annexd0:eu-central-1:ACCOUNT:any0/any0"
_ACCOUNT = "ACCOUNT"  # stands for its number
_OVER_PRINCIPALS = (
    ("iam:AttachUserPolicy", ":iam::ACCOUNT:user/any0"),
    ("iam:PutUserPolicy", ":iam::ACCOUNT:user/any0"),
    ("iam:CreateAccessKey", ":iam::ACCOUNT:user/any0"),
    ("iam:AttachRolePolicy", ":iam::ACCOUNT:role/any0"),
    ("iam:PutRolePolicy", ":iam::ACCOUNT:role/any0"),
    ("iam:UpdateAssumeRolePolicy", ":iam::ACCOUNT:role/any0"),
)
_OVER_ITSELF = {
    "user": ("iam:AttachUserPolicy", "iam:PutUserPolicy"),
    "role": ("iam:AttachRolePolicy", "iam:PutRolePolicy"),
}

ADMINISTRATOR_ACCESS = Policy((allow_all(number=1),))
"""AWS's own policy of that name. https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AdministratorAccess.html"""


def administration(
    policies: Sequence[Policy],
    arn: str,
    limits: Sequence[Sequence[Policy]] = (),
    *,
    with_mfa: bool = False,
    principal: str | None = None,
) -> Effect:
    """Return whether the holder of policies is an administrator of everything in its account.

    `arn` is that of the policy or its holder; `limits` must allow as well. `with_mfa`: whether the holder is taken to
    sign in with MFA where a policy asks for it. `principal` is the ARN of the holder where that is known. UNDECIDED
    also where all is allowed but the administration of IAM: whether the holder can get that by what it may do, such as
    passing a role, is not established.
    """
    if not any(map(is_wide, policies)):
        return Effect(Outcome.DOES_NOT)
    _, partition, _, _, account = arn.split(":")[:5]
    asker = holder(account, with_mfa=with_mfa)
    if principal is not None:
        asker = asker.knowing({"aws:principalarn": Known((principal,))})

    def asked(action: str, resource: str) -> Effect:
        return effect(policies, asker.asks(action, f"arn:{partition}{resource.replace(_ACCOUNT, account)}"), limits)

    everything = asked(_ANY_ACTION, _ANY_RESOURCE)
    if everything.outcome is not Outcome.ALLOWS:
        return everything
    found = [asked(action, resource) for action, resource in _OVER_PRINCIPALS]
    least = min(found, key=lambda one: one.outcome)
    if least.outcome is Outcome.DOES_NOT:
        why = "whether what is allowed beside the administration of IAM leads to it, as by passing a role"
        return Effect(Outcome.UNDECIDED, everything.by, (why,))
    return Effect(least.outcome, everything.by, least.open_questions)


def over_principals(
    policies: Sequence[Policy],
    arn: str,
    limits: Sequence[Sequence[Policy]] = (),
    *,
    with_mfa: bool = False,
) -> Effect:
    """Return whether a user or role may give itself, or take from others, what it does not have.

    That is to change the policies, keys or trust of any user or role, or its own policies; `arn` is its own.
    """
    _, partition, _, _, account = arn.split(":")[:5]
    asked = [(action, f"arn:{partition}{resource.replace(_ACCOUNT, account)}") for action, resource in _OVER_PRINCIPALS]
    asked += [(action, arn) for action in _OVER_ITSELF.get(arn.split(":")[5].partition("/")[0], ())]
    named = [(action, resource) for action, resource in asked if any(_may_allow(one, action) for one in policies)]
    asker = holder(account, with_mfa=with_mfa).knowing({"aws:principalarn": Known((arn,))})
    found = (effect(policies, asker.asks(action, resource), limits) for action, resource in named)
    return max(found, key=lambda one: one.outcome, default=Effect(Outcome.DOES_NOT))


def _may_allow(policy: Policy, action: str) -> bool:
    """Whether a policy has a statement that may allow an action, whatever resources and conditions it has."""
    if any(unread.may_allow for unread in policy.unread):
        return True
    for statement in policy.allowing:
        if statement.not_actions is not None and not any(matches(text, action) for text in statement.not_actions):
            return True
        if any(matches(text, action) for text in statement.actions or ()):
            return True
    return False


def is_wide(policy: Policy) -> bool:
    """Whether a policy may allow actions that it does not name, without which nobody is an administrator."""
    if any(unread.may_allow for unread in policy.unread):
        return True
    return any(_is_about_any(statement) for statement in policy.allowing)


def boundary_of(arn: str | None, documents: dict[str, Policy]) -> list[list[Policy]]:
    """Return the limit that a permissions boundary is, of the policies that were read; none for no boundary."""
    if arn is None or arn.endswith(":iam::aws:policy/AdministratorAccess"):
        return []
    unread = Policy((), (UnreadStatement(f"the permissions boundary {arn} was not read"),))
    return [[documents.get(arn, unread)]]


def shown(found: Effect, service_control_policies: str) -> str:
    """Return the statement and what would decide it, or what was not looked at, as text for a reason."""
    if found.outcome is Outcome.UNDECIDED:
        where = f"{found.by} may allow everything; " if found.by else ""
        return f"{where}it would be decided by: {found.question}"
    return f"{found.by}; {beside_an_identity(service_control_policies)}"


def _is_about_any(statement: Statement) -> bool:
    named: Iterable[str] = statement.actions or ()
    if statement.not_actions is not None:
        return not any(matches(pattern, _ANY_ACTION) for pattern in statement.not_actions)
    return any(matches(pattern, _ANY_ACTION) for pattern in named)
