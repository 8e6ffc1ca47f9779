"""Judge stored evidence: fill a check's parameters, call it, and see what changed."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from collector.core.checks import Check, Extent, Status, Verdict
from collector.core.errors import StoreError, Unread
from collector.core.findings import WHOLE, Ended, Finding, FindingChange, FindingId
from collector.core.scopes import enclosing, scope_text, show_scope
from collector.core.spans import show_span
from collector.core.tasks import Task
from collector.core.views import UndecodableError, decode, unread_view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from msgspec import Struct

    from collector.core.canonical import Digest
    from collector.core.checks import Need
    from collector.core.connectors import Connector
    from collector.core.facts import IncompleteDiscovery
    from collector.core.findings import FindingState
    from collector.core.ports import Store, Stored
    from collector.core.resources import Kind
    from collector.core.scopes import Scope
    from collector.engine.freshness import Freshness


def _no_code(_check: Check[...]) -> str:
    return ""


@dataclass(frozen=True)
class Rule:
    """A check with the limits in force, what makes the digest of its code, and why the operator set limits so."""

    check: Check[...]
    limits: Mapping[str, Any]
    code_of: Callable[[Check[...]], str] = _no_code
    said: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def code(self) -> str:
        """The digest of the check's code; only who writes it down has it made."""
        return self.code_of(self.check)

    @cached_property
    def shown_limits(self) -> dict[str, str]:
        """The limits as a configuration writes them, with the reason and the policy that the operator gave."""
        return {name: show_limit(value) for name, value in self.limits.items()} | dict(self.said)


def show_limit(value: Any) -> str:  # noqa: ANN401  whatever type a check's limit has
    """Write a limit's value for a person and for the record."""
    if hasattr(value, "total_seconds"):
        return show_span(value)
    if isinstance(value, tuple | list | set | frozenset):
        return "[" + ", ".join(str(one) for one in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


class Judge:
    """Judges the evidence of one source. Reads the store; writes nothing."""

    def __init__(self, store: Store, sight: Freshness, now: datetime, as_of: datetime | None = None) -> None:
        self._store = store
        self._sight = sight
        self._now = now
        self._as_of = as_of

    def subjects(self, rules: list[Rule], task: Task) -> Iterator[tuple[Rule, Finding]]:
        """Yield what rules about single resources of one kind say of those that a task shows, ordered by subject.

        A task that does not show everything adds one unknown for its scope; what was seen before keeps its verdict,
        dated. An empty complete list is nothing to check.
        """
        trouble = self._sight.trouble(task)
        basis = self._sight.basis(task)
        at = basis.observation.ended_at if basis is not None else self._now
        if trouble is not None:
            latest = self._sight.latest(task)
            when = latest.observation.ended_at if latest is not None else self._now
            for rule in rules:
                yield rule, self._whole(rule, task.scope, Verdict(Status.UNKNOWN, trouble), when)
        empty = True
        kind = self._sight.source.collections[task.collection].kind
        inputs = [_Inputs(self, rule, task.scope, at) for rule in rules]
        for stored in self._store.resources(task.collection, source=task.source, under=task.scope, as_of=self._as_of):
            if stored.task.scope != task.scope:
                continue
            empty = False
            # What a partial list showed is newer than the last complete one, and is judged by its own time.
            seen_at = at if stored.seen_at is None else max(at, stored.seen_at)
            yield from self._each(rules, inputs, _view(kind, stored), stored, seen_at)
        if empty and trouble is None:
            verdict = Verdict(Status.NOT_APPLICABLE, "nothing to check (0 of a complete list)")
            proof = (basis.inventory,) if basis is not None and basis.inventory is not None else ()
            for rule in rules:
                yield rule, self._whole(rule, task.scope, verdict, at, proof)

    def _each(
        self, rules: list[Rule], inputs: list[_Inputs], view: Struct | str, stored: Stored, at: datetime
    ) -> Iterator[tuple[Rule, Finding]]:
        for rule, needed in zip(rules, inputs, strict=True):
            needed.touched = []
            verdict, trace = self._verdict(rule, needed, view, at)
            finding = Finding(
                id=FindingId(rule.check.id, stored.task.source, stored.task.scope, stored.key),
                status=verdict.status,
                reason=verdict.reason or rule.check.title,
                limits=rule.shown_limits,
                evidence=(stored.digest, *needed.evidence()),
                observed_at=at,
                trace=trace,
            )
            yield rule, finding

    def set(self, rule: Rule, scope: Scope) -> Finding:
        """Return what a rule about sets says of a scope."""
        inputs = _Inputs(self, rule, scope, self._now)
        inputs.at = at = inputs.latest() or self._now
        verdict, trace = self._verdict(rule, inputs, None, at)
        return self._whole(rule, scope, verdict, at, inputs.evidence(), trace)

    def hole(self, rule: Rule, hole: IncompleteDiscovery) -> Finding:
        """Return the unknown that a rule says of a scope below which it is not known what there is."""
        where = show_scope(hole.scope)
        verdict = Verdict(Status.UNKNOWN, f"it is not known which {hole.level}s there are in {where}: {hole.why}")
        return self._whole(rule, hole.scope, verdict, self._now)

    def _verdict(
        self, rule: Rule, inputs: _Inputs, view: Struct | str | None, at: datetime
    ) -> tuple[Verdict, str | None]:
        if isinstance(view, str):
            return Verdict(Status.UNKNOWN, view), None
        arguments: dict[str, Any] = {**inputs.filled(view), **rule.limits}
        if rule.check.wants_now:
            arguments["now"] = at
        try:
            return _verdict_of(rule.check.judge(**arguments)), None
        except StoreError:
            raise
        except Unread as reason:
            return Verdict(Status.UNKNOWN, str(reason)), None
        except UndecodableError as error:
            return Verdict(Status.UNKNOWN, f"the stored evidence does not have the documented shape: {error}"), None
        except Exception as error:  # noqa: BLE001  a check that breaks is unknown, with its traceback, and the run goes on
            return Verdict(Status.UNKNOWN, f"the check itself broke: {type(error).__name__}: {error}"), _trace(error)

    def _whole(
        self,
        rule: Rule,
        scope: Scope,
        verdict: Verdict,
        at: datetime,
        evidence: tuple[Digest, ...] = (),
        trace: str | None = None,
    ) -> Finding:
        return Finding(
            id=FindingId(rule.check.id, self._sight.source.name, scope, WHOLE),
            status=verdict.status,
            reason=verdict.reason or rule.check.title,
            limits=rule.shown_limits,
            evidence=evidence,
            observed_at=at,
            trace=trace,
        )

    def nearest(self, kind: Kind, scope: Scope, at: datetime) -> tuple[Struct, tuple[Digest, ...]]:
        """Return the one resource of a kind in the nearest scope around `scope`; all unread where it was not seen."""
        collection = self._sight.source.collections.get(kind.name)
        if collection is None:
            return unread_view(kind.view, f"{kind.name} is not collected from {self._sight.source.name}"), ()
        depth = self._sight.source.connector.depth(collection.level)
        home = next((one for one in enclosing(scope) if len(one) == depth), None)
        if home is None:
            return unread_view(kind.view, f"{kind.name} is not found around {show_scope(scope)}"), ()
        trouble = self._sight.trouble(Task(self._sight.source.name, kind.name, home), at)
        if trouble is not None:
            return unread_view(kind.view, trouble), ()
        for stored in self._store.resources(kind.name, source=self._sight.source.name, under=home, as_of=self._as_of):
            view = _view(kind, stored)
            if isinstance(view, str):
                return unread_view(kind.view, view), (stored.digest,)
            return view, (stored.digest,)
        return unread_view(kind.view, f"there is no {kind.name} in {show_scope(home)}"), ()

    def set_of(self, need: Need, over: str | None, scope: Scope) -> tuple[Kind, Scope]:
        """Return the kind of a set parameter and the scope that it covers for a rule judged at `scope`."""
        connector = self._sight.source.connector
        collection = connector.collections[need.kind.name]
        depth = connector.depth(over if over is not None else collection.level)
        return need.kind, scope[:depth]

    def members(self, kind: Kind, under: Scope, at: datetime) -> Iterator[tuple[Scope, Any]]:
        """Stream a complete set. Raises Unread where it is not complete, or a member cannot be decoded."""
        trouble = self._sight.set_trouble(kind.name, under, at)
        if trouble is not None:
            raise Unread(trouble)
        for stored in self._store.resources(kind.name, source=self._sight.source.name, under=under, as_of=self._as_of):
            view = _view(kind, stored)
            if isinstance(view, str):
                raise Unread(view)
            yield stored.task.scope, view

    def looked_at(self, kind: Kind, under: Scope, at: datetime) -> Iterator[Scope]:
        """Yield the scopes of a complete set. Raises Unread where it is not complete."""
        trouble = self._sight.set_trouble(kind.name, under, at)
        if trouble is not None:
            raise Unread(trouble)
        for task in self._sight.tasks(kind.name, under):
            yield task.scope

    def inventories(self, kind: Kind, under: Scope) -> tuple[Digest, ...]:
        """Return the inventory roots that a complete set rests on."""
        seen = (self._sight.latest(task) for task in self._sight.tasks(kind.name, under))
        return tuple(one.inventory for one in seen if one is not None and one.inventory is not None)

    def observed(self, kind: Kind, under: Scope) -> Iterator[datetime]:
        """Yield when each task of a set was last seen."""
        for task in self._sight.tasks(kind.name, under):
            seen = self._sight.latest(task)
            if seen is not None:
                yield seen.observation.ended_at


class _Set:
    """A complete set as a check sees it; raises Unread when it is touched and is not one."""

    def __init__(self, inputs: _Inputs, kind: Kind, under: Scope) -> None:
        self._inputs = inputs
        self._kind = kind
        self._under = under

    def __iter__(self) -> Iterator[Any]:
        return (view for _, view in self.scoped())

    def scoped(self) -> Iterator[tuple[Scope, Any]]:
        """Yield each view with the scope that it was seen in."""
        return self._inputs.stream(self._kind, self._under)

    def scopes(self) -> Iterator[Scope]:
        """Yield the scopes that were looked at."""
        return self._inputs.looked_at(self._kind, self._under)


class _Inputs:
    """What one rule is called with in one scope, and which evidence it touched."""

    def __init__(self, judge: Judge, rule: Rule, scope: Scope, at: datetime) -> None:
        self._judge = judge
        self._rule = rule
        self._scope = scope
        self.at = at
        self._near: dict[str, tuple[Struct, tuple[Digest, ...]]] = {}
        self.touched: list[tuple[Kind, Scope]] = []

    def filled(self, view: Struct | None) -> dict[str, Any]:
        """Return the arguments for the parameters that evidence fills."""
        filled: dict[str, Any] = {}
        for need in self._rule.check.needs:
            match need.shape:
                case Extent.EACH:
                    filled[need.parameter] = view
                case Extent.THE:
                    filled[need.parameter] = self._the(need)[0]
                case Extent.ALL:
                    filled[need.parameter] = _Set(self, *self._judge.set_of(need, self._rule.check.over, self._scope))
        return filled

    def _the(self, need: Need) -> tuple[Struct, tuple[Digest, ...]]:
        if need.parameter not in self._near:
            self._near[need.parameter] = self._judge.nearest(need.kind, self._scope, self.at)
        return self._near[need.parameter]

    def stream(self, kind: Kind, under: Scope) -> Iterator[tuple[Scope, Any]]:
        """Stream a set and remember that it was touched."""
        if (kind, under) not in self.touched:
            self.touched.append((kind, under))
        return self._judge.members(kind, under, self.at)

    def looked_at(self, kind: Kind, under: Scope) -> Iterator[Scope]:
        """Yield the scopes of a complete set and remember that it was touched."""
        if (kind, under) not in self.touched:
            self.touched.append((kind, under))
        return self._judge.looked_at(kind, under, self.at)

    def latest(self) -> datetime | None:
        """Return when the newest evidence of a rule about sets was observed."""
        times: list[datetime] = []
        for need in self._rule.check.needs:
            if need.shape is Extent.ALL:
                times += self._judge.observed(*self._judge.set_of(need, self._rule.check.over, self._scope))
            else:
                times += self._judge.observed(need.kind, self._scope)
        return max(times, default=None)

    def evidence(self) -> tuple[Digest, ...]:
        """Return what the verdict rests on besides its subject."""
        near = [digest for _, digests in self._near.values() for digest in digests]
        sets = [digest for kind, under in self.touched for digest in self._judge.inventories(kind, under)]
        return tuple(dict.fromkeys([*near, *sets]))


def _view(kind: Kind, stored: Stored) -> Struct | str:
    """Return the view of a stored resource, or the reason why there is none."""
    if stored.blob is None:
        return f"the evidence on {stored.key} was erased"
    unread = {name: str(part) for name, part in stored.unread.items()}
    if stored.facts_gone:
        unread |= dict.fromkeys(kind.volatile, "these facts are not kept any more")
    try:
        return decode(kind.view, stored.blob, stored.facts, unread)
    except UndecodableError as error:
        return f"the stored evidence does not have the documented shape: {error}"


def _verdict_of(said: object) -> Verdict:
    if not isinstance(said, Verdict):
        message = f"it returned {type(said).__name__} and no verdict"
        raise TypeError(message)
    return said


def _trace(error: Exception) -> str:
    return "".join(traceback.format_exception(error, limit=-8))[-4000:]


class Merge:
    """Finds what differs between the findings that stand and those judged now, both ordered by scope and subject.

    `keep` leaves the old findings on subjects alone that are not judged now: their task did not show everything.
    """

    def __init__(self, old: Iterator[FindingState], *, keep: bool) -> None:
        self._old = old
        self._keep = keep
        self._standing = next(old, None)

    def push(self, finding: Finding) -> Iterator[FindingChange]:
        """Yield what has ended before this finding, and how it differs from the one that stands."""
        while self._standing is not None and _order(self._standing.finding.id) < _order(finding.id):
            yield from self._end(self._standing)
            self._standing = next(self._old, None)
        if self._standing is None or self._standing.finding.id != finding.id:
            yield FindingChange(finding.id, None, now=finding, because="first seen")
            return
        was = self._standing.finding
        if not same(was, finding):
            yield FindingChange(finding.id, was.status, now=finding, because=_because(was, finding))
        self._standing = next(self._old, None)

    def close(self) -> Iterator[FindingChange]:
        """Yield what has ended and was not judged any more."""
        while self._standing is not None:
            yield from self._end(self._standing)
            self._standing = next(self._old, None)

    def _end(self, standing: FindingState) -> Iterator[FindingChange]:
        id_ = standing.finding.id
        if id_.subject == WHOLE:
            yield FindingChange(id_, standing.finding.status, ended=Ended.SCOPE_SEEN)
        elif not self._keep:
            yield FindingChange(id_, standing.finding.status, ended=Ended.SUBJECT_GONE)


def same(one: Finding, other: Finding) -> bool:
    """Whether two findings differ in nothing that history keeps.

    A reason that only grows older is no change; another reason for not knowing is one, because people act on it.
    """
    if one.status is not other.status or one.evidence != other.evidence or one.limits != other.limits:
        return False
    return one.status is not Status.UNKNOWN or one.reason == other.reason


def _because(was: Finding, now: Finding) -> str:
    changed = []
    if was.evidence != now.evidence:
        changed.append("evidence")
    if was.limits != now.limits:
        changed.append("limits")
    if not changed and was.status is now.status:
        return "another reason"
    return " and ".join(changed) if changed else "time or rule"


def _order(id_: FindingId) -> tuple[str, str]:
    return scope_text(id_.scope), id_.subject


def set_level(rule: Rule, connector: Connector[Any, Any]) -> str:
    """Return the level that a rule about sets is judged for."""
    first = next(need for need in rule.check.needs if need.shape is Extent.ALL)
    return rule.check.over or connector.collections[first.kind.name].level


def judged_at(rule: Rule, sight: Freshness) -> Iterator[Scope]:
    """Yield the scopes that a rule about sets is judged for."""
    connector = sight.source.connector
    level = set_level(rule, connector)
    if connector.depth(level) == 0:
        yield ()
    else:
        yield from sight.scopes_at(level)
