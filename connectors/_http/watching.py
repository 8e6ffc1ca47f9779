"""Sockets that look at the wire while they wait: a run that is stopped, or a task whose time is up, ends in mid-answer.

httpx's own timeouts count from one piece of an answer to the next, so that a platform which sends a byte now and then
would hold a thread for ever, in the headers too, which arrive inside one call.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import httpcore

if TYPE_CHECKING:
    import ssl

    from collector.core.wire import Wire

_POLL_SECONDS = 0.25
"""Seconds between two looks at the wire."""

_SHORTEST = 0.01


class _Watch:
    """Whether the request of this thread may go on."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._next_look = time.monotonic() + _POLL_SECONDS

    def look(self, now: float) -> None:
        """Ask the wire, if it is time to. Raises Stopped or DeadlinePassed where the request may not go on."""
        if now >= self._next_look:
            self._next_look = now + _POLL_SECONDS
            check_running(self._wire)

    def at_most(self, seconds: float) -> float:
        """Return the seconds, or what is left of the task where that is less."""
        left: float = self._wire.seconds_left
        return max(min(seconds, left), _SHORTEST)


_WATCH: ContextVar[_Watch | None] = ContextVar("annexd_http_watch", default=None)


def check_running(wire: Wire) -> None:
    """Raise Stopped or DeadlinePassed where the task may not continue."""
    if wire.seconds_left <= 0:
        wire.pause(0)  # which says which of the two it is, and keeps it


@contextmanager
def watched_by(wire: Wire) -> Iterator[None]:
    """Look at a wire while this thread waits for a socket."""
    token = _WATCH.set(_Watch(wire))
    try:
        yield
    finally:
        _WATCH.reset(token)


class WatchedStream(httpcore.NetworkStream):
    """A connection whose reads are made of short waits. Raises what httpcore's raises, and what `Wire.pause` raises."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return some bytes, none at the end. Raises ReadTimeout after `timeout` seconds without one."""
        watch = _WATCH.get()
        if watch is None or timeout is None:
            return self._inner.read(max_bytes, timeout)
        now = time.monotonic()
        ends = now + timeout
        while True:
            watch.look(now)
            try:
                # A read that timed out has taken nothing from the socket, with TLS too, and may be made again.
                return self._inner.read(max_bytes, max(min(_POLL_SECONDS, ends - now), _SHORTEST))
            except httpcore.ReadTimeout:
                now = time.monotonic()
                if now >= ends:
                    raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all bytes; httpcore also asks for none to be sent, after a request without a body."""
        if buffer:
            self._inner.write(buffer, _bounded(timeout))

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Return the encrypted connection."""
        return WatchedStream(self._inner.start_tls(ssl_context, server_hostname, _bounded(timeout)))

    def get_extra_info(self, info: str) -> Any:
        """Return what httpcore wants to know of a connection."""
        return self._inner.get_extra_info(info)


class WatchedBackend(httpcore.NetworkBackend):
    """Opens connections that look at the wire."""

    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Return a new connection."""
        return WatchedStream(self._inner.connect_tcp(host, port, _bounded(timeout), local_address, socket_options))


def _bounded(timeout: float | None) -> float | None:
    """Return a timeout for what is made in one wait, so that it ends with the task."""
    watch = _WATCH.get()
    return timeout if watch is None or timeout is None else watch.at_most(timeout)
