"""Options that say which part of the estate a command is about."""

from __future__ import annotations

from typing import Annotated

import typer

SourceOption = Annotated[list[str] | None, typer.Option("--source", "-s", help="Only this source; may be repeated.")]
ServiceOption = Annotated[
    list[str] | None, typer.Option("--service", help="Only the kinds of this service, such as iam; may be repeated.")
]
CheckOption = Annotated[list[str] | None, typer.Option("--check", help="Only what this check needs; may be repeated.")]
