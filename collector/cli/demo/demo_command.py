"""`annexd demo`: ninety days of a made-up company, looked at with the real connectors, on one screen."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from collector.cli.terminal.session import session
from collector.core.errors import ConfigError
from collector.demo.configuration import isolated_environment

if TYPE_CHECKING:
    from collector.demo.views import DemoView

_NEEDED = ("boto3", "flask", "github", "moto")


def demo(
    ctx: typer.Context,
    folder: Annotated[
        Path | None, typer.Option("--dir", help="Where to keep configuration and store.", show_default="a new folder")
    ] = None,
) -> None:
    """Look at a made-up company over ninety days.

    It hands out the bundle of that time, needs no account and no network, and leaves a store behind that every reading
    command can be tried on.
    """
    cli_session = session(ctx)
    cli_session.log()
    _is_installed()
    shape = as_called(made_in(_folder(folder)), sys.argv[0])
    if cli_session.json:
        from collector.cli.terminal.page import print_json

        print_json(shape)
        return
    from collector.cli.demo.demo_page import screen, show_demo

    show_demo(shape, screen(sys.stdout))


def as_called(shape: DemoView, program: str) -> DemoView:
    """Return what the demo says, with commands as they can be typed here.

    From a clone annexd is not found on PATH: its commands begin with the path that it was called by.
    """
    called, found = Path(program), shutil.which("annexd")
    if called.name != "annexd" or (found is not None and Path(found).resolve() == called.resolve()):
        return shape
    typed = shlex.quote(os.path.relpath(called))
    return replace(shape, next=tuple(command.replace("annexd", typed, 1) for command in shape.next))


def made_in(folder: Path) -> DemoView:
    """Make the history, store and bundle of the company in a folder, and return what there is to say of them.

    Raises typer.Exit where the user interrupts it.
    """
    with isolated_environment():
        # moto asks boto3 for sessions as soon as it is imported.
        from collector.actions.scanning import INTERRUPTED
        from collector.cli.demo.demo_progress import DemoProgress
        from collector.demo.bundle import export_demo_bundle
        from collector.demo.history import DAYS, DemoHistory
        from collector.demo.report import demo_view

        began = time.monotonic()
        with DemoProgress(sys.stderr) as progress:
            progress.say("Building a made-up company inside this process")
            with DemoHistory(folder, datetime.now(UTC)) as history:
                for look in history.look():
                    if look.summary.stopped is not None:
                        raise typer.Exit(INTERRUPTED)
                    day = history.clock.now().date()
                    progress.say(f"Looked {len(history.looks)} of {len(DAYS)} times, last on {day}")
                took = time.monotonic() - began
                progress.say("Making and verifying the bundle of the period")
                bundle = export_demo_bundle(history.app, history.store, folder, history.period)
                return demo_view(history, bundle, took)


def _is_installed() -> None:
    for name in _NEEDED:
        if find_spec(name) is None:
            raise ConfigError(
                f"the demo needs the package {name}, which is not installed",
                mend="install annexd with the extra demo: pipx install --force 'annexd[demo]',"
                " or pip install 'annexd[demo]'",
            )


def _folder(folder: Path | None) -> Path:
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="annexd-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ConfigError(f"{folder} is not empty", so="the demo overwrites nothing", mend="name a new folder")
    return folder.resolve()
