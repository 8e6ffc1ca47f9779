"""Factors that administrators have enrolled: one call for each of them, at a share of the quota.

What everybody has to enrol is said by the enrolment policies; that of administrators is looked at person by person.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.resources import Body, resource
from connectors.okta._sdk.client import IN_BODY, PAGE, Okta
from connectors.okta._sdk.connector import okta
from connectors.okta._sdk.operations import (
    GROUP_ROLES,
    GROUP_USERS,
    GROUPS,
    ROLE_ASSIGNEES,
    USER_FACTORS,
    scopes_of,
)
from connectors.okta.people.administrators import groups_with_roles
from connectors.okta.people.users import CAN_SIGN_IN, CANNOT_SIGN_IN, User
from connectors.okta.permissions import ROLE_VIEWER

_ACTIVE = "ACTIVE"
_PHISHING_RESISTANT = {"webauthn": "FIDO2 (WebAuthn)", "u2f": "FIDO U2F", "signed_nonce": "FastPass of Okta Verify"}
_KEPT = ("id", "factorType", "provider", "vendorName", "status", "created", "lastUpdated")


class EnrolledFactor(Struct, frozen=True, kw_only=True, rename="camel"):
    """A factor of somebody."""

    factor_type: str
    provider: str
    status: str


@resource("okta.user.factor", key="id")
class AdministratorFactors(Struct, frozen=True, kw_only=True):
    """The factors of an administrator; `id` is that of the user."""

    id: str
    factors: tuple[EnrolledFactor, ...]


@okta.collects(
    AdministratorFactors,
    at="organization",
    call=(ROLE_ASSIGNEES, GROUPS, GROUP_ROLES, GROUP_USERS),
    permissions=(*scopes_of(ROLE_ASSIGNEES, GROUPS), ROLE_VIEWER),
)
def administrators(client: Okta) -> Iterator[Body]:
    listed: set[str] = set()
    for user in client.pages(ROLE_ASSIGNEES, key="value", paging=IN_BODY, query={"limit": PAGE}):
        listed.add(user["id"])
        yield {"id": user["id"]}
    for _, users in groups_with_roles(client):
        yield from ({"id": user} for user in users if user not in listed)
        listed.update(users)


@okta.part(AdministratorFactors, "factors", call=USER_FACTORS, permissions=scopes_of(USER_FACTORS))
def factors(client: Okta, administrator: Body) -> Any:
    listed = client.pages(USER_FACTORS, userId=administrator["id"])
    return [{name: found[name] for name in _KEPT if name in found} for found in listed]


@check(
    "okta_admins_have_strong_factor",
    title="Each admin has a phishing-resistant factor enrolled",
    severity="high",
    fix="Have the administrator enrol FIDO2 (WebAuthn) or FastPass, and ask for it in the Admin Console's policy",
)
def admins_have_strong_factor(administrator: AdministratorFactors, users: All[User]) -> Verdict:
    user = next((user for user in users if user.id == administrator.id), None)
    if user is None:
        return unknown(f"user {administrator.id} has a role and is not in the list of users")
    login = user.profile.login
    if user.status in CANNOT_SIGN_IN:
        return not_applicable(f"{login} is {user.status.lower()}, and cannot sign in")
    if user.status not in CAN_SIGN_IN:
        return unknown(f"what the status {user.status} of {login} means is not known")
    active = sorted({found.factor_type for found in administrator.factors if found.status == _ACTIVE})
    strong = [_PHISHING_RESISTANT[kind] for kind in active if kind in _PHISHING_RESISTANT]
    if strong:
        return passed(f"{login} has {', '.join(strong)}")
    if "claims_provider" in active:
        return unknown(f"{login} proves a factor to another identity provider, which decides how strong it is")
    return failed(f"{login} has {', '.join(active) or 'no factor'}, none of which is resistant to phishing")
