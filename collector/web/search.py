"""Search over controls, checks, resources with findings, and numbers of log entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from collector.core.scopes import show_scope
from collector.pages.finding_rows import rank_of
from collector.web.addresses import control_address, finding_address, list_address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from collector.web.pages import Pages
    from collector.web.snapshot import Snapshot

_MOST = 20
_LONGEST = 200


class Hit(NamedTuple):
    """Something that was found: what it is called, more about it, and its address."""

    name: str
    detail: str
    address: str


def search(pages: Pages, request: Request) -> Response:
    """Return the page; without words it says what can be searched."""
    asked = request.query_params.get("q", "").strip()[:_LONGEST]
    as_of = request.query_params.get("as_of", "")
    with pages.snapshot(request) as snapshot:
        groups = (
            ("Controls", list(_controls(snapshot, asked, as_of)), ""),
            ("Checks", list(_checks(snapshot, asked, as_of)), ""),
            (
                "Resources with findings",
                list(_resources(snapshot, asked, as_of)),
                list_address("/findings", as_of, text=asked, group="none"),
            ),
        )
        return pages.answer(
            request,
            "web/search.html",
            snapshot=snapshot,
            asked=asked,
            most=_MOST,
            groups=[(name, hits[:_MOST], len(hits) > _MOST, more) for name, hits, more in groups if asked],
            entry=list_address("/log", as_of, before=str(int(asked[:18]) + 1))
            if asked.isascii() and asked.isdigit()
            else "",
        )


def _controls(snapshot: Snapshot, asked: str, as_of: str) -> Iterator[Hit]:
    words = asked.casefold()
    for framework in snapshot.frameworks:
        for control in {control.id: control for control in framework.controls}.values():
            name = f"{framework.id}/{control.id}"
            if words in name or words in control.title.casefold():
                yield Hit(f"{control.id} {control.title}", name, control_address(framework.id, control.id, as_of))


def _checks(snapshot: Snapshot, asked: str, as_of: str) -> Iterator[Hit]:
    words = asked.casefold()
    for id_, rule in sorted(snapshot.reading.rules.items()):
        if words in id_ or words in rule.check.title.casefold():
            yield Hit(rule.check.title, id_, list_address(f"/checks/{id_}", as_of))


def _resources(snapshot: Snapshot, asked: str, as_of: str) -> Iterator[Hit]:
    """Yield resources by name, each once; stops after as many as a page shows, and one more."""
    findings = snapshot.findings
    left = _MOST + 1
    named = (place for place in findings.cells.subjects(asked) if place.subject)
    for place, on_place in findings.at_each(named):
        found = [current.id.check for current, _ in on_place]
        if found:
            check = min(found, key=lambda id_: rank_of(findings.severity(id_)))
            detail = f"{place.source}: {show_scope(place.scope)}; {findings.title(check)}"
            address = finding_address(check, place.source, place.scope, place.subject, as_of)
            yield Hit(place.subject, detail, address)
            left -= 1
            if not left:
                return
