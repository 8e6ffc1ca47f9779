"""A double of Microsoft Entra, Graph, Resource Manager and a DNS resolver, for one tenant, in this process.

It answers as Graph does where the connector relies on it: pages with @odata.nextLink, only what $select names, nothing
that $expand would have to name, and errors with a code and a message.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import httpx

from collector.contract.httpx_answers import Make, made_by
from collector.core.secrets import Secret
from connectors._http import answered_by
from connectors._microsoft.clouds import CLOUDS
from connectors.entra._sdk import calls
from connectors.entra._sdk.settings import Settings

TENANT = "11111111-2222-3333-4444-555555555555"
CLIENT = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
RESOLVER = "https://dns.example/resolve"
CLOUD = CLOUDS["public"]
NAVIGATION = frozenset({"principal", "assignments"})
"""Properties that Graph leaves out unless $expand names them."""

Wrong = Callable[[httpx.Request, httpx.Response], httpx.Response]


class Refusal(Exception):
    """Raised by a function of the estate: the tenant answers with this error."""

    def __init__(self, status: int, code: str, message: str = "no") -> None:
        super().__init__(code)
        self.response = error(status, code, message)


def error(status: int, code: str, message: str, **headers: str) -> httpx.Response:
    """Return an error as Graph writes it."""
    inner = {"date": "2026-03-01T06:00:00", "request-id": "r-1", "client-request-id": "c-1"}
    body = {"error": {"code": code, "message": message, "innerError": inner}}
    return httpx.Response(status, json=body, headers=headers)


def denied() -> httpx.Response:
    """Return what Graph says where a permission is missing."""
    return error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def unlicensed() -> httpx.Response:
    """Return what Graph says where the tenant lacks P1."""
    return error(
        403,
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
        "Neither tenant is B2C or tenant doesn't have premium license",
    )


def token(**claims: Any) -> str:
    """Return an access token in Entra's form."""
    every = sorted({name for terms in calls.TERMS.values() for name in terms.permissions if "/" not in name})
    said = {"tid": TENANT, "appid": CLIENT, "oid": "o-1", "roles": every, **claims}
    encoded = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in ({"typ": "JWT"}, said)
    ]
    return ".".join([*encoded, "c2ln"])


def settings(**but: Any) -> Settings:
    """Return the settings of a source for the tenant."""
    known = {
        "tenant": TENANT,
        "client_id": CLIENT,
        "client_secret": Secret("a test", lambda: "a-made-up-secret"),
        "dns_resolver": RESOLVER,
    }
    return Settings(**{**known, **but})


def call_of(request: httpx.Request) -> str | None:
    """Return the call that a request is, as the connector declares it; None for what belongs to signing in."""
    if request.url.host == httpx.URL(RESOLVER).host:
        return calls.DNS
    if request.url.host == httpx.URL(CLOUD.authority).host:
        return None
    path = request.url.path.removeprefix("/v1.0")
    if path == "/users" and "signInActivity" in request.url.params.get("$select", ""):
        return calls.SIGN_IN_ACTIVITY
    if path == "/servicePrincipals" and "$filter" in request.url.params:
        return calls.SERVICES
    found = [call for call in CALLS if re.fullmatch(_pattern(call), path)]
    assert len(found) == 1, f"{path} is {found}"
    return found[0]


CALLS = tuple(call for call in calls.TERMS if "?" not in call)


def _pattern(call: str) -> str:
    return re.sub(r"\{\w+\}", "[^/]+", call.partition(" ")[2])


class PlayedTenant:
    """The tenant. `answers` has for each call a list, an object, or a function of the path's ids that returns one."""

    def __init__(self, answers: Mapping[str, Any], *, page_size: int = 100) -> None:
        self.answers = dict(answers)
        self.page_size = page_size
        self.wrong: dict[str, Wrong] = {}
        self.makes: dict[str, Make] = {}
        self.counts: Counter[str] = Counter()
        self.requests: list[httpx.Request] = []
        self.token = token()
        self._lock = threading.Lock()

    @contextmanager
    def running(self) -> Iterator[PlayedTenant]:
        """Answer requests as long as the context lasts."""
        with answered_by(self, CLOUD.authority, CLOUD.graph, CLOUD.arm, RESOLVER):
            yield self

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        call = call_of(request)
        if call is None:
            return self._signing_in(request)
        with self._lock:
            self.counts[call] += 1
            self.requests.append(request)
        own = self._own(call, request)
        if call in self.wrong:
            own = self.wrong[call](request, own)
        return made_by(self.makes.get(call), request, own)

    @property
    def count(self) -> int:
        """How many requests were answered, but for those to sign in."""
        return self.counts.total()

    def served(self, call: str) -> int:
        """Return how many of them were of this call."""
        return self.counts[call]

    def asked(self, call: str) -> list[httpx.Request]:
        """Return the requests of a call."""
        return [request for request in self.requests if call_of(request) == call]

    def deny(self, call: str) -> None:
        """Refuse a call for lack of a permission."""
        self.wrong[call] = lambda _request, _own: denied()

    def _signing_in(self, request: httpx.Request) -> httpx.Response:
        base = f"{CLOUD.authority}/{TENANT}"
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json={"access_token": self.token, "expires_in": 3600, "token_type": "Bearer"})
        found = {"token_endpoint": f"{base}/oauth2/v2.0/token", "issuer": f"{base}/v2.0"}
        return httpx.Response(200, json={**found, "authorization_endpoint": f"{base}/oauth2/v2.0/authorize"})

    def _own(self, call: str, request: httpx.Request) -> httpx.Response:
        try:
            value = self._value(call, request)
        except Refusal as refusal:
            return refusal.response
        if call == calls.DNS:
            return httpx.Response(200, json=value)
        if isinstance(value, list):
            return self.page(call, request, value)
        return httpx.Response(200, json=_selected(value, request.url.params))

    def _value(self, call: str, request: httpx.Request) -> Any:
        found = self.answers[call]
        if call == calls.DNS:
            return found(request.url.params["name"], request.url.params["type"])
        if not callable(found):
            return found
        names = re.fullmatch(re.sub(r"\{\w+\}", "([^/]+)", call.partition(" ")[2]), _path(request))
        assert names is not None
        return found(*names.groups())

    def page(self, call: str, request: httpx.Request, items: list[Any]) -> httpx.Response:
        """Return the page of a list that a request asks for."""
        params = request.url.params
        if apps := re.fullmatch(r"appId in \((.*)\)", params.get("$filter", "")):
            wanted = {name.strip("'") for name in apps[1].split(",")}
            items = [item for item in items if item["appId"] in wanted]
        if group := re.fullmatch(r"groupId eq '(.*)'", params.get("$filter", "")):
            items = [item for item in items if item["groupId"] == group[1]]
        start = int(params.get("$skiptoken", 0))
        page = [_selected(item, params) for item in items[start : start + self.page_size]]
        body: dict[str, Any] = {"value": page}
        if start + self.page_size < len(items):
            body[next_of(call)] = following(request, start + self.page_size)
        return httpx.Response(200, json=body)


def next_of(call: str) -> str:
    """Return the key under which a page names the next."""
    return "nextLink" if call == calls.DIAGNOSTIC_SETTINGS else "@odata.nextLink"


def following(request: httpx.Request, start: int) -> str:
    """Return the address of the page that begins with an item."""
    params = {**dict(request.url.params), "$skiptoken": str(start)}
    return f"{request.url.copy_with(query=None)}?{urlencode(params)}"


def _path(request: httpx.Request) -> str:
    return request.url.path.removeprefix("/v1.0")


def _selected(item: Any, params: httpx.QueryParams) -> Any:
    """Return what Graph gives of an object: what is selected, and what is expanded."""
    expanded = set(re.findall(r"\w+", params.get("$expand", "")))
    kept = {name: value for name, value in item.items() if name not in NAVIGATION or name in expanded}
    if "$select" not in params:
        return kept
    wanted = {*params["$select"].split(","), "@odata.type"}
    return {name: value for name, value in kept.items() if name in wanted}
