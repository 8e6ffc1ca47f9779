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
    "scale",
    "web",
    "workers",
)


def main() -> None:
    """Run what is named, or everything."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure against the goals.")
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--against", choices=["prowler"], help="with aws: measure this scanner beside annexd")
    parser.add_argument("--scale", type=int, action="append", help="with aws: only an estate of this size")
    parser.add_argument("--both", action="store_true", help="with scale: on PostgreSQL too")
    parser.add_argument("--guard", action="store_true", help="with scale: a tenth of the size; exit 1 on a fall back")
    parser.add_argument("--share", type=float, help="with scale or web: this share of the full size")
    parser.add_argument("--only", help="with scale: only this scenario")
    given = parser.parse_args()
    more = {"against": given.against, **({"scales": given.scale} if given.scale else {})}
    options = {
        "aws": more,
        "scale": {"both": given.both, "guard": given.guard, "share": given.share, "only": given.only},
        "web": {"share": given.share},
    }
    for name in given.names or NAMES:
        print(f"\n== {name}")
        importlib.import_module(f"bench.{name}").run(**options.get(name, {}))


main()
