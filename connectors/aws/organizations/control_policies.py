"""Which policies of an organization bind an account, as limits of the evaluator.

A policy binds the account that it is attached to, and all accounts below the root or the organizational unit that it is
attached to; the management account is bound by none. Neither kind gives anything.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_evaluation.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from collector.core.errors import Unread
from connectors.aws._policy.statements import ANYONE, Policy, Principal, allow_all, read_policy
from connectors.aws.organizations.resources import (
    Organization,
    OrganizationAccount,
    ResourceControlPolicy,
    ServiceControlPolicy,
)

Groups = tuple[tuple[Policy, ...], ...]

# Organization, root, organizational units from the top, and perhaps the account, by botocore's pattern of a Path.
_PATH = re.compile(r"o-[a-z0-9]+/(r-[0-9a-z]+(?:/ou-[0-9a-z]+-[a-z0-9]+)*)(?:/[0-9]{12})*/?")
# In a resource control policy the one star that AWS takes as Principal is whoever asks, with a token or without.
_WHOEVER = (Principal("AWS", ANYONE), Principal("Service", ANYONE), Principal("Federated", ANYONE))


class _NotLookedAt(Exception):
    """It is not known which policies bind the account."""


@dataclass(frozen=True)
class Limit:
    """Groups of policies of which each must allow a request as well, and what to say of them in a reason."""

    groups: Groups
    note: str


@dataclass(frozen=True)
class ResourceControls:
    """The resource control policies over the resources of an account. They are read only where `limit` is asked for."""

    organization: Organization
    accounts: Iterable[OrganizationAccount]
    policies: Iterable[ResourceControlPolicy]

    @cached_property
    def limit(self) -> Limit:
        """What the policies leave. They deny only: the one that allows is AWS's own, and cannot be detached."""
        name = "resource control policies"
        try:
            bound = _bound_by(self.organization, self.accounts)
            if isinstance(bound, str):
                return Limit((), f"{name} {bound}")
            attached = [read_policy(policy.content) for policy in self.policies if policy.binds(bound)]
        except (Unread, _NotLookedAt):
            return Limit((), f"{name} were not looked at")
        denials = (
            Policy(
                tuple(item.changed(principals=_WHOEVER) for item in policy.statements if not item.allows),
                tuple(unread for unread in policy.unread if unread.may_deny),
            )
            for policy in attached
        )
        limiting = tuple(policy for policy in denials if policy.statements or policy.unread)
        if not limiting:
            return Limit((), "no resource control policy denies anything there")
        return Limit(((Policy((allow_all(principals=_WHOEVER),)), *limiting),), f"{name} were looked at")


@dataclass(frozen=True)
class ServiceControls:
    """The service control policies over the users and roles of an account, read as `ResourceControls` are."""

    organization: Organization
    accounts: Iterable[OrganizationAccount]
    policies: Iterable[ServiceControlPolicy]

    @cached_property
    def limit(self) -> Limit:
        """What the policies leave: at each level, from the root to the account, one of them must allow.

        AWS keeps one attached at each level while they are in use, so that a level without one was not seen whole.
        """
        name = "service control policies"
        try:
            bound = _bound_by(self.organization, self.accounts)
            if isinstance(bound, str):
                return Limit((), f"{name} {bound}")
            read = [(policy, read_policy(policy.content)) for policy in self.policies if policy.binds(bound)]
            levels = tuple(tuple(document for policy, document in read if policy.binds((id_,))) for id_ in bound)
        except (Unread, _NotLookedAt):
            return Limit((), f"{name} were not looked at")
        if not all(levels):
            return Limit((), f"{name} were not looked at")
        return Limit(levels, f"{name} were looked at")


def _bound_by(organization: Organization, accounts: Iterable[OrganizationAccount]) -> tuple[str, ...] | str:
    """Return the root, the organizational units and the account, from the top; or why no policy binds the account.

    Raises _NotLookedAt where the account's place in the organization is not known, and Unread.
    """
    own, home = organization.account_id, organization.organization
    if home is None:
        return "do not exist outside an organization"
    if home.master_account_id is None:
        raise _NotLookedAt
    if own == home.master_account_id:
        return "do not bind the management account"
    account = next((account for account in accounts if account.id == own), None)
    if account is None or len(account.paths) != 1:
        raise _NotLookedAt
    match = _PATH.fullmatch(account.paths[0])
    if match is None:
        raise _NotLookedAt
    return (*match[1].split("/"), own)
