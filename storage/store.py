"""The store as the engine sees it."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Self

import msgspec
from sqlalchemy.exc import DBAPIError

from collector.core.errors import StoreError
from collector.core.ports import Attempt, Finished, Leaf
from storage.database.failpoints import reached
from storage.erasing import SqlErasing
from storage.log import leaves, unchanged_tasks
from storage.log.checkpoints import Checkpoints
from storage.log.leaf_encoding import encode_fact
from storage.tables import attesting, company, reading, staging
from storage.tables.finishing import summarise
from storage.tables.history import SqlHistory
from storage.tables.pending_tasks import PendingTasks, state
from storage.tables.project import project

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from collector.core.attestations import Filed
    from collector.core.company_record import RecordedFile, StatedLeaf
    from collector.core.facts import Fact, InForce, RunEnded, RunStarted, TasksPlanned
    from collector.core.findings import FindingState
    from collector.core.history import Version
    from collector.core.ports import Item, Stored, StoredObservation
    from collector.core.scopes import Scope
    from collector.core.tasks import Observation, Task
    from storage.database.keys import StoreKey
    from storage.database.writer import Writer


class SqlStore:
    """Keeps evidence in SQL tables; see `collector.core.ports.Store` for what each method promises.

    Readers never wait for a writer. A generator holds one state of the store from its first item until it is exhausted
    or closed.
    """

    def __init__(
        self,
        *,
        name: str,
        reader: Engine,
        writer: Writer | None,
        read_key: Callable[[], StoreKey],
        signing_key: Path,
        clock: Callable[[], datetime],
        resources: ExitStack,
    ) -> None:
        self.name = name
        self._reader = reader
        self._writer = writer
        self._read_key = read_key
        self._signing_key = signing_key
        self._clock = clock
        self._resources = resources
        self._attempts: dict[Attempt, staging.Staging] = {}
        self._numbers = count(1)
        self._holding = PendingTasks()
        self._settling = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Write down what is held back, and let go of the files. What was staged and not finished is forgotten."""
        try:
            self.settle()
        finally:
            self._attempts.clear()
            self._resources.close()

    @property
    def redaction_key(self) -> bytes:
        """The key of the fingerprints that stand in for secrets. Raises StoreError where the store key is missing."""
        return self._read_key().redaction

    def now(self) -> datetime:
        """Return the moment by the clock that dates the leaves, aware and in UTC."""
        return self._clock()

    @property
    def history(self) -> SqlHistory:
        """What was recorded over a span of time."""
        return SqlHistory(self._reading)

    @property
    def checkpoints(self) -> Checkpoints:
        """Signing the head of the record."""
        return Checkpoints(
            store=self.name,
            key_file=self._signing_key,
            reading=self._reading,
            writing=self._settled,
            settle=self.settle,
            append=self._append,
        )

    @property
    def erasing(self) -> SqlErasing:
        """What can be forgotten on purpose."""
        return SqlErasing(self._reading, self._settled, self._append)

    # Writing ---------------------------------------------------------------------------------------------------------

    def compact(self) -> None:
        """Give back the space of what was erased. Raises StoreError where there is no room for that."""
        self._writing().compact()

    def attempt(self, task: Task, run: str) -> Attempt:
        """Begin one try at a task."""
        number = next(self._numbers)
        attempt = Attempt(f"{number}")
        self._attempts[attempt] = staging.Staging(number, task, run)
        return attempt

    def stage(self, attempt: Attempt, batch: Sequence[Item]) -> int:
        """Put items away until the task is finished; return how many of them the attempt had staged before.

        Of two items with one key the later counts. Raises NotCanonicalError on a key that is no text.
        """
        current = self._known(attempt)
        ready = staging.Batch(self._read_key(), batch)
        with current.lock:
            fits = current.fits(ready, sum(one.size for one in list(self._attempts.values())))
            if fits and not current.put_away:
                repeated = ready.seen_before(None, current)
                current.wait(ready)
                return repeated
            with self._writing().transaction() as connection:
                repeated = ready.seen_before(connection, current)
                if not fits:
                    together = {**current.waiting, **ready.items}
                    staging.put_away(connection, current.number, together, is_pending=True)
            if fits:
                current.wait(ready)
            else:
                current.emptied()
        return repeated

    def finish(self, attempt: Attempt, seen: Observation) -> Finished:
        """End a task in one durable transaction: versions of what changed, inventory root, leaf.

        A task that is due more often than daily and saw nothing new is held back instead, until `settle`.
        """
        current = self._known(attempt)
        if (seen.task, seen.run) != (current.task, current.run):
            raise StoreError(
                f"an attempt at {current.task} cannot be finished as {seen.task}",
                so="nothing was recorded of it",
                mend="report this as a defect",
            )
        if self._holding.waits(seen.task) or self._holding.is_due(seen.run, seen.ended_at):
            self.settle()
        leaf = None
        with current.lock, self._writing().transaction() as connection:
            staging.put_away(connection, current.number, current.waiting, is_pending=False)
            summary = summarise(connection, self._read_key(), current.number, seen)
            if not self._holding.add(summary):
                leaf = self._append(connection, "task", summary.whole(), summary.rows)
            staging.forget(connection, current.number)
        if leaf is None:
            reached("held back")
        self._attempts.pop(attempt, None)
        stated = summary.stated
        return Finished(leaf, stated.appeared, stated.changed, stated.gone, stated.unchanged, stated.inventory)

    def settle(self) -> Leaf | None:
        """Write down the tasks that are held back, in one durable transaction; return their leaf, None without any."""
        with self._settling:
            batch = self._holding.batch()
            if batch is None:
                return None
            with self._writing().transaction() as connection:
                leaf = self._append(connection, unchanged_tasks.KIND, *state(connection, self._read_key(), batch))
                reached("tasks kept")
            self._holding.done(batch)
            return leaf

    def drop(self, attempt: Attempt) -> None:
        """Forget what an attempt has staged."""
        current = self._attempts.pop(attempt, None)
        if current is None:
            return
        with current.lock:
            if current.put_away:
                # The bodies stay until the next start: another attempt may have found them, and mean to refer to them.
                with self._writing().transaction() as connection:
                    staging.forget(connection, current.number)

    def write(self, facts: Iterable[Fact]) -> None:
        """Add facts to the record, all or none, in this order; tasks that are held back come before them."""
        with self._settled().transaction() as connection:
            for fact in facts:
                self._append(connection, *encode_fact(connection, fact))

    def _append(self, connection: Connection, kind: str, fact: object, rows: dict[str, object]) -> Leaf:
        record = leaves.append(
            connection, store=self.name, at=self._clock(), kind=kind, fact=msgspec.to_builtins(fact), rows=rows
        )
        project(connection, record)
        reached("projected")
        return record.leaf

    def _settled(self) -> Writer:
        """Return the writer for something that must not come before the tasks that it rests on."""
        self.settle()
        return self._writing()

    def _writing(self) -> Writer:
        if self._writer is None:
            raise StoreError(
                "the store was opened for reading",
                so="nothing can be recorded through it",
                mend="report this as a defect",
            )
        return self._writer

    def _known(self, attempt: Attempt) -> staging.Staging:
        current = self._attempts.get(attempt)
        if current is None:
            raise StoreError(
                "an attempt was finished or dropped before",
                so="nothing can be added to it",
                mend="report this as a defect",
            )
        return current

    # Reading ---------------------------------------------------------------------------------------------------------

    def observations(
        self, *, source: str | None = None, collection: str | None = None, as_of: datetime | None = None
    ) -> Iterator[StoredObservation]:
        """Yield the latest observation of each task, ordered by task."""
        with self._reading(as_of) as (connection, bound):
            yield from reading.observations(connection, bound, source=source, collection=collection, is_complete=False)

    def last_complete(self, *, source: str | None = None, as_of: datetime | None = None) -> Iterator[StoredObservation]:
        """Yield the latest complete observation of each task that has one, ordered by task."""
        with self._reading(as_of) as (connection, bound):
            yield from reading.observations(connection, bound, source=source, collection=None, is_complete=True)

    def resources(
        self, collection: str, *, source: str, under: Scope = (), as_of: datetime | None = None
    ) -> Iterator[Stored]:
        """Stream what is there of a collection under a scope, ordered by scope_text and key, by code point."""
        # Looked at before the tables are: what is written down in between is in both, and says the same.
        latest = self._holding.latest() if as_of is None else {}
        with self._reading(as_of) as (connection, bound):
            yield from reading.resources(
                connection, bound, collection=collection, source=source, under=under, latest=latest
            )

    def findings(
        self,
        *,
        check: str | None = None,
        source: str | None = None,
        scope: Scope | None = None,
        as_of: datetime | None = None,
    ) -> Iterator[FindingState]:
        """Stream the findings as they stand, ordered by check, source, scope_text and subject, each by code point."""
        with self._reading(as_of) as (connection, bound):
            yield from reading.findings(connection, bound, check=check, source=source, scope=scope)

    def plans(self, *, as_of: datetime | None = None) -> Iterator[TasksPlanned]:
        """Yield for each source the latest plan that names it, each plan once, the newest first."""
        with self._reading(as_of) as (connection, bound):
            yield from reading.plans(connection, bound)

    def runs(self, *, as_of: datetime | None = None) -> Iterator[tuple[RunStarted, RunEnded | None]]:
        """Yield the runs, the newest first, each with its end where it has one."""
        with self._reading(as_of) as (connection, bound):
            yield from reading.runs(connection, bound)

    def in_force(self, *, as_of: datetime | None = None) -> InForce | None:
        """Return what the latest run was judged with, None before the first."""
        with self._reading(as_of) as (connection, bound):
            return reading.in_force(connection, bound)

    def attested(self, *, as_of: datetime | None = None) -> Iterator[Filed]:
        """Yield the records that people have filed, in the order of the log."""
        with self._reading(as_of) as (connection, bound):
            yield from attesting.attested(connection, bound)

    def file_of(self, leaf: int) -> bytes | None:
        """Return the file of such a record as it was filed; None where it has none."""
        with self._reading(None) as (connection, _):
            return attesting.file_of(connection, leaf)

    def company_files(self, *, as_of: datetime | None = None) -> Iterator[RecordedFile]:
        """Yield every state of the company's files, in the order of the log."""
        with self._reading(as_of) as (connection, bound):
            yield from company.company_files(connection, bound)

    def log(
        self, *, since: datetime | None = None, as_of: datetime | None = None, kinds: Collection[str] = ()
    ) -> Iterator[StatedLeaf]:
        """Yield the leaves other than those of tasks, in their order, after one moment and up to another."""
        with self._reading(as_of) as (connection, bound):
            yield from company.told(connection, since, bound, kinds)

    def versions(self, task: Task, key: str, *, as_of: datetime | None = None) -> Iterator[Version]:
        """Yield the versions of a resource, the newest first."""
        return self.history.versions(task, key, as_of=as_of)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Hand out a connection that sees one state and cannot write; errors come as the driver raises them."""
        with self._reader.connect() as connection, connection.begin():
            yield connection

    def key_if_there(self) -> StoreKey | None:
        """Return the store key, None where it is not on this machine: an auditor with a copy needs none."""
        try:
            return self._read_key()
        except StoreError:
            return None

    @contextmanager
    def _reading(self, as_of: datetime | None) -> Iterator[tuple[Connection, int | None]]:
        try:
            with self._reader.connect() as connection, connection.begin():
                yield connection, reading.bound_of(connection, as_of)
        except DBAPIError as error:
            raise StoreError(
                f"the store could not be read: {error.orig}",
                so="nothing can be shown or judged from it",
                mend="run annexd verify to learn whether it is damaged",
            ) from error
