"""Patterns of policies: `*`, `?` and policy variables, as AWS matches them against the text of a request.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

# A pattern is text in which these stand for wildcards, so that a literal `*` differs from one that matches. Policies
# with characters of this private range are not read (`statements`).
_STAR, _ONE = "\ue010", "\ue011"
RESERVED = re.compile(r"[\ue010-\ue01f]")

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_SPECIAL = {"*": "*", "?": "?", "$": "$"}
_ARN_FIELDS = 6

Lookup = Callable[[str], "str | None"]
"""The single value of a context key in lower case; None where the request has none. Raises Unresolved."""


class Unresolved(Exception):
    """The value of a policy variable is not known, so a pattern with it may match anything."""


class Missing(Exception):
    """A policy variable has no value in the request and no default, so nothing can match."""


def pattern_of(text: str, *, wildcards: bool, lookup: Lookup | None) -> str:
    """Return the pattern that a policy's text stands for.

    `lookup` gives the values of policy variables; None for a policy of a version that has none, where `${` is plain
    text. Raises Unresolved and Missing.
    """
    if lookup is None:
        return _with_wildcards(text) if wildcards else text
    parts: list[str] = []
    end = 0
    for match in _VARIABLE.finditer(text):
        parts.append(_with_wildcards(text[end : match.start()]) if wildcards else text[end : match.start()])
        parts.append(_variable(match[1], lookup))
        end = match.end()
    parts.append(_with_wildcards(text[end:]) if wildcards else text[end:])
    return "".join(parts)


def variables_in(text: str) -> list[str]:
    """Return the context keys, in lower case, whose values a text asks for as policy variables."""
    names = (match[1].strip() for match in _VARIABLE.finditer(text))
    return [name.partition(",")[0].strip().lower() for name in names if name not in _SPECIAL]


def _with_wildcards(text: str) -> str:
    return text.replace("*", _STAR).replace("?", _ONE)


def _variable(name: str, lookup: Lookup) -> str:
    if name in _SPECIAL:
        return _SPECIAL[name]
    key, comma, rest = name.partition(",")
    default = rest.strip()
    if not key or (
        comma and (len(default) < len("''") or default[0] != "'" or default.find("'", 1) != len(default) - 1)
    ):
        raise Unresolved
    value = lookup(key.strip().lower())
    if value is not None:
        return value
    if not comma:
        raise Missing
    return default[1:-1]


def matches_pattern(pattern: str, text: str) -> bool:
    """Whether a pattern of `pattern_of` matches a text, with regard to case.

    Looks for what stands between two stars at the first place behind the one before, which never has to be taken back,
    so that it takes about the sum of both lengths, whatever the pattern: policies are written by others.
    """
    beginning = pattern.partition(_STAR)[0]
    if _ONE not in pattern:
        # Most patterns are a text, or the beginning of one.
        if beginning == pattern:
            return pattern == text
        if not text.startswith(beginning):
            return False
        if len(beginning) + 1 == len(pattern):
            return True
    first, *middle = pattern.split(_STAR)
    if not middle:
        return len(first) == len(text) and _is_at(first, text, 0)
    last = middle.pop()
    end = len(text) - len(last)
    if len(first) > end or not _is_at(first, text, 0) or not _is_at(last, text, end):
        return False
    start = len(first)
    for part in middle:
        place = _find(part, text, start, end)
        if place < 0:
            return False
        start = place + len(part)
    return True


def _is_at(part: str, text: str, place: int) -> bool:
    if _ONE not in part:
        return text.startswith(part, place)
    return all(wanted in (_ONE, letter) for wanted, letter in zip(part, text[place:], strict=False))


def _find(part: str, text: str, start: int, end: int) -> int:
    """Return the first place of a part without stars between two places of a text; -1 for none."""
    if _ONE not in part:
        return text.find(part, start, end)
    # Bit n of `begun` says that the part's first n + 1 letters are those up to here: one step a letter of the text.
    places, anything = _places(part)
    begun, whole = 0, 1 << (len(part) - 1)
    for place in range(start, end):
        begun = (begun << 1 | 1) & places.get(text[place], anything)
        if begun & whole:
            return place - len(part) + 1
    return -1


@lru_cache(256)
def _places(part: str) -> tuple[dict[str, int], int]:
    """Return for each letter where a part may have it, as bits, and for all other letters."""
    anything = sum(1 << place for place, letter in enumerate(part) if letter == _ONE)
    places = dict.fromkeys(part, anything)
    for place, letter in enumerate(part):
        places[letter] |= 1 << place
    return places, anything


def is_arn_pattern(pattern: str) -> bool:
    """Whether a pattern has the six fields of an ARN, or ends with a star that stands for those that follow.

    What AWS does with another text where it compares ARNs is not documented.
    """
    fields = pattern.split(":", _ARN_FIELDS - 1)
    return len(fields) == _ARN_FIELDS or fields[-1].endswith(_STAR)


def matches_arn(pattern: str, text: str) -> bool:
    """Whether a pattern matches an ARN as ArnLike does: each of the six fields by itself.

    The star at the end of a pattern with fewer fields stands for all that follow, as `*` does for any ARN.
    """
    fields, values = pattern.split(":", _ARN_FIELDS - 1), text.split(":", _ARN_FIELDS - 1)
    if len(values) < _ARN_FIELDS:
        return False
    fields += [_STAR] * (_ARN_FIELDS - len(fields))
    return all(map(matches_pattern, fields, values))


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern with `*` and `?` matches a text, without regard to case and without policy variables."""
    return matches_pattern(_with_wildcards(pattern.lower()), text.lower())


def is_wildcard(pattern: str) -> bool:
    """Whether a pattern consists of stars only, and so matches every text."""
    return pattern != "" and set(pattern) == {"*"}


def has_wildcard(pattern: str) -> bool:
    """Whether a pattern may match more than one text."""
    return "*" in pattern or "?" in pattern


def filled(pattern: str, text: str = "any0") -> str:
    """Return a text that a pattern matches: each `*` becomes `text`, each `?` an x."""
    return pattern.replace("*", text).replace("?", "x")
