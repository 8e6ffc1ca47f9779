"""Signing in at Microsoft Entra, with azure-identity above the kit and Entra played."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from collector.core.errors import ConfigError, NotSignedIn
from collector.core.secrets import Secret
from connectors._http import Reply, answered_by
from connectors._microsoft import SignInSettings, sign_in
from connectors._microsoft.clouds import CLOUDS
from tests.connectors.aws.wires import CountingWire

TENANT = "11111111-2222-3333-4444-555555555555"
CLIENT = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
PUBLIC = CLOUDS["public"]
VARIABLES = ("AZURE_AUTHORITY_HOST", "AZURE_FEDERATED_TOKEN_FILE", "IDENTITY_ENDPOINT", "MSI_ENDPOINT", "HTTPS_PROXY")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def wire() -> CountingWire:
    """Return a wire that counts and never waits."""
    return CountingWire()


def secret(value: str, source: str = "env TEST") -> Secret:
    """Return a secret of a value."""
    return Secret(source, lambda: value)


def settings(**ways: Any) -> SignInSettings:
    """Return settings for the application of the tests."""
    return SignInSettings(**{"tenant": TENANT, "client_id": CLIENT, **ways})


def token(**claims: Any) -> str:
    """Return an access token in Entra's form, with a signature that nobody checks."""
    said = {"tid": TENANT, "appid": CLIENT, "oid": "o-1", "roles": ["User.Read.All"], **claims}
    parts = [{"typ": "JWT", "alg": "RS256"}, said]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, "c2lnbmF0dXJl"])


def issued(value: str) -> dict[str, Any]:
    """Return Entra's answer with a token."""
    return {"access_token": value, "expires_in": 3600, "token_type": "Bearer"}


def entra(
    *answers: httpx.Response | dict[str, Any], authority: str = PUBLIC.authority
) -> tuple[list[httpx.Request], Callable[[httpx.Request], httpx.Response]]:
    """Return the token requests that were answered, and what answers these and the discovery."""
    asked: list[httpx.Request] = []
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/token"):
            base = f"{authority}/{TENANT}"
            found = {"token_endpoint": f"{base}/oauth2/v2.0/token", "issuer": f"{base}/v2.0"}
            return httpx.Response(200, json={**found, "authorization_endpoint": f"{base}/oauth2/v2.0/authorize"})
        asked.append(request)
        following = left.pop(0) if len(left) > 1 else left[0]
        return following if isinstance(following, httpx.Response) else httpx.Response(200, json=following)

    return asked, answer


def form(request: httpx.Request) -> dict[str, str]:
    """Return the form of a token request."""
    return {name: values[0] for name, values in parse_qs(request.content.decode()).items()}


@pytest.mark.parametrize("cloud", list(CLOUDS))
def test_each_cloud_has_its_own_authority_and_audience(wire: CountingWire, cloud: Any) -> None:
    """A token of another cloud's authority would be refused, and a secret sent there would be known there."""
    source = settings(client_secret=secret("a secret"), cloud=cloud)
    asked, answer = entra(issued(token()), authority=source.endpoints.authority)

    with answered_by(answer, source.endpoints.authority):
        headers = sign_in(source, source.endpoints.graph_scope).headers(wire)

    assert headers == {"Authorization": f"Bearer {token()}"}
    assert form(asked[0])["scope"].split()[0] == f"{source.endpoints.graph}/.default"
    assert all(call.aside and source.endpoints.authority[8:] in call.operation for call in wire.sent)


def test_a_secret_may_end_with_a_line(wire: CountingWire) -> None:
    """A file usually does, and Entra would refuse it."""
    asked, answer = entra(issued(token()))

    with answered_by(answer, PUBLIC.authority):
        sign_in(settings(client_secret=secret("a secret\n")), PUBLIC.graph_scope).headers(wire)

    assert form(asked[0])["client_secret"] == "a secret"


def certificate(password: bytes | None = None) -> str:
    """Return a certificate in PEM with its private key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "annexd")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    signed = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, SHA256())
    encryption = NoEncryption() if password is None else BestAvailableEncryption(password)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    return (private + signed.public_bytes(Encoding.PEM)).decode()


@pytest.mark.parametrize("password", [None, b"a password"], ids=["plain", "encrypted"])
def test_a_certificate_signs_an_assertion(wire: CountingWire, password: bytes | None) -> None:
    """The key stays here; what is sent is a signature for Entra alone."""
    ways: dict[str, Any] = {"certificate": secret(certificate(password))}
    if password is not None:
        ways["certificate_password"] = secret(password.decode())
    asked, answer = entra(issued(token()))

    with answered_by(answer, PUBLIC.authority):
        sign_in(settings(**ways), PUBLIC.graph_scope).headers(wire)

    sent = form(asked[0])
    said = json.loads(base64.urlsafe_b64decode(sent["client_assertion"].split(".")[1] + "=="))
    assert (said["iss"], said["sub"]) == (CLIENT, CLIENT)
    assert "client_secret" not in sent


def test_a_certificate_without_sense_is_a_mistake_in_the_settings(wire: CountingWire) -> None:
    """Not a refusal by the platform."""
    with pytest.raises(ConfigError, match="cannot be used"):
        sign_in(settings(certificate=secret("no certificate")), PUBLIC.graph_scope).headers(wire)


def test_a_federated_token_is_read_again_for_each_sign_in(wire: CountingWire, tmp_path: Path) -> None:
    """Kubernetes replaces the file every hour."""
    file = tmp_path / "token"
    file.write_text("first\n")
    source = settings(federated_token=Secret("file token", file.read_text))
    asked, answer = entra({**issued(token()), "expires_in": 1}, issued(token(uti="2")))
    tokens = sign_in(source, PUBLIC.graph_scope)

    with answered_by(answer, PUBLIC.authority):
        refused = tokens.headers(wire)
        file.write_text("second\n")
        tokens.renewed(refused, Reply(401, {"www-authenticate": 'Bearer claims="eyJhIjoxfQ=="'}, b""), wire)

    assert [form(request)["client_assertion"] for request in asked] == ["first", "second"]


def test_a_managed_identity_asks_the_metadata_service(wire: CountingWire) -> None:
    """No credential of ours is sent, and the request passes the wire as well."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={**issued(token()), "expires_on": str(int(time.time()) + 3600)})

    source = settings(managed_identity=True)
    with answered_by(answer, "http://169.254.169.254"):
        headers = sign_in(source, PUBLIC.arm_scope).headers(wire)

    assert headers == {"Authorization": f"Bearer {token()}"}
    assert dict(asked[-1].url.params)["resource"] == "https://management.azure.com"
    assert dict(asked[-1].url.params)["client_id"] == CLIENT
    assert asked[-1].headers["metadata"] == "true"
    assert wire.operations[-1] == "GET 169.254.169.254/metadata/identity/oauth2/token"


def test_a_machine_without_an_identity_is_asked_once(wire: CountingWire) -> None:
    """The SDK would ask again for a minute."""
    with (
        answered_by(lambda _request: httpx.Response(404, json={}), "http://169.254.169.254"),
        pytest.raises(NotSignedIn, match="gave no token"),
    ):
        sign_in(settings(managed_identity=True, client_id=None), PUBLIC.graph_scope).headers(wire)

    assert len(wire.sent) == 1


def test_the_azure_cli_is_asked_for_the_tenant(
    wire: CountingWire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a program that stands for it: what is asked, and what comes of its answer."""
    answer = {"accessToken": token(), "expires_on": int(time.time()) + 3600, "tokenType": "Bearer"}
    az = tmp_path / "az"
    az.write_text(f"#!/bin/sh\necho \"$@\" > {tmp_path}/asked\ncat <<'END'\n{json.dumps(answer)}\nEND\n")
    az.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    headers = sign_in(settings(azure_cli=True, client_id=None), PUBLIC.arm_scope).headers(wire)

    assert headers == {"Authorization": f"Bearer {token()}"}
    asked = (tmp_path / "asked").read_text().split()
    assert asked[asked.index("--tenant") + 1] == TENANT
    assert asked[asked.index("--resource") + 1] == "https://management.azure.com"


@pytest.mark.parametrize("way", ["client_secret", "access_token"])
def test_a_token_of_another_tenant_is_never_sent(wire: CountingWire, way: str) -> None:
    """Its answers would be evidence of the wrong tenant."""
    other = token(tid="99999999-2222-3333-4444-555555555555")
    _, answer = entra(issued(other))
    ways = {"client_secret": secret("a secret")} if way == "client_secret" else {"access_token": secret(other)}
    source = settings(**ways, client_id=CLIENT if way == "client_secret" else None)

    with answered_by(answer, PUBLIC.authority), pytest.raises(ConfigError, match="99999999-"):
        sign_in(source, PUBLIC.graph_scope).headers(wire)


def test_sources_with_the_same_settings_share_a_token_for_each_audience(wire: CountingWire) -> None:
    """Graph and Resource Manager have tokens of their own."""
    source = settings(client_secret=secret("a secret"))
    asked, answer = entra(issued(token()))

    with answered_by(answer, PUBLIC.authority):
        for scope in (PUBLIC.graph_scope, PUBLIC.graph_scope, PUBLIC.arm_scope):
            sign_in(source, scope).headers(wire)

    assert [form(request)["scope"].split()[0] for request in asked] == [PUBLIC.graph_scope, PUBLIC.arm_scope]


def test_nothing_is_asked_before_a_token_is_needed(wire: CountingWire) -> None:
    """A plan is made without the network."""
    sign_in(settings(client_secret=secret("a secret")), PUBLIC.graph_scope)

    assert wire.sent == []
