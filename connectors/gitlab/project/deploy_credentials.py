"""Credentials of machines for one project: deploy keys and deploy tokens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.gitlab._sdk.calls import MAINTAINER
from connectors.gitlab._sdk.client import GitLab
from connectors.gitlab._sdk.connector import gitlab

_KEYS = "GET /api/v4/projects/{project}/deploy_keys"
_TOKENS = "GET /api/v4/projects/{project}/deploy_tokens"


@resource("gitlab.project.deploy_key", key="id", redact=(Redact("key"),), volatile=("last_used_at",))
class DeployKey(Struct, frozen=True, kw_only=True):
    """An SSH key with access to the project; its fingerprint stays readable."""

    id: int
    title: str
    can_push: bool
    expires_at: datetime | None  # None: it does not expire


@resource("gitlab.project.deploy_token", key="id", redact=(Redact("token"),))
class DeployToken(Struct, frozen=True, kw_only=True):
    """A token that machines fetch packages, images or code of the project with."""

    id: int
    name: str
    revoked: bool
    expired: bool
    expires_at: datetime | None  # None: it does not expire
    scopes: tuple[str, ...]


@gitlab.collects(DeployKey, at="project", call=_KEYS, permissions=MAINTAINER)
def deploy_keys(client: GitLab) -> Iterator[Body]:
    yield from client.pages(_KEYS)


@gitlab.collects(DeployToken, at="project", call=_TOKENS, permissions=MAINTAINER)
def deploy_tokens(client: GitLab) -> Iterator[Body]:
    yield from client.pages(_TOKENS)


@check(
    "gitlab_project_deploy_keys_read_only",
    title="Deploy keys can only read, unless they are approved",
    severity="medium",
    fix="Take write permission from the deploy key, or approve it and add its id to approved_keys",
)
def deploy_keys_read_only(key: DeployKey, *, now: datetime, approved_keys: tuple[str, ...] = ()) -> Verdict:
    name = f"the deploy key {key.title} ({key.id})"
    if key.expires_at is not None and key.expires_at <= now:
        return not_applicable(f"{name} has expired")
    if not key.can_push:
        return passed(f"{name} can only read")
    if str(key.id) in approved_keys:
        return passed(f"{name} can write, and is listed in approved_keys")
    return failed(f"{name} can write to the repository, and is not listed in approved_keys")


@check(
    "gitlab_project_deploy_tokens_expire",
    title="Deploy tokens expire",
    severity="medium",
    fix="Revoke the deploy token, and make one that expires where it is still needed",
)
def deploy_tokens_expire(
    token: DeployToken, *, now: datetime, max_remaining: timedelta = timedelta(days=365)
) -> Verdict:
    name = f"the deploy token {token.name} ({token.id})"
    if token.revoked or token.expired:
        return not_applicable(f"{name} was revoked or has expired")
    if token.expires_at is None:
        return failed(f"{name} never expires")
    remaining = token.expires_at - now
    text = f"{name} expires in {max(remaining.days, 0)} days"
    return passed(text) if remaining <= max_remaining else failed(f"{text}; {max_remaining.days} are allowed")
