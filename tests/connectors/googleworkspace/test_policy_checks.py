"""Checks on settings of the Admin console, each on both sides of its edge, with none, and with words nobody knows."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.googleworkspace.policy import apps, drive, gmail, sharing, sign_in
from connectors.googleworkspace.policy.policies import Policy
from tests.connectors.googleworkspace.judging import (
    BERLIN,
    FAIL,
    PASS,
    TODAY,
    UNKNOWN,
    UnreadSet,
    ago,
    every,
    of_policies,
    policy_status,
    units,
    users,
    verdict,
)
from tests.connectors.googleworkspace.shapes import a_policy, a_user

ENFORCED = {"enforcedFrom": "2024-06-01T00:00:00Z"}
ENFORCEMENT = "security.two_step_verification_enforcement"
STRONG = {"minimumLength": 12, "allowedStrength": "STRONG", "allowReuse": False, "enforceRequirementsAtLogin": True}
SAFE = {
    f"{start}{kind}Protection{end}": value
    for kind in ("EncryptedAttachment", "AttachmentWithScripts", "AnomalousAttachment")
    for start, end, value in (("enable", "", True),)
} | {
    "encryptedAttachmentProtectionConsequence": "QUARANTINE",
    "attachmentWithScriptsProtectionConsequence": "SPAM_FOLDER",
    "anomalousAttachmentProtectionConsequence": "QUARANTINE",
}
SCANNED = {
    "enableShortenerScanning": True,
    "enableExternalImageScanning": True,
    "enableAggressiveWarningsOnUntrustedLinks": True,
}
GUARDED = {
    "detectDomainNameSpoofing": True,
    "domainNameSpoofingConsequence": "WARNING",
    "detectEmployeeNameSpoofing": True,
    "employeeNameSpoofingConsequence": "QUARANTINE",
    "detectDomainSpoofingFromUnauthenticatedSenders": True,
    "domainSpoofingConsequence": "SPAM_FOLDER",
    "detectUnauthenticatedEmails": True,
    "unauthenticatedEmailConsequence": "WARNING",
    "detectGroupsSpoofing": True,
    "groupsSpoofingConsequence": "WARNING",
}
ALL_FILES = {"externalFileSharing": "ALL_FILES"}
NO_FILES = {"externalFileSharing": "NO_FILES"}


@pytest.mark.parametrize(
    ("check", "setting", "value", "status"),
    [
        (
            sign_in.no_telephone,
            "security.two_step_verification_enforcement_factor",
            {"allowedSignInFactorSet": word},
            found,
        )
        for word, found in (
            ("ALL", FAIL),
            ("NO_TELEPHONY", PASS),
            ("PASSKEY_ONLY", PASS),
            ("PASSKEY_PLUS_SECURITY_CODE", PASS),
            ("PASSKEY_PLUS_IP_BOUND_SECURITY_CODE", PASS),
        )
    ]
    + [
        (sign_in.grace_limited, "security.two_step_verification_grace_period", {"enrollmentGracePeriod": span}, found)
        for span, found in (("0s", PASS), ("604800s", PASS), ("604801s", FAIL), ("a week", UNKNOWN), (None, UNKNOWN))
    ]
    + [
        (sign_in.super_admin_recovery, "security.super_admin_account_recovery", {"enableAccountRecovery": on}, found)
        for on, found in ((True, FAIL), (False, PASS), ("no", UNKNOWN))
    ]
    + [
        (sign_in.session_limited, "security.session_controls", {"webSessionDuration": span}, found)
        for span, found in (("43200s", PASS), ("43201s", FAIL), ("0s", FAIL), ("", UNKNOWN))
    ]
    + [
        (
            sign_in.advanced_protection,
            "security.advanced_protection_program",
            {"enableAdvancedProtectionSelfEnrollment": on},
            found,
        )
        for on, found in ((True, PASS), (False, FAIL), (None, UNKNOWN))
    ]
    + [
        (apps.less_secure_apps_off, "security.less_secure_apps", {"allowLessSecureApps": on}, found)
        for on, found in ((True, FAIL), (False, PASS), ("", UNKNOWN))
    ]
    + [
        (apps.api_access_restricted, "api_controls.unconfigured_third_party_apps", {"accessLevel": level}, found)
        for level, found in (
            ("BLOCK_ALL_SCOPES", PASS),
            ("ALLOW_SIGN_IN_SCOPES_ONLY", PASS),
            ("UNSPECIFIED_UBER_BLOCK", FAIL),
            ("ACCESS_LEVEL_UNSPECIFIED", UNKNOWN),
        )
    ]
    + [
        (apps.marketplace_restricted, "workspace_marketplace.apps_access_options", {"accessLevel": level}, found)
        for level, found in (
            ("ALLOW_ALL", FAIL),
            ("ALLOW_LISTED_APPS", PASS),
            ("ALLOW_NONE", PASS),
            ("ACCESS_LEVEL_UNSPECIFIED", UNKNOWN),
        )
    ]
    + [
        (drive.default_private, "drive_and_docs.general_access_default", {"defaultFileAccess": access}, found)
        for access, found in (
            ("PRIVATE_TO_OWNER", PASS),
            ("LINK_SHARING_PRIVATE", PASS),
            ("PRIMARY_AUDIENCE_WITH_LINK", FAIL),
            ("PRIMARY_AUDIENCE_WITH_LINK_OR_SEARCH", FAIL),
            ("DEFAULT_FILE_ACCESS_UNSPECIFIED", UNKNOWN),
        )
    ]
    + [
        (gmail.auto_forwarding_off, "gmail.auto_forwarding", {"enableAutoForwarding": on}, found)
        for on, found in ((True, FAIL), (False, PASS))
    ],
)
def test_a_setting_of_one_field(check: Any, setting: str, value: dict[str, Any], status: Status) -> None:
    """The company has set it; stricter than asked for passes."""
    assert policy_status(check, a_policy(setting, value)) is status


@pytest.mark.parametrize(
    ("check", "setting"),
    [
        (sign_in.grace_limited, "security.two_step_verification_grace_period"),
        (sign_in.password_strong, "security.password"),
        (sign_in.session_limited, "security.session_controls"),
        (sign_in.advanced_protection, "security.advanced_protection_program"),
        (apps.api_access_restricted, "api_controls.unconfigured_third_party_apps"),
        (gmail.pop_imap_off, "gmail.pop_access"),
        (gmail.attachment_protection, "gmail.email_attachment_safety"),
        (gmail.spoofing_protection, "gmail.spoofing_and_authentication"),
        (drive.shared_drive_controls, "drive_and_docs.shared_drive_creation"),
        (drive.desktop_restricted, "drive_and_docs.drive_for_desktop"),
    ],
)
def test_nothing_set_and_no_default_documented(check: Any, setting: str) -> None:
    """Neither of nothing, nor of a policy without the field."""
    assert policy_status(check) is UNKNOWN
    assert policy_status(check, a_policy(setting, {})) is UNKNOWN


@pytest.mark.parametrize(
    ("check", "status"),
    [
        (sign_in.super_admin_recovery, PASS),
        (apps.less_secure_apps_off, PASS),
        (apps.marketplace_restricted, FAIL),
        (drive.external_sharing_restricted, FAIL),
        (drive.no_publishing, FAIL),
        (drive.default_private, PASS),
        (gmail.auto_forwarding_off, FAIL),
        (sharing.groups_not_public, PASS),
        (sharing.calendar_sharing_limited, FAIL),
        (sharing.chat_external_restricted, PASS),
    ],
)
def test_nothing_set_where_a_default_is_documented(check: Any, status: Status) -> None:
    """From Google's table of default field values; of several fields the worst counts."""
    assert policy_status(check) is status
    assert verdict(check, UnreadSet(), units()).status is UNKNOWN


@pytest.mark.parametrize(
    ("policies", "someone", "status"),
    [
        ([a_policy(ENFORCEMENT, ENFORCED)], True, PASS),
        ([a_policy(ENFORCEMENT, ENFORCED)], False, UNKNOWN),  # one of the two is not so
        ([a_policy(ENFORCEMENT, {"enforcedFrom": "2026-03-02T00:00:00Z"})], True, FAIL),
        ([a_policy(ENFORCEMENT, {"enforcedFrom": "1970-01-01T00:00:00Z"})], True, FAIL),
        ([a_policy(ENFORCEMENT, {"enforcedFrom": "soon"})], True, UNKNOWN),
        ([], True, UNKNOWN),
        ([], False, FAIL),
        (
            [
                a_policy(ENFORCEMENT, ENFORCED),
                a_policy(ENFORCEMENT, {"enforcedFrom": "1970-01-01T00:00:00Z"}, unit=BERLIN, order=202.0),
            ],
            True,
            FAIL,
        ),
        (
            [
                a_policy(ENFORCEMENT, ENFORCED),
                a_policy(
                    "security.two_step_verification_enrollment", {"allowEnrollment": False}, unit=BERLIN, order=202.0
                ),
            ],
            True,
            FAIL,
        ),
    ],
)
def test_two_step_verification_is_enforced(policies: list[dict[str, Any]], someone: bool, status: Status) -> None:
    """For everybody, already, and where it may be turned on; what the policies leave open, users may settle."""
    people = users(a_user("ada", isEnforcedIn2Sv=someone), a_user("old", isEnforcedIn2Sv=False, suspended=True))

    assert policy_status(sign_in.two_step_enforced, *policies, more=(people,)) is status


@pytest.mark.parametrize(("days", "status"), [(180, PASS), (190, UNKNOWN)])
def test_new_users_have_time_to_enrol(days: float, status: Status) -> None:
    """Six months at most, in which Google says of them that it is not enforced."""
    people = users(a_user("ada", isEnforcedIn2Sv=False, creationTime=ago(days)))

    assert policy_status(sign_in.two_step_enforced, a_policy(ENFORCEMENT, ENFORCED), more=(people,)) is status


def test_enforcement_begins_at_a_moment() -> None:
    """At that moment it is on."""
    start = a_policy(ENFORCEMENT, {"enforcedFrom": ago(0)})
    later = a_policy(ENFORCEMENT, {"enforcedFrom": ago(-1 / 86400)})

    assert TODAY.isoformat().startswith("2026-03-01T06:00")
    assert policy_status(sign_in.two_step_enforced, start, more=(users(),)) is PASS
    assert policy_status(sign_in.two_step_enforced, later, more=(users(),)) is FAIL


@pytest.mark.parametrize(
    ("but", "status"),
    [
        ({}, PASS),
        ({"minimumLength": 13}, PASS),
        ({"minimumLength": 11}, FAIL),
        ({"minimumLength": "12"}, UNKNOWN),
        ({"minimumLength": True}, UNKNOWN),
        ({"allowedStrength": "WEAK"}, FAIL),
        ({"allowedStrength": "ALLOWED_STRENGTH_UNSPECIFIED"}, UNKNOWN),
        ({"allowReuse": True}, FAIL),
        ({"enforceRequirementsAtLogin": False}, FAIL),
        ({"enforceRequirementsAtLogin": None}, UNKNOWN),
        ({"enforceRequirementsAtLogin": None, "minimumLength": 8}, FAIL),
    ],
)
def test_the_password_policy(but: dict[str, Any], status: Status) -> None:
    """Every part of it; one that is wrong is not made unknown by one that is."""
    assert policy_status(sign_in.password_strong, a_policy("security.password", STRONG | but)) is status


def test_a_units_password_policy_counts() -> None:
    """A shorter one for a unit is named with the unit."""
    company = a_policy("security.password", STRONG)
    berlin = a_policy("security.password", STRONG | {"minimumLength": 8}, unit=BERLIN, order=202.0)

    found = of_policies(sign_in.password_strong, company, berlin)

    assert found.status is FAIL
    assert "/Sales/Berlin" in found.reason
    assert policy_status(sign_in.password_strong, company, berlin, min_length=8) is PASS


@pytest.mark.parametrize(
    ("check", "setting", "good", "bad"),
    [
        (
            gmail.attachment_protection,
            "gmail.email_attachment_safety",
            SAFE,
            {"encryptedAttachmentProtectionConsequence": "WARNING"},
        ),
        (
            gmail.attachment_protection,
            "gmail.email_attachment_safety",
            SAFE,
            {"enableAnomalousAttachmentProtection": False},
        ),
        (
            gmail.attachment_protection,
            "gmail.email_attachment_safety",
            SAFE,
            {"attachmentWithScriptsProtectionConsequence": "NO_ACTION"},
        ),
        *((gmail.link_protection, "gmail.links_and_external_images", SCANNED, {name: False}) for name in SCANNED),
        *(
            (
                gmail.spoofing_protection,
                "gmail.spoofing_and_authentication",
                GUARDED,
                {name: False if value is True else "NO_ACTION"},
            )
            for name, value in GUARDED.items()
        ),
        (
            drive.shared_drive_controls,
            "drive_and_docs.shared_drive_creation",
            {
                "allowManagersToOverrideSettings": False,
                "allowNonMemberAccess": False,
                "allowedPartiesForDownloadPrintCopy": "EDITORS_ONLY",
            },
            {"allowedPartiesForDownloadPrintCopy": "ALL"},
        ),
        (
            drive.shared_drive_controls,
            "drive_and_docs.shared_drive_creation",
            {
                "allowManagersToOverrideSettings": False,
                "allowNonMemberAccess": False,
                "allowedPartiesForDownloadPrintCopy": "MANAGERS_ONLY",
            },
            {"allowNonMemberAccess": True},
        ),
        (
            drive.desktop_restricted,
            "drive_and_docs.drive_for_desktop",
            {"allowDriveForDesktop": True, "restrictToAuthorizedDevices": True},
            {"restrictToAuthorizedDevices": False},
        ),
        (
            sharing.groups_not_public,
            "groups_for_business.groups_sharing",
            {
                "collaborationCapability": "DOMAIN_USERS_ONLY",
                "ownersCanAllowExternalMembers": False,
                "viewTopicsDefaultAccessLevel": "GROUP_MEMBERS",
            },
            {"collaborationCapability": "ANYONE_CAN_ACCESS"},
        ),
        (
            sharing.groups_not_public,
            "groups_for_business.groups_sharing",
            {"collaborationCapability": "DOMAIN_USERS_ONLY", "ownersCanAllowExternalMembers": False},
            {"ownersCanAllowExternalMembers": True},
        ),
    ],
)
def test_every_part_of_a_setting_counts(check: Any, setting: str, good: dict[str, Any], bad: dict[str, Any]) -> None:
    """All good passes, one bad fails, one with an odd value is unknown."""
    odd = dict.fromkeys(bad, "SOMETHING_ELSE")

    assert policy_status(check, a_policy(setting, good)) is PASS
    assert policy_status(check, a_policy(setting, good | bad)) is FAIL
    assert policy_status(check, a_policy(setting, good | odd)) is UNKNOWN


def test_what_owners_may_read_of_groups_is_understood() -> None:
    """Everybody in the company is not outside; a word that nobody knows is not inside."""
    odd = a_policy("groups_for_business.groups_sharing", {"viewTopicsDefaultAccessLevel": "ANYONE"})

    assert policy_status(sharing.groups_not_public, odd) is UNKNOWN


@pytest.mark.parametrize(
    ("mode", "warned", "accepted", "status"),
    [
        ("DISALLOWED", False, False, PASS),
        ("ALLOWLISTED_DOMAINS", False, False, PASS),
        ("ALLOWED", True, False, FAIL),
        ("ALLOWED", True, True, PASS),
        ("ALLOWED", False, True, FAIL),
        ("EXTERNAL_SHARING_MODE_UNSPECIFIED", True, True, UNKNOWN),
    ],
)
def test_external_sharing_of_drive(mode: str, warned: bool, accepted: bool, status: Status) -> None:
    """A warning suffices only where the company says so."""
    policy = a_policy(
        "drive_and_docs.external_sharing", {"externalSharingMode": mode, "warnForExternalSharing": warned}
    )

    assert policy_status(drive.external_sharing_restricted, policy, accept_allowed_with_warning=accepted) is status


@pytest.mark.parametrize(
    ("mode", "publishing", "status"),
    [
        ("ALLOWED", True, FAIL),
        ("ALLOWED", False, PASS),
        ("DISALLOWED", True, PASS),
        ("ALLOWLISTED_DOMAINS", True, UNKNOWN),
        ("ALLOWLISTED_DOMAINS", False, PASS),
    ],
)
def test_publishing_of_files(mode: str, publishing: bool, status: Status) -> None:
    """Where nothing may be shared outside, nothing can be published."""
    policy = a_policy(
        "drive_and_docs.external_sharing", {"externalSharingMode": mode, "allowPublishingFiles": publishing}
    )

    assert policy_status(drive.no_publishing, policy) is status


@pytest.mark.parametrize(
    ("pop", "imap", "status"), [(False, False, PASS), (True, False, FAIL), (False, True, FAIL), (False, None, UNKNOWN)]
)
def test_pop_and_imap(pop: bool, imap: bool | None, status: Status) -> None:
    """Two settings, of which both have to be off."""
    policies = [a_policy("gmail.pop_access", {"enablePopAccess": pop})]
    if imap is not None:
        policies.append(a_policy("gmail.imap_access", {"enableImapAccess": imap}))

    assert policy_status(gmail.pop_imap_off, *policies) is status


def test_drive_for_desktop_may_be_off() -> None:
    """Then it matters nothing for which devices it is."""
    off = {"allowDriveForDesktop": False, "restrictToAuthorizedDevices": False}

    assert policy_status(drive.desktop_restricted, a_policy("drive_and_docs.drive_for_desktop", off)) is PASS


@pytest.mark.parametrize(
    ("primary", "secondary", "status"),
    [
        ("EXTERNAL_FREE_BUSY_ONLY", "EXTERNAL_FREE_BUSY_ONLY", PASS),
        ("EXTERNAL_FREE_BUSY_ONLY", "EXTERNAL_SHARING_DISALLOWED", PASS),
        ("EXTERNAL_ALL_INFO_READ_WRITE", "EXTERNAL_FREE_BUSY_ONLY", FAIL),
        ("EXTERNAL_FREE_BUSY_ONLY", "EXTERNAL_ALL_INFO_READ_WRITE_MANAGE", FAIL),
        ("EXTERNAL_FREE_BUSY_ONLY", "SOMETHING", UNKNOWN),
    ],
)
def test_calendars_outside(primary: str, secondary: str, status: Status) -> None:
    """Secondary calendars have a setting of their own, whose default shows everything."""
    policies = (
        a_policy(f"calendar.{which}_calendar_max_allowed_external_sharing", {"maxAllowedExternalSharing": word})
        for which, word in (("primary", primary), ("secondary", secondary))
    )

    assert policy_status(sharing.calendar_sharing_limited, *policies) is status


@pytest.mark.parametrize(
    ("chat", "files", "status"),
    [
        ({"allowExternalChat": False}, ALL_FILES, PASS),
        ({"allowExternalChat": False}, None, PASS),
        ({"allowExternalChat": True}, NO_FILES, FAIL),
        ({"allowExternalChat": True, "externalChatRestriction": "TRUSTED_DOMAINS"}, NO_FILES, PASS),
        ({"allowExternalChat": True, "externalChatRestriction": "TRUSTED_DOMAINS"}, ALL_FILES, FAIL),
        ({"allowExternalChat": True, "externalChatRestriction": "TRUSTED_DOMAINS"}, None, UNKNOWN),
        ({"allowExternalChat": True, "externalChatRestriction": "RESTRICTION_UNSPECIFIED"}, NO_FILES, UNKNOWN),
    ],
)
def test_chat_outside(chat: dict[str, Any], files: dict[str, Any] | None, status: Status) -> None:
    """Files count where people may chat with somebody outside."""
    policies = [a_policy("chat.external_chat_restriction", chat)]
    if files is not None:
        policies.append(a_policy("chat.chat_file_sharing", files))

    assert policy_status(sharing.chat_external_restricted, *policies) is status


def test_all_policies_are_of_one_customer_list() -> None:
    """The set is read once, whatever its order."""
    bodies = [a_policy("gmail.auto_forwarding", {"enableAutoForwarding": False}, order=number) for number in (1.0, 2.0)]

    assert verdict(gmail.auto_forwarding_off, every(Policy, reversed(bodies)), units()).status is PASS
