"""What a store takes in, and how it grows."""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.played import Settings, scan

_THINGS = 100_000
_DAYS = 3


def run() -> None:
    """Print first scan and rescans, with the bytes that they add, for several shares of change."""
    print(" changed  first s  a second  rescan s  first MB  KB a scan  MB a year")
    for share in (0.0, 0.005, 0.05):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            day = datetime(2026, 1, 1, tzinfo=UTC)
            began = time.perf_counter()
            scan(_estate(0), folder, rules=(), at=day)
            first = time.perf_counter() - began
            size = _size(folder)
            times = []
            for number in range(1, _DAYS + 1):
                began = time.perf_counter()
                scan(_estate(int(_THINGS / 68 * share), number), folder, rules=(), at=day + timedelta(days=number))
                times.append(time.perf_counter() - began)
            grown = (_size(folder) - size) / _DAYS
            print(
                f"{share:>8.1%} {first:>8.1f} {_THINGS / first:>9,.0f} {min(times):>9.1f} {size / 1e6:>9.1f}"
                f" {grown / 1e3:>10.0f} {grown * 365 / 1e6:>10.0f}"
            )


def _estate(changed: int, day: int = 0) -> Settings:
    return Settings(places=68, things=_THINGS // 68, changed=changed, day=day)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir() if path.suffix in {".db", ".db-wal"})
