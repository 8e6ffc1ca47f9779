"""Workers as processes on this machine: each is started anew for a run, and ends with the one that started it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

from collector.engine.workers.ports import ChannelClosed
from collector.engine.workers.worker import work

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from collector.engine.workers.ports import WorkerParts

    Build = Callable[[int, bytes], WorkerParts]

_CLOSING = 10.0
"""Seconds that a worker has to end by itself."""

_spawn = multiprocessing.get_context("spawn")
"""Never forked: a fork has the threads' locks and the connections of the process that writes."""


class ProcessChannel:
    """A pipe to another process; with `process` closing it ends that process."""

    def __init__(self, pipe: Connection, process: BaseProcess | None = None) -> None:
        self._pipe = pipe
        self._process = process
        self._closing = Lock()

    def send(self, data: bytes) -> None:
        """Send one message. Raises ChannelClosed."""
        try:
            self._pipe.send_bytes(data)
        except (OSError, ValueError) as error:
            raise ChannelClosed(str(error)) from error

    def receive(self) -> bytes:
        """Wait for the next message. Raises ChannelClosed."""
        try:
            return self._pipe.recv_bytes()
        except (EOFError, OSError, ValueError) as error:
            raise ChannelClosed(str(error)) from error

    def close(self) -> None:
        """Close the pipe; a process that does not end by itself is killed: whatever it does comes to nothing."""
        with suppress(OSError), socket.fromfd(self._pipe.fileno(), socket.AF_UNIX, socket.SOCK_STREAM) as same:
            # Closing alone would be heard by nobody while a thread of ours waits for what comes.
            same.shutdown(socket.SHUT_RDWR)
        with self._closing:
            if self._process is not None:
                self._process.join(_CLOSING)
                if self._process.is_alive():
                    self._process.kill()
                    self._process.join()


class Processes:
    """Workers in processes of their own. `build` makes the parts of one from its number and the keys, over there."""

    def __init__(self, count: int, build: Build, keys: bytes) -> None:
        self.count = count
        self._build = build
        self._keys = keys

    def open(self, number: int) -> ProcessChannel:
        """Start a worker. Raises ChannelClosed where no process can be started."""
        ours, theirs = _spawn.Pipe()
        process = _spawn.Process(
            target=_main, args=(theirs, self._build, number), name=f"annexd-worker-{number}", daemon=True
        )
        try:
            process.start()
        except OSError as error:
            raise ChannelClosed(f"no process can be started: {error}") from error
        theirs.close()
        channel = ProcessChannel(ours, process)
        # By the pipe, which nobody else can read; never as an argument or in the environment.
        with suppress(ChannelClosed):
            channel.send(self._keys)
        return channel

    def close(self) -> None:
        """Do nothing: each worker ends with its channel."""


def _main(pipe: Connection, build: Build, number: int) -> None:
    # The process that writes hears the signals, and ends its workers.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    channel = ProcessChannel(pipe)
    with suppress(ChannelClosed):
        work(channel, build(number, channel.receive()))
    # Threads that wait for a platform would keep the process, and nobody hears any more what they come to.
    os._exit(0)
