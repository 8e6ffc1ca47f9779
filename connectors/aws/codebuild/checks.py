"""The check that projects hold no secrets in plain text."""

from __future__ import annotations

from collector.core.checks import Verdict, check
from collector.core.environments import judge_environment
from connectors.aws.codebuild.resources import Project


@check(
    "aws_codebuild_project_env_no_secrets",
    title="The environment of the build project holds no secrets in plain text",
    severity="high",
    fix="Use variables of the type SECRETS_MANAGER or PARAMETER_STORE, and replace what was found",
)
def project_env_no_secrets(project: Project) -> Verdict:
    return judge_environment(project.name, project.plain, project.suspects)
