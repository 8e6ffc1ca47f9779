"""The server below the pages. It listens on the loopback address, unless who starts it knows how people sign in."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import uvicorn

from collector.core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.applications import Starlette

LOOPBACK = "127.0.0.1"
PORT = 8137
"""Where the pages are unless something else is asked for."""


def listening(port: int, host: str = LOOPBACK) -> socket.socket:
    """Return a socket that is bound; port 0 lets the system choose. Raises ConfigError where it cannot be."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise ConfigError(
            f"{host}:{port} cannot be listened on: {error.strerror or error}", mend="choose another port with --port"
        ) from error


def server(application: Starlette, certificate: Path | None = None, key: Path | None = None) -> uvicorn.Server:
    """Return the server of an application; it logs what annexd logs, says nothing of itself, and trusts no proxy.

    With a certificate and its key it speaks TLS. Raises ConfigError where these cannot be used.
    """
    config = uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        server_header=False,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        proxy_headers=False,
        lifespan="off",
        timeout_keep_alive=15,
        limit_concurrency=64,
        h11_max_incomplete_event_size=1 << 16,
    )
    try:
        config.load()  # here and not when it serves, which may be in a thread that nobody looks at
    except OSError as error:  # ssl.SSLError is one
        raise ConfigError(
            f"{certificate} and {key} cannot be used: {error.strerror or error}",
            mend="certificate and certificate_key of [web] are the files of one certificate and its key, both PEM",
        ) from error
    return uvicorn.Server(config)
