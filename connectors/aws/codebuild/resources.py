"""CodeBuild: projects. Of environments only the number of plain variables and the names of suspects are kept."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.environments import suspects
from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import in_batches, only
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

_AT_ONCE = 100
_PLAIN = "PLAINTEXT"


@resource("aws.codebuild.project", key="arn")
class Project(Struct, frozen=True, kw_only=True):
    """A project. `plain` counts the variables in plain text; `suspects` are those that look like secrets."""

    name: str
    arn: str
    plain: int
    suspects: tuple[str, ...]


@aws.collects(
    Project,
    at="region",
    call=("codebuild:ListProjects", "codebuild:BatchGetProjects"),
    permissions=("codebuild:ListProjects", "codebuild:BatchGetProjects"),
)
def projects(account: Account) -> Iterator[Body]:
    for batch in in_batches(account.pages("codebuild", "ListProjects", "projects"), _AT_ONCE):
        for project in account.value("codebuild", "BatchGetProjects", "projects", names=batch):
            listed = project.get("environment", {}).get("environmentVariables", ())
            # AWS documents PLAINTEXT as the type of a variable that has none.
            plain = [(each["name"], each["value"]) for each in listed if each.get("type", _PLAIN) == _PLAIN]
            yield {**only(project, "name", "arn"), "plain": len(plain), "suspects": suspects(plain)}
