"""Which roles there are to be, by the settings of a source: the one entered first, and the one of each account."""

from __future__ import annotations

from msgspec import Struct

from collector.core.roll_out import RollOut
from connectors.aws._sdk.roll_out.policies import ManagedPolicy, role_policies
from connectors.aws._sdk.settings import HOME_REGION, Partition, Settings

ROLE_NAME = "annexd"
"""The name of the role in each account, where the settings name none."""


class Role(Struct, frozen=True, kw_only=True):
    """A role to be made. `trusted` is the ARN of who enters it; None: what annexd runs as, which only people know."""

    name: str
    path: str
    trusted: str | None
    policies: tuple[ManagedPolicy, ...]


class Plan(Struct, frozen=True, kw_only=True):
    """The roles. `first`, which enters all others, is None for one account.

    `asks_for_id`: whether they ask for an external id. They do unless a source is configured that sends none, and
    would be kept out.
    """

    partition: Partition
    region: str  # in which global services of the partition are called, and where the stack set puts its stacks
    first: Role | None
    first_account: str | None  # None: no setting says which account the first role is in
    member: Role
    asks_for_id: bool


def plan(wanted: RollOut) -> Plan:
    """Return the roles that are to be made. Raises ConfigError where IAM would not take their policies."""
    settings = wanted.settings if isinstance(wanted.settings, Settings) else Settings()
    name = settings.member_role or ROLE_NAME
    path, first_name = _path_and_name(settings.role, name)
    everything = (*wanted.everywhere, *wanted.at_source)
    if wanted.organization:
        enters = f"arn:{settings.partition}:iam::*:role/{name}"
        first = Role(name=first_name, path=path, trusted=None, policies=role_policies(everything, enters))
        member = Role(name=name, path="/", trusted=settings.role, policies=role_policies(wanted.everywhere))
    else:
        first = None
        member = Role(name=first_name, path=path, trusted=None, policies=role_policies(everything))
    return Plan(
        partition=settings.partition,
        region=HOME_REGION[settings.partition],
        first=first,
        first_account=settings.hub,
        member=member,
        asks_for_id=wanted.settings is None or settings.external_id is not None,
    )


def _path_and_name(arn: str | None, otherwise: str) -> tuple[str, str]:
    """Return the path and the name of a role by its ARN; at the top, the other name, where there is none."""
    if arn is None:
        return "/", otherwise
    *path, name = arn.partition(":role/")[2].split("/")
    return "/".join(("", *path, "")), name
