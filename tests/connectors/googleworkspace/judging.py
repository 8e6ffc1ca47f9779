"""Call checks of Google Workspace with evidence as Google has it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from collector.core.checks import Check, Status, Verdict
from connectors.googleworkspace.directory.groups import Group
from connectors.googleworkspace.directory.orgunits import OrgUnit
from connectors.googleworkspace.directory.roles import Role, RoleAssignment
from connectors.googleworkspace.directory.users import User
from connectors.googleworkspace.policy.policies import Policy
from tests.connectors.github.judging import (
    FAIL,
    NOTHING,
    PASS,
    TODAY,
    UNKNOWN,
    CompleteSet,
    UnreadSet,
    ago,
    status,
    unread,
    verdict,
)
from tests.connectors.googleworkspace.shapes import ROOT, a_policy, a_unit

__all__ = [
    "FAIL",
    "NOTHING",
    "PASS",
    "TODAY",
    "UNKNOWN",
    "UnreadSet",
    "ago",
    "every",
    "of_policies",
    "status",
    "unread",
    "verdict",
]

V = TypeVar("V", bound=Struct)

SALES, BERLIN, ADMINS = "03ph8a2z1sales", "03ph8a2z2berlin", "03ph8a2z3admins"
UNITS = (
    a_unit("/", ROOT),
    a_unit("/Sales", SALES),
    a_unit("/Sales/Berlin", BERLIN, parent=SALES),
    a_unit("/Admins", ADMINS),
)

SERVICES = tuple(
    a_policy(f"{service}.service_status", {"serviceState": "ENABLED"}, order=1.0, origin="SYSTEM")
    for service in ("calendar", "chat", "drive_and_docs", "gmail", "groups_for_business")
)


def one(of: type[V], body: dict[str, Any]) -> V:
    """Return the view of a body."""
    return msgspec.convert(body, of)


def every(of: type[V], bodies: Iterable[dict[str, Any]]) -> CompleteSet:
    """Return a complete set of views."""
    return CompleteSet(*(msgspec.convert(body, of) for body in bodies))


def units() -> CompleteSet:
    """Return the units of the company."""
    return every(OrgUnit, UNITS)


def users(*bodies: dict[str, Any]) -> CompleteSet:
    """Return a complete set of users."""
    return every(User, ({"mail": "", **body} for body in bodies))


def groups(*bodies: dict[str, Any]) -> CompleteSet:
    """Return a complete set of groups."""
    return every(Group, bodies)


def roles(*bodies: dict[str, Any]) -> CompleteSet:
    """Return a complete set of roles."""
    return every(Role, bodies)


def assignments(*bodies: dict[str, Any]) -> CompleteSet:
    """Return a complete set of assignments of roles."""
    return every(RoleAssignment, bodies)


def of_policies(check: Check[...], *bodies: dict[str, Any], more: tuple[Any, ...] = (), **limits: Any) -> Verdict:
    """Return the verdict of a check on the policies of a company with these units, where every service is on."""
    named = {body["setting"]["type"] for body in bodies}
    services = [body for body in SERVICES if body["setting"]["type"] not in named]
    return verdict(check, every(Policy, [*bodies, *services]), units(), *more, **limits)


def policy_status(check: Check[...], *bodies: dict[str, Any], more: tuple[Any, ...] = (), **limits: Any) -> Status:
    """Return the status of that verdict."""
    return of_policies(check, *bodies, more=more, **limits).status
