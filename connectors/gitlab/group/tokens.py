"""Access tokens of the group and of its projects: accounts of programs, with a role and a lifetime."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.gitlab._sdk.calls import MAINTAINER, OWNER
from connectors.gitlab._sdk.client import GitLab
from connectors.gitlab._sdk.connector import gitlab

_GROUP_TOKENS = "GET /api/v4/groups/{group}/access_tokens"
_PROJECT_TOKENS = "GET /api/v4/projects/{project}/access_tokens"

_VOLATILE = ("last_used_at", "last_used_ips")
_PLACES = (Redact("last_used_ips"),)


@resource("gitlab.group.access_token", key="id", volatile=_VOLATILE, redact=_PLACES)
class GroupToken(Struct, frozen=True, kw_only=True):
    """An access token of the group; those that were revoked or have expired are listed too."""

    id: int
    user_id: int | None = None  # the account of the token; None: evidence without it
    scopes: tuple[str, ...] = ()  # empty: evidence without them
    name: str
    active: bool
    created_at: datetime
    expires_at: date | None  # None: it does not expire
    last_used_at: datetime | None  # None: never used


@resource("gitlab.project.access_token", key="id", volatile=_VOLATILE, redact=_PLACES)
class ProjectToken(Struct, frozen=True, kw_only=True):
    """An access token of a project; those that were revoked or have expired are listed too."""

    id: int
    name: str
    active: bool
    created_at: datetime
    expires_at: date | None  # None: it does not expire
    last_used_at: datetime | None  # None: never used


@gitlab.collects(GroupToken, at="group", call=_GROUP_TOKENS, permissions=OWNER)
def group_tokens(client: GitLab) -> Iterator[Body]:
    yield from client.pages(_GROUP_TOKENS)


@gitlab.collects(ProjectToken, at="project", call=_PROJECT_TOKENS, permissions=MAINTAINER)
def project_tokens(client: GitLab) -> Iterator[Body]:
    yield from client.pages(_PROJECT_TOKENS)


@check(
    "gitlab_group_tokens_expire",
    title="Group access tokens expire and are used",
    severity="medium",
    fix="Revoke the token, and make one with a shorter lifetime where it is still needed",
)
def group_tokens_expire(
    token: GroupToken,
    *,
    now: datetime,
    max_lifetime: timedelta = timedelta(days=365),
    unused_after: timedelta = timedelta(days=90),
) -> Verdict:
    return _verdict(token, now, max_lifetime, unused_after)


@check(
    "gitlab_project_tokens_expire",
    title="Project access tokens expire and are used",
    severity="medium",
    fix="Revoke the token, and make one with a shorter lifetime where it is still needed",
)
def project_tokens_expire(
    token: ProjectToken,
    *,
    now: datetime,
    max_lifetime: timedelta = timedelta(days=365),
    unused_after: timedelta = timedelta(days=90),
) -> Verdict:
    return _verdict(token, now, max_lifetime, unused_after)


def _verdict(
    token: GroupToken | ProjectToken, now: datetime, max_lifetime: timedelta, unused_after: timedelta
) -> Verdict:
    name = f"the token {token.name} ({token.id})"
    if not token.active:
        return not_applicable(f"{name} was revoked or has expired")
    problems = []
    if token.expires_at is None:
        problems.append("never expires")
    elif (lifetime := token.expires_at - token.created_at.date()) > max_lifetime:
        problems.append(f"is valid for {lifetime.days} days; {max_lifetime.days} are allowed")
    used_at = token.last_used_at or token.created_at
    if (idle := now - used_at) > unused_after:
        since = "was last used" if token.last_used_at is not None else "was never used since it was made"
        problems.append(f"{since} {idle.days} days ago; {unused_after.days} are allowed")
    return failed(f"{name} {' and '.join(problems)}") if problems else passed(f"{name} expires, and is used")
