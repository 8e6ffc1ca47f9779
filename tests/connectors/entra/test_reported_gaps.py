"""Situations of public reports in which a policy reaches fewer people, applications or sign-ins than it seems to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from collector.core.checks import Status
from connectors.entra.devices import registration as device_registration
from connectors.entra.governance import terms
from connectors.entra.roles.assignments import Eligibility
from connectors.entra.roles.privileged import ADMIN_ROLES, GLOBAL_ADMINISTRATOR
from connectors.entra.sign_in import conditional, emergency, enforcement, sessions
from tests.connectors.entra import estate
from tests.connectors.entra.estate import PHISHING_RESISTANT, a_policy, a_principal, an_assignment, an_instance
from tests.connectors.entra.judging import FAIL, PASS, UNKNOWN, CompleteSet, UnreadSet, status, verdict, view
from tests.connectors.entra.test_conditional import (
    ACCEPT,
    BLOCK,
    GLASS_HOLDS,
    HOURS,
    KEYS,
    P2,
    REGISTER,
    TWO,
    glass,
    joining,
    session,
)
from tests.connectors.entra.test_effective import (
    EVERYBODY,
    NAMED,
    NOBODY,
    OFF,
    STAFF,
    externals,
    groups,
    holding,
    mfa,
    people,
    policies,
)

UNIT = {"directoryScopeId": "/administrativeUnits/unit-1"}
ADA = an_assignment("1", a_principal("ada"))
STRONG = {"builtInControls": [], "authenticationStrength": PHISHING_RESISTANT}


@pytest.mark.parametrize(
    ("users", "assignment", "expected"),
    [
        ({"includeUsers": [], "includeRoles": list(ADMIN_ROLES)}, ADA, PASS),
        ({"includeUsers": [], "includeRoles": list(ADMIN_ROLES)}, {**ADA, **UNIT}, FAIL),
        ({"includeUsers": ["All"]}, {**ADA, **UNIT}, PASS),
        ({"includeUsers": [], "includeRoles": list(ADMIN_ROLES)}, {**ADA, "directoryScopeId": None}, FAIL),
    ],
)
def test_a_role_of_an_administrative_unit(users: dict[str, Any], assignment: dict[str, Any], expected: Status) -> None:
    """MicrosoftDocs/entra-docs#139, #291: conditional access applies a policy for roles to those of the tenant only."""
    body = a_policy("p", users=users, grantControls=STRONG)
    found = (policies(body), NAMED, STAFF, holding(assignment), NOBODY, P2)

    assert status(enforcement.admins_resist_phishing, *found) is expected


def test_a_role_of_an_administrative_unit_is_no_cover_for_an_exclusion() -> None:
    """MicrosoftDocs/entra-docs#139: the other policy is for the role, which this person has for a unit alone."""
    by_role = a_policy("admins", users={"includeUsers": [], "includeRoles": [GLOBAL_ADMINISTRATOR]})
    body = a_policy("p", users={"excludeUsers": ["u-ada"]})
    judged = [
        status(enforcement.mfa_baseline, OFF, policies(body, by_role), NAMED, STAFF, holding({**ADA, **but}))
        for but in ({}, UNIT)
    ]

    assert judged == [PASS, UNKNOWN]


@pytest.mark.parametrize(
    ("users", "limits", "expected"),
    [
        ({"excludeUsers": ["u-ada"]}, {}, UNKNOWN),
        ({"excludeUsers": ["u-ada"]}, {"breakglass_object_ids": ["u-ada"]}, PASS),
        ({"excludeUsers": ["u-ada"]}, {"breakglass_object_ids": ["u-bob"]}, FAIL),
        ({"excludeGroups": ["grp-admins"]}, {"breakglass_object_ids": ["u-glass1"]}, FAIL),
        ({"excludeUsers": ["u-bob"]}, {}, PASS),  # who has no role
    ],
)
def test_sessions_of_administrators_who_are_left_out(
    users: dict[str, Any], limits: dict[str, Any], expected: Status
) -> None:
    """prowler-cloud/prowler#7020, #11062, turbot/steampipe-mod-microsoft365-compliance#12: the roles alone counted."""
    body = session(HOURS)
    body["conditions"]["users"] |= users
    found = (policies(body), NAMED, STAFF, holding(ADA), NOBODY, P2)

    assert status(conditional.admin_sign_in_frequency, *found, **limits) is expected


def test_sessions_of_whoever_may_activate_a_role() -> None:
    """SpecterOps/BloodHound-Legacy#678: eligible administrators were nobody."""
    body = session(HOURS)
    body["conditions"]["users"] |= {"excludeUsers": ["u-ada"]}
    possible = {**an_instance("e", a_principal("ada")), "groupMembers": None, "eligibleMembers": None}
    judge = conditional.admin_sign_in_frequency

    for eligible, expected in ((CompleteSet(view(Eligibility, possible)), UNKNOWN), (UnreadSet(), UNKNOWN)):
        assert status(judge, policies(body), NAMED, STAFF, NOBODY, eligible, P2) is expected
    assert status(judge, policies(session(HOURS)), NAMED, STAFF, UnreadSet(), UnreadSet(), P2) is UNKNOWN


@pytest.mark.parametrize(
    ("accounts", "assignments", "expected"),
    [
        (glass(KEYS, KEYS), GLASS_HOLDS, PASS),
        (glass(KEYS, KEYS), NOBODY, FAIL),
        (glass(KEYS, KEYS), holding(an_assignment("1", a_principal("glass1"))), FAIL),
        (glass(KEYS, KEYS, onPremisesSyncEnabled=True), GLASS_HOLDS, FAIL),
        (glass(KEYS, KEYS), UnreadSet(), UNKNOWN),
    ],
)
def test_an_account_that_helps_in_no_emergency(accounts: Any, assignments: Any, expected: Status) -> None:
    """microsoft/zerotrustassessment#1180, AzureAD/AzureADAssessment#42: of the cloud, and with the largest role."""
    found = (accounts, policies(), NAMED, assignments)

    assert status(emergency.emergency_accounts, *found, breakglass_object_ids=TWO) is expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (a_policy("p", grantControls={"builtInControls": ["compliantDevice"]}), FAIL),
        (a_policy("p", grantControls={"builtInControls": ["compliantDevice", "mfa"]}), PASS),
        (a_policy("p", grantControls=BLOCK, clientAppTypes=[]), FAIL),
        (a_policy("p", grantControls={"builtInControls": ["mfa"]}), PASS),
        (
            a_policy("p", grantControls=BLOCK, users={"includeUsers": [], "includeRoles": [GLOBAL_ADMINISTRATOR]}),
            FAIL,
        ),
    ],
)
def test_policies_that_keep_an_emergency_account_out(body: dict[str, Any], expected: Status) -> None:
    """MicrosoftDocs/entra-docs#1373: where Intune or its devices fail, nobody meets the demand; roles name it, too."""
    found = (glass(KEYS, KEYS), policies(body), NAMED, GLASS_HOLDS)

    assert status(emergency.emergency_accounts, *found, breakglass_object_ids=TWO) is expected


def test_policies_for_groups_leave_partners_open() -> None:
    """cisagov/ScubaGear#1171, #1942: everybody of today is in a group, and others come in by a trust of tenants."""
    two = people(estate.a_user("glass1"), estate.a_user("glass2"))
    by_group = a_policy("p", users={"includeUsers": [], "includeGroups": ["grp-emergency"]})
    partners = a_policy("q", users={
        "includeUsers": [], "includeGuestsOrExternalUsers": externals("serviceProvider,b2bDirectConnectUser"),
    })  # fmt: skip
    found = verdict(enforcement.mfa_baseline, OFF, policies(by_group), groups("grp-emergency"), two, NOBODY)

    assert found.status is UNKNOWN
    assert "serviceProvider" in found.reason
    assert mfa(by_group, partners, users=two) is PASS
    assert mfa(EVERYBODY, users=two) is PASS


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({"devices": {"deviceFilter": {"mode": "exclude", "rule": "device.isCompliant -eq True"}}}, UNKNOWN),
        ({"devices": {"deviceFilter": {"mode": "exclude", "rule": "x"}}, "signInRiskLevels": ["high"]}, FAIL),
    ],
)
def test_devices_that_are_blocked_by_a_filter(but: dict[str, Any], expected: Status) -> None:
    """prowler-cloud/prowler#10618: all but managed devices are blocked, or all but others: the filter decides."""
    body = a_policy("p", grantControls=BLOCK, **but)

    assert status(conditional.compliant_device_required, policies(body), NAMED, STAFF) is expected
    assert mfa(body) is FAIL


def _timeout(*spans: tuple[str, str]) -> CompleteSet:
    items = [{"ApplicationId": name, "WebSessionIdleTimeout": span} for name, span in spans]
    definition = json.dumps({"ActivityBasedTimeoutPolicy": {"Version": 1, "ApplicationPolicies": items}})
    body = estate.a_timeout("t", "00:15:00", definition=[definition])
    return CompleteSet(view(sessions.ActivityTimeout, body))


PORTAL = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c"


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([("default", "01:00:00"), (PORTAL, "00:15:00")], PASS),
        ([(PORTAL, "00:15:00")], UNKNOWN),
        ([(PORTAL, "02:00:00")], FAIL),
        ([("default", "1.00:00:00")], FAIL),
        ([("default", "0.00:30:00")], PASS),
        ([("default", "01:00:00"), (PORTAL, "02:00:00")], FAIL),
    ],
)
def test_a_timeout_of_one_application(spans: list[tuple[str, str]], expected: Status) -> None:
    """Microsoft's own example has two: one for the Azure portal, and `default` for all others; days come first."""
    assert status(sessions.session_idle_timeout, _timeout(*spans)) is expected


YEARLY = {"startDateTime": "2026-01-01T00:00:00Z", "frequency": "P365D"}


@pytest.mark.parametrize(
    ("agreement", "policy", "expected"),
    [
        ({}, {}, PASS),
        ({"userReacceptRequiredFrequency": None, "termsExpiration": YEARLY}, {}, PASS),
        ({"userReacceptRequiredFrequency": None, "termsExpiration": {**YEARLY, "frequency": None}}, {}, FAIL),
        ({"userReacceptRequiredFrequency": "P730D", "termsExpiration": YEARLY}, {}, PASS),
        ({}, {"applications": {"includeApplications": ["app-1"]}}, UNKNOWN),
        ({}, {"platforms": {"includePlatforms": ["iOS"], "excludePlatforms": []}}, UNKNOWN),
        ({}, {"clientAppTypes": ["browser"]}, UNKNOWN),
        ({}, {"clientAppTypes": ["browser", "mobileAppsAndDesktopClients"]}, PASS),
    ],
)
def test_terms_for_one_application(agreement: dict[str, Any], policy: dict[str, Any], expected: Status) -> None:
    """microsoft/zerotrustassessment#672, MicrosoftDocs/azure-docs#77900: which policy, and how acceptance ends."""
    body = a_policy("tou", grantControls=ACCEPT["grantControls"], **policy)
    found = CompleteSet(view(terms.Agreement, estate.an_agreement("1", **agreement)))

    assert status(terms.terms_accepted, found, policies(body)) is expected


def test_registering_devices_of_one_system() -> None:
    """maester365/maester#2227: a policy for the action with a condition is none for whoever does not meet it."""
    phones = {**REGISTER["conditions"], "platforms": {"includePlatforms": ["iOS", "android"], "excludePlatforms": []}}
    judge = device_registration.device_join_restricted

    assert status(judge, joining(mfa="notRequired"), policies(REGISTER)) is PASS
    assert status(judge, joining(mfa="notRequired"), policies({**REGISTER, "conditions": phones})) is UNKNOWN
