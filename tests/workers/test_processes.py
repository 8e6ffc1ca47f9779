"""Workers as processes: the same estate comes to the same evidence and verdicts, whatever happens to them."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from storage.verification import VerificationRequest, verify
from tests.workers.conftest import Make
from tests.workers.estate import busiest, callers
from tests.workers.running import CODE, Estate

DAYS: tuple[dict[str, object], ...] = ({}, {"day": 100}, {"denied": ()}, {"things": 25})
"""What is another one in each run: nothing yet, a body, a place that can be read again, things that are gone."""


@pytest.fixture(scope="module")
def by_threads(make: Make) -> list[tuple[dict[str, str], object]]:
    """Outcomes and findings after each day, by threads."""
    estate = make(0, denied=(2,))
    return [_after(estate, day) for day in DAYS]


@pytest.fixture(scope="module")
def by_workers(make: Make) -> tuple[Estate, list[tuple[dict[str, str], object]]]:
    """The estate after all days by two workers, with outcomes and findings after each."""
    estate = make(2, denied=(2,), latency=0.01, concurrency=3, together=2)
    return estate, [_after(estate, day) for day in DAYS]


def _after(estate: Estate, day: dict[str, object]) -> tuple[dict[str, str], object]:
    estate.run(**day)
    return estate.outcomes(), estate.findings()


def test_same_as_threads(by_threads: list[object], by_workers: tuple[Estate, list[object]]) -> None:
    """Outcomes and findings of workers are those of threads, on the first day and when something changes."""
    _, after = by_workers
    assert after == by_threads
    assert after[0] != after[1]
    assert after[1] != after[2]


def test_store_verifies(by_workers: tuple[Estate, list[object]]) -> None:
    """Everything that workers handed over is as it was sealed, and each table is what the log says."""
    estate, _ = by_workers
    assert_verifies(estate)


def test_same_on_a_server(make: Make, by_threads: list[object], schemas: Callable[[], str]) -> None:
    """Workers read a store in PostgreSQL as they read a file."""
    estate = make(2, schemas(), denied=(2,))
    assert [_after(estate, day) for day in DAYS[:2]] == by_threads[:2]
    assert_verifies(estate)


def test_one_quota_for_all_workers(by_workers: tuple[Estate, list[object]]) -> None:
    """Never more calls at a time than the quota allows to all of them together, with more than one that calls."""
    calls = Path(by_workers[0].settings.calls)
    assert len(callers(calls)) == 2 * len(DAYS)
    assert busiest(calls) == 3


def test_provenance_names_the_worker(by_workers: tuple[Estate, list[object]]) -> None:
    """Each observation says which worker made it, with the digest of its code."""
    with by_workers[0].open() as store:
        made_by = {seen.observation.provenance.worker for seen in store.observations()}
    assert made_by == {f"worker 0, code {CODE}", f"worker 1, code {CODE}"}


def test_no_secret_in_the_store(by_workers: tuple[Estate, list[object]]) -> None:
    """Workers redact before anything leaves them."""
    estate, _ = by_workers
    with estate.open() as store:
        bodies = [stored.blob or b"" for stored in store.resources("estate.thing", source="estate")]
    assert bodies
    assert not any(b"correct horse" in body for body in bodies)
    assert all(b'"[redacted name:Password ' in body for body in bodies)


def test_a_killed_worker_takes_nothing_with_it(make: Make, by_threads: list[object], tmp_path: Path) -> None:
    """Its tasks are done once more, and no finding is another one for it."""
    once = tmp_path / "deaths"
    once.write_bytes(b"x")
    estate = make(2, denied=(2,), deadly=(1,), deadly_file=str(once))
    estate.run()
    assert once.read_bytes() == b""
    assert (estate.outcomes(), estate.findings()) == by_threads[0]
    assert_verifies(estate)


@pytest.mark.deep
def test_what_kills_every_worker_is_unknown(make: Make) -> None:
    """A task that loses two workers has failed; the others are done, and nothing passes for it."""
    estate = make(2, deadly=(1,))
    estate.run()
    assert {task: outcome for task, outcome in estate.outcomes().items() if outcome != "complete"} == {
        "estate: estate.thing in place-1": "failed"
    }
    statuses = {status for (_, scope, _), (status, _) in estate.findings().items() if scope == ("place-1",)}
    assert statuses == {"unknown"}
    assert_verifies(estate)


@pytest.mark.parametrize("other", ["code", pytest.param("config", marks=pytest.mark.deep)])
def test_a_worker_with_something_else_is_refused(make: Make, other: str) -> None:
    """What other code or another configuration comes to is not what the record would say it is."""
    estate = make(1)
    setattr(estate, other, "sha256:another")
    estate.run()
    assert set(estate.outcomes().values()) == {"failed"}
    assert {status for status, _ in estate.findings().values()} == {"unknown"}
    assert not Path(estate.settings.calls).exists()


def test_stopped(make: Make) -> None:
    """A run that is asked to end, ends soon: what workers had not finished is recorded as not run."""
    estate = make(2, latency=0.2, things=2000)
    estate.before_run = lambda runner: _when_calling(estate, lambda: runner.stop("SIGTERM"))
    summary = estate.run()
    assert summary.stopped == "SIGTERM"
    assert "not_run" in estate.outcomes().values()
    assert_verifies(estate)


@pytest.mark.deep
def test_the_writer_is_killed(make: Make) -> None:
    """Its workers end with it; the next run finds a whole store."""
    estate = make(2, latency=0.05, things=300)
    writer = os.fork()
    if writer == 0:
        estate.run()
        os._exit(0)
    _wait_for(lambda: Path(estate.settings.calls).exists())
    children = psutil.Process(writer).children(recursive=True)
    os.kill(writer, signal.SIGKILL)
    os.waitpid(writer, 0)
    _, alive = psutil.wait_procs(children, timeout=30)
    assert alive == []
    assert_verifies(estate)
    estate.runs = 1
    estate.run(latency=0.0, things=30)
    assert set(estate.outcomes().values()) == {"complete"}
    assert_verifies(estate)


def assert_verifies(estate: Estate) -> None:
    """Fail unless the store verifies and each table can be derived again."""
    with estate.open() as store:
        verify(store, VerificationRequest(rebuild=True))


def _when_calling(estate: Estate, then: Callable[[], None]) -> None:
    def wait() -> None:
        _wait_for(lambda: Path(estate.settings.calls).exists())
        then()

    threading.Thread(target=wait, daemon=True).start()


def _wait_for(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)
