"""What to grant annexd on GitHub: permissions of an app or a fine-grained token, or scopes of a classic one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

# The smallest scope of a classic token for each permission. GitHub has none that reads most of a repository's
# settings or its private code: `repo` writes too, which github_collector_read_only then says.
SCOPES = {
    "Organization Administration: read": "admin:org",
    "Organization Administration: write": "admin:org",
    "Organization Members: read": "read:org",
    "Organization Personal access tokens: read": "(none: only a GitHub App may)",
    "Organization Secrets: read": "admin:org",
    "Organization Self-hosted runners: read": "admin:org",
    "Organization Variables: read": "admin:org",
    "Organization Webhooks: read": "admin:org_hook",
    "Repository Actions: read": "repo",
    "Repository Administration: read": "repo",
    "Repository Administration: write": "repo",
    "Repository Code scanning alerts: read": "security_events",
    "Repository Commit statuses: read": "repo:status",
    "Repository Contents: read": "repo",
    "Repository Dependabot alerts: read": "security_events",
    "Repository Deployments: read": "repo_deployment",
    "Repository Metadata: read": "repo",
    "Repository Pull requests: read": "repo",
    "Repository Secret scanning alerts: read": "security_events",
    "Repository Secrets: read": "repo",
    "Repository Webhooks: read": "read:repo_hook",
}

# The key of each in what GitHub tells of an app. https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
APP_KEYS = {
    "Organization Administration: read": "organization_administration",
    "Organization Members: read": "members",
    "Organization Personal access tokens: read": "organization_personal_access_tokens",
    "Organization Secrets: read": "organization_secrets",
    "Organization Self-hosted runners: read": "organization_self_hosted_runners",
    "Organization Variables: read": "organization_actions_variables",
    "Organization Webhooks: read": "organization_hooks",
    "Repository Actions: read": "actions",
    "Repository Administration: read": "administration",
    "Repository Code scanning alerts: read": "security_events",
    "Repository Commit statuses: read": "statuses",
    "Repository Contents: read": "contents",
    "Repository Dependabot alerts: read": "vulnerability_alerts",
    "Repository Deployments: read": "deployments",
    "Repository Metadata: read": "metadata",
    "Repository Pull requests: read": "pull_requests",
    "Repository Secret scanning alerts: read": "secret_scanning_alerts",
    "Repository Secrets: read": "secrets",
    "Repository Webhooks: read": "repository_hooks",
}

# The scope that a scope is a part of. https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
_PART_OF = {
    "public_repo": "repo",
    "read:org": "write:org",
    "read:repo_hook": "write:repo_hook",
    "repo:invite": "repo",
    "repo:status": "repo",
    "repo_deployment": "repo",
    "security_events": "repo",
    "write:org": "admin:org",
    "write:repo_hook": "admin:repo_hook",
}

_EXCLUDED = ("Organization Administration: write", "Repository Administration: write")
_ABOUT_EXCLUDED = """Left out on purpose: Organization Administration: write. GitHub documents it for the list of the
organization's rulesets and shows who may bypass a ruleset only to those who may change it. annexd
asks for no right to write: what the rules demand is read branch by branch, and who may bypass
them is then unknown. Repository Administration: write is left out as well: GitHub shows with it
whether a push went past the rules (rule suites), and lets change the rules with it.
"""


def document(kinds_by_permission: Mapping[str, Iterable[str]]) -> str:
    """Return the permissions to grant, as text; each with the kinds of resources that are read with it."""
    granted = sorted(
        permission for permission in kinds_by_permission if permission in SCOPES and permission not in _EXCLUDED
    )
    lines = ["Permissions of a GitHub App (preferred) or of a fine-grained token:", ""]
    for permission in granted:
        lines += [f"  {permission}", *(f"      {kind}" for kind in sorted(kinds_by_permission[permission]))]
    scopes = sorted({SCOPES[permission] for permission in granted if not SCOPES[permission].startswith("(")})
    lines += ["", f"Scopes of a classic token: {', '.join(scopes)}", ""]
    lines += ["repo and admin:org also write; prefer an app."]
    others = sorted(permission for permission in kinds_by_permission if permission not in SCOPES)
    if others:
        lines += [
            "",
            "Besides:",
            *(f"  {permission}: {', '.join(sorted(kinds_by_permission[permission]))}" for permission in others),
        ]
    return "\n".join([*lines, "", _ABOUT_EXCLUDED])


def app_beyond(held: Mapping[str, str], needed: Collection[str]) -> list[str]:
    """Return the permissions of an app that nothing needs, each with its level; every app has to read metadata."""
    wanted = {APP_KEYS[permission] for permission in needed if permission in APP_KEYS} | {"metadata"}
    return sorted(f"{name}: {level}" for name, level in held.items() if level != "read" or name not in wanted)


def scopes_beyond(held: Iterable[str], needed: Collection[str]) -> list[str]:
    """Return the scopes of a classic token that nothing needs, and that are no part of one that something needs."""
    # What only a token takes is declared as its scope.
    wanted = {SCOPES.get(permission, permission.partition(" ")[0]) for permission in needed}
    return sorted(scope for scope in held if not _is_within(scope, wanted))


def _is_within(scope: str, wanted: Collection[str]) -> bool:
    return scope in wanted or (scope in _PART_OF and _is_within(_PART_OF[scope], wanted))
