"""The default branch of a repository: the rules in force for it and its classic protection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from collector.core.errors import NotThere
from collector.core.resources import Body, resource
from connectors.github._sdk.client import REPOSITORY, GitHub
from connectors.github._sdk.connector import github
from connectors.github._sdk.errors import explain, is_outside_plan
from connectors.github._sdk.graphql_quota import GRAPHQL, RATE_LIMIT
from connectors.github.repository.effective_protection import (
    ClassicProtection,
    ForcePushAllowances,
    Rule,
    Ruleset,
)

_RULES = "GET /repos/{owner}/{repo}/rules/branches/{branch}"
_PROTECTION = "GET /repos/{owner}/{repo}/branches/{branch}/protection"
# The REST answer has only whether everybody may force push; it says no where some may.
# https://docs.github.com/en/graphql/reference/branches#branchprotectionrule
_FORCE_PUSHERS = (
    """query($owner: String!, $repo: String!, $branch: String!) {
  repository(owner: $owner, name: $repo) { ref(qualifiedName: $branch) { branchProtectionRule {
    bypassForcePushAllowances(first: 100) { totalCount nodes {
      actor { __typename ... on User { login } ... on Team { slug } ... on App { slug } } } } } } }
  """
    + RATE_LIMIT
    + "\n}"
)

NO_BRANCH = "no branch"
NO_OBSTACLE = ""
NOT_IN_PLAN = "not in the plan"
_UNPROTECTED, _BRANCH_MISSING = "404 Branch not protected", "404 Branch not found"


@resource("github.repo.branch_rules")
class BranchRules(Struct, frozen=True, kw_only=True):
    """Rules of repository and organization that are in force for the default branch, with their rulesets."""

    full_name: str
    branch: str
    archived: bool
    rules: tuple[Rule, ...] | None  # None: GitHub says that the plan has no rules for this repository
    rulesets: tuple[Ruleset, ...] | None  # None: the same


@resource("github.repo.branch_protection")
class BranchProtection(Struct, frozen=True, kw_only=True):
    """The classic protection of the default branch."""

    full_name: str
    branch: str
    archived: bool
    protection: ClassicProtection | None  # None: GitHub says that the branch is not protected, or cannot be
    obstacle: str | None = None  # "no branch" or "not in the plan", where GitHub says so; empty, or None: neither
    # None: there is no protection, or the evidence is from before it was asked who may force push.
    force_push_allowances: ForcePushAllowances | None = None


@resource("github.org.ruleset", key="id")
class OrganizationRuleset(Struct, frozen=True, kw_only=True):
    """A ruleset of the organization, whichever repositories it applies to."""

    id: int
    name: str
    enforcement: str


def default_branch(client: GitHub) -> Body:
    """Return the name of the repository and its default branch, and whether it is archived."""
    repository = client.repository_details()
    return {
        "full_name": repository["full_name"],
        "branch": repository["default_branch"],
        "archived": repository["archived"],
    }


def _in_plan(read: Callable[[], Any]) -> Any:
    """Return what was read. Raises NotThere with the code NOT_IN_PLAN where GitHub says that the plan lacks it."""
    try:
        return read()
    except Exception as error:
        failure = explain(error)
        if failure is not None and is_outside_plan(failure):
            raise NotThere(failure.what, code=NOT_IN_PLAN) from error
        raise


def _rules_of(client: GitHub, branch: str) -> Any:
    return client.results.get(
        "branch rules", lambda: _in_plan(lambda: list(client.pages(_RULES, placeholders={"branch": branch})))
    )


def _protection_of(client: GitHub, branch: str) -> Any:
    def ask() -> Any:
        return client.request(_PROTECTION, placeholders={"branch": branch}, having="enforce_admins")

    return client.results.get("branch protection", lambda: _in_plan(ask))


@github.collects(BranchRules, at="repository", call=REPOSITORY, permissions="Repository Metadata: read")
def branch_rules(client: GitHub) -> Iterator[Body]:
    yield default_branch(client)


@github.part(BranchRules, "rules", call=_RULES, permissions="Repository Metadata: read", absent=NOT_IN_PLAN)
def rules(client: GitHub, body: Body) -> Any:
    return _rules_of(client, body["branch"])


@github.part(
    BranchRules,
    "rulesets",
    call=("GET /repos/{owner}/{repo}/rulesets/{ruleset_id}", _RULES),
    permissions="Repository Metadata: read",
    absent=NOT_IN_PLAN,
)
def rulesets(client: GitHub, body: Body) -> Any:
    numbers = {rule["ruleset_id"] for rule in _rules_of(client, body["branch"]) if rule.get("ruleset_id") is not None}
    return [
        client.request(
            "GET /repos/{owner}/{repo}/rulesets/{ruleset_id}",
            placeholders={"ruleset_id": str(number)},
            query={"includes_parents": "true"},
            having="id",
        )
        for number in sorted(numbers)
    ]


@github.collects(BranchProtection, at="repository", call=REPOSITORY, permissions="Repository Metadata: read")
def branch_protection(client: GitHub) -> Iterator[Body]:
    yield default_branch(client)


@github.part(
    BranchProtection,
    "protection",
    call=_PROTECTION,
    permissions="Repository Administration: read",
    absent=(_UNPROTECTED, _BRANCH_MISSING, NOT_IN_PLAN),
)
def protection(client: GitHub, body: Body) -> Any:
    return _protection_of(client, body["branch"])


@github.part(
    BranchProtection,
    "obstacle",
    call=_PROTECTION,
    permissions="Repository Administration: read",
    absent=_UNPROTECTED,
)
def obstacle(client: GitHub, body: Body) -> Any:
    """Return why there cannot be a protection; a repository without a commit has no branch."""
    try:
        _protection_of(client, body["branch"])
    except NotThere as answer:
        if answer.code not in (_BRANCH_MISSING, NOT_IN_PLAN):
            raise
        return NO_BRANCH if answer.code == _BRANCH_MISSING else NOT_IN_PLAN
    return NO_OBSTACLE


@github.part(
    BranchProtection,
    "force_push_allowances",
    call=(GRAPHQL, _PROTECTION),
    permissions="Repository Administration: read",
    absent=(_UNPROTECTED, _BRANCH_MISSING, NOT_IN_PLAN),
)
def force_push_allowances(client: GitHub, body: Body) -> Any:
    """Return who may force push although not everybody may; None, so unread, where GitHub does not show the rule."""
    _protection_of(client, body["branch"])
    owner, _, name = body["full_name"].partition("/")
    branch = f"refs/heads/{body['branch']}"
    found: Any = client.graphql(_FORCE_PUSHERS, {"owner": owner, "repo": name, "branch": branch})["repository"]
    rule = ((found or {}).get("ref") or {}).get("branchProtectionRule") or {}
    return rule.get("bypassForcePushAllowances")


@github.collects(
    OrganizationRuleset,
    at="organization",
    call="GET /orgs/{org}/rulesets",
    permissions="Organization Administration: write",
)
def organization_rulesets(client: GitHub) -> Iterator[Body]:
    # GitHub requires a write permission for this list, which annexd is not to have: rules are read branch by branch.
    yield from client.pages("GET /orgs/{org}/rulesets")
