"""WSGI applications that answer in this process, by host name, without a server, a port or a socket."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

TIMEOUT = "annexd.timeout"
"""The key of an environ with the client's timeout. An application raises TimeoutError where it does not answer."""

_APPLICATIONS: dict[str, Application] = {}
_WITHOUT_PREFIX = ("CONTENT_TYPE", "CONTENT_LENGTH")


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; the names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@contextmanager
def answering(application: Application, host: str) -> Iterator[None]:
    """Let an application answer requests to a host, from every thread. Raises RuntimeError where another one does."""
    if host in _APPLICATIONS:
        raise RuntimeError(f"{host} is answered already")
    _APPLICATIONS[host] = application
    try:
        yield
    finally:
        del _APPLICATIONS[host]


def application_at(url: str) -> Application | None:
    """Return the application that answers a URL; None where there is none in this process."""
    return _APPLICATIONS.get(urlsplit(url).netloc)


def ask(application: Application, environ: Environ) -> Answer:
    """Return an application's whole answer to a request."""
    started: list[Any] = []

    def start(status: str, headers: Iterable[tuple[str, str]], *_: object) -> None:
        started[:] = [int(status.split(" ", 1)[0]), {name.lower(): value for name, value in headers}]

    parts = application(environ, start)
    try:
        body = b"".join(parts)
    finally:
        if (close := getattr(parts, "close", None)) is not None:
            close()
    return Answer(started[0], started[1], body)


def environ_of(
    method: str,
    url: str,
    headers: Mapping[str, Any],
    body: Any,  # noqa: ANN401  bytes, text, a file or None
    timeout: float | None = None,
) -> Environ:
    """Return a request as WSGI describes it (PEP 3333), with the seconds that the client waits for its answer."""
    at = urlsplit(url)
    sent = _bytes(body)
    environ: Environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(at.path).decode("latin-1"),
        "QUERY_STRING": at.query,
        "SERVER_NAME": at.hostname,
        "SERVER_PORT": str(at.port or (443 if at.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": at.netloc,
        # The path as it was sent; moto reads it for names with a slash or non-ASCII letters.
        "RAW_URI": f"{at.path}?{at.query}" if at.query else at.path,
        "REQUEST_URI": f"{at.path}?{at.query}" if at.query else at.path,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": at.scheme,
        "wsgi.input": io.BytesIO(sent),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "CONTENT_LENGTH": str(len(sent)),
        TIMEOUT: timeout,
    }
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key in _WITHOUT_PREFIX else f"HTTP_{key}"] = (
            value.decode("latin-1") if isinstance(value, bytes) else str(value)
        )
    return environ


def replace_body(environ: Environ, body: bytes) -> None:
    """Replace the body of a request."""
    environ |= {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}


def body_of(environ: Environ) -> bytes:
    """Return the body of a request, which can be read again afterwards."""
    if not environ.get("CONTENT_LENGTH"):
        return b""
    body: bytes = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _bytes(body: Any) -> bytes:  # noqa: ANN401  as above
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return bytes(body) if isinstance(body, bytes | bytearray) else bytes(body.read())
