"""A worker: does the orders of the process that writes, until it is told to end or that process is gone."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collector.core.errors import AnnexdError, StoreError
from collector.core.ports import Attempt, Finished
from collector.core.spans import show_span
from collector.engine.arenas import share_arenas
from collector.engine.collect import RunContext, TaskRun
from collector.engine.freshness import Freshness
from collector.engine.odd_errors import named
from collector.engine.platform_clocks import PlatformClocks
from collector.engine.scope_facts import NO_FACTS
from collector.engine.sources import Clients
from collector.engine.unchanged import ToJudge
from collector.engine.unit_changes import changes_of
from collector.engine.units import Unit
from collector.engine.workers.borrowed_gates import BorrowedGates
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
    Ready,
    Refused,
    Reply,
    Stage,
    Stop,
    read_order,
)
from collector.engine.workers.ports import ChannelClosed
from collector.engine.workers.questions import Questions

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from collector.core.findings import Finding, FindingChange
    from collector.core.ports import Item
    from collector.core.scopes import Scope
    from collector.core.tasks import Observation, Task
    from collector.engine.rule import Rule
    from collector.engine.workers.messages import ToWorker
    from collector.engine.workers.ports import Channel, SealsItems, WorkerParts

logger = logging.getLogger(__name__)

_CHANGES = 500
"""Changes of findings that are handed over at a time."""

_JUDGES = 2
"""Orders to judge that are done at a time: they only compute, so more of them would only use memory."""


def work(channel: Channel, parts: WorkerParts) -> None:
    """Do orders until the writer is gone."""
    share_arenas()
    worker = _Worker(channel, parts)
    worker.questions.tell(Ready(parts.name, parts.code))
    try:
        while True:
            worker.hear(read_order(channel.receive()))
    except ChannelClosed:
        logger.debug("the process that writes is gone")
    finally:
        worker.close()


class _HandingStore:
    """The store as the tasks of a worker use it: what they stage goes to the writer, which finishes them."""

    def __init__(self, questions: Questions, order: int, sealing: Callable[[Task, str], SealsItems]) -> None:
        self._questions = questions
        self._order = order
        self._sealing = sealing
        self._current: SealsItems | None = None

    def attempt(self, task: Task, run: str) -> Attempt:
        """Begin an attempt; the writer begins its own with the order."""
        self._current = self._sealing(task, run)
        return Attempt(f"{self._order}")

    def stage(self, _attempt: Attempt, batch: Sequence[Item]) -> int:
        """Hand items over, and return how many the attempt had staged before."""
        items, repeated = self._seals.seal(batch)
        reply = self._questions.ask(self._order, lambda number: Stage(self._order, number, items))
        if reply.error:
            raise StoreError(reply.why)
        return repeated + reply.value

    def are_current(
        self, _attempt: Attempt, bodies: Sequence[tuple[str, bytes]], runs: Collection[str]
    ) -> Sequence[bool]:
        """Return of each key and body whether the resource of the task with that key has this very body."""
        return self._seals.are_current(bodies, runs)

    def drop(self, _attempt: Attempt) -> None:
        """Discard what was handed over."""
        self._questions.tell(Drop(self._order))

    def finish(self, _attempt: Attempt, _seen: Observation) -> Finished:
        """Return nothing yet: the writer finishes the task when it has the observation."""
        return Finished(None, 0, 0, 0, 0)

    @property
    def _seals(self) -> SealsItems:
        if self._current is None:
            message = "nothing is staged before an attempt"
            raise ValueError(message)
        return self._current


class _GivenFacts:
    """What the writer said of scopes, in place of `ScopeFacts`."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, Scope], tuple[Mapping[str, Any], str]] = {}

    def give(self, order: Collect) -> None:
        """Note what an order says of the scope of its task."""
        self._given[order.task.source, order.task.scope] = (order.facts, order.said_by)

    def of(self, source: str, scope: Scope) -> Mapping[str, Any]:
        """Return the facts of a scope; empty where there are none."""
        return self._given.get((source, scope), (NO_FACTS, ""))[0]

    def said_by(self, source: str, scope: Scope) -> str:
        """Return the discoveries that the facts of a scope come from, for people."""
        return self._given.get((source, scope), (NO_FACTS, ""))[1]


@dataclass
class _Run:
    """One run at this worker. `open_scopes` have a client, until the writer says that it can be closed."""

    begin: Begin
    clients: Clients
    facts: _GivenFacts
    clocks: PlatformClocks
    stop: threading.Event = field(default_factory=threading.Event)
    open_scopes: set[tuple[str, Scope]] = field(default_factory=set)


class _Worker:
    """What a worker knows: its parts, and the runs that it does orders of."""

    def __init__(self, channel: Channel, parts: WorkerParts) -> None:
        self.questions = Questions(channel)
        self._parts = parts
        self._gates = BorrowedGates(self.questions, parts.clock)
        self._tasks = ThreadPoolExecutor(parts.tasks, thread_name_prefix="annexd-task")
        self._part_pool = ThreadPoolExecutor(parts.parts, thread_name_prefix="annexd-part")
        self._judges = ThreadPoolExecutor(_JUDGES, thread_name_prefix="annexd-judge")
        self._scopes_lock = threading.Lock()
        self._runs: dict[str, _Run] = {}

    def hear(self, said: ToWorker) -> None:
        """Do what the writer says; orders are done by other threads."""
        match said:
            case Begin():
                self._begin(said)
            case Reply():
                self.questions.answered(said)
            case Collect():
                self._tasks.submit(self._order, said.order, lambda: self._collect(said))
            case Judge():
                self._judges.submit(self._order, said.order, lambda: self._judge(said))
            case CloseScope():
                self._close_scope(self._runs[said.run], said.source, said.scope)
            case Stop():
                if said.run in self._runs:
                    self._runs[said.run].stop.set()
            case End():
                self._end(said.run)

    def close(self) -> None:
        """End everything, as where the writer is gone."""
        self.questions.close()
        for run in tuple(self._runs):
            self._runs[run].stop.set()
        for pool in (self._tasks, self._judges, self._part_pool):
            pool.shutdown(wait=False, cancel_futures=True)
        for run in tuple(self._runs):
            self._end(run)

    def _begin(self, begin: Begin) -> None:
        if (why := self._why_not(begin)) is not None:
            self.questions.tell(Refused(begin.run, why))
            return
        facts, parts = _GivenFacts(), self._parts
        self._runs[begin.run] = _Run(
            begin=begin,
            clients=Clients(self._gates, parts.clock, begin.largest_answer, facts),
            facts=facts,
            clocks=PlatformClocks(parts.clock, begin.clock),
        )

    def _why_not(self, begin: Begin) -> str | None:
        """Return why this worker may do no orders of a run: what it would record is not what the writer's would."""
        mine = self._parts
        for what, own, theirs in (
            ("code", mine.code, begin.code),
            ("configuration", mine.config, begin.config),
            ("store", mine.store, begin.store),
            ("worker key", mine.keys, begin.keys),
        ):
            if own != theirs:
                return f"its {what} is another one than that of the process that writes ({own}, and not {theirs})"
        apart = abs(mine.clock.now() - begin.now)
        return None if apart <= begin.clock else f"its clock is {show_span(apart)} apart from that of the writer"

    def _order(self, order: int, do: Callable[[], None]) -> None:
        try:
            do()
        except AnnexdError as error:
            self.questions.tell(Failed(order, error.what, error.so, error.mend))
        except BaseException as error:
            logger.exception("an order was not done")
            self.questions.tell(Failed(order, f"a defect of a worker: {named(error)}", mend="report this as a defect"))

    def _collect(self, order: Collect) -> None:
        run, task = self._runs[order.run], order.task
        source = self._parts.sources[task.source]
        run.facts.give(order)
        self._open_scope(run, task.source, task.scope)
        attempt = TaskRun(self._context(run, order), source, source.collections[task.collection], task)
        self._gates.announce(attempt.recorder, order.order)
        try:
            done = attempt.run()
        finally:
            self._gates.forget(attempt.recorder)
        self.questions.tell(
            Collected(
                order=order.order,
                observation=done.observation,
                discovered=done.discovered,
                answered=done.answered,
                answers=dict(run.clocks.answers),
                jumped=run.clocks.jumped,
            )
        )

    def _context(self, run: _Run, order: Collect) -> RunContext:
        parts = self._parts
        return RunContext(
            run=order.run,
            store=_HandingStore(self.questions, order.order, parts.sealing),
            clients=run.clients,
            scope_facts=run.facts,
            clock=parts.clock,
            stop=run.stop,
            part_pool=self._part_pool,
            deadline=run.begin.deadline,
            redaction_key=parts.redaction_key,
            clocks=run.clocks,
            comparable=run.begin.comparable,
            worker=f"{parts.name}, code {parts.code}",
        )

    def _open_scope(self, run: _Run, source: str, scope: Scope) -> None:
        run.clients.expect(self._parts.sources[source], scope)
        with self._scopes_lock:
            is_new = (source, scope) not in run.open_scopes
            run.open_scopes.add((source, scope))
        if is_new:
            # Once more, so that the client stays open between two tasks of the scope.
            run.clients.expect(self._parts.sources[source], scope)

    def _close_scope(self, run: _Run, source: str, scope: Scope) -> None:
        if (source, scope) in run.open_scopes:
            run.open_scopes.discard((source, scope))
            run.clients.done(self._parts.sources[source], scope)

    def _end(self, run: str) -> None:
        ended = self._runs.pop(run, None)
        if ended is not None:
            ended.clients.close(self._parts.sources)

    def _judge(self, order: Judge) -> None:
        parts, task = self._parts, order.task
        rules = {id_: parts.rules[id_] for id_ in (*order.rules, *order.in_part)}
        freshness = Freshness(
            parts.sources[task.source],
            scopes=(task.scope,),
            incomplete_discoveries=(),
            latest=(order.latest,),
            complete=() if order.complete is None else (order.complete,),
        )
        todo = ToJudge(
            tuple(rules[id_] for id_ in order.rules), tuple(rules[id_] for id_ in order.in_part), order.subjects
        )
        unit = Unit(task.source, tuple(rules.values()), task.scope, task, needs=())  # what it waited for has come
        counts: dict[str, Counter[str]] = {}

        def count(rule: Rule, finding: Finding) -> None:
            counts.setdefault(rule.check.id, Counter())[finding.status.value] += 1

        batch: list[FindingChange] = []
        for change in changes_of(parts.reader, freshness, unit, todo, parts.clock.now(), count):
            batch.append(change)
            if len(batch) >= _CHANGES:
                self._hand(order.order, batch)
        if batch:
            self._hand(order.order, batch)
        self.questions.tell(Judged(order.order, {check: dict(found) for check, found in counts.items()}))

    def _hand(self, order: int, batch: list[FindingChange]) -> None:
        changes, batch[:] = tuple(batch), []
        self.questions.ask(order, lambda number: Changed(order, number, changes))
