"""A table for each population that was sampled: every item, and the log entries of the samples it is in."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from collector.bundle.drawn_populations import columns, drawn_from, populations
from collector.bundle.sampled_items import Verdicts, is_of_changes, summary_texts
from collector.bundle.sampling.sample_format import NOT_DRAWN
from collector.bundle.shown_names import HIDDEN_REASON, WITHHELD, ShownNames, moment, pairs, place
from collector.bundle.tables.table import Column, Row, Table
from collector.core.plain_text import plural, safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.bundle.contents import BundleContents
    from collector.bundle.drawn_populations import DrawnFrom
    from collector.bundle.sampling.population import Item


T = TypeVar("T")

_MOST = 40
"""Paths that have a column of their own; further fields are together in one column."""

_CHANGE = (
    Column("title", "Title", 40),
    Column("author", "Author", 20),
    Column("approvers", "Approved by", 24),
    Column("link", "Address", 40),
    Column("verdict", "Verdict", 36),
)

_HEADS = (
    Column("source", "Source", 14),
    Column("scope", "Account, region or repository", 24),
    Column("key", "Key", 36),
    Column("drawn", "Sampled in log entry", 14),
    Column("happened_at", "Happened", 20),
    Column("seen_from", "Seen from", 20),
    Column("gone", "Gone", 10),
)

_LONGEST = 80
"""Characters of a path in the head of its column; the CSV file has the whole path."""


def population_tables(contents: BundleContents, names: ShownNames) -> Iterator[Table]:
    """Yield the populations; each has a sheet of its own."""
    for population in contents.once(populations):
        yield _population(contents, population, names)


def _population(contents: BundleContents, population: DrawnFrom, names: ShownNames) -> Table:
    sample = contents.terms.sample
    # A body may name anybody: where names are not plain, one column says that its fields are not shown.
    paths = columns(population.items)[:_MOST] if names.is_plain else ()
    of_changes = is_of_changes(population)

    def rows() -> Iterator[Row]:
        verdicts = Verdicts(contents, names, [population.kind] if of_changes else ())
        for item, drawn in drawn_from(population):
            is_hidden = sample is not None and sample not in drawn
            row = _item(item, ", ".join(map(str, drawn)), names, paths, NOT_DRAWN if is_hidden else "")
            if of_changes:
                instead = NOT_DRAWN if is_hidden else ""
                if contents.is_withheld(item.source, item.kind, item.scope, item.key):
                    instead = WITHHELD
                row = _change_first(_change(item, names, verdicts, instead), row)
            yield row

    own = tuple(Column(f"body.{name}", safe(name)[:_LONGEST], 24) for name in paths)
    rest = Column("fields", "Other fields" if paths else "Fields", 60)
    heads = (*_HEADS, *own, rest, Column("digest", "Digest", 74))

    return Table(
        name=f"population-{population.name}",
        title=f"Population {population.name}",
        description=_description(population),
        columns=_change_first(_CHANGE, heads) if of_changes else heads,
        rows=rows,
        is_sheet=True,
        is_working_paper=True,
    )


def _change(item: Item, names: ShownNames, verdicts: Verdicts, instead: str) -> Row:
    """Return what a person reads first of a change, or the same word in place of each of it."""
    found = verdicts.of(item.kind, (item.source, item.scope, item.key))
    verdict = "; ".join(f"{check}: {word}" for check, word in found)
    return (instead,) * 5 if instead else (*summary_texts(item, names), verdict)


def _change_first(change: tuple[T, ...], row: tuple[T, ...]) -> tuple[T, ...]:
    """Return a row or its heads with what a person reads first of a change in front, its key and its digest last."""
    source, scope, key, drawn, happened, *rest, digest = row
    *what, verdict = change
    return (*what, happened, verdict, source, scope, drawn, *rest, key, digest)


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
