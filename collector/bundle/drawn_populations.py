"""The populations of a bundle's period that were sampled, computed again from the store."""

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
    """A population with all samples that were taken from it.

    `why` says why it cannot be computed again as it was when it was sampled; empty where `items` has it.
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


def populations(contents: BundleContents) -> list[DrawnFrom]:
    """Return the sampled populations that overlap the period of the bundle."""
    period = contents.terms.period
    by: dict[tuple[str, str, str], list[DrawLeaf]] = {}
    for draw in draws(contents.store, as_of=contents.terms.at):
        days = period_of(draw.first, draw.last, ZoneInfo(draw.zone))
        if days.start < period.end and days.end > period.start:
            by.setdefault((draw.kind, draw.digest, f"{draw.first} {draw.last} {draw.zone}"), []).append(draw)
    leaf = contents.terms.sample
    return [
        _made(contents, number, drawn)
        for number, drawn in enumerate(by.values(), start=1)
        if leaf is None or any(draw.leaf == leaf for draw in drawn)
    ]


def _made(contents: BundleContents, number: int, drawn: list[DrawLeaf]) -> DrawnFrom:
    first = drawn[0]
    period = period_of(first.first, first.last, ZoneInfo(first.zone))
    items, why = _again(contents, first, period)
    hidden = sum(contents.is_withheld(item.source, item.kind, item.scope, item.key) for item in items)
    return DrawnFrom(
        name=f"{number:03}-{first.kind}",
        kind=first.kind,
        period=period,
        digest=first.digest,
        count=first.count,
        gaps=first.gaps,
        items=items,
        withheld=hidden,
        draws=tuple(drawn),
        why=why,
    )


def _again(contents: BundleContents, draw: DrawLeaf, period: Period) -> tuple[tuple[Item, ...], str]:
    """Compute the population as it was when it was sampled; return its items, or why it differs now."""
    kind = kinds(contents.reading).get(draw.kind)
    if kind is None:
        return (), f"no configured source has the kind {draw.kind} any more"
    at = moment_of(period, kind, draw.logged_at)
    reading = Reading(contents.app, contents.store, at, as_of=at)
    items, _ = items_of(reading, contents.store.history, period, kind)
    found = digest_of(items)
    if found != draw.digest:
        return (
            (),
            f"made again it has the digest {found}: bodies were erased, or the configuration of sources changed",
        )
    return items, ""


def columns(items: tuple[Item, ...]) -> tuple[str, ...]:
    """Return the paths that any of the items has, in the order of their names."""
    return tuple(sorted({name for item in items for name in item.fields}))


def drawn_from(population: DrawnFrom) -> Iterator[tuple[Item, tuple[int, ...]]]:
    """Yield each item with the log entries of the samples that contain it."""
    drawn: dict[tuple[str, tuple[str, ...], str], list[int]] = {}
    for draw in population.draws:
        for item in draw.items:
            drawn.setdefault((item.source, item.scope, item.key), []).append(draw.leaf)
    for member in population.items:
        yield member, tuple(drawn.get((member.source, member.scope, member.key), ()))
