"""The connections of this process: one pool for each platform, shared by all scopes, and closed after the last."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote
from urllib.request import getproxies_environment, proxy_bypass_environment  # type: ignore[attr-defined]  # untyped

import httpcore
import httpx

from collector.core.errors import ConfigError
from connectors._http.origins import Origin, is_local, origin_of
from connectors._http.tls import ssl_context
from connectors._http.watching import WatchedBackend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_MOST_CONNECTIONS = 64
"""More than the calls that a source makes at a time, so that a thread never waits here: the wire is what waits."""

_KEPT_FOR = 20.0  # seconds; shorter than the idle time after which load balancers close a connection
_CONNECT_SECONDS = 10.0
_READ_SECONDS = 60.0

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose requests say that they have no body."""

FAILURES = (
    httpx.TransportError,
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
)
"""What a transport raises where there is no answer."""


@dataclass(frozen=True)
class Received:
    """An answer before its body is read. Names of headers are in lower case, and values of one name are joined.

    `pieces` are the bytes as they arrive, not inflated. `close` has to be called; early, it closes the connection.
    """

    status: int
    headers: dict[str, str]
    pieces: Iterable[bytes]
    close: Callable[[], None]


class Transport(Protocol):
    """What sends to one origin."""

    def send(
        self, method: str, url: httpx.URL, headers: Mapping[str, str], body: bytes | None, timeouts: Mapping[str, float]
    ) -> Received:
        """Send one request and return the answer; raises what is in FAILURES."""

    def close(self) -> None:
        """Close every connection."""


class Connections:
    """Sends to one origin, through the proxy that the environment names for it.

    Requests and answers of httpx are not made on the way: they took 0.02 ms of each call.
    """

    def __init__(self, origin: Origin) -> None:
        self._pool = _pool(_proxy_for(origin))

    def send(
        self, method: str, url: httpx.URL, headers: Mapping[str, str], body: bytes | None, timeouts: Mapping[str, float]
    ) -> Received:
        """Send one request and return the answer; raises what is in FAILURES."""
        sent = [
            (b"Host", url.netloc),
            *((name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()),
        ]
        if body or method in _WITH_BODY:
            sent.append((b"Content-Length", str(len(body or b"")).encode("ascii")))
        answer = self._pool.handle_request(
            httpcore.Request(
                method,
                httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=sent,
                content=body,
                extensions={"timeout": timeouts},
            )
        )
        return Received(answer.status, _joined(answer.headers), answer.iter_stream(), answer.close)

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


class _Double:
    """Lets a transport of httpx answer."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport

    def send(
        self, method: str, url: httpx.URL, headers: Mapping[str, str], body: bytes | None, timeouts: Mapping[str, float]
    ) -> Received:
        sent = httpx.Request(method, url, headers=headers, content=body, extensions={"timeout": timeouts})
        response = self._transport.handle_request(sent)
        if not isinstance(response.stream, httpx.SyncByteStream):
            message = "an answer for coroutines cannot be read by a thread"
            raise TypeError(message)
        return Received(response.status_code, _joined(response.headers.raw), response.stream, response.close)

    def close(self) -> None:
        self._transport.close()


def _joined(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = _text(raw_name).lower(), _text(raw_value)
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


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

    transport: Transport
    users: int = 0


_LOCK = threading.Lock()
_SHARED: dict[Origin, _Shared] = {}
_DOUBLES: dict[Origin, Transport] = {}


class Lease:
    """The use of the connections to one origin by one client, opened with the first request; `close` ends it."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._shared: _Shared | None = None
        self._closed = False

    @property
    def transport(self) -> Transport:
        """What sends the requests of this moment."""
        if (double := _DOUBLES.get(self._origin)) is not None:
            return double
        shared = self._shared
        return shared.transport if shared is not None else self._take()

    def _take(self) -> Transport:
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
    transport = _Double(answer if isinstance(answer, httpx.BaseTransport) else httpx.MockTransport(answer))
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
