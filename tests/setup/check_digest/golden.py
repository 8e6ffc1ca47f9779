"""The digests of checks that differ from the table; run it after a rule was changed on purpose."""

from __future__ import annotations

import tomllib
from pathlib import Path

from collector.setup import loading
from collector.setup.check_digest.carried import carried_checks
from collector.setup.check_digest.digest import check_digest

FILE = Path(__file__).with_name("changed.toml")
_HEAD = (
    "# Checks that are new, or whose rule changed since their digests were carried over. Written by `make golden`.\n"
)


def today() -> dict[str, str]:
    """Return the digest of every check that comes with annexd, by its id."""
    checks = {id_: check for name in loading.builtin() for id_, check in loading.connector(name).checks.items()}
    return {id_: check_digest(check) for id_, check in sorted(checks.items())}


def expected() -> dict[str, str]:
    """Return the accepted digests."""
    return carried_checks() | tomllib.loads(FILE.read_text(encoding="utf-8"))


def write() -> None:
    """Write the current digests as the accepted ones."""
    known = carried_checks()
    lines = [f'{id_} = "{digest}"\n' for id_, digest in today().items() if known.get(id_) != digest]
    FILE.write_text("".join([_HEAD, *lines]), encoding="utf-8")


if __name__ == "__main__":
    write()
