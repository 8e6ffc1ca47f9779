"""What changed in Acme's repositories, and by which way: as GitHub's GraphQL tells it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from collector.demo.github.queries import connection, history, identity_provider, pull_requests
from collector.demo.github.seeding import BRANCH, Json, OrganizationSeed, number, sha

_HISTORY, _PULLS = "history(", "pullRequests("
_KEPT = 30  # days that GitHub tells what its rules said of a push


@dataclass(frozen=True)
class Made:
    """A commit of the default branch, brought by the way that GitHub calls so. Nobody in `approved_by`: nobody looked.

    `rules` is what GitHub's rules said of the push, "none" where there are none.
    """

    title: str
    author: str
    days: float
    way: str = "pr_merge"
    approved_by: tuple[str, ...] = ()
    rules: str = "pass"
    bot: bool = False


def changes(acme: OrganizationSeed, repository: str, made: Iterable[Made]) -> None:
    """Let a repository have these changes, the newest first, with the pushes that brought them."""
    at = f"/repos/{acme.login}/{repository}"
    some = [one for one in made if acme.days_since(one.days) >= 0]
    acme.histories[repository] = [_commit(acme, repository, one, len(some) - place) for place, one in enumerate(some)]
    suites = [
        {
            "id": number(f"suite {repository} {one.title}"),
            "actor_name": one.author,
            "after_sha": sha(f"{repository} {one.title}"),
            "ref": f"refs/heads/{BRANCH}",
            "pushed_at": acme.ago(one.days),
            "result": one.rules,
        }
        for one in some
        if one.rules != "none" and acme.days_since(one.days) < _KEPT
    ]
    pushes = [
        {
            "id": number(f"push {repository} {one.title}"),
            "activity_type": one.way,
            "after": sha(f"{repository} {one.title}"),
            "before": sha(f"{repository} before {one.title}"),
            "ref": f"refs/heads/{BRANCH}",
            "timestamp": acme.ago(one.days),
            "actor": {"login": one.author, "id": number(one.author)},
        }
        for one in some
    ]
    acme.answers(at, {"/rulesets/rule-suites": suites, "/activity": pushes})


def graphql(acme: OrganizationSeed) -> None:
    """Let the queries of changes, and those of the identity provider, be answered."""

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


def _commit(acme: OrganizationSeed, repository: str, made: Made, place: int) -> Json:
    merged = [_pull(acme, repository, made, place)] if made.way == "pr_merge" else []
    person = {"user": {"login": made.author}, "name": made.author.title(), "email": f"{made.author}@example.com"}
    return {
        "oid": sha(f"{repository} {made.title}"),
        "committedDate": acme.ago(made.days),
        "messageHeadline": made.title,
        "author": person,
        "committer": person,
        "signature": None,
        "statusCheckRollup": {"state": "SUCCESS"} if merged else None,
        "associatedPullRequests": {"totalCount": len(merged), "nodes": merged},
    }


def _pull(acme: OrganizationSeed, repository: str, made: Made, place: int) -> Json:
    head = sha(f"{repository} head of {made.title}")
    author = {"__typename": "Bot" if made.bot else "User", "login": made.author}
    reviews = [
        {
            "author": {"__typename": "User", "login": login},
            "state": "APPROVED",
            "submittedAt": acme.ago(made.days + 0.2),
            "commit": {"oid": head},
        }
        for login in made.approved_by
    ]
    return {
        "merged": True,
        "number": place,
        "url": f"https://github.com/{acme.login}/{repository}/pull/{place}",
        "title": made.title,
        "createdAt": acme.ago(made.days + 1),
        "mergedAt": acme.ago(made.days),
        "baseRefName": BRANCH,
        "headRefOid": head,
        "author": author,
        "mergedBy": {"__typename": "User", "login": made.author if not made.bot else "alice"},
        "labels": {"nodes": []},
        "reviews": {"totalCount": len(reviews), "nodes": reviews},
    }
