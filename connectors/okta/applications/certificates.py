"""Certificates that sign-ins rest on: of applications that Okta signs for, and of providers that Okta trusts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from collector.core.resources import Body, resource
from connectors.okta._sdk.client import PAGE, Okta
from connectors.okta._sdk.connector import okta
from connectors.okta._sdk.operations import APP_KEYS, APPS, IDP_KEYS, scopes_of
from connectors.okta.applications.identity_providers import IdentityProvider

_ACTIVE = "ACTIVE"
_SIGNED = frozenset({"SAML_1_1", "SAML_2_0", "WS_FEDERATION"})
"""Ways to sign on in which Okta signs with a certificate of the application."""


Rests = tuple[str, set[str], Mapping[str, datetime | None]]
"""What rests on certificates: its name, the names of those in use, and when each that is known ends."""


class Key(Struct, frozen=True, kw_only=True, rename="camel"):
    """A certificate of an application."""

    kid: str
    expires_at: datetime | None = None  # None: Okta shows no end


@resource("okta.app.certificate", key="id")
class SignedApp(Struct, frozen=True, kw_only=True):
    """An application that Okta signs for: the name of the certificate in use, and all that there are."""

    id: str
    label: str
    status: str
    kid: str | None  # None: Okta does not name one
    keys: tuple[Key, ...]


@resource("okta.idp.key", key="kid")
class TrustedKey(Struct, frozen=True, kw_only=True, rename="camel"):
    """A certificate of an identity provider."""

    kid: str
    expires_at: datetime | None = None  # None: Okta shows no end


@okta.collects(SignedApp, at="organization", call=APPS, permissions=scopes_of(APPS))
def signed_apps(client: Okta) -> Iterator[Body]:
    for app in client.pages(APPS, query={"limit": PAGE}):
        if app["signOnMode"] in _SIGNED:
            signing = (app.get("credentials") or {}).get("signing") or {}
            yield {"id": app["id"], "label": app["label"], "status": app["status"], "kid": signing.get("kid")}


@okta.part(SignedApp, "keys", call=APP_KEYS, permissions=scopes_of(APP_KEYS))
def app_keys(client: Okta, app: Body) -> Any:
    return client.items(APP_KEYS, appId=app["id"])


@okta.collects(TrustedKey, at="organization", call=IDP_KEYS, permissions=scopes_of(IDP_KEYS))
def trusted_keys(client: Okta) -> Iterator[Body]:
    yield from client.pages(IDP_KEYS, query={"limit": PAGE})


@check(
    "okta_signing_certs_not_expiring",
    title="App and identity-provider signing certificates do not expire soon",
    severity="medium",
    fix="Make a new certificate, give it to the other side, and activate it before the old one ends",
)
def signing_certs_not_expiring(
    apps: All[SignedApp],
    providers: All[IdentityProvider],
    trusted: All[TrustedKey],
    *,
    now: datetime,
    min_left: timedelta = timedelta(days=30),
) -> Verdict:
    users: list[Rests] = [
        (app.label, {app.kid} if app.kid else set(), {key.kid: key.expires_at for key in app.keys})
        for app in apps
        if app.status == _ACTIVE
    ]
    ends = {key.kid: key.expires_at for key in trusted}
    users += [(idp.name, idp.trusted(), ends) for idp in providers if idp.status == _ACTIVE and idp.trusted()]
    allowed = f"{min_left.days} days have to be left"
    ending = list(_ending(users, now + min_left))
    unclear = [name for name, kids, known in users if not kids or any(known.get(kid) is None for kid in kids)]
    if ending:
        return failed(f"certificates end too soon: {first_few(ending, 5)}; {allowed}")
    if unclear:
        return unknown(f"Okta does not show when these certificates end: {first_few(unclear, 5)}; {allowed}")
    if not users:
        return not_applicable("no active application or identity provider rests on a certificate")
    return passed(f"no certificate of {len(users)} applications and identity providers ends soon; {allowed}")


def _ending(users: Iterable[Rests], until: datetime) -> Iterator[str]:
    """Yield whose certificates end before a moment."""
    for name, kids, known in users:
        for kid in sorted(kids):
            end = known.get(kid)
            if end is not None and end < until:
                yield f"{name} on {end:%Y-%m-%d}"
