"""CloudTrail trails: what they record, and whether their logs are delivered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws
from connectors.aws.cloudtrail.event_selectors import Selectors, records_all_objects


class TrailStatus(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The state of a trail (cloudtrail:GetTrailStatus); AWS leaves out what has not happened yet."""

    is_logging: bool
    latest_delivery_time: datetime | None = None  # None: nothing was delivered yet
    latest_delivery_error: str | None = None  # None: the last delivery was in order
    latest_digest_delivery_error: str | None = None  # None: the last digest was delivered, or none was to be
    latest_cloud_watch_logs_delivery_time: datetime | None = None  # None: nothing was delivered there yet
    latest_cloud_watch_logs_delivery_error: str | None = None  # None: the last delivery there was in order


@resource("aws.cloudtrail.trail", key="TrailARN", volatile=("Status",))
class Trail(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One trail (cloudtrail:DescribeTrails), in its home region; an organization's trail as an account sees it."""

    name: str
    trail_arn: str = field(name="TrailARN")
    s3_bucket_name: str = field(name="S3BucketName")
    is_multi_region_trail: bool
    log_file_validation_enabled: bool
    kms_key_id: str | None = None  # None: encrypted with the key of S3
    cloud_watch_logs_log_group_arn: str | None = None  # None: it delivers to no log group
    is_organization_trail: bool = False  # AWS leaves it out of some answers
    status: TrailStatus
    selectors: Selectors

    @property
    def who_can_change(self) -> str:
        """Who can change an organization's trail, which its members see as their own; empty for any other."""
        if not self.is_organization_trail:
            return ""
        owner = self.trail_arn.split(":")[4]
        return f"; it is the organization's trail, which only {owner} and the delegated administrator can change"

    @property
    def bucket_is_gone(self) -> bool:
        """Whether S3 told CloudTrail at the last delivery that the bucket does not exist. May raise Unread."""
        return self.status.latest_delivery_error == "NoSuchBucket"

    def records_objects(self, bucket: str) -> bool:
        """Whether the trail is logging and records all reads and writes of a bucket's objects. May raise Unread."""
        partition = self.trail_arn.split(":")[1]
        return records_all_objects(self.selectors, f"arn:{partition}:s3:::{bucket}/") and self.status.is_logging


@aws.collects(Trail, at="region", call="cloudtrail:DescribeTrails", permissions="cloudtrail:DescribeTrails")
def trails(account: Account) -> Iterator[Body]:
    # AWS lists a multi-region trail in every region, and an organization's trail in every member account. It is taken
    # in its home region, or in every collected region where the settings leave out the home region.
    for trail in account.value("cloudtrail", "DescribeTrails", "trailList", includeShadowTrails=True):
        home = trail.get("HomeRegion")
        if home == account.region or not account.settings.collects(home):
            yield trail


@aws.part(Trail, "Status", call="cloudtrail:GetTrailStatus", permissions="cloudtrail:GetTrailStatus")
def status(account: Account, trail: Body) -> Any:
    return account.call("cloudtrail", "GetTrailStatus", having="IsLogging", Name=trail["TrailARN"])


@aws.part(Trail, "Selectors", call="cloudtrail:GetEventSelectors", permissions="cloudtrail:GetEventSelectors")
def selectors(account: Account, trail: Body) -> Any:
    return account.call("cloudtrail", "GetEventSelectors", having="TrailARN", TrailName=trail["TrailARN"])
