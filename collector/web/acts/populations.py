"""`/populations` and `/samples`: complete lists over a period, and samples that auditors take of them."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from starlette.responses import RedirectResponse
from starlette.routing import Route

from collector.actions.sampling import population_of, record_sample, samples_of
from collector.bundle.sampling.draws import draws
from collector.bundle.sampling.population import kinds
from collector.bundle.sampling.sampling import by_chance, by_name
from collector.core.errors import UsageError
from collector.core.identities import Role
from collector.core.periods import period_of
from collector.core.scopes import show_scope
from collector.report.state.known import Reading
from collector.web.acts.refusals import told
from collector.web.acts.writing import acting, looking
from collector.web.people.forms import FormRoute, field, number
from collector.web.people.visitor import visitor_of
from storage.database.columns import show_digest
from storage.log.notes import parse_checkpoint
from storage.log.ranges import LogParts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from collector.bundle.sampling.draws import DrawLeaf
    from collector.core.periods import Period
    from collector.setup.app import App
    from collector.web.pages import Pages
    from collector.web.people.origins import Origins
    from collector.web.people.visitor import Visitor
    from storage import SqlStore

SHOWN = 100
"""Items of a list on a page; the bundle has all of them."""

_LARGEST_SAMPLE = 10_000
_THREE_MONTHS = timedelta(days=90)


def routes(pages: Pages, origins: Origins) -> Sequence[BaseRoute]:
    """Return the routes."""
    return [
        Route("/populations", partial(show_kinds, pages)),
        Route("/populations/{kind}", partial(show, pages)),
        FormRoute("/populations/{kind}", told(pages, sample), origins),
        Route("/samples/{leaf:number}", partial(show_sample, pages)),
    ]


def show_kinds(pages: Pages, request: Request) -> Response:
    """List the kinds that there are populations of, and the samples that were taken."""
    visitor = visitor_of(request)
    with looking(pages.site) as store:
        known = sorted(kinds(Reading(_app(pages, visitor), store, pages.site.now())))
        taken, others = _told(visitor, draws(store))
    first, last = _usual(pages, visitor)
    return pages.answer(
        request, "acts/populations.html", kinds=known, samples=taken[::-1], others=others[::-1], first=first, last=last
    )


def show(pages: Pages, request: Request) -> Response:
    """Show a population: whether it is complete, its items, the samples so far, and the form to take one."""
    visitor = visitor_of(request)
    first, last = _usual(pages, visitor)
    query = request.query_params
    days = _days(pages, visitor, query.get("from") or str(first), query.get("to") or str(last))
    with looking(pages.site) as store:
        found = population_of(_app(pages, visitor), store, days, request.path_params["kind"], pages.site.now())
        taken, others = _told(visitor, samples_of(store, found))
        head = store.checkpoints.last()
    return pages.answer(
        request,
        "acts/population.html",
        found=found,
        shown=found.items[:SHOWN],
        fields=sorted({name for item in found.items[:SHOWN] for name in item.fields}),
        samples=taken,
        others=others,
        head=head,
        show_scope=show_scope,
        visitor=visitor,
    )


def sample(pages: Pages, request: Request) -> Response:
    """Take a sample and record it, before it is shown."""
    visitor = visitor_of(request)
    days = _days(pages, visitor, field(request, "from"), field(request, "to"))
    keys = tuple(line.strip() for line in field(request, "items").split("\n") if line.strip())
    size, nonce, head = number(request, "size"), field(request, "nonce"), number(request, "head")
    if bool(keys) == (size is not None):
        raise UsageError("give either a number of items or the items", so="no sample was taken")
    with acting(pages.site) as store, store.alone():  # what is counted is what the log entry comes after
        found = population_of(_app(pages, visitor), store, days, request.path_params["kind"], pages.site.now())
        if keys:
            drawn = by_name(found, keys)
        else:
            if not size or size > _LARGEST_SAMPLE or not nonce or head is None:
                raise UsageError(
                    "a sample by chance takes a number of items and words of yours",
                    so="no sample was taken",
                    mend="write words that nobody could know before you saw the log hash",
                )
            drawn = by_chance(found, size=size, nonce=nonce, root=_root(store, head), by=field(request, "by"))
        record_sample(store, found, drawn, visitor.identity)
    with looking(pages.site) as store:
        taken = samples_of(store, found)
    return RedirectResponse(f"/samples/{taken[-1].leaf}", 303)


def show_sample(pages: Pages, request: Request) -> Response:
    """Show a sample, and how it can be taken again."""
    leaf, visitor = request.path_params["leaf"], visitor_of(request)
    with looking(pages.site) as store:
        found = next((draw for draw in draws(store) if draw.leaf == leaf and _sees(visitor, draw)), None)
    if found is None:
        raise UsageError(f"log entry {leaf} is no sample that you may see")
    return pages.answer(request, "acts/sample.html", sample=found, show_scope=show_scope)


def _root(store: SqlStore, size: int) -> str:
    """Return the log hash that the auditor saw before choosing their words. Raises UsageError where it is none."""
    with store.reading() as connection:
        notes = LogParts(connection).signed(size - 1, size)
    if not notes:
        raise UsageError("the log hash that you saw is none of this log", so="no sample was taken")
    text, _, _ = notes[0].text.partition("\n\n")
    return show_digest(parse_checkpoint(text + "\n").root)


def _app(pages: Pages, visitor: Visitor) -> App:
    return pages.site.app if visitor.opened is None else visitor.opened.app


def _usual(pages: Pages, visitor: Visitor) -> tuple[date, date]:
    """Return the days that are shown where none are named: those of the audit, or the last three months."""
    today = pages.site.now().date()
    if visitor.audit is not None:
        return visitor.audit.first, min(visitor.audit.last, today)
    return today - _THREE_MONTHS, today


def _days(pages: Pages, visitor: Visitor, first: str, last: str) -> Period:
    try:
        days = period_of(date.fromisoformat(first), date.fromisoformat(last), ZoneInfo("UTC"))
    except (ValueError, OverflowError) as error:
        raise UsageError("these are no days of a period", mend="write days such as 2026-03-31") from error
    if visitor.audit is not None and not (visitor.audit.first <= days.first and days.last <= visitor.audit.last):
        raise UsageError(f"only {visitor.audit.first} to {visitor.audit.last} is opened for this audit")
    if days.start >= pages.site.now():
        raise UsageError(f"{days.first} is yet to come: nothing has been seen of it")
    return days


def _sees(visitor: Visitor, draw: DrawLeaf) -> bool:
    """Whether somebody sees a sample: the company all, an auditor those of the own audit."""
    return visitor.identity.role is not Role.AUDITOR or (draw.audit != "" and draw.audit == visitor.identity.audit)


def _told(visitor: Visitor, taken: Iterable[DrawLeaf]) -> tuple[list[DrawLeaf], list[DrawLeaf]]:
    """Return the samples that somebody sees, and those of which an auditor is told only log entry and days.

    That others were taken of the period is not kept from them; what was taken, and by whom, is.
    """
    seen: list[DrawLeaf] = []
    others: list[DrawLeaf] = []
    audit = visitor.audit
    for draw in taken:
        if _sees(visitor, draw):
            seen.append(draw)
        elif audit is not None and audit.first <= draw.first and draw.last <= audit.last:
            others.append(draw)
    return seen, others
