"""AWS Config: whether changes of configuration are recorded, in every region."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.resources import Body, resource
from connectors.aws.account import Region, in_use
from connectors.aws.client import Account
from connectors.aws.connector import aws


class RecordingGroup(Struct, frozen=True, kw_only=True):
    """What a recorder takes."""

    all_supported: bool = field(name="allSupported", default=False)  # AWS leaves it out where a list is given
    resource_types: tuple[str, ...] = field(name="resourceTypes", default=())


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
    return next(iter(answer["ConfigurationRecordersStatus"]), None)


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
    enabled = {region.region_name for region in regions if in_use(region.region_opt_status)}
    lacking = dict.fromkeys(sorted(scope[1] for scope in recorders.scopes()), "has no recorder")
    for scope, recorder in recorders.scoped():
        why = _not_recording(recorder, set(approved_resource_types))
        if why is None:
            lacking.pop(scope[1], None)
        elif scope[1] in lacking:
            lacking[scope[1]] = why
    if lacking:
        return failed("; ".join(f"{region} {why}" for region, why in sorted(lacking.items())))
    not_seen = sorted(enabled - {scope[1] for scope in recorders.scopes()})
    if not_seen:
        return unknown(f"enabled, and not looked at: {', '.join(not_seen)}")
    return passed(f"recorded in all {len(enabled)} enabled regions")


def _not_recording(recorder: Recorder, approved: set[str]) -> str | None:
    if not recorder.status.recording:
        return "has a recorder that is stopped"
    if recorder.status.last_status not in ("Success", "SUCCESS"):
        return f"has a recorder whose last delivery was {recorder.status.last_status or 'never'}"
    group = recorder.recording_group
    if group is not None and (group.all_supported or (approved and approved <= set(group.resource_types))):
        return None
    return "has a recorder that does not take all resource types"
