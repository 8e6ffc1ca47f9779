"""Webhooks of the organization and of each repository."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors._http.webhook_targets import ODD, webhook_target
from connectors.github._sdk.client import GitHub
from connectors.github._sdk.connector import github

_REDACTED = (Redact("config.secret"), Redact("config.url"), Redact("config.token"), Redact("config.password"))


class WebhookConfig(Struct, frozen=True, kw_only=True):
    """The configuration of a webhook: TLS verification and secret."""

    insecure_ssl: str | int = "0"  # GitHub documents both types; left out it is the default, verified
    secret: str | None = None  # left out: none is set. Otherwise GitHub shows asterisks


@resource("github.org.webhook", key="id", redact=_REDACTED, volatile=("last_response",))
class OrganizationWebhook(Struct, frozen=True, kw_only=True):
    """A webhook of the organization. `target` is scheme, host and port of its URL; path and query may be secret."""

    id: int
    active: bool
    config: WebhookConfig
    target: str


@resource("github.repo.webhook", key="id", redact=_REDACTED, volatile=("last_response",))
class RepositoryWebhook(Struct, frozen=True, kw_only=True):
    """A webhook of one repository."""

    id: int
    active: bool
    config: WebhookConfig
    target: str


@github.collects(
    OrganizationWebhook, at="organization", call="GET /orgs/{org}/hooks", permissions="Organization Webhooks: read"
)
def organization_webhooks(client: GitHub) -> Iterator[Body]:
    for hook in client.pages("GET /orgs/{org}/hooks"):
        yield {**hook, "target": _target(hook)}


@github.collects(
    RepositoryWebhook, at="repository", call="GET /repos/{owner}/{repo}/hooks", permissions="Repository Webhooks: read"
)
def repository_webhooks(client: GitHub) -> Iterator[Body]:
    for hook in client.pages("GET /repos/{owner}/{repo}/hooks"):
        yield {**hook, "target": _target(hook)}


def _target(hook: Any) -> str:
    config = hook.get("config") if isinstance(hook, dict) else None
    return webhook_target(config.get("url") if isinstance(config, dict) else None)


@check(
    "github_org_webhooks_secure",
    title="Webhooks of the organization go over verified TLS and are signed",
    severity="medium",
    fix="Give the webhook an https address and a secret, and turn on SSL verification",
)
def webhooks_secure(hook: OrganizationWebhook) -> Verdict:
    return _verdict(hook)


@check(
    "github_repo_webhooks_secure",
    title="Webhooks of the repository go over verified TLS and are signed",
    severity="medium",
    fix="Give the webhook an https address and a secret, and turn on SSL verification",
)
def repository_webhooks_secure(hook: RepositoryWebhook) -> Verdict:
    return _verdict(hook)


def _verdict(hook: OrganizationWebhook | RepositoryWebhook) -> Verdict:
    name = f"the webhook {hook.id}" if hook.target == ODD else f"the webhook to {hook.target}"
    if not hook.active:
        return not_applicable(f"{name} is not active and sends nothing")
    problems = []
    if hook.target != ODD and not hook.target.startswith("https://"):
        problems.append("does not use https")
    if str(hook.config.insecure_ssl) != "0":
        problems.append("does not verify the certificate")
    if not hook.config.secret:
        problems.append("has no secret to sign with")
    if problems:
        return failed(f"{name} {', '.join(problems)}")
    return (
        unknown(f"{name} has an address that is not one, so it is not known where it leads")
        if hook.target == ODD
        else passed()
    )
