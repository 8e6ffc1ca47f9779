"""Signing in: by a private key with a token for each scope, or by an API token; and what refusals mean."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

import httpx
import pytest

from collector.core.errors import ConnectorError, Denied, NotSignedIn, NotThere, Unexpected
from collector.core.secrets import Secret
from collector.core.wire import Call
from connectors.okta._sdk.client import connect
from connectors.okta._sdk.operations import (
    APPS,
    AUTHENTICATORS,
    METADATA,
    SCOPES,
    USER_FACTORS,
    USERS,
    ZONES,
)
from connectors.okta._sdk.settings import Settings, credential, quota, roots
from tests.connectors.aws.wires import CountingWire
from tests.connectors.okta import shapes
from tests.connectors.okta.estate import furnish
from tests.connectors.okta.played import TOKEN, URL, PlayedOkta, pem, refused, settings, token_settings

SCOPE = ("acme.okta.com",)


def fresh(**but: Any) -> Settings:
    """Settings that no token was asked for yet: tokens are kept for settings, for the life of the process."""
    return settings(private_key=Secret("a test", lambda: f"{pem()}\n"), **but)


def test_each_scope_has_a_token_of_its_own(played: PlayedOkta, wire: CountingWire) -> None:
    """A token is asked for once, and only for what a call needs."""
    with closing(connect(fresh(), SCOPE, wire)) as client:
        client.items(USERS)
        client.items(USERS)
        client.items(APPS)

    assert played.authorizations == [
        "Bearer token-for-okta.users.read",
        "Bearer token-for-okta.users.read",
        "Bearer token-for-okta.apps.read",
    ]
    assert played.asked["POST /oauth2/v1/token"] == 2


def test_a_scope_that_was_not_granted_takes_away_what_needs_it_and_nothing_else(
    played: PlayedOkta, wire: CountingWire
) -> None:
    """Okta refuses a request for a token as a whole where one scope in it was not granted."""
    played.granted.discard("okta.users.read")
    with closing(connect(fresh(), SCOPE, wire)) as client:
        with pytest.raises(Denied) as error:
            client.items(USERS)
        assert len(client.items(ZONES)) == 2

    assert error.value.code == "invalid_scope"
    assert not isinstance(error.value, NotSignedIn)


@pytest.mark.parametrize(
    ("but", "kind"),
    [({"key_id": "another"}, NotSignedIn), ({"client_id": "0oaanother"}, NotSignedIn)],
)
def test_an_assertion_that_okta_does_not_take(but: dict[str, Any], kind: type[ConnectorError], wire: Any) -> None:
    """Another key or client is no missing permission."""
    with PlayedOkta() as okta, closing(connect(fresh(**but), SCOPE, wire)) as client:
        furnish(okta)
        with pytest.raises(kind):
            client.items(USERS)


def test_the_api_token_is_sent_as_it_is(played: PlayedOkta, wire: CountingWire) -> None:
    """With the word that Okta wants before it."""
    with closing(connect(token_settings(), SCOPE, wire)) as client:
        client.items(USERS)
        client.items(APPS)

    assert played.authorizations == [f"SSWS {TOKEN}"] * 2
    assert played.asked["POST /oauth2/v1/token"] == 0


def test_what_everybody_may_read_is_asked_without_a_credential(played: PlayedOkta, wire: CountingWire) -> None:
    """The metadata of the organization says on which engine it runs."""
    for own in (fresh(), token_settings()):
        with closing(connect(own, SCOPE, wire)) as client:
            assert client.get(METADATA, having="pipeline")["pipeline"] == "idx"

    assert played.authorizations == ["", ""]


@pytest.mark.parametrize("own", [fresh, token_settings])
def test_who_asks_is_okta_s_word(own: Callable[[], Settings], played: PlayedOkta, wire: CountingWire) -> None:
    """The app by its label, or the owner of the token."""
    with closing(connect(own(), SCOPE, wire)) as client:
        said = client.identity()

    assert ("0oaclient" in said) is (own is fresh)
    assert ("00u1" in said) is (own is token_settings)
    assert played.asked.total() > 0


@pytest.mark.parametrize(
    ("response", "kind", "code"),
    [
        (refused(403), Denied, "E0000006"),
        (refused(401, "E0000011", "Invalid token provided"), NotSignedIn, "E0000011"),
        (refused(401, "E0000015", "You do not have permission to access the feature"), NotThere, "E0000015"),
        (refused(403, "E0000015", "You do not have permission to access the feature"), NotThere, "E0000015"),
        (refused(404, "E0000007", "Not found"), NotThere, "E0000007"),
        (refused(404, "E0000008", "The requested path was not found"), NotThere, "E0000008"),
        (refused(400, "E0000001", "Api validation failed: type"), Unexpected, "E0000001"),
        (httpx.Response(404), Unexpected, "404"),
        (httpx.Response(401, headers={"www-authenticate": 'Bearer error="invalid_token"'}), NotSignedIn, "401"),
        (httpx.Response(403, headers={"www-authenticate": 'Bearer error="insufficient_scope"'}), Denied, "403"),
    ],
)
def test_refusals(response: httpx.Response, kind: type[ConnectorError], code: str, wire: CountingWire) -> None:
    """A token that is not valid, a feature that is not there, and a right that is missing are three things."""
    with PlayedOkta(answers={AUTHENTICATORS: response}) as okta, closing(connect(fresh(), SCOPE, wire)) as client:
        with pytest.raises(ConnectorError) as error:
            client.items(AUTHENTICATORS)
        assert okta.asked[AUTHENTICATORS] >= 1

    assert type(error.value) is kind
    assert error.value.code == code


@pytest.mark.parametrize(
    "but",
    [
        {"client_id": None, "private_key": None},
        {"token": Secret("a test", str)},
        {"private_key": None},
        {"client_id": None},
        {"url": "http://acme.okta.com"},
        {"url": "https://acme-admin.okta.com"},
        {"url": "https://acme.okta.com/api/v1"},
        {"url": "https://user@acme.okta.com"},
        {"url": "https://"},
        {"quota_share": 0},
        {"factor_share": 1.5},
        {"window": timedelta(days=91)},
        {"window": timedelta(0)},
    ],
)
def test_settings_that_cannot_be_right(but: dict[str, Any]) -> None:
    """Said before anything is asked."""
    with pytest.raises(ValueError, match=r"."):
        settings(**but)


@pytest.mark.parametrize("url", ["https://acme.okta.com", "https://acme.okta.com/", "https://id.acme.example"])
def test_the_address_of_an_organization(url: str) -> None:
    """Its own domain, or Okta's."""
    assert roots(settings(url=url)) == [(url.removeprefix("https://").rstrip("/"),)]


def test_quotas_are_those_of_the_organization_by_endpoint() -> None:
    """Two identities use one quota, and the lists of policies are one endpoint."""
    app, token = settings(quota_share=0.5), token_settings(quota_share=0.5)

    assert quota(app, SCOPE, Call(USERS)) == quota(token, SCOPE, Call(USERS))
    assert quota(app, SCOPE, Call("GET /api/v1/policies?type=PASSWORD")) == quota(
        app, SCOPE, Call("GET /api/v1/policies?type=OKTA_SIGN_ON")
    )
    assert quota(app, SCOPE, Call(USERS)).share == 0.5
    assert quota(app, SCOPE, Call(USER_FACTORS)).share == 0.25
    assert credential(app, SCOPE) != credential(token, SCOPE)


def test_scopes_are_those_that_okta_documents() -> None:
    """What `annexd permissions` prints is what Okta asks for."""
    documented = shapes.documented()
    known = {call: documented[call]["oauth_scopes"] for call in SCOPES if call in documented}

    assert len(known) > 25
    assert known == {call: [SCOPES[call]] for call in known}
    assert [call for call in known if not documented[call]["api_token"]] == []


def test_the_address_is_asked_without_its_slash(wire: CountingWire) -> None:
    """Settings may be written with one."""
    with PlayedOkta() as okta, closing(connect(fresh(url=f"{URL}/"), SCOPE, wire)) as client:
        furnish(okta)
        assert len(client.items(ZONES)) == 2
