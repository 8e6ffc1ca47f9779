"""Self-hosted runners of the organization and of single repositories, and the groups that say who may use them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.resources import Body, resource
from connectors.github._sdk.client import REPOSITORY, GitHub, hidden_list
from connectors.github._sdk.connector import github

_RUNNERS = "Organization Self-hosted runners: read"
_OF_REPOSITORY = "GET /repos/{owner}/{repo}/actions/runners"
_MAX_NAMED = 5


@resource("github.org.runner", key="id", volatile=("status", "busy", "version"))
class Runner(Struct, frozen=True, kw_only=True):
    """A self-hosted runner of the organization. An ephemeral one is listed only while it is up."""

    id: int
    name: str
    os: str
    runner_group_id: int | None = None  # GitHub documents it as optional


@resource("github.org.runner_group", key="id")
class RunnerGroup(Struct, frozen=True, kw_only=True):
    """A group of runners, and whether public repositories may use it. Runners of the enterprise are not listed."""

    id: int
    name: str
    inherited: bool  # from the enterprise
    allows_public_repositories: bool


class RepositoryRunner(Struct, frozen=True, kw_only=True):
    """A self-hosted runner that is registered with one repository."""

    id: int
    name: str


@resource("github.repo.runner")
class RepositoryRunners(Struct, frozen=True, kw_only=True):
    """The self-hosted runners that are registered with a repository, and whether it is public."""

    full_name: str
    private: bool
    runners: tuple[RepositoryRunner, ...]


@github.collects(Runner, at="organization", call="GET /orgs/{org}/actions/runners", permissions=_RUNNERS)
def runners(client: GitHub) -> Iterator[Body]:
    yield from client.pages("GET /orgs/{org}/actions/runners", "runners")


@github.collects(RunnerGroup, at="organization", call="GET /orgs/{org}/actions/runner-groups", permissions=_RUNNERS)
def runner_groups(client: GitHub) -> Iterator[Body]:
    listed = 0
    for group in client.pages("GET /orgs/{org}/actions/runner-groups", "runner_groups"):
        listed += isinstance(group, dict)
        yield group
    if not listed:
        raise hidden_list(f"{client.organization} has no runner group, and not even the default one")


@github.collects(RepositoryRunners, at="repository", call=REPOSITORY, permissions="Repository Metadata: read")
def repository_runners(client: GitHub) -> Iterator[Body]:
    repository = client.repository_details()
    yield {"full_name": repository["full_name"], "private": repository["private"]}


@github.part(RepositoryRunners, "runners", call=_OF_REPOSITORY, permissions="Repository Administration: read")
def runners_of_repository(client: GitHub, _body: Body) -> Any:
    return [
        {"id": runner["id"], "name": runner["name"], "os": runner["os"]}
        for runner in client.pages(_OF_REPOSITORY, "runners")
        if isinstance(runner, dict)
    ]


@check(
    "github_org_runner_groups_not_public",
    title="No group of self-hosted runners is open to public repositories",
    severity="high",
    fix="Turn off public repositories in the runner group: anybody's pull request could run on your machine",
)
def groups_not_public(group: RunnerGroup, runners: All[Runner]) -> Verdict:
    if not group.allows_public_repositories:
        return passed()
    if group.inherited:
        return failed(f"the runner group {group.name}, inherited from the enterprise, serves public repositories")
    count = sum(runner.runner_group_id in (group.id, None) for runner in runners)
    if count:
        return failed(f"the runner group {group.name} serves public repositories, with {count} runners in it")
    return unknown(
        f"the runner group {group.name} is open to public repositories; it has no runner now, "
        "and ephemeral ones are listed only while they are up"
    )


@check(
    "github_repo_runners_not_public",
    title="No self-hosted runner is registered with a public repository",
    severity="high",
    fix="Remove the runner from the repository, or make the repository private: anybody's pull request could run on it",
)
def runners_not_public(registered: RepositoryRunners) -> Verdict:
    if registered.private:
        return passed(f"{registered.full_name} is not public")
    names = [runner.name for runner in registered.runners]
    if not names:
        return passed(f"no self-hosted runner is registered with {registered.full_name} now")
    rest = f" and {len(names) - _MAX_NAMED:,} more" if len(names) > _MAX_NAMED else ""
    return failed(f"{registered.full_name} is public, and has runners: {', '.join(names[:_MAX_NAMED])}{rest}")
