"""Senders: one a kind of target. Each sends alerts in its form, or raises NotDelivered with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from collector.daemon.alerts.senders.apprise import send_apprise
from collector.daemon.alerts.senders.mail import send_mail
from collector.daemon.alerts.senders.pagerduty import send_pagerduty
from collector.daemon.alerts.senders.slack import send_slack
from collector.daemon.alerts.senders.teams import send_teams
from collector.daemon.alerts.senders.webhook import send_webhook
from collector.setup.alerts_config import (
    AppriseTarget,
    MailTarget,
    PagerDutyTarget,
    SlackTarget,
    TeamsTarget,
    WebhookTarget,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from collector.core.alerts import Alert
    from collector.setup.alerts_config import Target


def send(target: Target, alerts: Sequence[Alert], at: datetime, origin: str) -> None:
    """Send alerts to a target. Raises NotDelivered. `origin` names the store that they are of."""
    match target:
        case MailTarget():
            send_mail(target, alerts, at)
        case SlackTarget():
            send_slack(target, alerts)
        case TeamsTarget():
            send_teams(target, alerts)
        case PagerDutyTarget():
            send_pagerduty(target, alerts, origin)
        case WebhookTarget():
            send_webhook(target, alerts, at, origin)
        case AppriseTarget():
            send_apprise(target, alerts)
        case _ as unreachable:
            assert_never(unreachable)
