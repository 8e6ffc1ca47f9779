"""Attacks bundles: `python -m tests.attacks.bundles --edits 500` prints found, listed, missed; 1 where one is missed.

Found is what both verifiers refuse; listed is what changes nothing that anybody reads, each with its reason.
"""

# ruff: noqa: T201  the figures are what it is for

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch
from zoneinfo import ZoneInfo

from collector.actions.export_bundle import export
from collector.actions.export_entry import ExportRequest
from collector.bundle.exporters.exporters import exporters
from collector.core.periods import period_of
from storage import SqlStore, open_store
from storage.log.notes import VerifierKey
from tests.attacks.bundle_edits import Target, edits, is_the_same, why_not_found
from tests.attacks.resigning import SigningKey
from tests.bundle.verifiers import ours, theirs
from tests.cli.conftest import an_app
from tests.played.clock import PlayedClock
from tests.played.world import World


@dataclass
class Outcome:
    """What came of the edits, by their names; `missed` says by which verifier."""

    found: list[str] = field(default_factory=list)
    listed: dict[str, str] = field(default_factory=dict)
    missed: dict[str, str] = field(default_factory=dict)


def attack(
    target: Target, key: VerifierKey, rng: random.Random, most: int | None, folder: Path, only: tuple[str, ...] = ("",)
) -> Outcome:
    """Make edits, each on a copy of its own, and hold both verifiers against each; `most` of them, chosen by chance.

    `only` are beginnings of names.
    """
    outcome = Outcome()
    chosen = [edit for edit in edits(rng, target) if edit.name.startswith(only)]
    if most is not None and most < len(chosen):
        chosen = rng.sample(chosen, most)
    for edit in chosen:
        copy = folder / "attacked" / "bundle.zip"
        copy.parent.mkdir()
        shutil.copy(target.bundle, copy)
        edit.apply(copy)
        why = why_not_found(edit.name)
        missed = [name for name, verify in (("annexd", ours), ("verify.py", theirs)) if not verify(copy, key)]
        if is_the_same(copy, target.bundle) and why is None:
            missed, why = ["nobody, as it changed nothing"], None
        if why is not None:
            outcome.listed[edit.name] = why
        elif missed:
            outcome.missed[edit.name] = " and ".join(missed)
        else:
            outcome.found.append(edit.name)
        shutil.rmtree(copy.parent)
    return outcome


@contextmanager
def a_target(folder: Path) -> Iterator[tuple[Target, VerifierKey]]:
    """Export two bundles with all their pages and tables from a store of made-up scans."""
    clock = PlayedClock()
    app = an_app(folder / "config.toml", "")
    with (
        open_store(f"sqlite:///{folder / 'annexd.db'}", writer=True, clock=clock.now) as store,
        patch("collector.engine.clock.SystemClock.now", lambda _clock: clock.now()),
    ):
        world = World(app.platform, clock=clock, store=store, rules=app.rules())
        app.stores.append(world.store)
        for _ in range(3):
            world.run()
            clock.move(timedelta(days=1))
        other, bundle = folder / "other.zip", folder / "bundle.zip"
        for number, path in enumerate((other, bundle)):
            today = clock.now().date()
            asked = ExportRequest(
                period=period_of(today - timedelta(days=30 + number), today, ZoneInfo("UTC")), frameworks=("played:1",)
            )
            export(app, store, asked, path, exporters())
        yield (
            Target(bundle, other, SigningKey(_signing_key(store), store.checkpoints.key().name)),
            store.checkpoints.key(),
        )


def _signing_key(store: SqlStore) -> Path:
    return store._signing_keys.memory.with_suffix("")


def tell_of(most: int | None, seed: int) -> int:
    """Attack, print what came of it, and return how many edits were missed."""
    with tempfile.TemporaryDirectory() as name, a_target(Path(name)) as (target, key):
        outcome = attack(target, key, random.Random(seed), most, Path(name))
    print(f"bundle: {len(outcome.found)} found, {len(outcome.listed)} listed, {len(outcome.missed)} missed")
    for edit, why in outcome.listed.items():
        print(f"  listed, {edit}: {why}")
    for edit, who in outcome.missed.items():
        print(f"  missed: {edit}, by {who}")
    return len(outcome.missed)


def main() -> int:
    """Attack bundles alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, help="how many, chosen by chance; all of them if it is left out")
    parser.add_argument("--seed", type=int, default=13)
    said = parser.parse_args()
    return 1 if tell_of(said.edits, said.seed) else 0


if __name__ == "__main__":
    raise SystemExit(main())
