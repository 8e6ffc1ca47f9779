"""Which organizations annexd looks at where the settings name none: those of the token's owner or of the app."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.github._sdk.client import GitHub
from connectors.github._sdk.connector import github
from connectors.github._sdk.settings import Settings


@resource("github.user.organization", key="login")
class OwnOrganization(Struct, frozen=True, kw_only=True):
    """An organization that the token's owner belongs to (`GET /user/orgs`)."""

    login: str


@resource("github.app.installation", key="id", volatile=("updated_at",))
class OwnInstallation(Struct, frozen=True, kw_only=True):
    """An installation of the app that annexd signs in as (`GET /app/installations`)."""

    id: int
    target_type: str
    suspended_at: str | None  # None: it is in force


def _named_by_token(settings: Settings) -> bool:
    return settings.organizations is None and not settings.as_app


def _named_by_app(settings: Settings) -> bool:
    return settings.organizations is None and settings.as_app


@github.discovers(OwnOrganization, level="organization", below=lambda _settings, body: body["login"])
@github.collects(OwnOrganization, at="source", call="GET /user/orgs", permissions="read:org", when=_named_by_token)
def own_organizations(source: GitHub) -> Iterator[Body]:
    yield from source.pages("GET /user/orgs")


def _installed_in(settings: Settings, body: Body) -> str | None:
    if body["target_type"] != "Organization" or body["suspended_at"] is not None:
        return None
    if settings.installation_id not in (None, body["id"]):
        return None
    login: str = body["account"]["login"]
    return login


@github.discovers(OwnInstallation, level="organization", below=_installed_in)
@github.collects(
    OwnInstallation, at="source", call="GET /app/installations", permissions="the app's private key", when=_named_by_app
)
def own_installations(source: GitHub) -> Iterator[Body]:
    yield from source.pages("GET /app/installations", as_app=True)
