"""The runs, how far one that is under way has come, and what each collection of a run gave."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from collector.core.errors import UsageError
from collector.core.plain_text import plural, show_age, show_moment
from collector.core.scopes import show_scope
from collector.pages.web_charts import share_bar
from collector.report.periods.collections_made import BLIND
from collector.web.opened import OPENED, is_opened
from collector.web.tables import Cell, Listing, TableRow, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markupsafe import Markup
    from starlette.requests import Request
    from starlette.responses import Response

    from collector.core.facts import RunEnded, RunStarted
    from collector.report.state.known import Reading
    from collector.web.pages import Pages

_LAST = 3
"""Runs whose durations say how long one takes."""

Run = tuple["RunStarted", "RunEnded | None"]


class SourceProgress(NamedTuple):
    """How many collections of a source a run has made, of those that it planned."""

    source: str
    done: int
    planned: int
    blind: int

    @property
    def bar(self) -> Markup:
        """Made, made without seeing anything, and still to come."""
        parts = (
            ("pass", "made", self.done - self.blind),
            ("unknown", "saw nothing", self.blind),
            ("not_applicable", "to come", self.planned - self.done),
        )
        return share_bar(parts, self.source)


class UnderWay(NamedTuple):
    """A run that has not ended. `left` is what is left of the median of the last ones; None where that is not known."""

    run: str
    trigger: str
    started_at: datetime
    sources: list[SourceProgress]
    left: timedelta | None


def runs(pages: Pages, request: Request) -> Response:
    """Return the list, with the progress of a run that is under way."""
    with pages.snapshot(request) as snapshot:
        every = list(_runs(snapshot.reading))
        heads = (
            ("Run", 38),
            ("Started", 21),
            ("Took", 10),
            ("By", 12),
            ("Collections", 60),
            ("Stopped", 40),
            ("annexd", 12),
        )
        listing = Listing(
            "/runs",
            "Runs",
            f"{plural(len(every), 'run')}, the newest first.",
            "No run is in the log.",
            heads,
            [_row(begun, ended) for begun, ended in every],
        )
        if request.path_params.get("kind") is not None:
            return listed(pages, request, snapshot, listing)
        return pages.answer(
            request,
            "web/runs.html",
            snapshot=snapshot,
            runs=every,
            now=pages.site.now(),
            under_way=_under_way(snapshot.reading, every, pages.site.now()),
            status=snapshot.status,
            query_export=lambda kind: f"/runs.{kind}" + (f"?{request.url.query}" if request.url.query else ""),
        )


def run(pages: Pages, request: Request) -> Response:
    """Return what the collections of one run gave; those that an unchanged later run saw again are in that one."""
    id_ = request.path_params["run"]
    with pages.snapshot(request) as snapshot:
        reading = snapshot.reading
        found = next(((begun, ended) for begun, ended in _runs(reading) if begun.run == id_), None)
        if found is None:
            raise UsageError(f"there is no run {id_!r}", mend="the list of runs has what there is")
        begun, ended = found
        then = reading.as_of if ended is None else ended.at
        observed = [
            stored.observation for stored in reading.store.observations(as_of=then) if stored.observation.run == id_
        ]
        outcomes = ", ".join(f"{count} {word}" for word, count in (ended.outcomes if ended is not None else {}).items())
        took = "has not ended" if ended is None else f"took {show_age(ended.at - begun.at)}"
        stopped = f"; stopped: {ended.stopped}" if ended is not None and ended.stopped else ""
        listing = Listing(
            f"/runs/{id_}",
            f"Run {id_}",
            f"Began {show_moment(begun.at)} by {begun.trigger}, annexd {begun.version}; {took}:"
            f" {outcomes or 'no collection yet'}{stopped}.",
            "No collection of it is in the store.",
            (
                ("Collection", 34),
                ("Source", 14),
                ("In", 30),
                ("Ended", 12),
                ("Listed", 8),
                ("Requests", 8),
                ("Why", 60),
            ),
            [
                TableRow(
                    (
                        Cell(seen.task.collection),
                        Cell(seen.task.source),
                        Cell(show_scope(seen.task.scope)),
                        Cell(
                            seen.outcome.value.replace("_", " "), state="unknown" if seen.outcome in BLIND else "plain"
                        ),
                        Cell(str(seen.listed)),
                        Cell(str(seen.provenance.requests)),
                        Cell(seen.why),
                    )
                )
                for seen in observed
            ],
        )
        return listed(pages, request, snapshot, listing)


def is_run_opened(reading: Reading, run: str) -> bool:
    """Whether the page of a run is opened to whoever asks; nothing is read where everything is."""
    return OPENED.get() is None or any(begun.run == run for begun, _ in _runs(reading))


def _runs(reading: Reading) -> Iterator[Run]:
    """Yield the runs that are opened to whoever asks, the newest first."""
    for begun, ended in reading.store.runs(as_of=reading.as_of):
        if is_opened(begun.at if ended is None else ended.at):
            yield begun, ended


def _row(begun: RunStarted, ended: RunEnded | None) -> TableRow:
    return TableRow(
        (
            Cell(begun.run, f"/runs/{begun.run}"),
            Cell(show_moment(begun.at)),
            Cell("" if ended is None else show_age(ended.at - begun.at)),
            Cell(begun.trigger),
            Cell("" if ended is None else ", ".join(f"{count} {word}" for word, count in ended.outcomes.items())),
            Cell("has not ended" if ended is None else ended.stopped or ""),
            Cell(begun.version),
        )
    )


def _under_way(reading: Reading, every: Sequence[Run], now: datetime) -> UnderWay | None:
    """Return the newest run where it has not ended: it is under way, or its process was killed."""
    if not every or every[0][1] is not None or reading.as_of is not None:
        return None
    begun = every[0][0]
    planned = Counter(task.source for plan in reading.store.plans() if plan.run == begun.run for task in plan.tasks)
    done: Counter[str] = Counter()
    blind: Counter[str] = Counter()
    for stored in reading.store.observations():
        if stored.observation.run == begun.run:
            done[stored.observation.task.source] += 1
            blind[stored.observation.task.source] += stored.observation.outcome in BLIND
    took = [(ended.at - started.at).total_seconds() for started, ended in every[1:] if ended is not None][:_LAST]
    left = timedelta(seconds=median(took)) - (now - begun.at) if took else None
    return UnderWay(
        begun.run,
        begun.trigger,
        begun.at,
        [SourceProgress(source, done[source], count, blind[source]) for source, count in sorted(planned.items())],
        None if left is None or left < timedelta() else left,
    )
