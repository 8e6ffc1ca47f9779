"""The conditions of a policy of conditional access, and what of a sign-in each of them is about."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

ALL_GUEST_TYPES = frozenset(
    {
        "internalGuest",
        "b2bCollaborationGuest",
        "b2bCollaborationMember",
        "b2bDirectConnectUser",
        "otherExternalUser",
        "serviceProvider",
    }
)
"""The types of guests and external users; one word stands for all: GuestsOrExternalUsers."""

CLIENTS = ("browser", "mobileAppsAndDesktopClients", "exchangeActiveSync", "other")
"""The types of client applications. The last two are the legacy ones, which cannot ask for a second factor."""

LEGACY_CLIENTS = ("exchangeActiveSync", "other")

PLATFORMS = ("android", "iOS", "windows", "windowsPhone", "macOS", "linux", "any other platform")
"""The platforms that a policy may name, and those that only `all` means."""


DEVICES = "filter for devices"
"""What people call the condition `devices`."""


class Tenants(Struct, frozen=True, kw_only=True, rename="camel"):
    """The tenants whose people are meant; `enumerated` for some of them."""

    membership_kind: str = "all"  # left out for types without a home tenant


class Externals(Struct, frozen=True, kw_only=True, rename="camel"):
    """Guests and external users by type: one text with commas between several."""

    guest_or_external_user_types: str
    external_tenants: Tenants | None = None  # left out: those of all tenants

    @property
    def types(self) -> frozenset[str]:
        """The types that are named."""
        return frozenset(name.strip() for name in self.guest_or_external_user_types.split(",")) - {"none", ""}

    @property
    def of_some_tenants(self) -> bool:
        """Whether only people of some tenants are meant."""
        return self.external_tenants is not None and self.external_tenants.membership_kind != "all"


class Users(Struct, frozen=True, kw_only=True, rename="camel"):
    """Whom a policy includes and leaves out. Lists are left out in older answers where they are empty."""

    include_users: tuple[str, ...] = ()
    exclude_users: tuple[str, ...] = ()
    include_groups: tuple[str, ...] = ()
    exclude_groups: tuple[str, ...] = ()
    include_roles: tuple[str, ...] = ()
    exclude_roles: tuple[str, ...] = ()
    include_guests_or_external_users: Externals | None = None  # null: none by type
    exclude_guests_or_external_users: Externals | None = None  # as above


class Applications(Struct, frozen=True, kw_only=True, rename="camel"):
    """Which applications, or actions in place of them, a policy is about. Lists are left out where they are empty."""

    include_applications: tuple[str, ...] = ()
    exclude_applications: tuple[str, ...] = ()
    include_user_actions: tuple[str, ...] = ()
    include_authentication_context_class_references: tuple[str, ...] = ()
    application_filter: Any = None  # null: none


class Locations(Struct, frozen=True, kw_only=True, rename="camel"):
    """From where."""

    include_locations: tuple[str, ...] = ()
    exclude_locations: tuple[str, ...] = ()


class Platforms(Struct, frozen=True, kw_only=True, rename="camel"):
    """On which platforms."""

    include_platforms: tuple[str, ...] = ()
    exclude_platforms: tuple[str, ...] = ()


class Flows(Struct, frozen=True, kw_only=True, rename="camel"):
    """By which flows of signing in: one text with commas between several."""

    transfer_methods: str | None  # null: none

    @property
    def methods(self) -> frozenset[str]:
        """The flows that are named."""
        return frozenset(name.strip() for name in (self.transfer_methods or "").split(",")) - {"none", ""}


class Conditions(Struct, frozen=True, kw_only=True, rename="camel"):
    """When a policy is applied. What is null, empty or left out does not narrow it."""

    users: Users | None = None
    applications: Applications | None = None
    client_app_types: tuple[str, ...] = ()
    platforms: Platforms | None = None
    locations: Locations | None = None
    authentication_flows: Flows | None = None
    sign_in_risk_levels: tuple[str, ...] = ()
    user_risk_levels: tuple[str, ...] = ()
    client_applications: Any = None  # for applications that sign in by themselves, not for people
    other: tuple[str, ...] = ()
    """Conditions of other names that are set, such as a filter for devices: each may narrow the policy."""

    @property
    def is_for_applications(self) -> bool:
        """Whether the policy is about applications and agents that sign in by themselves, and not about people."""
        return not _is_empty(self.client_applications)

    @property
    def narrowed_by(self) -> tuple[str, ...]:
        """The conditions that take some sign-ins out, other than who, which application, client and platform."""
        found = list(self.other)
        if self.sign_in_risk_levels:
            found.append("risk of the sign-in")
        if self.user_risk_levels:
            found.append("risk of the user")
        if self.authentication_flows is not None and self.authentication_flows.methods:
            found.append("flow of signing in")
        where = self.locations
        if where is not None and (where.exclude_locations or set(where.include_locations) - {"All"}):
            found.append("location")
        return tuple(found)


_KNOWN = frozenset(field.encode_name for field in msgspec.structs.fields(Conditions)) - {"other"}
_EMPTY: tuple[object, ...] = (None, [], "", {})


def conditions_of(raw: dict[str, Any]) -> Conditions:
    """Return the conditions of a policy. Raises msgspec.ValidationError where they are not as Graph describes them."""
    other = tuple(_words(name) for name, value in raw.items() if name not in _KNOWN and not _is_empty(value))
    known = {name: value for name, value in raw.items() if name in _KNOWN and value is not None}
    return msgspec.structs.replace(msgspec.convert(known, Conditions), other=other)


def _is_empty(value: Any) -> bool:
    """Whether a condition says nothing: null, an empty list, or an object of nothing else."""
    if isinstance(value, dict):
        return all(_is_empty(inner) for name, inner in value.items() if not name.startswith("@"))
    return value in _EMPTY


def _words(name: str) -> str:
    return {"devices": DEVICES}.get(name, name.partition("@")[0])
