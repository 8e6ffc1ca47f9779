"""The worker as the process that writes sees it: what it was ordered, and what it says, by order."""

from __future__ import annotations

import logging
from concurrent.futures import Executor
from queue import Empty, SimpleQueue
from threading import Condition, Lock, Thread, get_ident
from typing import TYPE_CHECKING

import msgspec

from collector.core.errors import DeadlinePassed, Halted, Stopped, Unexpected
from collector.engine.quota import seconds_covered
from collector.engine.wire import OpenCall
from collector.engine.workers.borrowed_gates import DEADLINE, STOPPED, UNEXPECTED
from collector.engine.workers.messages import Enter, Left, Ready, Refused, Reply, call_of, encode, read_report
from collector.engine.workers.ports import ChannelClosed

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.core.scopes import Scope
    from collector.engine.clock import Clock
    from collector.engine.sources import OpenGates
    from collector.engine.wire import Recorder
    from collector.engine.workers.messages import Begin, FromWorker, ToWorker
    from collector.engine.workers.ports import Channel

logger = logging.getLogger(__name__)


class WorkerLost(Exception):
    """The worker of an order is gone, or does no orders; why."""


class Order:
    """One order at a worker: what it says of it waits here, except its calls, which pass their gates at once."""

    def __init__(
        self, number: int, desk: Desk, recorder: Recorder | None = None, gates: OpenGates | None = None
    ) -> None:
        self.number = number
        self.desk = desk
        self.recorder = recorder
        self.gates = gates
        self._said: SimpleQueue[FromWorker | WorkerLost] = SimpleQueue()
        self._lock = Lock()
        self._open: dict[int, OpenCall] = {}
        self._is_closed = False

    def put(self, said: FromWorker | WorkerLost) -> None:
        """Add what the worker says, or that it is gone."""
        self._said.put(said)

    def next(self, seconds: float) -> FromWorker | None:
        """Return what the worker says next, None where it says nothing for so long. Raises WorkerLost."""
        try:
            said = self._said.get(timeout=seconds)
        except Empty:
            return None
        if isinstance(said, WorkerLost):
            raise said
        return said

    def reply(self, question: int, value: int = 0, *, error: str = "", why: str = "", waited: float = 0.0) -> None:
        """Answer a question of the worker."""
        self.desk.send(Reply(self.number, question, value, error, why, waited))

    def enter(self, said: Enter, clock: Clock) -> None:
        """Let a call of the task pass its gate, and tell the worker; blocks for as long as the gate does."""
        if self.recorder is None or self.gates is None:
            return
        began = clock.monotonic()
        try:
            gate = self.gates.of(call_of(said))
            number = gate.enter(self.recorder)
        except (Halted, Unexpected) as error:
            kind = (
                STOPPED if isinstance(error, Stopped) else DEADLINE if isinstance(error, DeadlinePassed) else UNEXPECTED
            )
            self.reply(said.question, error=kind, why=str(error))
            return
        except Exception as error:
            logger.exception("the gate of %s was not found", said.operation)
            self.reply(said.question, error=UNEXPECTED, why=f"its quota cannot be told: {type(error).__name__}")
            return
        call = OpenCall(said.operation, gate, number, get_ident(), clock.monotonic())
        with self._lock:
            if self._is_closed:
                gate.leave(number)
                return
            self._open[number] = call
            self.recorder.open_calls.append(call)
        waited = seconds_covered(gate.quota.exhausted_since(began))
        self.reply(said.question, number, waited=waited)

    def left(self, said: Left) -> None:
        """Let the gate of a call hear the answer, and give its place back."""
        with self._lock:
            call = self._open.pop(said.number, None)
        if call is None or self.gates is None or self.recorder is None:
            return
        self.recorder.open_calls.remove(call)
        try:
            if said.answer is not None:
                bucket = said.answer.bucket
                gate = call.gate if bucket is None else self.gates.named(call_of(said), bucket)
                gate.heard(said.answer.answer(), said.number)
        finally:
            call.gate.leave(said.number)

    def close(self) -> None:
        """Give back the places of all calls that were never answered: the worker is gone, or the task has ended."""
        with self._lock:
            self._is_closed = True
            calls, self._open = list(self._open.values()), {}
        for call in calls:
            if self.recorder is not None:
                self.recorder.open_calls.remove(call)
            call.gate.leave(call.number)


class Desk:
    """One worker of a run. `on_lost` hears of its end from the thread that listens to it."""

    def __init__(
        self,
        number: int,
        channel: Channel,
        begin: Begin,
        gate_pool: Executor,
        clock: Clock,
        changed: Condition,
        on_lost: Callable[[Desk], None],
    ) -> None:
        self.number = number
        self.scopes: set[tuple[str, Scope]] = set()
        self.name = ""
        self.refused: str | None = None
        self.is_lost = False
        self.is_taken = False  # for one task alone
        self.collecting = 0
        self.judging = 0
        self._begin = begin
        self._channel = channel
        self._gate_pool = gate_pool
        self._clock = clock
        self._changed = changed
        self._on_lost = on_lost
        self._sending = Lock()
        self._lock = Lock()
        self._orders: dict[int, Order] = {}

    def start(self) -> None:
        """Tell the worker of the run, and listen to it in a thread of its own."""
        self.send(self._begin)
        Thread(target=self._listen, name=f"annexd-worker-{self.number}", daemon=True).start()

    @property
    def works(self) -> bool:
        """Whether it takes orders."""
        return not self.is_lost and self.refused is None and self.name != ""

    def add(self, order: Order) -> None:
        """Note an order. Raises WorkerLost where the worker is gone already."""
        with self._lock:
            if not self.works:
                raise WorkerLost(self.why_not())
            self._orders[order.number] = order

    def remove(self, order: Order) -> None:
        """Note the end of an order."""
        with self._lock:
            self._orders.pop(order.number, None)
        order.close()

    @property
    def worker(self) -> str:
        """Return how the provenance of what it does names it."""
        return f"{self.name}, code {self._begin.code}"

    def refuse(self, why: str) -> None:
        """Give it no more orders, and take those back that it has."""
        logger.error("%s", why)
        with self._changed:
            self.refused = why
            self._changed.notify_all()
        self._lose_orders()

    def why_not(self) -> str:
        """Return why it takes no orders, for people."""
        return self.refused or f"worker {self.number} ended while it had work to do"

    def send(self, said: ToWorker) -> None:
        """Say something to the worker; one that is gone is found out by who listens to it."""
        data = encode(said)
        try:
            with self._sending:
                self._channel.send(data)
        except ChannelClosed:
            logger.debug("worker %d is gone", self.number)

    def end(self) -> None:
        """End the worker: it hears no more, and whatever it still does comes to nothing."""
        self._channel.close()

    def _listen(self) -> None:
        try:
            while True:
                self._hear(read_report(self._channel.receive()))
        except ChannelClosed:
            pass
        except msgspec.MsgspecError as error:
            logger.error("worker %d says what cannot be read: %s", self.number, error)  # noqa: TRY400  it is no defect of ours
            self._channel.close()
        with self._lock:
            self.is_lost = True
            orders = list(self._orders.values())
        for order in orders:
            order.put(WorkerLost(self.why_not()))
        self._on_lost(self)

    def _hear(self, said: FromWorker) -> None:
        match said:
            case Ready():
                if said.code != self._begin.code:
                    self.refuse(f"{said.name} does no work of this run: its code is {said.code}")
                with self._changed:
                    self.name = said.name
                    self._changed.notify_all()
            case Refused():
                self.refuse(f"{self.name} does no work of this run: {said.why}")
            case _:
                with self._lock:
                    order = self._orders.get(said.order)
                if order is None:
                    return
                if isinstance(said, Enter):
                    self._gate_pool.submit(order.enter, said, self._clock)
                elif isinstance(said, Left):
                    order.left(said)
                else:
                    order.put(said)

    def _lose_orders(self) -> None:
        with self._lock:
            orders = list(self._orders.values())
        for order in orders:
            order.put(WorkerLost(self.why_not()))
