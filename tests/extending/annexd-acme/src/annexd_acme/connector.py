"""Acme: who can sign in to a workspace, and how."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from collector.core.buckets import Bucket
from collector.core.connectors import Connector
from collector.core.people import Person
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from collector.core.scopes import Scope
from collector.core.secrets import Secret
from collector.core.wire import Wire
from connectors._http import Cursor, Errors, Http, OnePage
from msgspec import Struct

ME = "GET /me"
POLICY = "GET /workspaces/{workspace}/policy"
USERS = "GET /workspaces/{workspace}/users"
ERRORS = Errors("Acme", code=lambda body: body["error"])
ADDRESS = Redact("email", "domain")
ACCOUNT = Person(id="id", mail="email", last_use=("last_seen_at",))


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source with `connector = "acme"`."""

    token: Secret
    workspaces: tuple[str, ...]
    url: str = "https://api.example.com"


@resource("acme.policy")
class Policy(Struct, frozen=True, kw_only=True):
    """What a workspace requires of those who sign in."""

    sso_required: bool


@resource("acme.user", key="id", volatile=("last_seen_at",), redact=("phone", ADDRESS), person=ACCOUNT)
class User(Struct, frozen=True, kw_only=True):
    """An account of a workspace."""

    id: str
    mfa: bool
    last_seen_at: datetime | None  # None: has never signed in


def connect(settings: Settings, scope: Scope, wire: Wire) -> Http:
    return Http(settings.url, wire, token=settings.token, errors=ERRORS, places={"workspace": scope[0]})


acme = Connector(
    name="acme",
    title="Acme",
    settings=Settings,
    levels=("workspace",),
    roots=lambda settings: [(workspace,) for workspace in settings.workspaces],
    connect=connect,
    quota=lambda settings, _scope, _call: Bucket(settings.url),
    identity=lambda http: str(http.get(ME)["id"]),
    identity_call=ME,
    close=Http.close,
    check_prefixes=("acme_",),
)


@acme.collects(Policy, at="workspace", call=POLICY, permissions="policy:read")
def policy(http: Http) -> Iterator[Body]:
    yield http.get(POLICY, having="sso_required")


@acme.collects(User, at="workspace", call=USERS, permissions="users:read")
def users(http: Http) -> Iterator[Body]:
    return http.pages(USERS, key="users", paging=Cursor("next", param="after"))


KEYS = "GET /workspaces/{workspace}/keys"


@resource("acme.key", key="id", redact=("secret",))
class Key(Struct, frozen=True, kw_only=True):
    """A key that a program signs in with."""

    id: str
    created_at: datetime


@acme.collects(Key, at="workspace", call=KEYS, permissions="keys:read")
def keys(http: Http) -> Iterator[Body]:
    return http.pages(KEYS, key="keys", paging=OnePage())
