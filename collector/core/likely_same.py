"""Whether two names are likely the same person in another spelling."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")

_APART = 1
"""Letters that two words of some length may differ by."""

_LONG = 4
"""Letters from which on a word that differs by one letter is taken for another spelling."""

_LETTERS = {"ß": "ss", "ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe"}

_TITLES = frozenset({"dr", "prof", "mr", "mrs", "ms", "ing", "dipl", "herr", "frau"})


def likely_same(one: str, other: str) -> bool:
    """Return whether two names are likely of the same person.

    Case, accents, order, titles, addresses and initials do not tell two people apart, and neither does one letter of a
    longer word. Where one name is only a part of the other, they are taken for the same: whoever means two people
    can write both names out.
    """
    left, right = _words(one), _words(other)
    if not left or not right:
        return True
    few, many = sorted((left, right), key=len)
    if len(few) == 1 and few[0] in _handles(many):
        return True
    rest = list(many)
    for word in few:
        match = next((candidate for candidate in rest if _alike(word, candidate)), None)
        if match is None:
            return False
        rest.remove(match)
    return True


def _handles(words: list[str]) -> set[str]:
    """Return the words that people make of a name to sign in: `annsommer`, `asommer`, `soma`."""
    pairs = [(first, last) for first in words for last in words if first is not last]
    return {made for first, last in pairs for made in (first + last, first[0] + last, first + last[0])}


def _words(name: str) -> list[str]:
    """Return the words of a name in plain letters, the longest first; of an address what stands before the at sign."""
    plain = "".join(_LETTERS.get(letter, letter) for letter in name.casefold().partition("@")[0])
    for digraph, letter in (("ae", "a"), ("oe", "o"), ("ue", "u")):
        plain = plain.replace(digraph, letter)
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(letter))
    return sorted((word for word in _WORD.findall(plain) if word not in _TITLES), key=len, reverse=True)


def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    if min(len(one), len(other)) == 1:
        return one[0] == other[0]
    return min(len(one), len(other)) >= _LONG and _distance_is_one(one, other)


def _distance_is_one(one: str, other: str) -> bool:
    """Whether one letter more, less or other, or two swapped ones, make one word the other."""
    if abs(len(one) - len(other)) > _APART:
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
