"""Judge stored evidence: fill the parameters of a check, call it, and compare the finding with the current one."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from collector.core.checks import Check, Extent, Status, Verdict
from collector.core.errors import Unread
from collector.core.findings import WHOLE, Finding, FindingId
from collector.core.plain_text import plural_of
from collector.core.scopes import enclosing, show_scope
from collector.core.spans import show_span
from collector.core.tasks import Task
from collector.core.views import UndecodableError, decode, unread_view
from collector.engine.evaluation import outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from msgspec import Struct

    from collector.core.canonical import Digest
    from collector.core.checks import Need
    from collector.core.connectors import Connector
    from collector.core.facts import IncompleteDiscovery
    from collector.core.ports import Store, Stored
    from collector.core.resources import Kind
    from collector.core.scopes import Scope
    from collector.engine.freshness import Freshness


def _no_code(_check: Check[...]) -> str:
    return ""


@dataclass(frozen=True)
class Rule:
    """A check with the limits in force, what makes the digest of its code, and the operator's notes on the limits."""

    check: Check[...]
    limits: Mapping[str, Any]
    code_of: Callable[[Check[...]], str] = _no_code
    operator_notes: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def code(self) -> str:
        """The digest of the check's code; only who writes it down has it made."""
        return self.code_of(self.check)

    @cached_property
    def shown_limits(self) -> dict[str, str]:
        """The limits as a configuration writes them, with the operator's notes (reason and policy reference)."""
        return {name: show_limit(value) for name, value in self.limits.items()} | dict(self.operator_notes)


def show_limit(value: Any) -> str:  # noqa: ANN401  whatever type a check's limit has
    """Return a limit's value as text, for people and for the log."""
    if hasattr(value, "total_seconds"):
        return show_span(value)
    if isinstance(value, tuple | list | set | frozenset):
        return "[" + ", ".join(str(member) for member in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


class Judge:
    """Judges the evidence of one source. Reads the store; writes nothing."""

    def __init__(self, store: Store, freshness: Freshness, now: datetime, as_of: datetime | None = None) -> None:
        self._store = store
        self._freshness = freshness
        self._now = now
        self._as_of = as_of

    def subjects(self, rules: list[Rule], task: Task) -> Iterator[tuple[Rule, Finding]]:
        """Yield the findings of rules about single resources of one kind on those of a task, ordered by subject.

        An incomplete task adds one unknown for its scope; resources observed before are judged as of then. An empty
        complete list gives one *not applicable*, and so does a list that cannot exist by the platform's word. A list
        that may lag adds an unknown in any case.
        """
        reason = self._freshness.incomplete_reason(task) or lag_reason(self._freshness, task)
        basis = self._freshness.basis(task)
        at = basis.observation.ended_at if basis is not None else self._now
        if reason is not None:
            latest = self._freshness.latest(task)
            when = latest.observation.ended_at if latest is not None else self._now
            for rule in rules:
                yield rule, self._scope_finding(rule, task.scope, Verdict(Status.UNKNOWN, reason), when)
        empty = True
        kind = self._freshness.source.collections[task.collection].kind
        inputs = [Inputs(self, rule, task.scope, at) for rule in rules]
        for stored in self._store.resources(task.collection, source=task.source, under=task.scope, as_of=self._as_of):
            if stored.task.scope != task.scope:
                continue
            empty = False
            # A resource of a partial list may be newer than the last complete one: it is judged as of its own time.
            seen_at = at if stored.seen_at is None else max(at, stored.seen_at)
            yield from self._judge_resource(rules, inputs, view_of(kind, stored), stored, seen_at)
        if empty and reason is None:
            verdict = Verdict(Status.NOT_APPLICABLE, self._why_nothing(task))
            proof = (basis.inventory,) if basis is not None and basis.inventory is not None else ()
            for rule in rules:
                yield rule, self._scope_finding(rule, task.scope, verdict, at, proof)

    def _why_nothing(self, task: Task) -> str:
        not_used = self._freshness.not_used(task)
        if not_used is None:
            return "nothing to check (0 of a complete list)"
        return f"not used here: {not_used.observation.why}"

    def _judge_resource(
        self, rules: list[Rule], inputs: list[Inputs], view: Struct | str, stored: Stored, at: datetime
    ) -> Iterator[tuple[Rule, Finding]]:
        for rule, needed in zip(rules, inputs, strict=True):
            needed.touched = []
            verdict, trace = self._verdict(rule, needed, view, at)
            verdict = self.doubted(verdict, needed)
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
        """Return the finding of a rule about sets on a scope."""
        inputs = Inputs(self, rule, scope, self._now)
        inputs.at = at = inputs.latest() or self._now
        verdict, trace = self._verdict(rule, inputs, None, at)
        return self._scope_finding(rule, scope, self.doubted(verdict, inputs), at, inputs.evidence(), trace)

    def doubted(self, verdict: Verdict, inputs: Inputs) -> Verdict:
        """Return the verdict, or unknown where it may rest on what a list that may lag does not show."""
        if verdict.status not in {Status.PASS, Status.NOT_APPLICABLE}:
            return verdict
        tasks = (task for kind, under in inputs.touched for task in self._freshness.tasks(kind.name, under))
        lag = next((reason for task in tasks if (reason := lag_reason(self._freshness, task)) is not None), None)
        return verdict if lag is None else Verdict(Status.UNKNOWN, lag)

    def unknown_below(self, rule: Rule, discovery: IncompleteDiscovery) -> Finding:
        """Return the unknown finding of a rule on a scope whose discovery was not complete."""
        where = show_scope(discovery.scope)
        verdict = Verdict(
            Status.UNKNOWN, f"it is not known which {plural_of(discovery.level)} there are in {where}: {discovery.why}"
        )
        return self._scope_finding(rule, discovery.scope, verdict, self._now)

    def _verdict(
        self, rule: Rule, inputs: Inputs, view: Struct | str | None, at: datetime
    ) -> tuple[Verdict, str | None]:
        if isinstance(view, str):
            return Verdict(Status.UNKNOWN, view), None
        arguments: dict[str, Any] = {**inputs.filled(view), **rule.limits}
        if rule.check.wants_now:
            arguments["now"] = at
        return outcome(rule.check, arguments)

    def _scope_finding(
        self,
        rule: Rule,
        scope: Scope,
        verdict: Verdict,
        at: datetime,
        evidence: tuple[Digest, ...] = (),
        trace: str | None = None,
    ) -> Finding:
        return Finding(
            id=FindingId(rule.check.id, self._freshness.source.name, scope, WHOLE),
            status=verdict.status,
            reason=verdict.reason or rule.check.title,
            limits=rule.shown_limits,
            evidence=evidence,
            observed_at=at,
            trace=trace,
        )

    def nearest(self, kind: Kind, scope: Scope, at: datetime) -> tuple[Struct, tuple[Digest, ...]]:
        """Return the one resource of a kind in the nearest enclosing scope, and the digests it is based on.

        Where it was not observed, every field of the view raises Unread.
        """
        stored = self.nearest_stored(kind, scope, at)
        if isinstance(stored, str):
            return unread_view(kind.view, stored), ()
        view = view_of(kind, stored)
        return unread_view(kind.view, view) if isinstance(view, str) else view, (stored.digest,)

    def nearest_stored(self, kind: Kind, scope: Scope, at: datetime) -> Stored | str:
        """Return the one resource of a kind in the nearest enclosing scope, or the reason why there is none."""
        task = self.nearest_task(kind, scope)
        if isinstance(task, str):
            return task
        reason = self._freshness.incomplete_reason(task, at)
        if reason is not None:
            return reason
        resources = self._store.resources(kind.name, source=task.source, under=task.scope, as_of=self._as_of)
        missing = f"there is no {kind.name} in {show_scope(task.scope)}"
        if (not_used := self._freshness.not_used(task)) is not None:
            missing = not_used.observation.reason()
        elif (lag := lag_reason(self._freshness, task)) is not None:
            missing = f"{missing}: {lag}"
        return next(iter(resources), missing)

    def nearest_task(self, kind: Kind, scope: Scope) -> Task | str:
        """Return the task that observes a kind in the nearest enclosing scope, or the reason why there is none."""
        collection = self._freshness.source.collections.get(kind.name)
        if collection is None:
            return f"{kind.name} is not collected from {self._freshness.source.name}"
        depth = self._freshness.source.connector.depth(collection.level)
        home_scope = next((candidate for candidate in enclosing(scope) if len(candidate) == depth), None)
        if home_scope is None:
            return f"{kind.name} is not found around {show_scope(scope)}"
        return Task(self._freshness.source.name, kind.name, home_scope)

    def set_of(self, need: Need, over: str | None, scope: Scope) -> tuple[Kind, Scope]:
        """Return the kind of a set parameter and the scope that it covers for a rule judged at `scope`."""
        connector = self._freshness.source.connector
        collection = connector.collections[need.kind.name]
        depth = connector.depth(over if over is not None else collection.level)
        return need.kind, scope[:depth]

    def members(self, kind: Kind, under: Scope, at: datetime) -> Iterator[tuple[Scope, Any]]:
        """Stream a complete set. Raises Unread where it is not complete, or a member cannot be decoded."""
        reason = self._freshness.incomplete_set_reason(kind.name, under, at)
        if reason is not None:
            raise Unread(reason)
        for stored in self._store.resources(
            kind.name, source=self._freshness.source.name, under=under, as_of=self._as_of
        ):
            view = view_of(kind, stored)
            if isinstance(view, str):
                raise Unread(view)
            yield stored.task.scope, view

    def scopes_of_set(self, kind: Kind, under: Scope, at: datetime) -> Iterator[Scope]:
        """Yield the scopes of a complete set. Raises Unread where it is not complete."""
        reason = self._freshness.incomplete_set_reason(kind.name, under, at)
        if reason is not None:
            raise Unread(reason)
        for task in self._freshness.tasks(kind.name, under):
            yield task.scope

    def inventories(self, kind: Kind, under: Scope) -> tuple[Digest, ...]:
        """Return the inventory roots that a complete set is based on."""
        observations = (self._freshness.latest(task) for task in self._freshness.tasks(kind.name, under))
        return tuple(stored.inventory for stored in observations if stored is not None and stored.inventory is not None)

    def observation_times(self, kind: Kind, under: Scope) -> Iterator[datetime]:
        """Yield when the latest observation of each task of a set ended."""
        for task in self._freshness.tasks(kind.name, under):
            seen = self._freshness.latest(task)
            if seen is not None:
                yield seen.observation.ended_at


class _Set:
    """A set parameter of a check. Iterating raises Unread where the set is not complete."""

    def __init__(self, inputs: Inputs, kind: Kind, under: Scope) -> None:
        self._inputs = inputs
        self._kind = kind
        self._under = under

    def __iter__(self) -> Iterator[Any]:
        return (view for _, view in self.scoped())

    def scoped(self) -> Iterator[tuple[Scope, Any]]:
        """Yield each view with the scope that it was seen in."""
        return self._inputs.stream(self._kind, self._under)

    def scopes(self) -> Iterator[Scope]:
        """Yield the scopes of the set."""
        return self._inputs.scopes_of_set(self._kind, self._under)


class Inputs:
    """The arguments that evidence fills for one rule in one scope, and which evidence the rule used.

    `at` is when the evidence was observed, `touched` has the sets that the rule iterated, with the scopes they cover.
    """

    def __init__(self, judge: Judge, rule: Rule, scope: Scope, at: datetime) -> None:
        self._judge = judge
        self._rule = rule
        self._scope = scope
        self.at = at
        self._nearest: dict[str, tuple[Struct, tuple[Digest, ...]]] = {}
        self.touched: list[tuple[Kind, Scope]] = []

    def filled(self, view: Struct | None) -> dict[str, Any]:
        """Return the arguments for the parameters that evidence fills."""
        filled: dict[str, Any] = {}
        for need in self._rule.check.needs:
            match need.shape:
                case Extent.EACH:
                    filled[need.parameter] = view
                case Extent.THE:
                    filled[need.parameter] = self._nearest_resource(need)[0]
                case Extent.ALL:
                    filled[need.parameter] = _Set(self, *self._judge.set_of(need, self._rule.check.over, self._scope))
        return filled

    def _nearest_resource(self, need: Need) -> tuple[Struct, tuple[Digest, ...]]:
        if need.parameter not in self._nearest:
            self._nearest[need.parameter] = self._judge.nearest(need.kind, self._scope, self.at)
        return self._nearest[need.parameter]

    def stream(self, kind: Kind, under: Scope) -> Iterator[tuple[Scope, Any]]:
        """Stream a set and remember that it was touched."""
        if (kind, under) not in self.touched:
            self.touched.append((kind, under))
        return self._judge.members(kind, under, self.at)

    def scopes_of_set(self, kind: Kind, under: Scope) -> Iterator[Scope]:
        """Yield the scopes of a complete set and remember that it was touched."""
        if (kind, under) not in self.touched:
            self.touched.append((kind, under))
        return self._judge.scopes_of_set(kind, under, self.at)

    def latest(self) -> datetime | None:
        """Return when the newest evidence of a rule about sets was observed."""
        times: list[datetime] = []
        for need in self._rule.check.needs:
            if need.shape is Extent.ALL:
                times += self._judge.observation_times(*self._judge.set_of(need, self._rule.check.over, self._scope))
            else:
                times += self._judge.observation_times(need.kind, self._scope)
        return max(times, default=None)

    def evidence(self) -> tuple[Digest, ...]:
        """Return the digests that the verdict is based on besides its subject."""
        nearest = [digest for _, digests in self._nearest.values() for digest in digests]
        sets = [digest for kind, under in self.touched for digest in self._judge.inventories(kind, under)]
        return tuple(dict.fromkeys([*nearest, *sets]))


def view_of(kind: Kind, stored: Stored) -> Struct | str:
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


def lag_reason(freshness: Freshness, task: Task) -> str | None:
    """Return why what a list does not show may still be there, None where the list is consistent or not used."""
    collection = freshness.source.collections[task.collection]
    if not collection.eventual or freshness.not_used(task) is not None:
        return None
    return f"the platform says that the list of {collection.id} may lag: what it does not show may still be there"


def set_level(rule: Rule, connector: Connector[Any, Any]) -> str:
    """Return the level that a rule about sets is judged for."""
    first = next(need for need in rule.check.needs if need.shape is Extent.ALL)
    return rule.check.over or connector.collections[first.kind.name].level


def scopes_judged(rule: Rule, freshness: Freshness) -> Iterator[Scope]:
    """Yield the scopes that a rule about sets is judged for."""
    connector = freshness.source.connector
    level = set_level(rule, connector)
    if connector.depth(level) == 0:
        yield ()
    else:
        yield from freshness.scopes_at(level)
