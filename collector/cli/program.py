"""The program `annexd`: its options, and its commands, each imported when it is called."""

from __future__ import annotations

import copy
import difflib
import json as json_module
import re
import sys
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from collector import __version__
from collector.cli.command_groups import COMMANDS, EXAMPLES, OLDER, PANELS
from collector.cli.terminal.session import (
    ColourOption,
    ConfigOption,
    JsonOption,
    LogOption,
    QuietOption,
    VerboseOption,
    session,
    shared,
)

if TYPE_CHECKING:
    from typer._click import HelpFormatter


class Commands(TyperGroup):
    """The root group. A command is imported when it is called; the list of them needs no import."""

    def format_commands(self, ctx: object, formatter: HelpFormatter) -> None:  # noqa: ARG002  the signature of the group
        """Write the commands, a section for each group, all with the same width of the first column."""
        widest = max(map(len, COMMANDS))
        for panel in PANELS:
            with formatter.section(panel.title):
                formatter.write_dl([(name.ljust(widest), says) for name, says in panel.says.items()])

    def list_commands(self, ctx: object) -> list[str]:  # noqa: ARG002  the signature of the group
        """Return the names, in the order in which they are used; names of an earlier version are not among them."""
        return list(COMMANDS)

    def get_command(self, ctx: object, cmd_name: str) -> TyperCommand | TyperGroup | None:  # noqa: ARG002
        """Return a command by its name or by its name of an earlier version; None where there is none."""
        found = _command(cmd_name, COMMANDS[cmd_name]) if cmd_name in COMMANDS else _older(cmd_name)
        return found if isinstance(found, TyperCommand | TyperGroup) else None

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:  # noqa: ANN401
        """Return name, command and the arguments after it. Raises UsageError that names the nearest command."""
        name = args[0]
        if name not in COMMANDS and name not in OLDER and not name.startswith("-"):
            near = difflib.get_close_matches(name, [*COMMANDS, *OLDER], n=3)
            hint = f"Did you mean {' or '.join(map(repr, near))}?" if near else "annexd --help lists the commands."
            ctx.fail(f"No such command {name!r}. {hint}")
        return super().resolve_command(ctx, args)


@cache
def _command(name: str, where: str) -> Any:  # noqa: ANN401  Typer's own class of commands is private
    """Return the command at MODULE:NAME, with the common options and its examples; they are added once in a process."""
    module, _, attribute = where.partition(":")
    target = getattr(import_module(module), attribute)
    if isinstance(target, typer.Typer):
        for below in target.registered_commands:
            if below.callback is not None:
                below.callback = shared(below.callback)
        if target.registered_callback is not None and target.registered_callback.callback is not None:
            target.registered_callback.callback = shared(target.registered_callback.callback)
        built = get_command(_plain(target))
    else:
        own = _plain(typer.Typer(add_completion=False))
        own.command(name)(shared(target))
        built = get_command(own)
    built.name = name
    _finish(built, name)
    for sub, command in getattr(built, "commands", {}).items():
        _finish(command, f"{name} {sub}")
    return built


def _finish(command: Any, name: str) -> None:  # noqa: ANN401  as above
    """Give a command its examples, and its options names for their values in place of Python's types."""
    command.epilog = _epilog(name)
    context = typer.Context(command)
    for param in command.params:
        if param.metavar is None and param.param_type_name == "option" and not param.is_flag:
            kind = re.sub(r"list\[(.*)\]", r"\1", param.display_type(context) or "")
            param.metavar = _VALUES.get(kind)


_VALUES = {"<str>": "TEXT", "<path>": "FILE", "<int>": "NUMBER", "<datetime>": "DATE"}
"""What stands for a value in help, by Typer's name of its type. Choices are shown by Typer itself."""


def _older(name: str) -> Any:  # noqa: ANN401  as above
    """Return the command that an older name stands for; None where there is no such name."""
    if name not in OLDER:
        return None
    now, *below = OLDER[name]
    found = _command(now, COMMANDS[now])
    for sub in below:
        found = found.commands[sub]
    found = copy.copy(found)
    found.epilog = f"An older name of annexd {' '.join(OLDER[name])}; the next release is without it."
    return found


def _epilog(name: str) -> str | None:
    """Return the examples of a command as they stand below its help; a mark keeps Click from joining the lines."""
    lines = EXAMPLES.get(name)
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)]) if lines else None


def _plain(group: typer.Typer) -> typer.Typer:
    """Let help be plain text: it starts sooner, and reads the same in a pipe and in the documentation."""
    group.rich_markup_mode = None
    group.pretty_exceptions_enable = False
    return group


def _version(ctx: typer.Context, asked: bool) -> None:
    if asked:
        if session(ctx).json:
            sys.stdout.write(json_module.dumps({"schema": "annexd.version/1", "version": __version__}) + "\n")
        else:
            sys.stdout.write(f"annexd {__version__}\n")
        raise typer.Exit


app = typer.Typer(
    cls=Commands,
    name="annexd",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    epilog="annexd COMMAND --help explains a command; annexd next says what to do first.",
)


@app.callback()
def annexd(  # noqa: PLR0913, PLR0917  one parameter an option
    ctx: typer.Context,
    config: ConfigOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    log_level: LogOption = None,
    no_color: ColourOption = False,
    version: Annotated[  # noqa: ARG001  acted upon by its callback
        bool, typer.Option("--version", help="Say which version this is.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Read the configuration of cloud, identity and code platforms, and keep it as evidence for ISO/IEC 27001."""
    given = {"config": config, "json": json, "quiet": quiet, "verbose": verbose}
    session(ctx).set_options({**given, "log_level": log_level, "no_color": no_color})
