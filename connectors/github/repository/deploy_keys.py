"""Deploy keys: SSH keys that give a machine access to one repository."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.github._sdk.client import GitHub
from connectors.github._sdk.connector import github


@resource("github.repo.deploy_key", key="id", volatile=("last_used",), redact=(Redact("key"),))
class DeployKey(Struct, frozen=True, kw_only=True):
    """A deploy key; the public key itself is redacted."""

    id: int
    title: str
    read_only: bool
    created_at: datetime
    last_used: datetime | None = None  # null or left out: it was never used
    enabled: bool = True  # left out by servers that cannot disable one


@github.collects(
    DeployKey, at="repository", call="GET /repos/{owner}/{repo}/keys", permissions="Repository Administration: read"
)
def deploy_keys(client: GitHub) -> Iterator[Body]:
    yield from client.pages("GET /repos/{owner}/{repo}/keys")


@check(
    "github_repo_deploy_keys_read_only_and_used",
    title="Deploy keys can only read, and are in use",
    severity="medium",
    fix="Remove the key, or replace it by a read-only one; list the id in allowed_to_write where writing is meant",
)
def read_only_and_used(
    key: DeployKey,
    *,
    now: datetime,
    unused_after: timedelta = timedelta(days=90),
    allowed_to_write: tuple[str, ...] = (),
) -> Verdict:
    if not key.enabled:
        return not_applicable(f"the key {key.title} is disabled")
    if not key.read_only and str(key.id) not in allowed_to_write:
        return failed(f"the key {key.title} ({key.id}) can write, and is not listed in allowed_to_write")
    idle = now - (key.last_used or key.created_at)
    if idle > unused_after:
        return failed(f"the key {key.title} was not used for {idle.days} days; {unused_after.days} are allowed")
    return passed()
