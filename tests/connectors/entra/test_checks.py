"""Checks of the directory, roles, applications, reviews and logs: each verdict, at the edge on both sides."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Check, Status
from connectors.entra.applications import collector, credentials, grants
from connectors.entra.directory import authorization, registration, tenant, users
from connectors.entra.governance import reviews
from connectors.entra.logs import exports
from connectors.entra.roles import checks as roles
from connectors.entra.roles.assignments import ActiveAssignment, Eligibility, RoleAssignment
from connectors.entra.roles.privileged import GLOBAL_ADMINISTRATOR
from tests.connectors.entra import estate
from tests.connectors.entra.estate import a_domain, a_guest, a_principal, a_review, a_sku, a_user, an_assignment
from tests.connectors.entra.judging import (
    FAIL,
    NOTHING,
    PASS,
    UNKNOWN,
    CompleteSet,
    UnreadSet,
    ago,
    status,
    unread,
    verdict,
    view,
)

P2 = CompleteSet(view(tenant.Sku, a_sku("E5", "AAD_PREMIUM_P2")))
NO_P2 = CompleteSet(view(tenant.Sku, a_sku("FREE", "EXCHANGE_S_FOUNDATION")))
EXPIRED = CompleteSet(view(tenant.Sku, a_sku("E5", "AAD_PREMIUM_P2", capabilityStatus="Suspended")))
NOBODY = CompleteSet()
GROUP = {"@odata.type": "#microsoft.graph.group", "id": "grp-admins", "displayName": "Admins"}
APP = {"@odata.type": "#microsoft.graph.servicePrincipal", "id": "sp-1", "displayName": "robot"}


def user(body: dict[str, Any], **but: Any) -> users.User:
    """Return a user."""
    return view(users.User, {"registration": None, **body}, **but)


# Accounts that nobody uses --------------------------------------------------------------------------------------------


def used(days: float | None, tried: float | None = None) -> dict[str, Any]:
    """Return the sign-ins of a user: the last success, and the last attempt."""
    return {
        "signInActivity": {
            "lastSuccessfulSignInDateTime": None if days is None else ago(days),
            "lastSignInDateTime": None if tried is None else ago(tried),
        }
    }


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        (used(89), PASS),
        (used(90), PASS),
        (used(91), FAIL),
        (used(91, tried=1), FAIL),  # attempts that failed keep no account alive
        (used(None, tried=1), UNKNOWN),
        (used(None, tried=91), FAIL),
        ({"signInActivity": None}, FAIL),
        ({"signInActivity": None, "createdDateTime": None}, FAIL),
        ({"signInActivity": None, "createdDateTime": ago(90)}, PASS),
        ({**used(500), "accountEnabled": False}, PASS),
    ],
)
def test_accounts_that_nobody_uses(but: dict[str, Any], expected: Status) -> None:
    """By the last success, for members and guests alike."""
    assert status(users.inactive_users_disabled, user(a_user("ada", **but))) is expected
    assert status(users.inactive_guests_removed, user(a_guest("gus", **but))) is expected


def test_each_rule_about_unused_accounts_has_its_own_people() -> None:
    """A guest is no member; an account that is meant to be idle can be named, by name or id."""
    assert status(users.inactive_users_disabled, user(a_guest("gus"))) is NOTHING
    assert status(users.inactive_guests_removed, user(a_user("ada"))) is NOTHING
    for name in ("ADA@acme.example", "u-ada"):
        idle = user(a_user("ada", **used(500)))
        assert status(users.inactive_users_disabled, idle, idle_accounts=[name]) is PASS
    assert status(users.inactive_users_disabled, user(a_user("ada", **used(31))), inactive_after="30d") is FAIL


@pytest.mark.parametrize(
    ("check", "kind", "sets"),
    [
        (users.inactive_users_disabled, users.User, 0),
        (users.inactive_guests_removed, users.User, 0),
        (registration.users_mfa_capable, users.User, 1),
        (authorization.guest_invite_restricted, authorization.AuthorizationPolicy, 0),
        (authorization.guest_permissions_restricted, authorization.AuthorizationPolicy, 0),
        (authorization.users_cannot_register_apps, authorization.AuthorizationPolicy, 0),
        (authorization.user_consent_restricted, authorization.AuthorizationPolicy, 0),
        (authorization.admin_consent_workflow, authorization.AdminConsent, 0),
        (credentials.credentials_short_lived, credentials.Application, 0),
        (credentials.apps_have_owners, credentials.Application, 0),
        (grants.no_high_privilege_grants, grants.ServicePrincipal, 0),
        (collector.collector_read_only, collector.Collector, 0),
        (roles.roles_not_permanent, ActiveAssignment, 0),
    ],
)
def test_what_was_not_read_is_neither_good_nor_bad(check: Check[...], kind: type[Any], sets: int) -> None:
    """Evidence that was refused decides nothing."""
    assert status(check, unread(kind), *([NOBODY] * sets)) is UNKNOWN


# Methods --------------------------------------------------------------------------------------------------------------

MANAGED = CompleteSet(view(tenant.Domain, a_domain("acme.example")))
FEDERATED = CompleteSet(view(tenant.Domain, a_domain("acme.example", authenticationType="Federated")))
CAPABLE = {"isMfaCapable": True, "isMfaRegistered": True, "methodsRegistered": ["fido2"]}
NOT_CAPABLE = {"isMfaCapable": False, "isMfaRegistered": False, "methodsRegistered": []}


@pytest.mark.parametrize(
    ("body", "domains", "expected"),
    [
        (a_user("ada", registration=CAPABLE), MANAGED, PASS),
        (a_user("ada", registration=NOT_CAPABLE), MANAGED, FAIL),
        (a_user("ada", registration={**NOT_CAPABLE, "isMfaRegistered": True}), MANAGED, FAIL),  # a method not allowed
        (a_user("ada", registration=NOT_CAPABLE), FEDERATED, UNKNOWN),
        (a_user("ada", registration=CAPABLE), FEDERATED, PASS),
        (a_user("ada", registration=NOT_CAPABLE), UnreadSet(), UNKNOWN),
        (a_user("ada", registration=None), MANAGED, UNKNOWN),
        (a_user("ada", registration=None, createdDateTime=ago(1)), MANAGED, UNKNOWN),
        (a_user("room", registration=NOT_CAPABLE, accountEnabled=False), MANAGED, NOTHING),
        (a_guest("gus", registration=NOT_CAPABLE), MANAGED, NOTHING),
    ],
)
def test_members_have_registered_a_method(body: dict[str, Any], domains: Any, expected: Status) -> None:
    """Who cannot sign in, and guests, are not asked."""
    assert status(registration.users_mfa_capable, user(body), domains) is expected


# What everybody may do ------------------------------------------------------------------------------------------------


def policy(permissions: dict[str, Any] | None = None, **but: Any) -> authorization.AuthorizationPolicy:
    """Return the policy of authorization."""
    body = estate.estate()["GET /policies/authorizationPolicy"]
    may = {**body["defaultUserRolePermissions"], **(permissions or {})}
    return view(authorization.AuthorizationPolicy, {**body, "defaultUserRolePermissions": may}, **but)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("none", PASS),
        ("adminsAndGuestInviters", PASS),
        ("adminsGuestInvitersAndAllMembers", FAIL),
        ("everyone", FAIL),
        ("unknownFutureValue", UNKNOWN),
    ],
)
def test_who_invites_guests(word: str, expected: Status) -> None:
    """Nobody at all is stricter than recommended, and passes."""
    assert status(authorization.guest_invite_restricted, policy(allowInvitesFrom=word)) is expected


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("2af84b1e-32c8-42b7-82bc-daa82404023b", PASS),
        ("2AF84B1E-32C8-42B7-82BC-DAA82404023B", PASS),
        ("10dae51f-b6af-4016-8d66-8c2a99b929b3", FAIL),
        ("a0b1b346-4d3e-4e8b-98f8-753987be4970", FAIL),
        ("00000000-0000-0000-0000-000000000000", UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_what_guests_see(role: str | None, expected: Status) -> None:
    """By the three roles that Microsoft documents."""
    assert status(authorization.guest_permissions_restricted, policy(guestUserRoleId=role)) is expected


@pytest.mark.parametrize(
    ("apps", "tenants", "expected"),
    [(False, False, PASS), (True, False, FAIL), (False, True, FAIL), (True, None, FAIL), (False, None, UNKNOWN)],
)
def test_members_register_nothing(apps: bool, tenants: bool | None, expected: Status) -> None:
    """One of both is enough to fail."""
    may = {"allowedToCreateApps": apps, "allowedToCreateTenants": tenants}
    assert status(authorization.users_cannot_register_apps, policy(may)) is expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], PASS),
        (["ManagePermissionGrantsForOwnedResource.microsoft-dynamically-managed-permissions-for-team"], PASS),
        (["ManagePermissionGrantsForSelf.microsoft-user-default-low"], PASS),
        (["ManagePermissionGrantsForSelf.microsoft-user-default-legacy"], FAIL),
        (
            [
                "ManagePermissionGrantsForSelf.microsoft-user-default-low",
                "ManagePermissionGrantsForSelf.microsoft-user-default-legacy",
            ],
            FAIL,
        ),
        (["ManagePermissionGrantsForSelf.microsoft-user-default-recommended"], UNKNOWN),
        (["ManagePermissionGrantsForSelf.our-own"], UNKNOWN),
        (["just-user-read"], UNKNOWN),
    ],
)
def test_what_users_consent_to(names: list[str], expected: Status) -> None:
    """None at all is stricter than recommended, and passes; a policy that was not read decides nothing."""
    may = {"permissionGrantPoliciesAssigned": names}
    assert status(authorization.user_consent_restricted, policy(may)) is expected


def test_asking_for_consent() -> None:
    """With somebody who answers."""
    body = estate.estate()["GET /policies/adminConsentRequestPolicy"]

    for but, expected in (({}, PASS), ({"isEnabled": False}, FAIL), ({"reviewers": []}, FAIL)):
        assert status(authorization.admin_consent_workflow, view(authorization.AdminConsent, body, **but)) is expected


# Roles ----------------------------------------------------------------------------------------------------------------

STAFF = CompleteSet(
    *(user(a_user(name)) for name in ("ada", "bob", "eve", "kim", "lou")), user(a_user("gone", accountEnabled=False))
)


def has(name: str, role: str = GLOBAL_ADMINISTRATOR) -> RoleAssignment:
    """Return an assignment of a user."""
    return view(
        RoleAssignment, {**an_assignment(name, a_principal(name), role), "groupMembers": None, "eligibleMembers": None}
    )


def may_have(name: str, role: str = GLOBAL_ADMINISTRATOR) -> Eligibility:
    """Return a role that a user may activate."""
    body = {
        **an_assignment(name, a_principal(name), role),
        "groupMembers": None,
        "eligibleMembers": None,
        "endDateTime": None,
    }
    return view(Eligibility, body)


@pytest.mark.parametrize(
    ("assigned", "eligible", "skus", "expected"),
    [
        ([has("ada")], [], P2, FAIL),
        ([has("ada"), has("bob")], [], P2, PASS),
        ([has("ada"), has("gone")], [], P2, FAIL),  # who cannot sign in does not count
        ([has("ada"), has("ada")], [], P2, FAIL),
        ([has("ada")], [may_have("bob")], P2, PASS),
        ([has("ada")], [may_have("ada")], P2, FAIL),
        ([has("ada"), has("bob"), has("eve"), has("kim")], [], P2, PASS),
        ([has("ada"), has("bob"), has("eve"), has("kim")], [may_have("lou")], P2, FAIL),
        ([has("ada"), has("bob"), has("eve", "another role")], [], P2, PASS),
        ([], [], P2, FAIL),
    ],
)
def test_global_administrators(assigned: list[Any], eligible: list[Any], skus: Any, expected: Status) -> None:
    """Active and eligible ones, each account once."""
    found = (CompleteSet(*assigned), CompleteSet(*eligible), skus, STAFF)
    assert status(roles.global_admin_count, *found) is expected


def test_global_administrators_by_group_through_all_levels() -> None:
    """The role is the group's, and the people are in a group in it."""
    body = {**an_assignment("g", GROUP), "groupMembers": estate.GROUPS["grp-admins"][1], "eligibleMembers": ()}
    by_group = view(RoleAssignment, body)
    deleted = view(
        RoleAssignment, {**an_assignment("x", GROUP), "principal": None, "groupMembers": None, "eligibleMembers": None}
    )

    found = verdict(roles.global_admin_count, CompleteSet(by_group, deleted), NOBODY, P2, STAFF)
    assert found.status is PASS
    assert "ada@acme.example" in found.reason


def test_members_who_activate_their_membership_count() -> None:
    """The group has the role for good, and its members have it when they want; without the licence there are none."""
    waiting = [{"principalId": f"u-{name}", "accessId": "member"} for name in ("ada", "bob", "eve", "kim", "lou")]
    by_group = view(RoleAssignment, {**an_assignment("g", GROUP), "groupMembers": (), "eligibleMembers": waiting})

    assert status(roles.global_admin_count, CompleteSet(by_group), NOBODY, P2, STAFF) is FAIL
    found = verdict(roles.global_admin_count, CompleteSet(by_group, has("ada"), has("bob")), NOBODY, NO_P2, STAFF)
    assert found.status is PASS


def test_global_administrators_where_something_is_not_read() -> None:
    """Without the licence there is nothing to activate, so that nothing is missed."""
    two = CompleteSet(has("ada"), has("bob"))

    assert status(roles.global_admin_count, two, UnreadSet(), P2, STAFF) is UNKNOWN
    assert status(roles.global_admin_count, two, UnreadSet(), NO_P2, STAFF) is PASS
    assert status(roles.global_admin_count, two, UnreadSet(), EXPIRED, STAFF) is PASS
    assert status(roles.global_admin_count, UnreadSet(), NOBODY, P2, STAFF) is UNKNOWN
    assert status(roles.global_admin_count, two, NOBODY, UnreadSet(), STAFF) is UNKNOWN
    assert status(roles.global_admin_count, two, NOBODY, P2, UnreadSet()) is UNKNOWN


def test_privileged_accounts_are_not_synchronized() -> None:
    """Whoever takes over the directory on premises would have them."""
    synced = CompleteSet(
        user(a_user("ada", onPremisesSyncEnabled=True)), user(a_user("bob", onPremisesSyncEnabled=False))
    )

    assert status(roles.privileged_cloud_only, CompleteSet(has("bob")), NOBODY, P2, synced) is PASS
    assert status(roles.privileged_cloud_only, CompleteSet(has("ada")), NOBODY, P2, synced) is FAIL
    assert status(roles.privileged_cloud_only, CompleteSet(has("ada", "another role")), NOBODY, P2, synced) is PASS
    assert status(roles.privileged_cloud_only, NOBODY, CompleteSet(may_have("ada")), P2, synced) is FAIL
    assert status(roles.privileged_cloud_only, UnreadSet(), NOBODY, P2, synced) is UNKNOWN


def active(principal: dict[str, Any] | None, **but: Any) -> ActiveAssignment:
    """Return an active role."""
    body = estate.an_instance("i", principal or a_principal("gone"), assignmentType="Assigned")
    return view(ActiveAssignment, {**body, "principal": principal}, **but)


@pytest.mark.parametrize(
    ("principal", "but", "expected"),
    [
        (a_principal("ada"), {}, FAIL),
        (a_principal("ada"), {"endDateTime": ago(-10)}, PASS),
        (a_principal("ada"), {"assignmentType": "Activated"}, PASS),
        (a_principal("ada"), {"assignmentType": "unknownFutureValue"}, UNKNOWN),
        (a_principal("ada"), {"roleDefinitionId": "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"}, NOTHING),
        (GROUP, {}, UNKNOWN),  # its members may have to activate their membership
        (APP, {}, FAIL),
        (None, {}, NOTHING),
    ],
)
def test_privileged_roles_end(principal: dict[str, Any] | None, but: dict[str, Any], expected: Status) -> None:
    """A role that was activated ends by itself; one that was assigned does not, unless it has an end."""
    assert status(roles.roles_not_permanent, active(principal, **but)) is expected


def test_emergency_accounts_have_their_role_for_good() -> None:
    """They are there for when nothing can be activated."""
    assert status(roles.roles_not_permanent, active(a_principal("ada")), breakglass_object_ids=["U-ADA"]) is PASS


# Applications ---------------------------------------------------------------------------------------------------------


def secret(start: float | None, end: float | None) -> dict[str, Any]:
    """Return a credential that began and ends so many days ago."""
    return {
        "keyId": "k-1",
        "displayName": None,
        "startDateTime": None if start is None else ago(start),
        "endDateTime": None if end is None else ago(end),
    }


@pytest.mark.parametrize(
    ("secrets", "certificates", "expected"),
    [
        ([secret(10, -170)], [], PASS),
        ([secret(10, -171)], [], FAIL),
        ([secret(100, 1)], [], FAIL),
        ([secret(10, -100), secret(100, 1)], [], FAIL),
        ([], [secret(10, -355)], PASS),
        ([], [secret(10, -356)], FAIL),
        ([secret(10, None)], [], UNKNOWN),
        ([secret(None, -100)], [], UNKNOWN),
        ([secret(10, None), secret(100, 1)], [], FAIL),
        ([], [], NOTHING),
    ],
)
def test_secrets_are_short_lived(secrets: list[Any], certificates: list[Any], expected: Status) -> None:
    """Each of an application's; certificates may be valid for longer."""
    body = estate.an_application("a", passwordCredentials=secrets, keyCredentials=certificates)
    found = view(credentials.Application, {**body, "owners": []})
    assert status(credentials.credentials_short_lived, found) is expected


def test_applications_have_owners() -> None:
    """In the directory, or in the company's own register."""
    body = estate.an_application("a")

    assert (
        status(credentials.apps_have_owners, view(credentials.Application, {**body, "owners": [{"id": "u"}]})) is PASS
    )
    lonely = view(credentials.Application, {**body, "owners": []})
    assert status(credentials.apps_have_owners, lonely) is FAIL
    assert status(credentials.apps_have_owners, lonely, registered_applications=["APPID-A"]) is PASS


@pytest.mark.parametrize(
    ("values", "but", "limits", "expected"),
    [
        ([], {}, {}, PASS),
        (["User.Read.All"], {}, {}, PASS),
        (["Mail.ReadWrite"], {}, {}, FAIL),
        (["User.Read.All", "RoleManagement.ReadWrite.Directory"], {}, {}, FAIL),
        (["Mail.ReadWrite"], {}, {"approved_apps": ["APPID-A"]}, PASS),
        (["Mail.ReadWrite"], {"appOwnerOrganizationId": "72f988bf-86f1-41af-91ab-2d7cd011db47"}, {}, NOTHING),
        (["Mail.ReadWrite"], {"appOwnerOrganizationId": None}, {}, FAIL),
        (["Mail.ReadWrite"], {"accountEnabled": False}, {}, FAIL),
        (["User.Read.All"], {}, {"high_impact": ["User.Read.All"]}, FAIL),
    ],
)
def test_large_permissions_are_approved(
    values: list[str], but: dict[str, Any], limits: dict[str, Any], expected: Status
) -> None:
    """Microsoft's own applications have theirs from Microsoft."""
    roles_of = [{"value": value, "resourceDisplayName": "Microsoft Graph"} for value in values]
    body = estate.a_service_principal("a", appRoleAssignments=roles_of, **but)
    assert status(grants.no_high_privilege_grants, view(grants.ServicePrincipal, body), **limits) is expected


@pytest.mark.parametrize(
    ("permissions", "directory_roles", "expected"),
    [
        (["User.Read.All", "Policy.Read.AuthenticationMethod", "GroupMember.ReadBasic.All"], [], PASS),
        (["openid", "User.Read"], ["b79fbf4d-3ef9-4689-8143-76b194e85509"], PASS),
        (["User-LifeCycleInfo.Read.All"], ["f2ef992c-3afb-46b9-b7cf-a126ee74c451"], PASS),
        (["User.ReadWrite.All"], [], FAIL),
        (["Exchange.ManageAsApp"], [], FAIL),
        (["Directory.AccessAsUser.All"], [], FAIL),
        (["User.Read.All"], [GLOBAL_ADMINISTRATOR], FAIL),
        (["User.Read.All"], ["00000000-1111-0000-0000-000000000000"], UNKNOWN),
        ([], [], PASS),
    ],
)
def test_annexd_reads_and_no_more(permissions: list[str], directory_roles: list[str], expected: Status) -> None:
    """A permission is called after what it does."""
    body = {"application": "a", "permissions": permissions, "directory_roles": directory_roles}
    assert status(collector.collector_read_only, view(collector.Collector, body)) is expected


# Reviews --------------------------------------------------------------------------------------------------------------

OF_ADMINS = f"/roleManagement/directory/roleDefinitions/{GLOBAL_ADMINISTRATOR}"
OF_GUESTS = "./members/microsoft.graph.user/?$count=true&$filter=(userType eq 'Guest')"
ADMINS = CompleteSet(has("ada"))


def review(*queries: str, rounds: list[tuple[str, float | None]], **but: Any) -> reviews.AccessReview:
    """Return a review with its rounds: how each ended, and how many days ago."""
    instances = [
        {"id": f"i-{number}", "status": word, "endDateTime": None if days is None else ago(days)}
        for number, (word, days) in enumerate(rounds)
    ]
    return view(reviews.AccessReview, {**a_review("r", *queries), "instances": instances}, **but)


ONCE = {"settings": {"recurrence": None}}


@pytest.mark.parametrize(
    ("queries", "rounds", "but", "expected"),
    [
        ([OF_ADMINS], [("Completed", 180)], {}, PASS),
        ([OF_ADMINS], [("Applied", 10)], {}, PASS),
        ([OF_ADMINS], [("Completed", 181)], {}, FAIL),
        ([OF_ADMINS], [("InProgress", -3)], {}, FAIL),
        ([OF_ADMINS], [("AutoReviewed", 10)], {}, FAIL),
        ([OF_ADMINS], [], {}, FAIL),
        ([OF_ADMINS], [("Completed", 10)], ONCE, FAIL),
        (["/roleManagement/directory/roleDefinitions/another"], [("Completed", 10)], {}, FAIL),
        ([f"/groups/{GLOBAL_ADMINISTRATOR}/members"], [("Completed", 10)], {}, FAIL),
    ],
)
def test_privileged_roles_are_reviewed(
    queries: list[str], rounds: list[tuple[str, float | None]], but: dict[str, Any], expected: Status
) -> None:
    """By a review that is repeated, of the role itself, with a round that people completed."""
    found = CompleteSet(review(*queries, rounds=rounds, **but))
    assert status(reviews.privileged_access_reviewed, found, ADMINS, NOBODY, P2) is expected


def test_reviews_of_roles_that_nobody_has() -> None:
    """There is nothing to review; what was not read decides nothing."""
    assert status(reviews.privileged_access_reviewed, NOBODY, NOBODY, NOBODY, P2) is PASS
    assert status(reviews.privileged_access_reviewed, NOBODY, ADMINS, NOBODY, P2) is FAIL
    assert status(reviews.privileged_access_reviewed, UnreadSet(), ADMINS, NOBODY, P2) is UNKNOWN
    assert status(reviews.privileged_access_reviewed, NOBODY, UnreadSet(), NOBODY, P2) is UNKNOWN


def test_guests_are_reviewed() -> None:
    """In all groups; a review of one group leaves open whether it has them all."""
    some = CompleteSet(user(a_guest("gus")))
    everywhere = {"instanceEnumerationScope": {"query": "/groups?$filter=(groupTypes/any(c:c+eq+'Unified'))"}}
    done: list[tuple[str, float | None]] = [("Completed", 10)]

    assert (
        status(reviews.guest_access_reviewed, CompleteSet(review(OF_GUESTS, rounds=done, **everywhere)), some) is PASS
    )
    assert status(reviews.guest_access_reviewed, CompleteSet(review(OF_GUESTS, rounds=done)), some) is UNKNOWN
    assert (
        status(reviews.guest_access_reviewed, CompleteSet(review(OF_GUESTS, rounds=[("Completed", 200)])), some) is FAIL
    )
    assert status(reviews.guest_access_reviewed, NOBODY, some) is FAIL
    assert status(reviews.guest_access_reviewed, NOBODY, CompleteSet(user(a_user("ada")))) is PASS
    assert status(reviews.guest_access_reviewed, UnreadSet(), some) is UNKNOWN


# Logs -----------------------------------------------------------------------------------------------------------------

SIEM = "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/siem"


def sent(*names: str, **but: Any) -> exports.DiagnosticSetting:
    """Return a setting that sends logs to a workspace."""
    logs = [{"category": name, "enabled": True} for name in names]
    return view(exports.DiagnosticSetting, {"name": "s", "properties": {"logs": logs, "workspaceId": SIEM, **but}})


def test_logs_are_sent_and_kept() -> None:
    """How long they are kept is not in the directory, so the company says of which destinations it knows."""
    every = sent(*exports.CATEGORIES)
    half = sent("AuditLogs", "SignInLogs")
    nowhere = sent(*exports.CATEGORIES, workspaceId=None)
    group = {"category": None, "categoryGroup": "allLogs", "enabled": True}

    assert status(exports.logs_exported, NOBODY) is FAIL
    assert status(exports.logs_exported, CompleteSet(half)) is FAIL
    assert status(exports.logs_exported, CompleteSet(nowhere)) is FAIL
    assert status(exports.logs_exported, CompleteSet(every)) is UNKNOWN
    assert status(exports.logs_exported, CompleteSet(sent(logs=[group]))) is UNKNOWN
    assert status(exports.logs_exported, CompleteSet(every), kept_by=[SIEM.upper()]) is PASS
    assert status(exports.logs_exported, CompleteSet(half), kept_by=[SIEM], categories=["SignInLogs"]) is PASS
    off = sent(logs=[{"category": name, "enabled": False} for name in exports.CATEGORIES])
    assert status(exports.logs_exported, CompleteSet(off), kept_by=[SIEM]) is FAIL
    assert status(exports.logs_exported, UnreadSet()) is UNKNOWN
