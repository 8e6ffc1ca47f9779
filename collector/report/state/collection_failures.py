"""What could not be looked at, put together by what is missing: a permission, an answer, time."""

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
"""How UnreadPart writes itself; what stands before it is the call."""


_NAMED = re.compile(r"\(needs ([^()]+)\)")
"""A refusal on the way to the list, such as that of a role, names its own permission; the list's would not mend it."""


class CollectionFailure(Struct, frozen=True, kw_only=True):
    """Tasks, or parts of resources, that are missing for one reason.

    `needs` is the permission that would mend it, empty where none would. `what` names what is missing where neither a
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
    """Where which check says unknown; answers which of them a missing task explains."""

    def __init__(self) -> None:
        self._scopes: defaultdict[tuple[str, str], set[Scope]] = defaultdict(set)
        self._around: defaultdict[tuple[str, str], set[Scope]] = defaultdict(set)
        self._calls: defaultdict[tuple[str, str], set[str]] = defaultdict(set)

    def add(self, standing: CurrentFinding) -> None:
        """Take in an unknown verdict."""
        id_ = standing.id
        self.add_silence(id_.source, id_.check, id_.scope)
        call, found, _ = standing.why.partition(_UNREAD)
        if found and id_.subject != WHOLE:
            self._calls[id_.source, call].add(id_.check)

    def add_silence(self, source: str, check: str, scope: Scope) -> None:
        """Take in that a check says nothing of a scope."""
        if scope not in self._scopes[source, check]:
            self._scopes[source, check].add(scope)
            self._around[source, check].update(enclosing(scope))

    def touched(self, task: Task, checks: Iterable[str]) -> Iterator[str]:
        """Yield those of the checks that are unknown where the task would have been needed."""
        for check in checks:
            place = (task.source, check)
            if place in self._scopes and (
                task.scope in self._around[place] or any(one in self._scopes[place] for one in enclosing(task.scope))
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
    """What tells one gap from another."""

    how: How
    source: str
    needs: str
    what: str


class _Open:
    def __init__(self) -> None:
        self.whys: dict[str, None] = {}
        self.tasks: list[str] = []
        self.resources = 0
        self.checks: set[str] = set()

    def add(self, other: _Open) -> None:
        """Take in what another gap holds."""
        self.whys |= other.whys
        self.tasks += other.tasks
        self.resources += other.resources
        self.checks |= other.checks


def gaps(reading: Reading, unknowns: Unknowns) -> list[CollectionFailure]:
    """Return everything that could not be looked at, refusals first, and of each sort what touches most checks."""
    by_kind = _checks_by_kind(reading)
    found: defaultdict[_About, _Open] = defaultdict(_Open)
    for state in reading.tasks():
        task = state.task
        for one in _missing(reading, state):
            gap = found[_About(one.how, task.source, one.needs, one.what)]
            gap.tasks.append(str(task))
            gap.resources += one.resources
            gap.whys[one.why] = None
            if one.how == "unread":
                gap.checks |= unknowns.unread(task.source, one.call)
            else:
                gap.checks.update(unknowns.touched(task, by_kind[task.collection]))
    for sight in reading.sights.values():
        for hole in sight.incomplete_discoveries:
            what = f"which {plural_of(hole.level)} there are in {show_scope(hole.scope)}"
            gap = found[_About("unopened", hole.source, "", what)]
            gap.whys[hole.why] = None
            gap.checks.update(_below(reading, sight, hole))
    made = [_gap(about, gap) for about, gap in _one_refusal_once(found).items()]
    return sorted(made, key=lambda gap: (_ORDER.index(gap.how), -len(gap.checks), -len(gap.tasks), gap.needs, gap.what))


def _one_refusal_once(found: Mapping[_About, _Open]) -> dict[_About, _Open]:
    """Put refusals together that were given in the same words: a session that expired lacks no permission."""
    sharing: defaultdict[tuple[str, str], set[_About]] = defaultdict(set)
    for about, gap in found.items():
        if about.how == "denied":
            for why in gap.whys:
                sharing[about.source, why].add(about)
    merged: dict[_About, _Open] = {}
    for about, gap in found.items():
        why = next(iter(gap.whys), "")
        if about.how == "denied" and len(gap.whys) == 1 and len(sharing[about.source, why]) > 1:
            one = merged.setdefault(_About("denied", about.source, "", why), _Open())
            one.add(gap)
        else:
            merged[about] = gap
    return merged


def _gap(about: _About, gap: _Open) -> CollectionFailure:
    return CollectionFailure(
        how=about.how,
        source=about.source,
        needs=about.needs,
        what=about.what,
        why=next(iter(gap.whys), ""),
        tasks=tuple(gap.tasks),
        resources=gap.resources,
        checks=tuple(sorted(gap.checks)),
    )


def _checks_by_kind(reading: Reading) -> defaultdict[str, list[str]]:
    by_kind: defaultdict[str, list[str]] = defaultdict(list)
    for rule in reading.rules.values():
        for kind in {need.kind.name for need in rule.check.needs}:
            by_kind[kind].append(rule.check.id)
    return by_kind


def _below(reading: Reading, sight: Freshness, hole: IncompleteDiscovery) -> Iterator[str]:
    """Yield the checks that are judged deeper than a scope that could not be opened."""
    for rule in reading.rules.values():
        if belongs(rule, sight) and depth_of(rule, sight) > len(hole.scope):
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
        case Outcome.COMPLETE if state.stale:
            yield _Missing("old", "", "seen longer ago than a verdict stands")
        case _:
            pass
    connector = reading.sights[state.task.source].source.connector
    parts = {part.name: part for part in connector.parts.get(state.task.collection, ())}
    for name, count in seen.provenance.unread.items():
        part = parts.get(name)
        needs = "" if part is None else ", ".join(part.permissions)
        call = "" if part is None else part.call
        yield _Missing("unread", needs, f"{name} of {state.task.collection}", call=call, resources=count)
