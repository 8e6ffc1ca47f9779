"""Take each declared permission away in turn: nothing may change but to unknown, and the reason names the role."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from collector.core.checks import Status
from collector.setup.loading import connector
from connectors.gitlab._sdk.calls import GRAPHQL
from tests.connectors.gitlab.double import GitLabDouble, forbidden, not_found, path_of
from tests.connectors.gitlab.estate import (
    GROUP,
    ME,
    OWN,
    a_branch_rule,
    a_hook,
    a_level,
    a_person,
    a_project,
    a_token,
    a_vulnerability,
    connection,
    furnish,
    project_at,
    served,
    settings,
    strict_settings,
)
from tests.connectors.gitlab.examples import an
from tests.played.clock import PlayedClock
from tests.sweep.comparing import assert_only_towards_unknown, lost
from tests.sweep.scanning import Scanned, scan

GITLAB = connector("gitlab")
BAD = "acme/platform/web"

QUERIES = {
    "gitlab.project.change": "mergeRequest",
    "gitlab.project.merge_request": "mergeRequest",
    "gitlab.project.vulnerability": "vulnerabilities",
}
"""What tells the queries of GraphQL apart, all of which are one call."""

# What is asked on GitLab.com only.
_ELSEWHERE = {"GET /api/v4/groups/{group}/enterprise_users", "GET /api/v4/namespaces/{group}"}
# Evidence that is kept for people: no verdict touches it.
UNTOUCHED = {"read_api or read_user"}


@dataclass(frozen=True)
class Declared:
    """A call with the permission that it needs by a declaration; of GraphQL, a word of the query."""

    permission: str
    call: str
    query: str = ""


def declared() -> Iterator[Declared]:
    """Yield what the declarations name for a source on a GitLab of one's own."""
    for kind, collection in GITLAB.connector.collections.items():
        if not collection.when(settings()):
            continue
        for needs, calls in [
            (collection.permissions, collection.calls),
            *((part.permissions, part.calls) for part in GITLAB.connector.parts.get(kind, [])),
        ]:
            asked = [call for call in calls if call not in _ELSEWHERE]
            # The first call is what the permission opens; of two permissions each opens the call at its place.
            for place, need in enumerate(needs):
                if calls[place] in asked:
                    yield Declared(need, calls[place], QUERIES.get(kind, "") if calls[place] == GRAPHQL else "")
            if GRAPHQL in asked:
                yield Declared(needs[0], GRAPHQL, QUERIES[kind])


DECLARED = sorted(set(declared()), key=str)
PERMISSIONS = sorted({declaration.permission for declaration in DECLARED})
REFUSALS = {"forbidden": forbidden, "hidden": not_found}
_NO_QUERY = {"data": {"project": None}, "errors": [{"message": "you don't have permission to perform this action"}]}


class RefusingGitLab(GitLabDouble):
    """The company, from which calls are taken away."""

    def __init__(self, declarations: list[Declared], refused: Callable[[], httpx.Response]) -> None:
        super().__init__()
        furnish(self)
        worsen(self)
        self._patterns = [_pattern(one.call) for one in declarations if one.call != GRAPHQL]
        self._refused = refused
        for one in declarations:
            if one.call == GRAPHQL:
                self.queries[one.query] = lambda _: httpx.Response(200, json=_NO_QUERY)

    def reply(self, request: httpx.Request) -> httpx.Response:
        """Return the refusal where it was taken away."""
        if any(re.fullmatch(pattern, path_of(request)) for pattern in self._patterns):
            return self._refused()
        return super().reply(request)


def _pattern(call: str) -> str:
    return re.sub(r"\\{\w+\\}", "[^/]+", re.escape(call.partition(" ")[2]))


def worsen(lab: GitLabDouble) -> None:
    """Let one project, and some of the group, be as bad as it gets."""
    answers, at = lab.answers, project_at(BAD)
    answers["/api/v4/personal_access_tokens/self"] = an("pat_self", scopes=["api"])
    answers[GROUP] = answers[GROUP] | {"prevent_forking_outside_group": False}
    answers[f"{GROUP}/members/all"] = [a_person(number, f"o{number}", 50) for number in range(1, 8)]
    answers[f"{GROUP}/members/all/{ME}"] = a_person(ME, "ann", 50)
    answers[f"{GROUP}/billable_members"][0] |= {"last_activity_on": "2024-01-01", "last_login_at": None}
    answers["/api/v4/users"][1] |= {"two_factor_enabled": False}
    answers[f"{GROUP}/access_tokens"] = [a_token("group_access_tokens", 1, expires_at=None)]
    answers[f"{GROUP}/hooks"] = [a_hook("group_hooks", 1, enable_ssl_verification=False)]
    bad = a_project(2, BAD, visibility="public", only_allow_merge_if_pipeline_succeeds=False)
    answers[f"{GROUP}/projects"] = [a_project(1, "acme/api"), bad]
    answers[at] = bad
    answers[f"{at}/protected_branches"] = [a_branch_rule(20, push_access_levels=[a_level(30)], allow_force_push=True)]
    answers[f"{at}/merge_request_approval_setting"] = strict_settings(
        allow_author_approval=True, retain_approvals_on_push=True
    )
    answers[f"{at}/approval_rules"] = []
    answers[f"{at}/push_rule"] = None
    answers[f"{at}/security_settings"] = an("security_settings", secret_push_protection_enabled=False)
    answers[f"{at}/access_tokens"] = [a_token("project_access_tokens", 1, expires_at=None)]
    answers[f"{at}/deploy_keys"] = [an("deploy_keys", id=1, can_push=True)]
    answers[f"{at}/deploy_tokens"] = [an("deploy_tokens", expires_at=None)]
    answers[f"{at}/hooks"] = [a_hook("project_hooks_item", 1, url="http://hooks.example/x")]
    answers[f"{at}/protected_environments"] = []
    for group in ("acme", "acme%2Fplatform"):
        answers[f"/api/v4/groups/{group}/protected_environments"] = []
    answers[f"{at}/merge_requests"] = []
    answers[f"{at}/events"] = [push | {"push_data": push["push_data"] | {"commit_to": "9" * 40}}
                               for push in answers[f"{at}/events"]]  # fmt: skip
    answers[f"{at}/pipelines"] = []
    old = a_vulnerability(1, severity="CRITICAL", detectedAt="2025-01-01T00:00:00Z")
    lab.queries["vulnerabilities"] = lambda asked: {
        "project": {"vulnerabilities": connection(old if asked["path"] == BAD else a_vulnerability(2))}
    }


def look(folder: Path, declarations: list[Declared], refused: Callable[[], httpx.Response] = forbidden) -> Scanned:
    """Scan with these calls refused."""
    with served(RefusingGitLab(declarations, refused), OWN):
        return scan(GITLAB, settings(), folder, clocks=PlayedClock)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the stores are."""
    return tmp_path_factory.mktemp("sweep")


@pytest.fixture(scope="module")
def base(folder: Path) -> Scanned:
    """What is seen with every right; scanned once."""
    return look(folder, [])


def test_the_company_has_good_and_bad(base: Scanned) -> None:
    """A sweep over an estate where nothing can be lost would prove nothing."""
    statuses = {status: sum(verdict.status is status for verdict in base.verdicts.values()) for status in Status}

    assert statuses[Status.PASS] > 20
    assert statuses[Status.FAIL] > 20
    assert {check for check, _, _ in base.verdicts} == set(GITLAB.checks)


@pytest.mark.parametrize("how", [pytest.param("hidden", marks=pytest.mark.deep), "forbidden"])
@pytest.mark.parametrize("permission", PERMISSIONS)
def test_a_permission_taken_away_only_makes_unknown(permission: str, how: str, folder: Path, base: Scanned) -> None:
    """GitLab says Not Found where one may not look, and means by the same words that there is nothing."""
    without = [declaration for declaration in DECLARED if declaration.permission == permission]

    limited_view = look(folder, without, REFUSALS[how])

    assert_only_towards_unknown(base, limited_view)
    gone = list(lost(base, limited_view))
    assert bool(gone) is (permission not in UNTOUCHED), f"who noticed that {permission} is missing: {gone}"
    unnamed = {where: limited_view.verdicts[where].reason for where in gone}
    assert {where: reason for where, reason in unnamed.items() if permission not in reason} == {}


@pytest.mark.deep
@pytest.mark.parametrize("how", sorted(REFUSALS))
@pytest.mark.parametrize(
    "declaration", DECLARED, ids=lambda declaration: f"{declaration.permission}-{declaration.call}-{declaration.query}"
)
def test_a_refused_call_only_makes_unknown(declaration: Declared, how: str, folder: Path, base: Scanned) -> None:
    """A role may open one of two calls only: GitLab has changed the roles of calls before."""
    assert_only_towards_unknown(base, look(folder, [declaration], REFUSALS[how]))


@pytest.mark.deep
@pytest.mark.parametrize("level", [0, 10, 20, 30, 40])
def test_a_lesser_role_only_makes_unknown(level: int, folder: Path, base: Scanned) -> None:
    """Where GitLab would answer with less, and status 200."""
    lab = RefusingGitLab([], forbidden)
    lab.answers["/api/v4/user"] = an("user", id=ME, username="ann")
    lab.answers[f"{GROUP}/members/all/{ME}"] = a_person(ME, "ann", level)
    lab.answers[f"{GROUP}/audit_events"] = []
    with served(lab, OWN):
        seen = scan(GITLAB, settings(), folder, clocks=PlayedClock)

    assert_only_towards_unknown(base, seen)
