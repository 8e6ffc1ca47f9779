"""`annexd evidence`: one resource as it is stored, where it comes from, and what rests on it."""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from msgspec import Struct

from collector.app.output import Mark, Page
from collector.app.reading.asking import show_moment, some
from collector.app.reading.findings import FindingShape, finding_shape, risks_by_check, show_finding
from collector.app.reading.tags import body_of
from collector.app.toml_file import would_do
from collector.core.canonical import Digest
from collector.core.errors import ConfigError
from collector.core.history import Version
from collector.core.ports import Seen, Stored
from collector.core.scopes import show_scope
from collector.core.tasks import Observation, Task, UnreadPart

if TYPE_CHECKING:
    from collector.app.reading.known import Reading

_LISTED = 40


@runtime_checkable
class KeepsVersions(Protocol):
    """A store that gives back the history of a resource."""

    def versions(self, task: Task, key: str, *, as_of: datetime | None = None) -> Iterator[Version]:
        """Yield the versions of a resource, the newest first."""


class Match(Struct, frozen=True, kw_only=True):
    """A resource that a name might mean."""

    source: str
    kind: str
    scope: tuple[str, ...]
    key: str
    digest: Digest


class MatchesShape(Struct, frozen=True, kw_only=True, tag="annexd.matches/1", tag_field="schema"):
    """What `annexd evidence --json` prints where a name means none or several. `matched` counts all."""

    at: datetime
    as_of: datetime | None
    matched: int
    matches: list[Match]


class EvidenceShape(Struct, frozen=True, kw_only=True, tag="annexd.evidence/1", tag_field="schema"):
    """What `annexd evidence --json` prints. `body` is None where it was erased, `history` where the store has none."""

    at: datetime
    as_of: datetime | None
    source: str
    kind: str
    scope: tuple[str, ...]
    key: str
    digest: Digest
    body: dict[str, Any] | None
    facts: dict[str, Any] | None
    unread: dict[str, UnreadPart]
    first_seen_at: datetime
    observation: Observation | None
    leaf: int | None
    inventory: Digest | None
    history: list[Version] | None
    findings: list[FindingShape]


def find(reading: Reading, source: str, kind: str, key: str, scope: str | None = None) -> Stored | MatchesShape:
    """Return the resource of exactly this key, or the only one whose key has this in it; else all that match.

    Raises ConfigError where there is no such source or kind.
    """
    sources = (*reading.sights, *reading.not_configured)
    if source not in sources:
        raise ConfigError(f"there is no source {source!r}", mend=would_do(source, sources, "the sources are"))
    if source in reading.sights:
        kinds = reading.sights[source].source.connector.collections
        if kind not in kinds:
            raise ConfigError(f"{source} has no kind {kind!r}", mend=would_do(kind, kinds, "its kinds are"))
    exact: deque[Stored] = deque(maxlen=2)
    near: deque[Stored] = deque(maxlen=2)
    matches: list[Match] = []
    matched = 0
    for stored in reading.store.resources(kind, source=source, as_of=reading.as_of):
        if scope is not None and show_scope(stored.task.scope) != scope:
            continue
        if key and stored.key == key:
            exact.append(stored)
        if key.casefold() not in stored.key.casefold():
            continue
        near.append(stored)
        matched += 1
        if len(matches) < _LISTED or not key:
            matches.append(
                Match(source=source, kind=kind, scope=stored.task.scope, key=stored.key, digest=stored.digest)
            )
    if len(exact) == 1:
        return exact[0]
    if key and matched == 1:
        return near[0]
    return MatchesShape(at=reading.at, as_of=reading.as_of, matched=matched, matches=matches)


def evidence_shape(reading: Reading, stored: Stored) -> EvidenceShape:
    """Return all that is known of a resource."""
    task, store = stored.task, reading.store
    latest = store.observations(source=task.source, collection=task.collection, as_of=reading.as_of)
    seen = next((one for one in latest if one.observation.task == task), None)
    history = None
    if isinstance(store, KeepsVersions):
        history = list(store.versions(task, stored.key, as_of=reading.as_of))
    return EvidenceShape(
        at=reading.at,
        as_of=reading.as_of,
        source=task.source,
        kind=task.collection,
        scope=task.scope,
        key=stored.key,
        digest=stored.digest,
        body=None if stored.blob is None else body_of(stored.blob),
        facts=None if stored.facts is None else json.loads(stored.facts),
        unread=dict(stored.unread),
        first_seen_at=stored.first_seen_at,
        observation=None if seen is None else seen.observation,
        leaf=None if seen is None else seen.leaf,
        inventory=None if seen is None else seen.inventory,
        history=history,
        findings=list(_resting_on(reading, stored, seen)),
    )


def _resting_on(reading: Reading, stored: Stored, seen: Seen | None) -> Iterator[FindingShape]:
    """Yield the findings that name the resource's digest, or that of the complete list that it is in."""
    proofs = {stored.digest} if seen is None or seen.inventory is None else {stored.digest, seen.inventory}
    bears = risks_by_check(reading)
    for standing in reading.standings(source=stored.task.source):
        if not proofs.isdisjoint(standing.state.finding.evidence):
            yield finding_shape(reading, standing, bears)


def write_raw(stored: Stored) -> None:
    """Write the stored bytes as they are. Raises ConfigError where they were erased."""
    if stored.blob is None:
        raise ConfigError(f"the body of {stored.key} was erased", mend=f"its digest is kept: {stored.digest}")
    sys.stdout.buffer.write(stored.blob)
    sys.stdout.buffer.flush()


def show_matches(shape: MatchesShape, out: Page) -> None:
    """Print the resources that a name might mean."""
    out.rows((show_scope(one.scope), one.key) for one in shape.matches)
    if shape.matched == 0:
        out.line("nothing of that kind and name is there; --as-of looks at an earlier day")
        return
    out.line(Mark(some(shape.matched, "resource"), "bold"), f"as of {show_moment(shape.at)}")
    if shape.matched > len(shape.matches):
        out.line(f"{shape.matched - len(shape.matches)} are not shown: write more of the key, or name the scope")


def show_evidence(shape: EvidenceShape, out: Page) -> None:
    """Print one resource."""
    out.line(Mark(shape.kind, "bold"), Mark(shape.key, "bold"))
    out.rows(
        [
            ("in", f"{shape.source}:{show_scope(shape.scope)}"),
            ("digest", shape.digest),
            ("first seen", show_moment(shape.first_seen_at)),
        ]
    )
    out.head("As stored")
    if shape.body is None:
        out.line("the body was erased; its digest is kept", indent=2)
    else:
        out.verbatim(_lines(shape.body), indent=2)
    if shape.facts:
        out.head("Facts that change by themselves")
        out.verbatim(_lines(shape.facts), indent=2)
    if shape.unread:
        out.head("Parts that could not be read")
        out.rows((name, str(part)) for name, part in shape.unread.items())
    _show_provenance(shape, out)
    _show_history(shape, out)
    out.head("Findings that rest on it")
    if not shape.findings:
        out.line("none", indent=2)
    for check, of_check in groupby(shape.findings, key=lambda one: one.check):
        out.line(check, indent=2)
        for one in of_check:
            show_finding(one, out, indent=6)


def _show_provenance(shape: EvidenceShape, out: Page) -> None:
    out.head("How it was read last")
    seen = shape.observation
    if seen is None:
        out.line("not known", indent=2)
        return
    made = seen.provenance
    total = "" if made.total is None else f"; the platform counts {made.total} ({made.total_from})"
    rows = [
        ("task", f"{seen.task}: {seen.outcome.value}, {some(seen.listed, 'item')}{total}"),
        ("when", f"{show_moment(seen.started_at)} to {show_moment(seen.ended_at)}"),
        ("by", made.identity or "an identity that the platform did not name"),
        ("run", f"{seen.run}, leaf {shape.leaf}"),
        ("with", f"{made.connector}, code {made.code or 'unknown'}"),
        ("redacted by", made.redaction),
        ("asked", f"{some(made.requests, 'request')}, {some(made.pages, 'page')}"),
    ]
    if made.date is not None:
        rows.append(("platform's clock", show_moment(made.date)))
    if shape.inventory is not None:
        rows.append(("root of the list", shape.inventory))
    if made.redacted:
        rows.append(("redacted", ", ".join(f"{rule} ({count})" for rule, count in made.redacted.items())))
    out.rows(rows)
    for call in made.calls:
        answers = ", ".join(f"{status}: {count}" for status, count in call.statuses.items())
        ids = " to ".join(dict.fromkeys(one for one in (call.first_id, call.last_id) if one is not None))
        out.line(
            Mark(call.operation, "bold"),
            f"{some(call.count, 'time')} ({answers})",
            f"request ids {ids}" if ids else "",
            indent=2,
        )
        if call.params:
            out.rows(call.params.items(), indent=6)


def _show_history(shape: EvidenceShape, out: Page) -> None:
    out.head("History")
    if shape.history is None:
        out.line("this store does not list it; --as-of shows the resource as it was on a day", indent=2)
        return
    for one in shape.history:
        unread = f", without {', '.join(one.unread)}" if one.unread else ""
        out.line(show_moment(one.observed_at), f"{one.change}{unread}", one.digest or "", indent=2)


def _lines(body: dict[str, Any]) -> list[str]:
    return json.dumps(body, indent=2, ensure_ascii=False).splitlines()
