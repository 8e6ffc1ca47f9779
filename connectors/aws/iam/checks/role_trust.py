"""Checks of trust policies: whether everyone, or an external account without external id, may assume a role."""

from __future__ import annotations

from collections.abc import Iterator

from collector.core.checks import All, The, Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few
from connectors.aws._policy.evaluator import Effect, Outcome
from connectors.aws._policy.limits import not_looked_at
from connectors.aws._policy.requests import best_effect, strangers
from connectors.aws._policy.statements import Policy, read_policy
from connectors.aws._policy.token_issuers import is_shared, issuer_of, stranger_with_token
from connectors.aws.iam.resources.principals import Role
from connectors.aws.organizations.external_accounts import Access, TrustedAccounts
from connectors.aws.organizations.resources import Organization, OrganizationAccount

_ASSUME, _ASSUME_BY_TOKEN = "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"


@check(
    "aws_iam_role_trust_not_public",
    title="The role does not trust everyone",
    severity="critical",
    fix="Name the accounts, roles or services that may assume the role",
)
def trust_not_public(role: Role, *, own_token_issuers: tuple[str, ...] = ()) -> Verdict:
    policy = read_policy(role.assume_role_policy_document)
    doubts = list(policy.unclear)
    requests = [asker.asks(_ASSUME, None) for asker in strangers([policy], owner=role.account)]
    for whom, found in [
        ("every AWS account", best_effect([policy], requests)),
        *_by_tokens(policy, own_token_issuers),
    ]:
        if found.outcome is Outcome.ALLOWS:
            return failed(f"{role.role_name} trusts {whom} ({found.by}); {not_looked_at('resource')}")
        if found.outcome is Outcome.UNDECIDED:
            doubts.append(f"{found.by or 'the policy'} may trust {whom}; it would be decided by: {found.question}")
    return unknown(f"{role.role_name}: {'; '.join(dict.fromkeys(doubts))}") if doubts else passed()


def _by_tokens(policy: Policy, own: tuple[str, ...]) -> Iterator[tuple[str, Effect]]:
    """Yield whom each issuer of tokens in a policy lets in, and how far."""
    named = {
        issuer: principal
        for statement in policy.allowing
        for principal in statement.principals or ()
        if (issuer := issuer_of(principal)) is not None
    }
    for issuer, principal in named.items():
        if issuer in {name.lower() for name in own}:
            continue
        asker = stranger_with_token(principal, issuer)
        found = best_effect([policy], [asker.asks(_ASSUME_BY_TOKEN, None)])
        if found.outcome is not Outcome.DOES_NOT and not is_shared(issuer):
            question = f"whose issuer {issuer} is; own_token_issuers lists the company's own"
            found = Effect(Outcome.UNDECIDED, found.by, (question,))
        yield asker.caller.description, found


@check(
    "aws_iam_role_external_trust_has_external_id",
    title="Accounts of other companies may assume the role only with an external id",
    severity="medium",
    fix="Agree on an external id with the other company and demand it in the trust policy, or end the trust",
)
def external_trust_has_external_id(
    role: Role,
    organization: The[Organization],
    accounts: All[OrganizationAccount],
    *,
    trusted_accounts: tuple[str, ...] = (),
) -> Verdict:
    policy = read_policy(role.assume_role_policy_document)
    trusted = TrustedAccounts(role.account, organization, accounts, trusted_accounts)
    # A service assumes the roles that are passed to it, which needs iam:PassRole in the account of the role.
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    access = Access([policy], (_ASSUME,), (None,), without_external_id=True, anonymous=False, every_service=False)
    external = trusted.strangers(access)
    if external.accounts:
        names = first_few(sorted(external.accounts))
        return failed(f"{role.role_name} trusts {names} without an external id ({external.by})")
    doubts = dict.fromkeys([*policy.unclear, *external.doubts])
    return unknown(f"{role.role_name}: {'; '.join(doubts)}") if doubts else passed()
