"""Pushes to the default branch and merges into it, as GitLab dates them itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.gitlab._sdk.calls import PROJECT, REPORTER
from connectors.gitlab._sdk.client import GitLab
from connectors.gitlab._sdk.connector import gitlab
from connectors.gitlab._sdk.features import REPOSITORY, require_on
from connectors.gitlab.project.change_summary import push_summary

EVENTS = "GET /api/v4/projects/{project}/events"


class PushData(Struct, frozen=True, kw_only=True):
    """What a push did to a branch."""

    action: str  # created, pushed or removed
    ref: str
    commit_from: str | None  # None: the branch was created
    commit_to: str | None  # None: the branch was removed


@resource("gitlab.project.push", key="id", event_time="created_at", summary=push_summary, redact=(Redact("note"),))
class Push(Struct, frozen=True, kw_only=True):
    """A push to the default branch or a merge into it (`GET /projects/:id/events`)."""

    id: int
    created_at: datetime
    author_username: str
    push_data: PushData


def pushes_to_repository(client: GitLab) -> list[Body]:
    """Return the pushes of the window to any branch, the latest first; asked for once.

    Of a push to many branches at once GitLab keeps how many they were, and not which.
    """
    pushes: list[Body] = client.results.get("pushes", lambda: list(_pushes(client)))
    return pushes


def pushes_to_default_branch(client: GitLab) -> list[Body]:
    """Return those to the default branch, the latest first."""
    branch = client.default_branch()
    return [push for push in pushes_to_repository(client) if push["push_data"]["ref"] == branch]


def _pushes(client: GitLab) -> Iterator[Any]:
    start = client.window_start()
    # GitLab takes days, and leaves the day out that is named.
    after = (start - timedelta(days=1)).date().isoformat()
    for event in client.pages(EVENTS, {"action": "pushed", "after": after, "sort": "desc"}):
        is_branch = (event.get("push_data") or {}).get("ref_type") == "branch"
        if is_branch and start <= datetime.fromisoformat(event["created_at"]) <= client.now():
            yield event


@gitlab.collects(Push, at="project", call=(EVENTS, PROJECT), permissions=REPORTER)
def pushes(client: GitLab) -> Iterator[Body]:
    require_on(client, REPOSITORY)
    if not client.project()["empty_repo"]:
        branch = client.default_branch()
        yield from (push for push in _pushes(client) if push["push_data"]["ref"] == branch)
