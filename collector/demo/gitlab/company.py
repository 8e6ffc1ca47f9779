"""Acme's GitLab: one project, in which the agency's people approve what they wrote themselves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta

import httpx

from collector.demo.configuration import DOMAIN
from collector.demo.gitlab import documents as gitlab
from collector.demo.json_answers import NOT_FOUND, Json, JsonAnswers, Refusal
from collector.demo.platforms import PlayedPlatform

URL = f"https://gitlab.{DOMAIN}"
VARIABLE = "ACME_GITLAB_TOKEN"
_FORBIDDEN = 403
_OWNER, _MAINTAINER, _DEVELOPER = 50, 40, 30
_TABLE = f"""\
[sources.vendors]
connector = "gitlab"
token     = {{ env = "{VARIABLE}" }}
groups    = ["agency"]
url       = "{URL}"
every     = "30d"
serves    = ["acme-shop"]
"""
_SYSTEM = """\
[[system]]
name          = "Theme of the shop"
owner         = "Carl Berg"
environment   = "production"
source        = "vendors"
scope         = ["agency"]
in_scope_from = {{-300d}}
"""

_PEOPLE = (("carl", _OWNER), ("olga", _MAINTAINER), ("pit", _DEVELOPER), ("quinn", _DEVELOPER))
# What changed: the title, who wrote it, who approved it (nobody: it was pushed), and how many days ago.
_CHANGES: tuple[tuple[str, str, tuple[str, ...], int], ...] = (
    ("Show prices with tax", "pit", ("olga",), 40),
    ("Repair the cart on phones", "quinn", ("quinn",), 21),
    ("Correct a typo in production", "olga", (), 6),
)


def platform(now: Callable[[], datetime], last: datetime) -> PlayedPlatform:
    """Return Acme's GitLab as of the demo's last day; what has not happened yet by `now` is not shown."""
    answers = JsonAnswers(now, _missing, {"x-next-page": ""})  # every list is one page
    answers.documents.update(_instance())
    answers.documents["/api/v4/personal_access_tokens/self"] = lambda _: _own_token(now(), last)
    answers.documents.update(_group(last))
    answers.documents.update(_project(now, last))
    return PlayedPlatform(
        about="a group of vendors on GitLab",
        table=_TABLE,
        system=_SYSTEM,
        bases=(URL,),
        answer=answers,
        variables={VARIABLE: "glpat-made-up-of-the-demo"},
    )


def _missing(request: httpx.Request) -> Refusal:
    return Refusal(NOT_FOUND, {"message": "404 Not Found", "path": request.url.path})


def _refused(_request: httpx.Request) -> Json:
    raise Refusal(_FORBIDDEN, {"message": "403 Forbidden"})


def _ago(last: datetime, days: float) -> str:
    return f"{last - timedelta(days=days):%Y-%m-%dT%H:%M:%S.000Z}"


def _own_token(now: datetime, last: datetime) -> Json:
    """Return the token that annexd signs in with."""
    return {
        "id": 4,
        "name": "annexd",
        "revoked": False,
        "created_at": _ago(last, 100),
        "description": "evidence",
        "scopes": ["read_api"],
        "user_id": 1,
        "last_used_at": _ago(now, 0),
        "active": True,
        "expires_at": f"{last + timedelta(days=200):%Y-%m-%d}",
    }


def _instance() -> dict[str, Json]:
    owner = {"id": 1, "username": "carl", "name": "Carl", "state": "active", "two_factor_enabled": True, "bot": False}
    return {
        "/api/v4/user": owner,
        "/api/v4/metadata": {"version": "18.5.1-ee", "revision": "a1b2c3", "enterprise": True},
        "/api/v4/application/settings": _refused,
        "/api/v4/users": [{"id": number, "username": name} for number, (name, _) in enumerate(_PEOPLE, 1)],
        "/api/v4/namespaces/agency": {
            "id": 4, "name": "Agency", "path": "agency", "kind": "group", "full_path": "agency", "parent_id": None,
            "plan": "ultimate",
        },
    }  # fmt: skip


def _group(last: datetime) -> dict[str, Json]:
    at = "/api/v4/groups/agency"
    people = [gitlab.person(number, name, level) for number, (name, level) in enumerate(_PEOPLE, 1)]
    billable = [
        {
            **person,
            "created_at": _ago(last, 300),
            "last_activity_on": f"{last - timedelta(days=3):%Y-%m-%d}",
            "last_login_at": _ago(last, 3),
        }
        for person in people
    ]
    forever = gitlab.token(42, "deploy of the theme", _ago(last, 420), None, _ago(last, 1))
    return {
        at: gitlab.group(4, "agency"),
        f"{at}/descendant_groups": [],
        f"{at}/members/all": people,
        f"{at}/members/all/1": people[0],
        f"{at}/billable_members": billable,
        f"{at}/enterprise_users": [],
        f"{at}/access_tokens": [forever],
        f"{at}/audit_events": [],
        f"{at}/hooks": [],
        f"{at}/variables": [],
        f"{at}/runners": [],
        f"{at}/projects": [gitlab.project(11, "agency/shop-theme", _ago(last, 400))],
        f"{at}/projects/shared": [],
        f"{at}/protected_environments": [],
    }


def _sha(title: str) -> str:
    return hashlib.sha1(title.encode(), usedforsecurity=False).hexdigest()


def _project(now: Callable[[], datetime], last: datetime) -> dict[str, Json]:
    at = "/api/v4/projects/agency/shop-theme"
    people = [gitlab.person(number, name, level) for number, (name, level) in enumerate(_PEOPLE, 1)]
    start = _sha("the theme before all changes")
    parents = [start, *(_sha(title) for title, *_ in _CHANGES)]

    def happened() -> list[tuple[int, str, str, tuple[str, ...], str]]:
        """Return the changes so far, the latest first, with their numbers and times."""
        listed = [
            (number, title, author, approved, _ago(last, days))
            for number, (title, author, approved, days) in enumerate(_CHANGES)
            if last - timedelta(days=days) <= now()
        ]
        return listed[::-1]

    def commits(_request: httpx.Request) -> Json:
        return [
            gitlab.commit(_sha(title), parents[number], author, at_, title)
            for number, title, author, _, at_ in happened()
        ]

    def pushes(_request: httpx.Request) -> Json:
        return [
            gitlab.push(number + 1, parents[number], _sha(title), author, at_)
            for number, title, author, _, at_ in happened()
        ]

    def requests(_request: httpx.Request) -> Json:
        return [
            gitlab.merge_request(number + 1, _sha(title), author, at_, title)
            for number, title, author, approved, at_ in happened()
            if approved
        ]

    def described(request: httpx.Request) -> Json:
        asked = json.loads(request.content)
        if "vulnerabilities" in asked["query"]:
            nothing = {"pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": []}
            return {"data": {"project": {"vulnerabilities": nothing}}}
        title, author, approved, _ = _CHANGES[int(asked["variables"]["iid"]) - 1]
        return {"data": {"project": {"mergeRequest": gitlab.described(_sha(title), author, approved)}}}

    found: dict[str, Json] = {
        at: gitlab.project(11, "agency/shop-theme", _ago(last, 400)),
        "/api/graphql": described,
        f"{at}/protected_branches": [gitlab.branch_rule("main", push=_MAINTAINER)],
        f"{at}/merge_request_approval_setting": gitlab.approval_settings(author=True),
        f"{at}/approval_rules": [gitlab.approval_rule(1)],
        f"{at}/push_rule": None,
        f"{at}/security_settings": {"project_id": 11, "secret_push_protection_enabled": False},
        f"{at}/access_tokens": [],
        f"{at}/deploy_keys": [],
        f"{at}/deploy_tokens": [],
        f"{at}/variables": [],
        f"{at}/hooks": [],
        f"{at}/runners": [],
        f"{at}/environments": [],
        f"{at}/protected_environments": [],
        f"{at}/members/all": people,
        f"{at}/repository/commits": commits,
        f"{at}/events": pushes,
        f"{at}/merge_requests": requests,
        f"{at}/pipelines": [],
    }
    for number, (_, _, approved, days) in enumerate(_CHANGES, 1):
        found[f"{at}/merge_requests/{number}/approvals"] = gitlab.approvals(number, approved, _ago(last, days))
        found[f"{at}/merge_requests/{number}/versions"] = [
            {"id": 100 + number, "created_at": _ago(last, days + 1), "state": "collected"}
        ]
    return found
