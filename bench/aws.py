"""A whole scan of one AWS account beside another scanner's of the same: CPU, memory, calls by service, verdicts.

`python -m bench aws` measures annexd with every check. With `--against prowler` both are given the services that both
have checks of, Prowler its checks for ISO/IEC 27001:2022, and what they say differently of the same resource follows.
The simulated AWS is a process of its own, which counts the calls.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from bench.prowler import PROWLER, iso_checks, prowler_command
from bench.verdicts import Said, print_differences, said_by_annexd, said_by_prowler
from collector.engine.clock import SystemClock
from collector.engine.rule import Rule
from collector.engine.run import Limits, Runner, RunRequest
from collector.engine.sources import Source
from collector.setup.loading import connector
from connectors.aws._sdk.settings import Settings
from storage import open_store
from tests.played.silent import Silent

REGION = "eu-west-1"
_SCALES = (1, 5, 20)


class Measured(Struct, frozen=True):
    """One scan: seconds of CPU and of the clock, peak memory in MB, calls by service, and what it says.

    `refused` are the calls that got a 403 because nothing of AWS is simulated there: what rests on them is no verdict.
    """

    cpu: float
    took: float
    peak: float
    calls: Counter[str]
    refused: Counter[str]
    verdicts: Sequence[Said]


def run(*, against: str | None = None, scales: Sequence[int] = _SCALES) -> None:
    """Print both scans of an estate of each size, and Prowler's as a multiple of annexd's."""
    command = prowler_command() if against == "prowler" else None
    if against == "prowler" and command is None:
        print(f"Prowler is not here and could not be installed: only annexd's figures follow. To have them: {PROWLER}")
    elif against is None:
        print("with --against prowler its figures stand beside these")
    checks = sorted(connector("aws").checks)
    own, others = iso_checks(checks) if command else (checks, [])
    print(f"{'estate':>6} {'scanner':>8} {'CPU s':>7} {'took s':>7} {'peak MB':>8} {'calls':>6} {'verdicts':>9}")
    for scale in scales:
        with simulated(scale) as server:
            ours = _annexd(server, own)
            _print(scale, "annexd", ours)
            if command is not None:
                theirs = _prowler(server, command, others)
                _print(scale, "prowler", theirs)
                ratios = (theirs.cpu / ours.cpu, theirs.peak / ours.peak, theirs.calls.total() / ours.calls.total())
                print(f"{'':>6} {'ratio':>8} {ratios[0]:>7.1f} {'':>7} {ratios[1]:>8.1f} {ratios[2]:>6.1f}")
                print_differences(ours.verdicts, theirs.verdicts)


def _print(scale: int, scanner: str, one: Measured) -> None:
    calls, verdicts = one.calls.total(), len(one.verdicts)
    print(
        f"{f'{scale}x':>6} {scanner:>8} {one.cpu:>7.1f} {one.took:>7.1f} {one.peak:>8.0f} {calls:>6} {verdicts:>9}"
        f"   {', '.join(f'{service} {count}' for service, count in sorted(one.calls.items()))}",
        flush=True,
    )
    if one.refused:
        names = ", ".join(f"{name} {count}" for name, count in sorted(one.refused.items()))
        print(f"{'':>6} not simulated, so refused: {names}", flush=True)


class Server:
    """The simulated AWS of another process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        if process.stdin is None or process.stdout is None:
            raise TypeError("the process is started with pipes")
        self._asks, self._says = process.stdin, process.stdout
        given = self._answer()
        self.url: str = given["url"]
        self.environment: Mapping[str, str] = given["environment"]

    def calls(self) -> tuple[Counter[str], Counter[str]]:
        """Return the calls by service since the last time, and those that the simulation could not answer."""
        self._asks.write("calls\n")
        self._asks.flush()
        answer = self._answer()
        return Counter(answer["calls"]), Counter(answer["refused"])

    def _answer(self) -> Any:  # noqa: ANN401  JSON
        return json.loads(self._says.readline())


@contextmanager
def simulated(scale: int) -> Iterator[Server]:
    """Start the simulated AWS with an estate of a size."""
    process = subprocess.Popen(  # noqa: S603  this very program
        [sys.executable, "-m", "bench.aws_estate", str(scale)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Server(process)
    finally:
        process.communicate()


def _annexd(server: Server, checks: Sequence[str]) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "checks").write_text("\n".join(checks))
        command = [sys.executable, "-m", "bench.aws", server.url, folder]
        return _measured(server, command, lambda: said_by_annexd(Path(folder)))


def _prowler(server: Server, command: str, checks: Sequence[str]) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        words = [command, "aws", "--check", *checks, "--region", REGION, "--no-banner", "--ignore-exit-code-3"]
        words += ["--output-formats", "json-ocsf", "--output-directory", folder]
        return _measured(server, words, lambda: said_by_prowler(Path(folder)))


def _measured(server: Server, command: Sequence[str], verdicts: Callable[[], Sequence[Said]]) -> Measured:
    server.calls()
    environment = {
        **os.environ,
        **server.environment,
        "AWS_ENDPOINT_URL": server.url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    began = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said)  # noqa: S603  two scanners
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        took = time.perf_counter() - began
        if process.returncode != 0:
            said.seek(0)
            raise SystemExit(f"{command[0]} ended with {process.returncode}: {said.read()[-2000:].decode()}")
    return Measured(used.ru_utime + used.ru_stime, took, used.ru_maxrss / 1024, *server.calls(), verdicts())


def _scan(url: str, folder: str) -> None:
    """Scan as the command does, with the checks that a file of the folder names, into a store there."""
    clock = SystemClock()
    loaded = connector("aws")
    names = Path(folder, "checks").read_text().split()
    with open_store(
        f"sqlite:///{folder}/bench.db", writer=True, key_file=Path(folder) / "key", clock=lambda: datetime.now(UTC)
    ) as store:
        runner = Runner(
            store=store,
            sources=[Source("bench", loaded.connector, Settings(regions=(REGION,), endpoint_url=url))],
            rules=[Rule(check, check.limit_values({})) for check in map(loaded.checks.__getitem__, names)],
            clock=clock,
            redaction_key=store.redaction_key,
            events=Silent(),
            limits=Limits(),
        )
        runner.run(RunRequest("bench", "bench", "0", "code", "config"))


if __name__ == "__main__":
    _scan(*sys.argv[1:])
