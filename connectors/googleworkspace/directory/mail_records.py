"""What a domain says in the DNS about mail in its name: SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

from msgspec import Struct

from connectors._network.spf import spf_of

_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
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


def spf(chain: Sequence[Records]) -> Said:
    """Return what the record at the end of a chain of redirections says of all other senders."""
    found = spf_of([records.texts for records in chain])
    if found.wrong:
        return Says.BAD, f"{chain[-1].name}: {'; '.join(found.wrong)}"
    return (Says.UNCLEAR, f"{chain[-1].name}: {found.left_open}") if found.left_open else (Says.GOOD, "")


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
