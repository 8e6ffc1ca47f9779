"""Text that people read: names that can do nothing but be read, numbers with their nouns, moments and ages."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from collector.core.spans import show_span

_HARMFUL = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories that move the cursor, turn the direction of writing, or cannot be seen."""


def safe(text: str) -> str:
    """Return text that can do nothing but be read: control, direction and invisible characters become escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(char) if unicodedata.category(char) in _HARMFUL else char for char in text)


def _escaped(char: str) -> str:
    code = ord(char)
    if code <= 0xFF:  # noqa: PLR2004  two digits hold it
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004  four digits hold it


def one_line(text: str) -> str:
    """Return text as one line: what a database says of an error may have several, with tabs."""
    return " ".join(text.split())


def show_moment(moment: datetime) -> str:
    """Write a moment for people, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def show_age(span: timedelta) -> str:
    """Write how long ago something was, as spans are typed: whole days from 2d on, then hours, minutes, seconds."""
    if span >= timedelta(days=2):
        return f"{span.days}d"
    if span >= timedelta(hours=2):
        return f"{int(span.total_seconds() // 3600)}h"
    if span >= timedelta(minutes=2):
        return f"{int(span.total_seconds() // 60)}m"
    return show_span(max(span, timedelta()))


def plural(number: int, noun: str, many: str = "") -> str:
    """Write a number with its noun: `1 task`, `3 tasks`, `2 repositories`. `many` is for phrases with a verb."""
    return f"{number} {noun}" if number == 1 else f"{number} {many or plural_of(noun)}"


def plural_of(noun: str) -> str:
    """Write the plural of a noun: tasks, repositories, bodies, branches."""
    if noun.endswith("y") and noun[-2:-1] not in {"a", "e", "i", "o", "u"}:
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "ch", "sh")) else f"{noun}s"


def first_few(things: Iterable[str], most: int = 8, between: str = ", ") -> str:
    """Join texts, and from more than `most` keep the first and the number of the others: `a, b and 1,298 more`.

    A reason that names a thousand accounts is read by nobody; the evidence has them all.
    """
    every = list(things)
    rest = len(every) - most
    # To say "and 1 more" is no shorter than the one.
    return between.join(every) if rest <= 1 else f"{between.join(every[:most])} and {rest:,} more"


def bounded(text: str, most: int = 2_000) -> str:
    """Return a text as it is, or of a longer one the beginning, up to a comma or semicolon, and how many come after.

    For texts whose author did not think of a thousand things; `first_few` is for those who do.
    """
    if len(text) <= most:
        return text
    head = text[: most // 2]
    between = max(("; ", ", "), key=text.count)
    kept, found, _ = head.rpartition(between)
    if not found:
        return f"{head}... ({len(text):,} characters)"
    rest = text.count(between) - kept.count(between)
    return f"{kept} and {rest:,} more"
