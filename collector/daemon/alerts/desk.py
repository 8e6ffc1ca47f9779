"""The desk of alerts: it records what is to be told after each look at the store, and delivers it in a thread."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from collector.core.alerts import AlertDelivery, Alerted
from collector.core.errors import AnnexdError
from collector.core.plain_text import one_line, plural
from collector.core.tasks import Outcome
from collector.daemon.alerts.book import KEPT, Book, read_book
from collector.daemon.alerts.changes import changes
from collector.daemon.alerts.conditions import conditions
from collector.daemon.alerts.routes import sendable, takes
from collector.daemon.alerts.senders import send
from collector.daemon.alerts.senders.posting import NotDelivered

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from collector.core.alerts import Alert
    from collector.daemon.watching.figures import Figures
    from collector.daemon.watching.watch import Watch
    from collector.setup.alerts_config import AlertsConfig
    from collector.setup.app import App
    from storage import SqlStore

_logger = logging.getLogger(__name__)

TICK = 30.0
"""Seconds between two looks at what is to be delivered: digests, the end of quiet hours, second tries."""

_NOT_RUN = Outcome.NOT_RUN.value

_BASELINE_WAITS = timedelta(hours=1)

_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=1)


class Desk:
    """Takes in what the store holds, and delivers. Safe from the thread that looks and from the one that delivers."""

    def __init__(self, app: Callable[[], App], watch: Watch) -> None:
        self._app = app
        self._watch = watch
        self._lock = Lock()
        self._book: Book | None = None
        self._origin = ""
        self._again: dict[str, datetime] = {}
        self._tries: dict[str, int] = {}
        self._wake = Event()
        self._is_over = False

    def start(self) -> None:
        """Begin to deliver, in a thread that ends with the process."""
        Thread(target=self._run, name="annexd-alerts", daemon=True).start()

    def end(self) -> None:
        """Let the thread end after the delivery under way."""
        self._is_over = True
        self._wake.set()

    def look(self, app: App, store: SqlStore, figures: Figures) -> None:
        """Record what began and what is over. Raises AnnexdError."""
        config = app.config.alerts
        if not config.targets:
            return
        book = self._opened(store)
        if not book.begun and not self._is_known(figures):
            return
        now = conditions(figures, config)
        unknown = figures.status.verdicts.get("unknown", 0)
        with self._lock:
            made = changes(book, now, at=self._watch.now().astimezone(UTC), unknown=unknown, link=config.link)
        if made:
            self._record(app, made)
            for alert in (alert for fact in made for alert in fact.alerts):
                _logger.info("alert: %s%s: %s", "over: " if alert.over else "", alert.severity, alert.what)
                self._watch.alerts[alert.kind, alert.severity] += 1
        self._wake.set()

    def _is_known(self, figures: Figures) -> bool:
        """Return whether each source was looked at, so that a new store does not tell all that it finds as new.

        A source that cannot be looked at at all is waited for an hour.
        """
        seen = all(
            any(count for outcome, count in one.tasks.items() if outcome != _NOT_RUN) for one in figures.status.sources
        )
        ended = figures.status.run is not None and figures.status.run.ended_at is not None
        return (seen and ended) or self._watch.now() - self._watch.began_at > _BASELINE_WAITS

    def deliver(self) -> None:
        """Deliver what may be sent now, and record what became of it. Raises AnnexdError where that cannot be done."""
        app = self._app()
        config, book, now = app.config.alerts, self._book, self._watch.now()
        if book is None:
            return
        waiting = 0
        for name in config.targets:
            with self._lock:
                due, too_old = _due(config, book, name, now)
            if too_old:
                why = f"nobody could be told for {KEPT.days} days"
                self._note(
                    app, AlertDelivery(at=now, target=name, alerts=_ids(too_old), result="given_up", tries=0, why=why)
                )
            if due and self._again.get(name, now) <= now:
                self._send(app, name, due, now)
                with self._lock:
                    due, _ = _due(config, book, name, now)
            waiting += len(due)
        self._watch.undelivered = waiting
        with self._lock:
            book.forget(now - 2 * KEPT)

    def _send(self, app: App, name: str, alerts: Sequence[Alert], now: datetime) -> None:
        target = app.config.alerts.targets[name]
        tries = self._tries.get(name, 0) + 1
        try:
            send(target, alerts, now, self._origin)
        except NotDelivered as error:
            taken = [alert for alert in alerts if alert.id in error.taken]
            left = [alert for alert in alerts if alert.id not in error.taken]
            if taken:
                self._note(app, AlertDelivery(at=now, target=name, alerts=_ids(taken), result="delivered", tries=1))
            self._failed(
                app,
                AlertDelivery(
                    at=now,
                    target=name,
                    alerts=_ids(left),
                    result="given_up" if error.is_final else "failed",
                    tries=tries,
                    why=one_line(error.why),
                ),
                error.after,
            )
        except Exception:  # of one target: the others are told all the same
            _logger.exception("alerts: %s: a defect", name)
            why = "a defect of annexd: its log has more"
            self._failed(
                app, AlertDelivery(at=now, target=name, alerts=_ids(alerts), result="failed", tries=tries, why=why)
            )
        else:
            self._tries.pop(name, None)
            self._again.pop(name, None)
            self._note(app, AlertDelivery(at=now, target=name, alerts=_ids(alerts), result="delivered", tries=tries))

    def _failed(self, app: App, delivery: AlertDelivery, after: timedelta | None = None) -> None:
        name = delivery.target
        _logger.warning("alerts: %s: not delivered: %s", name, delivery.why)
        if delivery.result == "given_up":
            self._tries.pop(name, None)
            self._again.pop(name, None)
            self._note(app, delivery)
            return
        self._tries[name] = delivery.tries
        pause = min(_FIRST_PAUSE * 2 ** min(delivery.tries - 1, 10), _LONGEST_PAUSE)
        self._again[name] = delivery.at + max(pause, after or pause)
        # The first try that failed is in the log, and how it ended; not each one in between.
        if delivery.tries == 1:
            self._note(app, delivery)
        else:
            self._watch.deliveries[name, delivery.result] += 1

    def _note(self, app: App, delivery: AlertDelivery) -> None:
        self._watch.deliveries[delivery.target, delivery.result] += 1
        self._record(app, [delivery])
        if delivery.result == "delivered":
            _logger.info("alerts: %s: %s delivered", delivery.target, plural(len(delivery.alerts), "alert"))

    def _record(self, app: App, facts: Sequence[Alerted | AlertDelivery]) -> None:
        with app.open_store(writer=True, alongside=True) as store:
            store.write(facts)
        with self._lock:
            for fact in facts:
                if self._book is not None:
                    self._book.take(fact)

    def _opened(self, store: SqlStore) -> Book:
        with self._lock:
            if self._book is None:
                self._book = read_book(store)
                self._book.forget(self._watch.now() - 2 * KEPT)
                head = store.checkpoints.last()
                self._origin = store.name if head is None else head.origin
            return self._book

    def _run(self) -> None:
        while not self._is_over:
            self._wake.wait(TICK)
            self._wake.clear()
            if not self._is_over:
                self.deliver_or_tell()

    def deliver_or_tell(self) -> None:
        """Deliver; where that cannot be done, say so in the log and to whoever asks whether the daemon is ready."""
        try:
            self.deliver()
        except AnnexdError as error:
            # It was sent, perhaps, and will be again: told twice is better than not at all.
            why = f"what became of a delivery could not be recorded: {one_line(error.what)}"
            _logger.warning("alerts: %s", why)
            self._watch.alerts_failed = why
        except Exception:
            _logger.exception("alerts: a defect")
            self._watch.alerts_failed = "a defect keeps them from being delivered; the log has more"
        else:
            self._watch.alerts_failed = None


def _due(config: AlertsConfig, book: Book, target: str, now: datetime) -> tuple[list[Alert], list[Alert]]:
    """Return the alerts that a target may be sent now, and those that nobody is told of any more."""
    waiting = book.waiting(target)
    due: dict[str, Alert] = {}
    for route in config.routes:
        if target in route.to:
            for alert in sendable(route, (each for each in waiting if takes(route, each)), now):
                due[alert.id] = alert
    too_old = [alert for alert in due.values() if alert.at < now - KEPT]
    return [alert for alert in due.values() if alert.at >= now - KEPT], too_old


def _ids(alerts: Sequence[Alert]) -> tuple[str, ...]:
    return tuple(alert.id for alert in alerts)
