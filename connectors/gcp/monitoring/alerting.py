"""Whether an alert policy tells somebody of an entry in the log: at once, and whatever else happens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.gcp._log_filters.matching import Entry, every, some, takes
from connectors.gcp.logging.resources import LogMetric
from connectors.gcp.monitoring.resources import (
    AlertPolicy,
    Condition,
    NotificationChannel,
    Query,
    Threshold,
)

# Aligners and reducers by which one entry makes a value above zero, whatever else there is.
_ALIGNED = frozenset({"ALIGN_NONE", "ALIGN_DELTA", "ALIGN_RATE", "ALIGN_SUM", "ALIGN_MEAN", "ALIGN_MAX", "ALIGN_COUNT"})
_REDUCED = frozenset({"REDUCE_NONE", "REDUCE_SUM", "REDUCE_MEAN", "REDUCE_MAX", "REDUCE_COUNT"})
_OWN_BUCKET = "/buckets/_Required"
"""The log bucket that gets the log of admin activity in each project, which nobody can change."""


def heard(policies: Sequence[AlertPolicy], channels: Sequence[NotificationChannel]) -> Iterator[AlertPolicy]:
    """Yield the policies that are on, and tell somebody when an incident begins."""
    working = {channel.name.rpartition("/")[2] for channel in channels if channel.is_working}
    for policy in policies:
        prompts = policy.alert_strategy.notification_prompts
        told = any(name.rpartition("/")[2] in working for name in policy.notification_channels)
        if policy.enabled and policy.validity is None and told and (not prompts or "OPENED" in prompts):
            yield policy


def raises(policy: AlertPolicy, metrics: Sequence[LogMetric], entry: Entry) -> bool | None:
    """Return whether an entry in the project's log raises an alert; None where that is not decided here."""
    found = [_meets(condition, metrics, entry) for condition in policy.conditions]
    if len(found) == 1 or policy.combiner == "OR":
        return some(found)
    # Of several that have to be met together one may never be, so that no entry alone is enough.
    return False if False in found else None


def counted(metric: LogMetric, entry: Entry) -> bool | None:
    """Return whether a metric counts an entry."""
    if metric.disabled:
        return False
    found = takes(metric.filter, entry)
    if not metric.bucket_name or found is False:
        return found
    own = any(f"{name.partition('/logs/')[0]}/" in metric.bucket_name for name in entry["logname"])
    return found if own and metric.bucket_name.endswith(_OWN_BUCKET) else None


def _meets(condition: Condition, metrics: Sequence[LogMetric], entry: Entry) -> bool | None:
    if condition.condition_matched_log is not None:
        return takes(condition.condition_matched_log.filter, entry)
    if condition.condition_threshold is not None:
        return some(_exceeds(condition.condition_threshold, metric, entry) for metric in metrics)
    queries = (condition.condition_monitoring_query_language, condition.condition_prometheus_query_language)
    if condition.condition_sql is not None or any(query is not None and _may_be_of_logs(query) for query in queries):
        return None
    return False


def _may_be_of_logs(query: Query) -> bool:
    """Whether a query could be about a metric of the log; in PromQL a name may be given by a pattern."""
    return "logging" in query.query.lower() or "__name__" in query.query


def _exceeds(threshold: Threshold, metric: LogMetric, entry: Entry) -> bool | None:
    return every((_is_about(threshold, metric, entry), counted(metric, entry), _exceeds_by_one(threshold, metric)))


def _is_about(threshold: Threshold, metric: LogMetric, entry: Entry) -> bool | None:
    series = {"metric.type": (f"logging.googleapis.com/user/{metric.name}",)}
    found = takes(threshold.filter, series)
    # The series of an entry has the entry's own type of resource; others that Google takes are not known here.
    narrowed = found is None and takes(threshold.filter, series | {"resource.type": entry["resource.type"]})
    return True if narrowed is True else found


def _exceeds_by_one(threshold: Threshold, metric: LogMetric) -> bool | None:
    """Return whether one entry is enough; None where it depends on how many there are, and on for how long."""
    is_enough = (
        threshold.comparison == "COMPARISON_GT"
        and threshold.threshold_value <= 0
        and threshold.duration in {"0s", ""}
        and threshold.trigger.count <= 1
        and not threshold.trigger.percent
        and not threshold.denominator_filter
        and threshold.forecast_options is None
        and metric.metric_descriptor.value_type != "DISTRIBUTION"
        and not metric.value_extractor
        and all(
            each.per_series_aligner in _ALIGNED and each.cross_series_reducer in _REDUCED
            for each in threshold.aggregations
        )
    )
    return True if is_enough else None
