"""A double of Google's APIs about one customer, whose answers have the shape that Google describes."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, unquote
from zlib import crc32

import httpx

from collector.contract.httpx_answers import Make, made_by
from collector.core.secrets import Secret
from connectors._google.services import description, methods
from connectors._http import answered_by
from connectors.googleworkspace._sdk.client import LOOKUP, TOKEN
from connectors.googleworkspace._sdk.scopes import CALLS, OPTIONAL, READ_ONLY
from connectors.googleworkspace._sdk.settings import Settings
from tests.connectors.google.described import differences
from tests.connectors.google.refusals import by_error_info, by_list

BASE = "https://google.double.example"
TOKENS = "https://oauth2.googleapis.com"
CUSTOMER = "C01abc234"
ADMIN = "annexd@acme.example"

KEYS: Mapping[str, str] = {
    "directory.users.list": "users",
    "directory.roleAssignments.list": "items",
    "directory.roles.list": "items",
    "directory.groups.list": "groups",
    "directory.members.list": "members",
    "directory.orgunits.list": "organizationUnits",
    "directory.domains.list": "domains",
    "directory.domainAliases.list": "domainAliases",
    "directory.mobiledevices.list": "mobiledevices",
    "directory.chromeosdevices.list": "chromeosdevices",
    "directory.tokens.list": "items",
    "cloudidentity.devices.list": "devices",
    "cloudidentity.policies.list": "policies",
    "cloudidentity.inboundSamlSsoProfiles.list": "inboundSamlSsoProfiles",
    "cloudidentity.inboundSsoAssignments.list": "inboundSsoAssignments",
    "reports.activities.list": "items",
    "reports.userUsageReport.get": "usageReports",
    "alertcenter.alerts.list": "alerts",
}
"""Where the lists have their items."""

PAGED = frozenset(KEYS) - {
    "directory.orgunits.list",
    "directory.domains.list",
    "directory.domainAliases.list",
    "directory.tokens.list",
    "reports.userUsageReport.get",
}
"""The lists that come in pages."""

Answer = Any
"""Items of a list, by the last part of the path where there are several, or an object; a function is given the path."""


@lru_cache(maxsize=1)
def _key() -> str:
    from tests.connectors.http.test_adapters import service_account

    key = {**service_account(), "token_uri": f"{TOKENS}/token", "client_id": "104222333444555666777"}
    return json.dumps({**key, "client_email": "annexd@acme-tools.iam.gserviceaccount.com"})


def settings(**but: Any) -> Settings:
    """Return the settings of a source that reads the double."""
    apis = {operation.api for operation, _ in CALLS.values()}
    named: dict[str, Any] = {
        "customer": CUSTOMER,
        "admin": ADMIN,
        "credentials": Secret("a test", _key),
        "endpoints": {**dict.fromkeys(apis, BASE), "dns": BASE},
    }
    return Settings(**(named | but))


def token_for(scopes: str) -> str:
    """Return the token that the double gives for scopes."""
    return f"ya29.made-up-{crc32(scopes.encode()):08x}"


@lru_cache(maxsize=1)
def _routes() -> list[tuple[str, re.Pattern[str]]]:
    found = []
    for call, (operation, _) in CALLS.items():
        document = description(operation.api, operation.version)
        method = next(method for _, method in methods(document) if method["id"] == call)
        path = re.sub(r"\{\+?(\w+)\}", r"(?P<\1>.+?)", document["servicePath"] + method["path"])
        found.append((call, re.compile(f"/{path}")))
    return sorted(found, key=lambda route: -len(route[1].pattern))


@dataclass
class Double:
    """The APIs of one customer. Lists that a test leaves out are empty; `scopes` are those that are authorized."""

    answers: dict[str, Answer] = field(default_factory=dict)
    dns: dict[str, list[str]] = field(default_factory=dict)
    scopes: set[str] = field(default_factory=lambda: {*READ_ONLY, *OPTIONAL})
    page_size: int = 1000
    now: Callable[[], datetime] = lambda: datetime(2026, 3, 1, 6, tzinfo=UTC)
    wrong: dict[str, Callable[[httpx.Request], httpx.Response | None]] = field(default_factory=dict)
    makes: dict[str, Make] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    requests: list[httpx.Request] = field(default_factory=list)
    granted: list[str] = field(default_factory=list)
    validates: bool = True
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        call, places = self._call_of(request)
        with self._lock:
            self.asked[call] += 1
            self.requests.append(request)
        wrong = self.wrong.get(call)
        own = (wrong(request) if wrong is not None else None) or self.right(call, places, request)
        return made_by(self.makes.get(call), request, own)

    def right(self, call: str, places: Mapping[str, str], request: httpx.Request) -> httpx.Response:
        """Return what Google would answer."""
        if call == TOKEN:
            return self._token(request)
        if call == LOOKUP:
            return self._records(request.url.params["name"], request.url.params["type"])
        _, scope = CALLS[call]
        if request.headers.get("authorization") != f"Bearer {token_for(scope)}":
            return by_error_info(403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT")
        body = self._listed(call, places, request) if call in KEYS else self._object(call, places)
        if self.validates:
            assert differences(CALLS[call][0], body) == [], call
        return httpx.Response(200, json=body, headers={"Date": format_datetime(self.now(), usegmt=True)})

    def _listed(self, call: str, places: Mapping[str, str], request: httpx.Request) -> dict[str, Any]:
        items = self._of_place(call, places) or []
        if request.url.params.get("query", "").startswith("isAdmin=true"):
            items = [item for item in items if item["isAdmin"]]
        start = int(request.url.params.get("pageToken", "0"))
        size = self.page_size if call in PAGED else len(items) or 1
        page = items[start : start + size]
        body: dict[str, Any] = {} if CALLS[call][0].api != "admin" else {"kind": f"admin#{call}", "etag": "e"}
        if page:
            body[KEYS[call]] = page
        if start + size < len(items):
            body["nextPageToken"] = str(start + size)
        return body

    def _object(self, call: str, places: Mapping[str, str]) -> dict[str, Any]:
        found: dict[str, Any] = self._of_place(call, places)
        return found

    def _of_place(self, call: str, places: Mapping[str, str]) -> Any:
        found = self.answers.get(call)
        if isinstance(found, Mapping) and (call in KEYS or call == "groupsSettings.groups.get"):
            return found.get(places.get("userKey") or list(places.values())[-1])
        return found

    def _token(self, request: httpx.Request) -> httpx.Response:
        assertion = parse_qs(request.content.decode())["assertion"][0]
        claims = json.loads(_unpadded(assertion.split(".")[1]))
        if not {*claims["scope"].split()} <= self.scopes:
            said = "Client is unauthorized to retrieve access tokens using this method."
            return httpx.Response(401, json={"error": "unauthorized_client", "error_description": said})
        self.granted.append(claims["scope"])
        return httpx.Response(
            200, json={"access_token": token_for(claims["scope"]), "expires_in": 3599, "token_type": "Bearer"}
        )

    def _records(self, name: str, record: str) -> httpx.Response:
        question = [{"name": f"{name}.", "type": 16}]
        body: dict[str, Any] = {"Status": 0, "TC": False, "RD": True, "RA": True, "AD": False, "CD": False}
        if name not in self.dns:
            return httpx.Response(200, json={**body, "Status": 3, "Question": question})
        answers = [{"name": f"{name}.", "type": 16, "TTL": 300, "data": data} for data in self.dns[name]]
        assert record == "TXT"
        return httpx.Response(200, json={**body, "Question": question, "Answer": answers})

    def _call_of(self, request: httpx.Request) -> tuple[str, Mapping[str, str]]:
        path = unquote(request.url.path)
        if path == "/token":
            return TOKEN, {}
        if path == "/resolve":
            return LOOKUP, {}
        for call, route in _routes():
            match = route.fullmatch(path)
            if match:
                return call, match.groupdict()
        raise AssertionError(f"nothing is played for {request.method} {path}")

    @contextmanager
    def serving(self) -> Iterator[Double]:
        """Answer every request to the double's address."""
        with answered_by(self, BASE, TOKENS):
            yield self


def _unpadded(text: str) -> bytes:
    from base64 import urlsafe_b64decode

    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def not_an_admin(_request: httpx.Request) -> httpx.Response:
    """Refuse as Google does where the administrator may not read something."""
    return by_list(403, "forbidden")
