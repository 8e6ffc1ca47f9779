"""AWS Organizations: which accounts there are, which organization an account is in, and what all of them may not do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.aws.client import NO_CALL, Account
from connectors.aws.connector import aws
from connectors.aws.policies import Condition, Statement, everything, matches, read_policy
from connectors.aws.settings import Settings

_NEGATED = frozenset({"stringnotequals", "stringnotequalsignorecase", "stringnotlike", "arnnotequals", "arnnotlike"})
# Whoever exempts these exempts everyone: no organization has such an account.
_ANYBODY = tuple(f"arn:{partition}:iam::000000000000:role/any" for partition in ("aws", "aws-cn", "aws-us-gov"))

_GONE = ("SUSPENDED", "PENDING_CLOSURE", "CLOSED", "PENDING_ACTIVATION")


@resource("aws.sts.caller_identity", key="Account")
class CallerIdentity(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Who annexd is signed in as, and with that the one account that it looks at."""

    account: str
    arn: str


@resource("aws.organizations.account", key="Id", redact=(Redact("Email", keep="domain"),))
class OrganizationAccount(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One account of the organization, whatever its state."""

    id: str
    state: str | None = None  # None: an answer from before AWS put State beside Status
    status: str | None = None  # None: AWS has announced that it will leave this out


class OrganizationIdentity(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The organization itself."""

    id: str


@resource("aws.organizations.organization")
class Organization(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The organization as one of its accounts sees it."""

    account_id: str
    organization: OrganizationIdentity | None  # None: the account is in no organization


class Target(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What a policy is attached to."""

    target_id: str
    type: str  # ACCOUNT, ORGANIZATIONAL_UNIT or ROOT


@resource("aws.organizations.service_control_policy", key="Id")
class ServiceControlPolicy(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A limit on what accounts may do, whatever their own policies say."""

    id: str
    name: str
    content: str
    targets: tuple[Target, ...]


def _whole_organization(settings: Settings) -> bool:
    return settings.accounts == "organization"


@aws.discovers(CallerIdentity, level="account", below=lambda _settings, body: body["Account"])
@aws.collects(
    CallerIdentity, at="source", call="sts:GetCallerIdentity", when=lambda settings: settings.accounts is None
)
def own_account(source: Account) -> Iterator[Body]:
    yield source.ask("sts", "GetCallerIdentity")


def _active(_settings: Settings, body: Body) -> str | None:
    account: str = body["Id"]
    return None if (body.get("State") or body.get("Status")) in _GONE else account


@aws.discovers(OrganizationAccount, level="account", below=_active)
@aws.collects(
    OrganizationAccount,
    at="source",
    call="organizations:ListAccounts",
    needs="organizations:ListAccounts",
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
    needs="organizations:DescribeOrganization",
    absent="AWSOrganizationsNotInUseException",
)
def described(account: Account, _body: Body) -> Any:
    return account.ask("organizations", "DescribeOrganization")["Organization"]


@aws.collects(
    ServiceControlPolicy,
    at="source",
    call="organizations:ListPolicies",
    needs="organizations:ListPolicies",
    when=_whole_organization,
)
def service_control_policies(source: Account) -> Iterator[Body]:
    yield from source.pages("organizations", "ListPolicies", "Policies", Filter="SERVICE_CONTROL_POLICY")


@aws.part(ServiceControlPolicy, "Content", call="organizations:DescribePolicy", needs="organizations:DescribePolicy")
def content(source: Account, policy: Body) -> Any:
    return source.ask("organizations", "DescribePolicy", PolicyId=policy["Id"])["Policy"]["Content"]


@aws.part(
    ServiceControlPolicy,
    "Targets",
    call="organizations:ListTargetsForPolicy",
    needs="organizations:ListTargetsForPolicy",
)
def targets(source: Account, policy: Body) -> Any:
    return list(source.pages("organizations", "ListTargetsForPolicy", "Targets", PolicyId=policy["Id"]))


@check(
    "aws_organizations_account_in_organization",
    title="The account belongs to an organization",
    severity="low",
    fix="Invite the account into your organization and accept the invitation",
)
def in_organization(account: Organization) -> Verdict:
    if account.organization is None:
        return failed(f"the account {account.account_id} is in no organization")
    return passed(f"the account {account.account_id} is in the organization {account.organization.id}")


@check(
    "aws_organizations_scp_restricts_regions",
    title="A service control policy at the root denies regions that are not to be used",
    severity="medium",
    fix="Attach a service control policy to the root that denies by aws:RequestedRegion, except for global services",
    over="source",
)
def regions_restricted(policies: All[ServiceControlPolicy], *, allowed_regions: tuple[str, ...] = ()) -> Verdict:
    doubts: list[str] = []
    wide: list[str] = []
    for policy in policies:
        read = read_policy(policy.content)
        denials = [one for one in read.statements if _denies_by_region(one)]
        left = next((left for one in denials if (left := _regions_left(one)) is not None), None)
        if left is None:
            unclear = ("it denies by aws:RequestedRegion under conditions that may leave everyone out",) * bool(denials)
            doubts.extend(f"{policy.name}: {why}" for why in (*read.unclear, *unclear) if policy.targets)
        elif more := sorted(left - set(allowed_regions)) if allowed_regions else []:
            wide.append(f"{policy.name} leaves {', '.join(more)}, which allowed_regions does not list")
        elif any(target.type == "ROOT" for target in policy.targets):
            return passed(f"{policy.name}, attached to the root, leaves {', '.join(sorted(left))}")
        elif policy.targets:
            doubts.append(f"{policy.name} is attached to {len(policy.targets)} targets below the root")
    if doubts:
        return unknown(f"whether every account is covered was not established: {'; '.join(doubts)}")
    return failed("; ".join(wide) or "no attached service control policy denies by aws:RequestedRegion")


def _denies_by_region(statement: Statement) -> bool:
    """Whether a statement is a denial of nearly everything in which regions play a part."""
    if statement.allows or not any(everything(pattern) for pattern in statement.resources or ()):
        return False
    # A narrow list of denied actions is about a service; a restriction of regions denies all but the global ones.
    if statement.not_actions is None and not any(everything(action) for action in statement.actions or ()):
        return False
    return any(condition.key == "aws:requestedregion" for condition in statement.conditions)


def _regions_left(statement: Statement) -> frozenset[str] | None:
    """Return the regions that a denial leaves to everyone but a few; None where its conditions do not say it."""
    left: set[str] = set()
    for condition in statement.conditions:
        if condition.operator not in _NEGATED or not condition.values:
            return None
        match condition.key:
            case "aws:requestedregion" if not any(map(everything, condition.values)):
                left.update(condition.values)
            # Usual guardrails leave out a few named roles, such as the deployment's.
            case "aws:principalarn" if not _exempts_anybody(condition):
                pass
            case _:
                return None
    return frozenset(left)


def _exempts_anybody(condition: Condition) -> bool:
    return any(matches(value, anybody) for value in condition.values for anybody in _ANYBODY)
