"""AWS Organizations: accounts, membership in an organization, service and resource control policies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.aws._sdk.client import NO_CALL, Account
from connectors.aws._sdk.connector import aws
from connectors.aws._sdk.settings import Settings

INACTIVE_STATES = ("SUSPENDED", "PENDING_CLOSURE", "CLOSED", "PENDING_ACTIVATION")
"""States in which an account cannot be entered."""


@resource("aws.sts.caller_identity", key="Account")
class CallerIdentity(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The identity that annexd is signed in as (sts:GetCallerIdentity), and its account."""

    account: str
    arn: str


@resource("aws.organizations.account", key="Id", redact=(Redact("Email", keep="domain"),))
class OrganizationAccount(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One account of the organization, whatever its state."""

    id: str
    state: str | None = None  # None: an answer from before AWS put State beside Status
    status: str | None = None  # None: AWS has announced that it will leave this out
    paths: tuple[str, ...] = ()  # AWS leaves it out of answers from before accounts had it


class OrganizationIdentity(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The organization itself."""

    id: str
    master_account_id: str | None = None  # None: an answer from which it was left out


@resource("aws.organizations.organization")
class Organization(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The organization that an account belongs to (organizations:DescribeOrganization)."""

    account_id: str
    organization: OrganizationIdentity | None  # None: the account is in no organization


class Target(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A root, organizational unit or account that a policy is attached to."""

    target_id: str
    type: str  # ACCOUNT, ORGANIZATIONAL_UNIT or ROOT


class ControlPolicy(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A policy of the organization that takes rights away, with its content as JSON text and its targets."""

    id: str
    name: str
    content: str
    targets: tuple[Target, ...]

    def binds(self, ids: Iterable[str]) -> bool:
        """Whether it is attached to a root, organizational unit or account of these."""
        return not {target.target_id for target in self.targets}.isdisjoint(ids)


@resource("aws.organizations.service_control_policy", key="Id")
class ServiceControlPolicy(ControlPolicy, frozen=True, kw_only=True, rename="pascal"):
    """A service control policy."""


@resource("aws.organizations.resource_control_policy", key="Id")
class ResourceControlPolicy(ControlPolicy, frozen=True, kw_only=True, rename="pascal"):
    """A resource control policy."""


class DelegatedService(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A service of AWS that an account administers for the organization."""

    service_principal: str


@resource("aws.organizations.delegated_administrator", key="Id", redact=(Redact("Email", keep="domain"),))
class DelegatedAdministrator(Struct, frozen=True, kw_only=True, rename="pascal"):
    """An account that administers services of AWS for the organization, beside the management account."""

    id: str
    services: tuple[DelegatedService, ...]


def _whole_organization(settings: Settings) -> bool:
    return settings.accounts == "organization"


@aws.discovers(CallerIdentity, level="account", below=lambda _settings, body: body["Account"])
@aws.collects(
    CallerIdentity, at="source", call="sts:GetCallerIdentity", when=lambda settings: settings.accounts is None
)
def own_account(source: Account) -> Iterator[Body]:
    yield source.call("sts", "GetCallerIdentity", having="Account")


def _active_account_id(_settings: Settings, body: Body) -> str | None:
    account: str = body["Id"]
    return None if (body.get("State") or body.get("Status")) in INACTIVE_STATES else account


@aws.discovers(OrganizationAccount, level="account", below=_active_account_id)
@aws.collects(
    OrganizationAccount,
    at="source",
    call="organizations:ListAccounts",
    permissions="organizations:ListAccounts",
    when=_whole_organization,
)
def accounts(source: Account) -> Iterator[Body]:
    yield from source.pages("organizations", "ListAccounts", "Accounts")


@aws.collects(Organization, at="account", call=NO_CALL)
def organization(account: Account) -> Iterator[Body]:
    yield {"AccountId": account.id}


@aws.part(
    Organization,
    "Organization",
    call="organizations:DescribeOrganization",
    permissions="organizations:DescribeOrganization",
    absent="AWSOrganizationsNotInUseException",
)
def described(account: Account, _body: Body) -> Any:
    return account.value("organizations", "DescribeOrganization", "Organization")


@aws.collects(
    ServiceControlPolicy,
    at="source",
    call="organizations:ListPolicies",
    permissions="organizations:ListPolicies",
    when=_whole_organization,
)
def service_control_policies(source: Account) -> Iterator[Body]:
    yield from source.pages("organizations", "ListPolicies", "Policies", Filter="SERVICE_CONTROL_POLICY")


@aws.collects(
    ResourceControlPolicy,
    at="source",
    call="organizations:ListPolicies",
    permissions="organizations:ListPolicies",
    when=_whole_organization,
)
def resource_control_policies(source: Account) -> Iterator[Body]:
    yield from source.pages("organizations", "ListPolicies", "Policies", Filter="RESOURCE_CONTROL_POLICY")


_DESCRIBE, _TARGETS = "organizations:DescribePolicy", "organizations:ListTargetsForPolicy"


@aws.part(ServiceControlPolicy, "Content", call=_DESCRIBE, permissions=_DESCRIBE)
@aws.part(ResourceControlPolicy, "Content", call=_DESCRIBE, permissions=_DESCRIBE)
def content(source: Account, policy: Body) -> Any:
    return source.value("organizations", "DescribePolicy", "Policy.Content", PolicyId=policy["Id"])


@aws.part(ServiceControlPolicy, "Targets", call=_TARGETS, permissions=_TARGETS)
@aws.part(ResourceControlPolicy, "Targets", call=_TARGETS, permissions=_TARGETS)
def targets(source: Account, policy: Body) -> Any:
    return list(source.pages("organizations", "ListTargetsForPolicy", "Targets", PolicyId=policy["Id"]))


@aws.collects(
    DelegatedAdministrator,
    at="source",
    call="organizations:ListDelegatedAdministrators",
    permissions="organizations:ListDelegatedAdministrators",
    when=_whole_organization,
)
def delegated_administrators(source: Account) -> Iterator[Body]:
    yield from source.pages("organizations", "ListDelegatedAdministrators", "DelegatedAdministrators")


@aws.part(
    DelegatedAdministrator,
    "Services",
    call="organizations:ListDelegatedServicesForAccount",
    permissions="organizations:ListDelegatedServicesForAccount",
)
def delegated_services(source: Account, administrator: Body) -> Any:
    return list(
        source.pages(
            "organizations", "ListDelegatedServicesForAccount", "DelegatedServices", AccountId=administrator["Id"]
        )
    )
