"""Conditional access as it is configured: policies, the groups and locations that they name, and security defaults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors.entra._sdk.calls import (
    CONDITIONAL_ACCESS,
    GROUP,
    GROUP_MEMBERS,
    NAMED_LOCATIONS,
    SECURITY_DEFAULTS,
    permissions,
)
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra
from connectors.entra._sdk.errors import GONE
from connectors.entra.directory.groups import GroupMember, members_of


class Strength(Struct, frozen=True, kw_only=True, rename="camel"):
    """Which combinations of methods are strong enough."""

    id: str
    display_name: str
    requirements_satisfied: str  # mfa, none
    allowed_combinations: tuple[str, ...]  # methods joined by commas


class Grant(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a policy demands before it lets somebody in."""

    operator: str | None  # AND or OR; null where there is one control alone
    built_in_controls: tuple[str, ...]
    custom_authentication_factors: tuple[str, ...]
    terms_of_use: tuple[str, ...]
    authentication_strength: Strength | None = None  # a navigation property: left out where there is none


class Frequency(Struct, frozen=True, kw_only=True, rename="camel"):
    """After how long somebody has to sign in again."""

    is_enabled: bool | None  # null: off
    value: int | None  # null with everyTime
    type: str | None  # hours or days; null with everyTime
    frequency_interval: str | None = None  # everyTime; timeBased, or null in older policies, for a span


class Persistence(Struct, frozen=True, kw_only=True, rename="camel"):
    """Whether a browser stays signed in after it was closed."""

    is_enabled: bool | None  # null: off
    mode: str | None  # always or never; null: off


class Session(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a policy demands of a session. Each is null or left out where the policy does not use it."""

    sign_in_frequency: Frequency | None = None  # as above
    persistent_browser: Persistence | None = None  # as above


@resource("entra.conditional_access.policy", key="id")
class Policy(Struct, frozen=True, kw_only=True, rename="camel"):
    """A policy of conditional access. `conditions` is read by `conditions_of`, which notices what it does not know."""

    id: str
    display_name: str
    state: str  # enabled, disabled, enabledForReportingButNotEnforced
    conditions: dict[str, Any]
    grant_controls: Grant | None  # null: the policy changes the session alone
    session_controls: Session | None  # null: the policy changes no session


class Named(Struct, frozen=True, kw_only=True, rename="camel"):
    """A group, as people know it."""

    display_name: str | None  # null: the group has no name
    visibility: str | None  # HiddenMembership: members are not shown to everybody; null for groups older than it


@resource("entra.conditional_access.group", key="id")
class PolicyGroup(Struct, frozen=True, kw_only=True, rename="camel"):
    """A group that policies include or leave out, with its members through all levels."""

    id: str
    group: Named | None  # null: the group was deleted, so nobody is in it
    members: tuple[GroupMember, ...] | None  # null: as above


@resource("entra.conditional_access.named_location", key="id")
class NamedLocation(Struct, frozen=True, kw_only=True, rename="camel"):
    """A place that policies may name, by addresses or by countries."""

    id: str
    display_name: str
    type: str = field(name="@odata.type")
    is_trusted: bool = False  # countries have no such property


@resource("entra.policy.security_defaults")
class SecurityDefaults(Struct, frozen=True, kw_only=True, rename="camel"):
    """Microsoft's own rules for signing in, which exclude policies of conditional access."""

    is_enabled: bool


@entra.collects(Policy, at="tenant", call=CONDITIONAL_ACCESS, permissions=permissions(CONDITIONAL_ACCESS))
def policies(client: Graph) -> Iterator[Body]:
    return _policies(client)


def _policies(client: Graph) -> Iterator[Body]:
    return client.pages(CONDITIONAL_ACCESS, lambda graph: graph.identity.conditional_access.policies)


@entra.collects(PolicyGroup, at="tenant", call=CONDITIONAL_ACCESS, permissions=permissions(CONDITIONAL_ACCESS))
def policy_groups(client: Graph) -> Iterator[Body]:
    seen: set[str] = set()
    for policy in _policies(client):
        users = (policy.get("conditions") or {}).get("users") or {}
        for name in (*(users.get("includeGroups") or ()), *(users.get("excludeGroups") or ())):
            if name not in seen:
                seen.add(name)
                yield {"id": name}


@entra.part(PolicyGroup, "group", call=GROUP, permissions=permissions(GROUP), absent=GONE)
def group(client: Graph, body: Body) -> Any:
    options = {"select": ("id", "displayName", "visibility", "membershipRule")}
    return client.get(GROUP, lambda graph: graph.groups.by_group_id(body["id"]), options, having="id")


@entra.part(PolicyGroup, "members", call=GROUP_MEMBERS, permissions=permissions(GROUP_MEMBERS), absent=GONE)
def group_members(client: Graph, body: Body) -> Any:
    return members_of(client, body["id"])


@entra.collects(NamedLocation, at="tenant", call=NAMED_LOCATIONS, permissions=permissions(NAMED_LOCATIONS))
def named_locations(client: Graph) -> Iterator[Body]:
    return client.pages(NAMED_LOCATIONS, lambda graph: graph.identity.conditional_access.named_locations)


@entra.collects(SecurityDefaults, at="tenant", call=SECURITY_DEFAULTS, permissions=permissions(SECURITY_DEFAULTS))
def security_defaults(client: Graph) -> Iterator[Body]:
    yield client.get(
        SECURITY_DEFAULTS,
        lambda graph: graph.policies.identity_security_defaults_enforcement_policy,
        having="isEnabled",
    )
