"""Workers that a Dask scheduler knows: scheduler and workers are processes of their own, and TLS is between them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import msgspec
import pytest

from collector.core.errors import ConfigError
from collector.engine.workers.dask_channels import DaskWorkers, Tls
from tests.workers.certificates import make_tls
from tests.workers.conftest import Make
from tests.workers.estate import busiest, callers
from tests.workers.running import CODE, Estate
from tests.workers.test_processes import assert_verifies

ROOT = Path(__file__).parents[2]


class Cluster:
    """A scheduler with workers, as processes."""

    def __init__(self, folder: Path) -> None:
        self.tls = make_tls(folder / "tls")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"tls://127.0.0.1:{free.getsockname()[1]}"
        self.scheduler = self._start(
            "distributed.cli.dask_scheduler", "--protocol", "tls", "--host", "127.0.0.1",
            "--no-dashboard", "--no-jupyter", "--port", self.address.rpartition(":")[2],
            "--tls-ca-file", str(self.tls.ca), "--tls-cert", str(self.tls.certificate), "--tls-key", str(self.tls.key),
        )  # fmt: skip
        self.workers: list[subprocess.Popen[bytes]] = []

    def add(self, estate: Estate, *, code: str = CODE) -> None:
        """Start a worker of an estate, whose store has to be there."""
        with estate.open() as store:
            keys = bytes(store.worker_key())
        worker = self._start("tests.workers.dask_worker")
        assert worker.stdin is not None
        given = {
            "scheduler": self.address,
            "ca": str(self.tls.ca),
            "certificate": str(self.tls.certificate),
            "key": str(self.tls.key),
            "url": estate.url,
            "folder": str(estate.folder),
            "settings": msgspec.json.encode(estate.settings).decode(),
            "code": code,
            "config": estate.config,
            "number": f"{len(self.workers)}",
            "keys": b64encode(keys).decode(),
        }
        worker.stdin.write(json.dumps(given).encode() + b"\n")
        worker.stdin.flush()
        self.workers.append(worker)

    def channels(self, workers: int, wait: float = 60.0) -> DaskWorkers:
        """Return the workers as the process that writes has them."""
        return DaskWorkers(self.address, self.tls, workers, wait)

    def end(self) -> None:
        """End all processes."""
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.communicate()

    def _start(self, module: str, *args: str) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen([sys.executable, "-m", module, *args], stdin=subprocess.PIPE, env=environment)


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Yield a scheduler without workers."""
    running = Cluster(folder)
    try:
        yield running
    finally:
        running.end()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Cluster]:
    """A scheduler without workers."""
    with cluster(tmp_path) as made:
        yield made


def test_same_as_threads_while_a_worker_is_killed(make: Make, running: Cluster) -> None:
    """The same outcomes and findings, one quota for all, and nothing lost with a worker that is killed."""
    threads, estate = (
        make(0, denied=(2,), things=60),
        make(2, denied=(2,), things=60, latency=0.05, concurrency=3, together=2),
    )
    threads.run()
    with estate.open(writer=True):
        pass
    for _ in range(2):
        running.add(estate)
    estate.channels = partial(running.channels, 2)
    calls = Path(estate.settings.calls)
    threading.Thread(target=_kill_when_calling, args=(running.workers[0], calls), daemon=True).start()
    estate.run()
    assert running.workers[0].wait(timeout=60) == -signal.SIGKILL
    assert (estate.outcomes(), estate.findings()) == (threads.outcomes(), threads.findings())
    assert busiest_of_living(calls, running.workers[0].pid) <= 3
    assert f"{running.workers[1].pid}" in callers(calls)
    assert_verifies(estate)


@pytest.mark.deep
def test_a_worker_with_other_code_is_refused(make: Make, running: Cluster) -> None:
    """What it would find is not what the record would say of it."""
    estate = make(1)
    with estate.open(writer=True):
        pass
    running.add(estate, code="sha256:another")
    estate.channels = partial(running.channels, 1)
    estate.run()
    assert set(estate.outcomes().values()) == {"failed"}
    assert not Path(estate.settings.calls).exists()


@pytest.mark.deep
def test_the_scheduler_is_killed(make: Make, running: Cluster) -> None:
    """Its workers end what they do: what was not finished is unknown, and the store verifies."""
    estate = make(1, things=600, latency=0.1)
    with estate.open(writer=True):
        pass
    running.add(estate)
    running.channels(1).close()  # it is known from here on, so that the run need not wait for it
    estate.channels = partial(running.channels, 1, 10.0)
    threading.Thread(
        target=_kill_when_calling, args=(running.scheduler, Path(estate.settings.calls)), daemon=True
    ).start()
    estate.run()
    assert "failed" in estate.outcomes().values()
    assert {status for (_, scope, _), (status, _) in estate.findings().items() if scope == ("place-0",)} == {"unknown"}
    assert_verifies(estate)


def test_only_with_a_certificate_of_the_same_authority(running: Cluster, tmp_path: Path) -> None:
    """Who has none is not spoken to."""
    other: Tls = make_tls(tmp_path / "other")
    with pytest.raises(ConfigError, match="cannot be reached"):
        DaskWorkers(running.address, other, 1, 5.0)


def busiest_of_living(calls: Path, killed: int) -> int:
    """Return how many calls were under way at most; those of a killed process end nowhere, so they are not counted."""
    lines = [line for line in calls.read_text().splitlines(keepends=True) if line[1:].strip() != f"{killed}"]
    living = calls.with_suffix(".living")
    living.write_text("".join(lines))
    return busiest(living)


def _kill_when_calling(process: subprocess.Popen[bytes], calls: Path) -> None:
    until = time.monotonic() + 60
    while not calls.exists() and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.3)
    process.kill()
