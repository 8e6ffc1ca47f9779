"""Environments with their protection rules, and deployments to them."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.errors import ConnectorError
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from collector.core.wire import Total
from connectors.github._sdk.client import REPOSITORY, GitHub
from connectors.github._sdk.connector import github

_BRANCHES = "GET /repos/{owner}/{repo}/branches"
_POLICIES = "GET /repos/{owner}/{repo}/environments/{environment_name}/deployment-branch-policies"
_NO_POLICY = "no policy"
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
"""A word of a name: letters of one kind, or small ones after a capital, as in euProduction."""
_OPPOSITES = frozenset({"no", "non", "not", "pre"})
_PRODUCTION_WORDS = ("prod", "production", "prd", "live", "release")
_UNRELATED = ("main", "fix-42", "q", "Wip_of_somebody")
"""Names of branches that have nothing in common."""


class ProtectionRule(Struct, frozen=True, kw_only=True):
    """A rule that must be met before a deployment proceeds."""

    type: str
    prevent_self_review: bool = False  # of required reviewers only
    reviewers: tuple[dict[str, Any], ...] = ()  # the same


class BranchPolicy(Struct, frozen=True, kw_only=True):
    """Which branches may be deployed: those that are protected, or those of the environment's patterns."""

    protected_branches: bool = False
    custom_branch_policies: bool = False


class NamedBranch(Struct, frozen=True, kw_only=True):
    """The name of a branch or of a tag, or a pattern of names."""

    name: str
    type: str | None = None  # branch or tag; None: a branch, or evidence without it


class Deployable(Struct, frozen=True, kw_only=True):
    """What a policy of branches depends on: one protected branch where there is any, or the patterns of names."""

    protected: tuple[NamedBranch, ...] | None = None  # None: the policy does not ask for it
    patterns: tuple[NamedBranch, ...] | None = None  # the same


@resource("github.repo.environment", key="name")
class Environment(Struct, frozen=True, kw_only=True):
    """An environment that the repository deploys to."""

    name: str
    protection_rules: tuple[ProtectionRule, ...] = ()  # left out: there are none
    deployment_branch_policy: BranchPolicy | None = None  # null: every branch may be deployed
    can_admins_bypass: bool | None = None  # None: GitHub does not show it
    archived: bool = False  # of the repository
    deployable: Deployable | None = None  # None: the policy limits nothing, or evidence from before this was collected


@resource("github.repo.deployment", key="id", redact=(Redact("payload"),), volatile=("updated_at",))
class Deployment(Struct, frozen=True, kw_only=True):
    """A deployment to an environment."""

    id: int
    environment: str
    created_at: datetime


@github.collects(
    Environment,
    at="repository",
    call=("GET /repos/{owner}/{repo}/environments", REPOSITORY),
    permissions="Repository Actions: read",
)
def environments(client: GitHub) -> Iterator[Body | Total]:
    archived = client.repository_details()["archived"]
    for item in client.pages("GET /repos/{owner}/{repo}/environments", "environments"):
        yield item if isinstance(item, Total) else {**item, "archived": archived}


@github.part(
    Environment,
    "deployable",
    call=(_BRANCHES, _POLICIES),
    permissions=("Repository Contents: read", "Repository Actions: read"),
    absent=_NO_POLICY,
)
def deployable(client: GitHub, environment: Body) -> Any:
    policy = environment.get("deployment_branch_policy")
    if policy is None:
        raise ConnectorError("the environment takes releases from every branch", code=_NO_POLICY)
    if policy["protected_branches"]:
        query = {"protected": "true", "per_page": 1}
        branches = client.results.get("a protected branch", lambda: client.request(_BRANCHES, query=query))
        return {"protected": [{"name": branch["name"]} for branch in branches[:1]]}
    listed = client.pages(_POLICIES, "branch_policies", placeholders={"environment_name": environment["name"]})
    kept = ("name", "type")
    return {
        "patterns": [
            {name: item[name] for name in kept if name in item} for item in listed if not isinstance(item, Total)
        ]
    }


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
    fix="Give the environment required reviewers, prevent self-review, and let administrators not bypass its rules",
)
def production_protected(
    environment: Environment,
    *,
    production_environments: tuple[str, ...] = (),
    production_words: tuple[str, ...] = _PRODUCTION_WORDS,
    env_pattern: str = "",
) -> Verdict:
    words = (*production_words, env_pattern) if env_pattern else production_words
    subject, nothing = _production(environment, production_environments, words)
    if nothing is not None:
        return nothing
    problems = _problems(environment)
    if problems:
        return failed(f"{subject} {', '.join(problems)}")
    if environment.can_admins_bypass is None:
        return unknown(f"{subject} has what it needs, but GitHub does not show whether administrators may bypass it")
    return passed(f"{subject} needs the approval of somebody else")


@check(
    "github_repo_production_environment_branches_limited",
    title="Only certain branches can be released to production",
    severity="medium",
    fix="Limit the branches of the environment to protected ones, and protect them, or to patterns of certain names",
)
def production_branches_limited(
    environment: Environment,
    *,
    production_environments: tuple[str, ...] = (),
    production_words: tuple[str, ...] = _PRODUCTION_WORDS,
    guarded_names: tuple[str, ...] = (),
) -> Verdict:
    subject, nothing = _production(environment, production_environments, production_words)
    if nothing is not None:
        return nothing
    if environment.deployment_branch_policy is None:
        return failed(f"{subject} takes releases from every branch")
    known = environment.deployable
    if known is None:
        return unknown(f"{subject} limits its branches, but to which is not in the evidence: scan again")
    if known.protected == ():
        return failed(f"{subject} takes releases from every branch, as none is protected")
    if known.protected is not None:
        return passed(f"{subject} takes releases from protected branches only")
    return _verdict_on_patterns(subject, known.patterns or (), guarded_names)


def _verdict_on_patterns(subject: str, patterns: tuple[NamedBranch, ...], guarded: tuple[str, ...]) -> Verdict:
    names = [item.name for item in patterns]
    for name in names:
        if _takes_all(name):
            return failed(f"{subject} takes releases from every branch, by the pattern {name}")
    if all(any(fnmatch.fnmatchcase(branch, name) for name in names) for branch in _UNRELATED):
        return failed(f"{subject} takes releases from every branch, by the patterns {', '.join(names[:10])} together")
    # Whoever may write makes a branch of any such name, or a tag on any commit, unless a ruleset keeps them from it.
    free = [item.name for item in patterns if _is_free(item) and item.name not in guarded]
    if free:
        return unknown(
            f"{subject} takes releases from {', '.join(free[:10])}: who may make a branch or a tag of such a name was "
            "not read; guarded_names has those that a ruleset keeps"
        )
    return passed(f"{subject} takes releases from {', '.join(names[:10]) or 'no branch'}")


def _production(
    environment: Environment, patterns: tuple[str, ...], words: tuple[str, ...]
) -> tuple[str, Verdict | None]:
    """Return how reasons name an environment of production, and the verdict where there is nothing to judge."""
    name = environment.name
    taken_by = _production_by(name, patterns, words)
    if taken_by is None:
        rule, wanted = ("production_environments", patterns) if patterns else ("production_words", words)
        return name, not_applicable(f"{name} is not taken for production: {rule} are {', '.join(wanted)}")
    if environment.archived:
        return name, not_applicable(f"{name}: the repository is archived, and nothing can be released from it")
    return f"{name}, taken for production by {taken_by},", None


def _problems(environment: Environment) -> list[str]:
    reviews = [rule for rule in environment.protection_rules if rule.type == "required_reviewers" and rule.reviewers]
    problems = []
    if not reviews:
        problems.append("has no required reviewers")
    elif not any(rule.prevent_self_review for rule in reviews):
        problems.append("lets people approve their own release")
    if environment.can_admins_bypass:
        problems.append("lets administrators bypass its rules")
    return problems


def _is_free(item: NamedBranch) -> bool:
    """Whether a name may be that of something new: of a tag, or of any branch that a pattern matches."""
    return item.type == "tag" or any(letter in item.name for letter in "*?[")


def _takes_all(pattern: str) -> bool:
    """Return whether unrelated names match a pattern. A star crosses no slash on GitHub, and here it may."""
    return all(fnmatch.fnmatchcase(name, pattern) for name in _UNRELATED) or set(pattern) <= {"*", "/"}


def _production_by(name: str, patterns: tuple[str, ...], words: tuple[str, ...]) -> str | None:
    """Return what says that an environment is production; None where nothing does.

    Patterns are the operator's, of whole names, and decide alone where there are any. Words are compared with the whole
    words of a name, other than one that the word before it turns into its opposite, as in pre-prod.
    """
    if patterns:
        matching = (pattern for pattern in patterns if fnmatch.fnmatchcase(name.lower(), pattern.lower()))
        return next((f"the pattern {pattern}" for pattern in matching), None)
    parts = [part.lower() for part in _WORD.findall(name)]
    wanted = {word.lower() for word in words}
    for before, part in pairwise(["", *parts]):
        if part in wanted and before not in _OPPOSITES:
            return f"the word {part}"
    return None
