"""Where a line of a page may break: long names at their punctuation, and never inside a run of digits.

An account number that is cut in two is another number to whoever reads it. A style sheet cannot say "not between two
digits", so long words get places to break (`<wbr>`, which is not copied), days and moments are kept in one piece, and
the style sheet breaks no word by itself.
"""

from __future__ import annotations

import re
from functools import lru_cache

_SKIPPED = re.compile(r"(<(style|title|textarea|option|svg)\b[^>]*>.*?</\2>|<[^>]*>)", re.DOTALL)
"""What is not text of the page: tags, the style sheet, drawings, and elements that hold text alone."""

_LONG = re.compile(r"(?:[^\s<>&;]|&(?:#\d+|[a-z]+);){25,}")
"""A word that may be wider than its column. An escaped letter such as `&#39;` is one letter and stays in one piece."""

_MOMENT = re.compile(r"(?<!\d)(\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?:[\d:.]*\d)?(?:Z|[+-]\d\d:\d\d)?)?)(?!\d)")
_SHORT = 10
"""Letters of a text in which there is neither a long word nor a day."""

_LETTER = re.compile(r"&(?:#\d+|[a-z]+);|.", re.DOTALL)
_BEFORE = frozenset("({[@")
_AFTER = frozenset("/:._-+,;|=)}]")
_BEFORE_DIGITS = frozenset("/:_=,;|")
_LONGEST = 24
"""Letters without a place to break; a column of a telephone holds as many."""

_BREAK = "<wbr>"


def with_line_breaks(page: str) -> str:
    """Return an HTML page with places to break in its long words. Every `<` in it begins a tag, as escaping ensures."""
    parts = _SKIPPED.split(page)
    # Text, tag and the name of a skipped element take turns.
    del parts[2::3]
    parts[::2] = [_text(part) for part in parts[::2]]
    return "".join(parts)


def _text(text: str) -> str:
    """Return a text with places to break, and each day or moment in one piece."""
    if len(text) < _SHORT:
        return text
    pieces = _MOMENT.split(text)
    if len(pieces) == 1:
        return _LONG.sub(_broken, text)
    pieces[::2] = [_LONG.sub(_broken, piece) for piece in pieces[::2]]
    pieces[1::2] = [f'<span class="num">{piece}</span>' for piece in pieces[1::2]]
    return "".join(pieces)


def _broken(found: re.Match[str]) -> str:
    return _word(found[0])


@lru_cache(maxsize=8192)
def _word(word: str) -> str:
    letters = ["", *_LETTER.findall(word), ""]
    made: list[str] = []
    length = 0
    for before, here, there in zip(letters, letters[1:], letters[2:], strict=False):
        made.append(here)
        length += 1
        if there and _may_break(before, here, there, length):
            made.append(_BREAK)
            length = 0
    return "".join(made)


def _may_break(before: str, here: str, there: str, length: int) -> bool:
    if here.isdigit() and there.isdigit():
        return False
    if here in _AFTER:
        # 10.0.0.0/8, 2026-03-01 and 12:55 stay whole.
        return not there.isdigit() or (here in _BEFORE_DIGITS and not before.isdigit())
    if there in _BEFORE:
        return True
    return length >= _LONGEST and here not in _BEFORE and there not in _AFTER
