"""PagerDuty: an event an alert; what is over resolves the incident of its key."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from collector.daemon.alerts import message
from collector.daemon.alerts.book import short
from collector.daemon.alerts.senders.posting import NotDelivered, post, revealed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.core.alerts import Alert
    from collector.setup.alerts_config import PagerDutyTarget

_SEVERITIES = {"critical": "critical", "high": "error", "medium": "warning", "low": "info"}
_SUMMARY = 1_024


def send_pagerduty(target: PagerDutyTarget, alerts: Sequence[Alert], origin: str) -> None:
    """Send an event for each alert. Raises NotDelivered, with those that were taken before."""
    key = revealed(target.routing_key)
    taken: list[str] = []
    for alert in alerts:
        try:
            body = json.dumps(event_of(alert, key, origin)).encode()
            post(target.url, body, {"Content-Type": "application/json"})
        except NotDelivered as error:
            raise NotDelivered(error.why, is_final=error.is_final, after=error.after, taken=tuple(taken)) from error
        taken.append(alert.id)


def event_of(alert: Alert, routing_key: str, origin: str) -> dict[str, object]:
    """Return the event of an alert. Its key is that of what it is about, so that a second one adds to one incident."""
    event: dict[str, object] = {"routing_key": routing_key, "dedup_key": f"annexd {origin} {short(alert.key)}"[:255]}
    if alert.over:
        return {**event, "event_action": "resolve"}
    return {
        **event,
        "event_action": "trigger",
        "client": "annexd",
        "payload": {
            "summary": message.sentence(alert)[:_SUMMARY],
            "source": alert.source or origin,
            "severity": _SEVERITIES[alert.severity],
            "timestamp": alert.at.isoformat(),
            "class": alert.kind,
            "custom_details": dict(message.facts(alert)),
        },
        "links": [{"href": alert.link, "text": "page"}] if alert.link else [],
    }
