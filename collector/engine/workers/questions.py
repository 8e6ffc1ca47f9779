"""The questions of a worker: each waits for its reply, while others are asked."""

from __future__ import annotations

from concurrent.futures import Future
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING

from collector.core.errors import Stopped
from collector.engine.workers.messages import encode
from collector.engine.workers.ports import ChannelClosed

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.engine.workers.messages import FromWorker, Reply
    from collector.engine.workers.ports import Channel


class Questions:
    """What a worker says to the writer, from all its threads."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._sending = Lock()
        self._lock = Lock()
        self._numbers = count(1)
        self._open: dict[tuple[int, int], Future[Reply]] = {}
        self._closed = False

    def tell(self, said: FromWorker) -> None:
        """Say something that nobody answers. Where the writer is gone nothing is said."""
        data = encode(said)
        try:
            with self._sending:
                self._channel.send(data)
        except ChannelClosed:
            self.close()

    def ask(self, order: int, question: Callable[[int], FromWorker]) -> Reply:
        """Ask what a number makes a question of, and wait for the reply. Raises Stopped where the writer is gone."""
        waiting: Future[Reply] = Future()
        with self._lock:
            if self._closed:
                raise Stopped("the process that writes is gone")
            key = (order, next(self._numbers))
            self._open[key] = waiting
        self.tell(question(key[1]))
        return waiting.result()

    def answered(self, reply: Reply) -> None:
        """Let the one that asked go on."""
        with self._lock:
            waiting = self._open.pop((reply.order, reply.question), None)
        if waiting is not None:
            waiting.set_result(reply)

    def close(self) -> None:
        """End every question: the writer is gone."""
        with self._lock:
            self._closed = True
            waiting, self._open = list(self._open.values()), {}
        for each in waiting:
            each.set_exception(Stopped("the process that writes is gone"))
