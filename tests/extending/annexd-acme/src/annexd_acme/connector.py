"""Acme: who can sign in to a workspace, and how."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import httpx
from collector.core.buckets import Bucket
from collector.core.connectors import Connector
from collector.core.errors import ConnectorError, Denied, RateLimited, Unavailable, Unexpected
from collector.core.people import Person
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from collector.core.scopes import Scope
from collector.core.secrets import Secret
from collector.core.wire import Wire
from msgspec import Struct

from annexd_acme._transport import WiredTransport

ME = "GET /me"
POLICY = "GET /workspaces/{workspace}/policy"
USERS = "GET /workspaces/{workspace}/users"


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source with `connector = "acme"`."""

    token: Secret
    workspaces: tuple[str, ...]
    url: str = "https://api.example.com"


@resource("acme.policy")
class Policy(Struct, frozen=True, kw_only=True):
    """What a workspace requires of those who sign in."""

    sso_required: bool


@resource(
    "acme.user",
    key="id",
    volatile=("last_seen_at",),
    redact=("phone", Redact("email", "domain")),
    person=Person(id="id", mail="email", last_use=("last_seen_at",)),
)
class User(Struct, frozen=True, kw_only=True):
    """An account of a workspace."""

    id: str
    mfa: bool
    last_seen_at: datetime | None  # None: has never signed in


class Workspace(NamedTuple):
    """A client that reads one workspace."""

    http: httpx.Client
    path: str

    def get(self, call: str, path: str, **params: str) -> Any:
        """Return the JSON of an answer. Raises HTTPStatusError where it is not a success."""
        return self.http.get(path, params=params, extensions={"call": call}).raise_for_status().json()


def open_transport() -> httpx.BaseTransport:
    """Return what sends requests; the harness puts a double in its place."""
    return httpx.HTTPTransport()


def connect(settings: Settings, scope: Scope, wire: Wire) -> Workspace:
    headers = {"Authorization": f"Bearer {settings.token.reveal()}"}
    http = httpx.Client(base_url=settings.url, headers=headers, transport=WiredTransport(wire, open_transport()))
    return Workspace(http, f"/workspaces/{scope[0]}")


def explain(error: Exception) -> ConnectorError | None:
    match error:
        case httpx.HTTPStatusError(response=response):
            kinds = {401: Denied, 403: Denied, 429: RateLimited}
            kind = Unavailable if response.status_code >= 500 else kinds.get(response.status_code, Unexpected)
            return kind(f"Acme answered {response.status_code}", code=str(response.status_code))
        case httpx.TransportError():
            return Unavailable(f"Acme gave no answer: {type(error).__name__}")
        case _:
            return None  # annexd reports it as unexpected, with its type


acme = Connector(
    name="acme",
    title="Acme",
    settings=Settings,
    levels=("workspace",),
    roots=lambda settings: [(workspace,) for workspace in settings.workspaces],
    connect=connect,
    explain=explain,
    quota=lambda settings, _scope, _call: Bucket(settings.url),
    identity=lambda workspace: str(workspace.get(ME, "/me")["id"]),
    identity_call=ME,
    close=lambda workspace: workspace.http.close(),
    check_prefixes=("acme_",),
)


@acme.collects(Policy, at="workspace", call=POLICY, permissions="policy:read")
def policy(workspace: Workspace) -> Iterator[Body]:
    yield workspace.get(POLICY, f"{workspace.path}/policy")


@acme.collects(User, at="workspace", call=USERS, permissions="users:read")
def users(workspace: Workspace) -> Iterator[Body]:
    page = workspace.get(USERS, f"{workspace.path}/users")
    yield from page["users"]
    while page["next"] is not None:
        page = workspace.get(USERS, f"{workspace.path}/users", after=page["next"])
        yield from page["users"]


KEYS = "GET /workspaces/{workspace}/keys"


@resource("acme.key", key="id", redact=("secret",))
class Key(Struct, frozen=True, kw_only=True):
    """A key that a program signs in with."""

    id: str
    created_at: datetime


@acme.collects(Key, at="workspace", call=KEYS, permissions="keys:read")
def keys(workspace: Workspace) -> Iterator[Body]:
    yield from workspace.get(KEYS, f"{workspace.path}/keys")["keys"]
