"""What stored evidence can be judged again with, for each source that the record knows, and what cannot."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from collector.core.errors import ConfigError, UsageError
from collector.engine.replay import source_of_record
from collector.report.periods.rules_then import rule_then
from collector.setup import loading
from collector.setup.toml_file import would_do

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from collector.core.history import History
    from collector.core.ports import Store
    from collector.core.scopes import Scope
    from collector.engine.rule import Rule
    from collector.engine.sources import Source
    from collector.setup.app import App
    from collector.setup.loading import LoadedConnector

Which = Literal["today", "then"]
"""Whose rules: the enabled checks of today with today's limits, or the checks of that moment with theirs."""


class NotJudged(Struct, frozen=True, kw_only=True):
    """A check of a source that is not judged again, and why; `findings` of it are on record."""

    check: str
    source: str
    why: str
    findings: int


class RunOfRecord(Struct, frozen=True, kw_only=True):
    """The run that was the newest then. `ended_at` is None where it was not over at that moment."""

    run: str
    version: str
    code: str
    ended_at: datetime | None


@dataclass
class ReadyToReplay:
    """What can be judged again, and what cannot."""

    sources: list[Source] = field(default_factory=list)
    rules: dict[str, list[Rule]] = field(default_factory=dict)
    refused: dict[tuple[str, str], str] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)


def newest_run(store: Store, as_of: datetime) -> RunOfRecord | None:
    """Return the run that was the newest at a moment; None where there was none."""
    run, ended = next(iter(store.runs(as_of=as_of)), (None, None))
    if run is None:
        return None
    return RunOfRecord(run=run.run, version=run.version, code=run.code, ended_at=None if ended is None else ended.at)


def ready_to_replay(
    app: App,
    store: Store,
    history: History,
    as_of: datetime,
    which: Which,
    *,
    checks: Collection[str] = (),
    sources: Collection[str] = (),
) -> ReadyToReplay:
    """Return the sources on record with their rules, those chosen. Raises UsageError on a name that there is not."""
    ready = _ready(app, store, history, as_of, which)
    _choose(ready, checks, sources)
    return ready


def _ready(app: App, store: Store, history: History, as_of: datetime, which: Which) -> ReadyToReplay:
    ready = ReadyToReplay()
    then = history.rules(as_of=as_of)
    today = app.rules()
    by_id = {rule.check.id: rule for rule in today}
    for name, connector in _connectors(store, as_of).items():
        loaded = _load(app, connector)
        if isinstance(loaded, str):
            ready.lost[name] = loaded
            continue
        ready.sources.append(source_of_record(store, name, loaded.connector, as_of, loaded.code))
        if which == "today":
            # A platform without a source today has no enabled checks; its own, with their own limits, speak for it.
            mine = [rule for rule in today if rule.check.id in loaded.checks] or _own(app, loaded)
            ready.rules[name] = mine
            continue
        for (check_id, source), tally in then.items():
            if source != name:
                continue
            check = loaded.checks.get(check_id)
            if check is None:
                ready.refused[check_id, name] = "it is not part of this installation"
                continue
            rule = rule_then(check, tally, by_id.get(check_id))
            if isinstance(rule, str):
                ready.refused[check_id, name] = rule
            else:
                ready.rules.setdefault(name, []).append(rule)
    return ready


def _own(app: App, loaded: LoadedConnector) -> list[Rule]:
    from collector.setup.limits import rule

    said = app.config.checks
    return [
        rule(app.config, check, loading.check_code)
        for id_, check in loaded.checks.items()
        if id_ not in said or said[id_].enabled
    ]


def _connectors(store: Store, as_of: datetime) -> dict[str, str]:
    """Return the connector of every source that the record knows, by the newest run that names it."""
    found: dict[str, str] = {}
    for started, _ in store.runs(as_of=as_of):
        for source in started.sources:
            found.setdefault(source.source, source.connector)
    return dict(sorted(found.items()))


def _load(app: App, name: str) -> LoadedConnector | str:
    try:
        return app.connector(name)
    except ConfigError as error:
        return error.what


def _choose(ready: ReadyToReplay, checks: Collection[str], sources: Collection[str]) -> None:
    known = [*(source.name for source in ready.sources), *ready.lost]
    for name in sources:
        if name not in known:
            raise UsageError(f"the record knows no source {name!r}", mend=would_do(name, known, "its sources are"))
    ids = {rule.check.id for rules in ready.rules.values() for rule in rules} | {id_ for id_, _ in ready.refused}
    for id_ in checks:
        if id_ not in ids:
            raise UsageError(f"there is no check {id_!r} to judge by", mend=would_do(id_, ids, "the checks are"))
    if sources:
        ready.sources = [source for source in ready.sources if source.name in sources]
    if checks:
        ready.rules = {name: [rule for rule in rules if rule.check.id in checks] for name, rules in ready.rules.items()}


def not_judged_of(
    store: Store,
    as_of: datetime,
    judges: set[tuple[str, str, Scope]],
    ready: ReadyToReplay,
    checks: Collection[str],
    sources: Collection[str],
) -> Iterator[NotJudged]:
    """Yield every check with findings on record that is not judged now; left out, it would read as agreement."""
    counts: Counter[tuple[str, str]] = Counter()
    for state in store.findings(as_of=as_of):
        id_ = state.finding.id
        if (id_.check, id_.source, id_.scope) not in judges:
            counts[id_.check, id_.source] += 1
    spoken = {(check, source) for check, source, _ in judges}
    # A check that came later may need what nobody collected then.
    silent = {
        (rule.check.id, name): "nothing that it judges was collected then"
        for name, rules in ready.rules.items()
        for rule in rules
        if (rule.check.id, name) not in spoken
    }
    reasons: Mapping[tuple[str, str], str] = ready.refused | silent
    for check, source in sorted({*counts, *reasons}):
        if (checks and check not in checks) or (sources and source not in sources):
            continue
        has_rule = any(rule.check.id == check for rule in ready.rules.get(source, ()))
        why = (
            ready.lost.get(source)
            or reasons.get((check, source))
            or ("its scope was not known to the plan" if has_rule else "the check is disabled or not installed")
        )
        yield NotJudged(check=check, source=source, why=why, findings=counts[check, source])
