"""Checks of environments of functions, tasks and build projects, and of what containers may do and log."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws._sdk.settings import Settings
from connectors.aws.codebuild.checks import project_env_no_secrets
from connectors.aws.codebuild.resources import Project, _is_inline, projects
from connectors.aws.ecs.checks import task_env_no_secrets, task_logging_enabled, task_no_privileged_containers
from connectors.aws.ecs.resources import TaskDefinition, task_definitions
from connectors.aws.lambda_functions.checks import function_env_no_secrets
from connectors.aws.lambda_functions.resources import functions
from tests.connectors.aws.answers import Answers, listed, pages
from tests.connectors.aws.builders import FAIL, OWN, PASS, UNKNOWN, UNREAD, a, verdict
from tests.connectors.aws.guarded_builders import a_function

SETTINGS = Settings(regions=("eu-central-1",))
SECRET = "correct-horse-battery"
COUNTS = [(0, [], PASS), (3, [], UNKNOWN), (3, ["DB_PASSWORD"], FAIL), (UNREAD, [], UNKNOWN)]


@pytest.mark.parametrize(("plain", "suspects", "status"), [*COUNTS, (None, [], UNKNOWN)])
def test_environments_of_functions(plain: Any, suspects: list[str], status: Status) -> None:
    """What does not look like a secret may be one; an environment that AWS could not decrypt is not an empty one."""
    assert verdict(function_env_no_secrets, a_function(Plain=plain, Suspects=suspects)).status is status


@pytest.mark.parametrize(("plain", "suspects", "status"), COUNTS)
def test_environments_of_projects(plain: Any, suspects: list[str], status: Status) -> None:
    """As of functions."""
    project = a(Project, {"name": "web", "arn": "arn", "plain": plain, "suspects": suspects, "inline": False})

    assert verdict(project_env_no_secrets, project).status is status


@pytest.mark.parametrize(("inline", "status"), [(False, PASS), (True, UNKNOWN), (None, UNKNOWN)])
def test_build_commands_of_projects(inline: bool | None, status: Status) -> None:
    """Build commands in the project itself may set variables, too."""
    project = a(Project, {"name": "web", "arn": "arn", "plain": 0, "suspects": [], "inline": inline})

    assert verdict(project_env_no_secrets, project).status is status


@pytest.mark.parametrize(
    ("commands", "inline"),
    [
        ("", False),
        ("buildspec-release.yml", False),
        ("arn:aws:s3:::acme/buildspec.yml", False),
        ("version: 0.2\nphases: {}\n", True),
        ('{"version": 0.2, "phases": {}}', True),
    ],
)
def test_which_build_commands_are_a_part_of_the_project(commands: str, inline: bool) -> None:
    """A path and an address are not."""
    assert _is_inline(commands) is inline


def a_task(*containers: Any, **but: Any) -> TaskDefinition:
    """A task of these containers."""
    usual = {"name": "web", "plain": 0, "suspects": [], "files": 0}
    arn = f"arn:aws:ecs:eu-central-1:{OWN}:task-definition/web:7"
    listed = [{**usual, **container} for container in containers]
    return a(TaskDefinition, {"taskDefinitionArn": arn, "containerDefinitions": listed, **but})


UNSEEN = a_task(containerDefinitions=UNREAD)


@pytest.mark.parametrize(
    ("task", "status"),
    [
        (a_task({}), PASS),
        (a_task({}, {"name": "side", "plain": 2}), UNKNOWN),
        (a_task({}, {"name": "side", "plain": 2, "suspects": ["API_TOKEN"]}), FAIL),
        (a_task({}, {"name": "side", "files": 1}), UNKNOWN),
        (a_task({}, {"name": "side", "files": None}), UNKNOWN),
        (a_task({"suspects": ["API_TOKEN"]}, {"name": "side", "files": 1}), FAIL),
        (UNSEEN, UNKNOWN),
    ],
)
def test_environments_of_tasks(task: Any, status: Status) -> None:
    """One container is enough."""
    assert verdict(task_env_no_secrets, task).status is status


@pytest.mark.parametrize(
    ("task", "limits", "status"),
    [
        (a_task({"user": "1000:1000"}), {}, PASS),
        (a_task({"user": "app"}, {"name": "side", "user": "app"}), {}, PASS),
        (a_task({"user": "app", "privileged": True}), {}, FAIL),
        (a_task({"user": "root"}), {}, FAIL),
        (a_task({"user": "0"}), {}, FAIL),
        (a_task({"user": "0:1000"}), {}, FAIL),
        (a_task({"user": "00"}), {}, FAIL),
        (a_task({"user": "000:0"}), {}, FAIL),
        (a_task({"user": ":1000"}), {}, UNKNOWN),
        (a_task({"user": ""}), {}, UNKNOWN),
        (a_task({}), {}, UNKNOWN),
        (a_task({}, {"name": "side", "user": "root"}), {}, FAIL),
        (a_task({"user": "app"}, {"name": "side", "user": "root"}), {"root_containers": ("side",)}, PASS),
        (UNSEEN, {}, UNKNOWN),
    ],
)
def test_what_containers_may_do(task: Any, limits: dict[str, Any], status: Status) -> None:
    """Where no user is set the image decides, which is not looked at."""
    assert verdict(task_no_privileged_containers, task, **limits).status is status


AWSLOGS = {"logConfiguration": {"logDriver": "awslogs"}}


@pytest.mark.parametrize(
    ("task", "status"),
    [
        (a_task(AWSLOGS), PASS),
        (a_task({}), FAIL),
        (a_task({"logConfiguration": {"logDriver": "none"}}), FAIL),
        (a_task(AWSLOGS, {"name": "side", "essential": False}), PASS),
        (a_task(AWSLOGS, {"name": "side"}), FAIL),
        (UNSEEN, UNKNOWN),
    ],
)
def test_what_containers_log(task: Any, status: Status) -> None:
    """A driver that throws everything away is none."""
    assert verdict(task_logging_enabled, task).status is status


def test_of_tasks_only_what_is_in_use_is_described_and_no_value_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The latest of each family, and what services run, before and while they are deployed; the same revision once."""
    arn = f"arn:aws:ecs:eu-central-1:{OWN}:task-definition/"

    def described(params: Any) -> Any:
        name = params["taskDefinition"]
        full = name if name.startswith("arn:") else f"{arn}{name}:2"
        variables = [{"name": "DB_PASSWORD", "value": SECRET}, {"name": "REGION", "value": "eu"}]
        container = {
            "name": "web",
            "environment": variables,
            "environmentFiles": [{"type": "s3", "value": "arn:aws:s3:::acme/web.env"}],
            "command": ["--token", SECRET],
        }
        return {"taskDefinition": {"taskDefinitionArn": full, "family": "web", "containerDefinitions": [container]}}

    answers = Answers(
        {
            "ecs:ListTaskDefinitionFamilies": {"families": ["web", "jobs"]},
            "ecs:ListClusters": {"clusterArns": ["arn:aws:ecs:eu-central-1:111122223333:cluster/one"]},
            "ecs:ListServices": {"serviceArns": ["arn:aws:ecs:eu-central-1:111122223333:service/one/web"]},
            "ecs:DescribeServices": {
                "services": [
                    {"taskDefinition": f"{arn}web:1", "deployments": [{"taskDefinition": f"{arn}web:0"}]},
                    {"taskDefinition": f"{arn}web:2"},
                    {"taskSets": [{"taskDefinition": f"{arn}blue:5"}]},
                ]
            },
            "ecs:DescribeTaskDefinition": described,
        }
    )
    found = listed(task_definitions, answers.install(monkeypatch, SETTINGS))

    assert [body["taskDefinitionArn"] for body in found] == [
        f"{arn}{name}" for name in ("web:2", "jobs:2", "web:1", "web:0", "blue:5")
    ]
    assert found[0]["containerDefinitions"][0] == {
        "name": "web",
        "plain": 2,
        "suspects": ["DB_PASSWORD"],
        "files": 1,
    }
    assert SECRET not in str(found)


def test_of_projects_only_plain_variables_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands for a secret elsewhere is none."""
    variables = [
        {"name": "DB_PASSWORD", "value": SECRET, "type": "PLAINTEXT"},
        {"name": "API_TOKEN", "value": "prod/token", "type": "SECRETS_MANAGER"},
        {"name": "STAGE", "value": "prod"},
    ]
    environment = {
        "type": "LINUX_CONTAINER",
        "image": "aws/codebuild/standard:7.0",
        "computeType": "BUILD_GENERAL1_SMALL",
        "environmentVariables": variables,
    }
    commands = f"version: 0.2\nenv:\n  variables:\n    API_PASSWORD: {SECRET}\n"
    source = {"type": "NO_SOURCE", "buildspec": commands}
    answers = Answers(
        {
            "codebuild:ListProjects": {"projects": ["web"]},
            "codebuild:BatchGetProjects": {
                "projects": [{"name": "web", "arn": "arn", "environment": environment, "source": source}]
            },
        }
    )

    assert listed(projects, answers.install(monkeypatch, SETTINGS)) == [
        {"name": "web", "arn": "arn", "plain": 2, "suspects": ["DB_PASSWORD", "buildspec"], "inline": True}
    ]


def test_an_environment_that_aws_may_not_decrypt_is_not_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS gives an error in the place of the variables."""
    refused = {"Error": {"ErrorCode": "AccessDeniedException", "Message": "no"}}
    named = [
        {"FunctionName": "one", "Environment": refused},
        {"FunctionName": "two", "Environment": {"Variables": {"DB_PASSWORD": SECRET}}},
        {"FunctionName": "three"},
    ]
    answers = Answers({"lambda:ListFunctions": pages("Functions", named, size=9)})

    found = listed(functions, answers.install(monkeypatch, SETTINGS))

    assert [(body["Plain"], body["Suspects"]) for body in found] == [(None, []), (1, ["DB_PASSWORD"]), (0, [])]
