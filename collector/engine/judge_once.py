"""Judge one finding again from what is stored, and say what the verdict is based on and until when it holds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from collector.core.canonical import digest_of, encode
from collector.core.checks import Extent, Status, Verdict
from collector.core.scopes import scope_text
from collector.engine.check_inputs import Inputs
from collector.engine.disagreeing_clocks import TaskMoments, agreed
from collector.engine.evaluation import Evaluation, evaluate
from collector.engine.judge import Judge
from collector.engine.kept_verdicts import ResourceInput, SetInput, VerdictInputs
from collector.engine.stored_evidence import lag_reason, view_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from collector.core.checks import Need
    from collector.core.ports import Store, Stored
    from collector.core.resources import Kind
    from collector.core.scopes import Scope
    from collector.core.tasks import Task
    from collector.engine.freshness import Freshness
    from collector.engine.rule import Rule


@dataclass(frozen=True)
class JudgedOnce:
    """An evaluation with what it is based on."""

    evaluation: Evaluation
    inputs: VerdictInputs


class OnceJudge:
    """Judges single findings of one source, of what is stored as of a moment. Writes nothing."""

    def __init__(self, store: Store, freshness: Freshness, now: datetime, as_of: datetime | None = None) -> None:
        self._store = store
        self._freshness = freshness
        self._now = now
        self._as_of = as_of
        self._judge = Judge(store, freshness, now, as_of)

    def resource(self, rule: Rule, stored: Stored, *, touched: bool = False) -> JudgedOnce:
        """Judge a rule about single resources on a stored one. Raises StoreError."""
        moments = self._freshness.moments(stored.task) or TaskMoments(self._now, self._now)
        return self._judged(rule, moments.of(stored.seen_at), stored, stored.task.scope, touched=touched)

    def set(self, rule: Rule, scope: Scope, *, touched: bool = False) -> JudgedOnce:
        """Judge a rule about sets on a scope. Raises StoreError."""
        moments = Inputs(self._judge.evidence, rule, scope, self._now).moments() or (self._now,)
        return self._judged(rule, moments, None, scope, touched=touched)

    def _judged(
        self, rule: Rule, moments: tuple[datetime, ...], stored: Stored | None, scope: Scope, *, touched: bool
    ) -> JudgedOnce:
        """Judge at all of the moments; what rests on clocks that disagree is not known to hold at any other one."""
        inputs = [Inputs(self._judge.evidence, rule, scope, at) for at in moments]
        evaluations = [self._evaluated(rule, needed, stored, touched=touched) for needed in inputs]
        evaluation = evaluations[0]
        if len(evaluations) > 1:
            evaluation = replace(
                evaluation,
                verdict=agreed([each.verdict for each in evaluations], moments),
                holds_until=evaluation.judged_at,
                reason_until=evaluation.judged_at,
            )
        return JudgedOnce(evaluation, self._inputs(rule, inputs[0], stored, scope))

    def _evaluated(self, rule: Rule, inputs: Inputs, stored: Stored | None, *, touched: bool) -> Evaluation:
        subject = rule.check.subject
        view = None if stored is None or subject is None else view_of(subject.kind, stored)
        if isinstance(view, str):
            return Evaluation(Verdict(Status.UNKNOWN, view), None, inputs.at, None, None)
        evidence: dict[str, Any] = inputs.filled(view)
        evaluation = evaluate(rule.check, evidence, inputs.at, limits=rule.limits, touched=touched)
        return replace(evaluation, verdict=self._judge.doubted(evaluation.verdict, inputs))

    def _inputs(self, rule: Rule, inputs: Inputs, stored: Stored | None, scope: Scope) -> VerdictInputs:
        resources: list[ResourceInput] = []
        stale: list[datetime] = []
        for need in rule.check.needs:
            if need.shape is Extent.EACH and stored is not None:
                resources.append(_resource_input(need, stored))
            elif need.shape is Extent.THE:
                nearest = self._judge.evidence.nearest_stored(need.kind, scope, inputs.at)
                resources.append(
                    ResourceInput(need.parameter, need.kind.name, scope, "", missing=nearest)
                    if isinstance(nearest, str)
                    else _resource_input(need, nearest)
                )
                task = self._judge.evidence.nearest_task(need.kind, scope)
                stale += [] if isinstance(task, str) else self._stale_after([task], inputs.at)
        for kind, under in inputs.touched:
            stale += self._stale_after(self._freshness.tasks(kind.name, under), inputs.at)
        return VerdictInputs(
            check=rule.check.id,
            code=rule.code,
            limits=_exactly(rule.limits),
            resources=tuple(resources),
            sets=tuple(self._set_input(kind, under, inputs.at) for kind, under in inputs.touched),
            fresh_until=min(stale, default=None),
        )

    def _stale_after(self, tasks: Iterable[Task], at: datetime) -> list[datetime]:
        moments = (self._freshness.stale_from(task) for task in tasks)
        return [moment for moment in moments if moment is not None and moment > at]

    def _set_input(self, kind: Kind, under: Scope, at: datetime) -> SetInput:
        source = self._freshness.source.name
        members = hashlib.sha256()
        for stored in self._store.resources(kind.name, source=source, under=under, as_of=self._as_of):
            members.update(encode(_contents(stored)) + b"\n")
        tasks_of = list(self._freshness.tasks(kind.name, under))
        tasks = [(task.scope, self._freshness.latest(task)) for task in tasks_of]
        return SetInput(
            kind=kind.name,
            under=under,
            incomplete=self._freshness.incomplete_set_reason(kind.name, under, at) or self._lag(tasks_of) or "",
            inventories=tuple((scope, "" if seen is None else seen.inventory or "") for scope, seen in tasks),
            members=members.hexdigest(),
        )

    def _lag(self, tasks: Iterable[Task]) -> str | None:
        """Return why what the lists of a set do not show may still be there, None where none of them may lag."""
        return next((reason for task in tasks if (reason := lag_reason(self._freshness, task)) is not None), None)


def _resource_input(need: Need, stored: Stored) -> ResourceInput:
    return ResourceInput(
        parameter=need.parameter,
        kind=need.kind.name,
        scope=stored.task.scope,
        key=stored.key,
        digest=stored.digest,
        facts="" if stored.facts is None else digest_of(stored.facts),
        unread=tuple(_unread(stored)),
        missing="erased" if stored.blob is None else "",
    )


def _unread(stored: Stored) -> Iterator[tuple[str, str]]:
    """Yield the keys that the view of a resource does not have, with their reasons; "" are the volatile ones."""
    yield from sorted((name, str(part)) for name, part in stored.unread.items())
    if stored.facts_gone:
        yield "", "not kept"


def _contents(stored: Stored) -> list[Any]:
    facts = "" if stored.facts is None else digest_of(stored.facts)
    erased = stored.blob is None
    unread = [list(pair) for pair in _unread(stored)]
    return [scope_text(stored.task.scope), stored.key, stored.digest, facts, erased, unread]


def _exactly(limits: Mapping[str, Any]) -> str:
    """Return limits as text that is equal only where the values are: two lists may read the same in `show_limit`."""
    members = {
        name: sorted(map(repr, value)) if isinstance(value, set | frozenset) else value
        for name, value in limits.items()
    }
    return repr(sorted(members.items()))
