"""From what holds to what is told: alerts for what began and what is over since the book was written last."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from typing import TYPE_CHECKING

from msgspec.structs import replace

from collector.core.alerts import Alert, Alerted
from collector.core.plain_text import bounded, one_line, plural
from collector.core.redaction import Redactor
from collector.daemon.alerts.book import pieces, short
from collector.daemon.alerts.conditions import grown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from collector.daemon.alerts.book import Book
    from collector.daemon.alerts.conditions import Condition, Conditions

MOST_OF_A_KIND = 20
"""New conditions of one kind and check that are told one by one; more of them are one alert that counts them."""

_LONGEST = 600
_redactor = Redactor(os.urandom(32))


def changes(book: Book, now: Conditions, *, at: datetime, unknown: int, link: str | None) -> list[Alerted]:
    """Return what is to be recorded; nothing where nothing began and nothing is over."""
    if not book.begun:
        return _baseline(now, at=at, unknown=unknown)
    began = [condition for key, condition in now.held.items() if short(key) not in book.held]
    alerts, silent = _raised(began, at, link)
    held = {short(key) for key in now.held}
    ended = []
    for key, alert in book.held.items():
        if key in held:
            continue
        if alert is None:
            ended.append(key)
        elif not now.is_undecided(alert.key):
            if alert.kind in _ENDS and alert.source in {"", *now.sources}:
                alerts.append(_over(alert, at))
            else:
                ended.append(key)
    if grown(book.unknown, unknown):
        alerts.append(_grown(book.unknown, unknown, at))
    elif unknown > book.unknown:
        unknown = book.unknown  # what grows slowly is compared with when it was small
    if not (alerts or ended or silent or grown(unknown, book.unknown)):
        return []
    rest = [Alerted(at=at, alerts=(), silent=keys, unknown=unknown) for keys in pieces(silent)]
    return [*rest, Alerted(at=at, alerts=tuple(alerts), ended=tuple(ended), unknown=unknown)]


_ENDS = frozenset(
    {
        "control_failing",
        "control_unknown",
        "finding",
        "evidence_stale",
        "permission_lost",
        "rights_beyond",
        "source_silent",
        "verification_failed",
        "anchor_failed",
        "clock_anomaly",
    }
)
"""Kinds of which it is worth telling that they hold no more."""


def _baseline(now: Conditions, *, at: datetime, unknown: int) -> list[Alerted]:
    """Return the first alert of a store: everything that holds already, counted and not told one by one."""
    counts = Counter(condition.kind for condition in now.held.values())
    holds = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in sorted(counts.items())) or "nothing"
    first = Alert(
        id=_id("baseline", at),
        key="baseline",
        kind="baseline",
        severity="low",
        what=f"annexd tells changes from now on; what holds already: {holds}",
        todo="annexd alerts list and annexd status show it",
        at=at,
    )
    rest = [Alerted(at=at, alerts=(), silent=keys, unknown=unknown) for keys in pieces(map(short, now.held))]
    return [*rest, Alerted(at=at, alerts=(first,), unknown=unknown)]


def _raised(began: Iterable[Condition], at: datetime, link: str | None) -> tuple[list[Alert], list[str]]:
    """Return the alerts of what began, and the short keys of those that one alert counts."""
    groups: dict[tuple[str, str], list[Condition]] = {}
    for condition in began:
        groups.setdefault((condition.kind, condition.page if condition.kind == "finding" else ""), []).append(condition)
    alerts, silent = [], []
    for group in groups.values():
        alerts += [_alert(condition, at, link) for condition in group[:MOST_OF_A_KIND]]
        if rest := group[MOST_OF_A_KIND:]:
            first = _alert(rest[0], at, link)
            counted = (
                f"and {plural(len(rest), 'more')} of this kind: {first.what}"
                if len(rest) == 1
                else (f"and {len(rest)} more of this kind, such as: {first.what}")
            )
            alerts.append(replace(first, what=bounded(counted, _LONGEST)))
            silent += [short(condition.key) for condition in rest[1:]]
    return alerts, silent


def _alert(condition: Condition, at: datetime, link: str | None) -> Alert:
    return Alert(
        id=_id(condition.key, at),
        key=condition.key,
        kind=condition.kind,
        severity=condition.severity,
        what=told(condition.what),
        todo=told(condition.todo),
        at=at,
        since=condition.since,
        source=condition.source,
        owner=condition.owner,
        due=condition.due,
        frameworks=condition.frameworks,
        link=f"{link.rstrip('/')}/{condition.page}" if link and condition.page else link or "",
    )


def told(text: str) -> str:
    """Return a text as it is told: one line, of some length, without anything that looks like a secret."""
    return bounded(one_line(_redactor.text(text)), _LONGEST)


def _over(alert: Alert, at: datetime) -> Alert:
    return replace(alert, id=_id(f"over {alert.key}", at), at=at, over=True, todo="nothing")


def _grown(before: int, now: int, at: datetime) -> Alert:
    return Alert(
        id=_id("unknown_grown", at),
        key=f"unknown_grown {now}",
        kind="unknown_grown",
        severity="medium",
        what=f"{now} findings are unknown; there were {before}",
        todo="annexd status says what could not be read",
        at=at,
    )


def _id(key: str, at: datetime) -> str:
    return hashlib.sha256(f"{key} {at.isoformat()}".encode()).hexdigest()[:24]
