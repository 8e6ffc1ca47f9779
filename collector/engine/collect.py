"""Run one task: list its collection, read parts, redact, stage, and finish it as an observation."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from msgspec import UNSET, Struct, UnsetType

from collector.core.canonical import NotCanonicalError
from collector.core.connectors import Found
from collector.core.errors import (
    AnnexdError,
    ConfigError,
    ConnectorError,
    DeadlinePassed,
    Denied,
    NotUsed,
    Stopped,
    StoreError,
    Unexpected,
    permission_helps,
)
from collector.core.redaction import Redactor, ruleset_digest
from collector.core.scopes import is_scope_name
from collector.core.tasks import Observation, Outcome, Provenance, Task
from collector.core.wire import Total
from collector.engine.items import ItemMaker
from collector.engine.listing import Parts
from collector.engine.odd_errors import as_exception, each, explained, named, words_of
from collector.engine.readable import why_unreadable
from collector.engine.wire import Recorder, working_for

if TYPE_CHECKING:
    import threading
    from concurrent.futures import Executor
    from datetime import datetime, timedelta

    from collector.core.connectors import Collection
    from collector.core.ports import Attempt, Finished, Item, TaskStore
    from collector.core.resources import Body
    from collector.engine.clock import Clock
    from collector.engine.items import ReadBody
    from collector.engine.platform_clocks import PlatformClocks
    from collector.engine.scope_facts import FactsOfScopes
    from collector.engine.sources import Clients, Source

logger = logging.getLogger(__name__)

_BATCH = 100
"""Items that are staged at a time."""


@dataclass(frozen=True)
class RunContext:
    """What all tasks of a run share: its id, the store, clients, facts, clocks, stop event, pools, deadline and key.

    `comparable` has by source the earlier runs of the same code; see `collector.engine.unchanged`. `worker` names the
    process for the provenance where it is not the one that records.
    """

    run: str
    store: TaskStore
    clients: Clients
    scope_facts: FactsOfScopes
    clock: Clock
    stop: threading.Event
    part_pool: Executor
    deadline: timedelta
    redaction_key: bytes
    clocks: PlatformClocks
    comparable: Mapping[str, Mapping[str, timedelta]] = field(default_factory=dict)
    worker: str | UnsetType = UNSET


class Done(Struct, frozen=True):
    """The result of a task: the observation, its changes, and the scopes it discovered; no bodies.

    `answered`: the platform gave anything of what was asked: a page of the list, or a part of any item.
    """

    observation: Observation
    finished: Finished
    discovered: tuple[Found, ...] = ()
    answered: bool = False


class TaskRun:
    """One attempt at one task. Its deadline counts from construction."""

    def __init__(self, context: RunContext, source: Source, collection: Collection[Any], task: Task) -> None:
        self._context = context
        self._source = source
        self._collection = collection
        self._task = task
        kind = collection.kind
        self.recorder = Recorder(
            context.clock,
            context.stop,
            context.deadline,
            Redactor(context.redaction_key).text,
            compare_clock=context.clocks.of(source.name),
        )
        self._redactor = Redactor(context.redaction_key, kind.redact, kind.plain, self.recorder.check_running)
        self._identity: str | None = None
        self._identity_error: ConnectorError | None = None
        self._was_refused = False  # for want of a permission: only then is one named
        self._has_begun = False  # to list
        self._has_yielded = False
        self._not_used_by: str | UnsetType = UNSET
        self._discovered: list[Found] = []
        self._discoveries = [
            discovery
            for discoveries in source.connector.discoveries.values()
            for discovery in discoveries
            if discovery.collection == collection.id
        ]
        self._reset_counts()

    def _reset_counts(self) -> None:
        """Set all counts to zero, because what was listed is not kept."""
        self._listed = 0
        self._repeated = 0
        self._total: Total | None = None
        self._unread: dict[str, int] = {}
        self._redactor.replaced.clear()

    def run(self) -> Done:
        """Collect, stage and finish the task, and return the result. Raises StoreError and nothing else."""
        context = self._context
        started_at = context.clock.now()
        try:
            attempt = context.store.attempt(self._task, context.run)
            outcome, why = self._outcome(attempt)
            if outcome in {Outcome.NOT_RUN, Outcome.DENIED}:
                context.store.drop(attempt)
                self._reset_counts()
                attempt = context.store.attempt(self._task, context.run)
                # Nobody could look up any more what these facts are based on.
                self._discovered = [Found(found.name) for found in self._discovered]
            self._close_calls()
            observation = self._observation(outcome, why, started_at)
            if (unreadable := why_unreadable(observation)) is not None:
                context.store.drop(attempt)
                attempt = context.store.attempt(self._task, context.run)
                observation = self._unreadable(unreadable, started_at)
            finished = context.store.finish(attempt, observation)
        except StoreError:
            context.stop.set()
            raise
        finally:
            context.clients.done(self._source, self._task.scope)
        return Done(observation, finished, tuple(self._discovered), self._is_answered(observation))

    def _is_answered(self, observation: Observation) -> bool:
        """Return whether the platform gave anything: a setting of a whole scope is listed without a request."""
        statuses = (status for call in observation.provenance.calls for status in call.statuses)
        is_shown = observation.outcome in {Outcome.COMPLETE, Outcome.PARTIAL}
        return is_shown and any(status.startswith(("2", "3")) for status in statuses) and not self._is_nothing_read()

    def _outcome(self, attempt: Attempt) -> tuple[Outcome, str]:
        """Stage everything that the collection lists, and return the outcome with its reason."""
        try:
            if (reason := self._reason_not_used()) is not None:
                return Outcome.SKIPPED, reason
            with working_for(self.recorder, listing=True):
                self._list(attempt)
        except StoreError:
            raise
        except BaseException as error:  # noqa: BLE001  this is the engine's one loop: one task never stops the others
            why = self.recorder.refused or as_exception(error)
            # No permission mends an outage, a limit of calls, an expired token, or a thing that is off or gone.
            said = explained(why, self._source.connector.explain)
            self._was_refused = permission_helps(said or why)
            outcome, reason = self._outcome_of(why)
            if isinstance(said, NotUsed) and self._is_word_of_the_list():
                self._not_used_by = self._collection.call
                return Outcome.SKIPPED, reason
            return outcome, reason
        if self.recorder.refused is not None:
            return self._outcome_of(self.recorder.refused)
        if self.recorder.open_calls:
            return Outcome.FAILED, "the connector left a call open, so what it saw cannot be vouched for"
        if isinstance(self._identity_error, Denied) and self._is_nothing_read():
            self._was_refused = True
            return Outcome.DENIED, self._outcome_of(self._identity_error)[1]
        if self._total is not None and self._total.count > self._listed - self._repeated:
            reason = (
                f"{self._total.source} counts {self._total.count}, and the list had {self._listed - self._repeated}"
            )
            return Outcome.PARTIAL, reason
        return Outcome.COMPLETE, ""

    def _reason_not_used(self) -> str | None:
        """Return why the collection cannot exist in this scope by what discovery said of it; None: ask the platform."""
        unused, source, scope = self._collection.unused, self._source.name, self._task.scope
        facts = self._context.scope_facts.of(source, scope)
        reason = unused(facts) if unused is not None and facts else None
        if reason is None:
            return None
        self._not_used_by = self._context.scope_facts.said_by(source, scope)
        return Redactor(self._context.redaction_key).text(reason)[:500]

    def _is_word_of_the_list(self) -> bool:
        """Return whether it is the list that says that there is nothing: not a connection, and against no item seen."""
        counted = self._total is not None and self._total.count > 0
        return self._has_begun and not self._has_yielded and not counted and not self.recorder.open_calls

    def _is_nothing_read(self) -> bool:
        """Return whether no list was requested, and no part of any item could be read."""
        parts = len(self._source.connector.parts.get(self._collection.id, []))
        return self.recorder.pages == 0 and parts > 0 and sum(self._unread.values()) == parts * self._listed

    def _outcome_of(self, error: Exception) -> tuple[Outcome, str]:
        outcome = Outcome.PARTIAL if self._listed else Outcome.FAILED
        text = Redactor(self._context.redaction_key).text
        if isinstance(error, Stopped):
            return Outcome.NOT_RUN, "the run was stopped"
        if isinstance(error, DeadlinePassed):
            return outcome, str(error)
        if isinstance(error, NotCanonicalError):
            return outcome, text(f"an item cannot be written down: {error}")[:500]
        explained_error: AnnexdError | None = explained(error, self._source.connector.explain)
        if explained_error is None and isinstance(error, ConfigError):
            explained_error = error  # a credential is read, and may turn out to be none, when it is sent
        if explained_error is None:
            logger.debug("%s", self._task, exc_info=error)
            return outcome, text(f"unexpected {named(error)}")[:500]
        what, mend = words_of(explained_error.what), words_of(explained_error.mend)
        why = text(" ".join(part for part in (what, mend and f"({mend})") if part))[:500]
        if isinstance(explained_error, Denied) and not self._listed:
            return Outcome.DENIED, why
        return outcome, why

    def _list(self, attempt: Attempt) -> None:
        context, source = self._context, self._source
        client = context.clients.get(source, self._task.scope)
        self._identity = self._ask_identity()
        parts = Parts(
            source.connector.parts.get(self._collection.id, []),
            context.part_pool,
            self.recorder,
            source.connector.explain,
            Redactor(context.redaction_key).text,
        )
        runs = context.comparable.get(source.name)
        maker = ItemMaker(
            self._collection.kind,
            self._redactor,
            (lambda bodies: context.store.are_current(attempt, bodies, runs)) if runs else None,
        )
        reads: list[tuple[ReadBody, list[Found]]] = []
        batch: list[Item] = []
        self._has_begun = True
        try:
            # Closed here: requests that a connector makes when its generator ends still count for this task.
            with (
                closing(each(self._collection.list(client))) as listing,
                closing(parts.fill(client, listing)) as with_parts,
            ):
                for item in with_parts:
                    if isinstance(item, Total):
                        self._total = item
                        continue
                    self._has_yielded = True
                    self.recorder.check_running()
                    body, unread = item
                    reads.append((maker.read(body, unread), self._found_in(body)))
                    if len(reads) >= maker.together:
                        self._make_items(maker, reads, batch)
                    if len(batch) >= _BATCH:
                        self._stage(attempt, batch)
        finally:
            try:
                self._make_items(maker, reads, batch)
            finally:
                if batch:
                    self._stage(attempt, batch)

    def _ask_identity(self) -> str | None:
        try:
            with working_for(self.recorder, listing=False):
                return self._context.clients.identity(self._source, self._task.scope)
        except (Stopped, DeadlinePassed):
            raise
        except Exception as error:
            explained_error = explained(error, self._source.connector.explain)
            if explained_error is None:
                raise
            self._identity_error = explained_error
            return None

    def _stage(self, attempt: Attempt, batch: list[Item]) -> None:
        items, batch[:] = batch[:], []
        self._repeated += self._context.store.stage(attempt, items)
        self._listed += len(items)

    def _make_items(self, maker: ItemMaker, reads: list[tuple[ReadBody, list[Found]]], batch: list[Item]) -> None:
        """Move what was read into the batch, item by item, until one cannot be made."""
        moved, reads[:] = reads[:], []
        for (read, found), item in zip(moved, maker.make([read for read, _ in moved]), strict=True):
            for name in read.unread:
                self._unread[name] = self._unread.get(name, 0) + 1
            self._discovered.extend(found)
            batch.append(item)

    def _found_in(self, body: Body) -> list[Found]:
        """Return the scopes that discovery finds in a body."""
        return [
            _as_found(below)
            for discovery in self._discoveries
            if (below := discovery.below(self._source.settings, body)) is not None
        ]

    def _close_calls(self) -> None:
        while self.recorder.open_calls:
            call = self.recorder.open_calls.pop()
            call.gate.leave(call.number)

    def _unreadable(self, why: str, started_at: datetime) -> Observation:
        """Return what is left where the connector said things of its calls that could not be read again."""
        self._reset_counts()
        self._discovered = []
        self._identity, self._identity_error = None, Unexpected(why)
        self.recorder.forget()
        return self._observation(Outcome.FAILED, words_of(why)[:500], started_at)

    def _observation(self, outcome: Outcome, why: str, started_at: datetime) -> Observation:
        connector = self._source.connector
        recorder = self.recorder
        # Compared at the end as well: the clock may have been set since the last answer, or no answer told the time.
        ended_at, off = self._context.clocks.now(self._source.name)
        recorder.note_clock(off)
        return Observation(
            task=self._task,
            run=self._context.run,
            outcome=outcome,
            started_at=started_at,
            ended_at=ended_at,
            listed=self._listed,
            every=self._source.every or self._collection.every,
            why=why,
            not_used_by=self._not_used_by,
            permissions=", ".join(self._collection.permissions) if self._was_refused else "",
            provenance=Provenance(
                identity=self._identity,
                connector=f"{connector.name}/{connector.version}",
                code=self._source.code,
                redaction=ruleset_digest(self._collection.kind.redact),
                calls=recorder.calls(),
                pages=recorder.pages,
                requests=recorder.requests,
                repeated=self._repeated,
                total=self._total.count if self._total is not None else None,
                total_from=self._total.source if self._total is not None else None,
                date=recorder.date,
                unread=dict(sorted(self._unread.items())),
                redacted=dict(sorted(self._redactor.replaced.items())),
                identity_unknown=self._why_no_identity(),
                clock_off=recorder.clock_off or UNSET,
                worker=self._context.worker,
            ),
        )

    def _why_no_identity(self) -> str:
        if self._not_used_by is not UNSET and not self._has_begun:
            return f"nothing was asked: {self._not_used_by} says that there is nothing to list"
        return "" if self._identity_error is None else self._outcome_of(self._identity_error)[1]


def _as_found(below: object) -> Found:
    """Return what a discovery names. Raises Unexpected for what cannot be a scope."""
    found = below if isinstance(below, Found) else Found(cast("str", below))
    if not is_scope_name(found.name) or not isinstance(found.facts, Mapping):
        raise Unexpected(
            f"a scope cannot be called {words_of(found.name)[:100]!r} and have {words_of(found.facts)[:100]}"
        )
    return found


def not_run(context: RunContext, source: Source, collection: Collection[Any], task: Task, why: str) -> Done:
    """Record that a planned task was not run, with the reason, and return the result."""
    return without_list(context, source, collection, task, Outcome.NOT_RUN, why)


def without_list(
    context: RunContext, source: Source, collection: Collection[Any], task: Task, outcome: Outcome, why: str
) -> Done:
    """Record the outcome of a planned task of which nothing was listed, with the reason, and return the result."""
    now = context.clock.now()
    observation = Observation(
        task=task,
        run=context.run,
        outcome=outcome,
        started_at=now,
        ended_at=now,
        listed=0,
        every=source.every or collection.every,
        why=why,
        provenance=Provenance(
            identity=None,
            connector=f"{source.connector.name}/{source.connector.version}",
            code=source.code,
            redaction=ruleset_digest(collection.kind.redact),
        ),
    )
    return Done(observation, context.store.finish(context.store.attempt(task, context.run), observation))
