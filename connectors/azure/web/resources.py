"""Web apps with their slots, each with its own configuration. Settings and connection strings are never asked for."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.azure._sdk.client import Azure, below
from connectors.azure._sdk.connector import azure
from connectors.azure._sdk.makers import makers
from connectors.azure._sdk.operations import operation, places_of

_VERSION = "2023-12-01"

SITES = operation("GET /subscriptions/{subscription}/providers/Microsoft.Web/sites", _VERSION)
_SITE = "GET /subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Web/sites/{site}"
SLOTS = operation(f"{_SITE}/slots", _VERSION)
CONFIG = operation(f"{_SITE}/config/web", _VERSION)
SLOT_CONFIG = operation(f"{_SITE}/slots/{{slot}}/config/web", _VERSION)

READ_SITES = "Microsoft.Web/sites/read"


class ConfigProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """How an app is served."""

    min_tls_version: str | None = None  # 1.0, 1.1, 1.2, 1.3
    scm_min_tls_version: str | None = None  # the same, of the address at which the app is deployed
    ftps_state: str | None = None  # AllAllowed, FtpsOnly, Disabled
    remote_debugging_enabled: bool | None = None


class SiteConfig(Struct, frozen=True, kw_only=True):
    """The configuration of an app or slot."""

    properties: ConfigProperties


class SiteProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """The settings of an app or slot."""

    https_only: bool


class Identity(Struct, frozen=True, kw_only=True):
    """Whom an app signs in as."""

    type: str


@resource(
    "azure.web.site",
    key="id",
    redact=(*makers("config"), "properties.customDomainVerificationId", "config.properties.publishingUsername"),
)
class Site(Struct, frozen=True, kw_only=True):
    """A web app, a function app, or a slot of one."""

    id: str
    name: str
    kind: str | None = None  # left out for plain web apps of long ago
    identity: Identity | None = None  # left out: it has none
    properties: SiteProperties
    config: SiteConfig


@azure.collects(
    Site, at="subscription", call=(SITES, SLOTS), permissions=(READ_SITES, "Microsoft.Web/sites/slots/read")
)
def sites(subscription: Azure) -> Iterator[Body]:
    """A slot has an address of its own, and settings that may differ from those of the app."""
    listed = []
    for site in subscription.pages(SITES):
        listed.append(site)
        yield site
    yield from below(listed, lambda site: subscription.pages(SLOTS, **places_of(site["id"], "site")))


@azure.part(
    Site,
    "config",
    call=(CONFIG, SLOT_CONFIG),
    permissions=("Microsoft.Web/sites/config/read", "Microsoft.Web/sites/slots/config/read"),
)
def config(subscription: Azure, body: Body) -> Body:
    """The list leaves nearly all of it out."""
    if "/slots/" in body["id"].lower():
        return subscription.get(SLOT_CONFIG, **places_of(body["id"], "site", "slot"))
    return subscription.get(CONFIG, **places_of(body["id"], "site"))
