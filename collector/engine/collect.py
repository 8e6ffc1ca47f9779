"""One task from its first request to its last transaction."""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from collector.core.canonical import NotCanonicalError, encode
from collector.core.errors import ConnectorError, DeadlinePassed, Denied, NotThere, Stopped, StoreError
from collector.core.ports import Item
from collector.core.redaction import Redactor, ruleset_digest
from collector.core.tasks import Observation, Outcome, Provenance, Task, UnreadPart
from collector.core.wire import Total
from collector.engine.listing import LoopThread, Parts, bodies, explained
from collector.engine.wire import Recorder, working_for

if TYPE_CHECKING:
    import threading
    from concurrent.futures import Executor
    from datetime import datetime, timedelta

    from collector.core.connectors import Collection
    from collector.core.ports import Attempt, Finished, Store
    from collector.core.resources import Body, Kind
    from collector.engine.clock import Clock
    from collector.engine.sources import Clients, Source

logger = logging.getLogger(__name__)

_BATCH = 100
"""Items that are handed to the store at a time."""


@dataclass(frozen=True)
class RunContext:
    """What all tasks of a run share."""

    run: str
    store: Store
    clients: Clients
    clock: Clock
    stop: threading.Event
    part_pool: Executor
    loop: LoopThread
    deadline: timedelta
    redaction_key: bytes


class Done(Struct, frozen=True):
    """What a task came to: the observation, how it differs from the last, the scopes it named; never bodies."""

    observation: Observation
    finished: Finished
    below: tuple[str, ...] = ()


class TaskRun:
    """One try at one task. Its time starts when it is made."""

    def __init__(self, shop: RunContext, source: Source, collection: Collection[Any], task: Task) -> None:
        self._shop = shop
        self._source = source
        self._collection = collection
        self._task = task
        kind = collection.kind
        self._redactor = Redactor(shop.redaction_key, kind.redact, kind.plain)
        self._recorder = Recorder(shop.clock, shop.stop, shop.deadline, Redactor(shop.redaction_key).text)
        self._identity: str | None = None
        self._nobody: ConnectorError | None = None
        self._in_need = True
        self._below: list[str] = []
        self._forget()

    def _forget(self) -> None:
        """Count from nothing: what was listed is not kept."""
        self._listed = 0
        self._repeated = 0
        self._total: Total | None = None
        self._unread: dict[str, int] = {}
        self._redactor.replaced.clear()

    def run(self) -> Done:
        """Collect, stage and finish. Raises StoreError; nothing else, whatever the platform does."""
        shop = self._shop
        started_at = shop.clock.now()
        try:
            attempt = shop.store.attempt(self._task, shop.run)
            outcome, why = self._outcome(attempt)
            if outcome in {Outcome.NOT_RUN, Outcome.DENIED}:
                shop.store.drop(attempt)
                self._forget()
                attempt = shop.store.attempt(self._task, shop.run)
            self._close_calls()
            seen = self._observation(outcome, why, started_at)
            finished = shop.store.finish(attempt, seen)
        except StoreError:
            shop.stop.set()
            raise
        finally:
            shop.clients.done(self._source, self._task.scope)
        return Done(seen, finished, tuple(dict.fromkeys(self._below)))

    def _outcome(self, attempt: Attempt) -> tuple[Outcome, str]:
        """List everything into the store and say how it ended."""
        try:
            with working_for(self._recorder, listing=True):
                self._list(attempt)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001  this is the engine's one loop: one task never stops the others
            why = self._recorder.refused or error
            # What is off or gone is told as that: a permission named beside it would send somebody the wrong way.
            self._in_need = not isinstance(explained(why, self._source.connector.explain), NotThere)
            return self._explained(why)
        if self._recorder.refused is not None:
            return self._explained(self._recorder.refused)
        if self._recorder.open_calls:
            return Outcome.FAILED, "the connector left a call open, so what it saw cannot be vouched for"
        if isinstance(self._nobody, Denied) and self._shut_out():
            return Outcome.DENIED, self._explained(self._nobody)[1]
        if self._total is not None and self._total.count > self._listed - self._repeated:
            counted = (
                f"{self._total.source} counts {self._total.count}, and the list had {self._listed - self._repeated}"
            )
            return Outcome.PARTIAL, counted
        return Outcome.COMPLETE, ""

    def _shut_out(self) -> bool:
        """Whether nobody was let in: who asks was refused, no list was asked for, and no part could be read."""
        parts = len(self._source.connector.parts.get(self._collection.id, []))
        return self._recorder.pages == 0 and parts > 0 and sum(self._unread.values()) == parts * self._listed

    def _explained(self, error: Exception) -> tuple[Outcome, str]:
        broken = Outcome.PARTIAL if self._listed else Outcome.FAILED
        text = Redactor(self._shop.redaction_key).text
        if isinstance(error, Stopped):
            return Outcome.NOT_RUN, "the run was stopped"
        if isinstance(error, DeadlinePassed):
            return broken, str(error)
        if isinstance(error, NotCanonicalError):
            return broken, text(f"an item cannot be written down: {error}")[:500]
        known = explained(error, self._source.connector.explain)
        if known is None:
            logger.debug("%s", self._task, exc_info=error)
            return broken, text(f"unexpected {type(error).__name__}: {error}")[:500]
        why = text(" ".join(part for part in (known.what, known.mend and f"({known.mend})") if part))[:500]
        if isinstance(known, Denied) and not self._listed:
            return Outcome.DENIED, why
        return broken, why

    def _list(self, attempt: Attempt) -> None:
        shop, source = self._shop, self._source
        client = shop.clients.get(source, self._task.scope)
        self._identity = self._who()
        parts = Parts(
            source.connector.parts.get(self._collection.id, []),
            shop.part_pool,
            self._recorder,
            source.connector.explain,
            Redactor(shop.redaction_key).text,
        )
        batch: list[Item] = []
        try:
            # Closed here and not by and by: what a connector does at its end still counts for this task.
            with (
                closing(bodies(self._collection.list(client), shop.loop, self._recorder.go_on)) as listing,
                closing(parts.fill(client, listing)) as filled,
            ):
                for read in filled:
                    if isinstance(read, Total):
                        self._total = read
                        continue
                    self._recorder.go_on()
                    batch.append(self._item(*read))
                    if len(batch) >= _BATCH:
                        self._stage(attempt, batch)
        finally:
            if batch:
                self._stage(attempt, batch)

    def _who(self) -> str | None:
        try:
            with working_for(self._recorder, listing=False):
                return self._shop.clients.identity(self._source, self._task.scope)
        except (Stopped, DeadlinePassed):
            raise
        except Exception as error:
            known = explained(error, self._source.connector.explain)
            if known is None:
                raise
            self._nobody = known
            return None

    def _stage(self, attempt: Attempt, batch: list[Item]) -> None:
        items, batch[:] = batch[:], []
        self._repeated += self._shop.store.stage(attempt, items)
        self._listed += len(items)

    def _item(self, body: Body, unread: dict[str, UnreadPart]) -> Item:
        """Take secrets out, then make the bytes; nothing after this ever makes them again."""
        kind = self._collection.kind
        plain = self._redactor.apply(body)
        for name in unread:
            self._unread[name] = self._unread.get(name, 0) + 1
        key = _key(kind, plain)
        facts = None
        if kind.volatile:
            facts = encode({name: plain.pop(name) for name in kind.volatile if name in plain})
        item = Item(kind=kind.name, key=key, body=encode(plain), facts=facts, unread=unread)
        self._discover(body)
        return item

    def _discover(self, body: Body) -> None:
        for discoveries in self._source.connector.discoveries.values():
            for discovery in discoveries:
                if discovery.collection == self._collection.id:
                    name = discovery.below(self._source.settings, body)
                    if name is not None:
                        self._below.append(name)

    def _close_calls(self) -> None:
        while self._recorder.open_calls:
            self._recorder.open_calls.pop().leave()

    def _observation(self, outcome: Outcome, why: str, started_at: datetime) -> Observation:
        connector = self._source.connector
        recorder = self._recorder
        return Observation(
            task=self._task,
            run=self._shop.run,
            outcome=outcome,
            started_at=started_at,
            ended_at=self._shop.clock.now(),
            listed=self._listed,
            every=self._source.every or self._collection.every,
            why=why,
            permissions=", ".join(self._collection.permissions)
            if outcome is not Outcome.COMPLETE and self._in_need
            else "",
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
                identity_unknown="" if self._nobody is None else self._explained(self._nobody)[1],
            ),
        )


def _key(kind: Kind, body: Body) -> str:
    try:
        return kind.key_of(body)
    except KeyError as error:
        message = f"an item of {kind.name} has no {error}, which tells it from the others"
        raise NotCanonicalError(message) from error


def not_run(shop: RunContext, source: Source, collection: Collection[Any], task: Task, why: str) -> Done:
    """Record that a planned task was not run, and why."""
    now = shop.clock.now()
    seen = Observation(
        task=task,
        run=shop.run,
        outcome=Outcome.NOT_RUN,
        started_at=now,
        ended_at=now,
        listed=0,
        every=source.every or collection.every,
        why=why,
        permissions=", ".join(collection.permissions),
        provenance=Provenance(
            identity=None,
            connector=f"{source.connector.name}/{source.connector.version}",
            code=source.code,
            redaction=ruleset_digest(collection.kind.redact),
        ),
    )
    return Done(seen, shop.store.finish(shop.store.attempt(task, shop.run), seen))
