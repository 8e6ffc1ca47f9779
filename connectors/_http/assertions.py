"""Signing in with a private key: the assertion that an OAuth client sends in place of a secret (RFC 7523)."""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from collector.core.errors import ConfigError

if TYPE_CHECKING:
    from collector.core.secrets import Secret

_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_VALID_SECONDS = 300  # platforms refuse one that is valid for long: Okta beyond an hour
_FEWEST_BITS = 2048


def key_form(
    key: Secret,
    url: str,
    client: str,
    *,
    key_id: str = "",
    scope: str = "",
    clock: Callable[[], float] = time.time,
) -> Callable[[], Mapping[str, str]]:
    """Return the function that makes the form for a token, for `oauth_tokens`.

    `key` is the client's RSA private key in PEM, read again for each form; `url` is the address of the token, which the
    assertion is for, `client` the id of the client, `key_id` the platform's name of the key, and `scope` what is asked
    for, separated by spaces. The assertion is signed as RS256 and valid for five minutes. The function raises
    ConfigError, without the key, where it is no RSA key of 2048 bits or more.
    """

    def form() -> Mapping[str, str]:
        now = int(clock())
        names = {"iss": client, "sub": client, "aud": url, "jti": secrets.token_urlsafe(16)}
        claims = {**names, "iat": now, "exp": now + _VALID_SECONDS}
        made = {
            "grant_type": "client_credentials",
            "client_assertion_type": _TYPE,
            "client_assertion": _signed(claims, key, key_id),
        }
        return {**made, "scope": scope} if scope else made

    return form


def _signed(claims: Mapping[str, Any], key: Secret, key_id: str) -> str:
    head = {"alg": "RS256", "typ": "JWT", **({"kid": key_id} if key_id else {})}
    text = f"{_part(head)}.{_part(claims)}"
    return f"{text}.{_encoded(_private(key).sign(text.encode(), padding.PKCS1v15(), SHA256()))}"


def _private(key: Secret) -> rsa.RSAPrivateKey:
    try:
        found = load_pem_private_key(key.reveal().encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        found = None
    if not isinstance(found, rsa.RSAPrivateKey) or found.key_size < _FEWEST_BITS:
        # Without the cause: its text may say something of the key.
        raise ConfigError(
            f"{key!r} is no RSA private key of {_FEWEST_BITS} bits or more in PEM, without a password",
            mend="write the whole file, from -----BEGIN PRIVATE KEY----- to the last line",
        ) from None
    return found


def _part(value: Mapping[str, Any]) -> str:
    return _encoded(json.dumps(value, separators=(",", ":")).encode())


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
