"""AWS Config: whether changes of configuration are recorded, in every region."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.errors import Unexpected, Unread
from collector.core.resources import Body, resource
from connectors.aws.account import Region, in_use
from connectors.aws.client import Account
from connectors.aws.connector import aws


class Exclusion(Struct, frozen=True, kw_only=True):
    """The types that a recorder does not take, where it takes all others."""

    resource_types: tuple[str, ...] = field(name="resourceTypes", default=())  # AWS leaves it out where there are none


class RecordingGroup(Struct, frozen=True, kw_only=True):
    """What a recorder takes."""

    all_supported: bool = field(name="allSupported", default=False)  # AWS leaves it out where a list is given
    resource_types: tuple[str, ...] = field(name="resourceTypes", default=())
    exclusion: Exclusion = field(name="exclusionByResourceTypes", default=Exclusion())

    def takes(self, approved: frozenset[str]) -> bool:
        """Whether it takes all types, or all of those that a company has approved as enough."""
        if self.all_supported:
            return True
        excluded = frozenset(self.exclusion.resource_types)
        wanted = frozenset(self.resource_types)
        return bool(approved) and (approved.isdisjoint(excluded) if excluded else approved <= wanted)


class RecorderStatus(Struct, frozen=True, kw_only=True):
    """What a recorder is doing."""

    recording: bool
    last_status: str | None = field(name="lastStatus", default=None)  # None: nothing was delivered yet


@resource("aws.config.recorder", key="name", volatile=("status",))
class Recorder(Struct, frozen=True, kw_only=True):
    """The recorder of one region; AWS allows one of the customer's own in each."""

    name: str
    recording_group: RecordingGroup | None = field(name="recordingGroup", default=None)  # None: a service's recorder
    status: RecorderStatus


@resource("aws.config.delivery_channel", key="name")
class DeliveryChannel(Struct, frozen=True, kw_only=True):
    """Where the recorder of a region puts what it saw."""

    name: str
    bucket: str = field(name="s3BucketName")


@aws.collects(
    Recorder,
    at="region",
    call="config:DescribeConfigurationRecorders",
    needs="config:DescribeConfigurationRecorders",
)
def recorders(account: Account) -> Iterator[Body]:
    yield from account.ask("config", "DescribeConfigurationRecorders")["ConfigurationRecorders"]


@aws.part(
    Recorder,
    "status",
    call="config:DescribeConfigurationRecorderStatus",
    needs="config:DescribeConfigurationRecorderStatus",
)
def status(account: Account, recorder: Body) -> Any:
    answer = account.ask("config", "DescribeConfigurationRecorderStatus", ConfigurationRecorderNames=[recorder["name"]])
    if not answer["ConfigurationRecordersStatus"]:
        raise Unexpected(f"config:DescribeConfigurationRecorderStatus does not know the recorder {recorder['name']}")
    return answer["ConfigurationRecordersStatus"][0]


@aws.collects(
    DeliveryChannel, at="region", call="config:DescribeDeliveryChannels", needs="config:DescribeDeliveryChannels"
)
def delivery_channels(account: Account) -> Iterator[Body]:
    yield from account.ask("config", "DescribeDeliveryChannels")["DeliveryChannels"]


@check(
    "aws_config_recorder_enabled_all_regions",
    title="Changes of configuration are recorded in every enabled region",
    severity="medium",
    fix="Set up the recorder in the regions named, best by a stack set for the whole organization",
    over="account",
)
def recorder_enabled_all_regions(
    recorders: All[Recorder], regions: All[Region], *, approved_resource_types: tuple[str, ...] = ()
) -> Verdict:
    lacking = {scope[1]: "has no recorder" for scope in recorders.scopes()}
    looked_at = set(lacking)
    recording: set[str] = set()
    doubts: dict[str, str] = {}
    for (_, region), recorder in recorders.scoped():
        try:
            why = _not_recording(recorder, frozenset(approved_resource_types))
        except Unread as reason:
            doubts[region] = str(reason)
            continue
        if why is None:
            recording.add(region)
        else:
            lacking[region] = why
    # One recorder that does its work is enough, and one of which nothing is known may be it.
    if found := [f"{region} {why}" for region, why in sorted(lacking.items()) if region not in recording | {*doubts}]:
        return failed("; ".join(found))
    if unclear := [f"{region}: {why}" for region, why in sorted(doubts.items()) if region not in recording]:
        return unknown("; ".join(unclear))
    enabled = {region.region_name for region in regions if in_use(region.region_opt_status)}
    if not_seen := sorted(enabled - looked_at):
        return unknown(f"enabled, and not looked at: {', '.join(not_seen)}")
    return passed(f"recorded in all {len(enabled)} enabled regions")


def _not_recording(recorder: Recorder, approved: frozenset[str]) -> str | None:
    if not recorder.status.recording:
        return "has a recorder that is stopped"
    said = recorder.status.last_status
    if said is not None and said.upper() == "PENDING":
        raise Unread("the recorder is about to deliver, and how that ends is not known yet")
    if said is None or said.upper() != "SUCCESS":  # documented as Success, and sent as SUCCESS
        return f"has a recorder whose last delivery was {said or 'never'}"
    if recorder.recording_group is None or not recorder.recording_group.takes(approved):
        return "has a recorder that does not take all resource types"
    return None
