"""Self-hosted runners of the organization, and the groups that say which repositories may use them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed
from collector.core.resources import Body, resource
from connectors.github._sdk.client import GitHub
from connectors.github._sdk.connector import github

_RUNNERS = "Organization Self-hosted runners: read"


@resource("github.org.runner", key="id", volatile=("status", "busy", "version"))
class Runner(Struct, frozen=True, kw_only=True):
    """A self-hosted runner of the organization."""

    id: int
    name: str
    os: str


@resource("github.org.runner_group", key="id")
class RunnerGroup(Struct, frozen=True, kw_only=True):
    """A group of runners, and whether public repositories may use it."""

    id: int
    name: str
    allows_public_repositories: bool


@github.collects(Runner, at="organization", call="GET /orgs/{org}/actions/runners", permissions=_RUNNERS)
def runners(client: GitHub) -> Iterator[Body]:
    yield from client.pages("GET /orgs/{org}/actions/runners", "runners")


@github.collects(RunnerGroup, at="organization", call="GET /orgs/{org}/actions/runner-groups", permissions=_RUNNERS)
def runner_groups(client: GitHub) -> Iterator[Body]:
    yield from client.pages("GET /orgs/{org}/actions/runner-groups", "runner_groups")


@check(
    "github_org_runner_groups_not_public",
    title="Self-hosted runners do not serve public repositories",
    severity="high",
    fix="Turn off public repositories in the runner group: anybody's pull request could run on your machine",
)
def groups_not_public(group: RunnerGroup, runners: All[Runner]) -> Verdict:
    if not group.allows_public_repositories:
        return passed()
    if not any(True for _ in runners):
        return not_applicable("the organization has no self-hosted runner")
    return failed(f"the runner group {group.name} serves public repositories")
