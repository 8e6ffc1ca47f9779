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
from connectors.github._sdk.graphql_quota import GRAPHQL, RATE_LIMIT
from connectors.github._sdk.settings import Settings

_PERMISSIONS = ("Repository Contents: read", "Repository Pull requests: read", "Repository Commit statuses: read")
_SUITES = "GET /repos/{owner}/{repo}/rulesets/rule-suites"
_ACTIVITY = "GET /repos/{owner}/{repo}/activity"

_PULL_FIELDS = """number url title createdAt mergedAt baseRefName headRefOid
  author { __typename login } mergedBy { __typename login } labels(first: 100) { nodes { name } }
  reviews(first: 100) { totalCount nodes { author { __typename login } state submittedAt commit { oid } } }"""

_CHANGES_QUERY = (
    """query($owner: String!, $repo: String!, $branch: String!, $since: GitTimestamp!, $after: String) {
  repository(owner: $owner, name: $repo) { isEmpty ref(qualifiedName: $branch) { target { ... on Commit {
    history(first: 50, since: $since, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes {
      oid committedDate messageHeadline
      author { user { login } name email } committer { user { login } name email }
      signature { isValid state } statusCheckRollup { state }
      associatedPullRequests(first: 10) { totalCount nodes { merged """
    + _PULL_FIELDS
    + """ } }
    } }
  } } } }
  """
    + RATE_LIMIT
    + "\n}"
)

_PULLS_QUERY = (
    """query($owner: String!, $repo: String!, $branch: String!, $after: String) {
  repository(owner: $owner, name: $repo) {
    pullRequests(first: 50, states: MERGED, baseRefName: $branch, orderBy: {field: UPDATED_AT, direction: DESC},
      after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { updatedAt """
    + _PULL_FIELDS
    + """ } }
  }
  """
    + RATE_LIMIT
    + "\n}"
)


class Actor(Struct, frozen=True, kw_only=True):
    """The author of something, a person or an app (`Actor` in GitHub's GraphQL schema)."""

    login: str
    type: str = field(name="__typename")


class Review(Struct, frozen=True, kw_only=True, rename="camel"):
    """A review of a pull request."""

    author: Actor | None  # None: the account is gone
    state: str
    submitted_at: datetime | None  # None: not sent yet


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


class RuleEvaluation(Struct, frozen=True, kw_only=True):
    """How GitHub's rules evaluated the push of a commit (`GET /repos/{owner}/{repo}/rulesets/rule-suites`)."""

    result: str  # pass, fail, bypass, or none where GitHub keeps no evaluation that ended in this commit


_REDACTED_PERSON = (Redact("author.email", keep="domain"), Redact("committer.email", keep="domain"))


@resource(
    "github.repo.change",
    key="oid",
    volatile=("statusCheckRollup", "push"),
    redact=_REDACTED_PERSON,
    event_time="committedDate",
)
class Change(Struct, frozen=True, kw_only=True):
    """A commit of the default branch. `way` says whether a pull request brought it, as far as GitHub knows."""

    oid: str
    way: str  # "pull request" or "push"
    push: RuleEvaluation
    pull: MergedPull | None  # None: GitHub knows of no merged pull request that brought it
    emergency: str | None = None  # only there where a rule in the settings marks it; never guessed


@resource("github.repo.pull_request", key="number", volatile=("updatedAt",), event_time="mergedAt")
class PullRequest(Struct, frozen=True, kw_only=True, rename="camel"):
    """A pull request that was merged into the default branch."""

    number: int
    merged_at: datetime
    reviews: Reviews


@resource("github.repo.activity", key="id", event_time="timestamp")
class Activity(Struct, frozen=True, kw_only=True):
    """A push to the default branch or a merge into it (`GET /repos/{owner}/{repo}/activity`)."""

    id: int
    activity_type: str
    after: str


def _pages(client: GitHub, query: str, path: tuple[str, ...], **variables: str) -> Iterator[Body]:
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
        yield from page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]
        if after is None or after in seen_cursors:
            raise Unexpected("GitHub repeated a page of changes")
        seen_cursors.add(after)


@github.collects(Change, at="repository", call=(GRAPHQL, REPOSITORY), permissions=_PERMISSIONS)
def changes(client: GitHub) -> Iterator[Body]:
    branch: str = client.repository_details()["default_branch"]
    since = (client.now() - client.settings.window).strftime("%Y-%m-%dT%H:%M:%SZ")
    path = ("repository", "ref", "target", "history")
    for number, commit in enumerate(
        _pages(client, _CHANGES_QUERY, path, branch=f"refs/heads/{branch}", since=since), 1
    ):
        if number > client.settings.most_changes:
            raise Unexpected(f"there are more than {client.settings.most_changes} changes; raise most_changes")
        yield _change_of(commit, branch, client.settings)


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


@github.part(Change, "push", call=_SUITES, permissions="Repository Administration: read")
def push(client: GitHub, change: Body) -> Any:
    return {"result": client.results.get("suites", lambda: _suites(client)).get(change["oid"], "none")}


def _suites(client: GitHub) -> dict[str, str]:
    """Return the result of the rules by commit, for pushes of the last month; GitHub keeps no more."""
    ref = f"refs/heads/{client.repository_details()['default_branch']}"
    suites = client.pages(_SUITES, query={"ref": ref, "time_period": "month"})
    return {suite["after_sha"]: suite["result"] for suite in suites}


@github.collects(
    PullRequest,
    at="repository",
    call=(GRAPHQL, REPOSITORY),
    permissions=("Repository Pull requests: read", "Repository Contents: read"),
)
def pull_requests(client: GitHub) -> Iterator[Body]:
    branch = client.repository_details()["default_branch"]
    since = client.now() - client.settings.window
    for pull in _pages(client, _PULLS_QUERY, ("repository", "pullRequests"), branch=branch):
        # In descending order of updatedAt: those after this one were merged before the window.
        if datetime.fromisoformat(pull["updatedAt"]) < since:
            return
        if datetime.fromisoformat(pull["mergedAt"]) >= since:
            yield pull


@github.collects(Activity, at="repository", call=(_ACTIVITY, REPOSITORY), permissions="Repository Contents: read")
def activity(client: GitHub) -> Iterator[Body]:
    ref = f"refs/heads/{client.repository_details()['default_branch']}"
    yield from client.pages(_ACTIVITY, query={"ref": ref, "time_period": "quarter"})
