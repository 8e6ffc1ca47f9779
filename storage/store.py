"""SqlStore: the store of the engine, on SQLite or PostgreSQL."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Self

import msgspec
from sqlalchemy.exc import DBAPIError

from collector.core.errors import StoreError
from collector.core.plain_text import one_line
from collector.core.ports import Attempt, Finished, Leaf
from storage.database.blobs import damaged
from storage.database.failpoints import reached
from storage.database.keys import WorkerKey
from storage.database.unavailable import is_unavailable, unavailable
from storage.erasing import SqlErasing
from storage.log import leaves, unchanged_tasks
from storage.log.checkpoints import Checkpoints
from storage.log.leaf_encoding import encode_fact
from storage.tables import attestations, company_files, reading, staging
from storage.tables.current_bodies import compare_bodies
from storage.tables.finding_counts import finding_counts
from storage.tables.finding_events import finding_events
from storage.tables.finding_groups import SqlFindingGroups
from storage.tables.finishing import summarise
from storage.tables.history import SqlHistory
from storage.tables.pending_tasks import PendingTasks, batch_leaf
from storage.tables.projections import project
from storage.tables.sealing import Sealing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from collector.core.attestations import Filed
    from collector.core.company_record import RecordedFile, StatedLeaf
    from collector.core.facts import Fact, InForce, RunEnded, RunStarted, TasksPlanned
    from collector.core.findings import FindingCount, FindingId, FindingState
    from collector.core.history import FindingEvent, Version
    from collector.core.ports import HandedItem, Item, Stored, StoredObservation
    from collector.core.scopes import Scope
    from collector.core.tasks import Observation, Task
    from storage.database.keys import StoreKey
    from storage.database.writer import Writer
    from storage.log.key_places import SigningKeys
    from storage.log.mac_chain import MacChain
    from storage.log.macs import MacKey
    from storage.log.signing import SigningKey


class SqlStore:
    """Keeps evidence in SQL tables; see `collector.core.ports.Store` for what each method promises.

    Readers never wait for a writer. A generator sees one state of the store from its first item until it is exhausted
    or closed.
    """

    def __init__(  # noqa: PLR0913  one argument a part
        self,
        *,
        name: str,
        reader: Engine,
        writer: Writer | None,
        read_key: Callable[[], StoreKey],
        signing_keys: SigningKeys,
        macs: MacChain,
        clock: Callable[[], datetime],
        resources: ExitStack,
    ) -> None:
        self.name = name
        self._reader = reader
        self._writer = writer
        self._read_key = read_key
        self._signing_keys = signing_keys
        self._macs = macs
        self._clock = clock
        self._resources = resources
        self._attempts: dict[Attempt, staging.Staging] = {}
        self._numbers = count(1)
        self._pending = PendingTasks()
        self._pending_lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Write the pending tasks, and close the database. Unfinished attempts are discarded."""
        try:
            self.write_pending()
        finally:
            self._attempts.clear()
            self._resources.close()

    @property
    def is_broken(self) -> bool:
        """Whether it takes no more writes after an error; opened anew it may."""
        return self._writer is not None and self._writer.is_broken

    @property
    def redaction_key(self) -> bytes:
        """The key of the fingerprints that stand in for secrets. Raises StoreError where the store key is missing."""
        return self._read_key().redaction

    def worker_key(self) -> WorkerKey:
        """Return the keys that workers need, from which no other key follows. Raises StoreError."""
        return WorkerKey.of(bytes(self._read_key()))

    def now(self) -> datetime:
        """Return the moment by the clock that dates the leaves, aware and in UTC."""
        return self._clock()

    @property
    def history(self) -> SqlHistory:
        """The history of the log over a span of time."""
        return SqlHistory(self._reading)

    @property
    def finding_groups(self) -> SqlFindingGroups:
        """The current findings, counted and in parts."""
        return SqlFindingGroups(self._reading)

    @property
    def checkpoints(self) -> Checkpoints:
        """Signing of the head of the log."""
        return Checkpoints(
            store=self.name,
            keys=self._signing_keys,
            reading=self._reading,
            writing=self._writer_after_pending,
            write_pending=self.write_pending,
            append=self._append,
            macs=self._macs,
        )

    @property
    def erasing(self) -> SqlErasing:
        """Erasure of bodies."""
        return SqlErasing(self._reading, self._writer_after_pending, self._append)

    # Writing ---------------------------------------------------------------------------------------------------------

    def compact(self) -> None:
        """Release the space of what was erased. Raises StoreError where there is no room for that."""
        self._open_writer().compact()

    def attempt(self, task: Task, run: str) -> Attempt:
        """Begin an attempt at a task. Raises StoreError where the store was not opened for a run."""
        if self._open_writer().lease is None:
            raise StoreError(
                "the store is open for no run", so="no task can be recorded", mend="report this as a defect"
            )
        number = next(self._numbers)
        attempt = Attempt(f"{number}")
        self._attempts[attempt] = staging.Staging(number, task, run)
        return attempt

    def stage(self, attempt: Attempt, batch: Sequence[Item]) -> int:
        """Stage items until the task is finished; return how many of them the attempt had staged before.

        Of two items with one key the later counts. Raises NotCanonicalError on a key that is no valid text.
        """
        current = self._staging_of(attempt)
        return self._stage(current, staging.Batch.of(self._read_key(), batch, current.known))

    def take(self, attempt: Attempt, batch: Sequence[HandedItem]) -> int:
        """Stage items that a worker has sealed; return how many of them the attempt had staged before.

        That new bodies are what their digests say, and stored ones what the worker says, is checked before any of it
        becomes evidence. Raises StoreError, and NotCanonicalError on a key that is no valid text.
        """
        return self._stage(self._staging_of(attempt), staging.Batch.handed(batch))

    def _stage(self, current: staging.Staging, new_items: staging.Batch) -> int:
        with current.lock:
            fits_in_memory = current.fits(
                new_items, sum(staging_of.size for staging_of in list(self._attempts.values()))
            )
            if fits_in_memory and not current.has_rows:
                repeated = new_items.seen_before(None, current)
                current.add(new_items)
                return repeated
            with self._open_writer().transaction() as connection:
                repeated = new_items.seen_before(connection, current)
                if not fits_in_memory:
                    items = {**current.items, **new_items.items}
                    staging.put_away(connection, current.number, items, is_pending=True)
            if fits_in_memory:
                current.add(new_items)
            else:
                current.mark_written()
        return repeated

    def are_current(
        self, attempt: Attempt, bodies: Sequence[tuple[str, bytes]], runs: Collection[str]
    ) -> Sequence[bool]:
        """Return of each key and body whether the resource of the attempt's task with that key has this very body.

        All are False where the latest observation of the task is not complete, or is of none of these runs.
        """
        current = self._staging_of(attempt)
        with self._reading(None) as (connection, _), current.lock:
            return compare_bodies(connection, current, bodies, runs)

    def sealing(self, task: Task, run: str, key: WorkerKey) -> Sealing:
        """Return what seals the items of one attempt at a task, for the process that writes."""
        return Sealing(staging.Staging(0, task, run), self._reading, key)

    def finish(self, attempt: Attempt, observation: Observation) -> Finished:
        """End a task in one durable transaction: versions of what changed, inventory root, leaf.

        A task that saw nothing new is held back instead, until `write_pending`.
        """
        current = self._staging_of(attempt)
        if (observation.task, observation.run) != (current.task, current.run):
            raise StoreError(
                f"an attempt at {current.task} cannot be finished as {observation.task}",
                so="nothing was recorded of it",
                mend="report this as a defect",
            )
        if self._pending.contains(observation.task) or self._pending.is_due(observation.run, observation.ended_at):
            self.write_pending()
        leaf = None
        with current.lock, self._open_writer().transaction() as connection:
            staging.put_away(connection, current.number, current.items, is_pending=False)
            summary = summarise(connection, self._read_key(), current.number, observation)
            is_pending = self._pending.add(summary)
            whole = summary.stated if is_pending else summary.whole()
            difference = summary.difference(connection, whole)
            if not is_pending:
                leaf = self._append(connection, "task", whole, summary.rows)
            staging.forget(connection, current.number)
        if leaf is None:
            reached("held back")
        self._attempts.pop(attempt, None)
        stated = summary.stated
        return Finished(
            leaf, stated.appeared, stated.changed, stated.gone, stated.unchanged, stated.inventory, difference
        )

    def is_held(self, task: Task) -> bool:
        """Return whether the last end of a task is held back, and so not on disk yet."""
        return self._pending.contains(task)

    def write_pending(self, tasks: Iterable[Task] | None = None) -> Leaf | None:
        """Write the tasks that are held back as one leaf, durably; return the leaf, None where there are none.

        With `tasks` only those of them.
        """
        with self._pending_lock:
            batch = self._pending.batch(tasks)
            if batch is None:
                return None
            with self._open_writer().transaction() as connection:
                leaf = self._append(connection, unchanged_tasks.KIND, *batch_leaf(connection, self._read_key(), batch))
                reached("tasks kept")
            self._pending.done(batch)
            return leaf

    def drop(self, attempt: Attempt) -> None:
        """Discard what an attempt has staged."""
        current = self._attempts.pop(attempt, None)
        if current is None:
            return
        with current.lock:
            if current.has_rows:
                # The bodies stay until the next start, because another attempt may already refer to them.
                with self._open_writer().transaction() as connection:
                    staging.forget(connection, current.number)

    def write(self, facts: Iterable[Fact], *, after: Iterable[Task] | None = None) -> None:
        """Append facts to the log, all or none, in this order, after every task that is held back.

        With `after` only after those of them that are named.
        """
        with self._writer_after_pending(after).transaction() as connection:
            for fact in facts:
                self._append(connection, *encode_fact(connection, fact))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let no other process write until the end; what is written within is one transaction, and not read before.

        For what is written because of what was read.
        """
        with self._writer_after_pending().transaction():
            yield

    def _append(self, connection: Connection, kind: str, fact: object, rows: dict[str, object]) -> Leaf:
        record = leaves.append(
            connection,
            self._macs,
            store=self.name,
            at=self._clock(),
            kind=kind,
            fact=msgspec.to_builtins(fact),
            rows=rows,
        )
        project(connection, record)
        reached("projected")
        return record.leaf

    def _writer_after_pending(self, tasks: Iterable[Task] | None = None) -> Writer:
        """Write the pending tasks, or those named, and return the writer, for facts that must come after them."""
        writer = self._open_writer()
        if not writer.is_mine():  # a thread that writes them waits for this transaction
            self.write_pending(tasks)
        return writer

    def _open_writer(self) -> Writer:
        if self._writer is None:
            raise StoreError(
                "the store was opened for reading",
                so="nothing can be recorded through it",
                mend="report this as a defect",
            )
        return self._writer

    def _staging_of(self, attempt: Attempt) -> staging.Staging:
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
        """Stream the existing resources of a collection under a scope, ordered by scope_text and key, by code point."""
        # Read before the tables: a task that is written in between is in both, with the same content.
        latest = self._pending.latest(source, collection) if as_of is None else {}
        with self._reading(as_of) as (connection, bound):
            yield from reading.resources(
                connection, bound, collection=collection, source=source, under=under, latest=latest
            )

    def resource(self, task: Task, key: str, *, as_of: datetime | None = None) -> Stored | None:
        """Return one resource of a task; None where `resources` would not yield it. Raises StoreError."""
        latest = self._pending.latest_of(task) if as_of is None else None
        with self._reading(as_of) as (connection, bound):
            return reading.resource(connection, bound, task, key, latest=latest)

    def resources_of(self, task: Task, keys: Collection[str]) -> Iterator[Stored]:
        """Yield those existing resources of a task that have one of these keys, ordered by key, by code point."""
        latest = self._pending.latest_of(task)
        with self._reading(None) as (connection, _):
            yield from reading.resources_of(connection, task, keys, latest=latest)

    def findings_of(self, check: str, task: Task, subjects: Collection[str]) -> Iterator[FindingState]:
        """Yield the current findings of a check on subjects in the scope of a task, ordered by subject."""
        with self._reading(None) as (connection, _):
            yield from reading.findings_of(connection, check, task, subjects)

    def findings(
        self,
        *,
        check: str | None = None,
        source: str | None = None,
        scope: Scope | None = None,
        as_of: datetime | None = None,
    ) -> Iterator[FindingState]:
        """Stream the current findings, ordered by check, source, scope_text and subject, each by code point."""
        with self._reading(as_of) as (connection, bound):
            yield from reading.findings(connection, bound, check=check, source=source, scope=scope)

    def finding_counts(self, source: str) -> Iterator[FindingCount]:
        """Yield how many current findings of a source there are by check, scope and status, in that order."""
        with self._reading(None) as (connection, _):
            yield from finding_counts(connection, source)

    def plans(self, *, as_of: datetime | None = None) -> Iterator[TasksPlanned]:
        """Yield for each source the latest plan that names it, each plan once, the newest first."""
        with self._reading(as_of) as (connection, bound):
            yield from reading.plans(connection, bound)

    def runs(self, *, as_of: datetime | None = None) -> Iterator[tuple[RunStarted, RunEnded | None]]:
        """Yield the runs, the newest first, each with its end where it has one."""
        with self._reading(as_of) as (connection, bound):
            yield from reading.runs(connection, bound)

    def in_force(self, *, as_of: datetime | None = None) -> InForce | None:
        """Return the configuration, code and rules of the latest run; None before the first run."""
        with self._reading(as_of) as (connection, bound):
            return reading.in_force(connection, bound)

    def attested(self, *, as_of: datetime | None = None) -> Iterator[Filed]:
        """Yield every attestation, in the order of the log."""
        with self._reading(as_of) as (connection, bound):
            yield from attestations.attested(connection, bound)

    def file_of(self, leaf: int) -> bytes | None:
        """Return the file of an attestation, an entered record or an act on a request; None where it has no file."""
        with self._reading(None) as (connection, _):
            return attestations.file_of(connection, leaf)

    def company_files(self, *, as_of: datetime | None = None) -> Iterator[RecordedFile]:
        """Yield every recorded state of the company's files, in the order of the log."""
        with self._reading(as_of) as (connection, bound):
            yield from company_files.company_files(connection, bound)

    def log(
        self, *, since: datetime | None = None, as_of: datetime | None = None, kinds: Collection[str] = ()
    ) -> Iterator[StatedLeaf]:
        """Yield the log entries other than those of tasks, in order: after `since`, up to and including `as_of`."""
        with self._reading(as_of) as (connection, bound):
            yield from company_files.stated_leaves(connection, since, bound, kinds)

    def versions(self, task: Task, key: str, *, as_of: datetime | None = None) -> Iterator[Version]:
        """Yield the versions of a resource, the newest first."""
        return self.history.versions(task, key, as_of=as_of)

    def finding_events(self, id_: FindingId, *, most: int, as_of: datetime | None = None) -> list[FindingEvent]:
        """Return the events of one finding, the newest first, at most so many. Raises StoreError."""
        with self._reading(as_of) as (connection, bound):
            return list(finding_events(connection, bound, id_, most))

    def log_size(self) -> int:
        """Return the number of log entries, which grows with everything that is recorded. Raises StoreError."""
        with self._reading(None) as (connection, _):
            size: int = connection.exec_driver_sql("SELECT coalesce(max(idx), -1) + 1 FROM log_leaf").scalar_one()
            return size

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees one state and cannot write. Raises the errors of the driver."""
        with self._reader.connect() as connection, connection.begin():
            yield connection

    def key_if_there(self) -> StoreKey | None:
        """Return the store key, None where it is not on this machine, as with an auditor's copy."""
        try:
            return self._read_key()
        except StoreError:
            return None

    def signing_key(self) -> SigningKey:
        """Return the signing key, wherever it is kept; during a rotation the one that the log states.

        Raises StoreError where it cannot be used.
        """
        held, current = self._signing_keys.held(), self.checkpoints.key().public
        return next((key for key in held if key.public == current), held[0])

    def mac_keys_if_there(self) -> list[MacKey]:
        """Return the keys of MACs, none where there is no signing key, as with an auditor's copy."""
        try:
            return self._macs.keys()
        except StoreError:
            return []

    @contextmanager
    def _reading(self, as_of: datetime | None) -> Iterator[tuple[Connection, int | None]]:
        try:
            with self._reader.connect() as connection, connection.begin():
                yield connection, reading.bound_of(connection, as_of)
        except DBAPIError as error:
            if is_unavailable(error):
                raise unavailable("the store could not be read", error) from None
            raise StoreError(
                f"the store could not be read: {one_line(str(error.orig))}",
                so="nothing can be shown or judged from it",
                mend="run annexd verify to learn whether it is damaged",
            ) from error
        except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError) as error:
            # Whoever reads is no part of this: it is a column in which somebody wrote something else.
            raise damaged(f"a row holds what was never written: {type(error).__name__}: {error}") from error
