"""Applications that are registered in the tenant, with the dates of their credentials, never the values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.resources import Body, resource
from connectors.entra._sdk.calls import APPLICATION_OWNERS, APPLICATIONS, permissions
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra

_FIELDS = (
    "id",
    "appId",
    "displayName",
    "createdDateTime",
    "signInAudience",
    "publisherDomain",
    "passwordCredentials",
    "keyCredentials",
    "requiredResourceAccess",
    "tags",
)


class Credential(Struct, frozen=True, kw_only=True, rename="camel"):
    """A secret or a certificate of an application."""

    key_id: str
    display_name: str | None  # null: nobody gave it a name
    start_date_time: datetime | None  # null: Microsoft does not say
    end_date_time: datetime | None  # null: Microsoft does not say


class Owner(Struct, frozen=True, kw_only=True):
    """Somebody who may change an application."""

    id: str


@resource(
    "entra.app.application",
    key="id",
    redact=(
        "passwordCredentials.hint",
        "passwordCredentials.secretText",
        "passwordCredentials.customKeyIdentifier",
        "keyCredentials.key",
    ),
)
class Application(Struct, frozen=True, kw_only=True, rename="camel"):
    """An application that is registered in the tenant."""

    id: str
    app_id: str
    display_name: str | None  # null: it has no name
    password_credentials: tuple[Credential, ...]
    key_credentials: tuple[Credential, ...]
    tags: tuple[str, ...]
    owners: tuple[Owner, ...]


@entra.collects(Application, at="tenant", call=APPLICATIONS, permissions=permissions(APPLICATIONS))
def applications(client: Graph) -> Iterator[Body]:
    return client.pages(APPLICATIONS, lambda graph: graph.applications, {"select": _FIELDS, "top": 999})


@entra.part(Application, "owners", call=APPLICATION_OWNERS, permissions=permissions(APPLICATION_OWNERS))
def owners(client: Graph, body: Body) -> Any:
    def build(graph: Any) -> Any:
        return graph.applications.by_application_id(body["id"]).owners

    return list(client.pages(APPLICATION_OWNERS, build, {"select": ("id",)}))


@check(
    "entra_app_credentials_not_expired_or_long",
    title="Application secrets are short-lived and not expired",
    severity="medium",
    fix="Make a new secret or certificate within the limit, move the program over, and delete the old one; better, "
    "use workload identity federation",
)
def credentials_short_lived(
    application: Application,
    *,
    now: datetime,
    longest_secret: timedelta = timedelta(days=180),
    longest_certificate: timedelta = timedelta(days=365),
) -> Verdict:
    name = application.display_name or application.app_id
    wrong: list[str] = []
    unsaid: list[str] = []
    number = 0
    for what, credentials, longest in (
        ("secret", application.password_credentials, longest_secret),
        ("certificate", application.key_credentials, longest_certificate),
    ):
        for credential in credentials:
            number += 1
            called = f"{what} {credential.display_name or credential.key_id}"
            start, end = credential.start_date_time, credential.end_date_time
            if end is None or start is None:
                unsaid.append(called)
            elif end <= now:
                wrong.append(f"{called} ended on {end:%Y-%m-%d}")
            elif end - start > longest:
                wrong.append(f"{called} is valid for {(end - start).days} days; {longest.days} are allowed")
    if wrong:
        return failed(f"{name}: {'; '.join(wrong)}")
    if unsaid:
        return unknown(f"{name}: Microsoft does not say how long these are valid: {', '.join(unsaid)}")
    if not number:
        return not_applicable(f"{name} has neither secrets nor certificates")
    return passed(f"{name}: {number} secrets and certificates are valid within the limits")


@check(
    "entra_apps_have_owners",
    title="Enterprise applications have an owner or owner tag",
    severity="low",
    fix="Give the application an owner, or name it in the company's own register and in registered_applications",
)
def apps_have_owners(application: Application, *, registered_applications: tuple[str, ...] = ()) -> Verdict:
    name = application.display_name or application.app_id
    if application.app_id.lower() in {known.lower() for known in registered_applications}:
        return passed(f"{name} is listed in registered_applications")
    number = len(application.owners)
    return passed(f"{name} has {number} owners") if number else failed(f"{name} has no owner")
