"""Serves a double on a socket, for a proxy or another process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import make_server

from collector.demo.in_process import Application


class _Quiet(MotoRequestHandler):
    """Serves without logging requests, and without headers of its own: the doubles date their answers themselves."""

    def send_response(self, code: int, message: str | None = None) -> None:
        """Send the status alone; two headers Date in one answer are none."""
        self.send_response_only(code, message)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Do nothing."""


@contextmanager
def served(application: Application) -> Iterator[str]:
    """Serve an application on a free port of the loopback, and yield its address."""
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, name="served", kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
