"""Who had a part in a merge request: its commits with authors, committers and co-authors, and what reviewers said.

GitLab tells by GraphQL which accounts the addresses in commits belong to: the author of each commit, and the committers
of the merge request together, by which it also keeps committers from approving.
https://docs.gitlab.com/api/graphql/reference/#mergerequest
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.errors import Denied, Unexpected
from collector.core.resources import Body
from connectors.gitlab._sdk.client import GitLab

MERGE_REQUEST = """query($path: ID!, $iid: String!, $after: String) {
  project(fullPath: $path) { mergeRequest(iid: $iid) {
    commitCount
    author { username bot }
    approvedBy(first: 100) { pageInfo { hasNextPage } nodes { username bot } }
    reviewers(first: 100) { pageInfo { hasNextPage } nodes { username mergeRequestInteraction { reviewState } } }
    committers(first: 100) { pageInfo { hasNextPage } nodes { username } }
    commits(first: 100, after: $after) { pageInfo { hasNextPage endCursor } nodes {
      sha authorName authorEmail committerName committerEmail message
      author { username } signature { verificationStatus }
    } }
  } }
}"""

# https://docs.gitlab.com/user/project/merge_requests/reviews/suggestions/ : what GitLab itself writes into messages
_COAUTHOR = re.compile(r"(?im)^co-authored-by:\s*(?P<name>[^<\n]*?)\s*<(?P<email>[^>\n]+)>\s*$")
# GitLab's own addresses for accounts. https://docs.gitlab.com/user/profile/#use-an-automatically-generated-private-commit-email
_NOREPLY = re.compile(r"(?i)\d+-(?P<username>[^@\s]+)@users\.noreply\.[^@\s]+")
_SIGNED = frozenset({"VERIFIED", "VERIFIED_CA", "VERIFIED_SYSTEM"})


class Contributor(Struct, frozen=True, kw_only=True):
    """An account with a part in a commit."""

    username: str


class Contributions(Struct, frozen=True, kw_only=True):
    """Who made a merge request.

    `total_count` and `read` are its commits, and how many of them were read. `nameless` are as many people at most as
    there are addresses in the commits that belong to no account; `names` is what these commits call them. `signed`: the
    signature of every commit was verified by GitLab.
    """

    total_count: int
    read: int
    people: tuple[Contributor, ...]
    nameless: int
    names: tuple[str, ...]
    signed: bool


def read_merge_request(client: GitLab, iid: int) -> Body:
    """Return author, approvers and reviewers of a merge request as GraphQL has them, with all pages of its commits."""
    found: Body = {}
    commits: list[Any] = []
    after: str | None = None
    seen: set[str] = set()
    while True:
        variables = {"path": client.project_path, "iid": str(iid), "after": after}
        page = client.project_in(client.graphql(MERGE_REQUEST, variables)).get("mergeRequest")
        if not isinstance(page, dict):
            raise Denied(f"GitLab shows nothing of merge request {iid} to this token", code="graphql")
        found = found or page
        commits += page["commits"]["nodes"]
        following = page["commits"]["pageInfo"]
        if not following["hasNextPage"]:
            return {**found, "commits": commits}
        after = following["endCursor"]
        if after is None or after in seen:
            raise Unexpected(f"GitLab repeated a page of the commits of merge request {iid}")
        seen.add(after)


def contributions(request: Body) -> Body:
    """Return who made a merge request, as `Contributions` reads it, from what `read_merge_request` returned."""
    commits = request["commits"]
    accounts = {
        commit["authorEmail"]: commit["author"]["username"] for commit in commits if commit["author"] is not None
    }
    unknown: dict[str, str] = {
        commit["authorEmail"] or "": commit["authorName"] or "" for commit in commits if commit["author"] is None
    }
    coauthors = dict(_coauthors(commits))
    for email in coauthors:
        if email not in accounts and (written := _NOREPLY.fullmatch(email)) is not None:
            accounts[email] = written["username"]
    unknown |= {email: name for email, name in coauthors.items() if email not in accounts}
    # Committers have no account of their own in the answer: as many of their addresses as there are accounts left over.
    committers = {account["username"] for account in request["committers"]["nodes"]}
    unplaced = {
        commit["committerEmail"] or "": commit["committerName"] or ""
        for commit in commits
        if commit["committerEmail"] not in accounts and (commit["committerEmail"] or "") not in unknown
    }
    left_over = len(committers - set(accounts.values()))
    nameless = len(unknown) + max(0, len(unplaced) - left_over)
    names = {**unknown, **(unplaced if len(unplaced) > left_over else {})}
    whole = not request["committers"]["pageInfo"]["hasNextPage"]
    return {
        "total_count": request["commitCount"],
        "read": len(commits) if whole else 0,
        "people": [{"username": name} for name in sorted(committers | set(accounts.values()))],
        "nameless": nameless,
        "names": sorted(set(names.values())) if nameless else [],
        "signed": all((commit["signature"] or {}).get("verificationStatus") in _SIGNED for commit in commits),
    }


def _coauthors(commits: list[Any]) -> Iterator[tuple[str, str]]:
    for commit in commits:
        for found in _COAUTHOR.finditer(commit["message"] or ""):
            yield found["email"].strip(), found["name"]
