"""Seconds of a scan against the seconds that the platform's latency takes at least."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from bench.played import Settings, scan
from collector.engine.gate import Budget
from collector.engine.run import Limits

_LATENCY = 0.05


def run() -> None:
    """Print wall time against calls x latency / concurrency, lists and parts together."""
    print(f"{'concurrency':>11} {'calls':>7} {'bound s':>8} {'wall s':>8} {'ratio':>6}   goal 1.25")
    for concurrency in (8, 16, 32):
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            settings = Settings(places=8, things=250, page=50, latency=_LATENCY)
            limits = Limits(parts=64, budgets={"played": Budget(concurrency)})
            summary = scan(settings, Path(folder), limits=limits)
            took = time.perf_counter() - began
        bound = summary.requests * _LATENCY / concurrency
        print(f"{concurrency:>11} {summary.requests:>7} {bound:>8.2f} {took:>8.2f} {took / bound:>6.2f}")
