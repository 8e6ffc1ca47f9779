"""Checks of trust policies: whether everyone, or an external account without external id, may assume a role."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from collector.core.checks import All, The, Verdict, check, failed, passed, unknown
from collector.core.errors import Unread
from collector.core.plain_text import first_few
from connectors.aws._policy.evaluator import Effect, Outcome
from connectors.aws._policy.patterns import is_wildcard
from connectors.aws._policy.requests import best_effect, strangers
from connectors.aws._policy.statements import Policy, Principal, read_policy
from connectors.aws._policy.token_issuers import is_shared, issuer_of, stranger_with_token
from connectors.aws.eks.resources import Cluster
from connectors.aws.iam.resources.principals import Role
from connectors.aws.organizations.control_policies import Groups, ResourceControls
from connectors.aws.organizations.external_accounts import Access, TrustedAccounts
from connectors.aws.organizations.resources import Organization, OrganizationAccount, ResourceControlPolicy

_EKS = re.compile(r"oidc\.eks\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/id/.+", re.DOTALL)
"""Each cluster of EKS is an issuer, whose tokens are made for nobody but its own service accounts."""
_BUILT_IN = "accounts.google.com"
_ASSUME, _ASSUME_BY_TOKEN = "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"


class _OwnIssuers:
    """The company's own issuers of tokens: those that it lists, and clusters of the account, read where asked for."""

    def __init__(self, listed: Iterable[str], clusters: Iterable[Cluster]) -> None:
        self._listed = frozenset(name.lower() for name in listed)
        self._clusters = clusters

    def question_of(self, issuer: str) -> str | None:
        """Return what would decide whose an issuer is; None where it is the company's own."""
        if issuer in self._listed:
            return None
        whose = f"whose issuer {issuer} is; own_token_issuers lists the company's own"
        if _EKS.fullmatch(issuer) is None:
            return whose
        try:
            if any(cluster.token_issuer == issuer for cluster in self._clusters):
                return None
        except Unread as reason:
            return f"whether {issuer} is a cluster of this account: {reason}"
        return f"whose cluster {issuer} is, which is none of this account; own_token_issuers lists the company's own"


@check(
    "aws_iam_role_trust_not_public",
    title="The role does not trust everyone",
    severity="critical",
    fix="Name the accounts, roles or services that may assume the role",
)
def trust_not_public(
    role: Role,
    organization: The[Organization],
    accounts: All[OrganizationAccount],
    control_policies: All[ResourceControlPolicy],
    clusters: All[Cluster],
    *,
    own_token_issuers: tuple[str, ...] = (),
) -> Verdict:
    own = _OwnIssuers(own_token_issuers, clusters)
    policy = read_policy(role.assume_role_policy_document)
    controls = ResourceControls(organization, accounts, control_policies)
    doubts = list(policy.unclear)
    kept_out: list[str] = []
    for whom, found in _trusted(role, policy, own, ()):
        if found.outcome is Outcome.DOES_NOT:
            continue
        limit = controls.limit
        limited = dict(_trusted(role, policy, own, limit.groups))[whom] if limit.groups else found
        if limited.outcome is Outcome.ALLOWS:
            return failed(f"{role.role_name} trusts {whom} ({limited.by}); {limit.note}")
        if limited.outcome is Outcome.UNDECIDED:
            doubts.append(f"{limited.by or 'the policy'} may trust {whom}; it would be decided by: {limited.question}")
        else:
            kept_out.append(whom)
    if doubts:
        return unknown(f"{role.role_name}: {'; '.join(dict.fromkeys(doubts))}")
    if kept_out:
        return passed(f"{role.role_name} trusts {first_few(kept_out)}, and resource control policies keep them out")
    return passed()


def _trusted(role: Role, policy: Policy, own: _OwnIssuers, limits: Groups) -> Iterator[tuple[str, Effect]]:
    """Yield whom a trust policy may let in, and how far."""
    every_policy = [policy, *(item for group in limits for item in group)]
    requests = [asker.asks(_ASSUME, role.arn) for asker in strangers(every_policy, owner=role.account)]
    yield "every AWS account", best_effect([policy], requests, limits)
    yield from _by_tokens(role, policy, own, limits)


def _by_tokens(role: Role, policy: Policy, own: _OwnIssuers, limits: Groups) -> Iterator[tuple[str, Effect]]:
    """Yield whom each issuer of tokens in a policy lets in, and how far."""
    named = {
        issuer: principal
        for statement in policy.allowing
        for principal in statement.principals or ()
        if (issuer := issuer_of(principal)) is not None
    }
    if any(_is_star(principal) for statement in policy.allowing for principal in statement.principals or ()):
        # AWS has this issuer in every account, without a provider that the company registers.
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc.html
        named.setdefault(_BUILT_IN, Principal("Federated", _BUILT_IN))
    for issuer, principal in named.items():
        question = own.question_of(issuer)
        if question is None:
            continue
        asker = stranger_with_token(principal, issuer)
        found = best_effect([policy], [asker.asks(_ASSUME_BY_TOKEN, role.arn)], limits)
        if found.outcome is not Outcome.DOES_NOT and not is_shared(issuer):
            found = Effect(Outcome.UNDECIDED, found.by, (question,))
        yield asker.caller.description, found


def _is_star(principal: Principal) -> bool:
    return principal.kind == "AWS" and is_wildcard(principal.name)


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
    control_policies: All[ResourceControlPolicy],
    *,
    trusted_accounts: tuple[str, ...] = (),
) -> Verdict:
    policy = read_policy(role.assume_role_policy_document)
    trusted = TrustedAccounts(role.account, organization, accounts, trusted_accounts)
    # A service assumes the roles that are passed to it, which needs iam:PassRole in the account of the role.
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    access = Access([policy], (_ASSUME,), (role.arn,), without_external_id=True, anonymous=False, every_service=False)
    controls = ResourceControls(organization, accounts, control_policies)
    external, note = trusted.limited_strangers(access, controls)
    if external.accounts:
        names = first_few(sorted(external.accounts))
        return failed(f"{role.role_name} trusts {names} without an external id ({external.by}); {note}")
    doubts = dict.fromkeys([*policy.unclear, *external.doubts])
    return unknown(f"{role.role_name}: {'; '.join(doubts)}") if doubts else passed()
