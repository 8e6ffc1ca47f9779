"""The wire of the engine: waits for quota and rate limits, ends tasks in time, and records every request."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from collector.core.errors import DeadlinePassed, Halted, Stopped, Unexpected
from collector.core.spans import show_span
from collector.core.tasks import Calls
from collector.engine.quota import Quota
from collector.engine.scope_facts import NO_FACTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from collector.core.wire import Answer, Call, Tap
    from collector.engine.clock import Clock

logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.2
"""Seconds between two checks whether the run is to stop, while waiting for a slot."""

_LONGEST_QUOTA_WAIT = 12 * 3600.0  # seconds without quota after which a task ends, because others use it up
_LONGEST_PAUSE = 3600.0
"""Seconds: a longer pause that a platform asks for is cut to this."""

LIMIT_OF_REPEATS = 10
"""A task that requests the same page more often than this is ended, because its pages form a cycle."""


@dataclass(frozen=True)
class Budget:
    """The limits of a quota identity: calls at the same time, calls a second if limited, and a share of its quota."""

    concurrency: int
    per_second: float | None = None
    share: float = 1.0

    def stricter(self, other: Budget) -> Budget:
        """Return the budget that is within both."""
        rates = [rate for rate in (self.per_second, other.per_second) if rate]
        return Budget(min(self.concurrency, other.concurrency), min(rates, default=None), min(self.share, other.share))


class Gate:
    """Limits the calls of one quota identity (an account, a token) in number, rate and quota."""

    def __init__(self, budget: Budget, clock: Clock) -> None:
        self.quota = Quota(budget.share, clock)
        self._slots = threading.BoundedSemaphore(budget.concurrency)
        self._gap = 1 / budget.per_second if budget.per_second else 0.0
        self._clock = clock
        self._lock = threading.Lock()
        self._next = 0.0

    def enter(self, recorder: Recorder) -> None:
        """Wait for quota, for a slot, and until the rate allows the next call. Raises what the recorder raises."""
        self._wait_for_quota(recorder)
        try:
            self._wait_for_slot(recorder)
        except BaseException:
            self.quota.release()
            raise

    def _wait_for_quota(self, recorder: Recorder) -> None:
        recorder.uses_quota(self.quota)
        recorder.check_running()
        began = self._clock.monotonic()
        while wait := self.quota.acquire():
            if self._clock.monotonic() - began > _LONGEST_QUOTA_WAIT:
                recorder.give_up(
                    f"for {show_span(timedelta(seconds=_LONGEST_QUOTA_WAIT))} no quota was left: others use it up"
                )
            logger.debug("a call waits %.1f s for quota", wait)
            recorder.wait_for_quota(wait)

    def _wait_for_slot(self, recorder: Recorder) -> None:
        while not self._slots.acquire(timeout=_POLL_SECONDS):
            recorder.check_running()
        try:
            self._wait_for_turn(recorder)
        except BaseException:
            self._slots.release()
            raise

    def _wait_for_turn(self, recorder: Recorder) -> None:
        while True:
            recorder.check_running()
            with self._lock:
                wait = self._next - self._clock.monotonic()
                if wait <= 0:
                    self._next = self._clock.monotonic() + self._gap
                    return
            recorder.wait(wait)

    def leave(self) -> None:
        """Release the slot and the quota reservation of a call."""
        self._slots.release()
        self.quota.release()

    def pause_calls(self, pause: timedelta) -> None:
        """Send no call for this time, because the platform asked for it."""
        until = self._clock.monotonic() + min(max(pause.total_seconds(), 0.0), _LONGEST_PAUSE)
        with self._lock:
            self._next = max(self._next, until)


@dataclass
class _Operation:
    params: dict[str, str]
    count: int = 0
    retries: int = 0
    free: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    first_id: str | None = None
    last_id: str | None = None


class Recorder:
    """Records the requests of one task, from all threads that work for it, and checks whether it may continue."""

    def __init__(
        self, clock: Clock, stop: threading.Event, deadline: timedelta, text: Callable[[str], str] = lambda text: text
    ) -> None:
        self._clock = clock
        self._stop = stop
        self._limit = deadline
        self._began = clock.monotonic()
        self._text = text
        self._lock = threading.Lock()
        self._operations: dict[str, _Operation] = {}
        self._page_requests: dict[int, int] = {}
        self._quotas: set[Quota] = set()
        self.open_calls: list[Gate] = []
        self.requests = 0
        self.pages = 0
        self.date: datetime | None = None
        self.refused: Halted | Unexpected | None = None

    def check_running(self) -> None:
        """Raise Stopped or DeadlinePassed where the task may not continue."""
        if self._stop.is_set():
            self._refuse(Stopped("the run was stopped"))
        if self._seconds_left() <= 0:
            self._refuse(DeadlinePassed(f"the task's time of {show_span(self._limit)} was used up"))

    def uses_quota(self, quota: Quota) -> None:
        """Note the quota of the task's calls: time during which it is exhausted does not count for the deadline."""
        self._quotas.add(quota)

    def _seconds_left(self) -> float:
        exhausted = sum(quota.seconds_exhausted_since(self._began) for quota in tuple(self._quotas))
        return self._began + self._limit.total_seconds() + exhausted - self._clock.monotonic()

    def _refuse(self, error: Halted | Unexpected) -> NoReturn:
        """Raise an error and keep it in `refused`, because an SDK may wrap or swallow it."""
        self.refused = self.refused or error
        raise error

    def wait(self, seconds: float) -> None:
        """Wait for this time. Raises as soon as the task may not continue."""
        self._clock.wait(self._stop, max(min(seconds, self._seconds_left()), 0.0))
        self.check_running()

    def give_up(self, why: str) -> NoReturn:
        """End the task by DeadlinePassed with a reason."""
        self._refuse(DeadlinePassed(why))

    def wait_for_quota(self, seconds: float) -> None:
        """Wait for this time outside of the deadline. Raises as soon as the run is to stop."""
        self._clock.wait(self._stop, seconds)
        self.check_running()

    def sent(self, call: Call, gate: Gate, *, listing: bool) -> None:
        """Record that a request is sent. Raises Unexpected where a list requests the same page too often."""
        params = {name: self._text(str(value))[:200] for name, value in call.params.items()}
        # Hash of the whole parameters: the tokens of two pages may differ only after the recorded 200 characters.
        page = hash((call.operation, *sorted((name, str(value)) for name, value in call.params.items())))
        with self._lock:
            if listing:
                self._page_requests[page] = repeats = self._page_requests.get(page, 0) + 1
                if repeats > LIMIT_OF_REPEATS:
                    what = (
                        f"{call.operation} was asked for the same page {repeats} times: its pages go round in circles"
                    )
                    self._refuse(Unexpected(what))
            self.requests += 1
            operation = self._operations.setdefault(call.operation, _Operation(params))
            operation.count += 1
            self.open_calls.append(gate)

    def received(self, call: Call, answer: Answer, gate: Gate, *, listing: bool) -> None:
        """Record the answer to a request."""
        with self._lock:
            self.open_calls.remove(gate)
            operation = self._operations[call.operation]
            status = str(answer.status) if answer.status is not None else "none"
            operation.statuses[status] = operation.statuses.get(status, 0) + 1
            operation.first_id = operation.first_id or answer.request_id
            operation.last_id = answer.request_id or operation.last_id
            operation.free += answer.free
            self.date = answer.date or self.date
            if answer.status is None or answer.throttled or answer.status >= 500:  # noqa: PLR2004  the server's own errors
                operation.retries += 1
            elif listing and answer.status < 400:  # noqa: PLR2004  a refusal is no page
                self.pages += 1

    def forget_pages(self) -> None:
        """Reset the counts of repeated pages, because the connector polls for a report."""
        with self._lock:
            self._page_requests.clear()

    def calls(self) -> tuple[Calls, ...]:
        """Return the requests by operation, in the order of their first request."""
        with self._lock:
            return tuple(
                Calls(
                    operation=name,
                    count=operation.count,
                    retries=operation.retries,
                    statuses=dict(operation.statuses),
                    params=operation.params,
                    first_id=operation.first_id,
                    last_id=operation.last_id if operation.last_id != operation.first_id else None,
                    free=operation.free,
                )
                for name, operation in self._operations.items()
            )


@dataclass(frozen=True)
class _CurrentTask:
    """The recorder of the task that the current thread works for, and whether it lists or reads a part."""

    recorder: Recorder
    listing: bool


_current_task: ContextVar[_CurrentTask] = ContextVar("annexd_current_task")


@contextmanager
def working_for(recorder: Recorder, *, listing: bool) -> Iterator[None]:
    """Record the calls of this thread, and of threads started with its context, for one task."""
    token = _current_task.set(_CurrentTask(recorder, listing))
    try:
        yield
    finally:
        _current_task.reset(token)


class MeteredWire:
    """The wire of one client: it uses the gate of the client, and the recorder of the task of the current thread."""

    def __init__(
        self, gate: Gate, largest_answer: int, scope_facts: Mapping[str, Any] = NO_FACTS, tap: Tap | None = None
    ) -> None:
        self._gate = gate
        self.largest_answer = largest_answer
        self.scope_facts = scope_facts
        self.tap = tap

    def before(self, call: Call) -> None:
        """Wait for the gate and record the call. Raises Stopped, DeadlinePassed or Unexpected."""
        current = _current_task.get()
        self._gate.enter(current.recorder)
        try:
            current.recorder.sent(call, self._gate, listing=current.listing)
        except BaseException:
            self._gate.leave()
            raise

    def after(self, call: Call, answer: Answer) -> None:
        """Leave the gate and record the answer; a pause that the platform asks for applies to the whole gate."""
        current = _current_task.get()
        if answer.remaining is not None and answer.limit is not None and answer.resets_in is not None:
            self._gate.quota.update(answer.remaining, answer.limit, answer.resets_in)
        # The pause first, so that a call that waits for the slot is not sent before it.
        if answer.retry_after is not None and (answer.throttled or answer.status in {429, 503}):
            self._gate.pause_calls(answer.retry_after)
        self._gate.leave()
        current.recorder.received(call, answer, self._gate, listing=current.listing)

    def pause(self, seconds: float) -> None:
        """Wait while the platform prepares a report."""
        current = _current_task.get()
        current.recorder.forget_pages()
        current.recorder.wait(seconds)
