"""Secrets and variables of GitHub Actions: names and dates. GitHub shows the value of a secret to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed
from collector.core.resources import Body, resource
from connectors.github._sdk.client import GitHub
from connectors.github._sdk.connector import github

_SECRETS = "GET /orgs/{org}/actions/secrets"


@resource("github.org.actions_secret", key="name")
class OrganizationSecret(Struct, frozen=True, kw_only=True):
    """A secret of the organization for workflows: its name and when it was set."""

    name: str
    updated_at: datetime


@resource("github.org.actions_variable", key="name", redact=("value",))
class OrganizationVariable(Struct, frozen=True, kw_only=True):
    """A variable of the organization for workflows; its value is redacted."""

    name: str
    updated_at: datetime


@resource("github.repo.actions_secret", key="name")
class RepositorySecret(Struct, frozen=True, kw_only=True):
    """A secret of one repository for workflows."""

    name: str
    updated_at: datetime


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
    old = sorted(secret.name for secret in shared if now - secret.updated_at > max_age)
    if old:
        return failed(_old_secrets_text(old, max_age))
    any_repository_secret = False
    for scope, secret in single.scoped():
        any_repository_secret = True
        if now - secret.updated_at > max_age:
            old.append(f"{scope[-1]}/{secret.name}")
    if old:
        return failed(_old_secrets_text(sorted(old), max_age))
    return (
        passed("secrets of environments are not looked at")
        if any_repository_secret or any(True for _ in shared)
        else not_applicable(
            "neither the organization nor a repository has a secret for workflows; environments are not looked at"
        )
    )


def _old_secrets_text(names: list[str], max_age: timedelta) -> str:
    rest = f" and {len(names) - 10} more" if len(names) > 10 else ""  # noqa: PLR2004  a line a person reads
    return f"not set anew for more than {max_age.days} days: {', '.join(names[:10])}{rest}"
