"""Checks of projects: visibility, pipelines, secrets, machines' credentials, environments, scans, vulnerabilities."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.gitlab.group.settings import Group
from connectors.gitlab.project import (
    deploy_credentials,
    environments,
    pipelines,
    projects,
    secret_push,
    vulnerabilities,
)
from tests.connectors.github.judging import (
    FAIL,
    NOTHING,
    PASS,
    UNKNOWN,
    CompleteSet,
    UnreadSet,
    ago,
    status,
    unread,
    view,
)
from tests.connectors.gitlab.estate import a_job, a_level, a_vulnerability
from tests.connectors.gitlab.judged import a_project as a_setting
from tests.connectors.gitlab.test_group_checks import a_group


def a_project(**but: Any) -> projects.Project:
    """A project with everything in order."""
    good = {
        "path_with_namespace": "acme/api", "archived": False, "empty_repo": False, "visibility": "private",
        "only_allow_merge_if_pipeline_succeeds": True, "allow_merge_on_skipped_pipeline": None,
    }  # fmt: skip
    return view(projects.Project, **(good | but))


@pytest.mark.parametrize(
    ("project", "expected"),
    [
        (a_project(), PASS),
        (a_project(visibility="internal"), PASS),
        (a_project(visibility="public"), FAIL),
        (a_project(visibility="public", path_with_namespace="Acme/Open"), PASS),
        (unread(projects.Project), UNKNOWN),
    ],
)
def test_public_projects_are_approved(project: projects.Project, expected: Status) -> None:
    """By their whole path; capitals do not count on GitLab."""
    assert status(projects.visibility_approved, project, approved_public_projects=["acme/open"]) is expected


OFF = {"only_allow_merge_if_pipeline_succeeds": False}


@pytest.mark.parametrize(
    ("project", "group", "expected"),
    [
        (a_project(), a_group(), PASS),
        (a_project(allow_merge_on_skipped_pipeline=True), a_group(), FAIL),
        (a_project(**OFF), a_group(), FAIL),
        (a_project(**OFF), a_group(only_allow_merge_if_pipeline_succeeds=True), PASS),
        (
            a_project(**OFF),
            a_group(only_allow_merge_if_pipeline_succeeds=True, allow_merge_on_skipped_pipeline=True),
            FAIL,
        ),
        (a_project(**OFF), unread(Group), UNKNOWN),
        (a_project(archived=True), a_group(), NOTHING),
    ],
)
def test_pipelines_must_succeed(project: projects.Project, group: Group, expected: Status) -> None:
    """By the project's setting, or by that of its group."""
    assert status(projects.pipeline_must_succeed, project, group) is expected


def a_push_rule(rule: Any, security: Any, **but: Any) -> secret_push.PushRule:
    """A project with its rule and its settings."""
    return view(
        secret_push.PushRule, **({"path": "acme/api", "archived": False, "rule": rule, "security": security} | but)
    )


GUARDED, OPEN = {"configured": True, "prevent_secrets": True}, {"configured": True, "prevent_secrets": False}
NEVER = {"configured": False}


@pytest.mark.parametrize(
    ("rule", "security", "expected"),
    [
        (GUARDED, None, PASS),
        (OPEN, {"secret_push_protection_enabled": True}, PASS),
        (OPEN, {"pre_receive_secret_detection_enabled": True}, PASS),
        (NEVER, {"secret_push_protection_enabled": False}, FAIL),
        (NEVER, {}, UNKNOWN),
        (NEVER, None, FAIL),
        (None, {"secret_push_protection_enabled": True}, PASS),
        (None, None, UNKNOWN),
    ],
)
def test_secrets_are_refused(rule: Any, security: Any, expected: Status) -> None:
    """By a push rule or by secret push protection; no plan for either is not known to be bad."""
    assert status(secret_push.secrets_blocked, a_push_rule(rule, security)) is expected


def test_secrets_where_nothing_can_be_pushed() -> None:
    """An archived project takes none."""
    assert status(secret_push.secrets_blocked, a_push_rule(None, None, archived=True)) is NOTHING
    assert status(secret_push.secrets_blocked, unread(secret_push.PushRule)) is UNKNOWN


def a_key(**but: Any) -> deploy_credentials.DeployKey:
    """A deploy key that reads."""
    return view(deploy_credentials.DeployKey, **({"id": 1, "title": "ci", "can_push": False, "expires_at": None} | but))


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (a_key(), PASS),
        (a_key(can_push=True), FAIL),
        (a_key(can_push=True, id=5), PASS),
        (a_key(can_push=True, expires_at=ago(0)), NOTHING),
        (a_key(can_push=True, expires_at=ago(-1)), FAIL),
        (unread(deploy_credentials.DeployKey), UNKNOWN),
    ],
)
def test_deploy_keys_only_read(key: deploy_credentials.DeployKey, expected: Status) -> None:
    """Unless the company approved one."""
    assert status(deploy_credentials.deploy_keys_read_only, key, approved_keys=["5"]) is expected


def a_deploy_token(**but: Any) -> deploy_credentials.DeployToken:
    """A deploy token that expires."""
    good = {
        "id": 1, "name": "fetch", "revoked": False, "expired": False, "expires_at": ago(-365), "scopes": [],
    }  # fmt: skip
    return view(deploy_credentials.DeployToken, **(good | but))


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        (a_deploy_token(), PASS),
        (a_deploy_token(expires_at=ago(-366)), FAIL),
        (a_deploy_token(expires_at=None), FAIL),
        (a_deploy_token(expires_at=None, revoked=True), NOTHING),
        (a_deploy_token(expired=True), NOTHING),
        (unread(deploy_credentials.DeployToken), UNKNOWN),
    ],
)
def test_deploy_tokens_expire(token: deploy_credentials.DeployToken, expected: Status) -> None:
    """Within the limit from now: GitLab does not say when one was made."""
    assert status(deploy_credentials.deploy_tokens_expire, token) is expected


def a_protection(approvals: int | None = 1, *levels: Any, **but: Any) -> dict[str, Any]:
    """A rule for an environment."""
    return {
        "name": "production", "deploy_access_levels": list(levels) or [a_level(40)],
        "required_approval_count": approvals, **but,
    }  # fmt: skip


def an_environment(*rules: dict[str, Any], free: Any = False, **but: Any) -> environments.Environment:
    """The environment production, with these rules."""
    good = {
        "name": "live", "state": "available", "tier": "production", "archived": False,
        "allow_pipeline_trigger_approve_deployment": False, "protection": None if free else {"rules": list(rules)},
    }  # fmt: skip
    return view(environments.Environment, **(good | but))


OWN_APPROVAL = "allow_pipeline_trigger_approve_deployment"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        (an_environment(a_protection()), PASS),
        (an_environment(), FAIL),
        (an_environment(a_protection(0)), FAIL),
        (an_environment(a_protection(None)), FAIL),
        (an_environment(a_protection(None, approval_rules=[{"required_approvals": 1}])), PASS),
        (an_environment(a_protection(1, a_level(30))), FAIL),
        (an_environment(a_protection(1, a_level(None, user_id=5))), UNKNOWN),
        (an_environment(a_protection(1, a_level(30)), a_protection(0)), PASS),
        (an_environment(a_protection(), **{OWN_APPROVAL: True}), FAIL),
        (an_environment(a_protection(), **{OWN_APPROVAL: None}), UNKNOWN),
        (an_environment(free=True), UNKNOWN),
        (an_environment(tier="staging"), NOTHING),
        (an_environment(state="stopped"), NOTHING),
        (an_environment(archived=True), NOTHING),
        (unread(environments.Environment), UNKNOWN),
    ],
)
def test_production_is_protected(environment: environments.Environment, expected: Status) -> None:
    """Production is what GitLab calls so by its tier, whatever its name; all rules for it hold."""
    assert status(environments.production_protected, environment) is expected


def test_which_environments_are_production_can_be_said() -> None:
    """Then the tier says nothing."""
    named = {"production_environments": ["LIVE*"]}

    assert status(environments.production_protected, an_environment(tier="other"), **named) is FAIL
    assert status(environments.production_protected, an_environment(name="nonlive"), **named) is NOTHING
    by_user = an_environment(a_protection(1, a_level(None, user_id=5)))
    assert status(environments.production_protected, by_user, allowed_deployers=["user 5"]) is PASS


def a_pipeline(*jobs: dict[str, Any], days: float = 1, source: str = "push") -> pipelines.Pipeline:
    """A pipeline that succeeded."""
    return view(pipelines.Pipeline, id=1, source=source, created_at=ago(days), jobs=list(jobs))


ALL_SCANS = a_job("sast", "dependency_scanning", "secret_detection")
SOME = a_job("sast", "secret_detection")


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (CompleteSet(a_pipeline(ALL_SCANS)), PASS),
        (CompleteSet(a_pipeline(ALL_SCANS, days=30)), PASS),
        (CompleteSet(a_pipeline(ALL_SCANS, days=30.1)), FAIL),
        (CompleteSet(), FAIL),
        (CompleteSet(a_pipeline(SOME)), FAIL),
        (CompleteSet(a_pipeline(SOME, a_job("cyclonedx"))), PASS),
        (CompleteSet(a_pipeline(SOME), a_pipeline(a_job("dependency_scanning"), source="schedule")), PASS),
        (CompleteSet(a_pipeline(SOME, {**a_job(), "artifacts_expire_at": ago(1)})), UNKNOWN),
        (CompleteSet(a_pipeline({**a_job(), "name": "sast"})), FAIL),
        (CompleteSet(a_pipeline({**ALL_SCANS, "status": "failed"})), FAIL),
        (CompleteSet(unread(pipelines.Pipeline)), UNKNOWN),
        (UnreadSet(), UNKNOWN),
    ],
)
def test_scans_ran(found: CompleteSet, expected: Status) -> None:
    """By the reports that GitLab keeps of jobs: a job may be called sast and do nothing."""
    assert status(pipelines.scans_run, found, a_setting()) is expected


def test_scans_where_there_is_nothing_to_scan() -> None:
    """An archived project and an empty one."""
    assert status(pipelines.scans_run, CompleteSet(), a_setting(archived=True)) is NOTHING
    assert status(pipelines.scans_run, CompleteSet(), a_setting(empty_repo=True)) is NOTHING


@pytest.mark.parametrize(
    ("severity", "days", "expected"),
    [
        ("CRITICAL", 7, PASS), ("CRITICAL", 7.1, FAIL), ("HIGH", 30, PASS), ("HIGH", 30.1, FAIL),
        ("MEDIUM", 90, PASS), ("MEDIUM", 90.1, FAIL), ("LOW", 900, PASS), ("INFO", 900, PASS),
        ("UNKNOWN", 1, UNKNOWN), (None, 1, UNKNOWN),
    ],
)  # fmt: skip
def test_vulnerabilities_are_fixed_in_time(severity: str | None, days: float, expected: Status) -> None:
    """By severity; what GitLab gives no severity is not harmless."""
    body = a_vulnerability(1, severity=severity, detectedAt=ago(days))

    assert status(vulnerabilities.within_sla, view(vulnerabilities.Vulnerability, **body)) is expected
    assert status(vulnerabilities.within_sla, unread(vulnerabilities.Vulnerability)) is UNKNOWN
