"""A page for each of the worst findings, and for the evidence that it is judged on: those that are served too.

They are rendered from the templates of the served pages, with links to the other pages of the bundle.
"""

from __future__ import annotations

from functools import cached_property
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from collector.bundle.page_paths import check_page, control_page
from collector.core.checks import Status
from collector.core.findings import FindingId
from collector.core.scopes import show_scope
from collector.pages.assets import read_asset
from collector.pages.evidence_page import evidence_page
from collector.pages.finding_page import finding_page
from collector.pages.finding_rows import Findings, rank_of
from collector.pages.page_words import STATE_WORDS, VERDICT_WORDS, resource_name
from collector.report.findings.judging_trace import stored_resource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.bundle.bag import Bag
    from collector.bundle.contents import BundleContents
    from collector.core.scopes import Scope
    from collector.pages.rendering import PageRenderer
    from collector.report.findings.finding_views import FindingView

    _Body = tuple[str, str, Scope, str]

MOST = 250
"""Findings that have a page each: those that fail before those that are unknown, the most severe first."""

STYLE = "annexd.css"
"""The style sheet of the served pages, beside the pages."""

_OPEN = (Status.FAIL.value, Status.UNKNOWN.value)
_CHECKS, _RISKS, _RECORDS = "checks.html", "records.html#risks", "records.html#exceptions"


class SinglePages:
    """Knows which findings of a bundle have a page, and writes these. A bundle that leaves something out has none."""

    def __init__(self, contents: BundleContents, bag: Bag, renderer: PageRenderer) -> None:
        self._contents = contents
        self._bag = bag
        self._renderer = renderer
        self._bodies: dict[_Body, dict[str, str]] = {}

    @cached_property
    def _pages(self) -> dict[FindingId, str]:
        terms = self._contents.terms
        if terms.withheld or terms.pseudonymised or terms.controls:
            return {}
        return {id_: _path("finding", msgspec.json.encode(id_)) for id_ in islice(self._worst(), MOST)}

    def _worst(self) -> Iterator[FindingId]:
        for status in _OPEN:
            found = [
                (rank_of(finding.severity), _id_of(finding))
                for finding, _ in self._contents.findings()
                if finding.status == status
            ]
            yield from (id_ for _, id_ in sorted(found))

    def address(self, finding: FindingView) -> str:
        """Return the page of a finding, from the folder of the site; empty where it has none."""
        return self._pages.get(_id_of(finding), "")

    def write(self) -> None:
        """Write the pages, and beside them the style sheet of the served ones."""
        if not self._pages:
            return
        self._bag.add(f"data/{STYLE}", read_asset(f"web/{STYLE}"))
        for id_, path in self._pages.items():
            current = self._findings.finding(id_)
            if current is None:
                continue
            values = finding_page(self._findings, current)
            for step in values["trace"].steps if values["trace"] else ():
                if step.key:
                    self._take((step.source, step.kind, step.scope, step.key), id_.check)
            self._render(path, "web/finding.html", has_run=False, risk_in=lambda text: text, **values)
        for body, pages in self._bodies.items():
            for check, path in pages.items():
                self._write_body(body, check, path)

    def _take(self, body: _Body, check: str) -> None:
        self._bodies.setdefault(body, {})[check] = _path("resource", msgspec.json.encode([*body, check]))

    def _write_body(self, body: _Body, check: str, path: str) -> None:
        source, kind, scope, key = body
        stored = stored_resource(self._contents.reading, source, kind, scope, key)
        if stored is None:
            return
        values = evidence_page(self._findings, stored, check)
        here = self._contents.checks
        values["checks"] = [check for check in values["checks"] if here is None or check in here]
        values["others"] = [check for check in values["others"] if here is None or check in here]
        values["findings"] = [found for found in values["findings"] if here is None or found.check in here]
        name = stored.digest.removeprefix("sha256:")
        raw = f"evidence/{name[:2]}/{name}.json"
        has_raw = f"data/{raw}" in self._bag.entries
        self._render(
            path,
            "web/evidence.html",
            has_run=False,
            where_proven="The proof is in the folder proof of this bundle; verify.py holds it against the evidence.",
            no_proof="",
            file_address=lambda ending: f"../{raw}" if ending == ".raw" and has_raw else "",
            **values,
        )

    @cached_property
    def _findings(self) -> Findings:
        return Findings(self._contents.assessment, self._contents.frameworks)

    @cached_property
    def _control_pages(self) -> dict[tuple[str, str], str]:
        return {(control.framework, control.id): control_page(control) for control in self._contents.controls}

    def _render(self, path: str, template: str, **values: Any) -> None:  # noqa: ANN401  whatever the template names
        page = self._renderer.render(
            template,
            frame="single_frame.html",
            root="../",
            here=_CHECKS,
            as_of="",
            closed=frozenset({"/log"}),
            stylesheet=f"../{STYLE}",
            icon="",
            verdict_words=VERDICT_WORDS,
            state_words=STATE_WORDS,
            resource_name=resource_name,
            place=show_scope,
            list_address=_list_address,
            named_address=_named_address,
            control_address=self._control_address,
            finding_address=self._finding_address,
            evidence_address=self._evidence_address,
            **values,
        )
        self._bag.add(f"data/{path}", page)

    def _control_address(self, framework: str, control: str, _as_of: str = "") -> str:
        page = self._control_pages.get((framework, control))
        return "" if page is None else f"../{page}"

    def _finding_address(self, check: str, source: str, scope: Iterable[str], subject: str, _as_of: str = "") -> str:
        page = self._pages.get(FindingId(check, source, tuple(scope), subject))
        return f"../{check_page(check)}" if page is None else f"../{page}"

    def _evidence_address(
        self, source: str, kind: str, scope: Iterable[str], key: str, *, check: str = "", as_of: str = ""
    ) -> str:
        del as_of  # everything in a bundle is of the end of its period
        pages = self._bodies.get((source, kind, tuple(scope), key), {})
        page = pages.get(check)
        return "" if page is None else f"../{page}"


def _id_of(finding: FindingView) -> FindingId:
    return FindingId(finding.check, finding.source, finding.scope, finding.subject)


def _path(folder: str, text: bytes) -> str:
    return f"{folder}/{sha256(text).hexdigest()[:20]}.html"


def _list_address(path: str, _as_of: str = "", *, check: str = "", **_filters: str) -> str:
    if path.startswith("/checks/"):
        return f"../{check_page(path.removeprefix('/checks/'))}#method"
    if path == "/findings":
        return f"../{check_page(check)}" if check else f"../{_CHECKS}"
    return "../index.html"


def _named_address(path: str, _name: str, _as_of: str = "") -> str:
    return f"../{_RISKS if path == '/risks' else _RECORDS}"
