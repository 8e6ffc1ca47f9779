"""A simulation of Google's APIs about one customer of Google Workspace, in this process."""

from __future__ import annotations

import json
import re
import threading
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Any, Self
from urllib.parse import parse_qs, unquote
from zlib import crc32

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors._google.services import description, methods
from connectors._http import answered_by
from connectors.googleworkspace._sdk.client import LOOKUP, TOKEN
from connectors.googleworkspace._sdk.scopes import CALLS, OPTIONAL, READ_ONLY

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


def token_for(scopes: str) -> str:
    """Return the token that the double gives for scopes."""
    return f"ya29.made-up-{crc32(scopes.encode()):08x}"


@lru_cache(maxsize=8)
def service_account(token_uri: str) -> str:
    """Return the JSON of a key of a service account that nobody has."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return json.dumps(
        {
            "type": "service_account",
            "client_email": "annexd@acme-tools.iam.gserviceaccount.com",
            "client_id": "104222333444555666777",
            "private_key": pem.decode(),
            "token_uri": token_uri,
        }
    )


@dataclass
class WorkspaceDouble:
    """The APIs of one customer, answered at `base`, and tokens at `tokens`.

    `answers` has the items of each list; those of lists about one user or group by its id, as the settings of groups by
    address. What is left out is empty. `dns` has the TXT records of names. `scopes` are those that are authorized.
    """

    base: str = "https://google.double.example"
    tokens: str = "https://oauth2.googleapis.com"
    answers: dict[str, Any] = field(default_factory=dict)
    dns: dict[str, list[str]] = field(default_factory=dict)
    scopes: set[str] = field(default_factory=lambda: {*READ_ONLY, *OPTIONAL})
    page_size: int = 1000
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    asked: Counter[str] = field(default_factory=Counter)
    granted: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def key(self) -> str:
        """The JSON of the key with which a source signs in."""
        return service_account(f"{self.tokens}/token")

    @property
    def endpoints(self) -> dict[str, str]:
        """The addresses that a source is to use in place of Google's."""
        return {**dict.fromkeys((operation.api for operation, _ in CALLS.values()), self.base), "dns": self.base}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        call, places = self.call_of(request)
        with self._lock:
            self.asked[call] += 1
        return self.right(call, places, request)

    def right(self, call: str, places: Mapping[str, str], request: httpx.Request) -> httpx.Response:
        """Return what Google would answer."""
        if call == TOKEN:
            return self._token(request)
        if call == LOOKUP:
            return self._records(request.url.params["name"])
        _, scope = CALLS[call]
        if request.headers.get("authorization") != f"Bearer {token_for(scope)}":
            error = {"code": 403, "message": "Insufficient scopes.", "status": "PERMISSION_DENIED"}
            return httpx.Response(403, json={"error": error})
        body = self._listed(call, places, request) if call in KEYS else self.of_place(call, places)
        return httpx.Response(200, json=body, headers={"Date": format_datetime(self.now(), usegmt=True)})

    def of_place(self, call: str, places: Mapping[str, str]) -> Any:  # noqa: ANN401  an object or a list
        """Return what `answers` has for a call about one user or group, or about the customer."""
        found = self.answers.get(call)
        if isinstance(found, Mapping) and (call in KEYS or call == "groupsSettings.groups.get"):
            return found.get(places.get("userKey") or list(places.values())[-1])
        return found

    def call_of(self, request: httpx.Request) -> tuple[str, Mapping[str, str]]:
        """Return the call that a request is of, with what its path names."""
        path = unquote(request.url.path)
        if path in {"/token", "/resolve"}:
            return (TOKEN if path == "/token" else LOOKUP), {}
        for call, route in _routes():
            match = route.fullmatch(path)
            if match:
                return call, match.groupdict()
        raise AssertionError(f"nothing is played for {request.method} {path}")

    @contextmanager
    def serving(self) -> Iterator[Self]:
        """Answer every request to the double's addresses."""
        with answered_by(self, self.base, self.tokens):
            yield self

    def _listed(self, call: str, places: Mapping[str, str], request: httpx.Request) -> dict[str, Any]:
        items = self.of_place(call, places) or []
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

    def _token(self, request: httpx.Request) -> httpx.Response:
        assertion = parse_qs(request.content.decode())["assertion"][0]
        claims = json.loads(_decoded(assertion.split(".")[1]))
        if not {*claims["scope"].split()} <= self.scopes:
            said = "Client is unauthorized to retrieve access tokens using this method."
            return httpx.Response(401, json={"error": "unauthorized_client", "error_description": said})
        with self._lock:
            self.granted.append(claims["scope"])
        token = token_for(claims["scope"])
        return httpx.Response(200, json={"access_token": token, "expires_in": 3599, "token_type": "Bearer"})

    def _records(self, name: str) -> httpx.Response:
        body: dict[str, Any] = {
            "Status": 0 if name in self.dns else 3,
            "TC": False,
            "RD": True,
            "RA": True,
            "AD": False,
            "CD": False,
            "Question": [{"name": f"{name}.", "type": 16}],
        }
        answers = [{"name": f"{name}.", "type": 16, "TTL": 300, "data": data} for data in self.dns.get(name, ())]
        return httpx.Response(200, json=body | ({"Answer": answers} if answers else {}))


@lru_cache(maxsize=1)
def _routes() -> list[tuple[str, re.Pattern[str]]]:
    found = []
    for call, (operation, _) in CALLS.items():
        document = description(operation.api, operation.version)
        method = next(method for _, method in methods(document) if method["id"] == call)
        path = re.sub(r"\{\+?(\w+)\}", r"(?P<\1>.+?)", document["servicePath"] + method["path"])
        found.append((call, re.compile(f"/{path}")))
    return sorted(found, key=lambda route: -len(route[1].pattern))


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
