"""Tables as CSV (RFC 4180), so that no program that opens them takes a text for anything but a text.

What a spreadsheet would run as a formula gets an apostrophe in front, and what cannot be seen is written out. The JSON
files of the bundle have every text as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collector.core.plain_text import safe

if TYPE_CHECKING:
    from collections.abc import Sequence

_BEGINS = re.compile(r'" *[=+\-@|]')
"""The beginning of a field that some program takes for a formula, in a line whose only quotes are around fields."""

_FORMULA = re.compile(r"[\s\ufeff]*[=+\-@|\t\r\n\x00\uff1d\uff0b\uff0d\uff20]")
"""How a formula begins, for one program or another: OWASP's list, and the bar of an old DDE call."""


def line(cells: Sequence[str]) -> bytes:
    """Return one line of a CSV file."""
    plain = '"' + '","'.join(cells) + '"'
    # Nearly all lines are of this sort, and cell by cell it would take ten times as long.
    is_plain = plain.isascii() and plain.isprintable() and plain.count('"') == 2 * len(cells)
    if is_plain and _BEGINS.search(plain) is None:
        return plain.encode("ascii") + b"\r\n"
    return ('"' + '","'.join(map(harmless, cells)) + '"\r\n').encode()


def harmless(text: str) -> str:
    """Return a text as it is written between the quotes of a field."""
    shown = safe(text).replace('"', '""')
    # Judged before anything is made visible too: an escape must not hide what the text begins with.
    return f"'{shown}" if _FORMULA.match(text) or _FORMULA.match(shown) else shown
