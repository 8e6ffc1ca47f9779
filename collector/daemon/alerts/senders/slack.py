"""Slack: an incoming webhook, which takes blocks of text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from collector.daemon.alerts import message
from collector.daemon.alerts.senders.posting import NotDelivered, post, revealed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.core.alerts import Alert
    from collector.setup.alerts_config import SlackTarget

_MOST = 15  # alerts in a message: its blocks have about 13,000 characters in all
_LONGEST = 700
_HEADER = 150
_WITHOUT_MEANING = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def send_slack(target: SlackTarget, alerts: Sequence[Alert]) -> None:
    """Post a message. Raises NotDelivered."""
    answer = post(
        revealed(target.url), json.dumps(slack_of(alerts)).encode(), {"Content-Type": "application/json; charset=utf-8"}
    )
    if answer.strip() not in {"ok", ""}:
        raise NotDelivered(f"the target answered {' '.join(answer.split())[:100]}", is_final=True)


def slack_of(alerts: Sequence[Alert]) -> dict[str, object]:
    """Return the message. Names in it mean nothing to Slack: a bucket called <!channel> must call nobody."""
    blocks: list[dict[str, object]] = [
        {"type": "header", "text": {"type": "plain_text", "text": message.title(alerts)[:_HEADER], "emoji": False}}
    ]
    for alert in alerts[:_MOST]:
        lines = [f"*{'over' if alert.over else alert.severity}* {plain(alert.what)}"]
        lines += [f"{word}: {plain(value)}" for word, value in message.facts(alert)]
        blocks.append(_section("\n".join(lines)))
    if len(alerts) > _MOST:
        blocks.append(_section(f"and {len(alerts) - _MOST} more: annexd alerts list shows them all"))
    return {"text": plain(message.title(alerts))[:_LONGEST], "blocks": blocks, "unfurl_links": False}


def plain(text: str) -> str:
    """Return a text in which nothing is a mention, a link or a mark of Slack's."""
    # The three characters that Slack itself names; a word joiner keeps the marks of its format apart.
    return "".join(f"\u2060{char}" if char in "*_~`" else char for char in text.translate(_WITHOUT_MEANING))


def _section(text: str) -> dict[str, object]:
    # A character that was written as a word of its own is not cut in the middle.
    shown = text if len(text) <= _LONGEST else re.sub(r"&\w*$", "", text[: _LONGEST - 1]) + "…"
    return {"type": "section", "text": {"type": "mrkdwn", "text": shown, "verbatim": True}}
