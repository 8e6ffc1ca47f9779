"""`annexd init`: a configuration to begin with, from what is found on this machine."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from collector.actions.first_config import found
from collector.cli.terminal.session import session
from collector.core.errors import ConfigError
from collector.core.plain_text import plural

_HEAD = """\
# What annexd looks at, and where it keeps what it saw. Every setting with its meaning: annexd config example
# annexd config check   reads this file and asks nobody
# annexd doctor         asks each platform for a little, and says what is missing
# annexd scan           looks, judges, keeps

[store]
url = "sqlite:///annexd.db"  # relative to this file; its key is written beside it: back both up, apart from each other

[frameworks]
use = ["iso27001:2022"]
"""


def init(ctx: typer.Context) -> None:
    """Write a configuration from what is found here.

    AWS profiles and tokens in the environment become sources; a file that is there already is left alone.
    """
    cli_session = session(ctx)
    from collector.cli.terminal.page import page, print_json
    from collector.setup.config import chosen_path
    from collector.setup.loading import builtin

    path = chosen_path(cli_session.config)
    tables = list(found(os.environ, Path.home(), builtin()))
    sources = sum(table.startswith("[sources.") for table in tables)
    write(path, "\n".join([_HEAD, *tables]))
    if cli_session.json:
        print_json({"file": str(path), "sources": sources})
        return
    out = page()
    if sources:
        out.line(
            f"Wrote {path} with {plural(sources, 'source')}. Read it, and take out what annexd should not look at."
        )
    else:
        out.line(f"Wrote {path}. No credentials were found here, so there is nothing to look at yet:")
        out.line("take the # away from the lines of a platform in it, and fill them in.", indent=2)
    out.head("Where to go on")
    given = f" -c {path}" if cli_session.config is not None else ""
    out.verbatim(
        [
            f"annexd{given} permissions CONNECTOR   what each platform has to grant",
            f"annexd{given} doctor                  what is missing",
            f"annexd{given} scan                    look, judge, keep",
            f"annexd{given} next                    what to do next, at any time",
        ],
        indent=2,
    )


def write(path: Path, text: str) -> None:
    """Write a file that only its owner may read. Raises ConfigError where there is one already."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise ConfigError(
            f"{path} is there already, and stays as it is", mend="move it, or name another one with --config"
        ) from error
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}", mend="name another place with --config"
        ) from error
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
