"""DynamoDB: tables and their continuous backups. Items are never read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import only
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


class RestorableTimes(Struct, frozen=True, kw_only=True, rename="pascal"):
    """To when a table can be brought back; AWS leaves both out where it cannot."""

    earliest_restorable_date_time: datetime | None = None
    latest_restorable_date_time: datetime | None = None


_TIMES = ("EarliestRestorableDateTime", "LatestRestorableDateTime")
_CALL = "dynamodb:DescribeContinuousBackups"


@resource("aws.dynamodb.table", key="TableName", volatile=("RestorableTimes",))
class Table(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A table."""

    table_name: str
    continuous_backups: ContinuousBackups
    restorable_times: RestorableTimes | None = None  # None: evidence from before they were kept


@aws.collects(Table, at="region", call="dynamodb:ListTables", permissions="dynamodb:ListTables")
def tables(account: Account) -> Iterator[Body]:
    for name in account.pages("dynamodb", "ListTables", "TableNames", Limit=_PAGE_SIZE):
        yield {"TableName": name}


@aws.part(Table, "ContinuousBackups", call=_CALL, permissions=_CALL)
def continuous_backups(account: Account, table: Body) -> Any:
    # The times move on by themselves, and would make a new version of the table with each look.
    kept = {name: value for name, value in _recovery(account, table).items() if name not in _TIMES}
    return {"PointInTimeRecoveryDescription": kept}


@aws.part(Table, "RestorableTimes", call=_CALL, permissions=_CALL)
def restorable_times(account: Account, table: Body) -> Any:
    return only(_recovery(account, table), *_TIMES)


def _recovery(account: Account, table: Body) -> Body:
    """Return the one answer that both parts are made of."""
    name = table["TableName"]

    def read() -> Body:
        path = "ContinuousBackupsDescription.PointInTimeRecoveryDescription"
        recovery: Body = account.value("dynamodb", "DescribeContinuousBackups", path, TableName=name)
        return recovery

    return account.once(f"recovery of the table {name}", read)
