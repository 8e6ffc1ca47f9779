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
