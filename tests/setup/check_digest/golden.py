"""The digests of checks whose rule is another one than the table has; run it after a rule was changed on purpose."""

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
    found = {id_: one for name in loading.builtin() for id_, one in loading.connector(name).checks.items()}
    return {id_: check_digest(one) for id_, one in sorted(found.items())}


def expected() -> dict[str, str]:
    """Return the digests that were looked at and accepted."""
    return carried_checks() | tomllib.loads(FILE.read_text(encoding="utf-8"))


def write() -> None:
    """Accept the digests of today."""
    known = carried_checks()
    lines = [f'{id_} = "{one}"\n' for id_, one in today().items() if known.get(id_) != one]
    FILE.write_text("".join([_HEAD, *lines]), encoding="utf-8")


if __name__ == "__main__":
    write()
