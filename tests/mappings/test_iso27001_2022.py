"""The mapping of ISO/IEC 27001:2022: complete, exact, and claiming no more than it may."""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter

import pytest

from collector.core.controls import AskKind, Control, Shows, Strength
from mappings import load

FRAMEWORK = load("iso27001:2022")
CONTROLS = {control.id: control for control in FRAMEWORK.controls}

# No configuration of a platform can show anything of these: they are about documents, people and premises.
MANUAL = (
    "5.1 5.2 5.4 5.5 5.6 5.8 5.10 5.19 5.20 5.27 5.29 5.31 5.35 5.37 6.1 6.2 6.4 6.6"
    " 7.1 7.2 7.3 7.4 7.5 7.6 7.8 7.11 7.12 7.13 7.14"
)
# Of these alone the technical substance can be in configuration.
AUTOMATABLE = "5.9 5.16 5.17 5.36 8.1 8.2 8.3 8.4 8.5 8.7 8.8 8.9 8.13 8.14 8.15 8.16 8.20 8.21 8.22 8.24 8.31 8.32"

DIRECT = [
    ("aws_iam_user_console_mfa_enabled", "8.5"),
    ("aws_s3_bucket_not_public", "8.3"),
    ("aws_cloudtrail_multi_region_trail_logging", "8.15"),
    ("aws_cloudtrail_delivery_recent", "8.15"),
    ("aws_cloudtrail_log_validation_enabled", "8.15"),
    ("github_repo_code_scanning_alerts_within_sla", "8.8"),
    ("github_repo_production_environment_protected", "5.3"),
    ("github_repo_production_environment_protected", "8.31"),
    ("github_repo_production_environment_branches_limited", "8.32"),
    ("aws_vpc_security_group_no_db_ports_open", "8.20"),
    ("aws_iam_access_key_rotated", "5.17"),
    ("aws_iam_user_unused_credentials_disabled", "5.18"),
    ("aws_vpc_security_group_no_admin_ports_open", "8.20"),
    ("aws_ec2_volume_encrypted", "8.24"),
]
# What an auditor refuses as a test of the control, though it is often sold as one.
AT_MOST = [
    ("aws_account_security_contact_set", "5.24", Strength.CONTEXTUAL),
    ("aws_cloudtrail_log_validation_enabled", "5.28", Strength.CONTEXTUAL),
    ("aws_config_recorder_enabled_all_regions", "5.9", None),
    ("aws_config_recorder_enabled_all_regions", "8.9", Strength.SUPPORTING),
    ("aws_vpc_flow_logs_enabled", "8.15", Strength.SUPPORTING),
    ("aws_vpc_flow_logs_enabled", "8.16", Strength.CONTEXTUAL),
    ("aws_vpc_security_group_no_db_ports_open", "8.22", Strength.SUPPORTING),
    ("aws_iam_role_unused_removed", "5.18", Strength.SUPPORTING),
    ("aws_iam_policy_no_full_admin", "5.18", Strength.SUPPORTING),
    ("aws_s3_bucket_default_encryption", "8.24", Strength.SUPPORTING),
    ("github_repo_code_scanning_alerts_within_sla", "8.28", Strength.SUPPORTING),
    ("github_repo_production_environment_branches_limited", "5.3", None),
    ("github_repo_production_environment_branches_limited", "8.31", Strength.SUPPORTING),
    ("github_repo_inactive_archived", "5.9", Strength.CONTEXTUAL),
    ("aws_vpc_flow_logs_enabled", "8.20", None),
    ("aws_collector_read_only", "8.34", Strength.CONTEXTUAL),
    ("aws_s3_bucket_versioning_enabled", "8.13", Strength.CONTEXTUAL),
    ("aws_iam_policy_no_full_admin", "8.2", Strength.SUPPORTING),
    ("aws_s3_log_bucket_object_lock", "5.28", None),
]


def test_the_93_controls_are_there_in_order() -> None:
    """A control that is left out is a control that never fails."""
    themes = {
        "Organizational controls": 37,
        "People controls": 8,
        "Physical controls": 14,
        "Technological controls": 34,
    }
    numbers = [
        f"{clause}.{n}" for clause, count in zip("5678", themes.values(), strict=True) for n in range(1, count + 1)
    ]

    assert [control.id for control in FRAMEWORK.controls] == numbers
    assert Counter(control.theme for control in FRAMEWORK.controls) == themes


def test_identifiers_titles_and_themes_are_the_reconciled_ones() -> None:
    """Titles are compared by auditors letter by letter; this digest is of the list that three sources agree on."""
    lines = "\n".join(f"{control.id}\t{control.title}\t{control.theme}" for control in FRAMEWORK.controls)

    assert (
        hashlib.sha256(lines.encode()).hexdigest() == "766eaf99d8cffe9397baf67781492be903db572b4361b80ffbb67c03bf8c8400"
    )


def test_no_control_claims_more_than_configuration_can_show() -> None:
    """What is manual by nature must not look as if it could be tested."""
    assert [control for control in MANUAL.split() if CONTROLS[control].shows is not Shows.NONE] == []
    assert [
        control.id
        for control in FRAMEWORK.controls
        if control.shows is Shows.CONFIGURATION and control.id not in AUTOMATABLE.split()
    ] == []


@pytest.mark.parametrize("control", FRAMEWORK.controls, ids=lambda control: control.id)
def test_each_control_asks_for_its_governing_document(control: Control) -> None:
    """No control is met without somebody having decided what it means here."""
    assert AskKind.POLICY in [ask.kind for ask in control.asks]
    assert 1 <= len(control.asked()) <= 4  # what is owed; that another tool is used nobody owes


def test_no_two_controls_say_the_same() -> None:
    """Words that fit every control tell an auditor nothing about one."""
    words = [control.cannot for control in FRAMEWORK.controls]
    ask_texts = [ask.text for control in FRAMEWORK.controls for ask in control.asks]

    assert [text for text, count in Counter(words + ask_texts).items() if count > 1] == []


@pytest.mark.parametrize(("check", "control"), DIRECT)
def test_what_a_control_asks_for_is_tested_directly(check: str, control: str) -> None:
    """A fail of these is one that any auditor would write down."""
    assert CONTROLS[control].checks[check].strength is Strength.DIRECT


@pytest.mark.parametrize(("check", "control", "limit"), AT_MOST)
def test_what_an_auditor_refuses_is_not_claimed(check: str, control: str, limit: Strength | None) -> None:
    """These links are common, and wrong as tests of the control."""
    link = CONTROLS[control].checks.get(check)

    assert (None if link is None else link.strength) == limit


def test_no_check_is_spread_over_many_controls() -> None:
    """A check that shows everything shows nothing; and each one has a home."""
    links = Counter(itertools.chain.from_iterable(control.checks for control in FRAMEWORK.controls))

    assert max(links.values()) <= 3
    claims = [text for control in FRAMEWORK.controls for text in {link.because for link in control.checks.values()}]
    assert len(claims) == len(set(claims))


def test_each_control_has_the_attributes_of_27002() -> None:
    """Five attributes, each with the values of the catalogue; two of them decide how people look for controls."""
    names = [
        "control_type",
        "information_security_properties",
        "cybersecurity_concepts",
        "operational_capabilities",
        "security_domains",
    ]
    assert {tuple(control.attributes) for control in FRAMEWORK.controls} == {tuple(names)}
    counts = Counter(value for control in FRAMEWORK.controls for value in control.attributes["control_type"])
    assert {"Preventive", "Detective", "Corrective"} == set(counts)
    assert CONTROLS["8.16"].attributes["control_type"] == ("Detective", "Corrective")
    assert CONTROLS["5.1"].attributes["security_domains"] == ("Governance and Ecosystem", "Resilience")
