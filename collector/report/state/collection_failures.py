"""What could not be collected, grouped by what is missing: a permission, an answer, time."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec import Struct

from collector.core.findings import WHOLE
from collector.core.plain_text import plural_of
from collector.core.scopes import enclosing, show_scope
from collector.core.tasks import Outcome
from collector.engine.units import belongs, depth_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from collector.core.facts import IncompleteDiscovery
    from collector.core.scopes import Scope
    from collector.core.tasks import Task
    from collector.engine.freshness import Freshness
    from collector.report.state.known import CurrentFinding, Reading, TaskState

How = Literal["denied", "unread", "unopened", "partial", "failed", "not_run", "never", "old"]
"""Why something was not seen: refused, a part of it unread, unknown scopes, half a list, no answer, too long ago."""

_ORDER: tuple[How, ...] = ("denied", "unread", "unopened", "partial", "failed", "not_run", "never", "old")

_UNREAD = " could not be read: "
"""The text of UnreadPart after the name of the call."""


_NAMED = re.compile(r"\(needs ([^()]+)\)")
"""A refusal on the way to a list, such as that of a role, names its own permission, which counts then."""


class CollectionFailure(Struct, frozen=True, kw_only=True):
    """Tasks, or parts of resources, that are missing for one reason.

    `needs` is the permission to grant, empty where none would help. `what` names what is missing where neither a
    permission nor the tasks do; `why` is what was said first.
    """

    how: How
    source: str
    needs: str
    what: str
    why: str
    tasks: tuple[str, ...]
    resources: int
    checks: tuple[str, ...]


class Unknowns:
    """Unknown verdicts by source, check and scope; finds those that a missing collection explains."""

    def __init__(self) -> None:
        self._scopes: defaultdict[tuple[str, str], set[Scope]] = defaultdict(set)
        self._around: defaultdict[tuple[str, str], set[Scope]] = defaultdict(set)
        self._calls: defaultdict[tuple[str, str], set[str]] = defaultdict(set)

    def add(self, current: CurrentFinding) -> None:
        """Take in an unknown verdict."""
        id_ = current.id
        self.add_silence(id_.source, id_.check, id_.scope)
        call, found, _ = current.why.partition(_UNREAD)
        if found and id_.subject != WHOLE:
            self._calls[id_.source, call].add(id_.check)

    def add_silence(self, source: str, check: str, scope: Scope) -> None:
        """Add that a check has no finding for a scope."""
        if scope not in self._scopes[source, check]:
            self._scopes[source, check].add(scope)
            self._around[source, check].update(enclosing(scope))

    def touched(self, task: Task, checks: Iterable[str]) -> Iterator[str]:
        """Yield those of the checks that are unknown where the task would have been needed."""
        for check in checks:
            place = (task.source, check)
            if place in self._scopes and (
                task.scope in self._around[place]
                or any(scope in self._scopes[place] for scope in enclosing(task.scope))
            ):
                yield check

    def unread(self, source: str, call: str) -> set[str]:
        """Return the checks that are unknown because a part was not read."""
        return self._calls.get((source, call), set())


class _Missing(NamedTuple):
    how: How
    needs: str
    what: str
    why: str = ""
    call: str = ""
    resources: int = 0


class _About(NamedTuple):
    """The fields that identify a collection failure."""

    how: How
    source: str
    needs: str
    what: str


class _Failure:
    def __init__(self) -> None:
        self.whys: dict[str, None] = {}
        self.tasks: list[str] = []
        self.resources = 0
        self.checks: set[str] = set()

    def add(self, other: _Failure) -> None:
        """Add the content of another failure."""
        self.whys |= other.whys
        self.tasks += other.tasks
        self.resources += other.resources
        self.checks |= other.checks


def sources_with_unread_parts(reading: Reading) -> frozenset[str]:
    """Return the sources of which a part of a resource could not be read."""
    return frozenset(
        state.task.source
        for state in reading.tasks()
        if state.latest is not None and state.latest.observation.provenance.unread
    )


def collection_failures(reading: Reading, unknowns: Unknowns) -> list[CollectionFailure]:
    """Return all collection failures: refusals first, and of each sort those that affect most checks."""
    by_kind = _checks_by_kind(reading)
    found: defaultdict[_About, _Failure] = defaultdict(_Failure)
    for state in reading.tasks():
        task = state.task
        for missing in _missing(reading, state):
            failure = found[_About(missing.how, task.source, missing.needs, missing.what)]
            failure.tasks.append(str(task))
            failure.resources += missing.resources
            failure.whys[missing.why] = None
            if missing.how == "unread":
                failure.checks |= unknowns.unread(task.source, missing.call)
            else:
                failure.checks.update(unknowns.touched(task, by_kind[task.collection]))
    for freshness in reading.freshness.values():
        for discovery in freshness.incomplete_discoveries:
            what = f"which {plural_of(discovery.level)} there are in {show_scope(discovery.scope)}"
            failure = found[_About("unopened", discovery.source, "", what)]
            failure.whys[discovery.why] = None
            failure.checks.update(_below(reading, freshness, discovery))
    made = [_view(about, failure) for about, failure in _merged_refusals(found).items()]
    return sorted(
        made,
        key=lambda failure: (
            _ORDER.index(failure.how),
            -len(failure.checks),
            -len(failure.tasks),
            failure.needs,
            failure.what,
        ),
    )


def _merged_refusals(found: Mapping[_About, _Failure]) -> dict[_About, _Failure]:
    """Put refusals together that were given in the same words: a session that expired lacks no permission."""
    sharing: defaultdict[tuple[str, str], set[_About]] = defaultdict(set)
    for about, failure in found.items():
        if about.how == "denied":
            for why in failure.whys:
                sharing[about.source, why].add(about)
    merged: dict[_About, _Failure] = {}
    for about, failure in found.items():
        why = next(iter(failure.whys), "")
        if about.how == "denied" and len(failure.whys) == 1 and len(sharing[about.source, why]) > 1:
            shared = merged.setdefault(_About("denied", about.source, "", why), _Failure())
            shared.add(failure)
        else:
            merged[about] = failure
    return merged


def _view(about: _About, failure: _Failure) -> CollectionFailure:
    return CollectionFailure(
        how=about.how,
        source=about.source,
        needs=about.needs,
        what=about.what,
        why=next(iter(failure.whys), ""),
        tasks=tuple(failure.tasks),
        resources=failure.resources,
        checks=tuple(sorted(failure.checks)),
    )


def _checks_by_kind(reading: Reading) -> defaultdict[str, list[str]]:
    by_kind: defaultdict[str, list[str]] = defaultdict(list)
    for rule in reading.rules.values():
        for kind in {need.kind.name for need in rule.check.needs}:
            by_kind[kind].append(rule.check.id)
    return by_kind


def _below(reading: Reading, freshness: Freshness, discovery: IncompleteDiscovery) -> Iterator[str]:
    """Yield the checks that are judged deeper than a scope that could not be opened."""
    for rule in reading.rules.values():
        if belongs(rule, freshness) and depth_of(rule, freshness) > len(discovery.scope):
            yield rule.check.id


def _missing(reading: Reading, state: TaskState) -> Iterator[_Missing]:
    """Yield what a task did not show."""
    if state.latest is None:
        yield _Missing("never", "", "not looked at yet")
        return
    seen = state.latest.observation
    match seen.outcome:
        case Outcome.DENIED:
            named = _NAMED.search(seen.why)
            yield _Missing("denied", named[1] if named is not None else seen.permissions, "", seen.why)
        case Outcome.PARTIAL:
            yield _Missing("partial", seen.permissions, seen.why, seen.why)
        case Outcome.FAILED:
            yield _Missing("failed", "", seen.why, seen.why)
        case Outcome.NOT_RUN:
            yield _Missing("not_run", "", seen.why, seen.why)
        case _ if state.stale and seen.is_whole:
            yield _Missing("old", "", "seen longer ago than a verdict stays valid")
        case _:
            pass
    connector = reading.freshness[state.task.source].source.connector
    parts = {part.name: part for part in connector.parts.get(state.task.collection, ())}
    for name, count in seen.provenance.unread.items():
        part = parts.get(name)
        needs = "" if part is None else ", ".join(part.permissions)
        call = "" if part is None else part.call
        yield _Missing("unread", needs, f"{name} of {state.task.collection}", call=call, resources=count)
