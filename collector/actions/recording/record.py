"""Run the collections of a source without a store, and write a scrubbed recording of what the platform answered."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, cast

from msgspec import Struct

from collector import __version__
from collector.actions.progress import LoggedProgress
from collector.actions.recording.exchanges import Exchanges
from collector.actions.recording.folder import require_empty, write
from collector.actions.recording.scrubbing import scrub
from collector.actions.run_ids import run_id
from collector.actions.scanning import stopped_by_signals
from collector.core.canonical import Digest
from collector.core.ports import Attempt, Finished, Leaf
from collector.engine.run import Runner, RunRequest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from collector.core.ports import Item, RunStore
    from collector.core.tasks import Observation, Task
    from collector.engine.clock import Clock
    from collector.engine.run import Limits
    from collector.engine.sources import Source


class RecordingReport(Struct, frozen=True, tag_field="schema", tag="annexd.recorded/1"):
    """The shape of `annexd record-answers --json`.

    `answers` is how many answers came, `recorded` how many of them are in the folder, and `refused` how many were
    refusals or errors, by operation. `replaced` counts different texts by what they are; `kept` the texts with words of
    the platform's, and `doubtful` are words to look at first. `stopped` says why it ended early.
    """

    source: str
    folder: str
    files: int
    answers: int
    recorded: int
    refused: dict[str, int]
    replaced: dict[str, int]
    kept: int
    doubtful: tuple[str, ...]
    outcomes: dict[str, int]
    stopped: str | None


class _NoStore:
    """A store that keeps nothing and knows nothing: a recording leaves the store of the company alone."""

    def attempt(self, _task: Task, _run: str) -> Attempt:
        return Attempt("recording")

    def stage(self, _attempt: Attempt, _batch: Sequence[Item]) -> int:
        return 0

    def finish(self, _attempt: Attempt, _seen: Observation) -> Finished:
        return Finished(Leaf(0, b""), 0, 0, 0, 0, Digest(""))

    def is_held(self, _task: Task) -> bool:
        return False

    def drop(self, _attempt: Attempt) -> None:
        """There is nothing to forget."""

    def write(self, _facts: object, **_: object) -> None:
        """Nothing is kept."""

    def observations(self, **_: object) -> Iterator[Any]:
        return iter(())

    def last_complete(self, **_: object) -> Iterator[Any]:
        return iter(())

    def resources(self, _collection: str, **_: object) -> Iterator[Any]:
        return iter(())

    def findings(self, **_: object) -> Iterator[Any]:
        return iter(())

    def finding_counts(self, _source: str) -> Iterator[Any]:
        return iter(())

    def plans(self, **_: object) -> Iterator[Any]:
        return iter(())

    def runs(self, **_: object) -> Iterator[Any]:
        return iter(())


def record(
    source: Source, folder: Path, clock: Clock, limits: Limits, *, kinds: Collection[str] = (), most: int = 3
) -> RecordingReport:
    """Ask the platform as a scan does, and write the first `most` answers of each operation and status, scrubbed.

    Only the lists of `kinds` are read where they are named; discovery is always done. Ctrl-C ends it with what there
    is. Raises UsageError where the folder is not empty or cannot be written.
    """
    require_empty(folder)
    exchanges = Exchanges(most)
    runner = Runner(
        store=cast("RunStore", _NoStore()),
        sources=[source],
        rules=[],
        clock=clock,
        redaction_key=secrets.token_bytes(32),  # nothing that is made with it is kept
        events=LoggedProgress(),
        limits=limits,
        tap_of=exchanges.tap_of,
    )
    request = RunRequest(
        run=run_id(clock.now()),
        trigger="record-answers",
        version=__version__,
        code="",
        config="",
        wanted=lambda task: not kinds or task.collection in kinds,
    )
    with stopped_by_signals(runner):
        summary = runner.run(request)
    connector = source.connector
    scrubbed = scrub(source, exchanges.heard())
    about = {
        "annexd": __version__,
        "connector": connector.name,
        "title": connector.title,
        "version": connector.version,
        "answers_each": most,
    }
    files = write(folder, scrubbed, about)
    return RecordingReport(
        source=source.name,
        folder=str(folder),
        files=len(files),
        answers=exchanges.answers,
        recorded=sum(map(len, scrubbed.answers.values())),
        refused=dict(sorted(exchanges.refused.items())),
        replaced=dict(scrubbed.replaced),
        kept=len(scrubbed.kept),
        doubtful=tuple(sorted(scrubbed.doubtful)),
        outcomes=dict(summary.outcomes),
        stopped=summary.stopped,
    )
