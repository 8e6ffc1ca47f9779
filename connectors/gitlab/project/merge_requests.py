"""Merge requests that were merged into the default branch, each with everybody who had a part in it or approved it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.gitlab._sdk.calls import GRAPHQL, PROJECT, REPORTER
from connectors.gitlab._sdk.client import GitLab
from connectors.gitlab._sdk.connector import gitlab
from connectors.gitlab._sdk.features import MERGE_REQUESTS, REPOSITORY, is_off, require_on
from connectors.gitlab.project.change_summary import merge_request_summary
from connectors.gitlab.project.contributions import Contributions, contributions, read_merge_request

_MERGED = "GET /api/v4/projects/{project}/merge_requests"
_APPROVALS = "GET /api/v4/projects/{project}/merge_requests/{iid}/approvals"
_VERSIONS = "GET /api/v4/projects/{project}/merge_requests/{iid}/versions"
_MEMBERS = "GET /api/v4/projects/{project}/members/all"

CALLS = (_MERGED, _APPROVALS, _VERSIONS, _MEMBERS, GRAPHQL, PROJECT)
"""What merge requests are made of: the list, and three calls for each."""

# What is kept of a merge request: its description may hold anything, and counters change by themselves.
_KEPT = (
    "iid",
    "title",
    "web_url",
    "created_at",
    "merged_at",
    "source_branch",
    "target_branch",
    "source_project_id",
    "labels",
    "sha",
    "merge_commit_sha",
    "squash_commit_sha",
    "squash",
)


_GHOST = re.compile(r"ghost\d*")


class Account(Struct, frozen=True, kw_only=True):
    """An account by its name."""

    username: str
    bot: bool  # an account of a token or a service, by GitLab's word


class Approval(Struct, frozen=True, kw_only=True):
    """An approval that stands."""

    username: str
    bot: bool
    approved_at: datetime | None  # None: this version of GitLab does not say when
    access_level: int | None  # of the account in the project, when it was read; None: it has no role there now


class Reviewer(Struct, frozen=True, kw_only=True):
    """A person who was asked to review, and what the person last said (`REQUESTED_CHANGES`, `APPROVED` and others)."""

    username: str
    state: str | None  # None: GitLab does not show it
    access_level: int | None


class MergedRequest(Struct, frozen=True, kw_only=True):
    """A merged merge request."""

    iid: int
    title: str
    merged_at: datetime
    author: Account | None  # None: the account is gone
    head_at: datetime | None  # when its patch was last changed; None: GitLab has no version of it
    approvals: tuple[Approval, ...]
    reviewers: tuple[Reviewer, ...]
    unread: tuple[str, ...]  # what GitLab has more of than was read
    contributions: Contributions


@resource(
    "gitlab.project.merge_request",
    key="iid",
    event_time="merged_at",
    summary=merge_request_summary,
)
class MergeRequest(MergedRequest, frozen=True, kw_only=True):
    """A merge request that was merged into the default branch."""


def merged_requests(client: GitLab, before: timedelta = timedelta(0)) -> Iterator[Body]:
    """Yield the merge requests that were merged into the default branch in the window, with their commits' ids.

    `before` is how much before the window they may have been merged. Each is read once for all collections of the
    project. `commits` holds the ids; it is no part of what is kept. None where merge requests are switched off.
    """
    if is_off(client, MERGE_REQUESTS):
        return
    start = client.window_start() - before
    query = {
        "state": "merged",
        "target_branch": client.default_branch(),
        # The list cannot be limited by the time of the merge; what was merged was updated then, or later.
        "updated_after": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "order_by": "updated_at",
        "sort": "desc",
        "scope": "all",
    }
    for listed in client.pages(_MERGED, query):
        merged_at = listed.get("merged_at")
        # Null where GitLab found the commits in the branch before it knew when; its latest change is then no earlier.
        if merged_at is None or datetime.fromisoformat(merged_at) >= start:
            yield client.results.get(f"merge request {listed['iid']}", partial(_whole, client, listed))


def _whole(client: GitLab, listed: Body) -> Body:
    iid = listed["iid"]
    answer = client.get(_APPROVALS, having="approved_by", iid=str(iid))
    shown = read_merge_request(client, iid)
    levels = _levels(client)
    bots = {account["username"]: account["bot"] for account in shown["approvedBy"]["nodes"]}
    versions = list(client.pages(_VERSIONS, iid=str(iid)))
    return {
        **{name: listed[name] for name in _KEPT if name in listed},
        "merged_at": listed.get("merged_at") or listed["updated_at"],
        "author": _author(shown["author"], levels),
        "merge_user": _username(listed.get("merge_user") or listed.get("merged_by")),
        "head_at": _changed_at(versions),
        "approvals": [_approval(approval, bots, levels) for approval in answer["approved_by"]],
        "reviewers": [
            {
                "username": reviewer["username"],
                "state": (reviewer["mergeRequestInteraction"] or {}).get("reviewState"),
                "access_level": levels.get(reviewer["username"]),
            }
            for reviewer in shown["reviewers"]["nodes"]
        ],
        "unread": [name for name in ("approvedBy", "reviewers") if shown[name]["pageInfo"]["hasNextPage"]],
        "contributions": contributions(shown),
        "commits": [commit["sha"] for commit in shown["commits"]],
    }


def _approval(approval: Body, bots: dict[str, bool], levels: dict[str, int]) -> Body:
    username = approval["user"]["username"]
    return {
        "username": username,
        # Not among GraphQL's approvers: whether it is a person is then not known, and it does not count as one.
        "bot": bots.get(username, True),
        "approved_at": approval.get("approved_at"),
        "access_level": levels.get(username),
    }


def _levels(client: GitLab) -> dict[str, int]:
    """Return the role of everybody in the project, by name: their own, inherited or by a group that was invited."""
    levels: dict[str, int] = client.results.get(
        "members", lambda: {member["username"]: member["access_level"] for member in client.pages(_MEMBERS)}
    )
    return levels


def _author(account: Any, levels: dict[str, int]) -> Any:
    """Return who opened a merge request; None for the account that GitLab gives what deleted accounts left.

    It is called ghost, or ghost with a number where somebody else has that name.
    https://docs.gitlab.com/user/profile/account/delete_account/#associated-records
    """
    if account is not None and _GHOST.fullmatch(account["username"]) and account["username"] not in levels:
        return None
    return account


def _changed_at(versions: list[Body]) -> str | None:
    """Return when what is merged was last changed: the first of the latest versions that have one patch.

    A rebase makes a version with other commits and the same patch, by which GitLab keeps approvals or removes them.
    https://docs.gitlab.com/user/project/merge_requests/approvals/settings/
    """
    latest_first = sorted(versions, key=lambda version: str(version["created_at"]), reverse=True)
    patch = latest_first[0].get("patch_id_sha") if latest_first else None
    same = [*takewhile(lambda version: patch and version.get("patch_id_sha") == patch, latest_first)]
    found = same[-1:] or latest_first[:1]
    return str(found[0]["created_at"]) if found else None


def _username(account: Any) -> str | None:
    return account.get("username") if isinstance(account, dict) else None


def without_commits(request: Body) -> Body:
    """Return a merge request as it is kept."""
    return {name: value for name, value in request.items() if name != "commits"}


@gitlab.collects(MergeRequest, at="project", call=CALLS, permissions=REPORTER)
def merge_requests(client: GitLab) -> Iterator[Body]:
    require_on(client, REPOSITORY, MERGE_REQUESTS)
    if client.project()["empty_repo"]:
        return
    for request in merged_requests(client):
        yield without_commits(request)
