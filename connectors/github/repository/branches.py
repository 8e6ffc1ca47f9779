"""The default branch of a repository: the rules in force for it and its classic protection, as GitHub gives them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.github._sdk.client import REPOSITORY, GitHub
from connectors.github._sdk.connector import github
from connectors.github.repository.effective_protection import Classic, Rule, Ruleset

_RULES = "GET /repos/{owner}/{repo}/rules/branches/{branch}"


@resource("github.repo.branch_rules")
class BranchRules(Struct, frozen=True, kw_only=True):
    """What rulesets of repository and organization demand of the default branch. `rules` are active ones only."""

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
    protection: Classic | None  # None: GitHub says that the branch is not protected


@resource("github.org.ruleset", key="id")
class OrganizationRuleset(Struct, frozen=True, kw_only=True):
    """A ruleset of the organization, whichever repositories it is for."""

    id: int
    name: str
    enforcement: str


def default_branch(client: GitHub) -> Body:
    """Return what identifies the default branch, out of what GitHub says of the repository."""
    said = client.described()
    return {"full_name": said["full_name"], "branch": said["default_branch"], "archived": said["archived"]}


def _rules(client: GitHub, branch: str) -> Any:
    return client.once("branch rules", lambda: list(client.pages(_RULES, into={"branch": branch})))


@github.collects(BranchRules, at="repository", call=REPOSITORY, permissions="Repository Metadata: read")
def branch_rules(client: GitHub) -> Iterator[Body]:
    yield default_branch(client)


@github.part(BranchRules, "rules", call=_RULES, permissions="Repository Metadata: read")
def rules(client: GitHub, at: Body) -> Any:
    return _rules(client, at["branch"])


@github.part(
    BranchRules,
    "rulesets",
    call=("GET /repos/{owner}/{repo}/rulesets/{ruleset_id}", _RULES),
    permissions="Repository Metadata: read",
)
def rulesets(client: GitHub, at: Body) -> Any:
    numbers = {rule["ruleset_id"] for rule in _rules(client, at["branch"]) if rule.get("ruleset_id") is not None}
    return [
        client.ask(
            "GET /repos/{owner}/{repo}/rulesets/{ruleset_id}",
            into={"ruleset_id": str(number)},
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
def protection(client: GitHub, at: Body) -> Any:
    return client.ask("GET /repos/{owner}/{repo}/branches/{branch}/protection", into={"branch": at["branch"]})


@github.collects(
    OrganizationRuleset,
    at="organization",
    call="GET /orgs/{org}/rulesets",
    permissions="Organization Administration: write",
)
def organization_rulesets(client: GitHub) -> Iterator[Body]:
    # GitHub documents a right to write for this list. annexd does not ask for it: what counts is read branch by branch.
    yield from client.pages("GET /orgs/{org}/rulesets")
