"""What collections make of GitHub's answers, where that is more than handing them on."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import build_schema, parse, validate

from collector.core.errors import ConnectorError, Denied, Unexpected
from connectors.github._sdk.client import GitHub, connect
from connectors.github._sdk.errors import explain
from connectors.github.actions import settings as actions_settings
from connectors.github.actions import workflows
from connectors.github.organization import audit_log, members, repository_access, single_sign_on
from connectors.github.repository import change_queries, changes, community_files, environments, git_tree
from tests.connectors.aws.wires import CountingWire
from tests.connectors.github.estate import (
    ABOUT_COMMITS,
    LONG_AGO,
    ORG,
    REPO,
    a_commit,
    a_pull,
    a_tree,
    history,
    play,
    pulls,
    saml,
    settings,
    user,
)
from tests.connectors.github.judging import bodies
from tests.connectors.github.played import Played, Reply
from tests.connectors.github.shapes import item


@pytest.fixture(autouse=True)
def acme(hub: Played) -> None:
    """All of acme, in good order."""
    play(hub)


def only(hub: Played, answer: Any) -> None:
    """Let the history be this, without a push."""
    hub.answers[f"{REPO}/activity"] = []
    hub.graphql = [*ABOUT_COMMITS, ("history(", answer)]


def explained(error: BaseException) -> ConnectorError:
    """The error in our words."""
    assert isinstance(error, Exception)
    explained = explain(error)
    assert explained is not None
    return explained


def test_members_carry_the_role_they_are_listed_under(org: GitHub) -> None:
    """GitHub's list does not say it by itself."""
    assert [(body["login"], body["role"]) for body in bodies(members.members(org))] == [
        ("ann", "admin"),
        ("bob", "admin"),
        ("cat", "member"),
    ]


def test_an_organization_without_owners_was_not_seen(hub: Played, org: GitHub) -> None:
    """GitHub gives an empty list to an app without the right, and no error."""
    hub.answers[f"{ORG}/members"] = []

    with pytest.raises(Denied, match="every organization has one"):
        list(bodies(members.members(org)))


def test_the_audit_log_is_asked_for_one_entry_of_each_member(hub: Played, org: GitHub) -> None:
    """The whole log of a large organization would take hours."""
    listed = members.last_events(org, {"login": "ann"})

    assert listed == [{"@timestamp": 1_772_236_800_000, "action": "team.create"}]
    assert hub.queries[-1] == {"phrase": "actor:ann", "include": "all", "per_page": "1"}


def test_the_window_is_counted_from_githubs_clock(hub: Played, org: GitHub) -> None:
    """A machine whose clock is wrong must not look at another week."""
    list(bodies(audit_log.audit_log(org)))

    assert hub.queries[-1]["phrase"] == "created:>=2026-02-27T06:00:00Z"


def test_the_selection_is_only_asked_for_where_there_is_one(hub: Played, org: GitHub) -> None:
    """GitHub answers an error otherwise; that there is none is said by another field."""
    with pytest.raises(ConnectorError) as caught:
        actions_settings.selected_actions(org, {"allowed_actions": "all"})

    assert caught.value.code == "allowed_actions is not selected"
    assert hub.total() == 0


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (saml(None, owner=True), "no provider"),
        (saml(None, owner=False), None),
        ({"data": {"organization": None}}, None),
        ({"data": {"organization": None}, "errors": [{"type": "FORBIDDEN", "message": "no"}]}, "FORBIDDEN"),
    ],
)
def test_a_provider_that_is_not_shown_is_not_none(
    hub: Played, org: GitHub, answer: dict[str, Any], code: str | None
) -> None:
    """Only an owner is shown whether there is one."""
    hub.graphql = [("samlIdentityProvider", answer)]

    with pytest.raises(ConnectorError) as caught:
        single_sign_on.provider(org, {})

    assert caught.value.code == code


def test_the_access_matrix_has_teams_and_roles(org: GitHub) -> None:
    """Team by team: who is in it, and what it may do where."""
    team = {"slug": "core"}

    assert [team_member["role"] for team_member in repository_access.team_members(org, team)] == [
        "maintainer",
        "member",
    ]
    assert repository_access.team_repositories(org, team)[0]["full_name"] == "acme/api"


def test_a_commit_of_a_pull_request_says_so(repo: GitHub) -> None:
    """The way is what an auditor asks for first."""
    (change,) = bodies(changes.changes(repo))

    assert (change["way"], change["pull"]["number"]) == ("pull request", 1)


@pytest.mark.parametrize(
    "of",
    [
        [],
        [{"merged": False, **a_pull()}],
        [{"merged": True, **a_pull(baseRefName="other")}],
    ],
)
def test_a_commit_without_a_merged_pull_request_was_pushed(hub: Played, repo: GitHub, of: list[dict[str, Any]]) -> None:
    """An open pull request, or one into another branch, did not bring it here."""
    only(hub, history(a_commit(pulls=of)))

    (change,) = bodies(changes.changes(repo))

    assert (change["way"], change["pull"]) == ("push", None)


def test_the_first_merge_is_the_one_that_brought_it(hub: Played, repo: GitHub) -> None:
    """Later pull requests may hold the same commit again."""
    of = [{"merged": True, **a_pull(2)}, {"merged": True, **a_pull(1, mergedAt=LONG_AGO)}]
    only(hub, history(a_commit(pulls=of)))

    (change,) = bodies(changes.changes(repo))

    assert change["pull"]["number"] == 1


def test_pull_requests_that_were_not_read_are_not_none(hub: Played, repo: GitHub) -> None:
    """A commit of which ten pull requests were read and none fits may still have come by the eleventh."""
    eleven_pulls = {"totalCount": 11, "nodes": []}
    only(hub, history(a_commit(associatedPullRequests=eleven_pulls)))

    with pytest.raises(Unexpected, match="more pull requests than were read"):
        list(bodies(changes.changes(repo)))


def test_changes_come_in_pages(hub: Played, repo: GitHub) -> None:
    """Fifty commits are an afternoon of some repositories."""

    def answer(variables: dict[str, Any]) -> dict[str, Any]:
        if variables["after"] is None:
            return history(a_commit("1" * 40), after="c1")
        return history(a_commit("2" * 40))

    only(hub, answer)

    assert [body["oid"][0] for body in bodies(changes.changes(repo))] == ["1", "2"]


@pytest.mark.parametrize(
    "second",
    [
        Reply(502, {"message": "bad"}),
        {"data": None, "errors": [{"type": "FORBIDDEN", "message": "no"}]},
        {**history(a_commit("2" * 40)), "errors": [{"type": "FORBIDDEN", "path": ["x"], "message": "no"}]},
        {"data": {"repository": {"isEmpty": False, "ref": None}}},
        {"data": {"repository": None}},
        history(a_commit("2" * 40), after="c1"),
    ],
)
def test_a_second_page_that_is_not_whole_ends_the_list_with_an_error(hub: Played, repo: GitHub, second: Any) -> None:
    """GraphQL gives data beside errors; the fields that are missing then must not look empty."""
    only(hub, lambda sent: history(a_commit("1" * 40), after="c1") if sent["after"] is None else second)
    listed = bodies(changes.changes(repo))

    next(listed)
    with pytest.raises(ConnectorError):
        list(listed)


def test_more_changes_than_allowed_are_an_error(hub: Played, repo: GitHub) -> None:
    """A population cut at a number nobody noticed is no population."""
    import msgspec

    only(hub, history(*(a_commit(str(number) * 40) for number in range(4))))
    repo.settings = msgspec.structs.replace(repo.settings, most_changes=3)

    with pytest.raises(Unexpected, match="more than 3 changes"):
        list(bodies(changes.changes(repo)))


def test_an_empty_repository_has_no_changes(hub: Played, repo: GitHub) -> None:
    """GitHub says that it is empty; its branch does not exist, which is no refusal."""
    only(hub, {"data": {"repository": {"isEmpty": True, "ref": None}}})

    assert list(bodies(changes.changes(repo))) == []


@pytest.mark.parametrize(("oid", "result"), [("a" * 40, "pass"), ("b" * 40, "none")])
def test_what_the_rules_said_of_a_push(repo: GitHub, oid: str, result: str) -> None:
    """GitHub keeps it by the last commit of a push, for a month."""
    assert changes.push(repo, {"oid": oid}) == {"result": result}


def test_the_rules_word_is_asked_once_for_all_changes(hub: Played, repo: GitHub) -> None:
    """A thousand commits are one question, also where the answer is no."""
    hub.refuse(f"{REPO}/rulesets/rule-suites")
    for oid in ("a", "b", "c"):
        with pytest.raises(Denied):
            changes.push(repo, {"oid": oid})

    assert hub.asked[f"GET {REPO}/rulesets/rule-suites"] == 1


def test_pull_requests_before_the_window_are_left_out(hub: Played, repo: GitHub) -> None:
    """The newest change comes first, so the rest need not be read."""
    hub.graphql = [
        (
            "pullRequests(",
            pulls(a_pull(1), {**a_pull(2), "mergedAt": LONG_AGO}, {**a_pull(3), "updatedAt": LONG_AGO}, a_pull(4)),
        )
    ]

    assert [body["number"] for body in bodies(changes.pull_requests(repo))] == [1]


def test_deployments_before_the_window_are_left_out(hub: Played, repo: GitHub) -> None:
    """Years of releases are not evidence of this quarter."""
    call = "GET /repos/{owner}/{repo}/deployments"
    hub.page = 1
    hub.answers[f"{REPO}/deployments"] = [
        item(call, id=1, created_at="2026-02-28T00:00:00Z"),
        item(call, id=2, created_at=LONG_AGO),
        item(call, id=3, created_at=LONG_AGO),
    ]

    assert [body["id"] for body in bodies(environments.deployments(repo))] == [1]
    assert hub.asked[f"GET {REPO}/deployments"] == 2


def test_files_are_found_wherever_github_takes_them_from(hub: Played, repo: GitHub) -> None:
    """The root, .github and docs; names in capitals and small letters."""
    hub.answers |= {
        f"{REPO}/git/trees/main": a_tree(("docs", "tree", "t9"), ("security.md", "blob", "b1"), ("x.md", "blob", "b2")),
        f"{REPO}/git/trees/t9": a_tree(("CODEOWNERS", "blob", "b3"), ("SECURITY.md", "tree", "t5")),
    }

    assert [file["path"] for file in community_files.files(repo, {})] == ["security.md", "docs/CODEOWNERS"]


def test_a_folder_that_github_cut_short_is_not_read(hub: Played, repo: GitHub) -> None:
    """What was cut off may be the file that is missing."""
    hub.answers[f"{REPO}/git/trees/main"] = {**a_tree(), "truncated": True}

    with pytest.raises(Unexpected, match="cut the list"):
        community_files.files(repo, {})


def test_a_repository_without_workflows_has_none(hub: Played, repo: GitHub) -> None:
    """The tree lists what there is, so this is an empty list and no guess."""
    hub.answers[f"{REPO}/git/trees/main"] = a_tree(("README.md", "blob", "b1"))

    assert list(bodies(workflows.workflows(repo))) == []


def test_an_empty_repository_says_so(hub: Played, repo: GitHub) -> None:
    """It has no files by GitHub's own word."""
    hub.answers[f"{REPO}/git/trees/main"] = Reply.refused("Git Repository is empty.", 409)

    with pytest.raises(ConnectorError) as caught:
        community_files.files(repo, {})

    assert explained(caught.value).code == git_tree.EMPTY


def test_every_query_is_one_that_github_takes() -> None:
    """Checked against the part of GitHub's published schema that is kept as test data."""
    from pathlib import Path

    kept = Path(__file__).parents[2] / "recorded" / "github" / "schema.graphql"
    schema = build_schema(kept.read_text())

    of_changes = (
        change_queries.CHANGES,
        change_queries.COMMITS,
        change_queries.CONTRIBUTIONS,
        change_queries.DATED_BEFORE,
        change_queries.PULLS,
    )
    for query in (*of_changes, single_sign_on._SAML, single_sign_on._IDENTITIES):
        assert validate(schema, parse(query)) == []


def test_a_guest_without_a_second_factor_is_told_from_a_member(hub: Played, org: GitHub) -> None:
    """They are asked to leave by different people."""
    hub.answers[f"{ORG}/members"] = lambda query: [user("ann")] if "filter" in query else []
    hub.answers[f"{ORG}/outside_collaborators"] = [user("eve")]

    listed = [(body["login"], body["affiliation"]) for body in bodies(members.without_second_factor(org))]

    assert listed == [("ann", "member"), ("eve", "outside collaborator")]


def test_a_log_that_is_refused_is_asked_for_once(hub: Played, org: GitHub) -> None:
    """A thousand members would be a thousand refusals."""
    hub.refuse(f"{ORG}/audit-log")
    for login in ("ann", "bob", "cat"):
        with pytest.raises(Denied):
            members.last_events(org, {"login": login})

    assert hub.asked[f"GET {ORG}/audit-log"] == 1


@pytest.mark.parametrize("owner", [True, False])
def test_no_identities_are_none_only_by_an_owners_view(hub: Played, org: GitHub, owner: bool) -> None:
    """To others GitHub shows no provider, whether there is one or not."""
    hub.graphql = [("externalIdentities", saml(None, owner=owner))]

    if owner:
        assert list(bodies(single_sign_on.saml_identities(org))) == []
    else:
        with pytest.raises(Denied):
            list(bodies(single_sign_on.saml_identities(org)))


def test_reports_in_private_are_asked_for_of_public_repositories_only(hub: Played, repo: GitHub) -> None:
    """GitHub answers an error to the question for others, and the repository says what it is."""
    with pytest.raises(ConnectorError) as caught:
        community_files.reporting(repo, {"private": True})

    assert caught.value.code == "the repository is not public"
    assert hub.total() == 0


MARKED = "marked by the company's rule: "


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({}, None),
        ({"emergency_labels": ("emergency", "hot*")}, MARKED + "label Hotfix"),
        ({"emergency_titles": ("*out of hours*",)}, MARKED + "title like *out of hours*"),
        ({"emergency_labels": ("urgent",), "emergency_titles": ("revert*",)}, None),
    ],
)
def test_an_emergency_is_what_the_company_marks_as_one(
    hub: Played, wire: CountingWire, rules: dict[str, Any], expected: str | None
) -> None:
    """A guess from the hour or the author would put words into the company's mouth."""
    pull = a_pull(title="Out of hours: mend it", labels={"nodes": [{"name": "backend"}, {"name": "Hotfix"}]})
    only(hub, history(a_commit(pulls=[{"merged": True, **pull}])))
    client = connect(settings(hub, **rules), ("acme", "api"), wire)

    (change,) = bodies(changes.changes(client))

    assert change.get("emergency") == expected


def test_a_push_is_marked_by_no_label(hub: Played, wire: CountingWire) -> None:
    """What had no pull request has nothing that a rule could look at; that it was a push is told as it is."""
    only(hub, history(a_commit(pulls=[])))
    client = connect(settings(hub, emergency_titles=("*",)), ("acme", "api"), wire)

    (change,) = bodies(changes.changes(client))

    assert (change["way"], "emergency" in change) == ("push", False)
