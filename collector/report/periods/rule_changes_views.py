"""What the installed rules would change on stored evidence: verdicts by check, and the controls that rest on them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from collector import __version__
from collector.engine.replay import Replay, Replayed
from collector.report.periods.diff_views import ControlChange, control_changes
from collector.report.periods.rejudged_reading import RejudgedReading
from collector.report.periods.replay_rules import (
    NotJudged,
    ReadyToReplay,
    RunOfRecord,
    newest_run,
    not_judged_of,
    ready_to_replay,
)
from collector.report.state.assessment import assessed
from collector.report.state.known import Reading
from collector.setup.check_digest.carried import carried

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from collector.core.facts import CheckCounts
    from collector.core.history import History
    from collector.core.ports import Store
    from collector.engine.rule import Rule
    from collector.setup.app import App


class SubjectChange(Struct, frozen=True, kw_only=True):
    """One finding with another verdict, and the reasons of both; empty where there is none."""

    scope: tuple[str, ...]
    subject: str
    recorded_reason: str
    judged_reason: str


class VerdictChange(Struct, frozen=True, kw_only=True):
    """The findings of a check that went from one verdict to another.

    `recorded` null: they would appear. `judged` null: they would be gone, which is not the same as fixed.
    """

    recorded: str | None
    judged: str | None
    count: int
    subjects: list[SubjectChange]


class CheckChanges(Struct, frozen=True, kw_only=True):
    """A check of a source that differs from the record: in its code, its limits, or its verdicts.

    `code_recorded` and `limits_recorded` are null where no verdict of it is on record; nothing is called changed then.
    """

    check: str
    source: str
    title: str
    code_recorded: str | None
    code_now: str
    code_changed: bool
    limits_recorded: dict[str, str] | None
    limits_now: dict[str, str]
    limits_changed: bool
    changes: list[VerdictChange]


class RuleChanges(Struct, frozen=True, kw_only=True, tag="annexd.rule_changes/1", tag_field="schema"):
    """What `annexd replay --diff --json` prints. Nothing of it is written into the record.

    `judged` counts the verdicts given now, `same` those with the status that is on record. Controls are compared with
    today's mapping and files on both sides, so that only the verdicts differ.
    """

    as_of: datetime
    judged_at: datetime
    version: str
    code: str
    run: RunOfRecord | None
    judged: int
    same: int
    checks: list[CheckChanges]
    controls: list[ControlChange]
    not_judged: list[NotJudged]

    @property
    def differs(self) -> bool:
        """Whether a verdict or a control would be another one, or a recorded verdict has nothing to stand beside."""
        return bool(
            self.controls
            or any(check.changes for check in self.checks)
            or any(left.findings for left in self.not_judged)
        )


@dataclass
class _Compared:
    judged: int
    same: int
    changed: list[Replayed]


def rule_changes_view(
    app: App,
    store: Store,
    history: History,
    *,
    as_of: datetime,
    now: datetime,
    checks: Collection[str] = (),
    sources: Collection[str] = (),
) -> RuleChanges:
    """Judge what was stored by a moment with today's rules, and compare. Raises UsageError on an unknown name."""
    ready = ready_to_replay(app, store, history, as_of, "today", checks=checks, sources=sources)
    replay = Replay(store, ready.sources, ready.rules, as_of)
    compared = _compare(replay)
    reading = Reading(app, store, as_of, as_of=None if as_of == now else as_of)
    rejudged = RejudgedReading(reading, compared.changed)
    return RuleChanges(
        as_of=as_of,
        judged_at=now,
        version=__version__,
        code=app.code_digest,
        run=newest_run(store, as_of),
        judged=compared.judged,
        same=compared.same,
        checks=list(_checks(ready, compared.changed, history.rules(as_of=as_of))),
        controls=list(control_changes(assessed(reading), assessed(rejudged))) if compared.changed else [],
        not_judged=list(not_judged_of(store, as_of, replay.judges, ready, checks, sources)),
    )


def _compare(replay: Replay) -> _Compared:
    """Keep the findings whose status differs, and those that only one side has."""
    found = _Compared(judged=0, same=0, changed=[])
    for result in replay.results():
        found.judged += result.judged is not None
        recorded, judged = _statuses(result)
        if recorded == judged:
            found.same += 1
        else:
            found.changed.append(result)
    return found


def _statuses(result: Replayed) -> tuple[str | None, str | None]:
    return (
        None if result.recorded is None else result.recorded.finding.status.value,
        None if result.judged is None else result.judged.status.value,
    )


def _checks(
    ready: ReadyToReplay, changed: list[Replayed], then: Mapping[tuple[str, str], CheckCounts]
) -> Iterator[CheckChanges]:
    """Yield every check of a source in which something differs, in the order of their ids."""
    by_check: defaultdict[tuple[str, str], list[Replayed]] = defaultdict(list)
    for result in changed:
        by_check[result.id.check, result.id.source].append(result)
    rules = {(rule.check.id, source): rule for source, of_source in ready.rules.items() for rule in of_source}
    for (check, source), rule in sorted(rules.items(), key=lambda item: item[0]):
        shape = _check(rule, source, then.get((check, source)), by_check[check, source])
        if shape.changes or shape.code_changed or shape.limits_changed:
            yield shape


def _check(rule: Rule, source: str, then: CheckCounts | None, changed: list[Replayed]) -> CheckChanges:
    code_recorded = None if then is None else carried(then.code)
    return CheckChanges(
        check=rule.check.id,
        source=source,
        title=rule.check.title,
        code_recorded=code_recorded,
        code_now=rule.code,
        code_changed=code_recorded is not None and code_recorded != rule.code,
        limits_recorded=None if then is None else then.limits,
        limits_now=rule.shown_limits,
        limits_changed=then is not None and then.limits != rule.shown_limits,
        changes=_verdicts(changed),
    )


def _verdicts(changed: list[Replayed]) -> list[VerdictChange]:
    """Group findings by what they were and would be; those that would be gone come last."""
    groups: defaultdict[tuple[str | None, str | None], list[SubjectChange]] = defaultdict(list)
    for result in changed:
        groups[_statuses(result)].append(
            SubjectChange(
                scope=result.id.scope,
                subject=result.id.subject,
                recorded_reason="" if result.recorded is None else result.recorded.finding.reason,
                judged_reason="" if result.judged is None else result.judged.reason,
            )
        )
    ordered = sorted(groups.items(), key=lambda group: (group[0][1] is None, group[0][0] is None, str(group[0])))
    return [
        VerdictChange(recorded=was, judged=now, count=len(subjects), subjects=subjects)
        for (was, now), subjects in ordered
    ]
