"""Take each declared permission away in turn: nothing may change but to unknown, and the reason names the right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from collector.core.checks import Status
from collector.core.secrets import Secret
from collector.demo.github.company import seed
from collector.demo.github.double import GitHubDouble, Reply
from collector.setup.loading import connector
from connectors.github._sdk.client import NO_CALL
from connectors.github._sdk.graphql_quota import GRAPHQL
from connectors.github._sdk.settings import Settings
from tests.sweep.comparing import assert_only_towards_unknown, lost
from tests.sweep.scanning import Scanned, scan

GITHUB = connector("github")
SEEN = ("infrastructure", "website")
"""Two repositories, a private and a public one, so that each scan is short."""

QUERIES = {
    "github.org.saml_provider": "ssoUrl",
    "github.org.saml_identity": "externalIdentities",
    "github.repo.branch_protection": "branchProtectionRule",
    "github.repo.change": "history(",
    "github.repo.pull_request": "pullRequests(",
}
"""What tells the queries of GraphQL apart, all of which are one call."""

OWNERS = "owner of the organization"
"""No permission of GitHub's: it answers whoever is none with 422 where a list is filtered by second factor."""

# Evidence that is kept for people: no verdict touches it.
UNTOUCHED = {
    "Organization Administration: write", "Organization Variables: read", "Repository Deployments: read",
}  # fmt: skip
# Already missing in the estate, so that it cannot be taken away.
MISSING = {"Organization Personal access tokens: read", "Organization Webhooks: read"}


@dataclass(frozen=True)
class Declared:
    """A call with the permission that it needs by a declaration; of GraphQL, the part of the query."""

    permission: str
    call: str
    query: str = ""


def declared() -> Iterator[Declared]:
    """Yield what the declarations name for a source that signs in with a token and names its organization."""
    settings = Settings(token=Secret("a test", str), organizations=("acme",))
    for kind, collection in GITHUB.connector.collections.items():
        if not collection.when(settings):
            continue
        for needs, calls in [
            (collection.permissions, collection.calls),
            *((p.permissions, p.calls) for p in GITHUB.connector.parts.get(kind, [])),
        ]:
            # The first call is what the permission opens; others only help to ask it.
            first = calls if len(needs) > 1 and GRAPHQL not in calls else calls[:1]
            for need in needs:
                if not need.startswith("none:"):
                    yield from (Declared(need, call, QUERIES[kind] if call == GRAPHQL else "") for call in first)


DECLARED = sorted({declaration for declaration in declared() if declaration.call != NO_CALL}, key=str)
PERMISSIONS = sorted({declaration.permission for declaration in DECLARED} - MISSING)
REFUSALS = {
    "forbidden": Reply.refused("Resource not accessible by personal access token"),
    "hidden": Reply.refused("Not Found", 404),
}


@dataclass(frozen=True)
class Swept:
    """The made-up organization, from which a test takes rights away, and what is seen with those that there are."""

    double: GitHubDouble
    settings: Settings
    folder: Path

    def without(self, declarations: list[Declared], reply: Reply) -> Scanned:
        """Scan with these calls refused."""
        with self._refusing(declarations, reply):
            return scan(GITHUB, self.settings, self.folder)

    @contextmanager
    def _refusing(self, declarations: list[Declared], reply: Reply) -> Iterator[None]:
        answers, queries = dict(self.double.answers), list(self.double.graphql)
        forbidden = (
            {"data": None, "errors": [{"type": "FORBIDDEN", "message": reply.body["message"]}]} if declarations else {}
        )
        try:
            for declaration in declarations:
                if declaration.call == GRAPHQL:
                    self.double.graphql.insert(0, (declaration.query, forbidden))
                    continue
                hit = [path for path in answers if re.fullmatch(_pattern(declaration.call), path)]
                assert hit, f"nothing is played for {declaration.call}"
                for path in hit:
                    self.double.answers[path] = (
                        _owners_only(answers[path]) if declaration.permission == OWNERS else reply
                    )
            yield
        finally:
            self.double.answers, self.double.graphql = answers, queries


def _pattern(call: str) -> str:
    return re.sub(r"\{(\w+)\}", "[^/]+", call.partition(" ")[2].replace(".", r"\."))


def _owners_only(answer: Any) -> Any:
    def respond(query: Mapping[str, str]) -> Any:
        if "filter" in query:
            return Reply.refused("Only owners can use this filter.", 422)
        return answer(query) if callable(answer) else answer

    return respond


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swept]:
    """The organization, furnished once."""
    with GitHubDouble() as double:
        estate = seed(double)
        settings = Settings(
            token=Secret("a test", lambda: estate.token),
            organizations=(estate.login,),
            url=estate.url,
            repositories=SEEN,
        )
        yield Swept(double, settings, tmp_path_factory.mktemp("sweep"))


@pytest.fixture(scope="module")
def base(swept: Swept) -> Scanned:
    """What is seen with every right; scanned once."""
    return swept.without([], REFUSALS["forbidden"])


def test_the_estate_has_good_and_bad(base: Scanned) -> None:
    """A sweep over an estate where nothing can be lost would prove nothing."""
    statuses = {status: sum(verdict.status is status for verdict in base.verdicts.values()) for status in Status}

    assert statuses[Status.PASS] > 20
    assert statuses[Status.FAIL] > 20
    assert {check for check, _, _ in base.verdicts} == set(GITHUB.checks)


@pytest.mark.parametrize("how", [pytest.param("forbidden", marks=pytest.mark.deep), "hidden"])
@pytest.mark.parametrize("permission", PERMISSIONS)
def test_a_permission_taken_away_only_makes_unknown(permission: str, how: str, swept: Swept, base: Scanned) -> None:
    """GitHub says Not Found where one may not look, and means by the same words that there is nothing."""
    limited_view = swept.without(
        [declaration for declaration in DECLARED if declaration.permission == permission], REFUSALS[how]
    )

    assert_only_towards_unknown(base, limited_view)
    gone = list(lost(base, limited_view))
    assert bool(gone) is (permission not in UNTOUCHED), f"who noticed that {permission} is missing: {gone}"
    assert [where for where in gone if permission not in limited_view.verdicts[where].reason] == []


@pytest.mark.deep
@pytest.mark.parametrize("how", sorted(REFUSALS))
@pytest.mark.parametrize(
    "declaration", DECLARED, ids=lambda declaration: f"{declaration.permission}-{declaration.call}-{declaration.query}"
)
def test_a_refused_call_only_makes_unknown(declaration: Declared, how: str, swept: Swept, base: Scanned) -> None:
    """A permission that opens several calls may be missing for one of them: GitHub adds to its rules call by call."""
    assert_only_towards_unknown(base, swept.without([declaration], REFUSALS[how]))
