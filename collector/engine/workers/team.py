"""The workers of one run, as the process that writes has them: who does what, and what of it is recorded.

A worker that is lost takes nothing with it: nothing of its tasks was recorded. Each of them is done once more, by a
worker that does no other task meanwhile: one that loses that too has failed, and what kills workers fails alone.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from threading import Condition, Event
from typing import TYPE_CHECKING, Any

from collector.core.errors import StoreError
from collector.core.tasks import Outcome
from collector.engine.collect import Done, not_run, without_list
from collector.engine.wire import Recorder
from collector.engine.workers.claims import FalseClaim, Ordered, check_changes, check_counts
from collector.engine.workers.desk import Desk, Order, WorkerLost
from collector.engine.workers.messages import (
    Begin,
    Changed,
    CloseScope,
    Collect,
    Collected,
    Drop,
    End,
    Failed,
    Judge,
    Judged,
    Stage,
    Stop,
)
from collector.engine.workers.ports import ChannelClosed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from collector.core.connectors import Collection
    from collector.core.findings import FindingChange
    from collector.core.ports import Attempt, HandingStore, StoredObservation
    from collector.core.scopes import Scope
    from collector.core.tasks import Task
    from collector.engine.collect import RunContext
    from collector.engine.silence import Silence
    from collector.engine.sources import Source
    from collector.engine.unchanged import ToJudge
    from collector.engine.units import Unit
    from collector.engine.workers.ports import Channels

logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.5
"""Seconds between two looks at whether the run is to stop, while a worker says nothing."""

_PATIENCE = 120.0
"""Seconds after the deadline of a task, or after the run was stopped, until a silent worker counts as lost."""

_STARTS = 3
"""How often a worker may end before it was ready, in a row."""

_JUDGED_AT_A_TIME = 2


@dataclass(frozen=True)
class Workers:
    """What a run needs to have workers. `keys` and `store_name` are what a worker compares its own with."""

    channels: Callable[[], Channels]
    store: HandingStore
    store_name: str
    keys: str
    config: str
    tasks: int
    parts: int


@dataclass(frozen=True)
class Handing:
    """How what a worker judges comes to the thread of the run: `hand` takes a call of `take` or `done` there.

    `take` records changes; `done` is given the counts of verdicts by rule and status, None where no worker did it.
    """

    hand: Callable[[Callable[[], None]], None]
    take: Callable[[Sequence[FindingChange]], None]
    done: Callable[[Mapping[str, Mapping[str, int]] | None], None]


class Team:
    """The workers of one run."""

    def __init__(self, workers: Workers, context: RunContext, begin: Begin, silence: Silence) -> None:
        """Start them; which of them can work shows later."""
        self._store = workers.store
        self._context = context
        self._begin = begin
        self._silence = silence
        self._slots = workers.tasks
        self._channels = workers.channels()
        self._numbers = count(1)
        self._changed = Condition()
        self._desks: list[Desk | None] = [None] * self._channels.count
        self._starts = [0] * self._channels.count
        self._last_why = "no worker could be started"
        self._is_closed = False
        self._aborted = Event()
        self._gate_pool = ThreadPoolExecutor(
            self._channels.count * (workers.tasks + workers.parts), thread_name_prefix="annexd-gate"
        )
        self._judging = ThreadPoolExecutor(
            self._channels.count * _JUDGED_AT_A_TIME, thread_name_prefix="annexd-judging"
        )
        for number in range(self._channels.count):
            self._start(number)

    @property
    def tasks(self) -> int:
        """How many tasks all workers do at a time."""
        return self._channels.count * self._slots

    # Collecting ------------------------------------------------------------------------------------------------------

    def collect(self, source: Source, collection: Collection[Any], task: Task) -> Done:
        """Let a worker do a task, record it, and return the result. Raises StoreError and nothing else."""
        context, why = self._context, ""
        try:
            for is_second in (False, True):
                recorder = Recorder(context.clock, context.stop, context.deadline)
                try:
                    ordered = Ordered(source, collection, task, context.clock)
                    with self._silence.watching(task, recorder):
                        return self._collect_once(source, task, ordered, recorder, alone=is_second)
                except WorkerLost as lost:
                    why = str(lost)
                    logger.warning("%s: %s", task, why)
                if context.stop.is_set():
                    return not_run(context, source, collection, task, "the run was stopped")
            return without_list(context, source, collection, task, Outcome.FAILED, why)
        except StoreError:
            context.stop.set()
            raise
        finally:
            context.clients.done(source, task.scope)

    def _collect_once(self, source: Source, task: Task, ordered: Ordered, recorder: Recorder, *, alone: bool) -> Done:
        context, facts = self._context, self._context.scope_facts
        with self._desk_for(task.source, task.scope, alone=alone) as desk:
            order = Order(next(self._numbers), desk, recorder, context.clients.gates(source, task.scope))
            attempt = self._store.attempt(task, context.run)
            try:
                desk.add(order)
                desk.send(
                    Collect(
                        order=order.number,
                        run=context.run,
                        task=task,
                        facts=dict(facts.of(task.source, task.scope)),
                        said_by=facts.said_by(task.source, task.scope),
                    )
                )
                return self._record(order, attempt, task, ordered, recorder)
            except WorkerLost:
                self._store.drop(attempt)
                raise
            finally:
                desk.remove(order)

    def _record(self, order: Order, attempt: Attempt, task: Task, ordered: Ordered, recorder: Recorder) -> Done:
        """Stage what the worker hands over, and finish the task with what it says at the end."""
        for said in self._heard(order, recorder):
            match said:
                case Stage():
                    try:
                        repeated = self._store.take(attempt, said.items)
                    except StoreError as error:
                        order.reply(said.question, error="store", why=error.what)
                        raise
                    order.reply(said.question, repeated)
                case Drop():
                    self._store.drop(attempt)
                    attempt = self._store.attempt(task, self._context.run)
                case Collected():
                    with _believing(order.desk):
                        ordered.check(said, self._context.run, order.desk.worker, self._begin.clock)
                    self._context.clocks.add(order.desk.name, said.answers, jumped=said.jumped)
                    finished = self._store.finish(attempt, said.observation)
                    return Done(said.observation, finished, said.discovered, said.answered)
                case Failed():
                    raise StoreError(said.what, so=said.so, mend=said.mend)
        raise WorkerLost(order.desk.why_not())

    def _heard(self, order: Order, recorder: Recorder) -> Iterator[object]:
        """Yield what a worker says of an order. Raises WorkerLost; a worker that is silent for too long is ended."""
        context = self._context
        silent_since: float | None = None
        is_told = False
        while True:
            if context.stop.is_set() and not is_told:
                is_told = True
                order.desk.send(Stop(context.run))
            said = order.next(_POLL_SECONDS)
            if said is not None:
                silent_since = None
                yield said
                continue
            if recorder.seconds_left() > 0:
                continue
            now = context.clock.monotonic()
            silent_since = now if silent_since is None else silent_since
            if now - silent_since > _PATIENCE:
                logger.error("%s says nothing any more", order.desk.name)
                order.desk.end()

    def close_scope(self, source: Source, scope: Scope) -> None:
        """Let the workers close their clients of a scope: its last task has ended."""
        with self._changed:
            desks = [desk for desk in self._desks if desk is not None and (source.name, scope) in desk.scopes]
            for desk in desks:
                desk.scopes.discard((source.name, scope))
        for desk in desks:
            desk.send(CloseScope(self._context.run, source.name, scope))

    # Judging ---------------------------------------------------------------------------------------------------------

    def judge(
        self,
        unit: Unit,
        todo: ToJudge,
        latest: StoredObservation,
        complete: StoredObservation | None,
        handing: Handing,
    ) -> None:
        """Let a worker judge a unit, which depends on the observation of one task alone."""

        def order() -> None:
            counts = None
            for _ in range(2):
                try:
                    counts = self._judge_once(todo, latest, complete, handing)
                except WorkerLost as lost:
                    logger.warning("judging %s: %s", unit.task, lost)
                except BaseException as error:  # noqa: BLE001  raised in the thread of the run
                    handing.hand(partial(_raise, error))
                    return
                else:
                    break
            handing.hand(partial(handing.done, counts))

        self._judging.submit(order)

    def _judge_once(
        self, todo: ToJudge, latest: StoredObservation, complete: StoredObservation | None, handing: Handing
    ) -> dict[str, dict[str, int]]:
        with self._desk_to_judge() as desk:
            order = Order(next(self._numbers), desk)
            checks = {rule.check.id for rule in (*todo.rules, *todo.in_part)}
            try:
                desk.add(order)
                desk.send(
                    Judge(
                        order=order.number,
                        run=self._context.run,
                        task=latest.observation.task,
                        rules=tuple(rule.check.id for rule in todo.rules),
                        in_part=tuple(rule.check.id for rule in todo.in_part),
                        subjects=todo.subjects,
                        latest=latest,
                        complete=complete,
                    )
                )
                heard_at = self._context.clock.monotonic()
                while True:
                    said = order.next(_POLL_SECONDS)
                    now = self._context.clock.monotonic()
                    heard_at = now if said is not None else heard_at
                    match said:
                        case Changed():
                            with _believing(desk):
                                check_changes(said.changes, checks, latest.observation)
                            self._taken(said.changes, handing)
                            order.reply(said.question)
                        case Judged():
                            with _believing(desk):
                                check_counts(said.counts, checks)
                            return said.counts
                        case Failed():
                            raise StoreError(said.what, so=said.so, mend=said.mend)
                        case _ if now - heard_at > self._begin.deadline.total_seconds():
                            logger.error("%s says nothing any more", desk.name)
                            desk.end()
                        case _ if self._aborted.is_set():
                            raise StoreError("the run has ended")
            finally:
                desk.remove(order)

    def _taken(self, changes: Sequence[FindingChange], handing: Handing) -> None:
        """Hand changes to the thread of the run, and wait until they are recorded: so few of them are in memory."""
        recorded = Event()

        def record() -> None:
            handing.take(changes)
            recorded.set()

        handing.hand(record)
        while not recorded.wait(_POLL_SECONDS):
            if self._aborted.is_set():
                raise StoreError("the run has ended")

    # Workers ---------------------------------------------------------------------------------------------------------

    def abort(self) -> None:
        """Note that nothing more is recorded: the run has ended with an error."""
        self._aborted.set()

    def close(self) -> None:
        """End the run at all workers, and the workers with it."""
        self._aborted.set()
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        self._judging.shutdown(wait=True, cancel_futures=True)
        for desk in self._desks:
            if desk is not None:
                desk.send(End(self._context.run))
                desk.end()
        self._gate_pool.shutdown(wait=True, cancel_futures=True)
        self._channels.close()

    def _start(self, number: int) -> None:
        """Start a worker, or ask for one; those that wait for one hear of it."""
        desk = None
        try:
            channel = self._channels.open(number)
        except ChannelClosed as error:
            self._last_why = str(error)
        else:
            desk = Desk(
                number, channel, self._begin, self._gate_pool, self._context.clock, self._changed, self._start_again
            )
            desk.start()
        with self._changed:
            self._desks[number] = desk
            is_late = self._is_closed
            self._changed.notify_all()
        if is_late and desk is not None:
            desk.end()

    def _start_again(self, lost: Desk) -> None:
        """Start another worker in place of one that is gone, unless that one never was ready, several times."""
        lost.end()
        number = lost.number
        with self._changed:
            self._starts[number] = 0 if lost.name else self._starts[number] + 1
            if self._is_closed:
                return
            self._last_why = lost.why_not()
            is_hopeless = lost.refused is not None or self._starts[number] >= _STARTS
            if is_hopeless:
                self._desks[number] = None
            self._changed.notify_all()
        logger.warning(
            "%s is gone%s", lost.name or f"worker {number}", "" if is_hopeless else "; another one is started"
        )
        if not is_hopeless:
            self._start(number)

    @contextmanager
    def _desk_for(self, source: str, scope: Scope, *, alone: bool) -> Iterator[Desk]:
        """Yield a worker with a place for a task: one that has a client for the scope where there is one.

        With `alone` it does no other task. Raises WorkerLost where no worker can work any more.
        """
        with self._changed:
            desk = self._alone_desk() if alone else self._free_desk(source, scope)
            desk.scopes.add((source, scope))
            desk.collecting += 1
        try:
            yield desk
        finally:
            with self._changed:
                desk.collecting -= 1
                desk.is_taken = desk.is_taken and not alone
                self._changed.notify_all()

    def _free_desk(self, source: str, scope: Scope) -> Desk:
        while not (free := [desk for desk in self._working() if desk.collecting < self._slots and not desk.is_taken]):
            self._changed.wait(_POLL_SECONDS)
        here = [desk for desk in free if (source, scope) in desk.scopes]
        return min(here or free, key=lambda each: each.collecting)

    def _alone_desk(self) -> Desk:
        """Take a worker for one task alone, and wait until it has no other one."""
        while True:
            while not (free := [desk for desk in self._working() if not desk.is_taken]):
                self._changed.wait(_POLL_SECONDS)
            desk = min(free, key=lambda each: each.collecting)
            desk.is_taken = True
            while desk.works and desk.collecting:
                self._changed.wait(_POLL_SECONDS)
            if desk.works:
                return desk

    @contextmanager
    def _desk_to_judge(self) -> Iterator[Desk]:
        with self._changed:
            while not (ready := self._working()):
                self._changed.wait(_POLL_SECONDS)
            desk = min(ready, key=lambda each: (each.judging, each.collecting))
            desk.judging += 1
        try:
            yield desk
        finally:
            with self._changed:
                desk.judging -= 1

    def _working(self) -> list[Desk]:
        """Return the workers that take orders, none while they start. Raises WorkerLost where none ever will."""
        desks = [desk for desk in self._desks if desk is not None]
        hopeful = [desk for desk in desks if desk.refused is None]
        if self._is_closed or not hopeful:
            raise WorkerLost(next((desk.refused for desk in desks if desk.refused), self._last_why))
        return [desk for desk in hopeful if desk.works]


@contextmanager
def _believing(desk: Desk) -> Iterator[None]:
    """Give a worker that says what cannot be no more orders: this one is lost with it. Raises WorkerLost."""
    try:
        yield
    except FalseClaim as error:
        desk.refuse(f"{desk.name} says what cannot be: {error}")
        raise WorkerLost(desk.why_not()) from error


def _raise(error: BaseException) -> None:
    raise error
