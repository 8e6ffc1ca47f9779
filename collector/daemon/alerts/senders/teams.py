"""Teams: a workflow that begins with a webhook request, and posts an adaptive card."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from collector.daemon.alerts import message
from collector.daemon.alerts.senders.posting import post, revealed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.core.alerts import Alert
    from collector.setup.alerts_config import TeamsTarget

_MOST = 12  # alerts in a card, which has 28 KB at most


def send_teams(target: TeamsTarget, alerts: Sequence[Alert]) -> None:
    """Post a card. Raises NotDelivered. The answer says that the workflow began, not that it posted."""
    post(revealed(target.url), json.dumps(card_of(alerts)).encode(), {"Content-Type": "application/json"})


def card_of(alerts: Sequence[Alert]) -> dict[str, object]:
    """Return the message with its card. Its text is of runs, which take no marks: names in it mean nothing."""
    body: list[dict[str, object]] = [_runs(message.title(alerts), size="Medium", bold=True)]
    for alert in alerts[:_MOST]:
        body.append(_runs(message.sentence(alert), bold=True, separator=True))
        body += [_runs(f"{word}: {value}") for word, value in message.facts(alert) if word != "page"]
        if alert.link:
            body.append(
                {"type": "ActionSet", "actions": [{"type": "Action.OpenUrl", "title": "page", "url": alert.link}]}
            )
    if len(alerts) > _MOST:
        body.append(_runs(f"and {len(alerts) - _MOST} more: annexd alerts list shows them all"))
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": body,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _runs(text: str, *, size: str = "Default", bold: bool = False, separator: bool = False) -> dict[str, object]:
    run = {"type": "TextRun", "text": text, "size": size, "weight": "Bolder" if bold else "Default"}
    return {"type": "RichTextBlock", "inlines": [run], "separator": separator}
