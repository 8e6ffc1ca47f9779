"""What could not be seen, grouped by what would mend it, and every collection with how it ended last."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from collector.core.errors import UsageError
from collector.core.plain_text import plural, show_moment
from collector.core.scopes import show_scope
from collector.core.tasks import Outcome
from collector.report.periods.collections_made import BLIND
from collector.setup.toml_file import would_do
from collector.web.addresses import list_address
from collector.web.exports import Export, file_of
from collector.web.tables import Cell, Listing, TableRow, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from collector.pages.finding_rows import LinkedControl
    from collector.report.state.collection_failures import CollectionFailure
    from collector.web.pages import Pages
    from collector.web.snapshot import Snapshot

_AGAIN = frozenset({"not_run", "never", "old"})
"""What the next run mends by itself, where it is let."""

COLUMNS = (
    ("what would mend it", 24),
    ("source", 16),
    ("permission", 44),
    ("how", 12),
    ("what", 40),
    ("why", 70),
    ("collections", 12),
    ("resources", 12),
    ("checks", 60),
    ("controls", 40),
    ("systems", 12),
)
"""The columns of the list as a file, with their widths."""


class Act(NamedTuple):
    """Something that would let more be seen: what is missing, and what it keeps from being known."""

    group: str
    failure: CollectionFailure
    controls: Sequence[LinkedControl]
    elsewhere: bool


_PERMISSION = "By permission"
_PLATFORM = "By something else on the platform"
_RUN = "By a run"
GROUPS = (_PERMISSION, _PLATFORM, _RUN)
"""What mends: somebody grants, somebody changes a setting or waits for the platform, or annexd looks again."""


def coverage(pages: Pages, request: Request) -> Response:
    """Return the page."""
    with pages.snapshot(request) as snapshot:
        acts = list(_acts(snapshot))
        in_scope = [act for act in acts if not act.elsewhere]
        permissions: dict[str, dict[str, None]] = {}
        for act in acts:
            if act.failure.needs:
                permissions.setdefault(act.failure.source, {})[act.failure.needs] = None
        return pages.answer(
            request,
            "web/coverage.html",
            snapshot=snapshot,
            acts=acts,
            query_export=lambda kind: f"/coverage.{kind}" + (f"?{request.url.query}" if request.url.query else ""),
            groups=[(name, of_group, _affected(of_group)) for name in GROUPS if (of_group := _of(in_scope, name))],
            elsewhere=[act for act in acts if act.elsewhere],
            without_source=[system for system in snapshot.scope.systems if system.seen == "no source"],
            permissions={source: list(needs) for source, needs in permissions.items()},
            outcomes={outcome: snapshot.outcomes[outcome] for outcome in Outcome if snapshot.outcomes[outcome]},
        )


def coverage_file(pages: Pages, request: Request) -> Response:
    """Return exactly what the page lists."""
    with pages.snapshot(request) as snapshot:
        # Read before the snapshot is given back: the answer is written after this.
        rows = list(map(_cells, _acts(snapshot)))
        return file_of(Export("coverage", snapshot.basis.at, COLUMNS, rows), request.path_params["kind"])


def collections(pages: Pages, request: Request) -> Response:
    """Return the collections; `blind=yes` are those that saw nothing, `outcome` and `source` choose too."""
    params = request.query_params
    outcome, source, blind = params.get("outcome", ""), params.get("source", ""), params.get("blind") == "yes"
    as_of = params.get("as_of", "")
    words = [known.value for known in Outcome]
    if outcome and outcome not in words:
        raise UsageError(f"there is no outcome {outcome!r}", mend=would_do(outcome, words, "there are"))
    with pages.snapshot(request) as snapshot:
        rows = [
            row
            for state in snapshot.reading.tasks()
            if (not blind or state.outcome in BLIND)
            and outcome in {"", state.outcome.value}
            and source in {"", state.task.source}
            for row in [
                TableRow(
                    (
                        Cell(state.task.collection),
                        Cell(state.task.source),
                        Cell(show_scope(state.task.scope)),
                        Cell(
                            state.outcome.value.replace("_", " "),
                            state="unknown" if state.outcome in BLIND or state.stale else "plain",
                        ),
                        Cell("not looked at yet" if state.latest is None else state.latest.observation.why),
                        Cell("" if state.latest is None else state.latest.observation.permissions),
                        Cell("" if state.latest is None else show_moment(state.latest.observation.ended_at)),
                        Cell("" if state.latest is None else str(state.latest.observation.listed)),
                    )
                )
            ]
        ]
        chips = [
            ("All", list_address("/collections", as_of), not blind and not outcome),
            (f"Saw nothing {snapshot.basis.blind}", list_address("/collections", as_of, blind="yes"), blind),
            *(
                (
                    f"{known.value.replace('_', ' ')} {snapshot.outcomes[known]}",
                    list_address("/collections", as_of, outcome=known.value),
                    outcome == known.value,
                )
                for known in Outcome
                if snapshot.outcomes[known]
            ),
        ]
        listing = Listing(
            "/collections",
            "Collections",
            f"{plural(len(rows), 'collection')} of {snapshot.basis.collections}, with how each ended last.",
            "None of the collections ended so." if snapshot.basis.collections else "Nothing was planned yet.",
            (
                ("Collection", 30),
                ("Source", 14),
                ("In", 30),
                ("Ended", 12),
                ("Why", 60),
                ("Needs", 40),
                ("At", 21),
                ("Listed", 8),
            ),
            rows,
            chips=chips,
        )
        return listed(pages, request, snapshot, listing)


def _acts(snapshot: Snapshot) -> Iterator[Act]:
    """Yield what would let more be seen, in the order of the report, what is in scope first."""
    reading = snapshot.reading
    decides = {str(state.task): reading.decides(state.task.source, state.task.scope) for state in reading.tasks()}
    acts = []
    for failure in snapshot.status.collection_failures:
        # What names no collection is about which accounts there are, and may hide systems in scope.
        is_in_scope = not failure.tasks or any(decides[task] for task in failure.tasks)
        group = _PERMISSION if failure.needs else _RUN if failure.how in _AGAIN else _PLATFORM
        acts.append(Act(group, failure, _controls(snapshot, failure), not is_in_scope))
    yield from sorted(acts, key=lambda act: (act.elsewhere, GROUPS.index(act.group)))


def _of(acts: Sequence[Act], group: str) -> list[Act]:
    return [act for act in acts if act.group == group]


def _affected(acts: Sequence[Act]) -> int:
    """Return how many controls have a direct check that one of these keeps from being known."""
    return len({(link.framework, link.control) for act in acts for link in act.controls})


def _controls(snapshot: Snapshot, failure: CollectionFailure) -> list[LinkedControl]:
    found = {
        (link.framework, link.control): link
        for check in failure.checks
        for link in snapshot.findings.controls.get(check, ())
        if link.is_direct and (link.sources is None or failure.source in link.sources)
    }
    return list(found.values())


def _cells(act: Act) -> tuple[str, ...]:
    failure = act.failure
    return (
        act.group,
        failure.source,
        failure.needs,
        failure.how,
        failure.what,
        failure.why,
        str(len(failure.tasks)),
        str(failure.resources),
        "; ".join(failure.checks),
        "; ".join(f"{link.framework}/{link.control}" for link in act.controls),
        "elsewhere" if act.elsewhere else "in scope",
    )
