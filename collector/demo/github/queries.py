"""GitHub's answers to the GraphQL queries that annexd sends: pages of lists, and the objects around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

Json = dict[str, Any]


def connection(nodes: Sequence[Json], *, size: int = 100, after: str | None = None) -> Json:
    """Return one page of a list; `after` is the cursor that the page before ended with."""
    start = int(after or 0)
    more = start + size < len(nodes)
    return {
        "totalCount": len(nodes),
        "pageInfo": {"hasNextPage": more, "endCursor": str(start + size) if more else None},
        "nodes": list(nodes[start : start + size]),
    }


def history(page: Json) -> Json:
    """Return the answer with a page of the commits of the default branch."""
    return {"data": {"repository": {"isEmpty": False, "ref": {"target": {"history": page}}}}}


def pull_requests(page: Json) -> Json:
    """Return the answer with a page of merged pull requests."""
    return {"data": {"repository": {"pullRequests": page}}}


def contributions(commits: Mapping[str, Sequence[Json]], variables: Mapping[str, Any]) -> Json:
    """Return the answer with the commits in the pull requests that a query names, as many of each as it asks for."""
    return {
        "data": {
            "nodes": [
                {
                    "id": pull,
                    "commits": {
                        "totalCount": len(commits[pull]),
                        "nodes": [{"commit": commit} for commit in commits[pull][: variables["first"]]],
                    },
                }
                for pull in variables["ids"]
            ]
        }
    }


def contribution(oid: str, *authors: Json, committer: Json | None = None, signed: bool = False) -> Json:
    """Return a commit in a pull request. Without a committer GitHub itself made it, on its pages."""
    return {
        "oid": oid,
        "committedViaWeb": committer is None,
        "signature": {"isValid": True, "wasSignedByGitHub": True} if signed else None,
        "authors": {"totalCount": len(authors), "nodes": list(authors)},
        "committer": committer or {"user": None, "name": "GitHub", "email": "noreply@github.com"},
    }


def dated_behind(number: int) -> Json:
    """Return the answer with the number of commits behind another that are dated after a moment."""
    return {"data": {"repository": {"object": {"history": {"totalCount": number}}}}}


def force_pushers(*actors: Json | None) -> Json:
    """Return the answer with those who may force push to a branch under classic protection."""
    allowances = {"totalCount": len(actors), "nodes": [{"actor": actor} for actor in actors]}
    rule = {"bypassForcePushAllowances": allowances}
    return {"data": {"repository": {"ref": {"branchProtectionRule": rule}}}}


def identity_provider(login: str, provider: Json | None, *, owner: bool = True) -> Json:
    """Return the answer with an organization's identity provider, None where it has none."""
    organization = {"login": login, "viewerCanAdminister": owner, "samlIdentityProvider": provider}
    return {"data": {"organization": organization}}


def external_identities(page: Json) -> Json:
    """Return the answer with a page of the people whom the identity provider knows."""
    provider = {"externalIdentities": page}
    return {"data": {"organization": {"viewerCanAdminister": True, "samlIdentityProvider": provider}}}


def with_rate_limit(answer: Json, resets_at: datetime) -> Json:
    """Return the answer to a query that asks for `rateLimit` too: every query costs a point, and enough are left."""
    limit = {"cost": 1, "remaining": 4999, "limit": 5000, "resetAt": f"{resets_at:%Y-%m-%dT%H:%M:%SZ}"}
    return {**answer, "data": {**answer["data"], "rateLimit": limit}}
