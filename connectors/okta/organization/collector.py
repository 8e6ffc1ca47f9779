"""How annexd itself signs in, and what it could do with that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, passed, unknown
from collector.core.connectors import Lacking
from collector.core.errors import Denied, Unexpected
from collector.core.plain_text import first_few
from collector.core.resources import Body, resource
from collector.core.rights import Rights
from connectors.okta._sdk.client import IN_BODY, Okta
from connectors.okta._sdk.connector import okta
from connectors.okta._sdk.operations import APP, APP_GRANTS, CLIENT_ROLES, ME, ROLE_PERMISSIONS, USER_ROLES, scopes_of
from connectors.okta._sdk.settings import Settings
from connectors.okta.applications.apps import Grant
from connectors.okta.people.administrators import Role
from connectors.okta.permissions import ROLE_VIEWER

_READS = frozenset({"READ_ONLY_ADMIN", "REPORT_ADMIN"})
"""Standard roles that change nothing. https://help.okta.com/okta_help.htm?id=ext-administrators-admin-comparison"""


class RolePermission(Struct, frozen=True, kw_only=True):
    """A permission of a custom role."""

    label: str


class OwnRole(Role, frozen=True, kw_only=True):
    """A role of the identity that annexd signs in with."""

    permissions: tuple[RolePermission, ...] | None = None  # None: a standard role


@resource("okta.collector.identity", key="id")
class OwnIdentity(Struct, frozen=True, kw_only=True):
    """The identity that annexd signs in with: an API service app with scopes, or the owner of an API token."""

    id: str
    sign_in: str  # api_service_app or api_token
    grants: tuple[Grant, ...]  # empty for an API token, which has no scopes
    roles: tuple[OwnRole, ...]


_APP, _TOKEN = "api_service_app", "api_token"


@okta.collects(OwnIdentity, at="organization", call=(APP, ME), permissions=scopes_of(APP))
def own_identity(client: Okta) -> Iterator[Body]:
    client_id = client.settings.client_id
    if client_id is None:
        yield {"sign_in": _TOKEN, "id": client.get(ME, having="id")["id"]}
    else:
        yield {"sign_in": _APP, "id": client.get(APP, having="id", appId=client_id)["id"]}


@okta.part(OwnIdentity, "grants", call=APP_GRANTS, permissions=scopes_of(APP_GRANTS))
def own_grants(client: Okta, identity: Body) -> Any:
    return client.items(APP_GRANTS, appId=identity["id"]) if identity["sign_in"] == _APP else []


@okta.part(
    OwnIdentity,
    "roles",
    call=(CLIENT_ROLES, USER_ROLES, ROLE_PERMISSIONS),
    permissions=(*scopes_of(CLIENT_ROLES), ROLE_VIEWER),
)
def own_roles(client: Okta, identity: Body) -> Any:
    if identity["sign_in"] == _APP:
        found = client.items(CLIENT_ROLES, clientId=identity["id"])
    else:
        found = client.items(USER_ROLES, userId=identity["id"])
    return [_with_permissions(client, role) for role in found]


def _with_permissions(client: Okta, role: Body) -> Body:
    if role["type"] != "CUSTOM":
        return role
    listed = client.pages(ROLE_PERMISSIONS, key="permissions", paging=IN_BODY, roleIdOrLabel=role["role"])
    return {**role, "permissions": [{"label": permission["label"]} for permission in listed]}


@okta.reads_own_rights(OwnIdentity)
def rights(identities: Sequence[Body], needed: frozenset[str]) -> Rights:
    """Read the scopes that were granted to the API service app."""
    if any(identity["sign_in"] != _APP for identity in identities):
        return Rights(why="an API token of Okta has no scopes, and can do whatever its owner can")
    held = frozenset(
        grant["scopeId"]
        for identity in identities
        for grant in identity["grants"]
        if grant.get("status") in (None, "ACTIVE")
    )
    return Rights(held=held, beyond=held - needed)


@check(
    "okta_collector_read_only",
    title="The evidence client has only read scopes",
    severity="high",
    fix="Sign in as an API service app of which every granted scope ends in .read",
)
def collector_read_only(identity: OwnIdentity) -> Verdict:
    if identity.sign_in == _APP:
        granted = [grant.scope_id for grant in identity.grants if grant.status in (None, "ACTIVE")]
        writing = sorted(scope for scope in granted if not scope.endswith((".read", ".read.self")))
        if writing:
            return failed(f"the API service app was granted {first_few(writing)}")
        if not granted:
            return unknown("Okta shows no scope that was granted to the API service app, and gave it tokens")
        return passed(f"each of the {len(granted)} scopes that were granted to the API service app only reads")
    lesser = "an API token has no scopes, and can do whatever its owner can"
    more = sorted({role.label or role.type for role in identity.roles if _changes(role)})
    if more:
        return failed(f"{lesser}: {first_few(more)}")
    if not identity.roles:
        return unknown(f"{lesser}; Okta shows no role of the owner")
    return passed(
        f"{lesser}, which is to read: {first_few(sorted({role.label or role.type for role in identity.roles}))}"
    )


def _changes(role: OwnRole) -> bool:
    """Whether a role may change anything; one whose permissions are not shown is taken for one that may."""
    if role.type != "CUSTOM":
        return role.type not in _READS
    return role.permissions is None or any(not permission.label.endswith(".read") for permission in role.permissions)


def mend(settings: Settings, organizations: Sequence[str], permissions: Sequence[str]) -> str:
    """Return what gives annexd these permissions, as it is done in the Admin Console."""
    where = f"Admin Console of {', '.join(organizations)}: Applications > {settings.client_id}"
    scopes = [permission for permission in permissions if permission.startswith("okta.")]
    steps = [f"{where} > Okta API Scopes: grant {', '.join(scopes)}"] if scopes else []
    if ROLE_VIEWER in permissions:
        steps.append(f"{where} > Admin roles: assign a custom role with okta.iam.read on all IAM resources")
    return "\n".join(steps) or f"{where} > General: see that the key is there, and that DPoP is not asked for"


@okta.probes(
    at="organization",
    call=(APP_GRANTS, CLIENT_ROLES, ROLE_PERMISSIONS),
    permissions=scopes_of(APP_GRANTS),
    mend=mend,
)
def lacking(client: Okta, permissions: Sequence[str]) -> Iterator[Lacking]:
    """Yield the scopes that were not granted to the app, and the role where Okta does not show roles to it."""
    app = client.settings.client_id
    if app is None:
        raise Unexpected(
            "an API token has no scopes, and what its owner may do is in no list",
            mend="sign in as an API service app, whose scopes Okta shows",
        )
    grants = client.items(APP_GRANTS, appId=app)
    granted = {grant["scopeId"] for grant in grants if grant.get("status") in (None, "ACTIVE")}
    for permission in permissions:
        if permission.startswith("okta.") and permission not in granted:
            yield Lacking(permission, "the scope was not granted to the app")
    if ROLE_VIEWER in permissions and "okta.roles.read" in granted:
        yield from _without_role(client, app)


def _without_role(client: Okta, app: str) -> Iterator[Lacking]:
    try:
        found = [_with_permissions(client, role) for role in client.items(CLIENT_ROLES, clientId=app)]
    except Denied:
        yield Lacking(ROLE_VIEWER, "Okta does not show the app its own roles")
        return
    labels = {permission["label"] for role in found for permission in role.get("permissions", ())}
    if "okta.iam.read" not in labels and not any(role["type"] == "SUPER_ADMIN" for role in found):
        yield Lacking(ROLE_VIEWER, "no role of the app is documented to show roles", certain=False)
