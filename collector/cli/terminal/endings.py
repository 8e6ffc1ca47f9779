"""How a command ends: its exit code, and what stderr says, as text or as JSON."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from collector.core.errors import AnnexdError

if TYPE_CHECKING:
    from typer._click.exceptions import ClickException

    from collector.cli.terminal.session import Session

BROKEN = 70
"""EX_SOFTWARE of sysexits.h: a bug must not look like findings."""


class DefectError(AnnexdError):
    """annexd itself broke."""

    exit_code = BROKEN


def report(error: AnnexdError, cli_session: Session) -> None:
    """Write an error on stderr, for people or as JSON."""
    if cli_session.json:
        import json

        fields = {"what": error.what, "so": error.so, "to_mend": error.mend, "to_fix": error.mend}
        sys.stderr.write(json.dumps({"error": {**fields, "exit_code": error.exit_code}}) + "\n")
        return
    from collector.core.plain_text import safe

    for line in error.lines():
        for part in line.split("\n"):
            sys.stderr.write(safe(part) + "\n")


def report_usage(error: ClickException, cli_session: Session) -> int:
    """Write on stderr what was wrong about the words of a command, and return the exit code."""
    if cli_session.json:
        from collector.core.errors import UsageError

        context = getattr(error, "ctx", None)
        command = "annexd" if context is None else context.command_path
        named = type(error).__name__ != "NoArgsIsHelpError"
        what = error.format_message() if named else f"{command}: no command is named"
        report(UsageError(what, mend=f"{command} --help explains it"), cli_session)
    else:
        error.show()
    return int(getattr(error, "exit_code", 2))


def broke(error: Exception, cli_session: Session) -> int:
    """Say that the defect is annexd's; where it is only on demand, because a traceback helps nobody at night."""
    from collector.cli.terminal.session import LogLevel

    wrapped = DefectError(
        f"annexd broke: {type(error).__name__}: {error}",
        so="this is a defect of annexd; what was recorded before it is kept",
        mend="run it again with --log-level debug, and report what it shows",
    )
    report(wrapped, cli_session)
    if cli_session.log_level is LogLevel.DEBUG:
        import logging

        cli_session.log()
        logging.getLogger(__name__).debug("where it broke", exc_info=error)
    return BROKEN
