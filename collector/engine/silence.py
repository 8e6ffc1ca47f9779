"""Tell of calls that are not answered: what is waited for, since when, and until when at the latest."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

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
