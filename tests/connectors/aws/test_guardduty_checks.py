"""The checks of GuardDuty: on in every region, and findings of high severity handled in time."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.guardduty.checks import enabled_all_regions, high_findings_handled
from tests.connectors.aws.builders import (
    COLLEAGUE,
    FAIL,
    NOTHING,
    PASS,
    UNKNOWN,
    UNREAD,
    all_of,
    in_regions,
    not_seen,
    verdict,
)
from tests.connectors.aws.protection_builders import a_detector, a_threat, ago, detecting
from tests.connectors.aws.regional_builders import a_region

BOTH = all_of(a_region("eu-central-1"), a_region("eu-west-1"), a_region("me-south-1", "DISABLED"))
ON = detecting(a_detector())
UNSEEN = detecting(Detectors=UNREAD)


@pytest.mark.parametrize(
    ("there", "status"),
    [
        ([ON], PASS),
        ([detecting(a_detector("DISABLED"))], FAIL),
        ([detecting()], FAIL),
        ([UNSEEN], UNKNOWN),
        ([], UNKNOWN),
    ],
)
def test_a_detector_in_every_region(there: list[Any], status: Status) -> None:
    """A suspended detector is there, and sees nothing."""
    places = in_regions(eu_central_1=[ON], eu_west_1=there)

    assert verdict(enabled_all_regions, places, BOTH).status is status


def test_one_region_without_decides_whatever_is_not_known_of_others() -> None:
    """The reader has to mend it in any case."""
    places = in_regions(eu_central_1=[UNSEEN], eu_west_1=[detecting()])

    assert verdict(enabled_all_regions, places, BOTH).status is FAIL
    assert verdict(enabled_all_regions, places, not_seen()).status is FAIL


def test_which_regions_there_are_has_to_be_known() -> None:
    """A region that nobody listed may be the one in which somebody digs for coins."""
    assert verdict(enabled_all_regions, in_regions(eu_central_1=[ON]), not_seen()).status is UNKNOWN
    assert verdict(enabled_all_regions, in_regions(eu_central_1=[ON]), BOTH).status is UNKNOWN
    assert verdict(enabled_all_regions, not_seen(), BOTH).status is UNKNOWN
    assert verdict(enabled_all_regions, in_regions(), all_of()).status is UNKNOWN


def test_a_region_that_aws_does_not_offer_it_in() -> None:
    """The company says so, and AWS did not answer there: both, and the reason names the region."""
    silent = in_regions(eu_central_1=[ON], eu_west_1=[UNSEEN])

    said = verdict(enabled_all_regions, silent, BOTH, not_offered_in=("eu-west-1",))

    assert said.status is PASS
    assert "eu-west-1" in said.reason
    assert "1 of 2" in said.reason
    answered = in_regions(eu_central_1=[ON], eu_west_1=[detecting()])
    assert verdict(enabled_all_regions, answered, BOTH, not_offered_in=("eu-west-1",)).status is FAIL
    assert verdict(enabled_all_regions, silent, BOTH, not_offered_in=("eu-west-1", "eu-central-1")).status is PASS


@pytest.mark.parametrize(
    ("findings", "status"),
    [
        ([], PASS),
        ([a_threat(days=6.9)], PASS),
        ([a_threat(days=7)], PASS),
        ([a_threat(days=7.1)], FAIL),
        ([a_threat(days=80, archived=True)], PASS),
        ([a_threat(days=80, archived=True), a_threat(days=80)], FAIL),
    ],
)
def test_the_age_of_open_findings(findings: list[Any], status: Status) -> None:
    """That nothing is found is no merit; that something lies about is a fail."""
    assert verdict(high_findings_handled, ON, all_of(*findings)).status is status


def test_numbers_are_in_the_reason() -> None:
    """What was archived may have been archived by a rule that hides everything."""
    findings = all_of(a_threat(days=9), a_threat(days=10, account=COLLEAGUE), a_threat(days=1, archived=True))

    result = verdict(high_findings_handled, ON, findings)

    assert result.status is FAIL
    assert "3 of high severity seen" in result.reason
    assert "1 of them archived" in result.reason
    assert COLLEAGUE in result.reason


@pytest.mark.parametrize(
    ("place", "status"),
    [
        (detecting(a_detector(since=ago(days=6))), UNKNOWN),
        (detecting(a_detector(since=ago(days=8))), PASS),
        (detecting(a_detector(since=None)), UNKNOWN),
        (detecting(a_detector("DISABLED")), UNKNOWN),
        (detecting(), NOTHING),
        (UNSEEN, UNKNOWN),
    ],
)
def test_a_detector_that_was_not_there_for_that_time_shows_nothing(place: Any, status: Status) -> None:
    """Whoever switches it on the day before the audit has no old findings."""
    assert verdict(high_findings_handled, place, all_of()).status is status


def test_old_findings_of_a_suspended_detector_are_still_open() -> None:
    """Suspending it handles nothing."""
    assert verdict(high_findings_handled, detecting(a_detector("DISABLED")), all_of(a_threat(days=8))).status is FAIL


def test_findings_that_could_not_be_listed() -> None:
    """None seen is not none."""
    assert verdict(high_findings_handled, ON, not_seen()).status is UNKNOWN
