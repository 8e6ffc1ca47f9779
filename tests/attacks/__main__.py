"""`python -m tests.attacks --store sqlite,postgres --edits 1000`: play an insider who has the database and no key.

Then somebody who has a bundle, with the key and without (`--bundle`, 500 edits). Prints what was found, listed and
missed, and ends with 1 where anything was missed.
"""
# ruff: noqa: T201  the figures are what it is for

from __future__ import annotations

import argparse
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain, zip_longest
from pathlib import Path

from tests.attacks import bundles, forged_edits, row_edits, schema_edits
from tests.attacks.edit import Edit
from tests.attacks.listed import why_not
from tests.attacks.playing import play
from tests.attacks.targets import Original, PostgresqlOriginal, SqliteOriginal, Target
from tests.servers import running_server

_NAMES = {"sqlite": "sqlite", "postgres": "postgresql", "postgresql": "postgresql"}


def of_a_store(rng: random.Random, database: str) -> Iterator[Edit[Target]]:
    """Yield forgeries, edits of rows and edits of objects in turn, until there are no more of any."""
    turns = zip_longest(forged_edits.edits(rng), row_edits.edits(rng), schema_edits.edits(rng, database))
    yield from (edit for edit in chain.from_iterable(turns) if edit is not None)


def main() -> int:
    """Play as many edits as were asked for on each database."""
    parser = argparse.ArgumentParser(prog="python -m tests.attacks", description=__doc__)
    parser.add_argument("--store", default="sqlite,postgres", help="which databases, with commas between them")
    parser.add_argument("--edits", type=int, default=1000, help="how many edits on each")
    parser.add_argument("--bundle", type=int, default=500, help="how many edits of a bundle; 0 for none")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    asked = parser.parse_args()
    print(f"seed {asked.seed}")
    missed = 0
    for name in filter(None, asked.store.split(",")):
        with tempfile.TemporaryDirectory(prefix="annexd-attacks-") as folder, ExitStack() as stack:
            original: Original
            if _NAMES[name] == "sqlite":
                original = SqliteOriginal(Path(folder))
            else:
                original = PostgresqlOriginal(stack.enter_context(running_server()), Path(folder))
            played = play(original, of_a_store(random.Random(asked.seed), _NAMES[name]), asked.edits)
        print(f"{name}: {len(played.found)} found, {len(played.listed)} listed, {len(played.missed)} missed")
        print(f"  {len(played.impossible)} more are refused by the database, or change nothing")
        for why, count in Counter(why_not(edit) for edit in played.listed).items():
            print(f"  listed, {count}: {why}")
        for edit in played.missed:
            print(f"  missed: {edit}")
        missed += len(played.missed)
    if asked.bundle:
        missed += bundles.tell_of(asked.bundle, asked.seed)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
