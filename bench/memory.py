"""Peak memory of a scan by the number of resources; each size in a process of its own."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_SIZES = ((1, 1_000), (1, 10_000), (1, 100_000), (850, 20), (16, 1_000), (13_620, 1))


def run() -> None:
    """Print peak resident memory and time; the goal is 250 MB, flat."""
    print(f"{'places':>7} {'things each':>11} {'peak MB':>8} {'seconds':>8}   goal 250 MB, flat")
    for places, things in _SIZES:
        measured = subprocess.run(  # noqa: S603  this very program
            [sys.executable, "-m", "bench.memory", str(places), str(things)], check=True, capture_output=True, text=True
        )
        print(measured.stdout, end="")


def _measure(places: int, things: int) -> None:
    from bench.played import Settings, scan

    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        scan(Settings(places=places, things=things), Path(folder))
        took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{places:>7} {things:>11} {peak:>8.0f} {took:>8.1f}")


if __name__ == "__main__":
    _measure(int(sys.argv[1]), int(sys.argv[2]))
