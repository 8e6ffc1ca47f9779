"""Who may assume a role: everyone, another company, or only those one knows."""

from __future__ import annotations

from collector.core.checks import All, The, Verdict, check, failed, passed, unknown
from connectors.aws.iam_principals import Role
from connectors.aws.organizations import Organization, OrganizationAccount
from connectors.aws.policies import Statement, read_policy
from connectors.aws.reach import Reach, has_external_id, reach
from connectors.aws.strangers import Known

# Issuers of tokens for many companies: without a condition on the subject each of their customers is let in.
_SHARED_ISSUERS = (
    "token.actions.githubusercontent.com",
    "gitlab.com",
    "app.terraform.io",
    "oidc.circleci.com",
    "accounts.google.com",
    "www.amazon.com",
    "graph.facebook.com",
    "cognito-identity.amazonaws.com",
)


@check(
    "aws_iam_role_trust_not_public",
    title="The role does not trust everyone",
    severity="critical",
    fix="Name the accounts, roles or services that may assume the role",
)
def trust_not_public(role: Role) -> Verdict:
    policy = read_policy(role.assume_role_policy_document)
    doubts = list(policy.unclear)
    for statement in policy.allowing:
        if statement.not_principals is not None:
            return failed(f"{role.role_name} trusts everyone but {len(statement.not_principals)} principals")
        if statement.for_anyone:
            match reach(statement):
                case Reach.OPEN:
                    return failed(f"{role.role_name} trusts every AWS account")
                case Reach.NOT_ESTABLISHED:
                    doubts.append("it trusts every AWS account, confined only by a network or an external id")
                case _:
                    pass
        if (issuer := _open_issuer(statement)) is not None:
            doubts.append(f"it trusts {issuer} without a condition on whose tokens")
    return unknown(f"{role.role_name}: {'; '.join(doubts)}") if doubts else passed()


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
    known = Known(role.arn.split(":")[4], organization, accounts, trusted_accounts)
    doubts = list(policy.unclear)
    strangers: set[str] = set()
    for statement in policy.allowing:
        if has_external_id(statement):
            continue
        found = known.strangers(statement)
        strangers |= found.accounts
        doubts.extend(found.doubts)
    if strangers:
        return failed(f"{role.role_name} trusts {', '.join(sorted(strangers))} without an external id")
    return unknown(f"{role.role_name}: {'; '.join(doubts)}") if doubts else passed()


def _open_issuer(statement: Statement) -> str | None:
    for principal in statement.principals or ():
        if principal.kind != "Federated":
            continue
        for issuer in _SHARED_ISSUERS:
            if issuer in principal.name and not any(c.key.startswith(f"{issuer}:") for c in statement.conditions):
                return issuer
    return None
