"""Whether super administrators use the mailboxes of these accounts: nothing is asked about anybody else."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, field

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.connectors import Listed
from collector.core.resources import resource
from connectors.googleworkspace._sdk.client import Workspace
from connectors.googleworkspace._sdk.connector import googleworkspace
from connectors.googleworkspace._sdk.scopes import USAGE, USERS
from connectors.googleworkspace.directory.users import LIST as USERS_LIST
from connectors.googleworkspace.directory.users import User

GET = "reports.userUsageReport.get"

LAST_USE = "gmail:last_interaction_time"

_REPORTED_AFTER = timedelta(days=4)
"""How long Google takes to report on a day; https://support.google.com/a/answer/7061566 says up to three days."""


class Figure(Struct, frozen=True, kw_only=True, rename="camel"):
    """One figure of a report."""

    name: str
    datetime_value: datetime | None = None  # left out of figures that are no time


@resource("googleworkspace.reports.usage", key="user", volatile=("date", "parameters", "etag"))
class Usage(Struct, frozen=True, kw_only=True):
    """When a super administrator used Gmail last, as of a day."""

    user: str
    date: str
    figures: tuple[Figure, ...] = field(name="parameters", default=())  # left out where there is nothing to report


@googleworkspace.collects(Usage, at="customer", call=(USERS_LIST, GET), permissions=(USERS, USAGE))
def usage_of_super_admins(client: Workspace) -> Listed:
    of_admins: dict[str, Any] = {
        "customer": client.customer,
        "query": "isAdmin=true isSuspended=false",
        "maxResults": 500,
    }
    day = client.clock(USERS_LIST, **of_admins) - _REPORTED_AFTER
    for admin in client.pages(USERS_LIST, key="users", never_empty=True, **of_admins):
        reports = client.pages(
            GET,
            key="usageReports",
            userKey=admin["primaryEmail"],
            date=f"{day:%Y-%m-%d}",
            customerId=client.customer,
            parameters=LAST_USE,
        )
        for report in reports:
            yield {**report, "user": admin["primaryEmail"]}


@check(
    "googleworkspace_directory_super_admin_dedicated",
    title="Super admin accounts are not used for daily work",
    severity="medium",
    fix="Give each super admin a second account for daily work, and take the role from the one with a mailbox in use",
)
def super_admin_dedicated(
    users: All[User], usage: All[Usage], *, now: datetime, min_idle: timedelta = timedelta(days=30)
) -> Verdict:
    admins = [user for user in users if user.is_active and user.is_admin]
    with_mailbox = [user.primary_email for user in admins if user.is_mailbox_setup]
    reported = {one.user: one for one in usage} if with_mailbox else {}
    bad, unclear = [], []
    for name in with_mailbox:
        last = _last_use(reported.get(name))
        if last is None:
            unclear.append(name)
        elif now - last < min_idle:
            bad.append(f"{name} used Gmail {(now - last).days} days ago")
    if bad:
        return failed(f"super admins work with these accounts: {'; '.join(bad)}")
    if unclear:
        return unknown(f"Google does not report when these super admins used Gmail last: {', '.join(unclear)}")
    if not admins:
        return unknown("no active super admin is listed, and every company has one")
    return passed(f"of {len(admins)} super admins, {len(with_mailbox)} have a mailbox, and none used it lately")


def _last_use(usage: Usage | None) -> datetime | None:
    figures = usage.figures if usage is not None else ()
    return next((figure.datetime_value for figure in figures if figure.name == LAST_USE), None)
