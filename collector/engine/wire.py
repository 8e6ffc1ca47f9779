"""The wire of the engine: waits for quota and rate limits, ends tasks in time, and records every request."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from msgspec import UNSET

from collector.core.errors import DeadlinePassed, Halted, Stopped, Unexpected
from collector.core.spans import show_span
from collector.core.tasks import Calls
from collector.engine.pauses import Pauses
from collector.engine.quota import seconds_covered
from collector.engine.scope_facts import NO_FACTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from collector.core.wire import Answer, Call, Tap
    from collector.engine.clock import Clock
    from collector.engine.gate import Gate
    from collector.engine.quota import Quota

LIMIT_OF_REPEATS = 10
"""A task that requests the same page more often than this is ended, because its pages form a cycle."""


@dataclass
class _Operation:
    params: dict[str, str]
    count: int = 0
    retries: int = 0
    free: int = 0
    cost: int | None = None
    statuses: dict[str, int] = field(default_factory=dict)
    first_id: str | None = None
    last_id: str | None = None


@dataclass(frozen=True, eq=False)
class OpenCall:
    """A call that was sent and not answered yet: the gate that it entered, its number there, who sent it, and when.

    `sent_at` is in seconds of the monotonic clock.
    """

    operation: str
    gate: Gate
    number: int
    thread: int
    sent_at: float


def _agrees(_date: datetime, _waited: float) -> timedelta:
    return timedelta()


class Recorder:
    """Records the requests of one task, from all threads that work for it, and checks whether it may continue.

    `compare_clock` is given each date that tells the time, and the seconds from the request to the end of its answer;
    it returns by how much this machine's clock is ahead, beyond a limit. `clock_off` is the furthest of these.
    """

    def __init__(
        self,
        clock: Clock,
        stop: threading.Event,
        deadline: timedelta,
        text: Callable[[str], str] = lambda text: text,
        *,
        compare_clock: Callable[[datetime, float], timedelta] = _agrees,
    ) -> None:
        self._clock = clock
        self._stop = stop
        self._limit = deadline
        self._began = clock.monotonic()
        self._text = text
        self._compare_clock = compare_clock
        self._lock = threading.Lock()
        self._operations: dict[str, _Operation] = {}
        self._page_requests: dict[int, int] = {}
        self._quotas: set[Quota] = set()
        self.pauses = Pauses(clock)
        self.open_calls: list[OpenCall] = []
        self.requests = 0
        self.pages = 0
        self.date: datetime | None = None
        self.clock_off = timedelta()
        self.refused: Halted | Unexpected | None = None

    def check_running(self, why: Callable[[], str] = lambda: "") -> None:
        """Raise Stopped or DeadlinePassed where the task may not continue; `why` says what it waited for."""
        if self._stop.is_set():
            self._refuse(Stopped("the run was stopped"))
        if self._seconds_left() <= 0:
            self._refuse(DeadlinePassed(f"the task's time of {show_span(self._limit)} was used up{why()}"))

    def seconds_left(self) -> float:
        """Return the seconds until the deadline, zero where it has passed or the run is to stop."""
        return 0.0 if self._stop.is_set() else max(self._seconds_left(), 0.0)

    def uses_quota(self, quota: Quota) -> None:
        """Note the quota of the task's calls: time during which it is exhausted does not count for the deadline."""
        self._quotas.add(quota)

    def _seconds_left(self) -> float:
        # Two quotas that are exhausted in the same hour are one hour.
        spans = [span for quota in tuple(self._quotas) for span in quota.exhausted_since(self._began)]
        exhausted = seconds_covered(spans) if spans else 0.0
        return self._began + self._limit.total_seconds() + exhausted - self._clock.monotonic()

    def _refuse(self, error: Halted | Unexpected) -> NoReturn:
        """Raise an error and keep it in `refused`, because an SDK may wrap or swallow it."""
        self.refused = self.refused or error
        raise error

    def wait(self, seconds: float, why: Callable[[], str] = lambda: "", *, what: str = "") -> None:
        """Wait for this time. Raises as soon as the task may not continue; `why` says what it waited for.

        `what` takes the calls, for whoever asks meanwhile.
        """
        self.pauses.wait(self._stop, max(min(seconds, self._seconds_left()), 0.0), what)
        self.check_running(why)

    def give_up(self, why: str) -> NoReturn:
        """End the task by DeadlinePassed with a reason."""
        self._refuse(DeadlinePassed(why))

    def wait_for_quota(self, seconds: float, what: str = "") -> None:
        """Wait for this time outside of the deadline. Raises as soon as the run is to stop."""
        self.pauses.wait(self._stop, seconds, what)
        self.check_running()

    def sent(self, call: Call, gate: Gate, number: int, *, listing: bool) -> None:
        """Record that a request is sent. Raises Unexpected where a list requests the same page too often."""
        params = {self._text(str(name))[:200]: self._text(str(value))[:200] for name, value in call.params.items()}
        # Hash of the whole parameters: the tokens of two pages may differ only after the recorded 200 characters.
        page = hash((call.operation, *sorted((name, str(value)) for name, value in call.params.items())))
        with self._lock:
            if listing and not call.aside:
                self._page_requests[page] = repeats = self._page_requests.get(page, 0) + 1
                if repeats > LIMIT_OF_REPEATS:
                    what = (
                        f"{call.operation} was asked for the same page {repeats} times: its pages go round in circles"
                    )
                    self._refuse(Unexpected(what))
            self.requests += 1
            operation = self._operations.setdefault(call.operation, _Operation(params))
            operation.count += 1
            now = self._clock.monotonic()
            self.open_calls.append(OpenCall(call.operation, gate, number, threading.get_ident(), now))

    def oldest_call(self) -> OpenCall | None:
        """Return the call that was sent first of those that are not answered yet; None where there is none."""
        with self._lock:
            return min(self.open_calls, key=lambda open_call: open_call.sent_at, default=None)

    def answered(self, call: Call) -> OpenCall:
        """Return the open call that an answer belongs to, and count it as closed. Raises ValueError where none is."""
        with self._lock:
            candidates = [open_call for open_call in self.open_calls if open_call.operation == call.operation]
            if not candidates:
                message = f"{call.operation} was answered and not sent"
                raise ValueError(message)
            own = [open_call for open_call in candidates if open_call.thread == threading.get_ident()]
            found = (own or candidates)[-1]
            self.open_calls.remove(found)
            return found

    def note_clock(self, off: timedelta) -> None:
        """Record by how much this machine's clock was ahead of a platform's; the furthest counts."""
        with self._lock:
            self.clock_off = max(self.clock_off, off, key=abs)

    def received(self, call: Call, answer: Answer, *, listing: bool, sent_at: float) -> None:
        """Record the answer to a request."""
        if answer.date is not None and answer.tells_time:
            self.note_clock(self._compare_clock(answer.date, self._clock.monotonic() - sent_at))
        with self._lock:
            operation = self._operations[call.operation]
            status = str(answer.status) if answer.status is not None else "none"
            operation.statuses[status] = operation.statuses.get(status, 0) + 1
            operation.first_id = operation.first_id or answer.request_id
            operation.last_id = answer.request_id or operation.last_id
            operation.free += answer.free
            if answer.cost is not None:
                operation.cost = (operation.cost or 0) + answer.cost
            self.date = answer.date or self.date
            if answer.status is None or answer.throttled or answer.status >= 500:  # noqa: PLR2004  the server's own errors
                operation.retries += 1
            elif listing and not call.aside and answer.status < 400:  # noqa: PLR2004  a refusal is no page
                self.pages += 1

    def forget_pages(self) -> None:
        """Reset the counts of repeated pages, because the connector polls for a report."""
        with self._lock:
            self._page_requests.clear()

    def forget(self) -> None:
        """Forget what was said of the calls of a task that has ended; how many there were is still known."""
        with self._lock:
            self._operations.clear()
            self.date = None

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
                    cost=UNSET if operation.cost is None else operation.cost,
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


class GatesOfClient(Protocol):
    """Finds the gates of one client."""

    def of(self, call: Call) -> Gate:
        """Return the gate that a call has to pass."""

    def named(self, call: Call, bucket: str) -> Gate:
        """Return the gate of the bucket that the platform names for a call, which is `of` later calls of its kind."""


class MeteredWire:
    """The wire of one client: it uses the gates of the client, and the recorder of the task of the current thread."""

    def __init__(
        self,
        gates: GatesOfClient,
        largest_answer: int,
        scope_facts: Mapping[str, Any] = NO_FACTS,
        tap: Tap | None = None,
    ) -> None:
        self._gates = gates
        self.largest_answer = largest_answer
        self.scope_facts = scope_facts
        self.tap = tap

    @property
    def seconds_left(self) -> float:
        """The seconds that the task of the current thread may still use."""
        return _current_task.get().recorder.seconds_left()

    def before(self, call: Call) -> None:
        """Wait for the gate and record the call. Raises Stopped, DeadlinePassed or Unexpected."""
        current = _current_task.get()
        gate = self._gates.of(call)
        number = gate.enter(current.recorder)
        try:
            current.recorder.sent(call, gate, number, listing=current.listing)
        except BaseException:
            gate.leave(number)
            raise

    def after(self, call: Call, answer: Answer) -> None:
        """Leave the gate and record the answer; what it says of the quota applies to everybody of the bucket."""
        current = _current_task.get()
        entered = current.recorder.answered(call)
        try:
            gate = entered.gate if answer.bucket is None else self._gates.named(call, answer.bucket)
            # The pause first, so that a call that waits for the place is not sent before it.
            gate.heard(answer, entered.number)
        finally:
            entered.gate.leave(entered.number)
        current.recorder.received(call, answer, listing=current.listing, sent_at=entered.sent_at)

    def pause(self, seconds: float) -> None:
        """Wait while the platform prepares a report."""
        current = _current_task.get()
        current.recorder.forget_pages()
        current.recorder.wait(seconds)
