"""Demands under conditions, emergency accounts, methods, activation of roles, and the rest of the directory."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Check, Status
from connectors.entra.devices import registration as device_registration
from connectors.entra.directory import risk, synchronization, tenant
from connectors.entra.directory.users import User
from connectors.entra.governance import terms
from connectors.entra.microsoft365 import labels, security
from connectors.entra.roles import activation
from connectors.entra.roles.privileged import ADMIN_ROLES, GLOBAL_ADMINISTRATOR
from connectors.entra.sign_in import conditional, emergency, methods, sessions
from tests.connectors.entra import estate
from tests.connectors.entra.estate import a_policy, a_principal, a_sku, a_user, an_assignment, password_rules
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
    view,
)
from tests.connectors.entra.test_effective import NAMED, STAFF, holding, policies

P2 = CompleteSet(view(tenant.Sku, a_sku("E5", "AAD_PREMIUM_P2")))
NO_P2 = CompleteSet(view(tenant.Sku, a_sku("E3", "AAD_PREMIUM")))
NOBODY = CompleteSet()
BLOCK = {"builtInControls": ["block"]}
FLOW = {"transferMethods": "deviceCodeFlow"}


@pytest.mark.parametrize(
    ("bodies", "expected"),
    [
        ([a_policy("p", authenticationFlows=FLOW, grantControls=BLOCK)], PASS),
        (
            [
                a_policy(
                    "p",
                    authenticationFlows={"transferMethods": "deviceCodeFlow,authenticationTransfer"},
                    grantControls=BLOCK,
                )
            ],
            PASS,
        ),
        ([a_policy("p", authenticationFlows={"transferMethods": "authenticationTransfer"}, grantControls=BLOCK)], FAIL),
        ([a_policy("p", authenticationFlows=FLOW, grantControls={"builtInControls": ["mfa"]})], FAIL),
        ([a_policy("p", authenticationFlows=FLOW, grantControls=BLOCK, state="disabled")], FAIL),
        ([a_policy("p", authenticationFlows=FLOW, grantControls=BLOCK, users={"excludeUsers": ["u-ada"]})], UNKNOWN),
        (
            [
                a_policy(
                    "p", authenticationFlows=FLOW, grantControls=BLOCK, users={"excludeRoles": [GLOBAL_ADMINISTRATOR]}
                )
            ],
            FAIL,
        ),
        ([a_policy("p", authenticationFlows=FLOW, grantControls=BLOCK, signInRiskLevels=["high"])], FAIL),
        ([], FAIL),
    ],
)
def test_device_code_flow(bodies: list[dict[str, Any]], expected: Status) -> None:
    """Blocked for everybody, alone or together with other flows; a second factor does not stop it."""
    assert status(conditional.device_code_blocked, policies(*bodies), NAMED, STAFF) is expected


OF_SIGN_INS = a_policy("sign-ins", signInRiskLevels=["high", "medium"])
OF_USERS = a_policy(
    "users", userRiskLevels=["high"], grantControls={"operator": "AND", "builtInControls": ["mfa", "passwordChange"]}
)


@pytest.mark.parametrize(
    ("bodies", "skus", "expected"),
    [
        ([OF_SIGN_INS, OF_USERS], P2, PASS),
        ([OF_SIGN_INS, {**OF_USERS, "state": "disabled"}], P2, FAIL),
        ([OF_USERS], P2, FAIL),
        ([OF_SIGN_INS], P2, FAIL),
        ([a_policy("s", signInRiskLevels=["medium"]), OF_USERS], P2, FAIL),
        ([OF_SIGN_INS, a_policy("u", userRiskLevels=["high"], grantControls=BLOCK)], P2, PASS),
        ([OF_SIGN_INS, a_policy("u", userRiskLevels=["high"])], P2, FAIL),  # whoever has the password has the factor
        ([a_policy("both", signInRiskLevels=["high"], userRiskLevels=["high"], grantControls=BLOCK)], P2, FAIL),
        ([OF_SIGN_INS, OF_USERS], NO_P2, UNKNOWN),
        ([OF_SIGN_INS, OF_USERS], UnreadSet(), UNKNOWN),
    ],
)
def test_risk_is_controlled(bodies: list[dict[str, Any]], skus: Any, expected: Status) -> None:
    """Of the sign-in and of the user, each by itself; without the licence nobody sees either."""
    assert status(conditional.risky_sign_ins_controlled, policies(*bodies), NAMED, STAFF, skus) is expected


@pytest.mark.parametrize(
    ("grant", "expected"),
    [
        ({"builtInControls": ["compliantDevice"]}, PASS),
        ({"builtInControls": ["domainJoinedDevice"]}, PASS),
        ({"builtInControls": ["compliantDevice", "domainJoinedDevice"]}, PASS),
        ({"operator": "AND", "builtInControls": ["compliantDevice", "mfa"]}, PASS),
        ({"builtInControls": ["compliantDevice", "mfa"]}, FAIL),
        ({"builtInControls": ["mfa"]}, FAIL),
        ({"builtInControls": ["compliantApplication"]}, FAIL),
    ],
)
def test_a_managed_device_is_demanded(grant: dict[str, Any], expected: Status) -> None:
    """Stricter than recommended passes, and an alternative to it does not."""
    body = a_policy("p", grantControls=grant)

    assert status(conditional.compliant_device_required, policies(body), NAMED, STAFF) is expected


def test_applications_for_other_devices() -> None:
    """They are named, with the reason that every loosened limit needs."""
    body = a_policy(
        "p", grantControls={"builtInControls": ["compliantDevice"]}, applications={"excludeApplications": ["intune"]}
    )

    assert status(conditional.compliant_device_required, policies(body), NAMED, STAFF) is FAIL
    assert (
        status(conditional.compliant_device_required, policies(body), NAMED, STAFF, exempt_applications=["intune"])
        is PASS
    )
    assert status(conditional.compliant_device_required, UnreadSet(), NAMED, STAFF) is UNKNOWN


def session(frequency: dict[str, Any] | None, persistent: str | None = "never", **but: Any) -> dict[str, Any]:
    """Return a policy for administrators' sessions."""
    browser = None if persistent is None else {"isEnabled": True, "mode": persistent}
    controls = {"signInFrequency": frequency, "persistentBrowser": browser}
    body = a_policy("s", users={"includeUsers": [], "includeRoles": list(ADMIN_ROLES)}, sessionControls=controls)
    return {**body, "grantControls": None, **but}


NO_ADMINISTRATORS = (NAMED, STAFF, NOBODY, NOBODY, P2)
HOURS = {"isEnabled": True, "type": "hours", "value": 8, "frequencyInterval": "timeBased"}


@pytest.mark.parametrize(
    ("bodies", "expected"),
    [
        ([session(HOURS)], PASS),
        ([session({**HOURS, "value": 9})], FAIL),
        ([session({**HOURS, "type": "days", "value": 1})], FAIL),
        ([session({**HOURS, "isEnabled": False})], FAIL),
        ([session({"isEnabled": True, "type": None, "value": None, "frequencyInterval": "everyTime"})], PASS),
        ([session({"isEnabled": True, "type": "hours", "value": 4})], PASS),
        ([session(HOURS, "always")], FAIL),
        ([session(HOURS, None)], FAIL),
        ([session(None), session(HOURS, None)], PASS),
        ([session(HOURS, state="enabledForReportingButNotEnforced")], FAIL),
        ([a_policy("p", sessionControls=None)], FAIL),
    ],
)
def test_sessions_of_administrators(bodies: list[dict[str, Any]], expected: Status) -> None:
    """Short, and gone with the browser; by one policy or by two."""
    assert status(conditional.admin_sign_in_frequency, policies(*bodies), *NO_ADMINISTRATORS) is expected


def test_sessions_where_it_is_not_decided() -> None:
    """A filter of applications selects by what is not read."""
    body = session(HOURS)
    body["conditions"]["applications"]["applicationFilter"] = {"mode": "exclude", "rule": "x"}

    assert status(conditional.admin_sign_in_frequency, policies(body), *NO_ADMINISTRATORS) is UNKNOWN
    assert status(conditional.admin_sign_in_frequency, UnreadSet(), *NO_ADMINISTRATORS) is UNKNOWN


# Emergency accounts ---------------------------------------------------------------------------------------------------

KEYS = {"isMfaCapable": True, "isMfaRegistered": True, "methodsRegistered": ["fido2SecurityKey"]}
PHONE = {**KEYS, "methodsRegistered": ["mobilePhone"]}
TWO = ["u-glass1", "u-glass2"]


def glass(*found: dict[str, Any] | None, **but: Any) -> CompleteSet:
    """Return emergency accounts with what each has registered."""
    return CompleteSet(
        *(
            view(User, a_user(f"glass{number}", registration=methods_of, **but))
            for number, methods_of in enumerate(found, 1)
        )
    )


GLASS_HOLDS = holding(*(an_assignment(name, a_principal(name)) for name in ("glass1", "glass2")))
"""Both are global administrators."""
LOCK = a_policy(
    "No other countries", grantControls=BLOCK, locations={"includeLocations": ["x"], "excludeLocations": []}
)
SPARED = {
    **LOCK,
    "conditions": {**LOCK["conditions"], "users": {**LOCK["conditions"]["users"], "excludeGroups": ["grp-emergency"]}},
}
LEGACY = a_policy("legacy", grantControls=BLOCK, clientAppTypes=["exchangeActiveSync", "other"])


@pytest.mark.parametrize(
    ("accounts", "bodies", "limits", "expected"),
    [
        (glass(KEYS, KEYS), [], {"breakglass_object_ids": TWO}, PASS),
        (glass(KEYS, KEYS), [SPARED, LEGACY], {"breakglass_object_ids": TWO}, PASS),
        (glass(KEYS, KEYS), [LOCK], {"breakglass_object_ids": TWO}, FAIL),
        (glass(KEYS, KEYS), [{**LOCK, "state": "disabled"}], {"breakglass_object_ids": TWO}, PASS),
        (glass(KEYS, PHONE), [], {"breakglass_object_ids": TWO}, FAIL),
        (glass(KEYS, None), [], {"breakglass_object_ids": TWO}, FAIL),
        (glass(KEYS), [], {"breakglass_object_ids": TWO}, FAIL),
        (glass(KEYS, KEYS, accountEnabled=False), [], {"breakglass_object_ids": TWO}, FAIL),
        (glass(KEYS, KEYS), [], {"breakglass_object_ids": ["u-glass1"]}, FAIL),
        (glass(KEYS, KEYS), [], {}, UNKNOWN),
        (UnreadSet(), [], {"breakglass_object_ids": TWO}, UNKNOWN),
    ],
)
def test_emergency_accounts(accounts: Any, bodies: list[Any], limits: dict[str, Any], expected: Status) -> None:
    """Two at least that can sign in, that nothing locks out, and with keys; which they are the company says."""
    assert status(emergency.emergency_accounts, accounts, policies(*bodies), NAMED, GLASS_HOLDS, **limits) is expected


# Methods and passwords ------------------------------------------------------------------------------------------------


def allowed(**states: str) -> methods.MethodsPolicy:
    """Return the policy of methods."""
    known = {"Sms": "disabled", "Voice": "disabled", "Email": "disabled", **states}
    migration = known.pop("migration", "migrationComplete")
    listed = [estate.a_method(name, state) for name, state in known.items() if state != "missing"]
    body = {"policyMigrationState": migration, "authenticationMethodConfigurations": listed}
    return view(methods.MethodsPolicy, body)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ({}, PASS),
        ({"Sms": "enabled"}, FAIL),
        ({"Voice": "enabled"}, FAIL),
        ({"Email": "enabled"}, FAIL),
        ({"Voice": "missing"}, UNKNOWN),
        ({"Voice": "unknownFutureValue"}, UNKNOWN),
        ({"migration": "preMigration"}, UNKNOWN),
        ({"migration": "migrationInProgress"}, UNKNOWN),
        ({"migration": "preMigration", "Sms": "enabled"}, FAIL),
    ],
)
def test_weak_methods(states: dict[str, str], expected: Status) -> None:
    """Older policies beside this one count until the migration is complete, and are not read."""
    assert status(methods.weak_methods_disabled, allowed(**states)) is expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, PASS),
        ({"EnableBannedPasswordCheck": "false"}, FAIL),
        ({"BannedPasswordList": ""}, FAIL),
        ({"LockoutThreshold": "11"}, FAIL),
        ({"LockoutDurationInSeconds": "59"}, FAIL),
        ({"LockoutThreshold": None}, UNKNOWN),
    ],
)
def test_banned_passwords(values: dict[str, Any], expected: Status) -> None:
    """A list of the company's own, and a lockout."""
    found = view(methods.DirectorySetting, password_rules(**values))
    assert status(methods.banned_passwords, CompleteSet(found)) is expected


def test_password_rules_that_were_never_changed() -> None:
    """Without settings Microsoft's defaults hold, in which there is no such list."""
    other = view(methods.DirectorySetting, {**password_rules(), "templateId": "another"})

    assert status(methods.banned_passwords, NOBODY) is FAIL
    assert status(methods.banned_passwords, CompleteSet(other)) is FAIL
    assert status(methods.banned_passwords, UnreadSet()) is UNKNOWN


# Roles, risk, devices, sessions ---------------------------------------------------------------------------------------


def rule(name: str, **but: Any) -> dict[str, Any]:
    """Return a change of one rule of a role's policy."""
    known = {item["id"]: item for item in estate.a_role_policy("x")["policy"]["rules"]}
    return {name: {**known[name], **but}}


APPROVAL, ENABLEMENT = "Approval_EndUser_Assignment", "Enablement_EndUser_Assignment"
CONTEXT = "AuthenticationContext_EndUser_Assignment"


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        (rule(APPROVAL, setting={"isApprovalRequired": False}), FAIL),
        (rule(APPROVAL, setting=None), FAIL),
        (rule(ENABLEMENT, enabledRules=["Justification"]), FAIL),
        (rule(ENABLEMENT, enabledRules=["MultiFactorAuthentication"]), FAIL),
        ({**rule(ENABLEMENT, enabledRules=["Justification"]), **rule(CONTEXT, isEnabled=True)}, UNKNOWN),
        ({APPROVAL: None}, UNKNOWN),
    ],
)
def test_activating_the_largest_role(but: dict[str, Any], expected: Status) -> None:
    """An authentication context may demand more, and its policies are others."""
    body = estate.a_role_policy(GLOBAL_ADMINISTRATOR, **but)
    assert status(activation.activation_approval, view(activation.RolePolicy, body)) is expected
    assert status(activation.activation_approval, view(activation.RolePolicy, estate.a_role_policy("other"))) is NOTHING


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({"riskLastUpdatedDateTime": ago(3)}, PASS),
        ({"riskLastUpdatedDateTime": ago(3.1)}, FAIL),
        ({"riskState": "confirmedCompromised"}, FAIL),
        ({"riskState": "remediated"}, PASS),
        ({"riskState": "dismissed", "riskLevel": "none"}, PASS),
        ({"riskLevel": "medium"}, NOTHING),
        ({"isDeleted": True}, NOTHING),
        ({"riskLevel": "hidden"}, UNKNOWN),
        ({"riskState": "unknownFutureValue"}, UNKNOWN),
        ({"riskLastUpdatedDateTime": None}, UNKNOWN),
    ],
)
def test_users_of_high_risk(but: dict[str, Any], expected: Status) -> None:
    """Somebody looks into it within the time that is allowed."""
    assert status(risk.risky_users_handled, view(risk.RiskyUser, estate.a_risky_user("bob", **but))) is expected


def joining(kind: str = "no", *, mfa: str = "required", admins: bool | None = False, **but: Any) -> Any:
    """Return the policy of registering devices."""
    join = {
        "allowedToJoin": {"@odata.type": f"#microsoft.graph.{kind}DeviceRegistrationMembership"},
        "localAdmins": {"enableGlobalAdmins": admins},
    }
    body = {"multiFactorAuthConfiguration": mfa, "azureADJoin": join, **but}
    return view(device_registration.DeviceRegistration, body)


REGISTER = a_policy("r", applications={"includeApplications": [], "includeUserActions": ["urn:user:registerdevice"]})
NOT_ALL = {
    **REGISTER,
    "conditions": {**REGISTER["conditions"], "users": {**REGISTER["conditions"]["users"], "excludeUsers": ["x"]}},
}


@pytest.mark.parametrize(
    ("policy", "bodies", "expected"),
    [
        (joining(), [], PASS),
        (joining("enumerated"), [], PASS),
        (joining("all"), [], FAIL),
        (joining(admins=True), [], FAIL),
        (joining(admins=None), [], UNKNOWN),
        (joining(mfa="notRequired"), [], FAIL),
        (joining(mfa="notRequired"), [REGISTER], PASS),
        (joining(mfa="notRequired"), [NOT_ALL], UNKNOWN),
        (joining(mfa="notRequired"), [{**REGISTER, "state": "disabled"}], FAIL),
        (joining(azureADJoin=None), [], UNKNOWN),
    ],
)
def test_joining_devices(policy: Any, bodies: list[Any], expected: Status) -> None:
    """A second factor by the setting, or by a policy for the action."""
    assert status(device_registration.device_join_restricted, policy, policies(*bodies)) is expected


@pytest.mark.parametrize(
    ("bodies", "expected"),
    [
        ([estate.a_timeout("t", "01:00:00")], PASS),
        ([estate.a_timeout("t", "01:00:01")], FAIL),
        ([estate.a_timeout("t", "00:30:00", isOrganizationDefault=False)], FAIL),
        ([estate.a_timeout("t", "soon")], UNKNOWN),
        ([estate.a_timeout("t", "00:30:00", definition=["{}"])], UNKNOWN),
        ([], FAIL),
    ],
)
def test_idle_sessions(bodies: list[Any], expected: Status) -> None:
    """By the policy that holds for the whole tenant."""
    found = CompleteSet(*(view(sessions.ActivityTimeout, body) for body in bodies))
    assert status(sessions.session_idle_timeout, found) is expected


ACCEPT = a_policy("tou", grantControls={"builtInControls": [], "termsOfUse": ["tou-1"]})
ACCEPT_OR = a_policy("tou", grantControls={"builtInControls": ["mfa"], "termsOfUse": ["tou-1"]})
NOT_GUESTS = a_policy(
    "tou", grantControls={"builtInControls": [], "termsOfUse": ["tou-1"]}, users={"excludeGroups": ["grp-emergency"]}
)


@pytest.mark.parametrize(
    ("but", "bodies", "expected"),
    [
        ({}, [ACCEPT], PASS),
        ({}, [ACCEPT_OR], FAIL),
        ({}, [{**ACCEPT, "state": "disabled"}], FAIL),
        ({}, [], FAIL),
        ({"id": "tou-other"}, [ACCEPT], FAIL),
        ({"userReacceptRequiredFrequency": None}, [ACCEPT], FAIL),
        ({"userReacceptRequiredFrequency": "P366D"}, [ACCEPT], FAIL),
        ({}, [NOT_GUESTS], UNKNOWN),
    ],
)
def test_terms_of_use(but: dict[str, Any], bodies: list[Any], expected: Status) -> None:
    """Demanded of everybody, without an alternative, and again every year."""
    agreement = view(terms.Agreement, estate.an_agreement("1", **but))
    assert status(terms.terms_accepted, CompleteSet(agreement), policies(*bodies)) is expected


@pytest.mark.parametrize(
    ("synced", "features", "expected"),
    [
        (True, {}, PASS),
        (True, {"blockSoftMatchEnabled": False}, FAIL),
        (True, {"blockCloudObjectTakeoverThroughHardMatchEnabled": False}, FAIL),
        (True, None, UNKNOWN),
        (False, {"blockSoftMatchEnabled": False}, NOTHING),
        (None, None, NOTHING),
    ],
)
def test_take_over_by_synchronization(synced: bool | None, features: dict[str, Any] | None, expected: Status) -> None:
    """Where nothing is synchronized there is nothing to take over with."""
    organization = view(tenant.Organization, {"id": "t", "onPremisesSyncEnabled": synced, "createdDateTime": ago(100)})
    found = (
        NOBODY
        if features is None
        else CompleteSet(view(synchronization.Synchronization, estate.a_synchronization("1", **features)))
    )
    assert status(synchronization.sync_takeover_blocked, organization, found) is expected


# Labels, simulations, score -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bodies", "expected"),
    [
        ([{}, {}, {}], PASS),
        ([{}, {}], FAIL),
        ([{}, {}, {"isEnabled": False}], FAIL),
        ([{}, {}, {"applicableTo": "site"}], FAIL),
        ([{}, {}, {"isEnabled": None}], UNKNOWN),
        ([{}, {}, {"applicableTo": None}], UNKNOWN),
    ],
)
def test_sensitivity_labels(bodies: list[dict[str, Any]], expected: Status) -> None:
    """Microsoft's metadata does not have whether they are active, so it may be missing."""
    found = CompleteSet(*(view(labels.SensitivityLabel, estate.a_label("L", **but)) for but in bodies))
    assert status(labels.labels_published, found) is expected


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        ({"isInUse": False}, FAIL),
        ({"isInUse": None}, UNKNOWN),
        ({"behaviorDuringRetentionPeriod": "doNotRetain"}, FAIL),
        ({"retentionDuration": None}, FAIL),
    ],
)
def test_retention_labels(but: dict[str, Any], expected: Status) -> None:
    """One that keeps, and is applied to something."""
    found = CompleteSet(view(labels.RetentionLabel, estate.a_retention_label("Invoices", **but)))
    assert status(labels.retention_labels_defined, found) is expected


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({"completionDateTime": ago(365)}, PASS),
        ({"completionDateTime": ago(366)}, FAIL),
        ({"status": "scheduled"}, FAIL),
        ({"completionDateTime": None}, FAIL),
    ],
)
def test_simulated_attacks(but: dict[str, Any], expected: Status) -> None:
    """Within the year, and to its end."""
    found = CompleteSet(view(security.Simulation, estate.a_simulation("1", **but)))
    assert status(security.simulation_run, found) is expected


@pytest.mark.parametrize(
    ("current", "best", "days", "expected"),
    [(60, 100, 1, PASS), (59, 100, 1, FAIL), (60, 0, 1, UNKNOWN), (60, 100, 8, UNKNOWN)],
)
def test_the_score(current: float, best: float, days: float, expected: Status) -> None:
    """Of lately."""
    body = {"createdDateTime": ago(days), "currentScore": current, "maxScore": best}
    assert status(security.secure_score, view(security.SecureScore, body)) is expected


@pytest.mark.parametrize(
    ("check", "evidence"),
    [
        (methods.weak_methods_disabled, [unread(methods.MethodsPolicy)]),
        (activation.activation_approval, [unread(activation.RolePolicy)]),
        (risk.risky_users_handled, [unread(risk.RiskyUser)]),
        (device_registration.device_join_restricted, [joining(mfa="notRequired"), UnreadSet()]),
        (sessions.session_idle_timeout, [UnreadSet()]),
        (terms.terms_accepted, [UnreadSet(), policies()]),
        (synchronization.sync_takeover_blocked, [unread(tenant.Organization), NOBODY]),
        (labels.labels_published, [UnreadSet()]),
        (labels.retention_labels_defined, [UnreadSet()]),
        (security.simulation_run, [UnreadSet()]),
        (security.secure_score, [unread(security.SecureScore)]),
        (conditional.device_code_blocked, [UnreadSet(), NAMED, STAFF]),
    ],
)
def test_what_was_not_read_is_neither_good_nor_bad(check: Check[...], evidence: list[Any]) -> None:
    """Evidence that was refused decides nothing."""
    assert status(check, *evidence) is UNKNOWN
