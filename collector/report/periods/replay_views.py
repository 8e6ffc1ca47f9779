"""Stored evidence judged again: with which rules, of what, and what differs from the record."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from collector import __version__
from collector.engine.replay import Replay, Replayed
from collector.report.periods.replay_rules import (
    NotJudged,
    RunOfRecord,
    Which,
    newest_run,
    not_judged_of,
    ready_to_replay,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from collector.core.history import History
    from collector.core.ports import Store
    from collector.setup.app import App


class ReplayedView(Struct, frozen=True, kw_only=True):
    """One finding that differs. `recorded` is its status in the record, `judged` its status now."""

    check: str
    source: str
    scope: tuple[str, ...]
    subject: str
    recorded: str | None
    judged: str | None
    differs_in: tuple[str, ...]
    recorded_reason: str
    judged_reason: str
    recorded_limits: dict[str, str] | None
    judged_limits: dict[str, str] | None
    observed_at: datetime


class ReplayView(Struct, frozen=True, kw_only=True, tag="annexd.replay/1", tag_field="schema"):
    """What `annexd replay --json` prints. Nothing of it is written into the record.

    `heading` is what stands above the new verdicts wherever they are shown beside recorded ones.
    """

    as_of: datetime
    judged_at: datetime
    heading: str
    checks: Which
    version: str
    code: str
    run: RunOfRecord | None
    judged: int
    same: int
    recorded_counts: dict[str, int]
    judged_counts: dict[str, int]
    differences: list[ReplayedView]
    not_judged: list[NotJudged]


def replay_view(  # noqa: PLR0913  what is asked for, and of what
    app: App,
    store: Store,
    history: History,
    *,
    as_of: datetime,
    now: datetime,
    which: Which,
    checks: Collection[str] = (),
    sources: Collection[str] = (),
) -> ReplayView:
    """Judge what was stored by a moment again. Raises UsageError on a name that there is not."""
    ready = ready_to_replay(app, store, history, as_of, which, checks=checks, sources=sources)
    replay = Replay(store, ready.sources, ready.rules, as_of)
    recorded: Counter[str] = Counter()
    judged: Counter[str] = Counter()
    differences: list[ReplayedView] = []
    total = same = 0
    for result in replay.results():
        total += result.judged is not None
        same += result.is_same
        if result.recorded is not None:
            recorded[result.recorded.finding.status.value] += 1
        if result.judged is not None:
            judged[result.judged.status.value] += 1
        if not result.is_same:
            differences.append(_shape(result))
    return ReplayView(
        as_of=as_of,
        judged_at=now,
        heading=f"judged {now.date()} with version {__version__} on evidence of {as_of.date()}",
        checks=which,
        version=__version__,
        code=app.code_digest,
        run=newest_run(store, as_of),
        judged=total,
        same=same,
        recorded_counts=dict(sorted(recorded.items())),
        judged_counts=dict(sorted(judged.items())),
        differences=differences,
        not_judged=list(not_judged_of(store, as_of, replay.judges, ready, checks, sources)),
    )


def _shape(replayed: Replayed) -> ReplayedView:
    recorded = None if replayed.recorded is None else replayed.recorded.finding
    judged, id_ = replayed.judged, replayed.id
    differs: list[str] = []
    if recorded is not None and judged is not None:
        pairs = (
            ("status", recorded.status, judged.status),
            ("evidence", recorded.evidence, judged.evidence),
            ("limits", recorded.limits, judged.limits),
        )
        differs = [name for name, was, now in pairs if was != now]
    else:
        differs = ["not judged"] if judged is None else ["not recorded"]
    shown = judged or recorded
    assert shown is not None  # noqa: S101  one of the two is always there
    return ReplayedView(
        check=id_.check,
        source=id_.source,
        scope=id_.scope,
        subject=id_.subject,
        recorded=None if recorded is None else recorded.status.value,
        judged=None if judged is None else judged.status.value,
        differs_in=tuple(differs),
        recorded_reason="" if recorded is None else recorded.reason,
        judged_reason="" if judged is None else judged.reason,
        recorded_limits=None if recorded is None else recorded.limits,
        judged_limits=None if judged is None else judged.limits,
        observed_at=shown.observed_at,
    )
