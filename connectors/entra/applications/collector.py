"""What annexd itself was granted, by its own token."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, passed, unknown
from collector.core.connectors import Lacking
from collector.core.errors import Unexpected
from collector.core.resources import Body, resource
from collector.core.rights import Rights
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra
from connectors.entra._sdk.settings import Settings
from connectors.entra.roles.privileged import NAMES, role_name

NO_CALL = "(the claims of the token)"

READERS = {
    "f2ef992c-3afb-46b9-b7cf-a126ee74c451": "Global Reader",
    "5d6b6bb7-de71-4623-b4af-96380a352509": "Security Reader",
    "4a5d8f65-41da-4de4-8968-e035b65339cf": "Reports Reader",
    "88d8e3e3-8f55-4a1e-953a-9b9898b8876b": "Directory Readers",
}
"""Roles of the directory that change nothing, by the ids of their templates."""

_OF_EVERYBODY = frozenset(
    {
        "0997a1d0-0d1d-4acb-b408-d5ca73121e90",  # what every application has
        "b79fbf4d-3ef9-4689-8143-76b194e85509",  # what every person has
    }
)

_OF_SIGNING_IN = frozenset({"openid", "profile", "email", "offline_access"})

# A permission of Graph is called after a resource, an operation, and perhaps what it is limited to.
_READS = re.compile(r"(?:[A-Za-z0-9-]+\.)+Read(?:Basic)?(?:\.[A-Za-z]+)*")


@resource("entra.collector")
class Collector(Struct, frozen=True, kw_only=True):
    """What the token of the source says that annexd was granted."""

    application: str
    permissions: tuple[str, ...]
    directory_roles: tuple[str, ...]


@entra.collects(Collector, at="tenant", call=NO_CALL)
def collector(client: Graph) -> Iterator[Body]:
    claims = client.claims()
    if claims is None:
        raise Unexpected("the token of the source is not readable, so it does not tell what was granted")
    yield {
        "application": claims.application,
        "permissions": sorted(claims.granted),
        "directory_roles": sorted(claims.directory_roles),
    }


@entra.reads_own_rights(Collector)
def rights(collectors: Sequence[Body], needed: frozenset[str]) -> Rights:
    """Read the permissions of Graph and the roles of the directory out of the claims; of Azure they say nothing."""
    permissions = frozenset(name for collector in collectors for name in collector["permissions"])
    roles = frozenset(role for collector in collectors for role in collector["directory_roles"])
    named = {role: f"role {READERS.get(role) or role_name(role)}" for role in roles - _OF_EVERYBODY}
    writing = frozenset(name for role, name in named.items() if role not in READERS)
    return Rights(
        held=permissions | frozenset(named.values()), beyond=(permissions - needed - _OF_SIGNING_IN) | writing
    )


@check(
    "entra_collector_read_only",
    title="The evidence collector has only read permissions",
    severity="high",
    fix="Take the permission or the role from annexd's application",
)
def collector_read_only(collector: Collector) -> Verdict:
    writes = [name for name in collector.permissions if name not in _OF_SIGNING_IN and not _READS.fullmatch(name)]
    roles = [role for role in collector.directory_roles if role not in READERS and role not in _OF_EVERYBODY]
    known = [NAMES[role] for role in roles if role in NAMES]
    if writes or known:
        return failed(f"annexd has more than it needs to read: {', '.join([*writes, *known])}")
    if roles:
        return unknown(
            f"annexd has roles of the directory, of which it is not known what they change: {', '.join(roles)}"
        )
    return passed(f"the {len(collector.permissions)} permissions of annexd read, and change nothing")


def _mend(settings: Settings, _scopes: Sequence[str], permissions: Sequence[str]) -> str:
    """Return what mends it, for people."""
    if not permissions:
        return "look at the credential of the source, and at its tenant"
    consent = f"{settings.endpoints.authority}/{settings.tenant}/adminconsent?client_id={settings.client_id or '...'}"
    return f"add {', '.join(permissions)} to the application as application permissions, then consent at {consent}"


@entra.probes(at="tenant", call=NO_CALL, permissions=(), mend=_mend)
def lacking(client: Graph, permissions: Sequence[str]) -> Iterator[Lacking]:
    """Yield the permissions that the token does not have; of rights in Azure it says nothing."""
    claims = client.claims()
    for permission in permissions:
        if "/" in permission:
            continue
        if claims is None:
            yield Lacking(permission, "the token of the source is not readable", certain=False)
        elif permission not in claims.granted:
            yield Lacking(permission, "the token does not have it")
