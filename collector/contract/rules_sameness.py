"""Rules on what must not matter: where annexd runs, and which of two answers comes first."""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from collector.contract.rounds import NotPossible
from collector.contract.rules import rule
from collector.contract.suite_run import SuiteRun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.contract.harness import Double, Harness
    from collector.contract.raw_answers import RawAnswer, RawRequest
    from collector.core.ports import Finished
    from collector.core.tasks import Task

_FAR_EAST = "XXX-14"
"""POSIX for a place whose clocks are fourteen hours ahead."""

_MOST_PAIRS = 6
_MOST_ALONE = 8
_SECONDS_HELD = 0.25
_SECONDS_ALONE = 0.1


@rule
def means_the_same_in_every_time_zone(harness: Harness) -> None:
    """What is kept does not depend on the time zone of the machine: a time that has none is not the machine's own."""
    if not hasattr(time, "tzset"):
        raise NotPossible("this system cannot change the time zone of a process")
    with harness.fixture() as double:
        with _local_times_of("UTC0"):
            trial, restless = _run_twice(harness, double)
        with _local_times_of(_FAR_EAST):
            trial.run()

    _require_unchanged(trial, restless, "on a machine in another time zone")


@rule
def keeps_its_threads_apart(harness: Harness) -> None:
    """Answers that overtake each other are still those of their own requests: a client is used from many threads."""
    connector = harness.connector
    calls = {call for collection in connector.collections.values() for call in collection.calls}
    calls |= {call for parts in connector.parts.values() for part in parts for call in part.calls}
    with harness.fixture() as double:
        trial, restless = _run_twice(harness, double)
        overtaken = _Overtaken()
        for call in calls:
            double.play(call, overtaken.answer)
        trial.run()

    _require_unchanged(trial, restless, "where a later answer came before an earlier one")


def _run_twice(harness: Harness, double: Double) -> tuple[SuiteRun, set[Task]]:
    """Return a trial with two runs, and the tasks that changed in the second: those are the matter of another rule."""
    trial = SuiteRun(harness, double).run()
    trial.run()
    return trial, {task for task, finished in trial.finished.items() if _differs(finished)}


def _require_unchanged(trial: SuiteRun, restless: set[Task], where: str) -> None:
    for task, finished in trial.finished.items():
        assert task in restless or not _differs(finished), f"{task} is another {where}"
    ends = {seen.reason() for seen in trial.seen if seen.why}
    assert not ends, f"{where}: {ends}"


def _differs(finished: Finished) -> bool:
    return finished.changed + finished.appeared + finished.gone > 0


@contextmanager
def _local_times_of(zone: str) -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


class _Overtaken:
    """Holds an answer back until another one has been given; the first few times only."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._is_held = False
        self._pairs = self._alone = 0

    def answer(self, _request: RawRequest, own: RawAnswer) -> RawAnswer:
        """Return the answer as it is, later."""
        with self._changed:
            if self._is_held:
                self._is_held = False
                self._pairs += 1
                self._changed.notify_all()
                return own
            if self._pairs >= _MOST_PAIRS or self._alone >= _MOST_ALONE:
                return own
            self._is_held = True
            if self._changed.wait_for(lambda: not self._is_held, _SECONDS_ALONE):
                self._changed.wait_for(lambda: False, _SECONDS_HELD)
            else:
                self._is_held = False
                self._alone += 1
        return own
