"""One run from a shell: progress, Ctrl-C, and its result."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from collector import __version__
from collector.actions.progress import LoggedProgress, Progress
from collector.actions.run_ids import run_id
from collector.actions.sealing import seal
from collector.company.recording import bring_in
from collector.engine.run import Runner, RunRequest
from collector.setup.rules_in_force import in_force
from collector.setup.workers import workers_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from collector.actions.progress import ProgressSummary
    from collector.actions.selection import Selection
    from collector.core.facts import MissedSlots
    from collector.engine.gates import Gates
    from collector.engine.run import RunSummary
    from collector.setup.app import App
    from storage import SqlStore

INTERRUPTED = 130
"""128 and the number of SIGINT, as shells report it."""


def run(
    app: App, store: SqlStore, chosen: Selection, trigger: str, *, progress: Progress | None = None
) -> tuple[RunSummary, ProgressSummary]:
    """Do one run and return its summary; Ctrl-C ends it cleanly, a second one at once.

    Times are those of the clock of the app.

    Without `progress` the run writes its progress to the log.
    """
    progress = progress or LoggedProgress()
    runner = runner_of(app, store, chosen, progress)
    with stopped_by_signals(runner):
        request = begin(app, store, chosen, trigger)
        with progress:
            summary = runner.run(request)
    seal(app, store)
    return summary, progress.seen


def runner_of(
    app: App, store: SqlStore, chosen: Selection, progress: Progress, *, gates: Gates | None = None
) -> Runner:
    """Return what does a run; `gates` are those of runs side by side."""
    return Runner(
        store=store,
        sources=app.sources(chosen.sources),
        rules=app.rules(),
        clock=app.clock,
        redaction_key=store.redaction_key,
        events=progress,
        limits=app.limits(),
        on_forecast=progress.foretell,
        gates=gates,
        workers=workers_of(app, store),
    )


def begin(
    app: App, store: SqlStore, chosen: Selection, trigger: str, *, missed: MissedSlots | None = None
) -> RunRequest:
    """Record what is to be in the log before a run, and return the request for it. One at a time in a process."""
    began_at = app.clock.now()
    # First, so that the log has the company's files as they were when the run began.
    bring_in(app, store, began_at)
    request = RunRequest(
        run=run_id(began_at),
        trigger=trigger,
        version=__version__,
        code=app.code_digest,
        config=app.config_digest,
        wanted=chosen.wants,
        resumes=chosen.resumes,
        missed=missed,
    )
    changed = in_force(app, store.in_force(), run=request.run, at=began_at)
    if changed is not None:
        store.write([changed])
    return request


@contextmanager
def stopped_by_signals(runner: Runner) -> Iterator[None]:
    """Let the first Ctrl-C or SIGTERM ask the run to end, and the second end the process."""
    asked = False

    def stop(number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            # What was not said to be held is on disk, and waiting for requests under way is not wanted now.
            os._exit(128 + number)
        asked = True
        name = "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name
        runner.stop(name)
        with suppress(OSError, ValueError):  # whoever read it may be gone, and that ends no run
            sys.stderr.write(f"\n{name}: ending after the requests under way; once more ends at once\n")

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
