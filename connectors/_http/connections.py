"""The connections of this process: one pool for each platform, shared by all scopes, and closed after the last."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote
from urllib.request import getproxies_environment, proxy_bypass_environment  # type: ignore[attr-defined]  # untyped

import httpcore
import httpx

from collector.core.errors import ConfigError
from connectors._http.origins import Origin, is_local, origin_of
from connectors._http.tls import ssl_context
from connectors._http.watching import WatchedBackend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MOST_CONNECTIONS = 64
"""More than the calls that a source makes at a time, so that a thread never waits here: the wire is what waits."""

_KEPT_FOR = 20.0  # seconds; shorter than the idle time after which load balancers close a connection
_CONNECT_SECONDS = 10.0
_READ_SECONDS = 60.0

FAILURES = (
    httpx.TransportError,
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
)
"""What a transport raises where there is no answer."""


class Connections(httpx.BaseTransport):
    """Sends to one origin, through the proxy that the environment names for it."""

    def __init__(self, origin: Origin) -> None:
        self._pool = _pool(_proxy_for(origin))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and return the answer with its body unread; raises what is in FAILURES."""
        url = request.url
        answer = self._pool.handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    """The bytes of an answer as they arrive; closing it early closes the connection."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


def timeouts(connect: float = _CONNECT_SECONDS, read: float = _READ_SECONDS) -> dict[str, float]:
    """Return how many seconds a connection and the next piece of an answer may take."""
    return {"connect": connect, "read": read, "write": read, "pool": read}


def _pool(proxy: httpx.URL | None) -> httpcore.ConnectionPool:
    return httpcore.ConnectionPool(
        ssl_context=ssl_context(),
        proxy=_proxy(proxy) if proxy is not None else None,
        max_connections=_MOST_CONNECTIONS,
        max_keepalive_connections=_MOST_CONNECTIONS,
        keepalive_expiry=_KEPT_FOR,
        network_backend=WatchedBackend(),
    )


def _proxy(url: httpx.URL) -> httpcore.Proxy:
    return httpcore.Proxy(
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=b"/"),
        auth=(unquote(url.username), unquote(url.password)) if url.userinfo else None,
        ssl_context=ssl_context() if url.scheme == "https" else None,
    )


def _proxy_for(origin: Origin) -> httpx.URL | None:
    """Return the proxy by HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY; None for what is on this machine."""
    proxies = getproxies_environment()
    named = proxies.get(origin.scheme) or proxies.get("all")
    host = f"{origin.host}:{origin.port}" if origin.port is not None else origin.host
    if not named or is_local(origin.host) or proxy_bypass_environment(host, proxies):
        return None
    try:
        url = httpx.URL(named if "://" in named else f"http://{named}")
    except httpx.InvalidURL as error:
        raise ConfigError("the proxy that the environment names has no valid address") from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise ConfigError(
            f"the environment names a proxy of the kind {url.scheme!r}",
            mend="name one that begins with http:// or https://, or put the host into NO_PROXY",
        )
    return url


@dataclass
class _Shared:
    """A transport, and how many clients use it."""

    transport: httpx.BaseTransport
    users: int = 0


_LOCK = threading.Lock()
_SHARED: dict[Origin, _Shared] = {}
_DOUBLES: dict[Origin, httpx.BaseTransport] = {}


class Lease:
    """The use of the connections to one origin by one client, opened with the first request; `close` ends it."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._shared: _Shared | None = None
        self._closed = False

    @property
    def transport(self) -> httpx.BaseTransport:
        """What sends the requests of this moment."""
        if (double := _DOUBLES.get(self._origin)) is not None:
            return double
        shared = self._shared
        return shared.transport if shared is not None else self._take()

    def _take(self) -> httpx.BaseTransport:
        with _LOCK:
            if self._closed:
                raise RuntimeError("a client was used after it was closed")
            if self._shared is None:
                if self._origin not in _SHARED:
                    _SHARED[self._origin] = _Shared(Connections(self._origin))
                self._shared = _SHARED[self._origin]
                self._shared.users += 1
            return self._shared.transport

    def close(self) -> None:
        """Give the connections back; the last user closes them. A second call does nothing."""
        with _LOCK:
            shared, self._shared, self._closed = self._shared, None, True
            if shared is None:
                return
            shared.users -= 1
            if shared.users:
                return
            del _SHARED[self._origin]
        shared.transport.close()


@contextmanager
def answered_by(answer: Callable[[httpx.Request], httpx.Response] | httpx.BaseTransport, *bases: str) -> Iterator[None]:
    """Let a function of this process answer every request to these addresses, as long as the context lasts.

    For tests and harnesses: a double of a platform that needs no port. A transport of httpx will do, too.
    """
    transport = answer if isinstance(answer, httpx.BaseTransport) else httpx.MockTransport(answer)
    origins = [origin_of(httpx.URL(base)) for base in bases]
    before = {origin: _DOUBLES.get(origin) for origin in origins}
    _DOUBLES.update(dict.fromkeys(origins, transport))
    try:
        yield
    finally:
        for origin, double in before.items():
            if double is None:
                del _DOUBLES[origin]
            else:
                _DOUBLES[origin] = double
