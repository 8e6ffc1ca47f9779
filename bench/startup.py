"""Seconds until a command has printed its help."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

_RUNS = 7


def run() -> None:
    """Print the median of some runs, beside a Python that does nothing."""
    annexd = str(Path(sys.executable).with_name("annexd"))
    bare = _median([sys.executable, "-c", "pass"])
    for what, command, goal in (
        ("annexd --help", [annexd, "--help"], 0.15),
        ("annexd connectors", [annexd, "connectors", "--help"], 0.15),
    ):
        took = _median(command)
        print(f"{what:<20} {took:>6.3f} s   bare Python {bare:.3f} s   goal {goal:.2f} s   {took / goal:.2f} x")


def _median(command: list[str]) -> float:
    times = []
    for _ in range(_RUNS):
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603  what is measured
        times.append(time.perf_counter() - began)
    return statistics.median(times)
