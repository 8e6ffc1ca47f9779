"""Sampling: at random and repeatable, or by keys or days that the auditor names.

The seed is the SHA-256 of three lines: the root of a signed checkpoint, the auditor's nonce, the digest of the
population. Each line of the population is ranked by the SHA-256 of the seed and the line; the first ones are drawn.
Nobody can choose the draw who does not choose the nonce, and the auditor chooses it after the root is signed.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.core.errors import UsageError
from collector.setup.toml_file import would_do

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.bundle.sampling.population import Item, Population

DRAW = "draw"
"""The act of a sample in the log."""


class Draw(Struct, frozen=True, kw_only=True):
    """A sample. `how` is size, items or dates; `by` the field of the strata; `seed` is set for random samples."""

    how: str
    size: int
    by: str
    nonce: str
    root: str
    seed: str
    asked: tuple[str, ...]
    drawn: tuple[Item, ...]


def seed_of(root: str, nonce: str, digest: str) -> bytes:
    """Return the seed: SHA-256 over root, nonce and digest of the population, each with a line feed."""
    return sha256(f"{root}\n{nonce}\n{digest}\n".encode("utf-8", "surrogatepass")).digest()


def rank(seed: bytes, line: bytes) -> bytes:
    """Return what a line is ordered by."""
    return sha256(seed + line).digest()


def by_chance(found: Population, *, size: int, nonce: str, root: str, by: str = "") -> Draw:
    """Draw so many items, or so many of each value of a field. Raises UsageError where there is no such field."""
    _known_field(found, by)
    seed = seed_of(root, nonce, found.digest)
    strata: defaultdict[str, list[Item]] = defaultdict(list)
    for item in found.items:
        strata[_value(item, by)].append(item)
    drawn = [
        item
        for _, stratum in sorted(strata.items())
        for item in sorted(stratum, key=lambda item: rank(seed, item.line))[:size]
    ]
    return Draw(how="size", size=size, by=by, nonce=nonce, root=root, seed=seed.hex(), asked=(), drawn=tuple(drawn))


def by_name(found: Population, keys: Sequence[str]) -> Draw:
    """Take the items with these keys. Raises UsageError on a key that the population does not have."""
    drawn: list[Item] = []
    known = [item.key for item in found.items]
    for key in keys:
        matching = [item for item in found.items if item.key == key]
        if not matching:
            raise UsageError(f"the population has no item {key!r}", mend=would_do(key, known, "its items are"))
        drawn += matching
    return _picked("items", tuple(keys), drawn)


def by_day(found: Population, days: Sequence[date]) -> Draw:
    """Take what happened on these days, UTC; of a state, what was seen first on them."""
    wanted = set(days)
    drawn = [item for item in found.items if _day(item) in wanted]
    return _picked("dates", tuple(str(day) for day in days), drawn)


def _picked(how: str, asked: tuple[str, ...], drawn: list[Item]) -> Draw:
    return Draw(how=how, size=len(drawn), by="", nonce="", root="", seed="", asked=asked, drawn=tuple(drawn))


def _day(item: Item) -> date | None:
    at = item.happened_at or item.seen_from
    return None if at is None else at.date()


def _known_field(found: Population, by: str) -> None:
    fields = {"source", "scope", *(name for item in found.items for name in item.fields)}
    if by and found.items and by not in fields:
        raise UsageError(f"the items have no field {by!r}", mend=would_do(by, sorted(fields), "the fields are"))


def _value(item: Item, by: str) -> str:
    places = {"": "", "source": item.source, "scope": "/".join(item.scope)}
    return places[by] if by in places else item.fields.get(by, "")
