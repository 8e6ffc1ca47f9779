"""Applications: how people sign in to them, by which policy, and the certificates that they sign with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.okta._sdk.client import PAGE, Okta
from connectors.okta._sdk.connector import okta
from connectors.okta._sdk.operations import APP_GRANTS, APPS, scopes_of

ADMIN_CONSOLE, DASHBOARD = "saasure", "okta_enduser"
"""Okta's names of its own Admin Console and of the dashboard of everybody."""


class Link(Struct, frozen=True, kw_only=True):
    """An address in `_links`."""

    href: str


class AppLinks(Struct, frozen=True, kw_only=True, rename="camel"):
    """The addresses of what belongs to an application."""

    access_policy: Link | None = None  # None: Classic Engine has no such policies


class OAuthClient(Struct, frozen=True, kw_only=True):
    """What an OAuth client is for."""

    application_type: str | None = None  # None: an OAuth client of another kind of integration


class AppSettings(Struct, frozen=True, kw_only=True, rename="camel"):
    """Settings of an application, as far as they are read."""

    oauth_client: OAuthClient | None = None  # None: no OAuth client


class Grant(Struct, frozen=True, kw_only=True, rename="camel"):
    """An OAuth scope of Okta's API that was granted to an application."""

    scope_id: str
    status: str | None = None  # None: Okta documents it as optional


@resource(
    "okta.app.app",
    key="id",
    redact=(
        Redact("credentials.password"),
        Redact("credentials.oauthClient.client_secret"),
        Redact("settings.app.*"),
    ),
)
class App(Struct, frozen=True, kw_only=True, rename="camel"):
    """An application that people or programs sign in to."""

    id: str
    name: str
    label: str
    status: str
    sign_on_mode: str
    settings: AppSettings | None = None  # None: bookmarks and the like may have none
    links: AppLinks = field(name="_links", default=AppLinks())  # left out: Okta documents it as optional
    credentials: dict[str, Any] | None = None  # None: likewise; kept for people, without what is secret

    @property
    def policy(self) -> str | None:
        """The id of the policy that people sign in by; None where Okta names none."""
        link = self.links.access_policy
        return None if link is None else link.href.rstrip("/").rpartition("/")[2]

    @property
    def is_for_programs(self) -> bool:
        """Whether only programs sign in: an OAuth client of the type `service` has no flow for people."""
        client = self.settings.oauth_client if self.settings is not None else None
        return client is not None and client.application_type == "service"


@okta.collects(App, at="organization", call=APPS, permissions=scopes_of(APPS))
def apps(client: Okta) -> Iterator[Body]:
    yield from client.pages(APPS, query={"limit": PAGE})


@resource("okta.app.api_client", key="id")
class ApiClient(Struct, frozen=True, kw_only=True):
    """An OAuth client for programs, with the scopes of Okta's own API that it was granted. No check judges it."""

    id: str
    label: str
    grants: tuple[Grant, ...]


@okta.collects(ApiClient, at="organization", call=APPS, permissions=scopes_of(APPS))
def api_clients(client: Okta) -> Iterator[Body]:
    for app in client.pages(APPS, query={"limit": PAGE}):
        if is_for_programs(app):
            yield {"id": app["id"], "label": app["label"], "status": app["status"]}


@okta.part(ApiClient, "grants", call=APP_GRANTS, permissions=scopes_of(APP_GRANTS))
def api_client_grants(client: Okta, app: Body) -> Any:
    return client.items(APP_GRANTS, appId=app["id"])


def is_for_programs(app: Body) -> bool:
    """Whether an application is an OAuth client for programs, as Okta writes it."""
    return ((app.get("settings") or {}).get("oauthClient") or {}).get("application_type") == "service"
