"""The changes of Acme's repositories, and how each reached the default branch, in the format of GitHub's GraphQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from collector.demo.github.queries import (
    connection,
    contribution,
    contributions,
    dated_behind,
    force_pushers,
    history,
    identity_provider,
    pull_requests,
)
from collector.demo.github.seeding import BRANCH, Json, OrganizationSeed, number, sha

_HISTORY, _PULLS = "history(", "pullRequests("
_CONTRIBUTIONS, _DATED_BEHIND = "commits(first", "object(oid"
_KEPT = 30  # days for which GitHub keeps the results of its rules for a push


@dataclass(frozen=True)
class Change:
    """A commit of the default branch. `way` is GitHub's type of the push; `approved_by` has the reviewers.

    `rules` is the result of GitHub's rules for the push, "none" where there are none.
    """

    title: str
    author: str
    days: float
    way: str = "pr_merge"
    approved_by: tuple[str, ...] = ()
    rules: str = "pass"
    bot: bool = False


def add_changes(acme: OrganizationSeed, repository: str, changes: Iterable[Change]) -> None:
    """Add changes to a repository, the newest first, with their pushes."""
    at = f"/repos/{acme.login}/{repository}"
    happened = [change for change in changes if acme.days_since(change.days) >= 0]
    commits = [sha(f"{repository} {change.title}") for change in happened]
    start = sha(f"{repository} before all changes")
    acme.histories[repository] = [
        _commit(acme, repository, change, len(happened) - position) for position, change in enumerate(happened)
    ]
    suites = [
        {
            "id": number(f"suite {repository} {change.title}"),
            "actor_name": change.author,
            "after_sha": sha(f"{repository} {change.title}"),
            "ref": f"refs/heads/{BRANCH}",
            "pushed_at": acme.ago(change.days),
            "result": change.rules,
        }
        for change in happened
        if change.rules != "none" and acme.days_since(change.days) < _KEPT
    ]
    pushes = [
        {
            "id": number(f"push {repository} {change.title}"),
            "activity_type": change.way,
            "after": sha(f"{repository} {change.title}"),
            "before": before,
            "ref": f"refs/heads/{BRANCH}",
            "timestamp": acme.ago(change.days),
            "actor": {"login": change.author, "id": number(change.author)},
        }
        for change, before in zip(happened, [*commits, start][1:], strict=True)
    ]
    acme.answers(at, {"/rulesets/rule-suites": suites, "/activity": pushes})
    if commits:
        acme.answers(at, {f"/compare/{start}...{commits[0]}": _comparison(start, commits)})


def _comparison(start: str, commits: list[str]) -> Callable[[Mapping[str, str]], Json]:
    def page(query: Mapping[str, str]) -> Json:
        size, number = int(query.get("per_page", 30)), int(query.get("page", 1))
        oldest_first = [{"sha": oid, "node_id": f"C_{oid}"} for oid in reversed(commits)]
        return {
            "status": "ahead",
            "ahead_by": len(commits),
            "behind_by": 0,
            "total_commits": len(commits),
            "merge_base_commit": {"sha": start},
            "commits": oldest_first[(number - 1) * size : number * size],
        }

    return page


def graphql(acme: OrganizationSeed) -> None:
    """Add the answers to the queries for changes and for the identity provider."""

    def commits(variables: Mapping[str, Any]) -> Json:
        return history(connection(acme.histories[variables["repo"]], after=variables.get("after")))

    def pulls(variables: Mapping[str, Any]) -> Json:
        merged = [
            {"updatedAt": pull["mergedAt"]}
            | {name: value for name, value in pull.items() if name not in ("merged", "id")}
            for commit in acme.histories[variables["repo"]]
            for pull in commit["associatedPullRequests"]["nodes"]
        ]
        return pull_requests(connection(merged, after=variables.get("after")))

    acme.double.graphql = [
        ("samlIdentityProvider", identity_provider(acme.login, None)),
        ("branchProtectionRule", force_pushers()),
        (_CONTRIBUTIONS, lambda variables: contributions(acme.contributions, variables)),
        (_DATED_BEHIND, dated_behind(0)),
        (_PULLS, pulls),
        (_HISTORY, commits),
    ]
    acme.expect("unknown", "", "github_org_sso_configured")


def _commit(acme: OrganizationSeed, repository: str, change: Change, pull_number: int) -> Json:
    merged = [_pull(acme, repository, change, pull_number)] if change.way == "pr_merge" else []
    person = {"user": {"login": change.author}, "name": change.author.title(), "email": f"{change.author}@example.com"}
    return {
        "oid": sha(f"{repository} {change.title}"),
        "committedDate": acme.ago(change.days),
        "messageHeadline": change.title,
        "author": person,
        "committer": person,
        "signature": None,
        "statusCheckRollup": {"state": "SUCCESS"} if merged else None,
        "associatedPullRequests": {"totalCount": len(merged), "nodes": merged},
    }


def _pull(acme: OrganizationSeed, repository: str, change: Change, pull_number: int) -> Json:
    head = sha(f"{repository} head of {change.title}")
    author = {"__typename": "Bot" if change.bot else "User", "login": change.author}
    named = f"{change.author}[bot]" if change.bot else change.author
    person = {"user": {"login": named}, "name": named, "email": f"{change.author}@example.com"}
    pull_id = f"PR_{sha(f'{repository} {pull_number}')[:16]}"
    acme.contributions[pull_id] = [
        contribution(head, person, committer=None if change.bot else person, signed=change.bot)
    ]
    reviews = [
        {
            "author": {"__typename": "User", "login": login},
            "authorCanPushToRepository": True,
            "state": "APPROVED",
            "submittedAt": acme.ago(change.days + 0.2),
            "commit": {"oid": head},
        }
        for login in change.approved_by
    ]
    return {
        "id": pull_id,
        "merged": True,
        "number": pull_number,
        "url": f"https://github.com/{acme.login}/{repository}/pull/{pull_number}",
        "title": change.title,
        "createdAt": acme.ago(change.days + 1),
        "mergedAt": acme.ago(change.days),
        "baseRefName": BRANCH,
        "headRefOid": head,
        "author": author,
        "mergedBy": {"__typename": "User", "login": change.author if not change.bot else "alice"},
        "labels": {"nodes": []},
        "reviews": {"totalCount": len(reviews), "nodes": reviews},
    }
