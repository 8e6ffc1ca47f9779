"""Run the measurements: `python -m bench` for all, or the names of some; `aws --against prowler` compares."""

from __future__ import annotations

import argparse
import importlib

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
    "aws",
    "store",
    "writers",
    "growth",
    "year",
    "log",
    "github",
    "gitlab",
    "okta",
    "entra",
    "azure",
    "gcp",
    "googleworkspace",
    "bundle",
)


def main() -> None:
    """Run what is named, or everything."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure against the goals.")
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--against", choices=["prowler"], help="with aws: measure this scanner beside annexd")
    parser.add_argument("--scale", type=int, action="append", help="with aws: only an estate of this size")
    given = parser.parse_args()
    more = {"against": given.against, **({"scales": given.scale} if given.scale else {})}
    for name in given.names or NAMES:
        print(f"\n== {name}")
        importlib.import_module(f"bench.{name}").run(**(more if name == "aws" else {}))


main()
