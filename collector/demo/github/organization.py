"""Acme's organization on GitHub: its settings, its people, its apps, runners and Actions."""

from __future__ import annotations

from collections.abc import Mapping

from collector.demo.github.double import Reply
from collector.demo.github.seeding import Json, OrganizationSeed, counted, number, sha, user

_OWNERS = ("alice", "bob")
_MEMBERS = ("carol", "dave")
_GUEST = "former-vendor"
_WITHOUT_SECOND_FACTOR = ("bob", _GUEST)
_LAST_SEEN = {"alice": 1.0, "bob": 3.0, "dave": 40.0}  # carol: longer ago than the audit log reaches
_EVENTS = (("alice", "org.update_member_repository_creation_permission"), ("bob", "repo.access"))
_NOT_ACCESSIBLE = "Resource not accessible by personal access token"


def organization(acme: OrganizationSeed) -> None:
    """Seed everything that is not in a repository."""
    at = f"/orgs/{acme.login}"
    acme.answers("", {"/user": user("annexd"), "/rate_limit": _rate_limit()})
    acme.answers(at, {"": _settings(acme)})
    _people(acme, at)
    _machines(acme, at)
    _actions(acme, at)
    _security(acme, at)
    acme.double.refuse(f"/repos/{acme.login}/.github/git/trees/HEAD", Reply.refused("Not Found", 404))


def _rate_limit() -> Json:
    full = {"limit": 5000, "used": 0, "remaining": 5000, "reset": 0}
    return {"resources": {"core": full, "search": full}, "rate": full}


def _settings(acme: OrganizationSeed) -> Json:
    acme.expect("fail", "", "github_org_two_factor_required", "github_org_public_repo_creation_restricted")
    acme.expect("pass", "", "github_org_default_permission_restricted", "github_org_private_forking_disabled")
    acme.expect("fail", "", "github_org_repo_admin_actions_restricted")
    return {
        **user(acme.login, "Organization"),
        "billing_email": "money@example.com",
        "two_factor_requirement_enabled": False,
        "default_repository_permission": "read",
        "members_can_create_public_repositories": True,
        "members_can_delete_repositories": True,
        "members_can_change_repo_visibility": False,
        "members_can_fork_private_repositories": False,
        "plan": {"name": "enterprise", "space": 0, "private_repos": 1000},
    }


def _people(acme: OrganizationSeed, at: str) -> None:
    def members(query: Mapping[str, str]) -> list[Json]:
        if "filter" in query:
            return [user(login) for login in _WITHOUT_SECOND_FACTOR if login != _GUEST]
        return [user(login) for login in (_OWNERS if query.get("role") == "admin" else _MEMBERS)]

    def team(query: Mapping[str, str]) -> list[Json]:
        return [user(login) for login in (("alice",) if query.get("role") == "maintainer" else ("bob", "dave"))]

    acme.answers(
        at,
        {
            "/members": members,
            # With and without GitHub's filter for a missing second factor: the only one has none.
            "/outside_collaborators": [user(_GUEST)],
            "/invitations": acme.since(
                33,
                {
                    "id": 1,
                    "login": None,
                    "email": "erin@example.com",
                    "role": "direct_member",
                    "created_at": acme.ago(33),
                    "inviter": user("alice"),
                },
            ),
            "/failed_invitations": [],
            "/teams": [{"id": 1, "slug": "engineering", "name": "engineering", "permission": "push"}],
            "/teams/engineering/members": team,
            "/teams/engineering/repos": lambda _query: [
                repository | {"role_name": "write"} for repository in acme.repositories
            ],
            "/audit-log": lambda query: _log(acme, query),
        },
    )
    acme.expect("fail", "", "github_org_members_have_two_factor")
    acme.expect("pass", "", "github_org_owner_count_limited", "github_org_audit_log_streamed")
    acme.expect("fail", "", "github_org_outside_collaborators_reviewed", subject=_GUEST)
    acme.expect("fail", "", "github_org_invitations_not_stale", subject="1")
    acme.expect("pass", "", "github_org_members_active", subject="alice")
    acme.expect("unknown", "", "github_org_members_active", subject="carol")


def _log(acme: OrganizationSeed, query: Mapping[str, str]) -> list[Json]:
    what, _, value = query.get("phrase", "").partition(":")
    if what == "actor":
        events = [(value, "git.push", _LAST_SEEN[value])] if value in _LAST_SEEN else []
    else:
        events = [(actor, action, 0.5 + age) for age, (actor, action) in enumerate(_EVENTS)]
    return [
        {
            "_document_id": sha(f"{actor} {action}")[:22],
            "@timestamp": int((acme.double.now().timestamp() - days * 86_400) * 1000) // 1000 * 1000,
            "action": action,
            "actor": actor,
            "org": acme.login,
        }
        for actor, action, days in events
    ]


def _machines(acme: OrganizationSeed, at: str) -> None:
    apps = [
        _app(acme, "build", {"contents": "read", "checks": "write"}, "selected"),
        _app(acme, "monitoring-vendor", {"contents": "write", "administration": "write"}, "all"),
    ]
    runner = {"id": 1, "name": "build-1", "os": "linux", "status": "online", "busy": False, "labels": []}
    group = {"id": 1, "name": "Default", "visibility": "all", "default": True, "inherited": False,
             "allows_public_repositories": True}  # fmt: skip
    acme.answers(
        at,
        {
            "/installations": counted("installations", apps),
            "/credential-authorizations": [],
            "/actions/runners": counted("runners", [runner]),
            "/actions/runner-groups": counted("runner_groups", [group]),
        },
    )
    # Two permissions that the token lacks: one that can be granted, and one that GitHub grants to apps only.
    acme.double.refuse(
        f"{at}/hooks", Reply.refused(_NOT_ACCESSIBLE, x_accepted_github_permissions="organization_hooks=read")
    )
    acme.double.refuse(
        f"{at}/personal-access-tokens",
        Reply.refused(_NOT_ACCESSIBLE, x_accepted_github_permissions="organization_personal_access_tokens=read"),
    )
    acme.expect("fail", "", "github_org_apps_approved", subject=str(number("monitoring-vendor")))
    acme.expect("fail", "", "github_org_runner_groups_not_public", subject="1")
    acme.expect("unknown", "", "github_org_webhooks_secure", "github_org_tokens_expire")
    acme.expect("unknown", "", "github_collector_read_only")


def _app(acme: OrganizationSeed, slug: str, permissions: Mapping[str, str], selection: str) -> Json:
    return {
        "id": number(slug),
        "app_slug": slug,
        "account": user(acme.login, "Organization"),
        "target_type": "Organization",
        "repository_selection": selection,
        "permissions": permissions,
        "events": [],
        "created_at": acme.ago(300),
        "updated_at": acme.ago(300),
        "suspended_at": None,
    }


def _actions(acme: OrganizationSeed, at: str) -> None:
    set_at = {"created_at": acme.ago(100), "updated_at": acme.ago(100), "visibility": "all"}
    acme.answers(
        f"{at}/actions",
        {
            "/permissions": {"enabled_repositories": "all", "allowed_actions": "selected"},
            # A selection that allows everything.
            "/permissions/selected-actions": {
                "github_owned_allowed": True,
                "verified_allowed": True,
                "patterns_allowed": ["acme/*", "*"],
            },
            "/permissions/workflow": {
                "default_workflow_permissions": "write",
                "can_approve_pull_request_reviews": False,
            },
            "/secrets": counted("secrets", [{"name": "REGISTRY_TOKEN", **set_at}]),
            "/variables": counted("variables", [{"name": "REGION", "value": "eu-central-1", **set_at}]),
        },
    )
    acme.expect("fail", "", "github_org_actions_restricted", "github_org_workflow_token_read_only")
    acme.expect("pass", "", "github_org_workflows_cannot_approve")


def _security(acme: OrganizationSeed, at: str) -> None:
    features = {"dependabot_alerts": "enabled", "secret_scanning": "enabled"}
    configuration = {"id": 1, "name": "standard", **features, "secret_scanning_push_protection": "disabled"}
    acme.answers(
        at,
        {
            "/code-security/configurations": [configuration],
            "/code-security/configurations/defaults": [
                {"default_for_new_repos": "all", "configuration": configuration}
            ],
            "/rulesets": [{"id": 7, "name": "main-branches", "source": acme.login, "enforcement": "active"}],
        },
    )
    acme.expect("fail", "", "github_org_security_defaults_for_new_repos")
