"""Situations of public reports about roles, reviews, applications, mail and meetings: the right verdict of each."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.entra.applications import grants
from connectors.entra.governance import reviews
from connectors.entra.microsoft365 import mail_domains, teams
from connectors.entra.microsoft365.snapshots import TeamsSettings
from connectors.entra.roles import checks as roles
from connectors.entra.roles.assignments import RoleAssignment
from tests.connectors.entra import estate
from tests.connectors.entra.estate import a_principal, an_assignment
from tests.connectors.entra.judging import FAIL, PASS, UNKNOWN, CompleteSet, UnreadSet, ago, status, verdict, view
from tests.connectors.entra.test_checks import (
    ADMINS,
    APP,
    GROUP,
    NO_P2,
    NOBODY,
    OF_ADMINS,
    OF_GUESTS,
    P2,
    STAFF,
    active,
    has,
    may_have,
    review,
    user,
)
from tests.connectors.entra.test_checks_m365 import MEETINGS, NO_CALLERS, domain, snapshot

DONE: list[tuple[str, float | None]] = [("Completed", 10)]


def _given(principal: dict[str, Any], members: Any = None) -> RoleAssignment:
    eligible = None if members is None else ()
    body = {**an_assignment("x", principal), "groupMembers": members, "eligibleMembers": eligible}
    return view(RoleAssignment, body)


@pytest.mark.parametrize(
    ("assigned", "expected"),
    [
        ([has("ada"), has("bob"), _given(APP)], PASS),
        ([has("ada"), has("bob"), has("eve"), has("kim"), _given(APP)], FAIL),
        ([has("ada"), _given(APP)], FAIL),  # where people are too few an application is none
        (
            [
                has("ada"), has("bob"), has("eve"), has("kim"),
                _given(GROUP, [{"@odata.type": "#microsoft.graph.servicePrincipal", "id": "sp-2"}]),
            ],
            FAIL,
        ),
    ],
)  # fmt: skip
def test_an_application_is_a_global_administrator(assigned: list[Any], expected: Status) -> None:
    """maester365/maester#143, prowler-cloud/prowler#11070: people alone were counted."""
    assert status(roles.global_admin_count, CompleteSet(*assigned), NOBODY, P2, STAFF) is expected


@pytest.mark.parametrize(
    ("days", "limits", "expected"),
    [(-365, {}, PASS), (-366, {}, FAIL), (-36_500, {}, FAIL), (-400, {"longest": "400d"}, PASS)],
)
def test_a_role_until_nobody_knows_when(days: float, limits: dict[str, Any], expected: Status) -> None:
    """cisagov/ScubaGear#255: permanent was told by whether there is an end, however far away."""
    assert status(roles.roles_not_permanent, active(a_principal("ada"), endDateTime=ago(days)), **limits) is expected


@pytest.mark.parametrize(
    "role",
    [
        "e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8",  # MicrosoftDocs/entra-docs#139: hidden, and still assigned
        "8329153b-31d0-4727-b945-745eb3bc5f31",
        "be2f45a1-457d-42af-a067-6ec1fa63bc45",
    ],
)
def test_roles_that_come_to_the_same(role: str) -> None:
    """MicrosoftDocs/azure-docs#68240: lists of privileged roles lacked those by which others are taken over."""
    assert status(roles.roles_not_permanent, active(a_principal("ada"), roleDefinitionId=role)) is FAIL


@pytest.mark.parametrize(
    ("found", "assigned", "eligible", "skus", "expected"),
    [
        ([], NOBODY, CompleteSet(may_have("ada")), P2, FAIL),
        ([review(OF_ADMINS, rounds=DONE)], NOBODY, CompleteSet(may_have("ada")), P2, PASS),
        ([], NOBODY, UnreadSet(), P2, UNKNOWN),
        ([], NOBODY, UnreadSet(), NO_P2, PASS),
        ([], ADMINS, NOBODY, UnreadSet(), UNKNOWN),
    ],
)
def test_reviews_of_roles_that_can_be_activated(
    found: list[Any], assigned: Any, eligible: Any, skus: Any, expected: Status
) -> None:
    """microsoftgraph/microsoft-graph-docs#14283, SpecterOps/BloodHound-Legacy#678: nobody has them now."""
    judged = (CompleteSet(*found), assigned, eligible, skus)

    assert status(reviews.privileged_access_reviewed, *judged) is expected


def _scoped(**scope: Any) -> reviews.AccessReview:
    roles_of = [{"query": OF_ADMINS}]
    return review(rounds=DONE, scope={"resourceScopes": roles_of, **scope})


APPS = (
    "/beta/roleManagement/directory/roleAssignmentScheduleInstances?$filter=(isof(principal,"
    f"'microsoft.graph.servicePrincipal') and roleDefinitionId eq '{OF_ADMINS.rpartition('/')[2]}')"
)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (_scoped(principalScopes=[{"query": "/v1.0/users"}, {"query": "/v1.0/groups"}]), PASS),
        (_scoped(principalScopes=[{"query": "/v1.0/users?$filter=(userType eq 'Guest')"}]), FAIL),
        (_scoped(principalScopes=[{"query": "/v1.0/servicePrincipals"}]), FAIL),
        (_scoped(principalScopes=[{"query": "/v1.0/users", "inactiveDuration": "P30D"}]), FAIL),
        (review(APPS, rounds=DONE), FAIL),
        (review(APPS.replace("servicePrincipal", "user"), rounds=DONE), PASS),
    ],
)
def test_a_review_of_some_who_have_a_role(found: reviews.AccessReview, expected: Status) -> None:
    """prowler-cloud/prowler#12155: a review of guests, of applications or of the idle was one of the role."""
    assert status(reviews.privileged_access_reviewed, CompleteSet(found), ADMINS, NOBODY, P2) is expected


@pytest.mark.parametrize(
    ("query", "but", "expected"),
    [
        (OF_GUESTS, {}, PASS),
        (OF_GUESTS.replace(" eq ", " ne "), {}, FAIL),
        (OF_GUESTS, {"inactiveDuration": "P30D"}, UNKNOWN),
    ],
)
def test_a_review_of_all_but_guests(query: str, but: dict[str, Any], expected: Status) -> None:
    """prowler-cloud/prowler#12155: the word guest was looked for; microsoft-graph-docs#12447: only inactive ones."""
    everywhere = {"query": "/groups?$filter=(groupTypes/any(c:c+eq+'Unified'))"}
    found = review(rounds=DONE, scope={"query": query, **but}, instanceEnumerationScope=everywhere)
    guests = CompleteSet(user(estate.a_guest("gus")))

    assert status(reviews.guest_access_reviewed, CompleteSet(found), guests) is expected


@pytest.mark.parametrize(
    "permission",
    [
        "User-PasswordProfile.ReadWrite.All",
        "Organization.ReadWrite.All",
        "DeviceManagementConfiguration.ReadWrite.All",
        "DelegatedPermissionGrant.ReadWrite.All",
        "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup",
    ],
)
def test_ways_to_take_a_tenant_over(permission: str) -> None:
    """Galvnyz/M365-Assess#324, maester365/maester#645, #730: lists were shorter than the ways there are."""
    found = [{"value": permission, "resourceDisplayName": "Microsoft Graph"}]
    body = estate.a_service_principal("a", appRoleAssignments=found)

    assert status(grants.no_high_privilege_grants, view(grants.ServicePrincipal, body)) is FAIL


INCLUDES = " ".join(f"include:spf{number}.example" for number in range(10))


@pytest.mark.parametrize(
    ("spf", "expected"),
    [
        (f"v=spf1 {INCLUDES} -all", PASS),
        (f"v=spf1 {INCLUDES} mx -all", FAIL),  # internetstandards/Internet.nl#286, #1336: eleven, so that none counts
        (f"v=spf1 a {INCLUDES} ~all", FAIL),
        (f"v=spf1 {INCLUDES} -all exists:x.example", PASS),  # nothing behind all is looked at
        (f"v=spf1 {INCLUDES} ip4:192.0.2.1 -all", PASS),
        (f"v=spf1 {INCLUDES} redirect=x.example", FAIL),
        (f"v=spf1 {INCLUDES} -all redirect=x.example", PASS),
        ("v=spf1 mx mx:x.example a/24 a:x.example ptr -all", PASS),
        ("v=spf1 ip4:0.0.0.0/0 -all", FAIL),
        ("v=spf1 +ip6:::/0 -all", FAIL),
        ("v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all", FAIL),
        ("v=spf1 " + " ".join(f"ip4:{number}.0.0.0/8" for number in range(20, 40)) + " -all", FAIL),
        ("v=spf1 ip4:17.0.0.0/8 -all", PASS),
        ("v=spf1 -ip4:0.0.0.0/0 -all", PASS),
        ("v=spf1 ?ip4:0.0.0.0/0 -all", FAIL),  # neither refused nor marked, as by ?all
        ("v=spf1 a/0 -all", FAIL),
        ("v=spf1 mx//12 -all", FAIL),
        ("v=spf1 -all ip4:0.0.0.0/0", PASS),
        # RFC 7208, 4.6: an error of syntax anywhere makes the whole record one, and what then comes the receiver says.
        ("v=spf1 ip4:not-an-address -all", UNKNOWN),
        ("v=spf1 ip4:2001:db8::1 -all", UNKNOWN),
        ("v=spf1 ip4:192.0.2.0/255.255.255.0 -all", UNKNOWN),  # a width is a number: RFC 7208, section 5.6
        ("v=spf1 -ip4:192.0.2 -all", UNKNOWN),
        ("v=spf1 ipv4:192.0.2.1 -all", UNKNOWN),  # no mechanism: RFC 7208, section 4.6.1
        ("v=spf1 include:x.example, -all,", UNKNOWN),
        ("v=spf1 a/33 -all", UNKNOWN),
        ("v=spf1 -all ipv4:192.0.2.1", UNKNOWN),  # the whole record is looked through before it is used
        ("v=spf1 a:x.example/24//64 exp=why.example later=%{i} ~all", PASS),
        ("v=spf1; include:x.example -all", FAIL),  # the version ends with a space: RFC 7208, section 4.5
    ],
)
def test_what_a_record_of_spf_lets_in(spf: str, expected: Status) -> None:
    """mlocati/spf-lib#16, domainaware/checkdmarc#18: a good end says nothing of what comes before it."""
    assert status(mail_domains.mail_domain_protected, domain(spf=[spf])) is expected


def test_names_of_keys_without_a_key() -> None:
    """cisagov/ScubaGear#214, #39: whether mail is signed by somebody else is not known."""
    found = verdict(mail_domains.mail_domain_protected, domain(dkim_keys=[]))

    assert found.status is UNKNOWN
    assert "no key" in found.reason


@pytest.mark.parametrize(("callers", "expected"), [(False, PASS), (True, FAIL), (None, UNKNOWN)])
def test_callers_wait_in_the_lobby(callers: bool | None, expected: Status) -> None:
    """cisagov/ScubaGear#452, CriticalSolutionsNetwork/M365FoundationsCISReport#58: a setting of its own."""
    policy = {**NO_CALLERS, "AutoAdmittedUsers": "EveryoneInCompany", "AllowPSTNUsersToBypassLobby": callers}

    assert status(teams.external_access, snapshot(TeamsSettings, estate.TEAMS, {MEETINGS: policy})) is expected
