"""What a role lets somebody do: actions minus notActions, each a pattern in which * stands for any text.

https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions-format
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from msgspec import Struct

MANAGE_ACCESS = (
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Authorization/roleAssignments/delete",
    "Microsoft.Authorization/roleDefinitions/write",
    "Microsoft.Authorization/elevateAccess/action",
)
"""Operations by which somebody changes who may do what."""

GIVE_ACCESS = MANAGE_ACCESS[0]
"""The operation by which somebody gives a role to anybody."""

# Operations of a provider that there is not: only a pattern that covers every provider covers these.
_ANYTHING = ("Annexd.Example/anything/write", "Annexd.Example/anything/delete", "Annexd.Example/anything/do/action")


class Permission(Struct, frozen=True, kw_only=True, rename="camel"):
    """One set of permissions of a role; what `not_actions` names is taken from the actions of this set only."""

    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    data_actions: tuple[str, ...] = ()  # left out of roles from before there were any
    not_data_actions: tuple[str, ...] = ()


def allows(permissions: Iterable[Permission], operation: str) -> bool:
    """Whether permissions allow an operation of the control plane."""
    return any(
        _covers(permission.actions, operation) and not _covers(permission.not_actions, operation)
        for permission in permissions
    )


def is_broad(permissions: Sequence[Permission]) -> bool:
    """Whether permissions let somebody change whatever there is, of any provider."""
    return any(allows(permissions, operation) for operation in _ANYTHING)


def access_management(permissions: Sequence[Permission]) -> tuple[str, ...]:
    """Return the operations of MANAGE_ACCESS that permissions allow."""
    return tuple(operation for operation in MANAGE_ACCESS if allows(permissions, operation))


def is_owner(permissions: Sequence[Permission]) -> bool:
    """Whether permissions let somebody change whatever there is, and give this right to others."""
    return is_broad(permissions) and allows(permissions, GIVE_ACCESS)


def is_privileged(permissions: Sequence[Permission]) -> bool:
    """Whether permissions let somebody change whatever there is, or who may do what."""
    return is_broad(permissions) or bool(access_management(permissions))


def beyond_reading(permissions: Iterable[Permission], approved: Iterable[str] = ()) -> tuple[str, ...]:
    """Return what permissions allow besides reading the configuration, but for the approved operations.

    A pattern reads only where everything that it covers ends with /read. Every operation on data counts, reading too.
    """
    known = frozenset(operation.lower() for operation in approved)
    found: list[str] = []
    for permission in permissions:
        found += [
            action
            for action in permission.actions
            if not action.lower().endswith("/read")
            and action.lower() not in known
            and ("*" in action or not _covers(permission.not_actions, action))
        ]
        found += [
            f"{action} on data"
            for action in permission.data_actions
            if "*" in action or not _covers(permission.not_data_actions, action)
        ]
    return tuple(dict.fromkeys(found))


def _covers(patterns: Iterable[str], operation: str) -> bool:
    return any(_pattern(pattern).fullmatch(operation) is not None for pattern in patterns)


@lru_cache(maxsize=4096)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.IGNORECASE | re.DOTALL)
