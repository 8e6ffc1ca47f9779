"""A played Okta: answers by path, in pages as Okta cuts them, each checked against Okta's own shapes.

It issues tokens as Okta does: for a signed assertion, and for scopes that were granted; every other request needs one
with the scope that Okta documents for the operation.
"""

from __future__ import annotations

import base64
import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from collector.contract.httpx_answers import Make, made_by
from collector.core.secrets import Secret
from connectors._http import answered_by
from connectors.okta._sdk.operations import SCOPES
from connectors.okta._sdk.settings import Settings
from tests.connectors.okta import shapes

URL = "https://acme.okta.com"
CLIENT = "0oaclient"
TOKEN = "00madeup-api-token"
DATE = "Sun, 01 Mar 2026 06:00:00 GMT"
NOW = 1_772_344_800
_TOKEN_PATH = "/oauth2/v1/token"
_PAGED_IN_BODY = {"/api/v1/iam/assignees/users": "value"}


@cache
def private_key() -> rsa.RSAPrivateKey:
    """Return a key that was made for the tests of this process."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem() -> str:
    """Return the key as the settings have it."""
    key = private_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return key.decode()


def settings(**but: Any) -> Settings:
    """Return the settings of a source that signs in as an API service app."""
    own = {"url": URL, "client_id": CLIENT, "private_key": Secret("a test", pem), "key_id": "key-1", "quota_share": 1.0}
    return Settings(**{**own, **but})


def token_settings(**but: Any) -> Settings:
    """Return the settings of a source that signs in with an API token."""
    return Settings(**{"url": URL, "token": Secret("a test", lambda: TOKEN), "quota_share": 1.0, **but})


def refused(status: int = 403, code: str = "E0000006", said: str = "You do not have permission") -> httpx.Response:
    """Return a refusal in Okta's form."""
    body = {"errorCode": code, "errorSummary": said, "errorLink": code, "errorId": "oae1", "errorCauses": []}
    return httpx.Response(status, json=body)


Answer = Any
"""JSON, a list that is cut into pages, a response, or a function of the query that returns one of these."""


@dataclass
class PlayedOkta:
    """An organization of Okta's while its `with` block runs; `answers` has what it says by operation."""

    answers: dict[str, Answer] = field(default_factory=dict)
    granted: set[str] = field(default_factory=lambda: set(SCOPES.values()))
    page: int = 1000
    pages: dict[str, int] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    queries: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    wrong: dict[str, Callable[[str, httpx.Request, Answer], httpx.Response]] = field(default_factory=dict)
    makes: dict[str, Make] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    url: str = URL
    date: str = DATE
    own_examples: bool = False
    """Whether answers are Okta's own examples, several of which do not fit its description."""

    def __post_init__(self) -> None:
        self._running = ExitStack()
        self._lock = threading.Lock()
        self._checked: set[str] = set()

    def __enter__(self) -> Self:
        self._running.enter_context(answered_by(self.respond, self.url))
        return self

    def __exit__(self, *of: object) -> None:
        self._running.close()
        assert not self.problems, self.problems[:3]

    def respond(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        operation = operation_of(request)
        call = shapes.call_of(operation)
        own = self._token(request) if request.url.path == _TOKEN_PATH else self._reply(operation, call, request)
        own.headers.setdefault("date", self.date)
        reset = int(parsedate_to_datetime(self.date).timestamp()) + 60
        for name, value in (("limit", "600"), ("remaining", "599"), ("reset", str(reset))):
            own.headers.setdefault(f"x-rate-limit-{name}", value)
        make = self.makes.get(call or operation)
        return made_by(make, request, own)

    def _reply(self, operation: str, call: str | None, request: httpx.Request) -> httpx.Response:
        with self._lock:
            self.asked[call or operation] += 1
            self.queries.append((operation, dict(request.url.params)))
            self.authorizations.append(request.headers.get("authorization", ""))
            if call is None:
                self.problems.append(f"Okta has no {operation}")
                return refused(404, "E0000008", "The requested path was not found")
            denied = self._denied(call, request.headers.get("authorization", ""))
            if denied is not None:
                return denied
            answer = self.answers.get(operation, self.answers.get(call))
            if callable(answer):
                answer = answer(dict(request.url.params))
            if call in self.wrong:
                return self.wrong[call](call, request, answer)
            if answer is None:
                return refused(404, "E0000007", f"Not found: {operation}")
            return self.paged(call, request, answer)

    def paged(self, call: str, request: httpx.Request, answer: Answer) -> httpx.Response:
        """Return the page of a list that a request asks for, and anything else as it is."""
        if isinstance(answer, httpx.Response):
            return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)
        key = _PAGED_IN_BODY.get(request.url.path)
        self._check(call, {key: answer} if key else answer, request)
        if not isinstance(answer, list):
            return httpx.Response(200, json=answer)
        start = int(request.url.params.get("after", "0"))
        end = start + self.pages.get(call, self.page)
        return self.sent(request, answer[start:end], str(end) if end < len(answer) else None, key)

    def sent(self, request: httpx.Request, items: list[Any], after: str | None, key: str | None) -> httpx.Response:
        """Return a page that names the next one, in a header or in the body."""
        following = f"{self.url}{request.url.path}?{urlencode({**dict(request.url.params), 'after': after})}"
        if key is not None:
            links = {"next": {"href": following}} if after is not None else {}
            return httpx.Response(200, json={key: items, "_links": links})
        lines = [("link", f'<{self.url}{request.url.path}>; rel="self"')]
        if after is not None:
            lines.append(("link", f'<{following}>; rel="next"'))
        return httpx.Response(200, json=items, headers=lines)

    def _check(self, call: str, body: Any, request: httpx.Request) -> None:
        known = f"{call} {request.url.path}"
        if known not in self._checked and not self.own_examples:
            self._checked.add(known)
            self.problems += shapes.problems(call, body)
        documented = shapes.documented().get(call)
        if documented is not None and "{" not in call:
            odd = set(request.url.params) - set(documented["query"]) - {"after"}
            self.problems += [f"{call} has no parameter {name}" for name in odd]

    def _denied(self, call: str, authorization: str) -> httpx.Response | None:
        """Return the refusal of a request that does not carry what the operation needs."""
        scope = SCOPES.get(call)
        if scope is None or authorization == f"SSWS {TOKEN}":
            return None
        if authorization == f"Bearer token-for-{scope}":
            return None if scope in self.granted else refused()
        if authorization.startswith("Bearer token-for-"):
            return refused(403, "E0000006", "The access token provided does not contain the required scopes.")
        return refused(401, "E0000011", "Invalid token provided")

    def _token(self, request: httpx.Request) -> httpx.Response:
        """Issue a token for an assertion that is signed with the key, as Okta does (RFC 7523)."""
        form = dict(parse_qsl(request.content.decode()))
        scope = form.get("scope", "")
        problem = _problem_of(form, self.url)
        if problem:
            return httpx.Response(401, json={"error": "invalid_client", "error_description": problem})
        if not scope or not set(scope.split()) <= self.granted:
            said = f"The authorization server resource does not have any configured default scopes, 'scope': {scope}"
            return httpx.Response(400, json={"error": "invalid_scope", "error_description": said})
        self.asked[f"POST {_TOKEN_PATH}"] += 1
        return httpx.Response(
            200,
            json={
                "token_type": "Bearer",
                "expires_in": 3600,
                "access_token": f"token-for-{scope}",
                "scope": scope,
            },
        )


def operation_of(request: httpx.Request) -> str:
    """Return verb and path of a request; of policies, with their type."""
    kind = request.url.params.get("type")
    query = f"?type={kind}" if request.url.path == "/api/v1/policies" and kind else ""
    return f"{request.method} {request.url.path}{query}"


def _problem_of(form: Mapping[str, str], url: str) -> str:
    """Return what is wrong with a request for a token; empty where nothing is."""
    if form.get("grant_type") != "client_credentials":
        return "another grant"
    head, claims, signature = form.get("client_assertion", "..").split(".")
    try:
        private_key().public_key().verify(_bytes(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return "the signature does not fit"
    said, header = json.loads(_bytes(claims)), json.loads(_bytes(head))
    if said["aud"] != f"{url}{_TOKEN_PATH}" or said["iss"] != CLIENT or said["sub"] != CLIENT:
        return "for somebody else"
    return "" if header.get("kid") == "key-1" else "another key"


def _bytes(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
