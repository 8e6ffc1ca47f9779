"""Signing in as a GitHub App: tokens of an hour for each organization, renewed in time, counted like everything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from collector.core.errors import Denied
from collector.core.secrets import Secret
from connectors.github._sdk.client import GitHub, connect
from connectors.github._sdk.errors import explain
from connectors.github.organization.apps_and_tokens import own_access
from connectors.github.organization.discovery import own_installations
from tests.connectors.aws.wires import CountingWire
from tests.connectors.github.estate import ORG, settings, user
from tests.connectors.github.judging import bodies
from tests.connectors.github.played import NOW, Played, Reply
from tests.connectors.github.shapes import item, named

TOKENS = "/app/installations/5/access_tokens"


@cache
def private_key() -> str:
    """A key made up once."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def a_token(number: int, lives: timedelta) -> Reply:
    """A token of an installation, which ends so long after the answer's own date."""
    end = (datetime.fromtimestamp(NOW, UTC) + lives).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Reply(201, {"token": f"ghs_{number}", "expires_at": end, "permissions": {"members": "read"}})


@pytest.fixture
def app(hub: Played, wire: CountingWire) -> GitHub:
    """A client of acme, as an app that is installed there."""
    hub.answers |= {
        "/app": item("GET /app", slug="annexd"),
        f"{ORG}/installation": item("GET /orgs/{org}/installation", id=5, permissions={"members": "read"}),
        ORG: item("GET /orgs/{org}", login="acme"),
    }
    app_settings = settings(hub, token=None, app_id="12", private_key=Secret("a test", private_key))
    return connect(app_settings, ("acme",), wire)


def test_a_token_is_asked_for_once_and_used(hub: Played, app: GitHub, wire: CountingWire) -> None:
    """Each request for a token is a request like any other."""
    hub.turns[TOKENS] = [a_token(1, timedelta(hours=1))]

    app.request("GET /orgs/{org}")
    app.request("GET /orgs/{org}")

    assert hub.asked[f"POST {TOKENS}"] == 1
    assert hub.tokens[-1] == "Bearer ghs_1"
    assert hub.tokens[0].startswith("Bearer ey")
    assert hub.total() == len(wire.sent) == 4
    asides = [call.operation for call in wire.sent if call.aside]
    assert asides == ["POST /app/installations/{installation_id}/access_tokens"]


def test_a_token_that_ends_is_renewed_in_time(hub: Played, app: GitHub) -> None:
    """A scan may take longer than the hour that a token lives."""
    hub.turns[TOKENS] = [a_token(1, timedelta(0)), a_token(2, timedelta(hours=1))]

    app.request("GET /orgs/{org}")
    app.request("GET /orgs/{org}")

    assert hub.asked[f"POST {TOKENS}"] == 2
    assert hub.tokens[-1] == "Bearer ghs_2"


def test_a_token_that_ended_while_the_call_waited_is_tried_once_more(hub: Played, app: GitHub) -> None:
    """A call may wait for its turn for longer than its token lives."""
    hub.turns[TOKENS] = [a_token(1, timedelta(hours=1)), a_token(2, timedelta(hours=1))]
    hub.turns[ORG] = [Reply(401, {"message": "Bad credentials"})]

    assert app.request("GET /orgs/{org}")["login"] == "acme"
    assert hub.tokens[-1] == "Bearer ghs_2"


def test_a_credential_that_is_refused_is_not_tried_for_ever(hub: Played, app: GitHub) -> None:
    """GitHub locks out whoever goes on asking with a bad credential."""
    hub.turns[TOKENS] = [a_token(number, timedelta(hours=1)) for number in (1, 2, 3)]
    hub.answers[ORG] = Reply(401, {"message": "Bad credentials"})

    with pytest.raises(Exception) as caught:  # noqa: PT011  what PyGithub raises is explained below
        app.request("GET /orgs/{org}")

    assert isinstance(explain(caught.value), Denied)
    assert hub.asked[f"GET {ORG}"] == 2


def test_an_app_that_is_not_installed_is_denied(hub: Played, app: GitHub) -> None:
    """Nothing is known of an organization that did not let the app in."""
    hub.refuse(f"{ORG}/installation", Reply.refused("Not Found", 404))

    with pytest.raises(Denied):
        app.request("GET /orgs/{org}")


def test_who_asks_is_app_and_installation(hub: Played, app: GitHub) -> None:
    """The provenance names the identity whose rights decided what was seen."""
    hub.turns[TOKENS] = [a_token(1, timedelta(hours=1))]

    assert app.identity() == "app annexd, installation 5"


def test_its_own_rights_are_githubs_word(app: GitHub) -> None:
    """Stated by the installation, not by the settings."""
    assert list(bodies(own_access(app))) == [{"credential": "app", "permissions": {"members": "read"}, "scopes": None}]


def _installation(number: int, login: str, **but: Any) -> dict[str, Any]:
    # By its own description an account here is an organization and an enterprise at once; it has the fields of both.
    account = {**named("enterprise"), **user(login)}
    token_permissions = {"id": number, "account": account, "target_type": "Organization", "suspended_at": None}
    return item("GET /app/installations", **(token_permissions | but))


@pytest.mark.parametrize(("installation_id", "found"), [(None, ["acme", "other"]), (5, ["acme"]), (99, [])])
def test_organizations_are_discovered_from_the_installations(
    hub: Played, wire: CountingWire, installation_id: int | None, found: list[str]
) -> None:
    """A person's account and a suspended installation are no organizations to look at; they stay in the list."""
    from collector.setup.loading import connector

    hub.page = 2
    hub.answers["/app/installations"] = [
        _installation(5, "acme"),
        _installation(6, "other"),
        _installation(7, "ann", target_type="User"),
        _installation(8, "asleep", suspended_at="2026-01-01T00:00:00Z"),
    ]
    app_settings = settings(
        hub,
        token=None,
        organizations=None,
        app_id="12",
        private_key=Secret("a test", private_key),
        installation_id=installation_id,
    )
    (discovery,) = (
        entry for entry in connector("github").connector.discoveries["organization"] if "app" in entry.collection
    )

    listed = list(bodies(own_installations(connect(app_settings, (), wire))))

    assert len(listed) == 4
    named = [discovery.below(app_settings, body) for body in listed]
    assert [entry for entry in named if entry is not None] == found


def test_the_installation_is_asked_once_for_all_repositories(hub: Played, app: GitHub, wire: CountingWire) -> None:
    """A thousand repositories would otherwise cost a thousand requests that say the same."""
    for name in ("a", "b", "c"):
        connect(app.settings, ("acme", name), wire).installation()

    assert hub.asked[f"GET {ORG}/installation"] == 1
