"""What is asked of GitLab, for which role, and what becomes of its answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from collector.core.connectors import Found
from collector.core.errors import ConnectorError, Denied, NotSignedIn, NotThere, Unexpected
from connectors.gitlab._sdk.client import GitLab, connect
from connectors.gitlab._sdk.refusals import NOT_IN_PLAN
from connectors.gitlab._sdk.settings import Settings
from connectors.gitlab.group import audit_log, people, variables, webhooks
from connectors.gitlab.group import settings as group_settings
from connectors.gitlab.instance import settings as instance
from connectors.gitlab.instance import users
from connectors.gitlab.project import approvals, environments, pipelines, projects, secret_push, vulnerabilities
from tests.connectors.aws.wires import CountingWire
from tests.connectors.github.judging import bodies
from tests.connectors.gitlab.double import GitLabDouble, forbidden, not_found
from tests.connectors.gitlab.estate import (
    API,
    DOTCOM,
    GROUP,
    ME,
    a_branch_rule,
    a_job,
    a_person,
    a_project,
    a_user,
    connection,
    furnish,
    project_at,
    served,
    settings,
)
from tests.connectors.gitlab.examples import an, example, names

AT = project_at("acme/api")


def as_role(lab: GitLabDouble, level: int, **user: Any) -> None:
    """Let the token's user have a role in the group, and administer nothing unless a test says so."""
    lab.answers[f"{API}/user"] = an("user", id=ME, username="ann", **user)
    lab.answers[f"{GROUP}/members/all/{ME}"] = a_person(ME, "ann", level)


SHORTENED: list[tuple[Callable[[GitLab], Any], int]] = [
    (audit_log.audit_events, 50),
    (group_settings.subgroups, 10),
    (projects.projects, 10),
    (projects.shared_projects, 10),
    (people.members, 10),
]


@pytest.mark.parametrize(("listing", "least"), SHORTENED)
def test_a_list_that_gitlab_shortens_for_a_role_is_asked_for_by_another_only(
    listing: Callable[[GitLab], Any], least: int, lab: GitLabDouble, group: GitLab
) -> None:
    """It would come with status 200, as the whole of it."""
    as_role(lab, least - 5)

    with pytest.raises(Denied, match=r"ann has the role .* in acme"):
        list(listing(group))


@pytest.mark.parametrize(("listing", "least"), SHORTENED)
def test_the_role_is_enough(listing: Callable[[GitLab], Any], least: int, lab: GitLabDouble, group: GitLab) -> None:
    """No more is asked for than GitLab asks for."""
    as_role(lab, least)

    assert list(listing(group))


def test_who_is_no_member_has_no_role(lab: GitLabDouble, group: GitLab) -> None:
    """GitLab answers 404."""
    as_role(lab, 0)
    del lab.answers[f"{GROUP}/members/all/{ME}"]

    with pytest.raises(Denied, match="no access"):
        list(projects.projects(group))


def test_an_administrator_needs_no_role(lab: GitLabDouble, group: GitLab) -> None:
    """May do what Owners may."""
    as_role(lab, 0, is_admin=True)
    del lab.answers[f"{GROUP}/members/all/{ME}"]

    assert len(list(audit_log.audit_events(group))) == 2


def test_an_auditor_sees_all_projects_and_no_audit_events(lab: GitLabDouble, group: GitLab) -> None:
    """Of the instance, without a role in the group."""
    as_role(lab, 0, is_auditor=True)

    assert len(list(projects.projects(group))) == 2
    with pytest.raises(Denied, match="role Reporter"):
        list(audit_log.audit_events(group))


@pytest.mark.parametrize("user", [{}, {"is_admin": False}])
def test_users_are_listed_for_administrators_only(user: dict[str, Any], lab: GitLabDouble, source: GitLab) -> None:
    """Anybody gets the list, without second factors."""
    as_role(lab, 50, **user)

    with pytest.raises(Denied, match="does not administer"):
        list(users.users(source))


def test_users_without_their_second_factor_are_not_believed(lab: GitLabDouble, source: GitLab) -> None:
    """A proxy or a version may leave it out."""
    user = a_user(1, "ann")
    del user["two_factor_enabled"]
    lab.answers[f"{API}/users"] = [user]

    with pytest.raises(Unexpected, match="without two_factor_enabled"):
        list(users.users(source))


def test_audit_events_are_those_of_two_days(lab: GitLabDouble, group: GitLab) -> None:
    """From GitLab's own clock on, by keys: by numbers they go away in GitLab 19."""
    list(audit_log.audit_events(group))

    asked = next(request.url.params for request in lab.asked if request.url.path.endswith("/audit_events"))
    assert asked["created_after"] == "2026-02-27T06:00:00Z"
    assert asked["pagination"] == "keyset"


def test_projects_are_those_of_the_group_and_archived_ones(lab: GitLabDouble, group: GitLab) -> None:
    """By default GitLab lists projects of others that were shared, and none of subgroups."""
    list(projects.projects(group))

    asked = next(request.url.params for request in lab.asked if request.url.path.endswith("/groups/acme/projects"))
    assert (asked["include_subgroups"], asked["with_shared"], "archived" in asked) == ("true", "false", False)


@pytest.mark.parametrize(
    ("project", "but", "expected"),
    [
        (a_project(1, "acme/api"), {}, "acme/api"),
        (a_project(1, "acme/platform/web"), {"projects": ("platform/*",)}, "acme/platform/web"),
        (a_project(1, "acme/api"), {"projects": ("platform/*",)}, None),
        (a_project(1, "acme/api"), {"exclude": ("a*",)}, None),
        (a_project(1, "acme/api", archived=True), {"include_archived": False}, None),
        (a_project(1, "acme/api", archived=True), {}, "acme/api"),
    ],
)
def test_which_projects_are_looked_at(project: dict[str, Any], but: dict[str, Any], expected: str | None) -> None:
    """By their paths below the group."""
    found = projects._selected(settings(**but), project)

    assert (found.name if isinstance(found, Found) else found) == expected


def test_a_group_without_an_owner_is_no_complete_list(lab: GitLabDouble, group: GitLab) -> None:
    """Every top-level group has one."""
    lab.answers[f"{GROUP}/members/all"] = [a_person(1, "ann", 40)]

    with pytest.raises(Unexpected, match="lists no Owner"):
        list(people.members(group))


def test_only_names_and_flags_of_variables_are_kept(group: GitLab) -> None:
    """GitLab answers with the values in clear."""
    kept = {key for variable in bodies(variables.group_variables(group)) for key in variable}

    assert kept == {"key", "variable_type", "protected", "masked", "hidden", "raw", "environment_scope"}


def test_only_known_settings_of_the_instance_are_kept(source: GitLab) -> None:
    """The answer has keys and tokens of other services, under names that grow."""
    (kept,) = bodies(instance.instance_settings(source))

    assert "akismet_api_key" not in kept
    assert kept.keys() <= set(instance._KEPT)
    assert {"signup_enabled", "require_two_factor_authentication"} <= kept.keys()


def test_the_second_factor_is_that_of_the_instances_users(lab: GitLabDouble, group: GitLab) -> None:
    """On a GitLab of one's own, asked for once for all members."""
    lab.answers[f"{API}/users"] = [a_user(1, "ann"), a_user(2, "bob", two_factor_enabled=False)]

    found = [people.two_factor(group, {"id": number})["enabled"] for number in (1, 2, 3)]
    assert found == [True, False, None]
    assert lab.total[f"{API}/users"] == 1


def test_on_gitlab_com_the_second_factor_is_that_of_enterprise_users(wire: CountingWire) -> None:
    """Who is none is not known."""
    with served(furnish(GitLabDouble()), DOTCOM) as lab:
        client = connect(settings(DOTCOM), ("acme",), wire)
        lab.answers[f"{GROUP}/enterprise_users"] = [an("group_enterprise_users", id=1, two_factor_enabled=False)]

        assert people.two_factor(client, {"id": 1}) == {"enabled": False, "listed_in": "enterprise users"}
        assert people.two_factor(client, {"id": 9})["enabled"] is None
        assert [user["username"] for user in bodies(people.enterprise_users(client))] == ["user22"]
        assert group_settings.plan(client, {}) == {"name": "ultimate"}
        with pytest.raises(NotThere):
            group_settings.instance_demand(client, {})
        client.close()


def test_enterprise_users_without_their_second_factor_are_not_believed(wire: CountingWire) -> None:
    """Null says neither that there is one nor that there is none."""
    with served(furnish(GitLabDouble()), DOTCOM) as lab:
        lab.answers[f"{GROUP}/enterprise_users"] = [an("group_enterprise_users", id=1, two_factor_enabled=None)]

        with pytest.raises(Unexpected, match="without two_factor_enabled"):
            people.two_factor(connect(settings(DOTCOM), ("acme",), wire), {"id": 1})


def test_the_instance_has_its_demand_and_no_plan(group: GitLab) -> None:
    """On a GitLab of one's own."""
    assert group_settings.instance_demand(group, {}) == {
        "require_two_factor_authentication": True, "two_factor_grace_period": 24,
    }  # fmt: skip
    with pytest.raises(NotThere):
        group_settings.plan(group, {})


PAID: list[tuple[Callable[[GitLab, Any], Any], str, str]] = [
    (approvals.settings, "merge_request_approval_setting", "free"),
    (approvals.rules, "approval_rules", "free"),
    (secret_push.rule, "push_rule", "free"),
    (secret_push.security, "security_settings", "premium"),
    (environments.protection, "protected_environments", "free"),
]
ENVIRONMENT = {"name": "production", "tier": "production"}


@pytest.mark.parametrize(("part", "path", "plan"), PAID)
@pytest.mark.parametrize("refused", [forbidden, not_found])
def test_a_paid_feature_is_not_there_where_gitlab_names_a_lesser_plan(
    part: Callable[[GitLab, Any], Any], path: str, plan: str, refused: Callable[[], httpx.Response], wire: CountingWire
) -> None:
    """A refusal alone may mean a role that is missing."""
    with served(furnish(GitLabDouble()), DOTCOM) as lab:
        lab.answers[f"{AT}/{path}"] = lambda _: refused()
        client = connect(settings(DOTCOM), ("acme", "acme/api"), wire)

        with pytest.raises(ConnectorError) as said:
            part(client, ENVIRONMENT)
        assert said.value.code != NOT_IN_PLAN  # on Ultimate

        lab.answers[f"{API}/namespaces/acme"] = an("namespace", plan=plan)
        with pytest.raises(NotThere) as said_then:
            part(connect(settings(DOTCOM), ("acme", "acme/api"), wire), ENVIRONMENT)
        assert said_then.value.code == NOT_IN_PLAN
        client.close()


@pytest.mark.parametrize(
    ("listing", "path"),
    [
        (webhooks.group_hooks, "hooks"),
        (audit_log.audit_events, "audit_events"),
        (people.enterprise_users, "enterprise_users"),
    ],
)
def test_a_paid_list_names_the_plan_that_lacks_it(
    listing: Callable[[GitLab], Any], path: str, wire: CountingWire
) -> None:
    """And not a role that would not help."""
    with served(furnish(GitLabDouble()), DOTCOM) as lab:
        lab.answers[f"{GROUP}/{path}"] = lambda _: forbidden()
        lab.answers[f"{API}/namespaces/acme"] = an("namespace", plan="free")

        with pytest.raises(NotThere, match="has the plan free, and this begins with premium"):
            list(listing(connect(settings(DOTCOM), ("acme",), wire)))


@pytest.mark.parametrize("plan", ["opensource", "premium_trial", None])
def test_a_plan_that_is_not_known_is_not_a_lesser_one(plan: str | None, wire: CountingWire) -> None:
    """What was refused stays refused."""
    with served(furnish(GitLabDouble()), DOTCOM) as lab:
        lab.answers[f"{AT}/approval_rules"] = lambda _: forbidden()
        lab.answers[f"{API}/namespaces/acme"] = an("namespace", plan=plan)

        with pytest.raises(Denied):
            approvals.rules(connect(settings(DOTCOM), ("acme", "acme/api"), wire), {})


def test_the_community_edition_has_no_paid_plan(lab: GitLabDouble, project: GitLab) -> None:
    """By GitLab's own word."""
    lab.answers[f"{API}/metadata"] = an("metadata", enterprise=False)
    lab.answers[f"{AT}/approval_rules"] = lambda _: not_found()

    with pytest.raises(NotThere):
        approvals.rules(project, {})


def test_a_push_rule_that_was_never_set_is_null(lab: GitLabDouble, project: GitLab) -> None:
    """With status 200."""
    assert secret_push.rule(project, {})["configured"] is True
    lab.answers[f"{AT}/push_rule"] = example("push_rule_never_set")
    assert secret_push.rule(project, {}) == {"configured": False}
    lab.answers[f"{AT}/push_rule"] = {}
    with pytest.raises(Unexpected):
        secret_push.rule(project, {})


def test_environments_are_protected_by_their_groups_too(lab: GitLabDouble, project: GitLab) -> None:
    """By tier in a group, by name in the project."""
    of_group = [an("protected_environments", name="staging"), an("protected_environments", name="production")]
    lab.answers[f"{GROUP.rpartition('/')[0]}/acme/protected_environments"] = of_group

    found = environments.protection(project, {"name": "live", "tier": "staging"})
    assert [rule["name"] for rule in found["rules"]] == ["staging"]


def test_jobs_of_child_pipelines_count_and_those_of_other_projects_do_not(lab: GitLabDouble, project: GitLab) -> None:
    """A child pipeline is told from one elsewhere by its address."""
    elsewhere = {**an("bridge")["downstream_pipeline"], "id": 6, "web_url": "https://example.com/other/pipelines/6"}
    lab.answers[f"{AT}/pipelines/48/bridges"] = [an("bridge"), an("bridge", id=8, downstream_pipeline=elsewhere)]
    lab.answers[f"{AT}/pipelines/48/jobs"] = [a_job("sast")]

    found = pipelines.jobs(project, an("pipelines", id=48))
    assert [[file["file_type"] for file in job["artifacts"]] for job in found] == [["sast"], ["dependency_scanning"]]
    assert "commit" not in found[0]


def test_the_latest_pipeline_of_each_source_is_kept(lab: GitLabDouble, project: GitLab) -> None:
    """A scan may run by a schedule only."""
    lab.answers[f"{AT}/pipelines"] = [
        an("pipelines", id=number, source=source) for number, source in ((9, "push"), (8, "push"), (7, "schedule"))
    ]

    assert [pipeline["id"] for pipeline in bodies(pipelines.pipelines(project))] == [9, 7]


def test_vulnerabilities_are_asked_for_where_they_are_shown_only(lab: GitLabDouble, project: GitLab) -> None:
    """Elsewhere the query answers with an empty list."""
    assert len(list(vulnerabilities.vulnerabilities(project))) == 2
    lab.answers[f"{AT}/security_settings"] = lambda _: forbidden()
    project.results._results.clear()
    with pytest.raises(Denied):
        list(vulnerabilities.vulnerabilities(project))


def test_vulnerabilities_come_in_pages(lab: GitLabDouble, project: GitLab) -> None:
    """And null is not an empty page."""
    pages = {None: connection({"id": "1"}, more=True), "e": connection({"id": "2"})}
    lab.queries["vulnerabilities"] = lambda asked: {"project": {"vulnerabilities": pages[asked["after"]]}}
    assert [found["id"] for found in bodies(vulnerabilities.vulnerabilities(project))] == ["1", "2"]

    lab.queries["vulnerabilities"] = lambda _: {"project": {"vulnerabilities": pages[None]}}
    with pytest.raises(Unexpected, match="repeated"):
        list(vulnerabilities.vulnerabilities(project))
    lab.queries["vulnerabilities"] = lambda _: {"project": {"vulnerabilities": None}}
    with pytest.raises(Denied):
        list(vulnerabilities.vulnerabilities(project))


def test_a_page_without_its_header_is_not_the_last_one(lab: GitLabDouble, project: GitLab) -> None:
    """A proxy that drops headers would end every list after a hundred."""
    lab.answers[f"{AT}/protected_branches"] = lambda _: httpx.Response(200, json=[a_branch_rule(1)])

    with pytest.raises(Unexpected, match="X-Next-Page"):
        list(project.pages("GET /api/v4/projects/{project}/protected_branches"))


@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        (401, {"message": "401 Unauthorized"}, NotSignedIn, "401"),
        (401, {"error": "invalid_token", "error_description": "Token was revoked."}, NotSignedIn, "invalid_token"),
        (403, {"error": "insufficient_scope", "scope": "api"}, Denied, "insufficient_scope"),
        (403, {"message": "403 Forbidden"}, Denied, "403"),
        (404, {"message": "404 Project Not Found"}, Denied, "404"),
        (404, {"error": "404 Not Found"}, Denied, "404"),
    ],
)
def test_refusals(
    status: int, body: dict[str, str], error: type[ConnectorError], code: str, lab: GitLabDouble, project: GitLab
) -> None:
    """A sentence is no code, and a word of OAuth is one."""
    lab.answers[AT] = lambda _: httpx.Response(status, json=body)

    with pytest.raises(error) as said:
        project.project()
    assert said.value.code == code


def test_a_refusal_is_asked_for_once(lab: GitLabDouble, project: GitLab) -> None:
    """By all collections of a project."""
    lab.answers[AT] = lambda _: forbidden()

    for _ in range(3):
        with pytest.raises(Denied):
            project.project()
    assert lab.total[AT] == 1


def test_the_default_branch_may_not_be_shown(lab: GitLabDouble, project: GitLab) -> None:
    """To guests."""
    hidden = a_project(1, "acme/api")
    del hidden["default_branch"]
    lab.answers[AT] = hidden

    with pytest.raises(Denied, match="does not show the default branch"):
        project.default_branch()
    (kept,) = bodies(approvals.approval_setting(project))
    assert kept["default_branch"] is None


@pytest.mark.parametrize(
    "but",
    [
        {"groups": ()},
        {"groups": ("acme/api",)},
        {"groups": ("",)},
        {"url": "http://git.acme.example"},
        {"url": "https://git.acme.example/api/v4"},
        {"url": "https://git.acme.example?x=1"},
        {"quota_share": 0.0},
        {"most_changes": 0},
    ],
)
def test_settings_that_cannot_be(but: dict[str, Any]) -> None:
    """Said before anything is asked."""
    with pytest.raises(ValueError, match=r".+"):
        settings(**but)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (DOTCOM, True),
        ("https://gitlab.com/", True),
        ("https://git.acme.example", False),
        ("https://gitlab.com.acme", False),
    ],
)
def test_which_instance_is_gitlabs_own(url: str, expected: bool) -> None:
    """By its host."""
    assert Settings(token=settings().token, groups=("acme",), url=url).is_dotcom is expected
    assert instance.has_instance(settings(url)) is not expected


def test_every_example_is_used() -> None:
    """What nobody plays is not kept."""
    used = "".join(file.read_text() for file in Path(__file__).parent.glob("*.py"))

    assert [name for name in names() if f'"{name}"' not in used] == []
