"""When service accounts and their keys were last used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._sdk.client import GoogleCloud
from connectors.gcp._sdk.connector import gcp
from connectors.gcp.iam.resources import ServiceAccount

ACTIVITY = Operation("policyanalyzer", "v1", "policyanalyzer.projects.locations.activityTypes.activities.query")
_TYPES = ("serviceAccountLastAuthentication", "serviceAccountKeyLastAuthentication")


class Period(Struct, frozen=True, kw_only=True, rename="camel"):
    """What Google has looked at."""

    start_time: datetime
    end_time: datetime


class Use(Struct, frozen=True, kw_only=True, rename="camel"):
    """The last use. Google leaves the time out where it saw none in its period."""

    last_authenticated_time: datetime | None = None


@resource(
    "gcp.iam.service_account_activity",
    key=("activityType", "fullResourceName"),
    volatile=("observationPeriod", "activity"),
)
class AccountActivity(Struct, frozen=True, kw_only=True, rename="camel"):
    """The last use of a service account or of a key, by day."""

    activity_type: str
    full_resource_name: str  # //iam.googleapis.com/projects/acme-prod/serviceAccounts/deployer@...
    observation_period: Period
    activity: Use


@gcp.collects(
    AccountActivity,
    at="project",
    call=ACTIVITY.id,
    permissions=(
        "policyanalyzer.serviceAccountLastAuthenticationActivities.query",
        "policyanalyzer.serviceAccountKeyLastAuthenticationActivities.query",
    ),
    eventual=True,
)
def account_activity(client: GoogleCloud) -> Iterator[Body]:
    for kind in _TYPES:
        parent = f"{client.name}/locations/global/activityTypes/{kind}"
        for found in client.whatever.pages(ACTIVITY, key="activities", parent=parent, pageSize=1000):
            yield {**found, "activity": _without_account(found.get("activity", {}))}


def _without_account(activity: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in activity.items() if key == "lastAuthenticatedTime"}


@check(
    "gcp_iam_service_account_unused_disabled",
    title="Unused service accounts are disabled",
    severity="medium",
    fix="Disable the account, and delete it when nobody has missed it",
)
def unused_disabled(
    account: ServiceAccount, activity: All[AccountActivity], *, now: datetime, unused: timedelta = timedelta(days=90)
) -> Verdict:
    if account.disabled:
        return passed(f"{account.email} is disabled")
    for found in activity:
        if found.activity_type == _TYPES[0] and found.full_resource_name.endswith(f"/{account.email}"):
            return _judge(account.email, found, now, unused)
    return unknown(f"Google says nothing of the use of {account.email}")


def _judge(email: str, found: AccountActivity, now: datetime, unused: timedelta) -> Verdict:
    used = found.activity.last_authenticated_time
    if used is not None and now - used <= unused:
        return passed(f"{email} was last used {(now - used).days} days ago")
    watched = found.observation_period.end_time - (used or found.observation_period.start_time)
    # Google's own view may be days old: since its end nobody knows.
    if watched >= unused:
        return failed(f"{email} was not used in {watched.days} days; {unused.days} are allowed")
    return unknown(f"{email} was not used in the {watched.days} days that Google has looked at")
