"""The wire: waits for budget, stops in time, and writes down every request."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, NoReturn

from collector.core.errors import DeadlinePassed, Halted, Stopped, Unexpected
from collector.core.spans import show_span
from collector.core.tasks import Calls
from collector.engine.quota import Quota

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from collector.core.wire import Answer, Call
    from collector.engine.clock import Clock

logger = logging.getLogger(__name__)

_PATIENCE = 0.2
"""Seconds between two looks at whether the run is to stop, while waiting for a place."""

_LONGEST_REST = 12 * 3600.0  # seconds without any quota: a run must not go on for ever where others use it up
_LONGEST_PAUSE = 3600.0
"""A platform that asks for a longer pause than this is obeyed for so long, and then asked again."""

LIMIT_OF_REPEATS = 10
"""A list that asks for the very same page more often than this goes round in circles."""


@dataclass(frozen=True)
class Budget:
    """What may be asked of one quota identity: calls at once, calls a second if limited, a share of its quota."""

    concurrency: int
    per_second: float | None = None
    share: float = 1.0

    def stricter(self, other: Budget) -> Budget:
        """Return what keeps to both."""
        rates = [rate for rate in (self.per_second, other.per_second) if rate]
        return Budget(min(self.concurrency, other.concurrency), min(rates, default=None), min(self.share, other.share))


class Gate:
    """The one place through which the calls of a quota identity (an account, a token) go."""

    def __init__(self, budget: Budget, clock: Clock) -> None:
        self.quota = Quota(budget.share, clock)
        self._places = threading.BoundedSemaphore(budget.concurrency)
        self._gap = 1 / budget.per_second if budget.per_second else 0.0
        self._clock = clock
        self._lock = threading.Lock()
        self._next = 0.0

    def enter(self, recorder: Recorder) -> None:
        """Wait for quota, for a place and for the moment at which the next call may go out."""
        self._wait_for_quota(recorder)
        try:
            self._wait_for_place(recorder)
        except BaseException:
            self.quota.give_back()
            raise

    def _wait_for_quota(self, recorder: Recorder) -> None:
        recorder.spends(self.quota)
        recorder.go_on()
        began = self._clock.monotonic()
        while wait := self.quota.take():
            if self._clock.monotonic() - began > _LONGEST_REST:
                recorder.give_up(
                    f"for {show_span(timedelta(seconds=_LONGEST_REST))} no quota was left: others use it up"
                )
            logger.debug("a call waits %.1f s for quota", wait)
            recorder.rest(wait)

    def _wait_for_place(self, recorder: Recorder) -> None:
        while not self._places.acquire(timeout=_PATIENCE):
            recorder.go_on()
        try:
            self._wait_for_turn(recorder)
        except BaseException:
            self._places.release()
            raise

    def _wait_for_turn(self, recorder: Recorder) -> None:
        while True:
            recorder.go_on()
            with self._lock:
                wait = self._next - self._clock.monotonic()
                if wait <= 0:
                    self._next = self._clock.monotonic() + self._gap
                    return
            recorder.wait(wait)

    def leave(self) -> None:
        """Give the place back."""
        self._places.release()
        self.quota.give_back()

    def hold(self, pause: timedelta) -> None:
        """Let no call out for so long, because the platform asked for it."""
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
    """What one task asks and gets, gathered from all the threads that work for it."""

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
        self._asked: dict[int, int] = {}
        self._quotas: set[Quota] = set()
        self.open_calls: list[Gate] = []
        self.requests = 0
        self.pages = 0
        self.date: datetime | None = None
        self.refused: Halted | Unexpected | None = None

    def go_on(self) -> None:
        """Raise Stopped or DeadlinePassed where the task may not go on."""
        if self._stop.is_set():
            self._refuse(Stopped("the run was stopped"))
        if self._left() <= 0:
            self._refuse(DeadlinePassed(f"the task's time of {show_span(self._limit)} was used up"))

    def spends(self, quota: Quota) -> None:
        """Note whose quota the task's calls count against: while that is used up, the task's time stands still."""
        self._quotas.add(quota)

    def _left(self) -> float:
        rested = sum(quota.closed_since(self._began) for quota in tuple(self._quotas))
        return self._began + self._limit.total_seconds() + rested - self._clock.monotonic()

    def _refuse(self, error: Halted | Unexpected) -> NoReturn:
        """Raise, and remember: an SDK may wrap the error or swallow it, and the list has ended all the same."""
        self.refused = self.refused or error
        raise error

    def wait(self, seconds: float) -> None:
        """Wait so long; raise as soon as the task may not go on."""
        self._clock.wait(self._stop, max(min(seconds, self._left()), 0.0))
        self.go_on()

    def give_up(self, why: str) -> NoReturn:
        """End the task: what it waits for does not come."""
        self._refuse(DeadlinePassed(why))

    def rest(self, seconds: float) -> None:
        """Wait so long for quota, which is no work of the task; raise as soon as the run is to stop."""
        self._clock.wait(self._stop, seconds)
        self.go_on()

    def sent(self, call: Call, gate: Gate, *, listing: bool) -> None:
        """Write down that a request goes out. Raises Unexpected where a list asks for one page again and again."""
        params = {name: self._text(str(value))[:200] for name, value in call.params.items()}
        # Of the whole parameters: the tokens of two pages may differ only past what is written down.
        page = hash((call.operation, *sorted((name, str(value)) for name, value in call.params.items())))
        with self._lock:
            if listing:
                self._asked[page] = asked = self._asked.get(page, 0) + 1
                if asked > LIMIT_OF_REPEATS:
                    what = f"{call.operation} was asked for the same page {asked} times: its pages go round in circles"
                    self._refuse(Unexpected(what))
            self.requests += 1
            operation = self._operations.setdefault(call.operation, _Operation(params))
            operation.count += 1
            self.open_calls.append(gate)

    def received(self, call: Call, answer: Answer, gate: Gate, *, listing: bool) -> None:
        """Write down what came back."""
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
        """Asking the same again is no circle: the connector waits for the platform to make its answer."""
        with self._lock:
            self._asked.clear()

    def calls(self) -> tuple[Calls, ...]:
        """Return what was asked, by operation, the first one first."""
        with self._lock:
            return tuple(
                Calls(
                    operation=name,
                    count=one.count,
                    retries=one.retries,
                    statuses=dict(one.statuses),
                    params=one.params,
                    first_id=one.first_id,
                    last_id=one.last_id if one.last_id != one.first_id else None,
                    free=one.free,
                )
                for name, one in self._operations.items()
            )


@dataclass(frozen=True)
class _Place:
    """For whom the current thread works, and whether it lists or reads a part."""

    recorder: Recorder
    listing: bool


_place: ContextVar[_Place] = ContextVar("annexd_place")


@contextmanager
def working_for(recorder: Recorder, *, listing: bool) -> Iterator[None]:
    """Let the calls of this thread, and of what it starts with its context, count for one task."""
    token = _place.set(_Place(recorder, listing))
    try:
        yield
    finally:
        _place.reset(token)


class MeteredWire:
    """The wire of one client: its gate, and the recorder of whichever task a thread works for."""

    def __init__(self, gate: Gate, largest_answer: int) -> None:
        self._gate = gate
        self.largest_answer = largest_answer

    def before(self, call: Call) -> None:
        """Wait for the gate and write down the call. Raises Stopped, DeadlinePassed, Unexpected."""
        place = _place.get()
        self._gate.enter(place.recorder)
        try:
            place.recorder.sent(call, self._gate, listing=place.listing)
        except BaseException:
            self._gate.leave()
            raise

    def after(self, call: Call, answer: Answer) -> None:
        """Give the place back and write down the answer; a pause that the platform asks for holds everybody."""
        place = _place.get()
        if answer.remaining is not None and answer.limit is not None and answer.resets_in is not None:
            self._gate.quota.hear(answer.remaining, answer.limit, answer.resets_in)
        # The pause first: who waits for the place must not slip out before it.
        if answer.retry_after is not None and (answer.throttled or answer.status in {429, 503}):
            self._gate.hold(answer.retry_after)
        self._gate.leave()
        place.recorder.received(call, answer, self._gate, listing=place.listing)

    def pause(self, seconds: float) -> None:
        """Wait, because the platform is still making its answer."""
        place = _place.get()
        place.recorder.forget_pages()
        place.recorder.wait(seconds)
