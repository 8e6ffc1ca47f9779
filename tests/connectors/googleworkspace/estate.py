"""A company at Google Workspace: two of each resource, secrets planted at every path that is redacted."""

from __future__ import annotations

from typing import Any

from tests.connectors.googleworkspace.double import CUSTOMER, Double
from tests.connectors.googleworkspace.shapes import ROOT, a_policy, a_unit, a_user

CANARIES = {
    "a phone of recovery": "+49-canary-1",
    "an address of recovery": "canary-recovery@",
    "an alias": "canary-alias@",
    "another address": "canary-mail@",
    "a phone": "+49-canary-2",
    "a street": "Canary Street",
    "a relation": "canary-relation",
    "a note": "canary-note",
    "a member": "canary-member@",
    "a condition": "canary-condition",
    "a word list": "canary-word",
    "an expression": "canary-expression",
    "a recipient": "canary-recipient@",
    "a listed address": "canary-listed@",
    "a blocked sender": "canary-blocked@",
    "an override": "canary-override@",
    "a serial number": "CANARY-SERIAL-1",
    "an IMEI": "canary-imei-1",
    "an MEID": "canary-meid",
    "a network card": "canary-mac",
    "a piece of hardware": "canary-hardware",
    "the owner of a phone": "canary-owner@",
    "the name of an owner": "Canary Owner",
    "who used it": "canary-used-by@",
    "a network": "canary-network",
    "a host": "canary-host",
    "an account": "canary-account",
    "a device id": "canary-device-id",
    "an address of a computer": "203.0.113.77",
    "what an alert quotes": "canary-quoted",
    "a link to an investigation": "canary-investigation",
}


def furnish(double: Double) -> None:
    """Give the double a company."""
    double.answers |= {
        "directory.users.list": _users(),
        "directory.roles.list": [
            {
                "kind": "admin#directory#role",
                "roleId": "901",
                "roleName": "_SEED_ADMIN_ROLE",
                "isSuperAdminRole": True,
                "etag": "e",
            },
            {"kind": "admin#directory#role", "roleId": "902", "roleName": "Readers"},
        ],
        "directory.roleAssignments.list": [
            {
                "kind": "k",
                "roleAssignmentId": "11",
                "roleId": "901",
                "assignedTo": "1001",
                "assigneeType": "user",
                "etag": "e",
            },
            {
                "kind": "k",
                "roleAssignmentId": "12",
                "roleId": "902",
                "assignedTo": "1002",
                "assigneeType": "user",
                "etag": "e",
            },
            {
                "kind": "k",
                "roleAssignmentId": "13",
                "roleId": "902",
                "assignedTo": "g2",
                "assigneeType": "group",
                "etag": "e",
            },
        ],
        "directory.groups.list": [_group("g1", "all"), _group("g2", "sales")],
        "directory.members.list": {
            "g1": [_member("1001", "canary-member@acme.example"), _member("1002", "bob@acme.example")],
            "g2": [_member("1002", "bob@acme.example"), _member("1003", "eve@acme.example")],
        },
        "directory.orgunits.list": [a_unit("/", ROOT), a_unit("/Sales", "03sales")],
        "directory.domains.list": [
            {
                "kind": "admin#directory#domain",
                "domainName": "acme.example",
                "isPrimary": True,
                "verified": True,
                "etag": "e",
            },
            {"kind": "admin#directory#domain", "domainName": "acme.test", "isPrimary": False, "verified": True},
        ],
        "directory.domainAliases.list": [
            {
                "kind": "admin#directory#domainAlias",
                "domainAliasName": "acme.net",
                "parentDomainName": "acme.example",
                "verified": True,
            }
        ],
        "cloudidentity.policies.list": _policies(),
        "cloudidentity.inboundSamlSsoProfiles.list": [_profile("p1"), _profile("p2")],
        "cloudidentity.inboundSsoAssignments.list": [
            _assignment("a1", targetOrgUnit="orgUnits/03sales", ssoMode="SAML_SSO"),
            _assignment("a2", targetGroup="groups/g2", ssoMode="SSO_OFF", rank=1),
        ],
        "groupsSettings.groups.get": {
            f"{name}@acme.example": {
                "kind": "groupsSettings#groups",
                "email": f"{name}@acme.example",
                "whoCanViewGroup": "ALL_MEMBERS_CAN_VIEW",
                "whoCanJoin": "INVITED_CAN_JOIN",
                "allowExternalMembers": "false",
            }
            for name in ("all", "sales")
        },
        "directory.tokens.list": {"1001": [_token("1001", "a"), _token("1001", "b")], "1002": [_token("1002", "a")]},
        "directory.mobiledevices.list": [_phone("r1"), _phone("r2")],
        "directory.chromeosdevices.list": [_chromebook("c1"), _chromebook("c2")],
        "cloudidentity.devices.list": [_device("d1"), _device("d2", ownerType="BYOD")],
        "reports.activities.list": [_activity("1"), _activity("2")],
        "reports.userUsageReport.get": {"ada@acme.example": [_usage("ada", "2026-02-20T09:00:00Z")]},
        "alertcenter.alerts.list": [_alert("al1"), _alert("al2")],
    }
    double.dns |= {
        "acme.example": ['"v=spf1 include:_spf.google.com ~all"', '"google-site-verification=abc"'],
        "google._domainkey.acme.example": ['"v=DKIM1; k=rsa; " "p=MIIBIjAN"'],
        "_dmarc.acme.example": ['"v=DMARC1; p=reject"'],
    }


def settle(double: Double) -> None:
    """Give the company good settings besides, so that there is something to lose."""
    good: dict[str, dict[str, Any]] = {
        "security.two_step_verification_enforcement": {"enforcedFrom": "2024-06-01T00:00:00Z"},
        "security.two_step_verification_enforcement_factor": {"allowedSignInFactorSet": "PASSKEY_ONLY"},
        "security.two_step_verification_grace_period": {"enrollmentGracePeriod": "86400s"},
        "security.session_controls": {"webSessionDuration": "36000s"},
        "security.advanced_protection_program": {"enableAdvancedProtectionSelfEnrollment": True},
        "api_controls.unconfigured_third_party_apps": {"accessLevel": "BLOCK_ALL_SCOPES"},
        "workspace_marketplace.apps_access_options": {"accessLevel": "ALLOW_LISTED_APPS"},
        "drive_and_docs.external_sharing": {"externalSharingMode": "DISALLOWED", "allowPublishingFiles": False},
        "gmail.pop_access": {"enablePopAccess": False},
        "gmail.imap_access": {"enableImapAccess": False},
        "takeout.service_status": {"serviceState": "DISABLED"},
        "multi_party_approval.require_approvals": {"multiPartyApprovalState": "ENABLED"},
    }
    double.answers["cloudidentity.policies.list"] += [a_policy(setting, value) for setting, value in good.items()]


def _users() -> list[dict[str, Any]]:
    planted = {
        "recoveryPhone": "+49-canary-1",
        "recoveryEmail": "canary-recovery@elsewhere.example",
        "aliases": ["canary-alias@acme.example"],
        "emails": [{"address": "canary-mail@acme.example"}],
        "phones": [{"value": "+49-canary-2"}],
        "addresses": [{"formatted": "1 Canary Street"}],
        "relations": [{"value": "canary-relation"}],
        "notes": {"value": "canary-note"},
    }
    return [
        a_user("ada", id="1001", isAdmin=True, **planted),
        a_user("bob", id="1002", isAdmin=True, isDelegatedAdmin=True),
        a_user("eve", id="1003", orgUnitPath="/Sales", isEnrolledIn2Sv=False),
    ]


def _group(group: str, name: str) -> dict[str, Any]:
    return {
        "kind": "admin#directory#group",
        "id": group,
        "email": f"{name}@acme.example",
        "name": name,
        "directMembersCount": "2",
        "etag": "e",
    }


def _member(user: str, email: str) -> dict[str, Any]:
    return {"kind": "admin#directory#member", "id": user, "email": email, "role": "MEMBER", "type": "USER", "etag": "e"}


def _profile(name: str) -> dict[str, Any]:
    return {
        "name": f"inboundSamlSsoProfiles/{name}",
        "customer": f"customers/{CUSTOMER}",
        "displayName": name,
        "idpConfig": {"entityId": "https://idp.example", "singleSignOnServiceUri": "https://idp.example/sso"},
    }


def _assignment(name: str, **but: Any) -> dict[str, Any]:
    return {"name": f"inboundSsoAssignments/{name}", "customer": f"customers/{CUSTOMER}", **but}


def _policies() -> list[dict[str, Any]]:
    rule = {
        "displayName": "Cards",
        "state": "ACTIVE",
        "triggers": ["google.workspace.drive.file.v1.share"],
        "condition": {"contentCondition": "all_content.contains('canary-condition')"},
        "action": {"driveAction": {"blockAccess": {}}},
    }
    alert = {
        "displayName": "Suspicious login",
        "state": "ACTIVE",
        "action": {"alertCenterAction": {"recipients": [{"email": "canary-recipient@acme.example"}]}},
    }
    return [
        a_policy("gmail.auto_forwarding", {"enableAutoForwarding": False}),
        a_policy("security.password", {"minimumLength": 14, "allowedStrength": "STRONG", "allowReuse": False}),
        a_policy("rule.dlp", rule),
        a_policy("rule.system_defined_alerts", alert),
        a_policy("detector.word_list", {"displayName": "d", "wordList": {"words": ["canary-word"]}}),
        a_policy("detector.regular_expression", {"regularExpression": {"expression": "canary-expression"}}),
        a_policy("gmail.email_address_lists", {"emailAddressList": [{"address": "canary-listed@x.example"}]}),
        a_policy("gmail.blocked_sender_lists", {"blockedSenders": [{"address": "canary-blocked@x.example"}]}),
        a_policy("gmail.spam_override_lists", {"spamOverride": [{"address": "canary-override@x.example"}]}),
    ]


def _token(user: str, client: str) -> dict[str, Any]:
    return {
        "kind": "admin#directory#token",
        "etag": "e",
        "userKey": user,
        "clientId": f"{client}.apps.googleusercontent.com",
        "displayText": client,
        "scopes": ["openid", "https://www.googleapis.com/auth/drive"],
        "anonymous": False,
        "nativeApp": False,
    }


def _phone(device: str) -> dict[str, Any]:
    return {
        "kind": "admin#directory#mobiledevice",
        "etag": "e",
        "resourceId": device,
        "deviceId": f"id-{device}",
        "email": ["canary-owner@acme.example"],
        "name": ["Canary Owner"],
        "imei": "canary-imei-1-0001",
        "meid": "canary-meid",
        "serialNumber": "CANARY-SERIAL-1-0001",
        "wifiMacAddress": "canary-mac",
        "hardwareId": "canary-hardware",
        "status": "APPROVED",
        "lastSync": "2026-02-27T08:00:00.000Z",
    }


def _chromebook(device: str) -> dict[str, Any]:
    return {
        "kind": "admin#directory#chromeosdevice",
        "etag": "e",
        "deviceId": device,
        "serialNumber": "CANARY-SERIAL-1-0002",
        "macAddress": "canary-mac",
        "ethernetMacAddress": "canary-mac",
        "meid": "canary-meid",
        "annotatedUser": "canary-used-by@acme.example",
        "recentUsers": [{"type": "USER_TYPE_MANAGED", "email": "canary-used-by@acme.example"}],
        "lastKnownNetwork": [{"ipAddress": "canary-network", "wanIpAddress": "canary-network"}],
        "status": "ACTIVE",
        "lastSync": "2026-02-27T08:00:00.000Z",
        "activeTimeRanges": [{"date": "2026-02-27", "activeTime": 1}],
        "lastDeprovisionTimestamp": "2025-02-27T08:00:00.000Z",
    }


def _device(device: str, **but: Any) -> dict[str, Any]:
    return {
        "name": f"devices/{device}",
        "deviceType": "MAC_OS",
        "ownerType": "COMPANY",
        "model": "MacBook",
        "encryptionState": "ENCRYPTED",
        "compromisedState": "UNCOMPROMISED",
        "lastSyncTime": "2026-02-27T08:00:00Z",
        "serialNumber": "CANARY-SERIAL-1-0003",
        "imei": "canary-imei-1-0002",
        "meid": "canary-meid",
        "wifiMacAddresses": ["canary-mac"],
        "hostname": "canary-host",
        "otherAccounts": ["canary-account"],
        "deviceId": "canary-device-id",
        "unifiedDeviceId": "canary-device-id",
    } | but


def _activity(number: str) -> dict[str, Any]:
    return {
        "kind": "admin#reports#activity",
        "etag": "e",
        "id": {
            "time": f"2026-02-2{number}T09:00:00.000Z",
            "uniqueQualifier": f"-90{number}",
            "applicationName": "admin",
            "customerId": CUSTOMER,
        },
        "actor": {"callerType": "USER", "email": "ada@acme.example", "profileId": "1001"},
        "ipAddress": "203.0.113.77",
        "networkInfo": {"regionCode": "canary-network"},
        "events": [
            {
                "type": "USER_SETTINGS",
                "name": "SUSPEND_USER",
                "parameters": [{"name": "USER_EMAIL", "value": "eve@acme.example"}],
            }
        ],
    }


def _usage(name: str, last_use: str) -> dict[str, Any]:
    return {
        "kind": "admin#reports#usageReport",
        "etag": "e",
        "date": "2026-02-25",
        "entity": {"customerId": CUSTOMER, "type": "USER", "userEmail": f"{name}@acme.example", "profileId": "1001"},
        "parameters": [{"name": "gmail:last_interaction_time", "datetimeValue": last_use}],
    }


def _alert(number: str) -> dict[str, Any]:
    return {
        "alertId": number,
        "customerId": CUSTOMER,
        "type": "User reported phishing",
        "source": "Gmail phishing",
        "createTime": "2026-02-20T09:00:00Z",
        "startTime": "2026-02-20T09:00:00Z",
        "updateTime": "2026-02-20T09:00:00Z",
        "etag": "e",
        "data": {
            "@type": "type.googleapis.com/google.apps.alertcenter.type.MailPhishing",
            "messages": ["canary-quoted"],
        },
        "securityInvestigationToolLink": "https://admin.google.com/canary-investigation",
        "metadata": {"status": "NOT_STARTED", "alertId": number},
    }
