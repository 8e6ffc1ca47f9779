"""One run: discover, plan, collect, judge, and write each of these down before the next begins."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Protocol

from collector.core.facts import RunEnded, RunStarted, SourceRoots, TasksPlanned
from collector.core.ports import StoredObservation
from collector.core.tasks import Task
from collector.engine.collect import Done, RunContext, TaskRun, not_run
from collector.engine.forecast import forecasts
from collector.engine.freshness import Freshness
from collector.engine.gates import Gates
from collector.engine.listing import LoopThread
from collector.engine.plan import ScopeTree, in_turn, known_scopes
from collector.engine.sources import Clients, Source
from collector.engine.verdicts import Verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from collector.core.connectors import Collection
    from collector.core.facts import CheckCounts
    from collector.core.findings import FindingChange
    from collector.core.ports import Store
    from collector.core.scopes import Scope
    from collector.engine.clock import Clock
    from collector.engine.forecast import Forecast
    from collector.engine.gates import Identity
    from collector.engine.judge import Rule
    from collector.engine.quota import Allowance
    from collector.engine.wire import Budget

logger = logging.getLogger(__name__)

_PATIENCE = 0.2
"""Seconds between two looks at whether the run is to stop."""


@dataclass(frozen=True)
class Limits:
    """How much a run may use of everything. `budgets` are the operator's own, by source."""

    tasks: int = 16
    parts: int = 32
    deadline: timedelta = timedelta(minutes=30)
    largest_answer: int = 64 << 20
    budgets: Mapping[str, Budget] = field(default_factory=dict)


class Events(Protocol):
    """What a run tells while it goes on; called from the thread that runs it."""

    def planned(self, tasks: Sequence[Task]) -> None:
        """All tasks of the run are known."""

    def finished(self, done: Done) -> None:
        """A task has ended, however."""

    def judged(self, changes: Sequence[FindingChange]) -> None:
        """Verdicts have changed."""


@dataclass(frozen=True)
class RunRequest:
    """What one run is to do. `wanted` chooses among the planned tasks; discovery is always done."""

    run: str
    trigger: str
    version: str
    code: str
    config: str
    wanted: Callable[[Task], bool] = lambda _task: True
    resumes: str | None = None


@dataclass(frozen=True)
class RunSummary:
    """What a run came to. `allowances` is what its quotas have left."""

    run: str
    outcomes: Mapping[str, int]
    tallies: Sequence[CheckCounts]
    stopped: str | None
    requests: int
    allowances: Mapping[Identity, Allowance] = field(default_factory=dict)


class Runner:
    """Runs over a set of sources with one store. One run at a time."""

    def __init__(  # noqa: PLR0913  the ports and what they are for
        self,
        *,
        store: Store,
        sources: Sequence[Source],
        rules: Sequence[Rule],
        clock: Clock,
        redaction_key: bytes,
        events: Events,
        limits: Limits | None = None,
        executor: Callable[[int], Executor] | None = None,
        foretell: Callable[[Sequence[Forecast]], None] = lambda _forecasts: None,
    ) -> None:
        self._store = store
        self._sources = {source.name: source for source in sources}
        self._rules = rules
        self._clock = clock
        self._key = redaction_key
        self._events = events
        self._foretell = foretell
        self._limits = limits or Limits()
        self._executor = executor or (lambda workers: ThreadPoolExecutor(workers, thread_name_prefix="annexd-task"))
        self._stop = threading.Event()
        self._why_stopped: str | None = None
        self._gates = Gates(sources, self._limits.budgets, clock)

    def stop(self, why: str) -> None:
        """Ask the run to end: tasks that have not finished are recorded as not run. Safe from a signal handler."""
        self._why_stopped = self._why_stopped or why
        self._stop.set()

    def run(self, order: RunRequest) -> RunSummary:
        """Do one run. Raises StoreError where evidence cannot be kept; whatever a platform does ends only its task."""
        self._store.write([self._started(order)])
        loop = LoopThread()
        outcomes: Counter[str] = Counter()
        pool = ThreadPoolExecutor(self._limits.parts, thread_name_prefix="annexd-part")
        shop = self._workshop(order, pool, loop)
        try:
            requests = self._all(order, shop, outcomes)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            shop.clients.close(self._sources)
            loop.close()
        tallies = self._verdicts.tallies()
        self._store.write(
            [
                RunEnded(
                    run=order.run,
                    at=self._clock.now(),
                    outcomes=dict(sorted(outcomes.items())),
                    stopped=self._why_stopped,
                )
            ]
        )
        return RunSummary(order.run, outcomes, tallies, self._why_stopped, requests, self._gates.allowances())

    def _all(self, order: RunRequest, shop: RunContext, outcomes: Counter[str]) -> int:
        with self._executor(self._limits.tasks) as tasks_pool:
            try:
                requests = self._tasks(order, shop, tasks_pool, outcomes)
            except BaseException:
                # Set before the pool is left, which waits for every task that has not been told to stop.
                self._stop.set()
                raise
        self._verdicts.close()
        return requests

    def _tasks(self, order: RunRequest, shop: RunContext, tasks_pool: Executor, outcomes: Counter[str]) -> int:
        requests = 0
        grounds, discovered = self._discover(shop, tasks_pool)
        tasks = in_turn({name: ground.tasks(order.wanted, discovered) for name, ground in grounds.items()})
        self._store.write([self._planned(order, grounds, [*discovered, *tasks])])
        self._verdicts = self._open_verdicts(order, grounds, [*discovered, *tasks])
        self._events.planned([*discovered, *tasks])
        self._foretell(self._forecasts(tasks))
        for done in discovered.values():
            requests += self._took(done, outcomes)
        self._expect(shop.clients, tasks)
        for name, scope in self._held:
            shop.clients.done(self._sources[name], scope)
        for done in self._run_all(shop, tasks_pool, tasks):
            requests += self._took(done, outcomes)
        return requests

    def _took(self, done: Done, outcomes: Counter[str]) -> int:
        """Take in the end of a task: count, judge what it was the last need of, tell."""
        outcomes[done.observation.outcome.value] += 1
        self._events.finished(done)
        leaf = done.finished.leaf
        self._verdicts.took(
            StoredObservation(done.observation, done.finished.inventory, None if leaf is None else leaf.index)
        )
        return done.observation.provenance.requests

    def _started(self, order: RunRequest) -> RunStarted:
        return RunStarted(
            run=order.run,
            trigger=order.trigger,
            at=self._clock.now(),
            version=order.version,
            code=order.code,
            config=order.config,
            sources=tuple(SourceRoots(one.name, one.connector.name, one.roots()) for one in self._sources.values()),
            resumes=order.resumes,
        )

    def _planned(self, order: RunRequest, grounds: Mapping[str, ScopeTree], tasks: Sequence[Task]) -> TasksPlanned:
        return TasksPlanned(
            run=order.run,
            at=self._clock.now(),
            tasks=tuple(tasks),
            scopes={name: tuple(ground.scopes) for name, ground in grounds.items()},
            incomplete_discoveries=tuple(hole for ground in grounds.values() for hole in ground.unopened),
        )

    def _workshop(self, order: RunRequest, pool: Executor, loop: LoopThread) -> RunContext:
        return RunContext(
            run=order.run,
            store=self._store,
            clients=Clients(self._gates.of, self._limits.largest_answer),
            clock=self._clock,
            stop=self._stop,
            part_pool=pool,
            loop=loop,
            deadline=self._limits.deadline,
            redaction_key=self._key,
        )

    def _forecasts(self, tasks: Sequence[Task]) -> list[Forecast]:
        """Say of each quota how much of it the tasks will take, by what they took the last time."""
        allowances = self._gates.allowances()
        if not allowances:
            return []
        last = {seen.observation.task: seen.observation for seen in self._store.observations()}
        return forecasts(tasks, self._sources, last, allowances)

    def _discover(self, shop: RunContext, pool: Executor) -> tuple[dict[str, ScopeTree], dict[Task, Done]]:
        """Open the scopes of all sources, level by level; each discovery is a task like any other."""
        known = known_scopes(self._store.plans())
        grounds = {name: ScopeTree(one, known.get(name, ())) for name, one in self._sources.items()}
        finished: dict[Task, Done] = {}
        self._held: list[tuple[str, Scope]] = []
        deepest = max((len(one.connector.levels) for one in self._sources.values()), default=0)
        for depth in range(deepest):
            todo = {task: level for ground in grounds.values() for level, task in ground.discoveries(depth)}
            self._expect(shop.clients, todo)
            # A second hold keeps the clients open between discovery and the first task of the scope.
            self._expect(shop.clients, todo)
            self._held += [(task.source, task.scope) for task in todo]
            for done in self._run_all(shop, pool, todo):
                seen = done.observation
                task = seen.task
                grounds[task.source].open(todo[task], task.scope, done.below, seen.outcome, seen.reason())
                finished[task] = done
        return grounds, finished

    def _run_all(self, shop: RunContext, pool: Executor, tasks: Iterable[Task]) -> Iterator[Done]:
        """Run tasks, yield each as it ends; what has not begun when the run stops is recorded as not run."""
        pending = {pool.submit(self._run_one, shop, task): task for task in tasks}
        ended: SimpleQueue[Future[Done]] = SimpleQueue()
        for future in pending:
            future.add_done_callback(ended.put)
        cancelled = False
        while pending:
            if self._stop.is_set() and not cancelled:
                cancelled = True
                for future in tuple(pending):
                    future.cancel()
            try:
                future = ended.get(timeout=_PATIENCE)
            except Empty:
                continue
            task = pending.pop(future)
            if future.cancelled():
                source, collection = self._of(task)
                shop.clients.done(source, task.scope)
                yield not_run(shop, source, collection, task, self._why_stopped or "the run was stopped")
            else:
                yield future.result()

    def _run_one(self, shop: RunContext, task: Task) -> Done:
        # Made where it runs: its time starts now, and a plan of many tasks holds no more than their names.
        return TaskRun(shop, *self._of(task), task).run()

    def _expect(self, clients: Clients, tasks: Iterable[Task]) -> None:
        for task in tasks:
            clients.expect(self._sources[task.source], task.scope)

    def _of(self, task: Task) -> tuple[Source, Collection[Any]]:
        source = self._sources[task.source]
        return source, source.collections[task.collection]

    def _open_verdicts(self, order: RunRequest, grounds: Mapping[str, ScopeTree], tasks: Sequence[Task]) -> Verdicts:
        sights = {}
        for name, ground in grounds.items():
            sights[name] = Freshness(
                ground.source,
                scopes=ground.scopes,
                unopened=ground.unopened,
                latest=self._store.observations(source=name),
                complete=self._store.last_complete(source=name),
            )
        return Verdicts(
            store=self._store,
            sights=sights,
            rules=self._rules,
            clock=self._clock,
            run=order.run,
            tell=self._events.judged,
            coming=[*tasks],
        )
