"""Which accounts that a policy names are neither the organization's nor trusted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from connectors.aws._policy.conditions import Confinement, confinement, named_accounts, named_organizations
from connectors.aws._policy.documents import Principal, Statement
from connectors.aws.organizations.resources import Organization, OrganizationAccount


@dataclass(frozen=True)
class ExternalAccounts:
    """External accounts or organizations by id, "everyone" included; `doubts` has what could not be established."""

    accounts: frozenset[str] = frozenset()
    doubts: tuple[str, ...] = ()


@dataclass
class TrustedAccounts:
    """The accounts that are not external: the account itself, those of its organization, and those of a limit.

    The organization and its accounts are read only where a policy names another account than `own` and `trusted`, so
    that a check which does not need them is not unknown because they were not read.
    """

    own: str
    organization: Organization
    accounts: Iterable[OrganizationAccount]
    trusted: tuple[str, ...]
    _members: frozenset[str] | None = field(default=None, init=False)

    def strangers(self, statement: Statement) -> ExternalAccounts:
        """Return the external accounts that a statement lets in. Raises Unread where a list it needs was not read."""
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
    """Whether a principal is an origin access identity, whose ARN has "cloudfront" in the place of the account."""
    return ":iam::cloudfront:user/" in principal.name
