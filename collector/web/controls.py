"""The controls of a framework version with their states, and the page of one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from collector.core.controls import Strength
from collector.core.errors import UsageError
from collector.pages.page_words import STATE_WORDS
from collector.report.controls.attributes import attribute_filters, has_attributes
from collector.setup.toml_file import would_do
from collector.web.addresses import at_moment, control_address, list_address
from collector.web.control_states import check_bar
from collector.web.exports import Export, file_of
from collector.web.finding_query import names_of_control

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from collector.report.controls.control_views import CheckOfControl, ControlView, FrameworkControls
    from collector.web.pages import Pages
    from collector.web.snapshot import Snapshot

COLUMNS = (
    ("framework", 18),
    ("control", 10),
    ("title", 44),
    ("theme", 24),
    ("role", 10),
    ("state", 26),
    ("fail", 8),
    ("accepted", 10),
    ("not established", 16),
    ("pass", 8),
    ("no resources", 14),
    ("records missing", 16),
    ("reasons", 60),
    ("inconsistent with the SoA", 44),
)
"""The columns of the list as a file, with their widths."""


class ControlQuery(NamedTuple):
    """Which framework version is shown, and the filters on its controls; an empty one does not restrict."""

    framework: str
    theme: str
    state: str
    attribute: str
    inconsistent: str
    as_of: str

    def address(self, path: str = "/controls", **changes: str) -> str:
        """Return the address of the list with some things changed; an empty one is taken away."""
        asked = {name: value for name, value in {**self._asdict(), **changes}.items() if name != "as_of" and value}
        return list_address(path, self.as_of, **asked)


def controls(pages: Pages, request: Request) -> Response:
    """Return the list."""
    with pages.snapshot(request) as snapshot:
        query, framework, chosen = _asked(snapshot, request)
        themes: dict[str, list[ControlView]] = {}
        for control in chosen:
            themes.setdefault(control.theme, []).append(control)
        return pages.answer(
            request,
            "web/controls.html",
            snapshot=snapshot,
            query=query,
            query_export=lambda kind: query.address(f"/controls.{kind}"),
            framework=framework,
            themes=themes,
            total=len(chosen),
            attributes=_attributes(framework),
            bar=check_bar,
            names=names_of_control,
        )


def controls_file(pages: Pages, request: Request) -> Response:
    """Return exactly the controls that the page with these filters lists."""
    with pages.snapshot(request) as snapshot:
        _, _, chosen = _asked(snapshot, request)
        return file_of(Export("controls", snapshot.basis.at, COLUMNS, map(_cells, chosen)), request.path_params["kind"])


def control(pages: Pages, request: Request) -> Response:
    """Return the page of one control, with all of its roles."""
    framework_id, id_ = request.path_params["framework"], request.path_params["control"]
    with pages.snapshot(request) as snapshot:
        framework = _framework(snapshot, framework_id)
        found = [candidate for candidate in framework.controls if candidate.id == id_]
        ids = list(dict.fromkeys(candidate.id for candidate in framework.controls))
        if not found:
            raise UsageError(f"{framework_id} has no control {id_!r}", mend=would_do(id_, ids, "its controls are"))
        at = ids.index(id_)
        return pages.answer(
            request,
            "web/control.html",
            snapshot=snapshot,
            framework=framework,
            rows=found,
            checks_of=_checks,
            period_address=at_moment(
                f"{control_address(framework.id, id_)}/period", request.query_params.get("as_of", "")
            ),
            control=found[0],
            before=ids[at - 1] if at else "",
            after=ids[at + 1] if at + 1 < len(ids) else "",
            bar=check_bar,
            names=names_of_control,
        )


def _checks(row: ControlView) -> list[CheckOfControl]:
    """Return the checks of a control: the direct ones first, and of these what fails most."""
    return sorted(row.checks, key=_order)


def _order(check: CheckOfControl) -> tuple[bool, int, int, bool]:
    counts = check.counts or {}
    return (
        check.strength != Strength.DIRECT.value,
        -counts.get("fail", 0),
        -counts.get("unknown", 0),
        not any(counts.values()),
    )


def _asked(snapshot: Snapshot, request: Request) -> tuple[ControlQuery, FrameworkControls, list[ControlView]]:
    params = request.query_params
    if not snapshot.frameworks:
        raise UsageError("no framework version is in use", mend="name one in [frameworks] of the configuration")
    framework = _framework(snapshot, params.get("framework") or snapshot.frameworks[0].id)
    query = ControlQuery(
        framework=framework.id,
        theme=params.get("theme", ""),
        state=params.get("state", ""),
        attribute=params.get("attribute", ""),
        inconsistent=params.get("inconsistent", ""),
        as_of=params.get("as_of", ""),
    )
    if query.state and query.state not in STATE_WORDS:
        raise UsageError(f"there is no state {query.state!r}", mend=would_do(query.state, STATE_WORDS, "there are"))
    return query, framework, list(_chosen(snapshot, framework, query))


def _chosen(snapshot: Snapshot, framework: FrameworkControls, query: ControlQuery) -> Iterator[ControlView]:
    wanted = attribute_filters([query.attribute], snapshot.assessment) if query.attribute else {}
    having = {
        (state.control.id, state.role)
        for candidate, states in snapshot.assessment.frameworks
        if candidate.id == framework.id
        for state in states
        if has_attributes(state.control, wanted)
    }
    for candidate in framework.controls:
        if (
            (not query.theme or candidate.theme == query.theme)
            and (not query.state or candidate.status == query.state)
            and (not query.inconsistent or candidate.contradictions)
            and (not wanted or (candidate.id, candidate.role) in having)
        ):
            yield candidate


def _framework(snapshot: Snapshot, id_: str) -> FrameworkControls:
    in_use = {framework.id: framework for framework in snapshot.frameworks}
    if id_ not in in_use:
        raise UsageError(f"the framework {id_!r} is not in use", mend=would_do(id_, in_use, "in use are"))
    return in_use[id_]


def _attributes(framework: FrameworkControls) -> list[str]:
    """Return the kinds of control of ISO/IEC 27002:2022, where the framework version has them."""
    values = {value for row in framework.controls for value in row.attributes.get("control_types", ())}
    return sorted(values)


def _cells(row: ControlView) -> tuple[str, ...]:
    counts = row.counts
    numbers = (counts.fails, counts.accepted, counts.not_established, counts.passes, counts.nothing)
    return (
        row.framework,
        row.id,
        row.title,
        row.theme,
        row.role or "",
        row.label,
        *map(str, numbers),
        str(counts.records_missing),
        "; ".join(row.reasons),
        "; ".join(row.contradictions),
    )
