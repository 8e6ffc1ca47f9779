"""A process that writes evidence until it is killed, and says of each piece when it was acknowledged."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from collector.core.erasure import Erasure
from collector.core.tasks import Outcome, Task
from storage import SqlStore, open_store
from storage.database import failpoints
from storage.tables import staging
from storage.verification import VerificationRequest, verify
from tests.storage.evidence import MONDAY, TickingClock, changed, item, judged, keys, scan, verdict

Acknowledged = dict[int, bytes]
"""The hash of each leaf that a writer was told is kept, by its index."""

TASKS = tuple(Task("production", f"aws.kind.{number}", ("111122223333",)) for number in range(3))
LONGEST = timedelta(seconds=30)

# A process that has loaded everything and forks for each trial: starting Python takes longer than a trial.
_CONTEXT = get_context("forkserver")


def write(url: str, folder: str, seed: int, kill_at: tuple[str, int], told: Connection) -> None:
    """Write for ever; `kill_at` is a step of `storage.database.failpoints` and how many times it is met, or no step."""
    os.chdir(folder)  # a store on a server has its keys here
    failpoints._STEP, failpoints._TIMES = kill_at[0], str(kill_at[1])
    staging._MOST_OF_ONE = 20_000  # so that some bodies are put away before the task ends
    dice = random.Random(seed)
    with open_store(url, writer=True, clock=TickingClock(MONDAY + timedelta(hours=seed)), wait=LONGEST) as store:
        told.send("open")
        while True:
            for leaf, hashed in _one_step(store, dice):
                told.send((leaf, hashed))


def _one_step(store: SqlStore, dice: random.Random) -> Iterator[tuple[int, bytes]]:
    match dice.randrange(8):
        case 0:
            store.checkpoints.checkpoint()
        case 1:
            store.write([judged(changed(verdict(f"bucket-{dice.randrange(20)}")))])
        case 2 | 3:
            yield from _same_again(store, dice)
        case 4:
            _forget(store, dice)
        case _:
            outcome = dice.choice([Outcome.COMPLETE, Outcome.COMPLETE, Outcome.PARTIAL])
            items = [
                item(f"{number:03}", facts={"n": dice.randrange(3)}, turn=dice.randrange(3), padding="x" * 900)
                for number in sorted(dice.sample(range(60), dice.randrange(1, 40)))
            ]
            done = scan(store, *items, task=dice.choice(TASKS), outcome=outcome)
            if done.leaf is not None:
                yield done.leaf.index, done.leaf.hash


def _forget(store: SqlStore, dice: random.Random) -> None:
    """Erase what is kept of a resource, as the law asks for it: bodies go, and a leaf says so."""
    kind, key = dice.choice(TASKS).collection, f"{dice.randrange(60):03}"
    found = store.erasing.erasable(source="production", kind=kind, key=key)
    digests = (*found.bodies, *found.facts)
    if digests:
        asked = Erasure(
            at=MONDAY,
            basis="GDPR article 17",
            approved_by="Data protection officer",
            by="ann",
            bodies=len(found.bodies),
            facts=len(found.facts),
            source="production",
            kind=kind,
            key=key,
        )
        store.erasing.erase(asked, digests)


def _same_again(store: SqlStore, dice: random.Random) -> Iterator[tuple[int, bytes]]:
    """Look at some tasks of an hourly schedule: what is held back is acknowledged when its leaf is."""
    for number in dice.sample(range(5), 4):
        task = Task("production", f"aws.hourly.{number}", ("111122223333",))
        done = scan(store, item("one", facts={"n": dice.randrange(2)}), task=task, every=timedelta(hours=1))
        if done.leaf is not None:
            yield done.leaf.index, done.leaf.hash
    leaf = store.write_pending()
    if leaf is not None:
        yield leaf.index, leaf.hash


@contextmanager
def writing(url: str, folder: str, seed: int, kill_at: tuple[str, int] = ("", 0)) -> Iterator[tuple[Any, Connection]]:
    """Run `write` in a process of its own; hand out the process and what it tells."""
    _CONTEXT.set_forkserver_preload([__name__, "psycopg", "sqlalchemy.dialects.postgresql.psycopg", "alembic.command"])
    hear, told = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=write, args=(url, folder, seed, kill_at, told), daemon=True)
    process.start()
    told.close()
    try:
        yield process, hear
    finally:
        process.kill()
        process.join()
        process.close()
        hear.close()


def heard(hear: Connection, acknowledged: Acknowledged) -> None:
    """Note everything that was acknowledged; returns when the process that tells has ended."""
    try:
        while True:
            said = hear.recv()
            if said != "open":
                acknowledged[said[0]] = said[1]
    except (EOFError, ConnectionResetError):
        return


def hold(url: str, acknowledged: Acknowledged) -> None:
    """Check what must hold after every fault, and that the next scan just works.

    What was acknowledged is there with the same hash; leaves, tree, checkpoints, bodies and derived rows are right;
    nothing that no leaf speaks of is left; what is closed was closed by a complete task.
    """
    clock = TickingClock(MONDAY + timedelta(days=365))
    with open_store(url, writer=True, clock=clock, wait=LONGEST) as store:
        with store.reading() as connection:
            rows = connection.exec_driver_sql("SELECT idx, hash FROM log_leaf")
            kept: Acknowledged = {index: hashed for index, hashed in rows}  # noqa: C416  rows are not pairs to a checker
            unused = connection.exec_driver_sql(_UNUSED).scalar_one()
            closed = connection.exec_driver_sql(_CLOSED).scalar_one()
        verify(store, VerificationRequest(rebuild=True))
        assert [index for index, hashed in acknowledged.items() if kept.get(index) != hashed] == []
        assert unused == 0
        assert closed == 0
        done = scan(store, item("next", after=len(acknowledged)))  # another body each time, so that it has a leaf
        assert keys(store) == ["next"]
        store.checkpoints.checkpoint()
        assert done.leaf is not None
        acknowledged[done.leaf.index] = done.leaf.hash


_UNUSED = "SELECT count(*) FROM pending"
_CLOSED = (
    "SELECT count(*) FROM version v JOIN observation o ON o.leaf = v.leaf"
    " WHERE v.change = 'gone' AND o.outcome <> 'complete'"
)
