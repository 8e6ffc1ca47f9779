"""Signing in at Microsoft Entra: azure-identity says how, the kit sends, and all scopes of a source share the token."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from collector.core.errors import ConfigError
from connectors._http import SecretHeader, TokenRequests, Tokens, kept_for
from connectors._http.adapters.azure_identity import IdentityTransport, azure_tokens
from connectors._microsoft.claims import TokenClaims, claims_of_token
from connectors._microsoft.settings import is_tenant_id

if TYPE_CHECKING:
    from collector.core.secrets import Secret
    from collector.core.wire import Wire
    from connectors._http import Reply, TokenSource
    from connectors._microsoft.settings import SignInSettings

_CLI_SECONDS = 30  # the Azure CLI takes some seconds to start; its default of 10 is short on a busy machine


class SignIn:
    """The tokens of a source for one audience; give it to `Http(token=...)`.

    A token of another tenant than the settings name is never sent: its answers would be taken for this tenant's.
    """

    def __init__(self, tokens: TokenSource, tenant: str) -> None:
        self._tokens = tokens
        self._tenant = tenant
        self._of_the_tenant: Mapping[str, str] | None = None

    def headers(self, wire: Wire) -> Mapping[str, str]:
        """Return the header with a valid token.

        Raises NotSignedIn where Entra gives none, ConfigError where it is of another tenant, and as the kit does.
        """
        return self._checked(self._tokens.headers(wire))

    def renewed(self, refused: Mapping[str, str], reply: Reply, wire: Wire) -> Mapping[str, str] | None:
        """Return the header with another token than the refused one, with the claims that the refusal demands."""
        found = self._tokens.renewed(refused, reply, wire)
        return None if found is None else self._checked(found)

    def claims(self, wire: Wire) -> TokenClaims | None:
        """Return what the token says of the source; None where it is not readable. Asks for a token where needed."""
        return _claims(self.headers(wire))

    def _checked(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        if headers == self._of_the_tenant or not is_tenant_id(self._tenant):
            return headers
        claims = _claims(headers)
        if claims is not None and claims.tenant.lower() != self._tenant.lower():
            raise ConfigError(
                f"the credential of the source belongs to tenant {claims.tenant}, not to {self._tenant}",
                mend="look at tenant in the source, or sign in to that tenant",
            )
        self._of_the_tenant = headers
        return headers


def _claims(headers: Mapping[str, str]) -> TokenClaims | None:
    return claims_of_token(headers.get("Authorization", "").removeprefix("Bearer "))


def sign_in(settings: SignInSettings, scope: str) -> SignIn:
    """Return how a source signs in for a scope such as `settings.endpoints.graph_scope`; one for all its clients.

    Asks for nothing yet. The first request raises ConfigError where the SDK is missing or a credential has no sense.
    """
    if settings.access_token is not None:
        return SignIn(SecretHeader(settings.access_token), settings.tenant)

    def make() -> Tokens:
        return azure_tokens(TokenRequests("Microsoft Entra"), lambda transport: _credential(settings, transport), scope)

    return SignIn(kept_for((settings, scope), make), settings.tenant)


def _credential(settings: SignInSettings, transport: IdentityTransport) -> Any:
    """Return the credential of azure-identity that the settings describe."""
    try:
        from azure import identity  # noqa: PLC0415  the SDK is imported when it is used
    except ImportError as error:
        raise sdk_missing(error) from error
    # It writes each refusal to the log as well, with parts of the answer; the error says it once.
    logging.getLogger("azure.identity").setLevel(logging.CRITICAL)
    try:
        return _made(identity, settings, transport)
    except ValueError as error:
        raise ConfigError(
            f"the credential of the source cannot be used: {str(error)[:200]}",
            mend="look at what the source names as its credential",
        ) from error


def _made(identity: Any, settings: SignInSettings, transport: IdentityTransport) -> Any:
    # One attempt each: the kit repeats what may be repeated, through the wire.
    options = {"transport": transport, "retry_total": 0}
    as_application = {**options, "authority": settings.endpoints.authority}
    tenant, client = settings.tenant, settings.client_id
    if settings.managed_identity:
        return identity.ManagedIdentityCredential(client_id=client, **options)
    if settings.azure_cli:
        # A program of its own: what it sends does not pass the wire.
        return identity.AzureCliCredential(tenant_id=tenant, process_timeout=_CLI_SECONDS)
    if settings.certificate is not None:
        password = settings.certificate_password
        return identity.CertificateCredential(
            tenant,
            client,
            certificate_data=settings.certificate.reveal().encode(),
            password=None if password is None else password.reveal(),
            **as_application,
        )
    if settings.federated_token is not None:
        return identity.ClientAssertionCredential(tenant, client, _stripped(settings.federated_token), **as_application)
    assert settings.client_secret is not None  # noqa: S101  by the settings, there is exactly one way
    return identity.ClientSecretCredential(tenant, client, _stripped(settings.client_secret)(), **as_application)


def _stripped(secret: Secret) -> Callable[[], str]:
    """Return what reads a secret without the end of line that a file may have."""
    return lambda: secret.reveal().strip()


def sdk_missing(error: ImportError) -> ConfigError:
    """Return the error for a missing SDK of Microsoft's."""
    return ConfigError(f"the Microsoft SDK is not installed: {error}", mend="pip install 'annexd[microsoft]'")
