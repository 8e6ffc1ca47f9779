"""The check that projects hold no secrets in plain text."""

from __future__ import annotations

from collector.core.checks import Verdict, check, unknown
from collector.core.environments import judge_environment
from connectors.aws.codebuild.resources import Project


@check(
    "aws_codebuild_project_env_no_secrets",
    title="The environment of the build project holds no secrets in plain text",
    severity="high",
    fix="Use variables of the type SECRETS_MANAGER or PARAMETER_STORE, and replace what was found",
)
def project_env_no_secrets(project: Project) -> Verdict:
    if not project.suspects and not project.plain:
        if project.inline is None:
            return unknown(f"whether build commands are a part of {project.name} was not read")
        if project.inline:
            return unknown(
                f"nothing in the build commands of {project.name} looks like a secret, and they may hold one"
            )
    return judge_environment(project.name, project.plain, project.suspects)
