"""Webhooks of the group and of each project."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, passed, unknown
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors._http.webhook_targets import ODD, webhook_target
from connectors.gitlab._sdk.calls import MAINTAINER, OWNER
from connectors.gitlab._sdk.client import GitLab
from connectors.gitlab._sdk.connector import gitlab

_GROUP_HOOKS = "GET /api/v4/groups/{group}/hooks"
_PROJECT_HOOKS = "GET /api/v4/projects/{project}/hooks"

_SECRETS = (
    Redact("url"),
    Redact("token"),
    Redact("url_variables.value"),
    Redact("custom_headers.value"),
    Redact("custom_webhook_template"),
)
_VOLATILE = ("alert_status", "disabled_until")


@resource("gitlab.group.hook", key="id", redact=_SECRETS, volatile=_VOLATILE)
class GroupHook(Struct, frozen=True, kw_only=True):
    """A webhook of the group. `target` is scheme, host and port of its URL; path and query may be secret."""

    id: int
    enable_ssl_verification: bool
    target: str


@resource("gitlab.project.hook", key="id", redact=_SECRETS, volatile=_VOLATILE)
class ProjectHook(Struct, frozen=True, kw_only=True):
    """A webhook of a project."""

    id: int
    enable_ssl_verification: bool
    target: str


@gitlab.collects(GroupHook, at="group", call=_GROUP_HOOKS, permissions=OWNER)
def group_hooks(client: GitLab) -> Iterator[Body]:
    for hook in client.paid(client.pages(_GROUP_HOOKS)):
        yield {**hook, "target": webhook_target(hook["url"])}


@gitlab.collects(ProjectHook, at="project", call=_PROJECT_HOOKS, permissions=MAINTAINER)
def project_hooks(client: GitLab) -> Iterator[Body]:
    for hook in client.pages(_PROJECT_HOOKS):
        yield {**hook, "target": webhook_target(hook["url"])}


@check(
    "gitlab_hooks_tls_verified",
    title="Webhooks of the group verify TLS",
    severity="low",
    fix="Give the webhook an https address, and enable SSL verification",
)
def group_hooks_verified(hook: GroupHook) -> Verdict:
    return _verdict(hook)


@check(
    "gitlab_project_hooks_tls_verified",
    title="Webhooks of the project verify TLS",
    severity="low",
    fix="Give the webhook an https address, and enable SSL verification",
)
def project_hooks_verified(hook: ProjectHook) -> Verdict:
    return _verdict(hook)


def _verdict(hook: GroupHook | ProjectHook) -> Verdict:
    name = f"the webhook {hook.id}" if hook.target == ODD else f"the webhook to {hook.target}"
    problems = []
    if hook.target != ODD and not hook.target.lower().startswith("https://"):
        problems.append("does not use https")
    if not hook.enable_ssl_verification:
        problems.append("does not verify the certificate")
    if problems:
        return failed(f"{name} {' and '.join(problems)}")
    if hook.target == ODD:
        return unknown(f"{name} has an address of which GitLab does not show where it leads")
    return passed(f"{name} uses https and verifies the certificate")
