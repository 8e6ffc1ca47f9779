"""The gates of a worker: each call asks the writer, which has the one gate of each bucket for all workers.

Which bucket a call counts against, and what the platform says of it, is the writer's to know, so that no quota is ever
used by two workers without one place that counts.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, cast

from collector.core.errors import DeadlinePassed, Stopped, Unexpected
from collector.engine.workers.messages import Enter, GateAnswer, Left

if TYPE_CHECKING:
    from collector.core.errors import Halted
    from collector.core.scopes import Scope
    from collector.core.wire import Answer, Call
    from collector.engine.clock import Clock
    from collector.engine.gate import Gate
    from collector.engine.sources import Source
    from collector.engine.wire import Recorder
    from collector.engine.workers.questions import Questions

STOPPED, DEADLINE, UNEXPECTED = "stopped", "deadline", "unexpected"
"""What a gate ends a task by."""

_ERRORS: dict[str, type[Halted | Unexpected]] = {
    STOPPED: Stopped,
    DEADLINE: DeadlinePassed,
    UNEXPECTED: Unexpected,
}


class BorrowedGates:
    """The gates of all clients of a worker. A task has to be announced before it makes calls."""

    def __init__(self, questions: Questions, clock: Clock) -> None:
        self.questions = questions
        self.clock = clock
        self._lock = Lock()
        self._orders: dict[Recorder, int] = {}
        self._under_way: dict[int, tuple[int, GateAnswer | None]] = {}

    def announce(self, recorder: Recorder, order: int) -> None:
        """Note which order the calls of a recorder belong to."""
        with self._lock:
            self._orders[recorder] = order

    def forget(self, recorder: Recorder) -> None:
        """Note that a task has ended."""
        with self._lock:
            del self._orders[recorder]

    def of_client(self, _source: Source, _scope: Scope) -> _GatesOfClient:
        """Return the gates of a new client."""
        return _GatesOfClient(self)

    def order_of(self, recorder: Recorder) -> int:
        """Return the order of a task."""
        return self._orders[recorder]

    def entered(self, number: int, order: int) -> None:
        """Note that a call may be sent."""
        with self._lock:
            self._under_way[number] = (order, None)

    def heard(self, answer: Answer, number: int) -> None:
        """Keep what the gate is to hear of an answer; it goes with `left`."""
        with self._lock:
            order, _ = self._under_way[number]
            self._under_way[number] = (order, GateAnswer.of(answer))

    def left(self, call: Call, number: int) -> None:
        """Give the place of a call back."""
        with self._lock:
            order, answer = self._under_way.pop(number)
        self.questions.tell(Left(order, number, call.operation, call.aside, answer))


class _GatesOfClient:
    """The gates of one client; see `collector.engine.sources.OpenGates`."""

    def __init__(self, gates: BorrowedGates) -> None:
        self._gates = gates

    def of(self, call: Call) -> Gate:
        """Return the gate that a call has to pass."""
        return cast("Gate", _BorrowedGate(self._gates, call))

    def named(self, call: Call, _bucket: str) -> Gate:
        """Return the same one: the writer is told the name with the answer."""
        return self.of(call)

    def close(self) -> None:
        """Do nothing: the gates are the writer's."""


class _BorrowedGate:
    """The way of the calls of one kind to their gate, in place of `collector.engine.gate.Gate`."""

    def __init__(self, gates: BorrowedGates, call: Call) -> None:
        self._gates = gates
        self._call = call
        self._spans: list[tuple[float, float]] = []

    def enter(self, recorder: Recorder) -> int:
        """Wait until the writer lets the call pass, and return its number. Raises what the recorder does."""
        recorder.check_running()
        order, call = self._gates.order_of(recorder), self._call
        reply = self._gates.questions.ask(order, lambda number: Enter(order, number, call.operation, call.aside))
        if reply.waited:
            now = self._gates.clock.monotonic()
            self._spans.append((now - reply.waited, now))
            recorder.uses_quota(self)  # type: ignore[arg-type]  # which asks for `exhausted_since` alone
        if reply.error:
            recorder.refused = recorder.refused or _ERRORS[reply.error](reply.why)
            raise recorder.refused
        self._gates.entered(reply.value, order)
        return reply.value

    def exhausted_since(self, moment: float) -> list[tuple[float, float]]:
        """Return from when to when calls waited for quota, after a monotonic time; see `Quota`."""
        return [(max(began, moment), end) for began, end in self._spans if end > moment]

    def heard(self, answer: Answer, number: int) -> None:
        """Keep what the platform says of the quota."""
        self._gates.heard(answer, number)

    def leave(self, number: int) -> None:
        """Give the place of a call back."""
        self._gates.left(self._call, number)
