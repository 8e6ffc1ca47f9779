"""A platform that takes a call and does not answer is told of: what is waited for, and until when."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

import pytest

from collector.core.tasks import Task
from collector.core.wire import Answer, Call
from collector.engine.gate import Budget, Gate
from collector.engine.silence import Silence
from collector.engine.wire import MeteredWire, Recorder, working_for
from tests.played.clock import PlayedClock
from tests.played.gates import OneGate

CALL = Call("GET /members")


class Hung:
    """Tasks of one source, each with a call that was sent."""

    def __init__(self, number: int) -> None:
        self.clock = PlayedClock()
        self.silence = Silence(self.clock)
        self.wire = MeteredWire(OneGate(Gate(Budget(8), self.clock)), 1)
        self.tasks = [Task("code", "member", (f"org-{at}",)) for at in range(number)]
        self.recorders = [Recorder(self.clock, threading.Event(), timedelta(minutes=30)) for _ in self.tasks]
        for recorder in self.recorders:
            with working_for(recorder, listing=True):
                self.wire.before(CALL)

    def told(self, caplog: pytest.LogCaptureFixture, after: float) -> list[str]:
        """Let so many seconds pass, and return what is told then."""
        caplog.clear()
        self.clock.move(timedelta(seconds=after))
        self.silence.tell()
        return [record.message for record in caplog.records if record.levelno == logging.WARNING]


def test_one_line_says_what_is_waited_for_and_until_when(caplog: pytest.LogCaptureFixture) -> None:
    """Minutes of silence look like a scan that hangs; a line a call would fill the screen."""
    hung = Hung(3)
    with (
        hung.silence.watching(hung.tasks[0], hung.recorders[0]),
        hung.silence.watching(hung.tasks[1], hung.recorders[1]),
        hung.silence.watching(hung.tasks[2], hung.recorders[2]),
    ):
        assert hung.told(caplog, 29) == []
        assert hung.told(caplog, 1) == [
            (
                "code: member in org-0: no answer to GET /members for 30s; waited for until 2026-03-01T06:30:00Z at the"
                " latest, and 2 other collections wait too"
            )
        ]
        assert hung.told(caplog, 600) == []


def test_what_is_answered_is_not_told_and_what_hangs_again_is(caplog: pytest.LogCaptureFixture) -> None:
    """Once a task of the source has ended, the next silence is news."""
    hung = Hung(2)
    with hung.silence.watching(hung.tasks[0], hung.recorders[0]):
        with hung.silence.watching(hung.tasks[1], hung.recorders[1]):
            assert len(hung.told(caplog, 60)) == 1
            with working_for(hung.recorders[1], listing=True):
                hung.wire.after(CALL, Answer(200))
        assert len(hung.told(caplog, 1)) == 1
        with working_for(hung.recorders[0], listing=True):
            hung.wire.after(CALL, Answer(200))
        assert hung.told(caplog, 600) == []
