"""The populations of a bundle's period from which something was drawn, made again from the store."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from msgspec import Struct

from collector.bundle.sampling.draws import DrawLeaf, draws
from collector.bundle.sampling.population import Item, digest_of, items_of, kinds, moment_of
from collector.core.periods import Period, period_of
from collector.report.state.known import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.bundle.contents import BundleContents


class DrawnFrom(Struct, frozen=True, kw_only=True):
    """A population from which something was drawn, with all draws from it.

    `why` says why it cannot be made again as it was when it was drawn from; empty where it can, and is here.
    `withheld` counts the items that the bundle does not name.
    """

    name: str
    kind: str
    period: Period
    digest: str
    count: int
    gaps: tuple[str, ...]
    items: tuple[Item, ...]
    withheld: int
    draws: tuple[DrawLeaf, ...]
    why: str = ""


def populations(dossier: BundleContents) -> list[DrawnFrom]:
    """Return the populations that reach into the period of the dossier and from which something was drawn."""
    period = dossier.terms.period
    by: dict[tuple[str, str, str], list[DrawLeaf]] = {}
    for one in draws(dossier.store, as_of=dossier.terms.at):
        days = period_of(one.first, one.last, ZoneInfo(one.zone))
        if days.start < period.end and days.end > period.start:
            by.setdefault((one.kind, one.digest, f"{one.first} {one.last} {one.zone}"), []).append(one)
    leaf = dossier.terms.sample
    return [
        _made(dossier, number, mine)
        for number, mine in enumerate(by.values(), start=1)
        if leaf is None or any(draw.leaf == leaf for draw in mine)
    ]


def _made(dossier: BundleContents, number: int, mine: list[DrawLeaf]) -> DrawnFrom:
    first = mine[0]
    period = period_of(first.first, first.last, ZoneInfo(first.zone))
    items, why = _again(dossier, first, period)
    hidden = sum(dossier.is_withheld(item.source, item.kind, item.scope, item.key) for item in items)
    return DrawnFrom(
        name=f"{number:03}-{first.kind}",
        kind=first.kind,
        period=period,
        digest=first.digest,
        count=first.count,
        gaps=first.gaps,
        items=items,
        withheld=hidden,
        draws=tuple(mine),
        why=why,
    )


def _again(dossier: BundleContents, draw: DrawLeaf, period: Period) -> tuple[tuple[Item, ...], str]:
    """Make the population as it was when it was drawn from, and prove that it is the same."""
    kind = kinds(dossier.reading).get(draw.kind)
    if kind is None:
        return (), f"no configured source has the kind {draw.kind} any more"
    at = moment_of(period, kind, draw.logged_at)
    reading = Reading(dossier.app, dossier.store, at, as_of=at)
    items, _ = items_of(reading, dossier.store.history, period, kind)
    found = digest_of(items)
    if found != draw.digest:
        return (
            (),
            f"made again it has the digest {found}: bodies were erased since, or sources are configured otherwise",
        )
    return items, ""


def columns(items: tuple[Item, ...]) -> tuple[str, ...]:
    """Return the paths that any of the items has, in the order of their names."""
    return tuple(sorted({name for item in items for name in item.fields}))


def drawn_from(one: DrawnFrom) -> Iterator[tuple[Item, tuple[int, ...]]]:
    """Yield each item with the leaves of the draws that it is in."""
    drawn: dict[tuple[str, tuple[str, ...], str], list[int]] = {}
    for draw in one.draws:
        for item in draw.items:
            drawn.setdefault((item.source, item.scope, item.key), []).append(draw.leaf)
    for each in one.items:
        yield each, tuple(drawn.get((each.source, each.scope, each.key), ()))
