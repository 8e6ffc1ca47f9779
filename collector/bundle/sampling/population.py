"""Populations: the complete list of what there was of a kind in a period, or the plain word that it is not complete.

A line is the canonical JSON of [source, kind, scope, key, digest]; the digest of a population is the SHA-256 over its
lines in their order, each with a line feed. So the file of the lines has the digest of the population.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from collector.core.canonical import Digest, encode
from collector.core.change_summary import ChangeSummary
from collector.core.errors import UsageError
from collector.core.plain_text import show_moment
from collector.core.scopes import show_scope
from collector.core.tasks import Task
from collector.setup.toml_file import would_do

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.core.history import History
    from collector.core.periods import Period
    from collector.core.resources import Kind
    from collector.report.periods.period_history import PeriodHistory
    from collector.report.state.known import Reading

_LINES = 20
"""Reasons for incompleteness that are listed; further ones are counted."""


class Item(Struct, frozen=True, kw_only=True):
    """One resource of a population. `gone`: it was there in the period, and not at its end.

    `happened_at` is the time of an event; None for a state. `fields` are the values of the body by path.
    `summary` is None for a kind that is none of changes, and where no body is stored.
    """

    source: str
    kind: str
    scope: tuple[str, ...]
    key: str
    digest: Digest | None
    seen_from: datetime | None
    gone: bool
    happened_at: datetime | None
    fields: dict[str, str]
    summary: ChangeSummary | None = None

    @property
    def line(self) -> bytes:
        """The line of the item, over which digests and ranks are computed."""
        return encode([self.source, self.kind, list(self.scope), self.key, self.digest])


class Population(Struct, frozen=True, kw_only=True):
    """A list of items. `gaps` are the reasons why it is not complete; empty if it is."""

    kind: str
    period: Period
    sources: tuple[str, ...]
    items: tuple[Item, ...]
    digest: Digest
    gaps: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Whether every observation of the period saw everything."""
        return not self.gaps

    def text(self) -> bytes:
        """Return the lines, as they are hashed."""
        return b"".join(item.line + b"\n" for item in self.items)


def population(
    reading: Reading, history: History, observed: PeriodHistory, period: Period, kind_name: str
) -> Population:
    """Return what there was of a kind in a period. `reading` is of the moment up to which the record is used.

    Raises UsageError where no configured source has such a kind.
    """
    kind, sources = _kind(reading, kind_name)
    items, timeless = items_of(reading, history, period, kind)
    gaps = [*_gaps(reading, observed, period, kind, sources)]
    if timeless:
        gaps.append(f"of {timeless} the time is not known: their bodies were erased or lack {kind.event_time}")
    return Population(
        kind=kind.name,
        period=period,
        sources=tuple(sources),
        items=items,
        digest=digest_of(items),
        gaps=(*gaps[:_LINES], *([f"and {len(gaps) - _LINES} more"] if len(gaps) > _LINES else [])),
    )


def items_of(reading: Reading, history: History, period: Period, kind: Kind) -> tuple[tuple[Item, ...], int]:
    """Return the items in their order, and of how many events it is not known whether they belong to the period."""
    _, sources = _kind(reading, kind.name)
    by_resource: dict[tuple[str, tuple[str, ...], str], Item] = {}
    timeless = 0
    for item in _candidates(reading, history, period, kind, sources):
        if item.happened_at is None and kind.event_time:
            timeless += 1
        elif item.happened_at is None or period.start <= item.happened_at < period.end:
            place = (item.source, item.scope, item.key)
            # What went and came back is there: its last body counts.
            if not item.gone or place not in by_resource:
                by_resource[place] = item
    return tuple(item for _, item in sorted(by_resource.items())), timeless


def digest_of(items: Iterable[Item]) -> Digest:
    """Return the digest of a population."""
    made = sha256()
    for item in items:
        made.update(item.line + b"\n")
    return Digest("sha256:" + made.hexdigest())


def moment_of(period: Period, kind: Kind, now: datetime) -> datetime:
    """Return up to when the record is used: an event is seen after it was, a state only while it is."""
    return now if kind.event_time else min(period.end, now)


def kinds(reading: Reading) -> dict[str, Kind]:
    """Return every kind that the configured sources collect."""
    return {
        name: collection.kind
        for freshness in reading.freshness.values()
        for name, collection in sorted(freshness.source.collections.items())
    }


def _kind(reading: Reading, name: str) -> tuple[Kind, list[str]]:
    known = kinds(reading)
    if name not in known:
        raise UsageError(f"no configured source has a kind {name!r}", mend=would_do(name, known, "the kinds are"))
    return known[name], [
        source for source, freshness in reading.freshness.items() if name in freshness.source.collections
    ]


def _candidates(
    reading: Reading, history: History, period: Period, kind: Kind, sources: Iterable[str]
) -> Iterator[Item]:
    """Yield what existed at any moment from the start of the period on; of one resource the last item counts."""
    for source in sources:
        for stored in reading.store.resources(kind.name, source=source, as_of=reading.at):
            if stored.first_seen_at < period.end or kind.event_time:
                bodies = _bodies(stored.blob, stored.facts)
                yield _item(kind, stored.task, stored.key, stored.digest, bodies, stored.first_seen_at, gone=False)
    for step in history.steps(since=period.start, until=reading.at):
        if step.task.collection == kind.name and step.after is None:
            was = step.before
            # What was added and removed between two moments has its last body, if one was stored.
            yield _item(
                kind,
                step.task,
                step.key,
                None if was is None else was.digest,
                {} if was is None else _bodies(was.blob, None),
                None,
                gone=True,
            )


def _item(
    kind: Kind,
    task: Task,
    key: str,
    digest: Digest | None,
    body: dict[str, Any],
    seen_from: datetime | None,
    *,
    gone: bool,
) -> Item:
    return Item(
        source=task.source,
        kind=kind.name,
        scope=task.scope,
        key=key,
        digest=digest,
        seen_from=seen_from,
        gone=gone,
        happened_at=_time(body.get(kind.event_time)) if kind.event_time else None,
        fields=dict(_flat(body)),
        summary=None if kind.summary is None or not body else kind.summary(body),
    )


def _bodies(blob: bytes | None, facts: bytes | None) -> dict[str, Any]:
    """Return what is known of a resource: its body, and what changes by itself."""
    body: dict[str, Any] = {} if blob is None else msgspec.json.decode(blob)["body"]
    return body if facts is None else {**body, **msgspec.json.decode(facts)}


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401  any JSON
    """Yield one text a path; the members of a list share one, so that each path is a column."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        yield path, "; ".join("/".join(text for _, text in _flat(member, "-")) for member in value)
    elif value is not None:
        yield path, str(value)


def _time(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        made = datetime.fromisoformat(value)
    except ValueError:
        return None
    return made if made.tzinfo is not None else None


def _gaps(
    reading: Reading, observed: PeriodHistory, period: Period, kind: Kind, sources: Iterable[str]
) -> Iterator[str]:
    """Yield why the list may not be whole: places never opened or never seen, and observations that are missing."""
    for source in sorted(_on_record(reading, kind) - set(sources)):
        yield f"{source}: on record with {kind.name}, and not configured any more, so its items are not in the list"
    for source in sources:
        freshness = reading.freshness[source]
        for discovery in freshness.incomplete_discoveries:
            yield f"{source}: {show_scope(discovery.scope)} was not opened: {discovery.why}"
        for task in freshness.tasks(kind.name, ()):
            yield from _gaps_of(reading, observed, period, kind, task)


def _on_record(reading: Reading, kind: Kind) -> set[str]:
    found = reading.store.observations(collection=kind.name, as_of=reading.as_of)
    return {seen.observation.task.source for seen in found}


def _gaps_of(reading: Reading, observed: PeriodHistory, period: Period, kind: Kind, task: Task) -> Iterator[str]:
    latest = reading.freshness[task.source].latest(task)
    where = f"{task.source}: {show_scope(task.scope)}"
    if latest is None:
        yield f"{where} was never looked at"
        return
    if not latest.observation.is_whole:
        yield f"{where}: {latest.observation.reason()}"
    seen_at, slack = latest.observation.ended_at, timedelta() if kind.event_time else latest.observation.every
    if seen_at + slack < period.end:
        yield f"{where}: nobody has looked since {show_moment(seen_at)}, before the period ended"
    first = observed.firsts.get(task)
    if not kind.event_time and first is not None and first > period.start + slack:
        yield f"{where}: not observed before {show_moment(first)}"
    ledger = observed.ledgers.get(task)
    for gap in () if ledger is None else ledger.gaps():
        yield f"{where}: {gap.how.replace('_', ' ')}, {gap.count} times from {show_moment(gap.since)}: {gap.why}"
