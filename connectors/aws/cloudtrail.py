"""CloudTrail: whether the acts of administration are logged, everywhere, and whether the log in fact arrives."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, field

from collector.core.checks import All, The, Verdict, check, failed, passed, unknown
from collector.core.resources import Body, resource
from collector.core.spans import show_span, show_time
from connectors.aws.client import Account
from connectors.aws.connector import aws
from connectors.aws.s3 import AccountPublicAccess, Bucket
from connectors.aws.s3_access import not_public


class TrailStatus(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What a trail is doing; a field that AWS leaves out has not happened yet."""

    is_logging: bool
    latest_delivery_time: datetime | None = None  # None: nothing was delivered yet
    latest_delivery_error: str | None = None  # None: the last delivery was in order


class EventSelector(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A basic selector: AWS gives one of these or the advanced ones."""

    read_write_type: str = "All"  # AWS leaves it out where it is the default
    include_management_events: bool = True  # likewise
    exclude_management_event_sources: tuple[str, ...] = ()


class FieldSelector(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One condition of an advanced selector; every operator but Equals is read only as being there."""

    field: str
    equals: tuple[str, ...] = ()
    not_equals: tuple[str, ...] = ()


class AdvancedSelector(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Conditions that an event must meet together."""

    field_selectors: tuple[FieldSelector, ...]


class Selectors(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Which events a trail takes."""

    event_selectors: tuple[EventSelector, ...] | None = None  # None: the advanced ones are in use
    advanced_event_selectors: tuple[AdvancedSelector, ...] | None = None  # None: the basic ones are in use


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
    lacking = []
    for trail in trails:
        why = _not_everything(trail)
        if why is None:
            left_out = sorted(_left_out(trail.selectors))
            without = f", without events of {', '.join(left_out)}" if left_out else ""
            return passed(f"{trail.name} records management events of every region{without}")
        lacking.append(f"{trail.name} {why}")
    return failed("; ".join(lacking) if lacking else "there is no trail")


def _not_everything(trail: Trail) -> str | None:
    if not trail.is_multi_region_trail:
        return "covers one region only"
    if not trail.status.is_logging:
        return "is stopped"
    if not _all_management_events(trail.selectors):
        return "does not take all management events"
    return None


def _all_management_events(selectors: Selectors) -> bool:
    basic = selectors.event_selectors or ()
    if any(one.include_management_events and one.read_write_type == "All" for one in basic):
        return True
    return any(_takes_management(one) for one in selectors.advanced_event_selectors or ())


def _takes_management(selector: AdvancedSelector) -> bool:
    """Whether an advanced selector takes all management events, but for sources that it leaves out by name."""
    conditions = {one.field: one for one in selector.field_selectors}
    category = conditions.pop("eventCategory", None)
    source = conditions.pop("eventSource", None)
    if category is None or category.equals != ("Management",) or conditions:
        return False
    return source is None or (bool(source.not_equals) and not source.equals)


def _left_out(selectors: Selectors) -> set[str]:
    basic = {name for one in selectors.event_selectors or () for name in one.exclude_management_event_sources}
    advanced = {
        name
        for one in selectors.advanced_event_selectors or ()
        for condition in one.field_selectors
        if condition.field == "eventSource"
        for name in condition.not_equals
    }
    return basic | advanced


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
    if trail.kms_key_id:
        return passed(f"{trail.name} is encrypted with {trail.kms_key_id}")
    return failed(f"{trail.name} has no KMS key")


@check(
    "aws_cloudtrail_delivery_recent",
    title="The trail delivered its logs lately and without error",
    severity="high",
    fix="Look at the latest delivery error; mend the bucket's policy or the rights to the key",
)
def delivery_recent(trail: Trail, *, now: datetime, max_age: timedelta = timedelta(hours=24)) -> Verdict:
    status = trail.status
    if status.latest_delivery_error:
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
