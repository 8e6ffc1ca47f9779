"""A worker that says what cannot be: nothing of it is recorded, and it gets no more orders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from queue import Queue
from threading import Thread

import pytest
from msgspec.structs import replace

from collector.core.checks import Status
from collector.core.connectors import Found
from collector.core.tasks import Outcome, Task
from collector.engine.workers.messages import Changed, Collected, FromWorker, Judged, Ready, encode, read_report
from collector.engine.workers.ports import Channel, ChannelClosed, WorkerParts
from collector.engine.workers.worker import work
from tests.workers.conftest import Make
from tests.workers.estate import RULES
from tests.workers.running import CODE, Estate, build
from tests.workers.test_processes import assert_verifies

Lie = Callable[[FromWorker], FromWorker]

YEAR = timedelta(days=365)


class Ends:
    """One end of a channel in this process; None in a queue ends it."""

    def __init__(self, incoming: Queue[bytes | None], outgoing: Queue[bytes | None], lie: Lie | None = None) -> None:
        self._incoming, self._outgoing, self._lie = incoming, outgoing, lie

    def send(self, data: bytes) -> None:
        """Send one message, or a lie in its place."""
        self._outgoing.put(encode(self._lie(read_report(data))) if self._lie else data)

    def receive(self) -> bytes:
        """Wait for the next message."""
        if (data := self._incoming.get()) is None:
            raise ChannelClosed("closed")
        return data

    def close(self) -> None:
        """End both sides."""
        self._incoming.put(None)
        self._outgoing.put(None)


class Liars:
    """Workers in threads of this process that say something else than they know."""

    def __init__(self, estate: Estate, lie: Lie, count: int) -> None:
        self.count = count
        self._estate, self._lie = estate, lie

    def open(self, number: int) -> Channel:
        """Start one; the last of several is honest."""
        there: Queue[bytes | None] = Queue()
        here: Queue[bytes | None] = Queue()
        lie = self._lie if number == 0 else None
        Thread(target=work, args=(Ends(there, here, lie), self._parts(number)), daemon=True).start()
        return Ends(here, there)

    def close(self) -> None:
        """Do nothing: each ends with its channel."""

    def _parts(self, number: int) -> WorkerParts:
        estate = self._estate
        with estate.open() as store:
            keys = bytes(store.worker_key())
        return build(estate.url, str(estate.folder), estate.settings, estate.code, estate.config, number, keys)


def in_observation(**but: object) -> Lie:
    """Return what changes fields of observations."""
    return lambda said: (
        replace(said, observation=replace(said.observation, **but)) if isinstance(said, Collected) else said
    )


def in_provenance(**but: object) -> Lie:
    """Return what changes fields of the provenance of observations."""
    return lambda said: (
        replace(said, observation=replace(said.observation, provenance=replace(said.observation.provenance, **but)))
        if isinstance(said, Collected)
        else said
    )


def _later(said: FromWorker) -> FromWorker:
    if not isinstance(said, Collected):
        return said
    return replace(said, observation=replace(said.observation, ended_at=said.observation.ended_at + YEAR))


def _earlier(said: FromWorker) -> FromWorker:
    if not isinstance(said, Collected):
        return said
    return replace(said, observation=replace(said.observation, started_at=said.observation.started_at - YEAR))


LIES: dict[str, Lie] = {
    "its-code": lambda said: replace(said, code="sha256:another") if isinstance(said, Ready) else said,
    "another-task": in_observation(task=Task("estate", "estate.thing", ("elsewhere",))),
    "another-run": in_observation(run="another"),
    "it-holds-for-long": in_observation(every=10 * YEAR),
    "ended-in-a-year": _later,
    "began-a-year-ago": _earlier,
    "another-worker": in_provenance(worker="worker 7, code sha256:code"),
    "another-connector": in_provenance(connector="aws/1"),
    "other-code": in_provenance(code="sha256:another"),
    "other-redaction": in_provenance(redaction="sha256:another"),
    "no-scope": lambda said: replace(said, discovered=(Found(""),)) if isinstance(said, Collected) else said,
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_an_observation_of_something_else(make: Make, lie: Lie) -> None:
    """It is not taken: the task has failed, so its verdicts are unknown."""
    estate = make(1, places=1, things=3)
    estate.channels = partial(Liars, estate, lie, 1)
    estate.run()
    assert set(estate.outcomes().values()) == {"failed"}
    assert {status for status, _ in estate.findings().values()} == {"unknown"}


def _of_another_check(said: FromWorker) -> FromWorker:
    if not isinstance(said, Changed):
        return said
    changes = [
        replace(
            change,
            id=replace(change.id, check="another"),
            now=change.now and replace(change.now, id=replace(change.id, check="another")),
        )
        for change in said.changes
    ]
    return replace(said, changes=tuple(changes))


def _of_next_year(said: FromWorker) -> FromWorker:
    if not isinstance(said, Changed):
        return said
    changes = [
        replace(change, now=change.now and replace(change.now, observed_at=change.now.observed_at + YEAR))
        for change in said.changes
    ]
    return replace(said, changes=tuple(changes))


VERDICTS: dict[str, Lie] = {
    "of-another-check": _of_another_check,
    "of-next-year": _of_next_year,
    "counts-of-another-check": lambda said: (
        replace(said, counts={"another": {"pass": 1}}) if isinstance(said, Judged) else said
    ),
    "counts-of-no-status": lambda said: (
        replace(said, counts={check: {"fine": 1} for check in said.counts}) if isinstance(said, Judged) else said
    ),
}


@pytest.fixture(scope="module")
def by_threads(make: Make) -> object:
    """The findings by threads."""
    estate = make(0, places=1, things=3)
    estate.run()
    return estate.findings()


@pytest.mark.parametrize("lie", VERDICTS.values(), ids=VERDICTS)
def test_verdicts_on_something_else(make: Make, by_threads: object, lie: Lie) -> None:
    """They are not taken: what was to be judged is judged by the process that writes."""
    estate = make(1, places=1, things=3)
    estate.channels = partial(Liars, estate, lie, 1)
    summary = estate.run()
    assert estate.findings() == by_threads
    assert {tally.check for tally in summary.tallies} == {rule.check.id for rule in RULES}
    assert {status for tally in summary.tallies for status in tally.counts} <= {status.value for status in Status}
    with estate.open() as store:
        assert all(state.finding.observed_at <= datetime.now(UTC) for state in store.findings())
    assert_verifies(estate)


def test_an_honest_worker_does_it_in_place_of_a_liar(make: Make, by_threads: object) -> None:
    """What a worker could not have seen is asked of another one."""
    estate = make(2, places=1, things=3)
    estate.channels = partial(Liars, estate, _later, 2)
    estate.run()
    with estate.open() as store:
        ((outcome, worker),) = {
            (seen.observation.outcome, seen.observation.provenance.worker) for seen in store.observations()
        }
    assert (outcome, worker) == (Outcome.COMPLETE, f"worker 1, code {CODE}")
    assert estate.findings() == by_threads
