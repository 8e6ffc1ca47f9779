"""The editions beside ISO/IEC 27001:2022 Annex A: complete, exact, and claiming no more than they may."""

from __future__ import annotations

import hashlib
from collections import Counter
from functools import cache
from itertools import combinations

import pytest

from collector.core.controls import Control, Framework, Shows, Strength
from collector.setup.loading import builtin, connector
from mappings import available, cross_check, load

EDITIONS = {
    "iso27001:2022-clauses": (30, "39cc8498c4d5203e3832a58857a2191a0993af73c9a96ad4d23ccb1e4f755087"),
    "iso27017:2015": (44, "4a86c2861958f12c2933f7160d2b60f005e1bf9231405b70d799b278e492f022"),
    "iso27017:2026": (97, "bc3e791c435839c4d547c8f05c5a1c55126d0a3343e2315fad63257607cfc9bd"),
    "iso27018:2019": (25, "2021c57a515654d01fb53ef7e5f39583aa2aac3fd88212f48070b4ee5b8fccae"),
    "iso27018:2025": (25, "2021c57a515654d01fb53ef7e5f39583aa2aac3fd88212f48070b4ee5b8fccae"),
    "iso27001:2013": (114, "66d5f4f30d15eaf9b9a5801e73e1cdf7ab420a329cbf0cc7b8e8d16f7a9c279a"),
}
"""How many controls, and the digest of their identifiers and titles as the reconciled lists have them."""

USED_TOGETHER = ("iso27001:2022", "iso27001:2022-clauses", "iso27017:2015", "iso27018:2025")

# The substance of these is in contracts, documents and people, or below what a customer of a platform can read.
MANUAL = {
    "iso27017:2015": (
        "5.1.1 6.1.1 6.1.3 11.2.7 14.1.1 15.1.1 15.1.2 15.1.3 16.1.1 16.1.7 18.1.1 18.1.5 18.2.1 CLD.6.3.1 CLD.12.1.5"
    ),
    "iso27018:2025": ("A.2.1 A.3.1 A.3.2 A.6.1 A.6.2 A.8.1 A.10.1 A.10.2 A.11.1 A.11.4 A.11.7 A.11.11 A.11.12 A.11.13"),
}
# What is sold as evidence of these controls, and is none.
REFUSED = [
    ("iso27017:2015", "CLD.12.1.5", ("root", "mfa", "admin", "trail")),
    ("iso27017:2015", "CLD.9.5.1", ("aws_vpc", "aws_ec2")),
    ("iso27017:2015", "CLD.9.5.2", ("public", "snapshot")),
    ("iso27017:2015", "CLD.13.1.4", ("aws_vpc",)),
    ("iso27018:2025", "A.11.8", ("root", "unused")),
    ("iso27018:2025", "A.11.10", ("root", "unused")),
    ("iso27018:2025", "A.10.1", ("trail",)),
]
AT_MOST = [
    ("iso27017:2015", "12.3.1", "aws_s3_bucket_versioning_enabled", Strength.CONTEXTUAL),
    ("iso27017:2015", "16.1.1", "aws_account_security_contact_set", Strength.CONTEXTUAL),
    ("iso27017:2015", "16.1.7", "aws_cloudtrail_log_validation_enabled", Strength.CONTEXTUAL),
    ("iso27017:2015", "CLD.12.4.5", "aws_vpc_flow_logs_enabled", Strength.CONTEXTUAL),
    ("iso27018:2025", "A.12.1", "aws_organizations_scp_restricts_regions", Strength.SUPPORTING),
    ("iso27018:2025", "A.11.13", "aws_ec2_volume_encrypted", Strength.CONTEXTUAL),
    ("iso27018:2025", "A.11.13", "aws_ec2_ebs_default_encryption_enabled", Strength.CONTEXTUAL),
    ("iso27018:2025", "A.11.3", "aws_cloudtrail_multi_region_trail_logging", Strength.CONTEXTUAL),
    ("iso27017:2015", "9.2.3", "github_org_owner_count_limited", Strength.SUPPORTING),
    ("iso27017:2015", "9.2.3", "aws_iam_admin_principals_within_limit", Strength.SUPPORTING),
    ("iso27017:2015", "10.1.1", "aws_s3_bucket_default_encryption", Strength.SUPPORTING),
    ("iso27017:2015", "10.1.1", "aws_ec2_ebs_default_encryption_enabled", Strength.SUPPORTING),
    ("iso27017:2015", "16.1.2", "aws_account_security_contact_set", Strength.CONTEXTUAL),
]


@cache
def edition(name: str) -> Framework:
    """That edition, read once."""
    return load(name)


def controls(name: str) -> dict[str, Control]:
    """Its controls by identifier."""
    return {control.id: control for control in edition(name).controls}


def test_no_edition_goes_without_these_tests() -> None:
    """A file that nobody compares with its list may say anything."""
    assert set(available()) == {*EDITIONS, "iso27001:2022"}


@pytest.mark.parametrize(("name", "count", "digest"), [(name, *facts) for name, facts in EDITIONS.items()])
def test_identifiers_and_titles_are_the_reconciled_ones(name: str, count: int, digest: str) -> None:
    """A control that is left out never fails, and titles are compared by auditors letter by letter."""
    lines = "\n".join(f"{control.id}\t{control.title}" for control in edition(name).controls)

    assert len(controls(name)) == len(edition(name).controls) == count
    assert hashlib.sha256(lines.encode()).hexdigest() == digest


@pytest.mark.parametrize("name", EDITIONS)
def test_each_control_asks_something_in_each_role(name: str) -> None:
    """Checks alone do not carry a control, in no role."""
    unasked = [
        (control.id, role)
        for control in edition(name).controls
        for role in (control.roles or (None,))
        if not control.asked(role)
    ]

    assert unasked == []


@pytest.mark.parametrize("name", EDITIONS)
def test_what_is_manual_is_not_tested_by_a_check(name: str) -> None:
    """A direct link would make configuration decide what only records can show."""
    assert [
        control.id
        for control in edition(name).controls
        if control.shows is Shows.NONE and any(link.strength is Strength.DIRECT for link in control.checks.values())
    ] == []
    assert [id_ for id_ in MANUAL.get(name, "").split() if controls(name)[id_].shows is not Shows.NONE] == []


@pytest.mark.parametrize(("name", "control", "parts"), REFUSED)
def test_what_an_auditor_refuses_is_not_linked(name: str, control: str, parts: tuple[str, ...]) -> None:
    """These controls are about procedures, providers and persons; such checks belong to other controls."""
    checks = controls(name)[control].checks

    assert [check for check in checks if any(part in check for part in parts)] == []


@pytest.mark.parametrize(("name", "control", "check", "limit"), AT_MOST)
def test_what_is_weak_is_called_weak(name: str, control: str, check: str, limit: Strength) -> None:
    """Each of these is often counted as proof."""
    assert controls(name)[control].checks[check].strength is limit


def test_every_linked_check_exists() -> None:
    """A link to a check that does not exist would count as never run, for ever."""
    check_ids = {check for name in builtin() for check in connector(name).checks}

    cross_check([edition(name) for name in available()], check_ids)


@pytest.mark.parametrize("name", [name for name in EDITIONS if name.startswith(("iso27017", "iso27018"))])
def test_what_cannot_be_certified_alone_says_so(name: str) -> None:
    """There is no certificate of these standards apart from ISO/IEC 27001."""
    assert "Not certifiable alone; assessed through the ISO/IEC 27001 SoA." in edition(name).notes
    assert edition(name).soa


def test_editions_say_how_they_stand_and_how_sure_that_is() -> None:
    """Which edition a certification body assesses is for it to say; two standings rest on secondary sources."""
    assert {name: edition(name).status for name in EDITIONS} == {
        "iso27001:2022-clauses": "current",
        "iso27017:2015": "reported withdrawn",
        "iso27017:2026": "current",
        "iso27018:2019": "reported withdrawn",
        "iso27018:2025": "current",
        "iso27001:2013": "history only",
    }
    for name in ("iso27017:2015", "iso27017:2026", "iso27018:2019"):
        assert any("Ask your certification body" in note for note in edition(name).notes)


def test_clauses_are_apart_from_annex_a() -> None:
    """Numbers repeat: 5.1 is a clause and a control. No clause can be excluded."""
    clauses = edition("iso27001:2022-clauses")

    assert not clauses.soa
    assert {control.id.split(".")[0] for control in clauses.controls} == set("456789") | {"10"}
    assert {control.shows for control in clauses.controls} == {Shows.NONE}


@pytest.mark.parametrize(("first", "second"), list(combinations(USED_TOGETHER, 2)))
def test_no_record_answers_questions_of_two_standards(first: str, second: str) -> None:
    """Records are filed under these ids: the policy of Annex A 5.1 must not pass for the leadership of clause 5.1."""
    ids = [{ask.id for control in edition(name).controls for ask in control.asks} for name in (first, second)]

    assert ids[0] & ids[1] == set()


def test_roles_are_named_where_the_text_was_read() -> None:
    """A row of the wrong role would ask a customer to separate the tenants of its provider."""
    alone = {control.id: control.roles[0] for control in edition("iso27017:2015").controls if len(control.roles) == 1}

    assert alone == {
        "9.1.2": "customer",
        "9.2.2": "provider",
        "12.4.3": "customer",
        "15.1.1": "customer",
        "CLD.9.5.1": "provider",
        "CLD.13.1.4": "provider",
    }
    assert all(control.roles for name in ("iso27017:2015", "iso27017:2026") for control in edition(name).controls)


def test_where_a_role_was_not_read_both_are_shown_and_it_says_so() -> None:
    """A row too many can be struck out; one that is missing is not missed."""
    doubted = [control for control in edition("iso27017:2015").controls if control.confidence is not None]

    assert len(doubted) == 21
    assert {control.roles for control in doubted} == {("customer", "provider")}
    assert all("not read in the text" in str(control.confidence) for control in doubted)


def test_what_was_never_seen_is_marked_on_each_control() -> None:
    """Whoever reads one control of ISO/IEC 27017:2026 does not read the head of the file."""
    assert [
        control.id
        for control in edition("iso27017:2026").controls
        if not str(control.confidence).startswith("Known from secondary sources only")
    ] == []
    for name in ("iso27018:2019", "iso27018:2025"):
        doubted = [control.id for control in edition(name).controls if control.confidence is not None]
        assert doubted == ["A.11.9", "A.11.10"]


@pytest.mark.parametrize("name", ["iso27001:2022-clauses", "iso27017:2015", "iso27018:2025"])
def test_no_two_controls_say_the_same(name: str) -> None:
    """Words that fit every control tell an auditor nothing about one."""
    words = [control.cannot for control in edition(name).controls]
    words += [ask.text for control in edition(name).controls for ask in control.asks]
    # Of one control, checks of several platforms may show the same.
    for control in edition(name).controls:
        words += {link.because for link in control.checks.values()}

    assert [text for text, count in Counter(words).items() if count > 1] == []
