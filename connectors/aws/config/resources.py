"""AWS Config: the recorder of each region, its state, and where it delivers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from collector.core.errors import Unexpected
from collector.core.resources import Body, resource
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws


class Exclusion(Struct, frozen=True, kw_only=True):
    """The resource types that a recorder excludes, where it records all others."""

    resource_types: tuple[str, ...] = field(name="resourceTypes", default=())  # AWS leaves it out where there are none


class RecordingGroup(Struct, frozen=True, kw_only=True):
    """The resource types that a recorder records."""

    all_supported: bool = field(name="allSupported", default=False)  # AWS leaves it out where a list is given
    resource_types: tuple[str, ...] = field(name="resourceTypes", default=())
    exclusion: Exclusion = field(name="exclusionByResourceTypes", default=Exclusion())

    def takes(self, approved: frozenset[str]) -> bool:
        """Whether all resource types are recorded, or at least the approved ones."""
        if self.all_supported:
            return True
        excluded = frozenset(self.exclusion.resource_types)
        listed = frozenset(self.resource_types)
        return bool(approved) and (approved.isdisjoint(excluded) if excluded else approved <= listed)


class RecorderStatus(Struct, frozen=True, kw_only=True):
    """The state of a recorder (config:DescribeConfigurationRecorderStatus)."""

    recording: bool
    last_status: str | None = field(name="lastStatus", default=None)  # None: nothing was delivered yet


@resource("aws.config.recorder", key="name", volatile=("status",))
class Recorder(Struct, frozen=True, kw_only=True):
    """A recorder of a region; AWS allows one customer managed recorder in each."""

    name: str
    recording_group: RecordingGroup | None = field(name="recordingGroup", default=None)  # None: a service's recorder
    status: RecorderStatus


@resource("aws.config.delivery_channel", key="name")
class DeliveryChannel(Struct, frozen=True, kw_only=True):
    """The bucket that the recorder of a region delivers to."""

    name: str
    bucket: str = field(name="s3BucketName")


@aws.collects(
    Recorder,
    at="region",
    call="config:DescribeConfigurationRecorders",
    permissions="config:DescribeConfigurationRecorders",
)
def recorders(account: Account) -> Iterator[Body]:
    yield from account.value("config", "DescribeConfigurationRecorders", "ConfigurationRecorders")


@aws.part(
    Recorder,
    "status",
    call="config:DescribeConfigurationRecorderStatus",
    permissions="config:DescribeConfigurationRecorderStatus",
)
def status(account: Account, recorder: Body) -> Any:
    states = account.value(
        "config",
        "DescribeConfigurationRecorderStatus",
        "ConfigurationRecordersStatus",
        ConfigurationRecorderNames=[recorder["name"]],
    )
    if not states:
        raise Unexpected(f"config:DescribeConfigurationRecorderStatus does not know the recorder {recorder['name']}")
    return states[0]


@aws.collects(
    DeliveryChannel, at="region", call="config:DescribeDeliveryChannels", permissions="config:DescribeDeliveryChannels"
)
def delivery_channels(account: Account) -> Iterator[Body]:
    yield from account.value("config", "DescribeDeliveryChannels", "DeliveryChannels")
