"""The check that tables can be brought back."""

from __future__ import annotations

from collector.core.checks import Verdict, check, failed, passed, unknown
from connectors.aws.dynamodb.resources import Table

_DEFAULT_DAYS = 35
"""AWS's own, where it says nothing. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html"""


@check(
    "aws_dynamodb_table_pitr_enabled",
    title="The table has point-in-time recovery",
    severity="medium",
    fix="Enable point-in-time recovery of the table",
)
def table_pitr_enabled(table: Table, *, tables_without_backup: tuple[str, ...] = ()) -> Verdict:
    recovery = table.continuous_backups.point_in_time_recovery_description
    match status := recovery.point_in_time_recovery_status:
        case "ENABLED":
            days = recovery.recovery_period_in_days or _DEFAULT_DAYS
            return passed(f"{table.table_name} can be brought back to any moment of the last {days} days")
        case "DISABLED" if table.table_name in tables_without_backup:
            return passed(f"{table.table_name} has no point-in-time recovery, and is listed in tables_without_backup")
        case "DISABLED":
            return failed(f"{table.table_name} has no point-in-time recovery")
        case _:
            return unknown(f"{table.table_name}: annexd does not know the state {status!r} of point-in-time recovery")
