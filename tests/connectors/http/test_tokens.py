"""Credentials: asked for once, before the wire is waited for, and again where the platform refuses them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from collector.core.errors import ConfigError, ConnectorError, Denied, NotSignedIn, Unavailable, Unexpected
from collector.core.secrets import Secret
from collector.core.wire import Answer, Call, Wire
from connectors._http import SecretHeader, Token, TokenRequests, Tokens, kept_for, oauth_tokens
from connectors._http.tokens import issued_token
from tests.connectors.aws.wires import CountingWire
from tests.connectors.http.conftest import Client
from tests.connectors.http.server import Asked, Script, Write, always, answer, in_turn, serving

CALL = "GET /thing"


class Issuer:
    """Issues t1, t2 and so on, by a request of its own; `seconds` is what the clock says."""

    def __init__(self, lifetime: float = 3600) -> None:
        self.pace = threading.Event()
        self.lifetime = lifetime
        self.issued = 0
        self.seconds = 0.0
        self.claims: list[str | None] = []

    def obtain(self, wire: Wire, claims: str | None) -> Token:
        """Ask for the next token."""
        self.claims.append(claims)
        call = Call("POST /token", aside=True)
        wire.before(call)
        self.pace.wait(0.05)  # in which another thread would ask as well
        wire.after(call, Answer(200))
        self.issued += 1
        return Token(f"t{self.issued}", self.lifetime)

    def tokens(self) -> Tokens:
        """Return the source of tokens."""
        claims = lambda reply: reply.headers.get("x-claims")  # noqa: E731  short
        return Tokens(self.obtain, claims_of=claims, clock=lambda: self.seconds)


def only(*tokens: str) -> Script:
    """Answer what carries one of the tokens, and refuse the rest."""

    def script(asked: Asked, write: Write) -> None:
        is_good = asked.headers.get("authorization") in {f"Bearer {token}" for token in tokens}
        write(answer({"ok": True}) if is_good else answer({}, 401, x_claims="prove it"))

    return script


def test_a_secret_is_sent_and_read_again(client: Client) -> None:
    """A rotated secret is picked up without a restart."""
    values = iter(["first", "second"])
    with serving(always(answer({}))) as server:
        http = client(server.url, token=Secret("s", lambda: next(values)))
        http.get(CALL)
        http.get(CALL)

    assert [asked.headers["authorization"] for asked in server.asked] == ["Bearer first", "Bearer second"]


def test_a_header_of_the_platforms_choice(client: Client) -> None:
    """GitLab has its own, Okta a word of its own."""
    secret = Secret("s", lambda: "value")
    with serving(always(answer({}))) as server:
        client(server.url, token=SecretHeader(secret, "PRIVATE-TOKEN", "")).get(CALL)
        client(server.url, token=SecretHeader(secret, prefix="SSWS ")).get(CALL)

    assert server.asked[0].headers["private-token"] == "value"
    assert server.asked[1].headers["authorization"] == "SSWS value"


@pytest.mark.parametrize("value", ["", "a\nb", "a ", "schlüssel", "a\x00"])
def test_a_secret_that_no_header_may_have_is_not_repeated(client: Client, wire: CountingWire, value: str) -> None:
    """The library below would put it into its message."""
    with pytest.raises(ConfigError) as raised:
        client("https://api.example.com", token=Secret("env:TOKEN", lambda: value)).get(CALL)

    assert "env:TOKEN" in str(raised.value)
    assert not value.strip() or value not in str(raised.value)
    assert wire.sent == []


def test_a_token_is_asked_for_before_the_wire_is_waited_for(client: Client, wire: CountingWire) -> None:
    """Otherwise a call would hold its place while it waits for another one; the token's request is no page."""
    with serving(only("t1")) as server:
        client(server.url, token=Issuer().tokens()).get(CALL)

    assert [(call.operation, call.aside) for call in wire.sent] == [("POST /token", True), (CALL, False)]


def test_many_threads_ask_for_one_token(client: Client, wire: CountingWire) -> None:
    """Sixteen threads of a stock client ask nine to sixteen times."""
    with serving(only("t1")) as server:
        issuer = Issuer()
        http = client(server.url, token=issuer.tokens())
        barrier = threading.Barrier(16)

        def ask(_: int) -> Any:
            barrier.wait(10)
            return http.get(CALL)

        with ThreadPoolExecutor(16) as pool:
            assert list(pool.map(ask, range(16))) == [{"ok": True}] * 16

    assert issuer.issued == 1
    assert len(wire.sent) == 17


def test_a_token_is_replaced_before_it_ends(client: Client) -> None:
    """Five minutes before, or after half of a short life."""
    with serving(only("t1", "t2", "t3", "t4")) as server:
        issuer = Issuer()
        http = client(server.url, token=issuer.tokens())
        counts = []
        for issuer.seconds in (0, 3299, 3301):
            http.get(CALL)
            counts.append(issuer.issued)
        issuer.lifetime = 60
        for issuer.seconds in (9000, 9029, 9031):
            http.get(CALL)
            counts.append(issuer.issued)

    assert counts == [1, 1, 2, 3, 3, 4]


def test_a_token_that_is_refused_is_replaced_once(client: Client, wire: CountingWire) -> None:
    """It may have been revoked; what the platform demands of the next one is passed on."""
    with serving(only("t2")) as server:
        issuer = Issuer()
        assert client(server.url, token=issuer.tokens()).get(CALL) == {"ok": True}

    assert issuer.claims == [None, "prove it"]
    assert wire.operations == ["POST /token", CALL, "POST /token", CALL]


def test_a_second_refusal_is_the_answer(client: Client, wire: CountingWire) -> None:
    """No new token mends what a right would."""
    with serving(only("none")) as server, pytest.raises(Denied):
        client(server.url, token=Issuer().tokens()).get(CALL)

    assert wire.operations == ["POST /token", CALL, "POST /token", CALL]


def test_a_secret_that_is_refused_is_not_sent_again(client: Client, wire: CountingWire) -> None:
    """Unless it was replaced meanwhile."""
    values = ["old", "new"]
    with serving(only("new")) as server:
        with pytest.raises(Denied):
            client(server.url, token=Secret("s", lambda: "old")).get(CALL)
        assert len(wire.sent) == 1

        assert client(server.url, token=Secret("s", lambda: values.pop(0) if len(values) > 1 else "new")).get(CALL)


def test_threads_that_were_refused_share_the_next_token(client: Client) -> None:
    """The second one finds that the first has it already."""
    with serving(only("t2")) as server:
        issuer = Issuer()
        http = client(server.url, token=issuer.tokens())
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(lambda _: http.get(CALL), range(8))) == [{"ok": True}] * 8

    assert issuer.issued == 2


def test_scopes_of_a_source_share_their_token() -> None:
    """Two settings that are equal are one source's."""
    first, same, other = (kept_for(settings, object) for settings in (("a", 1), ("a", 1), ("b", 1)))

    assert first is same
    assert first is not other


@pytest.mark.parametrize(
    ("body", "lifetime"),
    [
        ({"access_token": "a", "expires_in": 3599}, 3599.0),
        ({"access_token": "a"}, 60.0),
        ({"access_token": "a", "expires_in": "soon"}, 60.0),
        ({"access_token": "a", "expires_in": True}, 60.0),
        ({"access_token": "a", "expires_in": -1}, 60.0),
    ],
)
def test_the_token_of_an_oauth_answer(body: Any, lifetime: float) -> None:
    """A lifetime that is missing or odd means to ask again soon."""
    assert issued_token(body, "POST /token") == Token("a", lifetime)


@pytest.mark.parametrize("body", [{}, {"access_token": ""}, {"access_token": 5}, [], None, "a"])
def test_an_answer_without_a_token_is_none(body: Any) -> None:
    """It must not be sent as a credential."""
    with pytest.raises(Unavailable):
        issued_token(body, "POST /token")


FORM = {"grant_type": "client_credentials", "client_secret": "a secret"}


def test_an_oauth_client(client: Client, wire: CountingWire) -> None:
    """A form, sent again where the platform could not answer, and recorded without what is in it."""
    requests = TokenRequests("Acme")
    issued = answer({"access_token": "t9", "expires_in": 3600})
    with serving(in_turn(answer({}, 503), issued)) as issuer, serving(only("t9")) as server:
        tokens = oauth_tokens(requests, f"{issuer.url}/oauth/token", lambda: FORM)
        assert client(server.url, token=tokens).get(CALL) == {"ok": True}
        requests.close()

    assert issuer.asked[1].body == b"grant_type=client_credentials&client_secret=a+secret"
    assert [call.aside for call in wire.sent] == [True, True, False]
    assert "a secret" not in repr(wire.sent)


@pytest.mark.parametrize(
    ("refusal", "error", "code"),
    [
        (
            answer({"error": "invalid_client", "error_description": "no such client"}, 401),
            NotSignedIn,
            "invalid_client",
        ),
        (answer({"error": "invalid_grant"}, 400), NotSignedIn, "invalid_grant"),
        (answer({"error": "invalid_scope"}, 400), Denied, "invalid_scope"),
        (answer({}, 404), Unexpected, "404"),
        (answer(b"<html>sign in</html>", content_type="text/html"), Unexpected, "200"),
        (answer({"token": "t"}), Unavailable, None),
        (answer({}, 201), Unexpected, "201"),
    ],
)
def test_an_oauth_client_that_is_given_no_token(
    wire: CountingWire, refusal: bytes, error: type[ConnectorError], code: str | None
) -> None:
    """Who was refused is told apart from what went wrong."""
    requests = TokenRequests("Acme")
    with serving(always(refusal)) as issuer, pytest.raises(error) as raised:
        oauth_tokens(requests, f"{issuer.url}/oauth/token", lambda: FORM).headers(wire)
    requests.close()

    assert (type(raised.value), raised.value.code) == (error, code)
