"""A server on this machine that answers with exactly the bytes, and at the pace, that a test wants."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

Write = Callable[[bytes], None]


@dataclass(frozen=True)
class Asked:
    """One request as it arrived; names of headers are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Script = Callable[[Asked, Write], None]
"""Writes the answer to a request."""


@dataclass
class Server:
    """What a running server has seen. `gone` is set when it is to end: scripts that wait look at it."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    closed: int = 0
    gone: threading.Event = field(default_factory=threading.Event)


def answer(body: bytes | Any = b"{}", status: int = 200, **headers: str) -> bytes:
    """Return a whole answer; a body that is no bytes is sent as JSON. `content_type` is the header Content-Type."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {"content-type": "application/json", "content-length": str(len(text))}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    return f"HTTP/1.1 {status} Words\r\n{head}\r\n".encode() + text


def always(data: bytes) -> Script:
    """Answer every request with the same bytes."""
    return lambda _asked, write: write(data)


def in_turn(*answers: bytes) -> Script:
    """Answer with one after the other; the last one for ever."""
    left = list(answers)
    return lambda _asked, write: write(left.pop(0) if len(left) > 1 else left[0])


@contextmanager
def serving(script: Callable[[Asked, Write], None] | None, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Run a server; without a script it accepts, reads and never answers."""
    listener = socket.create_server(("127.0.0.1", 0))
    scheme = "http" if tls is None else "https"
    server = Server(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}")
    threads: list[threading.Thread] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            server.connections += 1
            thread = threading.Thread(target=_talk, args=(server, connection, script, tls), daemon=True)
            threads.append(thread)
            thread.start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield server
    finally:
        server.gone.set()
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in (accepting, *threads):
            thread.join(5)


def _talk(server: Server, plain: socket.socket, script: Script | None, tls: ssl.SSLContext | None) -> None:
    plain.settimeout(0.1)
    with contextlib.suppress(OSError), plain:
        connection = plain if tls is None else tls.wrap_socket(plain, server_side=True)
        with connection:
            rest = b""
            while not server.gone.is_set():
                found = _request(server, connection, rest)
                if found is None:
                    break
                asked, rest = found
                server.asked.append(asked)
                if script is None:
                    server.gone.wait(30)
                    break
                script(asked, connection.sendall)
    server.closed += 1


def _request(server: Server, connection: socket.socket, data: bytes) -> tuple[Asked, bytes] | None:
    while b"\r\n\r\n" not in data:
        more = _more(server, connection)
        if not more:
            return None
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = int(headers.get("content-length", 0))
    while len(rest) < length:
        rest += _more(server, connection)
    return Asked(method, target, headers, rest[:length]), rest[length:]


def _more(server: Server, connection: socket.socket) -> bytes:
    while not server.gone.is_set():
        try:
            return connection.recv(65_536)
        except TimeoutError:
            continue
    return b""
