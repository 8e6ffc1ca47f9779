"""HTTP for whoever watches a daemon: /healthz, /readyz and /metrics. It only says what is, and takes nothing."""

from __future__ import annotations

import logging
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from socket import AF_INET, AF_INET6
from threading import Thread
from typing import TYPE_CHECKING, Self

from collector.daemon.watching.health import daemon_view
from collector.daemon.watching.metrics import Metrics
from collector.report.json_text import json_text

if TYPE_CHECKING:
    from collector.daemon.watching.watch import Watch

_logger = logging.getLogger(__name__)

_PATIENCE = 10.0  # seconds for a request; whoever is slower holds a thread
_JSON = "application/json"
_NO_METRICS = b"metrics take prometheus_client: pip install 'annexd[metrics]'\n"


class WatchServer:
    """Answers in threads of its own from when it is entered until it is left. Raises OSError on an address in use."""

    def __init__(self, address: tuple[str, int], watch: Watch) -> None:
        host, port = address
        try:
            self._metrics: Metrics | None = Metrics(watch)
        except ImportError:
            self._metrics = None
        self._watch = watch
        self._server = _server_of(host)((host, port), self._handler(is_local=is_loopback(host)))

    @property
    def port(self) -> int:
        """The port, also where the system chose it."""
        port: int = self._server.server_address[1]
        return port

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, name="annexd-http", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, accept: str) -> tuple[int, str, bytes]:
        """Return status, type and body for a path."""
        if path == "/metrics":
            if self._metrics is None:
                return HTTPStatus.NOT_IMPLEMENTED, "text/plain; charset=utf-8", _NO_METRICS
            kind, text = self._metrics.text(accept)
            return HTTPStatus.OK, kind, text
        if path in {"/healthz", "/readyz"}:
            view = daemon_view(self._watch)
            well = view.alive if path == "/healthz" else not view.not_ready
            status = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
            return status, _JSON, json_text(view).encode()
        return HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", b"there are /healthz, /readyz and /metrics\n"

    def _handler(self, *, is_local: bool) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            timeout = _PATIENCE
            server_version = "annexd"
            sys_version = ""

            def do_GET(self) -> None:
                self._send(with_body=True)

            def do_HEAD(self) -> None:
                self._send(with_body=False)

            def _send(self, *, with_body: bool) -> None:
                # A page in a browser on this machine must not read it under a name of its own.
                if is_local and not _names_this_machine(self.headers.get("Host", "")):
                    status, kind, body = HTTPStatus.MISDIRECTED_REQUEST.value, "text/plain; charset=utf-8", b"\n"
                else:
                    path = self.path.partition("?")[0]
                    status, kind, body = outer.answer(path, self.headers.get("Accept", ""))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-store")
                self.send_header("X-Content-Type-Options", "nosniff")
                self.end_headers()
                if with_body:
                    self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name that the library has
                _logger.debug("http: %s", format % args)

        return Handler


def is_loopback(host: str) -> bool:
    """Return whether an address is reached from this machine alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _names_this_machine(host: str) -> bool:
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    return is_loopback(name.strip("[]"))


def _server_of(host: str) -> type[ThreadingHTTPServer]:
    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False
        address_family = AF_INET6 if ":" in host else AF_INET

    return Server
