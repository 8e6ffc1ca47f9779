"""Security-relevant events of the last days, where the company lets them be read (`security_events`).

AWS keeps management events for 90 days, and lists those of a region by one name at a time, twice a second in an account
and region. So a region has a budget of pages; a list that reaches it is cut, and says so. An event is listed some
minutes after it took place: the days of one run overlap with those of the next.
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct

from collector.core.change_summary import ChangeSummary
from collector.core.errors import Unexpected
from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import only
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws
from connectors.aws._sdk.settings import HOME_REGION, Settings

MOST_PAGES = 300
"""The pages of 50 events that are read of a region in one run: two and a half minutes of AWS's quota."""

STOPPING = (
    "DeleteConfigurationRecorder",
    "DeleteDeliveryChannel",
    "DeleteDetector",
    "DeleteFlowLogs",
    "DeleteTrail",
    "DisableSecurityHub",
    "StopConfigurationRecorder",
    "StopLogging",
)
"""The events by which somebody stops what keeps logs and looks for threats."""

_REGIONAL = (
    *STOPPING,
    "ConsoleLogin",
    "PutEventSelectors",
    "UpdateTrail",
    "DisableKey",
    "ScheduleKeyDeletion",
    "PutKeyPolicy",
    "AuthorizeSecurityGroupIngress",
    "DeleteBucketPolicy",
    "DeletePublicAccessBlock",
    "PutBucketAcl",
    "PutBucketPolicy",
    "ModifyDBSnapshotAttribute",
    "ModifySnapshotAttribute",
)
# Services without regions write their events in one region of the partition.
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html
_GLOBAL = (
    "AttachGroupPolicy",
    "AttachRolePolicy",
    "AttachUserPolicy",
    "CreateAccessKey",
    "CreateLoginProfile",
    "CreateUser",
    "DeactivateMFADevice",
    "PutRolePolicy",
    "PutUserPolicy",
    "UpdateAssumeRolePolicy",
    "AttachPolicy",
    "DetachPolicy",
    "LeaveOrganization",
)


class EventResource(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What an event is about."""

    resource_type: str = ""  # AWS documents both as optional
    resource_name: str = ""


def _summary(body: Mapping[str, Any]) -> ChangeSummary:
    about = ", ".join(str(each.get("ResourceName", "")) for each in body.get("Resources") or ())
    error = body.get("ErrorCode")
    return ChangeSummary(
        title=f"{body.get('EventName', '')}{f' on {about}' if about else ''}",
        author=str(body.get("IdentityArn") or body.get("Username") or ""),
        notes=(f"AWS refused it: {error}",) if error else (),
    )


@resource("aws.cloudtrail.event", key="EventId", event_time="EventTime", summary=_summary)
class Event(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One event; which ones are looked for is in `security_events`."""

    event_id: str
    event_name: str
    event_time: datetime
    username: str | None = None  # None: AWS names nobody, as for a service
    identity_arn: str | None = None  # None: likewise
    error_code: str | None = None  # None: it was done
    resources: tuple[EventResource, ...] = ()


class _Identity(Struct, rename="camel"):
    type: str | None = None
    arn: str | None = None


class _Record(Struct, rename="camel"):
    """What is kept of the record of an event. AWS documents each member as optional.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
    """

    user_identity: _Identity = msgspec.field(default_factory=_Identity)
    error_code: str | None = None


def _are_looked_for(settings: Settings) -> bool:
    return settings.security_events is not None


def names(settings: Settings, region: str) -> tuple[str, ...]:
    """Return the names that are looked for in a region: the usual ones, and those that the settings add."""
    added = settings.security_events if isinstance(settings.security_events, tuple) else ()
    everywhere = _GLOBAL if region == HOME_REGION[settings.partition] else ()
    return tuple(dict.fromkeys((*_REGIONAL, *everywhere, *added)))


@aws.collects(
    Event,
    at="region",
    call="cloudtrail:LookupEvents",
    permissions="cloudtrail:LookupEvents",
    when=_are_looked_for,
)
def events(account: Account) -> Iterator[Body]:
    """List events by name. Raises Unexpected after so many pages, with what there was by then."""
    settings = account.settings
    since = datetime.now(UTC).replace(second=0, microsecond=0) - settings.security_events_window
    pages = 0
    for name in names(settings, account.region):
        looked_for = [{"AttributeKey": "EventName", "AttributeValue": name}]
        for page in account.answers("cloudtrail", "LookupEvents", LookupAttributes=looked_for, StartTime=since):
            if page.get("Events") is None:
                raise Unexpected("cloudtrail:LookupEvents was answered without Events")
            yield from map(_kept, page["Events"])
            pages += 1
            if pages >= MOST_PAGES:
                raise Unexpected(
                    f"the list of events was cut at {name}, after {pages} pages of it and of names before",
                    mend="scan more often with a shorter security_events_window",
                )


def _kept(event: Body) -> Body:
    """Return what is kept of an event: what was done, by whom, and on what; no request and no address."""
    record = msgspec.json.decode(event.get("CloudTrailEvent") or "{}", type=_Record)
    return {
        **only(event, "EventId", "EventName", "EventSource", "EventTime", "ReadOnly", "Username", "Resources"),
        "IdentityType": record.user_identity.type,
        "IdentityArn": record.user_identity.arn,
        "ErrorCode": record.error_code,
    }
