"""Situations that other tools for GitLab were reported to answer wrongly, each with what is right here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from collector.core.checks import Status
from collector.core.errors import Denied, NotUsed, Unexpected
from collector.core.tasks import Outcome
from collector.setup.loading import LoadedConnector
from connectors.gitlab._sdk.client import GitLab
from connectors.gitlab.group import tokens
from connectors.gitlab.project import (
    branch_checks,
    change_checks,
    changes,
    environments,
    merge_requests,
    pipelines,
    pushes,
)
from connectors.gitlab.project.changes import Change
from tests.connectors.github.judging import FAIL, PASS, UNKNOWN, bodies, status, view
from tests.connectors.gitlab.double import GitLabDouble, as_json, forbidden, not_found
from tests.connectors.gitlab.estate import (
    API,
    GROUP,
    HEAD,
    OLD,
    OLDER,
    OWN,
    a_branch_rule,
    a_commit,
    a_level,
    a_merge_request,
    a_project,
    a_push,
    an_approval,
    furnish,
    project_at,
    served,
    settings,
)
from tests.connectors.gitlab.examples import an
from tests.connectors.gitlab.judged import a_change, a_rule, approval, made_by, rules
from tests.connectors.gitlab.judged import a_project as a_setting
from tests.connectors.gitlab.test_project_checks import a_protection, an_environment
from tests.played.clock import PlayedClock
from tests.sweep.scanning import Scanned, scan

AT = project_at("acme/api")
MERGE, SQUASHED = "d" * 40, "e" * 40
PAID = (
    "push_rule",
    "approval_rules",
    "merge_request_approval_setting",
    "protected_environments",
    "security_settings",
)


def free(lab: GitLabDouble) -> GitLabDouble:
    """The Community Edition: paid calls are not there, and there is nothing to refuse them."""
    lab.answers[f"{API}/metadata"] = an("metadata", enterprise=False)
    for path in list(lab.answers):
        if path.endswith(PAID) or path in (f"{GROUP}/hooks", f"{GROUP}/audit_events"):
            lab.answers[path] = lambda _: not_found()
    return lab


def scanned(lab: GitLabDouble, loaded: LoadedConnector, folder: Path) -> Scanned:
    """Scan the company."""
    with served(lab, OWN):
        return scan(loaded, settings(), folder, clocks=PlayedClock)


def test_the_community_edition_is_judged_and_not_given_up(loaded: LoadedConnector, tmp_path: Path) -> None:
    """Legit-Labs/legitify#208, aquasecurity/chain-bench#114, backstage/backstage#28587: 404 ended the analysis."""
    found = scanned(free(furnish(GitLabDouble())), loaded, tmp_path)

    def of(check: str) -> set[Status]:
        return {said.status for (id_, _, subject), said in found.verdicts.items() if id_ == check and subject}

    assert of("gitlab_project_approvals_required") == {FAIL}
    assert of("gitlab_project_self_approval_prevented") == {FAIL}
    assert of("gitlab_project_push_rules_block_secrets") == {UNKNOWN}
    assert of("gitlab_project_merged_mrs_approved") == {PASS}
    assert PASS not in of("gitlab_project_production_environment_protected")


def test_approved_without_a_rule_is_not_an_approval(lab: GitLabDouble, project: GitLab) -> None:
    """laurentenhoor/devclaw#265: `approved` is true where a project has no rule, and nobody approved."""
    for iid in (1, 2):
        lab.answers[f"{AT}/merge_requests/{iid}/approvals"] = an("mr_approvals", approved_by=[]) | {"approved": True}

    for change in bodies(changes.changes(project)):
        assert status(change_checks.merged_approved, view(Change, **change)) is FAIL


@pytest.mark.parametrize(
    ("commits", "request_of"),
    [
        # apache/devlake#5486, orhun/git-cliff#1043
        ([a_commit(SQUASHED, [OLDER])], {"squash_commit_sha": SQUASHED, "squash": True}),
        # akuity/kargo#5454: the squashed commit under merge_commit_sha
        ([a_commit(SQUASHED, [OLDER])], {"merge_commit_sha": SQUASHED, "squash": True}),
        # orhun/git-cliff#968: fast forward, only the head is there
        ([a_commit(SQUASHED, [OLDER])], {"sha": SQUASHED}),
        # git-ai-project/git-ai#2149: squashed by an old GitLab, which names the merge only
        (
            [a_commit(MERGE, [OLDER, SQUASHED]), a_commit(SQUASHED, [OLDER])],
            {"merge_commit_sha": MERGE, "squash": True},
        ),
    ],
)
def test_however_a_merge_request_was_merged_its_commits_are_its_own(
    commits: list[dict[str, Any]], request_of: dict[str, Any], lab: GitLabDouble, project: GitLab
) -> None:
    """Taken for pushes they would fail, and taken for nothing they would be missing."""
    lab.answers[f"{AT}/repository/commits"] = commits
    lab.answers[f"{AT}/events"] = [a_push(1, OLDER, commits[0]["id"])]
    lab.answers[f"{AT}/merge_requests"] = [a_merge_request(2, HEAD) | request_of]

    assert {change["way"] for change in bodies(changes.changes(project))} == {"merge request"}


def test_the_second_parent_of_any_other_merge_is_no_ones(lab: GitLabDouble, project: GitLab) -> None:
    """What was merged and pushed by hand has no merge request, although it looks like one."""
    lab.answers[f"{AT}/repository/commits"] = [a_commit(MERGE, [OLDER, SQUASHED]), a_commit(SQUASHED, [OLDER])]
    lab.answers[f"{AT}/events"] = [a_push(1, OLDER, MERGE)]
    lab.answers[f"{AT}/merge_requests"] = [a_merge_request(2, HEAD, merge_commit_sha=MERGE)]

    found = {change["id"]: change["way"] for change in bodies(changes.changes(project))}
    assert found == {MERGE: "merge request", SQUASHED: "push"}


def test_a_project_without_ci_has_no_scans(
    lab: GitLabDouble, project: GitLab, loaded: LoadedConnector, tmp_path: Path
) -> None:
    """apache/devlake#2065: GitLab refuses the list of pipelines where CI/CD is off, with 403."""
    lab.answers[AT] = a_project(1, "acme/api", builds_access_level="disabled")
    lab.answers[f"{AT}/pipelines"] = lambda _: forbidden()

    with pytest.raises(NotUsed):
        list(pipelines.pipelines(project))
    found = scanned(lab, loaded, tmp_path).verdicts
    assert found["gitlab_project_security_scans_run", ("acme", "acme/api"), ""].status is FAIL


def test_a_project_without_merge_requests_is_pushed_to(
    lab: GitLabDouble, project: GitLab, loaded: LoadedConnector, tmp_path: Path
) -> None:
    """ossf/scorecard#2775: GitLab refuses the merge requests of a commit where they are off, with 403."""
    lab.answers[AT] = a_project(1, "acme/api", merge_requests_access_level="disabled")
    lab.answers[f"{AT}/merge_requests"] = lambda _: forbidden()

    with pytest.raises(NotUsed):
        list(merge_requests.merge_requests(project))
    assert {change["way"] for change in bodies(changes.changes(project))} == {"push"}
    found = scanned(lab, loaded, tmp_path)
    check = "gitlab_project_merged_mrs_approved"
    said = {
        where: verdict.status for where, verdict in found.verdicts.items() if where[:2] == (check, ("acme", "acme/api"))
    }
    assert set(said.values()) == {FAIL}


@pytest.mark.parametrize(
    ("feature", "listing"),
    [
        ("repository_access_level", changes.changes),
        ("repository_access_level", pushes.pushes),
        ("repository_access_level", pipelines.pipelines),
        ("repository_access_level", merge_requests.merge_requests),
        ("environments_access_level", environments.environments),
        ("builds_access_level", environments.environments),
    ],
)
def test_what_is_switched_off_is_not_refused(feature: str, listing: Any, lab: GitLabDouble, project: GitLab) -> None:
    """By the project's own setting, before the list that GitLab would refuse."""
    lab.answers[AT] = a_project(1, "acme/api", **{feature: "disabled"})

    with pytest.raises(NotUsed, match="switched off"):
        list(listing(project))


def test_refused_merge_requests_are_not_pushes(lab: GitLabDouble, project: GitLab) -> None:
    """Where they are on, a 403 is a role that is missing."""
    lab.answers[f"{AT}/merge_requests"] = lambda _: forbidden()

    with pytest.raises(Denied):
        list(changes.changes(project))


@pytest.mark.parametrize(
    ("push", "protected", "alone"),
    [
        # gitlabhq/terraform-provider-gitlab#441: a user with the level of Maintainers, beside no one
        ([a_level(40, user_id=1706972), a_level(0)], UNKNOWN, FAIL),
        # #415: a rule without any role, which the pages of GitLab allow
        ([], UNKNOWN, UNKNOWN),
        ([a_level(0)], PASS, PASS),
    ],
)
def test_who_may_push_by_name(push: list[dict[str, Any]], protected: Status, alone: Status) -> None:
    """A user's level says nothing of everybody's."""
    found = rules(a_rule(push_access_levels=push))

    assert status(branch_checks.branch_protected, found, a_setting()) is protected
    assert status(branch_checks.second_person_required, a_setting(), found) is alone


@pytest.mark.parametrize(
    ("exact", "wildcard", "expected"),
    [
        ({}, {"push_access_levels": [a_level(30)]}, FAIL),
        ({}, {"allow_force_push": True}, FAIL),
        ({"push_access_levels": [a_level(30)]}, {}, FAIL),
        ({}, {}, PASS),
    ],
)
def test_overlapping_wildcards_open_what_an_exact_rule_locks(
    exact: dict[str, Any], wildcard: dict[str, Any], expected: Status
) -> None:
    """praetorian-inc/trajan#102, gitlabform/gitlabform#886: only the rule of that very name was looked at."""
    found = rules(a_rule("main", **exact), a_rule("ma*", **wildcard))

    assert status(branch_checks.branch_protected, found, a_setting()) is expected


@pytest.mark.parametrize(
    ("rule", "expected"), [("release/2026", PASS), ("release/*", PASS), ("2026", FAIL), ("release", FAIL)]
)
def test_a_default_branch_with_a_slash(rule: str, expected: Status) -> None:
    """navikt/cplt#350: only what stands after the last slash was compared."""
    assert (
        status(branch_checks.branch_protected, rules(a_rule(rule)), a_setting(default_branch="release/2026"))
        is expected
    )


def test_a_default_branch_with_a_slash_is_asked_for_whole(lab: GitLabDouble, project: GitLab) -> None:
    """In every call that names it."""
    lab.answers[AT] = a_project(1, "acme/api", default_branch="release/2026")
    lab.answers[f"{AT}/events"] = [a_push(2, OLD, HEAD, "release/2026"), a_push(1, OLDER, OLD, "2026")]

    assert {change["id"] for change in bodies(changes.changes(project))} == {HEAD, OLD}
    names = [request.url.params["ref_name"] for request in lab.asked if "ref_name" in request.url.params]
    assert names == ["release/2026", f"{OLD}..release/2026"]


@pytest.mark.parametrize("expires_at", [None, "9999-12-31"])
def test_tokens_that_never_end(expires_at: str | None) -> None:
    """cnieg/gitlab-tokens-exporter#91, ilijamt/vault-plugin-secrets-gitlab#178: no date, or a date of never."""
    token = {
        "id": 1, "name": "ci", "active": True, "created_at": "2025-12-01T00:00:00Z", "expires_at": expires_at,
        "last_used_at": "2026-02-27T00:00:00Z",
    }  # fmt: skip

    assert status(tokens.group_tokens_expire, view(tokens.GroupToken, **token)) is FAIL


def test_a_date_that_is_none_is_not_read_as_no_date() -> None:
    """The view refuses it, so that the verdict is unknown."""
    with pytest.raises(msgspec.ValidationError):
        view(
            tokens.GroupToken, id=1, name="ci", active=True, created_at="2025-12-01T00:00:00Z", expires_at="Invalid",
            last_used_at=None,
        )  # fmt: skip


def test_of_several_approvals_one_by_somebody_else_is_enough() -> None:
    """kosli-dev/cli#284: only the latest approval was looked at, and a committer had given it."""
    change = a_change(approval("bob"), approval("dot", "2026-02-21T12:00:00Z"), contributions=made_by("cem", "dot"))

    assert status(change_checks.merged_approved, change) is PASS


def test_protection_that_is_off_for_an_hour_leaves_its_push() -> None:
    """ossf/scorecard#1005: settings of now say nothing of what went by while they were others."""
    pushed = view(Change, id=HEAD, parent_ids=[OLD], way="push", merge_request=None)

    assert status(branch_checks.branch_protected, rules(a_rule()), a_setting()) is PASS
    assert status(change_checks.merged_approved, pushed) is FAIL


def test_a_commit_in_a_programs_name_is_not_the_programs() -> None:
    """omnigent-ai/omnigent#6323: the address in a commit is what its author wrote."""
    author = {"username": "renovate", "bot": True}
    change = a_change(author=author, contributions=made_by("renovate"))

    assert status(change_checks.merged_approved, change, allowed_bot_authors=["renovate"]) is UNKNOWN


def test_an_environment_of_a_group_without_approvals() -> None:
    """python-gitlab/python-gitlab#3168: the answer has approval_rules, and they are empty."""
    assert status(environments.production_protected, an_environment(a_protection(0, approval_rules=[]))) is FAIL


def test_a_branch_that_is_made_on_a_page_is_a_push_of_no_commit(lab: GitLabDouble, project: GitLab) -> None:
    """bitrise-io/bitrise-webhooks#219: what a new branch begins with was there before."""
    data = {"commit_count": 0, "action": "created", "ref_type": "branch", "commit_from": None, "commit_to": OLD,
            "ref": "main", "commit_title": None, "ref_count": None}  # fmt: skip
    lab.answers[f"{AT}/events"] = [a_push(2, OLD, HEAD), a_push(1, None, OLD, push_data=data)]

    asked = {change["id"] for change in bodies(changes.changes(project))}
    assert asked == {HEAD, OLD}
    assert f"{OLD}..main" in {request.url.params.get("ref_name") for request in lab.asked}


def test_a_push_to_many_branches_names_none_of_them(lab: GitLabDouble, project: GitLab) -> None:
    """GitLab keeps a number in place of names; its commits are changes by their dates."""
    data = {"commit_count": 0, "action": "pushed", "ref_type": "branch", "commit_from": None, "commit_to": None,
            "ref": None, "commit_title": None, "ref_count": 5}  # fmt: skip
    lab.answers[f"{AT}/events"] = [a_push(1, None, None, push_data=data)]

    assert {change["id"] for change in bodies(changes.changes(project))} == {HEAD, OLD}


def test_an_archived_project_is_listed_and_has_nothing_to_fail(loaded: LoadedConnector, tmp_path: Path) -> None:
    """gitlabform/gitlabform#170, checkmarx-ts/CxUtils#45: left out, or ended in an error."""
    lab = furnish(GitLabDouble())
    archived = a_project(1, "acme/api", archived=True)
    lab.answers[f"{GROUP}/projects"] = [archived, a_project(2, "acme/platform/web", visibility="internal")]
    lab.answers[AT] = archived
    lab.answers[f"{AT}/protected_branches"] = []

    found = scanned(lab, loaded, tmp_path)
    said = found.verdicts["gitlab_project_default_branch_protected", ("acme", "acme/api"), ""]
    assert said.status is Status.NOT_APPLICABLE
    assert {seen.observation.outcome for seen in found.seen} == {Outcome.COMPLETE}


def test_a_project_that_comes_twice_in_a_list_is_said_so(lab: GitLabDouble, project: GitLab) -> None:
    """gitlabhq/gitlabhq#7388: pages in no certain order repeat some and miss others; an order is asked for."""
    lab.page_size = 1
    lab.answers[f"{AT}/protected_branches"] = [a_branch_rule(1), a_branch_rule(1)]

    with pytest.raises(Unexpected, match="two pages hold the same"):
        list(project.pages("GET /api/v4/projects/{project}/protected_branches"))


def test_null_in_place_of_a_project_is_refused(lab: GitLabDouble, project: GitLab) -> None:
    """research-software-directory/RSD-as-a-service#1693: GraphQL says null for what one may not see."""
    lab.queries["mergeRequest"] = lambda _: as_json({"data": {"project": None}})

    with pytest.raises(Denied):
        list(changes.changes(project))


def test_an_approver_who_was_merged_into_another_account_is_no_longer_known(lab: GitLabDouble, project: GitLab) -> None:
    """Whose role in the project is not shown may have been anybody."""
    for iid in (1, 2):
        lab.answers[f"{AT}/merge_requests/{iid}/approvals"] = an("mr_approvals", approved_by=[an_approval("bob")])
    lab.answers[f"{AT}/members/all"] = []

    for change in bodies(changes.changes(project)):
        assert status(change_checks.merged_approved, view(Change, **change)) is UNKNOWN
