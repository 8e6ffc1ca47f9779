"""CloudWatch Logs: groups of logs. What is logged is never read."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

_PAGE_SIZE = 50


@resource("aws.logs.log_group", key="logGroupName", volatile=("storedBytes",))
class LogGroup(Struct, frozen=True, kw_only=True, rename="camel"):
    """A group of logs."""

    log_group_name: str
    log_group_class: str = "STANDARD"  # an answer from before there were others
    retention_in_days: int | None = None  # None: they never expire
    kms_key_id: str | None = None  # None: encrypted with a key of AWS's own
    data_protection_status: str = ""  # AWS leaves it out where there never was a policy
    inherited_properties: tuple[str, ...] = ()  # what the account sets for all groups
    retention_policy_name: str | None = None  # None: no policy of the account sets it


@aws.collects(LogGroup, at="region", call="logs:DescribeLogGroups", permissions="logs:DescribeLogGroups")
def log_groups(account: Account) -> Iterator[Body]:
    yield from account.pages("logs", "DescribeLogGroups", "logGroups", limit=_PAGE_SIZE)


class MetricTransformation(Struct, frozen=True, kw_only=True, rename="camel"):
    """The metric that a filter writes, and what one event adds to it."""

    metric_name: str
    metric_namespace: str
    metric_value: str
    default_value: float | None = None  # None: nothing is written while no event is counted
    dimensions: dict[str, str] = {}  # AWS leaves it out where there are none


@resource("aws.logs.metric_filter", key=("logGroupName", "filterName"))
class MetricFilter(Struct, frozen=True, kw_only=True, rename="camel"):
    """A filter that counts events of a log group."""

    filter_name: str
    log_group_name: str
    filter_pattern: str = ""  # an empty one counts every event
    metric_transformations: tuple[MetricTransformation, ...]
    apply_on_transformed_logs: bool = False  # AWS leaves it out of older filters
    field_selection_criteria: str = ""  # AWS leaves it out where there are none


@aws.collects(MetricFilter, at="region", call="logs:DescribeMetricFilters", permissions="logs:DescribeMetricFilters")
def metric_filters(account: Account) -> Iterator[Body]:
    yield from account.pages("logs", "DescribeMetricFilters", "metricFilters", limit=_PAGE_SIZE)
