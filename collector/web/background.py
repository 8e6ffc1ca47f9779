"""The pages beside something else in one process: in a thread of their own, from when they are entered until left."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from threading import Thread
from typing import TYPE_CHECKING, Self

from msgspec.structs import replace

from collector.core.identities import Role
from collector.setup.web_config import WebConfig
from collector.web.application import application
from collector.web.serving import listening, server
from collector.web.starting import people_of, site_of, this_person

if TYPE_CHECKING:
    from collector.setup.app import App

_logger = logging.getLogger(__name__)

_PATIENCE = 10.0
"""Seconds in which requests under way may end."""


class BackgroundPages:
    """Serves the pages of a store. Raises ConfigError where the address is in use, or the certificate cannot be used.

    `origin` is where they are. `link` signs somebody in once; empty where a provider says who people are. What they
    read and who may sign in is that of the configuration with which they were started.
    """

    def __init__(self, app: App) -> None:
        config = app.config.web or WebConfig()
        host, port = config.address
        with ExitStack() as stack:
            self._socket = stack.enter_context(listening(port, host))
            config = replace(config, listen=f"{config.listen.rpartition(':')[0]}:{self._socket.getsockname()[1]}")
            site = site_of(app, config)
            people = people_of(site, config)
            self.origin = config.origin
            self.link = people.link(this_person(Role.VIEWER)) if config.oidc is None else ""
            self._server = server(application(site, people), config.certificate, config.certificate_key)
            stack.pop_all()
        self._thread = Thread(target=self._run, name="annexd-web", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        _logger.info("pages at %s/", self.origin)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(_PATIENCE)
        self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])
