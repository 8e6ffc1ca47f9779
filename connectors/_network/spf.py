"""What the SPF records of a domain say by themselves. What they include from other domains is not looked up.

RFC 7208, https://www.rfc-editor.org/rfc/rfc7208
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from connectors._network.ranges import interval, public_part, ranges_of

_RECORD = re.compile(r"v=spf1(?:\s|$)", re.IGNORECASE)
_ALL = re.compile(r"([+?~-]?)all")
_LOOKED_UP = re.compile(r"[+?~-]?(?:include:|a(?:[:/]|$)|mx(?:[:/]|$)|ptr(?::|$)|exists:)|redirect=")
_MOST_LOOK_UPS = 10
"""How many a receiver makes before the whole record is an error, and counts as none."""

_ADDRESSES = re.compile(r"[+?]?ip[46]:(.+)")
_WIDTHS = r"(?:/(?:\d|[12]\d|3[0-2]))?(?://(?:\d|[1-9]\d|1[01]\d|12[0-8]))?"
_TERM = re.compile(
    rf"[+?~-]?(?:all|include:.+|(?:a|mx)(?::[^/]+)?{_WIDTHS}|ptr(?::.+)?|exists:.+|ip4:[\d.]+(?:/\d+)?"
    r"|ip6:[\da-f:.]+(?:/\d+)?)|[a-z][a-z0-9._-]*=.*"
)
"""A mechanism or a modifier; those of other names are modifiers of the future, and are passed over."""

_AROUND = re.compile(r"[+?]?(?:a|mx)(?::[^/]+)?(?:/(\d{1,2}))?(?://(\d{1,3}))?")
_SHORTEST = {4: 8, 6: 17}
"""The shortest prefix of a network that somebody has alone; a few companies have a /8."""

_INTERNET = 2.0**-7
"""From this part of all public addresses on, a record names no senders any more: it is more than one /8."""


class Spf(NamedTuple):
    """What is wrong with the records, and what they leave open; both may be empty."""

    wrong: list[str]
    left_open: str


def is_spf(text: str) -> bool:
    """Whether a TXT record is one of SPF; any other version, or a mark behind it, makes it none."""
    return _RECORD.match(text) is not None


def spf_of(chain: Sequence[Sequence[str]]) -> Spf:
    """Judge the records of a domain; behind them, those of each domain that they were followed to by `redirect`."""
    chain = [[text for text in records if is_spf(text)] for records in chain]
    for records in chain:
        if not records:
            return Spf(["there is no SPF record"], "")
        if len(records) > 1:
            return Spf([f"there are {len(records)} SPF records, so that none counts"], "")
    last = chain[-1]
    ends = [found[1] for term in _terms(last) if (found := _ALL.fullmatch(term))]
    # A redirect is followed for senders that no term before it names: what those terms let through counts too.
    used = [term for records in chain for term in _used(records)]
    number = sum(_LOOKED_UP.match(term) is not None for term in used)
    if number > _MOST_LOOK_UPS:
        return Spf(
            [f"SPF takes {number} look-ups at least, of which {_MOST_LOOK_UPS} are allowed, so that it fails"], ""
        )
    if odd := [term for records in chain for term in _terms(records) if _is_odd(term)]:
        return Spf([], f"{odd[0]} in the SPF record is no term of SPF, by which receivers may drop the whole record")
    if wrong := _too_wide(used):
        return Spf(wrong, "")
    return _of_others(ends, _used(last))


def _of_others(ends: Sequence[str], used: Sequence[str]) -> Spf:
    """Judge what a record says of all senders that it does not name; `ends` are the qualifiers of its `all`."""
    if ends and ends[0] in {"-", "~"}:
        return Spf([], "")
    if ends:
        return Spf([f"SPF ends with {ends[0]}all, so that every other sender gets through"], "")
    if any(term.startswith("redirect=") for term in used):
        return Spf([], "SPF goes on in the record of another domain, which is not read")
    return Spf(["SPF says nothing of all other senders"], "")


def redirect_of(record: str) -> str | None:
    """Return the domain whose record decides instead of this one, or None; a macro makes it another for each mail."""
    return next((term[9:] for term in _used([record]) if term.startswith("redirect=") and "%" not in term), None)


def _used(records: Sequence[str]) -> list[str]:
    """Return the terms that receivers look at: none behind `all`, and a redirect only where there is no `all`."""
    terms = _terms(records)
    end = next((number for number, term in enumerate(terms) if _ALL.fullmatch(term)), None)
    return terms if end is None else [term for term in terms[:end] if not term.startswith("redirect=")]


def _terms(records: Sequence[str]) -> list[str]:
    return records[0].lower().split()[1:]


def _is_odd(term: str) -> bool:
    """Whether a term is none by the grammar, or names addresses that are none."""
    if _TERM.fullmatch(term) is None:
        return True
    kind, _, value = term.lstrip("+?~-").partition(":")
    if kind not in {"ip4", "ip6"}:
        return False
    found = interval(value)
    return found is None or f"ip{found.version}" != kind


def _too_wide(terms: Sequence[str]) -> list[str]:
    """Return what lets too many senders through: those in it pass, or are neither refused nor marked."""
    wrong = []
    for term in terms:
        if found := _AROUND.fullmatch(term):
            widths = {4: int(found[1] or 32), 6: int(found[2] or 128)}
            if any(width < _SHORTEST[version] for version, width in widths.items()):
                wrong.append(f"SPF lets whole networks through by {term}")
    named = [found[1] for term in terms if (found := _ADDRESSES.fullmatch(term))]
    intervals = [known for text in named if (known := interval(text)) is not None]
    for version in (4, 6):
        part = public_part(version, ranges_of(version, intervals))
        if part >= _INTERNET:
            wrong.append(f"SPF lets {part:.1%} of all IPv{version} addresses through")
    return wrong
