"""How long a command waits for another process, as an option."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from collector.core.spans import parse_span


def parsed_span(said: str | timedelta) -> timedelta:
    """Return the span of time that an option names. Raises BadParameter that shows how one is written."""
    if isinstance(said, timedelta):  # the default, which Typer hands to the parser as well
        return said
    try:
        return parse_span(said)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


WAIT = timedelta(minutes=1)

WaitOption = Annotated[
    timedelta,
    typer.Option(
        "--wait",
        help="How long to wait for another process that writes; 1m where left out.",
        parser=parsed_span,
        metavar="SPAN",
        show_default=False,
    ),
]
"""Its default is WAIT. Click would show it as 0:01:00, which nobody types."""
