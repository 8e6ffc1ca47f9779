"""The provenance sheets (IPE, information produced by the entity), one for each source and kind of evidence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from collector.bundle.page_paths import sheet_page

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from collector.bundle.contents import BundleContents
    from collector.bundle.site.bundle_pages import BundlePages
    from collector.core.ports import StoredObservation

_TASKS = 200
"""Tasks on one sheet; the table of tasks has all."""


@dataclass(frozen=True)
class EvidenceSet:
    """All tasks of one kind in one source, counted."""

    source: str
    kind: str
    tasks: int
    complete: int
    items: int
    requests: int
    oldest_at: datetime
    page: str


@dataclass
class _Sheet:
    source: str
    kind: str
    first: list[StoredObservation] = field(default_factory=list)
    tasks: int = 0
    complete: int = 0
    items: int = 0
    requests: int = 0
    oldest_at: datetime | None = None
    identities: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)
    redacted: Counter[str] = field(default_factory=Counter)

    def add(self, seen: StoredObservation) -> None:
        observation = seen.observation
        provenance = observation.provenance
        if len(self.first) < _TASKS:
            self.first.append(seen)
        self.tasks += 1
        self.complete += observation.is_whole
        self.items += observation.listed
        self.requests += provenance.requests
        self.oldest_at = observation.ended_at if self.oldest_at is None else min(self.oldest_at, observation.ended_at)
        self.identities.add(
            provenance.identity or f"not known: {provenance.identity_unknown or 'the connector does not ask'}"
        )
        self.codes.add(f"{provenance.connector}: {provenance.code}, redaction {provenance.redaction}")
        self.redacted.update(provenance.redacted)


def write_sheets(contents: BundleContents, pages: BundlePages) -> None:
    """Write the list of the evidence sets, and a sheet for each; from then on other pages can lead to them."""
    sets = []
    redacted: Counter[str] = Counter()
    identities: dict[tuple[str, str], None] = {}
    found = sorted(
        (seen for seen in contents.observations() if not _is_withheld(contents, seen)),
        key=lambda seen: seen.observation.task,
    )
    for (source, kind), seen in groupby(
        found, key=lambda seen: (seen.observation.task.source, seen.observation.task.collection)
    ):
        sheet = _sheet_of(source, kind, seen)
        sets.append(_write_sheet(contents, pages, sheet))
        redacted.update(sheet.redacted)
        for identity in sheet.identities:
            identities.setdefault((source, identity))
        pages.links.sheets[source, kind] = {
            stored.observation.task.scope: number for number, stored in enumerate(sheet.first, start=1)
        }
    pages.write(
        "provenance.html",
        "provenance.html",
        sets=sets,
        redacted=sorted(redacted.items()),
        identities=sorted(identities),
    )


def _is_withheld(contents: BundleContents, seen: StoredObservation) -> bool:
    task = seen.observation.task
    return contents.is_withheld(task.source, task.collection, task.scope, "")


def _sheet_of(source: str, kind: str, found: Iterable[StoredObservation]) -> _Sheet:
    sheet = _Sheet(source, kind)
    for seen in found:
        sheet.add(seen)
    return sheet


def _write_sheet(contents: BundleContents, pages: BundlePages, sheet: _Sheet) -> EvidenceSet:
    freshness = contents.reading.freshness.get(sheet.source)
    connector = None if freshness is None else freshness.source.connector
    collection = None if connector is None else connector.collections.get(sheet.kind)
    parts = [] if connector is None else connector.parts.get(sheet.kind, [])
    page = sheet_page(sheet.source, sheet.kind)
    pages.write(
        page,
        "sheet.html",
        source=sheet.source,
        kind=sheet.kind,
        connector="not configured any more" if connector is None else connector.title,
        call="not known here" if collection is None else collection.call,
        permissions="" if collection is None else ", ".join(collection.permissions),
        parts=[(part.name, part.call, ", ".join(part.permissions) or "no permission") for part in parts],
        identities=sorted(sheet.identities),
        codes=sorted(sheet.codes),
        redacted=sorted(sheet.redacted.items()),
        collections=sheet.first,
        list_file=lambda stored: "" if stored.inventory is None else pages.links.evidence(stored.inventory).href,
        more=sheet.tasks - len(sheet.first),
    )
    return EvidenceSet(
        source=sheet.source,
        kind=sheet.kind,
        tasks=sheet.tasks,
        complete=sheet.complete,
        items=sheet.items,
        requests=sheet.requests,
        oldest_at=sheet.oldest_at or contents.at,
        page=page,
    )
