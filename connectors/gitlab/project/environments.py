"""Environments that a project deploys to, and what protects them: of the project, or of a group above it (Premium)."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.gitlab._sdk.calls import MAINTAINER, PROJECT, REPORTER
from connectors.gitlab._sdk.client import GitLab
from connectors.gitlab._sdk.connector import gitlab
from connectors.gitlab._sdk.features import CI, ENVIRONMENTS, require_on
from connectors.gitlab._sdk.refusals import NOT_IN_PLAN
from connectors.gitlab.project.effective_protection import AccessLevel, beyond_maintainers

_ENVIRONMENTS = "GET /api/v4/projects/{project}/environments"
_PROTECTED = "GET /api/v4/projects/{project}/protected_environments"
_BY_GROUP = "GET /api/v4/groups/{ancestor}/protected_environments"

_PRODUCTION = "production"


class ApprovalNeeded(Struct, frozen=True, kw_only=True):
    """How many of some people must approve a deployment."""

    required_approvals: int


class EnvironmentRule(Struct, frozen=True, kw_only=True):
    """The protection of an environment by its name, or of all of a tier by the tier's name (groups)."""

    name: str
    deploy_access_levels: tuple[AccessLevel, ...]
    required_approval_count: int | None = None  # older than approval rules, and left out where these are used
    approval_rules: tuple[ApprovalNeeded, ...] = ()  # left out before GitLab 14.10, which had none

    def approvals(self) -> int:
        """Return how many approvals a deployment needs."""
        # One person may count for several rules.
        return max([self.required_approval_count or 0, *(rule.required_approvals for rule in self.approval_rules)])


class EnvironmentProtection(Struct, frozen=True, kw_only=True):
    """Every rule for an environment: all of them hold."""

    rules: tuple[EnvironmentRule, ...]


@resource("gitlab.project.environment", key="name", redact=(Redact("external_url"),), volatile=("updated_at",))
class Environment(Struct, frozen=True, kw_only=True):
    """An environment of a project."""

    name: str
    state: str
    tier: str
    archived: bool  # of the project
    # of the project; left out by the plan Free, which has no approvals of deployments
    allow_pipeline_trigger_approve_deployment: bool | None = None
    protection: EnvironmentProtection | None  # None: GitLab says that the plan is Free, which has none


@gitlab.collects(Environment, at="project", call=(_ENVIRONMENTS, PROJECT), permissions=REPORTER)
def environments(client: GitLab) -> Iterator[Body]:
    require_on(client, CI, ENVIRONMENTS)
    project = client.project()
    own_approval = "allow_pipeline_trigger_approve_deployment"
    for environment in client.pages(_ENVIRONMENTS):
        beside = {own_approval: project[own_approval]} if own_approval in project else {}
        yield {**environment, "archived": project["archived"], **beside}


@gitlab.part(
    Environment,
    "protection",
    call=(_PROTECTED, _BY_GROUP),
    permissions=(MAINTAINER, "read_api, role Maintainer in the groups above the project"),
    absent=NOT_IN_PLAN,
)
def protection(client: GitLab, environment: Body) -> Any:
    def ask() -> tuple[list[Body], list[Body]]:
        own = list(client.pages(_PROTECTED))
        parts = client.project_path.split("/")
        groups = ["/".join(parts[:end]) for end in range(1, len(parts))]
        return own, [rule for group in groups for rule in client.pages(_BY_GROUP, ancestor=group)]

    own, by_group = client.results.get("protected environments", lambda: client.in_plan(ask))
    rules = [rule for rule in own if rule["name"] == environment["name"]]
    return {"rules": [*rules, *(rule for rule in by_group if rule["name"] == environment["tier"])]}


@check(
    "gitlab_project_production_environment_protected",
    title="Production environments are protected",
    severity="medium",
    fix="Protect the environment: let Maintainers or named people deploy, and need an approval of somebody else",
)
def production_protected(
    environment: Environment,
    *,
    production_environments: tuple[str, ...] = (),
    allowed_deployers: tuple[str, ...] = (),
    min_approvals: int = 1,
) -> Verdict:
    name = environment.name
    if production_environments:
        if not any(fnmatchcase(name.lower(), pattern.lower()) for pattern in production_environments):
            return not_applicable(f"{name} is not taken for production: production_environments does not name it")
    elif environment.tier != _PRODUCTION:
        return not_applicable(f"{name} is not taken for production: its tier is {environment.tier}")
    if environment.archived:
        return not_applicable(f"{name}: the project is archived, and nothing can be released from it")
    if environment.state == "stopped":
        return not_applicable(f"{name} is stopped")
    if environment.protection is None:
        return unknown(f"{name}: the plan Free has no protected environments; what another tool protects is not seen")
    return _verdict(environment, environment.protection.rules, allowed_deployers, min_approvals)


def _verdict(
    environment: Environment, rules: tuple[EnvironmentRule, ...], allowed: tuple[str, ...], min_approvals: int
) -> Verdict:
    name = environment.name
    if not rules:
        return failed(f"{name} is not protected")
    # Whoever deploys must be let by each rule: the strictest of them decides.
    found = [beyond_maintainers(rule.deploy_access_levels, allowed) for rule in rules]
    problems, doubts = [], []
    if all(certain for certain, _ in found):
        problems.append(f"these may deploy to it: {', '.join(found[0][0])}")
    elif all(certain or unclear for certain, unclear in found):
        unclear = next(unclear for certain, unclear in found if not certain)
        doubts.append(f"whether {', '.join(unclear)} may deploy as less than a Maintainer is not shown")
    approvals = max(rule.approvals() for rule in rules)
    if approvals < min_approvals:
        problems.append(f"{approvals} approvals are needed; {min_approvals} are asked for")
    elif environment.allow_pipeline_trigger_approve_deployment:
        problems.append("whoever starts a deployment may approve it")
    elif environment.allow_pipeline_trigger_approve_deployment is None:
        doubts.append("whether whoever starts a deployment may approve it is not shown")
    if problems:
        return failed(f"{name}: {'; '.join(problems)}")
    if doubts:
        return unknown(f"{name}: {'; '.join(doubts)}; allowed_deployers names those who may")
    return passed(f"{name} needs {approvals} approvals, and is not for everybody to deploy to")
