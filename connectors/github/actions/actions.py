"""GitHub Actions: what may run, with which rights, and the names of what it is trusted with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed
from collector.core.errors import ConnectorError
from collector.core.resources import Body, resource
from connectors.github._sdk.client import GitHub
from connectors.github._sdk.connector import github

_ADMIN = "Organization Administration: read"
_SECRETS = "GET /orgs/{org}/actions/secrets"
_NOT_SELECTED = "allowed_actions is not selected"


class SelectedActions(Struct, frozen=True, kw_only=True):
    """Which actions may run beside the organization's own."""

    github_owned_allowed: bool
    verified_allowed: bool
    patterns_allowed: tuple[str, ...]


class WorkflowToken(Struct, frozen=True, kw_only=True):
    """What the token of a workflow may do unless the workflow says otherwise."""

    default_workflow_permissions: str
    can_approve_pull_request_reviews: bool


@resource("github.org.actions_permission")
class OrganizationActions(Struct, frozen=True, kw_only=True):
    """What the organization lets its workflows do."""

    enabled_repositories: str
    workflow: WorkflowToken
    selected_actions: SelectedActions | None  # None: GitHub says that it is not by selection that actions are allowed
    allowed_actions: str | None = None  # left out: actions are off


@resource("github.repo.actions_permission")
class RepositoryActions(Struct, frozen=True, kw_only=True):
    """What a repository lets its workflows do."""

    enabled: bool
    workflow: WorkflowToken


@resource("github.org.actions_secret", key="name")
class OrganizationSecret(Struct, frozen=True, kw_only=True):
    """A secret that workflows get: its name and when it was set. GitHub tells its value to nobody."""

    name: str
    updated_at: datetime


@resource("github.org.actions_variable", key="name", redact=("value",))
class OrganizationVariable(Struct, frozen=True, kw_only=True):
    """A variable that workflows get."""

    name: str
    updated_at: datetime


@resource("github.repo.actions_secret", key="name")
class RepositorySecret(Struct, frozen=True, kw_only=True):
    """A secret of one repository."""

    name: str
    updated_at: datetime


@github.collects(OrganizationActions, at="organization", call="GET /orgs/{org}/actions/permissions", permissions=_ADMIN)
def organization_actions(client: GitHub) -> Iterator[Body]:
    yield client.ask("GET /orgs/{org}/actions/permissions")


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
    return client.ask("GET /orgs/{org}/actions/permissions/selected-actions")


@github.part(OrganizationActions, "workflow", call="GET /orgs/{org}/actions/permissions/workflow", permissions=_ADMIN)
def organization_token(client: GitHub, _settings: Body) -> Any:
    return client.ask("GET /orgs/{org}/actions/permissions/workflow")


@github.collects(
    RepositoryActions,
    at="repository",
    call="GET /repos/{owner}/{repo}/actions/permissions",
    permissions="Repository Administration: read",
)
def repository_actions(client: GitHub) -> Iterator[Body]:
    yield client.ask("GET /repos/{owner}/{repo}/actions/permissions")


@github.part(
    RepositoryActions,
    "workflow",
    call="GET /repos/{owner}/{repo}/actions/permissions/workflow",
    permissions="Repository Administration: read",
)
def repository_token(client: GitHub, _settings: Body) -> Any:
    return client.ask("GET /repos/{owner}/{repo}/actions/permissions/workflow")


@github.collects(OrganizationSecret, at="organization", call=_SECRETS, permissions="Organization Secrets: read")
def organization_secrets(client: GitHub) -> Iterator[Body]:
    yield from client.pages(_SECRETS, "secrets")


@github.collects(
    OrganizationVariable,
    at="organization",
    call="GET /orgs/{org}/actions/variables",
    permissions="Organization Variables: read",
)
def organization_variables(client: GitHub) -> Iterator[Body]:
    # GitHub gives at most 30 variables a page.
    yield from client.pages("GET /orgs/{org}/actions/variables", "variables", query={"per_page": 30})


@github.collects(
    RepositorySecret,
    at="repository",
    call="GET /repos/{owner}/{repo}/actions/secrets",
    permissions="Repository Secrets: read",
)
def repository_secrets(client: GitHub) -> Iterator[Body]:
    yield from client.pages("GET /repos/{owner}/{repo}/actions/secrets", "secrets")


@check(
    "github_org_actions_restricted",
    title="Only approved actions may run",
    severity="medium",
    fix="Allow the organization's own actions and a list of others, in the Actions policies of the organization",
)
def actions_restricted(actions: OrganizationActions) -> Verdict:
    if actions.enabled_repositories == "none":
        return not_applicable("GitHub Actions is off for every repository of the organization")
    if actions.allowed_actions == "local_only":
        return passed("only actions of the organization itself may run")
    if actions.allowed_actions != "selected" or actions.selected_actions is None:
        return failed(f"allowed actions: {actions.allowed_actions or 'not stated, which is all'}")
    wide = [one for one in actions.selected_actions.patterns_allowed if one.strip() in ("*", "*/*", "**")]
    if wide:
        return failed(f"the selection allows everything, by the pattern {wide[0]}")
    return passed(f"a selection of {len(actions.selected_actions.patterns_allowed)} patterns may run")


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


@check(
    "github_org_secrets_rotated",
    title="Secrets of workflows are not older than the limit",
    severity="medium",
    fix="Set a new value, or do without the secret by signing in to the target with OpenID Connect",
    over="organization",
)
def secrets_rotated(
    shared: All[OrganizationSecret],
    single: All[RepositorySecret],
    *,
    now: datetime,
    max_age: timedelta = timedelta(days=365),
) -> Verdict:
    old = sorted(one.name for one in shared if now - one.updated_at > max_age)
    if old:
        return failed(_old(old, max_age))
    there = False
    for scope, one in single.scoped():
        there = True
        if now - one.updated_at > max_age:
            old.append(f"{scope[-1]}/{one.name}")
    if old:
        return failed(_old(sorted(old), max_age))
    return passed() if there or any(True for _ in shared) else not_applicable("there is no secret of a workflow")


def _old(names: list[str], max_age: timedelta) -> str:
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""  # noqa: PLR2004  a line a person reads
    return f"not set anew for more than {max_age.days} days: {', '.join(names[:10])}{more}"
