"""The changes of Acme's repositories, and how each reached the default branch, in the format of GitHub's GraphQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from collector.demo.github.queries import connection, history, identity_provider, pull_requests
from collector.demo.github.seeding import BRANCH, Json, OrganizationSeed, number, sha

_HISTORY, _PULLS = "history(", "pullRequests("
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
            "before": sha(f"{repository} before {change.title}"),
            "ref": f"refs/heads/{BRANCH}",
            "timestamp": acme.ago(change.days),
            "actor": {"login": change.author, "id": number(change.author)},
        }
        for change in happened
    ]
    acme.answers(at, {"/rulesets/rule-suites": suites, "/activity": pushes})


def graphql(acme: OrganizationSeed) -> None:
    """Add the answers to the queries for changes and for the identity provider."""

    def commits(variables: Mapping[str, Any]) -> Json:
        return history(connection(acme.histories[variables["repo"]], after=variables.get("after")))

    def pulls(variables: Mapping[str, Any]) -> Json:
        merged = [
            {"updatedAt": pull["mergedAt"]} | {name: value for name, value in pull.items() if name != "merged"}
            for commit in acme.histories[variables["repo"]]
            for pull in commit["associatedPullRequests"]["nodes"]
        ]
        return pull_requests(connection(merged, after=variables.get("after")))

    acme.double.graphql = [
        ("samlIdentityProvider", identity_provider(acme.login, None)),
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
    reviews = [
        {
            "author": {"__typename": "User", "login": login},
            "state": "APPROVED",
            "submittedAt": acme.ago(change.days + 0.2),
            "commit": {"oid": head},
        }
        for login in change.approved_by
    ]
    return {
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
