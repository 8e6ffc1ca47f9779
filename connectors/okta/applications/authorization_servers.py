"""Authorization servers of one's own, with their policies: evidence of who may get tokens for the company's APIs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.okta._sdk.client import PAGE, Okta
from connectors.okta._sdk.connector import okta
from connectors.okta._sdk.operations import AUTHORIZATION_SERVER_POLICIES, AUTHORIZATION_SERVERS, scopes_of


@resource("okta.auth_server.server", key="id")
class AuthorizationServer(Struct, frozen=True, kw_only=True):
    """An authorization server. No check judges it."""

    id: str
    name: str
    status: str


@okta.collects(
    AuthorizationServer, at="organization", call=AUTHORIZATION_SERVERS, permissions=scopes_of(AUTHORIZATION_SERVERS)
)
def authorization_servers(client: Okta) -> Iterator[Body]:
    yield from client.pages(AUTHORIZATION_SERVERS, query={"limit": PAGE})


@okta.part(
    AuthorizationServer,
    "policies",
    call=AUTHORIZATION_SERVER_POLICIES,
    permissions=scopes_of(AUTHORIZATION_SERVER_POLICIES),
)
def authorization_server_policies(client: Okta, server: Body) -> Any:
    return client.items(AUTHORIZATION_SERVER_POLICIES, authServerId=server["id"])
