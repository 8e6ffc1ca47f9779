"""The rules of protected branches, of a project and of the groups above it."""

from __future__ import annotations

from collections.abc import Iterator

from collector.core.resources import Body, resource
from connectors.gitlab._sdk.calls import MAINTAINER
from connectors.gitlab._sdk.client import GitLab
from connectors.gitlab._sdk.connector import gitlab
from connectors.gitlab.project.effective_protection import BranchRule

_RULES = "GET /api/v4/projects/{project}/protected_branches"


@resource("gitlab.project.protected_branch", key="id")
class ProtectedBranch(BranchRule, frozen=True, kw_only=True):
    """A rule for the branches of one name or pattern; a group's has `inherited`."""

    id: int


@gitlab.collects(ProtectedBranch, at="project", call=_RULES, permissions=MAINTAINER)
def protected_branches(client: GitLab) -> Iterator[Body]:
    yield from client.pages(_RULES)
