"""The change population: every commit that reached the default branch in the window, by merge request or by push.

The date of a commit is what its committer's machine says. The commits between the branch before the first push of the
window and its latest, by GitLab's own word of the pushes, are therefore changes too, whatever they are dated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from msgspec import Struct

from collector.core.errors import Unexpected
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.gitlab._sdk.calls import REPORTER
from connectors.gitlab._sdk.client import GitLab
from connectors.gitlab._sdk.connector import gitlab
from connectors.gitlab._sdk.features import REPOSITORY, require_on
from connectors.gitlab.project.change_summary import change_summary
from connectors.gitlab.project.merge_requests import CALLS, MergedRequest, merged_requests, without_commits
from connectors.gitlab.project.pushes import EVENTS, pushes_to_default_branch, pushes_to_repository

COMMITS = "GET /api/v4/projects/{project}/repository/commits"

_LATER = timedelta(days=1)
"""GitLab dates a push when it gets to it, after the merge that made it: the first of the window may be of before."""

# What is kept of a commit: its message may hold anything.
_KEPT = (
    "id",
    "title",
    "parent_ids",
    "author_name",
    "author_email",
    "authored_date",
    "committer_name",
    "committer_email",
    "committed_date",
    "web_url",
)


@resource(
    "gitlab.project.change",
    key="id",
    redact=(Redact("author_email", keep="domain"), Redact("committer_email", keep="domain")),
    event_time="committed_date",
    summary=change_summary,
)
class Change(Struct, frozen=True, kw_only=True):
    """A commit of the default branch. `way` says whether a merge request brought it, as far as GitLab knows."""

    id: str
    parent_ids: tuple[str, ...]
    way: str  # "merge request" or "push"
    merge_request: MergedRequest | None  # None: no merge request that was merged in the window brought it
    emergency: str | None = None  # only there where a rule in the settings marks it; never guessed


@gitlab.collects(Change, at="project", call=(COMMITS, EVENTS, *CALLS), permissions=REPORTER)
def changes(client: GitLab) -> Iterator[Body]:
    require_on(client, REPOSITORY)
    if client.project()["empty_repo"]:
        return
    brought = _by_commit(merged_requests(client, before=_LATER))
    for commit in _population(client):
        request = brought.get(commit["id"])
        if request is not None and (squashed := _squashed_into(commit, request)) is not None:
            brought.setdefault(squashed, request)
        change = {
            **{name: commit[name] for name in _KEPT if name in commit},
            "way": "push" if request is None else "merge request",
            "merge_request": None if request is None else without_commits(request),
        }
        if request is not None:
            rule = client.settings.emergency(request.get("labels") or (), request["title"])
            if rule is not None:
                change["emergency"] = rule
        yield change


def _population(client: GitLab) -> Iterator[Body]:
    """Yield the commits of the window, each once: by their dates, then by the pushes that brought them."""
    branch = client.default_branch()
    pushes = pushes_to_default_branch(client)
    queries = [{"ref_name": branch, "since": client.window_start().strftime("%Y-%m-%dT%H:%M:%SZ")}]
    if pushes:
        first = pushes[-1]["push_data"]
        # What a branch had when it was created came with it; its dates are all that there is.
        queries.append({"ref_name": f"{first['commit_from'] or first['commit_to']}..{branch}"})
    seen: set[str] = set()
    for query in queries:
        for commit in client.pages(COMMITS, query):
            if commit["id"] in seen:
                continue
            seen.add(commit["id"])
            if len(seen) > client.settings.most_changes:
                raise Unexpected(f"there are more than {client.settings.most_changes} changes; raise most_changes")
            yield commit
    if not seen and not pushes and pushes_to_repository(client):
        raise Unexpected(
            f"nothing reached {branch} in the window, while other branches were pushed to; "
            "whether it was the default branch all the time is not shown"
        )


def _squashed_into(merge: Body, request: Body) -> str | None:
    """Return the squashed commit of a merge commit, where an old version of GitLab does not name it; None elsewhere."""
    parents = merge["parent_ids"]
    unnamed = request.get("squash") and not request.get("squash_commit_sha")
    return parents[1] if unnamed and merge["id"] == request.get("merge_commit_sha") and len(parents) > 1 else None


def _by_commit(requests: Iterable[Body]) -> dict[str, Body]:
    """Return which merge request brought a commit: of several the one that was merged first."""
    brought: dict[str, Body] = {}
    for request in sorted(requests, key=lambda request: str(request["merged_at"])):
        made = (request.get("merge_commit_sha"), request.get("squash_commit_sha"), request.get("sha"))
        for commit in (*request["commits"], *made):
            if commit:
                brought.setdefault(commit, request)
    return brought
