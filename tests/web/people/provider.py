"""A provider of OpenID Connect that is played: discovery, keys, codes that are good once, and a token endpoint."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]  # it has no types
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

ISSUER = "https://login.example.org"
CLIENT = "annexd"
SECRET = "a secret of the client's"
KEYS: dict[str, Any] = {
    "RS256": RSAKey.generate_key(2048, {"kid": "r1"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "e1"}),
}
STRANGER = RSAKey.generate_key(2048, {"kid": "r1"})


@dataclass
class PlayedProvider:
    """Signs in whoever the test names. `but` are claims that are otherwise, `header` is of the ID token."""

    now: Callable[[], datetime]
    algorithm: str = "RS256"
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "ann", "name": "Ann Sommer"})
    but: dict[str, Any] = field(default_factory=dict)
    published: dict[str, Any] = field(default_factory=dict)
    stranger: bool = False
    unsigned: bool = False
    key: Any = None
    issuer: str = ISSUER
    asked: dict[str, dict[str, str]] = field(default_factory=dict)

    def sign_in(self, address: str, **but: str) -> dict[str, str]:
        """Return what the browser comes back with after it was sent to an address."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.asked)}"
        self.asked[code] = query
        return {"code": code, "state": query["state"], **but}

    def transport(self) -> httpx.MockTransport:
        """Return what annexd asks through."""
        return httpx.MockTransport(self.answer)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Return what the provider answers."""
        match request.url.path:
            case "/.well-known/openid-configuration":
                return httpx.Response(200, json=self._configuration())
            case "/keys":
                keys = [key.as_dict(private=False) for key in KEYS.values()]
                return httpx.Response(200, json={"keys": keys})
            case "/token":
                return self._token(request)
            case _:
                return httpx.Response(404)

    def _configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            **self.published,
        }

    def _token(self, request: httpx.Request) -> httpx.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        asked = self.asked.pop(form["code"], None)
        basic = httpx.BasicAuth(CLIENT, SECRET.replace(" ", "+").replace("'", "%27"))
        expected = next(basic.auth_flow(httpx.Request("POST", request.url))).headers["authorization"]
        if asked is None or request.headers.get("authorization") != expected:
            return httpx.Response(400, json={"error": "invalid_grant"})
        if (
            form["redirect_uri"] != asked["redirect_uri"]
            or create_s256_code_challenge(form["code_verifier"]) != asked["code_challenge"]
        ):
            return httpx.Response(400, json={"error": "invalid_grant"})
        return httpx.Response(
            200, json={"access_token": "t", "token_type": "Bearer", "id_token": self._id_token(asked)}
        )

    def _id_token(self, asked: dict[str, str]) -> str:
        now = self.now()
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(minutes=5)).timestamp()),
            "nonce": asked["nonce"],
            **self.claims,
            **self.but,
        }
        if self.unsigned:
            return f"{_part({'alg': 'none'})}.{_part(claims)}."
        key = self.key or (STRANGER if self.stranger else KEYS[self.algorithm])
        header: dict[str, Any] = {"alg": self.algorithm}
        if self.key is None:
            header["kid"] = key.kid
        return jwt.encode(header, {name: value for name, value in claims.items() if value is not None}, key)


def _part(value: object) -> str:
    import base64

    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
