"""The system log: what administrators changed in the window, who was deactivated, and what people reported.

https://developer.okta.com/docs/reference/api/event-types/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from collector.core.change_summary import ChangeSummary
from collector.core.checks import All, Verdict, check, passed, unknown
from collector.core.resources import Body, resource
from connectors.okta._sdk.client import Okta
from connectors.okta._sdk.connector import okta
from connectors.okta._sdk.operations import LOGS, scopes_of

_EVENTS_A_PAGE = 1000
REPORTED = "user.account.report_suspicious_activity_by_enduser"
DEACTIVATED = "user.lifecycle.deactivate"
CHANGES = (
    "user.account.privilege.",
    "group.privilege.",
    "iam.",
    "policy.",
    "zone.",
    "application.lifecycle.",
    "application.policy.",
    "system.api_token.",
    "system.idp.lifecycle.",
    "system.log_stream.",
    "security.authenticator.lifecycle.",
    "security.threat.configuration.",
    "security.trusted_origin.",
)
"""Beginnings of the types of events that say that an administrator changed something that checks judge."""

_KEPT = ("uuid", "published", "eventType", "displayMessage", "severity", "outcome", "version")
_KEPT_ACTOR = ("id", "type", "alternateId")
_KEPT_TARGET = ("id", "type", "alternateId")


class Actor(Struct, frozen=True, kw_only=True):
    """Who did something."""

    id: str
    type: str


def _summary(body: Mapping[str, Any]) -> ChangeSummary:
    about = ", ".join(str(target.get("alternateId") or target.get("id") or "") for target in body.get("target") or ())
    outcome = body.get("outcome") or {}
    result = str(outcome.get("result") or "")
    said = str(body.get("displayMessage") or body.get("eventType") or "")
    actor = body.get("actor") or {}
    return ChangeSummary(
        title=f"{said}: {about}" if about else said,
        author=str(actor.get("alternateId") or actor.get("id") or ""),
        notes=(f"Okta says of it: {result}",) if result not in ("", "SUCCESS") else (),
    )


@resource("okta.log.event", key="uuid", event_time="published", summary=_summary)
class LogEvent(Struct, frozen=True, kw_only=True):
    """A change by an administrator, or a report of suspicious activity; without addresses, places and devices."""

    uuid: str
    published: str
    event_type: str = field(name="eventType")
    actor: Actor


@resource("okta.log.deactivation", key="uuid", event_time="published", summary=_summary)
class Deactivation(Struct, frozen=True, kw_only=True):
    """The deactivation of an account, which the log keeps also where the account was deleted later."""

    uuid: str
    published: str
    actor: Actor


@okta.collects(LogEvent, at="organization", call=LOGS, permissions=scopes_of(LOGS))
def log_events(client: Okta) -> Iterator[Body]:
    wanted = [f'eventType sw "{beginning}"' for beginning in CHANGES] + [f'eventType eq "{REPORTED}"']
    yield from _events(client, " or ".join(wanted))


@okta.collects(Deactivation, at="organization", call=LOGS, permissions=scopes_of(LOGS))
def deactivations(client: Okta) -> Iterator[Body]:
    yield from _events(client, f'eventType eq "{DEACTIVATED}"')


def _events(client: Okta, wanted: str) -> Iterator[Body]:
    # With an end the list is bounded; without one Okta always names a next page, for events to come.
    query = {
        "since": _moment(client.now - client.settings.window),
        "until": _moment(client.now),
        "filter": wanted,
        "sortOrder": "ASCENDING",
        "limit": _EVENTS_A_PAGE,
    }
    for event in client.pages(LOGS, query=query):
        yield _kept(event)


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.000Z}"


def _kept(event: Body) -> Body:
    """Return what is kept of an event: what, when, who and of what; not where from and with which device."""
    found = {name: event[name] for name in _KEPT if name in event}
    actor = event.get("actor") or {}
    targets = event.get("target") or []
    return {
        **found,
        "actor": {name: actor[name] for name in _KEPT_ACTOR if name in actor},
        "target": [{name: target[name] for name in _KEPT_TARGET if name in target} for target in targets],
    }


@check(
    "okta_user_suspicious_activity_reporting_available",
    title="Users can report suspicious activity",
    severity="low",
    fix="Switch on reporting of suspicious activity in the mails about account security, in Security > General",
)
def suspicious_activity_reporting_available(events: All[LogEvent]) -> Verdict:
    reports = [event.published for event in events if event.event_type == REPORTED]
    if reports:
        return passed(f"people made {len(reports)} reports, the latest on {max(reports)[:10]}")
    return unknown("nobody made a report in the window, and Okta's API does not have the setting")
