"""Runs of the estate: by threads, or by workers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from collector.engine.clock import SystemClock
from collector.engine.run import Limits, Runner, RunRequest
from collector.engine.workers.ports import WorkerParts
from collector.engine.workers.processes import Processes
from collector.engine.workers.team import Workers
from storage import open_store
from storage.database.keys import WorkerKey
from tests.played.silent import Silent
from tests.workers.estate import RULES, Settings, source

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.engine.run import RunSummary
    from collector.engine.workers.ports import Channels
    from storage import SqlStore

CODE = "sha256:code"
LIMITS = Limits(tasks=4, parts=4, deadline=timedelta(minutes=5))


def build(url: str, folder: str, settings: Settings, code: str, config: str, number: int, keys: bytes) -> WorkerParts:
    """Make the parts of a worker, over there."""
    clock = SystemClock()
    key = WorkerKey.of(keys)
    store = open_store(url, writer=False, key_file=Path(folder) / "no.key", clock=clock.now)
    mine = source(settings)
    return WorkerParts(
        name=f"worker {number}",
        code=code,
        config=config,
        store=store.name,
        keys=key.id,
        reader=store,
        sealing=lambda task, run: store.sealing(task, run, key),
        redaction_key=key.redaction,
        sources={mine.name: mine},
        rules={rule.check.id: rule for rule in RULES},
        clock=clock,
        tasks=LIMITS.tasks,
        parts=LIMITS.parts,
    )


@dataclass
class Estate:
    """A store of the estate with the runs into it. `workers` is how many; 0 for threads."""

    url: str
    folder: Path
    settings: Settings
    workers: int = 0
    code: str = CODE
    config: str = "sha256:config"
    runs: int = 0
    channels: Callable[[], Channels] | None = None
    before_run: Callable[[Runner], None] = field(default=lambda _runner: None)

    def open(self, *, writer: bool = False) -> SqlStore:
        """Open the store."""
        return open_store(
            self.url,
            writer=writer,
            key_file=self.folder / "store.key",
            signing_key=self.folder / "signing.pem",
            clock=lambda: datetime.now(UTC),
        )

    def run(self, **but: object) -> RunSummary:
        """Do one run, with other settings where given."""
        settings = self.settings = replace_settings(self.settings, **but)
        self.runs += 1
        with self.open(writer=True) as store:
            runner = Runner(
                store=store,
                sources=[source(settings)],
                rules=RULES,
                clock=SystemClock(),
                redaction_key=store.redaction_key,
                events=Silent(),
                limits=LIMITS,
                workers=self._workers(store, settings) if self.workers else None,
            )
            self.before_run(runner)
            return runner.run(RunRequest(f"run-{self.runs}", "test", "0", CODE, "sha256:config"))

    def _workers(self, store: SqlStore, settings: Settings) -> Workers:
        key = store.worker_key()
        made = partial(build, self.url, str(self.folder), settings, self.code, self.config)
        return Workers(
            channels=self.channels or (lambda: Processes(self.workers, made, bytes(key))),
            store=store,
            store_name=store.name,
            keys=key.id,
            config="sha256:config",
            tasks=LIMITS.tasks,
            parts=LIMITS.parts,
        )

    def findings(self) -> dict[tuple[str, tuple[str, ...], str], tuple[str, str]]:
        """Return the current findings: by check, scope and subject the status and the reason."""
        with self.open() as store:
            return {
                (state.finding.id.check, state.finding.id.scope, state.finding.id.subject): (
                    state.finding.status.value,
                    state.finding.reason,
                )
                for state in store.findings()
            }

    def outcomes(self) -> dict[str, str]:
        """Return the latest outcome of each task."""
        with self.open() as store:
            return {str(seen.observation.task): seen.observation.outcome.value for seen in store.observations()}


def replace_settings(settings: Settings, **but: object) -> Settings:
    """Return settings with others in place of some."""
    return msgspec.structs.replace(settings, **but)
