"""Environments with their protection rules, and deployments to them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.github._sdk.client import GitHub
from connectors.github._sdk.connector import github


class ProtectionRule(Struct, frozen=True, kw_only=True):
    """A rule that must be met before a deployment proceeds."""

    type: str
    prevent_self_review: bool = False  # of required reviewers only
    reviewers: tuple[dict[str, Any], ...] = ()  # the same


@resource("github.repo.environment", key="name")
class Environment(Struct, frozen=True, kw_only=True):
    """An environment that the repository deploys to."""

    name: str
    protection_rules: tuple[ProtectionRule, ...] = ()  # left out: there are none
    deployment_branch_policy: dict[str, Any] | None = None  # null: every branch may be deployed


@resource("github.repo.deployment", key="id", redact=(Redact("payload"),), volatile=("updated_at",))
class Deployment(Struct, frozen=True, kw_only=True):
    """A deployment to an environment."""

    id: int
    environment: str
    created_at: datetime


@github.collects(
    Environment,
    at="repository",
    call="GET /repos/{owner}/{repo}/environments",
    permissions="Repository Actions: read",
)
def environments(client: GitHub) -> Iterator[Body]:
    yield from client.pages("GET /repos/{owner}/{repo}/environments", "environments")


@github.collects(
    Deployment,
    at="repository",
    call="GET /repos/{owner}/{repo}/deployments",
    permissions="Repository Deployments: read",
)
def deployments(client: GitHub) -> Iterator[Body]:
    for body in client.pages("GET /repos/{owner}/{repo}/deployments"):
        # The newest come first, by GitHub's documentation.
        if datetime.fromisoformat(body["created_at"]) < client.now() - client.settings.window:
            return
        yield body


@check(
    "github_repo_production_environment_protected",
    title="A release to production needs the approval of somebody else",
    severity="medium",
    fix="Give the environment required reviewers, prevent self-review, and limit the branches that may be deployed",
)
def production_protected(environment: Environment, *, env_pattern: str = "prod") -> Verdict:
    if env_pattern.lower() not in environment.name.lower():
        return not_applicable(f"{environment.name} is no production environment by the pattern {env_pattern}")
    reviews = [rule for rule in environment.protection_rules if rule.type == "required_reviewers" and rule.reviewers]
    problems = []
    if not reviews:
        problems.append("has no required reviewers")
    elif not any(rule.prevent_self_review for rule in reviews):
        problems.append("lets people approve their own release")
    if environment.deployment_branch_policy is None:
        problems.append("takes releases from every branch")
    return failed(f"{environment.name} {', '.join(problems)}") if problems else passed()
