"""Checks of ECS: what containers may do, what they log, and secrets in their environment."""

from __future__ import annotations

from collector.core.checks import Verdict, check, failed, passed, unknown
from collector.core.environments import judge_environment
from collector.core.plain_text import first_few
from connectors.aws.ecs.resources import Container, TaskDefinition


@check(
    "aws_ecs_task_env_no_secrets",
    title="The environments of the task's containers hold no secrets in plain text",
    severity="critical",
    fix="Name the secret in secrets of the container, where ECS fetches it, and replace what was found",
)
def task_env_no_secrets(task: TaskDefinition) -> Verdict:
    containers = task.container_definitions
    found = tuple(f"{each.name}: {name}" for each in containers for name in each.suspects)
    if not found and (untold := [each.name for each in containers if each.files is None]):
        return unknown(f"whether {first_few(untold)} of {task.name} has variables from files was not read")
    if not found and (reading := [each.name for each in containers if each.files]):
        return unknown(f"{first_few(reading)} of {task.name} has variables from files in S3, which are not read")
    return judge_environment(task.name, sum(each.plain for each in containers), found)


@check(
    "aws_ecs_task_no_privileged_containers",
    title="No container of the task is privileged or runs as root",
    severity="high",
    fix="Take privileged away, and set a user in the definition of the container",
)
def task_no_privileged_containers(task: TaskDefinition, *, root_containers: tuple[str, ...] = ()) -> Verdict:
    others = [each for each in task.container_definitions if each.name not in root_containers]
    privileged = [each.name for each in others if each.privileged]
    if privileged:
        return failed(f"{first_few(privileged)} of {task.name} is privileged, which is root on the machine")
    root = [each.name for each in others if _is_root(_user(each))]
    if root:
        return failed(f"{first_few(root)} of {task.name} runs as root")
    untold = [each.name for each in others if not _user(each)]
    if untold:
        return unknown(f"the image of {first_few(untold)} of {task.name} decides as whom it runs")
    but = [each.name for each in task.container_definitions if each.name in root_containers]
    rest = f", but for what root_containers lists: {first_few(but)}" if but else ""
    return passed(f"no container of {task.name} is privileged or runs as root{rest}")


def _user(container: Container) -> str:
    """Return the user without its group; empty where the image decides."""
    return (container.user or "").partition(":")[0]


def _is_root(user: str) -> bool:
    return user == "root" or (user.isdecimal() and int(user) == 0)


@check(
    "aws_ecs_task_logging_enabled",
    title="Each essential container of the task logs",
    severity="medium",
    fix="Set a log configuration for the container, such as awslogs or awsfirelens",
)
def task_logging_enabled(task: TaskDefinition) -> Verdict:
    essential = [each for each in task.container_definitions if each.essential]
    silent = [
        each.name for each in essential if each.log_configuration is None or each.log_configuration.log_driver == "none"
    ]
    if silent:
        return failed(f"{first_few(silent)} of {task.name} has no log configuration")
    drivers = sorted({each.log_configuration.log_driver for each in essential if each.log_configuration is not None})
    return passed(f"the containers of {task.name} log by {first_few(drivers)}")
