"""Killed at any time, at any step: what was acknowledged is there, and the next scan just works."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from storage.database import failpoints
from tests.storage.crashing import Acknowledged, heard, hold, writing

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
FRESH_EVERY = 10  # trials on one store: long enough for what one leaves behind to meet the next

# A thousand at night, in rounds that are each shorter than what a test may take.
_DEEP = [pytest.param(seed, 25, id=f"deep-{seed}", marks=pytest.mark.deep) for seed in range(1, 41)]
ROUNDS = [pytest.param(0, 10, id="few"), *_DEEP]

Stores = Callable[[], tuple[str, str, Acknowledged]]


@pytest.fixture
def stores(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> Iterator[Stores]:
    """Return what gives the store for the next trial: its address, a folder for its keys, what was acknowledged."""
    made: list[Any] = []

    def give() -> tuple[str, str, Acknowledged]:
        number = len(made) // FRESH_EVERY
        if len(made) % FRESH_EVERY == 0:
            folder = tmp_path / f"{number}"
            folder.mkdir()
            address = f"sqlite:///{folder / 'annexd.db'}" if database == "sqlite" else fresh()
            made.append((address, str(folder), {}))
        else:
            made.append(made[-1])
        os.chdir(made[-1][1])
        current: tuple[str, str, Acknowledged] = made[-1]
        return current

    fresh: Callable[[], str] = request.getfixturevalue("schemas") if database == "postgresql" else str
    before = Path.cwd()
    yield give
    os.chdir(before)


@pytest.mark.parametrize(("seed", "trials"), ROUNDS)
def test_killed_at_any_time(stores: Stores, seed: int, trials: int, database: str) -> None:
    """Machines are switched off, containers are moved, and somebody always types kill -9."""
    dice = random.Random(seed)
    total = 0
    for trial in range(trials):
        url, folder, acknowledged = stores()
        before = len(acknowledged)
        with writing(url, folder, seed * 100 + trial) as (process, hear):
            assert hear.poll(60), "the writer did not start"
            process.join(dice.uniform(0.0, 0.3 if database == "sqlite" else 1.0))
            process.kill()
            heard(hear, acknowledged)
        total += len(acknowledged) - before
        hold(url, acknowledged)
    print(f"{database}: {trials} kills at random times, {total} tasks acknowledged, 0 violations")  # noqa: T201  a count


@pytest.mark.parametrize("times", [1, pytest.param(2, marks=pytest.mark.deep), pytest.param(5, marks=pytest.mark.deep)])
def test_killed_at_each_step(stores: Stores, times: int, database: str) -> None:
    """Between any two things that must happen together."""
    total = 0
    for number, step in enumerate(failpoints.STEPS):
        url, folder, acknowledged = stores()
        before = len(acknowledged)
        with writing(url, folder, number, (step, times)) as (process, hear):
            heard(hear, acknowledged)
            process.join()
            assert process.exitcode == -signal.SIGKILL, step
        total += len(acknowledged) - before
        hold(url, acknowledged)
    print(f"{database}: {len(failpoints.STEPS)} kills at named steps, {total} tasks acknowledged, 0 violations")  # noqa: T201  a count


def test_a_step_is_named_by_the_environment(tmp_path: Path) -> None:
    """That is how a packaged annexd is tested; and without the name nothing happens."""
    script = (
        "from storage.database.failpoints import reached; reached('after leaf'); print('one'); reached('after leaf')"
    )
    command = [sys.executable, "-c", script]

    spared = subprocess.run(command, env=ENVIRONMENT, cwd=tmp_path, check=False)
    killed = subprocess.run(
        command, env={**ENVIRONMENT, "ANNEXD_KILL_AT": "after leaf@2"}, cwd=tmp_path, check=False, capture_output=True
    )

    assert spared.returncode == 0
    assert killed.returncode == -signal.SIGKILL
