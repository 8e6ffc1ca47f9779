"""The scopes that annexd itself is authorized for, and whether any of them could change something."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.connectors import Lacking, Listed
from collector.core.resources import Body, resource
from collector.core.rights import Rights
from connectors.googleworkspace._sdk.client import TOKEN, Workspace
from connectors.googleworkspace._sdk.connector import googleworkspace
from connectors.googleworkspace._sdk.scopes import OPTIONAL, READ_ONLY, WRITING
from connectors.googleworkspace._sdk.settings import Settings
from connectors.googleworkspace.permissions import client_id

_NOTHING_KNOWN = "Google gives the service account no token at all, so that nothing is known of its scopes"


@resource("googleworkspace.collector.scope", key="scope")
class OwnScope(Struct, frozen=True, kw_only=True):
    """A scope, and whether Google gives the service account of this source a token for it, for its administrator."""

    scope: str
    authorized: bool


@googleworkspace.collects(OwnScope, at="customer", call=TOKEN)
def own_scopes(client: Workspace) -> Listed:
    # No API shows what is authorized. Google refuses a token for a scope that is not; none of these tokens is used.
    for scope in (*READ_ONLY, *WRITING):
        yield {"scope": scope, "authorized": client.may_act_by(scope)}


def how_to_authorize(settings: Settings, _customers: Sequence[str], scopes: Sequence[str]) -> str:
    """Return what to do in the Admin console, for scopes that are not authorized or for all of them."""
    wanted = scopes or (*READ_ONLY, *settings.optional_scopes)
    return (
        "in the Admin console, Security, Access and data control, API controls, Manage domain-wide delegation,"
        f" authorize for client id {client_id(settings)}: {','.join(sorted(wanted))}"
    )


@googleworkspace.probes(at="customer", call=TOKEN, permissions=(*READ_ONLY, *OPTIONAL), mend=how_to_authorize)
def lacking(client: Workspace, permissions: Sequence[str]) -> Iterator[Lacking]:
    """Yield the scopes for which Google gives no token. What the administrator may read with one, it does not say."""
    for scope in permissions:
        if not client.may_act_by(scope):
            yield Lacking(scope, "the service account is not authorized for it in the Admin console")


@googleworkspace.reads_own_rights(OwnScope)
def rights(scopes: Sequence[Body], needed: frozenset[str]) -> Rights:
    """Read which of the scopes that were tried are authorized; of any other nobody is told."""
    held = frozenset(one["scope"] for one in scopes if one["authorized"])
    if not held:
        return Rights(why=_NOTHING_KNOWN)
    return Rights(held=held, beyond=held - needed)


@check(
    "googleworkspace_collector_read_only",
    title="The evidence collector uses only read-only scopes",
    severity="high",
    fix="Take the scopes listed from the domain-wide delegation of annexd's service account, in the Admin console",
)
def read_only(scopes: All[OwnScope]) -> Verdict:
    authorized = {one.scope for one in scopes if one.authorized}
    writing = sorted(authorized & set(WRITING))
    if writing:
        named = "; ".join(f"{scope} ({OPTIONAL[scope]})" if scope in OPTIONAL else scope for scope in writing)
        return failed(f"the service account is authorized for scopes that write: {named}")
    if not authorized:
        return unknown(_NOTHING_KNOWN)
    return passed(
        f"{len(authorized)} scopes that read are authorized, and none of the {len(WRITING)} that write by the same APIs"
    )
