"""Scan something once with the real engine and store, and look at nothing but the verdicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from collector.core.checks import Status
from collector.core.facts import CheckCounts
from collector.core.ports import StoredObservation
from collector.core.scopes import Scope
from collector.engine.clock import Clock, SystemClock
from collector.engine.rule import Rule
from collector.engine.run import Limits, Runner, RunRequest
from collector.engine.sources import Source
from collector.setup.loading import LoadedConnector
from storage import open_store
from tests.played.silent import Silent

_NUMBERS = count()


Where = tuple[str, Scope, str]


@dataclass(frozen=True)
class Said:
    """What a check said of something."""

    status: Status
    reason: str


@dataclass(frozen=True)
class Scanned:
    """All verdicts of one scan into an empty store, with the observations under them."""

    verdicts: Mapping[Where, Said]
    seen: Sequence[StoredObservation]
    tallies: Sequence[CheckCounts]
    kept: bytes
    """Everything that the store holds of resources."""

    def operations(self) -> set[str]:
        """Every operation that was asked of the platform."""
        return {call.operation for seen in self.seen for call in seen.observation.provenance.calls}


def scan(
    loaded: LoadedConnector,
    settings: object,
    folder: Path,
    limits: Limits | None = None,
    clocks: Callable[[], Clock] = SystemClock,
) -> Scanned:
    """Scan one source into a store of its own, by a clock of its own."""
    clock = clocks()
    source = Source("swept", loaded.connector, settings)  # type: ignore[arg-type]  # each connector has its own
    rules = [Rule(check, check.limit_values({})) for check in loaded.checks.values()]
    url = f"sqlite:///{folder}/{next(_NUMBERS)}.db"
    with open_store(url, writer=True, clock=clock.now) as store:
        runner = Runner(
            store=store,
            sources=[source],
            rules=rules,
            clock=clock,
            redaction_key=store.redaction_key,
            events=Silent(),
            limits=limits,
        )
        summary = runner.run(RunRequest("run", "test", "0", "code", "config"))
        verdicts = {
            (finding.finding.id.check, finding.finding.id.scope, finding.finding.id.subject): Said(
                finding.finding.status, finding.finding.reason
            )
            for finding in store.findings()
        }
        kept = b"".join(
            (stored.blob or b"") + (stored.facts or b"")
            for kind in loaded.connector.collections
            for stored in store.resources(kind, source="swept")
        )
        return Scanned(verdicts, list(store.observations()), summary.tallies, kept)
