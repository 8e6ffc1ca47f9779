"""CloudTrail: whether the acts of administration are logged, everywhere, and whether the log in fact arrives."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, field

from collector.core.checks import All, The, Verdict, check, failed, passed, unknown
from collector.core.errors import Unread
from collector.core.resources import Body, resource
from collector.core.spans import show_span, show_time
from connectors.aws.client import Account
from connectors.aws.cloudtrail_selectors import Selectors, management_without, takes_objects
from connectors.aws.connector import aws
from connectors.aws.s3 import AccountPublicAccess, Bucket
from connectors.aws.s3_access import not_public


class TrailStatus(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What a trail is doing; a field that AWS leaves out has not happened yet."""

    is_logging: bool
    latest_delivery_time: datetime | None = None  # None: nothing was delivered yet
    latest_delivery_error: str | None = None  # None: the last delivery was in order


# Services so busy that AWS lets a trail leave out their management events; the verdict names those that are.
_MAY_BE_LEFT_OUT = frozenset({"kms.amazonaws.com", "rdsdata.amazonaws.com"})


@resource("aws.cloudtrail.trail", key="TrailARN", volatile=("Status",))
class Trail(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One trail, seen in its home region; of an organization's trail, the account's own view."""

    name: str
    trail_arn: str = field(name="TrailARN")
    s3_bucket_name: str = field(name="S3BucketName")
    is_multi_region_trail: bool
    log_file_validation_enabled: bool
    kms_key_id: str | None = None  # None: encrypted with the key of S3
    status: TrailStatus
    selectors: Selectors

    def records_objects(self, bucket: str) -> bool:
        """Whether it records every read and write of a bucket's objects, wherever it looks. May raise Unread."""
        partition = self.trail_arn.split(":")[1]
        return takes_objects(self.selectors, f"arn:{partition}:s3:::{bucket}/") and self.status.is_logging


@aws.collects(Trail, at="region", call="cloudtrail:DescribeTrails", needs="cloudtrail:DescribeTrails")
def trails(account: Account) -> Iterator[Body]:
    # The replica of a trail stands in every region of it, an organization's trail in every member account. Each is
    # taken once: at home, or wherever annexd looks when it is not to look there.
    for trail in account.ask("cloudtrail", "DescribeTrails", includeShadowTrails=True)["trailList"]:
        home = trail.get("HomeRegion")
        if home == account.region or not account.settings.collects(home):
            yield trail


@aws.part(Trail, "Status", call="cloudtrail:GetTrailStatus", needs="cloudtrail:GetTrailStatus")
def status(account: Account, trail: Body) -> Any:
    return account.ask("cloudtrail", "GetTrailStatus", Name=trail["TrailARN"])


@aws.part(Trail, "Selectors", call="cloudtrail:GetEventSelectors", needs="cloudtrail:GetEventSelectors")
def selectors(account: Account, trail: Body) -> Any:
    return account.ask("cloudtrail", "GetEventSelectors", TrailName=trail["TrailARN"])


@check(
    "aws_cloudtrail_multi_region_trail_logging",
    title="A trail of every region records all acts of administration",
    severity="critical",
    fix="Create a multi-region trail, best for the whole organization, that takes all management events, and start it",
    over="account",
)
def multi_region_trail_logging(trails: All[Trail]) -> Verdict:
    lacking: list[str] = []
    doubts: list[str] = []
    for trail in trails:
        try:
            why = _not_everything(trail)
        except Unread as reason:
            doubts.append(f"{trail.name}: {reason}")
            continue
        if why is None:
            return passed(_said_of(trail))
        lacking.append(f"{trail.name} {why}")
    if doubts:
        return unknown("; ".join(doubts))
    return failed("; ".join(lacking) if lacking else "there is no trail")


def _not_everything(trail: Trail) -> str | None:
    if not trail.is_multi_region_trail:
        return "covers one region only"
    if not trail.status.is_logging:
        return "is stopped"
    without = management_without(trail.selectors)
    if without is None:
        return "does not take all management events"
    if wanted := sorted(without - _MAY_BE_LEFT_OUT):
        return f"leaves out management events of {', '.join(wanted)}"
    return None


def _said_of(trail: Trail) -> str:
    left_out = sorted(management_without(trail.selectors) or ())
    without = f", without events of {', '.join(left_out)}" if left_out else ""
    return f"{trail.name} records management events of every region{without}"


@check(
    "aws_cloudtrail_log_validation_enabled",
    title="The trail's log files can be checked for changes",
    severity="medium",
    fix="Switch on log file validation for the trail",
)
def log_validation_enabled(trail: Trail) -> Verdict:
    if trail.log_file_validation_enabled:
        return passed()
    return failed(f"{trail.name} writes no digests, so a changed or missing log file would not be noticed")


@check(
    "aws_cloudtrail_encrypted_with_kms",
    title="The trail's logs are encrypted with a key of their own",
    severity="medium",
    fix="Set a KMS key for the trail and let only those who read logs use it",
)
def encrypted_with_kms(trail: Trail) -> Verdict:
    if trail.kms_key_id in (None, ""):
        return failed(f"{trail.name} has no KMS key")
    return passed(f"{trail.name} is encrypted with {trail.kms_key_id}")


@check(
    "aws_cloudtrail_delivery_recent",
    title="The trail delivered its logs lately and without error",
    severity="high",
    fix="Look at the latest delivery error; mend the bucket's policy or the rights to the key",
)
def delivery_recent(trail: Trail, *, now: datetime, max_age: timedelta = timedelta(hours=24)) -> Verdict:
    status = trail.status
    if status.latest_delivery_error not in (None, ""):
        return failed(f"the last delivery of {trail.name} failed: {status.latest_delivery_error}")
    if status.latest_delivery_time is None:
        return failed(f"{trail.name} has not delivered anything yet")
    age = now - status.latest_delivery_time
    at = show_time(status.latest_delivery_time)
    if age > max_age:
        return failed(f"{trail.name} delivered last at {at}; {show_span(max_age)} are allowed")
    return passed(f"{trail.name} delivered last at {at}")


@check(
    "aws_cloudtrail_log_bucket_not_public",
    title="The bucket that the trail writes to is not public",
    severity="critical",
    fix="Block public access to the log bucket",
    over="account",
)
def log_bucket_not_public(trail: Trail, buckets: All[Bucket], account: The[AccountPublicAccess]) -> Verdict:
    for bucket in buckets:
        if bucket.name == trail.s3_bucket_name:
            return not_public(bucket, account)
    return unknown(
        f"the bucket {trail.s3_bucket_name} of {trail.name} is not in this account; it is judged where it is collected"
    )
