"""Vendors' SDKs that build requests and ask for tokens, with the kit below them.

Each test that needs an SDK is skipped where it is not installed: `pip install annexd[google,microsoft]` runs them all.
"""

from __future__ import annotations

import copy
import inspect
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from collector.core.errors import Denied, NotSignedIn, RateLimited, Stopped, Unavailable, Unexpected
from connectors._http import Errors, Http, Retries, Token, Tokens, answered_by
from connectors._http.adapters import azure_identity, google, graph
from connectors._http.paging import OmittedIfEmpty
from connectors._http.replies import Reply
from connectors._http.token_requests import TokenRequests
from tests.connectors.aws.wires import CountingWire

# The builders of msgraph-sdk 1.65 warn of their own classes when they are imported.
pytestmark = pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")

GOOGLE = "https://compute.googleapis.com"
GRAPH = "https://graph.microsoft.com/v1.0"
ENTRA = "https://login.microsoftonline.com"
GOOGLE_TOKENS = "https://oauth2.googleapis.com"
DOCUMENT = {
    "name": "compute",
    "version": "v1",
    "rootUrl": f"{GOOGLE}/",
    "servicePath": "compute/v1/",
    "baseUrl": f"{GOOGLE}/compute/v1/",
    "batchPath": "batch",
    "schemas": {"List": {"id": "List", "type": "object", "properties": {}}},
    "resources": {
        "disks": {
            "methods": {
                "list": {
                    "id": "compute.disks.list",
                    "path": "projects/{project}/disks",
                    "httpMethod": "GET",
                    "parameters": {
                        "project": {"type": "string", "required": True, "location": "path"},
                        "pageToken": {"type": "string", "location": "query"},
                    },
                    "parameterOrder": ["project"],
                    "response": {"$ref": "List"},
                },
                "search": {
                    "id": "compute.disks.search",
                    "path": "projects/{project}/disks:search",
                    "httpMethod": "POST",
                    "parameters": {"project": {"type": "string", "required": True, "location": "path"}},
                    "parameterOrder": ["project"],
                    "request": {"$ref": "List"},
                    "response": {"$ref": "List"},
                },
            }
        }
    },
}


def replies(*found: httpx.Response | Any) -> tuple[list[httpx.Request], Callable[[httpx.Request], httpx.Response]]:
    """Return the requests that were answered, and what answers them one after the other, the last one for ever."""
    asked: list[httpx.Request] = []
    left = list(found)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        one = left.pop(0) if len(left) > 1 else left[0]
        return one if isinstance(one, httpx.Response) else httpx.Response(200, json=one)

    return asked, answer


@pytest.fixture
def disks() -> Any:
    """Return the part of a Google service that lists disks, built without a socket."""
    discovery = pytest.importorskip("googleapiclient.discovery", reason="needs annexd[google]")
    service = discovery.build_from_document(DOCUMENT, http=google.no_http, requestBuilder=google.build_request)
    return service.disks()


def test_googles_client_calls_a_request_builder_as_it_did() -> None:
    """What is relied on: the names, the order and the defaults of its parameters, and where it is given."""
    http = pytest.importorskip("googleapiclient.http", reason="needs annexd[google]")
    discovery = pytest.importorskip("googleapiclient.discovery", reason="needs annexd[google]")
    theirs = list(inspect.signature(http.HttpRequest.__init__).parameters.values())[1:]
    ours = list(inspect.signature(google.build_request).parameters.values())

    assert [(one.name, one.default) for one in theirs] == [(one.name.lstrip("_"), one.default) for one in ours]
    assert "requestBuilder" in inspect.signature(discovery.build_from_document).parameters


def test_googles_client_builds_and_the_kit_sends(disks: Any, wire: CountingWire) -> None:
    """With the platform's own name of the operation, and the next page by its token."""
    asked, answer = replies({"items": [{"id": 1}], "nextPageToken": "t"}, {"warning": "some"})
    http = Http(GOOGLE, wire)

    with answered_by(answer, GOOGLE):
        pages = list(
            google.walk(http, disks.list(project="p/1"), key=OmittedIfEmpty("items"), places={"project": "p/1"})
        )

    assert [page.items for page in pages] == [[{"id": 1}], []]
    assert pages[1].body == {"warning": "some"}
    assert [str(one.url) for one in asked] == [
        f"{GOOGLE}/compute/v1/projects/p%2F1/disks?alt=json",
        f"{GOOGLE}/compute/v1/projects/p%2F1/disks?alt=json&pageToken=t",
    ]
    assert wire.operations == ["compute.disks.list"] * 2
    assert [call.params.get("project") for call in wire.sent] == ["p/1", "p/1"]
    assert asked[0].headers["user-agent"].startswith("annexd/")


def test_a_search_of_googles_is_sent_with_its_body(disks: Any, wire: CountingWire) -> None:
    """And sent again only where it was said that it reads."""
    built = disks.search(project="p", body={"find": "x"})
    asked, answer = replies(httpx.Response(503, json={}), {"ok": True})
    http = Http(GOOGLE, wire)

    with answered_by(answer, GOOGLE):
        assert google.ask(http, built, reads_only=True, places={"project": "p"}) == {"ok": True}
    with answered_by(replies(httpx.Response(503, json={}))[1], GOOGLE), pytest.raises(Unavailable):
        google.ask(http, built)

    assert json.loads(asked[1].content) == {"find": "x"}
    assert asked[1].headers["content-type"] == "application/json"
    assert len(wire.sent) == 3
    assert wire.sent[0].params["project"] == "p"


def test_googles_client_sends_nothing_by_itself(disks: Any, wire: CountingWire) -> None:
    """`execute` is what everybody writes first, and an address of another API is not this client's."""
    built = disks.list(project="p")

    assert not hasattr(built, "execute")
    with pytest.raises(RuntimeError, match="by itself"):
        google.no_http.request(GOOGLE)
    with pytest.raises(Unexpected, match="was not asked"):
        google.ask(Http("https://storage.googleapis.com", wire), built)
    with pytest.raises(TypeError):
        google.build_request(None, None, GOOGLE, resumable=object())
    assert wire.sent == []


def service_account() -> dict[str, str]:
    """Return the key file of a service account that nobody has."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    return {
        "client_email": "a@p.example",
        "token_uri": f"{GOOGLE_TOKENS}/token",
        "private_key": pem,
        "type": "service_account",
    }


def google_credential(**but: Any) -> tuple[TokenRequests, Tokens]:
    """Return the tokens of a service account."""
    module = pytest.importorskip("google.oauth2.service_account", reason="needs annexd[google]")
    credentials = module.Credentials.from_service_account_info(service_account(), scopes=["https://scope"])
    requests = TokenRequests("Google", **but)
    return requests, google.google_tokens(requests, lambda _request: credentials)


def test_many_threads_ask_google_for_one_token(wire: CountingWire) -> None:
    """On the wire, as no page of theirs, and before their own call."""
    requests, tokens = google_credential()
    asked, answer = replies({"access_token": "g1", "expires_in": 3600, "token_type": "Bearer"})
    used, answer_calls = replies({})
    http = Http(GOOGLE, wire, token=tokens)

    with answered_by(answer, GOOGLE_TOKENS), answered_by(answer_calls, GOOGLE), ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: http.get("GET /x"), range(16)))
    requests.close()

    assert (len(asked), len(used)) == (1, 16)
    assert {one.headers["authorization"] for one in used} == {"Bearer g1"}
    assert (wire.sent[0].operation, wire.sent[0].aside) == ("POST oauth2.googleapis.com/token", True)
    assert wire.sent[0].params == {}
    assert parse_qs(asked[0].content.decode())["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]


def test_what_google_refuses_a_token_for_is_denied(wire: CountingWire) -> None:
    """A key that was deleted will not come back by asking again."""
    _, tokens = google_credential()
    _, answer = replies(httpx.Response(400, json={"error": "invalid_grant", "error_description": "Invalid JWT"}))

    with answered_by(answer, GOOGLE_TOKENS), pytest.raises(Denied, match="invalid_grant"):
        tokens.headers(wire)

    assert len(wire.sent) == 1


@pytest.mark.parametrize(("status", "error"), [(500, Unavailable), (503, Unavailable), (429, RateLimited)])
def test_google_auth_does_not_sleep_on_its_own(
    wire: CountingWire, status: int, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would, on these statuses and on an error of its own, where nobody can stop it."""
    _, tokens = google_credential(retries=Retries(attempts=2))
    _, answer = replies(httpx.Response(status, json={}))
    naps: list[float] = []
    monkeypatch.setattr(time, "sleep", naps.append)

    with answered_by(answer, GOOGLE_TOKENS), pytest.raises(error):
        tokens.headers(wire)

    assert naps == []
    assert len(wire.sent) == (1 if status == 500 else 2)


def test_a_run_that_is_stopped_stops_google_auth(wire: CountingWire) -> None:
    """What the wire raises comes through as it is, and no thread goes on beside the task."""
    _, tokens = google_credential()
    wire.refuse[1] = Stopped("the run was stopped")

    with pytest.raises(Stopped):
        tokens.headers(wire)
    with pytest.raises(TypeError):
        copy.deepcopy(google.AuthRequest(TokenRequests("Google"), wire))


@pytest.mark.parametrize(
    ("url", "is_allowed"),
    [
        ("https://sts.googleapis.com/v1/token", True),
        ("http://169.254.169.254/computeMetadata/v1/", True),
        ("http://metadata.google.internal/computeMetadata/v1/", True),
        ("http://127.0.0.1:40342/token", True),
        ("http://sts.googleapis.com/v1/token", False),
        ("http://10.0.0.1/token", False),
        ("file:///etc/passwd", False),
        ("https://a:b", False),
        ("token", False),
    ],
)
def test_a_token_is_never_asked_for_in_clear(wire: CountingWire, url: str, is_allowed: bool) -> None:
    """But from this machine and its cloud's metadata service, which know no other way."""
    asked, answer = replies({})
    origin = str(httpx.URL(url).copy_with(path="/", query=None)) if is_allowed else GOOGLE

    with answered_by(answer, origin):
        if is_allowed:
            assert TokenRequests("A cloud").send(wire, "GET", url, {}, None).status == 200
        else:
            with pytest.raises(Unexpected):
                TokenRequests("A cloud").send(wire, "GET", url, {}, None)

    assert len(asked) == len(wire.sent) == is_allowed


def test_a_token_request_is_not_sent_elsewhere(wire: CountingWire) -> None:
    """It holds what a token is given for."""
    asked, answer = replies(httpx.Response(307, headers={"Location": "https://evil.example"}))

    with answered_by(answer, ENTRA, "https://evil.example"), pytest.raises(Unexpected):
        TokenRequests("Entra").send(wire, "POST", f"{ENTRA}/token", {}, b"secret=1")

    assert len(asked) == 1


@pytest.fixture
def users() -> tuple[graph.GraphRequests, Any]:
    """Return what builds Graph's requests, and the SDK's builder of users."""
    sdk = pytest.importorskip("msgraph", reason="needs annexd[microsoft]")
    requests = graph.GraphRequests(GRAPH)
    return requests, sdk.GraphServiceClient(request_adapter=requests.adapter).users


def test_graphs_sdk_builds_and_the_kit_sends(users: tuple[graph.GraphRequests, Any], wire: CountingWire) -> None:
    """The bytes of the answer, with null and long dates as they came; the next page by its link, to the same host."""
    requests, builder = users
    first = {
        "value": [{"mail": None, "at": "2026-01-01T00:00:00.1234567Z"}],
        "@odata.nextLink": f"{GRAPH}/users?$skiptoken=x",
    }
    asked, answer = replies(first, {"value": [{"mail": "b"}]})
    http = Http(GRAPH, wire, token=Tokens(lambda _wire, _claims: Token("m1", 3600)))
    query = (
        builder.UsersRequestBuilderGetQueryParameters
        if hasattr(builder, "UsersRequestBuilderGetQueryParameters")
        else None
    )
    assert query is not None
    from kiota_abstractions.base_request_configuration import RequestConfiguration

    configured = RequestConfiguration(query_parameters=query(select=["id", "mail"], top=100))
    configured.headers.add("ConsistencyLevel", "eventual")
    with answered_by(answer, GRAPH):
        pages = list(requests.walk(http, "GET /users", builder.to_get_request_information(configured)))

    assert [page.items for page in pages] == [first["value"], [{"mail": "b"}]]
    assert httpx.URL(asked[0].url).params == httpx.QueryParams({"$select": "id,mail", "$top": "100"})
    assert asked[0].url.path == "/v1.0/users"
    assert [one.headers["consistencylevel"] for one in asked] == ["eventual", "eventual"]
    assert [one.headers["authorization"] for one in asked] == ["Bearer m1", "Bearer m1"]
    assert [one.headers["accept-encoding"] for one in asked] == ["gzip, deflate"] * 2
    assert wire.operations == ["GET /users", "GET /users"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(204), Unexpected),
        (httpx.Response(302, headers={"Location": "https://evil.example"}), Unexpected),
        (httpx.Response(200, text="<html>", headers={"Content-Type": "text/html"}), Unexpected),
        (httpx.Response(403, json={"error": {"code": "Authorization_RequestDenied"}}), Denied),
        (httpx.Response(429, json={}, headers={"Retry-After": "2.128"}), RateLimited),
        (httpx.Response(200, json={"value": [], "@odata.nextLink": "https://evil.example/users"}), Unexpected),
    ],
)
def test_graphs_sdk_is_not_asked_what_an_answer_means(
    users: tuple[graph.GraphRequests, Any], wire: CountingWire, answer: httpx.Response, error: type[Exception]
) -> None:
    """It would return nothing for a 204 or a 302, and send the token to a foreign host."""
    requests, builder = users
    asked, answers = replies(answer)
    errors = Errors("Graph", code=lambda body: body["error"]["code"])

    with answered_by(answers, GRAPH, "https://evil.example"), pytest.raises(error):
        list(requests.walk(Http(GRAPH, wire, errors=errors), "GET /users", builder.to_get_request_information()))

    assert {one.url.host for one in asked} == {"graph.microsoft.com"}


def test_one_object_by_graphs_sdk_in_many_threads(users: tuple[graph.GraphRequests, Any], wire: CountingWire) -> None:
    """Without an event loop; each thread gets what it has built."""
    requests, builder = users
    http = Http(GRAPH, wire)

    def ask(number: int) -> str:
        information = builder.by_user_id(f"u{number}").to_get_request_information()
        found: str = requests.ask(http, "GET /users/{id}", information)["path"]
        return found

    with (
        answered_by(lambda one: httpx.Response(200, json={"path": one.url.path}), GRAPH),
        ThreadPoolExecutor(16) as pool,
    ):
        assert list(pool.map(ask, range(200))) == [f"/v1.0/users/u{number}" for number in range(200)]


def test_an_sdk_that_waits_is_found_out() -> None:
    """A later release might."""
    import types

    @types.coroutine
    def waiting() -> Any:
        yield "for a loop"

    async def at_once() -> int:
        return 7

    assert graph.finished(at_once()) == 7
    with pytest.raises(Unexpected, match="event loop"):
        graph.finished(waiting())


DISCOVERY = {
    "authorization_endpoint": f"{ENTRA}/tenant/oauth2/v2.0/authorize",
    "token_endpoint": f"{ENTRA}/tenant/oauth2/v2.0/token",
    "issuer": f"{ENTRA}/tenant/v2.0",
    "tenant_discovery_endpoint": f"{ENTRA}/tenant/v2.0/.well-known/openid-configuration",
    "metadata": [],
}


def azure_credential() -> Tokens:
    """Return the tokens of an application in Entra."""
    identity = pytest.importorskip("azure.identity", reason="needs annexd[microsoft]")

    def make(transport: azure_identity.IdentityTransport) -> Any:
        return identity.ClientSecretCredential("tenant", "client", "a secret", transport=transport)

    return azure_identity.azure_tokens(TokenRequests("Microsoft Entra"), make, "https://graph.microsoft.com/.default")


def entra(*tokens: httpx.Response | Any) -> tuple[list[httpx.Request], Callable[[httpx.Request], httpx.Response]]:
    """Return the token requests that were answered, and what answers these and the discovery."""
    asked, answer = replies(*tokens)
    return (
        asked,
        lambda request: answer(request) if request.url.path.endswith("/token") else httpx.Response(200, json=DISCOVERY),
    )


def test_many_threads_ask_entra_for_one_token(wire: CountingWire) -> None:
    """Stock threads ask sixteen times for the authority and sixteen times for the token."""
    tokens = azure_credential()
    asked, answer = entra({"access_token": "e1", "expires_in": 3600, "token_type": "Bearer"})

    with answered_by(answer, ENTRA), ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda _: tokens.headers(wire)["Authorization"], range(16)))

    assert found == {"Bearer e1"}
    assert len(asked) == 1
    assert all(call.aside for call in wire.sent)
    assert [call.operation for call in wire.sent][-1] == "POST login.microsoftonline.com/tenant/oauth2/v2.0/token"
    assert parse_qs(asked[0].content.decode())["client_secret"] == ["a secret"]
    assert "a secret" not in repr(wire.sent)


def test_what_entra_refuses_a_token_for_is_not_signed_in(wire: CountingWire) -> None:
    """Its own word is in the reason, and no permission is advised: another credential mends it."""
    tokens = azure_credential()
    refusal = {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret"}
    _, answer = entra(httpx.Response(401, json=refusal))

    with answered_by(answer, ENTRA), pytest.raises(NotSignedIn, match="AADSTS7000215"):
        tokens.headers(wire)


def test_a_credential_that_was_refused_is_made_anew(wire: CountingWire) -> None:
    """A daemon goes on with a secret that was replaced."""
    identity = pytest.importorskip("azure.identity", reason="needs annexd[microsoft]")
    secrets = ["an old secret", "a new secret"]

    def make(transport: azure_identity.IdentityTransport) -> Any:
        return identity.ClientSecretCredential("tenant", "client", secrets.pop(0), transport=transport)

    tokens = azure_identity.azure_tokens(TokenRequests("Microsoft Entra"), make, f"{GRAPH}/.default")
    refusal = httpx.Response(401, json={"error": "invalid_client", "error_description": "AADSTS7000222: expired"})
    asked, answer = entra(refusal, {"access_token": "e1", "expires_in": 3600, "token_type": "Bearer"})

    with answered_by(answer, ENTRA):
        with pytest.raises(NotSignedIn):
            tokens.headers(wire)
        assert tokens.headers(wire) == {"Authorization": "Bearer e1"}

    assert [parse_qs(one.content.decode())["client_secret"] for one in asked] == [["an old secret"], ["a new secret"]]


@pytest.mark.parametrize(
    ("status", "error"), [(500, Unavailable), (503, Unavailable), (429, RateLimited)], ids=["500", "503", "429"]
)
def test_azure_identity_does_not_hide_an_outage(wire: CountingWire, status: int, error: type[Exception]) -> None:
    """It wraps everything into a refusal, which an outage is not."""
    tokens = azure_credential()
    _, answer = entra(httpx.Response(status, json={}))

    with answered_by(answer, ENTRA), pytest.raises(error):
        tokens.headers(wire)


def test_a_run_that_is_stopped_stops_azure_identity(wire: CountingWire) -> None:
    """It wraps that as well."""
    tokens = azure_credential()
    wire.refuse[1] = Stopped("the run was stopped")

    with answered_by(entra({})[1], ENTRA), pytest.raises(Stopped):
        tokens.headers(wire)


def test_claims_that_a_refusal_demands_are_passed_on(wire: CountingWire) -> None:
    """Continuous access evaluation: a token is refused before its end, and the next must prove more."""
    tokens = azure_credential()
    issued = ({"access_token": name, "expires_in": 3600, "token_type": "Bearer"} for name in ("e1", "e2"))
    asked, answer = entra(*issued)
    claims = "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZX19fQ=="
    challenge = httpx.Response(401, json={}, headers={"WWW-Authenticate": f'Bearer realm="", claims="{claims}"'})
    used, answer_calls = replies(challenge, {"ok": True})

    with answered_by(answer, ENTRA), answered_by(answer_calls, GRAPH):
        assert Http(GRAPH, wire, token=tokens).get("GET /me") == {"ok": True}

    assert [one.headers["authorization"] for one in used] == ["Bearer e1", "Bearer e2"]
    assert json.loads(parse_qs(asked[1].content.decode())["claims"][0])["access_token"]["nbf"] == {"essential": True}


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ('Bearer claims="eyJhIjoxfQ=="', '{"a":1}'),
        ('Bearer error="x", claims="eyJhIjoxfQ"', '{"a":1}'),
        ('Bearer claims="/w=="', None),
        ("Bearer", None),
        ("", None),
    ],
)
def test_the_claims_of_a_challenge(header: str, claims: str | None) -> None:
    """They are base64, with or without its end."""
    assert azure_identity.claims_of(Reply(401, {"www-authenticate": header}, b"")) == claims
