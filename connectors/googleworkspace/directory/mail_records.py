"""What a domain says in the DNS about mail in its name: SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from ipaddress import ip_network

from msgspec import Struct

_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_NARROW = re.compile(r"\+?(?:a|mx)(?::[^/]+)?(?:/(\d{1,2}))?(?://(\d{1,3}))?", re.IGNORECASE)
_WIDEST = 8
"""Of a prefix that is shorter, somebody's own network is not what is meant."""

_ALL = re.compile(r"([+?~-]?)all", re.IGNORECASE)
_REFUSING = frozenset({"quarantine", "reject"})


class Records(Struct, frozen=True, kw_only=True):
    """The records of one kind that a name has."""

    name: str
    texts: tuple[str, ...]


class Says(Enum):
    """What a domain says, as far as it is understood."""

    GOOD = "good"
    BAD = "bad"
    UNCLEAR = "unclear"


Said = tuple[Says, str]


def plain_text(data: str) -> str:
    """Return the text of a TXT record, which a resolver may give in quoted pieces."""
    return "".join(_TEXT.findall(data)) if data.startswith('"') else data


def spf_redirect(text: str) -> str | None:
    """Return the name whose record decides instead of this one, or None; `all` comes before it.

    A name with a macro is another one for each mail.
    """
    terms = text.split()
    if any(_ALL.fullmatch(term) for term in terms):
        return None
    return next((term[9:] for term in terms if term.lower().startswith("redirect=") and "%" not in term), None)


def spf(chain: Sequence[Records]) -> Said:
    """Return what the record at the end of a chain of redirections says of all other senders."""
    last = chain[-1]
    if len(last.texts) != 1:
        many = "several SPF records, of which receivers take none" if last.texts else "no SPF record"
        return Says.BAD, f"{last.name} has {many}"
    qualifiers = [match[1] for term in last.texts[0].split() if (match := _ALL.fullmatch(term))]
    if not qualifiers:
        if "redirect=" in last.texts[0].lower():
            return Says.UNCLEAR, f"the SPF record of {last.name} leads on further than was read"
        return Says.BAD, f"the SPF record of {last.name} says nothing of other senders"
    if qualifiers[0] in {"-", "~"}:
        return _of_named(last)
    return Says.BAD, f"the SPF record of {last.name} lets every other sender through ({qualifiers[0]}all)"


def _of_named(records: Records) -> Said:
    """Return whether those whom a record names are somebody, and not everybody: RFC 7208, section 5."""
    ranges: list[str] = []
    for term in records.texts[0].split():
        mechanism, _, value = term.lstrip("+").partition(":")
        match mechanism.lower():
            case "ip4" | "ip6":
                ranges.append(value)
            case _ if (found := _NARROW.fullmatch(term)) and min(int(found[1] or 32), int(found[2] or 128)) < _WIDEST:
                return Says.BAD, f"the SPF record of {records.name} lets whole networks through ({term})"
    try:
        networks = [ip_network(value, strict=False) for value in ranges]
    except ValueError:
        return Says.UNCLEAR, f"the SPF record of {records.name} has an address that is none"
    share = sum(network.num_addresses / 2**network.max_prefixlen for network in networks)
    if share >= 2**-_WIDEST:
        return Says.BAD, f"the SPF record of {records.name} lets {share:.1%} of all addresses through"
    return Says.GOOD, ""


def sends_no_mail(chain: Sequence[Records]) -> bool:
    """Whether the SPF record allows no sender at all."""
    return len(chain) == 1 and [text.lower().split() for text in chain[0].texts] == [["v=spf1", "-all"]]


def dkim(selectors: Sequence[Records]) -> Said:
    """Return whether one of the selectors has a key. Which other selectors there are, the DNS does not tell."""
    keys = [tags for records in selectors for text in records.texts if (tags := _tags(text)).get("p")]
    # RFC 6376, section 3.6.1: with the flag y mail is not to be treated otherwise than mail that is not signed.
    if any("y" not in tags.get("t", "").lower().split(":") for tags in keys):
        return Says.GOOD, ""
    if keys:
        return Says.BAD, "the DKIM keys that were found are in test mode, so that receivers take mail for unsigned"
    names = ", ".join(records.name for records in selectors) or "any selector"
    return Says.UNCLEAR, f"no DKIM key was found at {names}; if another selector is in use, name it in dkim_selectors"


def dmarc(names: Sequence[Records], listed: frozenset[str]) -> Said:
    """Return what the first of the names that has a record says: the domain's own, or that of a domain above it.

    `listed` are the domains of the company. Of a domain above that is not among them, it is not known whether
    receivers take its word: that depends on which names anybody may register a domain below.
    """
    found = next(((place, records) for place, records in enumerate(names) if records.texts), None)
    if found is None:
        return Says.BAD, f"{names[0].name} has no DMARC record"
    place, records = found
    if len(records.texts) != 1:
        return Says.BAD, f"{records.name} has several DMARC records, of which receivers take none"
    tags = _tags(records.texts[0])
    policy = (tags.get("sp") if place else None) or tags.get("p", "")
    if policy.lower() not in _REFUSING:
        return Says.BAD, f"the DMARC policy of {records.name} is {policy or 'missing'}, so forged mail is delivered"
    if tags.get("t", "n").lower() == "y" and policy.lower() == "quarantine":
        # RFC 9989: in test mode receivers apply the policy one step below.
        return Says.BAD, f"the DMARC policy of {records.name} is quarantine in test mode, so forged mail is delivered"
    if tags.get("pct", "100") != "100":
        return Says.BAD, f"the DMARC policy of {records.name} is for {tags['pct']} percent of forged mail only"
    if place and records.name.removeprefix("_dmarc.") not in listed:
        return Says.UNCLEAR, f"only {records.name} has a DMARC record, and that is no domain of the company here"
    return Says.GOOD, ""


def _tags(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(";") if "=" in part)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
