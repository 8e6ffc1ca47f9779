"""Situations in which tools of the same kind gave wrong results, by public reports: the right verdict of each.

The reports were read for the situation alone; what the tenant answers is made after Microsoft's metadata.
"""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.entra._sdk import calls
from connectors.entra._sdk.client import Graph
from connectors.entra.devices import compliance, managed
from connectors.entra.directory import authorization, registration, tenant, users
from connectors.entra.microsoft365 import exchange, sharepoint
from connectors.entra.roles import checks as roles
from connectors.entra.sign_in import conditional, emergency, enforcement
from connectors.entra.sign_in.conditional_access import policy_groups
from tests.connectors.entra import estate
from tests.connectors.entra.estate import PHISHING_RESISTANT, a_device, a_guest, a_policy, a_sku, a_user
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
from tests.connectors.entra.played import PlayedTenant
from tests.connectors.entra.test_checks import GROUP, active, policy, user
from tests.connectors.entra.test_checks_m365 import DEFAULT, OUTBOUND, exchange_with, shared
from tests.connectors.entra.test_conditional import GLASS_HOLDS, KEYS, glass
from tests.connectors.entra.test_effective import (
    EVERYBODY,
    NAMED,
    NOBODY,
    OFF,
    ON,
    STAFF,
    externals,
    legacy,
    mfa,
    policies,
)

BLOCK = {"builtInControls": ["block"]}
LEGACY_TYPES = ["exchangeActiveSync", "other"]
FLOW = {"transferMethods": "deviceCodeFlow,authenticationTransfer"}
TWO = ["u-glass1", "u-glass2"]
P2 = CompleteSet(view(tenant.Sku, a_sku("E5", "AAD_PREMIUM_P2")))


@pytest.mark.parametrize(
    "part",
    [
        {"users": {"excludeGuestsOrExternalUsers": externals("b2bCollaborationGuest,internalGuest")}},
        {"applications": {"excludeApplications": ["MicrosoftAdminPortals"]}},
    ],
)
def test_guests_and_applications_that_are_left_out(part: dict[str, Any]) -> None:
    """cisagov/ScubaGear#1170: only excluded users and groups were looked at."""
    body = a_policy("p", clientAppTypes=LEGACY_TYPES, grantControls=BLOCK, **part)

    found = verdict(enforcement.legacy_blocked, OFF, policies(body), NAMED, STAFF, NOBODY)
    assert found.status is FAIL
    assert "b2bCollaborationGuest" in found.reason or "MicrosoftAdminPortals" in found.reason


def test_emergency_accounts_that_are_left_out_of_the_block() -> None:
    """cisagov/ScubaGear#1706, #2117: failed without a word."""
    body = a_policy("p", clientAppTypes=LEGACY_TYPES, grantControls=BLOCK, users={"excludeUsers": TWO})

    assert legacy(body) is UNKNOWN
    assert legacy(body, breakglass_object_ids=TWO) is PASS


def test_several_flows_in_one_text() -> None:
    """maester365/maester#1063: an equal text was wanted; #710: any policy about the flow was taken."""
    judge = conditional.device_code_blocked
    blocked = policies(a_policy("p", authenticationFlows=FLOW, grantControls=BLOCK))
    with_mfa = policies(a_policy("p", authenticationFlows=FLOW))

    assert status(judge, blocked, NAMED, STAFF) is PASS
    assert status(judge, with_mfa, NAMED, STAFF) is FAIL


def test_an_emergency_account_and_the_device_code_flow() -> None:
    """maester365/maester#1057: failed for leaving it out, as is recommended."""
    body = a_policy("p", authenticationFlows=FLOW, grantControls=BLOCK, users={"excludeUsers": ["u-glass1"]})

    assert status(conditional.device_code_blocked, policies(body), NAMED, STAFF, breakglass_object_ids=TWO) is PASS


def test_guests_are_in_all_users() -> None:
    """maester365/maester#804: a policy for guests alone was wanted."""
    assert mfa(EVERYBODY) is PASS


def test_security_defaults_without_a_licence() -> None:
    """CompliantSec/M365SAT#65: failed by a benchmark; cisagov/ScubaGear#1756, #1822: an empty list ended the tool."""
    assert status(enforcement.mfa_baseline, ON, policies(), NAMED, STAFF, NOBODY) is PASS
    assert status(enforcement.mfa_baseline, ON, UnreadSet(), NAMED, STAFF, NOBODY) is PASS
    assert status(enforcement.mfa_baseline, OFF, policies(), NAMED, STAFF, NOBODY) is FAIL


def test_report_only_and_session_only_policies() -> None:
    """prowler-cloud/prowler#11577: counted as enforced; a policy without a grant ended the check."""
    report = a_policy("p", state="enabledForReportingButNotEnforced", grantControls=BLOCK)
    session = a_policy(
        "s", grantControls=None, sessionControls={"signInFrequency": {"isEnabled": True, "value": 1, "type": "hours"}}
    )

    assert legacy(report) is FAIL
    assert mfa(session) is FAIL
    assert mfa(session, EVERYBODY) is PASS


def test_a_compliant_device_alone_is_stricter() -> None:
    """maester365/maester#1054, #1992: failed for want of an alternative; passed with a second factor as one."""
    judge = conditional.compliant_device_required
    alone = policies(a_policy("p", grantControls={"builtInControls": ["compliantDevice"]}))
    either = policies(a_policy("p", grantControls={"builtInControls": ["compliantDevice", "mfa"]}))

    assert status(judge, alone, NAMED, STAFF) is PASS
    assert status(judge, either, NAMED, STAFF) is FAIL


@pytest.mark.parametrize(
    "condition",
    [
        {"devices": {"deviceFilter": {"mode": "exclude", "rule": "device.isCompliant -eq True"}}},
        {"insiderRiskLevels": "elevated"},
        {"authenticationFlows": FLOW},
    ],
)
def test_conditions_that_an_export_loses(condition: dict[str, Any]) -> None:
    """Microsoft365DSC#1882, #4089, #4472, prowler-cloud/prowler#10234: the policy looked wider than it is."""
    assert mfa(a_policy("p", **condition)) is FAIL


def test_a_disabled_guest_without_a_method() -> None:
    """prowler-cloud/prowler#10921: fields that nobody selected were missing, and the account counted as enabled."""
    none = {"isMfaCapable": False, "isMfaRegistered": False, "methodsRegistered": []}
    body = a_guest("g", accountEnabled=False, registration=none)

    assert status(registration.users_mfa_capable, user(body), CompleteSet()) is NOTHING


def test_a_right_that_is_missing_is_no_finding_of_everybody() -> None:
    """prowler-cloud/prowler#10893: without AuditLog.Read.All each user was reported as without a method."""
    assert status(registration.users_mfa_capable, unread(users.User), CompleteSet()) is UNKNOWN


def test_rooms_and_shared_mailboxes() -> None:
    """maester365/maester#2107, prowler-cloud/prowler#10422: counted as people, though nobody can sign in."""
    none = {"isMfaCapable": False, "isMfaRegistered": False, "methodsRegistered": []}
    room = a_user("room1", accountEnabled=False, registration=none)

    assert status(registration.users_mfa_capable, user(room), CompleteSet()) is NOTHING
    assert status(registration.users_mfa_capable, user({**room, "accountEnabled": True}), CompleteSet()) is FAIL


def test_one_emergency_account_is_too_few() -> None:
    """Galvnyz/M365-Assess#888: one check passed it, another found three by their names."""
    judge = emergency.emergency_accounts

    assert status(judge, glass(KEYS), policies(), NAMED, GLASS_HOLDS, breakglass_object_ids=["u-glass1"]) is FAIL
    assert status(judge, glass(KEYS, KEYS), policies(), NAMED, GLASS_HOLDS, breakglass_object_ids=TWO) is PASS


def test_the_group_that_is_left_out_most_is_no_emergency_group() -> None:
    """maester365/maester#197: a group of service accounts was taken for one."""
    found = policies(
        a_policy("p", users={"excludeGroups": ["grp-admins"]}), a_policy("q", users={"excludeGroups": ["grp-admins"]})
    )

    assert status(enforcement.mfa_baseline, OFF, found, NAMED, STAFF, NOBODY) is UNKNOWN
    assert status(enforcement.mfa_baseline, OFF, found, NAMED, STAFF, NOBODY, breakglass_object_ids=TWO) is FAIL


def test_an_account_that_was_deleted_is_left_out() -> None:
    """maester365/maester#620: an id that nobody could find was named as the emergency account."""
    assert mfa(a_policy("p", users={"excludeUsers": ["u-deleted-long-ago"]})) is PASS


def test_emergency_accounts_that_are_left_out_by_a_group() -> None:
    """ssc-spc-ccoe-cei/azure-guardrails-solution-accelerator#983: taken one by one, and not by a group."""
    of_sign_ins = a_policy("s", signInRiskLevels=["high"], users={"excludeGroups": ["grp-emergency"]})
    of_users = a_policy("u", userRiskLevels=["high"], grantControls=BLOCK, users={"excludeGroups": ["grp-emergency"]})
    found = (policies(of_sign_ins, of_users), NAMED, STAFF, P2)

    assert status(conditional.risky_sign_ins_controlled, *found, breakglass_object_ids=TWO) is PASS


def test_policies_for_applications_and_agents() -> None:
    """maester365/maester#1385, #1778: judged as if they were about people; one of them says of people: None."""
    agents = a_policy(
        "agents",
        users={"includeUsers": ["None"]},
        clientApplications={"includeAgentIdServicePrincipals": ["All"]},
        grantControls=BLOCK,
    )
    empty = a_policy("people", clientApplications={"includeServicePrincipals": [], "excludeServicePrincipals": []})

    assert mfa(agents) is FAIL
    assert mfa(agents, EVERYBODY) is PASS
    assert mfa(empty) is PASS
    locked = emergency.emergency_accounts
    assert status(locked, glass(KEYS, KEYS), policies(agents), NAMED, GLASS_HOLDS, breakglass_object_ids=TWO) is PASS


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["ManagePermissionGrantsForOwnedResource.microsoft-dynamically-managed-permissions-for-team"], PASS),
        (["ManagePermissionGrantsForSelf.microsoft-user-default-recommended"], UNKNOWN),
        (["ManagePermissionGrantsForSelf.microsoft-user-default-low"], PASS),
    ],
)
def test_who_consents_to_what(names: list[str], expected: Status) -> None:
    """maester365/maester#140, cisagov/ScubaGear#1022: off, and failed; #1945: left to Microsoft, and passed."""
    found = policy({"permissionGrantPoliciesAssigned": names})
    assert status(authorization.user_consent_restricted, found) is expected


def test_nobody_invites_guests() -> None:
    """maester365/maester#285: only one of the two strict values was accepted."""
    assert status(authorization.guest_invite_restricted, policy(allowInvitesFrom="none")) is PASS


def test_sharing_is_off() -> None:
    """prowler-cloud/prowler#9292, cisagov/ScubaGear#1062: a list of domains was wanted all the same."""
    off = shared(sharingCapability="disabled", sharingDomainRestrictionMode="none")

    assert status(sharepoint.domains_managed, off) is NOTHING
    assert status(sharepoint.sharing_restricted, off) is PASS


def test_forwarding_is_off_by_the_outbound_policy() -> None:
    """soteria-security/365Inspect#12, #14: a rule of mail flow was wanted; a policy for some senders was overlooked."""
    some = {"Identity": "For sales", "AutoForwardingMode": "On"}

    assert status(exchange.external_forwarding, exchange_with({OUTBOUND: DEFAULT})) is PASS
    found = verdict(exchange.external_forwarding, exchange_with({OUTBOUND: [DEFAULT, some]}))
    assert found.status is FAIL
    assert "For sales" in found.reason


def test_a_policy_for_everybody_is_assigned() -> None:
    """ThomasKur/M365Documentation#73: a target without a group looked unassigned."""
    secure = view(compliance.DeviceManagement, {"settings": {"secureByDefault": True}})
    laptop = view(managed.Device, a_device("laptop"))
    for kind in ("allLicensedUsersAssignmentTarget", "allDevicesAssignmentTarget"):
        target = [{"target": {"@odata.type": f"#microsoft.graph.{kind}"}}]
        rules = view(compliance.CompliancePolicy, estate.a_compliance_policy("w", assignments=target))
        found = status(compliance.compliance_policy_assigned, secure, CompleteSet(rules), CompleteSet(laptop))
        assert found is PASS


def test_a_role_of_a_group_with_members_that_activate() -> None:
    """cisagov/ScubaGear#347: the group's lasting assignment was taken for that of its members."""
    assert status(roles.roles_not_permanent, active(GROUP)) is UNKNOWN


def test_failed_attempts_keep_no_account_alive() -> None:
    """MicrosoftDocs/entra-docs#441, azure-docs#108274: guessing a password made an account look used."""
    guessed = {"lastSignInDateTime": ago(1), "lastSuccessfulSignInDateTime": ago(200)}

    assert status(users.inactive_users_disabled, user(a_user("ada", signInActivity=guessed))) is FAIL


def test_guests_with_attempts_and_no_success_on_record() -> None:
    """microsoft/zerotrustassessment#593: failed as inactive, and seen in the portal three days before."""
    seen = {"lastSignInDateTime": ago(3), "lastSuccessfulSignInDateTime": None}

    assert status(users.inactive_guests_removed, user(a_guest("gus", signInActivity=seen))) is UNKNOWN


def test_a_sign_in_that_is_not_on_record() -> None:
    """MicrosoftDocs/azure-docs#59529: nothing at all was given of accounts that had been used long ago."""
    found = verdict(users.inactive_users_disabled, user(a_user("ada", signInActivity=None)))

    assert found.status is FAIL
    assert "never" not in found.reason


def test_a_member_of_a_group_who_was_deleted(client: Graph, tenant: PlayedTenant) -> None:
    """cisagov/ScubaGear#1288: a deleted group or member ended the list."""
    body = a_policy("p", users={"excludeGroups": ["grp-deleted", "grp-emergency"]})
    tenant.answers[calls.CONDITIONAL_ACCESS] = [body]

    assert [group["id"] for group in policy_groups(client) if isinstance(group, dict)] == [
        "grp-deleted",
        "grp-emergency",
    ]
    assert mfa(body, breakglass_object_ids=TWO) is PASS


def test_two_factors_that_are_one_where_the_strength_says_so() -> None:
    """prowler-cloud/prowler#10616: a strength was not counted as a second factor, or any was as one."""
    strong = {"builtInControls": [], "authenticationStrength": PHISHING_RESISTANT}
    weak = {"builtInControls": [], "authenticationStrength": {**PHISHING_RESISTANT, "requirementsSatisfied": "none"}}

    assert mfa(a_policy("p", grantControls=strong)) is PASS
    assert mfa(a_policy("p", grantControls=weak)) is FAIL
