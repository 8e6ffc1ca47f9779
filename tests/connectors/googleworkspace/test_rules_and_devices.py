"""Rules, devices, groups, grants to apps and administration, on both sides of their edges, with none, and unread."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.googleworkspace.directory.group_settings import GroupSettings, group_not_public
from connectors.googleworkspace.directory.tokens import Token, token_reviewed
from connectors.googleworkspace.identity.devices import Device, endpoint_is_sound
from connectors.googleworkspace.policy.administration import (
    data_region_set,
    multi_party_approval,
    takeout_restricted,
)
from connectors.googleworkspace.policy.rules import alert_rules_active, dlp_rule_active
from connectors.googleworkspace.reports.activity import admin_change_summary
from connectors.googleworkspace.reports.usage import Usage, super_admin_dedicated
from tests.connectors.googleworkspace.judging import (
    FAIL,
    NOTHING,
    PASS,
    SALES,
    UNKNOWN,
    UnreadSet,
    ago,
    every,
    one,
    policy_status,
    status,
    units,
    unread,
    users,
    verdict,
)
from tests.connectors.googleworkspace.shapes import a_policy, a_user

AUTH = "https://www.googleapis.com/auth"
RULE = "Suspicious login"
RULES = ("Leaked password", RULE)
TRIGGERS = {
    "drive": "google.workspace.drive.file.v1.share",
    "gmail": "google.workspace.gmail.email.v1.send",
    "chat": "google.workspace.chat.message.v1.send",
}
BLOCKED: dict[str, Any] = {
    "drive": {"driveAction": {"blockAccess": {}}},
    "gmail": {"gmailAction": {"warnUser": {}}},
    "chat": {"chatAction": {"blockContent": {"actionParams": {"applyExternalRooms": True}}}},
}


def dlp(*services: str, action: dict[str, Any] | None = None, state: str = "ACTIVE", **but: Any) -> dict[str, Any]:
    """A rule for data protection."""
    done = {key: value for service in services for key, value in BLOCKED[service].items()} if action is None else action
    value = {"displayName": "r", "state": state, "triggers": [TRIGGERS[one] for one in services], "action": done}
    return a_policy("rule.dlp", value, **but)


@pytest.mark.parametrize(
    ("rules", "status_"),
    [
        ([dlp("drive", "gmail")], PASS),
        ([dlp("drive", order=1.0), dlp("chat", order=2.0)], PASS),
        ([dlp("drive")], FAIL),
        ([dlp("gmail", "chat")], FAIL),
        ([], FAIL),
        ([dlp("drive", "gmail", state="INACTIVE")], FAIL),
        ([dlp("drive", "gmail", action={})], FAIL),
        ([dlp("drive", "gmail", action={"driveAction": {"auditOnly": {}}, "gmailAction": {"auditOnly": {}}})], FAIL),
        ([dlp("drive", "gmail", action={"driveAction": {"newKind": {}}, "gmailAction": {"warnUser": {}}})], UNKNOWN),
        ([dlp("drive", "gmail", unit=SALES)], UNKNOWN),
        ([dlp("drive", "gmail", unit="", group="g1")], UNKNOWN),
    ],
)
def test_rules_for_data_protection(rules: list[dict[str, Any]], status_: Status) -> None:
    """They act, for everybody, on Drive and on one of the two; what they look for is the company's matter."""
    assert policy_status(dlp_rule_active, *rules) is status_


def alert(name: str, state: str = "ACTIVE", recipients: Any = ({"allSuperAdmins": True},)) -> dict[str, Any]:
    """A rule that Google defines."""
    action = {"alertCenterAction": {"recipients": list(recipients)}} if recipients is not None else {}
    return a_policy(
        "rule.system_defined_alerts", {"displayName": name, "state": state, "action": action}, order=len(name)
    )


@pytest.mark.parametrize(
    ("found", "status_"),
    [
        ([alert("Leaked password"), alert("Suspicious login")], PASS),
        ([alert("Leaked password"), alert("Suspicious login", state="INACTIVE")], FAIL),
        ([alert("Leaked password"), alert("Suspicious login", recipients=())], FAIL),
        ([alert("Leaked password"), alert("Suspicious login", recipients=None)], FAIL),
        ([alert("Leaked password")], UNKNOWN),
        ([alert("Leaked password", state="INACTIVE")], FAIL),
        ([], UNKNOWN),
        ([alert("Leaked password"), alert("suspicious login")], UNKNOWN),
        ([alert(RULE), alert(RULE, state="INACTIVE"), alert("Leaked password")], UNKNOWN),
    ],
)
def test_alerts_that_google_defines(found: list[dict[str, Any]], status_: Status) -> None:
    """Google shows only those that somebody has changed, and documents no state of the others."""
    assert policy_status(alert_rules_active, *found, rules=RULES) is status_


def a_device(**but: Any) -> Device:
    """A sound computer of the company."""
    body = {
        "name": "devices/1",
        "deviceType": "MAC_OS",
        "ownerType": "COMPANY",
        "model": "MacBook",
        "encryptionState": "ENCRYPTED",
        "lastSyncTime": ago(30),
    }
    return one(Device, {name: value for name, value in (body | but).items() if value is not None})


@pytest.mark.parametrize(
    ("but", "status_"),
    [
        ({}, PASS),
        ({"lastSyncTime": ago(30.1)}, FAIL),
        ({"lastSyncTime": None}, UNKNOWN),
        ({"encryptionState": "NOT_ENCRYPTED"}, FAIL),
        ({"encryptionState": "UNSUPPORTED_BY_DEVICE"}, FAIL),
        ({"encryptionState": "ENCRYPTION_STATE_UNSPECIFIED"}, UNKNOWN),
        ({"encryptionState": None}, UNKNOWN),
        ({"encryptionState": None, "lastSyncTime": ago(400)}, FAIL),
        ({"compromisedState": "COMPROMISED"}, FAIL),
        ({"deviceType": "ANDROID"}, UNKNOWN),
        ({"deviceType": "ANDROID", "compromisedState": "UNCOMPROMISED"}, PASS),
        ({"deviceType": "ANDROID", "compromisedState": "COMPROMISED_STATE_UNSPECIFIED"}, UNKNOWN),
        ({"ownerType": "BYOD", "encryptionState": "NOT_ENCRYPTED"}, NOTHING),
        ({"ownerType": None}, UNKNOWN),
        ({"ownerType": "DEVICE_OWNERSHIP_UNSPECIFIED"}, UNKNOWN),
    ],
)
def test_devices_of_the_company(but: dict[str, Any], status_: Status) -> None:
    """What a device has not reported is not good, and what people own is not judged."""
    assert status(endpoint_is_sound, a_device(**but)) is status_


@pytest.mark.parametrize(
    ("readers", "joining", "status_"),
    [
        ("ALL_MEMBERS_CAN_VIEW", "INVITED_CAN_JOIN", PASS),
        ("ALL_IN_DOMAIN_CAN_VIEW", "ALL_IN_DOMAIN_CAN_JOIN", PASS),
        ("ANYONE_CAN_VIEW", "INVITED_CAN_JOIN", FAIL),
        ("ALL_MEMBERS_CAN_VIEW", "ANYONE_CAN_JOIN", FAIL),
        ("SOMETHING", "ANYONE_CAN_JOIN", FAIL),
        ("SOMETHING", "INVITED_CAN_JOIN", UNKNOWN),
        ("ALL_MEMBERS_CAN_VIEW", "SOMETHING", UNKNOWN),
    ],
)
def test_who_may_read_and_join_a_group(readers: str, joining: str, status_: Status) -> None:
    """One bad answer is enough, and a word that Google has not documented is none."""
    group = {"email": "g@acme.example", "settings": {"whoCanViewGroup": readers, "whoCanJoin": joining}}

    assert status(group_not_public, one(GroupSettings, group)) is status_
    assert status(group_not_public, unread(GroupSettings)) is UNKNOWN


@pytest.mark.parametrize(
    ("scopes", "approved", "status_"),
    [
        (("openid", "email", f"{AUTH}/userinfo.profile"), (), PASS),
        (("https://mail.google.com/",), (), FAIL),
        ((f"{AUTH}/gmail.readonly",), (), FAIL),
        ((f"{AUTH}/drive",), (), FAIL),
        ((f"{AUTH}/drive",), ("app.example",), PASS),
        ((f"{AUTH}/drive",), ("App.example",), FAIL),
        ((f"{AUTH}/drive.file", f"{AUTH}/drive.appdata"), (), PASS),
        ((f"{AUTH}/drive.file", f"{AUTH}/drive.readonly"), (), FAIL),
        ((f"{AUTH}/admin.directory.user",), (), FAIL),
        ((f"{AUTH}/cloud-platform",), (), FAIL),
        ((f"{AUTH}/calendar.readonly",), (), PASS),
        ((f"{AUTH}/ediscovery",), (), UNKNOWN),  # all of Vault; a scope that is not rated is none that is harmless
        ((f"{AUTH}/ediscovery",), ("app.example",), PASS),
        ((f"{AUTH}/ediscovery", f"{AUTH}/drive"), (), FAIL),
        (("https://example.com/auth/new",), (), UNKNOWN),
        ((), (), UNKNOWN),
    ],
)
def test_grants_to_apps(scopes: tuple[str, ...], approved: tuple[str, ...], status_: Status) -> None:
    """All mail, all files or the administration; what an app has made itself is its own."""
    token = one(Token, {"user": "ada@acme.example", "clientId": "app.example", "displayText": "App", "scopes": scopes})

    assert status(token_reviewed, token, approved_client_ids=list(approved)) is status_


@pytest.mark.parametrize(
    ("check", "setting", "field", "values"),
    [
        (
            takeout_restricted,
            "takeout.service_status",
            "serviceState",
            {"DISABLED": PASS, "ENABLED": FAIL, "?": UNKNOWN},
        ),
        (
            multi_party_approval,
            "multi_party_approval.require_approvals",
            "multiPartyApprovalState",
            {"ENABLED": PASS, "DISABLED": FAIL, "MULTI_PARTY_APPROVAL_STATE_UNSPECIFIED": UNKNOWN},
        ),
    ],
)
def test_settings_of_the_company(check: Any, setting: str, field: str, values: dict[str, Status]) -> None:
    """Nothing set is unknown: Google documents no default of them."""
    for value, status_ in values.items():
        assert policy_status(check, a_policy(setting, {field: value})) is status_
    assert policy_status(check) is UNKNOWN


@pytest.mark.parametrize(
    ("region", "required", "status_"),
    [
        ("EUROPE", "EUROPE", PASS),
        ("ANY_REGION", "EUROPE", FAIL),
        ("US", "EUROPE", FAIL),
        ("DATA_REGION_UNSPECIFIED", "EUROPE", UNKNOWN),
        (None, "EUROPE", UNKNOWN),
        ("EUROPE", "", UNKNOWN),
    ],
)
def test_the_region_of_data(region: str | None, required: str, status_: Status) -> None:
    """By the company's rule; without one there is nothing to compare."""
    policies = [] if region is None else [a_policy("data_regions.data_at_rest_region", {"region": region})]

    assert policy_status(data_region_set, *policies, required_region=required) is status_


def usage(last_use: str | None) -> dict[str, Any]:
    """When a super administrator used Gmail last."""
    figures = [] if last_use is None else [{"name": "gmail:last_interaction_time", "datetimeValue": last_use}]
    return {"user": "ada@acme.example", "date": "2026-02-25", "parameters": figures}


@pytest.mark.parametrize(
    ("but", "reports", "status_"),
    [
        ({"isMailboxSetup": False}, [], PASS),
        ({}, [usage(ago(30))], PASS),
        ({}, [usage(ago(29.9))], FAIL),
        ({}, [usage(None)], UNKNOWN),
        ({}, [], UNKNOWN),
        ({"suspended": True}, [usage(ago(1))], UNKNOWN),
    ],
)
def test_super_admins_do_not_work_with_these_accounts(
    but: dict[str, Any], reports: list[dict[str, Any]], status_: Status
) -> None:
    """A mailbox in use is daily work; without a report nothing is known."""
    people = users(a_user("ada", isAdmin=True, **but), a_user("bob"))

    assert status(super_admin_dedicated, people, every(Usage, reports)) is status_


def test_without_a_mailbox_no_report_is_needed() -> None:
    """And with one, a report that was not read leaves it open."""
    assert status(super_admin_dedicated, users(a_user("a", isAdmin=True, isMailboxSetup=False)), UnreadSet()) is PASS
    assert status(super_admin_dedicated, users(a_user("a", isAdmin=True)), UnreadSet()) is UNKNOWN


def test_an_entry_of_the_log_has_what_was_done_and_by_whom() -> None:
    """For a sampling sheet; half an entry raises nothing."""
    entry = {"actor": {"email": "ada@acme.example"}, "events": [{"name": "SUSPEND_USER"}, {"name": "DELETE_USER"}]}

    assert admin_change_summary(entry).title == "suspend user, delete user"
    assert admin_change_summary(entry).author == "ada@acme.example"
    assert admin_change_summary({"actor": {"key": "SYSTEM"}}).author == "SYSTEM"
    assert admin_change_summary({"actor": None, "events": None}).title == ""


def test_rules_are_unknown_without_the_list() -> None:
    """Nothing is absent from half a list."""
    for check in (dlp_rule_active, alert_rules_active, takeout_restricted, data_region_set):
        assert verdict(check, UnreadSet(), units()).status is UNKNOWN
