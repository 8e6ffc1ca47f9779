"""Run the measurements: `python -m bench` for all, or the names of some."""

from __future__ import annotations

import importlib
import sys

NAMES = (
    "startup",
    "planning",
    "judging",
    "redaction",
    "policies",
    "latency",
    "calls",
    "http_kit",
    "memory",
    "store",
    "writers",
    "growth",
    "year",
    "log",
    "github",
    "bundle",
)


def main() -> None:
    """Run what is named, or everything."""
    for name in sys.argv[1:] or NAMES:
        print(f"\n== {name}")
        importlib.import_module(f"bench.{name}").run()


main()
