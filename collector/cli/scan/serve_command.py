"""`annexd serve`: stay, and look at each source by its own interval."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from collector.cli.terminal.patience import parsed_span
from collector.cli.terminal.session import LogLevel, session
from collector.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from queue import SimpleQueue
    from types import FrameType

    from collector.daemon.daemon import Daemon
    from collector.daemon.events import Event
    from collector.daemon.watching.pulse import Pulse
    from collector.daemon.watching.watch import Watch
    from collector.setup.app import App
    from collector.setup.clock_watch import WatchedClock
    from storage.serving import Serving


_logger = logging.getLogger(__name__)

_GRACE = 15.0
"""Seconds after the time that runs have to end, in which the daemon itself does."""


class LogFormat(StrEnum):
    """How the log is written."""

    TEXT = "text"
    JSON = "json"


def serve(
    ctx: typer.Context,
    jitter: Annotated[
        timedelta,
        typer.Option(
            "--jitter",
            help="Spread the first runs over so long; 30s where left out.",
            parser=parsed_span,
            metavar="SPAN",
            show_default=False,
        ),
    ] = timedelta(seconds=30),
    wait: Annotated[
        timedelta,
        typer.Option(
            "--wait",
            help="How long to wait for another process that writes; not at all where left out.",
            parser=parsed_span,
            metavar="SPAN",
            show_default=False,
        ),
    ] = timedelta(0),
    log_format: Annotated[
        LogFormat,
        typer.Option("--log-format", help="text, or json: one object a line.", metavar="FORMAT", show_default=False),
    ] = LogFormat.TEXT,
    standby: Annotated[
        bool,
        typer.Option("--standby", help="Wait for as long as another daemon serves, and take over when it is gone."),
    ] = False,
    web: Annotated[
        bool, typer.Option("--web", help="Serve the pages too, as annexd web does; [web] says where and for whom.")
    ] = False,
) -> None:
    """Stay, and scan each source at its own interval.

    SIGTERM or Ctrl-C ends it after the requests under way, and SIGHUP lets it read the configuration again.
    """
    cli_session = session(ctx)
    app = cli_session.open_app()
    cli_session.log(LogLevel.INFO, as_json=log_format is LogFormat.JSON)
    app.require_a_source()
    app.prove_secrets(app.sources())
    from functools import partial
    from queue import SimpleQueue

    from collector.daemon.daemon import Daemon, Watched
    from collector.daemon.schedule import ClockedSchedule
    from collector.daemon.watching.pulse import Pulse
    from collector.daemon.watching.service_manager import ServiceManager
    from collector.daemon.watching.watch import Watch
    from collector.engine.clock import SystemClock
    from collector.setup.app import open_app
    from collector.setup.clock_watch import WatchedClock
    from storage.serving import Serving

    clock = WatchedClock(SystemClock())
    watch = Watch(clock.now)
    pulse = Pulse(watch, ServiceManager(), app.config.daemon_file)
    events: SimpleQueue[Event] = SimpleQueue()
    with ExitStack() as stack:
        if standby:
            stack.enter_context(watch_server(app, watch))
            found = stood_by(app, clock, pulse)
            if found is None:
                return
            app = open_app(app.config.file.path)  # it may have been changed meanwhile
        else:
            found = Serving(app.config.store.url, clock.now(), wait)
        serving = stack.enter_context(found)
        stack.enter_context(serving.beating())
        schedule = stack.enter_context(ClockedSchedule(events.put, jitter=jitter))
        if not standby:
            stack.enter_context(watch_server(app, watch))
        if web:
            stack.enter_context(pages(app))
        daemon = Daemon(
            partial(open_app, app.config.file.path),
            app,
            serving,
            schedule,
            clock,
            watched=Watched(watch, pulse, observes=True),
        )
        with signals_as_events(daemon, events):
            daemon.serve(events)
    if daemon.left_behind:
        # Their threads wait for platforms, and the process would wait for them.
        logging.shutdown()
        os._exit(0)


def stood_by(app: App, clock: WatchedClock, pulse: Pulse) -> Serving | None:
    """Stand by until nobody else serves, and return the right to serve; None where a signal ended that."""
    from collector.daemon.standby import require_memory, stand_by

    require_memory(app)
    stop = threading.Event()
    wanted = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in wanted}
    pulse.standing_by()
    try:
        return stand_by(app, clock.now, stop, pulse)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def pages(app: App) -> AbstractContextManager[object]:
    """Return what serves the pages while it is entered. Raises ConfigError where it cannot."""
    try:
        from collector.web.background import BackgroundPages
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"pages take {error.name}, which is not installed", mend="pip install 'annexd[web]'"
        ) from None
    made = BackgroundPages(app)
    if made.link:
        # Not logged: whoever reads it first signs in.
        sys.stderr.write(f"{made.link} signs in once, within ten minutes, as viewer\n")
    return made


def watch_server(app: App, watch: Watch) -> AbstractContextManager[object]:
    """Return what answers over HTTP while it is entered. Raises ConfigError where a written address is in use."""
    from collector.daemon.watching.server import WatchServer

    address = app.config.daemon.address
    if address is None:
        return nullcontext()
    try:
        server = WatchServer(address, watch)
    except OSError as error:
        what = f"{app.config.daemon.listen} cannot be listened on: {error.strerror or error}"
        if "listen" in app.config.file.data.get("daemon", {}):
            raise app.config.file.error(
                ("daemon", "listen"), what, mend='write another address, or listen = "off"'
            ) from error
        _logger.warning("%s; nobody can watch by HTTP", what)
        return nullcontext()
    _logger.info("watched at http://%s: /healthz, /readyz and /metrics", app.config.daemon.listen)
    return server


@contextmanager
def signals_as_events(daemon: Daemon, events: SimpleQueue[Event]) -> Iterator[None]:
    """Turn signals into events; the second one to end does so at once."""
    from collector.daemon.events import End, Reload

    timers: list[threading.Timer] = []

    # `put` may be called wherever a signal happens to come in: the queue is made for that.
    def end(number: int, _frame: FrameType | None) -> None:
        if daemon.ending:
            os._exit(128 + number)
        daemon.ending = True
        # Whatever hangs, and be it the database: a service manager that waits in vain kills, and calls that a failure.
        last = threading.Timer(daemon.drain.total_seconds() + _GRACE, os._exit, [0])
        last.daemon = True
        last.start()
        timers.append(last)
        events.put(End(signal.Signals(number).name))

    def reload(_number: int, _frame: FrameType | None) -> None:
        events.put(Reload())

    wanted = {signal.SIGINT: end, signal.SIGTERM: end, signal.SIGHUP: reload}
    before = {number: signal.signal(number, handler) for number, handler in wanted.items()}
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)
