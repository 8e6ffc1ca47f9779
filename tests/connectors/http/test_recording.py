"""Whole answers, for a recording: each one as it came, refusals too, and no token."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from collector.core.errors import Denied
from collector.core.wire import Call, Exchange
from connectors._http import Token, TokenRequests, Tokens, oauth_tokens
from tests.connectors.aws.wires import CountingWire
from tests.connectors.http.conftest import Client
from tests.connectors.http.server import answer, in_turn, serving

CALL = "GET /orgs/{org}/users"


@dataclass
class _Recording(CountingWire):
    """Keeps what the transport gives to be recorded."""

    kept: list[Exchange] = field(default_factory=list)

    def tap(self, exchange: Exchange) -> None:
        """Keep it."""
        self.kept.append(exchange)


def test_each_attempt_is_recorded_as_it_came(client: Client) -> None:
    """What a platform refuses is worth as much as what it answers."""
    wire = _Recording()
    with serving(in_turn(answer({"busy": True}, 503), answer({"no": "right"}, 403))) as server, pytest.raises(Denied):
        client(server.url, wire).get(CALL, org="acme", query={"page": 2})

    assert [(exchange.status, exchange.body) for exchange in wire.kept] == [
        (503, b'{"busy": true}'),
        (403, b'{"no": "right"}'),
    ]
    assert wire.kept[0].call == Call(CALL, {"org": "acme", "page": "2"})
    assert (wire.kept[0].method, wire.kept[0].target) == ("GET", "/orgs/acme/users?page=2")
    assert wire.kept[0].headers["content-type"].startswith("application/json")


def test_no_token_is_recorded(client: Client) -> None:
    """A token is no evidence, and a recording is to be given away."""
    wire = _Recording()
    with serving(in_turn(answer({"ok": True}))) as server:
        given = Tokens(lambda _wire, _claims: Token("secret", 3600.0))
        client(server.url, wire, token=given).get(CALL, org="acme")
    with serving(in_turn(answer({"access_token": "secret", "expires_in": 3600}))) as server:
        requests = TokenRequests("Acme")
        oauth = oauth_tokens(requests, f"{server.url}/token", lambda: {"grant_type": "client_credentials"})
        assert oauth.headers(wire) == {"Authorization": "Bearer secret"}
        requests.close()

    assert len(wire.kept) == 1
    assert "secret" not in repr(wire.kept)
