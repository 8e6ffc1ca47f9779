"""What the record of SPF of a domain says by itself. What it includes from other domains is not looked up.

https://www.rfc-editor.org/rfc/rfc7208
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

_LOOKED_UP = re.compile(r"[+?~-]?(?:include:|a(?:[:/]|$)|mx(?:[:/]|$)|ptr(?::|$)|exists:)|redirect=")
_MOST_LOOK_UPS = 10
"""How many a receiver makes before the whole record is an error, and counts as none."""

_ADDRESSES = re.compile(r"\+?(ip[46]):(.+)")
_LARGEST = {"ip4": 8, "ip6": 16}
"""The largest network that one company has, by the length of its prefix; more than that is the internet."""


def spf_faults(records: Sequence[str]) -> tuple[list[str], str]:
    """Return what is wrong with the records of a domain, and what is left open by them; both may be empty."""
    if not records:
        return ["there is no SPF record"], ""
    if len(records) > 1:
        return [f"there are {len(records)} SPF records, so that none counts"], ""
    terms = records[0].lower().split()[1:]
    ends = [number for number, term in enumerate(terms) if term in {"all", "+all", "-all", "~all", "?all"}]
    # Nothing behind `all` is looked at, and a redirect only where there is none.
    used = [term for term in terms[: ends[0]] if not term.startswith("redirect=")] if ends else terms
    number = sum(_LOOKED_UP.match(term) is not None for term in used)
    if number > _MOST_LOOK_UPS:
        return [f"SPF takes {number} look-ups at least, of which {_MOST_LOOK_UPS} are allowed, so that it fails"], ""
    if odd := [term for term in used if _ADDRESSES.fullmatch(term) and _network(term) is None]:
        return [], f"{odd[0]} in the SPF record is no address, by which receivers may drop the whole record"
    wrong = [f"SPF lets everybody in by {term}" for term in used if _is_everybody(term)]
    if _is_split(used):
        wrong.append("SPF lets everybody in by its networks together")
    if wrong:
        return wrong, ""
    if ends and terms[ends[0]] in {"-all", "~all"}:
        return [], ""
    if not ends and any(term.startswith("redirect=") for term in terms):
        return [], "SPF goes on in the record of another domain, which is not read"
    return [f"SPF ends with {terms[ends[0]] if ends else 'no rule for all others'}"], ""


def _network(term: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """Return the network that a term lets in; None for another term, or for what is no network."""
    found = _ADDRESSES.fullmatch(term)
    try:
        return None if found is None else ipaddress.ip_network(found[2], strict=False)
    except ValueError:
        return None


def _is_everybody(term: str) -> bool:
    network = _network(term)
    return network is not None and network.prefixlen < _LARGEST[f"ip{network.version}"]


def _is_split(terms: Sequence[str]) -> bool:
    """Whether networks that are each small enough are too large together."""
    networks = [network for term in terms if (network := _network(term)) is not None]
    return any(
        sum(2.0**-each.prefixlen for each in set(networks) if f"ip{each.version}" == family) > 8 * 2.0**-longest
        for family, longest in _LARGEST.items()
    )
