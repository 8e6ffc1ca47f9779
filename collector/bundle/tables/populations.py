"""A table for each population that was sampled: every item, and the log entries of the samples it is in."""

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
"""Paths that have a column of their own; further fields are together in one column."""

_LONGEST = 80
"""Characters of a path in the head of its column; the CSV file has the whole path."""


def population_tables(contents: BundleContents, names: ShownNames) -> Iterator[Table]:
    """Yield the populations; each has a sheet of its own."""
    for population in contents.once(populations):
        yield _population(population, names, contents.terms.sample)


def _population(population: DrawnFrom, names: ShownNames, sample: int | None) -> Table:
    # A body may name anybody: where names are not plain, one column says that its fields are not shown.
    paths = columns(population.items)[:_MOST] if names.is_plain else ()

    def rows() -> Iterator[Row]:
        for item, drawn in drawn_from(population):
            is_hidden = sample is not None and sample not in drawn
            yield _item(item, ", ".join(map(str, drawn)), names, paths, NOT_DRAWN if is_hidden else "")

    return Table(
        name=f"population-{population.name}",
        title=f"Population {population.name}",
        description=_description(population),
        columns=(
            Column("source", "Source", 14),
            Column("scope", "Account, region or repository", 24),
            Column("key", "Key", 36),
            Column("drawn", "Sampled in log entry", 14),
            Column("happened_at", "Happened", 20),
            Column("seen_from", "Seen from", 20),
            Column("gone", "Gone", 10),
            *(Column(f"body.{name}", safe(name)[:_LONGEST], 24) for name in paths),
            Column("fields", "Other fields" if paths else "Fields", 60),
            Column("digest", "Digest", 74),
        ),
        rows=rows,
        is_sheet=True,
        is_working_paper=True,
    )


def _description(population: DrawnFrom) -> str:
    days = f"{population.period.first} to {population.period.last}"
    text = f"{plural(population.count, 'item')} of {population.kind} from {days}, digest {population.digest}"
    drawn = f"{plural(len(population.draws), 'sample')} from it"
    why = f"; not shown: {population.why}" if population.why else ""
    whole = f"Not complete: {'; '.join(population.gaps)}. " if population.gaps else ""
    return f"{whole}{text}; {drawn}{why}."


def _item(item: Item, drawn: str, names: ShownNames, paths: tuple[str, ...], instead: str) -> Row:
    is_hidden = names.hides(item.source, item.kind, item.scope, item.key)
    if is_hidden:
        instead = WITHHELD
    own = tuple(instead or item.fields.get(name, "") for name in paths)
    rest = pairs({name: value for name, value in item.fields.items() if name not in paths})
    return (
        item.source,
        place(item.scope),
        WITHHELD if is_hidden else names.name(item.key),
        drawn,
        moment(item.happened_at),
        moment(item.seen_from, "not known"),
        "gone" if item.gone else "",
        *own,
        instead or (rest if names.is_plain else HIDDEN_REASON),
        item.digest or "",
    )
