"""What the tasks of a run wait for: since when, and until when at the latest; told where it takes long."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.core.plain_text import plural, show_moment
from collector.core.spans import show_span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.core.tasks import Task
    from collector.engine.clock import Clock
    from collector.engine.wire import Recorder

logger = logging.getLogger(__name__)

NOTICED = 30.0
"""Seconds without an answer to a call that are worth a line."""


class Waiting(Struct, frozen=True, kw_only=True):
    """What collections of a source wait for: the answer to a call, or a platform that takes no more calls.

    `call` is empty where no call was sent. `tasks` wait for the same; `task` is the one that waits longest. `until` is
    when they stop waiting at the latest.
    """

    source: str
    call: str
    what: str
    since: datetime
    until: datetime
    task: str
    tasks: int


class Silence:
    """The tasks of a run that are under way, and of which sources it was told that they do not answer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._running: dict[Task, Recorder] = {}
        self._told: set[str] = set()

    @contextmanager
    def watching(self, task: Task, recorder: Recorder) -> Iterator[None]:
        """Watch the calls of a task for as long as it runs; when it has ended, its source may be told of again."""
        with self._lock:
            self._running[task] = recorder
        try:
            yield
        finally:
            with self._lock:
                del self._running[task]
                self._told.discard(task.source)

    def waiting(self) -> list[Waiting]:
        """Return what is waited for since long, by source and by what it is; what waits longest comes first."""
        with self._lock:
            running = list(self._running.items())
        now, today = self._clock.monotonic(), self._clock.now()
        found: dict[tuple[str, str, str], list[tuple[float, float, Task]]] = {}
        for task, recorder in running:
            wait = _wait_of(recorder, now)
            if wait is not None:
                call, what, since, until = wait
                found.setdefault((task.source, call, what), []).append((since, until, task))
        return sorted(
            (
                Waiting(
                    source=source,
                    call=call,
                    what=what,
                    since=today - timedelta(seconds=now - min(since for since, _, _ in waits)),
                    until=today + timedelta(seconds=max(until for _, until, _ in waits) - now),
                    task=str(min(waits, key=lambda wait: wait[0])[2]),
                    tasks=len(waits),
                )
                for (source, call, what), waits in found.items()
            ),
            key=lambda waiting: (waiting.since, waiting.source, waiting.call),
        )

    def is_stalled(self) -> bool:
        """Return whether every task that runs waits since long, so that nothing goes on."""
        with self._lock:
            running = list(self._running.values())
        now = self._clock.monotonic()
        return bool(running) and all(_wait_of(recorder, now) is not None for recorder in running)

    def tell(self) -> None:
        """Log a line for each source with a call that is not answered for long, once until one of its tasks ends."""
        with self._lock:
            running = list(self._running.items())
        now = self._clock.monotonic()
        silent: dict[str, list[tuple[float, str, Task, Recorder]]] = {}
        for task, recorder in running:
            call = recorder.oldest_call()
            if call is not None and now - call.sent_at >= NOTICED:
                silent.setdefault(task.source, []).append((call.sent_at, call.operation, task, recorder))
        for source, calls in silent.items():
            with self._lock:
                if source in self._told:
                    continue
                self._told.add(source)
            sent_at, operation, task, recorder = min(calls, key=lambda call: call[0])
            others = f", and {plural(len(calls) - 1, 'other collection')} wait too" if len(calls) > 1 else ""
            logger.warning(
                "%s: no answer to %s for %s; waited for until %s at the latest%s",
                task,
                operation,
                show_span(timedelta(seconds=int(now - sent_at))),
                show_moment(self._clock.now() + timedelta(seconds=recorder.seconds_left())),
                others,
            )


def _wait_of(recorder: Recorder, now: float) -> tuple[str, str, float, float] | None:
    """Return the call or what takes no calls, since when and until when a task waits; None unless it does for long."""
    call = recorder.oldest_call()
    if call is not None and now - call.sent_at >= NOTICED:
        return call.operation, "an answer", call.sent_at, now + recorder.seconds_left()
    pause = recorder.pauses.longest()
    if pause is not None and pause.until - pause.since >= NOTICED:
        return "", pause.what or "the platform", pause.since, pause.until
    return None
