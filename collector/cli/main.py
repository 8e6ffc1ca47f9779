"""The command line: which commands there are, and how each of them may end.

Exit codes: 0 ran, nothing found that was asked to count; 1 found; 2 usage; 3 configuration; 4 nothing could be read
from any platform; 5 store; 6 verification; 70 annexd itself broke; 130 ended by Ctrl-C.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from collector import __version__
from collector.cli import times_commands as times
from collector.cli.audit import commands as bundle
from collector.cli.company import commands as company
from collector.cli.read import commands as reading
from collector.cli.scan import commands as acting
from collector.cli.setup import commands as extending
from collector.cli.store import commands as keeping
from collector.cli.terminal.session import (
    ColourOption,
    ConfigOption,
    JsonOption,
    LogLevel,
    LogOption,
    Session,
    session,
    shared,
)
from collector.core.errors import AnnexdError

if TYPE_CHECKING:
    from typer._click import HelpFormatter

BROKEN = 70
"""EX_SOFTWARE of sysexits.h: a bug must not look like findings."""

_ROOMS = (acting, reading, times, company, bundle, keeping, extending)

COMMANDS = {name: where for room in _ROOMS for name, where in room.COMMANDS.items()}
"""Every command and where it is, in the order in which they are used; none is imported before it is needed."""

SAYS = {name: says for room in _ROOMS for name, says in room.SAYS.items()}
"""What the list of commands says of each: their modules are not imported for it, so that the list comes at once."""


class Commands(TyperGroup):
    """A group whose commands are imported when they are called, or listed for help."""

    def format_commands(self, ctx: object, formatter: HelpFormatter) -> None:  # noqa: ARG002  the signature of the group
        """Write the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(SAYS.items()))

    def list_commands(self, ctx: object) -> list[str]:  # noqa: ARG002  the signature of the group
        """Return the names, in the order in which they are used."""
        return list(COMMANDS)

    def get_command(self, ctx: object, cmd_name: str) -> TyperCommand | TyperGroup | None:  # noqa: ARG002
        """Return a command, or None; then all are loaded, so that the nearest can be named."""
        for name in [cmd_name] if cmd_name in COMMANDS else COMMANDS:
            if name not in self.commands:
                self.commands[name] = _command(name)
        found = self.commands.get(cmd_name)
        return found if isinstance(found, TyperCommand | TyperGroup) else None


def _command(name: str) -> Any:  # noqa: ANN401  Typer's own class of commands is private
    module, _, attribute = COMMANDS[name].partition(":")
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
    return built


def _plain(one: typer.Typer) -> typer.Typer:
    """Let help be plain text: it starts sooner, and reads the same in a pipe and in the documentation."""
    one.rich_markup_mode = None
    one.pretty_exceptions_enable = False
    return one


def _version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"annexd {__version__}\n")
        raise typer.Exit


app = typer.Typer(
    cls=Commands, name="annexd", rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=True
)


@app.callback()
def annexd(
    ctx: typer.Context,
    config: ConfigOption = None,
    json: JsonOption = False,
    log_level: LogOption = None,
    no_color: ColourOption = False,
    version: Annotated[  # noqa: ARG001  acted upon by its callback
        bool, typer.Option("--version", help="Say which version this is.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Read the configuration of cloud, identity and code platforms, and keep it as evidence for ISO/IEC 27001."""
    session(ctx).told({"config": config, "json": json, "log_level": log_level, "no_color": no_color})


def main(args: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; every error ends here, as words."""
    told = Session()
    try:
        app(args=args, prog_name="annexd", obj=told)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except AnnexdError as error:
        report(error, told)
        return error.exit_code
    except Exception as error:  # noqa: BLE001  the one place: whatever broke is told as a defect of annexd's own
        broke(error, told)
        return BROKEN
    return 0


def report(error: AnnexdError, told: Session) -> None:
    """Write an error on stderr, for people or as JSON."""
    import json

    from collector.core.plain_text import safe

    if told.json:
        fields = {"what": error.what, "so": error.so, "to_mend": error.mend, "exit_code": error.exit_code}
        sys.stderr.write(json.dumps({"error": fields}) + "\n")
        return
    for line in error.lines():
        for part in line.split("\n"):
            sys.stderr.write(safe(part) + "\n")


def broke(error: Exception, told: Session) -> None:
    """Say that the defect is ours; where it is only on demand, because a traceback helps nobody at night."""
    wrapped = AnnexdError(
        f"annexd broke: {type(error).__name__}: {error}",
        so="this is a defect of annexd; what was recorded before it is kept",
        mend="run it again with --log-level debug, and report what it shows",
    )
    report(wrapped, told)
    if told.log_level is LogLevel.DEBUG:
        import logging

        told.log()
        logging.getLogger(__name__).debug("where it broke", exc_info=error)
