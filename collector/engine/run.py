"""A run: discover scopes, plan tasks, collect and judge; each step is recorded before the next begins."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import UNSET

from collector.core.clocks import CLOCK_ANOMALY, show_anomaly
from collector.core.facts import RunEnded, RunStarted, SourceRoots, TasksPlanned
from collector.core.ports import StoredObservation
from collector.core.tasks import Task
from collector.engine.arenas import share_arenas
from collector.engine.clock_anomalies import ClockAnomalies
from collector.engine.collect import Done, RunContext, TaskRun, not_run
from collector.engine.forecast import forecasts
from collector.engine.freshness import Freshness, without_provenance
from collector.engine.gates import Gates
from collector.engine.plan import ScopeTree, known_scopes, round_robin
from collector.engine.platform_clocks import CLOCK_LIMIT, PlatformClocks
from collector.engine.scope_facts import ScopeFacts
from collector.engine.silence import Silence
from collector.engine.sources import Clients, Source
from collector.engine.unchanged import comparable_runs
from collector.engine.verdicts import Verdicts
from collector.engine.workers.messages import Begin
from collector.engine.workers.team import Handing, Team

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from collector.core.connectors import Collection
    from collector.core.facts import CheckCounts, MissedSlots
    from collector.core.findings import FindingChange
    from collector.core.ports import RunStore
    from collector.core.scopes import Scope
    from collector.core.wire import Tap
    from collector.engine.clock import Clock
    from collector.engine.forecast import Forecast
    from collector.engine.gate import Budget
    from collector.engine.gates import Identity
    from collector.engine.quota import Allowance
    from collector.engine.rule import Rule
    from collector.engine.silence import Waiting
    from collector.engine.verdicts import JudgeElsewhere
    from collector.engine.workers.team import Workers

logger = logging.getLogger(__name__)

_AHEAD = 4
"""Tasks that wait for each worker: enough to keep it busy, and few enough that a large plan does not fill memory."""

_POLL_SECONDS = 0.2
"""Seconds between two checks whether the run is to stop."""


@dataclass(frozen=True)
class Limits:
    """The limits of a run: tasks and parts at the same time, time for a task, bytes of an answer.

    `budgets` are the operator's own, by source. `clock` is how far this machine's clock and a platform's may be apart.
    """

    tasks: int = 16
    parts: int = 32
    deadline: timedelta = timedelta(minutes=30)
    largest_answer: int = 64 << 20
    budgets: Mapping[str, Budget] = field(default_factory=dict)
    clock: timedelta = CLOCK_LIMIT


class Events(Protocol):
    """Callbacks on the progress of a run, called from the thread that runs it."""

    def planned(self, tasks: Sequence[Task]) -> None:
        """All tasks of the run are known."""

    def finished(self, done: Done) -> None:
        """A task has ended, with any outcome. Where it has no log entry it is held back, and may still be lost."""

    def kept(self, tasks: Sequence[Task]) -> None:
        """Tasks that were held back are on disk now."""

    def judged(self, changes: Sequence[FindingChange]) -> None:
        """Verdicts have changed."""


@dataclass(frozen=True)
class RunRequest:
    """The input of one run. `wanted` selects among the planned tasks; discovery is always done.

    `run` is its id; `code` and `config` are digests; `resumes` is the id of a run that it continues. `missed` are the
    slots that it makes up for.
    """

    run: str
    trigger: str
    version: str
    code: str
    config: str
    wanted: Callable[[Task], bool] = lambda _task: True
    resumes: str | None = None
    missed: MissedSlots | None = None


@dataclass(frozen=True)
class RunSummary:
    """The result of a run: tasks by outcome, verdict counts, requests, and why it was stopped early.

    `allowances` are what its quotas still allow, each in its own unit.
    """

    run: str
    outcomes: Mapping[str, int]
    tallies: Sequence[CheckCounts]
    stopped: str | None
    requests: int
    allowances: Mapping[Identity, Allowance] = field(default_factory=dict)


class Runner:
    """Runs a set of sources with one store, one run at a time; other runners may do so beside it with other sources."""

    def __init__(  # noqa: PLR0913  the ports and what they are for
        self,
        *,
        store: RunStore,
        sources: Sequence[Source],
        rules: Sequence[Rule],
        clock: Clock,
        redaction_key: bytes,
        events: Events,
        limits: Limits | None = None,
        executor: Callable[[int], Executor] | None = None,
        on_forecast: Callable[[Sequence[Forecast]], None] = lambda _forecasts: None,
        tap_of: Callable[[Source, Scope], Tap] | None = None,
        gates: Gates | None = None,
        workers: Workers | None = None,
    ) -> None:
        """`gates` are those that runs side by side share; None for gates of its own.

        `workers` do the tasks in other processes; None does them in threads of this one.
        """
        self._workers = workers
        self._team: Team | None = None
        self._store = store
        self._sources = {source.name: source for source in sources}
        self._rules = rules
        self._clock = clock
        self._key = redaction_key
        self._events = events
        self._on_forecast = on_forecast
        self._tap_of = tap_of
        self._limits = limits or Limits()
        self._executor = executor or (lambda workers: ThreadPoolExecutor(workers, thread_name_prefix="annexd-task"))
        self._stop = threading.Event()
        self._why_stopped: str | None = None
        self._gates = Gates(sources, self._limits.budgets, clock) if gates is None else gates
        self._held: dict[Task, None] = {}
        self._silence = Silence(clock)

    def stop(self, why: str) -> None:
        """Ask the run to end: tasks that have not finished are recorded as not run. Safe from a signal handler."""
        self._why_stopped = self._why_stopped or why
        self._stop.set()

    def waiting(self) -> list[Waiting]:
        """Return what the run waits for since long. Safe from any thread."""
        return self._silence.waiting()

    def is_stalled(self) -> bool:
        """Return whether nothing of the run goes on, because all of it waits since long. Safe from any thread."""
        return self._silence.is_stalled()

    def run(self, request: RunRequest) -> RunSummary:
        """Do one run and return its result. Raises StoreError; an error of a platform ends only the task it is in."""
        share_arenas()
        self._store.write([self._started(request)])
        outcomes: Counter[str] = Counter()
        pool = ThreadPoolExecutor(self._limits.parts, thread_name_prefix="annexd-part")
        context = self._context(request, pool)
        self._clock_anomalies = ClockAnomalies(request.run, context.clocks)
        self._happened: SimpleQueue[Future[Done] | Callable[[], None]] = SimpleQueue()
        try:
            self._team = self._open_team(request, context)
            requests = self._run_tasks(request, context, outcomes)
        finally:
            if self._team is not None:
                self._team.close()
            pool.shutdown(wait=True, cancel_futures=True)
            context.clients.close(self._sources)
        tallies = self._verdicts.tallies()
        self._store.write(
            [
                *self._clock_anomalies.at_the_end(self._clock.now()),
                RunEnded(
                    run=request.run,
                    at=self._clock.now(),
                    outcomes=dict(sorted(outcomes.items())),
                    stopped=self._why_stopped,
                ),
            ]
        )
        self._tell_kept()
        return RunSummary(request.run, outcomes, tallies, self._why_stopped, requests, self._gates.allowances())

    def _run_tasks(self, request: RunRequest, context: RunContext, outcomes: Counter[str]) -> int:
        with self._executor(self._at_a_time) as tasks_pool:
            try:
                requests = self._tasks(request, context, tasks_pool, outcomes)
                while self._verdicts.elsewhere:
                    self._handle(self._happened.get())
            except BaseException:
                # Set before the pool is closed, because that waits for every task that was not asked to stop.
                self._stop.set()
                if self._team is not None:
                    self._team.abort()
                raise
        self._verdicts.close()
        return requests

    @property
    def _at_a_time(self) -> int:
        """How many tasks are done at the same time."""
        return self._limits.tasks if self._team is None else self._team.tasks

    def _open_team(self, request: RunRequest, context: RunContext) -> Team | None:
        workers, limits = self._workers, self._limits
        if workers is None:
            return None
        begin = Begin(
            run=request.run,
            code=request.code,
            config=workers.config,
            store=workers.store_name,
            keys=workers.keys,
            now=self._clock.now(),
            deadline=limits.deadline,
            largest_answer=limits.largest_answer,
            clock=limits.clock,
            comparable={name: dict(runs) for name, runs in context.comparable.items()},
        )
        return Team(workers, context, begin, self._silence)

    def _handle(self, happened: Future[Done] | Callable[[], None]) -> Future[Done] | None:
        """Do what another thread leaves to this one; return the task that has ended, where it is one."""
        if isinstance(happened, Future):
            return happened
        happened()
        return None

    def _tasks(self, request: RunRequest, context: RunContext, tasks_pool: Executor, outcomes: Counter[str]) -> int:
        requests = 0
        trees, discovered = self._discover(context, tasks_pool)
        tasks = round_robin({name: tree.tasks(request.wanted, discovered) for name, tree in trees.items()})
        self._store.write([self._planned(request, trees, [*discovered, *tasks])])
        self._verdicts = self._open_verdicts(request, context, trees, [*discovered, *tasks])
        self._events.planned([*discovered, *tasks])
        self._on_forecast(self._forecasts(tasks))
        for done in discovered.values():
            requests += self._task_done(done, outcomes)
        self._expect(context.clients, tasks)
        for name, scope in self._held_scopes:
            context.clients.done(self._sources[name], scope)
        for done in self._run_all(context, tasks_pool, tasks):
            requests += self._task_done(done, outcomes)
        return requests

    def _task_done(self, done: Done, outcomes: Counter[str]) -> int:
        """Count a finished task, report it, and judge what waited for it; return its requests."""
        outcomes[done.observation.outcome.value] += 1
        if (anomaly := self._clock_anomalies.of(done.observation)) is not None:
            self._store.write([anomaly])
            logger.warning("%s: %s", CLOCK_ANOMALY, show_anomaly(anomaly))
        self._events.finished(done)
        leaf = done.finished.leaf
        if leaf is None:
            self._held[done.observation.task] = None
        self._verdicts.task_done(
            StoredObservation(done.observation, done.finished.inventory, None if leaf is None else leaf.index),
            done.finished,
        )
        self._tell_kept()
        return done.observation.provenance.requests

    def _tell_kept(self) -> None:
        """Tell which tasks that were held back are on disk now; most are written together, so the oldest shows when."""
        if not self._held or self._store.is_held(next(iter(self._held))):
            return
        kept = [task for task in self._held if not self._store.is_held(task)]
        for task in kept:
            del self._held[task]
        self._events.kept(kept)

    def _started(self, request: RunRequest) -> RunStarted:
        return RunStarted(
            run=request.run,
            trigger=request.trigger,
            at=self._clock.now(),
            version=request.version,
            code=request.code,
            config=request.config,
            sources=tuple(
                SourceRoots(source.name, source.connector.name, source.roots()) for source in self._sources.values()
            ),
            resumes=request.resumes,
            missed=UNSET if request.missed is None else request.missed,
        )

    def _planned(self, request: RunRequest, trees: Mapping[str, ScopeTree], tasks: Sequence[Task]) -> TasksPlanned:
        return TasksPlanned(
            run=request.run,
            at=self._clock.now(),
            tasks=tuple(tasks),
            scopes={name: tuple(tree.scopes) for name, tree in trees.items()},
            incomplete_discoveries=tuple(
                discovery for tree in trees.values() for discovery in tree.incomplete_discoveries
            ),
        )

    def _context(self, request: RunRequest, pool: Executor) -> RunContext:
        self._scope_facts = scope_facts = ScopeFacts()
        return RunContext(
            run=request.run,
            store=self._store,
            clients=Clients(
                self._gates, self._clock, self._limits.largest_answer, scope_facts, self._tap_of, self._scope_closed
            ),
            scope_facts=scope_facts,
            clock=self._clock,
            stop=self._stop,
            part_pool=pool,
            deadline=self._limits.deadline,
            redaction_key=self._key,
            clocks=PlatformClocks(self._clock, self._limits.clock),
            comparable={name: comparable_runs(self._store.runs(), name, request.run) for name in self._sources},
        )

    def _forecasts(self, tasks: Sequence[Task]) -> list[Forecast]:
        """Return the forecast for each quota; empty where no platform has reported one."""
        allowances = self._gates.allowances()
        if not allowances:
            return []
        last = {seen.observation.task: seen.observation for seen in self._store.observations()}
        try:
            return forecasts(tasks, self._sources, last, allowances, self._gates.bucket_of)
        except Exception:
            # A connector that cannot say which quota a call counts against: its own tasks will say so.
            logger.warning("how many calls this run takes of each quota cannot be told: a connector cannot say it")
            logger.debug("no forecast", exc_info=True)
            return []

    def _discover(self, context: RunContext, pool: Executor) -> tuple[dict[str, ScopeTree], dict[Task, Done]]:
        """Discover the scopes of all sources, level by level; each discovery is an ordinary task."""
        known = known_scopes(self._store.plans())
        trees = {name: ScopeTree(source, known.get(name, ())) for name, source in self._sources.items()}
        finished: dict[Task, Done] = {}
        self._held_scopes: list[tuple[str, Scope]] = []
        deepest = max((len(source.connector.levels) for source in self._sources.values()), default=0)
        for depth in range(deepest):
            todo = {task: level for tree in trees.values() for level, task in tree.discoveries(depth)}
            self._expect(context.clients, todo)
            # Announced twice: the second one keeps the clients open between discovery and the first task of the scope.
            self._expect(context.clients, todo)
            self._held_scopes += [(task.source, task.scope) for task in todo]
            for done in self._run_all(context, pool, todo):
                seen = done.observation
                task = seen.task
                names = [found.name for found in done.discovered]
                why_incomplete = None if seen.is_whole else seen.reason()
                trees[task.source].add_discovered(todo[task], task.scope, names, why_incomplete)
                self._scope_facts.add(task, done.discovered)
                finished[task] = done
        return trees, finished

    def _run_all(self, context: RunContext, pool: Executor, tasks: Iterable[Task]) -> Iterator[Done]:
        """Run tasks and yield each result as it ends; tasks not begun when the run stops are recorded as not run."""
        waiting, pending = iter(tasks), dict[Future[Done], Task]()
        cancelled = False
        while True:
            while not self._stop.is_set() and len(pending) < self._at_a_time * _AHEAD:
                task = next(waiting, None)
                if task is None:
                    break
                future = pool.submit(self._run_one, context, task)
                pending[future] = task
                future.add_done_callback(self._happened.put)
            if self._stop.is_set() and not cancelled:
                cancelled = True
                for future in tuple(pending):
                    future.cancel()
            if not pending:
                break
            try:
                ended = self._handle(self._happened.get(timeout=_POLL_SECONDS))
            except Empty:
                self._silence.tell()
                continue
            if ended is not None:
                task = pending.pop(ended)
                yield self._not_run(context, task) if ended.cancelled() else ended.result()
        for task in waiting:
            yield self._not_run(context, task)

    def _not_run(self, context: RunContext, task: Task) -> Done:
        source, collection = self._collection_of(task)
        context.clients.done(source, task.scope)
        return not_run(context, source, collection, task, self._why_stopped or "the run was stopped")

    def _run_one(self, context: RunContext, task: Task) -> Done:
        if self._team is not None:
            return self._team.collect(*self._collection_of(task), task)
        # Made where it runs, because its deadline counts from here, and to keep memory small for large plans.
        attempt = TaskRun(context, *self._collection_of(task), task)
        with self._silence.watching(task, attempt.recorder):
            return attempt.run()

    def _scope_closed(self, source: Source, scope: Scope) -> None:
        if self._team is not None:
            self._team.close_scope(source, scope)

    def _judge_for(self, team: Team) -> JudgeElsewhere:
        hand = self._happened.put
        return lambda unit, todo, latest, complete, take, done: team.judge(
            unit, todo, latest, complete, Handing(hand, take, done)
        )

    def _expect(self, clients: Clients, tasks: Iterable[Task]) -> None:
        for task in tasks:
            clients.expect(self._sources[task.source], task.scope)

    def _collection_of(self, task: Task) -> tuple[Source, Collection[Any]]:
        source = self._sources[task.source]
        return source, source.collections[task.collection]

    def _open_verdicts(
        self, request: RunRequest, context: RunContext, trees: Mapping[str, ScopeTree], tasks: Sequence[Task]
    ) -> Verdicts:
        freshness = {}
        for name, tree in trees.items():
            freshness[name] = Freshness(
                tree.source,
                scopes=tree.scopes,
                incomplete_discoveries=tree.incomplete_discoveries,
                latest=map(without_provenance, self._store.observations(source=name)),
                complete=map(without_provenance, self._store.last_complete(source=name)),
            )
        return Verdicts(
            store=self._store,
            comparable=context.comparable,
            freshness=freshness,
            rules=self._rules,
            clock=self._clock,
            run=request.run,
            on_changes=self._events.judged,
            expected=[*tasks],
            judge_for=None if self._team is None else self._judge_for(self._team),
        )
