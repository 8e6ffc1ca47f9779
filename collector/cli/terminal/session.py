"""The options that every command takes: which configuration, text or JSON, how much to log, colour or none."""

from __future__ import annotations

import functools
import inspect
import os
import sys
import typing
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collector.setup.app import App


class LogLevel(StrEnum):
    """How much is logged, on stderr."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config", "-c", metavar="FILE", help="The configuration; ANNEXD_CONFIG or config.toml where left out."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON instead of text.")]
LogOption = Annotated[
    LogLevel | None,
    typer.Option("--log-level", metavar="LEVEL", help="What to log: debug, info, warning or error; else warning."),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing on stderr but errors.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Say more on stderr: --log-level info.")]
ColourOption = Annotated[bool, typer.Option("--no-color", help="Use no colours, as NO_COLOR does.")]

OPTIONS: dict[str, tuple[Any, Any]] = {
    "config": (ConfigOption, None),
    "json": (JsonOption, False),
    "quiet": (QuietOption, False),
    "verbose": (VerboseOption, False),
    "log_level": (LogOption, None),
    "no_color": (ColourOption, False),
}
"""The options that stand before the command or after it, with their defaults."""


@dataclass
class Session:
    """The common options of one call of annexd."""

    config: Path | None = None
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    log_level: LogLevel | None = None
    no_color: bool = False

    def set_options(self, values: dict[str, Any]) -> None:
        """Set the options that have a value; one that was not given leaves the earlier value as it is."""
        for name, value in values.items():
            if value:
                setattr(self, name, value)
        if self.no_color:
            os.environ["NO_COLOR"] = "1"

    def log(self, level: LogLevel = LogLevel.WARNING, *, as_json: bool = False) -> None:
        """Log on stderr from the level that was asked for, or else from this one. --log-level goes before -q and -v."""
        from collector.setup.logs import log_on

        asked = LogLevel.ERROR if self.quiet else LogLevel.INFO if self.verbose else level
        log_on(sys.stderr, (self.log_level or asked).value, as_json=as_json)

    def say(self, text: str) -> None:
        """Write a line for people on stderr, unless they asked for quiet."""
        if not self.quiet:
            from collector.core.plain_text import safe

            sys.stderr.write(safe(text) + "\n")

    def open_app(self) -> App:
        """Return annexd as this call's configuration has it. Raises ConfigError."""
        from collector.setup.app import open_app
        from collector.setup.config import chosen_path

        self.log()
        return open_app(chosen_path(self.config))


def session(ctx: typer.Context) -> Session:
    """Return the common options of this call; they are made with the defaults where there are none yet."""
    root = ctx.find_root()
    if not isinstance(root.obj, Session):
        root.obj = Session()
    return root.obj


def shared(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command take the common options after its name too; those that it has itself are its own."""
    signature = inspect.signature(command)
    hints = typing.get_type_hints(command, include_extras=True)
    own = list(signature.parameters.values())
    added = {name: what for name, what in OPTIONS.items() if name not in signature.parameters}
    context = next((name for name, hint in hints.items() if hint is typer.Context), None)

    @functools.wraps(command)
    def wrapped(**given: Any) -> Any:  # noqa: ANN401  whatever the command takes and gives
        ctx = given[context or "ctx"]
        session(ctx).set_options({name: given.pop(name) for name in added})
        if context is None:
            del given["ctx"]
        return command(**given)

    parameters = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[parameter.name]) for parameter in own
    ]
    if context is None:
        parameters.append(inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context))
    parameters += [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=hint, default=default)
        for name, (hint, default) in added.items()
    ]
    new = signature.replace(parameters=parameters)
    wrapped.__signature__ = new  # type: ignore[attr-defined]  # what inspect reads, and typeshed does not know
    wrapped.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return wrapped
