"""`annexd worker`: work for the annexd that writes a store, on this machine."""

from __future__ import annotations

import asyncio
import signal
import socket
from typing import Annotated

import typer

from collector.cli.terminal.session import LogLevel, session


def worker(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Option(
            "--name", help="What the record calls it; the name of this machine where left out.", show_default=False
        ),
    ] = None,
) -> None:
    """Collect and judge for the annexd that writes.

    They find each other by a Dask scheduler. It reads this configuration, resolves its own secrets, and only
    reads the store. SIGTERM or Ctrl-C ends it; what it had not finished is done by another one.
    """
    cli_session = session(ctx)
    app = cli_session.open_app()
    cli_session.log(LogLevel.INFO)
    app.require_a_source()
    app.prove_secrets(app.sources())
    from functools import partial

    from collector.engine.workers.dask_channels import serve_dask
    from collector.setup.workers import dask_of, dask_worker

    called = name or socket.gethostname()
    scheduler, tls = dask_of(app.config.execution)
    build = partial(dask_worker, app.config.file.path, called)
    build()  # what is wrong with it is told now, and not at the first order

    async def serve() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await serve_dask(scheduler, tls, called, build, stop)

    asyncio.run(serve())
