"""The application as the configuration has it: who may sign in, how, and on which address."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from collector.core.identities import Identity, Role
from collector.setup.this_machine import this_host, this_user
from collector.setup.web_config import WebConfig
from collector.web.acts.access import seal_due
from collector.web.acts.routes import act_routes
from collector.web.people.access_log import AccessLog
from collector.web.people.oidc import Provider
from collector.web.people.sign_in import LINK_ISSUER
from collector.web.people.signed_in import SignedIn
from collector.web.site import Site

if TYPE_CHECKING:
    from collector.setup.app import App


def site_of(app: App, config: WebConfig) -> Site:
    """Return what the pages are about, under the names that they may be asked for by."""
    host = urlsplit(config.origin).hostname or ""
    host = f"[{host}]" if ":" in host else host
    local = ("localhost", "127.0.0.1", "[::1]") if config.is_loopback and config.url is None else ()
    return Site(app, app.clock, hosts=tuple(dict.fromkeys((host, *local))), is_secure=config.is_secure)


def people_of(site: Site, config: WebConfig) -> SignedIn:
    """Return how people are known: by the provider, or by the link that `SignedIn.link` makes.

    Raises ConfigError where the secret of the client cannot be read.
    """
    if config.oidc is not None:
        config.oidc.client_secret.reveal()  # now, and not when the first person comes back from the provider
    log = AccessLog(site.app.config.access_folder)
    seal_due(site, log)
    provider = None if config.oidc is None else Provider(config.oidc, f"{config.origin}/login/back")
    return SignedIn(site, config, provider=provider, access_log=log, acts=act_routes, seal=lambda: seal_due(site, log))


def this_person(role: Role) -> Identity:
    """Return who runs annexd here, for a link. Whoever prints two links is one subject twice."""
    host = this_host().removeprefix("sha256:")[:12]
    return Identity(issuer=LINK_ISSUER, subject=f"{this_user()}@{host}", name=this_user(), role=role)
