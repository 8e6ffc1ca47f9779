"""Judge stored evidence: fill the parameters of a check, call it, and return the finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.checks import Status, Verdict
from collector.core.findings import WHOLE, Finding, FindingId
from collector.core.plain_text import plural_of
from collector.core.scopes import show_scope
from collector.engine.check_inputs import Inputs
from collector.engine.disagreeing_clocks import TaskMoments, agreed
from collector.engine.evaluation import outcome
from collector.engine.stored_evidence import StoredEvidence, lag_reason, view_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from msgspec import Struct

    from collector.core.canonical import Digest
    from collector.core.facts import IncompleteDiscovery
    from collector.core.ports import Store, Stored
    from collector.core.scopes import Scope
    from collector.core.tasks import Task
    from collector.engine.freshness import Freshness
    from collector.engine.rule import Rule


class Judge:
    """Judges the evidence of one source. Reads the store; writes nothing."""

    def __init__(self, store: Store, freshness: Freshness, now: datetime, as_of: datetime | None = None) -> None:
        self._store = store
        self._freshness = freshness
        self._now = now
        self._as_of = as_of
        self.evidence = StoredEvidence(store, freshness, as_of)

    def some_subjects(
        self, rules: list[Rule], task: Task, resources: Iterable[Stored]
    ) -> Iterator[tuple[Rule, Finding]]:
        """Yield the findings on some resources of a complete task, in their order."""
        kind = self._freshness.source.collections[task.collection].kind
        moments = self._freshness.moments(task) or TaskMoments(self._now, self._now)
        inputs = [[Inputs(self.evidence, rule, task.scope, at) for at in moments.of(None)] for rule in rules]
        for stored in resources:
            yield from self._judge_resource(rules, inputs, view_of(kind, stored), stored, moments.of(stored.seen_at))

    def subjects(self, rules: list[Rule], task: Task) -> Iterator[tuple[Rule, Finding]]:
        """Yield the findings of rules about single resources of one kind on those of a task, ordered by subject.

        An incomplete task adds one unknown for its scope; resources observed before are judged as of then. An empty
        complete list gives one *not applicable*, and so does a list that cannot exist by the platform's word. A list
        that may lag adds an unknown in any case.
        """
        reason = self._freshness.incomplete_reason(task) or lag_reason(self._freshness, task)
        basis = self._freshness.basis(task)
        moments = self._freshness.moments(task) or TaskMoments(self._now, self._now)
        if reason is not None:
            latest = self._freshness.latest(task)
            when = latest.observation.seen_at if latest is not None else self._now
            for rule in rules:
                yield rule, self._scope_finding(rule, task.scope, Verdict(Status.UNKNOWN, reason), when)
        empty = True
        kind = self._freshness.source.collections[task.collection].kind
        inputs = [[Inputs(self.evidence, rule, task.scope, at) for at in moments.of(None)] for rule in rules]
        for stored in self._store.resources(task.collection, source=task.source, under=task.scope, as_of=self._as_of):
            if stored.task.scope != task.scope:
                continue
            empty = False
            yield from self._judge_resource(rules, inputs, view_of(kind, stored), stored, moments.of(stored.seen_at))
        if empty and reason is None:
            verdict = Verdict(Status.NOT_APPLICABLE, self._why_nothing(task))
            proof = (basis.inventory,) if basis is not None and basis.inventory is not None else ()
            when = min(moments.of(None))
            for rule in rules:
                yield rule, self._scope_finding(rule, task.scope, verdict, when, proof)

    def _why_nothing(self, task: Task) -> str:
        not_used = self._freshness.not_used(task)
        if not_used is None:
            return "nothing to check (0 of a complete list)"
        return f"not used here: {not_used.observation.why}"

    def _judge_resource(
        self,
        rules: list[Rule],
        inputs: list[list[Inputs]],
        view: Struct | str,
        stored: Stored,
        moments: tuple[datetime, ...],
    ) -> Iterator[tuple[Rule, Finding]]:
        task, key, observed_at = stored.task, stored.key, min(moments)
        for rule, needed in zip(rules, inputs, strict=True):
            verdict, trace, evidence = self._judged(rule, needed, view, moments)
            check = rule.check
            finding = Finding(
                id=FindingId(check.id, task.source, task.scope, key),
                status=verdict.status,
                reason=verdict.reason or check.title,
                limits=rule.shown_limits,
                evidence=(stored.digest, *evidence),
                observed_at=observed_at,
                trace=trace,
            )
            yield rule, finding

    def set(self, rule: Rule, scope: Scope) -> Finding:
        """Return the finding of a rule about sets on a scope."""
        moments = Inputs(self.evidence, rule, scope, self._now).moments() or (self._now,)
        inputs = [Inputs(self.evidence, rule, scope, at) for at in moments]
        verdict, trace, evidence = self._judged(rule, inputs, None, moments)
        return self._scope_finding(rule, scope, verdict, min(moments), evidence, trace)

    def _judged(
        self, rule: Rule, inputs: list[Inputs], view: Struct | str | None, moments: tuple[datetime, ...]
    ) -> tuple[Verdict, str | None, tuple[Digest, ...]]:
        """Return the verdict at all of the moments, the traceback of a check that broke, and the evidence."""
        verdicts = []
        for needed, at in zip(inputs, moments, strict=True):
            needed.touched = []
            verdict, trace = self._verdict(rule, needed, view, at)
            verdicts.append(self.doubted(verdict, needed))
        if len(inputs) == 1:
            return verdicts[0], trace, inputs[0].evidence()
        evidence = dict.fromkeys(digest for needed in inputs for digest in needed.evidence())
        return agreed(verdicts, moments), trace, tuple(evidence)

    def doubted(self, verdict: Verdict, inputs: Inputs) -> Verdict:
        """Return the verdict, or unknown where it may rest on what a list that may lag does not show."""
        is_doubtful = verdict.status is Status.PASS or verdict.status is Status.NOT_APPLICABLE
        if not inputs.touched or not is_doubtful:
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
        arguments = inputs.filled(view)
        arguments.update(rule.limits)
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
