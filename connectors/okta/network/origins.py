"""Trusted origins: web addresses that scripts and redirects may come from."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.okta._sdk.client import PAGE, Okta
from connectors.okta._sdk.connector import okta
from connectors.okta._sdk.operations import TRUSTED_ORIGINS, scopes_of


@resource("okta.org.trusted_origin", key="id")
class TrustedOrigin(Struct, frozen=True, kw_only=True):
    """A trusted origin. No check judges it: it is evidence for whoever reviews them."""

    id: str
    name: str
    origin: str
    status: str


@okta.collects(TrustedOrigin, at="organization", call=TRUSTED_ORIGINS, permissions=scopes_of(TRUSTED_ORIGINS))
def trusted_origins(client: Okta) -> Iterator[Body]:
    yield from client.pages(TRUSTED_ORIGINS, query={"limit": PAGE})
