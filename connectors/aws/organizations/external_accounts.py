"""Which accounts that a policy names are nobody's that one knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from connectors.aws._policy.conditions import Confinement, confinement, named_accounts, named_organizations
from connectors.aws._policy.documents import Principal, Statement
from connectors.aws.organizations.resources import Organization, OrganizationAccount


@dataclass(frozen=True)
class ExternalAccounts:
    """Accounts outside, and what was not established."""

    accounts: frozenset[str] = frozenset()
    doubts: tuple[str, ...] = ()


@dataclass
class TrustedAccounts:
    """The account itself, its organization, and the accounts that a limit names.

    The organization is looked at only where a policy names an account that nothing else explains: a check that does
    not need it is not unknown for want of it.
    """

    own: str
    organization: Organization
    accounts: Iterable[OrganizationAccount]
    trusted: tuple[str, ...]
    _members: frozenset[str] | None = field(default=None, init=False)

    def strangers(self, statement: Statement) -> ExternalAccounts:
        """Return whom a statement lets in from outside. Raises Unread where that takes a list that was not read."""
        organizations = named_organizations(statement)
        if organizations:
            return self._organizations(organizations)
        account_ids: set[str] = set()
        doubts: list[str] = []
        for principal in statement.principals or ():
            match principal.kind:
                case "AWS" if principal.name == "*":
                    accounts, why = _accounts_of_anyone(statement)
                    account_ids |= accounts
                    doubts += why
                case "AWS" if principal.account is not None:
                    account_ids.add(principal.account)
                case "AWS" if not _is_cloudfront_identity(principal):
                    doubts.append(f"the principal {principal.name[:40]!r} names no account; it may have been deleted")
                case "CanonicalUser":
                    doubts.append("it names an account by its canonical id")
                case _:
                    pass
        if statement.not_principals is not None:
            doubts.append("it names whom it does not mean")
        return ExternalAccounts(self._outside(account_ids), tuple(doubts))

    def _outside(self, account_ids: set[str]) -> frozenset[str]:
        unexplained = frozenset(account_ids) - {self.own, *self.trusted}
        return unexplained - self._organization() if unexplained else unexplained

    def _organization(self) -> frozenset[str]:
        if self._members is None:
            alone = self.organization.organization is None
            self._members = frozenset() if alone else frozenset(account.id for account in self.accounts)
        return self._members

    def _organizations(self, organization_ids: frozenset[str]) -> ExternalAccounts:
        own_organization = self.organization.organization
        return ExternalAccounts(
            organization_ids if own_organization is None else organization_ids - {own_organization.id}
        )


def _accounts_of_anyone(statement: Statement) -> tuple[frozenset[str], list[str]]:
    match confinement(statement):
        case Confinement.CONFINED:
            return named_accounts(statement), []
        case Confinement.NOT_ESTABLISHED:
            return frozenset(), ["it names everyone, under conditions that do not say whose"]
        case _:
            return frozenset({"everyone"}), []


def _is_cloudfront_identity(principal: Principal) -> bool:
    """CloudFront's own identities have the word cloudfront where an account would stand."""
    return ":iam::cloudfront:user/" in principal.name
