"""The projects of a group and its subgroups, which are the scopes below it, and those that were shared with it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.checks import The, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.connectors import Below
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.gitlab._sdk.calls import GUEST, OWN_ROLE, USER
from connectors.gitlab._sdk.client import GitLab
from connectors.gitlab._sdk.connector import gitlab
from connectors.gitlab._sdk.roles import GUEST as GUEST_LEVEL
from connectors.gitlab._sdk.settings import Settings
from connectors.gitlab.group.settings import Group

_PROJECTS = "GET /api/v4/groups/{group}/projects"
_SHARED = "GET /api/v4/groups/{group}/projects/shared"

_SECRETS = (Redact("runners_token"), Redact("import_url"), Redact("service_desk_address"), Redact("import_error"))
_VOLATILE = (
    "forks_count",
    "last_activity_at",
    "open_issues_count",
    "star_count",
    "updated_at",
)


@resource("gitlab.project.project", key="path_with_namespace", redact=_SECRETS, volatile=_VOLATILE)
class Project(Struct, frozen=True, kw_only=True):
    """A project of the group or of a group below it; its path has the names of all of them."""

    path_with_namespace: str
    archived: bool
    empty_repo: bool
    visibility: str
    only_allow_merge_if_pipeline_succeeds: bool
    # null: never set, which GitLab documents as off
    allow_merge_on_skipped_pipeline: bool | None


@resource("gitlab.group.shared_project", key="path_with_namespace", redact=_SECRETS, volatile=_VOLATILE)
class SharedProject(Struct, frozen=True, kw_only=True):
    """A project of another group that was shared with this one: its members may enter it."""

    path_with_namespace: str
    visibility: str


def _selected(settings: Settings, body: Body) -> Below:
    return str(body["path_with_namespace"]) if settings.wants(body) else None


@gitlab.discovers(Project, level="project", below=_selected)
@gitlab.collects(Project, at="group", call=(_PROJECTS, USER, OWN_ROLE), permissions=GUEST)
def projects(client: GitLab) -> Iterator[Body]:
    client.require_role(GUEST_LEVEL, "GitLab lists only public projects to those who are no members")
    # Projects of other groups are listed apart; archived ones are listed by default.
    query = {"include_subgroups": True, "with_shared": False, "order_by": "id", "sort": "asc"}
    yield from client.pages(_PROJECTS, query)


@gitlab.collects(SharedProject, at="group", call=(_SHARED, USER, OWN_ROLE), permissions=GUEST)
def shared_projects(client: GitLab) -> Iterator[Body]:
    client.require_role(GUEST_LEVEL, "GitLab lists only public projects to those who are no members")
    yield from client.pages(_SHARED, {"order_by": "id", "sort": "asc"})


@check(
    "gitlab_project_visibility_approved",
    title="Public projects are approved",
    severity="high",
    fix="Make the project private, or approve it and add its path to approved_public_projects",
)
def visibility_approved(project: Project, *, approved_public_projects: tuple[str, ...] = ()) -> Verdict:
    path = project.path_with_namespace
    if project.visibility != "public":
        return passed(f"{path} is {project.visibility}")
    if path.lower() in {approved.lower() for approved in approved_public_projects}:
        return passed(f"{path} is public, and listed in approved_public_projects")
    return failed(f"{path} is public, and not listed in approved_public_projects")


@check(
    "gitlab_project_pipeline_must_succeed",
    title="Pipelines must succeed before merge",
    severity="medium",
    fix="Turn on Pipelines must succeed, and do not take skipped pipelines for successful ones",
)
def pipeline_must_succeed(project: Project, group: The[Group]) -> Verdict:
    path = project.path_with_namespace
    if project.archived:
        return not_applicable(f"{path} is archived: nothing can be merged into it")
    by_project = project.only_allow_merge_if_pipeline_succeeds
    by_group = bool(group.only_allow_merge_if_pipeline_succeeds)
    if not by_project and not by_group:
        return failed(f"{path}: a merge request can be merged although its pipeline failed")
    whose = path if by_project else group.full_path
    skips = [
        bool(where.allow_merge_on_skipped_pipeline)
        for where, in_force in ((project, by_project), (group, by_group))
        if in_force
    ]
    if all(skips):
        return failed(f"{path}: a skipped pipeline counts as one that succeeded, by the settings of {whose}")
    if any(skips) or project.allow_merge_on_skipped_pipeline:
        return unknown(
            f"{path}: its settings and those of {group.full_path} differ in whether a skipped pipeline counts as one "
            "that succeeded, and which of them holds is not documented"
        )
    return passed(f"{path}: a pipeline must succeed, by the settings of {whose}")
