"""Which accounts that policies let in are neither the organization's nor trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from connectors.aws._policy.context import ABSENT, Choice, KeyState, Known, Option
from connectors.aws._policy.context_keys import guessed
from connectors.aws._policy.evaluator import Effect, Outcome
from connectors.aws._policy.named import (
    accounts_named,
    asks_for_source,
    organizations_named,
    services_among,
    services_named,
    values_of_organizations,
)
from connectors.aws._policy.requests import (
    Asker,
    account,
    anonymous,
    best_of,
    organization_member,
    service_for,
    service_for_strangers,
    strangers,
)
from connectors.aws._policy.statements import ANYONE, Policy, Principal, Statement
from connectors.aws._policy.token_issuers import stranger_with_token
from connectors.aws._policy.work import Work
from connectors.aws.organizations.control_policies import ResourceControls
from connectors.aws.organizations.resources import Organization, OrganizationAccount

EVERYONE = "everyone"

# Server access logs go to a bucket of the same account only, whatever the policy says of other accounts.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
_FOR_ITS_OWN_ACCOUNT = frozenset({"logging.s3.amazonaws.com"})


@dataclass(frozen=True)
class Access:
    """What is asked of policies: whether somebody may do one of some actions on one of some resources.

    `without_external_id`: whether it is asked without the external id that a policy may demand. `anonymous`: whether
    requests without signature are possible. `every_service`: whether a service may be asked to act by anybody, as for
    a resource that others know the name of. `limits`: groups of policies that must allow as well. `known`: what each
    of these requests says, by key.
    """

    policies: Sequence[Policy]
    actions: Sequence[str]
    resources: Sequence[str | None]
    without_external_id: bool = False
    anonymous: bool = True
    every_service: bool = True
    limits: Sequence[Sequence[Policy]] = ()
    known: Mapping[str, KeyState] = field(default_factory=dict)
    work: Work = field(default_factory=Work, compare=False)
    """The steps that are left for all that is asked."""

    @cached_property
    def accounts_named(self) -> tuple[str, ...]:
        """Every account number in principals and conditions of the policies."""
        return tuple(sorted(accounts_named(self.policies)))

    @cached_property
    def organizations_named(self) -> tuple[str, ...]:
        """The ids of organizations in conditions of the policies and limits, or the patterns of such."""
        return tuple(sorted(values_of_organizations(self.every_policy)))

    def by(self, askers: Iterable[Asker]) -> Effect:
        """Return the most open effect for one of several askers."""
        prepared = map(self._prepared, askers)
        return best_of(self.policies, prepared, self.actions, self.resources, self.work, self.limits)

    def within(self, limits: Sequence[Sequence[Policy]]) -> Access:
        """Return the same question within limits, with steps of its own."""
        return Access(
            self.policies,
            self.actions,
            self.resources,
            self.without_external_id,
            self.anonymous,
            self.every_service,
            limits,
            self.known,
        )

    @property
    def every_policy(self) -> list[Policy]:
        """The policies and those of the limits."""
        return [*self.policies, *(policy for group in self.limits for policy in group)]

    def _prepared(self, asker: Asker) -> Asker:
        asker = asker.knowing(self.known) if self.known else asker
        if not self.without_external_id:
            return asker
        made_up = Choice((Option(ABSENT), Option(Known(("any0",)))), guessed)
        return asker.knowing({"sts:externalid": made_up})


@dataclass(frozen=True)
class ExternalAccounts:
    """External accounts or organizations by id, "everyone" included.

    `by` names the statements that let them in; `doubts` has what could not be established.
    """

    accounts: frozenset[str] = frozenset()
    by: str = ""
    doubts: tuple[str, ...] = ()


@dataclass
class TrustedAccounts:
    """The accounts that are not external: the account itself, those of its organization, and those of a limit.

    The organization and its accounts are read only where a policy lets in another account than `own` and `trusted`, so
    that a check which does not need them is not unknown because they were not read.
    """

    own: str
    organization: Organization
    accounts: Iterable[OrganizationAccount]
    trusted: tuple[str, ...]
    _members: frozenset[str] | None = field(default=None, init=False)

    def knows(self, number: str) -> bool:
        """Return whether an account is not external. Raises Unread where a list that it needs was not read."""
        return number == self.own or number in self.trusted or self._is_member(number)

    def strangers(self, access: Access) -> ExternalAccounts:
        """Return the external accounts that policies let in. Raises Unread where a list it needs was not read."""
        found: list[tuple[str, Effect]] = [(EVERYONE, self._everyone(access))]
        if found[0][1].outcome is not Outcome.ALLOWS:
            found += self._named_accounts(access)
            found += self._named_organizations(access)
        found += self._services(access)
        found += _signed_in_elsewhere(access, self.own)
        letting_in = [(name, effect) for name, effect in found if effect.outcome is Outcome.ALLOWS]
        doubts = [
            f"{effect.by or 'it'} may let {name} in; it would be decided by: {effect.question}"
            for name, effect in found
            if effect.outcome is Outcome.UNDECIDED
        ]
        nameless = list(_nameless(access))
        # An account that was not decided and turned out to be a member leaves no doubt; those after it were not asked.
        ended = [access.work.question] if access.work.ended else []
        return ExternalAccounts(
            frozenset(name for name, _ in letting_in),
            ", ".join(sorted({effect.by for _, effect in letting_in})),
            tuple(dict.fromkeys([*doubts, *nameless, *ended])),
        )

    def limited_strangers(self, access: Access, controls: ResourceControls) -> tuple[ExternalAccounts, str]:
        """Return the external accounts that resource control policies leave, and what to say of these policies.

        They are read only where others may get in without them.
        """
        external = self.strangers(access)
        if not external.accounts and not external.doubts:
            return external, ""
        limit = controls.limit
        if limit.groups:
            external = self.strangers(access.within(limit.groups))
        return external, limit.note

    def _everyone(self, access: Access) -> Effect:
        askers = strangers(access.every_policy, owner=self.own, named_networks=True)
        return access.by([anonymous(self.own), *askers] if access.anonymous else askers)

    def _named_accounts(self, access: Access) -> Iterator[tuple[str, Effect]]:
        for number in self._others_named(access):
            yield from self._of_account(
                number,
                access,
                lambda number, may_be: [account(number, owner=self.own, may_be_in=may_be, named_networks=True)],
            )

    def _others_named(self, access: Access) -> Iterator[str]:
        """Yield the accounts that policies name and that may be external, as long as steps are left."""
        known = {self.own, *self.trusted}
        return (number for number in access.accounts_named if number not in known and not access.work.ended)

    def _of_account(
        self, number: str, access: Access, askers: Callable[[str, Callable[[str], bool]], list[Asker]], name: str = ""
    ) -> Iterator[tuple[str, Effect]]:
        """Yield what policies let an account do, unless it is a member of the organization."""
        effect = access.by(askers(number, lambda _: True))
        if effect.outcome is Outcome.DOES_NOT or self._is_member(number):
            return
        if access.organizations_named:
            effect = access.by(askers(number, lambda organization: not self._is_own(organization)))
        if effect.outcome is not Outcome.DOES_NOT:
            yield name or number, effect

    def _named_organizations(self, access: Access) -> Iterator[tuple[str, Effect]]:
        for organization in sorted(organizations_named(access.policies)):
            effect = access.by([organization_member(organization, access.every_policy, owner=self.own)])
            if effect.outcome is not Outcome.DOES_NOT and not self._is_own(organization):
                yield organization, effect

    def _services(self, access: Access) -> Iterator[tuple[str, Effect]]:
        """Yield what a service may do for somebody else, for each service that a policy names."""
        for service in sorted(services_named(access.policies) - _FOR_ITS_OWN_ACCOUNT | services_among(access.policies)):
            if access.every_service:
                for_everyone = access.by(service_for_strangers(service, access.every_policy, owner=self.own))
                if for_everyone.outcome is not Outcome.DOES_NOT:
                    yield f"{EVERYONE} through {service}", for_everyone
                if for_everyone.outcome is Outcome.ALLOWS:
                    continue
            if not asks_for_source(access.policies):
                continue
            for number in self._others_named(access):
                yield from self._of_account(
                    number,
                    access,
                    lambda number, may_be, service=service: [  # type: ignore[misc]  # bound now
                        service_for(service, number, owner=self.own, may_be_in=may_be)
                    ],
                    f"{number} through {service}",
                )
            for organization in sorted(organizations_named(access.policies)):
                asker = service_for(service, "0" * 12, owner=self.own, may_be_in=lambda id_: id_ == organization)  # noqa: B023  used at once
                effect = access.by([asker])
                if effect.outcome is not Outcome.DOES_NOT and not self._is_own(organization):
                    yield f"{organization} through {service}", effect

    def _is_member(self, number: str) -> bool:
        organization = self.organization.organization
        if organization is None:
            return False
        if number == organization.master_account_id:
            return True
        if self._members is None:
            self._members = frozenset(account.id for account in self.accounts)
        return number in self._members

    def _is_own(self, organization: str) -> bool:
        own = self.organization.organization
        return own is not None and own.id == organization


def _signed_in_elsewhere(access: Access, own: str) -> Iterator[tuple[str, Effect]]:
    """Yield what whoever signs in with another company may do, for each such issuer that a resource's policy names.

    To AWS that is the public. A provider that is registered in the account is the company's own choice.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    if not access.anonymous:
        return
    federated = {
        principal.name: principal
        for policy in access.policies
        for statement in policy.allowing
        for principal in statement.principals or ()
        if principal.kind == "Federated" and f":iam::{own}:" not in principal.name
    }
    for name, principal in sorted(federated.items()):
        effect = access.by([stranger_with_token(principal, name.lower())])
        if effect.outcome is not Outcome.DOES_NOT:
            yield f"{EVERYONE} through {name}", effect


def _nameless(access: Access) -> Iterator[str]:
    """Yield a doubt for each principal of an Allow that names nobody whose account can be told."""
    for policy in access.policies:
        for statement in policy.allowing:
            whys: list[str] = []
            for principal in statement.principals or ():
                if principal.kind == "CanonicalUser":
                    whys.append("it names an account by its canonical id")
                elif principal.kind == "AWS" and principal.account is None and not _is_named(principal):
                    whys.append(f"the principal {principal.name[:40]!r} names no account; it may have been deleted")
            if whys and _lets_anybody_in(statement, access):
                yield from (f"{statement.label}: {why}" for why in whys)


def _lets_anybody_in(statement: Statement, access: Access) -> bool:
    """Whether a statement may let in whoever its principals are."""
    stands_in = Policy((statement.changed(principals=(Principal("AWS", ANYONE),)),))
    lets_in = Access([stands_in], access.actions, access.resources, access.without_external_id, work=access.work)
    return lets_in.by(strangers(lets_in.policies)).outcome is not Outcome.DOES_NOT


def _is_named(principal: Principal) -> bool:
    """Whether a principal without account is everyone, or an origin access identity of CloudFront."""
    return principal.name == ANYONE or ":iam::cloudfront:user/" in principal.name
