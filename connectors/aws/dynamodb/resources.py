"""DynamoDB: tables and their continuous backups. Items are never read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

_PAGE_SIZE = 100


class PointInTimeRecovery(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Whether a table can be brought back to any second of the last days."""

    point_in_time_recovery_status: str  # ENABLED or DISABLED
    recovery_period_in_days: int | None = None  # None: it is off, or AWS's own default of 35 days


class ContinuousBackups(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The continuous backups of a table (dynamodb:DescribeContinuousBackups)."""

    point_in_time_recovery_description: PointInTimeRecovery


_TIMES = ("EarliestRestorableDateTime", "LatestRestorableDateTime")


@resource("aws.dynamodb.table", key="TableName")
class Table(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A table."""

    table_name: str
    continuous_backups: ContinuousBackups


@aws.collects(Table, at="region", call="dynamodb:ListTables", permissions="dynamodb:ListTables")
def tables(account: Account) -> Iterator[Body]:
    for name in account.pages("dynamodb", "ListTables", "TableNames", Limit=_PAGE_SIZE):
        yield {"TableName": name}


@aws.part(
    Table,
    "ContinuousBackups",
    call="dynamodb:DescribeContinuousBackups",
    permissions="dynamodb:DescribeContinuousBackups",
)
def continuous_backups(account: Account, table: Body) -> Any:
    recovery: dict[str, Any] = account.value(
        "dynamodb",
        "DescribeContinuousBackups",
        "ContinuousBackupsDescription.PointInTimeRecoveryDescription",
        TableName=table["TableName"],
    )
    # The times move on by themselves, and would make a new version of the table with each look.
    kept = {name: value for name, value in recovery.items() if name not in _TIMES}
    return {"PointInTimeRecoveryDescription": kept}
