"""The checks of Inspector: it scans what is there, and findings are fixed within the limit of their severity."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.inspector2.checks import enabled, findings_within_sla
from tests.connectors.aws.builders import (
    COLLEAGUE,
    FAIL,
    NOTHING,
    PASS,
    UNKNOWN,
    UNREAD,
    all_of,
    not_seen,
    verdict,
)
from tests.connectors.aws.protection_builders import a_weakness, inspecting

EVERY = ("ec2", "ecr", "lambda")
ON = inspecting(*EVERY)


@pytest.mark.parametrize(
    ("place", "status"),
    [
        (ON, PASS),
        (inspecting("ec2"), PASS),
        (inspecting("ec2", missing=(0, 1, 0)), FAIL),
        (inspecting(missing=(1, 0, 0)), FAIL),
        (inspecting(missing=(0, 0, 1)), FAIL),
        (inspecting(), NOTHING),
        (inspecting("ec2", Repositories=UNREAD), UNKNOWN),
        (inspecting(missing=(1, 0, 0), Repositories=UNREAD), FAIL),
        (inspecting(Functions=UNREAD), UNKNOWN),
        (inspecting(resourceState=UNREAD), UNKNOWN),
        # No word on the scan of functions, without a function, and with one.
        (inspecting("ec2", "ecr", resourceState={"ec2": {"status": "ENABLED"}, "ecr": {"status": "ENABLED"}}), PASS),
        (
            inspecting(
                "ec2",
                "ecr",
                missing=(0, 0, 1),
                resourceState={"ec2": {"status": "ENABLED"}, "ecr": {"status": "ENABLED"}},
            ),
            UNKNOWN,
        ),
    ],
)
def test_scans_of_what_is_there(place: Any, status: Status) -> None:
    """A scan that is off where there is nothing to scan is no fault."""
    assert verdict(enabled, place).status is status


@pytest.mark.parametrize(("state", "status"), [("ENABLING", UNKNOWN), ("SUSPENDED", FAIL), ("DISABLING", FAIL)])
def test_states_in_between(state: str, status: Status) -> None:
    """What is being switched on may be on tomorrow; what is suspended is not."""
    scans = {"ec2": {"status": state}, "ecr": {"status": "ENABLED"}, "lambda": {"status": "ENABLED"}}

    assert verdict(enabled, inspecting("ecr", "lambda", missing=(1, 0, 0), resourceState=scans)).status is status


@pytest.mark.parametrize(
    ("findings", "status"),
    [
        ([], PASS),
        ([a_weakness("CRITICAL", days=7)], PASS),
        ([a_weakness("CRITICAL", days=7.1)], FAIL),
        ([a_weakness("HIGH", days=30)], PASS),
        ([a_weakness("HIGH", days=30.1)], FAIL),
        ([a_weakness("MEDIUM", days=90)], PASS),
        ([a_weakness("MEDIUM", days=90.1)], FAIL),
        ([a_weakness("CRITICAL", days=300, status="SUPPRESSED")], PASS),
        ([a_weakness("UNTRIAGED", days=300)], UNKNOWN),
    ],
)
def test_the_age_of_findings_by_severity(findings: list[Any], status: Status) -> None:
    """Each limit from both sides; a rule that suppresses ends a finding, and the reason counts it."""
    assert verdict(findings_within_sla, ON, all_of(*findings)).status is status


def test_numbers_are_in_the_reason() -> None:
    """Who has to mend it needs to know how many, whose, and what was suppressed."""
    findings = [
        a_weakness("CRITICAL", days=40, account=COLLEAGUE, title="the oldest"),
        a_weakness("CRITICAL", days=8),
        a_weakness("HIGH", days=31),
        a_weakness("HIGH", days=50, status="SUPPRESSED"),
    ]

    result = verdict(findings_within_sla, ON, all_of(*findings))
    stricter = verdict(findings_within_sla, ON, all_of(a_weakness("HIGH", days=3)), high=timedelta(days=2))

    assert result.status is FAIL
    for text in ("2 critical", "1 high", COLLEAGUE, "the oldest", "4 seen", "1 of them suppressed"):
        assert text in result.reason
    assert stricter.status is FAIL


@pytest.mark.parametrize(
    ("place", "status"),
    [
        (inspecting(), NOTHING),
        (inspecting(missing=(1, 0, 0)), UNKNOWN),
        (inspecting(Instances=UNREAD), UNKNOWN),
        (inspecting("ec2", missing=(0, 1, 0)), UNKNOWN),
        (inspecting("ec2", Functions=UNREAD), UNKNOWN),
        (inspecting(*EVERY, Coverage=UNREAD), UNKNOWN),
        (inspecting(*EVERY, Coverage={"Known": 10, "NotScanned": 3, "NotInUse": 3}), PASS),
        (inspecting(*EVERY, Coverage={"Known": 10, "NotScanned": 3, "NotInUse": 2}), UNKNOWN),
        (inspecting(*EVERY, Coverage={"Known": 0, "NotScanned": 0, "NotInUse": 0}), NOTHING),
    ],
)
def test_no_finding_passes_only_where_everything_is_looked_at(place: Any, status: Status) -> None:
    """A scanner that is off, or that cannot reach an instance, finds nothing there either."""
    assert verdict(findings_within_sla, place, all_of()).status is status


def test_what_is_late_fails_whatever_is_not_looked_at() -> None:
    """One weakness left open is enough."""
    late = all_of(a_weakness("HIGH", days=31))
    blind = inspecting("ec2", missing=(0, 1, 0), Coverage=UNREAD)

    assert verdict(findings_within_sla, blind, late).status is FAIL
    assert verdict(findings_within_sla, ON, not_seen()).status is UNKNOWN
