"""The default branch of a repository: the rules in force for it and its classic protection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.github._sdk.client import REPOSITORY, GitHub
from connectors.github._sdk.connector import github
from connectors.github.repository.effective_protection import ClassicProtection, Rule, Ruleset

_RULES = "GET /repos/{owner}/{repo}/rules/branches/{branch}"


@resource("github.repo.branch_rules")
class BranchRules(Struct, frozen=True, kw_only=True):
    """Rules of repository and organization that are in force for the default branch, with their rulesets."""

    full_name: str
    branch: str
    archived: bool
    rules: tuple[Rule, ...]
    rulesets: tuple[Ruleset, ...]


@resource("github.repo.branch_protection")
class BranchProtection(Struct, frozen=True, kw_only=True):
    """The classic protection of the default branch."""

    full_name: str
    branch: str
    archived: bool
    protection: ClassicProtection | None  # None: GitHub says that the branch is not protected


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


def _rules_of(client: GitHub, branch: str) -> Any:
    return client.results.get("branch rules", lambda: list(client.pages(_RULES, placeholders={"branch": branch})))


@github.collects(BranchRules, at="repository", call=REPOSITORY, permissions="Repository Metadata: read")
def branch_rules(client: GitHub) -> Iterator[Body]:
    yield default_branch(client)


@github.part(BranchRules, "rules", call=_RULES, permissions="Repository Metadata: read")
def rules(client: GitHub, body: Body) -> Any:
    return _rules_of(client, body["branch"])


@github.part(
    BranchRules,
    "rulesets",
    call=("GET /repos/{owner}/{repo}/rulesets/{ruleset_id}", _RULES),
    permissions="Repository Metadata: read",
)
def rulesets(client: GitHub, body: Body) -> Any:
    numbers = {rule["ruleset_id"] for rule in _rules_of(client, body["branch"]) if rule.get("ruleset_id") is not None}
    return [
        client.request(
            "GET /repos/{owner}/{repo}/rulesets/{ruleset_id}",
            placeholders={"ruleset_id": str(number)},
            query={"includes_parents": "true"},
        )
        for number in sorted(numbers)
    ]


@github.collects(BranchProtection, at="repository", call=REPOSITORY, permissions="Repository Metadata: read")
def branch_protection(client: GitHub) -> Iterator[Body]:
    yield default_branch(client)


@github.part(
    BranchProtection,
    "protection",
    call="GET /repos/{owner}/{repo}/branches/{branch}/protection",
    permissions="Repository Administration: read",
    absent="404 Branch not protected",
)
def protection(client: GitHub, body: Body) -> Any:
    return client.request(
        "GET /repos/{owner}/{repo}/branches/{branch}/protection",
        placeholders={"branch": body["branch"]},
        having="enforce_admins",
    )


@github.collects(
    OrganizationRuleset,
    at="organization",
    call="GET /orgs/{org}/rulesets",
    permissions="Organization Administration: write",
)
def organization_rulesets(client: GitHub) -> Iterator[Body]:
    # GitHub requires a write permission for this list, which annexd is not to have: rules are read branch by branch.
    yield from client.pages("GET /orgs/{org}/rulesets")
