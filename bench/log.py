"""Seconds to verify a log: its leaves and tree alone, and all of it."""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage import open_store
from storage.log import leaves
from storage.log.leaf_check import LeafCheck
from storage.log.merkle import Frontier
from storage.verification import VerificationRequest, verify

_LEAVES = 500_000
_BATCH = 10_000


def run() -> None:
    """Print the time that leaves and tree take, and the whole proof; the goal is 5 s for the first."""
    with tempfile.TemporaryDirectory() as name:
        began = time.perf_counter()
        url = f"sqlite:///{Path(name) / 'log.db'}"
        _fill(url)
        print(f"written        {_LEAVES:>9,} leaves {time.perf_counter() - began:>7.1f} s")
        with open_store(url, writer=False, clock=lambda: datetime.now(UTC)) as store:
            began = time.perf_counter()
            frontier = Frontier()
            with store.reading() as connection:
                for _ in LeafCheck(store.name, frontier).leaves(connection):
                    pass
            took = time.perf_counter() - began
            print(f"leaves and tree {frontier.size:>8,} leaves {took:>7.1f} s   goal 5 s")
            began = time.perf_counter()
            verify(store, VerificationRequest())
            print(f"annexd verify   {frontier.size:>8,} leaves {time.perf_counter() - began:>7.1f} s")


def _fill(url: str) -> None:
    """Leaves of the size of a task that saw no change; their tables are not what is measured."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    provenance = {"identity": "arn:aws:sts::111122223333:assumed-role/annexd/annexd", "calls": ["s3:ListBuckets"] * 8}
    with open_store(url, writer=True, clock=lambda: moment) as store:
        writer = store._writer  # noqa: SLF001  the fastest way to many leaves
        if writer is None:
            raise RuntimeError(url)
        for start in range(0, _LEAVES, _BATCH):
            with writer.transaction() as connection:
                for number in range(start, start + _BATCH):
                    at = moment + timedelta(seconds=number)
                    fact = {"run": f"run-{number}", "provenance": provenance, "unchanged": number}
                    leaves.append(connection, store._macs, store=store.name, at=at, kind="task", fact=fact, rows={})  # noqa: SLF001
        store.checkpoints.checkpoint()
