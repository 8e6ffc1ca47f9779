"""Signing in to Google: each form of credential, and every token request through the wire."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from collector.core.errors import ConfigError, Denied, NotSignedIn
from collector.core.secrets import Secret
from connectors._google import SignIn
from connectors._google.sign_in import CLOUD_PLATFORM, Identity
from connectors._http import answered_by
from tests.connectors.aws.wires import CountingWire
from tests.connectors.http.test_adapters import service_account

pytest.importorskip("google.auth", reason="needs annexd[google]")

METADATA = "http://169.254.169.254"
NAMED_METADATA = "http://metadata.google.internal"
HOSTS = (
    "https://oauth2.googleapis.com",
    "https://iamcredentials.googleapis.com",
    "https://sts.googleapis.com",
    "https://cloudresourcemanager.googleapis.com",
    METADATA,
    NAMED_METADATA,
)
USER: Mapping[str, Any] = {
    "type": "authorized_user",
    "client_id": "c",
    "client_secret": "s",
    "refresh_token": "r",
    "quota_project_id": "charged",
    "account": "ada@acme.example",
}


@dataclass
class Tokens:
    """Answers token requests of every kind, but those that begin with a word of `refused`."""

    is_cloud: bool = True
    refused: str = "\0"
    asked: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one."""
        self.asked.append(request)
        path = request.url.path
        if path.startswith(self.refused):
            return httpx.Response(400, json={"error": "invalid_grant", "error_description": "refused"})
        if request.url.scheme == "http":
            return self._metadata(path)
        if path.endswith(":generateAccessToken"):
            return httpx.Response(200, json={"accessToken": "impersonated", "expireTime": "2099-01-01T00:00:00Z"})
        if path.endswith(":signJwt"):
            return httpx.Response(200, json={"keyId": "k", "signedJwt": "signed"})
        if "cloudresourcemanager" in request.url.host:
            return httpx.Response(200, json={"projectId": "pool"})
        return httpx.Response(200, json={"access_token": "plain", "expires_in": 3600, "token_type": "Bearer"})

    def _metadata(self, path: str) -> httpx.Response:
        if not self.is_cloud:
            raise httpx.ConnectError("no route")
        headers = {"Metadata-Flavor": "Google"}
        if path.endswith("/token"):
            body = {"access_token": "attached", "expires_in": 3600, "token_type": "Bearer"}
            return httpx.Response(200, json=body, headers=headers)
        if "service-accounts" in path:
            account = {"email": "vm@p.iam.gserviceaccount.com", "scopes": [CLOUD_PLATFORM], "aliases": ["default"]}
            return httpx.Response(200, json=account, headers=headers)
        return httpx.Response(200, text="p", headers={**headers, "Content-Type": "text/plain"})


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Tokens]:
    """Return what answers token requests, on a machine without credentials."""
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT", "GCE_METADATA_HOST", "GCE_METADATA_IP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "gcloud"))
    tokens = Tokens()
    with answered_by(tokens, *HOSTS):
        yield tokens


def secret(value: Any) -> Secret:
    """Return a credential of the settings."""
    return Secret("a file", lambda: value if isinstance(value, str) else json.dumps(value))


def federation(folder: Path) -> dict[str, Any]:
    """Return the configuration of workload identity federation with a token in a file."""
    (folder / "token").write_text("a token of elsewhere")
    return {
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/ci",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": "https://sts.googleapis.com/v1/token",
        "credential_source": {"file": str(folder / "token")},
    }


def signed_in(sign_in: SignIn, wire: CountingWire) -> tuple[str, str]:
    """Return the token, and who it is for."""
    identity = Identity(sign_in, (CLOUD_PLATFORM,))
    return identity.headers(wire)["Authorization"], identity.name(wire)


def hosts(platform: Tokens) -> list[str]:
    """Return who was asked."""
    return [request.url.host for request in platform.asked]


def test_a_key_of_a_service_account(platform: Tokens) -> None:
    """One request, beside no list, and the identity by the key itself."""
    wire = CountingWire()

    assert signed_in(SignIn(secret(service_account())), wire) == ("Bearer plain", "a@p.example")
    assert hosts(platform) == ["oauth2.googleapis.com"]
    assert [call.aside for call in wire.sent] == [True]


def test_a_key_that_acts_for_a_user(platform: Tokens) -> None:
    """Domain-wide delegation: the assertion names the user."""
    token, name = signed_in(SignIn(secret(service_account()), subject="admin@acme.example"), CountingWire())

    assertion = parse_qs(platform.asked[0].content.decode())["assertion"][0]
    assert (token, name) == ("Bearer plain", "admin@acme.example through a@p.example")
    assert b'"sub": "admin@acme.example"' in _claims(assertion)


def _claims(assertion: str) -> bytes:
    import base64

    middle = assertion.split(".")[1]
    return base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4))


def test_the_machine_of_a_cloud(platform: Tokens) -> None:
    """Its metadata service gives the token; a service account is attached."""
    wire = CountingWire()

    assert signed_in(SignIn(), wire) == ("Bearer attached", "vm@p.iam.gserviceaccount.com")
    assert set(hosts(platform)) <= {"169.254.169.254", "metadata.google.internal"}
    assert len(wire.sent) == len(platform.asked)


def test_a_machine_without_credentials(platform: Tokens) -> None:
    """The reason says what there could be, and nobody is asked again and again."""
    platform.is_cloud = False

    with pytest.raises(NotSignedIn, match="no credential of Google"):
        signed_in(SignIn(), CountingWire())
    assert len(platform.asked) <= 3


def test_a_service_account_that_another_acts_as(platform: Tokens) -> None:
    """Impersonation: with the token of the first, a token of the second is asked for."""
    sign_in = SignIn(secret(service_account()), impersonate="annexd@acme.iam.gserviceaccount.com", delegates=("d@x",))

    assert signed_in(sign_in, CountingWire()) == ("Bearer impersonated", "annexd@acme.iam.gserviceaccount.com")
    assert hosts(platform) == ["oauth2.googleapis.com", "iamcredentials.googleapis.com"]
    body = json.loads(platform.asked[1].content)
    assert (body["scope"], body["delegates"]) == ([CLOUD_PLATFORM], ["d@x"])


def test_the_machine_of_a_cloud_acts_as_another(platform: Tokens) -> None:
    """No connection is opened beside the wire, although this credential would like to look up its universe."""
    wire = CountingWire()
    sign_in = SignIn(impersonate="annexd@acme.iam.gserviceaccount.com", subject="admin@acme.example")

    token, name = signed_in(sign_in, wire)

    assert (token, name) == ("Bearer plain", "admin@acme.example through annexd@acme.iam.gserviceaccount.com")
    assert hosts(platform)[-2:] == ["iamcredentials.googleapis.com", "oauth2.googleapis.com"]
    assert len(wire.sent) == len(platform.asked)


def test_a_workload_of_elsewhere(platform: Tokens, tmp_path: Path) -> None:
    """Federation: its own token is exchanged, and no key is kept anywhere."""
    token, name = signed_in(SignIn(secret(federation(tmp_path))), CountingWire())

    assert token == "Bearer plain"
    assert "workloadIdentityPools/pool/providers/ci" in name
    assert "sts.googleapis.com" in hosts(platform)
    sent = next(request for request in platform.asked if request.url.host == "sts.googleapis.com")
    assert parse_qs(sent.content.decode())["subject_token"] == ["a token of elsewhere"]


def test_the_file_that_the_environment_names(platform: Tokens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As every program of Google's takes it."""
    path = tmp_path / "adc.json"
    path.write_text(json.dumps(federation(tmp_path)))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))

    assert signed_in(SignIn(), CountingWire())[0] == "Bearer plain"
    assert not {"169.254.169.254", "metadata.google.internal"} & set(hosts(platform))


def test_a_person_for_trying(platform: Tokens) -> None:
    """Calls are charged to the project that the credential names, or to the one of the settings."""
    wire = CountingWire()
    identity = Identity(SignIn(secret(USER)), (CLOUD_PLATFORM,))

    assert identity.headers(wire) == {"Authorization": "Bearer plain", "x-goog-user-project": "charged"}
    assert identity.name(wire) == "ada@acme.example"
    other = Identity(SignIn(secret(USER), quota_project="ours"), (CLOUD_PLATFORM,))
    assert other.headers(wire)["x-goog-user-project"] == "ours"
    assert len(platform.asked) == 2


def test_a_token_that_was_refused_is_asked_for_again(platform: Tokens) -> None:
    """With the project that calls are charged to; nothing else is compared."""
    from connectors._http import Reply

    wire = CountingWire()
    identity = Identity(SignIn(secret(USER)), (CLOUD_PLATFORM,))
    first = identity.headers(wire)

    assert identity.renewed(first, Reply(401, {}, b""), wire) == first
    assert len(platform.asked) == 2


def test_a_person_cannot_act_for_another(platform: Tokens) -> None:
    """Only a service account may be authorized to."""
    with pytest.raises(ConfigError, match="cannot act for admin"):
        signed_in(SignIn(secret(USER), subject="admin@acme.example"), CountingWire())
    assert platform.asked == []


@pytest.mark.parametrize(
    "value", ["", "no json, but private", "[]", '{"type": "other"}', {**service_account(), "private_key": "private"}]
)
def test_what_is_no_credential_is_said_without_it(platform: Tokens, value: Any) -> None:
    """What was given may be half of a key."""
    with pytest.raises(ConfigError) as found:
        signed_in(SignIn(secret(value)), CountingWire())

    assert "private" not in found.value.what
    assert platform.asked == []


def test_a_token_that_google_refuses(platform: Tokens) -> None:
    """Is refused, in Google's words."""
    platform.refused = "/token"

    with pytest.raises(Denied, match="invalid_grant"):
        signed_in(SignIn(secret(service_account())), CountingWire())


def test_an_identity_is_kept_for_its_scopes(platform: Tokens) -> None:
    """One that is not authorized fails the others of its token, so that they may be apart."""
    sign_in = SignIn(secret(service_account()))

    assert sign_in.identity("a") is sign_in.identity("a")
    assert sign_in.identity("a") is not sign_in.identity("b")
    assert platform.asked == []
