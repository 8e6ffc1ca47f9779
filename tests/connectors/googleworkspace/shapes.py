"""One of each resource, as Google has it; a test says only what matters to it."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from tests.connectors.googleworkspace.double import CUSTOMER

ROOT = "03ph8a2z0root"


def _id(of: object) -> str:
    return f"1{crc32(repr(of).encode()):012}"


def a_user(name: str = "ada", **but: Any) -> dict[str, Any]:
    """A user who is enrolled in 2-step verification, and signed in yesterday."""
    user: dict[str, Any] = {
        "kind": "admin#directory#user",
        "id": _id(name),
        "primaryEmail": f"{name}@acme.example",
        "orgUnitPath": "/",
        "customerId": CUSTOMER,
        "suspended": False,
        "archived": False,
        "isAdmin": False,
        "isDelegatedAdmin": False,
        "isEnrolledIn2Sv": True,
        "isEnforcedIn2Sv": True,
        "isMailboxSetup": True,
        "creationTime": "2024-01-08T09:00:00.000Z",
        "lastLoginTime": "2026-02-28T08:00:00.000Z",
    }
    return user | but


def a_unit(path: str, unit: str, parent: str = ROOT) -> dict[str, Any]:
    """A unit; the root has no parent."""
    above = path.rpartition("/")[0] or "/"
    body = {
        "kind": "admin#directory#orgUnit",
        "name": path.rpartition("/")[2] or "acme",
        "orgUnitPath": path,
        "orgUnitId": f"id:{unit}",
        "etag": "e",
    }
    return body if path == "/" else body | {"parentOrgUnitId": f"id:{parent}", "parentOrgUnitPath": above}


def a_policy(
    setting: str,
    value: dict[str, Any],
    *,
    unit: str = ROOT,
    group: str = "",
    licences: tuple[str, ...] = (),
    order: float = 101.0,
    origin: str = "ADMIN",
    query: str | None = None,
) -> dict[str, Any]:
    """A policy that sets a value for a unit, a group, or the holders of licences."""
    clauses = [f"entity.org_units.exists(org_unit, org_unit.org_unit_id == orgUnitId('{unit}'))"] if unit else []
    if group:
        clauses.append(f"entity.groups.exists(group, group.group_id == groupId('{group}'))")
    if licences:
        named = ", ".join(f"'{licence}'" for licence in licences)
        clauses.append(f"entity.licenses.exists(license, license in [{named}])")
    found: dict[str, Any] = {"query": " && ".join(clauses) if query is None else query, "sortOrder": order}
    if unit and query is None:
        found["orgUnit"] = f"orgUnits/{unit}"
    if group and query is None:
        found["group"] = f"groups/{group}"
    return {
        "name": f"policies/{_id((setting, unit, group, licences, order, query))}",
        "customer": f"customers/{CUSTOMER}",
        "policyQuery": found,
        "setting": {"type": f"settings/{setting}", "value": value},
        "type": origin,
    }
