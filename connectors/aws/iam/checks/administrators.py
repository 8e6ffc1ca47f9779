"""The check that nobody keeps administrative rights without using them."""

from __future__ import annotations

from datetime import datetime, timedelta

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from connectors.aws.iam.administrators import NOT_ESTABLISHED, Administrator


@check(
    "aws_iam_administrator_used_lately",
    title="Whoever has administrative rights was made or used lately",
    severity="medium",
    fix="Take the rights away, and give them for a limited time when they are needed",
)
def administrator_used_lately(
    administrator: Administrator, *, now: datetime, unused_after: timedelta = timedelta(days=90)
) -> Verdict:
    name, created = administrator.name, administrator.create_date
    if created is None:
        return not_applicable("the root user is for what nobody else may do; other checks say how it is kept")
    if now - created <= unused_after:
        return passed(f"{name} was made {created.date()}")
    used = administrator.last_use.at
    if used is not None and now - used <= unused_after:
        return passed(f"{name} was last used {used.date()}")
    last = "no use of it is on record" if used is None else f"it was last used {(now - used).days} days ago"
    says = f"{name} has administrative rights ({administrator.rights}), and {last}; {unused_after.days} are allowed"
    if administrator.rights == NOT_ESTABLISHED:
        return unknown(
            f"{name}: {last}, and whether it has administrative rights would be decided by: {administrator.question}"
        )
    return failed(f"{says}; by {administrator.by}")
