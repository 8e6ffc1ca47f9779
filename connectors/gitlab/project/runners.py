"""Runners of one project and of the group: machines that run what is in merge requests and branches."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.gitlab._sdk.calls import MAINTAINER, OWNER
from connectors.gitlab._sdk.client import GitLab
from connectors.gitlab._sdk.connector import gitlab

_PROJECT_RUNNERS = "GET /api/v4/projects/{project}/runners"
_GROUP_RUNNERS = "GET /api/v4/groups/{group}/runners"

_REDACTED = (Redact("ip_address"), Redact("token"))
_VOLATILE = ("online", "status", "ip_address")


@resource("gitlab.project.runner", key="id", redact=_REDACTED, volatile=_VOLATILE)
class ProjectRunner(Struct, frozen=True, kw_only=True):
    """A runner of the project's own."""

    id: int
    runner_type: str
    paused: bool


@resource("gitlab.group.runner", key="id", redact=_REDACTED, volatile=_VOLATILE)
class GroupRunner(Struct, frozen=True, kw_only=True):
    """A runner of the group's own, for all of its projects."""

    id: int
    runner_type: str
    paused: bool


@gitlab.collects(ProjectRunner, at="project", call=_PROJECT_RUNNERS, permissions=MAINTAINER)
def project_runners(client: GitLab) -> Iterator[Body]:
    # Those of the instance are in every list; on GitLab.com they are GitLab's own.
    yield from client.pages(_PROJECT_RUNNERS, {"type": "project_type"})


@gitlab.collects(GroupRunner, at="group", call=_GROUP_RUNNERS, permissions=OWNER)
def group_runners(client: GitLab) -> Iterator[Body]:
    yield from client.pages(_GROUP_RUNNERS, {"type": "group_type"})
