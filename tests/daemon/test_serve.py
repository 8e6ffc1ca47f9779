"""`annexd serve` as a service manager sees it: a process, its log, signals, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from typing import IO

import pytest

from collector.daemon.due import Due
from collector.daemon.events import Event, Run
from collector.daemon.schedule import ClockedSchedule
from collector.daemon.slots import Interval
from tests.played.company import Company

SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
from collector.cli.main import main
from tests.played import plugged
from tests.played.platform import Platform
plugged.PLATFORMS["acme"] = Platform()
sys.exit(main(["-c", sys.argv[2], "serve", "--jitter", "0s"]))
"""


@contextmanager
def daemon(company: Company, offered: Path, script: str = SCRIPT) -> Iterator[subprocess.Popen[str]]:
    """Run the daemon over the played connector in a process of its own."""
    command = [sys.executable, "-c", script, str(offered.parent), str(company.config)]
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=here) as process:
        try:
            yield process
        finally:
            process.kill()


def until(stream: IO[str] | None, what: str) -> str:
    """Read the log up to a line; the end of the process ends it too."""
    assert stream is not None
    lines = []
    for line in stream:
        lines.append(line)
        if re.search(what, line):
            break
    return "".join(lines)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_it_looks_at_once_stays_and_ends_with_0(company: Company, offered: Path, number: signal.Signals) -> None:
    """That is all that a service manager asks of it."""
    with daemon(company, offered) as process:
        first = until(process.stderr, r"acme: run \S+: 6 complete")
        second = company.run("serve")
        scanned = company.run("status", "--json")
        process.send_signal(number)
        last = until(process.stderr, "ended")
        code = process.wait(60)

    assert re.search(r"acme: next run \S+, then every 1d", first)
    assert second.code == 5
    assert str(process.pid) in second.err
    assert scanned.code == 0
    assert f"{number.name}: ended" in last
    assert code == 0


SLOW = SCRIPT.replace(
    'plugged.PLATFORMS["acme"] = Platform()',
    """
import time
class Slow(Platform):
    def answer(self, request):
        print("it is asked", file=sys.stderr, flush=True)
        time.sleep(2)
        return super().answer(request)
plugged.PLATFORMS["acme"] = Slow()
""",
)


def test_whoever_reads_its_log_may_go_away(company: Company, offered: Path) -> None:
    """A pipe that broke is no reason to end in an error, in the middle of a run either."""
    with daemon(company, offered, SLOW) as process:
        until(process.stderr, "it is asked")
        assert process.stderr is not None
        process.stderr.close()
        process.send_signal(signal.SIGTERM)
        code = process.wait(60)

    assert code == 0


def test_a_run_that_was_ended_before_anything_was_read_needs_no_doctor(company: Company, offered: Path) -> None:
    """Nothing is wrong with the source: nobody waited for it."""
    with daemon(company, offered, SLOW) as process:
        until(process.stderr, "it is asked")
        process.send_signal(signal.SIGTERM)
        log = until(process.stderr, "SIGTERM: ended|never")
        code = process.wait(60)

    assert "ended early by SIGTERM" in log
    assert "doctor" not in log
    assert code == 0


def test_sighup_reads_the_configuration_again(company: Company, offered: Path) -> None:
    """As every daemon does."""
    with daemon(company, offered) as process:
        until(process.stderr, r"acme: run \S+: 6 complete")
        company.write(company.config.read_text().replace("[sources.acme]", '[sources.acme]\nevery = "2h"'))
        process.send_signal(signal.SIGHUP)
        log = until(process.stderr, "read again")
        process.send_signal(signal.SIGTERM)
        code = process.wait(60)

    assert "then every 2h" in log
    assert code == 0


def test_it_verifies_the_store_at_its_interval(company: Company, offered: Path) -> None:
    """In a process of its own, as a service manager starts it too."""
    company.write(company.config.read_text().replace("[store]", '[store]\nverify_every = "3s"'))
    with daemon(company, offered) as process:
        log = until(process.stderr, r"verification: \d+ log entries, \d+ checkpoints and \d+ rows hold")
        process.send_signal(signal.SIGTERM)
        code = process.wait(60)

    assert "verification: next at" in log
    assert "rows hold" in log
    assert code == 0


def test_a_daemon_without_a_source_ends_with_3(company: Company) -> None:
    """Silence would look like work."""
    company.write('[store]\nurl = "sqlite:///evidence.db"\n')

    assert company.run("serve").code == 3


def test_the_schedule_calls_once_for_what_is_late_and_then_waits_for_the_slot() -> None:
    """Three days of downtime are one run."""
    events: SimpleQueue[Event] = SimpleQueue()
    now = datetime.now(UTC)
    with ClockedSchedule(events.put, jitter=timedelta(0)) as schedule:
        begins = schedule.plan({"acme": Due(now - timedelta(days=3))}, {"acme": Interval(timedelta(hours=1))})
        first = events.get(timeout=30)
        schedule.again("other", now)
        second = events.get(timeout=30)

    assert begins == {"acme": now - timedelta(days=3)}
    assert (first, second) == (Run("acme"), Run("other"))
    assert events.empty()


def test_first_runs_are_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred collectors that a power cut restarted must not ask one platform in one second."""
    monkeypatch.setattr("collector.daemon.schedule.random.random", lambda: 0.5)
    now = datetime.now(UTC) + timedelta(hours=1)
    with ClockedSchedule(lambda _: None, jitter=timedelta(minutes=2)) as schedule:
        begins = schedule.plan({"acme": Due(now)}, {"acme": Interval(timedelta(hours=1))})

    assert begins == {"acme": now + timedelta(minutes=1)}
