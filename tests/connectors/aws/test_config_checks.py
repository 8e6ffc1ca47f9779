"""The check of AWS Config: a recorder that works, in every region that there is."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.config.checks import recorder_enabled_all_regions
from connectors.aws.config.resources import Recorder
from tests.connectors.aws.builders import (
    FAIL,
    PASS,
    UNKNOWN,
    UNREAD,
    all_of,
    in_regions,
    not_seen,
    verdict,
)
from tests.connectors.aws.regional_builders import a_recorder, a_region

BOTH = all_of(a_region("eu-central-1"), a_region("eu-west-1"), a_region("me-south-1", "DISABLED"))
GOOD = a_recorder()
SOME = {"allSupported": False, "resourceTypes": ["AWS::IAM::Role", "AWS::S3::Bucket"]}
ALL_BUT = {"allSupported": False, "exclusionByResourceTypes": {"resourceTypes": ["AWS::EC2::Volume"]}}


@pytest.mark.parametrize(
    ("recorder", "status"),
    [
        (a_recorder(), PASS),
        (a_recorder(last="Success"), PASS),
        (a_recorder(last="PENDING"), UNKNOWN),
        (a_recorder(last="Failure"), FAIL),
        (a_recorder(last=None), FAIL),
        (a_recorder(recording=False), FAIL),
        (a_recorder(recordingGroup=SOME), FAIL),
        (a_recorder(recordingGroup=ALL_BUT), FAIL),
        (a_recorder(recordingGroup=None), FAIL),
        (a_recorder(status=UNREAD), UNKNOWN),
    ],
)
def test_a_recorder_that_works(recorder: Recorder, status: Status) -> None:
    """A recorder that is there and stopped, or delivers nothing, records nothing."""
    recorders = in_regions(eu_central_1=[GOOD], eu_west_1=[recorder])

    assert verdict(recorder_enabled_all_regions, recorders, BOTH).status is status


@pytest.mark.parametrize(
    ("group", "approved", "status"),
    [
        (SOME, ("AWS::IAM::Role",), PASS),
        (SOME, ("AWS::IAM::Role", "AWS::S3::Bucket"), PASS),
        (SOME, ("AWS::IAM::Role", "AWS::EC2::Volume"), FAIL),
        (ALL_BUT, ("AWS::IAM::Role",), PASS),
        (ALL_BUT, ("AWS::IAM::Role", "AWS::EC2::Volume"), FAIL),
        ({"allSupported": True}, ("AWS::IAM::Role",), PASS),
        ({}, ("AWS::IAM::Role",), FAIL),
    ],
)
def test_types_that_are_approved_as_enough(group: Any, approved: tuple[str, ...], status: Status) -> None:
    """A company may settle for less than everything, and then exactly that must be recorded."""
    recorders = in_regions(eu_central_1=[GOOD], eu_west_1=[a_recorder(recordingGroup=group)])

    result = verdict(recorder_enabled_all_regions, recorders, BOTH, approved_resource_types=approved)

    assert result.status is status


def test_a_region_without_a_recorder_is_named() -> None:
    """Who has to mend it needs to know where."""
    result = verdict(recorder_enabled_all_regions, in_regions(eu_central_1=[GOOD], eu_west_1=[]), BOTH)

    assert result.status is FAIL
    assert "eu-west-1" in result.reason
    assert "eu-central-1" not in result.reason


def test_a_recorder_of_a_service_does_not_hide_the_one_that_works() -> None:
    """AWS lets services have recorders of their own beside it; the order in which they are listed means nothing."""
    other = a_recorder(name="AWSConfigurationRecorderForService", recordingGroup=None, last="NotApplicable")
    unread_recorder = a_recorder(name="AWSConfigurationRecorderForAnother", status=UNREAD)

    for recorder_list in ([GOOD, other, unread_recorder], [unread_recorder, other, GOOD]):
        recorders = in_regions(eu_central_1=[GOOD], eu_west_1=recorder_list)
        assert verdict(recorder_enabled_all_regions, recorders, BOTH).status is PASS
    recorders = in_regions(eu_central_1=[GOOD], eu_west_1=[other, unread_recorder])
    assert verdict(recorder_enabled_all_regions, recorders, BOTH).status is UNKNOWN


def test_one_region_that_lacks_it_is_enough_to_fail() -> None:
    """What is not known of other regions, or of which there are, does not make this one better."""
    recorders = in_regions(eu_central_1=[a_recorder(status=UNREAD)], eu_west_1=[])

    assert verdict(recorder_enabled_all_regions, recorders, BOTH).status is FAIL
    assert verdict(recorder_enabled_all_regions, recorders, not_seen()).status is FAIL


def test_a_region_that_was_not_looked_at_is_not_known() -> None:
    """A scan of two regions says nothing of the third; one that is disabled has nothing to record."""
    result = verdict(recorder_enabled_all_regions, in_regions(eu_central_1=[GOOD]), BOTH)

    assert result.status is UNKNOWN
    assert "eu-west-1" in result.reason
    assert "eu-central-1" not in result.reason


def test_lists_that_could_not_be_read() -> None:
    """Neither which regions there are nor which recorders can be guessed."""
    assert verdict(recorder_enabled_all_regions, not_seen(), BOTH).status is UNKNOWN
    assert verdict(recorder_enabled_all_regions, in_regions(eu_central_1=[GOOD]), not_seen()).status is UNKNOWN


IAM_TYPES = ["AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::Policy"]
REGIONAL_ONLY = {"allSupported": True, "includeGlobalResourceTypes": False, "resourceTypes": []}
# As AWS answers for a recorder with exclusions: the strategy says what holds, and the flags are off.
WITHOUT_IAM = {
    "allSupported": False,
    "includeGlobalResourceTypes": False,
    "resourceTypes": [],
    "exclusionByResourceTypes": {"resourceTypes": IAM_TYPES},
    "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
}
WITHOUT_NOTHING = {**WITHOUT_IAM, "exclusionByResourceTypes": {"resourceTypes": []}}


def together(home: Any, other: Any, **limits: Any) -> Any:
    """The verdict on two regions whose recorders take these groups."""
    recorders = in_regions(eu_central_1=[a_recorder(recordingGroup=home)], eu_west_1=[a_recorder(recordingGroup=other)])
    return verdict(recorder_enabled_all_regions, recorders, BOTH, **limits)


@pytest.mark.parametrize(
    ("home", "other", "status"),
    [
        (REGIONAL_ONLY, REGIONAL_ONLY, FAIL),
        (GOOD.recording_group, REGIONAL_ONLY, PASS),
        (WITHOUT_NOTHING, WITHOUT_IAM, PASS),
        (WITHOUT_NOTHING, REGIONAL_ONLY, PASS),
        (WITHOUT_IAM, WITHOUT_IAM, FAIL),
        # Users and groups in one region, roles and policies in another.
        (
            {**WITHOUT_IAM, "exclusionByResourceTypes": {"resourceTypes": IAM_TYPES[:2]}},
            {**WITHOUT_IAM, "exclusionByResourceTypes": {"resourceTypes": IAM_TYPES[2:]}},
            PASS,
        ),
        (WITHOUT_NOTHING, ALL_BUT, FAIL),
    ],
)
def test_global_types_are_recorded_in_some_region(home: Any, other: Any, status: Status) -> None:
    """One region is enough for what is the same in all, and none is too few."""
    group = {"allSupported": True, "includeGlobalResourceTypes": True} if not isinstance(home, dict) else home

    assert together(group, other).status is status


def test_what_no_region_records_is_named() -> None:
    """A change of a role would leave no trace."""
    assert "AWS::IAM::Role" in together(REGIONAL_ONLY, REGIONAL_ONLY).reason
    assert together(REGIONAL_ONLY, REGIONAL_ONLY, approved_resource_types=("AWS::S3::Bucket",)).status is PASS
    assert together(REGIONAL_ONLY, REGIONAL_ONLY, approved_resource_types=("AWS::IAM::Role",)).status is FAIL


@pytest.mark.parametrize(
    ("region", "status"), [("eu_central_2", FAIL), ("eusc_de_east_1", UNKNOWN), ("us_gov_west_1", PASS)]
)
def test_a_region_that_cannot_record_iam(region: str, status: Status) -> None:
    """AWS records global types of IAM only in regions that Config had before February 2022."""
    name = region.replace("_", "-")

    result = verdict(recorder_enabled_all_regions, in_regions(**{region: [GOOD]}), all_of(a_region(name)))

    assert result.status is status


@pytest.mark.parametrize("state", ["ENABLING", "DISABLING"])
def test_a_region_that_is_not_enabled_yet_or_any_more(state: str) -> None:
    """Nobody can set up a recorder there; the reader is told of it."""
    regions = all_of(a_region("eu-central-1"), a_region("me-south-1", state))

    without = verdict(recorder_enabled_all_regions, in_regions(eu_central_1=[GOOD], me_south_1=[]), regions)
    stopped = a_recorder(recording=False)

    assert without.status is PASS
    assert f"me-south-1 is {state}" in without.reason
    assert "all 1 enabled" in without.reason
    assert verdict(recorder_enabled_all_regions, in_regions(eu_central_1=[], me_south_1=[stopped]), regions).status is (
        FAIL
    )


def test_a_disabled_region_that_was_looked_at_all_the_same() -> None:
    """Whoever names regions may name one that an account has not."""
    recorders = in_regions(eu_central_1=[GOOD], eu_west_1=[GOOD], me_south_1=[])

    assert verdict(recorder_enabled_all_regions, recorders, BOTH).status is PASS
