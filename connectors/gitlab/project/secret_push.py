"""What keeps secrets out of the repository when they are pushed: push rules (Premium), secret push protection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.errors import Unexpected
from collector.core.resources import Body, resource
from connectors.gitlab._sdk.calls import DEVELOPER, MAINTAINER, PROJECT, REPORTER
from connectors.gitlab._sdk.client import GitLab
from connectors.gitlab._sdk.connector import gitlab
from connectors.gitlab._sdk.refusals import NOT_IN_PLAN

_RULE = "GET /api/v4/projects/{project}/push_rule"
SECURITY = "GET /api/v4/projects/{project}/security_settings"


class Rule(Struct, frozen=True, kw_only=True):
    """The push rule of a project. `configured`: there is one; GitLab answers with null where none was ever set."""

    configured: bool
    prevent_secrets: bool = False  # left out where none was ever set


class SecuritySettings(Struct, frozen=True, kw_only=True):
    """The security settings of a project, with secret push protection by its name of today and that of GitLab 17.6."""

    secret_push_protection_enabled: bool | None = None
    pre_receive_secret_detection_enabled: bool | None = None

    def blocks_secrets(self) -> bool | None:
        """Whether pushes with secrets are refused; None where GitLab says it by neither name."""
        for said in (self.secret_push_protection_enabled, self.pre_receive_secret_detection_enabled):
            if said is not None:
                return said
        return None


@resource("gitlab.project.push_rule")
class PushRule(Struct, frozen=True, kw_only=True):
    """A project with its push rule and its protection from pushed secrets."""

    path: str
    archived: bool
    rule: Rule | None  # None: GitLab says that the plan is Free, which has none
    security: SecuritySettings | None  # None: GitLab says that the plan is not Ultimate


@gitlab.collects(PushRule, at="project", call=PROJECT, permissions=REPORTER)
def push_rule(client: GitLab) -> Iterator[Body]:
    project = client.project()
    yield {"path": project["path_with_namespace"], "archived": project["archived"]}


@gitlab.part(PushRule, "rule", call=_RULE, permissions=MAINTAINER, absent=NOT_IN_PLAN)
def rule(client: GitLab, _body: Body) -> Any:
    found = client.in_plan(lambda: client.value(_RULE))
    if found is None:
        return {"configured": False}
    if not isinstance(found, dict) or "prevent_secrets" not in found:
        raise Unexpected(f"{_RULE} was answered without prevent_secrets")
    return {"configured": True, **found}


@gitlab.part(PushRule, "security", call=SECURITY, permissions=DEVELOPER, absent=NOT_IN_PLAN)
def security(client: GitLab, _body: Body) -> Any:
    return security_settings(client)


def security_settings(client: GitLab) -> Body:
    """Return the project's security settings (Ultimate); asked for once."""
    found: Body = client.results.get(
        "security settings", lambda: client.in_plan(lambda: client.get(SECURITY, having="project_id"), least="ultimate")
    )
    return found


@check(
    "gitlab_project_push_rules_block_secrets",
    title="Push rules block secrets",
    severity="medium",
    fix="Prevent pushing secret files in the push rules, or turn on secret push protection",
)
def secrets_blocked(project: PushRule) -> Verdict:
    if project.archived:
        return not_applicable(f"{project.path} is archived: nothing can be pushed to it")
    rule = project.rule
    if rule is not None and rule.prevent_secrets:
        return passed(f"{project.path}: a push rule refuses files that look like secrets")
    security = project.security
    if security is not None:
        if (blocks := security.blocks_secrets()) is None:
            return unknown(f"{project.path}: GitLab does not say whether secret push protection is on")
        if blocks:
            return passed(f"{project.path}: secret push protection refuses pushes with secrets")
    if rule is None:
        return unknown(
            f"{project.path}: the plan Free has neither push rules nor secret push protection; "
            "what another tool refuses is not seen"
        )
    return failed(f"{project.path}: no push rule and no secret push protection refuses secrets")
