"""Code security configurations, and which of them new repositories get."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed
from collector.core.resources import Body, resource
from connectors.github._sdk.client import GitHub
from connectors.github._sdk.connector import github

_ADMIN = "Organization Administration: read"


@resource("github.org.code_security_configuration", key="id", volatile=("updated_at",))
class SecurityConfiguration(Struct, frozen=True, kw_only=True):
    """A code security configuration of the organization."""

    id: int
    name: str


class Features(Struct, frozen=True, kw_only=True):
    """The features of a configuration that is a default; GitHub leaves out features that the plan lacks."""

    name: str = ""
    dependabot_alerts: str = "not_set"
    secret_scanning: str = "not_set"  # noqa: S105  a setting
    secret_scanning_push_protection: str = "not_set"  # noqa: S105  a setting

    def missing(self) -> list[str]:
        """Name those that are not on."""
        states = (
            ("dependabot_alerts", self.dependabot_alerts),
            ("secret_scanning", self.secret_scanning),
            ("secret_scanning_push_protection", self.secret_scanning_push_protection),
        )
        return [name for name, state in states if state != "enabled"]


@resource("github.org.code_security_default", key="default_for_new_repos")
class DefaultConfiguration(Struct, frozen=True, kw_only=True):
    """The configuration that new repositories of one visibility get."""

    default_for_new_repos: str
    configuration: Features


@github.collects(
    SecurityConfiguration, at="organization", call="GET /orgs/{org}/code-security/configurations", permissions=_ADMIN
)
def configurations(client: GitHub) -> Iterator[Body]:
    yield from client.pages("GET /orgs/{org}/code-security/configurations")


@github.collects(
    DefaultConfiguration,
    at="organization",
    call="GET /orgs/{org}/code-security/configurations/defaults",
    permissions=_ADMIN,
)
def defaults(client: GitHub) -> Iterator[Body]:
    yield from client.pages("GET /orgs/{org}/code-security/configurations/defaults")


@check(
    "github_org_security_defaults_for_new_repos",
    title="New repositories get security features by default",
    severity="medium",
    fix="Make a security configuration with dependency alerts, secret scanning and push protection the default for all",
)
def security_defaults(defaults: All[DefaultConfiguration]) -> Verdict:
    covered: set[str] = set()
    problems: list[str] = []
    for default in defaults:
        missing = default.configuration.missing()
        if missing:
            problems.append(
                f"{default.configuration.name} for {default.default_for_new_repos} lacks {', '.join(missing)}"
            )
        else:
            covered |= (
                {"public", "private_and_internal"}
                if default.default_for_new_repos == "all"
                else {default.default_for_new_repos}
            )
    if uncovered := sorted({"public", "private_and_internal"} - covered):
        why = f": {'; '.join(problems)}" if problems else ""
        return failed(f"no default gives everything to new repositories that are {' or '.join(uncovered)}{why}")
    return passed()
