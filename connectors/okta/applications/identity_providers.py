"""Identity providers that people may come from, and the certificates that Okta trusts them by."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.okta._sdk.client import PAGE, Okta
from connectors.okta._sdk.connector import okta
from connectors.okta._sdk.operations import IDPS, scopes_of


class Trust(Struct, frozen=True, kw_only=True, rename="camel"):
    """Which certificates an identity provider is trusted by."""

    kid: str | None = None  # None: none by a certificate
    additional_kids: tuple[str, ...] | None = None  # None: no others


class ProtocolCredentials(Struct, frozen=True, kw_only=True):
    """The credentials of the protocol, as far as they are read."""

    trust: Trust | None = None  # None: an OAuth client has a secret in its place


class Protocol(Struct, frozen=True, kw_only=True):
    """How people come over."""

    type: str
    credentials: ProtocolCredentials | None = None  # None: Okta documents it as optional


@resource("okta.idp.idp", key="id", redact=(Redact("protocol.credentials.client.client_secret"),))
class IdentityProvider(Struct, frozen=True, kw_only=True):
    """An identity provider."""

    id: str
    name: str
    type: str
    status: str
    protocol: Protocol

    def trusted(self) -> set[str]:
        """Return the names of the certificates that this one is trusted by."""
        trust = self.protocol.credentials.trust if self.protocol.credentials is not None else None
        if trust is None:
            return set()
        return {kid for kid in (trust.kid, *(trust.additional_kids or ())) if kid is not None}


@okta.collects(IdentityProvider, at="organization", call=IDPS, permissions=scopes_of(IDPS))
def identity_providers(client: Okta) -> Iterator[Body]:
    yield from client.pages(IDPS, query={"limit": PAGE})
