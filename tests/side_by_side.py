"""Run the tests in two processes side by side, one a core, with one report.

The tests are collected once. Two copies of the process then run them: each asks for one test after the other, first of
the module that it is in, then of one that nobody has begun, and last of the other's. So nobody has to say which tests
are slow, and a new folder needs no entry anywhere. The process that collected only hands out tests, and reports.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
import traceback
from collections import deque
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

WORKERS = 2
SLOW_TO_MAKE = ("demo_run",)
"""Fixtures that take half a minute: the tests that use one run in one process, before all others."""


class Modules:
    """The tests that are left to run, by index: a worker gets those of its own module before it begins another."""

    def __init__(self, groups: Sequence[str], whole: frozenset[str]) -> None:
        """Take the group of each test, in the order of the tests; those of a group in `whole` run in one process."""
        self._left: dict[str, deque[int]] = {}
        for group in sorted(set(groups), key=[*sorted(whole), *groups].index):
            self._left[group] = deque(index for index, other in enumerate(groups) if other == group)
        self._whole = whole
        self._begun: dict[int, str] = {}

    def next_for(self, worker: int) -> int | None:
        """Return the next test for a worker; None where there is none."""
        own = self._begun.get(worker)
        if own is None or own not in self._left:
            own = self._other(worker)
            if own is None:
                return None
            self._begun[worker] = own
        index = self._left[own].popleft()
        if not self._left[own]:
            del self._left[own]
        return index

    def _other(self, worker: int) -> str | None:
        of_others = {group for other, group in self._begun.items() if other != worker}
        fresh = [group for group in self._left if group not in of_others]
        return next((group for group in [*fresh, *self._left] if group not in self._whole or group in fresh), None)


def groups_of(items: Sequence[pytest.Item]) -> list[str]:
    """Return the group of each test: the slow fixture that it uses, or else its module."""
    return [
        next((name for name in SLOW_TO_MAKE if name in getattr(item, "fixturenames", ())), item.nodeid.split("::")[0])
        for item in items
    ]


@dataclass
class _Worker:
    """A process that runs tests; `runs` is the one that it is in, and `has_ended` whether it took its leave."""

    pid: int
    pipe: Connection
    runs: str = ""
    has_ended: bool = False


class SideBySide:
    """The pytest plugin: takes the place of the loop over all tests."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run the tests in two processes; as pytest does where there is one test, one folder, a debugger or no fork."""
        option = session.config.option
        alone = option.collectonly or option.usepdb or option.trace or option.basetemp or len(session.items) < WORKERS
        if alone or session.testsfailed or sys.platform != "linux":
            return None
        capture: Any = session.config.pluginmanager.getplugin("capturemanager")
        # A copy would go on in the same files.
        capture.stop_global_capturing()
        gc.collect()
        gc.freeze()  # what was collected stays: neither copied nor looked through by each copy's own collections
        workers: list[_Worker] = []
        for _ in range(WORKERS):
            workers.append(_start(session, capture, workers))
        capture.start_global_capturing()
        try:
            self._hand_out(session, workers)
        finally:
            for worker in workers:
                worker.pipe.close()
            ended = [os.waitpid(worker.pid, 0)[1] for worker in workers]
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        for worker, status in zip(workers, ended, strict=True):
            if not worker.has_ended or status:
                raise session.Interrupted(f"a process of the tests ended by itself in {worker.runs}: {status}")
        return True

    def _hand_out(self, session: pytest.Session, workers: Sequence[_Worker]) -> None:
        """Answer the workers' questions, and report what they tell, until all have ended."""
        groups = groups_of(session.items)
        left = Modules(groups, frozenset(groups) & {*SLOW_TO_MAKE})
        by_pipe = {worker.pipe: (number, worker) for number, worker in enumerate(workers)}
        while by_pipe:
            for pipe in wait([*by_pipe]):
                assert isinstance(pipe, Connection)
                number, worker = by_pipe[pipe]
                try:
                    told, data = pipe.recv()
                except EOFError:
                    del by_pipe[pipe]
                    continue
                if told == "next":
                    stops = session.shouldfail or session.shouldstop
                    _answer(pipe, None if stops else left.next_for(number))
                elif told == "ended":
                    worker.has_ended = True
                elif told == "broken":
                    worker.runs += f"\n{data}"
                else:
                    worker.runs = _report(session.config, told, data, worker.runs)


def _answer(pipe: Connection, index: int | None) -> None:
    try:
        pipe.send(index)
    except BrokenPipeError:
        return  # it has ended by itself, which the next look at its pipe shows


def _report(config: pytest.Config, told: str, data: Any, runs: str) -> str:
    """Pass on what a worker told; return the test that it is in."""
    if told == "start":
        config.hook.pytest_runtest_logstart(nodeid=data[0], location=data[1])
        return str(data[0])
    if told == "finish":
        config.hook.pytest_runtest_logfinish(nodeid=data[0], location=data[1])
        return runs
    report = config.hook.pytest_report_from_serializable(config=config, data=data)
    config.hook.pytest_runtest_logreport(report=report)
    return runs


def _start(session: pytest.Session, capture: Any, others: Sequence[_Worker]) -> _Worker:
    """Make a copy of this process, which runs tests."""
    ours, its = Pipe()
    pid = os.fork()
    if pid == 0:
        for pipe in (ours, *(other.pipe for other in others)):
            pipe.close()
        capture.start_global_capturing()
        _work(session, its)
    its.close()
    return _Worker(pid, ours)


class _Teller:
    """The plugin of a copy: tells of each test what pytest would report."""

    def __init__(self, config: pytest.Config, pipe: Connection) -> None:
        self._config = config
        self._pipe = pipe

    def pytest_runtest_logstart(self, nodeid: str, location: object) -> None:
        """A test begins."""
        self._pipe.send(("start", (nodeid, location)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A part of a test has ended."""
        made = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        self._pipe.send(("report", made))

    def pytest_runtest_logfinish(self, nodeid: str, location: object) -> None:
        """A test has ended."""
        self._pipe.send(("finish", (nodeid, location)))


def _work(session: pytest.Session, pipe: Connection) -> NoReturn:
    """Run the tests that are handed out, and end the process."""
    code = 1
    plugins = session.config.pluginmanager
    plugins.unregister(plugins.getplugin("terminalreporter"))
    plugins.register(_Teller(session.config, pipe))
    try:
        item = _next(session, pipe)
        while item is not None:
            # Fixtures end by what comes next, which has to be known before the test.
            following = _next(session, pipe)
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            item = following
        pipe.send(("ended", None))
        code = 0
    except (KeyboardInterrupt, EOFError, BrokenPipeError):
        pass  # the process that hands out tests has ended
    except BaseException:  # noqa: BLE001  a fixture's or a plugin's own, which nobody else would hear of
        pipe.send(("broken", traceback.format_exc()))
    finally:
        session._setupstate.teardown_exact(None)
        pipe.close()
        atexit._run_exitfuncs()
        os._exit(code)


def _next(session: pytest.Session, pipe: Connection) -> pytest.Item | None:
    pipe.send(("next", None))
    index = pipe.recv()
    return None if index is None else session.items[index]


if __name__ == "__main__":
    sys.exit(pytest.main(sys.argv[1:], plugins=[SideBySide()]))
