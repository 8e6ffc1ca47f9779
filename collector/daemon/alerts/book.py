"""The book of alerts: what holds, what was told to whom, and what is still to be told. It is folded from the log."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from collector.core.alerts import Alert, AlertDelivery, Alerted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from collector.core.company_record import CompanyRecord

KEPT = timedelta(days=7)
"""How long an alert is tried to be delivered; after that it is given up, and `annexd alerts list` still shows it."""


def short(key: str) -> str:
    """Return the digest of a key, by which the log knows it."""
    return hashlib.sha256(key.encode()).hexdigest()[:24]


@dataclass
class Book:
    """What the log says of alerts. `held` has by short key the alert that was raised, None where none of its own was.

    `told` are the pairs of target and alert that are done with: delivered, or given up. `failed` has by target what it
    did not take last, until it takes something again.
    """

    begun: bool = False
    held: dict[str, Alert | None] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    told: set[tuple[str, str]] = field(default_factory=set)
    failed: dict[str, AlertDelivery] = field(default_factory=dict)
    delivered_at: dict[str, datetime] = field(default_factory=dict)
    unknown: int = 0

    def take(self, fact: Alerted | AlertDelivery) -> None:
        """Take in what was recorded."""
        if isinstance(fact, AlertDelivery):
            self._take_delivery(fact)
            return
        self.begun = True
        self.unknown = fact.unknown
        for key in fact.ended:
            self.held.pop(key, None)
        self.held.update(dict.fromkeys(fact.silent))
        for alert in fact.alerts:
            self.alerts[alert.id] = alert
            if alert.over:
                self.held.pop(short(alert.key), None)
            elif alert.kind != "baseline":
                self.held[short(alert.key)] = alert

    def _take_delivery(self, fact: AlertDelivery) -> None:
        if fact.result != "failed":
            self.told.update((fact.target, id_) for id_ in fact.alerts)
        if fact.result == "delivered":
            self.failed.pop(fact.target, None)
            self.delivered_at[fact.target] = fact.at
        else:
            self.failed[fact.target] = fact

    def forget(self, before: datetime) -> None:
        """Forget alerts that nobody is to be told of any more; the log has them."""
        old = {id_ for id_, alert in self.alerts.items() if alert.at < before}
        for id_ in old:
            del self.alerts[id_]
        self.told = {pair for pair in self.told if pair[1] not in old}

    def waiting(self, target: str) -> list[Alert]:
        """Return the alerts that a target has neither got nor missed, the oldest first."""
        return [alert for id_, alert in self.alerts.items() if (target, id_) not in self.told]


def read_book(record: CompanyRecord) -> Book:
    """Return the book as of the end of the log."""
    book = Book()
    kinds: Mapping[str, type[Alerted | AlertDelivery]] = {"alerted": Alerted, "alert_delivery": AlertDelivery}
    for entry in record.log(kinds=tuple(kinds)):
        book.take(msgspec.convert(entry.fact, kinds[entry.kind]))
    return book


def pieces(keys: Iterable[str], size: int = 5_000) -> list[tuple[str, ...]]:
    """Return keys in pieces that fit into one log entry each."""
    found = tuple(keys)
    return [found[start : start + size] for start in range(0, len(found), size)]
