"""The organization: what its owners let members do, and how people sign in to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, passed, unknown
from collector.core.errors import ConnectorError, Denied
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.github._sdk.client import GRAPHQL, NO_CALL, GitHub
from connectors.github._sdk.connector import github
from connectors.github._sdk.settings import Settings


@resource("github.user.organization", key="login")
class OwnOrganization(Struct, frozen=True, kw_only=True):
    """An organization that the token's owner belongs to."""

    login: str


class Account(Struct, frozen=True, kw_only=True):
    """Whom an installation is for."""

    login: str
    type: str = "Organization"  # left out where an enterprise is meant, which has a slug and no login


@resource("github.app.installation", key="id", volatile=("updated_at",))
class OwnInstallation(Struct, frozen=True, kw_only=True):
    """An installation of the app that annexd signs in as."""

    id: int
    target_type: str
    suspended_at: str | None  # None: it is in force


@resource(
    "github.org.organization",
    key="login",
    volatile=(
        "collaborators",
        "disk_usage",
        "followers",
        "following",
        "owned_private_repos",
        "plan",
        "private_gists",
        "public_gists",
        "public_repos",
        "total_private_repos",
        "updated_at",
    ),
    redact=(Redact("billing_email", keep="domain"), Redact("email", keep="domain")),
)
class Organization(Struct, frozen=True, kw_only=True):
    """The organization's own settings. GitHub leaves most of them out for whoever is not an owner: None is not seen."""

    login: str
    two_factor_requirement_enabled: bool | None = None
    default_repository_permission: str | None = None
    members_can_create_public_repositories: bool | None = None
    members_can_delete_repositories: bool | None = None
    members_can_change_repo_visibility: bool | None = None
    members_can_fork_private_repositories: bool | None = None


class SamlProvider(Struct, frozen=True, kw_only=True, rename="camel"):
    """The identity provider that people sign in by."""

    issuer: str | None  # None: the provider's metadata names none
    sso_url: str | None  # None: not shown to this credential


@resource("github.org.saml_provider")
class Saml(Struct, frozen=True, kw_only=True):
    """Whether the organization is tied to an identity provider of its own."""

    login: str
    provider: SamlProvider | None  # None: GitHub shows the organization, its owner's view of it too, and no provider


def _named_by_token(settings: Settings) -> bool:
    return settings.organizations is None and not settings.as_app


def _named_by_app(settings: Settings) -> bool:
    return settings.organizations is None and settings.as_app


@github.discovers(OwnOrganization, level="organization", below=lambda _settings, body: body["login"])
@github.collects(OwnOrganization, at="source", call="GET /user/orgs", permissions="read:org", when=_named_by_token)
def own_organizations(source: GitHub) -> Iterator[Body]:
    yield from source.pages("GET /user/orgs")


def _installed_in(settings: Settings, body: Body) -> str | None:
    if body["target_type"] != "Organization" or body["suspended_at"] is not None:
        return None
    if settings.installation_id not in (None, body["id"]):
        return None
    login: str = body["account"]["login"]
    return login


@github.discovers(OwnInstallation, level="organization", below=_installed_in)
@github.collects(
    OwnInstallation, at="source", call="GET /app/installations", permissions="the app's private key", when=_named_by_app
)
def own_installations(source: GitHub) -> Iterator[Body]:
    yield from source.pages("GET /app/installations", as_app=True)


@github.collects(
    Organization, at="organization", call="GET /orgs/{org}", permissions="Organization Administration: read"
)
def organization(client: GitHub) -> Iterator[Body]:
    yield client.ask("GET /orgs/{org}")


# viewerCanAdminister says whether a missing provider means that there is none, or that it is not shown.
_SAML = """query($login: String!) {
  organization(login: $login) { login viewerCanAdminister samlIdentityProvider { issuer ssoUrl } }
}"""


@github.collects(Saml, at="organization", call=NO_CALL)
def saml(client: GitHub) -> Iterator[Body]:
    yield {"login": client.organization}


@github.part(Saml, "provider", call=GRAPHQL, permissions="Organization Administration: read", absent="no provider")
def provider(client: GitHub, _body: Body) -> Any:
    found = client.graphql(_SAML, {"login": client.organization})["organization"]
    if found is None:
        raise Denied("GitHub shows nothing of the organization to this credential")
    if found["samlIdentityProvider"] is not None:
        return found["samlIdentityProvider"]
    if not found["viewerCanAdminister"]:
        raise Denied("GitHub shows no identity provider, and shows one to owners only")
    raise ConnectorError("the organization has no identity provider", code="no provider")


@check(
    "github_org_two_factor_required",
    title="The organization demands two-factor authentication",
    severity="critical",
    fix="Require two-factor authentication in the organization's authentication security settings",
)
def two_factor_required(org: Organization) -> Verdict:
    if org.two_factor_requirement_enabled is None:
        return _not_shown(org, "two_factor_requirement_enabled")
    if org.two_factor_requirement_enabled:
        return passed()
    return failed(f"{org.login} lets people in without a second factor")


@check(
    "github_org_default_permission_restricted",
    title="Members get no more than the allowed permission on every repository",
    severity="high",
    fix="Lower the base permissions of the organization to none or read, and give more by team",
)
def default_permission(org: Organization, *, allowed: tuple[str, ...] = ("none", "read")) -> Verdict:
    if org.default_repository_permission is None:
        return _not_shown(org, "default_repository_permission")
    if org.default_repository_permission in allowed:
        return passed(f"every member of {org.login} has {org.default_repository_permission}")
    return failed(
        f"every member of {org.login} has {org.default_repository_permission} on every repository; "
        f"allowed are {', '.join(allowed)}"
    )


@check(
    "github_org_public_repo_creation_restricted",
    title="Members cannot make public repositories",
    severity="high",
    fix="Take public repositories out of what members may create, in the organization's member privileges",
)
def public_creation(org: Organization) -> Verdict:
    return _off(
        org,
        "members_can_create_public_repositories",
        "make public repositories",
        value=org.members_can_create_public_repositories,
    )


@check(
    "github_org_repo_admin_actions_restricted",
    title="Members cannot delete, transfer or change the visibility of repositories",
    severity="medium",
    fix="Leave deletion, transfer and visibility changes to owners, in the organization's member privileges",
)
def admin_actions(org: Organization) -> Verdict:
    deletes = _off(
        org,
        "members_can_delete_repositories",
        "delete or transfer repositories",
        value=org.members_can_delete_repositories,
    )
    shows = _off(
        org,
        "members_can_change_repo_visibility",
        "change who sees a repository",
        value=org.members_can_change_repo_visibility,
    )
    worst = [one for one in (deletes, shows) if one.status.value == "fail"]
    if worst:
        return failed("; ".join(one.reason for one in worst))
    return next((one for one in (deletes, shows) if one.status.value == "unknown"), passed())


@check(
    "github_org_private_forking_disabled",
    title="Members cannot fork private repositories",
    severity="medium",
    fix="Turn off forking of private repositories in the organization's member privileges",
)
def private_forking(org: Organization) -> Verdict:
    return _off(
        org,
        "members_can_fork_private_repositories",
        "fork private repositories",
        value=org.members_can_fork_private_repositories,
    )


@check(
    "github_org_sso_configured",
    title="The organization signs people in by SAML",
    severity="medium",
    fix="Configure SAML single sign-on for the organization or its enterprise",
)
def sso(saml: Saml) -> Verdict:
    if saml.provider is None:
        # An enterprise may have one for all its organizations, which an organization does not show.
        return unknown(
            f"{saml.login} has no identity provider of its own; whether its enterprise has is not shown here"
        )
    return passed(f"{saml.login} signs in by {saml.provider.issuer or 'its identity provider'}")


def _off(org: Organization, field: str, what: str, *, value: bool | None) -> Verdict:
    if value is None:
        return _not_shown(org, field)
    return failed(f"every member of {org.login} may {what}") if value else passed()


def _not_shown(org: Organization, field: str) -> Verdict:
    return unknown(
        f"GitHub does not show {field} of {org.login} to this credential; owners and apps with the right see it"
    )
