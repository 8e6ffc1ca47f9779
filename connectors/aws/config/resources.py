"""AWS Config: the recorder of each region, its state, where it delivers, and what its rules say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from msgspec import Struct, field

from collector.core.errors import Unexpected
from collector.core.resources import Body, resource
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

# Recorded in each region alike, so that one region is enough.
# https://docs.aws.amazon.com/config/latest/APIReference/API_RecordingGroup.html
GLOBAL_IAM_TYPES = frozenset({"AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::Policy"})
GLOBAL_TYPES = GLOBAL_IAM_TYPES | {"AWS::RDS::GlobalCluster"}


class Exclusion(Struct, frozen=True, kw_only=True):
    """The resource types that a recorder excludes, where it records all others."""

    resource_types: tuple[str, ...] = field(name="resourceTypes", default=())  # AWS leaves it out where there are none


class Strategy(Struct, frozen=True, kw_only=True):
    """Which of the ways to choose types a recorder uses; it overrides what the other fields say."""

    use_only: str = field(name="useOnly", default="")  # AWS may leave it out where the other fields say it


class RecordingGroup(Struct, frozen=True, kw_only=True):
    """The resource types that a recorder records."""

    all_supported: bool = field(name="allSupported", default=False)  # AWS leaves it out where a list is given
    include_global: bool = field(name="includeGlobalResourceTypes", default=False)  # AWS's own default
    resource_types: tuple[str, ...] = field(name="resourceTypes", default=())
    exclusion: Exclusion = field(name="exclusionByResourceTypes", default=Exclusion())
    strategy: Strategy = field(name="recordingStrategy", default=Strategy())

    @property
    def selection(self) -> Selection:
        """The types that are recorded, by the rules on `recordingStrategy` in the API reference."""
        excluded = frozenset(self.exclusion.resource_types)
        if self.strategy.use_only == "EXCLUSION_BY_RESOURCE_TYPES" or (excluded and not self.strategy.use_only):
            return Selection(all_but=excluded)
        if self.all_supported:
            return Selection(all_but=frozenset() if self.include_global else GLOBAL_IAM_TYPES)
        return Selection(only=frozenset(self.resource_types))


class Selection(NamedTuple):
    """Resource types: all but some, or with None some only."""

    all_but: frozenset[str] | None = None
    only: frozenset[str] = frozenset()

    def takes(self, type_: str) -> bool:
        """Whether a type is among them."""
        return type_ in self.only if self.all_but is None else type_ not in self.all_but


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


class Compliance(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What a rule says of all that it looks at."""

    compliance_type: str  # COMPLIANT, NON_COMPLIANT, NOT_APPLICABLE or INSUFFICIENT_DATA


@resource("aws.config.rule_compliance", key="ConfigRuleName", volatile=("Compliance",))
class RuleCompliance(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A rule of AWS Config, with what it says (config:DescribeComplianceByConfigRule)."""

    config_rule_name: str
    compliance: Compliance


@aws.collects(
    RuleCompliance,
    at="region",
    call="config:DescribeComplianceByConfigRule",
    permissions="config:DescribeComplianceByConfigRule",
)
def rule_compliance(account: Account) -> Iterator[Body]:
    yield from account.pages("config", "DescribeComplianceByConfigRule", "ComplianceByConfigRules")
