"""The words of a message: the same for every target, which only puts them into its own form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.plain_text import show_moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.core.alerts import Alert

MOST = 30
"""Alerts that one message lists; the rest is counted."""


def title(alerts: Sequence[Alert]) -> str:
    """Return one line for a message."""
    first = alerts[0]
    head = f"annexd: {'over: ' if first.over else ''}{first.severity}: {first.what}"
    return head if len(alerts) == 1 else f"annexd: {len(alerts)} alerts, the worst {worst(alerts)}"


def worst(alerts: Sequence[Alert]) -> str:
    """Return the worst severity."""
    order = ("critical", "high", "medium", "low")
    return min((alert.severity for alert in alerts), key=order.index)


def facts(alert: Alert) -> list[tuple[str, str]]:
    """Return what there is to say about an alert beside its sentence, as pairs of a word and a value."""
    found = [
        ("since", "" if alert.since is None else show_moment(alert.since)),
        ("owner", alert.owner),
        ("mend until", "" if alert.due is None or alert.over else str(alert.due)),
        ("to do", "" if alert.over else alert.todo),
        ("page", alert.link),
    ]
    return [(word, value) for word, value in found if value]


def sentence(alert: Alert) -> str:
    """Return an alert in one sentence, with its severity or that it is over."""
    return f"{'over' if alert.over else alert.severity}: {alert.what}"


def text(alerts: Sequence[Alert]) -> str:
    """Return a whole message as plain text."""
    lines = []
    for alert in alerts[:MOST]:
        lines.append(sentence(alert))
        lines += [f"  {word}: {value}" for word, value in facts(alert)]
        lines.append("")
    if len(alerts) > MOST:
        lines.append(f"and {len(alerts) - MOST} more: annexd alerts list shows them all")
    return "\n".join(lines).rstrip() + "\n"
