"""Commits that reached the default branch in the window though they are dated before it.

The date of a commit is what its committer's machine says. What GitHub says of pushes does not depend on it: the commits
between the branch before the first push of the window and after the latest are the population, whatever their dates.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from collector.core.errors import Unexpected
from collector.core.resources import Body
from connectors.github._sdk.client import GitHub
from connectors.github.repository.change_queries import COMMITS, DATED_BEFORE
from connectors.github.repository.pushes import NO_COMMIT, pushes_in_window, window_start

COMPARE = "GET /repos/{owner}/{repo}/compare/{basehead}"
_PAGE, _BATCH = 100, 50


def commits_dated_before(client: GitHub, dated: Collection[str], since: str) -> list[Body]:
    """Return the commits that pushes of the window brought and that are not among `dated`.

    `dated` has the ids of the commits that are dated in the window, the head of the branch first. Raises Unexpected
    where nothing reached the default branch in the window while something reached the repository: the branch may not
    have been the default one all the time.
    """
    pushes = list(pushes_in_window(client))
    if not pushes:
        _require_same_branch(client, dated)
        return []
    first, latest = pushes[-1], pushes[0]
    # What a branch had when it was created came with it; its dates are all that there is.
    base = first["before"] if first["before"] != NO_COMMIT else first["after"]
    tip = next((push["after"] for push in pushes if push["after"] != NO_COMMIT), base)
    count = _compare(client, base, tip, page=2, size=1)  # the first page has the changed lines, which are not read
    later = _dated_behind(client, count["merge_base_commit"]["sha"], since)
    if count["total_commits"] == len(dated) - later and next(iter(dated), None) == latest["after"]:
        return []
    return _missing(client, base, tip, dated)


def _require_same_branch(client: GitHub, dated: Collection[str]) -> None:
    details = client.repository_details()
    pushed_at = details["pushed_at"]
    if not dated and datetime.fromisoformat(pushed_at) >= window_start(client):
        raise Unexpected(
            f"nothing reached {details['default_branch']} in the window, while the repository was pushed to on "
            f"{pushed_at[:10]}; whether it was the default branch all the time is not shown"
        )


def _compare(client: GitHub, base: str, tip: str, *, page: int, size: int) -> Any:
    return client.request(COMPARE, placeholders={"basehead": f"{base}...{tip}"}, query={"page": page, "per_page": size})


def _dated_behind(client: GitHub, oid: str, since: str) -> int:
    owner, repo = client.scope
    page = client.graphql(DATED_BEFORE, {"owner": owner, "repo": repo, "oid": oid, "since": since})["repository"]
    commit = page["object"] if page is not None else None
    if commit is None:
        raise Unexpected(f"GitHub compared a branch with {oid[:10]}, and does not show that commit")
    number: int = commit["history"]["totalCount"]
    return number


def _missing(client: GitHub, base: str, tip: str, dated: Collection[str]) -> list[Body]:
    missing: dict[str, str] = {}
    total, read, page = 1, 0, 1
    while read < total:
        answer = _compare(client, base, tip, page=page, size=_PAGE)
        total, commits = answer["total_commits"], answer["commits"]
        if not commits and read < total:
            raise Unexpected(f"GitHub has {total} commits since {base[:10]}, and listed {read}")
        if total > client.settings.most_changes:
            raise Unexpected(f"there are more than {client.settings.most_changes} changes, {total}; raise most_changes")
        missing |= {commit["sha"]: commit["node_id"] for commit in commits if commit["sha"] not in dated}
        read, page = read + len(commits), page + 1
    ids = list(missing.values())
    found: list[Body] = []
    for start in range(0, len(ids), _BATCH):
        found += client.graphql(COMMITS, {"ids": ids[start : start + _BATCH]})["nodes"]
    return found
