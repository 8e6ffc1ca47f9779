"""ECS: the definitions of tasks in use: the latest of each active family, and those that services run.

Of environments only the number of variables and the names of those that look like secrets are kept. Tasks that somebody
starts by an older definition, without a service, are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.environments import suspects
from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import in_batches, only
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

_SERVICES_AT_ONCE = 10


class LogConfiguration(Struct, frozen=True, kw_only=True, rename="camel"):
    """Where the output of a container goes."""

    log_driver: str


class Container(Struct, frozen=True, kw_only=True, rename="camel"):
    """A container of a task. `plain` counts variables in plain text; `suspects` are those that look like secrets."""

    name: str
    essential: bool = True  # AWS's own default
    privileged: bool = False  # AWS's own default
    user: str | None = None  # None: the one of the image
    log_configuration: LogConfiguration | None = None  # None: none is set
    plain: int
    suspects: tuple[str, ...]
    files: int | None = None  # of variables, in S3, which are not read; None: evidence from before they were counted


@resource("aws.ecs.task_definition", key="taskDefinitionArn")
class TaskDefinition(Struct, frozen=True, kw_only=True, rename="camel"):
    """One revision of a definition."""

    task_definition_arn: str
    container_definitions: tuple[Container, ...]

    @property
    def name(self) -> str:
        """Family and revision."""
        return self.task_definition_arn.rpartition("/")[2]


@aws.collects(
    TaskDefinition,
    at="region",
    call=(
        "ecs:ListTaskDefinitionFamilies",
        "ecs:DescribeTaskDefinition",
        "ecs:ListClusters",
        "ecs:ListServices",
        "ecs:DescribeServices",
    ),
    permissions=(
        "ecs:ListTaskDefinitionFamilies",
        "ecs:DescribeTaskDefinition",
        "ecs:ListClusters",
        "ecs:ListServices",
        "ecs:DescribeServices",
    ),
)
def task_definitions(account: Account) -> Iterator[Body]:
    seen: set[str] = set()
    for name in _in_use(account):
        if name in seen:
            continue
        described = account.value("ecs", "DescribeTaskDefinition", "taskDefinition", taskDefinition=name)
        if described["taskDefinitionArn"] not in seen:
            yield _kept(described)
        seen |= {name, described["taskDefinitionArn"]}


def _in_use(account: Account) -> Iterator[str]:
    yield from account.pages("ecs", "ListTaskDefinitionFamilies", "families", status="ACTIVE", maxResults=100)
    for cluster in account.pages("ecs", "ListClusters", "clusterArns", maxResults=100):
        listed = account.pages("ecs", "ListServices", "serviceArns", cluster=cluster, maxResults=100)
        for batch in in_batches(listed, _SERVICES_AT_ONCE):
            services = account.value("ecs", "DescribeServices", "services", cluster=cluster, services=batch)
            for service in services:
                # While a deployment goes on, or is stuck, tasks of more than one definition run.
                parts = (service, *service.get("deployments", ()), *service.get("taskSets", ()))
                yield from (part["taskDefinition"] for part in parts if part.get("taskDefinition"))


def _kept(described: Body) -> Body:
    containers = []
    for container in described.get("containerDefinitions", ()):
        variables = [(each.get("name", ""), each.get("value", "")) for each in container.get("environment", ())]
        log = container.get("logConfiguration")
        containers.append(
            {
                **only(container, "name", "image", "essential", "privileged", "user"),
                **({} if log is None else {"logConfiguration": only(log, "logDriver")}),
                "plain": len(variables),
                "suspects": suspects(variables),
                "files": len(container.get("environmentFiles", ())),
            }
        )
    kept = only(described, "taskDefinitionArn", "family", "revision", "networkMode", "requiresCompatibilities")
    return {**kept, "containerDefinitions": containers}
