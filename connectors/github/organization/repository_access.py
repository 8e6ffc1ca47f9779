"""Access to repositories: teams with members and repositories, collaborators and teams of each repository."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.people import Person
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.github._sdk.client import GitHub, hidden_list
from connectors.github._sdk.connector import github
from connectors.github._sdk.people import BY_TYPE

_TEAMS = "Organization Members: read"
_ADMIN = "Repository Administration: read"


@resource("github.org.team", key="slug")
class Team(Struct, frozen=True, kw_only=True):
    """A team with its members and their roles, and its repositories with the role and permissions on each."""

    slug: str
    members: tuple[dict[str, Any], ...]
    repositories: tuple[dict[str, Any], ...]


class CollaboratorPermissions(Struct, frozen=True, kw_only=True):
    """The permissions of a person on a repository, from all grants together."""

    admin: bool


@resource(
    "github.repo.collaborator",
    key="login",
    redact=(Redact("email", keep="domain"),),
    person=Person(id="id", name="login", mail="email", account=BY_TYPE),
)
class Collaborator(Struct, frozen=True, kw_only=True):
    """A person with access to the repository: directly, through a team, or as an owner of the organization."""

    login: str
    role_name: str
    permissions: CollaboratorPermissions


@resource("github.repo.team", key="slug")
class RepositoryTeam(Struct, frozen=True, kw_only=True):
    """A team with access to the repository."""

    slug: str
    permission: str


@github.collects(Team, at="organization", call="GET /orgs/{org}/teams", permissions=_TEAMS)
def teams(client: GitHub) -> Iterator[Body]:
    yield from client.pages("GET /orgs/{org}/teams")


@github.part(Team, "members", call="GET /orgs/{org}/teams/{team_slug}/members", permissions=_TEAMS)
def team_members(client: GitHub, team: Body) -> Any:
    placeholders = {"team_slug": team["slug"]}
    return [
        {"login": member["login"], "id": member["id"], "role": role}
        for role in ("maintainer", "member")
        for member in client.pages(
            "GET /orgs/{org}/teams/{team_slug}/members", placeholders=placeholders, query={"role": role}
        )
    ]


@github.part(Team, "repositories", call="GET /orgs/{org}/teams/{team_slug}/repos", permissions=_TEAMS)
def team_repositories(client: GitHub, team: Body) -> Any:
    # Only names and permissions: the rest of a repository changes with every push, and would change the team with it.
    return [
        {
            "full_name": repository["full_name"],
            "role_name": repository.get("role_name"),
            "permissions": repository.get("permissions"),
        }
        for repository in client.pages(
            "GET /orgs/{org}/teams/{team_slug}/repos", placeholders={"team_slug": team["slug"]}
        )
    ]


@github.collects(Collaborator, at="repository", call="GET /repos/{owner}/{repo}/collaborators", permissions=_ADMIN)
def collaborators(client: GitHub) -> Iterator[Body]:
    listed = 0
    for person in client.pages("GET /repos/{owner}/{repo}/collaborators", query={"affiliation": "all"}):
        listed += 1
        yield person
    if not listed:
        raise hidden_list(f"{client.full_name} has no collaborator, and not even an owner of the organization")


@github.collects(RepositoryTeam, at="repository", call="GET /repos/{owner}/{repo}/teams", permissions=_ADMIN)
def repository_teams(client: GitHub) -> Iterator[Body]:
    yield from client.pages("GET /repos/{owner}/{repo}/teams")


@check(
    "github_repo_admin_count_limited",
    title="No more people than the limit administer the repository",
    severity="medium",
    fix="Lower the role of those who do not need it, in the repository or in the team that gives it",
)
def admin_count(people: All[Collaborator], *, max_admins: int = 5) -> Verdict:
    admins = sorted(person.login for person in people if person.permissions.admin)
    if not admins:
        return unknown("the list of people shows nobody who administers the repository, and somebody always does")
    summary = f"{len(admins)} administer the repository ({', '.join(admins[:10])}); {max_admins} are allowed"
    return passed(summary) if len(admins) <= max_admins else failed(summary)
