"""Signing in with a private key: what is signed, for whom, and until when."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from collector.core.errors import ConfigError
from collector.core.secrets import Secret
from connectors._http import TokenRequests, key_form, oauth_tokens
from tests.connectors.aws.wires import CountingWire
from tests.connectors.http.server import always, answer, serving

KEY = rsa.generate_private_key(65537, 2048)
SHORT = rsa.generate_private_key(65537, 1024)  # noqa: S505  what is to be refused
URL = "https://acme.okta.com/oauth2/v1/token"


def pem(key: Any) -> str:
    """Return a key as it is in a file."""
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def secret(text: str) -> Secret:
    """Return a secret with this text."""
    return Secret("file key.pem", lambda: text)


def decoded(part: str) -> bytes:
    """Return the bytes of one part of an assertion."""
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_the_assertion_is_signed_for_one_address_and_soon_ends() -> None:
    """Whoever gets hold of one can use it at this platform only, and not for long."""
    form = key_form(secret(pem(KEY)), URL, "0oa1", key_id="k1", scope="okta.users.read", clock=lambda: 1000.9)()
    head, claims, signature = form["client_assertion"].split(".")
    said = json.loads(decoded(claims))

    KEY.public_key().verify(decoded(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), SHA256())
    with pytest.raises(InvalidSignature):
        KEY.public_key().verify(decoded(signature), f"{head}.{claims}x".encode(), padding.PKCS1v15(), SHA256())
    assert json.loads(decoded(head)) == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    assert len(said.pop("jti")) > 20
    assert said == {"iss": "0oa1", "sub": "0oa1", "aud": URL, "iat": 1000, "exp": 1300}
    assert (form["grant_type"], form["scope"]) == ("client_credentials", "okta.users.read")
    assert form["client_assertion_type"].endswith(":jwt-bearer")


def test_each_form_has_an_assertion_of_its_own() -> None:
    """Platforms refuse one that they have seen."""
    form = key_form(secret(pem(KEY)), URL, "0oa1", clock=lambda: 1000.0)

    assert form()["client_assertion"] != form()["client_assertion"]
    assert "scope" not in form()
    assert b"kid" not in decoded(form()["client_assertion"].split(".")[0])


@pytest.mark.parametrize("text", ["", "no key", pem(ec.generate_private_key(ec.SECP256R1())), pem(SHORT)])
def test_a_key_that_cannot_sign_is_named_and_not_shown(text: str) -> None:
    """Of the settings, not of the platform; its text is in no message and no cause."""
    with pytest.raises(ConfigError, match=r"file key\.pem") as raised:
        key_form(secret(text), URL, "0oa1")()

    assert not text or text not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_token_is_asked_for_with_it(wire: CountingWire) -> None:
    """As a form, like every request for a token."""
    with serving(always(answer({"access_token": "t", "expires_in": 3600}))) as issuer:
        url = f"{issuer.url}/oauth2/v1/token"
        requests = TokenRequests("Okta")
        headers = oauth_tokens(requests, url, key_form(secret(pem(KEY)), url, "0oa1")).headers(wire)
        requests.close()

    assert headers == {"Authorization": "Bearer t"}
    assert parse_qs(issuer.asked[0].body.decode())["grant_type"] == ["client_credentials"]
