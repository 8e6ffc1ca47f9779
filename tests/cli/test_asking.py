"""The moments that people name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import typer

from collector.cli.terminal.options import moment_of
from collector.core.plain_text import plural, show_age

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-30", datetime(2026, 3, 30, 23, 59, 59, 999999, tzinfo=UTC)),
        ("2026-03-31", NOW),
        ("2026-03-30T12:00:00Z", datetime(2026, 3, 30, 12, tzinfo=UTC)),
        ("2026-03-30T12:00:00+02:00", datetime(2026, 3, 30, 10, tzinfo=UTC)),
    ],
)
def test_a_day_is_its_end(text: str, moment: datetime) -> None:
    """Whoever asks for a day means everything that was seen on it."""
    assert moment_of(text, NOW) == moment


@pytest.mark.parametrize(
    "text", ["2026-04-01", "2026-03-31T13:00:00Z", "9999-12-31", "yesterday", "2026-03-30T12:00:00", ""]
)
def test_a_moment_that_cannot_be_is_refused(text: str) -> None:
    """A time without a zone means another moment to each reader, and of tomorrow nobody has seen anything."""
    with pytest.raises(typer.BadParameter):
        moment_of(text, NOW)


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=-5), "0s"),
        (timedelta(seconds=90), "90s"),
        (timedelta(minutes=3), "3m"),
        (timedelta(hours=26), "26h"),
        (timedelta(days=90), "90d"),
    ],
)
def test_an_age_is_as_rough_as_a_person_would_say_it(span: timedelta, said: str) -> None:
    """Seconds of a quarter of a year are noise; a clock that went back makes no negative age."""
    assert show_age(span) == said


def test_one_is_not_several() -> None:
    """Small, and read on every page."""
    assert (plural(1, "check"), plural(0, "check"), plural(2, "entry", "entries")) == (
        "1 check",
        "0 checks",
        "2 entries",
    )
