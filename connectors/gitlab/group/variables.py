"""CI/CD variables of the group and of each project: their names and flags. GitLab answers with the values in clear."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.gitlab._sdk.calls import MAINTAINER, OWNER
from connectors.gitlab._sdk.client import GitLab
from connectors.gitlab._sdk.connector import gitlab

_GROUP_VARIABLES = "GET /api/v4/groups/{group}/variables"
_PROJECT_VARIABLES = "GET /api/v4/projects/{project}/variables"

# All that is kept of a variable: neither its value nor its description, in which values are found.
_KEPT = ("key", "variable_type", "protected", "masked", "hidden", "raw", "environment_scope")


@resource("gitlab.group.variable", key=("key", "environment_scope"))
class GroupVariable(Struct, frozen=True, kw_only=True):
    """A CI/CD variable of the group."""

    key: str
    protected: bool
    masked: bool
    environment_scope: str


@resource("gitlab.project.variable", key=("key", "environment_scope"))
class ProjectVariable(Struct, frozen=True, kw_only=True):
    """A CI/CD variable of a project."""

    key: str
    protected: bool
    masked: bool
    environment_scope: str


@gitlab.collects(GroupVariable, at="group", call=_GROUP_VARIABLES, permissions=OWNER)
def group_variables(client: GitLab) -> Iterator[Body]:
    for variable in client.pages(_GROUP_VARIABLES):
        yield {name: variable[name] for name in _KEPT if name in variable}


@gitlab.collects(ProjectVariable, at="project", call=_PROJECT_VARIABLES, permissions=MAINTAINER)
def project_variables(client: GitLab) -> Iterator[Body]:
    for variable in client.pages(_PROJECT_VARIABLES):
        yield {name: variable[name] for name in _KEPT if name in variable}
