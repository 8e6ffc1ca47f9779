"""Situations in which a list, a setting or an answer says less, or something else, than it seems to."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from collector.core.checks import Status
from collector.core.errors import Denied
from collector.setup.loading import LoadedConnector
from connectors._http.webhook_targets import ODD
from connectors.github._sdk.client import GitHub
from connectors.github._sdk.errors import SWITCHED_OFF, error_for_status
from connectors.github.actions import runners, workflows
from connectors.github.actions import settings as actions_settings
from connectors.github.organization import repository_access
from connectors.github.repository import branch_checks, community_files, webhooks
from connectors.github.security import scanning
from tests.connectors.github.estate import (
    LATE,
    ORG,
    PULL_REQUEST,
    REPO,
    a_blob,
    a_hook,
    a_rule,
    a_tree,
    described,
    play,
    settings,
)
from tests.connectors.github.judging import (
    FAIL,
    PASS,
    UNKNOWN,
    CompleteSet,
    UnreadSet,
    ago,
    bodies,
    status,
    unread,
    verdict,
    view,
)
from tests.connectors.github.played import Played, Reply
from tests.connectors.github.shapes import item
from tests.connectors.github.test_repository_checks import SHA, classic, some_rules
from tests.sweep.scanning import scan

HERE = ("acme", "api")
PULLS = a_rule("pull_request", PULL_REQUEST)


def leak(of: type[Any], days: float) -> Any:
    """An open alert of secret scanning."""
    return view(of, number=1, state="open", secret_type_display_name="A key", created_at=ago(days))


@pytest.mark.parametrize(
    ("default", "generic", "expected"),
    [
        (CompleteSet(), CompleteSet(), PASS),
        (CompleteSet(), CompleteSet(leak(scanning.GenericSecretAlert, 4)), FAIL),
        (CompleteSet(), UnreadSet(), UNKNOWN),
        (CompleteSet(leak(scanning.SecretScanningAlert, 4)), UnreadSet(), FAIL),
        (UnreadSet(), CompleteSet(leak(scanning.GenericSecretAlert, 4)), UNKNOWN),
    ],
)
def test_generic_secrets_count_as_others(default: CompleteSet, generic: CompleteSet, expected: Status) -> None:
    """GitHub's list leaves passwords and private keys out unless it is asked for them by name."""
    assert status(scanning.secrets_resolved, default, generic) is expected


def test_generic_secrets_are_asked_for_by_name(hub: Played, repo: GitHub) -> None:
    """And neither request asks for a secret itself."""
    play(hub)
    asked: list[dict[str, str]] = []

    def nothing(query: dict[str, str]) -> list[Any]:
        asked.append(query)
        return []

    hub.answers[f"{REPO}/secret-scanning/alerts"] = nothing

    assert list(bodies(scanning.generic_secret_alerts(repo))) == []
    assert list(bodies(scanning.secret_scanning_alerts(repo))) == []

    assert {"password", "rsa_private_key"} <= set(asked[0]["secret_type"].split(","))
    assert "secret_type" not in asked[1]
    assert {query["hide_secret"] for query in asked} == {"true"}


def group(**but: Any) -> runners.RunnerGroup:
    """A group of runners."""
    values = {"id": 1, "name": "Default", "inherited": False, "allows_public_repositories": True}
    return view(runners.RunnerGroup, **(values | but))


def runner(of_group: int | None) -> runners.Runner:
    """A self-hosted runner in a group."""
    return view(runners.Runner, id=1, name="box", os="linux", runner_group_id=of_group)


@pytest.mark.parametrize(
    ("evidence", "machines", "expected"),
    [
        (group(allows_public_repositories=False), UnreadSet(), PASS),
        (group(), CompleteSet(runner(1)), FAIL),
        (group(), CompleteSet(runner(None)), FAIL),
        (group(), CompleteSet(runner(2)), UNKNOWN),
        (group(), CompleteSet(), UNKNOWN),
        (group(), UnreadSet(), UNKNOWN),
        (group(inherited=True), CompleteSet(), FAIL),
        (group(inherited=True), UnreadSet(), FAIL),
    ],
)
def test_groups_decide_and_not_the_runners_that_are_up(
    evidence: runners.RunnerGroup, machines: CompleteSet, expected: Status
) -> None:
    """Runners of the enterprise are in no list of the organization, and ephemeral ones are gone when they are idle."""
    assert status(runners.groups_not_public, evidence, machines) is expected


@pytest.mark.parametrize(
    ("private", "names", "expected"), [(True, ["box"], PASS), (False, [], PASS), (False, ["box"], FAIL)]
)
def test_runners_of_a_single_repository(private: bool, names: list[str], expected: Status) -> None:
    """They are in no group, and serve whoever opens a pull request."""
    found = [{"id": 1, "name": name, "os": "linux"} for name in names]
    evidence = view(runners.RepositoryRunners, full_name="acme/api", private=private, runners=found)

    assert status(runners.runners_not_public, evidence) is expected
    assert status(runners.runners_not_public, unread(runners.RepositoryRunners)) is UNKNOWN


def test_runners_of_a_public_repository_are_read(hub: Played, loaded: LoadedConnector, tmp_path: Path) -> None:
    """Whole, from GitHub's answer to the verdict."""
    play(hub)
    hub.answers[REPO] = described(private=False, visibility="public")
    call = "GET /repos/{owner}/{repo}/actions/runners"
    hub.answers[f"{REPO}/actions/runners"] = {"total_count": 1, "runners": [item(call, "runners", name="box")]}

    verdicts = scan(loaded, settings(hub), tmp_path).verdicts

    found = next(one for where, one in verdicts.items() if where[0] == "github_repo_runners_not_public")
    assert (found.status, "box" in found.reason) == (FAIL, True)


def analysis(tool: str | None, days: float, error: str | None = "") -> dict[str, Any]:
    """An analysis, as it is kept."""
    return {"created_at": ago(days), "tool": {"name": tool, "version": "1"}, "error": error}


@pytest.mark.parametrize(
    ("latest", "expected"),
    [
        ([analysis("CodeQL", 1)], PASS),
        ([analysis("Semgrep OSS", 1)], PASS),
        ([analysis("CodeQL", 1, "out of memory")], FAIL),
        ([analysis("CodeQL", 1, "out of memory"), analysis("CodeQL", 2)], PASS),
        ([analysis("CodeQL", 1, "out of memory"), analysis("CodeQL", 31)], FAIL),
        ([analysis("Scorecard", 1)], FAIL),
        ([analysis("Scorecard", 1), analysis("CodeQL", 2)], PASS),
        ([analysis("Scorecard", 1), analysis("CodeQL", 31)], FAIL),
        ([analysis("Our own", 1)], UNKNOWN),
        ([analysis(None, 1)], UNKNOWN),
        ([analysis("Our own", 31)], FAIL),
        ([analysis("CodeQL", 1, None)], UNKNOWN),
        ([analysis("Scorecard", 1)] * 100, FAIL),
        ([analysis("Trivy", 1, "x")] * 100, UNKNOWN),
        ([], FAIL),
    ],
)
def test_only_scanners_that_came_to_an_end_count(latest: list[dict[str, Any]], expected: Status) -> None:
    """A tool that annexd does not know is the company's to name."""
    evidence = view(scanning.CodeScanning, full_name="acme/api", archived=False, latest=latest)

    assert status(scanning.scanning_active, evidence) is expected


def test_the_company_says_what_scans_its_code() -> None:
    """What annexd does not know may be named, and what it knows may be left out."""
    own = view(scanning.CodeScanning, full_name="acme/api", archived=False, latest=[analysis("Our own", 1)])

    assert status(scanning.scanning_active, own, scanners=("Our own",)) is PASS
    assert status(scanning.scanning_active, own, not_scanners=("Our own",)) is FAIL


@pytest.mark.parametrize(
    "message",
    [
        "Advanced Security must be enabled for this repository to use code scanning.",
        "Code Security must be enabled for this repository to use code scanning.",
        "GitHub Advanced Security must be enabled for this repository.",
        "Code scanning is not enabled for this repository. Please enable code scanning in the repository settings.",
    ],
)
def test_a_product_that_must_be_enabled_is_off(
    hub: Played, loaded: LoadedConnector, tmp_path: Path, message: str
) -> None:
    """GitHub's word that there is no code scanning: a fail, and no permission that would help."""
    play(hub)
    hub.answers[f"{REPO}/code-scanning/analyses"] = Reply.refused(message)

    found = scan(loaded, settings(hub), tmp_path).verdicts["github_repo_code_scanning_active", HERE, "-"]

    assert found.status is FAIL
    assert error_for_status(403, message, {}).code == SWITCHED_OFF


@pytest.mark.parametrize(
    "message", ["Resource not accessible by integration", "Must have admin rights to use code scanning."]
)
def test_a_refusal_is_not_off(hub: Played, loaded: LoadedConnector, tmp_path: Path, message: str) -> None:
    """Somebody else may see that it is on."""
    play(hub)
    hub.answers[f"{REPO}/code-scanning/analyses"] = Reply.refused(message)

    found = scan(loaded, settings(hub), tmp_path).verdicts["github_repo_code_scanning_active", HERE, "-"]

    assert found.status is UNKNOWN
    assert "Code scanning alerts: read" in found.reason


@pytest.mark.parametrize(
    "reply",
    [
        Reply(429, {"message": "slow down"}, {"retry-after": "0"}),
        Reply(502, {"message": "Server Error"}),
        Reply(403, {"message": "Code Security must be enabled"}),
    ],
    ids=["limit", "outage", "off"],
)
def test_only_a_refusal_names_a_permission(hub: Played, loaded: LoadedConnector, tmp_path: Path, reply: Reply) -> None:
    """A limit of calls and an outage are told as that: whoever grants a right for them has granted it for nothing."""
    play(hub)
    hub.answers[f"{REPO}/code-scanning/alerts"] = reply
    hub.answers[f"{REPO}/codeowners/errors"] = reply

    verdicts = scan(loaded, settings(hub), tmp_path).verdicts

    late = next(one for where, one in verdicts.items() if where[0] == "github_repo_code_scanning_alerts_within_sla")
    owners = next(one for where, one in verdicts.items() if where[0] == "github_repo_codeowners_review")
    for found in (late, owners):
        assert found.status is UNKNOWN
        assert "needs" not in found.reason
        assert ": read" not in found.reason


WRONG = {"line": 3, "kind": "Unknown owner"}


def owners(path: str = "CODEOWNERS", size: int | None = 10, **but: Any) -> community_files.CommunityFiles:
    """A repository with a CODEOWNERS file."""
    values: dict[str, Any] = {
        "full_name": "acme/api", "private": True, "archived": False, "private_vulnerability_reporting": None,
        "files": [{"path": path, "sha": SHA, "size": size}],
        "code_owners": {"path": path, "lines_with_owner": 1, "errors": [], "owns_every_file": True},
    }  # fmt: skip
    return view(community_files.CommunityFiles, **(values | but))


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (owners(), PASS),
        (owners(size=0, code_owners=None), FAIL),
        (owners(size=3_145_728), FAIL),
        (owners(code_owners={"path": "x", "lines_with_owner": 2, "errors": [WRONG]}), FAIL),
        (owners(code_owners={"path": "x", "lines_with_owner": 0, "errors": []}), FAIL),
        (owners(code_owners={"path": "x", "lines_with_owner": 1, "errors": [], "owns_every_file": False}), UNKNOWN),
        # read by a version that did not say it
        (owners(code_owners={"path": "x", "lines_with_owner": 1, "errors": []}), UNKNOWN),
        (owners(size=None, code_owners=None), UNKNOWN),
    ],
)  # fmt: skip
def test_code_owners_that_own_nothing(evidence: community_files.CommunityFiles, expected: Status) -> None:
    """An empty file, one that is too large, one with errors, one with nothing but comments."""
    assert status(branch_checks.codeowners_review, evidence, some_rules(PULLS), classic()) is expected


@pytest.mark.parametrize(
    ("text", "errors", "lines"),
    [
        ("# nobody\n\n", [], 0),
        ("* @acme/core # us\n*.md docs@acme.example\n/vendor/\n", [], 2),
        # the last line that matches decides, and one without an owner gives the file to nobody ("About code owners")
        ("* @acme/core\n/apps/ @acme/apps\n*\n", [], 0),
        ("* @acme/core\n** # nobody\n/apps/ @acme/apps\n", [], 1),
        ("* @acme/core\n/apps/github\n", [], 1),
        ("*.rb @\n", [{"line": 1, "column": 6, "kind": "Invalid owner", "message": "m", "path": "CODEOWNERS"}], 1),
    ],
)
def test_what_github_makes_of_code_owners_is_read(
    hub: Played, repo: GitHub, text: str, errors: list[dict[str, Any]], lines: int
) -> None:
    """Lines are counted and errors kept by place and kind; nobody's address is."""
    play(hub)
    hub.answers |= {f"{REPO}/git/blobs/b1": a_blob(text), f"{REPO}/codeowners/errors": {"errors": errors}}

    found = community_files.code_owners(repo, {})

    assert found["lines_with_owner"] == lines
    assert found["errors"] == [{"line": one["line"], "kind": one["kind"]} for one in errors]
    assert "acme.example" not in str(found)


def test_of_several_files_github_takes_the_first(hub: Played, repo: GitHub) -> None:
    """It looks in .github, then in the root, then in docs; the others do not count."""
    play(hub)
    hub.answers |= {
        f"{REPO}/git/trees/main": a_tree((".github", "tree", "t1"), ("CODEOWNERS", "blob", "b3")),
        f"{REPO}/git/trees/t1": a_tree(("CODEOWNERS", "blob", "b1")),
        f"{REPO}/git/blobs/b1": a_blob("* @acme/core\n"),
    }

    assert community_files.code_owners(repo, {})["path"] == ".github/CODEOWNERS"


def some_actions(*patterns: str, verified: bool = False) -> actions_settings.OrganizationActions:
    """A selection of actions that may run."""
    chosen = {"github_owned_allowed": True, "verified_allowed": verified, "patterns_allowed": list(patterns)}
    token = {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": False}
    values = {"enabled_repositories": "all", "allowed_actions": "selected"}
    return view(actions_settings.OrganizationActions, **values, selected_actions=chosen, workflow=token)


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (("*",), FAIL),
        (("*/*@*",), FAIL),
        (("acme/*", "*/checkout@v4"), FAIL),
        (("acme*/tool@*",), FAIL),
        (("*@main",), FAIL),
        (("acme/*",), PASS),
        (("acme/tool@*", "other/*@v1"), PASS),
        (("acme/*", "!*/*@main"), PASS),
        ((), PASS),
    ],
)
def test_a_pattern_that_names_no_owner_lets_anybody_in(patterns: tuple[str, ...], expected: Status) -> None:
    """GitHub compares it with OWNER/REPOSITORY@REF, and anybody can open an account under a new name."""
    assert status(actions_settings.actions_restricted, some_actions(*patterns)) is expected


def test_verified_creators_are_named_and_may_be_excluded() -> None:
    """A selection without patterns is no selection of nothing."""
    evidence = some_actions(verified=True)

    found = verdict(actions_settings.actions_restricted, evidence)
    strict = verdict(actions_settings.actions_restricted, evidence, allow_verified_creators=False)

    assert (found.status, strict.status) == (PASS, FAIL)
    assert "creator that GitHub verified" in found.reason
    assert "0 patterns" not in found.reason


@pytest.mark.parametrize(
    ("path", "answer", "listing"),
    [
        (f"{REPO}/collaborators", [], repository_access.collaborators),
        (f"{ORG}/actions/runner-groups", {"total_count": 0, "runner_groups": []}, runners.runner_groups),
    ],
)
def test_a_list_that_cannot_be_empty_was_not_shown(
    hub: Played, repo: GitHub, path: str, answer: Any, listing: Any
) -> None:
    """Somebody administers every repository, and every organization has a default group."""
    play(hub)
    hub.answers[path] = answer

    with pytest.raises(Denied, match="may not look"):
        list(bodies(listing(repo)))


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example:SECRETPORT/in",
        "https://hooks.example:99999/SECRETPATH",
        "https://[SECRETHOST/in",
        "SECRETWORD",
        None,
    ],
)
def test_one_odd_webhook_never_loses_the_list(
    hub: Played, loaded: LoadedConnector, tmp_path: Path, url: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    """It is odd, the others are judged, and no part of its address is told anywhere."""
    caplog.set_level(logging.DEBUG)
    play(hub)
    call = "GET /repos/{owner}/{repo}/hooks"
    config = {"insecure_ssl": "0", "secret": "********"}
    bad = {**config, "url": "http://plain.example/x"}
    hub.answers[f"{REPO}/hooks"] = [
        a_hook(call, id=1, config=config if url is None else {**config, "url": url}),
        a_hook(call, id=2, config=bad),
        a_hook(call, id=3),
    ]

    scanned = scan(loaded, settings(hub), tmp_path)

    found = {where[2]: one for where, one in scanned.verdicts.items() if where[0] == "github_repo_webhooks_secure"}
    assert {subject: one.status for subject, one in found.items()} == {"1": UNKNOWN, "2": FAIL, "3": PASS}
    assert "SECRET" not in str(found)
    assert "SECRET" not in caplog.text
    assert b"SECRET" not in scanned.kept


def test_an_odd_webhook_still_fails_by_what_is_known_of_it() -> None:
    """Without a secret nothing it sends can be told from a stranger's, wherever it leads."""
    values = {"id": 1, "active": True, "target": ODD}
    open_to_anybody = view(webhooks.RepositoryWebhook, **values, config={"insecure_ssl": "1"})
    signed = view(webhooks.RepositoryWebhook, **values, config={"secret": "********"})

    assert status(webhooks.repository_webhooks_secure, open_to_anybody) is FAIL
    assert status(webhooks.repository_webhooks_secure, signed) is UNKNOWN
    assert status(webhooks.repository_webhooks_secure, unread(webhooks.RepositoryWebhook)) is UNKNOWN


def test_a_workflow_is_kept_without_its_secrets(hub: Played, loaded: LoadedConnector, tmp_path: Path) -> None:
    """A literal password goes by the name of its key, a known token by its form; what is judged stays as it was."""
    play(hub)
    token = "ghp_" + "k" * 36
    hub.answers[f"{REPO}/git/blobs/b3"] = a_blob(
        "on: issues\npermissions: {id-token: write}\njobs:\n  one:\n    steps:\n"
        "      - run: echo ${{ github.event.issue.title }}\n"
        f"        env:\n          DB_PASSWORD: CANARY-plain\n          API_TOKEN: |\n            CANARY-block\n"
        f"          OTHER: ${{{{ secrets.OTHER }}}}\n          URL: https://x:{token}@y.example\n"
    )

    scanned = scan(loaded, settings(hub), tmp_path)

    found = scanned.verdicts["github_repo_workflows_safe", HERE, ".github/workflows/test.yml"]
    assert (found.status, "github.event.issue.title" in found.reason) == (FAIL, True)
    assert b"CANARY-" not in scanned.kept
    assert token.encode() not in scanned.kept
    assert b"DB_PASSWORD: '[redacted]'" in scanned.kept
    assert b"secrets.OTHER" in scanned.kept


def test_the_repositorys_own_actions_are_found_in_its_folders(hub: Played, repo: GitHub) -> None:
    """Also those that an action uses; one that is not there is kept as not there."""
    play(hub)
    hub.answers[f"{REPO}/git/blobs/b4"] = a_blob("runs: {using: composite, steps: [{uses: ./missing}]}\n")
    workflow = next(bodies(workflows.workflows(repo)))

    found = {one["folder"]: one["text"] for one in workflows.local_actions(repo, workflow)}

    assert sorted(found) == [".github/actions/build", "missing"]
    assert found["missing"] is None
    assert "composite" in str(found[".github/actions/build"])


def test_a_late_analysis_is_asked_for_with_what_it_ended_in(hub: Played, repo: GitHub) -> None:
    """The error and the tool decide whether it counts."""
    play(hub)

    assert scanning.latest_analysis(repo, {}) == [{"created_at": LATE, "tool": {"name": "CodeQL"}, "error": ""}]
