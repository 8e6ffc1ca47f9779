"""The change population, and who counts as somebody else."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from graphql import build_schema, parse, validate

from collector.core.checks import Status
from collector.core.errors import ConnectorError, Denied, Unexpected
from connectors.gitlab._sdk.client import GitLab, connect
from connectors.gitlab.project import change_checks, change_summary, changes, merge_requests, pushes, vulnerabilities
from connectors.gitlab.project.changes import Change
from connectors.gitlab.project.contributions import MERGE_REQUEST, contributions
from tests.connectors.aws.wires import CountingWire
from tests.connectors.github.judging import (
    FAIL,
    PASS,
    UNKNOWN,
    CompleteSet,
    UnreadSet,
    bodies,
    status,
    unread,
    verdict,
    view,
)
from tests.connectors.gitlab.double import GitLabDouble
from tests.connectors.gitlab.estate import (
    HEAD,
    OLD,
    OLDER,
    a_commit,
    a_graphql_commit,
    a_graphql_request,
    a_merge_request,
    a_project,
    a_push,
    an_approval,
    connection,
    project_at,
    settings,
)
from tests.connectors.gitlab.examples import _FOLDER, an
from tests.connectors.gitlab.judged import a_change, a_request, approval, made_by

AT = project_at("acme/api")
X, Y = "1" * 40, "2" * 40


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (a_change(approval()), PASS),
        (a_change(), FAIL),
        (a_change(approval("cem")), FAIL),
        (a_change(approval("CEM")), FAIL),
        (a_change(approval("cem"), approval("bob")), PASS),
        (a_change(approval(bot=True)), FAIL),
        (a_change(approval(level=20)), FAIL),
        (a_change(approval(level=None)), UNKNOWN),
        (a_change(approval(at=None)), UNKNOWN),
        (a_change(approval(at="2026-02-22T00:00:00Z")), PASS),
        (a_change(approval(at="2026-02-22T00:00:01Z")), FAIL),
        (a_change(approval(at="2026-02-20T00:00:00Z")), PASS),
        (a_change(approval(at="2026-02-19T23:59:59Z")), UNKNOWN),
        (a_change(approval(), head_at=None), UNKNOWN),
        (a_change(approval(), contributions=made_by("bob", "cem")), FAIL),
        (a_change(approval(), contributions=made_by("cem", total=101, read=100)), UNKNOWN),
        (a_change(approval(), contributions=made_by("cem", total=0, read=0)), UNKNOWN),
        (a_change(approval(), contributions=made_by("cem", nameless=("Bob",))), UNKNOWN),
        (a_change(approval(), approval("dot"), contributions=made_by("cem", nameless=("Bob",))), PASS),
        (a_change(approval(), unread=["approvedBy"]), UNKNOWN),
        (a_change(approval(), author=None), UNKNOWN),
        (view(Change, id=HEAD, parent_ids=[OLD], way="push", merge_request=None), FAIL),
        (unread(Change), UNKNOWN),
    ],
)
def test_changes_were_approved_by_somebody_else(change: Change, expected: Status) -> None:
    """A person with a role that writes, who had no part in it, before the merge and after the last commits."""
    assert status(change_checks.merged_approved, change) is expected


@pytest.mark.parametrize(
    ("reviewer", "expected"),
    [
        ({"username": "dot", "state": "REQUESTED_CHANGES", "access_level": 30}, FAIL),
        ({"username": "dot", "state": "REQUESTED_CHANGES", "access_level": None}, FAIL),
        ({"username": "dot", "state": "REQUESTED_CHANGES", "access_level": 20}, PASS),
        ({"username": "dot", "state": "REVIEWED", "access_level": 30}, PASS),
        ({"username": "dot", "state": None, "access_level": 30}, UNKNOWN),
    ],
)
def test_what_reviewers_asked_for(reviewer: dict[str, Any], expected: Status) -> None:
    """Who may write and asked for changes was passed over."""
    assert status(change_checks.merged_approved, a_change(approval(), reviewers=[reviewer])) is expected


@pytest.mark.parametrize(("stale", "expected"), [("unknown", UNKNOWN), ("fail", FAIL), ("count", PASS)])
def test_an_approval_of_an_older_commit_is_what_the_company_says(stale: str, expected: Status) -> None:
    """Neither answer is annexd's to choose."""
    change = a_change(approval(at="2026-02-19T00:00:00Z"))

    assert status(change_checks.merged_approved, change, stale_approvals=stale) is expected


BOT = {"username": "renovate", "bot": True}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (a_change(author=BOT, contributions=made_by("renovate", signed=True)), PASS),
        (a_change(author=BOT, contributions=made_by("renovate")), UNKNOWN),
        (a_change(author=BOT, contributions=made_by("renovate", "mallory", signed=True)), FAIL),
        (a_change(author=BOT, contributions=made_by("renovate", nameless=("Mallory",), signed=True)), FAIL),
        (a_change(author=BOT, contributions=made_by("renovate", total=2, signed=True)), UNKNOWN),
        (a_change(author=BOT, contributions=made_by("renovate", total=0, read=0, signed=True)), UNKNOWN),
        (a_change(author={"username": "renovate", "bot": False}, contributions=made_by("renovate", signed=True)), FAIL),
    ],
)
def test_a_program_is_exempt_where_the_company_names_it(change: Change, expected: Status) -> None:
    """And only for what it made alone, by signatures that GitLab verified."""
    assert status(change_checks.merged_approved, change, allowed_bot_authors=["renovate"]) is expected
    assert status(change_checks.merged_approved, change) is FAIL


def a_view(push: dict[str, Any]) -> pushes.Push:
    """A push, as checks see it."""
    return view(pushes.Push, **{name: push[name] for name in ("id", "created_at", "author_username", "push_data")})


def commits(*pairs: tuple[str, str]) -> CompleteSet:
    """Changes, each with its parent."""
    return CompleteSet(
        *(view(Change, id=sha, parent_ids=[parent], way="push", merge_request=None) for sha, parent in pairs)
    )


KNOWN = commits((HEAD, OLD), (OLD, OLDER))


@pytest.mark.parametrize(
    ("found", "known", "expected"),
    [
        (CompleteSet(a_view(a_push(1, OLDER, OLD)), a_view(a_push(2, OLD, HEAD))), KNOWN, PASS),
        (CompleteSet(), KNOWN, PASS),
        (CompleteSet(a_view(a_push(1, OLDER, X))), KNOWN, FAIL),
        (CompleteSet(a_view(a_push(1, X, HEAD))), KNOWN, FAIL),
        (CompleteSet(a_view(a_push(1, None, OLDER))), KNOWN, PASS),
        (CompleteSet(a_view(a_push(1, OLD, None))), KNOWN, FAIL),
        (UnreadSet(), KNOWN, UNKNOWN),
        (CompleteSet(a_view(a_push(1, OLDER, OLD))), UnreadSet(), UNKNOWN),
    ],
)
def test_pushes_are_accounted_for(found: CompleteSet, known: CompleteSet, expected: Status) -> None:
    """What was pushed and is not in the branch was forced out of it, whichever push it was."""
    assert status(change_checks.pushes_accounted_for, found, known) is expected


def listed(client: GitLab) -> dict[str, Any]:
    """The changes of a project, by their commits."""
    return {change["id"]: change for change in bodies(changes.changes(client))}


def test_changes_have_the_merge_requests_that_brought_them(project: GitLab) -> None:
    """With approvals, and whoever had a part in them."""
    found = listed(project)

    assert {sha: change["way"] for sha, change in found.items()} == {HEAD: "merge request", OLD: "merge request"}
    request = found[HEAD]["merge_request"]
    assert request["iid"] == 2
    assert request["approvals"] == [approval(at="2026-02-21T00:00:00.000Z", level=50)]
    assert request["contributions"] == made_by("cem")
    assert request["head_at"] == "2026-02-20T00:00:00.000Z"
    assert "description" not in request
    assert "message" not in found[HEAD]


@pytest.mark.parametrize("brings", ["merge_commit_sha", "squash_commit_sha", "sha"])
def test_merge_and_squash_commits_belong_to_their_merge_request(
    brings: str, lab: GitLabDouble, project: GitLab
) -> None:
    """A squashed merge request has none of its own commits in the branch."""
    lab.answers[f"{AT}/repository/commits"] = [a_commit(X, [OLDER])]
    lab.answers[f"{AT}/events"] = [a_push(1, OLDER, X)]
    lab.answers[f"{AT}/merge_requests"] = [a_merge_request(2, Y) | {brings: X}]

    assert listed(project)[X]["way"] == "merge request"


def test_a_commit_with_an_old_date_is_a_change_by_its_push(lab: GitLabDouble, project: GitLab) -> None:
    """Its date is what a machine says; when it was pushed is GitLab's own word."""

    def by_date(request: Any) -> Any:
        return [a_commit(HEAD, [X])] if "since" in request.url.params else [a_commit(HEAD, [X]), a_commit(X, [OLD])]

    lab.answers[f"{AT}/repository/commits"] = by_date
    lab.answers[f"{AT}/events"] = [a_push(2, X, HEAD), a_push(1, OLD, X)]
    lab.answers[f"{AT}/merge_requests"] = [a_merge_request(2, HEAD)]

    assert {sha: change["way"] for sha, change in listed(project).items()} == {HEAD: "merge request", X: "push"}
    asked = [request.url.params.get("ref_name") for request in lab.asked if request.url.path.endswith("/commits")]
    assert asked == ["main", f"{OLD}..main"]


def test_a_branch_that_nothing_reached_while_others_were_pushed_to_is_not_an_empty_list(
    lab: GitLabDouble, project: GitLab
) -> None:
    """Another branch may have been the default one until yesterday."""
    lab.answers[f"{AT}/repository/commits"] = []
    lab.answers[f"{AT}/events"] = [a_push(1, OLDER, OLD, ref="develop")]

    with pytest.raises(Unexpected, match="nothing reached main"):
        listed(project)


def test_a_quiet_project_has_no_changes(lab: GitLabDouble, project: GitLab) -> None:
    """Nothing was pushed at all."""
    lab.answers[f"{AT}/repository/commits"] = []
    lab.answers[f"{AT}/events"] = []

    assert listed(project) == {}


def test_an_empty_project_is_asked_for_nothing(lab: GitLabDouble, project: GitLab) -> None:
    """It has no branch."""
    lab.answers[AT] = a_project(1, "acme/api", empty_repo=True)

    assert listed(project) == {}
    assert list(pushes.pushes(project)) == []
    assert list(merge_requests.merge_requests(project)) == []


def test_more_changes_than_the_limit_are_an_error(lab: GitLabDouble, wire: CountingWire) -> None:
    """Never a shorter list."""
    with pytest.raises(Unexpected, match="more than 1 changes"):
        listed(connect(settings(lab.url, most_changes=1), ("acme", "acme/api"), wire))


def test_what_is_outside_the_window_is_left_out(lab: GitLabDouble, project: GitLab) -> None:
    """GitLab takes days for events, and the time of the last update for merge requests."""
    old = "2025-11-30T00:00:00.000Z"
    lab.answers[f"{AT}/events"] = [a_push(2, OLD, HEAD), a_push(1, OLDER, OLD, created_at=old)]
    lab.answers[f"{AT}/merge_requests"] = [a_merge_request(2, HEAD), a_merge_request(1, OLD, merged_at=old)]

    assert [push["id"] for push in bodies(pushes.pushes(project))] == [2]
    assert [request["iid"] for request in bodies(merge_requests.merge_requests(project))] == [2]


def test_a_merge_just_before_the_window_explains_its_push_in_it(lab: GitLabDouble, project: GitLab) -> None:
    """GitLab dates the push when it gets to it."""
    before, after = "2025-12-01T05:59:58.000Z", "2025-12-01T06:00:02.000Z"
    lab.answers[f"{AT}/events"] = [a_push(1, OLD, HEAD, created_at=after)]
    lab.answers[f"{AT}/repository/commits"] = [a_commit(HEAD, [OLD])]
    lab.answers[f"{AT}/merge_requests"] = [a_merge_request(2, HEAD, merged_at=before)]

    assert listed(project)[HEAD]["way"] == "merge request"
    assert list(merge_requests.merge_requests(project)) == []


def test_emergencies_are_marked_by_the_company_only(lab: GitLabDouble, wire: CountingWire) -> None:
    """By a label or a title."""
    lab.answers[f"{AT}/merge_requests"] = [
        a_merge_request(2, HEAD, labels=["Hotfix"]), a_merge_request(1, OLD, title="EMERGENCY: x")
    ]  # fmt: skip
    client = connect(
        settings(emergency_labels=("hotfix",), emergency_titles=("emergency*",)), ("acme", "acme/api"), wire
    )

    found = listed(client)
    assert found[HEAD]["emergency"] == "marked by the company's rule: label Hotfix"
    assert found[OLD]["emergency"] == "marked by the company's rule: title like emergency*"


def test_an_approver_whom_graphql_does_not_have_is_no_person(lab: GitLabDouble, project: GitLab) -> None:
    """Whether somebody is a program is GitLab's word; without it nobody counts."""
    for iid in (1, 2):
        lab.answers[f"{AT}/merge_requests/{iid}/approvals"] = an("mr_approvals", approved_by=[an_approval("eve")])

    found = view(Change, **listed(project)[HEAD])
    assert status(change_checks.merged_approved, found) is FAIL


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ([], None),
        ([("2026-02-20", None)], "2026-02-20"),
        ([("2026-02-20", None), ("2026-02-19", None)], "2026-02-20"),
        ([("2026-02-19", "p"), ("2026-02-20", "p")], "2026-02-19"),
        ([("2026-02-20", "p"), ("2026-02-19", "p"), ("2026-02-18", "q"), ("2026-02-17", "p")], "2026-02-19"),
        ([("2026-02-20", "p"), ("2026-02-19", None)], "2026-02-20"),
    ],
)
def test_a_rebase_changes_nothing_that_was_approved(
    versions: list[tuple[str, str | None]], expected: str | None
) -> None:
    """By the patch, by which GitLab itself keeps approvals."""
    listed_versions = [an("version_of_diff", created_at=at, patch_id_sha=patch) for at, patch in versions]

    assert merge_requests._changed_at(listed_versions) == expected


@pytest.mark.parametrize(("name", "gone"), [("ghost", True), ("ghost2", True), ("ghostwriter", False), ("cem", False)])
def test_who_opened_it_and_is_gone(name: str, gone: bool, lab: GitLabDouble, project: GitLab) -> None:
    """GitLab gives what deleted accounts leave to one of its own; it may be the approver who left."""
    made = a_graphql_request(a_graphql_commit(HEAD), author={"username": name, "bot": False})
    lab.queries["mergeRequest"] = lambda _: {"project": {"mergeRequest": made}}

    found = view(Change, **listed(project)[HEAD])
    assert found.merge_request is not None
    assert (found.merge_request.author is None) is gone
    assert status(change_checks.merged_approved, found) is (UNKNOWN if gone else PASS)


def test_all_pages_of_the_commits_of_a_merge_request_are_read(lab: GitLabDouble, project: GitLab) -> None:
    """By a cursor, and a commit on the second page is of the merge request too."""
    pages = {None: a_graphql_commit(HEAD), "e": a_graphql_commit(OLD, "dot")}

    def answer(variables: dict[str, Any]) -> Any:
        after = variables["after"]
        page = connection(pages[after], more=after is None)
        return {"project": {"mergeRequest": a_graphql_request(pages[after], commits=page, commitCount=2)}}

    lab.queries["mergeRequest"] = answer
    lab.answers[f"{AT}/merge_requests"] = [a_merge_request(2, HEAD)]

    found = listed(project)[OLD]
    assert found["merge_request"]["contributions"]["people"] == [{"username": "cem"}, {"username": "dot"}]
    assert found["merge_request"]["contributions"]["read"] == 2


def test_a_page_of_commits_that_comes_again_is_an_error(lab: GitLabDouble, project: GitLab) -> None:
    """Not a list without an end."""
    page = connection(a_graphql_commit(HEAD), more=True)
    lab.queries["mergeRequest"] = lambda _: {"project": {"mergeRequest": a_graphql_request(commits=page)}}

    with pytest.raises(Unexpected, match="repeated a page"):
        listed(project)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"data": {"project": None}}, Denied),
        ({"data": {"project": {"mergeRequest": None}}}, Denied),
        ({"data": {"project": {}}, "errors": [{"message": "you don't have permission to do this"}]}, Denied),
        ({"data": {"project": {}}, "errors": [{"message": "Query has complexity of 300"}]}, Unexpected),
        ({"errors": [{"message": "x"}]}, Unexpected),
        ({"data": None}, Unexpected),
    ],
)
def test_a_query_that_was_refused_with_200_is_refused(
    answer: Any, error: type[ConnectorError], lab: GitLabDouble, project: GitLab
) -> None:
    """GraphQL answers 200 to what one may not see."""
    lab.queries["mergeRequest"] = lambda _: httpx.Response(200, json=answer)

    with pytest.raises(error):
        listed(project)


def people_of(*made: dict[str, Any], **but: Any) -> dict[str, Any]:
    """Who made a merge request with these commits."""
    return contributions({**a_graphql_request(*made, **but), "commits": list(made)})


def test_committers_are_matched_by_their_number() -> None:
    """GitLab says which accounts committed, and not which address is whose."""
    alone = a_graphql_commit(HEAD, committerEmail="dot@home.example", committerName="Dot")
    two = a_graphql_commit(OLD, committerEmail="who@home.example", committerName="Who")
    known = {"committers": connection({"username": "cem"}, {"username": "dot"})}

    assert people_of(alone, **known)["nameless"] == 0
    assert people_of(alone, two, **known) | {"names": []} == made_by("cem", "dot", total=2, read=2) | {"nameless": 1}
    assert people_of(alone, two, **known)["names"] == ["Dot", "Who"]


def test_authors_without_an_account_are_nameless() -> None:
    """One person at most for each address."""
    assert people_of(a_graphql_commit(HEAD, None))["names"] == ["Stranger"]
    assert people_of(a_graphql_commit(HEAD, None), a_graphql_commit(OLD, None))["nameless"] == 1


@pytest.mark.parametrize(
    ("email", "people", "nameless"),
    [
        ("cem@acme.example", ["cem"], 0),
        ("12-dot@users.noreply.gitlab.com", ["cem", "dot"], 0),
        ("bob@home.example", ["cem"], 1),
    ],
)
def test_coauthors_have_a_part(email: str, people: list[str], nameless: int) -> None:
    """What GitLab writes where a suggestion was applied."""
    commit = a_graphql_commit(HEAD, message=f"Apply it\n\nCo-authored-by: Bob <{email}>\n")

    found = people_of(commit)
    assert [person["username"] for person in found["people"]] == people
    assert found["nameless"] == nameless


def test_more_committers_than_were_read_are_a_gap() -> None:
    """A hundred and first committer may be the approver."""
    assert people_of(a_graphql_commit(HEAD), committers=connection({"username": "cem"}, more=True))["read"] == 0


@pytest.mark.parametrize(
    ("signatures", "expected"),
    [
        (("VERIFIED", "VERIFIED_CA"), True),
        (("VERIFIED_SYSTEM",), True),
        (("VERIFIED", None), False),
        (("VERIFIED", "UNVERIFIED"), False),
        (("REVOKED_KEY",), False),
    ],
)
def test_every_commit_has_to_be_signed(signatures: tuple[str | None, ...], expected: bool) -> None:
    """One commit that anybody may have written in a program's name is enough."""
    commits = [
        a_graphql_commit(HEAD, signature=None if status is None else {"verificationStatus": status})
        for status in signatures
    ]

    assert people_of(*commits)["signed"] is expected


def test_queries_are_of_gitlabs_own_schema() -> None:
    """A field that there is not is found out here."""
    schema = build_schema((_FOLDER / "schema.graphql").read_text())

    for query in (MERGE_REQUEST, vulnerabilities.OPEN):
        assert validate(schema, parse(query)) == []


def test_summaries_say_what_a_sampling_sheet_needs() -> None:
    """Approvers are those before the merge."""
    request = a_request(approval(), approval("dot", None), approval("eve", "2026-02-23T00:00:00Z"), web_url="u")
    request = {**request, "merged_at": "2026-02-22T00:00:00Z"}

    summary = change_summary.change_summary({"merge_request": request, "way": "merge request"})
    assert (summary.title, summary.author, summary.approvers, summary.link) == ("a change", "cem", ("bob",), "u")
    assert "dot" in summary.notes[0]
    pushed = change_summary.change_summary({"title": "t", "author_name": "Cem", "way": "push", "merge_request": None})
    assert (pushed.title, pushed.author, pushed.notes) == ("t", "Cem", ("no merge request",))
    assert change_summary.push_summary({"push_data": {"action": "removed", "ref": "main"}}).title == "removed main"
    assert change_summary.change_summary({}).title == ""


def test_a_reason_names_makers_and_approvers() -> None:
    """Whoever reads it looks the change up."""
    found = verdict(change_checks.merged_approved, a_change(approval(), contributions=made_by("cem", "dot")))

    assert "merge request 7 of cem (with commits of dot) was approved by bob" in found.reason
