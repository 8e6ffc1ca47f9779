"""`annexd population` and `annexd sample`: the complete list of a kind over a period, and samples of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from collector.cli.terminal.options import give
from collector.cli.terminal.session import session
from collector.core.plain_text import plural, show_moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.bundle.sampling.population import Item, Population
    from collector.bundle.sampling.sampling import Draw
    from collector.cli.terminal.page import Page
    from collector.core.periods import Period
    from collector.setup.app import App
    from storage import SqlStore

_LINES = 40
"""Items that people are given; machines get all."""

From = Annotated[str, typer.Option("--from", metavar="DAY", help="The first day, included.")]
To = Annotated[str, typer.Option("--to", metavar="DAY", help="The last day, included.")]
Zone = Annotated[str, typer.Option(help="The time zone of the days, such as Europe/Zurich.")]


class ItemView(Struct, frozen=True, kw_only=True):
    """One item. `happened_at` is when an event took place; `gone`: it was not there any more at the end."""

    source: str
    scope: tuple[str, ...]
    key: str
    digest: str | None
    seen_from: datetime | None
    happened_at: datetime | None
    gone: bool


class PopulationView(Struct, frozen=True, kw_only=True, tag="annexd.population/1", tag_field="schema"):
    """What `annexd population --json` prints. `gaps` say why the list is not complete; `draws` counts those so far."""

    kind: str
    first: date
    last: date
    zone: str
    sources: tuple[str, ...]
    complete: bool
    gaps: tuple[str, ...]
    count: int
    digest: str
    draws: int
    items: list[ItemView]


class SampleView(Struct, frozen=True, kw_only=True, tag="annexd.sample/1", tag_field="schema"):
    """What `annexd sample --json` prints. `draws` counts those from this population, this one included."""

    kind: str
    first: date
    last: date
    complete: bool
    gaps: tuple[str, ...]
    count: int
    digest: str
    how: str
    size: int
    by: str
    nonce: str
    root: str
    seed: str
    draws: int
    leaf: int
    items: list[ItemView]


def population(
    ctx: typer.Context,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="The kind of the items, such as github.repo.change.")],
    first: From,
    last: To,
    zone: Zone = "UTC",
) -> None:
    """List everything of a kind that there was in a period.

    It says whether the list is complete.
    """
    from collector.actions.sampling import samples_of
    from collector.cli.terminal.days import days_of

    days = days_of(first, last, zone)
    app = session(ctx).open_app()
    with app.open_store(writer=False) as store:
        found = _found(app, store, days, kind)
        drawn = samples_of(store, found)
    shape = PopulationView(
        kind=found.kind,
        first=days.first,
        last=days.last,
        zone=days.zone,
        sources=found.sources,
        complete=found.is_complete,
        gaps=found.gaps,
        count=len(found.items),
        digest=found.digest,
        draws=len(drawn),
        items=_items(found.items),
    )
    give(ctx, shape, show_population)


def sample(  # noqa: PLR0913, PLR0917  one parameter an option
    ctx: typer.Context,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="The kind of the items, such as github.repo.change.")],
    first: From,
    last: To,
    zone: Zone = "UTC",
    size: Annotated[int | None, typer.Option(min=1, help="How many to take by chance; of each value of --by.")] = None,
    nonce: Annotated[str | None, typer.Option(help="What the auditor adds to the chance, told after the scan.")] = None,
    by: Annotated[str, typer.Option(help="Sample each value of this field, such as way.")] = "",
    items: Annotated[list[str] | None, typer.Option("--items", help="Take this item; may be repeated.")] = None,
    dates: Annotated[list[str] | None, typer.Option("--dates", help="Take what happened on this day.")] = None,
) -> None:
    """Take a sample from a population.

    By a chance that the auditor can repeat, or by name or day. Every sample is a log entry, and the samples of one
    population are counted.
    """
    from collector.actions.sampling import record_sample, samples_of
    from collector.cli.terminal.days import days_of

    days = days_of(first, last, zone)
    _one_way(size, nonce, items, dates)
    app = session(ctx).open_app()
    with app.open_store(writer=True) as store:
        found = _found(app, store, days, kind)
        drawn = _drawn(store, found, size=size, nonce=nonce or "", by=by, items=items or (), dates=dates or ())
        record_sample(store, found, drawn)
        store.checkpoints.checkpoint()
        made = samples_of(store, found)
    shape = SampleView(
        kind=found.kind,
        first=days.first,
        last=days.last,
        complete=found.is_complete,
        gaps=found.gaps,
        count=len(found.items),
        digest=found.digest,
        how=drawn.how,
        size=drawn.size,
        by=drawn.by,
        nonce=drawn.nonce,
        root=drawn.root,
        seed=drawn.seed,
        draws=len(made),
        leaf=made[-1].leaf,
        items=_items(drawn.drawn),
    )
    give(ctx, shape, show_sample)


def _one_way(size: int | None, nonce: str | None, items: list[str] | None, dates: list[str] | None) -> None:
    ways = [name for name, given in (("--size", size), ("--items", items), ("--dates", dates)) if given]
    if len(ways) != 1:
        raise typer.BadParameter("give one of --size, --items and --dates", param_hint=" ".join(ways) or "--size")
    if size is not None and not nonce:
        raise typer.BadParameter(
            "a sample by chance needs the auditor's nonce: any words that nobody could have known before",
            param_hint="--nonce",
        )


def _found(app: App, store: SqlStore, days: Period, kind: str) -> Population:
    from collector.actions.sampling import population_of
    from collector.engine.clock import SystemClock

    now = SystemClock().now()
    if days.start >= now:
        raise typer.BadParameter(f"{days.first} is yet to come: nothing has been seen of it", param_hint="--from")
    return population_of(app, store, days, kind, now)


def _drawn(
    store: SqlStore,
    found: Population,
    *,
    size: int | None,
    nonce: str,
    by: str,
    items: Iterable[str],
    dates: Iterable[str],
) -> Draw:
    from collector.bundle.sampling.sampling import by_chance, by_day, by_name

    if size is not None:
        head = store.checkpoints.last()
        if head is None:
            raise typer.BadParameter("nothing was signed yet, so no chance is fixed: scan first", param_hint="--size")
        return by_chance(found, size=size, nonce=nonce, root=head.root, by=by)
    keys = tuple(items)
    if keys:
        return by_name(found, keys)
    days = []
    for text in dates:
        try:
            days.append(date.fromisoformat(text))
        except ValueError as error:
            raise typer.BadParameter(
                f"{text!r} is no day; write one such as 2026-03-31", param_hint="--dates"
            ) from error
    return by_day(found, days)


def _items(items: Iterable[Item]) -> list[ItemView]:
    return [
        ItemView(
            source=item.source,
            scope=item.scope,
            key=item.key,
            digest=item.digest,
            seen_from=item.seen_from,
            happened_at=item.happened_at,
            gone=item.gone,
        )
        for item in items
    ]


def show_population(shape: PopulationView, out: Page) -> None:
    """Print a population for people."""
    from collector.cli.terminal.page import Styled

    out.line(Styled(shape.kind, "bold"), f"{shape.first} to {shape.last}, both days included, {shape.zone}")
    out.line(
        f"{plural(shape.count, 'item')} in {', '.join(shape.sources)}; {plural(shape.draws, 'sample')} from it so far"
    )
    _show_completeness(shape.gaps, out)
    _show_items(shape.items, out)
    out.gap()
    out.line(f"digest {shape.digest}")


def show_sample(shape: SampleView, out: Page) -> None:
    """Print a sample for people."""
    from collector.cli.terminal.page import Styled

    out.line(Styled(f"{len(shape.items)} of {shape.count}", "bold"), f"{shape.kind}, {shape.first} to {shape.last}")
    if shape.seed:
        of_each = f" of each {shape.by}" if shape.by else ""
        out.line(f"by chance, {shape.size}{of_each}: log hash {shape.root}, nonce {shape.nonce!r}, seed {shape.seed}")
    else:
        out.line(f"picked by {shape.how}")
    _show_completeness(shape.gaps, out)
    out.line(f"sample {shape.draws} of this population, log entry {shape.leaf}")
    _show_items(shape.items, out)


def _show_completeness(gaps: tuple[str, ...], out: Page) -> None:
    if not gaps:
        out.line("complete: every observation of the period saw the whole list")
    else:
        out.line("NOT complete, as far as the record shows:")
        for gap in gaps:
            out.paragraph(gap, indent=4)


def _show_items(items: list[ItemView], out: Page) -> None:
    from collector.core.scopes import show_scope

    out.gap()
    out.rows(
        (item.key, f"{item.source}: {show_scope(item.scope)}", _when(item) + (", gone at the end" if item.gone else ""))
        for item in items[:_LINES]
    )
    if len(items) > _LINES:
        out.line(f"and {len(items) - _LINES} more: --json has them all", indent=2)


def _when(item: ItemView) -> str:
    if item.happened_at is not None:
        return show_moment(item.happened_at)
    return "" if item.seen_from is None else f"seen from {show_moment(item.seen_from)}"
