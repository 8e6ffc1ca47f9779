"""A whole scan by the real engine, on a GitLab of one's own and on GitLab.com."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.core.checks import Status
from collector.core.tasks import Outcome
from collector.setup.loading import LoadedConnector
from tests.connectors.gitlab.double import GitLabDouble
from tests.connectors.gitlab.estate import CANARIES, DOTCOM, OWN, furnish, served, settings
from tests.played.clock import PlayedClock
from tests.sweep.scanning import scan

_OF_INSTANCE = {"gitlab.instance.setting", "gitlab.user.user"}
_OF_DOTCOM = {"gitlab.group.enterprise_user"}


@pytest.mark.parametrize(("url", "left_out"), [(OWN, _OF_DOTCOM), (DOTCOM, _OF_INSTANCE)])
def test_a_company_in_order_passes(url: str, left_out: set[str], loaded: LoadedConnector, tmp_path: Path) -> None:
    """Every list is complete, and nothing is unknown."""
    with served(furnish(GitLabDouble()), url):
        scanned = scan(loaded, settings(url), tmp_path, clocks=PlayedClock)

    assert {seen.observation.outcome for seen in scanned.seen} == {Outcome.COMPLETE}
    assert {seen.observation.task.collection for seen in scanned.seen} == loaded.connector.collections.keys() - left_out
    by_instance = {check for check in loaded.checks if check.startswith("gitlab_instance")}
    seen_checks = loaded.checks.keys() - (by_instance if url == DOTCOM else set())
    assert {check for check, _, _ in scanned.verdicts} == seen_checks
    bad = {where: said for where, said in scanned.verdicts.items() if said.status in (Status.FAIL, Status.UNKNOWN)}
    assert bad == {}


def test_no_secret_is_kept(loaded: LoadedConnector, tmp_path: Path) -> None:
    """Of what the company's GitLab answers."""
    with served(furnish(GitLabDouble()), OWN):
        kept = scan(loaded, settings(), tmp_path, clocks=PlayedClock).kept

    assert [name for name, canary in CANARIES.items() if canary.encode() in kept] == []


def test_each_project_is_judged_by_itself(loaded: LoadedConnector, tmp_path: Path) -> None:
    """Whatever its name and its depth."""
    lab = furnish(GitLabDouble())
    lab.answers["/api/v4/projects/acme%2Fplatform%2Fweb/protected_branches"] = []
    with served(lab, OWN):
        scanned = scan(loaded, settings(), tmp_path, clocks=PlayedClock)

    check = "gitlab_project_default_branch_protected"
    found = {scope[-1]: said.status for (id_, scope, _), said in scanned.verdicts.items() if id_ == check}
    assert found == {"acme/api": Status.PASS, "acme/platform/web": Status.FAIL}
