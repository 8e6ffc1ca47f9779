"""Signing in with OpenID Connect: the authorization code flow with PKCE, state and nonce.

What the provider publishes is read at each sign-in, so that a key that was taken back is not believed any longer.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlsplit

import httpx
import msgspec
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # type: ignore[import-untyped]  # it has no types
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]  # the same
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]  # the same
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from msgspec import Struct

from collector.setup.web_config import is_loopback

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from collector.setup.web_config import OidcConfig

_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a key of the provider's. None with a shared secret, and not the one that is none."""

_LEEWAY = 60
"""Seconds that the clocks of the provider and of this machine may be apart."""

_TIMEOUT = 10.0


class ProviderError(Exception):
    """The provider did not answer as it has to, or what it said of somebody cannot be believed."""


class Begun(Struct, frozen=True, kw_only=True):
    """A sign-in that was begun: what only the browser that began it and this server know."""

    state: str
    nonce: str
    verifier: str
    next: str


class _Published(Struct, frozen=True):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    id_token_signing_alg_values_supported: tuple[str, ...] = ("RS256",)
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class Provider:
    """The provider that is configured. `transport` is what is asked through; None: the network."""

    def __init__(self, config: OidcConfig, back: str, transport: httpx.BaseTransport | None = None) -> None:
        self._config = config
        self._back = back
        self._transport = transport

    def begin(self, next_path: str) -> tuple[str, Begun]:
        """Return the address that a browser is sent to, and what has to come back with it. Raises ProviderError."""
        with self._client() as client:
            published = self._published(client)
        begun = Begun(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            next=next_path,
        )
        address: str = prepare_grant_uri(
            published.authorization_endpoint,
            client_id=self._config.client_id,
            response_type="code",
            redirect_uri=self._back,
            scope=" ".join(self._config.scopes),
            state=begun.state,
            nonce=begun.nonce,
            code_challenge=create_s256_code_challenge(begun.verifier),
            code_challenge_method="S256",
        )
        return address, begun

    def finish(self, begun: Begun, answer: Mapping[str, str], now: datetime) -> dict[str, Any]:
        """Return the claims of the ID token, proven. Raises ProviderError at whatever does not hold."""
        if not secrets.compare_digest(answer.get("state", "").encode(), begun.state.encode()):
            raise ProviderError("this answer belongs to no sign-in that this browser began")
        with self._client() as client:
            published = self._published(client)
            said = answer.get("iss")
            if said is None and published.authorization_response_iss_parameter_supported:
                raise ProviderError("the answer does not say which provider it is from")
            if said is not None and said != self._config.issuer:
                raise ProviderError("the answer is from another provider")
            if "error" in answer or not answer.get("code"):
                raise ProviderError("the provider did not sign anybody in")
            token = self._token(client, published, answer["code"], begun)
            keys = _json(client, "GET", published.jwks_uri, "its keys")
        return self._claims(published, token, keys, begun, now)

    def _client(self) -> httpx.Client:
        return httpx.Client(transport=self._transport, timeout=_TIMEOUT, follow_redirects=False)

    def _published(self, client: httpx.Client) -> _Published:
        where = self._config.issuer.rstrip("/") + "/.well-known/openid-configuration"
        try:
            found = msgspec.convert(_json(client, "GET", where, "its configuration"), _Published)
        except msgspec.ValidationError as error:
            raise ProviderError("the provider did not give its configuration") from error
        if found.issuer != self._config.issuer:
            raise ProviderError(f"the provider calls itself {found.issuer}, and {self._config.issuer} is configured")
        for endpoint in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
            parts = urlsplit(endpoint)
            if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
                raise ProviderError("the provider names an address that is not https")
        return found

    def _token(self, client: httpx.Client, published: _Published, code: str, begun: Begun) -> dict[str, Any]:
        body = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back,
            "code_verifier": begun.verifier,
        }
        client_id, client_secret = self._config.client_id, self._config.client_secret.reveal()
        if "client_secret_basic" in published.token_endpoint_auth_methods_supported:
            # RFC 6749, section 2.3.1: both are encoded as of a form before they are joined.
            auth = httpx.BasicAuth(quote_plus(client_id), quote_plus(client_secret))
            return _json(client, "POST", published.token_endpoint, "a token", data=body, auth=auth)
        body |= {"client_id": client_id, "client_secret": client_secret}
        return _json(client, "POST", published.token_endpoint, "a token", data=body)

    def _claims(
        self, published: _Published, token: dict[str, Any], keys: dict[str, Any], begun: Begun, now: datetime
    ) -> dict[str, Any]:
        allowed = [name for name in _ALGORITHMS if name in published.id_token_signing_alg_values_supported]
        client_id = self._config.client_id
        try:
            decoded = jwt.decode(str(token.get("id_token", "")), KeySet.import_key_set(keys), algorithms=allowed)  # type: ignore[arg-type]  # JSON of the provider's
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                {
                    "iss": {"essential": True, "value": self._config.issuer},
                    "aud": {"essential": True, "value": client_id},
                },
                {"nonce": begun.nonce, "client_id": client_id, "access_token": token.get("access_token")},
            )
            claims.validate(now=int(now.timestamp()), leeway=_LEEWAY)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise ProviderError(f"the ID token cannot be believed: {type(error).__name__}") from error
        if not isinstance(claims["sub"], str) or not claims["sub"]:
            raise ProviderError("the ID token is of nobody")
        return dict(claims)


def _json(client: httpx.Client, method: str, url: str, what: str, **sent: Any) -> dict[str, Any]:  # noqa: ANN401  what httpx takes
    try:
        response = client.request(method, url, **sent)
        found = response.json()
    except httpx.HTTPError as error:
        raise ProviderError("the provider cannot be asked") from error
    except ValueError as error:
        raise ProviderError(f"the provider did not give {what}") from error
    if response.status_code != httpx.codes.OK or not isinstance(found, dict):
        raise ProviderError(f"the provider did not give {what}: it answered {response.status_code}")
    return found
