"""Settings of GitHub Actions: which actions may run, and what the token of a workflow may do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed
from collector.core.errors import ConnectorError
from collector.core.resources import Body, resource
from connectors.github._sdk.client import GitHub
from connectors.github._sdk.connector import github

_ADMIN = "Organization Administration: read"
_NOT_SELECTED = "allowed_actions is not selected"
_MAX_NAMED = 5


class SelectedActions(Struct, frozen=True, kw_only=True):
    """The actions that may run besides the organization's own."""

    github_owned_allowed: bool
    verified_allowed: bool
    patterns_allowed: tuple[str, ...]


class WorkflowToken(Struct, frozen=True, kw_only=True):
    """The default permissions of a workflow's token, which a workflow may change for itself."""

    default_workflow_permissions: str
    can_approve_pull_request_reviews: bool


@resource("github.org.actions_permission")
class OrganizationActions(Struct, frozen=True, kw_only=True):
    """GitHub Actions settings of the organization (`GET /orgs/{org}/actions/permissions`)."""

    enabled_repositories: str
    workflow: WorkflowToken
    selected_actions: SelectedActions | None  # None: allowed_actions is not "selected"
    allowed_actions: str | None = None  # left out: actions are off


@resource("github.repo.actions_permission")
class RepositoryActions(Struct, frozen=True, kw_only=True):
    """GitHub Actions settings of a repository (`GET /repos/{owner}/{repo}/actions/permissions`)."""

    enabled: bool
    workflow: WorkflowToken


@github.collects(OrganizationActions, at="organization", call="GET /orgs/{org}/actions/permissions", permissions=_ADMIN)
def organization_actions(client: GitHub) -> Iterator[Body]:
    yield client.request("GET /orgs/{org}/actions/permissions", having="enabled_repositories")


@github.part(
    OrganizationActions,
    "selected_actions",
    call="GET /orgs/{org}/actions/permissions/selected-actions",
    permissions=_ADMIN,
    absent=_NOT_SELECTED,
)
def selected_actions(client: GitHub, settings: Body) -> Any:
    if settings.get("allowed_actions") != "selected":
        raise ConnectorError("there is no selection of actions", code=_NOT_SELECTED)
    return client.request("GET /orgs/{org}/actions/permissions/selected-actions", having="github_owned_allowed")


@github.part(OrganizationActions, "workflow", call="GET /orgs/{org}/actions/permissions/workflow", permissions=_ADMIN)
def organization_token(client: GitHub, _settings: Body) -> Any:
    return client.request("GET /orgs/{org}/actions/permissions/workflow", having="default_workflow_permissions")


@github.collects(
    RepositoryActions,
    at="repository",
    call="GET /repos/{owner}/{repo}/actions/permissions",
    permissions="Repository Administration: read",
)
def repository_actions(client: GitHub) -> Iterator[Body]:
    yield client.request("GET /repos/{owner}/{repo}/actions/permissions", having="enabled")


@github.part(
    RepositoryActions,
    "workflow",
    call="GET /repos/{owner}/{repo}/actions/permissions/workflow",
    permissions="Repository Administration: read",
)
def repository_token(client: GitHub, _settings: Body) -> Any:
    return client.request(
        "GET /repos/{owner}/{repo}/actions/permissions/workflow", having="default_workflow_permissions"
    )


@check(
    "github_org_actions_restricted",
    title="Only approved actions may run",
    severity="medium",
    fix="Allow the organization's own actions and a list of others, in the Actions policies of the organization",
)
def actions_restricted(actions: OrganizationActions, *, allow_verified_creators: bool = True) -> Verdict:
    if actions.enabled_repositories == "none":
        return not_applicable("GitHub Actions is off for every repository of the organization")
    if actions.allowed_actions == "local_only":
        return passed("only actions of the organization itself may run")
    if actions.allowed_actions != "selected" or actions.selected_actions is None:
        return failed(f"allowed actions: {actions.allowed_actions or 'not stated, which is all'}")
    selected = actions.selected_actions
    strangers = [pattern for pattern in selected.patterns_allowed if _lets_strangers_in(pattern)]
    if strangers:
        return failed(f"anybody's actions may run, by the pattern {_cut(strangers)}")
    if selected.verified_allowed and not allow_verified_creators:
        return failed("actions of every creator that GitHub verified may run, which allow_verified_creators excludes")
    groups = ["the organization's own actions"]
    groups += ["GitHub's"] if selected.github_owned_allowed else []
    groups += ["those of every creator that GitHub verified"] if selected.verified_allowed else []
    allowed = [pattern for pattern in selected.patterns_allowed if not pattern.strip().startswith("!")]
    groups += [f"those of {len(allowed)} patterns ({_cut(allowed)})"] if allowed else []
    return passed(f"these may run: {', '.join(groups)}")


def _lets_strangers_in(pattern: str) -> bool:
    """Whether a pattern matches actions of an owner whom it does not name; anybody can open an account of any new name.

    GitHub compares a pattern with OWNER/REPOSITORY/PATH@REF, where `*` stands for any text. One that begins with `!`
    forbids what it matches.
    """
    owner, _, _ = pattern.strip().partition("/")
    return not pattern.strip().startswith("!") and "*" in owner


def _cut(patterns: list[str]) -> str:
    rest = f" and {len(patterns) - _MAX_NAMED:,} more" if len(patterns) > _MAX_NAMED else ""
    return f"{', '.join(patterns[:_MAX_NAMED])}{rest}"


@check(
    "github_org_workflow_token_read_only",
    title="The token of a workflow can only read unless the workflow asks for more",
    severity="high",
    fix="Set the default workflow permissions of the organization to read",
)
def token_read_only(actions: OrganizationActions) -> Verdict:
    default = actions.workflow.default_workflow_permissions
    return passed() if default == "read" else failed(f"workflows get a token that may {default} by default")


@check(
    "github_org_workflows_cannot_approve",
    title="Workflows cannot approve pull requests",
    severity="high",
    fix="Do not let GitHub Actions create and approve pull requests, in the organization's Actions settings",
)
def cannot_approve(actions: OrganizationActions) -> Verdict:
    if actions.workflow.can_approve_pull_request_reviews:
        return failed("a workflow may give the approval that a pull request needs")
    return passed()
