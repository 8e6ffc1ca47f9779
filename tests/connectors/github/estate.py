"""A made-up organization, acme, with one repository in good order: what GitHub would answer to every call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.core.secrets import Secret
from collector.demo.github import queries
from connectors.github._sdk.settings import Settings
from tests.connectors.github.played import Reply
from tests.connectors.github.shapes import item, named

if TYPE_CHECKING:
    from tests.connectors.github.played import Played

ORG = "/orgs/acme"
REPO = "/repos/acme/api"
ENTERPRISE = "/enterprises/acme-group/audit-log/streams"
LATE = "2026-02-28T00:00:00Z"
LONG_AGO = "2024-01-01T00:00:00Z"


def settings(hub: Played, **but: Any) -> Settings:
    """The source that looks at the played acme."""
    values: dict[str, Any] = {
        "token": Secret("a test", lambda: "ghp_madeup"),
        "organizations": ("acme",),
        "enterprise": "acme-group",
        "url": hub.url,
        "quota_share": 1.0,
    }
    return Settings(**(values | but))


def user(login: str, **but: Any) -> dict[str, Any]:
    """A person."""
    return named("simple-user", login=login, **but)


def a_repository(name: str = "api", **but: Any) -> dict[str, Any]:
    """A repository of the list."""
    values = {
        "name": name,
        "full_name": f"acme/{name}",
        "private": True,
        "visibility": "private",
        "fork": False,
        "archived": False,
        "default_branch": "main",
        "pushed_at": LATE,
        "security_and_analysis": {
            "secret_scanning": {"status": "enabled"},
            "secret_scanning_push_protection": {"status": "enabled"},
        },
    }
    return item("GET /orgs/{org}/repos", **(values | but))


def described(**but: Any) -> dict[str, Any]:
    """The repository by itself."""
    values = {
        "name": "api", "full_name": "acme/api", "private": True, "visibility": "private", "fork": False,
        "archived": False, "default_branch": "main", "pushed_at": LATE, "owner": user("acme"),
    }  # fmt: skip
    return item("GET /repos/{owner}/{repo}", **(values | but))


def a_ruleset(number: int = 7, **but: Any) -> dict[str, Any]:
    """A ruleset of the organization whose actors are shown."""
    values = {
        "id": number, "name": "main branches", "source": "acme", "source_type": "Organization",
        "target": "branch", "enforcement": "active", "bypass_actors": [],
    }  # fmt: skip
    return named("repository-ruleset", **(values | but))


def a_rule(kind: str, parameters: dict[str, Any] | None = None, number: int = 7) -> dict[str, Any]:
    """A rule in force."""
    values = {
        "type": kind, "ruleset_id": number, "ruleset_source": "acme", "ruleset_source_type": "Organization",
    }  # fmt: skip
    return values if parameters is None else {**values, "parameters": parameters}


CLASSIC = {
    "enforce_admins": {"url": "https://api.github.com/admins", "enabled": True},
    "required_pull_request_reviews": {
        "dismiss_stale_reviews": True, "require_code_owner_reviews": True, "required_approving_review_count": 1,
    },
    "allow_force_pushes": {"enabled": False}, "allow_deletions": {"enabled": False},
}  # fmt: skip
"""Classic protection of a branch."""

PULL_REQUEST = {
    "dismiss_stale_reviews_on_push": True, "require_code_owner_review": True, "require_last_push_approval": True,
    "required_approving_review_count": 2, "required_review_thread_resolution": True,
}  # fmt: skip


def a_pull(number: int = 1, **but: Any) -> dict[str, Any]:
    """A merged pull request of GraphQL's, approved by somebody else."""
    review = {
        "author": {"__typename": "User", "login": "bob"}, "authorCanPushToRepository": True, "state": "APPROVED",
        "submittedAt": "2026-02-27T00:00:00Z", "commit": {"oid": "c" * 40},
    }  # fmt: skip
    values = {
        "id": f"PR_{number}",
        "number": number, "url": f"https://github.com/acme/api/pull/{number}", "title": "Mend it",
        "createdAt": "2026-02-26T00:00:00Z", "mergedAt": LATE, "baseRefName": "main", "headRefOid": "c" * 40,
        "author": {"__typename": "User", "login": "ann"}, "mergedBy": {"__typename": "User", "login": "ann"},
        "labels": {"nodes": []}, "reviews": {"totalCount": 1, "nodes": [review]},
    }  # fmt: skip
    return values | but


ANN = {"user": {"login": "ann"}, "name": "Ann", "email": "ann@acme.example"}


def contributions(*commits: dict[str, Any]) -> Any:
    """The answer to who wrote the commits of pull requests: for each these, or one of Ann's."""
    written = commits or (queries.contribution("c" * 40, ANN, committer=ANN),)
    return lambda variables: queries.contributions(dict.fromkeys(variables["ids"], written), variables)


def a_comparison(*oids: str, base: str = "b" * 40) -> Any:
    """What has reached a branch since a commit, the oldest first, in pages."""

    def page(query: dict[str, str]) -> dict[str, Any]:
        size, number = int(query["per_page"]), int(query["page"])
        call = "GET /repos/{owner}/{repo}/compare/{basehead}"
        commit = item(call)["base_commit"]
        listed = [{**commit, "sha": oid, "node_id": f"C_{oid}"} for oid in oids]
        return item(
            call, total_commits=len(oids), commits=listed[(number - 1) * size : number * size],
            merge_base_commit={**commit, "sha": base},
        )  # fmt: skip

    return page


def a_push(number: int = 1, **but: Any) -> dict[str, Any]:
    """A merge into the default branch, of the one change."""
    values = {
        "id": number, "activity_type": "pr_merge", "before": "b" * 40, "after": "a" * 40, "ref": "refs/heads/main",
        "timestamp": LATE, "actor": user("ann"),
    }  # fmt: skip
    return item("GET /repos/{owner}/{repo}/activity", **(values | but))


def a_commit(oid: str = "a" * 40, pulls: list[dict[str, Any]] | None = None, **but: Any) -> dict[str, Any]:
    """A commit of GraphQL's history."""
    merged = [{"merged": True, **a_pull()}] if pulls is None else pulls
    values = {
        "oid": oid, "committedDate": LATE, "messageHeadline": "Mend it", "author": ANN, "committer": ANN,
        "signature": None, "statusCheckRollup": {"state": "SUCCESS"},
        "associatedPullRequests": {"totalCount": len(merged), "nodes": merged},
    }  # fmt: skip
    return values | but


def history(*commits: dict[str, Any], after: str | None = None) -> dict[str, Any]:
    """The answer with one page of commits; `after` is the cursor of a page that follows."""
    page = queries.connection(commits)
    more = {"pageInfo": {"hasNextPage": True, "endCursor": after}} if after is not None else {}
    return queries.history(page | more)


def pulls(*pull_list: dict[str, Any]) -> dict[str, Any]:
    """The answer with one page of pull requests."""
    return queries.pull_requests(queries.connection([{"updatedAt": LATE, **declaration} for declaration in pull_list]))


def saml(provider: Any = None, *, owner: bool = True) -> dict[str, Any]:
    """What GitHub says of the identity provider."""
    return queries.identity_provider("acme", provider, owner=owner)


def identities(*nodes: dict[str, Any]) -> dict[str, Any]:
    """One page of the people of the identity provider."""
    return queries.external_identities(queries.connection(nodes))


ABOUT_COMMITS: list[tuple[str, Any]] = [("commits(first", contributions()), ("object(oid", queries.dated_behind(0))]
"""What GitHub answers about commits beside the history."""


def play(hub: Played) -> None:
    """Let the server be acme, in good order."""
    _organization(hub)
    _repository(hub)
    hub.graphql = [
        (
            "externalIdentities",
            identities(
                {"guid": "g1", "samlIdentity": {"nameId": "dan@acme.example"}, "user": None},
                *(
                    {"guid": f"g-{name}", "samlIdentity": {"nameId": f"{name}@acme.example"}, "user": {"login": name}}
                    for name in ("ann", "bob", "cat")
                ),
            ),
        ),
        (
            "samlIdentityProvider",
            saml({"issuer": "https://idp.acme.example", "ssoUrl": "https://idp.acme.example/sso"}),
        ),
        ("pullRequests(", pulls(a_pull())),
        *ABOUT_COMMITS,
        ("history(", history(a_commit())),
    ]


def _organization(hub: Played) -> None:
    def members(query: dict[str, str]) -> Any:
        if "filter" in query:
            return []
        return [user("ann"), user("bob")] if query["role"] == "admin" else [user("cat")]

    hub.answers |= {
        "/user": item("GET /user", login="auditor"),
        "/rate_limit": item("GET /rate_limit"),
        ORG: item(
            "GET /orgs/{org}", login="acme", two_factor_requirement_enabled=True, default_repository_permission="read",
            members_can_create_public_repositories=False, members_can_delete_repositories=False,
            members_can_change_repo_visibility=False, members_can_fork_private_repositories=False,
            billing_email="money@acme.example",
        ),
        f"{ORG}/members": members,
        f"{ORG}/outside_collaborators": lambda query: [] if "filter" in query else [user("eve")],
        f"{ORG}/invitations": [item("GET /orgs/{org}/invitations", id=1, login="fay", created_at=LATE)],
        f"{ORG}/failed_invitations": [],
        f"{ORG}/teams": [item("GET /orgs/{org}/teams", slug="core", name="core")],
        f"{ORG}/teams/core/members": lambda query: [user("ann")] if query["role"] == "maintainer" else [user("cat")],
        f"{ORG}/teams/core/repos": [a_repository(role_name="write")],
        f"{ORG}/installations": {
            "total_count": 1,
            "installations": [
                item(
                    "GET /orgs/{org}/installations", "installations", id=5, app_slug="ci",
                    permissions={"checks": "write"},
                )
            ],
        },
        f"{ORG}/personal-access-tokens": [
            item(
                "GET /orgs/{org}/personal-access-tokens", id=9, token_name="deploy", owner=user("ann"),
                access_granted_at=LATE, token_expires_at="2026-06-01T00:00:00Z", token_last_used_at=LATE,
            )
        ],
        f"{ORG}/credential-authorizations": [
            item(
                "GET /orgs/{org}/credential-authorizations", credential_id=3, login="ann", token_last_eight="12345678",
                credential_type="personal access token",
            )
        ],
        f"{ORG}/hooks": [a_hook("GET /orgs/{org}/hooks")],
        f"{ORG}/actions/permissions": {"enabled_repositories": "all", "allowed_actions": "selected"},
        f"{ORG}/actions/permissions/selected-actions": {
            "github_owned_allowed": True, "verified_allowed": False, "patterns_allowed": ["acme/*"],
        },
        f"{ORG}/actions/permissions/workflow": {
            "default_workflow_permissions": "read", "can_approve_pull_request_reviews": False,
        },
        f"{ORG}/actions/secrets": {
            "total_count": 1,
            "secrets": [{"name": "NPM_TOKEN", "created_at": LATE, "updated_at": LATE, "visibility": "all"}],
        },
        f"{ORG}/actions/variables": {
            "total_count": 1,
            "variables": [
                {"name": "REGION", "value": "north-canary", "created_at": LATE, "updated_at": LATE, "visibility": "all"}
            ],
        },
        f"{ORG}/actions/runners": {
            "total_count": 1,
            "runners": [item("GET /orgs/{org}/actions/runners", "runners", id=1, name="box")],
        },
        f"{ORG}/actions/runner-groups": {
            "total_count": 1,
            "runner_groups": [item("GET /orgs/{org}/actions/runner-groups", "runner_groups", id=1, name="Default")],
        },
        f"{ORG}/rulesets": [a_ruleset()],
        f"{ORG}/code-security/configurations": [{"id": 1, "name": "standard"}],
        f"{ORG}/code-security/configurations/defaults": [
            {
                "default_for_new_repos": "all",
                "configuration": {
                    "id": 1, "name": "standard", "dependabot_alerts": "enabled", "secret_scanning": "enabled",
                    "secret_scanning_push_protection": "enabled",
                },
            }
        ],
        f"{ORG}/audit-log": [
            {"_document_id": "d1", "@timestamp": 1_772_236_800_000, "action": "team.create", "actor": "ann"}
        ],
        f"{ORG}/repos": [a_repository()],
        ENTERPRISE: [item("GET /enterprises/{enterprise}/audit-log/streams", id=1, enabled=True)],
        "/repos/acme/.github/git/trees/HEAD": Reply.refused("Not Found", 404),
    }  # fmt: skip


def a_hook(call: str, **but: Any) -> dict[str, Any]:
    """A webhook as it should be; its address has something secret."""
    config = {
        "url": "https://hooks.acme.example/in/CANARY-7712", "content_type": "json", "insecure_ssl": "0",
        "secret": "********",
    }  # fmt: skip
    values = {"id": 2, "active": True, "name": "web", "events": ["push"], "config": config, "type": "Organization"}
    return item(call, **(values | but))


def a_tree(*entries: tuple[str, str, str]) -> dict[str, Any]:
    """A folder: path, type and sha of each entry."""
    made = [
        {
            "path": path,
            "type": kind,
            "sha": sha,
            "mode": "100644" if kind == "blob" else "040000",
            "size": 1,
            "url": "u",
        }
        for path, kind, sha in entries
    ]
    return item("GET /repos/{owner}/{repo}/git/trees/{tree_sha}", truncated=False, tree=made)


def a_blob(text: str) -> dict[str, Any]:
    """A file's content."""
    import base64

    content = base64.b64encode(text.encode()).decode()
    return item("GET /repos/{owner}/{repo}/git/blobs/{file_sha}", encoding="base64", content=content)


WORKFLOW = (
    "on: push\njobs:\n  test:\n    steps:\n      - uses: actions/checkout@" + "a" * 40 + "\n"
    "      - uses: ./.github/actions/build\n"
)
LOCAL_ACTION = "runs: {using: composite, steps: [{shell: bash, run: make}]}\n"


def _repository(hub: Played) -> None:
    hub.answers |= {
        REPO: described(),
        f"{REPO}/branches/main/protection": Reply.refused("Branch not protected", 404),
        f"{REPO}/rules/branches/main": [
            a_rule("pull_request", PULL_REQUEST), a_rule("non_fast_forward"), a_rule("deletion"),
            a_rule("required_signatures"),
            a_rule(
                "required_status_checks",
                {"required_status_checks": [{"context": "test"}], "strict_required_status_checks_policy": True},
            ),
        ],
        f"{REPO}/rulesets/7": a_ruleset(),
        f"{REPO}/rulesets/rule-suites": [{"id": 1, "after_sha": "a" * 40, "result": "pass"}],
        f"{REPO}/activity": [a_push()],
        f"{REPO}/compare/{'b' * 40}...{'a' * 40}": a_comparison("a" * 40),
        f"{REPO}/environments/production/deployment-branch-policies": {
            "total_count": 1, "branch_policies": [{"id": 1, "name": "release/*"}],
        },
        f"{REPO}/branches": [item("GET /repos/{owner}/{repo}/branches", name="main", protected=True)],
        f"{REPO}/dependabot/alerts": [an_alert()],
        f"{REPO}/code-scanning/alerts": [a_finding()],
        f"{REPO}/code-scanning/analyses": [
            item("GET /repos/{owner}/{repo}/code-scanning/analyses", created_at=LATE, error="", tool={"name": "CodeQL"})
        ],
        f"{REPO}/secret-scanning/alerts": [
            {
                "number": 1, "state": "resolved", "secret_type_display_name": "A token", "created_at": LONG_AGO,
                "secret": "CANARY-9931-not-a-known-shape",
            }
        ],
        f"{REPO}/vulnerability-alerts": None,
        f"{REPO}/automated-security-fixes": {"enabled": True, "paused": False},
        f"{REPO}/private-vulnerability-reporting": {"enabled": False},
        f"{REPO}/collaborators": [a_collaborator()],
        f"{REPO}/teams": [item("GET /repos/{owner}/{repo}/teams", slug="core", permission="push")],
        f"{REPO}/keys": [a_key()],
        f"{REPO}/hooks": [a_hook("GET /repos/{owner}/{repo}/hooks")],
        f"{REPO}/actions/permissions": {"enabled": True, "allowed_actions": "selected"},
        f"{REPO}/actions/permissions/workflow": {
            "default_workflow_permissions": "read", "can_approve_pull_request_reviews": False,
        },
        f"{REPO}/actions/secrets": {
            "total_count": 1, "secrets": [{"name": "DEPLOY_TOKEN", "created_at": LATE, "updated_at": LATE}],
        },
        f"{REPO}/environments": {
            "total_count": 1, "environments": [an_environment()],
        },
        f"{REPO}/git/trees/main": a_tree((".github", "tree", "t1"), ("CODEOWNERS", "blob", "b1")),
        f"{REPO}/git/trees/t1": a_tree(
            ("actions", "tree", "t3"), ("workflows", "tree", "t2"), ("SECURITY.md", "blob", "b2")
        ),
        f"{REPO}/git/trees/t3": a_tree(("build", "tree", "t4")),
        f"{REPO}/git/trees/t4": a_tree(("action.yml", "blob", "b4")),
        f"{REPO}/git/trees/t2": a_tree(("test.yml", "blob", "b3")),
        f"{REPO}/git/blobs/b1": a_blob("* @acme/core\n"),
        f"{REPO}/git/blobs/b3": a_blob(WORKFLOW),
        f"{REPO}/git/blobs/b4": a_blob(LOCAL_ACTION),
        f"{REPO}/codeowners/errors": {"errors": []},
        f"{REPO}/actions/runners": {"total_count": 0, "runners": []},
        f"{REPO}/deployments": [
            item("GET /repos/{owner}/{repo}/deployments", id=1, environment="production", created_at=LATE)
        ],
    }  # fmt: skip


def an_alert(**but: Any) -> dict[str, Any]:
    """A dependency alert that is open, and new."""
    weakness = named("dependabot-alert-security-vulnerability", severity="high")
    values = {"number": 1, "state": "open", "created_at": LATE, "security_vulnerability": weakness}
    return item("GET /repos/{owner}/{repo}/dependabot/alerts", **(values | but))


def a_finding(**but: Any) -> dict[str, Any]:
    """A finding of code scanning that is open, and new."""
    rule = {"id": "r", "name": "r", "severity": "error", "security_severity_level": "high", "description": "d"}
    values = {"number": 1, "state": "open", "created_at": LATE, "rule": rule}
    return item("GET /repos/{owner}/{repo}/code-scanning/alerts", **(values | but))


def a_collaborator(login: str = "ann", *, admin: bool = True) -> dict[str, Any]:
    """Somebody who can reach the repository."""
    rights = {"pull": True, "triage": True, "push": True, "maintain": admin, "admin": admin}
    role = "admin" if admin else "write"
    return item("GET /repos/{owner}/{repo}/collaborators", login=login, role_name=role, permissions=rights)


def a_key(**but: Any) -> dict[str, Any]:
    """A deploy key as it should be."""
    values = {
        "id": 4, "title": "ci", "key": "ssh-ed25519 CANARY-4410", "read_only": True, "verified": True,
        "created_at": LONG_AGO, "last_used": LATE,
    }  # fmt: skip
    return item("GET /repos/{owner}/{repo}/keys", **(values | but))


def an_environment(**but: Any) -> dict[str, Any]:
    """A production environment as it should be."""
    rule = {
        "id": 1, "node_id": "n", "type": "required_reviewers", "prevent_self_review": True,
        "reviewers": [{"type": "User", "reviewer": user("bob")}],
    }  # fmt: skip
    policy = {"protected_branches": True, "custom_branch_policies": False}
    values = {
        "name": "production", "protection_rules": [rule], "deployment_branch_policy": policy,
        "can_admins_bypass": False,
    }  # fmt: skip
    return item("GET /repos/{owner}/{repo}/environments", "environments", **(values | but))
