"""The repositories of an organization with their settings: visibility, archived or not, secret scanning."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.resources import Body, resource
from connectors.github._sdk.client import GitHub
from connectors.github._sdk.connector import github
from connectors.github._sdk.settings import Settings

VOLATILE = (
    "forks",
    "forks_count",
    "network_count",
    "open_issues",
    "open_issues_count",
    "pushed_at",
    "size",
    "stargazers_count",
    "subscribers_count",
    "temp_clone_token",
    "updated_at",
    "watchers",
    "watchers_count",
)
"""Fields that change without a change of settings; as versions they would hide the changes of settings."""


class FeatureStatus(Struct, frozen=True, kw_only=True):
    """The state of a security feature: enabled or disabled."""

    status: str


class SecurityFeatures(Struct, frozen=True, kw_only=True):
    """The security features of a repository. None: GitHub leaves out a feature that the repository cannot have."""

    secret_scanning: FeatureStatus | None = None
    secret_scanning_push_protection: FeatureStatus | None = None


@resource("github.repo.repository", key="name", volatile=VOLATILE, redact=("temp_clone_token",))
class Repository(Struct, frozen=True, kw_only=True):
    """One repository, as `GET /orgs/{org}/repos` lists it."""

    name: str
    full_name: str
    private: bool
    fork: bool
    archived: bool
    visibility: str
    pushed_at: datetime | None  # None: nothing was ever pushed
    security_and_analysis: SecurityFeatures | None = (
        None  # left out or null: the credential may not administer the repository
    )


def _repository_to_collect(settings: Settings, body: Body) -> str | None:
    name: str = body["name"]
    return name if settings.wants(body) else None


@github.discovers(Repository, level="repository", below=_repository_to_collect)
@github.collects(Repository, at="organization", call="GET /orgs/{org}/repos", permissions="Repository Metadata: read")
def repositories(client: GitHub) -> Iterator[Body]:
    yield from client.pages("GET /orgs/{org}/repos", query={"type": "all", "sort": "full_name"})


@check(
    "github_repo_secret_scanning_enabled",
    title="Secret scanning and push protection are on",
    severity="high",
    fix="Turn on secret scanning and push protection for the repository, best by a security configuration",
)
def secret_scanning(repository: Repository) -> Verdict:
    if repository.archived:
        return not_applicable(f"{repository.name} is archived: nothing can be pushed to it")
    features = repository.security_and_analysis
    if features is None:
        return unknown(f"GitHub does not show the security settings of {repository.name} to this credential")
    off: list[str] = []
    unstated: list[str] = []
    for name, switch in (
        ("secret scanning", features.secret_scanning),
        ("push protection", features.secret_scanning_push_protection),
    ):
        if switch is None:
            unstated.append(name)
        elif switch.status != "enabled":
            off.append(name)
    if off:
        return failed(f"{' and '.join(off)} of {repository.name}: off")
    if unstated:
        return unknown(f"GitHub does not state {' and '.join(unstated)} of {repository.name}; its plan may lack it")
    return passed()


@check(
    "github_repo_visibility_approved",
    title="Every public repository is on the approved list",
    severity="high",
    fix="Make the repository private, or approve it and add its name to approved_public_repos",
)
def visibility(repository: Repository, *, approved_public_repos: tuple[str, ...] = ()) -> Verdict:
    if repository.visibility != "public":
        return passed(f"{repository.name} is {repository.visibility}")
    if repository.name in approved_public_repos or repository.full_name in approved_public_repos:
        return passed(f"{repository.name} is listed in approved_public_repos")
    return failed(f"{repository.name} is public and not listed in approved_public_repos")


@check(
    "github_repo_inactive_archived",
    title="Repositories that nobody works on are archived",
    severity="low",
    fix="Archive the repository, so that everybody sees that it is not kept up",
)
def inactive(repository: Repository, *, now: datetime, inactive_after: timedelta = timedelta(days=365)) -> Verdict:
    if repository.archived:
        return passed(f"{repository.name} is archived")
    if repository.pushed_at is None:
        return unknown(f"GitHub does not say when {repository.name} was last pushed to")
    age = now - repository.pushed_at
    age_text = f"{repository.name} was last pushed to {age.days} days ago"
    return passed(age_text) if age <= inactive_after else failed(f"{age_text}; {inactive_after.days} are allowed")
