"""A repository of the GitHub double in good order, and the parts in which others differ."""

from __future__ import annotations

import base64
from collections.abc import Iterable

from collector.demo.github.changes import Change, add_changes
from collector.demo.github.double import Reply
from collector.demo.github.seeding import BRANCH, Json, OrganizationSeed, counted, number, sha, user

UNPROTECTED = Reply.refused("Branch not protected", 404)
NO_ALERTS = Reply.refused("Vulnerability alerts are disabled.", 404)
PINNED = f"on: push\njobs:\n  test:\n    steps:\n      - uses: actions/checkout@{'a' * 40}\n"


def repository(
    acme: OrganizationSeed,
    name: str,
    *,
    described: Json | None = None,
    answers: Json | None = None,
    changes: Iterable[Change] = (),
) -> None:
    """Add a repository in good order; `described` replaces keys of its description, `answers` answers by path."""
    body = _described(acme, name) | (described or {})
    acme.repositories.append(body)
    acme.answers(f"/repos/{acme.login}/{name}", _answers(acme, name, body) | (answers or {}))
    add_changes(acme, name, changes)


def _described(acme: OrganizationSeed, name: str) -> Json:
    scanning = ("secret_scanning", "secret_scanning_push_protection", "dependabot_security_updates")
    return {
        "id": number(name),
        "name": name,
        "full_name": f"{acme.login}/{name}",
        "owner": user(acme.login, "Organization"),
        "private": True,
        "visibility": "private",
        "fork": False,
        "archived": False,
        "disabled": False,
        "default_branch": BRANCH,
        "description": None,
        "created_at": acme.ago(900),
        "updated_at": acme.lately(2),
        "pushed_at": acme.lately(2),
        "security_and_analysis": {feature: {"status": "enabled"} for feature in scanning},
    }


def _answers(acme: OrganizationSeed, name: str, body: Json) -> Json:
    workflow = {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": False}
    return {
        "": body,
        f"/branches/{BRANCH}/protection": UNPROTECTED,
        f"/rules/branches/{BRANCH}": main_rules(acme, reviews=1),
        "/rulesets/7": ruleset(acme),
        "/dependabot/alerts": [],
        "/code-scanning/alerts": [],
        "/code-scanning/analyses": [
            {"id": number(f"{name} scan"), "ref": f"refs/heads/{BRANCH}", "created_at": acme.lately(1),
             "error": "", "tool": {"name": "CodeQL"}}
        ],
        "/secret-scanning/alerts": [],
        "/vulnerability-alerts": None,
        "/automated-security-fixes": {"enabled": True, "paused": False},
        "/private-vulnerability-reporting": {"enabled": False},
        "/collaborators": people(admin=("alice", "bob"), write=("dave",)),
        "/teams": [{"id": 1, "slug": "engineering", "name": "engineering", "permission": "push"}],
        "/keys": [],
        "/hooks": [],
        "/actions/permissions": {"enabled": True, "allowed_actions": "all"},
        "/actions/permissions/workflow": workflow,
        "/actions/secrets": counted("secrets", []),
        "/actions/runners": counted("runners", []),
        "/codeowners/errors": {"errors": []},
        "/environments": counted("environments", []),
        "/branches": [{"name": BRANCH, "commit": {"sha": sha(f"{name} head")}, "protected": True}],
        "/deployments": [],
        **files(name, workflow=PINNED, owners=True),
    }  # fmt: skip


def main_rules(acme: OrganizationSeed, *, reviews: int) -> list[Json]:
    """Return the rules in force for the default branch, all from the organization's ruleset."""
    pull_request = {
        "dismiss_stale_reviews_on_push": True,
        "require_code_owner_review": True,
        "require_last_push_approval": False,
        "required_approving_review_count": reviews,
        "required_review_thread_resolution": False,
    }
    checks = {"required_status_checks": [{"context": "test"}], "strict_required_status_checks_policy": True}
    rules: list[Json] = [
        {"type": "pull_request", "parameters": pull_request},
        {"type": "required_status_checks", "parameters": checks},
        {"type": "non_fast_forward"},
        {"type": "deletion"},
    ]
    source = {"ruleset_id": 7, "ruleset_source": acme.login, "ruleset_source_type": "Organization"}
    return [{**rule, **source} for rule in rules]


def ruleset(acme: OrganizationSeed, *bypass: Json) -> Json:
    """Return the organization's ruleset, with the actors that may bypass it."""
    return {
        "id": 7,
        "name": "main-branches",
        "target": "branch",
        "source": acme.login,
        "source_type": "Organization",
        "enforcement": "active",
        "bypass_actors": list(bypass),
    }


def people(*, admin: Iterable[str], write: Iterable[str]) -> list[Json]:
    """Return the collaborators of a repository."""
    return [
        {
            **user(login),
            "role_name": role,
            "permissions": {
                "pull": True,
                "triage": True,
                "push": True,
                "maintain": role == "admin",
                "admin": role == "admin",
            },
        }
        for role, logins in (("admin", admin), ("write", write))
        for login in logins
    ]


def files(name: str, *, workflow: str | None, owners: bool) -> Json:
    """Return the answers for the trees and files of the default branch that annexd reads."""
    top, inner, text = (sha(f"{name} {what}") for what in ("github", "workflows", "workflow"))
    here = [_entry("README.md", "blob", sha(f"{name} readme"))]
    answers: Json = {}
    if owners:
        here.append(_entry("CODEOWNERS", "blob", sha(f"{name} owners")))
        answers |= _blob(sha(f"{name} owners"), "* @acme/engineering\n")
    if workflow is None:
        return {f"/git/trees/{BRANCH}": _tree(name, here), **answers}
    return {
        **answers,
        f"/git/trees/{BRANCH}": _tree(name, [*here, _entry(".github", "tree", top)]),
        f"/git/trees/{top}": _tree(top, [_entry("workflows", "tree", inner)]),
        f"/git/trees/{inner}": _tree(inner, [_entry("test.yml", "blob", text)]),
        **_blob(text, workflow),
    }


def _blob(named: str, text: str) -> Json:
    content = base64.b64encode(text.encode()).decode()
    return {f"/git/blobs/{named}": {"sha": named, "encoding": "base64", "size": len(text), "content": content}}


def _tree(name: str, entries: list[Json]) -> Json:
    return {"sha": sha(f"{name} tree"), "truncated": False, "tree": entries}


def _entry(path: str, kind: str, of: str) -> Json:
    return {"path": path, "type": kind, "sha": of, "mode": "100644" if kind == "blob" else "040000"}
