"""Record calls that wait: on the thread of the event loop, or in `time.sleep` on any."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from collector.engine.wire import MeteredWire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOOP = "annexd-async"
_ON_SOCKETS = ("connect", "recv", "recv_into", "send", "sendall", "accept")


@contextmanager
def blocking_on_the_loop() -> Iterator[list[str]]:
    """Yield a list to which each call is added that blocks the thread of the event loop."""
    caught: list[str] = []

    def watched(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            # A socket with a timeout of zero does not wait; asyncio's have that.
            waits = not (isinstance(args[0] if args else None, socket.socket) and args[0].gettimeout() == 0)
            if threading.current_thread().name == LOOP and waits:
                caught.append(name)
            return real(*args, **kwargs)

        return call

    with ExitStack() as stack:
        stack.enter_context(patch.object(time, "sleep", watched("time.sleep", time.sleep)))
        for name in _ON_SOCKETS:
            real = getattr(socket.socket, name)
            stack.enter_context(patch.object(socket.socket, name, watched(f"socket.{name}", real)))
        for name in ("before", "pause"):
            real = getattr(MeteredWire, name)
            stack.enter_context(patch.object(MeteredWire, name, watched(f"wire.{name}", real)))
        yield caught


@contextmanager
def sleeping() -> Iterator[list[float]]:
    """Yield a list to which the seconds of each `time.sleep` are added; no call sleeps."""
    naps: list[float] = []
    with patch.object(time, "sleep", naps.append):
        yield naps
