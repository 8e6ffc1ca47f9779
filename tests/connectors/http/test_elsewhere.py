"""Addresses: where a credential may go at all, what a redirect may do, and what a name may do to a path."""

from __future__ import annotations

import pytest

from collector.core.errors import ConfigError, ConnectorError, Denied, NotThere, Unavailable, Unexpected
from collector.core.redaction import Redactor
from connectors._http import Errors, Reply
from tests.connectors.aws.wires import CountingWire
from tests.connectors.http.conftest import Client
from tests.connectors.http.server import Asked, Script, Write, always, answer, serving

CALL = "GET /thing"


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com",
        "http://127.0.0.1.example.com",
        "http://10.0.0.1",
        "ftp://api.example.com",
        "api.example.com",
        "https://",
        "https://user:word@api.example.com",
        "https://api.example.com?token=1",
        "https://api.example.com#x",
        "http://[::2]",
        "https://a:b",
    ],
)
def test_no_credential_is_sent_in_clear(client: Client, url: str) -> None:
    """What is wrong with an address is said before anything is sent to it."""
    with pytest.raises(ConfigError):
        client(url)


@pytest.mark.parametrize(
    "url", ["https://a.example/api/v4/", "http://localhost:1", "http://127.0.0.9", "http://[::1]:8"]
)
def test_this_machine_may_do_without_encryption(client: Client, url: str) -> None:
    """Doubles listen here, and agents beside a service."""
    client(url)


def moved(target: str, status: int = 302) -> Script:
    """Send every request elsewhere, but for those that have arrived there."""

    def script(asked: Asked, write: Write) -> None:
        write(answer({"there": True}) if asked.target == "/there" else answer({}, status, location=target))

    return script


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
def test_a_redirect_is_not_followed(client: Client, status: int) -> None:
    """An address that moved is for the operator to change."""
    with serving(moved("/there", status)) as server, pytest.raises(Unexpected, match="elsewhere"):
        client(server.url).get(CALL)

    assert len(server.asked) == 1


def test_a_redirect_on_the_platforms_own_host_may_be_followed(client: Client, wire: CountingWire) -> None:
    """Where the connector says so; each step is a request on the wire."""
    with serving(moved("/there", 307)) as server:
        assert client(server.url, redirects=True).get(CALL) == {"there": True}

    assert [received.status for _, received in wire.received] == [307, 200]


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "http://localhost:1/there", ""])
def test_a_redirect_to_another_host_is_never_followed(client: Client, wire: CountingWire, target: str) -> None:
    """The credential would go with it; nor is one that leads nowhere."""
    with serving(moved(target)) as server, pytest.raises(Unexpected):
        client(server.url, redirects=True).get(CALL)

    assert {asked.target for asked in server.asked} == {"/thing"}
    assert len(wire.sent) == (1 if target else 4)


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_name_does_not_lead_out_of_its_place(client: Client, name: str) -> None:
    """Names come from the platform, and some of them from whoever may name things there."""
    with pytest.raises(Unexpected):
        client("https://api.example.com").get("GET /orgs/{org}/users", org=name)
    with pytest.raises(Unexpected):
        client("https://api.example.com").get("GET /v1/{+name}/x", name=f"projects/{name}/y")


@pytest.mark.parametrize(
    ("call", "places", "target"),
    [
        ("GET /orgs/{org}/users", {"org": "a b/c?d#e%"}, "/orgs/a%20b%2Fc%3Fd%23e%25/users"),
        ("GET /groups/:id/members/all", {"id": "a/b"}, "/groups/a%2Fb/members/all"),
        ("GET /v1/{+name}:getIamPolicy", {"name": "projects/p"}, "/v1/projects/p:getIamPolicy"),
        ("GET /users/{id}", {"id": "böb"}, "/users/b%C3%B6b"),
    ],
)
def test_placeholders_are_filled_and_quoted(client: Client, call: str, places: dict[str, str], target: str) -> None:
    """In the ways in which platforms write them."""
    with serving(always(answer({}))) as server:
        client(f"{server.url}/api").get(call, query=None, **places)

    assert server.asked[0].target == f"/api{target}"


@pytest.mark.parametrize(("query", "sent"), [(None, "?type=PASSWORD"), ({"limit": 20}, "?type=PASSWORD&limit=20")])
def test_an_operation_may_have_a_query_of_its_own(
    client: Client, wire: CountingWire, query: dict[str, int] | None, sent: str
) -> None:
    """Okta lists its policies by type, each with a call of its own; a second question mark would be another value."""
    with serving(always(answer({}))) as server:
        client(server.url).get("GET /policies?type=PASSWORD", query=query)

    assert server.asked[0].target == f"/policies{sent}"
    assert wire.sent[0].params["type"] == "PASSWORD"


def test_the_word_of_a_refusal_is_not_taken_for_a_password() -> None:
    """What the platform said is the reason of an unknown verdict, and has to be readable."""
    said = ERRORS.of(Reply(401, {}, b'{"error": {"code": "E0000015"}}'), "GET /policies?type=PASSWORD").what

    assert "E0000015" in Redactor(b"key").text(said)


def test_placeholders_of_the_scope_need_not_be_repeated(client: Client, wire: CountingWire) -> None:
    """Those of the call are taken first, and only those that the operation has."""
    with serving(always(answer({}))) as server:
        http = client(server.url, places={"org": "acme", "team": "t"})
        http.get("GET /orgs/{org}")
        http.get("GET /orgs/{org}", org="other")

    assert [dict(call.params) for call in wire.sent] == [{"org": "acme"}, {"org": "other"}]


@pytest.mark.parametrize("places", [{}, {"org": "a", "user": "b"}])
def test_a_placeholder_that_does_not_fit_is_a_mistake_of_the_connector(client: Client, places: dict[str, str]) -> None:
    """Said with its name."""
    with pytest.raises(TypeError, match=r"org|user"):
        client("https://api.example.com").get("GET /orgs/{org}", query=None, **places)


ERRORS = Errors(
    "Acme",
    code=lambda body: body["error"]["code"],
    message=lambda body: body["error"]["message"],
    by_code={"feature_off": NotThere},
    by_status={404: NotThere, 500: Unexpected},
    explain=lambda reply: Denied("sign on first", code="sso") if "x-sso" in reply.headers else None,
)


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (403, {"error": {"code": "feature_off", "message": "off"}}, NotThere, "feature_off"),
        (403, {"error": {"code": "no_right", "message": "no"}}, Denied, "no_right"),
        (403, {"error": "no_right"}, Denied, "403"),
        (403, {"error": {"code": {"a": 1}}}, Denied, "403"),
        (403, [], Denied, "403"),
        (403, b"", Denied, "403"),
        (404, {}, NotThere, "404"),
        (410, {}, NotThere, "410"),
        (500, {}, Unexpected, "500"),
        (501, {}, Unavailable, "501"),
        (418, {}, Unexpected, "418"),
        (407, {}, Unavailable, "407"),
        (408, {}, Unavailable, "408"),
        (400, {"error": {"code": 7}}, Unexpected, "7"),
        (403, b"<html>blocked</html>", Unexpected, "403"),
        (500, b"<html>down</html>", Unavailable, "500"),
        (401, b"<!doctype html>", Unexpected, "401"),
    ],
)
def test_what_a_refusal_means(status: int, body: object, kind: type[ConnectorError], code: str) -> None:
    """The platform's own word first, then the connector's table, then the usual meaning; a page is nobody's word."""
    data = answer(body).partition(b"\r\n\r\n")[2]
    error = ERRORS.of(Reply(status, {"content-type": "application/json"}, data), CALL)

    assert (type(error), error.code) == (kind, code)


def test_a_word_that_is_not_in_the_body() -> None:
    """It is asked for before the rest."""
    assert ERRORS.of(Reply(403, {"x-sso": "required"}, b"{}"), CALL).code == "sso"


def test_what_people_read_of_a_refusal() -> None:
    """Who answered what to which operation, in the platform's words, and no more of them than fit."""
    body = answer({"error": {"code": "no_right", "message": "m" * 1000}}).partition(b"\r\n\r\n")[2]

    assert (
        ERRORS.of(Reply(403, {}, body), CALL).what == f"Acme answered 403 to GET /thing, saying no_right: {'m' * 300}"
    )
