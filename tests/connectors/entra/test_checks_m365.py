"""Checks of devices, sharing, mail, meetings and incidents: each verdict, at the edge on both sides."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Check, Status
from connectors.entra.devices import compliance, managed
from connectors.entra.microsoft365 import exchange, incidents, mail_domains, sharepoint, teams
from connectors.entra.microsoft365.snapshots import ExchangeSettings, TeamsSettings
from tests.connectors.entra import estate
from tests.connectors.entra.estate import a_compliance_policy, a_device, an_incident
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


def device(**but: Any) -> managed.Device:
    """Return a device."""
    return view(managed.Device, a_device("laptop", **but))


@pytest.mark.parametrize(
    ("check", "kind", "sets"),
    [
        (managed.devices_compliant, managed.Device, 0),
        (managed.devices_encrypted, managed.Device, 0),
        (managed.devices_os_supported, managed.Device, 0),
        (managed.stale_devices_retired, managed.Device, 0),
        (compliance.devices_screen_lock, compliance.CompliancePolicy, 0),
        (compliance.compliance_policy_assigned, compliance.DeviceManagement, 2),
        (sharepoint.sharing_restricted, sharepoint.SharePoint, 0),
        (sharepoint.domains_managed, sharepoint.SharePoint, 0),
        (sharepoint.legacy_auth_off, sharepoint.SharePoint, 0),
        (sharepoint.sync_restricted, sharepoint.SharePoint, 0),
        (incidents.incidents_handled, incidents.Incident, 0),
        (mail_domains.mail_domain_protected, mail_domains.MailDomain, 0),
        (exchange.unified_audit, ExchangeSettings, 0),
        (exchange.external_forwarding, ExchangeSettings, 0),
        (exchange.malware_protection, ExchangeSettings, 0),
        (exchange.smtp_auth_disabled, ExchangeSettings, 0),
        (exchange.customer_lockbox, ExchangeSettings, 0),
        (exchange.user_reporting, ExchangeSettings, 0),
        (teams.external_access, TeamsSettings, 0),
    ],
)
def test_what_was_not_read_is_neither_good_nor_bad(check: Check[...], kind: type[Any], sets: int) -> None:
    """Evidence that was refused decides nothing."""
    windows = CompleteSet(view(compliance.CompliancePolicy, a_compliance_policy("w")))
    assert status(check, unread(kind), *([windows, CompleteSet(device())] if sets else [])) is UNKNOWN


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        ({"lastSyncDateTime": ago(30)}, PASS),
        ({"lastSyncDateTime": ago(31)}, UNKNOWN),  # it was, and nothing is known since
        ({"complianceState": "noncompliant"}, FAIL),
        ({"complianceState": "noncompliant", "lastSyncDateTime": ago(31)}, FAIL),
        ({"complianceState": "conflict"}, FAIL),
        ({"complianceState": "error"}, FAIL),
        ({"complianceState": "inGracePeriod"}, UNKNOWN),
        ({"complianceState": "inGracePeriod", "complianceGracePeriodExpirationDateTime": None}, UNKNOWN),
        ({"complianceState": "unknown"}, UNKNOWN),
        ({"complianceState": "configManager"}, UNKNOWN),
    ],
)
def test_devices_are_compliant(but: dict[str, Any], expected: Status) -> None:
    """As of lately; time to mend a rule is no breach yet, and no compliance."""
    assert status(managed.devices_compliant, device(**but)) is expected


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        ({"isEncrypted": False}, FAIL),
        ({"operatingSystem": "macOS", "isEncrypted": False}, FAIL),
        ({"isEncrypted": False, "enrolledDateTime": ago(1.2), "lastSyncDateTime": ago(1)}, UNKNOWN),
        ({"operatingSystem": "Linux", "isEncrypted": False}, UNKNOWN),
        ({"operatingSystem": "Linux", "isEncrypted": True}, UNKNOWN),
        ({"operatingSystem": None}, UNKNOWN),
        ({"operatingSystem": "iOS", "isEncrypted": False}, NOTHING),
        ({"operatingSystem": "Android"}, NOTHING),
    ],
)
def test_laptops_are_encrypted(but: dict[str, Any], expected: Status) -> None:
    """A value that the device never reported is a default, and not an answer."""
    assert status(managed.devices_encrypted, device(**but)) is expected


@pytest.mark.parametrize(
    ("system", "version", "expected"),
    [
        ("Windows", "10.0.26100.1", PASS),
        ("Windows", "10.0.26100", PASS),
        ("Windows", "10.0.22631.9999", FAIL),
        ("Windows", "10.0.19045.9999", FAIL),
        ("macOS", "15.0 (24A335)", PASS),
        ("macOS", "14.9", FAIL),
        ("iOS", "18.0", PASS),
        ("iPadOS", "17.9", FAIL),
        ("Android", "14", PASS),
        ("Android", "9.0", FAIL),
        ("Windows", None, UNKNOWN),
        ("Windows", "unknown", UNKNOWN),
        ("Linux", "22.04", UNKNOWN),
        (None, "1", UNKNOWN),
    ],
)
def test_systems_are_supported(system: str | None, version: str | None, expected: Status) -> None:
    """Versions are compared by their numbers: 9 is before 14."""
    assert status(managed.devices_os_supported, device(operatingSystem=system, osVersion=version)) is expected


def test_devices_that_are_silent() -> None:
    """At the edge."""
    assert status(managed.stale_devices_retired, device(lastSyncDateTime=ago(90))) is PASS
    assert status(managed.stale_devices_retired, device(lastSyncDateTime=ago(90.1))) is FAIL


SECURE = view(compliance.DeviceManagement, {"settings": {"secureByDefault": True}})
OPEN = view(compliance.DeviceManagement, {"settings": {"secureByDefault": False}})
UNSET = view(compliance.DeviceManagement, {"settings": None})
EXCLUSION = [{"target": {"@odata.type": "#microsoft.graph.exclusionGroupAssignmentTarget"}}]
A_GROUP = [{"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget"}}]


def rules(**but: Any) -> compliance.CompliancePolicy:
    """Return a compliance policy."""
    return view(compliance.CompliancePolicy, a_compliance_policy("w", **but))


@pytest.mark.parametrize(
    ("management", "policies", "devices", "expected"),
    [
        (SECURE, [rules()], [device()], PASS),
        (SECURE, [rules(assignments=A_GROUP)], [device()], PASS),
        (SECURE, [rules(assignments=[])], [device()], FAIL),
        (SECURE, [rules(assignments=EXCLUSION)], [device()], FAIL),
        (SECURE, [rules()], [device(), device(operatingSystem="macOS")], FAIL),
        (SECURE, [rules()], [device(), device(operatingSystem="Linux")], UNKNOWN),
        (SECURE, [rules()], [device(operatingSystem=None)], UNKNOWN),
        (SECURE, [], [], PASS),
        (SECURE, [], [device()], FAIL),
        (OPEN, [rules()], [device()], FAIL),
        (UNSET, [rules()], [device()], FAIL),
    ],
)
def test_each_system_has_a_compliance_policy(
    management: Any, policies: list[Any], devices: list[Any], expected: Status
) -> None:
    """All users with a licence is an assignment; leaving a group out is none."""
    found = status(compliance.compliance_policy_assigned, management, CompleteSet(*policies), CompleteSet(*devices))
    assert found is expected


def test_compliance_policies_where_something_is_not_read() -> None:
    """Half a list of devices does not say which systems are in use."""
    one = CompleteSet(rules())

    assert status(compliance.compliance_policy_assigned, SECURE, UnreadSet(), CompleteSet(device())) is UNKNOWN
    assert status(compliance.compliance_policy_assigned, SECURE, one, UnreadSet()) is UNKNOWN


def phone(*, off: int | None, locked: int | None) -> dict[str, Any]:
    """Return what a policy demands of iOS: until the screen goes off, and from then on until it is locked."""
    return {
        "passcodeRequired": True,
        "passcodeMinutesOfInactivityBeforeScreenTimeout": off,
        "passcodeMinutesOfInactivityBeforeLock": locked,
    }


IOS = {"@odata.type": "#microsoft.graph.iosCompliancePolicy"}


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({"passwordMinutesOfInactivityBeforeLock": 15}, PASS),
        ({"passwordMinutesOfInactivityBeforeLock": 16}, FAIL),
        ({"passwordMinutesOfInactivityBeforeLock": None}, FAIL),
        ({"passwordRequired": False}, FAIL),
        ({"passwordRequired": None}, UNKNOWN),
        ({**IOS, **phone(off=5, locked=10)}, PASS),
        ({**IOS, **phone(off=5, locked=11)}, FAIL),
        ({**IOS, **phone(off=None, locked=5)}, FAIL),
        ({**IOS, **phone(off=5, locked=None)}, FAIL),
        ({"assignments": []}, NOTHING),
        ({"assignments": EXCLUSION}, NOTHING),
        ({**IOS, "passcodeRequired": False}, FAIL),
        ({**IOS, "passcodeRequired": None}, UNKNOWN),
        ({"@odata.type": "#microsoft.graph.aNewCompliancePolicy"}, UNKNOWN),
    ],
)
def test_screens_are_locked(but: dict[str, Any], expected: Status) -> None:
    """By the properties of each system; iOS calls them otherwise."""
    assert status(compliance.devices_screen_lock, rules(**but)) is expected


def shared(**but: Any) -> sharepoint.SharePoint:
    """Return the settings of SharePoint."""
    return view(sharepoint.SharePoint, estate.estate()["GET /admin/sharepoint/settings"], **but)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("disabled", PASS),
        ("existingExternalUserSharingOnly", PASS),
        ("externalUserSharingOnly", PASS),
        ("externalUserAndGuestSharing", FAIL),
        ("unknownFutureValue", UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_no_links_for_anyone(word: str | None, expected: Status) -> None:
    """Off altogether is stricter than recommended, and passes."""
    assert status(sharepoint.sharing_restricted, shared(sharingCapability=word)) is expected


@pytest.mark.parametrize(
    ("capability", "mode", "reshared", "expected"),
    [
        ("externalUserSharingOnly", "allowList", False, PASS),
        ("externalUserSharingOnly", "allowList", True, FAIL),
        ("externalUserSharingOnly", "blockList", False, FAIL),
        ("externalUserSharingOnly", "none", False, FAIL),
        ("externalUserSharingOnly", "allowList", None, UNKNOWN),
        ("externalUserSharingOnly", None, False, UNKNOWN),
        ("disabled", "none", True, NOTHING),
    ],
)
def test_domains_to_share_with(capability: str, mode: str | None, reshared: bool | None, expected: Status) -> None:
    """Where nothing is shared there is nothing to limit."""
    settings = shared(
        sharingCapability=capability, sharingDomainRestrictionMode=mode, isResharingByExternalUsersEnabled=reshared
    )
    assert status(sharepoint.domains_managed, settings) is expected


@pytest.mark.parametrize(
    ("value", "legacy", "sync"), [(True, FAIL, PASS), (False, PASS, FAIL), (None, UNKNOWN, UNKNOWN)]
)
def test_switches_of_sharepoint(value: bool | None, legacy: Status, sync: Status) -> None:
    """Null is no answer."""
    assert status(sharepoint.legacy_auth_off, shared(isLegacyAuthProtocolsEnabled=value)) is legacy
    assert status(sharepoint.sync_restricted, shared(isUnmanagedSyncAppForTenantRestricted=value)) is sync


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({"status": "resolved", "createdDateTime": ago(99)}, PASS),
        ({"status": "inProgress", "createdDateTime": ago(99)}, PASS),
        ({"status": "redirected", "createdDateTime": ago(99)}, PASS),
        ({"status": "active", "createdDateTime": ago(7)}, PASS),
        ({"status": "active", "createdDateTime": ago(7.1)}, FAIL),
        ({"status": "awaitingAction", "createdDateTime": ago(7.1)}, FAIL),
        ({"status": "unknownFutureValue"}, UNKNOWN),
        ({"severity": "low"}, NOTHING),
    ],
)
def test_incidents_are_taken_up(but: dict[str, Any], expected: Status) -> None:
    """Within the time that is allowed."""
    assert status(incidents.incidents_handled, view(incidents.Incident, an_incident("1", **but))) is expected


# Mail domains ---------------------------------------------------------------------------------------------------------

GOOD = {
    "spf": ["v=spf1 include:spf.protection.outlook.com -all"],
    "dmarc": ["v=DMARC1; p=reject; rua=mailto:d@acme.example"],
    "dmarc_at": "acme.example",
    "dkim": ["selector1._domainkey.acme.example", "selector2._domainkey.acme.example"],
    "dkim_keys": ["selector1._domainkey.acme.example"],
    "mx": ["0 acme-example.mail.protection.outlook.com."],
}


def domain(
    name: str = "acme.example", services: tuple[str, ...] = ("Email",), **records: Any
) -> mail_domains.MailDomain:
    """Return a domain with its records."""
    body = {"id": name, "isVerified": True, "supportedServices": services, "records": {**GOOD, **records}}
    return view(mail_domains.MailDomain, body)


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ({}, PASS),
        ({"spf": ["v=spf1 ~all"]}, PASS),
        ({"spf": ["v=spf1 ?all"]}, FAIL),
        ({"spf": ["v=spf1 +all"]}, FAIL),
        ({"spf": ["v=spf1 a mx"]}, FAIL),
        ({"spf": ["v=spf1 redirect=_spf.example"]}, UNKNOWN),
        ({"spf": []}, FAIL),
        ({"spf": ["v=spf1 -all", "v=spf1 -all"]}, FAIL),
        ({"dmarc": [], "dmarc_at": None}, FAIL),
        ({"dmarc": ["v=DMARC1; p=none"]}, FAIL),
        ({"dmarc": ["v=DMARC1; p=quarantine"]}, PASS),
        ({"dmarc": ["v=DMARC1;p=reject;pct=10"]}, FAIL),
        ({"dmarc": ["v=DMARC1;p=reject;t=y"]}, FAIL),
        ({"dmarc": ["v=DMARC1; rua=mailto:x"]}, FAIL),
        ({"dmarc": ["v=DMARC1; p=reject", "v=DMARC1; p=none"]}, FAIL),
        ({"dmarc": ["v=DMARC1; p=reject; sp=none"]}, PASS),  # subdomains are others
        ({"dmarc": ["v=DMARC1; p=reject; sp=none"], "dmarc_at": "example"}, FAIL),
        ({"dmarc": ["v=DMARC1; p=reject"], "dmarc_at": "example"}, PASS),
        ({"dkim": ["selector1._domainkey.acme.example"]}, UNKNOWN),
        ({"dkim": [], "dkim_keys": []}, UNKNOWN),
        ({"dkim_keys": []}, UNKNOWN),
    ],
)
def test_a_mail_domain(records: dict[str, Any], expected: Status) -> None:
    """Signatures may be made with keys of other names, so their absence decides nothing."""
    assert status(mail_domains.mail_domain_protected, domain(**records)) is expected


def test_domains_of_other_kinds() -> None:
    """One that has no mail needs no signature; Microsoft's own are Microsoft's."""
    parked: dict[str, Any] = {"services": (), "mx": ["0 ."], "dkim": [], "dkim_keys": [], "spf": ["v=spf1 -all"]}

    assert status(mail_domains.mail_domain_protected, domain(**parked)) is PASS
    assert status(mail_domains.mail_domain_protected, domain(**{**parked, "mx": []})) is PASS
    assert status(mail_domains.mail_domain_protected, domain(**{**parked, "services": ("Email",)})) is UNKNOWN
    assert status(mail_domains.mail_domain_protected, domain(**{**parked, "dmarc": []})) is FAIL
    assert status(mail_domains.mail_domain_protected, domain("acme.onmicrosoft.com", spf=[])) is NOTHING


# Settings in snapshots ------------------------------------------------------------------------------------------------


def snapshot(of: type[Any], known: dict[str, Any], changes: dict[str, Any], **taken: Any) -> Any:
    """Return settings: those of the tenant, with changes by type; None takes a type out of the snapshot."""
    resources = []
    found = []
    for name, properties in {**known, **changes}.items():
        if properties is None:
            continue
        kind = name.lower()
        found.append({"resourceType": kind, "completedDateTime": ago(1), "status": "succeeded", **taken})
        listed = properties if isinstance(properties, list) else [properties]
        resources += [{"resourceType": kind, "properties": item} for item in listed]
    return view(of, {"taken": found, "resources": resources})


REPORTED_NOWHERE = {
    "EnableReportToMicrosoft": False,
    "ReportPhishToCustomizedAddress": False,
    "ReportJunkToCustomizedAddress": False,
}


def exchange_with(changes: dict[str, Any] | None = None, **taken: Any) -> Any:
    """Return settings of Exchange; the names of types are without their beginning."""
    full = {f"microsoft.exchange.{name}": properties for name, properties in (changes or {}).items()}
    return snapshot(ExchangeSettings, estate.EXCHANGE, full, **taken)


OUTBOUND = "HostedOutboundSpamFilterPolicy"
CUSTOM = {"Identity": "For sales", "AutoForwardingMode": "On"}
DEFAULT = {"Identity": "Default", "AutoForwardingMode": "Automatic"}
BUILT_IN = "Built-In Protection Policy"


@pytest.mark.parametrize(
    ("check", "changes", "expected"),
    [
        (exchange.unified_audit, {}, PASS),
        (exchange.unified_audit, {"OrganizationConfig": {"AuditDisabled": True}}, FAIL),
        (exchange.unified_audit, {"AdminAuditLogConfig": {"UnifiedAuditLogIngestionEnabled": "False"}}, FAIL),
        (exchange.unified_audit, {"MailboxAuditBypassAssociation": {"AuditBypassEnabled": True}}, FAIL),
        (exchange.unified_audit, {"AdminAuditLogConfig": None}, UNKNOWN),
        (exchange.unified_audit, {"AdminAuditLogConfig": {}}, UNKNOWN),
        (exchange.unified_audit, {"AdminAuditLogConfig": []}, UNKNOWN),
        (exchange.unified_audit, {"OrganizationConfig": {}}, UNKNOWN),
        (exchange.unified_audit, {"MailboxAuditBypassAssociation": {"Identity": "x"}}, UNKNOWN),
        (exchange.unified_audit, {"AdminAuditLogConfig": None, "OrganizationConfig": {"AuditDisabled": True}}, FAIL),
        (exchange.external_forwarding, {}, PASS),
        (exchange.external_forwarding, {OUTBOUND: {**DEFAULT, "AutoForwardingMode": "Off"}}, PASS),
        (exchange.external_forwarding, {OUTBOUND: {**DEFAULT, "AutoForwardingMode": "On"}}, FAIL),
        (exchange.external_forwarding, {OUTBOUND: [DEFAULT, CUSTOM]}, FAIL),
        (
            exchange.external_forwarding,
            {OUTBOUND: CUSTOM, "RemoteDomain": {"Identity": "Default", "AutoForwardEnabled": False}},
            PASS,
        ),
        (exchange.external_forwarding, {OUTBOUND: {"Identity": "Default"}}, UNKNOWN),
        (exchange.external_forwarding, {OUTBOUND: []}, UNKNOWN),
        (exchange.external_forwarding, {"TransportRule": {"Name": "R", "RedirectMessageTo": ["x"]}}, UNKNOWN),
        (
            exchange.external_forwarding,
            {"TransportRule": {"Name": "R", "State": "Disabled", "RedirectMessageTo": ["x"]}},
            PASS,
        ),
        (exchange.external_forwarding, {"TransportRule": None}, UNKNOWN),
        (exchange.malware_protection, {}, PASS),
        (exchange.malware_protection, {"MalwareFilterPolicy": {"EnableFileFilter": False, "ZapEnabled": True}}, FAIL),
        (exchange.malware_protection, {"MalwareFilterPolicy": {"EnableFileFilter": True}}, UNKNOWN),
        (exchange.malware_protection, {"SafeAttachmentPolicy": {"Identity": BUILT_IN, "Enable": False}}, FAIL),
        (
            exchange.malware_protection,
            {"SafeAttachmentPolicy": {"Identity": BUILT_IN, "Enable": True, "Action": "Allow"}},
            FAIL,
        ),
        (
            exchange.malware_protection,
            {"SafeAttachmentPolicy": {"Identity": "Ours", "Enable": True, "Action": "Block"}},
            UNKNOWN,
        ),
        (
            exchange.malware_protection,
            {"SafeLinksPolicy": {"Identity": BUILT_IN, "EnableSafeLinksForEmail": False}},
            FAIL,
        ),
        (exchange.malware_protection, {"SafeLinksPolicy": None}, UNKNOWN),
        (exchange.malware_protection, {"SafeLinksPolicy": {"Identity": BUILT_IN}}, UNKNOWN),
        (exchange.malware_protection, {"SafeAttachmentPolicy": {"Identity": BUILT_IN, "Enable": True}}, UNKNOWN),
        (exchange.malware_protection, {"SafeAttachmentPolicy": {"Identity": BUILT_IN, "Action": "Block"}}, UNKNOWN),
        (exchange.malware_protection, {"MalwareFilterPolicy": []}, UNKNOWN),
        # cisagov/ScubaGear#2298, #470: a policy protects those whom its rule is about
        (exchange.malware_protection, {"ATPBuiltInProtectionRule": None}, UNKNOWN),
        (exchange.malware_protection, {"ATPBuiltInProtectionRule": []}, UNKNOWN),
        (exchange.malware_protection, {"ATPBuiltInProtectionRule": {"ExceptIfSentTo": ["ceo@acme.example"]}}, UNKNOWN),
        (exchange.malware_protection, {"ATPBuiltInProtectionRule": {"ExceptIfSentTo": None}}, PASS),
        (exchange.smtp_auth_disabled, {}, PASS),
        (exchange.smtp_auth_disabled, {"TransportConfig": {"SmtpClientAuthenticationDisabled": False}}, FAIL),
        (exchange.smtp_auth_disabled, {"TransportConfig": {}}, UNKNOWN),
        (exchange.smtp_auth_disabled, {"TransportConfig": None}, UNKNOWN),
        (exchange.customer_lockbox, {}, PASS),
        (exchange.customer_lockbox, {"OrganizationConfig": {"CustomerLockboxEnabled": False}}, FAIL),
        (exchange.customer_lockbox, {"OrganizationConfig": None}, UNKNOWN),
        (exchange.user_reporting, {}, PASS),
        (exchange.user_reporting, {"ReportSubmissionPolicy": {"EnableReportToMicrosoft": False}}, UNKNOWN),
        (exchange.user_reporting, {"ReportSubmissionPolicy": REPORTED_NOWHERE}, FAIL),
        (exchange.user_reporting, {"ReportSubmissionPolicy": {}}, UNKNOWN),
        (exchange.user_reporting, {"ReportSubmissionPolicy": {"ReportPhishToCustomizedAddress": True}}, UNKNOWN),
        (exchange.user_reporting, {"ReportSubmissionPolicy": None}, UNKNOWN),
    ],
)
def test_settings_of_exchange(check: Check[...], changes: dict[str, Any], expected: Status) -> None:
    """What a snapshot does not have decides nothing, and what is wrong in it fails all the same."""
    assert status(check, exchange_with(changes)) is expected


@pytest.mark.parametrize("taken", [{"completedDateTime": ago(8)}, {"status": "partiallySuccessful"}])
def test_a_snapshot_that_is_old_or_half(taken: dict[str, Any]) -> None:
    """What it shows may have changed, or be missing."""
    for check in (exchange.smtp_auth_disabled, exchange.external_forwarding, exchange.malware_protection):
        assert status(check, exchange_with(**taken)) is UNKNOWN


FEDERATION = "microsoft.teams.FederationConfiguration"
MEETINGS = "microsoft.teams.MeetingPolicy"
NO_CALLERS = {"Identity": "Global", "AllowPSTNUsersToBypassLobby": False}
CLOSED = {"AllowFederatedUsers": False, "AllowTeamsConsumer": False}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, PASS),
        ({FEDERATION: CLOSED}, PASS),
        ({FEDERATION: {**CLOSED, "AllowFederatedUsers": True}}, FAIL),
        ({FEDERATION: {**CLOSED, "AllowFederatedUsers": True, "AllowedDomains": []}}, FAIL),
        ({FEDERATION: {**CLOSED, "AllowFederatedUsers": True, "AllowedDomains": "AllowAllKnownDomains"}}, FAIL),
        ({FEDERATION: {**CLOSED, "AllowTeamsConsumer": True}}, FAIL),
        ({FEDERATION: {"AllowFederatedUsers": False}}, UNKNOWN),
        ({FEDERATION: {"AllowTeamsConsumer": False}}, UNKNOWN),
        ({MEETINGS: {"Identity": "Global", "AutoAdmittedUsers": "Everyone"}}, FAIL),
        ({MEETINGS: {"Identity": "Global", "AllowAnonymousUsersToJoinMeeting": False}}, UNKNOWN),
        ({MEETINGS: {**NO_CALLERS, "AllowAnonymousUsersToJoinMeeting": False}}, PASS),
        ({MEETINGS: {**NO_CALLERS, "AutoAdmittedUsers": "EveryoneInCompany"}}, PASS),
        ({MEETINGS: {"Identity": "Global", "AutoAdmittedUsers": "EveryoneInCompany"}}, UNKNOWN),
        ({MEETINGS: {"Identity": "Global"}}, UNKNOWN),
        ({MEETINGS: []}, UNKNOWN),
        ({FEDERATION: None}, UNKNOWN),
    ],
)
def test_settings_of_teams(changes: dict[str, Any], expected: Status) -> None:
    """Closed altogether is stricter than recommended, and passes."""
    assert status(teams.external_access, snapshot(TeamsSettings, estate.TEAMS, changes)) is expected
