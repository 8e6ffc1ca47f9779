"""What differs between two moments: resources field by field, findings and why, controls."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from collector.core.differences import Difference, differences
from collector.report.findings.changed_findings import changed_findings
from collector.report.findings.changes_since import ChangeView, change_view, why_changed
from collector.report.periods.period_cuts import FileChange, file_changes
from collector.report.state.assessment import assessed
from collector.report.state.known import Reading
from collector.report.state.tags import body_of
from collector.setup.check_digest.carried import carried

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.core.assess import ControlState
    from collector.core.controls import Framework
    from collector.core.facts import CheckCounts
    from collector.core.history import History, ResourceSnapshot, Step
    from collector.core.ports import Store
    from collector.report.state.assessment import Assessment
    from collector.setup.app import App

How = Literal["appeared", "changed", "gone", "and back", "came and went"]
"""What became of a resource. `and back`: it is what it was, and was something else in between."""

FIELDS = 50
"""Differences that are told of one resource; the rest is counted."""


class ResourceChange(Struct, frozen=True, kw_only=True):
    """One resource that was recorded anew, and who saw that. `erased`: a body is missing, so its fields are not known.

    `unread_then` and `unread_now` are the parts that could not be read.
    """

    how: How
    source: str
    kind: str
    scope: tuple[str, ...]
    key: str
    was: str | None
    now: str | None
    fields: list[Difference]
    more_fields: int
    unread_then: tuple[str, ...]
    unread_now: tuple[str, ...]
    erased: bool
    steps: int
    seen_at: datetime
    run: str
    leaf: int
    identity: str | None


class FlipView(ChangeView, frozen=True, kw_only=True):
    """A finding that is not what it was, with the run that saw it first, and the digests of its check's code."""

    run: str | None
    code_then: str | None
    code_now: str | None


class ControlChange(Struct, frozen=True, kw_only=True):
    """A control that stands otherwise. `reasons_now` are the strongest."""

    framework: str
    id: str
    title: str
    role: str | None
    was: str
    now: str
    label_then: str
    label_now: str
    reasons_then: tuple[str, ...]
    reasons_now: tuple[str, ...]


class DiffView(Struct, frozen=True, kw_only=True, tag="annexd.diff/1", tag_field="schema"):
    """What `annexd diff --json` prints. Findings count as they stood at each moment, by the rules of today.

    The counts are of everything, also where only the first resources and findings were asked for.
    """

    since: datetime
    at: datetime
    resource_counts: dict[str, int]
    resources: list[ResourceChange]
    finding_counts: dict[str, int]
    findings: list[FlipView]
    controls: list[ControlChange]
    company: list[FileChange]
    company_files_then: tuple[str, ...]
    company_files_now: tuple[str, ...]
    runs: tuple[str, ...]


def diff_view(
    app: App, store: Store, history: History, since: datetime, at: datetime, now: datetime, most: int | None = None
) -> DiffView:
    """Compare two moments. What was recorded between them is all that is looked through, not all that there is."""
    later = Reading(app, store, at, as_of=None if at == now else at)
    return diff_of(assessed(later), history, since, most)


def diff_of(now: Assessment, history: History, since: datetime, most: int | None = None) -> DiffView:
    """Compare an earlier moment with one that was assessed already; `most` resources and findings are kept."""
    later = now.reading
    store, at = later.store, later.at
    then = Reading(later.app, store, since, as_of=since)
    resource_counts: Counter[str] = Counter()
    resources: list[ResourceChange] = []
    for step in history.steps(since=since, until=at):
        resource_counts[_how(step)] += 1
        if most is None or len(resources) < most:
            resources.append(_resource(step))
    finding_counts: Counter[str] = Counter()
    findings: list[FlipView] = []
    rules_then, rules_now = history.rules(as_of=since), history.rules(as_of=at)
    for old, new in changed_findings(then, later):
        why = why_changed(old, new, since)
        if why is not None:
            finding_counts[why] += 1
            if most is None or len(findings) < most:
                run = new.state.run if new is not None and new.state.since > since else None
                findings.append(_flip(change_view(old, new, why), run, rules_then, rules_now))
    controls = list(control_changes(assessed(then), now))
    return DiffView(
        since=since,
        at=at,
        resource_counts=dict(sorted(resource_counts.items())),
        resources=resources,
        finding_counts=dict(sorted(finding_counts.items())),
        findings=findings,
        controls=controls,
        company=list(file_changes(store, since, later.as_of)),
        company_files_then=then.notes,
        company_files_now=later.notes,
        runs=tuple(started.run for started, _ in store.runs(as_of=at) if started.at > since),
    )


def _flip(
    change: ChangeView,
    run: str | None,
    then: Mapping[tuple[str, str], CheckCounts],
    now: Mapping[tuple[str, str], CheckCounts],
) -> FlipView:
    place = (change.check, change.source)
    was, became = then.get(place), now.get(place)
    known = {name: getattr(change, name) for name in ChangeView.__struct_fields__}
    return FlipView(
        **known,
        run=run,
        code_then=None if was is None else carried(was.code),
        code_now=None if became is None else carried(became.code),
    )


def _resource(step: Step) -> ResourceChange:
    fields = _fields(step.before, step.after)
    return ResourceChange(
        how=_how(step),
        source=step.task.source,
        kind=step.task.collection,
        scope=step.task.scope,
        key=step.key,
        was=None if step.before is None else step.before.digest,
        now=None if step.after is None else step.after.digest,
        fields=fields[:FIELDS],
        more_fields=max(len(fields) - FIELDS, 0),
        unread_then=() if step.before is None else tuple(step.before.unread),
        unread_now=() if step.after is None else tuple(step.after.unread),
        erased=any(side is not None and side.blob is None for side in (step.before, step.after)),
        steps=step.steps,
        seen_at=step.observed_at,
        run=step.run,
        leaf=step.leaf,
        identity=step.identity,
    )


def _how(step: Step) -> How:
    was, now = step.before, step.after
    if was is None:
        return "came and went" if now is None else "appeared"
    if now is None:
        return "gone"
    same = was.digest == now.digest and set(was.unread) == set(now.unread)
    return "and back" if same else "changed"


def _fields(was: ResourceSnapshot | None, now: ResourceSnapshot | None) -> list[Difference]:
    """Return where the bodies differ. What could not be read has no value, so that its coming and going is none."""
    if was is None or now is None or was.blob is None or now.blob is None:
        return []
    unread = {*was.unread, *now.unread}
    before, after = (
        {key: value for key, value in body_of(blob).items() if key not in unread} for blob in (was.blob, now.blob)
    )
    return list(differences(before, after))


def control_changes(then: Assessment, now: Assessment) -> Iterator[ControlChange]:
    """Yield each control whose status or label is another one now."""
    before = {(framework.id, state.control.id, state.role): state for framework, state in _states(then)}
    for framework, state in _states(now):
        was = before[framework.id, state.control.id, state.role]
        if (was.status, was.label) != (state.status, state.label):
            yield ControlChange(
                framework=framework.id,
                id=state.control.id,
                title=state.control.title,
                role=state.role,
                was=was.status.value,
                now=state.status.value,
                label_then=was.label,
                label_now=state.label,
                reasons_then=was.reasons[:3],
                reasons_now=state.reasons[:3],
            )


def _states(assessment: Assessment) -> Iterator[tuple[Framework, ControlState]]:
    for framework, states in assessment.frameworks:
        for state in states:
            yield framework, state
