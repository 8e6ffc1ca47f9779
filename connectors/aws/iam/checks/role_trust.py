"""Checks of trust policies: whether everyone, or an external account without external id, may assume a role."""

from __future__ import annotations

from collector.core.checks import All, The, Verdict, check, failed, passed, unknown
from connectors.aws._policy.conditions import Confinement, confinement, has_external_id
from connectors.aws._policy.documents import read_policy
from connectors.aws._policy.token_issuers import issuer_confinement, shared_issuer
from connectors.aws.iam.resources.principals import Role
from connectors.aws.organizations.external_accounts import TrustedAccounts
from connectors.aws.organizations.resources import Organization, OrganizationAccount


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
            match confinement(statement):
                case Confinement.OPEN:
                    return failed(f"{role.role_name} trusts every AWS account")
                case Confinement.NOT_ESTABLISHED:
                    doubts.append("it trusts every AWS account, under conditions that do not say whose")
                case _:
                    pass
        for issuer in filter(None, map(shared_issuer, statement.principals or ())):
            match issuer_confinement(statement, issuer):
                case Confinement.OPEN:
                    return failed(f"{role.role_name} trusts the tokens of {issuer} whoever they were made for")
                case Confinement.NOT_ESTABLISHED:
                    doubts.append(f"it trusts {issuer} without a condition that says whose tokens")
                case _:
                    pass
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
    trusted = TrustedAccounts(role.arn.split(":")[4], organization, accounts, trusted_accounts)
    doubts = list(policy.unclear)
    external_accounts: set[str] = set()
    for statement in policy.allowing:
        if has_external_id(statement):
            continue
        external = trusted.strangers(statement)
        external_accounts |= external.accounts
        doubts.extend(external.doubts)
    if external_accounts:
        return failed(f"{role.role_name} trusts {', '.join(sorted(external_accounts))} without an external id")
    return unknown(f"{role.role_name}: {'; '.join(doubts)}") if doubts else passed()
