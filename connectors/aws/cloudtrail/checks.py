"""Checks of CloudTrail: management events of all regions are logged, protected and delivered."""

from __future__ import annotations

from datetime import datetime, timedelta

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.errors import Unread
from collector.core.plain_text import first_few, plural
from collector.core.spans import show_span, show_time
from connectors.aws.cloudtrail.event_selectors import Selectors, missing_management_events
from connectors.aws.cloudtrail.events import STOPPING, Event
from connectors.aws.cloudtrail.resources import Trail


@check(
    "aws_cloudtrail_multi_region_trail_logging",
    title="Trails of every region record all acts of administration",
    severity="critical",
    fix="Create a multi-region trail, best for the whole organization, that takes all management events, and start it",
    over="account",
)
def multi_region_trail_logging(trails: All[Trail], *, approved_excluded_sources: tuple[str, ...] = ()) -> Verdict:
    taken: list[tuple[str, Selectors]] = []
    lacking: list[str] = []
    doubts: list[str] = []
    for trail in trails:
        try:
            if not trail.is_multi_region_trail:
                lacking.append(f"{trail.name} covers one region only")
            elif not trail.status.is_logging:
                lacking.append(f"{trail.name} is stopped")
            else:
                taken.append((trail.name, trail.selectors))
        except Unread as reason:
            doubts.append(f"{trail.name}: {reason}")
    missing = missing_management_events(selectors for _, selectors in taken)
    excluded = frozenset().union(*(sources for sources in missing.values() if sources is not None))
    gaps = [f"all that {kind[:-1]}" for kind, sources in missing.items() if sources is None]
    gaps += [f"events of {source}" for source in sorted(excluded - set(approved_excluded_sources))]
    names = first_few(sorted(name for name, _ in taken))
    if not gaps:
        without = f", without events of {first_few(sorted(excluded))}, which is approved" if excluded else ""
        return passed(f"{names}: management events of every region are recorded{without}")
    problems = [f"{names}: left out is {first_few(gaps)}"] if taken else []
    if doubts:
        return unknown(first_few([*problems, *doubts], between="; "))
    return failed(first_few([*problems, *lacking], between="; ") or "there is no trail")


@check(
    "aws_cloudtrail_log_validation_enabled",
    title="The trail's log files can be checked for changes",
    severity="medium",
    fix="Switch on log file validation for the trail",
)
def log_validation_enabled(trail: Trail) -> Verdict:
    if not trail.log_file_validation_enabled:
        why = "writes no digests"
    elif (error := trail.status.latest_digest_delivery_error) not in (None, ""):
        why = f"could not deliver its last digest ({error})"
    else:
        return passed()
    return failed(f"{trail.name} {why}, so a changed or missing log file would not be noticed{trail.who_can_change}")


@check(
    "aws_cloudtrail_encrypted_with_kms",
    title="The trail's logs are encrypted with a key of their own",
    severity="medium",
    fix="Set a KMS key for the trail and let only those who read logs use it",
)
def encrypted_with_kms(trail: Trail) -> Verdict:
    if trail.kms_key_id in (None, ""):
        return failed(f"{trail.name} has no KMS key{trail.who_can_change}")
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
        return failed(f"the last delivery of {trail.name} failed: {status.latest_delivery_error}{trail.who_can_change}")
    if status.latest_delivery_time is None:
        return failed(f"{trail.name} has not delivered anything yet")
    age = now - status.latest_delivery_time
    delivered_at = show_time(status.latest_delivery_time)
    if age > max_age:
        return failed(f"{trail.name} delivered last at {delivered_at}; {show_span(max_age)} are allowed")
    return passed(f"{trail.name} delivered last at {delivered_at}")


@check(
    "aws_cloudtrail_delivers_to_cloudwatch_logs",
    title="The trail delivers its events to CloudWatch Logs, lately and without error",
    severity="low",
    fix="Name a log group of CloudWatch Logs, and a role that may write to it, for the trail",
)
def delivers_to_cloudwatch_logs(trail: Trail, *, now: datetime, max_age: timedelta = timedelta(hours=24)) -> Verdict:
    group = trail.cloud_watch_logs_log_group_arn
    if group in (None, ""):
        return failed(f"{trail.name} names no log group of CloudWatch Logs{trail.who_can_change}")
    status = trail.status
    if status.latest_cloud_watch_logs_delivery_error not in (None, ""):
        error = status.latest_cloud_watch_logs_delivery_error
        return failed(f"the last delivery of {trail.name} to {group} failed: {error}{trail.who_can_change}")
    if status.latest_cloud_watch_logs_delivery_time is None:
        return failed(f"{trail.name} has not delivered anything to {group} yet")
    delivered_at = show_time(status.latest_cloud_watch_logs_delivery_time)
    if now - status.latest_cloud_watch_logs_delivery_time > max_age:
        return failed(f"{trail.name} delivered last to {group} at {delivered_at}; {show_span(max_age)} are allowed")
    return passed(f"{trail.name} delivered last to {group} at {delivered_at}")


@check(
    "aws_cloudtrail_logging_not_stopped",
    title="Nobody stopped what keeps logs or looks for threats in the days that were looked at",
    severity="high",
    fix="Switch it on again, find out who did it and why, and put the id of an approved event into approved_events",
)
def logging_not_stopped(events: All[Event], *, approved_events: tuple[str, ...] = ()) -> Verdict:
    done = [event for event in events if event.event_name in STOPPING and event.error_code is None]
    open_ones = [event for event in done if event.event_id not in approved_events]
    if open_ones:
        shown = [
            f"{event.event_name} on {event.event_time:%Y-%m-%d %H:%M} by"
            f" {event.identity_arn or event.username or 'a service'} ({event.event_id})"
            for event in sorted(open_ones, key=lambda event: event.event_time)
        ]
        return failed(first_few(shown, between="; "))
    return passed(f"{plural(len(done), 'approved event')}" if done else "no such event was listed")
