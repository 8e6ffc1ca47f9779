"""The organization's own settings: what members may do, and whether a second factor is required."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.github._sdk.client import GitHub, hidden_list
from connectors.github._sdk.connector import github
from connectors.github.organization.members import is_managed


class Account(Struct, frozen=True, kw_only=True):
    """An account, by its login."""

    login: str


@resource(
    "github.org.organization",
    key="login",
    volatile=(
        "an_owner",
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
    """Settings of the organization (`GET /orgs/{org}`). None: GitHub shows it to owners only."""

    login: str
    two_factor_requirement_enabled: bool | None = None
    default_repository_permission: str | None = None
    members_can_create_repositories: bool | None = None
    members_allowed_repository_creation_type: str | None = None  # all, private or none
    members_can_create_public_repositories: bool | None = None
    members_can_delete_repositories: bool | None = None
    members_can_change_repo_visibility: bool | None = None
    members_can_fork_private_repositories: bool | None = None
    an_owner: Account | None = None  # None: evidence from before this was collected


@github.collects(
    Organization, at="organization", call="GET /orgs/{org}", permissions="Organization Administration: read"
)
def organization(client: GitHub) -> Iterator[Body]:
    yield client.request("GET /orgs/{org}")


@github.part(Organization, "an_owner", call="GET /orgs/{org}/members", permissions="Organization Members: read")
def an_owner(client: GitHub, _body: Body) -> Any:
    """Return one owner, whose login says what kind of accounts the organization has."""
    owners = client.request("GET /orgs/{org}/members", query={"role": "admin", "per_page": 1})
    if not owners:
        raise hidden_list("GitHub lists no owner, and every organization has one")
    return {"login": owners[0]["login"]}


@check(
    "github_org_two_factor_required",
    title="The organization demands two-factor authentication",
    severity="critical",
    fix="Require two-factor authentication in the organization's authentication security settings",
)
def two_factor_required(org: Organization) -> Verdict:
    if org.two_factor_requirement_enabled:
        return passed()
    # An organization of an enterprise with managed users has no other members.
    if org.an_owner is not None and is_managed(org.an_owner.login):
        return not_applicable(
            f"the accounts of {org.login} are managed by its enterprise, as {org.an_owner.login} is: people sign in at "
            "the identity provider, whose second factor is not GitHub's to demand; evidence of it is needed"
        )
    if org.two_factor_requirement_enabled is None:
        return _not_shown_verdict(org, "two_factor_requirement_enabled")
    return failed(f"{org.login} lets people in without a second factor")


@check(
    "github_org_default_permission_restricted",
    title="Members get no more than the allowed permission on every repository",
    severity="high",
    fix="Lower the base permissions of the organization to none or read, and give more by team",
)
def default_permission(org: Organization, *, allowed: tuple[str, ...] = ("none", "read")) -> Verdict:
    if org.default_repository_permission is None:
        return _not_shown_verdict(org, "default_repository_permission")
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
    if org.members_can_create_public_repositories is None:
        # GitHub leaves the switch out for some plans; these fields decide it as well.
        if org.members_can_create_repositories is False:
            return passed(f"members of {org.login} cannot create repositories")
        if org.members_allowed_repository_creation_type in ("none", "private"):
            kind = org.members_allowed_repository_creation_type
            return passed(f"members_allowed_repository_creation_type of {org.login} is {kind}")
        if org.members_allowed_repository_creation_type == "all":
            return failed(f"members_allowed_repository_creation_type of {org.login} is all")
    return _switch_off_verdict(
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
    deletes = _switch_off_verdict(
        org,
        "members_can_delete_repositories",
        "delete or transfer repositories",
        value=org.members_can_delete_repositories,
    )
    shows = _switch_off_verdict(
        org,
        "members_can_change_repo_visibility",
        "change who sees a repository",
        value=org.members_can_change_repo_visibility,
    )
    failures = [verdict for verdict in (deletes, shows) if verdict.status.value == "fail"]
    if failures:
        return failed("; ".join(verdict.reason for verdict in failures))
    return next((verdict for verdict in (deletes, shows) if verdict.status.value == "unknown"), passed())


@check(
    "github_org_private_forking_disabled",
    title="Members cannot fork private repositories",
    severity="medium",
    fix="Turn off forking of private repositories in the organization's member privileges",
)
def private_forking(org: Organization) -> Verdict:
    return _switch_off_verdict(
        org,
        "members_can_fork_private_repositories",
        "fork private repositories",
        value=org.members_can_fork_private_repositories,
    )


def _switch_off_verdict(org: Organization, field: str, what: str, *, value: bool | None) -> Verdict:
    if value is None:
        return _not_shown_verdict(org, field)
    return failed(f"every member of {org.login} may {what}") if value else passed()


def _not_shown_verdict(org: Organization, field: str) -> Verdict:
    return unknown(
        f"GitHub does not show {field} of {org.login} to this credential; owners and apps with the right see it"
    )
