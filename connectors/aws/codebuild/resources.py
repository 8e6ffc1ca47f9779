"""CodeBuild: projects. Of environments only the number of plain variables and the names of suspects are kept.

Build commands that are a part of a project may set variables, too; of them is kept that they are there.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.detectors import find_secrets
from collector.core.environments import suspects
from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import in_batches, only
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

_AT_ONCE = 100
_PLAIN = "PLAINTEXT"
_COMMANDS = "buildspec"
"""The name under which secrets in build commands are shown. https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html"""


@resource("aws.codebuild.project", key="arn")
class Project(Struct, frozen=True, kw_only=True):
    """A project. `plain` counts the variables in plain text; `suspects` are those that look like secrets."""

    name: str
    arn: str
    plain: int
    suspects: tuple[str, ...]
    inline: bool | None = None  # whether its build commands, with variables, are a part of it; None: not read back then


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
            commands = project.get("source", {}).get("buildspec", "")
            found = [_COMMANDS] if find_secrets(commands) else []
            yield {
                **only(project, "name", "arn"),
                "plain": len(plain),
                "suspects": [*suspects(plain), *found],
                "inline": _is_inline(commands),
            }


def _is_inline(commands: str) -> bool:
    """Whether a text is build commands, and not where to find them: these are of several lines, or JSON."""
    return "\n" in commands.strip() or commands.lstrip().startswith("{")
