"""The entry point `annexd`, and how each command may end.

Exit codes: 0 ran, nothing found that was asked to count; 1 found; 2 usage; 3 configuration; 4 nothing could be read
from any platform; 5 store; 6 verification; 70 annexd itself broke; 74 stdout could not be written; 130 ended by Ctrl-C;
141 whoever read stdout went away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.cli.terminal.session import Session


def main(args: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; every error ends here, as words. All imports are inside the try."""
    try:
        return _run(args)
    except KeyboardInterrupt:
        return 130


def _run(args: Sequence[str] | None) -> int:
    import sys

    from typer._click.exceptions import ClickException

    from collector.cli.terminal.endings import broke, report, report_usage
    from collector.cli.terminal.session import Session
    from collector.cli.terminal.stdout import ReaderGone, guarded_stdout
    from collector.core.errors import AnnexdError

    words = list(sys.argv[1:] if args is None else args)
    cli_session = Session(json="--json" in words)  # known before the words are read: they may be what is wrong
    try:
        with guarded_stdout():
            return _command(words, cli_session)
    except ClickException as error:
        return report_usage(error, cli_session)
    except ReaderGone as error:
        return error.exit_code
    except AnnexdError as error:
        report(error, cli_session)
        return error.exit_code
    except Exception as error:  # noqa: BLE001  the one place: whatever broke is told as a defect of annexd's own
        return broke(error, cli_session)


def _command(words: list[str], cli_session: Session) -> int:
    from collector.cli.program import app

    try:
        code = app(args=words, prog_name="annexd", obj=cli_session, standalone_mode=False)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        raise RuntimeError(f"the process was ended: {end.code}") from end
    return code if isinstance(code, int) else 0
