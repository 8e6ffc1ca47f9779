"""A company on the double: the group acme with subgroups and two projects, everything in order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import quote

from collector.core.secrets import Secret
from connectors._http import answered_by
from connectors.gitlab._sdk.settings import Settings
from tests.connectors.gitlab.double import GitLabDouble
from tests.connectors.gitlab.examples import an

D = TypeVar("D", bound=GitLabDouble)

OWN = "https://git.acme.example"
DOTCOM = "https://gitlab.com"
API = "/api/v4"
GROUP = f"{API}/groups/acme"
PROJECTS = ("acme/api", "acme/platform/web")
ME = 7

HEAD, OLD, OLDER = "c" * 40, "b" * 40, "a" * 40

CANARIES = {
    "a runner's registration": "canary-runners",
    "an address to import from": "canary-import",
    "a service desk": "canary-desk",
    "an error of an import": "canary-failed",
    "a variable": "canary-variable",
    "a variable's description": "canary-described",
    "a webhook": "canary-hook",
    "a webhook's token": "canary-hooktoken",
    "a webhook's variable": "canary-urlvariable",
    "a webhook's header": "canary-header",
    "a webhook's template": "canary-template",
    "a key": "canary-sshkey",
    "somebody's address": "canary-person",
    "somebody's place": "canary-place",
    "somebody at the identity provider": "canary-subject",
    "a note on somebody": "canary-note",
    "a setting of another service": "canary-akismet",
    "a deploy token": "canary-deploytoken",
    "a runner's token": "canary-runnertoken",
    "a message": "canary-message",
    "an environment": "canary-environment",
    "a commit's message": "canary-commit",
}

MAIL = CANARIES["somebody's address"]


def settings(url: str = OWN, **but: Any) -> Settings:
    """Settings of a source that reads the double."""
    token = Secret("a test", lambda: "glpat-madeup1234567890")
    return Settings(**{"token": token, "groups": ("acme",), "url": url, "quota_share": 1.0, **but})


@contextmanager
def served(double: D, url: str = OWN) -> Iterator[D]:
    """Let the double answer at an address."""
    double.url = url
    with answered_by(double, url):
        yield double


def project_at(path: str) -> str:
    """The path of the API for a project."""
    return f"{API}/projects/{quote(path, safe='')}"


def a_person(number: int, name: str, level: int = 30, **but: Any) -> dict[str, Any]:
    """A member."""
    mail = f"{MAIL}{number}@acme.example"
    saml = {
        "extern_uid": CANARIES["somebody at the identity provider"],
        "provider": "group_saml",
        "saml_provider_id": 1,
    }
    own = {
        "id": number, "username": name, "name": name.title(), "access_level": level, "expires_at": None,
        "email": mail, "public_email": mail, "commit_email": mail, "group_saml_identity": saml,
    }  # fmt: skip
    return an("group_members_all", **(own | but))


PEOPLE = (("ann", 50), ("bob", 50), ("cem", 30), ("dot", 30))


def a_user(number: int, name: str, **but: Any) -> dict[str, Any]:
    """An account of the instance."""
    mail = f"{MAIL}{number}@acme.example"
    identity = {"provider": "saml", "extern_uid": CANARIES["somebody at the identity provider"]}
    own = {
        "id": number, "username": name, "email": mail, "public_email": mail, "commit_email": mail,
        "identities": [identity], "scim_identities": [{**identity, "active": True}],
        "current_sign_in_ip": CANARIES["somebody's place"], "last_sign_in_ip": CANARIES["somebody's place"],
        "note": CANARIES["a note on somebody"], "last_activity_on": "2026-02-27", "bot": False,
    }  # fmt: skip
    return an("users_admin", **(own | but))


def a_project(number: int, path: str, **but: Any) -> dict[str, Any]:
    """A project, as lists and `GET /projects/:id` have it."""
    own = {
        "id": number, "name": path.rpartition("/")[2], "path_with_namespace": path, "visibility": "private",
        "default_branch": "main", "archived": False, "empty_repo": False,
        "only_allow_merge_if_pipeline_succeeds": True, "allow_merge_on_skipped_pipeline": False,
        "allow_pipeline_trigger_approve_deployment": False, "runners_token": CANARIES["a runner's registration"],
        "import_url": f"https://{CANARIES['an address to import from']}@elsewhere.example/x.git",
        "service_desk_address": f"{CANARIES['a service desk']}@acme.example",
        "import_error": CANARIES["an error of an import"], "updated_at": "2026-02-27T00:00:00.000Z",
        "forks_count": 0, "star_count": 0, "open_issues_count": 0,
    }  # fmt: skip
    return an("group_projects_full_item", **(own | but))


def a_hook(kind: str, number: int, **but: Any) -> dict[str, Any]:
    """A webhook of a group (`group_hooks`) or of a project (`project_hooks_item`)."""
    own = {
        "id": number, "url": f"https://hooks.example/{CANARIES['a webhook']}", "token": CANARIES["a webhook's token"],
        "url_variables": [{"key": "x", "value": CANARIES["a webhook's variable"]}],
        "custom_headers": [{"key": "Authorization", "value": CANARIES["a webhook's header"]}],
        "custom_webhook_template": CANARIES["a webhook's template"],
    }  # fmt: skip
    return an(kind, **(own | but))


def a_variable(key: str, **but: Any) -> dict[str, Any]:
    """A CI/CD variable, with its value in clear."""
    own = {"key": key, "value": CANARIES["a variable"], "description": CANARIES["a variable's description"]}
    return an("project_variables", **(own | but))


def a_token(kind: str, number: int, **but: Any) -> dict[str, Any]:
    """An access token of a group or of a project."""
    own = {
        "id": number, "name": f"token {number}", "active": True, "revoked": False, "expires_at": "2026-09-01",
        "created_at": "2025-12-01T00:00:00.000Z", "last_used_at": "2026-02-27T00:00:00.000Z",
        "last_used_ips": [CANARIES["somebody's place"]],
    }  # fmt: skip
    return an(kind, **(own | but))


def on(value: bool) -> dict[str, Any]:
    """A setting of approvals in force."""
    return {"value": value, "locked": False, "inherited_from": None}


def strict_settings(**but: bool) -> dict[str, Any]:
    """Settings of approvals by which nobody can approve their own changes."""
    own = {
        "allow_author_approval": False, "allow_committer_approval": False,
        "allow_overrides_to_approver_list_per_merge_request": False, "retain_approvals_on_push": False,
        "selective_code_owner_removals": False,
    }  # fmt: skip
    return an("merge_request_approval_setting", **{name: on(value) for name, value in (own | but).items()})


def a_level(level: int | None = 40, **but: Any) -> dict[str, Any]:
    """Who may do something to a protected branch."""
    return {"id": 1001, "access_level": level, "access_level_description": "", "user_id": None, "group_id": None, **but}


def a_branch_rule(number: int, name: str = "main", **but: Any) -> dict[str, Any]:
    """A rule by which no one may push, and Maintainers merge."""
    own = {
        "id": number, "name": name, "push_access_levels": [a_level(0)], "merge_access_levels": [a_level(40)],
        "unprotect_access_levels": [a_level(40)], "allow_force_push": False, "inherited": False,
    }  # fmt: skip
    return an("protected_branches_premium", **(own | but))


def an_approval_rule(number: int, **but: Any) -> dict[str, Any]:
    """A rule that needs one approval of anybody who may give it."""
    own = {
        "id": number, "name": f"rule {number}", "rule_type": "any_approver", "approvals_required": 1,
        "eligible_approvers": [], "protected_branches": [], "contains_hidden_groups": False,
    }  # fmt: skip
    return an("project_approval_rules", **(own | but))


def a_commit(sha: str, parents: list[str], **but: Any) -> dict[str, Any]:
    """A commit of the default branch."""
    mail = f"{MAIL}@acme.example"
    own = {
        "id": sha, "short_id": sha[:8], "title": f"change {sha[:4]}", "parent_ids": parents, "author_email": mail,
        "committer_email": mail, "message": CANARIES["a commit's message"],
        "committed_date": "2026-02-20T00:00:00.000Z",
    }  # fmt: skip
    return an("commit", **(own | but))


def a_push(number: int, before: str | None, after: str | None, ref: str = "main", **but: Any) -> dict[str, Any]:
    """A push to a branch."""
    data = {
        "commit_count": 1, "action": "pushed", "ref_type": "branch", "commit_from": before, "commit_to": after,
        "ref": ref, "commit_title": "a change", "ref_count": None,
    }  # fmt: skip
    own = {
        "id": number, "created_at": "2026-02-21T00:00:00.000Z", "author_username": "cem", "push_data": data,
        "note": CANARIES["a message"],
    }  # fmt: skip
    return an("event_pushed", **(own | but))


def a_merge_request(iid: int, sha: str, **but: Any) -> dict[str, Any]:
    """A merge request that was merged, as the list has it."""
    own = {
        "iid": iid, "title": f"merge request {iid}", "description": CANARIES["a message"], "state": "merged",
        "merged_at": "2026-02-22T00:00:00.000Z", "updated_at": "2026-02-22T00:00:00.000Z", "sha": sha,
        "merge_commit_sha": None, "squash_commit_sha": None, "labels": [],
    }  # fmt: skip
    return an("merge_requests", **(own | but))


def an_approval(name: str = "bob", approved_at: str | None = "2026-02-21T00:00:00.000Z") -> dict[str, Any]:
    """An approval, as `GET /merge_requests/:iid/approvals` has it."""
    user = {"id": 2, "username": name, "name": name, "state": "active", "avatar_url": None, "web_url": ""}
    return {"user": user} | ({} if approved_at is None else {"approved_at": approved_at})


def connection(*nodes: Any, more: bool = False) -> dict[str, Any]:
    """A connection of GraphQL."""
    return {"pageInfo": {"hasNextPage": more, "endCursor": "e" if more else None}, "nodes": list(nodes)}


def a_graphql_commit(sha: str, author: str | None = "cem", **but: Any) -> dict[str, Any]:
    """A commit of a merge request, as GraphQL has it."""
    mail = f"{author or 'stranger'}@acme.example"
    return {
        "sha": sha, "authorName": author or "Stranger", "authorEmail": mail, "committerName": author or "Stranger",
        "committerEmail": mail, "message": "", "signature": None,
        "author": None if author is None else {"username": author}, **but,
    }  # fmt: skip


def a_graphql_request(*commits: dict[str, Any], **but: Any) -> dict[str, Any]:
    """A merge request of cem's, approved by bob, as GraphQL has it."""
    return {
        "commitCount": len(commits), "author": {"username": "cem", "bot": False},
        "approvedBy": connection({"username": "bob", "bot": False}), "reviewers": connection(),
        "committers": connection({"username": "cem"}), "commits": connection(*commits), **but,
    }  # fmt: skip


def furnish(double: GitLabDouble) -> GitLabDouble:
    """Put the company onto the double; the token's user is an Owner, and administers the instance."""
    answers = double.answers
    answers[f"{API}/user"] = an("user", id=ME, username="ann", is_admin=True)
    answers[f"{API}/personal_access_tokens/self"] = an("pat_self", scopes=["read_api"], expires_at="2026-09-01")
    answers[f"{API}/metadata"] = an("metadata")
    answers[f"{API}/application/settings"] = an(
        "application_settings", signup_enabled=False, require_two_factor_authentication=True,
        two_factor_grace_period=24, restricted_visibility_levels=["public"],
        akismet_api_key=CANARIES["a setting of another service"],
    )  # fmt: skip
    answers[f"{API}/users"] = [a_user(number, name) for number, (name, _) in enumerate(PEOPLE, 1)]
    answers[f"{API}/namespaces/acme"] = an("namespace", path="acme", full_path="acme", plan="ultimate")
    _furnish_group(answers)
    for number, path in enumerate(PROJECTS, 1):
        furnish_project(double, number, path)
    double.queries["mergeRequest"] = lambda variables: {
        "project": {"mergeRequest": a_graphql_request(a_graphql_commit(HEAD if variables["iid"] == "2" else OLD))}
    }
    double.queries["vulnerabilities"] = lambda _variables: {
        "project": {"vulnerabilities": connection(a_vulnerability(1), a_vulnerability(2))}
    }
    return double


def a_vulnerability(number: int, **but: Any) -> dict[str, Any]:
    """An open vulnerability, as GraphQL has it."""
    return {
        "id": f"gid://gitlab/Vulnerability/{number}", "title": f"flaw {number}", "state": "DETECTED",
        "severity": "HIGH", "reportType": "SAST", "detectedAt": "2026-02-20T00:00:00Z",
        "webUrl": "https://git.acme.example/x", **but,
    }  # fmt: skip


def _furnish_group(answers: dict[str, Any]) -> None:
    answers[GROUP] = an(
        "group", name="Acme", path="acme", full_path="acme", require_two_factor_authentication=True,
        two_factor_grace_period=48, prevent_forking_outside_group=True, shared_with_groups=[],
        runners_token=CANARIES["a runner's registration"], projects=[],
    )  # fmt: skip
    answers[f"{GROUP}/descendant_groups"] = [
        an("groups_list_item", id=10 + number, path=name, full_path=f"acme/{name}", parent_id=4,
           runners_token=CANARIES["a runner's registration"])
        for number, name in enumerate(("platform", "shop"))
    ]  # fmt: skip
    members = [a_person(number, name, level) for number, (name, level) in enumerate(PEOPLE, 1)]
    answers[f"{GROUP}/members/all"] = members
    answers[f"{GROUP}/members/all/{ME}"] = a_person(ME, "ann", 50)
    answers[f"{GROUP}/billable_members"] = [
        an("group_billable_members", id=number, username=name, last_activity_on="2026-02-27",
           last_login_at="2026-02-27T00:00:00.000Z", **_mails(number))
        for number, (name, _) in enumerate(PEOPLE, 1)
    ]  # fmt: skip
    answers[f"{GROUP}/enterprise_users"] = [
        an("group_enterprise_users", id=number, username=name, two_factor_enabled=True)
        for number, (name, _) in enumerate(PEOPLE, 1)
    ]
    answers[f"{GROUP}/access_tokens"] = [a_token("group_access_tokens", number) for number in (1, 2)]
    answers[f"{GROUP}/audit_events"] = [_an_event(number) for number in (2, 1)]
    answers[f"{GROUP}/hooks"] = [a_hook("group_hooks", number) for number in (1, 2)]
    answers[f"{GROUP}/variables"] = [a_variable("KEY"), a_variable("KEY", environment_scope="production")]
    answers[f"{GROUP}/runners"] = [_a_runner(number, "group_type") for number in (1, 2)]
    answers[f"{GROUP}/projects"] = [a_project(number, path) for number, path in enumerate(PROJECTS, 1)]
    answers[f"{GROUP}/projects/shared"] = [a_project(number, f"vendor/{number}") for number in (21, 22)]
    for group in ("acme", quote("acme/platform", safe="")):
        answers[f"{API}/groups/{group}/protected_environments"] = [
            an("protected_environments", name="production"), an("protected_environments", name="staging")
        ]  # fmt: skip


def _mails(number: int) -> dict[str, str]:
    mail = f"{MAIL}{number}@acme.example"
    return dict.fromkeys(("email", "public_email", "commit_email"), mail)


def _an_event(number: int) -> dict[str, Any]:
    details = {
        **an("group_audit_events")["details"], "ip_address": CANARIES["somebody's place"],
        "author_email": f"{MAIL}@acme.example",
    }  # fmt: skip
    place = CANARIES["somebody's place"]
    return an("group_audit_events", id=number, created_at="2026-02-28T00:00:00.000Z", details=details, ip_address=place)


def _a_runner(number: int, runner_type: str) -> dict[str, Any]:
    return an(
        "runner", id=number, runner_type=runner_type, ip_address=CANARIES["somebody's place"],
        token=CANARIES["a runner's token"],
    )  # fmt: skip


def furnish_project(double: GitLabDouble, number: int, path: str) -> None:
    """Put a project onto the double, with everything that belongs to it."""
    answers, at = double.answers, project_at(path)
    answers[at] = a_project(number, path)
    answers[f"{at}/protected_branches"] = [a_branch_rule(number * 10), a_branch_rule(number * 10 + 1, "release/*")]
    answers[f"{at}/merge_request_approval_setting"] = strict_settings()
    answers[f"{at}/approval_rules"] = [an_approval_rule(1), an_approval_rule(2, approvals_required=0)]
    answers[f"{at}/push_rule"] = an("push_rule", prevent_secrets=True)
    answers[f"{at}/security_settings"] = an("security_settings")
    answers[f"{at}/access_tokens"] = [a_token("project_access_tokens", token) for token in (1, 2)]
    answers[f"{at}/deploy_keys"] = [_a_key(key) for key in (1, 2)]
    answers[f"{at}/deploy_tokens"] = [
        an("deploy_tokens", id=token, expires_at="2026-09-01T00:00:00.000Z", token=CANARIES["a deploy token"])
        for token in (1, 2)
    ]
    answers[f"{at}/variables"] = [a_variable("KEY"), a_variable("KEY", environment_scope="production")]
    answers[f"{at}/hooks"] = [a_hook("project_hooks_item", hook) for hook in (1, 2)]
    answers[f"{at}/runners"] = [_a_runner(runner, "project_type") for runner in (1, 2)]
    address = f"https://{CANARIES['an environment']}.acme.example"
    answers[f"{at}/environments"] = [
        an("environment", id=1, name="production", tier="production", external_url=address),
        an("environment", id=2, name="review/1", external_url=address),
    ]
    answers[f"{at}/protected_environments"] = [
        an("protected_environments", required_approval_count=1),
        an("protected_environments", name="staging"),
    ]
    answers[f"{at}/members/all"] = [a_person(member, name, level) for member, (name, level) in enumerate(PEOPLE, 1)]
    answers[f"{at}/repository/commits"] = [a_commit(HEAD, [OLD]), a_commit(OLD, [OLDER])]
    answers[f"{at}/events"] = [a_push(2, OLD, HEAD), a_push(1, OLDER, OLD)]
    answers[f"{at}/merge_requests"] = [a_merge_request(2, HEAD), a_merge_request(1, OLD)]
    for iid in (1, 2):
        answers[f"{at}/merge_requests/{iid}/approvals"] = an("mr_approvals", iid=iid, approved_by=[an_approval()])
        answers[f"{at}/merge_requests/{iid}/versions"] = [
            an("version_of_diff", id=iid, created_at="2026-02-20T00:00:00.000Z"),
            an("version_of_diff", id=iid + 10, created_at="2026-02-19T00:00:00.000Z"),
        ]
    answers[f"{at}/pipelines"] = [
        an("pipelines", id=48, source="push", created_at="2026-02-27T00:00:00.000Z"),
        an("pipelines", id=47, source="schedule", created_at="2026-02-26T00:00:00.000Z"),
    ]
    for pipeline in (47, 48):
        answers[f"{at}/pipelines/{pipeline}/jobs"] = [a_job("sast"), a_job("secret_detection", "cyclonedx")]
        answers[f"{at}/pipelines/{pipeline}/bridges"] = [an("bridge", downstream_pipeline=None), an("bridge", id=8)]
    answers[f"{at}/pipelines/5/jobs"] = [a_job("dependency_scanning")]
    answers[f"{at}/pipelines/5/bridges"] = []


def _a_key(number: int) -> dict[str, Any]:
    return an("deploy_keys", id=number, key=CANARIES["a key"], last_used_at="2026-02-27T00:00:00.000Z")


def a_job(*reports: str, **but: Any) -> dict[str, Any]:
    """A job that left these reports."""
    files = [
        {"file_type": report, "size": 1, "filename": f"{report}.json", "file_format": "gzip"} for report in reports
    ]
    return an("pipeline_jobs", artifacts=files, artifacts_expire_at=None, status="success", **but)
