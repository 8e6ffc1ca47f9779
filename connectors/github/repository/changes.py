"""The change population: every commit that reached the default branch in the window, by pull request or by push.

One GraphQL query returns fifty commits with their pull requests, reviews and checks, which would take hundreds of REST
calls. An answer with any error is refused as a whole: a field that could not be read must not look empty.
https://docs.github.com/en/graphql/reference/objects#commit
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from collector.core.errors import Denied, Unexpected
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.github._sdk.client import REPOSITORY, GitHub
from connectors.github._sdk.connector import github
from connectors.github._sdk.graphql_quota import GRAPHQL
from connectors.github._sdk.settings import Settings
from connectors.github.repository.change_queries import CHANGES, PULLS
from connectors.github.repository.change_summary import change_summary, pull_summary
from connectors.github.repository.contributions import Contributions, add_contributions
from connectors.github.repository.population import COMPARE, commits_dated_before
from connectors.github.repository.pushes import (
    ACTIVITY,
    SEES_SUITES,
    SUITES,
    RuleEvaluation,
    rule_result,
    window_start,
)

_PERMISSIONS = ("Repository Contents: read", "Repository Pull requests: read", "Repository Commit statuses: read")


class Actor(Struct, frozen=True, kw_only=True):
    """The author of something, a person or an app (`Actor` in GitHub's GraphQL schema)."""

    login: str
    type: str = field(name="__typename")


class CommitName(Struct, frozen=True, kw_only=True):
    """The id of a commit."""

    oid: str


class Review(Struct, frozen=True, kw_only=True, rename="camel"):
    """A review of a pull request."""

    author: Actor | None  # None: the account is gone
    author_can_push_to_repository: bool | None = None  # when it was read; None: evidence from before this was read
    state: str
    submitted_at: datetime | None  # None: not sent yet
    commit: CommitName | None = None  # the head when it was given; None: the commit is gone


class Reviews(Struct, frozen=True, kw_only=True, rename="camel"):
    """The reviews of a pull request; `nodes` has the first hundred."""

    total_count: int
    nodes: tuple[Review, ...]


class MergedPull(Struct, frozen=True, kw_only=True, rename="camel"):
    """A merged pull request."""

    number: int
    merged_at: datetime
    author: Actor | None  # None: the account is gone
    merged_by: Actor | None  # None: the account is gone
    head_ref_oid: str
    reviews: Reviews
    contributions: Contributions | None = None  # None: evidence from before these were read


_REDACTED_PEOPLE = (
    Redact("author.email", keep="domain"),
    Redact("committer.email", keep="domain"),
    Redact("pull.contributions.people.email", keep="domain"),
)


@resource(
    "github.repo.change",
    key="oid",
    volatile=("statusCheckRollup", "push"),
    redact=_REDACTED_PEOPLE,
    event_time="committedDate",
    summary=change_summary,
)
class Change(Struct, frozen=True, kw_only=True):
    """A commit of the default branch. `way` says whether a pull request brought it, as far as GitHub knows."""

    oid: str
    way: str  # "pull request" or "push"
    push: RuleEvaluation
    pull: MergedPull | None  # None: GitHub knows of no merged pull request that brought it
    emergency: str | None = None  # only there where a rule in the settings marks it; never guessed


@resource(
    "github.repo.pull_request", key="number", volatile=("updatedAt",), event_time="mergedAt", summary=pull_summary
)
class PullRequest(Struct, frozen=True, kw_only=True, rename="camel"):
    """A pull request that was merged into the default branch."""

    number: int
    merged_at: datetime
    reviews: Reviews


def _pages(client: GitHub, query: str, path: tuple[str, ...], **variables: str) -> Iterator[list[Body]]:
    owner, repo = client.scope
    after: str | None = None
    seen_cursors: set[str] = set()
    while True:
        page: Any = client.graphql(query, {"owner": owner, "repo": repo, "after": after, **variables})
        # A repository without a commit has no branch; isEmpty tells it from a branch that is not shown.
        if page["repository"] is not None and page["repository"].get("isEmpty"):
            return
        for name in path:
            page = page.get(name) if page is not None else None
        if page is None:
            raise Denied("GitHub shows nothing of the repository's default branch to this credential")
        yield page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]
        if after is None or after in seen_cursors:
            raise Unexpected("GitHub repeated a page of changes")
        seen_cursors.add(after)


@github.collects(Change, at="repository", call=(GRAPHQL, REPOSITORY, ACTIVITY, COMPARE), permissions=_PERMISSIONS)
def changes(client: GitHub) -> Iterator[Body]:
    branch: str = client.repository_details()["default_branch"]
    since = window_start(client).strftime("%Y-%m-%dT%H:%M:%SZ")
    path = ("repository", "ref", "target", "history")
    dated: dict[str, None] = {}
    contributions: dict[str, Body] = {}
    empty = True
    for commits in _pages(client, CHANGES, path, branch=f"refs/heads/{branch}", since=since):
        empty = False
        dated |= dict.fromkeys(commit["oid"] for commit in commits)
        if len(dated) > client.settings.most_changes:
            raise Unexpected(f"there are more than {client.settings.most_changes} changes; raise most_changes")
        yield from _changes_of(client, commits, branch, contributions)
    if not empty:
        earlier = commits_dated_before(client, dated, since)
        for start in range(0, len(earlier), 50):
            yield from _changes_of(client, earlier[start : start + 50], branch, contributions)


def _changes_of(client: GitHub, commits: list[Body], branch: str, contributions: dict[str, Body]) -> Iterator[Body]:
    changes = [_change_of(commit, branch, client.settings) for commit in commits]
    pulls = (change["pull"]["id"] for change in changes if change["pull"] is not None)
    add_contributions(client, pulls, contributions)
    for change in changes:
        if (pull := change["pull"]) is not None:
            change["pull"] = {**pull, "contributions": contributions[pull["id"]]}
            del change["pull"]["id"]
        yield change


def _change_of(commit: Body, branch: str, settings: Settings) -> Body:
    pulls = commit.pop("associatedPullRequests")
    merged = [pull for pull in pulls["nodes"] if pull.pop("merged") and pull["baseRefName"] == branch]
    if not merged and pulls["totalCount"] > len(pulls["nodes"]):
        raise Unexpected(f"commit {commit['oid']} belongs to more pull requests than were read")
    first = min(merged, key=lambda pull: pull["mergedAt"], default=None)
    change = {**commit, "way": "pull request" if first is not None else "push", "pull": first}
    if first is not None and (rule := settings.emergency(_labels(first), first["title"])) is not None:
        change["emergency"] = rule
    return change


def _labels(pull: Body) -> list[str]:
    return [label["name"] for label in (pull["labels"] or {"nodes": []})["nodes"]]


@github.part(Change, "push", call=SUITES, permissions=SEES_SUITES)
def push(client: GitHub, change: Body) -> Any:
    return {"result": rule_result(client, change["oid"])}


@github.collects(
    PullRequest,
    at="repository",
    call=(GRAPHQL, REPOSITORY),
    permissions=("Repository Pull requests: read", "Repository Contents: read"),
)
def pull_requests(client: GitHub) -> Iterator[Body]:
    branch = client.repository_details()["default_branch"]
    since = window_start(client)
    for pulls in _pages(client, PULLS, ("repository", "pullRequests"), branch=branch):
        for pull in pulls:
            # In descending order of updatedAt: those after this one were merged before the window.
            if datetime.fromisoformat(pull["updatedAt"]) < since:
                return
            if datetime.fromisoformat(pull["mergedAt"]) >= since:
                yield pull
