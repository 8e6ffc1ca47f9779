"""Scan a played GitHub with the real engine and store, on the day that is played."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from pathlib import Path

from collector.engine.judge import Rule
from collector.engine.run import Limits, Runner, RunRequest
from collector.engine.sources import Source
from collector.setup.loading import LoadedConnector
from connectors.github._sdk.settings import Settings
from storage import open_store
from tests.played.clock import PlayedClock
from tests.sweep.scanning import Said, Scanned, Silent

_NUMBERS = count()


@dataclass(frozen=True)
class Kept(Scanned):
    """A scan with the evidence as it is kept."""

    bodies: bytes


def scan(loaded: LoadedConnector, settings: Settings, folder: Path, limits: Limits | None = None) -> Kept:
    """Scan one source into a store of its own."""
    clock = PlayedClock()
    rules = [Rule(check, check.limit_values({})) for check in loaded.checks.values()]
    with open_store(f"sqlite:///{folder}/{next(_NUMBERS)}.db", writer=True, clock=clock.now) as store:
        runner = Runner(
            store=store,
            sources=[Source("code", loaded.connector, settings)],
            rules=rules,
            clock=clock,
            redaction_key=store.redaction_key,
            events=Silent(),
            limits=limits,
        )
        summary = runner.run(RunRequest("run", "test", "0", "code", "config"))
        verdicts = {
            (one.finding.id.check, one.finding.id.scope, one.finding.id.subject): Said(
                one.finding.status, one.finding.reason
            )
            for one in store.findings()
        }
        kept = b"".join(
            (stored.blob or b"") + (stored.facts or b"")
            for kind in loaded.connector.collections
            for stored in store.resources(kind, source="code")
        )
        return Kept(verdicts, list(store.observations()), summary.tallies, kept)
