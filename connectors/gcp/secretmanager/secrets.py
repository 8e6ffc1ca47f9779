"""Secrets and their versions; what they hold is never asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed
from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._sdk.client import GoogleCloud
from connectors.gcp._sdk.connector import gcp
from connectors.gcp._sdk.links import last_of
from connectors.gcp._sdk.unused import off

SECRETS = Operation("secretmanager", "v1", "secretmanager.projects.secrets.list")
VERSIONS = Operation("secretmanager", "v1", "secretmanager.projects.secrets.versions.list")


class Version(Struct, frozen=True, kw_only=True, rename="camel"):
    """A version of a secret."""

    state: str
    create_time: datetime


@resource("gcp.secretmanager.secret", key="name", volatile=("etag",))
class StoredSecret(Struct, frozen=True, kw_only=True):
    """A secret with its versions."""

    name: str
    versions: tuple[Version, ...]


@gcp.collects(
    StoredSecret,
    at="project",
    call=SECRETS.id,
    permissions="secretmanager.secrets.list",
    unused=off("secretmanager.googleapis.com"),
)
def stored_secrets(client: GoogleCloud) -> Iterator[Body]:
    yield from client.google.pages(SECRETS, key="secrets", parent=client.name, pageSize=1000)


@gcp.part(StoredSecret, "versions", call=VERSIONS.id, permissions="secretmanager.versions.list")
def versions(client: GoogleCloud, stored: Body) -> Any:
    wanted = ("name", "state", "createTime")
    listed = client.google.pages(VERSIONS, key="versions", parent=stored["name"], pageSize=1000)
    return [{key: version[key] for key in wanted if key in version} for version in listed]


@check(
    "gcp_secretmanager_secret_rotated",
    title="Secrets are rotated within the limit",
    severity="medium",
    fix="Add a new version of the secret, and let a schedule remind of the next one",
)
def rotated(stored: StoredSecret, *, now: datetime, max_age: timedelta = timedelta(days=90)) -> Verdict:
    # A rotation period sends a message when it is time; what counts is that there is a new version.
    name = last_of(stored.name)
    usable = [version.create_time for version in stored.versions if version.state == "ENABLED"]
    if not usable:
        return not_applicable(f"{name} has no version that can be read")
    age = now - max(usable)
    if age <= max_age:
        return passed(f"the newest version of {name} is {age.days} days old")
    return failed(f"the newest version of {name} is {age.days} days old; {max_age.days} are allowed")
