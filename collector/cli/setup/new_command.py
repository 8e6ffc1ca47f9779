"""`annexd new`: packages to begin with, for those who extend annexd."""

from __future__ import annotations

import keyword
import re
from pathlib import Path
from string import Template
from typing import Annotated

import typer

from collector.cli.terminal.session import session
from collector.core.errors import UsageError

TEMPLATE = Path(__file__).parent / "connector_template"
"""The files of a new package, each with `.txt` after its name; `package` stands for its importable folder."""

new = typer.Typer(no_args_is_help=True, help="Write a package to begin with.")


@new.callback()
def group() -> None:
    """Write a package to begin with."""


@new.command("connector")
def new_connector(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What a source names it by, such as acme: a-z, 0-9 and _.")],
    folder: Annotated[
        Path | None, typer.Option("--dir", help="Where to write it.", show_default="annexd-NAME, in this folder")
    ] = None,
) -> None:
    """Write a package with a connector, checks and a harness for the contract suite, all of them green.

    The platform in it is an example, to be replaced step by step. Nothing that is there already is written over.

    Example: annexd new connector acme
    """
    cli_session = session(ctx)
    from collector.cli.terminal.page import page, print_json

    where = folder or Path(f"annexd-{name}")
    written = write_package(name, where)
    if cli_session.json:
        print_json({"folder": str(where), "files": written})
        return
    out = page()
    out.line(f"Wrote {len(written)} files to {where}:")
    out.verbatim(written, indent=2)
    out.head("Where to go on")
    steps = {
        f"pip install --no-deps -e {where}": "in the environment that annexd is installed in",
        f"cd {where} && pytest": "its checks and the contract suite, with pytest installed there too",
        f"annexd permissions {name}": "what it asks for",
    }
    width = max(map(len, steps))
    out.verbatim((f"{command:<{width}}   {what}" for command, what in steps.items()), indent=2)


def write_package(name: str, folder: Path) -> list[str]:
    """Write the package and return its files, relative to the folder. Raises UsageError where it cannot be written."""
    from collector.cli.setup.new_folder import write_new_folder
    from collector.setup.loading import builtin

    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise UsageError(f"{name!r} cannot be the name of a connector", mend="use a-z, 0-9 and _, such as acme_cloud")
    if name in builtin():
        raise UsageError(f"annexd has a connector called {name} itself", mend="give yours another name")
    words = {"name": name, "title": name.replace("_", " ").title(), "upper": name.upper()}
    files = {
        "/".join(_part(part, name) for part in path.relative_to(TEMPLATE).parts): Template(
            path.read_text("utf-8")
        ).substitute(words)
        for path in sorted(TEMPLATE.rglob("*.txt"))
    }
    write_new_folder(folder, files)
    return list(files)


def _part(part: str, name: str) -> str:
    return f"src/annexd_{name}" if part == "package" else part.removesuffix(".txt")
