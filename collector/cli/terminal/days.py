"""Days that a command is about, as options."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collector.core.periods import Period


def days_of(first: str, last: str, zone: str) -> Period:
    """Return the period that a person named. Raises BadParameter on what is no day, no zone, or the wrong way round."""
    from datetime import date
    from zoneinfo import ZoneInfo

    from collector.core.periods import period_of

    try:
        where = ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise typer.BadParameter(
            f"there is no time zone {zone!r}; write one such as Europe/Zurich", param_hint="--zone"
        ) from error
    days = []
    for text, option in ((first, "--from"), (last, "--to")):
        try:
            days.append(date.fromisoformat(text))
        except ValueError as error:
            raise typer.BadParameter(f"{text!r} is no day; write one such as 2026-03-31", param_hint=option) from error
    try:
        return period_of(days[0], days[1], where)
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(str(error), param_hint="--to") from error
