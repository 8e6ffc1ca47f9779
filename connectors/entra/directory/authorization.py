"""What everybody in the directory may do without a role: invite guests, register and consent to applications."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, passed, unknown
from collector.core.resources import Body, resource
from connectors.entra._sdk.calls import ADMIN_CONSENT, AUTHORIZATION, permissions
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra

GUEST_LIKE_MEMBER = "a0b1b346-4d3e-4e8b-98f8-753987be4970"
GUEST_LIMITED = "10dae51f-b6af-4016-8d66-8c2a99b929b3"
GUEST_RESTRICTED = "2af84b1e-32c8-42b7-82bc-daa82404023b"
"""The three levels of what guests see of the directory.
https://learn.microsoft.com/entra/identity/users/users-restrict-guest-permissions"""

_FOR_SELF = "ManagePermissionGrantsForSelf."
_FOR_OWNED = "ManagePermissionGrantsForOwnedResource."
_LOW = "microsoft-user-default-low"
_LEGACY = "microsoft-user-default-legacy"


class DefaultPermissions(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a member of the directory may do."""

    allowed_to_create_apps: bool
    permission_grant_policies_assigned: tuple[str, ...]  # empty: nobody may consent
    allowed_to_create_tenants: bool | None = None  # null or left out: Microsoft does not say


@resource("entra.policy.authorization")
class AuthorizationPolicy(Struct, frozen=True, kw_only=True, rename="camel"):
    """The policy of authorization of the tenant."""

    allow_invites_from: str
    guest_user_role_id: str | None  # null: Microsoft does not say
    default_user_role_permissions: DefaultPermissions


class Reviewer(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who answers requests: a query for a user, a group or a role."""

    query: str


@resource("entra.policy.admin_consent")
class AdminConsent(Struct, frozen=True, kw_only=True, rename="camel"):
    """How people ask an administrator to consent to an application."""

    is_enabled: bool
    reviewers: tuple[Reviewer, ...]


@entra.collects(AuthorizationPolicy, at="tenant", call=AUTHORIZATION, permissions=permissions(AUTHORIZATION))
def authorization(client: Graph) -> Iterator[Body]:
    yield client.get(AUTHORIZATION, lambda graph: graph.policies.authorization_policy, having="allowInvitesFrom")


@entra.collects(AdminConsent, at="tenant", call=ADMIN_CONSENT, permissions=permissions(ADMIN_CONSENT))
def admin_consent(client: Graph) -> Iterator[Body]:
    yield client.get(ADMIN_CONSENT, lambda graph: graph.policies.admin_consent_request_policy, having="isEnabled")


@check(
    "entra_guest_invite_restricted",
    title="Only authorised people can invite guests",
    severity="medium",
    fix="Let administrators and guest inviters invite, or nobody",
)
def guest_invite_restricted(policy: AuthorizationPolicy) -> Verdict:
    match policy.allow_invites_from:
        case "none":
            return passed("nobody can invite guests")
        case "adminsAndGuestInviters":
            return passed("administrators and guest inviters can invite guests")
        case "adminsGuestInvitersAndAllMembers":
            return failed("every member can invite guests")
        case "everyone":
            return failed("everybody can invite guests, and guests can too")
        case other:
            return unknown(f"who can invite guests is a word that is not known: {other}")


@check(
    "entra_guest_permissions_restricted",
    title="Guests have restricted directory access",
    severity="medium",
    fix="Restrict guests to the properties of their own objects in the directory",
)
def guest_permissions_restricted(policy: AuthorizationPolicy) -> Verdict:
    match (policy.guest_user_role_id or "").lower():
        case role if role == GUEST_RESTRICTED:
            return passed("guests see their own objects only")
        case role if role == GUEST_LIMITED:
            return failed("guests see the members of groups, which is Microsoft's default")
        case role if role == GUEST_LIKE_MEMBER:
            return failed("guests see what members see")
        case other:
            return unknown(f"the role of guests is none of the three that Microsoft documents: {other or 'none'}")


@check(
    "entra_users_cannot_register_apps",
    title="Users cannot register applications or create tenants",
    severity="medium",
    fix="Take both from users in the user settings of the directory, and give the role Application Developer to those "
    "who need it",
)
def users_cannot_register_apps(policy: AuthorizationPolicy) -> Verdict:
    may = policy.default_user_role_permissions
    found = [
        what
        for what, is_allowed in (
            ("register applications", may.allowed_to_create_apps),
            ("create tenants", may.allowed_to_create_tenants),
        )
        if is_allowed
    ]
    if found:
        return failed(f"every member can {' and '.join(found)}")
    if may.allowed_to_create_tenants is None:
        return unknown("members cannot register applications; whether they can create tenants Microsoft does not say")
    return passed("members can neither register applications nor create tenants")


@check(
    "entra_user_consent_restricted",
    title="Users cannot consent to arbitrary applications",
    severity="high",
    fix="Do not allow user consent, or allow it for verified publishers and permissions of low impact",
)
def user_consent_restricted(policy: AuthorizationPolicy) -> Verdict:
    names = policy.default_user_role_permissions.permission_grant_policies_assigned
    # What owners of groups and teams may consent to for these is another setting.
    mine = [name.removeprefix(_FOR_SELF) for name in names if not name.startswith(_FOR_OWNED)]
    if not mine:
        return passed("users cannot consent to applications")
    if _LEGACY in mine:
        return failed("users can consent to any application that asks for their own data")
    others = [name for name in mine if name != _LOW]
    if not others:
        return passed("users can consent to verified publishers, for permissions of low impact")
    return unknown(f"what users can consent to depends on {', '.join(others)}, whose conditions are not read")


@check(
    "entra_admin_consent_workflow",
    title="Admin consent workflow is on",
    severity="medium",
    fix="Turn on admin consent requests, and name reviewers",
)
def admin_consent_workflow(policy: AdminConsent) -> Verdict:
    if not policy.is_enabled:
        return failed("users cannot ask an administrator to consent")
    if not policy.reviewers:
        return failed("users can ask for consent, and nobody is named who answers")
    return passed(f"users can ask for consent; {len(policy.reviewers)} reviewers are named")
