"""The check that somebody is told of events that matter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.errors import Unread
from collector.core.plain_text import first_few
from collector.core.scopes import Scope
from connectors.aws._policy import truth
from connectors.aws._policy.truth import Truth
from connectors.aws.cloudtrail.event_classes import CLASSES, SecurityEvent, events_of
from connectors.aws.cloudtrail.event_selectors import missing_management_events
from connectors.aws.cloudtrail.resources import Trail
from connectors.aws.cloudwatch.alarming import goes_off, tells
from connectors.aws.cloudwatch.resources import Alarm, CompositeAlarm
from connectors.aws.cloudwatch.topic_access import Notified, TopicAccess, best_notified
from connectors.aws.events.resources import Rule
from connectors.aws.guardduty.resources import GuardDutyRegion
from connectors.aws.kms.resources import Key
from connectors.aws.logs.filter_patterns import takes
from connectors.aws.logs.resources import MetricFilter
from connectors.aws.sns.resources import Topic

_DEFAULT = (
    "root_use",
    "iam_change",
    "trail_change",
    "console_no_mfa",
    "unauthorised_calls",
    "sg_change",
    "kms_disable",
    "org_change",
)
_NO_GROUP = "; no trail of every region writes to a log group"
_STATE_CHANGE = {"source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change"}


@dataclass(frozen=True)
class _Heard:
    """Filters of a log group that a trail writes to, each with whether its events set off an alarm that tells."""

    trail: Trail
    filters: Sequence[tuple[MetricFilter, Notified]] | None  # None: the group is where filters were not listed

    def hears(self, event: SecurityEvent) -> Truth:
        """Whether somebody is told of an event."""
        if self.filters is None:
            return Truth.MAYBE
        found = [truth.every((_counts(filter_, event), told.certainty)) for filter_, told in self.filters]
        return truth.every((_arrives(self.trail, event), truth.some(found)))

    def doubts(self, event: SecurityEvent) -> Iterator[str]:
        """Yield what would decide whether somebody is told of an event."""
        if self.filters is None:
            yield f"the filters where {self.trail.name} writes to are not read"
        elif _arrives(self.trail, event) is Truth.MAYBE:
            yield f"what {self.trail.name} records is not read"
        for filter_, told in self.filters or ():
            counted = _counts(filter_, event)
            if counted is Truth.MAYBE and told.certainty is not Truth.NO:
                yield f"whether the pattern of {filter_.filter_name} takes all of them"
            elif counted is Truth.YES and told.certainty is Truth.MAYBE:
                yield from told.why


@check(
    "aws_cloudwatch_security_alarms_configured",
    title="Alarms exist for the listed security event classes",
    severity="medium",
    fix="Make metric filters for the events named on the log group of a multi-region trail, an alarm on each metric,"
    " and an action that sends to a topic with a confirmed subscription, whose key, if it has one, lets CloudWatch in",
    over="account",
)
def security_alarms_configured(  # noqa: PLR0913, PLR0917  each list is a set of its own, whole or not
    trails: All[Trail],
    filters: All[MetricFilter],
    alarms: All[Alarm],
    composites: All[CompositeAlarm],
    topics: All[Topic],
    rules: All[Rule],
    guards: All[GuardDutyRegion],
    keys: All[Key],
    *,
    event_classes: tuple[str, ...] = _DEFAULT,
    central_monitoring: tuple[str, ...] = (),
) -> Verdict:
    """Of each class every event has to set off an alarm; rules of EventBridge may tell of it as well."""
    strange = sorted(set(event_classes) - set(CLASSES))
    if strange or not event_classes:
        return unknown(f"event_classes has {', '.join(strange) or 'none'}; annexd knows {', '.join(CLASSES)}")
    if central_monitoring and _is_guarded(guards):
        return not_applicable(f"{first_few(central_monitoring)} is declared to watch all events, and GuardDuty is on")
    if unread := list(_unread(trails, filters, alarms, composites, topics, rules)):
        return unknown(first_few(dict.fromkeys(unread), between="; "))
    own_rules = list(rules)
    access = TopicAccess({topic.topic_arn: topic for topic in topics}, set(topics.scopes()), keys)
    ways = list(_ways(trails, filters, _told(alarms, composites, access, own_rules)))
    silent: dict[str, list[str]] = {}
    unclear: dict[str, list[str]] = {}
    for event_class in event_classes:
        for event in events_of(event_class):
            heard = truth.some(way.hears(event) for way in ways)
            taking = [f"where the rule {rule.name} sends them" for rule in own_rules if rule.may_take(event.on_the_bus)]
            if heard is Truth.NO and not taking:
                silent.setdefault(event_class, []).append(event.name)
            elif heard is not Truth.YES:
                unclear.setdefault(event_class, []).extend(
                    [*(each for way in ways for each in way.doubts(event)), *taking]
                )
    if silent:
        missing = [f"{event_class} ({first_few(dict.fromkeys(names))})" for event_class, names in silent.items()]
        return failed(f"no alarm tells anybody of {first_few(missing)}{_why(ways, Truth.NO) if ways else _NO_GROUP}")
    if unclear:
        open_ones = [f"{event_class}: {first_few(dict.fromkeys(why))}" for event_class, why in unclear.items()]
        return unknown(f"not known is of {first_few(open_ones, between='; of ')}")
    return passed(f"alarms tell somebody of {', '.join(event_classes)}{_why(ways, Truth.YES)}")


def _unread(*lists: All[Any]) -> Iterator[str]:
    """Yield why lists are not known, so that whoever mends it learns of all at once."""
    for each in lists:
        try:
            any(False for _ in each)
        except Unread as reason:
            yield str(reason)


def _is_guarded(guards: All[GuardDutyRegion]) -> bool:
    regions = list(guards)
    return bool(regions) and all(
        any(detector.status == "ENABLED" for detector in region.detectors) for region in regions
    )


def _told(
    alarms: All[Alarm], composites: All[CompositeAlarm], access: TopicAccess, rules: Sequence[Rule]
) -> dict[Scope, list[tuple[Alarm, Notified]]]:
    """Return the alarms of each region, with whether they tell somebody; rules may pass on what an alarm says."""
    passing_on = tuple(
        f"where the rule {rule.name} sends what alarms say" for rule in rules if rule.may_take(_STATE_CHANGE)
    )
    others: dict[Scope, list[CompositeAlarm]] = {}
    for scope, composite in composites.scoped():
        others.setdefault(scope, []).append(composite)
    found: dict[Scope, list[tuple[Alarm, Notified]]] = {}
    for scope, alarm in alarms.scoped():
        told = tells(alarm, others.get(scope, ()), access)
        if passing_on and told.certainty is not Truth.YES:
            told = best_notified((told, Notified(Truth.MAYBE, passing_on)))
        found.setdefault(scope, []).append((alarm, told))
    return found


def _ways(
    trails: All[Trail], filters: All[MetricFilter], told: dict[Scope, list[tuple[Alarm, Notified]]]
) -> Iterator[_Heard]:
    """Yield the ways from a trail of every region to people."""
    looked_at, listed = set(filters.scopes()), list(filters.scoped())
    for (account, *_), trail in trails.scoped():
        group = trail.cloud_watch_logs_log_group_arn or ""
        if not trail.is_multi_region_trail:
            continue
        if not group:
            # Of its organization's trail an account may not see where it writes to.
            if trail.is_organization_trail and trail.trail_arn.split(":")[4] != account:
                yield _Heard(trail, None)
            continue
        region, owner, _, name = group.split(":")[3:7]
        place = (owner, region)
        near = told.get(place, [])
        of_group = [each for scope, each in listed if scope == place and each.log_group_name == name]
        yield _Heard(trail, [(each, _sets_off(each, near)) for each in of_group] if place in looked_at else None)


def _sets_off(filter_: MetricFilter, alarms: Sequence[tuple[Alarm, Notified]]) -> Notified:
    """Return whether what a filter counts sets off an alarm each time that tells somebody."""
    found: list[Notified] = []
    for alarm, told in alarms:
        sounds = truth.some(goes_off(alarm, metric) for metric in filter_.metric_transformations)
        if sounds is Truth.MAYBE and told.certainty is not Truth.NO:
            found.append(Notified(Truth.MAYBE, (f"whether each of them sets off {alarm.alarm_name}", *told.why)))
        elif sounds is not Truth.NO:
            found.append(told)
    return best_notified(found)


def _counts(filter_: MetricFilter, event: SecurityEvent) -> Truth:
    narrowed = filter_.apply_on_transformed_logs or filter_.field_selection_criteria
    found = takes(filter_.filter_pattern, event.fields)
    return truth.every((found, Truth.MAYBE)) if narrowed else found


def _arrives(trail: Trail, event: SecurityEvent) -> Truth:
    """Whether a trail writes an event to its log group."""
    try:
        status = trail.status
        if not status.is_logging or status.latest_cloud_watch_logs_delivery_error not in (None, ""):
            return Truth.NO
        if status.latest_cloud_watch_logs_delivery_time is None:
            return Truth.NO
        left_out = missing_management_events([trail.selectors])["reads" if event.is_read else "writes"]
    except Unread:
        return Truth.MAYBE
    return truth.of(left_out is not None and event.source not in left_out)


def _why(ways: Sequence[_Heard], certainty: Truth) -> str:
    """Return why filters tell nobody, or what was not looked at where they tell somebody: the end of a reason."""
    found = (told for way in ways for _, told in way.filters or () if told.certainty is certainty)
    why = dict.fromkeys(each for told in found for each in told.why)
    return f"; {first_few(why, between='; ')}" if why else ""
