"""A table for each population from which something was drawn: every item, and which draws it is in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.bundle.drawn_populations import columns, drawn_from, populations
from collector.bundle.sampling.sample_format import NOT_DRAWN
from collector.bundle.shown_names import HIDDEN_REASON, WITHHELD, ShownNames, moment, pairs, place
from collector.bundle.tables.table import Column, Row, Table
from collector.core.plain_text import plural, safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.bundle.contents import BundleContents
    from collector.bundle.drawn_populations import DrawnFrom
    from collector.bundle.sampling.population import Item


_MOST = 40
"""Paths that have a column of their own; what a body says beyond them stands in the last one."""

_LONGEST = 80
"""Letters of a path above its column; the CSV file has it whole."""


def population_tables(dossier: BundleContents, words: ShownNames) -> Iterator[Table]:
    """Yield the populations; each has a sheet of its own."""
    for one in dossier.once(populations):
        yield _population(one, words, dossier.terms.sample)


def _population(one: DrawnFrom, words: ShownNames, sample: int | None) -> Table:
    # What a body says may name anybody: where names are not plain it stands in one column, which says so.
    names = columns(one.items)[:_MOST] if words.is_plain else ()

    def rows() -> Iterator[Row]:
        for item, drawn in drawn_from(one):
            is_hidden = sample is not None and sample not in drawn
            yield _item(item, ", ".join(map(str, drawn)), words, names, NOT_DRAWN if is_hidden else "")

    return Table(
        name=f"population-{one.name}",
        title=f"Population {one.name}",
        says=_says(one),
        columns=(
            Column("source", "Source", 14),
            Column("scope", "Scope", 24),
            Column("key", "Key", 36),
            Column("drawn", "Drawn in leaf", 14),
            Column("happened_at", "Happened", 20),
            Column("seen_from", "Seen from", 20),
            Column("gone", "Gone", 10),
            *(Column(f"body.{name}", safe(name)[:_LONGEST], 24) for name in names),
            Column("fields", "What else it says" if names else "What it says", 60),
            Column("digest", "Digest", 74),
        ),
        rows=rows,
        is_sheet=True,
        is_working_paper=True,
    )


def _says(one: DrawnFrom) -> str:
    said = (
        f"{plural(one.count, 'item')} of {one.kind} from {one.period.first} to {one.period.last}, digest {one.digest}"
    )
    drawn = f"{plural(len(one.draws), 'draw')} from it"
    why = f"; not shown: {one.why}" if one.why else ""
    whole = f"Not complete: {'; '.join(one.gaps)}. " if one.gaps else ""
    return f"{whole}{said}; {drawn}{why}."


def _item(item: Item, drawn: str, words: ShownNames, names: tuple[str, ...], instead: str) -> Row:
    is_hidden = words.hides(item.source, item.kind, item.scope, item.key)
    if is_hidden:
        instead = WITHHELD
    own = tuple(instead or item.fields.get(name, "") for name in names)
    rest = pairs({name: value for name, value in item.fields.items() if name not in names})
    return (
        item.source,
        place(item.scope),
        WITHHELD if is_hidden else words.name(item.key),
        drawn,
        moment(item.happened_at),
        moment(item.seen_from, "not known"),
        "gone" if item.gone else "",
        *own,
        instead or (rest if words.is_plain else HIDDEN_REASON),
        item.digest or "",
    )
