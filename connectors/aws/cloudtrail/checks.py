"""Checks of CloudTrail: management events of all regions are logged, protected and delivered."""

from __future__ import annotations

from datetime import datetime, timedelta

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.errors import Unread
from collector.core.spans import show_span, show_time
from connectors.aws.cloudtrail.event_selectors import excluded_management_sources
from connectors.aws.cloudtrail.resources import Trail

# AWS lets a trail exclude the management events of these services, which have very many; the verdict names them.
_MAY_BE_EXCLUDED = frozenset({"kms.amazonaws.com", "rdsdata.amazonaws.com"})


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
            why = _missing_coverage(trail)
        except Unread as reason:
            doubts.append(f"{trail.name}: {reason}")
            continue
        if why is None:
            return passed(_coverage_text(trail))
        lacking.append(f"{trail.name} {why}")
    if doubts:
        return unknown("; ".join(doubts))
    return failed("; ".join(lacking) if lacking else "there is no trail")


def _missing_coverage(trail: Trail) -> str | None:
    if not trail.is_multi_region_trail:
        return "covers one region only"
    if not trail.status.is_logging:
        return "is stopped"
    excluded = excluded_management_sources(trail.selectors)
    if excluded is None:
        return "does not take all management events"
    if not_allowed := sorted(excluded - _MAY_BE_EXCLUDED):
        return f"leaves out management events of {', '.join(not_allowed)}"
    return None


def _coverage_text(trail: Trail) -> str:
    excluded = sorted(excluded_management_sources(trail.selectors) or ())
    without = f", without events of {', '.join(excluded)}" if excluded else ""
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
    delivered_at = show_time(status.latest_delivery_time)
    if age > max_age:
        return failed(f"{trail.name} delivered last at {delivered_at}; {show_span(max_age)} are allowed")
    return passed(f"{trail.name} delivered last at {delivered_at}")
