"""`annexd web`: the pages of the store, for a browser on this machine."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from collector.cli.terminal.session import LogLevel, session
from collector.core.errors import ConfigError


def web(
    ctx: typer.Context,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, metavar="PORT", help="The port; 8137 where left out, 0 for any.")
    ] = 8137,
) -> None:
    """Show the store in a browser, on this machine only.

    It reads, and never asks a platform; Ctrl-C ends it.
    """
    cli_session = session(ctx)
    app = cli_session.open_app()
    cli_session.log(LogLevel.WARNING)
    try:
        from collector.web.application import application
        from collector.web.persons import OneViewer
        from collector.web.serving import LOOPBACK, listening, server
        from collector.web.site import Site
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"pages take {error.name}, which is not installed", mend="pip install 'annexd[web]'"
        ) from None
    # A store that cannot be read is said here, before a browser is opened.
    app.open_store(writer=False).close()
    with listening(port) as sock:
        host, chosen = LOOPBACK, sock.getsockname()[1]
        sys.stderr.write(f"http://{host}:{chosen}/ until Ctrl-C\n")
        server(application(Site(app), OneViewer())).run(sockets=[sock])
